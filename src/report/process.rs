//! The reply of `process`.

use serde::{Deserialize, Serialize};

use super::MediaTime;
use crate::runtime::Usage;

/// What a job wrote. It is given only when every output was found in the filesystem, with the
/// reported size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ProcessReport {
    /// The outputs, in the order of the job.
    pub outputs: Vec<OutputReport>,
    /// What analysing filters found, in the order of time. A value that is the one before it of the same key and
    /// stream is left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub analysis: Vec<Analysis>,
    /// Damaged packets that were skipped; `None` when there were none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrupt_packets: Option<u64>,
    /// What the job used.
    #[serde(skip_deserializing)]
    pub usage: Usage,
    /// What the caller may want to know, as sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// One output that was written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OutputReport {
    /// Its path; empty for a muxer that writes no file and was given none.
    #[serde(default)]
    pub path: String,
    /// The muxer that wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The size of its files together, in bytes; 0 for a muxer that writes none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Its length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<MediaTime>,
    /// Every file that was written: the output itself, or the playlist and segments of a segmented
    /// output, or the images of a sequence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// Its streams.
    #[serde(default)]
    pub streams: Vec<OutputStream>,
    /// What vocabularies before 10 tell instead of the files: that there are several.
    #[serde(default, skip_serializing)]
    pub(crate) segmented: bool,
}

/// One stream of an output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OutputStream {
    /// Its number in the output.
    #[serde(default)]
    pub index: Option<u32>,
    /// `video`, `audio`, `subtitle`, `data` or `attachment`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its codec.
    #[serde(default)]
    pub codec: Option<String>,
    /// The encoder that made it, or frames of it; `None` for what was copied alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoder: Option<String>,
    /// Whether it was copied without re-encoding.
    #[serde(default)]
    pub copied: bool,
    /// How many of its frames a smart cut encoded; `None` of a stream that was not cut so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reencoded: Option<u64>,
    /// Frames that were encoded, or copied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frames: Option<u64>,
    /// Packets that were written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packets: Option<u64>,
    /// Bytes of its packets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Its length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<MediaTime>,
    /// Width of the picture in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Height of the picture in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// Samples per second of each channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample_rate: Option<u32>,
    /// How many channels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channels: Option<u32>,
}

/// One finding of an analysing filter, such as `signalstats` or `silencedetect`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Analysis {
    /// Where.
    #[serde(default)]
    pub t: Option<MediaTime>,
    /// What, for example `lavfi.silence_start`.
    pub key: String,
    /// The value, as the filter writes it.
    pub value: String,
}
