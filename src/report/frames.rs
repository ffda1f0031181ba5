//! The reply of `frames`.

use serde::{Deserialize, Serialize};

use crate::runtime::Usage;

/// The still pictures that were written. It is given only when every one was found in the
/// filesystem.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FramesReport {
    /// The pictures, in the order of their numbers.
    pub frames: Vec<Frame>,
    /// How many there are.
    pub count: u64,
    /// What the job used.
    #[serde(skip_deserializing)]
    pub usage: Usage,
    /// Times that were asked for and at which there is no picture, in seconds.
    #[serde(default)]
    pub missing: Vec<f64>,
    /// Damaged packets that were skipped; `None` when there were none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrupt_packets: Option<u64>,
}

/// One still picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Frame {
    /// Its file.
    pub path: String,
    /// Its number: the place of its time in a list of times, otherwise a count from 0.
    pub index: u64,
    /// Its own time in the input, in seconds.
    #[serde(default)]
    pub timestamp: Option<f64>,
    /// The time that was asked for, in seconds; `None` for a choice without times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested: Option<f64>,
}
