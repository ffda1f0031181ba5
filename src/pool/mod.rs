//! Many jobs on a few threads: a pool that queues, runs and bounds them.

mod handle;
mod map;
mod queue;
mod scheduler;
mod task;
mod work;

use std::error::Error;
use std::fmt;
use std::num::NonZero;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread;

use afmpeg_wasi::Limits;
use rayon_core::{ThreadPool, ThreadPoolBuilder};

use crate::error::PoolError;
use crate::runtime::Runtime;

pub use handle::{Canceller, Handle};
pub use map::{Map, MapOrdered};
pub use task::{Context, Priority, Task};

use handle::Promise;
use scheduler::{Room, Scheduler};
use work::{Pending, Work as _};

/// Runs jobs on threads of its own, in the order of their [`Priority`], as far as its memory goes.
///
/// ```no_run
/// use afmpeg::{Engine, MemFs, Pool, Runtime, Task};
///
/// let pool = Pool::new(Runtime::new(Engine::open("ffmpeg-wasi-lean-lgpl.wasm")?)?)?;
/// let fs = MemFs::new();
/// fs.write("/in.mp4", std::fs::read("clip.mp4")?)?;
///
/// let job = pool.submit(Task::probe(fs.clone(), "/in.mp4"))?;
/// println!("{:?}", job.wait()?.duration);
///
/// let paths = ["/a.mp4", "/b.mp4", "/c.mp4"];
/// let tasks = paths.iter().map(|path| Task::probe(fs.clone(), *path));
/// for (index, result) in pool.map(tasks) {
///     match result {
///         Ok(report) => println!("{}: {}", paths[index], report.format),
///         Err(error) => println!("{}: {error}", paths[index]),
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Memory
///
/// Each job claims its [`Limits::memory_bytes`] of the pool's budget from its start to its end: the most linear
/// memory that its guest can get, whether it does or not. [`Task::memory_claim`] sets another claim. A job starts
/// when its claim fits beside those of the jobs that run; until then those behind it wait too, however small they
/// are, so that a large job is not overtaken for ever. With the default budget jobs with the default limits never
/// wait for memory.
///
/// Not counted is what is not the guest's: the content of the filesystems, among them the `/tmp` of each run (up
/// to [`Limits::tmp_bytes`]), captured text ([`Limits::text_bytes`]), results that nobody has taken, the stacks of
/// the threads, and the translated code of the engine, which all jobs share.
///
/// # What a job cannot do to others
///
/// A job that fails, runs out of its limits or panics ends alone; the panic of a function or of a filesystem of
/// the caller's becomes a [`JobError::Host`](crate::JobError::Host) with a [`PoolError::Panicked`]. Where the
/// program is built with `panic = "abort"` a panic ends the program, as everywhere.
///
/// A function of the caller's may give jobs to the pool that it runs in, and then does not wait for room in the
/// queue. It must not wait for them: [`Handle::wait`] and the iterators fail there. What it does in parallel by
/// rayon's `join`, `scope` and iterators stays on its thread; what it gives to `rayon::spawn` and `rayon::broadcast`
/// there is never run, since the pool's threads take nothing from rayon. A filesystem had better do neither: a lifted engine calls it from a thread that the
/// pool does not know.
///
/// # End
///
/// Dropping the pool cancels every job, those that wait at once, and waits for those that run, which come back
/// within 50 ms; [`CancelToken`](crate::CancelToken) tells what can take longer. All handles have a result then.
pub struct Pool {
    scheduler: Arc<Scheduler>,
    runtime: Runtime,
    /// Threads that serve the scheduler until it ends.
    threads: ThreadPool,
}

/// The settings of a [`Pool`]; made by [`Pool::builder`].
#[derive(Clone, Debug)]
#[must_use = "it is not a pool yet"]
pub struct PoolBuilder {
    runtime: Runtime,
    threads: Option<usize>,
    memory_budget: Option<u64>,
    queue_limit: usize,
}

/// What a pool has to do at one moment; made by [`Pool::load`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Load {
    /// Jobs that wait to start.
    pub queued: usize,
    /// Jobs that run.
    pub running: usize,
    /// Bytes of the memory budget that the running ones claim.
    pub memory_claimed: u64,
}

/// A task that a pool did not take; made by [`Pool::try_submit`].
pub struct Rejected<T> {
    /// The task, as it was.
    pub task: Task<T>,
    /// Why.
    pub reason: PoolError,
}

impl Pool {
    /// A pool with a thread for each processor and the other defaults of [`PoolBuilder`].
    ///
    /// # Errors
    ///
    /// The threads cannot be started.
    pub fn new(runtime: Runtime) -> Result<Self, PoolError> {
        Self::builder(runtime).build()
    }

    /// A pool with settings.
    pub fn builder(runtime: Runtime) -> PoolBuilder {
        PoolBuilder {
            runtime,
            threads: None,
            memory_budget: None,
            queue_limit: QUEUE_LIMIT,
        }
    }

