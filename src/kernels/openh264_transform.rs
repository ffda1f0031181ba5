//! Transform and reconstruction of openh264's encoder: ITU-T H.264 clause 8.5 and its
//! forward counterparts, in the 16-bit arithmetic of the encoder, which wraps.

use wide::i16x8;

use super::block::{load, load_i16, load_lanes, store, store_i16, store_lanes};
use super::guest::{Checked, Ptr, bytes, bytes_mut};
use super::lanes::{narrow, narrow_both, widen, widen_both};
use super::pair::{Block, Pair, apart_turned, beside, turned};

/// `pfDctT4`: `void (int16_t *out, uint8_t *a, int32_t a_stride, uint8_t *b, int32_t b_stride)`.
#[inline(always)]
pub(super) fn forward(
    mem: &mut [u8],
    out: Ptr,
    a: Ptr,
    a_stride: i32,
    b: Ptr,
    b_stride: i32,
) -> Checked {
    let a = load::<4, 4>(mem, i64::from(a), i64::from(a_stride))?;
    let b = load::<4, 4>(mem, i64::from(b), i64::from(b_stride))?;
    let mut rows = [i16x8::ZERO; 4];
    for y in 0..4 {
        rows[y] = widen(&a[y]) - widen(&b[y]);
    }
    let [block, _] = core(rows);
    store_lanes(mem, i64::from(out), &block)
}

/// `pfDctFourT4`: the four blocks of an 8x8 block, as [`forward`].
#[inline(always)]
pub(super) fn forward_four(
    mem: &mut [u8],
    out: Ptr,
    a: Ptr,
    a_stride: i32,
    b: Ptr,
    b_stride: i32,
) -> Checked {
    let a = load::<8, 8>(mem, i64::from(a), i64::from(a_stride))?;
    let b = load::<8, 8>(mem, i64::from(b), i64::from(b_stride))?;
    let mut rows = [i16x8::ZERO; 8];
    for y in 0..8 {
        rows[y] = widen(&a[y]) - widen(&b[y]);
    }
    let [r0, r1, r2, r3, r4, r5, r6, r7] = rows;
    let [[a0, a1], [b0, b1]] = core([r0, r1, r2, r3]);
    let [[c0, c1], [d0, d1]] = core([r4, r5, r6, r7]);
    store_lanes(mem, i64::from(out), &[a0, a1, b0, b1, c0, c1, d0, d1])
}

/// `pfTransformHadamard4x4Dc`: `void (int16_t out[16], int16_t *blocks)`, the DC values of sixteen
/// blocks of 16, stored by 8x8 quarters.
#[inline(always)]
pub(super) fn luma_dc(mem: &mut [u8], out: Ptr, blocks: Ptr) -> Checked {
    let all = load_i16::<241>(mem, i64::from(blocks))?;
    let mut rows = [[0_i32; 4]; 4];
    for (y, row) in rows.iter_mut().enumerate() {
        let start = 128 * (y / 2) + 32 * (y % 2);
        let dc = [0, 16, 64, 80].map(|offset| i32::from(all[start + offset]));
        *row = hadamard(dc);
    }
    let mut coefficients = [0_i16; 16];
    for x in 0..4 {
        let column = hadamard([rows[0][x], rows[1][x], rows[2][x], rows[3][x]]);
        for (y, value) in column.into_iter().enumerate() {
            coefficients[4 * y + x] = ((value + 1) >> 1).clamp(-32768, 32767) as i16;
        }
    }
    store_i16(mem, i64::from(out), &coefficients)?;
    Ok(())
}

/// `pfDequantization4x4` (`N` 16) and `pfDequantizationFour4x4` (`N` 64):
/// `void (int16_t *levels, const uint16_t factors[8])`.
#[inline(always)]
pub(super) fn scale<const N: usize>(mem: &mut [u8], levels: Ptr, factors: Ptr) -> Checked {
    let factors = load_i16::<8>(mem, i64::from(factors))?;
    let mut values = load_i16::<N>(mem, i64::from(levels))?;
    for eight in values.as_chunks_mut::<8>().0 {
        for (value, factor) in eight.iter_mut().zip(factors) {
            *value = value.wrapping_mul(factor);
        }
    }
    store_i16(mem, i64::from(levels), &values)?;
    Ok(())
}

