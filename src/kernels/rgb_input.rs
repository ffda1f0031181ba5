//! Rows of packed RGB to rows of luma and chroma in 15 bits, with the weights that the engine gives:
//! three for each of Y, U and V, in units of 1/32768.

use super::guest::{Checked, Ptr, int, slice, slice_mut};
use super::scale::{columns, put_shorts};

/// Pixels at a time.
const TILE: usize = 32;

/// Luma; `BGR` for the other order of the three bytes.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
pub(super) fn luma<const BGR: bool>(
    mem: &mut [u8],
    dst: Ptr,
    src: Ptr,
    _unused: Ptr,
    _unused_too: Ptr,
    width: i32,
    weights: Ptr,
    _opaque: Ptr,
) -> Checked {
    let weights = three(mem, weights, 0)?;
    rows::<BGR, 3, _>(mem, src, width, [dst], |pixel| {
        // Half a unit for rounding, and 16 as the least luma.
        [weigh(weights, pixel, (32 << 14) + (1 << 8)) >> 9]
    })
}

/// Chroma of every pixel.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
pub(super) fn chroma<const BGR: bool>(
    mem: &mut [u8],
    dst_u: Ptr,
    dst_v: Ptr,
    _unused: Ptr,
    src: Ptr,
    _same: Ptr,
    width: i32,
    weights: Ptr,
    _opaque: Ptr,
) -> Checked {
    let (u, v) = (three(mem, weights, 3)?, three(mem, weights, 6)?);
    rows::<BGR, 3, _>(mem, src, width, [dst_u, dst_v], |pixel| {
        let rounding = (256 << 14) + (1 << 8);
        [
            weigh(u, pixel, rounding) >> 9,
            weigh(v, pixel, rounding) >> 9,
        ]
    })
}

/// Chroma of every two pixels.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
pub(super) fn chroma_of_two<const BGR: bool>(
    mem: &mut [u8],
    dst_u: Ptr,
    dst_v: Ptr,
    _unused: Ptr,
    src: Ptr,
    _same: Ptr,
    width: i32,
    weights: Ptr,
    _opaque: Ptr,
) -> Checked {
    let (u, v) = (three(mem, weights, 3)?, three(mem, weights, 6)?);
    rows::<BGR, 6, _>(mem, src, width, [dst_u, dst_v], |pixel| {
        let rounding = (256 << 15) + (1 << 9);
        [
            weigh(u, pixel, rounding) >> 10,
            weigh(v, pixel, rounding) >> 10,
        ]
    })
}

#[inline(always)]
fn three(mem: &[u8], weights: Ptr, first: i64) -> Checked<[i32; 3]> {
    let at = i64::from(weights) + 4 * first;
    Ok([int(mem, at)?, int(mem, at + 4)?, int(mem, at + 8)?])
}

#[inline(always)]
fn weigh(weights: [i32; 3], pixel: [i32; 3], rounding: i32) -> i32 {
    let [r, g, b] = [0, 1, 2].map(|k| weights[k].wrapping_mul(pixel[k]));
    r.wrapping_add(g).wrapping_add(b).wrapping_add(rounding)
}

/// Makes `OUT` rows of one value for every `BYTES` bytes: of the sum of one or two pixels.
#[inline(always)]
fn rows<const BGR: bool, const BYTES: usize, const OUT: usize>(
    mem: &mut [u8],
    src: Ptr,
    width: i32,
    dst: [Ptr; OUT],
    convert: impl Fn([i32; 3]) -> [i32; OUT],
) -> Checked {
    let width = columns(width);
    let mut x = 0;
    while x < width {
        let count = TILE.min(width - x);
        let pixels = slice(mem, i64::from(src) + (BYTES * x) as i64, BYTES * count)?;
        let mut values = [[0i16; TILE]; OUT];
        for (index, pixel) in pixels.as_chunks::<BYTES>().0.iter().enumerate() {
            let sample = |k: usize| {
                let k = if BGR { 2 - k } else { k };
                let first = i32::from(pixel[k]);
                if BYTES == 6 {
                    first + i32::from(pixel[k + 3])
                } else {
                    first
                }
            };
            let converted = convert([sample(0), sample(1), sample(2)]);
            for (values, value) in values.iter_mut().zip(converted) {
                values[index] = value as i16;
            }
        }
        for (values, dst) in values.iter().zip(dst) {
            put_shorts(
                slice_mut(mem, i64::from(dst) + 2 * x as i64, 2 * count)?,
                values,
            );
        }
        x += count;
    }
    Ok(())
}
