//! The reply of `probe`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::rational::{self, Rational};
use super::{ErrorBody, MediaTime};

/// The whole reply: one entry for each input.
#[derive(Deserialize)]
pub(crate) struct ProbeReply {
    inputs: Vec<Value>,
}

impl ProbeReply {
    /// The entries: what an input is, or why it could not be read. The outer error is an entry
    /// that is neither.
    pub(crate) fn into_entries(
        self,
    ) -> Result<Vec<Result<ProbeReport, ErrorBody>>, serde_json::Error> {
        #[derive(Deserialize)]
        struct Failed {
            error: ErrorBody,
        }
        let entry = |value: Value| {
            if value.get("error").is_some() {
                serde_json::from_value::<Failed>(value).map(|failed| Err(failed.error))
            } else {
                serde_json::from_value(value).map(Ok)
            }
        };
        self.inputs.into_iter().map(entry).collect()
    }
}

/// What an input is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ProbeReport {
    /// Its path.
    pub path: String,
    /// The demuxer that read it, for example `mov,mp4,m4a,3gp,3g2,mj2`.
    pub format: String,
    /// Its length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<MediaTime>,
    /// The time of its first frame.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<MediaTime>,
    /// Bits per second of the whole file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bit_rate: Option<u64>,
    /// Its size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Its tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// Its chapters.
    #[serde(default)]
    pub chapters: Vec<ChapterInfo>,
    /// Its programs, in a format that has some.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub programs: Vec<Program>,
    /// Its streams.
    #[serde(default)]
    pub streams: Vec<StreamInfo>,
}

impl ProbeReport {
    /// The first video stream that is a moving picture rather than a cover.
    #[must_use]
    pub fn video(&self) -> Option<&StreamInfo> {
        let cover = |stream: &StreamInfo| stream.disposition.iter().any(|d| d == "attached_pic");
        self.streams
            .iter()
            .find(|stream| stream.kind == "video" && !cover(stream))
    }

    /// The first audio stream.
    #[must_use]
    pub fn audio(&self) -> Option<&StreamInfo> {
        self.streams.iter().find(|stream| stream.kind == "audio")
    }
}

/// One chapter of an input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ChapterInfo {
    /// Where it starts.
    #[serde(default)]
    pub start: Option<MediaTime>,
    /// Where it ends.
    #[serde(default)]
    pub end: Option<MediaTime>,
    /// Its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its other tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

/// One program of an input, as a transport stream has them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Program {
    /// Its number.
    #[serde(default)]
    pub id: Option<i64>,
    /// The indices of its streams.
    #[serde(default)]
    pub streams: Vec<u32>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

/// One stream of an input. The fields of another kind of stream are `None`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StreamInfo {
    /// Its number in the input.
    pub index: u32,
    /// `video`, `audio`, `subtitle`, `data` or `attachment`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its codec.
    #[serde(default)]
    pub codec: Option<String>,
    /// The profile of the codec.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The level of the codec, as the codec counts levels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<i64>,
    /// Bits per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bit_rate: Option<u64>,
    /// Its length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<MediaTime>,
    /// The time of its first frame.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<MediaTime>,
    /// How many frames it has, where the container counts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frames: Option<u64>,
    /// The unit of its timestamps, in seconds.
    #[serde(
        default,
        deserialize_with = "rational::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub time_base: Option<Rational>,
    /// Width of the coded picture in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Height of the coded picture in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// The layout of a pixel, for example `yuv420p`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pix_fmt: Option<String>,
    /// Frames per second, as the lowest rate that can express every timestamp.
    #[serde(
        default,
        deserialize_with = "rational::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub frame_rate: Option<Rational>,
    /// Frames per second on average.
    #[serde(
        default,
        deserialize_with = "rational::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub avg_frame_rate: Option<Rational>,
    /// Width of a pixel by its height.
    #[serde(
        default,
        deserialize_with = "rational::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub sar: Option<Rational>,
    /// Degrees by which the picture is to be turned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotation: Option<f64>,
    /// `progressive`, or the order of the fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field_order: Option<String>,
    /// What the numbers of a pixel mean.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<Color>,
    /// Samples per second of each channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample_rate: Option<u32>,
    /// The layout of a sample, for example `fltp`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample_fmt: Option<String>,
    /// How many channels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channels: Option<u32>,
    /// Which channels, for example `stereo` or `5.1(side)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_layout: Option<String>,
    /// The language, as three letters of ISO 639-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Flags such as `default`, `forced`, `attached_pic`.
    #[serde(default)]
    pub disposition: Vec<String>,
    /// Its tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// What the numbers of a pixel mean, in FFmpeg's names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Color {
    /// `tv` (16 to 235) or `pc` (0 to 255).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<String>,
    /// The primaries, for example `bt709`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primaries: Option<String>,
    /// The transfer characteristic, for example `smpte2084`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transfer: Option<String>,
    /// The matrix, for example `bt2020nc`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matrix: Option<String>,
}