/// `pfDequantizationIHadamard4x4`: `void (int16_t levels[16], const uint16_t factor)`.
#[inline(always)]
pub(super) fn scale_luma_dc(mem: &mut [u8], levels: Ptr, factor: i32) -> Checked {
    let factor = factor as i16;
    let mut values = load_i16::<16>(mem, i64::from(levels))?;
    for row in values.as_chunks_mut::<4>().0 {
        *row = hadamard_i16(*row);
    }
    for x in 0..4 {
        let column = hadamard_i16([values[x], values[4 + x], values[8 + x], values[12 + x]]);
        for (y, value) in column.into_iter().enumerate() {
            values[4 * y + x] = value.wrapping_mul(factor);
        }
    }
    store_i16(mem, i64::from(levels), &values)?;
    Ok(())
}

/// `pfIDctT4`: `void (uint8_t *out, int32_t out_stride, uint8_t *prediction,
/// int32_t prediction_stride, int16_t coefficients[16])`.
#[inline(always)]
pub(super) fn inverse(
    mem: &mut [u8],
    out: Ptr,
    out_stride: i32,
    prediction: Ptr,
    prediction_stride: i32,
    coefficients: Ptr,
) -> Checked {
    let [a, b] = load_lanes(mem, i64::from(coefficients))?;
    if is_large([a, b, i16x8::ZERO, i16x8::ZERO]) {
        let out = (i64::from(out), i64::from(out_stride));
        let prediction = (i64::from(prediction), i64::from(prediction_stride));
        return inverse_large(mem, out, prediction, i64::from(coefficients));
    }
    let predicted = load::<4, 4>(mem, i64::from(prediction), i64::from(prediction_stride))?;
    let residual = residual(beside([a, b], [i16x8::ZERO; 2]));
    let mut rebuilt = [[0; 4]; 4];
    for y in 0..4 {
        rebuilt[y] = narrow(widen(&predicted[y]) + residual[y]);
    }
    store(mem, i64::from(out), i64::from(out_stride), &rebuilt)
}

/// `pfIDctFourT4`: the four blocks of an 8x8 block, as [`inverse`].
#[inline(always)]
pub(super) fn inverse_four(
    mem: &mut [u8],
    out: Ptr,
    out_stride: i32,
    prediction: Ptr,
    prediction_stride: i32,
    coefficients: Ptr,
) -> Checked {
    let (out, out_stride) = (i64::from(out), i64::from(out_stride));
    let (prediction, stride) = (i64::from(prediction), i64::from(prediction_stride));
    let [a, b, c, d, e, f, g, h] = load_lanes(mem, i64::from(coefficients))?;
    if is_large([a, b, c, d]) || is_large([e, f, g, h]) {
        for (index, (x, y)) in [(0, 0), (4, 0), (0, 4), (4, 4)].into_iter().enumerate() {
            let out = (out + x + y * out_stride, out_stride);
            let prediction = (prediction + x + y * stride, stride);
            let coefficients = i64::from(coefficients) + 32 * index as i64;
            inverse_large(mem, out, prediction, coefficients)?;
        }
        return Ok(());
    }
    let predicted = load::<8, 8>(mem, prediction, stride)?;
    let upper = residual(beside([a, b], [c, d]));
    let lower = residual(beside([e, f], [g, h]));
    let mut rebuilt = [[0; 8]; 8];
    for y in 0..4 {
        rebuilt[y] = narrow(widen(&predicted[y]) + upper[y]);
        rebuilt[4 + y] = narrow(widen(&predicted[4 + y]) + lower[y]);
    }
    store(mem, out, out_stride, &rebuilt)
}

/// `pfIDctI16x16Dc`: as [`inverse`] for 16x16 samples whose blocks have a DC value only, one in
/// `coefficients` for each in reading order.
#[inline(always)]
pub(super) fn inverse_luma_dc(
    mem: &mut [u8],
    out: Ptr,
    out_stride: i32,
    prediction: Ptr,
    prediction_stride: i32,
    coefficients: Ptr,
) -> Checked {
    let values = load_i16::<16>(mem, i64::from(coefficients))?;
    let (mut to, mut from) = (i64::from(out), i64::from(prediction));
    for y in 0..4 {
        let half = i16x8::splat(32);
        let (a, b, c, d) = (
            values[4 * y],
            values[4 * y + 1],
            values[4 * y + 2],
            values[4 * y + 3],
        );
        // Where the sum is limited, the sample is too.
        let left = i16x8::new([a, a, a, a, b, b, b, b]).saturating_add(half) >> 6;
        let right = i16x8::new([c, c, c, c, d, d, d, d]).saturating_add(half) >> 6;
        for _ in 0..4 {
            let [first, second] = widen_both(bytes(mem, from)?);
            *bytes_mut(mem, to)? = narrow_both([first + left, second + right]);
            from += i64::from(prediction_stride);
            to += i64::from(out_stride);
        }
    }
    Ok(())
}

