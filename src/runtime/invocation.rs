//! One job and everything that can be said about how it runs.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use afmpeg_wasi::vfs::{Dir, Vfs};
use afmpeg_wasi::{CancelToken, LimitKind, Limits, Output, Stdin};

use super::Runtime;
use super::execute::{Control, Usage, moment};
use super::log::{LogCallback, LogMessage, MessageCallback};
use super::progress::{Callback, Progress, ProgressEvents};

/// One job with its own limits, deadline, cancellation, progress or reproducible clock; made by
/// [`Runtime::invocation`]. Which job comes first where many wait is a matter of a pool:
/// [`Task::priority`](crate::Task::priority).
///
/// ```no_run
/// use std::time::Duration;
///
/// use afmpeg::{CancelToken, Engine, Input, Job, Limits, MemFs, Output, Runtime};
///
/// let runtime = Runtime::new(Engine::open("ffmpeg-wasi-lean-lgpl.wasm")?)?;
/// let (fs, token) = (MemFs::new(), CancelToken::new());
/// let mut limits = Limits::default();
/// limits.memory_bytes = 256 << 20;
/// let job = Job::new()
///     .input(Input::lavfi("testsrc2=duration=5"))
///     .output(Output::file("/out.mp4").video_codec("libopenh264"));
/// // Another thread may call `token.cancel()`.
/// let report = runtime
///     .invocation(&fs)
///     .limits(limits)
///     .timeout(Duration::from_secs(60))
///     .cancel(token.clone())
///     .progress(|at| eprintln!("{:?}", at.fraction))
///     .process(&job)?;
/// println!("{:?} bytes", report.outputs[0].size);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "an invocation does nothing until one of its verbs is called"]
pub struct Invocation<'a> {
    pub(super) runtime: &'a Runtime,
    pub(super) fs: &'a dyn Vfs,
    pub(super) preopens: Option<Vec<(String, Arc<dyn Dir>)>>,
    pub(super) limits: Limits,
    pub(super) cancel: CancelToken,
    pub(super) deadline: Option<Instant>,
    pub(super) timeout: Option<Duration>,
    pub(super) seed: Option<u64>,
    pub(super) outputs: OutputFiles,
    pub(super) reprobe: bool,
    pub(super) progress: Option<Callback>,
    pub(super) log: Option<LogCallback>,
    pub(super) messages: Option<MessageCallback>,
    pub(super) env: Vec<(Vec<u8>, Vec<u8>)>,
    pub(super) stdin: Stdin,
    pub(super) stdout: Output,
    pub(super) stderr: Output,
}

/// Where the files of a job are while it runs, and what becomes of them when it fails.
///
/// A file that lies aside is in the directory of its name and is called `.afmpeg-…partial`; a job whose process is
/// killed leaves it there. In a tree that cannot rename every file is written in its place.
///
/// ```no_run
/// use afmpeg::{Engine, Input, Job, MemFs, Output, OutputFiles, Runtime};
///
/// let runtime = Runtime::new(Engine::open("ffmpeg-wasi-lean-lgpl.wasm")?)?;
/// let fs = MemFs::new();
/// let job = Job::new().input(Input::file("/in.mkv")).output(Output::file("/out.mkv"));
/// let done = runtime.invocation(&fs).outputs(OutputFiles::WholeOrPartial).process(&job);
/// if let Err(error) = done {
///     println!("what there is of it: {:?}", error.partial_outputs());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OutputFiles {
    /// Aside until the job is done and checked, then moved into place, one file after the other. A job that fails
    /// or is cancelled leaves nothing, and what its outputs would have replaced stays as it was; only a file that
    /// the job itself removed, as the muxer of a playlist may, stays removed. A file that is replaced loses its
    /// permissions and other names.
    #[default]
    Whole,
    /// The same, but a job that fails leaves what it wrote as `NAME.partial`, beside what it would have replaced.
    /// [`JobError::partial_outputs`](crate::JobError::partial_outputs) names these files.
    WholeOrPartial,
    /// In their places from the start, for readers that follow a job: of a playlist that grows, or of a file that
    /// is streamed. A job that fails leaves them there.
    InPlace,
}

/// What a command left, however it judged itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunOutput {
    /// The exit code.
    pub exit_code: u32,
    /// What it wrote to stdout, up to the text limit; empty when that went elsewhere.
    pub stdout: Vec<u8>,
    /// What it wrote to stderr, up to the text limit; empty when that went elsewhere.
    pub stderr: Vec<u8>,
    /// Whether it wrote more to stdout than is here.
    pub stdout_truncated: bool,
    /// Whether it wrote more to stderr than is here.
    pub stderr_truncated: bool,
    /// The limits that it met and that did not end it: why it may have given up.
    pub limits_met: Vec<LimitKind>,
    /// What the run used.
    pub usage: Usage,
}

impl<'a> Invocation<'a> {
    pub(super) fn new(runtime: &'a Runtime, fs: &'a dyn Vfs) -> Self {
        Self {
            runtime,
            fs,
            preopens: None,
            limits: Limits::default(),
            cancel: CancelToken::new(),
            deadline: None,
            timeout: None,
            seed: None,
            outputs: OutputFiles::default(),
            reprobe: true,
            progress: None,
            log: None,
            messages: None,
            env: Vec::new(),
            stdin: Stdin::Empty,
            stdout: Output::Capture,
            stderr: Output::Capture,
        }
    }

    /// Sets the limits.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Ends the job at this moment, with [`JobError::DeadlineExceeded`](crate::JobError::DeadlineExceeded).
    pub fn deadline(mut self, at: Instant) -> Self {
        self.deadline = Some(at);
        self
    }

