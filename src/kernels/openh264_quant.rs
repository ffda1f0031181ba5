//! Quantisation of openh264's encoder, in its 16-bit arithmetic, which wraps.

use wide::i16x8;

use super::block::{load_i16, load_lanes, store_i16, store_lanes};
use super::guest::{Checked, Ptr};

/// `pfQuantization4x4` (`N` 2) and `pfQuantizationFour4x4` (`N` 8):
/// `void (int16_t *values, const int16_t bias[8], const int16_t factors[8])`.
#[inline(always)]
pub(super) fn quantise<const N: usize>(
    mem: &mut [u8],
    values: Ptr,
    bias: Ptr,
    factors: Ptr,
) -> Checked {
    let quantiser = Quantiser::load(mem, bias, factors)?;
    let mut levels = load_lanes::<N>(mem, i64::from(values))?;
    for lanes in &mut levels {
        *lanes = signed_lanes(quantiser.magnitude(*lanes), *lanes);
    }
    store_lanes(mem, i64::from(values), &levels)
}

/// `pfQuantizationDc4x4`: `void (int16_t values[16], int16_t bias, int16_t factor)`.
#[inline(always)]
pub(super) fn quantise_dc(mem: &mut [u8], values: Ptr, bias: i32, factor: i32) -> Checked {
    let quantiser = Quantiser::new([bias as i16; 8], [factor as i16; 8]);
    let mut levels = load_lanes::<2>(mem, i64::from(values))?;
    for lanes in &mut levels {
        *lanes = signed_lanes(quantiser.magnitude(*lanes), *lanes);
    }
    store_lanes(mem, i64::from(values), &levels)
}

/// `pfQuantizationFour4x4Max`: `void (int16_t values[64], const int16_t bias[8],
/// const int16_t factors[8], int16_t largest[4])`.
#[inline(always)]
pub(super) fn quantise_four_with_maximum(
    mem: &mut [u8],
    values: Ptr,
    bias: Ptr,
    factors: Ptr,
    largest: Ptr,
) -> Checked {
    let quantiser = Quantiser::load(mem, bias, factors)?;
    let mut levels = load_lanes::<8>(mem, i64::from(values))?;
    let mut maxima = [0_i16; 4];
    for block in 0..4 {
        let (first, second) = (levels[2 * block], levels[2 * block + 1]);
        let magnitudes = [quantiser.magnitude(first), quantiser.magnitude(second)];
        maxima[block] = magnitudes[0].max(magnitudes[1]).reduce_max();
        levels[2 * block] = signed_lanes(magnitudes[0], first);
        levels[2 * block + 1] = signed_lanes(magnitudes[1], second);
    }
    store_lanes(mem, i64::from(values), &levels)?;
    store_i16(mem, i64::from(largest), &maxima)
}

/// `pfQuantizationHadamard2x2`: `int32_t (int16_t *blocks, const int16_t bias, int16_t factor,
/// int16_t transformed[4], int16_t levels[4])`, the number of levels that are not zero. The DC
/// values are taken out of four blocks of 16.
#[inline(always)]
pub(super) fn quantise_chroma_dc(
    mem: &mut [u8],
    blocks: Ptr,
    bias: i32,
    factor: i32,
    transformed: Ptr,
    levels: Ptr,
) -> Checked<i32> {
    let (bias, factor) = (bias as i16, factor as i16);
    let values = chroma_dc(mem, i64::from(blocks))?;
    for index in 0..4 {
        store_i16(mem, i64::from(blocks) + 32 * index, &[0])?;
    }
    let values = values.map(|value| signed(quantised(value, bias, factor), value));
    store_i16(mem, i64::from(transformed), &values)?;
    store_i16(mem, i64::from(levels), &values)?;
    Ok(values.iter().filter(|&&value| value != 0).count() as i32)
}

/// The transformed DC values of the four blocks of a chroma plane.
#[inline(always)]
fn chroma_dc(mem: &[u8], blocks: i64) -> Checked<[i16; 4]> {
    let all = load_i16::<49>(mem, blocks)?;
    let (a, b, c, d) = (all[0], all[16], all[32], all[48]);
    let (left, left_less) = (a.wrapping_add(c), a.wrapping_sub(c));
    let (right, right_less) = (b.wrapping_add(d), b.wrapping_sub(d));
    Ok([
        left.wrapping_add(right),
        left.wrapping_sub(right),
        left_less.wrapping_add(right_less),
        left_less.wrapping_sub(right_less),
    ])
}

/// What is added to a magnitude, and what it is multiplied by, in units of 1/65536.
struct Quantiser {
    bias: [i16; 8],
    factors: [i16; 8],
}

impl Quantiser {
    #[inline(always)]
    fn new(bias: [i16; 8], factors: [i16; 8]) -> Self {
        Self { bias, factors }
    }

    #[inline(always)]
    fn load(mem: &[u8], bias: Ptr, factors: Ptr) -> Checked<Self> {
        Ok(Self::new(
            load_i16(mem, i64::from(bias))?,
            load_i16(mem, i64::from(factors))?,
        ))
    }

    /// The quantised magnitudes of eight values.
    #[inline(always)]
    fn magnitude(&self, values: i16x8) -> i16x8 {
        let values = values.to_array();
        let mut magnitudes = [0; 8];
        for lane in 0..8 {
            let biased = i32::from(self.bias[lane]) + i32::from(values[lane]).abs();
            magnitudes[lane] = (biased.wrapping_mul(i32::from(self.factors[lane])) >> 16) as i16;
        }
        i16x8::new(magnitudes)
    }
}

/// Magnitudes with the signs of others.
#[inline(always)]
fn signed_lanes(magnitudes: i16x8, like: i16x8) -> i16x8 {
    let sign = like >> 15;
    (magnitudes ^ sign) - sign
}

/// A quantised magnitude.
#[inline(always)]
fn quantised(value: i16, bias: i16, factor: i16) -> i32 {
    ((i32::from(bias) + i32::from(value).abs()) * i32::from(factor)) >> 16
}

/// A magnitude with the sign of `like`.
#[inline(always)]
fn signed(magnitude: i32, like: i16) -> i16 {
    (if like < 0 { -magnitude } else { magnitude }) as i16
}
