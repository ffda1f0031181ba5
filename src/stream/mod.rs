//! Streaming: raw frames out of a job and into it, inputs that cannot seek, outputs that leave as they are made.
//!
//! | what | how |
//! |---|---|
//! | inputs larger than memory, or elsewhere | [`ReaderFile`](crate::vfs::ReaderFile) over any `Read + Seek`, [`ReadAtFile`](crate::vfs::ReadAtFile) over a function |
//! | inputs that cannot seek | [`StreamFile`](crate::vfs::StreamFile) over any `Read`, as [`Input::stream`](crate::Input::stream) |
//! | outputs that leave as they are made | [`Runtime::process_to`](crate::Runtime::process_to) any `Write`, [`Output::streamed`](crate::Output::streamed) |
//! | segments that leave as they close | [`HandOver`] |
//! | raw pictures and sound out | [`Runtime::decode_video`](crate::Runtime::decode_video), [`Runtime::decode_audio`](crate::Runtime::decode_audio) |
//! | raw pictures and sound in | [`Runtime::encode`](crate::Runtime::encode) |
//!
//! ```no_run
//! use afmpeg::stream::{DecodeVideo, Encode, PixelFormat, VideoSource};
//! use afmpeg::{Engine, Input, MemFs, Output, Runtime};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let runtime = Runtime::new(Engine::open("ffmpeg-wasi-lean-lgpl.wasm")?)?;
//! let fs = MemFs::new();
//! fs.write("/in.mp4", std::fs::read("clip.mp4")?)?;
//!
//! // A film is decoded, changed by a function of ours, and encoded, a few frames at a time.
//! let decode = DecodeVideo::new(Input::file("/in.mp4"), PixelFormat::Rgba).scale(320, 180);
//! let negative = runtime.decode_video(&fs, &decode)?.map(|frame| {
//!     let mut frame = frame?;
//!     for pixel in frame.data_mut().chunks_exact_mut(4) {
//!         pixel[..3].iter_mut().for_each(|level| *level = 255 - *level);
//!     }
//!     Ok::<_, afmpeg::JobError>(frame)
//! });
//! let encode = Encode::new()
//!     .video(VideoSource::new(320, 180, PixelFormat::Rgba), negative)
//!     .output(Output::file("/out.mp4").video_codec("libopenh264"));
//! runtime.encode(&fs, encode)?;
//! # Ok(())
//! # }
//! ```
//!
//! # Threads
//!
//! A *decode* is a pair: the guest runs on a thread of its own, the consumer on whichever calls `next`. An *encode*, a
//! job with a [`StreamFile`](crate::vfs::StreamFile), one that is written to a writer and one whose files are handed over
//! alternate on one thread, the one that runs the job: the guest waits while it is in the caller's iterator, reader,
//! writer or function. There are no other threads than those that any job may have (see the crate's documentation).
//!
//! # Memory and back-pressure
//!
//! A decode holds as many whole frames as [`queue`](DecodeVideo::queue) says, one that the guest is writing, and what the
//! consumer has taken; the guest waits while the queue is full. An encode holds one frame of each input: the guest asks
//! for the next one when it has read that. A `StreamFile` holds its window, a `HandOver` the files that are open, and of
//! each that it gave away the path and its size until the muxer deletes it: a live playlist with `hls_flags=delete_segments`
//! keeps few. What the guest itself needs is bounded by [`Limits::memory_bytes`](crate::Limits::memory_bytes). Nothing else
//! grows with the length of a stream, so that endless ones are as good as short ones.
//!
//! While such a job runs, the directory `/.afmpeg` of its tree is taken: there lie the frames, and what goes to a writer.
//!
//! # Cancelling
//!
//! Dropping the iterator of a decode cancels its job and waits for the end of it. The token, the deadline and the limits
//! of an [`Invocation`](crate::Invocation) hold for all of these, also while a guest waits for a consumer. What the
//! caller supplies, an iterator, a reader, a writer, is not interrupted: the job ends when it returns.

mod channel;
mod decode;
mod encode;
mod frame;
mod frames;
mod handover;
mod pipe;
mod pixel;
mod sink;
mod source;
mod stamps;

use std::any::Any;

pub use decode::{DecodeAudio, DecodeVideo};
pub use encode::Encode;
pub use frame::{AudioFrame, Plane, VideoFrame};
pub use frames::{AudioFrames, VideoFrames};
pub use handover::{FinishedFile, HandOver};
pub use pixel::PixelFormat;
pub use source::{AudioSource, VideoSource};

/// What a panic said.
fn panicked(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
        .to_owned()
}
