//! What a band of AAC costs at a scale: the quantisation and the codebooks of ISO/IEC 14496-3
//! (clauses 4.6.1 and 4.6.3) under the measure of FFmpeg's encoder, distortion and bits in one number.

use super::Trap;
use super::guest::{Checked, Ptr, bytes_mut, slice};
use super::vectors::{read, signed_like, truncated};
use wide::{f32x8, i32x8};

/// What is added to a level before its fraction is cut off.
pub(super) const ROUNDING: f32 = 0.4054;

/// The most coefficients that a band has.
const LONGEST: usize = 96;

/// Levels to the power of four thirds.
const DEQUANTISED: [f32; 16] = [
    0.0,
    1.0,
    2.519_842_1,
    4.326_749,
    6.349_604,
    8.549_88,
    10.902_723,
    13.390_518,
    16.0,
    18.720_755,
    21.544_348,
    24.463_781,
    27.473_143,
    30.567_35,
    33.741_993,
    36.993_18,
];

/// A kind of codebook: how many coefficients a code word has, whether it includes their signs, and
/// how many levels there are.
pub(super) trait Book {
    const WORD: usize;
    const SIGNED: bool;
    const LEVELS: usize;
    /// Whether the last level stands for all above it, whose own number follows.
    const ESCAPES: bool = false;

    /// How many words there are.
    const WORDS: usize = Self::LEVELS.pow(Self::WORD as u32);
    /// The number of level 0.
    const ZERO: i32 = if Self::SIGNED {
        Self::LEVELS as i32 / 2
    } else {
        0
    };
    /// The greatest level.
    const LARGEST: i32 = Self::LEVELS as i32 - 1 - Self::ZERO;
    /// What the numbers of levels are multiplied by in those of words.
    const FACTORS: [i32; 8] = {
        let mut factors = [1; 8];
        let mut lane = 8;
        while lane > 0 {
            lane -= 1;
            if lane % Self::WORD != Self::WORD - 1 {
                factors[lane] = factors[lane + 1] * Self::LEVELS as i32;
            }
        }
        factors
    };
    /// What levels stand for, by their numbers. The rest is there so that no number is out of range.
    const VALUES: [f32; 32] = {
        let mut values = [0.0; 32];
        let mut number = 0;
        while number < Self::LEVELS {
            let level = number as i32 - Self::ZERO;
            if level < 16 {
                values[number] = if level < 0 {
                    -DEQUANTISED[level.unsigned_abs() as usize]
                } else {
                    DEQUANTISED[level.unsigned_abs() as usize]
                };
            }
            number += 1;
        }
        values
    };
}

/// Codebooks 1 and 2.
pub(super) struct SignedFours;
/// Codebooks 3 and 4.
pub(super) struct Fours;
/// Codebooks 5 and 6.
pub(super) struct SignedPairs;
/// Codebooks 7 and 8.
pub(super) struct Pairs;
/// Codebooks 9 and 10.
pub(super) struct WidePairs;
/// Codebook 11.
pub(super) struct Escapes;

impl Book for SignedFours {
    const WORD: usize = 4;
    const SIGNED: bool = true;
    const LEVELS: usize = 3;
}

impl Book for Fours {
    const WORD: usize = 4;
    const SIGNED: bool = false;
    const LEVELS: usize = 3;
}

impl Book for SignedPairs {
    const WORD: usize = 2;
    const SIGNED: bool = true;
    const LEVELS: usize = 9;
}

impl Book for Pairs {
    const WORD: usize = 2;
    const SIGNED: bool = false;
    const LEVELS: usize = 8;
}

impl Book for WidePairs {
    const WORD: usize = 2;
    const SIGNED: bool = false;
    const LEVELS: usize = 13;
}

impl Book for Escapes {
    const WORD: usize = 2;
    const SIGNED: bool = false;
    const LEVELS: usize = 17;
    const ESCAPES: bool = true;
}

/// A band, and the scale that it is tried at.
#[derive(Clone, Copy)]
pub(super) struct Band {
    /// The coefficients, and their magnitudes to the power of three quarters.
    pub(super) values: Ptr,
    pub(super) scaled: Ptr,
    pub(super) size: i32,
    /// The lengths of the code words, a byte each.
    pub(super) lengths: Ptr,
    pub(super) scale: Scale,
}

