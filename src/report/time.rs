//! Moments and lengths of media.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Add, Sub};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Rational;

/// A moment on the time line of a file, or a length on it: a finite number of seconds, perhaps negative, with a
/// total order. In JSON it is the number.
///
/// Containers count time in whole units of a time base. [`ticks`](Self::ticks) gives that count exactly up to 2^49
/// units, which are 198 years of 1/90000 s.
///
/// ```
/// use afmpeg::{MediaTime, Rational};
///
/// let time_base = Rational::new(1, 90_000).expect("the denominator is not 0");
/// let time = MediaTime::from_ticks(3003, time_base).expect("it is finite");
/// assert_eq!(time.ticks(time_base), Some(3003));
/// assert_eq!(format!("{time:.4} s"), "0.0334 s");
/// assert!(time > MediaTime::ZERO);
/// ```
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct MediaTime(f64);

/// 2^49: on the way from units to seconds and back a number of 53 bits is rounded four times, which together may not
/// reach half a unit.
const MOST_TICKS: f64 = 562_949_953_421_312.0;

impl MediaTime {
    /// No time, and the beginning.
    pub const ZERO: Self = Self(0.0);

    /// So many seconds; `None` for what is not finite.
    #[must_use]
    pub fn from_secs(seconds: f64) -> Option<Self> {
        // The sum has no negative zero, which would be equal and hash differently.
        seconds.is_finite().then_some(Self(seconds + 0.0))
    }

    /// So many units of a time base; `None` where that is no time, as its denominator is 0.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "beyond 2^49 units the nearest number is what can be had"
    )]
    pub fn from_ticks(ticks: i64, time_base: Rational) -> Option<Self> {
        Self::from_secs(ticks as f64 * time_base.num as f64 / time_base.den as f64)
    }

    /// The seconds.
    #[must_use]
    pub const fn as_secs(self) -> f64 {
        self.0
    }

    /// The nearest count of units of a time base; `None` beyond 2^49 of them, and for a time base of no length.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "what such a number does not tell apart is refused"
    )]
    pub fn ticks(self, time_base: Rational) -> Option<i64> {
        let ticks = (self.0 * time_base.den as f64 / time_base.num as f64).round();
        (ticks.abs() <= MOST_TICKS).then_some(ticks as i64)
    }

    /// The same as a duration, to the nanosecond; `None` of a negative time, and of one that it does not hold.
    #[must_use]
    pub fn duration(self) -> Option<Duration> {
        Duration::try_from_secs_f64(self.0).ok()
    }
}

impl PartialEq for MediaTime {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for MediaTime {}

impl PartialOrd for MediaTime {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for MediaTime {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl Hash for MediaTime {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_bits().hash(state);
    }
}

/// The seconds, as the formatter asks for them: `{:.3}` gives milliseconds.
impl fmt::Display for MediaTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Add for MediaTime {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self((self.0 + other.0).clamp(f64::MIN, f64::MAX))
    }
}

impl Sub for MediaTime {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self((self.0 - other.0).clamp(f64::MIN, f64::MAX))
    }
}

impl From<Duration> for MediaTime {
    fn from(duration: Duration) -> Self {
        Self(duration.as_secs_f64())
    }
}

impl From<MediaTime> for f64 {
    fn from(time: MediaTime) -> Self {
        time.0
    }
}

impl TryFrom<f64> for MediaTime {
    type Error = NotFinite;

    fn try_from(seconds: f64) -> Result<Self, NotFinite> {
        Self::from_secs(seconds).ok_or(NotFinite)
    }
}

/// Why a number is no [`MediaTime`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotFinite;

impl fmt::Display for NotFinite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a time is a finite number of seconds")
    }
}

impl std::error::Error for NotFinite {}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(num: i64, den: i64) -> Rational {
        Rational::new(num, den).expect("it is not 0")
    }

    fn secs(seconds: f64) -> MediaTime {
        MediaTime::from_secs(seconds).expect("it is finite")
    }

    #[test]
    fn units_of_a_time_base_are_counted_exactly() {
        let bases = [
            base(1, 1),
            base(1, 90_000),
            base(1001, 30_000),
            base(1, 44_100),
            base(1, 14_112_000),
            base(1, 1_000_000_000),
        ];
        for time_base in bases {
            for ticks in [0, 1, -1, 3003, 1 << 40, -(1 << 48), (1 << 49) - 1] {
                let time = MediaTime::from_ticks(ticks, time_base).expect("it is finite");
                assert_eq!(time.ticks(time_base), Some(ticks), "{ticks} of {time_base}");
                // As a reply carries it.
                let text = serde_json::to_string(&time).expect("it is a number");
                let read: MediaTime = serde_json::from_str(&text).expect("it is one");
                assert_eq!(read, time);
            }
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for no_number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(MediaTime::from_secs(no_number), None);
            assert_eq!(MediaTime::try_from(no_number), Err(NotFinite));
        }
        for (num, den) in [(1, 0), (0, 0)] {
            let no_base = Rational { num, den };
            assert_eq!(MediaTime::from_ticks(1, no_base), None);
        }
        assert_eq!(secs(1.0).ticks(Rational { num: 0, den: 1 }), None);
        assert_eq!(secs(0.0).ticks(Rational { num: 0, den: 1 }), None);
        assert_eq!(secs(1e30).ticks(base(1, 90_000)), None);
        assert_eq!(secs(-1.0).duration(), None);
        assert_eq!(secs(1e30).duration(), None);
        assert!(serde_json::from_str::<MediaTime>("1e999").is_err());
        assert!(serde_json::from_str::<MediaTime>("null").is_err());
    }

    #[test]
    fn times_are_ordered_and_added() {
        let mut times = [secs(2.0), secs(-0.5), secs(0.0), secs(-0.0)];
        times.sort();
        assert_eq!(times, [secs(-0.5), secs(0.0), secs(0.0), secs(2.0)]);
        assert_eq!(secs(1.5) + secs(0.25), secs(1.75));
        assert_eq!(secs(1.5) - secs(2.0), secs(-0.5));
        assert_eq!(secs(1.0) - secs(1.0), MediaTime::ZERO);
        assert_eq!(secs(f64::MAX) + secs(f64::MAX), secs(f64::MAX));
        let duration = Duration::from_millis(12_345);
        assert_eq!(MediaTime::from(duration), secs(12.345));
        assert_eq!(secs(12.345).duration(), Some(duration));
    }
}
