//! What a band of AAC costs at a scale: the quantisation and the codebooks of ISO/IEC 14496-3
//! (clauses 4.6.1 and 4.6.3) under the measure of FFmpeg's encoder, distortion and bits in one number.

use super::Trap;
use super::guest::{Checked, Ptr, bytes_mut, slice};
use super::numbers::{load, store};
use super::vectors::{floats, put_ints, signed_like, truncated};
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
    /// Where the levels are left.
    pub(super) levels: Ptr,
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
/// int *levels, int size, const uint8_t *lengths, float down, float down34, float up, float weight,
/// float limit, int *bits, float *energy)`. A sum that reaches the limit ends it: the limit is then
/// the answer, and the only one.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
pub(super) fn cost<B: Book>(
    mem: &mut [u8],
    values: Ptr,
    scaled: Ptr,
    levels: Ptr,
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
        levels,
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
    mem: &mut [u8],
    band: &Band,
    weight: f32,
    limit: f32,
) -> Checked<Option<Cost>> {
    let size = length(band)?;
    let mut cost = Some(Cost::default());
    let mut at = 0;
    while at + 8 <= size {
        let (values, levels) = quantised::<B>(mem, band, at as i64)?;
        cost = added::<B, 8>(mem, band, cost, &values, &levels, weight, limit)?;
        at += 8;
    }
    if at < size {
        let (values, levels) = last_four::<B>(mem, band, at as i64)?;
        cost = added::<B, 4>(mem, band, cost, &values, &levels, weight, limit)?;
    }
    Ok(cost)
}

/// A length that bands have: of whole fours.
#[inline(always)]
fn length(band: &Band) -> Checked<usize> {
    match usize::try_from(band.size) {
        Ok(size) if size <= LONGEST && size.is_multiple_of(4) => Ok(size),
        _ => Err(Trap::MemoryOutOfBounds),
    }
}

/// Coefficients, without signs if the code words have none, and the numbers of their levels. The
/// levels are left in the guest's memory, too.
#[inline(always)]
fn quantised<B: Book>(mem: &mut [u8], band: &Band, at: i64) -> Checked<([f32; 8], [i32; 8])> {
    let mut values = floats(mem, band.values, at)?;
    let level = floats(mem, band.scaled, at)? * band.scale.down34 + f32x8::splat(ROUNDING);
    let mut levels = truncated(f32x8::splat(B::LARGEST as f32).fast_min(level));
    if B::SIGNED {
        levels = signed_like(levels, values);
    } else {
        values = values.abs();
    }
    put_ints(mem, band.levels, at, levels)?;
    let levels = levels + i32x8::splat(B::ZERO);
    Ok((values.to_array(), levels.to_array()))
}

/// The same of the last four.
#[inline(always)]
fn last_four<B: Book>(mem: &mut [u8], band: &Band, at: i64) -> Checked<([f32; 4], [i32; 4])> {
    let mut values = load::<f32, 4>(mem, band.values, at)?;
    let scaled = load::<f32, 4>(mem, band.scaled, at)?;
    let mut levels = [0; 4];
    for lane in 0..4 {
        let level = scaled[lane] * band.scale.down34 + ROUNDING;
        let largest = B::LARGEST as f32;
        let level = (if level > largest { largest } else { level }) as i32;
        let negative = B::SIGNED & (values[lane] < 0.0);
        levels[lane] = if negative {
            level.wrapping_neg()
        } else {
            level
        };
        if !B::SIGNED {
            values[lane] = values[lane].abs();
        }
    }
    store(mem, band.levels, at, levels)?;
    for level in &mut levels {
        *level = level.wrapping_add(B::ZERO);
    }
    Ok((values, levels))
}

/// The cost with that of some more code words.
#[inline(always)]
fn added<B: Book, const N: usize>(
    mem: &[u8],
    band: &Band,
    cost: Option<Cost>,
    values: &[f32; N],
    levels: &[i32; N],
    weight: f32,
    limit: f32,
) -> Checked<Option<Cost>> {
    let Some(mut cost) = cost else {
        return Ok(None);
    };
    let lengths = slice(mem, band.lengths.into(), B::WORDS)?;
    let mut at = 0;
    while at < N {
        let (mut word, mut bits, mut error) = (0, 0, 0.0_f32);
        for lane in at..at + B::WORD {
            let (value, level) = (values[lane], levels[lane]);
            let mut quantised = B::VALUES[level as usize % 32] * band.scale.up;
            if B::ESCAPES && level == B::LARGEST {
                let more;
                (quantised, more) = escaped(value, band.scale);
                bits += more;
            }
            if !B::SIGNED {
                bits += i32::from(level != B::ZERO);
            }
            word = word * B::LEVELS + level as usize % 32;
            cost.energy += quantised * quantised;
            let difference = value - quantised;
            error += difference * difference;
        }
        let Some(length) = lengths.get(word) else {
            return Err(Trap::MemoryOutOfBounds);
        };
        bits += i32::from(*length);
        cost.sum += error * weight + bits as f32;
        cost.bits += bits;
        if cost.sum >= limit {
            return Ok(None);
        }
        at += B::WORD;
    }
    Ok(Some(cost))
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
