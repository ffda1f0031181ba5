//! Jobs of which inputs are frames of the caller's.

use std::error::Error;
use std::fmt;

use afmpeg_wasi::vfs::{Mount, StreamFile, Vfs, VfsResult};

use super::frame::{AudioFrame, VideoFrame};
use super::source::{AudioSource, Failure, FrameReader, VideoSource, Wrong, take};
use crate::error::{JobError, SpecError};
use crate::job::{Input, Job, Output};
use crate::report::ProcessReport;
use crate::runtime::{Invocation, Runtime};

/// A job of which inputs are frames of the caller's; for [`Runtime::encode`].
///
/// ```no_run
/// use std::convert::Infallible;
///
/// use afmpeg::stream::{Encode, PixelFormat, VideoFrame, VideoSource};
/// use afmpeg::{Engine, MemFs, Output, Runtime};
///
/// # let runtime = Runtime::new(Engine::open("engine.wasm")?)?;
/// let fs = MemFs::new();
/// let fades = (0..=255).map(|level| {
///     let pixels = [level, level, level, 255].repeat(320 * 180);
///     VideoFrame::new(320, 180, PixelFormat::Rgba, pixels)
/// });
/// let encode = Encode::new()
///     .video(VideoSource::new(320, 180, PixelFormat::Rgba), fades)
///     .output(Output::file("/out.mp4").video_codec("libopenh264"));
/// let report = runtime.encode(&fs, encode)?;
/// # let _ = report;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The inputs are numbered from 0 in the order in which they are added. Without a [graph](Self::filter) the frames of
/// each are what the one output has in it.
///
/// An iterator is asked for a frame when the engine reads it, on the thread that the job runs on: one frame of each
/// input is held, however many there are. Its end is the end of the input. An error of it, a frame of another size and a
/// panic end the job with a [`SourceError`](crate::error::SourceError), and nothing is left.
#[must_use = "an encode does nothing until a runtime has it"]
#[derive(Default)]
pub struct Encode {
    job: Job,
    readers: Vec<(String, FrameReader)>,
    failure: Failure,
    /// What the frames are called at the end of the graph that there is without another, and the graph.
    pads: Vec<String>,
    graph: Vec<String>,
}

impl Encode {
    /// A job with nothing in it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds pictures. They are shown one after the other at the rate of their source; the times that frames have been
    /// decoded with do not count.
    pub fn video<I, E>(mut self, source: VideoSource, frames: I) -> Self
    where
        I: IntoIterator<Item = Result<VideoFrame, E>>,
        I::IntoIter: Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let (path, pad) = self.place("v");
        self.graph.push(format!("[{}:v]null{pad}", self.number()));
        let input = source.input(&path);
        let mut frames = frames.into_iter();
        self.read(path, move || {
            Some(match frames.next()? {
                Ok(frame) => source.bytes(frame).map_err(Wrong::Mismatch),
                Err(error) => Err(Wrong::Failed(error.into())),
            })
        });
        self.input(input)
    }

    /// Adds sound.
    pub fn audio<I, E>(mut self, source: AudioSource, frames: I) -> Self
    where
        I: IntoIterator<Item = Result<AudioFrame, E>>,
        I::IntoIter: Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let (path, pad) = self.place("a");
        self.graph.push(format!("[{}:a]anull{pad}", self.number()));
        let input = source.input(&path);
        let mut frames = frames.into_iter();
        self.read(path, move || {
            Some(match frames.next()? {
                Ok(frame) => source.bytes(&frame).map_err(Wrong::Mismatch),
                Err(error) => Err(Wrong::Failed(error.into())),
            })
        });
        self.input(input)
    }

    /// Adds an input that is a file.
    pub fn input(mut self, input: Input) -> Self {
        self.job.inputs.push(input);
        self
    }

    /// Sets the filter graph, as [`Job::filter`] does.
    pub fn filter(mut self, graph: impl Into<String>) -> Self {
        self.job.filter = Some(graph.into());
        self
    }

    /// Adds an output. Without a graph there is one, which has all frames in it unless it [maps](Output::map) others.
    pub fn output(mut self, output: Output) -> Self {
        self.job.outputs.push(output);
        self
    }

    /// Leaves out of the outputs what differs between builds of the engine.
    pub fn bitexact(mut self) -> Self {
        self.job.bitexact = true;
        self
    }

    fn number(&self) -> usize {
        self.job.inputs.len()
    }

    /// Where the frames of the next input lie, and what its pad is called.
    fn place(&mut self, kind: &str) -> (String, String) {
        let number = self.number();
        let pad = format!("[frames_{kind}{number}]");
        self.pads.push(pad.clone());
        (format!("/.afmpeg/{number}"), pad)
    }

    fn read(&mut self, path: String, next: impl FnMut() -> super::source::Next + Send + 'static) {
        let reader = FrameReader::new(self.number(), Failure::clone(&self.failure), next);
        self.readers.push((path, reader));
    }

    /// The job as the engine is told it.
    fn told(&mut self) -> Result<(), SpecError> {
        let free = |output: &Output| output.map.is_empty() && output.streams.is_empty();
        if self.job.filter.is_none() && !self.graph.is_empty() && self.job.outputs.iter().any(free)
        {
            let [output] = self.job.outputs.as_mut_slice() else {
                return Err(SpecError::new(
                    "filter",
                    "is missing: it says which frames go to which of several outputs",
                ));
            };
            output.map.append(&mut self.pads);
            self.job.filter = Some(self.graph.join(";"));
        }
        self.job.to_spec().map(drop)
    }
}

impl fmt::Debug for Encode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encode")
            .field("job", &self.job)
            .finish_non_exhaustive()
    }
}

impl Runtime {
    /// Runs a job of which inputs are frames of the caller's.
    ///
    /// # Errors
    ///
    /// As [`process`](Runtime::process), and [`JobError::Source`] for what is wrong with the frames.
    pub fn encode(&self, fs: &dyn Vfs, encode: Encode) -> Result<ProcessReport, JobError> {
        self.invocation(fs).encode(encode)
    }
}

impl Invocation<'_> {
    /// Runs a job of which inputs are frames of the caller's.
    ///
    /// # Errors
    ///
    /// As [`process`](Invocation::process), and [`JobError::Source`] for what is wrong with the frames.
    pub fn encode(self, mut encode: Encode) -> Result<ProcessReport, JobError> {
        encode.told()?;
        let Encode {
            job,
            readers,
            failure,
            ..
        } = encode;
        let tree = mounted(&self, readers).map_err(|error| JobError::Host(Box::new(error)))?;
        let result = self.over(&tree).process(&job);
        match take(&failure) {
            Some(error) => Err(JobError::Source(error)),
            None => result,
        }
    }
}

fn mounted(invocation: &Invocation<'_>, readers: Vec<(String, FrameReader)>) -> VfsResult<Mount> {
    let mut tree = Mount::new().at("/", invocation.root())?;
    for (path, reader) in readers {
        // Nothing is read twice.
        tree = tree.file(&path, StreamFile::new(reader).window(0))?;
    }
    Ok(tree)
}
