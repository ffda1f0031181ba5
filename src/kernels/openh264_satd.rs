//! Sums of absolute transformed differences of openh264 (`pfSampleSatd`), and the choice among the
//! three simple intra predictions that is made by them (`pfIntra*Combined3*`).
//!
//! A 4x4 block of differences goes through the Hadamard transform; the cost is half the sum of the
//! magnitudes, which is even. Since |a + b| + |a - b| = 2 max(|a|, |b|), the last butterfly of
//! the transform and the halving are one maximum.

#![expect(
    clippy::too_many_arguments,
    reason = "the parameters are those of the C functions"
)]

use wide::{i16x8, i32x4};

use super::block::{load, store_i32};
use super::guest::{Checked, Ptr, bytes_mut};
use super::lanes::{joined, turn, widen};
use super::openh264_intra as intra;
use super::openh264_sad::difference;
use super::pair::{Pair, turned};

/// `int32_t (uint8_t *a, int32_t a_stride, uint8_t *b, int32_t b_stride)`.
#[inline(always)]
pub(super) fn satd<const W: usize, const H: usize>(
    mem: &mut [u8],
    a: Ptr,
    a_stride: i32,
    b: Ptr,
    b_stride: i32,
) -> Checked<i32> {
    let a = load::<W, H>(mem, i64::from(a), i64::from(a_stride))?;
    let b = load::<W, H>(mem, i64::from(b), i64::from(b_stride))?;
    Ok(transformed::<W, H>(&a, &b))
}

/// The cost of the difference of two blocks, by tiles of 8x8 samples, or of half of that at the most.
#[inline(always)]
pub(super) fn transformed<const W: usize, const H: usize>(
    a: &[[u8; W]; H],
    b: &[[u8; W]; H],
) -> i32 {
    if W == 4 || H == 4 {
        let (a, b) = (two_blocks(a), two_blocks(b));
        let rows = [a[0] - b[0], a[1] - b[1], a[2] - b[2], a[3] - b[3]];
        let [a, b, c, d] = turned(hadamard(rows));
        return last(a, b, c, d).dot(i16x8::splat(1)).reduce_add();
    }
    let mut total = i32x4::ZERO;
    for y in (0..H).step_by(8) {
        for x in (0..W).step_by(8) {
            let mut rows = [i16x8::ZERO; 8];
            for offset in 0..8 {
                let (a, b) = (&a[y + offset], &b[y + offset]);
                rows[offset] = lanes(a, x) - lanes(b, x);
            }
            total += tile(rows);
        }
    }
    total.reduce_add()
}

/// Eight samples of a row.
#[inline(always)]
fn lanes<const W: usize>(row: &[u8; W], x: usize) -> i16x8 {
    let mut eight = [0; 8];
    eight.copy_from_slice(&row[x..x + 8]);
    widen(&eight)
}

/// The first four samples of a row.
#[inline(always)]
fn four<const W: usize>(row: &[u8; W]) -> [u8; 4] {
    let mut four = [0; 4];
    four.copy_from_slice(&row[..4]);
    four
}

/// The rows of one or two blocks of 4x4 samples, beside each other or one below the other; without a second
/// one, its lanes are zero.
#[inline(always)]
fn two_blocks<const W: usize, const H: usize>(block: &[[u8; W]; H]) -> Pair {
    let mut rows = [i16x8::ZERO; 4];
    for y in 0..4 {
        rows[y] = if W >= 8 {
            lanes(&block[y], 0)
        } else {
            let below = if H == 8 { four(&block[y + 4]) } else { [0; 4] };
            widen(&joined(four(&block[y]), below))
        };
    }
    rows
}

/// The cost of the four blocks of a tile of differences, in four parts. A difference fits 9 bits, a
/// coefficient 13, the sum of a lane 14.
#[inline(always)]
fn tile(rows: [i16x8; 8]) -> i32x4 {
    let [a, b, c, d, e, f, g, h] = rows;
    let [a, b, c, d] = hadamard([a, b, c, d]);
    let [e, f, g, h] = hadamard([e, f, g, h]);
    let [a, b, c, d, e, f, g, h] = turn([a, b, c, d, e, f, g, h]);
    let sum = last(a, b, c, d) + last(e, f, g, h);
    sum.dot(i16x8::splat(1))
}

