//! Transform, quantisation and reconstruction of openh264's encoder: ITU-T H.264 clause 8.5 and its
//! forward counterparts, in the 16-bit arithmetic of the encoder, which wraps.

use wide::i16x8;

use super::Trap;
use super::block::{load, load_i16, load_lanes, store, store_i16, store_i32, store_lanes};
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

/// `pfQuantizationHadamard2x2Skip`: `int32_t (int16_t *blocks, int16_t bias, int16_t factor)`,
/// whether any chroma DC level would not be zero.
#[inline(always)]
pub(super) fn chroma_dc_matters(
    mem: &mut [u8],
    blocks: Ptr,
    bias: i32,
    factor: i32,
) -> Checked<i32> {
    let (bias, factor) = (i32::from(bias as i16), i32::from(factor as i16));
    let values = chroma_dc(mem, i64::from(blocks))?;
    let reciprocal = 0xFFFF_i32.checked_div(factor).ok_or(Trap::DivisionByZero)?;
    let threshold = i32::from((reciprocal - bias) as i16);
    Ok(i32::from(
        values
            .iter()
            .any(|&value| i32::from(value).abs() > threshold),
    ))
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

/// `pfScan4x4`: `void (int16_t levels[16], int16_t coefficients[16])`, the zigzag scan.
#[inline(always)]
pub(super) fn scan(mem: &mut [u8], levels: Ptr, coefficients: Ptr) -> Checked {
    let coefficients = load_i16::<16>(mem, i64::from(coefficients))?;
    store_i16(
        mem,
        i64::from(levels),
        &ZIGZAG.map(|index| coefficients[index]),
    )?;
    Ok(())
}

/// `pfScan4x4Ac`: as [`scan`] without the first coefficient, and a zero at the end.
#[inline(always)]
pub(super) fn scan_ac(mem: &mut [u8], levels: Ptr, coefficients: Ptr) -> Checked {
    let coefficients = load_i16::<16>(mem, i64::from(coefficients))?;
    let scanned: [i16; 16] =
        std::array::from_fn(|index| ZIGZAG.get(index + 1).map_or(0, |&from| coefficients[from]));
    store_i16(mem, i64::from(levels), &scanned)?;
    Ok(())
}

/// `pfGetNoneZeroCount`: `int32_t (int16_t levels[16])`.
#[inline(always)]
pub(super) fn count(mem: &mut [u8], levels: Ptr) -> Checked<i32> {
    let levels = load_i16::<16>(mem, i64::from(levels))?;
    Ok(levels.iter().map(|&level| i32::from(level != 0)).sum())
}

/// `pfCalculateSingleCtr4x4`: `int32_t (int16_t levels[16])`, the cost of single levels by the zeros
/// before them.
#[inline(always)]
pub(super) fn single_cost(mem: &mut [u8], levels: Ptr) -> Checked<i32> {
    let levels = load_i16::<16>(mem, i64::from(levels))?;
    let (mut cost, mut zeros) = (0, 0_usize);
    for level in levels {
        if level == 0 {
            zeros += 1;
        } else {
            cost += [3, 2, 2, 1, 1, 1].get(zeros).copied().unwrap_or(0);
            zeros = 0;
        }
    }
    Ok(cost)
}

/// `pfCavlcParamCal`: `int32_t (int16_t *coefficients, uint8_t *runs, int16_t *levels,
/// int32_t *levels_number, int32_t last)`: the levels from the last to the first with the zeros
/// before each, and how many zeros there are in total.
#[inline(always)]
pub(super) fn runs(
    mem: &mut [u8],
    coefficients: Ptr,
    runs: Ptr,
    levels: Ptr,
    number: Ptr,
    last: i32,
) -> Checked<i32> {
    let (mut found, mut zeros, mut total) = (0_i64, 0_i32, 0_i32);
    let mut index = i64::from(last);
    while index >= 0 {
        let [value] = load_i16::<1>(mem, i64::from(coefficients) + 2 * index)?;
        index -= 1;
        if value == 0 {
            zeros += 1;
            continue;
        }
        if found > 0 {
            *bytes_mut(mem, i64::from(runs) + found - 1)? = [zeros as u8];
            total += zeros;
        }
        zeros = 0;
        store_i16(mem, i64::from(levels) + 2 * found, &[value])?;
        found += 1;
    }
    if found > 0 {
        *bytes_mut(mem, i64::from(runs) + found - 1)? = [zeros as u8];
        total += zeros;
    }
    store_i32(mem, i64::from(number), found as i32)?;
    Ok(total)
}

/// The order of coefficients of a frame macroblock: table 8-2 of the standard, as indices into rows.
const ZIGZAG: [usize; 16] = [0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15];

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