/// The forward core transform of two blocks.
#[inline(always)]
fn core(rows: Pair) -> [Block; 2] {
    apart_turned(butterfly(turned(butterfly(rows))))
}

#[inline(always)]
fn butterfly([a, b, c, d]: Pair) -> Pair {
    let (outer, inner) = (a + d, b + c);
    let (outer_less, inner_less) = (a - d, b - c);
    [
        outer + inner,
        outer_less + outer_less + inner_less,
        outer - inner,
        outer_less - inner_less - inner_less,
    ]
}

/// The inverse core transform of two blocks that are not large, rounded, as rows.
#[inline(always)]
fn residual(blocks: Pair) -> Pair {
    let across = inverse_butterfly(turned(blocks));
    let mut rows = inverse_butterfly(turned(across));
    for row in &mut rows {
        *row = (*row + i16x8::splat(32)) >> 6;
    }
    rows
}

/// Whether numbers could leave 16 bits on the way: none is larger than the sum of magnitudes.
#[inline(always)]
fn is_large([a, b, c, d]: [i16x8; 4]) -> bool {
    let sum = magnitude(a)
        .saturating_add(magnitude(b))
        .saturating_add(magnitude(c))
        .saturating_add(magnitude(d));
    sum.dot(i16x8::splat(1)).reduce_add() > 32_000
}

#[inline(always)]
fn magnitude(lanes: i16x8) -> i16x8 {
    lanes.max(i16x8::ZERO.saturating_sub(lanes))
}

#[inline(always)]
fn inverse_butterfly([a, b, c, d]: Pair) -> Pair {
    let (even, even_less) = (a + c, a - c);
    let (odd, odd_less) = (b + (d >> 1), (b >> 1) - d);
    [
        even + odd,
        even_less + odd_less,
        even_less - odd_less,
        even - odd,
    ]
}

/// As [`inverse`] in 32 bits. The encoder keeps the first pass in 16 bits.
#[cold]
fn inverse_large(
    mem: &mut [u8],
    (out, out_stride): (i64, i64),
    (prediction, stride): (i64, i64),
    coefficients: i64,
) -> Checked {
    let mut block = load::<4, 4>(mem, prediction, stride)?;
    let coefficients = load_i16::<16>(mem, coefficients)?;
    let mut rows = [[0; 4]; 4];
    for (row, line) in rows.iter_mut().zip(coefficients.as_chunks::<4>().0) {
        *row = inverse_line(line.map(i32::from)).map(|value| i32::from(value as i16));
    }
    for x in 0..4 {
        let column = inverse_line([rows[0][x], rows[1][x], rows[2][x], rows[3][x]]);
        for (row, value) in block.iter_mut().zip(column) {
            row[x] = (i32::from(row[x]) + ((value + 32) >> 6)).clamp(0, 255) as u8;
        }
    }
    store(mem, out, out_stride, &block)
}

fn inverse_line([a, b, c, d]: [i32; 4]) -> [i32; 4] {
    let (even, even_less) = (a + c, a - c);
    let (odd, odd_less) = (b + (d >> 1), (b >> 1) - d);
    [
        even + odd,
        even_less + odd_less,
        even_less - odd_less,
        even - odd,
    ]
}

#[inline(always)]
fn hadamard([a, b, c, d]: [i32; 4]) -> [i32; 4] {
    let (outer, inner) = (a + d, b + c);
    let (outer_less, inner_less) = (a - d, b - c);
    [
        outer + inner,
        outer_less + inner_less,
        outer - inner,
        outer_less - inner_less,
    ]
}

#[inline(always)]
fn hadamard_i16([a, b, c, d]: [i16; 4]) -> [i16; 4] {
    let (even, even_less) = (a.wrapping_add(c), a.wrapping_sub(c));
    let (odd, odd_less) = (b.wrapping_add(d), b.wrapping_sub(d));
    [
        even.wrapping_add(odd),
        even_less.wrapping_add(odd_less),
        even_less.wrapping_sub(odd_less),
        even.wrapping_sub(odd),
    ]
}