#[inline(always)]
fn hadamard([a, b, c, d]: [i16x8; 4]) -> [i16x8; 4] {
    let (even, odd, even_less, odd_less) = (a + c, b + d, a - c, b - d);
    [
        even + odd,
        even - odd,
        even_less + odd_less,
        even_less - odd_less,
    ]
}

/// The second transform, halved magnitudes summed.
#[inline(always)]
fn last(a: i16x8, b: i16x8, c: i16x8, d: i16x8) -> i16x8 {
    let (even, odd, even_less, odd_less) = (a + c, b + d, a - c, b - d);
    even.abs().max(odd.abs()) + even_less.abs().max(odd_less.abs())
}

/// `int32_t (uint8_t *decoded, int32_t decoded_stride, uint8_t *source, int32_t source_stride,
/// uint8_t *prediction, int32_t *mode, int32_t lambda2, int32_t lambda1, int32_t lambda0)`: the best
/// of mean (2), horizontal (1) and vertical (0), in this order, and its prediction.
#[inline(always)]
pub(super) fn small_of_three(
    mem: &mut [u8],
    at: Ptr,
    stride: i32,
    source: Ptr,
    source_stride: i32,
    to: Ptr,
    mode: Ptr,
    mean: i32,
    horizontal: i32,
    vertical: i32,
) -> Checked<i32> {
    let (at, stride) = (i64::from(at), i64::from(stride));
    let source = load::<4, 4>(mem, i64::from(source), i64::from(source_stride))?;
    let above = intra::above(mem, at, stride)?;
    let left = intra::left(mem, at, stride)?;
    let candidates = [
        (2, of_mean(above, &left), mean),
        (1, of_left(left), horizontal),
        (0, of_above(*above), vertical),
    ];
    let mut best = (i32::MAX, -1, [0; 16]);
    for (number, prediction, lambda) in candidates {
        let cost = transformed::<4, 4>(rows(&prediction), &source).wrapping_add(lambda);
        if cost < best.0 {
            best = (cost, number, prediction);
        }
    }
    *bytes_mut(mem, i64::from(to))? = best.2;
    store_i32(mem, i64::from(mode), best.1)?;
    Ok(best.0)
}

/// 4x4 predictions, row by row.
#[inline(always)]
fn of_above([a, b, c, d]: [u8; 4]) -> [u8; 16] {
    [a, b, c, d, a, b, c, d, a, b, c, d, a, b, c, d]
}

#[inline(always)]
fn of_left([a, b, c, d]: [u8; 4]) -> [u8; 16] {
    [a, a, a, a, b, b, b, b, c, c, c, c, d, d, d, d]
}

#[inline(always)]
fn of_mean(above: &[u8; 4], left: &[u8; 4]) -> [u8; 16] {
    [((intra::sum(above) + intra::sum(left) + 4) >> 3) as u8; 16]
}

/// `int32_t (uint8_t *decoded, int32_t decoded_stride, uint8_t *source, int32_t source_stride,
/// int32_t *mode, int32_t lambda, uint8_t *scratch)`: the best of vertical (0), horizontal (1) and
/// mean (2), in this order. The last prediction is left in the scratch.
#[inline(always)]
pub(super) fn large_of_three<M: Measure>(
    mem: &mut [u8],
    at: Ptr,
    stride: i32,
    source: Ptr,
    source_stride: i32,
    mode: Ptr,
    lambda: i32,
    scratch: Ptr,
) -> Checked<i32> {
    let (at, stride) = (i64::from(at), i64::from(stride));
    let source = load::<16, 16>(mem, i64::from(source), i64::from(source_stride))?;
    let more = lambda.wrapping_mul(2);
    let mean = intra::mean16(mem, at, stride)?;
    let candidates = [
        (0, &intra::vertical::<16, 256>(mem, at, stride)?, 0),
        (1, &intra::horizontal::<16, 256>(mem, at, stride)?, more),
        (2, &mean, more),
    ];
    let mut costs = [(0, 0); 3];
    for (cost, (number, prediction, lambda)) in costs.iter_mut().zip(candidates) {
        let distance = M::cost::<16, 16>(rows(prediction), &source);
        *cost = (number, distance.wrapping_add(lambda));
    }
    *bytes_mut(mem, i64::from(scratch))? = mean;
    answer(mem, i64::from(mode), costs)
}

