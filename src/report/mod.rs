//! What was done and found: the replies of the engine as typed values.
//!
//! A reply comes from inside the sandbox, from code that has read hostile media: it is bounded in
//! size by the text limit of the run and in depth by the reader, fields that are not known are
//! ignored, and what the engine does not know is `None`, never 0.

mod capabilities;
mod events;
mod frames;
mod probe;
mod process;
mod rational;
mod time;

pub use capabilities::{
    Capabilities, Component, ComponentKind, EngineInfo, OptionConstant, OptionInfo,
};
pub use events::{Event, Span};
pub use frames::{Frame, FramesReport, Tile};
pub use probe::{ChapterInfo, Color, ProbeReport, Program, StreamInfo};
pub use process::{Analysis, OutputReport, OutputStream, ProcessReport};
pub use rational::Rational;
pub use time::{MediaTime, NotFinite};

pub(crate) use probe::ProbeReply;

use serde::Deserialize;

use crate::error::ErrorClass;

/// `{"error":{...}}`, the whole reply of a job that failed, or one entry of a probe.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ErrorBody {
    #[serde(default)]
    pub(crate) class: ErrorClass,
    #[serde(default)]
    pub(crate) message: String,
    #[serde(default, rename = "where")]
    pub(crate) place: Option<String>,
    #[serde(default)]
    pub(crate) av_error: Option<i32>,
}

/// The failure that a reply tells of, if it is one.
pub(crate) fn error_of(reply: &[u8]) -> Option<ErrorBody> {
    #[derive(Deserialize)]
    struct Failure {
        error: ErrorBody,
    }
    serde_json::from_slice::<Failure>(reply)
        .ok()
        .map(|failure| failure.error)
}

#[cfg(test)]
mod tests;
