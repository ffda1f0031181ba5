//! Cancellation and deadlines: what ends a run from outside.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::stop::Stop;

/// Ends runs from another thread. Clones share one state.
///
/// A run ends within 50 ms of [`cancel`](CancelToken::cancel), wherever the guest is: in a loop, in
/// a sleep or between two reads. Two things are not interrupted. A call into a custom filesystem,
/// clock, reader or writer: the run ends when that call returns. And one instruction of the guest
/// that grows, fills or copies a large part of its memory at once: that takes the host about 0.1 ms
/// for each MiB and up to 0.8 ms where its pages are touched for the first time, so over a second
/// with the default limit of 512 MiB on a loaded machine. A smaller [`Limits::memory_bytes`] bounds it further.
///
/// [`Limits::memory_bytes`]: crate::Limits::memory_bytes
#[derive(Clone, Debug, Default)]
pub struct CancelToken {
    cancelled: Arc<AtomicBool>,
    /// The token that this one is a child of.
    above: Option<Arc<CancelToken>>,
}

impl CancelToken {
    /// A token that is not cancelled.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A token that is cancelled with this one, and can be alone: for a part of what this one ends.
    #[must_use]
    pub fn child(&self) -> Self {
        Self {
            cancelled: Arc::default(),
            above: Some(Arc::new(self.clone())),
        }
    }

    /// Ends every run that holds a clone or a [`child`](CancelToken::child), now or when it starts.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether [`cancel`](CancelToken::cancel) was called, here or on what this is a child of.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        let mut token = self;
        while !token.cancelled.load(Ordering::Relaxed) {
            match &token.above {
                Some(above) => token = above,
                None => return false,
            }
        }
        true
    }
}

/// The outside conditions of one run, polled by the run loop and by long syscalls.
#[derive(Clone, Debug, Default)]
pub(crate) struct Control {
    pub(crate) cancel: CancelToken,
    pub(crate) deadline: Option<Instant>,
}

impl Control {
    /// The longest a sleeping syscall waits between two polls.
    pub(crate) const POLL_INTERVAL: Duration = Duration::from_millis(10);

    /// Whether the run must end now.
    ///
    /// # Errors
    ///
    /// `Cancelled` or `DeadlineExceeded`, in this order.
    pub(crate) fn poll(&self) -> Result<(), Stop> {
        if self.cancel.is_cancelled() {
            return Err(Stop::Cancelled);
        }
        match self.deadline {
            Some(deadline) if Instant::now() >= deadline => Err(Stop::DeadlineExceeded),
            _ => Ok(()),
        }
    }

    /// Moves the deadline to `limit` from now, unless it is earlier already. A limit too long for
    /// the host's clock is none.
    pub(crate) fn limit_wall_time(&mut self, limit: Option<Duration>) {
        let end = limit.and_then(|limit| Instant::now().checked_add(limit));
        self.deadline = match (self.deadline, end) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earlier_of_deadline_and_wall_time_counts() {
        let soon = Instant::now() + Duration::from_millis(1);
        let mut control = Control {
            deadline: Some(soon),
            ..Control::default()
        };
        control.limit_wall_time(Some(Duration::from_secs(60)));
        assert_eq!(control.deadline, Some(soon));
        control.limit_wall_time(Some(Duration::ZERO));
        assert!(control.deadline.is_some_and(|at| at <= Instant::now()));
        assert!(matches!(control.poll(), Err(Stop::DeadlineExceeded)));
        control.cancel.clone().cancel();
        assert!(matches!(control.poll(), Err(Stop::Cancelled)));
    }

    #[test]
    fn a_child_is_cancelled_with_its_parent_and_alone() {
        let parent = CancelToken::new();
        let (one, other) = (parent.child(), parent.child().child());
        one.cancel();
        assert!(one.is_cancelled() && !other.is_cancelled() && !parent.is_cancelled());
        parent.cancel();
        assert!(other.is_cancelled());
    }

    #[test]
    fn a_wall_time_past_the_end_of_the_clock_is_no_limit() {
        let mut control = Control::default();
        control.limit_wall_time(Some(Duration::MAX));
        assert_eq!(control.deadline, None);
    }
}
