//! One input of a job: a file, a joined list of files, or a generated source.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::check::Checker;
use crate::error::SpecError;

/// How exactly a [`Seek`] lands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum SeekMode {
    /// On the key frame at or before the place: cheap, and the only one for a stream that is copied without
    /// [`Cut::Smart`](crate::Cut::Smart).
    #[default]
    Fast,
    /// On the very frame, by decoding from the key frame before it.
    Accurate,
}

/// Where reading an input starts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Seek {
    /// Seconds from the start of the input.
    pub start: f64,
    /// How exactly.
    #[serde(default)]
    pub mode: SeekMode,
}

impl Seek {
    /// Starts on the frame at `start` seconds.
    #[must_use]
    pub fn accurate(start: impl Into<f64>) -> Self {
        Self {
            start: start.into(),
            mode: SeekMode::Accurate,
        }
    }

    /// Starts on the key frame at or before `start` seconds.
    #[must_use]
    pub fn fast(start: impl Into<f64>) -> Self {
        Self {
            start: start.into(),
            mode: SeekMode::Fast,
        }
    }
}

/// One input of a job. Exactly one of `path` and `concat` is set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Input {
    /// The file, or the graph when the format is `lavfi`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Files of the same codecs, read as one without re-encoding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concat: Option<Vec<String>>,
    /// Where reading starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seek: Option<Seek>,
    /// The demuxer by name; without it, it is detected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Options of the demuxer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, String>,
    /// How often the input is read again after its end; -1 is for ever.
    #[serde(default, rename = "loop", skip_serializing_if = "Option::is_none")]
    pub repeat: Option<i64>,
    /// Whether the picture is turned as the file asks, before the graph; unset means yes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub autorotate: Option<bool>,
}

impl Input {
    /// A file of the job's filesystem.
    ///
    /// ```
    /// use afmpeg::{Input, Seek};
    ///
    /// let input = Input::file("/talk.mkv").seek(Seek::accurate(90.5)).option("probesize", 1 << 20);
    /// assert_eq!(input.path.as_deref(), Some("/talk.mkv"));
    /// ```
    #[must_use]
    pub fn file(path: impl Into<String>) -> Self {
        Self {
            path: Some(path.into()),
            ..Self::default()
        }
    }

    /// Files joined end to end without re-encoding; they must have the same codecs.
    #[must_use]
    pub fn concat(paths: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            concat: Some(paths.into_iter().map(Into::into).collect()),
            ..Self::default()
        }
    }

    /// A generated source, such as `testsrc2=size=320x240:rate=25:duration=3`.
    #[must_use]
    pub fn lavfi(graph: impl Into<String>) -> Self {
        Self {
            path: Some(graph.into()),
            format: Some(LAVFI.to_owned()),
            ..Self::default()
        }
    }

    /// A file that is read once and in order, such as a [`StreamFile`](crate::vfs::StreamFile): the demuxer is told
    /// not to seek. MPEG-TS, Matroska, MP4 in fragments or with its index first, FLAC, MP3, WAV, Ogg and raw data are
    /// read so. An MP4 with its index at the end fails the job, and so does a [`seek`](Self::seek) or a repetition that
    /// leaves what the demuxer still holds; the filters `trim` and `atrim` begin later.
    #[must_use]
    pub fn stream(path: impl Into<String>) -> Self {
        Self::file(path).option("seekable", 0)
    }

    /// Starts reading at a place inside the input.
    #[must_use]
    pub fn seek(mut self, seek: Seek) -> Self {
        self.seek = Some(seek);
        self
    }

    /// Names the demuxer instead of detecting it.
    #[must_use]
    pub fn format(mut self, demuxer: impl Into<String>) -> Self {
        self.format = Some(demuxer.into());
        self
    }

    /// Sets an option of the demuxer. One that it does not know fails the job.
    #[must_use]
    pub fn option(mut self, key: impl Into<String>, value: impl ToString) -> Self {
        self.options.insert(key.into(), value.to_string());
        self
    }

    /// Reads the input again `times` times after its end.
    #[must_use]
    pub fn repeat(mut self, times: u32) -> Self {
        self.repeat = Some(times.into());
        self
    }

    /// Reads the input again and again; an output's window, or the graph, must end the job.
    #[must_use]
    pub fn repeat_forever(mut self) -> Self {
        self.repeat = Some(-1);
        self
    }

    /// Whether the picture is turned as the file asks (it is, unless this says no).
    #[must_use]
    pub fn autorotate(mut self, turn: bool) -> Self {
        self.autorotate = Some(turn);
        self
    }

    /// Checks inputs that stand in no job.
    pub(crate) fn check_all(inputs: &[Self]) -> Result<(), SpecError> {
        Checker::inputs(inputs)
    }

    /// The files that this input names; a generated source has none.
    pub(crate) fn files(&self) -> impl Iterator<Item = &str> {
        let generated = self.format.as_deref() == Some(LAVFI);
        let path = self.path.as_deref().filter(|_| !generated);
        path.into_iter()
            .chain(self.concat.iter().flatten().map(String::as_str))
    }
}

/// The demuxer whose "file name" is a graph.
const LAVFI: &str = "lavfi";
