//! The jobs of a plan on their way through a pool.

use std::cmp::Reverse;
use std::collections::VecDeque;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use afmpeg_wasi::vfs::{Dir, VfsError};

use super::record::{Record, Scratch};
use super::{Plan, Segment};
use crate::error::{JobError, PoolError, SegmentError};
use crate::job::Job;
use crate::pool::{Handle, Pool, Task};
use crate::runtime::Progress;

/// A task that a pool has, or will have when it has room.
///
/// Who drops it waits for its end: nothing of it reads or writes any more.
pub(super) struct Errand<T>(State<T>);

enum State<T> {
    Waiting(Task<T>),
    Given(Handle<T>),
    Over,
}

impl<T> State<T> {
    fn take(&mut self) -> Self {
        std::mem::replace(self, Self::Over)
    }
}

impl<T: Send + 'static> Errand<T> {
    /// The task with the settings of the whole.
    pub(super) fn new(segment: &Segment, task: Task<T>) -> Self {
        let mut task = task
            .limits(segment.limits.clone())
            .priority(segment.priority);
        if let Some(seed) = segment.seed {
            task = task.deterministic(seed);
        }
        Self(State::Waiting(task))
    }

    /// Gives the pool the task, if it has room; whether the pool has it now.
    ///
    /// # Errors
    ///
    /// The pool never takes it.
    pub(super) fn give(&mut self, pool: &Pool) -> Result<bool, PoolError> {
        match self.0.take() {
            State::Waiting(task) => match pool.try_submit(task) {
                Ok(handle) => self.0 = State::Given(handle),
                Err(rejected) => {
                    self.0 = State::Waiting(rejected.task);
                    if !matches!(rejected.reason, PoolError::QueueFull { .. }) {
                        return Err(rejected.reason);
                    }
                    return Ok(false);
                }
            },
            other => self.0 = other,
        }
        Ok(true)
    }

    /// The result, if it is there within this time; one that the pool does not have yet is given to it.
    ///
    /// # Errors
    ///
    /// As [`give`](Self::give).
    pub(super) fn wait(
        &mut self,
        pool: &Pool,
        time: Duration,
    ) -> Result<Option<Result<T, JobError>>, PoolError> {
        if !self.give(pool)? {
            thread::sleep(time);
        }
        Ok(self.result(time))
    }

    fn result(&mut self, time: Duration) -> Option<Result<T, JobError>> {
        match &mut self.0 {
            State::Waiting(_) => None,
            State::Given(handle) => handle.wait_timeout(time),
            State::Over => Some(Err(cancelled())),
        }
    }
}

impl<T> Errand<T> {
    /// Ends it soon, or before it begins. One that is done keeps its result.
    pub(super) fn cancel(&mut self) {
        match &mut self.0 {
            State::Waiting(_) => self.0 = State::Over,
            State::Given(handle) => handle.cancel(),
            State::Over => {}
        }
    }

    /// Waits for its end; what the pool does not have is cancelled.
    fn end(mut self) -> Result<T, JobError> {
        match self.0.take() {
            State::Given(handle) => handle.wait(),
            State::Waiting(_) | State::Over => Err(cancelled()),
        }
    }

    /// How much of it is done, as far as it tells.
    pub(super) fn fraction(&self) -> f64 {
        let fraction = self.progress().and_then(|progress| progress.fraction);
        fraction.unwrap_or(0.0)
    }

    /// Seconds of output that it has made, as far as it tells.
    fn seconds(&self) -> f64 {
        let time = self.progress().and_then(|progress| progress.out_time);
        time.unwrap_or_default().as_secs_f64()
    }

    fn progress(&self) -> Option<Progress> {
        match &self.0 {
            State::Given(handle) => handle.progress(),
            State::Waiting(_) | State::Over => None,
        }
    }
}

impl<T> Drop for Errand<T> {
    fn drop(&mut self) {
        if let State::Given(handle) = self.0.take() {
            handle.cancel();
            // How it ended is nobody's concern any more.
            let _ = handle.wait();
        }
    }
}

/// What is to be done of a plan, what runs of it, and what is done.
pub(super) struct Works<'p> {
    pool: &'p Pool,
    /// The parts of the video in their order, then what is beside it.
    slots: Vec<Slot>,
    /// The slots that the pool does not have yet, in the order in which it gets them.
    next: VecDeque<usize>,
    /// Whether the last slot is what is beside the video.
    rest: bool,
    /// What went wrong first.
    failed: Option<(usize, JobError)>,
}

enum Slot {
    Begun(Errand<Record>),
    Done(Box<Record>),
    Failed,
}

