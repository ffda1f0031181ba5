//! What the threads of a pool share with those who give them work.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use afmpeg_wasi::CancelToken;

use super::Load;
use super::queue::{Place, Queue};
use super::task::Priority;
use super::work::{Work, contained};
use crate::error::PoolError;
use crate::runtime::Runtime;

/// The jobs of a pool, and the rules by which they start.
pub(super) struct Scheduler {
    state: Mutex<State>,
    /// A job may be able to start, or the pool ends.
    work: Condvar,
    /// A job left the queue.
    room: Condvar,
    /// The last running job of a pool that ends is done.
    quiet: Condvar,
    budget: u64,
    limit: usize,
    /// Tells pools apart.
    number: u64,
}

struct State {
    queue: Queue<Box<dyn Work>>,
    running: BTreeMap<Place, CancelToken>,
    ends: bool,
}

/// What a full queue means for a job that comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    /// It is refused.
    Now,
    /// It waits, unless a job of the pool brings it.
    Awaited,
}

thread_local! {
    /// The number of the pool whose thread this is; 0 of none.
    static POOL: Cell<u64> = const { Cell::new(0) };
}

impl Scheduler {
    pub(super) fn new(budget: u64, limit: usize) -> Self {
        static POOLS: AtomicU64 = AtomicU64::new(1);
        let state = State {
            queue: Queue::new(budget),
            running: BTreeMap::new(),
            ends: false,
        };
        Self {
            state: Mutex::new(state),
            work: Condvar::new(),
            room: Condvar::new(),
            quiet: Condvar::new(),
            budget,
            limit,
            number: POOLS.fetch_add(1, Ordering::Relaxed),
        }
    }

    pub(super) fn budget(&self) -> u64 {
        self.budget
    }

    pub(super) fn load(&self) -> Load {
        let state = self.lock();
        Load {
            queued: state.queue.len(),
            running: state.running.len(),
            memory_claimed: state.queue.claimed(),
        }
    }

    /// Whether the calling thread is one of the pool's.
    pub(super) fn is_inside(&self) -> bool {
        POOL.get() == self.number
    }

    /// Takes a job.
    ///
    /// # Errors
    ///
    /// [`PoolError::MemoryClaim`] or [`PoolError::QueueFull`], and the job.
    pub(super) fn push<W: Work + 'static>(
        &self,
        priority: Priority,
        claim: u64,
        room: Room,
        work: W,
    ) -> Result<Place, (W, PoolError)> {
        let (budget, limit) = (self.budget, self.limit);
        if claim > budget {
            return Err((work, PoolError::MemoryClaim { claim, budget }));
        }
        let mut state = self.lock();
        while state.queue.len() >= limit {
            match room {
                Room::Now => return Err((work, PoolError::QueueFull { limit })),
                // All threads of the pool might wait for one of them to take a job.
                Room::Awaited if self.is_inside() => break,
                Room::Awaited => {
                    let waited = self.room.wait(state);
                    state = waited.unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
        let place = state.queue.push(priority, claim, Box::new(work));
        self.work.notify_one();
        Ok(place)
    }

    /// Takes a job back that has not started.
    pub(super) fn remove(&self, place: Place) -> Option<Box<dyn Work>> {
        let removed = self.lock().queue.remove(place)?;
        self.room.notify_one();
        // What stood behind it may be small enough.
        self.work.notify_one();
        Some(removed)
    }

    /// Runs jobs until the pool ends; what each of its threads does.
    pub(super) fn serve(&self, runtime: &Runtime) {
        POOL.set(self.number);
        while let Some((running, work)) = self.next() {
            // The job contains its own panics: what is left is what the caller's types do when dropped.
            let _ = contained(|| work.run(runtime, running.place.number));
            drop(running);
        }
    }

    /// Waits for a job that may start; `None` when the pool ends.
    fn next(&self) -> Option<(Running<'_>, Box<dyn Work>)> {
        let mut state = self.lock();
        loop {
            if state.ends {
                return None;
            }
            if let Some((place, claim, work)) = state.queue.start() {
                state.running.insert(place, work.token().clone());
                if state.queue.can_start() {
                    self.work.notify_one();
                }
                self.room.notify_one();
                let running = Running {
                    scheduler: self,
                    place,
                    claim,
                };
                return Some((running, work));
            }
            let waited = self.work.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Cancels every job, and waits for those that run; not on a thread of the pool, which would wait for
    /// itself.
    pub(super) fn end(&self) {
        let mut state = self.lock();
        state.ends = true;
        let waiting = state.queue.drain();
        for token in state.running.values() {
            token.cancel();
        }
        self.work.notify_all();
        drop(state);
        for work in waiting {
            let _ = contained(|| drop(work));
        }
        if self.is_inside() {
            return;
        }
        let busy = |state: &mut State| !state.running.is_empty();
        drop(self.quiet.wait_while(self.lock(), busy));
    }

    /// No code of the caller's runs under this lock.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A started job; its end gives its claim back.
struct Running<'s> {
    scheduler: &'s Scheduler,
    place: Place,
    claim: u64,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let mut state = self.scheduler.lock();
        state.running.remove(&self.place);
        state.queue.release(self.claim);
        // The thread that ran it looks for the next one itself, and wakes others if there is more.
        if state.ends && state.running.is_empty() {
            self.scheduler.quiet.notify_all();
        }
    }
}