    /// Gives the pool a job. When as many wait as may wait, this waits for room.
    ///
    /// # Errors
    ///
    /// [`PoolError::MemoryClaim`]: the job could never start.
    pub fn submit<T: Send + 'static>(&self, task: Task<T>) -> Result<Handle<T>, PoolError> {
        let put = self.put(task, Room::Awaited, None);
        put.map_err(|rejected| rejected.reason)
    }

    /// Gives the pool a job, unless as many wait as may wait.
    ///
    /// # Errors
    ///
    /// [`PoolError::QueueFull`], or as [`submit`](Self::submit); the task comes back.
    pub fn try_submit<T: Send + 'static>(&self, task: Task<T>) -> Result<Handle<T>, Rejected<T>> {
        self.put(task, Room::Now, None)
    }

    /// Runs all of these jobs and gives their results as they end, each with the position of its task.
    ///
    /// A task is taken out of the iterator when its turn is near: of those taken, no more than twice as many as
    /// the pool has threads are without their result given, so slow use of the results slows the jobs, and any
    /// number of tasks takes little memory. Dropping the iterator cancels what it has begun. A task that the pool
    /// cannot take has a [`JobError::Host`](crate::JobError::Host) as its result.
    pub fn map<T, I>(&self, tasks: I) -> Map<'_, T, I::IntoIter>
    where
        T: Send + 'static,
        I: IntoIterator<Item = Task<T>>,
    {
        Map::new(self, tasks.into_iter())
    }

    /// As [`map`](Self::map), with the results in the order of the tasks: while the first is slow, those that
    /// are done behind it wait for it, and few others begin.
    pub fn map_ordered<T, I>(&self, tasks: I) -> MapOrdered<'_, T, I::IntoIter>
    where
        T: Send + 'static,
        I: IntoIterator<Item = Task<T>>,
    {
        MapOrdered::new(self, tasks.into_iter())
    }

    /// What there is to do now.
    #[must_use]
    pub fn load(&self) -> Load {
        self.scheduler.load()
    }

    /// How many jobs run at the same time at most.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.threads.current_num_threads()
    }

    /// How many bytes the running jobs may claim together.
    #[must_use]
    pub fn memory_budget(&self) -> u64 {
        self.scheduler.budget()
    }

    /// The runtime that the jobs run on.
    #[must_use]
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Gives a task to the scheduler; `told` is who hears of its end.
    fn put<T: Send + 'static>(
        &self,
        task: Task<T>,
        room: Room,
        told: Option<(Sender<usize>, usize)>,
    ) -> Result<Handle<T>, Rejected<T>> {
        let (priority, claim) = (task.settings.priority, task.claim());
        let promise = Promise::new(told);
        let slot = Arc::clone(&promise.slot);
        let pending = Pending::new(task, promise);
        let token = pending.token().clone();
        match self.scheduler.push(priority, claim, room, pending) {
            Ok(place) => {
                let scheduler = Arc::downgrade(&self.scheduler);
                Ok(Handle::new(slot, Canceller::new(place, token, scheduler)))
            }
            Err((pending, reason)) => {
                let task = pending.into_task();
                Err(Rejected { task, reason })
            }
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.scheduler.end();
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("threads", &self.threads())
            .field("memory_budget", &self.memory_budget())
            .field("load", &self.load())
            .finish_non_exhaustive()
    }
}

impl PoolBuilder {
    /// Sets how many jobs run at the same time at most; by default as many as there are processors.
    pub fn threads(mut self, count: usize) -> Self {
        self.threads = Some(count);
        self
    }

    /// Sets how many bytes the running jobs may claim together; by default as many as all threads need with the
    /// default limits.
    pub fn memory_budget(mut self, bytes: u64) -> Self {
        self.memory_budget = Some(bytes);
        self
    }

    /// Sets how many jobs may wait to start, those that run not counted; by default 1,024.
    pub fn queue_limit(mut self, jobs: usize) -> Self {
        self.queue_limit = jobs;
        self
    }

    /// Starts the threads of the pool.
    ///
    /// # Errors
    ///
    /// [`PoolError::Zero`]: no thread, or no room in the queue. [`PoolError::Threads`].
    pub fn build(self) -> Result<Pool, PoolError> {
        let processors = || thread::available_parallelism().map_or(1, NonZero::get);
        let count = self.threads.unwrap_or_else(processors);
        for (setting, value) in [("threads", count), ("queue_limit", self.queue_limit)] {
            if value == 0 {
                return Err(PoolError::Zero { setting });
            }
        }
        let threads = ThreadPoolBuilder::new()
            .num_threads(count)
            .thread_name(|index| format!("afmpeg-pool-{index}"))
            .build()
            .map_err(|error| PoolError::Threads(Box::new(error)))?;
        let budget = self.memory_budget.unwrap_or_else(|| {
            let each = Limits::default().memory_bytes;
            each.saturating_mul(threads.current_num_threads() as u64)
        });
        let scheduler = Arc::new(Scheduler::new(budget, self.queue_limit));
        let (serving, runtime) = (Arc::clone(&scheduler), self.runtime.clone());
        // Each thread takes its jobs from the scheduler, none from rayon: a thread that waits for a part of
        // some parallel work of a job's would take another job meanwhile, and come back when that is done.
        threads.spawn_broadcast(move |_| serving.serve(&runtime));
        Ok(Pool {
            scheduler,
            runtime: self.runtime,
            threads,
        })
    }
}

impl<T> fmt::Debug for Rejected<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rejected")
            .field("task", &self.task)
            .field("reason", &self.reason)
            .finish()
    }
}

impl<T> fmt::Display for Rejected<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reason.fmt(f)
    }
}

impl<T> Error for Rejected<T> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.reason.source()
    }
}

const QUEUE_LIMIT: usize = 1024;

#[cfg(test)]
mod tests;
