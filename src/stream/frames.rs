//! The frames that a decode gives, and the thread that it runs on.

use std::fmt;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use afmpeg_wasi::CancelToken;
use afmpeg_wasi::vfs::{Dir, Mount, Vfs, VfsResult};

use super::channel::{Channel, Ends, Kind, Packet};
use super::decode::{DecodeAudio, DecodeVideo, FRAMES, STAMPS};
use super::frame::{AudioFrame, VideoFrame};
use super::panicked;
use super::pipe::Pipe;
use super::pixel::PixelFormat;
use crate::error::JobError;
use crate::job::Job;
use crate::report::ProcessReport;
use crate::runtime::{Invocation, OutputFiles, Runtime};

impl Runtime {
    /// Decodes pictures, on a thread of its own, as they are taken.
    ///
    /// # Errors
    ///
    /// What can be known before it runs, and that there can be no thread. All else comes as the last item.
    pub fn decode_video(&self, fs: &dyn Vfs, what: &DecodeVideo) -> Result<VideoFrames, JobError> {
        self.invocation(fs).decode_video(what)
    }

    /// Decodes sound, on a thread of its own, as it is taken.
    ///
    /// # Errors
    ///
    /// As [`decode_video`](Self::decode_video).
    pub fn decode_audio(&self, fs: &dyn Vfs, what: &DecodeAudio) -> Result<AudioFrames, JobError> {
        self.invocation(fs).decode_audio(what)
    }
}

