//! Arguments and expected results of the specification's tests.

use wast::core::{NanPattern, V128Pattern, WastArgCore, WastRetCore};
use wast::{WastArg, WastRet};

/// What a result may be: its lanes, of which a number has one.
#[derive(Debug)]
pub(super) struct Pattern {
    bits: u32,
    lanes: Vec<Lane>,
}

#[derive(Clone, Copy, Debug)]
enum Lane {
    Exactly(u64),
    /// A NaN whose payload is the quiet bit alone, of either sign.
    CanonicalNan,
    /// A NaN with the quiet bit.
    ArithmeticNan,
}

/// The words of an argument; `None` for a reference.
pub(super) fn argument(argument: &WastArg<'_>) -> Option<Vec<u64>> {
    let WastArg::Core(argument) = argument else {
        return None;
    };
    Some(match argument {
        WastArgCore::I32(value) => vec![u64::from(*value as u32)],
        WastArgCore::I64(value) => vec![*value as u64],
        WastArgCore::F32(value) => vec![u64::from(value.bits)],
        WastArgCore::F64(value) => vec![value.bits],
        WastArgCore::V128(value) => {
            let bits = u128::from_le_bytes(value.to_le_bytes());
            vec![bits as u64, (bits >> 64) as u64]
        }
        _ => return None,
    })
}

impl Pattern {
    /// The pattern of an expected result; `None` for a reference.
    pub(super) fn new(result: &WastRet<'_>) -> Option<Self> {
        let WastRet::Core(result) = result else {
            return None;
        };
        let exactly = |lanes: &[u64]| lanes.iter().copied().map(Lane::Exactly).collect();
        let (bits, lanes) = match result {
            WastRetCore::I32(value) => (32, exactly(&[u64::from(*value as u32)])),
            WastRetCore::I64(value) => (64, exactly(&[*value as u64])),
            WastRetCore::F32(value) => (32, vec![float(value, |value| u64::from(value.bits))]),
            WastRetCore::F64(value) => (64, vec![float(value, |value| value.bits)]),
            WastRetCore::V128(vector) => match vector {
                V128Pattern::I8x16(lanes) => (8, exactly(&lanes.map(|lane| lane as u8 as u64))),
                V128Pattern::I16x8(lanes) => (16, exactly(&lanes.map(|lane| lane as u16 as u64))),
                V128Pattern::I32x4(lanes) => (32, exactly(&lanes.map(|lane| lane as u32 as u64))),
                V128Pattern::I64x2(lanes) => (64, exactly(&lanes.map(|lane| lane as u64))),
                V128Pattern::F32x4(lanes) => {
                    let lane = |lane| float(lane, |value: &wast::token::F32| value.bits.into());
                    (32, lanes.iter().map(lane).collect())
                }
                V128Pattern::F64x2(lanes) => {
                    let lane = |lane| float(lane, |value: &wast::token::F64| value.bits);
                    (64, lanes.iter().map(lane).collect())
                }
            },
            _ => return None,
        };
        Some(Self { bits, lanes })
    }

    /// Words that a result of this type has.
    fn words(&self) -> usize {
        if self.lanes.len() == 1 { 1 } else { 2 }
    }

    fn matches(&self, words: &[u64]) -> bool {
        let value = words
            .iter()
            .rev()
            .fold(0_u128, |value, word| value << 64 | u128::from(*word));
        let covered = self.bits * self.lanes.len() as u32;
        if covered < 128 && value >> covered != 0 {
            return false;
        }
        let quiet = match self.bits {
            32 => 0x7fc0_0000,
            _ => 0x7ff8_0000_0000_0000,
        };
        self.lanes.iter().enumerate().all(|(index, lane)| {
            let mask = u64::MAX >> (64 - self.bits);
            let found = (value >> (index as u32 * self.bits)) as u64 & mask;
            match lane {
                Lane::Exactly(bits) => found == *bits,
                Lane::CanonicalNan => found & mask >> 1 == quiet,
                Lane::ArithmeticNan => found & quiet == quiet,
            }
        })
    }
}

/// Whether an answer has these results and no others.
pub(super) fn all_match(patterns: &[Pattern], answer: &str) -> bool {
    let mut words = answer.split(' ');
    if words.next() != Some("ok") {
        return false;
    }
    let words = words
        .map(|word| u64::from_str_radix(word, 16))
        .collect::<Result<Vec<_>, _>>();
    let Ok(mut words) = words.as_deref() else {
        return false;
    };
    for pattern in patterns {
        let Some((value, rest)) = words.split_at_checked(pattern.words()) else {
            return false;
        };
        if !pattern.matches(value) {
            return false;
        }
        words = rest;
    }
    words.is_empty()
}

fn float<T>(pattern: &NanPattern<T>, bits: impl Fn(&T) -> u64) -> Lane {
    match pattern {
        NanPattern::CanonicalNan => Lane::CanonicalNan,
        NanPattern::ArithmeticNan => Lane::ArithmeticNan,
        NanPattern::Value(value) => Lane::Exactly(bits(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(lanes: &[Lane], bits: u32) -> Pattern {
        Pattern {
            bits,
            lanes: lanes.to_vec(),
        }
    }

    #[test]
    fn nans_match_by_their_kind() {
        let canonical = [result(&[Lane::CanonicalNan], 32)];
        assert!(all_match(&canonical, "ok 7fc00000"));
        assert!(all_match(&canonical, "ok ffc00000"));
        assert!(!all_match(&canonical, "ok 7fc00001"));
        assert!(!all_match(&canonical, "ok 7f800000"));
        let arithmetic = [result(&[Lane::ArithmeticNan], 64)];
        assert!(all_match(&arithmetic, "ok fff8000000000001"));
        assert!(!all_match(&arithmetic, "ok fff0000000000001"));
    }

    #[test]
    fn numbers_match_exactly_and_in_number() {
        let one = || result(&[Lane::Exactly(1)], 32);
        assert!(all_match(&[one(), one()], "ok 1 1"));
        assert!(!all_match(&[one(), one()], "ok 1"));
        assert!(!all_match(&[one()], "ok 1 1"));
        assert!(!all_match(&[one()], "ok 100000001"));
        assert!(!all_match(&[one()], "trap memory"));
        let vector = [result(&[Lane::Exactly(7), Lane::Exactly(9)], 64)];
        assert!(all_match(&vector, "ok 7 9"));
        assert!(!all_match(&vector, "ok 9 7"));
    }
}