/// `int32_t (uint8_t *decoded_cb, int32_t decoded_stride, uint8_t *source_cb, int32_t source_stride,
/// int32_t *mode, int32_t lambda, uint8_t *scratch, uint8_t *decoded_cr, uint8_t *source_cr)`: the
/// best of vertical (2), horizontal (1) and mean (0), in this order, for both planes together. The
/// last predictions are left in the scratch.
#[inline(always)]
pub(super) fn chroma_of_three<M: Measure>(
    mem: &mut [u8],
    at: Ptr,
    stride: i32,
    source: Ptr,
    source_stride: i32,
    mode: Ptr,
    lambda: i32,
    scratch: Ptr,
    at_cr: Ptr,
    source_cr: Ptr,
) -> Checked<i32> {
    let (stride, source_stride) = (i64::from(stride), i64::from(source_stride));
    let more = lambda.wrapping_mul(2);
    let mut costs = [(2, more), (1, more), (0, 0)];
    let scratch = i64::from(scratch);
    for (at, source, scratch) in [(at, source, scratch), (at_cr, source_cr, scratch + 64)] {
        let at = i64::from(at);
        let source = load::<8, 8>(mem, i64::from(source), source_stride)?;
        let predictions = [
            intra::vertical::<8, 64>(mem, at, stride)?,
            intra::horizontal::<8, 64>(mem, at, stride)?,
            intra::mean8(mem, at, stride)?,
        ];
        for ((_, cost), prediction) in costs.iter_mut().zip(&predictions) {
            *cost = cost.wrapping_add(M::cost::<8, 8>(rows(prediction), &source));
        }
        let [_, _, mean] = predictions;
        *bytes_mut(mem, scratch)? = mean;
    }
    answer(mem, i64::from(mode), costs)
}

/// How the distance of a prediction from the source is measured.
pub(super) trait Measure {
    /// The distance of two blocks.
    fn cost<const W: usize, const H: usize>(a: &[[u8; W]; H], b: &[[u8; W]; H]) -> i32;
}

/// By absolute differences.
pub(super) struct Plain;

impl Measure for Plain {
    #[inline(always)]
    fn cost<const W: usize, const H: usize>(a: &[[u8; W]; H], b: &[[u8; W]; H]) -> i32 {
        difference(a, b)
    }
}

/// By absolute transformed differences.
pub(super) struct Transformed;

impl Measure for Transformed {
    #[inline(always)]
    fn cost<const W: usize, const H: usize>(a: &[[u8; W]; H], b: &[[u8; W]; H]) -> i32 {
        transformed(a, b)
    }
}

/// The first of the smallest costs; its mode goes to guest memory.
#[inline(always)]
fn answer(mem: &mut [u8], mode: i64, costs: [(i32, i32); 3]) -> Checked<i32> {
    let mut best = (-1, i32::MAX);
    for candidate in costs {
        if candidate.1 < best.1 {
            best = candidate;
        }
    }
    store_i32(mem, mode, best.0)?;
    Ok(best.1)
}

/// A prediction as rows.
#[inline(always)]
fn rows<const W: usize, const H: usize, const N: usize>(block: &[u8; N]) -> &[[u8; W]; H] {
    const { assert!(W * H == N, "the rows make up the block") };
    block
        .as_chunks()
        .0
        .first_chunk()
        .expect("as many rows as the assertion counts")
}