/// The factors of a scale: on coefficients, on magnitudes to the power of three quarters, and on
/// what levels stand for.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    pub(super) down: f32,
    pub(super) down34: f32,
    pub(super) up: f32,
}

/// Squared errors under their weight and bits in one sum; the bits; the energy that is left.
#[derive(Clone, Copy, Default)]
pub(super) struct Cost {
    pub(super) sum: f32,
    pub(super) bits: i32,
    pub(super) energy: f32,
}

/// The cost of a band in the codebooks of a kind: `float (const float *values, const float *scaled,
/// int size, const uint8_t *lengths, float down, float down34, float up, float weight,
/// float limit, int *bits, float *energy)`. A sum that reaches the limit ends it: the limit is then
/// the answer, and the only one.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
pub(super) fn cost<B: Book>(
    mem: &mut [u8],
    values: Ptr,
    scaled: Ptr,
    size: i32,
    lengths: Ptr,
    down: f32,
    down34: f32,
    up: f32,
    weight: f32,
    limit: f32,
    bits: Ptr,
    energy: Ptr,
) -> Checked<f32> {
    let band = Band {
        values,
        scaled,
        size,
        lengths,
        scale: Scale { down, down34, up },
    };
    let Some(cost) = of_band::<B>(mem, &band, weight, limit)? else {
        return Ok(limit);
    };
    if bits != 0 {
        *bytes_mut(mem, bits.into())? = cost.bits.to_le_bytes();
    }
    if energy != 0 {
        *bytes_mut(mem, energy.into())? = cost.energy.to_le_bytes();
    }
    Ok(cost.sum)
}

/// The cost of a band that is not coded: all of its energy.
#[inline(always)]
pub(super) fn of_silence(mem: &[u8], band: &Band, weight: f32) -> Checked<f32> {
    let mut sum = 0.0_f32;
    for bytes in slice(mem, band.values.into(), 4 * length(band)?)?
        .as_chunks()
        .0
    {
        let value = f32::from_le_bytes(*bytes);
        sum += value * value;
    }
    Ok(sum * weight)
}

/// The cost of a band; nothing if it reaches the limit.
#[inline(always)]
pub(super) fn of_band<B: Book>(
    mem: &[u8],
    band: &Band,
    weight: f32,
    limit: f32,
) -> Checked<Option<Cost>> {
    let size = 4 * length(band)?;
    let words = slice(mem, band.lengths.into(), B::WORDS)?;
    let (values, last) = slice(mem, band.values.into(), size)?.as_chunks::<32>();
    let (scaled, last_scaled) = slice(mem, band.scaled.into(), size)?.as_chunks::<32>();
    let mut cost = Cost::default();
    for index in 0..values.len() {
        let (Some(values), Some(scaled)) = (values.get(index), scaled.get(index)) else {
            break;
        };
        let eight = Eight::of::<B>(read(values), read(scaled), band.scale);
        if eight.reaches::<B, 8>(&mut cost, words, weight, limit)? {
            return Ok(None);
        }
    }
    if let (Some(last), Some(last_scaled)) = (last.first_chunk(), last_scaled.first_chunk()) {
        let eight = Eight::of::<B>(read(&wider(last)), read(&wider(last_scaled)), band.scale);
        if eight.reaches::<B, 4>(&mut cost, words, weight, limit)? {
            return Ok(None);
        }
    }
    Ok(Some(cost))
}

/// A length that bands have: of whole fours.
#[inline(always)]
fn length(band: &Band) -> Checked<usize> {
    match usize::try_from(band.size) {
        Ok(size) if size <= LONGEST && size.is_multiple_of(4) => Ok(size),
        _ => Err(Trap::MemoryOutOfBounds),
    }
}

/// Four coefficients, and zeros.
#[inline(always)]
fn wider(four: &[u8; 16]) -> [u8; 32] {
    let mut eight = [0; 32];
    eight[..16].copy_from_slice(four);
    eight
}