    /// Ends the job so long after it started, with [`JobError::DeadlineExceeded`](crate::JobError::DeadlineExceeded).
    pub fn timeout(mut self, after: Duration) -> Self {
        self.timeout = Some(after);
        self
    }

    /// Ends the job within 50 ms of the token being cancelled, with [`JobError::Cancelled`](crate::JobError::Cancelled);
    /// [`CancelToken`] tells what can take longer, for a deadline too.
    pub fn cancel(mut self, token: CancelToken) -> Self {
        self.cancel = token;
        self
    }

    /// Calls a function with the state of the job, about ten times a second and once at the end.
    ///
    /// It is called on a thread of its own. One that is slow misses states, one that panics is not
    /// called again, and neither changes what the job does; a job that is done waits half a second
    /// at most for the last call to come back.
    pub fn progress(mut self, callback: impl FnMut(Progress) + Send + 'static) -> Self {
        self.progress = Some(Box::new(callback));
        self
    }

    /// The same states as an iterator, for another thread: it waits for each next one, and ends with the job. A
    /// consumer that is slow gets the newest. Takes the place of a callback.
    ///
    /// ```no_run
    /// use afmpeg::{Engine, Job, MemFs, Runtime};
    ///
    /// # let runtime = Runtime::new(Engine::open("engine.wasm")?)?;
    /// # let (fs, job) = (MemFs::new(), Job::new());
    /// let (invocation, events) = runtime.invocation(&fs).progress_events();
    /// std::thread::scope(|scope| {
    ///     scope.spawn(move || {
    ///         for progress in events {
    ///             println!("{:?}, {:?} left", progress.fraction, progress.eta);
    ///         }
    ///     });
    ///     invocation.process(&job)
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn progress_events(self) -> (Self, ProgressEvents) {
        let (callback, events) = ProgressEvents::channel();
        (self.progress(callback), events)
    }

    /// Calls a function with each line that the engine logs, as text that can contain anything that
    /// was in the media. [`run`](Self::run) has [`stderr`](Self::stderr) instead.
    ///
    /// It is called on a thread of its own. One that is slow misses lines, one that panics is not
    /// called again, and neither changes what the job does.
    pub fn log(mut self, callback: impl FnMut(&str) + Send + 'static) -> Self {
        self.log = Some(Box::new(callback));
        self
    }

    /// Calls a function with each message of the engine's log, with its level and where it comes from; the
    /// text can contain anything that was in the media. [`log`](Self::log) and the ends of logs in errors
    /// have the same messages as text. [`run`](Self::run) has [`stderr`](Self::stderr) instead.
    ///
    /// It is called on a thread of its own. One that is slow misses messages, one that panics is not
    /// called again, and neither changes what the job does.
    pub fn log_messages(mut self, callback: impl FnMut(LogMessage) + Send + 'static) -> Self {
        self.messages = Some(Box::new(callback));
        self
    }

    /// Says where the files of a job are while it runs, and what becomes of them when it fails. Commands of
    /// [`run`](Self::run) write theirs in place.
    pub fn outputs(mut self, files: OutputFiles) -> Self {
        self.outputs = files;
        self
    }

    /// Whether the outputs of [`process`](Self::process) are read back before it reports them as done, which they
    /// are unless this says no: those in formats that say by themselves what is in them must have the streams that
    /// were written, and the length, where the format knows its own. It is a run of the engine of its own, which
    /// reads headers and the first frames.
    pub fn reprobe(mut self, reads_back: bool) -> Self {
        self.reprobe = reads_back;
        self
    }

    /// Gives the guest a clock that starts at a fixed time and moves by how often it is read,
    /// random numbers that follow from `seed`, and files without numbers, times and an order of
    /// the host's: the same job gives the same bytes and uses the same work everywhere, alone or beside
    /// others.
    pub fn deterministic(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Sets an environment variable of the guest. It has no others.
    pub fn env(mut self, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> Self {
        self.env.push((key.into(), value.into()));
        self
    }

    /// Gives the command of [`run`](Self::run) these directories under these names, from descriptor
    /// 3 on, and nothing else: no root unless one has the name `/`, no `/tmp`, no devices. Without
    /// this it has the filesystem of the invocation as its root.
    pub fn preopens<'d>(
        mut self,
        dirs: impl IntoIterator<Item = (impl Into<String>, &'d dyn Vfs)>,
    ) -> Self {
        let dirs = dirs.into_iter();
        self.preopens = Some(dirs.map(|(name, dir)| (name.into(), dir.root())).collect());
        self
    }

    /// Gives the command of [`run`](Self::run) a standard input; it is empty otherwise.
    pub fn stdin(mut self, stdin: Stdin) -> Self {
        self.stdin = stdin;
        self
    }

    /// Sends the standard output of [`run`](Self::run) elsewhere. The other verbs read it.
    pub fn stdout(mut self, to: Output) -> Self {
        self.stdout = to;
        self
    }

    /// Sends the standard error of [`run`](Self::run) elsewhere. The other verbs keep its end for
    /// their errors.
    pub fn stderr(mut self, to: Output) -> Self {
        self.stderr = to;
        self
    }

    /// The outside conditions, as of now: a timeout starts here.
    pub(super) fn control(&self) -> Control {
        let timeout = self.timeout.and_then(moment);
        let deadline = match (self.deadline, timeout) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        Control {
            limits: self.limits.clone(),
            cancel: self.cancel.clone(),
            deadline,
            seed: self.seed,
        }
    }
}

impl fmt::Debug for Invocation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invocation")
            .field("limits", &self.limits)
            .field("deadline", &self.deadline)
            .field("timeout", &self.timeout)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}
