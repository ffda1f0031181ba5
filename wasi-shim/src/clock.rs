//! The time a guest sees: the host's, or a virtual one that is the same on every run.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The clocks of a guest. Nanoseconds throughout.
pub trait Clock: Send + Sync + 'static {
    /// Time since the Unix epoch. Before it: 0.
    fn realtime(&self) -> u64;

    /// Time since some fixed moment; never falls.
    fn monotonic(&self) -> u64;

    /// The step between two readings that can differ.
    fn resolution(&self) -> u64 {
        1
    }

    /// Waits for `time` or for less: the caller asks again until its own clock says that it is
    /// over, and calls with short times so that it can be cancelled in between.
    fn sleep(&self, time: Duration);

    /// Whether sleeping takes none of the caller's time, so that long sleeps need not be cut up.
    fn is_virtual(&self) -> bool {
        false
    }
}

/// The clocks of the host.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// A clock whose monotonic time starts at 0 now.
    #[must_use]
    pub fn new() -> Self {
        Self {
            start: Instant::now(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn realtime(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        since.map_or(0, nanoseconds)
    }

    fn monotonic(&self) -> u64 {
        nanoseconds(self.start.elapsed())
    }

    fn sleep(&self, time: Duration) {
        std::thread::sleep(time);
    }
}

/// Clocks that move only when they are read and when the guest sleeps: two runs of one guest see
/// the same times. Sleeping takes no time on the wall.
#[derive(Debug)]
pub struct VirtualClock {
    elapsed: AtomicU64,
    start: u64,
    step: u64,
}

impl VirtualClock {
    /// 2020-01-01T00:00:00Z in nanoseconds: a time that looks real to software that refuses 1970.
    pub const START: u64 = 1_577_836_800_000_000_000;
    /// How far one reading moves the clocks: 1 µs, so that loops which wait for time to pass end.
    pub const STEP: u64 = 1_000;

    /// Clocks that start at [`VirtualClock::START`] and move by [`VirtualClock::STEP`].
    #[must_use]
    pub fn new() -> Self {
        Self::starting_at(Self::START, Self::STEP)
    }

    /// Clocks that start at `start` nanoseconds since the epoch and move by `step` per reading.
    #[must_use]
    pub fn starting_at(start: u64, step: u64) -> Self {
        Self {
            elapsed: AtomicU64::new(0),
            start,
            step,
        }
    }

    /// Moves the clocks by `by` and returns the new time since their start. Saturates.
    fn advance(&self, by: u64) -> u64 {
        let before = self
            .elapsed
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |at| {
                Some(at.saturating_add(by))
            })
            .unwrap_or(u64::MAX);
        before.saturating_add(by)
    }
}

impl Default for VirtualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for VirtualClock {
    fn realtime(&self) -> u64 {
        self.start.saturating_add(self.advance(self.step))
    }

    fn monotonic(&self) -> u64 {
        self.advance(self.step)
    }

    fn resolution(&self) -> u64 {
        self.step.max(1)
    }

    fn sleep(&self, time: Duration) {
        self.advance(nanoseconds(time));
    }

    fn is_virtual(&self) -> bool {
        true
    }
}

/// A duration in nanoseconds, saturating after 584 years.
fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn virtual_time_moves_by_readings_and_sleeps_only() {
        let clock = VirtualClock::new();
        assert_eq!(clock.monotonic(), VirtualClock::STEP);
        assert_eq!(
            clock.realtime(),
            VirtualClock::START + 2 * VirtualClock::STEP
        );
        clock.sleep(Duration::from_secs(5));
        assert_eq!(clock.monotonic(), 5_000_000_000 + 3 * VirtualClock::STEP);
        clock.sleep(Duration::MAX);
        assert_eq!(clock.monotonic(), u64::MAX);
        assert_eq!(clock.realtime(), u64::MAX);
    }

    #[test]
    fn the_system_clock_is_past_2020_and_does_not_fall() {
        let clock = SystemClock::new();
        assert!(clock.realtime() > VirtualClock::START);
        let first = clock.monotonic();
        assert!(clock.monotonic() >= first);
    }
}
