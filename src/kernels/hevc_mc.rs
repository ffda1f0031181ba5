//! Prediction from other pictures in HEVC (ITU-T H.265, 8.5.3.3.3 and 8.5.3.3.4), 8 bits a sample.
//!
//! Predicted samples have 14 bits until they are rounded, alone or with those of another prediction,
//! with or without weights. Those in between lie in rows of 64.

#![expect(
    clippy::needless_range_loop,
    reason = "adapters of iterators are not inlined into the wide context"
)]

use fearless_simd::prelude::*;
use fearless_simd::{i16x8, i16x16};

use super::Trap;
use super::fir::{Picture, across, down, height, spread, strips};
use super::guest::{Checked, Ptr};
use super::hevc_output::{Alone, Kept, Mean, Output, Weighted, WeightedMean};
use super::simd::{Lanes, load};

/// Luma has 8 taps at quarters of a sample (table 8-11).
const LUMA: [[i16; 8]; 4] = [
    [0, 0, 0, 64, 0, 0, 0, 0],
    [-1, 4, -10, 58, 17, -5, 1, 0],
    [-1, 4, -11, 40, 40, -11, 4, -1],
    [0, 1, -5, 17, 58, -10, 4, -1],
];

/// Chroma has 4 taps at eighths (table 8-12).
const CHROMA: [[i16; 4]; 8] = [
    [0, 64, 0, 0],
    [-2, 58, 10, -2],
    [-4, 54, 16, -2],
    [-6, 46, 28, -4],
    [-4, 36, 36, -4],
    [-4, 28, 46, -6],
    [-2, 16, 54, -4],
    [-2, 10, 58, -2],
];

/// Stores the samples with their 14 bits.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
pub(super) fn put<S: Simd, const T: usize, const ACROSS: bool, const DOWN: bool>(
    simd: S,
    mem: &mut [u8],
    dst: Ptr,
    src: Ptr,
    stride: i32,
    rows: i32,
    x: i32,
    y: i32,
    width: i32,
) -> Checked {
    let block = Block::<T, ACROSS, DOWN>::new(src, stride, rows, x, y, width)?;
    block.run(simd, mem, Kept(dst))
}

/// Rounds the samples of one prediction.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
pub(super) fn one<S: Simd, const T: usize, const ACROSS: bool, const DOWN: bool>(
    simd: S,
    mem: &mut [u8],
    dst: Ptr,
    dst_stride: i32,
    src: Ptr,
    stride: i32,
    rows: i32,
    x: i32,
    y: i32,
    width: i32,
) -> Checked {
    let block = Block::<T, ACROSS, DOWN>::new(src, stride, rows, x, y, width)?;
    block.run(simd, mem, Alone(Picture::new(dst, dst_stride)))
}

/// Rounds the mean of this prediction and `other`.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
pub(super) fn two<S: Simd, const T: usize, const ACROSS: bool, const DOWN: bool>(
    simd: S,
    mem: &mut [u8],
    dst: Ptr,
    dst_stride: i32,
    src: Ptr,
    stride: i32,
    other: Ptr,
    rows: i32,
    x: i32,
    y: i32,
    width: i32,
) -> Checked {
    let block = Block::<T, ACROSS, DOWN>::new(src, stride, rows, x, y, width)?;
    block.run(simd, mem, Mean(Picture::new(dst, dst_stride), other))
}

/// Weights the samples of one prediction.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
pub(super) fn one_weighted<S: Simd, const T: usize, const ACROSS: bool, const DOWN: bool>(
    simd: S,
    mem: &mut [u8],
    dst: Ptr,
    dst_stride: i32,
    src: Ptr,
    stride: i32,
    rows: i32,
    denominator: i32,
    weight: i32,
    offset: i32,
    x: i32,
    y: i32,
    width: i32,
) -> Checked {
    let block = Block::<T, ACROSS, DOWN>::new(src, stride, rows, x, y, width)?;
    let shift = shift(denominator)?;
    let output = Weighted {
        dst: Picture::new(dst, dst_stride),
        weight,
        rounding: 1 << (shift - 1),
        shift,
        offset,
    };
    block.run(simd, mem, output)
}

/// Weights the samples of this prediction and of `other`.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
pub(super) fn two_weighted<S: Simd, const T: usize, const ACROSS: bool, const DOWN: bool>(
    simd: S,
    mem: &mut [u8],
    dst: Ptr,
    dst_stride: i32,
    src: Ptr,
    stride: i32,
    other: Ptr,
    rows: i32,
    denominator: i32,
    weight_other: i32,
    weight_own: i32,
    offset_other: i32,
    offset_own: i32,
    x: i32,
    y: i32,
    width: i32,
) -> Checked {
    let block = Block::<T, ACROSS, DOWN>::new(src, stride, rows, x, y, width)?;
    let shift = shift(denominator)?;
    let output = WeightedMean {
        dst: Picture::new(dst, dst_stride),
        other,
        weights: [weight_other, weight_own],
        rounding: offset_other.wrapping_add(offset_own).wrapping_add(1) << shift,
        shift: shift + 1,
    };
    block.run(simd, mem, output)
}

