//! Running jobs: an engine that was loaded once, and any number of jobs on it at the same time.

mod aside;
mod check;
mod detach;
mod execute;
mod fonts;
mod invocation;
mod log;
mod mode;
mod observe;
mod outcome;
mod outputs;
mod preflight;
mod progress;
mod reprobe;
mod suggest;
mod verbs;

use std::fmt;
use std::sync::{Arc, OnceLock};

use afmpeg_wasi::Program;
use afmpeg_wasi::vfs::Vfs;
use serde_json::Value;

use crate::engine::Engine;
use crate::error::{JobError, LoadError};
use crate::job::{FramesJob, Job};
use crate::report::{
    Capabilities, Component, ComponentKind, EngineInfo, FramesReport, ProbeReport, ProcessReport,
};

pub use check::{Problem, ProblemKind};
pub use execute::Usage;
pub use invocation::{Invocation, OutputFiles, RunOutput};
pub use log::{LogLevel, LogMessage};
pub use mode::{Mode, UnknownMode};
pub use progress::{Progress, ProgressEvents, ProgressSource};

use preflight::Vocabulary;

/// A loaded engine on which jobs run.
///
/// It is `Send + Sync` and cheap to clone; jobs on one runtime run concurrently, each in its own
/// sandbox, on the thread that calls. A job that failed, was cancelled or ran out of time leaves
/// nothing behind in the runtime. The methods here use the default [`Limits`](crate::Limits);
/// [`invocation`](Runtime::invocation) sets others, and progress, cancellation and deadlines.
///
/// Functions of the engine are translated when they are first called, by whichever job comes to
/// them first, and stay translated for all.
///
/// ```no_run
/// use afmpeg::{Engine, FramesJob, MemFs, Runtime, Select};
///
/// let runtime = Runtime::new(Engine::open("ffmpeg-wasi-lean-lgpl.wasm")?)?;
/// let fs = MemFs::new();
/// fs.write("/in.mp4", std::fs::read("clip.mp4")?)?;
///
/// let probe = runtime.probe(&fs, "/in.mp4")?;
/// println!("{} streams", probe.streams.len());
/// runtime.frames(&fs, &FramesJob::new("/in.mp4", "/%03d.png", Select::Interval(2.0)))?;
/// std::fs::write("first.png", fs.read("/000.png")?)?;
/// println!("{} encoders", runtime.capabilities()?.encoders.len());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Runtime {
    inner: Arc<Inner>,
    default_font: Option<Arc<[u8]>>,
}

struct Inner {
    program: Box<dyn Program>,
    mode: Mode,
    /// What the module answered when it was asked for its vocabulary; empty until a job needs it.
    vocabulary: OnceLock<Vocabulary>,
}

impl Runtime {
    /// Loads an engine, or any other WASI command module.
    ///
    /// Nothing of the module runs yet: it is asked what it is when that first matters, so a module
    /// that is only [`run`](Runtime::run) never sees a question it does not understand. An interpreted
    /// module's functions are validated when they are first called; one that is not valid ends the job
    /// as a trap.
    ///
    /// # Errors
    ///
    /// The bytes are no module, or one that needs what this host does not have; the error names
    /// every missing import.
    pub fn new(engine: Engine) -> Result<Self, LoadError> {
        Self::with_mode(engine, Mode::Auto)
    }

    /// The same in a mode of choice.
    ///
    /// # Errors
    ///
    /// As [`new`](Runtime::new), and [`LoadError::ModeUnavailable`].
    pub fn with_mode(engine: Engine, mode: Mode) -> Result<Self, LoadError> {
        let (program, mode) = mode::program(&engine, mode)?;
        let inner = Inner {
            program,
            mode,
            vocabulary: preflight::known(&engine),
        };
        Ok(Self {
            inner: Arc::new(inner),
            default_font: None,
        })
    }

    /// Registers the font that the filters `drawtext`, `subtitles` and `ass` of the full engine draw with where a job
    /// names none, or one that lacks a letter: the bytes of a TrueType, OpenType or collection file.
    ///
    /// Every job of this runtime finds it as `/fonts/default`, beside the fonts that its own filesystem has in
    /// `/fonts`, which are found by their family names. Without any font such a filter fails the job.
    #[must_use]
    pub fn default_font(mut self, font: impl Into<Arc<[u8]>>) -> Self {
        self.default_font = Some(font.into());
        self
    }

