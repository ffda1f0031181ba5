//! The reply of `frames`.

use serde::{Deserialize, Serialize};

use super::MediaTime;
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
    /// Times that were asked for and at which there is no picture.
    #[serde(default)]
    pub missing: Vec<MediaTime>,
    /// The WebVTT file of the sheets, where one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub track: Option<String>,
    /// Damaged packets that were skipped; `None` when there were none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrupt_packets: Option<u64>,
}

/// One still picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Frame {
    /// Its file, or that of the sheet on which it is.
    pub path: String,
    /// Its number: the place of its time in a list of times, otherwise, and on sheets, a count from 0.
    pub index: u64,
    /// Its own time in the input.
    #[serde(default)]
    pub timestamp: Option<MediaTime>,
    /// The time that was asked for; `None` for a choice without times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested: Option<MediaTime>,
    /// Which part of a sheet it is; `None` for a picture in a file of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tile: Option<Tile>,
}

/// A part of a contact sheet, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Tile {
    /// From the left.
    pub x: u32,
    /// From the top.
    pub y: u32,
    /// How wide it is.
    pub width: u32,
    /// How high it is.
    pub height: u32,
}
