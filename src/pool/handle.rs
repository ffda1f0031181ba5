//! The caller's end of a job, and the place where its result is put.

use std::fmt;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use afmpeg_wasi::CancelToken;

use super::queue::Place;
use super::scheduler::Scheduler;
use crate::error::{JobError, PoolError};
use crate::runtime::Progress;

/// A job that a [`Pool`](super::Pool) has: its result, when it is there, and the way to cancel it.
///
/// A handle that is dropped lets its job run on; nobody learns the result.
#[must_use = "the result of the job, and whether there is one, is known to the handle only"]
pub struct Handle<T> {
    slot: Arc<Slot<T>>,
    canceller: Canceller,
}

/// Cancels one job; made by [`Handle::canceller`], for where the handle itself is waited on.
#[derive(Clone)]
pub struct Canceller {
    place: Place,
    token: CancelToken,
    scheduler: Weak<Scheduler>,
}

impl<T> Handle<T> {
    pub(super) fn new(slot: Arc<Slot<T>>, canceller: Canceller) -> Self {
        Self { slot, canceller }
    }

    /// The number of the job; no two of a pool have the same.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.canceller.place.number
    }

    /// Waits for the job to end.
    ///
    /// # Errors
    ///
    /// What the job failed with; [`JobError::Cancelled`] also for one that never started; [`JobError::Host`]
    /// with a [`PoolError`] for one that panicked, for a result that was taken before, and always when a job
    /// of the same pool calls this: enough jobs that wait for others would leave no thread to run those.
    pub fn wait(self) -> Result<T, JobError> {
        if self.canceller.is_inside() {
            return Err(host(PoolError::WaitInside));
        }
        let mut state = self.slot.lock();
        while !state.is_over() {
            let waited = self.slot.over.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
        state.take().unwrap_or_else(|| Err(host(PoolError::Taken)))
    }

    /// The same for so long at most; `None` when it is still not done then.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait).
    pub fn wait_timeout(&mut self, timeout: Duration) -> Option<Result<T, JobError>> {
        if self.canceller.is_inside() {
            return Some(Err(host(PoolError::WaitInside)));
        }
        let pending = |state: &mut State<T>| !state.is_over();
        let waited = self
            .slot
            .over
            .wait_timeout_while(self.slot.lock(), timeout, pending);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        match *state {
            State::Taken => Some(Err(host(PoolError::Taken))),
            _ => state.take(),
        }
    }

    /// The result, if the job is done and it was not taken yet.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait), but any thread may call this.
    pub fn try_result(&mut self) -> Option<Result<T, JobError>> {
        self.slot.lock().take()
    }

    /// Whether the job ended, well or not.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.slot.lock().is_over()
    }

    /// Whether the job has started and has not ended.
    #[must_use]
    pub fn is_running(&self) -> bool {
        matches!(*self.slot.lock(), State::Running)
    }

    /// The newest state of the job, also after its end; `None` while it waits, and for one that
    /// [keeps none](super::Task::progress). It does not wait for anything.
    #[must_use]
    pub fn progress(&self) -> Option<Progress> {
        let newest = &self.slot.progress;
        newest
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Ends the job with [`JobError::Cancelled`]: at once if it waits to start, and then it never does, within
    /// 50 ms if it runs; [`CancelToken`] tells what can take longer. One that is done keeps its result.
    pub fn cancel(&self) {
        self.canceller.cancel();
    }

    /// A way to cancel the job that outlives the handle.
    #[must_use]
    pub fn canceller(&self) -> Canceller {
        self.canceller.clone()
    }
}

impl<T> fmt::Debug for Handle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("id", &self.id())
            .field("finished", &self.is_finished())
            .finish_non_exhaustive()
    }
}

impl Canceller {
    pub(super) fn new(place: Place, token: CancelToken, scheduler: Weak<Scheduler>) -> Self {
        Self {
            place,
            token,
            scheduler,
        }
    }

    /// As [`Handle::cancel`].
    pub fn cancel(&self) {
        self.token.cancel();
        if let Some(scheduler) = self.scheduler.upgrade() {
            // To drop a job that did not run is to report it as cancelled.
            drop(scheduler.remove(self.place));
        }
    }

    fn is_inside(&self) -> bool {
        let scheduler = self.scheduler.upgrade();
        scheduler.is_some_and(|scheduler| scheduler.is_inside())
    }
}

impl fmt::Debug for Canceller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Canceller")
            .field("job", &self.place.number)
            .finish_non_exhaustive()
    }
}

/// Where a job puts its result.
pub(super) struct Slot<T> {
    state: Mutex<State<T>>,
    over: Condvar,
    pub(super) progress: Arc<Mutex<Option<Progress>>>,
}

enum State<T> {
    Waiting,
    Running,
    Done(Result<T, JobError>),
    Taken,
}

impl<T> State<T> {
    fn is_over(&self) -> bool {
        matches!(self, Self::Done(_) | Self::Taken)
    }

    fn take(&mut self) -> Option<Result<T, JobError>> {
        match std::mem::replace(self, Self::Taken) {
            Self::Done(result) => Some(result),
            other => {
                *self = other;
                None
            }
        }
    }
}

impl<T> Slot<T> {
    /// No code of the caller's runs under this lock.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The duty to put a result into a slot: one that is dropped puts [`JobError::Cancelled`] there, so that no
/// job is lost.
pub(super) struct Promise<T> {
    pub(super) slot: Arc<Slot<T>>,
    /// Who is told that the job ended, and what.
    told: Option<(Sender<usize>, usize)>,
}

impl<T> Promise<T> {
    pub(super) fn new(told: Option<(Sender<usize>, usize)>) -> Self {
        let slot = Slot {
            state: Mutex::new(State::Waiting),
            over: Condvar::new(),
            progress: Arc::default(),
        };
        Self {
            slot: Arc::new(slot),
            told,
        }
    }

    pub(super) fn started(&self) {
        *self.slot.lock() = State::Running;
    }

    pub(super) fn keep(self, result: Result<T, JobError>) {
        self.put(result);
    }

    /// Ends the duty: nobody has the slot.
    pub(super) fn void(self) {
        *self.slot.lock() = State::Taken;
    }

    fn put(&self, result: Result<T, JobError>) {
        let mut state = self.slot.lock();
        if state.is_over() {
            return;
        }
        *state = State::Done(result);
        drop(state);
        self.slot.over.notify_all();
        if let Some((told, what)) = &self.told {
            // Nobody listens any more.
            let _ = told.send(*what);
        }
    }
}

impl<T> Drop for Promise<T> {
    fn drop(&mut self) {
        self.put(Err(JobError::Cancelled {
            partial_outputs: Vec::new(),
        }));
    }
}

/// An error of the pool as one of a job.
pub(super) fn host(error: PoolError) -> JobError {
    JobError::Host(Box::new(error))
}