impl Invocation<'_> {
    /// Decodes pictures, on a thread of its own, as they are taken. The time that the consumer takes counts for the
    /// deadline and for [`Limits::wall_time`](crate::Limits::wall_time).
    ///
    /// ```no_run
    /// use afmpeg::stream::{DecodeVideo, PixelFormat};
    /// use afmpeg::{Engine, Input, MemFs, Runtime};
    ///
    /// # let runtime = Runtime::new(Engine::open("engine.wasm")?)?;
    /// # let fs = MemFs::new();
    /// let what = DecodeVideo::new(Input::file("/in.mp4"), PixelFormat::Rgba);
    /// for frame in runtime.invocation(&fs).decode_video(&what)? {
    ///     let frame = frame?;
    ///     println!("{:?}: {} bytes", frame.time(), frame.data().len());
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Runtime::decode_video`].
    pub fn decode_video(self, what: &DecodeVideo) -> Result<VideoFrames, JobError> {
        let format = what.format();
        let guest = Guest::start(self, what.job(), Kind::Video(format), what.room())?;
        Ok(VideoFrames { guest, format })
    }

    /// Decodes sound, on a thread of its own, as it is taken; see [`decode_video`](Self::decode_video).
    ///
    /// # Errors
    ///
    /// As [`Runtime::decode_video`].
    pub fn decode_audio(self, what: &DecodeAudio) -> Result<AudioFrames, JobError> {
        let guest = Guest::start(self, what.job(), Kind::Audio, what.room())?;
        Ok(AudioFrames { guest })
    }
}

/// Pictures as they are decoded; made by [`Runtime::decode_video`].
///
/// What fails the job is the last item, after all pictures before it. Dropping it cancels the job and waits until that
/// has ended, which is within 50 ms; [`CancelToken`] tells what can take longer.
#[must_use = "nothing is decoded further than there is room for"]
pub struct VideoFrames {
    guest: Guest,
    format: PixelFormat,
}

/// Sound as it is decoded; made by [`Runtime::decode_audio`]. It ends as [`VideoFrames`] does.
#[must_use = "nothing is decoded further than there is room for"]
pub struct AudioFrames {
    guest: Guest,
}

impl VideoFrames {
    /// What the job said at its end, such as its warnings and how many damaged packets there were; `None` before the
    /// end, and of a job that failed.
    #[must_use]
    pub fn report(&self) -> Option<&ProcessReport> {
        self.guest.report.as_ref()
    }
}

impl AudioFrames {
    /// What the job said at its end; see [`VideoFrames::report`].
    #[must_use]
    pub fn report(&self) -> Option<&ProcessReport> {
        self.guest.report.as_ref()
    }
}

impl Iterator for VideoFrames {
    type Item = Result<VideoFrame, JobError>;

    fn next(&mut self) -> Option<Self::Item> {
        let packet = match self.guest.next()? {
            Ok(packet) => packet,
            Err(error) => return Some(Err(error)),
        };
        let (header, stamp) = (packet.header, packet.stamp);
        let frame = VideoFrame::new(header.width, header.height, self.format, packet.bytes);
        Some(match frame {
            Ok(frame) => Ok(frame.at(
                header.seconds(stamp.time),
                header
                    .seconds(stamp.duration)
                    .filter(|length| length.num > 0),
            )),
            Err(error) => Err(self.guest.give_up(error.message())),
        })
    }
}

impl Iterator for AudioFrames {
    type Item = Result<AudioFrame, JobError>;

    fn next(&mut self) -> Option<Self::Item> {
        let packet = match self.guest.next()? {
            Ok(packet) => packet,
            Err(error) => return Some(Err(error)),
        };
        let header = packet.header;
        // The length of a packet in its own times is its number of samples.
        let samples = usize::try_from(packet.stamp.duration).unwrap_or(0);
        let channels = (packet.bytes.len() / 4).checked_div(samples).unwrap_or(0);
        if channels == 0 || packet.bytes.len() != samples * channels * 4 {
            return Some(Err(self.guest.give_up("a packet of sound is not whole")));
        }
        Some(Ok(AudioFrame::from_interleaved(
            header.sample_rate,
            channels,
            &header.layout,
            header.seconds(packet.stamp.time),
            &packet.bytes,
        )))
    }
}

impl fmt::Debug for VideoFrames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VideoFrames")
            .field("format", &self.format)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for AudioFrames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AudioFrames").finish_non_exhaustive()
    }
}

/// A job that decodes on a thread of its own.
struct Guest {
    channel: Arc<Channel>,
    cancel: CancelToken,
    /// Until its end was told of.
    thread: Option<JoinHandle<Result<ProcessReport, JobError>>>,
    report: Option<ProcessReport>,
}

impl Guest {
    fn start(
        invocation: Invocation<'_>,
        job: Job,
        kind: Kind,
        room: usize,
    ) -> Result<Self, JobError> {
        job.to_spec()?;
        let (invocation, cancel) = invocation.with_own_token();
        let (invocation, deadline) = invocation.fix_deadline();
        let mut invocation = invocation
            .outputs(OutputFiles::InPlace)
            .reprobe(false)
            .detach();
        let ends = Ends {
            cancel: cancel.clone(),
            deadline,
        };
        let channel = Channel::new(kind, room, ends);
        let tree = mounted(invocation.root(), &channel);
        let tree = tree.map_err(|error| JobError::Host(Box::new(error)))?;
        invocation.set_root(tree.root());
        let ending = Ending(Arc::clone(&channel));
        let thread = thread::Builder::new()
            .name("afmpeg-decode".to_owned())
            .spawn(move || {
                // Tells the consumer also when this thread panics.
                let _ending = ending;
                invocation.with(|invocation| invocation.process(&job))
            })
            .map_err(|error| JobError::Host(Box::new(error)))?;
        Ok(Self {
            channel,
            cancel,
            thread: Some(thread),
            report: None,
        })
    }

    fn next(&mut self) -> Option<Result<Packet, JobError>> {
        self.thread.as_ref()?;
        if let Some(packet) = self.channel.next() {
            return Some(Ok(packet));
        }
        let ended = self.thread.take()?.join();
        let result = ended.unwrap_or_else(|payload| Err(host_panicked(payload.as_ref())));
        match result {
            Ok(_) if self.channel.has_remainder() => Some(Err(unlike("a frame is not whole"))),
            Ok(report) => {
                self.report = Some(report);
                None
            }
            Err(_) if self.channel.overdue() => Some(Err(JobError::DeadlineExceeded {
                partial_outputs: Vec::new(),
            })),
            // What it had begun are not files of the caller's.
            Err(error) => Some(Err(error.with_partial_outputs(Vec::new()))),
        }
    }

    /// Ends the job because of what it gave.
    fn give_up(&mut self, message: &str) -> JobError {
        self.stop();
        unlike(message)
    }

    fn stop(&mut self) {
        self.cancel.cancel();
        if let Some(thread) = self.thread.take() {
            // A panic has nobody to be told to.
            let _ = thread.join();
        }
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The end of a guest's thread, however it comes.
struct Ending(Arc<Channel>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.end();
    }
}

fn mounted(root: Arc<dyn Dir>, channel: &Arc<Channel>) -> VfsResult<Mount> {
    Mount::new()
        .at("/", root)?
        .file(FRAMES, Pipe::new(channel.frames()))?
        .file(STAMPS, Pipe::new(channel.stamps()))
}

fn unlike(message: &str) -> JobError {
    JobError::Unverified {
        message: message.to_owned(),
        log_tail: String::new(),
        partial_outputs: Vec::new(),
    }
}

fn host_panicked(payload: &(dyn std::any::Any + Send)) -> JobError {
    JobError::Host(format!("a panic while it decoded: {}", panicked(payload)).into())
}