impl<'p> Works<'p> {
    /// Looks for what is done already, and begins with the rest.
    pub(super) fn start(
        segment: &Segment,
        plan: &Plan,
        scratch: &Scratch,
        tree: &Arc<dyn Dir>,
        pool: &'p Pool,
    ) -> Result<Self, SegmentError> {
        let rest = plan.rest_job()?;
        let parts = plan.parts.len();
        let slots = parts + usize::from(rest.is_some());
        let mut works = Self {
            pool,
            slots: std::iter::repeat_with(|| Slot::Failed)
                .take(slots)
                .collect(),
            next: VecDeque::new(),
            rest: rest.is_some(),
            failed: None,
        };
        let begin = |job: Job| {
            let path = job.outputs[0].path.clone();
            if let Some(record) = scratch.record(&path) {
                return Slot::Done(Box::new(record));
            }
            let (tree, scratch) = (Arc::clone(tree), scratch.clone());
            let task = Task::call(move |context| {
                // The stitching reads every part.
                let report = context.invocation(&tree).reprobe(false).process(&job)?;
                let host = |error: VfsError| JobError::Host(Box::new(error));
                scratch.keep_record(&path, report).map_err(host)
            });
            Slot::Begun(Errand::new(segment, task.progress(true)))
        };
        // What is beside the video is the longest piece, and so begins first; the shortest parts come last, so that
        // no thread waits long for another.
        if let Some(job) = rest {
            works.take(parts, begin(job))?;
        }
        let mut order: Vec<usize> = (0..parts).collect();
        order.sort_by_key(|&part| Reverse(plan.parts[part].frames));
        for part in order {
            works.take(part, begin(plan.part_job(part)?))?;
        }
        Ok(works)
    }

    fn take(&mut self, at: usize, slot: Slot) -> Result<(), PoolError> {
        if matches!(slot, Slot::Begun(_)) {
            self.next.push_back(at);
        }
        self.slots[at] = slot;
        self.give()
    }

    /// Gives the pool as many as it has room for.
    fn give(&mut self) -> Result<(), PoolError> {
        while let Some(&at) = self.next.front() {
            if let Slot::Begun(errand) = &mut self.slots[at]
                && !errand.give(self.pool)?
            {
                break;
            }
            self.next.pop_front();
        }
        Ok(())
    }

    /// Gives the pool what it has room for, and waits a little; whether all is over, or something failed.
    pub(super) fn wait(&mut self, time: Duration) -> Result<bool, PoolError> {
        self.give()?;
        let mut until = Instant::now() + time;
        let mut left = false;
        for (at, slot) in self.slots.iter_mut().enumerate() {
            let Slot::Begun(errand) = slot else {
                continue;
            };
            // The first that runs takes the time, and for the others there is none left.
            let Some(result) = errand.result(until.saturating_duration_since(Instant::now()))
            else {
                left = true;
                continue;
            };
            // There is room for another, or an end of all.
            until = Instant::now();
            match result {
                Ok(record) => *slot = Slot::Done(Box::new(record)),
                Err(error) => {
                    *slot = Slot::Failed;
                    self.failed.get_or_insert((at, error));
                }
            }
        }
        if left && self.failed.is_none() {
            // All of them wait for room that others of the pool have.
            thread::sleep(until.saturating_duration_since(Instant::now()));
        }
        Ok(!left || self.failed.is_some())
    }

    /// The records of all, or what failed; then nothing runs any more.
    pub(super) fn finish(&mut self) -> Result<Vec<Record>, SegmentError> {
        self.cancel();
        let mut records = Vec::new();
        let mut failed = self.failed.take();
        for (at, slot) in self.slots.iter_mut().enumerate() {
            match std::mem::replace(slot, Slot::Failed) {
                Slot::Begun(errand) => match errand.end() {
                    Ok(record) => {
                        records.push(record.clone());
                        *slot = Slot::Done(Box::new(record));
                    }
                    Err(error) => {
                        failed.get_or_insert((at, error));
                    }
                },
                Slot::Done(record) => {
                    records.push((*record).clone());
                    *slot = Slot::Done(record);
                }
                Slot::Failed => {}
            }
        }
        match failed {
            None => Ok(records),
            Some((_, error @ JobError::Cancelled { .. })) => Err(error.into()),
            Some((at, error)) => Err(SegmentError::Part {
                part: (!self.rest || at + 1 < self.slots.len()).then_some(at),
                error: Box::new(error),
            }),
        }
    }

    fn cancel(&mut self) {
        for slot in &mut self.slots {
            if let Slot::Begun(errand) = slot {
                errand.cancel();
            }
        }
    }

    /// Whether the slot is done.
    pub(super) fn is_done(&self, at: usize) -> bool {
        matches!(self.slots[at], Slot::Done(_))
    }

    /// How much of the slot is done.
    pub(super) fn fraction(&self, at: usize) -> f64 {
        match &self.slots[at] {
            Slot::Done(_) => 1.0,
            Slot::Begun(errand) => errand.fraction(),
            Slot::Failed => 0.0,
        }
    }

    /// Seconds of output that the slot has.
    pub(super) fn seconds(&self, at: usize) -> f64 {
        match &self.slots[at] {
            Slot::Done(record) => record.seconds(),
            Slot::Begun(errand) => errand.seconds(),
            Slot::Failed => 0.0,
        }
    }

    /// How much is done of what is beside the video.
    pub(super) fn beside(&self) -> f64 {
        match self.rest {
            true => self.fraction(self.slots.len() - 1),
            false => 1.0,
        }
    }
}

impl Drop for Works<'_> {
    /// Whoever leaves early, also by a panic of the caller's function, leaves nothing running. All are cancelled
    /// before the end of each is awaited.
    fn drop(&mut self) {
        self.cancel();
    }
}

/// What ended before it began.
fn cancelled() -> JobError {
    JobError::Cancelled {
        partial_outputs: Vec::new(),
    }
}
