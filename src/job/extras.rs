//! What an output carries beside its streams: chapters that the job writes, covers and other files.

use serde::{Deserialize, Serialize};

/// One chapter of an output, for [`Chapters::List`](crate::Chapters::List).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Chapter {
    /// Where it begins, in seconds of the output.
    pub start: f64,
    /// Where it ends: without it, at the start of the next, or at the end of the output's window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<f64>,
    /// What it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

impl Chapter {
    /// A chapter that begins so many seconds into the output.
    #[must_use]
    pub fn new(start: impl Into<f64>, title: impl Into<String>) -> Self {
        Self {
            start: start.into(),
            end: None,
            title: Some(title.into()),
        }
    }

    /// Sets where it ends, in seconds of the output.
    #[must_use]
    pub fn end(mut self, seconds: impl Into<f64>) -> Self {
        self.end = Some(seconds.into());
        self
    }
}

/// A file that an output carries with it: a cover, or in Matroska anything, such as the fonts of its
/// subtitles.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Attachment {
    /// The file, in the job's filesystem.
    pub path: String,
    /// Its media type; without it, what its name suggests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime: Option<String>,
    /// Whether it is the cover picture of the output.
    #[serde(default, skip_serializing_if = "super::is_false")]
    pub cover: bool,
}

impl Attachment {
    /// A file for an output in Matroska.
    ///
    /// ```
    /// use afmpeg::{Attachment, Output};
    ///
    /// let output = Output::file("/film.mkv")
    ///     .attachment(Attachment::file("/fonts/signs.ttf").mime("font/ttf"))
    ///     .attachment(Attachment::cover("/poster.png"));
    /// assert_eq!(output.attachments.len(), 2);
    /// ```
    #[must_use]
    pub fn file(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            ..Self::default()
        }
    }

    /// A JPEG or PNG file as the cover of an output in MP4, M4A, MP3, FLAC or Matroska.
    #[must_use]
    pub fn cover(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            cover: true,
            ..Self::default()
        }
    }

    /// Sets the media type of a file that is no cover.
    #[must_use]
    pub fn mime(mut self, mime: impl Into<String>) -> Self {
        self.mime = Some(mime.into());
        self
    }
}
