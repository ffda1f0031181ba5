//! Many jobs in a row, taken from an iterator as the results are: what is in between is bounded.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::iter::{Enumerate, Fuse, FusedIterator};
use std::sync::mpsc::{Receiver, Sender, channel};

use super::handle::{Handle, host};
use super::scheduler::Room;
use super::{Pool, Rejected, Task};
use crate::error::{JobError, PoolError};

/// The results of jobs as they end, each with the position of its task; made by [`Pool::map`].
///
/// Used by a job of the same pool, it runs nothing: each task has [`PoolError::WaitInside`] as its result.
#[must_use = "the jobs begin when the first result is asked for"]
pub struct Map<'p, T, I: Iterator<Item = Task<T>>> {
    feed: Feed<'p, T, I>,
    begun: BTreeMap<usize, Handle<T>>,
    /// The positions of the jobs that ended.
    ended: Receiver<usize>,
    tell: Sender<usize>,
}

/// The results of jobs in the order of their tasks; made by [`Pool::map_ordered`].
///
/// Used by a job of the same pool, it runs nothing: each task has [`PoolError::WaitInside`] as its result.
#[must_use = "the jobs begin when the first result is asked for"]
pub struct MapOrdered<'p, T, I: Iterator<Item = Task<T>>> {
    feed: Feed<'p, T, I>,
    begun: VecDeque<Result<Handle<T>, PoolError>>,
}

/// Takes tasks out of the iterator and gives them to the pool.
struct Feed<'p, T, I: Iterator<Item = Task<T>>> {
    pool: &'p Pool,
    tasks: Enumerate<Fuse<I>>,
    /// The task for which there was no room in the queue.
    held: Option<(usize, Task<T>)>,
}

/// What became of the next task.
enum Fed<T> {
    Begun(usize, Handle<T>),
    Refused(usize, PoolError),
    /// It has to wait until one of the others is done.
    NoRoom,
    /// There is none.
    End,
}

impl<'p, T: Send + 'static, I: Iterator<Item = Task<T>>> Map<'p, T, I> {
    pub(super) fn new(pool: &'p Pool, tasks: I) -> Self {
        let (tell, ended) = channel();
        Self {
            feed: Feed::new(pool, tasks),
            begun: BTreeMap::new(),
            ended,
            tell,
        }
    }
}

impl<T: Send + 'static, I: Iterator<Item = Task<T>>> Iterator for Map<'_, T, I> {
    type Item = (usize, Result<T, JobError>);

    fn next(&mut self) -> Option<Self::Item> {
        while self.begun.len() < self.feed.window() {
            match self.feed.next(self.begun.is_empty(), Some(&self.tell)) {
                Fed::Begun(index, handle) => drop(self.begun.insert(index, handle)),
                Fed::Refused(index, reason) => return Some((index, Err(host(reason)))),
                Fed::NoRoom | Fed::End => break,
            }
        }
        if self.begun.is_empty() {
            return None;
        }
        // One that is begun tells its end, and there is a sender here besides.
        let index = self.ended.recv().ok()?;
        let handle = self.begun.remove(&index)?;
        Some((index, handle.wait()))
    }
}

impl<'p, T: Send + 'static, I: Iterator<Item = Task<T>>> MapOrdered<'p, T, I> {
    pub(super) fn new(pool: &'p Pool, tasks: I) -> Self {
        Self {
            feed: Feed::new(pool, tasks),
            begun: VecDeque::new(),
        }
    }
}

impl<T: Send + 'static, I: Iterator<Item = Task<T>>> Iterator for MapOrdered<'_, T, I> {
    type Item = Result<T, JobError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.begun.len() < self.feed.window() {
            match self.feed.next(self.begun.is_empty(), None) {
                Fed::Begun(_, handle) => self.begun.push_back(Ok(handle)),
                Fed::Refused(_, reason) => self.begun.push_back(Err(reason)),
                Fed::NoRoom | Fed::End => break,
            }
        }
        Some(match self.begun.pop_front()? {
            Ok(handle) => handle.wait(),
            Err(reason) => Err(host(reason)),
        })
    }
}

impl<'p, T: Send + 'static, I: Iterator<Item = Task<T>>> Feed<'p, T, I> {
    fn new(pool: &'p Pool, tasks: I) -> Self {
        Self {
            pool,
            tasks: tasks.fuse().enumerate(),
            held: None,
        }
    }

    /// How many tasks may be without their result given: while one result is used, every thread has a job and
    /// one to go on with.
    fn window(&self) -> usize {
        2 * self.pool.threads()
    }

    /// Gives the next task to the pool; waits for room in its queue only if there is nothing else to wait for.
    fn next(&mut self, idle: bool, tell: Option<&Sender<usize>>) -> Fed<T> {
        let Some((index, task)) = self.held.take().or_else(|| self.tasks.next()) else {
            return Fed::End;
        };
        if self.pool.scheduler.is_inside() {
            return Fed::Refused(index, PoolError::WaitInside);
        }
        let room = if idle { Room::Awaited } else { Room::Now };
        let told = tell.map(|tell| (tell.clone(), index));
        match self.pool.put(task, room, told) {
            Ok(handle) => Fed::Begun(index, handle),
            Err(Rejected {
                task,
                reason: PoolError::QueueFull { .. },
            }) => {
                self.held = Some((index, task));
                Fed::NoRoom
            }
            Err(Rejected { reason, .. }) => Fed::Refused(index, reason),
        }
    }
}

impl<T, I: Iterator<Item = Task<T>>> Drop for Map<'_, T, I> {
    fn drop(&mut self) {
        self.begun.values().for_each(Handle::cancel);
    }
}

impl<T, I: Iterator<Item = Task<T>>> Drop for MapOrdered<'_, T, I> {
    fn drop(&mut self) {
        self.begun.iter().flatten().for_each(Handle::cancel);
    }
}

impl<T: Send + 'static, I: Iterator<Item = Task<T>>> FusedIterator for Map<'_, T, I> {}

impl<T: Send + 'static, I: Iterator<Item = Task<T>>> FusedIterator for MapOrdered<'_, T, I> {}

impl<T, I: Iterator<Item = Task<T>>> fmt::Debug for Map<'_, T, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Map")
            .field("begun", &self.begun.len())
            .finish_non_exhaustive()
    }
}

impl<T, I: Iterator<Item = Task<T>>> fmt::Debug for MapOrdered<'_, T, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MapOrdered")
            .field("begun", &self.begun.len())
            .finish_non_exhaustive()
    }
}
