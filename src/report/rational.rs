//! Exact fractions: frame rates, time bases, aspect ratios.

use std::fmt;

use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize, Serializer};

/// A fraction, such as the frame rate 30000/1001. The denominator is never 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rational {
    /// The numerator.
    pub num: i64,
    /// The denominator.
    pub den: i64,
}

impl Rational {
    /// The fraction `num`/`den`, or `None` when the denominator is 0, which is how FFmpeg writes
    /// a rate or a ratio that it does not know.
    #[must_use]
    pub fn new(num: i64, den: i64) -> Option<Self> {
        (den != 0).then_some(Self { num, den })
    }

    /// The nearest floating-point number.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "the nearest number is what is asked for"
    )]
    pub fn as_f64(self) -> f64 {
        self.num as f64 / self.den as f64
    }

    /// Reads `30000/1001`, `16:9` or `25`. The outer `None` is a text that is no fraction, the
    /// inner one a fraction that stands for "unknown": 0/0 and the like, or 0/1 for a rate.
    fn parse(text: &str) -> Option<Option<Self>> {
        let (num, den) = match text.split_once(['/', ':']) {
            Some((num, den)) => (num.parse().ok()?, den.parse().ok()?),
            None => (text.parse().ok()?, 1),
        };
        Some(Self::new(num, den).filter(|fraction| fraction.num != 0))
    }
}

impl fmt::Display for Rational {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.num, self.den)
    }
}

impl Serialize for Rational {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rational {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text)
            .flatten()
            .ok_or_else(|| D::Error::custom(format_args!("\"{}\" is no fraction", excerpt(&text))))
    }
}

/// A field that holds a fraction, or a text for "unknown" such as `0/0`, or nothing.
pub(super) fn optional<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Rational>, D::Error> {
    let Some(text) = Option::<String>::deserialize(from)? else {
        return Ok(None);
    };
    Rational::parse(&text)
        .ok_or_else(|| D::Error::custom(format_args!("\"{}\" is no fraction", excerpt(&text))))
}

/// As much of a text from the guest as fits into a message.
fn excerpt(text: &str) -> String {
    text.chars().take(32).collect()
}
