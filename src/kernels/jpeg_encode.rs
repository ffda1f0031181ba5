//! Blocks on their way into MPEG and JPEG encoders (`PixblockDSPContext`, `dct_quantize`): samples
//! to numbers, numbers to quantised coefficients.

use super::Trap;
use super::block::{load, load_lanes, store_i32, store_lanes};
use super::fdct::transformed;
use super::guest::{Checked, Ptr, bytes};
use super::lanes::widen;
use wide::i16x8;

/// `void (int16_t *block, const uint8_t *pixels, ptrdiff_t stride)`: 8x8 samples as numbers.
#[inline(always)]
pub(super) fn samples(mem: &mut [u8], block: Ptr, pixels: Ptr, stride: i32) -> Checked {
    let pixels = load::<8, 8>(mem, pixels.into(), stride.into())?;
    let mut rows = [i16x8::ZERO; 8];
    for y in 0..8 {
        rows[y] = widen(&pixels[y]);
    }
    store_lanes(mem, block.into(), &rows)
}

/// `void (int16_t *block, const uint8_t *a, const uint8_t *b, ptrdiff_t stride)`: the difference of
/// two blocks of 8x8 samples.
#[inline(always)]
pub(super) fn difference(mem: &mut [u8], block: Ptr, a: Ptr, b: Ptr, stride: i32) -> Checked {
    let a = load::<8, 8>(mem, a.into(), stride.into())?;
    let b = load::<8, 8>(mem, b.into(), stride.into())?;
    let mut rows = [i16x8::ZERO; 8];
    for y in 0..8 {
        rows[y] = widen(&a[y]) - widen(&b[y]);
    }
    store_lanes(mem, block.into(), &rows)
}

/// Bits of the fractions of the quantiser's factors.
const FRACTION: u32 = 21;

/// Transforms a block and quantises it by factors, one for each coefficient, with a bias from 0 to
/// below 1, in the same fractions. In an intra block the first coefficient is divided by `divisor`
/// instead; `divisor` is 0 for other blocks.
///
/// Gives the place of the last level that is not zero in the order of the scan: at least the first of
/// an intra block, or -1. Whether a level is over the limit goes to `overflow`.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "what the encoder's context has")]
pub(super) fn quantise(
    mem: &mut [u8],
    block: Ptr,
    factors: Ptr,
    order: Ptr,
    divisor: i32,
    bias: i32,
    limit: i32,
    overflow: Ptr,
) -> Checked<i32> {
    let rows = transformed(load_lanes(mem, block.into())?);
    let order: [u8; 64] = *bytes(mem, order.into())?;
    let factors: &[u8; 256] = bytes(mem, factors.into())?;
    let factors: &[[u8; 4]] = factors.as_chunks().0;
    let (mut values, mut scales) = ([0i16; 64], [0i32; 64]);
    for y in 0..8 {
        values[8 * y..8 * y + 8].copy_from_slice(&rows[y].to_array());
    }
    for at in 0..64 {
        scales[at] = i32::from_le_bytes(factors[at]);
    }
    let (mut levels, mut magnitudes) = ([0i16; 64], [0u32; 64]);
    for at in 0..64 {
        let (value, scale) = (i32::from(values[at]), scales[at]);
        let product = u64::from(value.unsigned_abs()) * u64::from(scale.unsigned_abs());
        magnitudes[at] = ((product + u64::from(bias.cast_unsigned())) >> FRACTION) as u32;
        let sign = ((value ^ scale) >> 31) as i16;
        levels[at] = (magnitudes[at] as i16 ^ sign).wrapping_sub(sign);
    }
    let intra = divisor != 0;
    if intra {
        let rounded = i32::from(values[0]) + (divisor >> 1);
        let level = rounded.checked_div(divisor).ok_or(Trap::DivisionByZero)?;
        levels[0] = level as i16;
        magnitudes[0] = 0;
    }
    let mut all = 0;
    for magnitude in magnitudes {
        all |= magnitude;
    }
    let mut last = 63;
    while last >= i32::from(intra) {
        // An order that leaves the block is no order.
        let magnitude = magnitudes.get(usize::from(order[last as usize]));
        if *magnitude.ok_or(Trap::MemoryOutOfBounds)? != 0 {
            break;
        }
        last -= 1;
    }
    let mut lanes = [i16x8::ZERO; 8];
    for y in 0..8 {
        let mut row = [0; 8];
        row.copy_from_slice(&levels[8 * y..8 * y + 8]);
        lanes[y] = i16x8::new(row);
    }
    store_lanes(mem, block.into(), &lanes)?;
    let over = limit < all.cast_signed();
    store_i32(mem, overflow.into(), i32::from(over))?;
    Ok(last)
}