    /// How the engine's code is run.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.inner.mode
    }

    /// What the engine says of itself; `None` for a module that does not speak the job vocabulary.
    /// The first call asks it.
    #[must_use]
    pub fn engine_info(&self) -> Option<&EngineInfo> {
        preflight::vocabulary(&self.inner).and_then(Result::ok)
    }

    /// One job with its own limits, deadline, cancellation, progress or reproducible clock.
    pub fn invocation<'a>(&'a self, fs: &'a dyn Vfs) -> Invocation<'a> {
        Invocation::new(self, fs)
    }

    /// Runs the module as a command with these arguments, the first of which is its name. For
    /// engines and for any other WASI command; an exit code other than 0 is a result.
    ///
    /// # Errors
    ///
    /// The guest did not end by itself: a limit, a trap.
    pub fn run(
        &self,
        fs: &dyn Vfs,
        args: impl IntoIterator<Item = impl Into<Vec<u8>>>,
    ) -> Result<RunOutput, JobError> {
        self.invocation(fs).run(args)
    }

    /// Runs a job.
    ///
    /// # Errors
    ///
    /// See [`JobError`]. Success means that every output was found in `fs` with the size that is
    /// reported.
    pub fn process(&self, fs: &dyn Vfs, job: &Job) -> Result<ProcessReport, JobError> {
        self.invocation(fs).process(job)
    }

    /// Runs a job that is given as a document, of this or an older version of the vocabulary, and
    /// of any operation. Fields that this library does not know reach the engine as they are.
    ///
    /// # Errors
    ///
    /// As [`process`](Runtime::process).
    pub fn process_json(&self, fs: &dyn Vfs, spec: &str) -> Result<Value, JobError> {
        self.invocation(fs).process_json(spec)
    }

    /// Looks at a media file.
    ///
    /// # Errors
    ///
    /// As [`process`](Runtime::process).
    pub fn probe(&self, fs: &dyn Vfs, path: &str) -> Result<ProbeReport, JobError> {
        self.invocation(fs).probe(path)
    }

    /// Looks at several media files in one run; one that cannot be read does not stop the others.
    ///
    /// # Errors
    ///
    /// As [`process`](Runtime::process), for the run as a whole.
    pub fn probe_all(
        &self,
        fs: &dyn Vfs,
        paths: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<Vec<Result<ProbeReport, JobError>>, JobError> {
        self.invocation(fs).probe_all(paths)
    }

    /// Extracts still pictures.
    ///
    /// # Errors
    ///
    /// As [`process`](Runtime::process).
    pub fn frames(&self, fs: &dyn Vfs, job: &FramesJob) -> Result<FramesReport, JobError> {
        self.invocation(fs).frames(job)
    }

    /// Lists what is in the engine.
    ///
    /// # Errors
    ///
    /// As [`process`](Runtime::process).
    pub fn capabilities(&self) -> Result<Capabilities, JobError> {
        self.invocation(&Nothing).capabilities()
    }

    /// Describes one component of the engine and its options.
    ///
    /// # Errors
    ///
    /// As [`process`](Runtime::process); the class is
    /// [`NotInBuild`](crate::ErrorClass::NotInBuild) when the engine does not have it.
    pub fn component(&self, kind: ComponentKind, name: &str) -> Result<Component, JobError> {
        self.invocation(&Nothing).component(kind, name)
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime")
            .field("vocabulary", &self.inner.vocabulary.get())
            .finish_non_exhaustive()
    }
}

/// The name that an engine is called by: the first of its arguments.
const PROGRAM: &str = "ffmpeg-wasi";

/// The filesystem of operations that need none.
struct Nothing;

impl Vfs for Nothing {
    fn root(&self) -> Arc<dyn afmpeg_wasi::vfs::Dir> {
        afmpeg_wasi::vfs::MemFs::new().root()
    }
}

#[cfg(test)]
pub(crate) mod tests;