/// What is to be summed up of eight coefficients: parts of the numbers of their words, with the bits that
/// a coefficient takes by itself [`BITS`] further up; the energies that are left; the squared errors.
struct Eight {
    parts: [i32; 8],
    energies: [f32; 8],
    errors: [f32; 8],
}

const BITS: i32 = 16;

impl Eight {
    #[inline(always)]
    fn of<B: Book>(mut values: f32x8, scaled: f32x8, scale: Scale) -> Self {
        let level = scaled * f32x8::splat(scale.down34) + f32x8::splat(ROUNDING);
        let mut levels = truncated(f32x8::splat(B::LARGEST as f32).fast_min(level));
        let mut parts;
        if B::SIGNED {
            levels = signed_like(levels, values) + i32x8::splat(B::ZERO);
            parts = levels * i32x8::new(B::FACTORS);
        } else {
            values = values.abs();
            // A sign where there is something.
            let signs = levels.simd_gt(i32x8::ZERO) & i32x8::splat(1 << BITS);
            parts = levels * i32x8::new(B::FACTORS) + signs;
        }
        let numbers = levels.to_array();
        let mut kept = [0.0; 8];
        for lane in 0..8 {
            kept[lane] = B::VALUES[numbers[lane] as usize % 32];
        }
        let mut kept = f32x8::new(kept) * f32x8::splat(scale.up);
        if B::ESCAPES && levels.simd_eq(i32x8::splat(B::LARGEST)).any() {
            (kept, parts) = with_escapes::<B>(kept, parts, values, numbers, scale);
        }
        let difference = values - kept;
        Self {
            parts: parts.to_array(),
            energies: (kept * kept).to_array(),
            errors: (difference * difference).to_array(),
        }
    }

    /// Adds the first `N` coefficients to a cost, in their order. Whether that reaches the limit.
    #[inline(always)]
    fn reaches<B: Book, const N: usize>(
        &self,
        cost: &mut Cost,
        words: &[u8],
        weight: f32,
        limit: f32,
    ) -> Checked<bool> {
        let mut at = 0;
        while at < N {
            let (mut word, mut error) = (self.parts[at], self.errors[at]);
            cost.energy += self.energies[at];
            for lane in at + 1..at + B::WORD {
                word += self.parts[lane];
                error += self.errors[lane];
                cost.energy += self.energies[lane];
            }
            let Some(length) = words.get((word & ((1 << BITS) - 1)) as usize) else {
                return Err(Trap::MemoryOutOfBounds);
            };
            let bits = (word >> BITS) + i32::from(*length);
            cost.sum += error * weight + bits as f32;
            cost.bits += bits;
            if cost.sum >= limit {
                return Ok(true);
            }
            at += B::WORD;
        }
        Ok(false)
    }
}

/// What is kept, and the parts of words, where levels stand for all above.
#[inline(always)]
fn with_escapes<B: Book>(
    kept: f32x8,
    parts: i32x8,
    values: f32x8,
    numbers: [i32; 8],
    scale: Scale,
) -> (f32x8, i32x8) {
    let (mut kept, mut parts) = (kept.to_array(), parts.to_array());
    let values = values.to_array();
    for lane in 0..8 {
        if numbers[lane] == B::LARGEST {
            let more;
            (kept[lane], more) = escaped(values[lane], scale);
            parts[lane] += more << BITS;
        }
    }
    (f32x8::new(kept), i32x8::new(parts))
}

/// A coefficient beyond the levels of its codebook: what it becomes, and the bits of its own number.
#[inline(always)]
fn escaped(value: f32, scale: Scale) -> (f32, i32) {
    // The greatest number that an escape can give.
    let greatest = 165_140.0 * scale.up;
    if value >= greatest {
        return (greatest, 21);
    }
    let scaled = value * scale.down;
    let level = ((scaled * scaled.sqrt()).sqrt() + ROUNDING) as i32;
    let level = level.clamp(0, (1 << 13) - 1);
    let digits = (level | 1).ilog2() as i32;
    (level as f32 * cube_root(level) * scale.up, digits * 2 - 3)
}

/// Rounded to the nearest.
#[inline(always)]
fn cube_root(level: i32) -> f32 {
    f64::from(level).cbrt() as f32
}
