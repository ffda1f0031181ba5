//! What a pool runs: a verb on a filesystem of its own, or a function of the caller's.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use afmpeg_wasi::vfs::Vfs;
use afmpeg_wasi::{CancelToken, Limits};
use serde_json::Value;

use crate::error::JobError;
use crate::job::{FramesJob, Input, Job};
use crate::report::{FramesReport, ProbeReport, ProcessReport};
use crate::runtime::{Invocation, Progress, Runtime};

/// A job for a [`Pool`](super::Pool), with everything that it needs: it owns its filesystem, which may share its
/// content with others, as clones of a [`MemFs`](crate::MemFs) do. An `Arc` of any filesystem is one, too.
///
/// ```
/// use afmpeg::{MemFs, Priority, Task};
/// use std::time::Duration;
///
/// let fs = MemFs::new();
/// let task = Task::probe(fs.clone(), "/in.mp4")
///     .priority(Priority::High)
///     .timeout(Duration::from_secs(5));
/// ```
#[must_use = "a task does nothing until a pool has it"]
pub struct Task<T> {
    pub(super) settings: Box<Settings>,
    pub(super) call: Call<T>,
}

/// Which of the jobs that wait starts first. Within one priority it is the one that came first.
///
/// A pool that always has jobs of a higher priority never comes to those of a lower one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Priority {
    /// When nothing else waits.
    Low,
    /// As most jobs.
    #[default]
    Normal,
    /// Before all others, as where somebody waits for the answer.
    High,
}

/// How a function of the caller's runs the engine inside of its job; see [`Task::call`].
#[derive(Debug)]
pub struct Context<'p> {
    runtime: &'p Runtime,
    cancel: CancelToken,
    limits: Limits,
    deadline: Option<Instant>,
    seed: Option<u64>,
    progress: Option<Arc<Mutex<Option<Progress>>>>,
}

/// What a task does.
pub(super) type Call<T> = Box<dyn FnOnce(&Context<'_>) -> Result<T, JobError> + Send>;

/// How a task is run.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) priority: Priority,
    pub(super) limits: Limits,
    pub(super) claim: Option<u64>,
    pub(super) deadline: Option<Instant>,
    pub(super) timeout: Option<Duration>,
    pub(super) seed: Option<u64>,
    pub(super) progress: bool,
}

impl Task<ProcessReport> {
    /// [`Invocation::process`] of this job.
    pub fn process(fs: impl Vfs + 'static, job: Job) -> Self {
        Self::call(move |context| context.invocation(&fs).process(&job)).progress(true)
    }
}

impl Task<Value> {
    /// [`Invocation::process_json`] of this document.
    pub fn process_json(fs: impl Vfs + 'static, spec: impl Into<String>) -> Self {
        let spec = spec.into();
        Self::call(move |context| context.invocation(&fs).process_json(&spec)).progress(true)
    }
}

impl Task<ProbeReport> {
    /// [`Invocation::probe`] of this file.
    pub fn probe(fs: impl Vfs + 'static, path: impl Into<String>) -> Self {
        Self::probe_input(fs, Input::file(path))
    }

    /// [`Invocation::probe_input`] of this input.
    pub fn probe_input(fs: impl Vfs + 'static, input: Input) -> Self {
        Self::call(move |context| context.invocation(&fs).probe_input(input))
    }
}

impl Task<FramesReport> {
    /// [`Invocation::frames`] of this job.
    pub fn frames(fs: impl Vfs + 'static, job: FramesJob) -> Self {
        Self::call(move |context| context.invocation(&fs).frames(&job)).progress(true)
    }
}

impl<T> Task<T> {
    /// Calls a function on a thread of the pool. What it runs by [`Context::invocation`] has the limits, the
    /// cancellation, the deadline and the progress of this task; anything else has to look at
    /// [`Context::is_cancelled`] from time to time, or cannot be cancelled.
    ///
    /// ```
    /// use afmpeg::{Input, Job, MemFs, Output, Task};
    ///
    /// let fs = MemFs::new();
    /// let task = Task::call(move |context| {
    ///     let probe = context.invocation(&fs).probe("/in.mp4")?;
    ///     let mut output = Output::file("/out.mkv");
    ///     for stream in &probe.streams {
    ///         output = output.map(format!("0:{}", stream.index));
    ///     }
    ///     let job = Job::new().input(Input::file("/in.mp4")).output(output);
    ///     context.invocation(&fs).process(&job)
    /// });
    /// ```
    pub fn call(
        function: impl FnOnce(&Context<'_>) -> Result<T, JobError> + Send + 'static,
    ) -> Self {
        let settings = Settings {
            priority: Priority::default(),
            limits: Limits::default(),
            claim: None,
            deadline: None,
            timeout: None,
            seed: None,
            progress: false,
        };
        Self {
            settings: Box::new(settings),
            call: Box::new(function),
        }
    }

    /// Sets which of the waiting jobs go first.
    pub fn priority(mut self, priority: Priority) -> Self {
        self.settings.priority = priority;
        self
    }

    /// Sets the limits. Their [`memory_bytes`](Limits::memory_bytes) is what the job claims of the pool's memory.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.settings.limits = limits;
        self
    }

