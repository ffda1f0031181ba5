//! Raw frames of the caller's as an input of a job.

use std::error::Error;
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use super::frame::{AudioFrame, VideoFrame};
use super::panicked;
use super::pixel::PixelFormat;
use crate::error::SourceError;
use crate::job::Input;

/// What the pictures are that a caller gives a job to encode: all of one size and format, at one rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VideoSource {
    width: u32,
    height: u32,
    format: PixelFormat,
    rate: (u32, u32),
}

/// What the sound is that a caller gives a job to encode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AudioSource {
    sample_rate: u32,
    channels: usize,
    layout: Option<String>,
}

impl VideoSource {
    /// Pictures of this size in pixels, of which 25 are shown a second.
    #[must_use]
    pub fn new(width: u32, height: u32, format: PixelFormat) -> Self {
        Self {
            width,
            height,
            format,
            rate: (25, 1),
        }
    }

    /// Sets how many pictures are shown in how many seconds, such as 30000 in 1001.
    #[must_use]
    pub fn frame_rate(mut self, pictures: u32, seconds: u32) -> Self {
        self.rate = (pictures, seconds);
        self
    }

    pub(super) fn input(&self, path: &str) -> Input {
        stream(path, "rawvideo")
            .option("video_size", format!("{}x{}", self.width, self.height))
            .option("pixel_format", self.format)
            .option("framerate", format!("{}/{}", self.rate.0, self.rate.1))
    }

    /// The bytes of a frame, or what it is instead of what it should be.
    pub(super) fn bytes(&self, frame: VideoFrame) -> Result<Vec<u8>, String> {
        let is = (frame.width(), frame.height(), frame.format());
        if is == (self.width, self.height, self.format) {
            return Ok(frame.into_data());
        }
        let (width, height, format) = is;
        Err(format!(
            "is {width}x{height} in {format}, and its source has {}x{} in {}",
            self.width, self.height, self.format
        ))
    }
}

impl AudioSource {
    /// Sound of so many samples a second in so many channels.
    #[must_use]
    pub fn new(sample_rate: u32, channels: usize) -> Self {
        Self {
            sample_rate,
            channels,
            layout: None,
        }
    }

    /// Says what the channels are, as FFmpeg names it, where their number does not: `5.1(side)`.
    #[must_use]
    pub fn layout(mut self, channels: impl Into<String>) -> Self {
        self.layout = Some(channels.into());
        self
    }

    pub(super) fn input(&self, path: &str) -> Input {
        let layout = match (&self.layout, self.channels) {
            (Some(layout), _) => layout.clone(),
            (None, 1) => "mono".to_owned(),
            (None, 2) => "stereo".to_owned(),
            (None, 6) => "5.1".to_owned(),
            (None, 8) => "7.1".to_owned(),
            (None, channels) => format!("{channels}c"),
        };
        stream(path, "f32le")
            .option("sample_rate", self.sample_rate)
            .option("ch_layout", layout)
    }

    pub(super) fn bytes(&self, frame: &AudioFrame) -> Result<Vec<u8>, String> {
        let is = (frame.channels(), frame.sample_rate());
        if is == (self.channels, self.sample_rate) {
            return Ok(frame.interleaved());
        }
        Err(format!(
            "has {} channels at {} Hz, and its source has {} at {} Hz",
            is.0, is.1, self.channels, self.sample_rate
        ))
    }
}

fn stream(path: &str, demuxer: &str) -> Input {
    Input::stream(path).format(demuxer)
}

/// What went wrong with the frames of a job; the first counts.
pub(super) type Failure = Arc<Mutex<Option<SourceError>>>;

pub(super) fn take(failure: &Failure) -> Option<SourceError> {
    failure
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take()
}

/// Frames as the bytes of a file. The iterator is asked for the next when the guest reads it, on the thread of the guest.
pub(super) struct FrameReader {
    next: Box<dyn FnMut() -> Next + Send>,
    frame: Vec<u8>,
    at: usize,
    input: usize,
    /// How many frames were taken.
    count: u64,
    /// How many of them had nothing in them, one after the other.
    empty: u32,
    failure: Failure,
}

/// After so many frames without samples it is seen whether the job must end.
const MOST_EMPTY: u32 = 1000;

/// The bytes of a frame, none at the end, or why there are none.
pub(super) type Next = Option<Result<Vec<u8>, Wrong>>;

pub(super) enum Wrong {
    Mismatch(String),
    Failed(Box<dyn Error + Send + Sync>),
}

impl FrameReader {
    pub(super) fn new(
        input: usize,
        failure: Failure,
        next: impl FnMut() -> Next + Send + 'static,
    ) -> Self {
        Self {
            next: Box::new(next),
            frame: Vec::new(),
            at: 0,
            input,
            count: 0,
            empty: 0,
            failure,
        }
    }

    fn fail(&mut self, error: SourceError) -> io::Error {
        // What has failed once is not asked again.
        self.next = Box::new(|| None);
        let mut first = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert(error);
        io::ErrorKind::Other.into()
    }
}

impl Read for FrameReader {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while self.at == self.frame.len() {
            if self.empty == MOST_EMPTY {
                self.empty = 0;
                return Err(io::ErrorKind::WouldBlock.into());
            }
            let (input, frame) = (self.input, self.count);
            let error = match catch_unwind(AssertUnwindSafe(&mut self.next)) {
                Ok(None) => return Ok(0),
                Ok(Some(Ok(bytes))) => {
                    self.empty = if bytes.is_empty() { self.empty + 1 } else { 0 };
                    (self.frame, self.at) = (bytes, 0);
                    self.count += 1;
                    continue;
                }
                Ok(Some(Err(Wrong::Mismatch(message)))) => SourceError::Mismatch {
                    input,
                    frame,
                    message,
                },
                Ok(Some(Err(Wrong::Failed(error)))) => SourceError::Failed {
                    input,
                    frame,
                    error,
                },
                Err(payload) => SourceError::Panicked {
                    input,
                    frame,
                    message: panicked(payload.as_ref()),
                },
            };
            return Err(self.fail(error));
        }
        let count = buf.len().min(self.frame.len() - self.at);
        buf[..count].copy_from_slice(&self.frame[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}
