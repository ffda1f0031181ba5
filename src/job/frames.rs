//! Extraction of still pictures: one video input, one way of choosing, one file per picture.

use serde::{Deserialize, Serialize};

use super::OnCorrupt;
use super::check::Checker;
use super::input::Input;
use super::output::thumbnail;
use super::spec::Spec;
use super::stamp::{FramesOp, Stamp};
use crate::error::SpecError;

/// Which pictures are taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Select {
    /// The one shown at this time, in seconds.
    Timestamp(f64),
    /// Those shown at these times, in seconds.
    Timestamps(Vec<f64>),
    /// One every so many seconds, from the start.
    Interval(f64),
    /// Those that the picture itself suggests.
    Scene(Scene),
}

/// How [`Select::Scene`] judges.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Scene {
    /// Each picture that differs from the one before it by more than this, from 0 to 1.
    Threshold(f64),
    /// The most representative picture; with a count, that of each of so many groups.
    #[serde(with = "thumbnail")]
    Thumbnail,
}

/// Contact sheets: the pictures of a [`FramesJob`] side by side, in the order of their times.
///
/// ```
/// use afmpeg::{FramesJob, Select, Sheet};
///
/// let job = FramesJob::new("/in.mp4", "/sheet_%02d.jpg", Select::Interval(10.0))
///     .codec("mjpeg")
///     .sheet(Sheet::new(5, 4, 160).track("/thumbnails.vtt"));
/// # assert!(job.to_spec().is_ok());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Sheet {
    /// Tiles in a row.
    pub columns: u32,
    /// Rows of tiles.
    pub rows: u32,
    /// How wide a tile is, in pixels.
    pub width: u32,
    /// How high a tile is, in pixels; unset means as the first picture asks for at this width.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// A WebVTT file that says which tile is to be shown at which time, as players of films take it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub track: Option<String>,
}

impl Sheet {
    /// Sheets of so many tiles, each `width` pixels wide.
    #[must_use]
    pub fn new(columns: u32, rows: u32, width: u32) -> Self {
        Self {
            columns,
            rows,
            width,
            height: None,
            track: None,
        }
    }

    /// Sets how high a tile is. A picture of another shape stands in the middle of it, on black.
    #[must_use]
    pub fn height(mut self, pixels: u32) -> Self {
        self.height = Some(pixels);
        self
    }

    /// Writes a WebVTT file that says which tile is to be shown at which time.
    #[must_use]
    pub fn track(mut self, path: impl Into<String>) -> Self {
        self.track = Some(path.into());
        self
    }

    /// How many pictures a sheet has room for.
    pub(super) fn room(&self) -> u64 {
        u64::from(self.columns) * u64::from(self.rows)
    }
}

/// A job that extracts still pictures from a video.
///
/// ```
/// use afmpeg::{FramesJob, Select};
///
/// let job = FramesJob::new("/in.mp4", "/frame_%03d.png", Select::Interval(10.0)).scale("320:-2");
/// assert_eq!(
///     job.to_spec()?.as_str(),
///     r#"{"version":10,"op":"frames","inputs":[{"path":"/in.mp4"}],"select":{"interval":10.0},"path":"/frame_%03d.png","scale":"320:-2"}"#,
/// );
/// # Ok::<(), afmpeg::SpecError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FramesJob {
    #[serde(default)]
    version: Stamp,
    op: FramesOp,
    /// Exactly one input.
    pub inputs: Vec<Input>,
    /// Which pictures.
    pub select: Select,
    /// Which stream of the input, by its index; unset means the best video stream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<u32>,
    /// The file of each picture, or of each sheet; one number token such as `%03d` counts them from 0.
    pub path: String,
    /// The image encoder; unset means `png`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codec: Option<String>,
    /// The size, as the `scale` filter takes it: `320:-2`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<String>,
    /// At most so many pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// Puts the pictures side by side on sheets; unset means a file for each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<Sheet>,
    /// What a damaged packet does.
    #[serde(default, skip_serializing_if = "OnCorrupt::is_default")]
    pub on_corrupt: OnCorrupt,
    /// Write progress lines. A runtime sets it by itself when a progress callback is given.
    #[serde(default, skip_serializing_if = "super::is_false")]
    pub progress: bool,
}

impl FramesJob {
    /// Pictures of the file `input`, written to `path`.
    #[must_use]
    pub fn new(input: impl Into<String>, path: impl Into<String>, select: Select) -> Self {
        Self::from_input(Input::file(input), path, select)
    }

    /// The same for any input.
    #[must_use]
    pub fn from_input(input: Input, path: impl Into<String>, select: Select) -> Self {
        Self {
            version: Stamp,
            op: FramesOp,
            inputs: vec![input],
            select,
            stream: None,
            path: path.into(),
            codec: None,
            scale: None,
            count: None,
            sheet: None,
            on_corrupt: OnCorrupt::Fail,
            progress: false,
        }
    }

    /// Takes the stream with this index instead of the best video stream.
    #[must_use]
    pub fn stream(mut self, index: u32) -> Self {
        self.stream = Some(index);
        self
    }

    /// Names the image encoder.
    #[must_use]
    pub fn codec(mut self, encoder: impl Into<String>) -> Self {
        self.codec = Some(encoder.into());
        self
    }

    /// Sets the size, as the `scale` filter takes it: `320:-2`.
    #[must_use]
    pub fn scale(mut self, size: impl Into<String>) -> Self {
        self.scale = Some(size.into());
        self
    }

    /// Takes at most so many pictures.
    #[must_use]
    pub fn count(mut self, most: u32) -> Self {
        self.count = Some(most);
        self
    }

    /// Puts the pictures side by side on sheets instead of into a file each.
    #[must_use]
    pub fn sheet(mut self, sheet: Sheet) -> Self {
        self.sheet = Some(sheet);
        self
    }

    /// Sets what a damaged packet does.
    #[must_use]
    pub fn on_corrupt(mut self, what: OnCorrupt) -> Self {
        self.on_corrupt = what;
        self
    }

    /// Checks the job and writes it as the document that the engine reads.
    ///
    /// # Errors
    ///
    /// Names the first field that cannot be meant: a time that is not finite, a template with two
    /// number tokens, or without one where there can be several files; a sheet that is too large.
    pub fn to_spec(&self) -> Result<Spec, SpecError> {
        Checker::frames(self)?;
        Spec::new(self)
    }
}