    /// Sets how many bytes the job claims of the pool's memory, instead of those of its limits: more for one
    /// whose outputs stay in memory, less for a function that does not run the engine.
    pub fn memory_claim(mut self, bytes: u64) -> Self {
        self.settings.claim = Some(bytes);
        self
    }

    /// Ends the job at this moment, with [`JobError::DeadlineExceeded`], also if it is still waiting to start; it
    /// then says so when its turn comes.
    pub fn deadline(mut self, at: Instant) -> Self {
        self.settings.deadline = Some(at);
        self
    }

    /// Ends the job so long after it started, with [`JobError::DeadlineExceeded`]. The time that it waits to
    /// start does not count, nor does it for [`Limits::wall_time`].
    pub fn timeout(mut self, after: Duration) -> Self {
        self.settings.timeout = Some(after);
        self
    }

    /// As [`Invocation::deterministic`].
    pub fn deterministic(mut self, seed: u64) -> Self {
        self.settings.seed = Some(seed);
        self
    }

    /// Whether [`Handle::progress`](super::Handle::progress) is to have something to say, for which a small
    /// thread runs beside the job. By default that is so for `process`, `process_json` and `frames` only.
    pub fn progress(mut self, kept: bool) -> Self {
        self.settings.progress = kept;
        self
    }

    /// Turns the result into another type, on the thread of the job: so that jobs of several kinds are of one
    /// type for [`Pool::map`](super::Pool::map).
    pub fn map<U>(self, function: impl FnOnce(T) -> U + Send + 'static) -> Task<U>
    where
        T: 'static,
    {
        let Self { settings, call } = self;
        Task {
            settings,
            call: Box::new(move |context| call(context).map(function)),
        }
    }

    pub(super) fn claim(&self) -> u64 {
        let limit = self.settings.limits.memory_bytes;
        self.settings.claim.unwrap_or(limit)
    }
}

impl<T> fmt::Debug for Task<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl<'p> Context<'p> {
    /// The context of a job that starts now.
    pub(super) fn new(
        runtime: &'p Runtime,
        settings: Settings,
        cancel: CancelToken,
        progress: &Arc<Mutex<Option<Progress>>>,
    ) -> Self {
        let timeout = settings.timeout;
        // A timeout past the end of the host's clock is none.
        let end = timeout.and_then(|after| Instant::now().checked_add(after));
        Self {
            runtime,
            cancel,
            limits: settings.limits,
            deadline: [settings.deadline, end].into_iter().flatten().min(),
            seed: settings.seed,
            progress: settings.progress.then(|| Arc::clone(progress)),
        }
    }

    /// The runtime of the pool. Its own methods know nothing of this job: they cannot be cancelled with it.
    #[must_use]
    pub fn runtime(&self) -> &'p Runtime {
        self.runtime
    }

    /// An invocation that ends with this job and has its limits.
    pub fn invocation<'a>(&'a self, fs: &'a dyn Vfs) -> Invocation<'a> {
        let mut invocation = self
            .runtime
            .invocation(fs)
            .limits(self.limits.clone())
            .cancel(self.cancel.clone());
        if let Some(deadline) = self.deadline {
            invocation = invocation.deadline(deadline);
        }
        if let Some(seed) = self.seed {
            invocation = invocation.deterministic(seed);
        }
        if let Some(newest) = self.progress.clone() {
            invocation = invocation.progress(move |progress| {
                *newest.lock().unwrap_or_else(PoisonError::into_inner) = Some(progress);
            });
        }
        invocation
    }

    /// Whether the job was cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    /// When the job has to be done, by its deadline or its timeout.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Whether the deadline passed.
    pub(super) fn is_late(&self) -> bool {
        self.deadline.is_some_and(|at| at <= Instant::now())
    }
}