/// The shift that takes weighted samples of 14 bits to 8; denominators are at most 7.
#[inline(always)]
fn shift(denominator: i32) -> Checked<u32> {
    match denominator {
        0..=7 => Ok(denominator.cast_unsigned() + 6),
        _ => Err(Trap::MemoryOutOfBounds),
    }
}

/// A prediction's samples: `T` taps in the directions that have a filter.
#[derive(Clone, Copy)]
struct Block<const T: usize, const ACROSS: bool, const DOWN: bool> {
    src: Picture,
    rows: i64,
    width: i32,
    across: [i16; T],
    down: [i16; T],
}

impl<const T: usize, const ACROSS: bool, const DOWN: bool> Block<T, ACROSS, DOWN> {
    #[inline(always)]
    fn new(src: Ptr, stride: i32, rows: i32, x: i32, y: i32, width: i32) -> Checked<Self> {
        if width > 64 {
            return Err(Trap::MemoryOutOfBounds);
        }
        Ok(Self {
            src: Picture::new(src, stride),
            rows: height(rows)?,
            width,
            across: weights(x),
            down: weights(y),
        })
    }

    #[inline(always)]
    fn run<S: Simd, O: Output<S>>(self, simd: S, mem: &mut [u8], output: O) -> Checked {
        strips!(
            self.width,
            x,
            strip::<S, _, _, O, T, ACROSS, DOWN>(simd, mem, self, x, output)
        );
        Ok(())
    }
}

#[inline(always)]
fn weights<const T: usize>(at: i32) -> [i16; T] {
    let mut weights = [0; T];
    let at = at.cast_unsigned() as usize;
    if T == 8 {
        weights.copy_from_slice(&LUMA[at % 4]);
    } else {
        weights.copy_from_slice(&CHROMA[at % 8][..T]);
    }
    weights
}

#[inline(always)]
fn strip<
    S: Simd,
    V: Lanes<S>,
    const N: usize,
    O: Output<S>,
    const T: usize,
    const ACROSS: bool,
    const DOWN: bool,
>(
    simd: S,
    mem: &mut [u8],
    block: Block<T, ACROSS, DOWN>,
    x: usize,
    output: O,
) -> Checked {
    let src = block.src.column(x);
    let x = x as i64;
    let zero = V::simd_from(simd, 0);
    let weights_across = spread::<S, V, T>(simd, &block.across);
    if !DOWN {
        for y in 0..block.rows {
            let samples = row::<S, V, N, T, ACROSS>(simd, mem, src.row(y), &weights_across)?;
            let samples = if ACROSS { samples } else { samples << 6 };
            output.short::<V, N>(simd, mem, x, y, samples)?;
        }
        return Ok(());
    }
    let mut rows = [zero; T];
    for k in 1..T {
        rows[k] = row::<S, V, N, T, ACROSS>(
            simd,
            mem,
            src.row(k as i64 - T as i64 / 2),
            &weights_across,
        )?;
    }
    if !ACROSS {
        let weights_down = spread::<S, V, T>(simd, &block.down);
        for y in 0..block.rows {
            for k in 1..T {
                rows[k - 1] = rows[k];
            }
            rows[T - 1] =
                row::<S, V, N, T, ACROSS>(simd, mem, src.row(y + T as i64 / 2), &weights_across)?;
            let samples = down::<S, V, T>(&rows, &weights_down, zero);
            output.short::<V, N>(simd, mem, x, y, samples)?;
        }
        return Ok(());
    }
    // Two rows each, lane by lane, for the sums of products in 32 bits.
    let mut pairs = [(zero, zero); T];
    for k in 2..T {
        pairs[k] = (rows[k - 1].zip_low(rows[k]), rows[k - 1].zip_high(rows[k]));
    }
    let mut last = rows[T - 1];
    let mut weights_down = [zero; T];
    for k in (0..T).step_by(2) {
        weights_down[k] =
            V::simd_from(simd, block.down[k]).zip_low(V::simd_from(simd, block.down[k + 1]));
    }
    for y in 0..block.rows {
        for k in 2..T {
            pairs[k - 1] = pairs[k];
        }
        let next =
            row::<S, V, N, T, ACROSS>(simd, mem, src.row(y + T as i64 / 2), &weights_across)?;
        pairs[T - 1] = (last.zip_low(next), last.zip_high(next));
        last = next;
        let mut low = pairs[1].0.pairwise_dot_product(weights_down[0]);
        let mut high = pairs[1].1.pairwise_dot_product(weights_down[0]);
        for k in (2..T).step_by(2) {
            low += pairs[k + 1].0.pairwise_dot_product(weights_down[k]);
            high += pairs[k + 1].1.pairwise_dot_product(weights_down[k]);
        }
        output.long::<V, N>(simd, mem, x, y, (low >> 6, high >> 6))?;
    }
    Ok(())
}

/// Samples of a row, filtered if there is a filter across.
#[inline(always)]
fn row<S: Simd, V: Lanes<S>, const N: usize, const T: usize, const ACROSS: bool>(
    simd: S,
    mem: &[u8],
    at: i64,
    weights: &[V; T],
) -> Checked<V> {
    if ACROSS {
        across::<S, V, N, T>(simd, mem, at, weights, V::simd_from(simd, 0))
    } else {
        load::<S, V, N>(simd, mem, at)
    }
}
