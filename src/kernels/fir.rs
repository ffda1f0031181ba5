//! Filters of a few taps over blocks of 8-bit samples, in one direction or both: the core of motion
//! compensation in VP8, VP9 and HEVC.
//!
//! Blocks are worked on in strips of up to 16 columns, one lane for each.

#![expect(
    clippy::needless_range_loop,
    reason = "adapters of iterators are not inlined into the wide context"
)]

use fearless_simd::{Simd, i16x8, i16x16};

use super::Trap;
use super::guest::{Checked, Ptr, bytes, shorts, slice};
use super::simd::{Lanes, load, store};

/// A picture: the address of its first sample, and the way from row to row.
#[derive(Clone, Copy)]
pub(super) struct Picture {
    pub(super) at: i64,
    pub(super) stride: i64,
}

impl Picture {
    #[inline(always)]
    pub(super) fn new(at: Ptr, stride: i32) -> Self {
        Self {
            at: at.into(),
            stride: stride.into(),
        }
    }

    /// The same from column `x` on.
    #[inline(always)]
    pub(super) fn column(self, x: usize) -> Self {
        Self {
            at: self.at + x as i64,
            ..self
        }
    }

    /// The address of a row.
    #[inline(always)]
    pub(super) fn row(self, y: i64) -> i64 {
        self.at + y * self.stride
    }
}

/// Calls a function for each strip of a block, 16, 8, 4 or 2 columns wide, with the type of its
/// lanes and their number first.
macro_rules! strips {
    ($width:expr, $x:ident, $strip:ident::<S, _, _ $(, $generic:tt)*>($($arg:expr),*)) => {{
        let width = usize::try_from($width).unwrap_or(0);
        let mut $x = 0;
        while $x < width {
            match width - $x {
                16.. => {
                    $strip::<S, i16x16<S>, 16, $($generic),*>($($arg),*)?;
                    $x += 16;
                }
                8.. => {
                    $strip::<S, i16x8<S>, 8, $($generic),*>($($arg),*)?;
                    $x += 8;
                }
                4.. => {
                    $strip::<S, i16x8<S>, 4, $($generic),*>($($arg),*)?;
                    $x += 4;
                }
                _ => {
                    $strip::<S, i16x8<S>, 2, $($generic),*>($($arg),*)?;
                    $x += 2;
                }
            }
        }
    }};
}
pub(super) use strips;

/// A height that blocks can have.
#[inline(always)]
pub(super) fn height(height: i32) -> Checked<i64> {
    match height {
        1..=64 => Ok(height.into()),
        _ => Err(Trap::MemoryOutOfBounds),
    }
}

/// Adds sums along a row to `sum`, around the samples from `at` on, in 16 bits that may wrap.
#[inline(always)]
pub(super) fn across<S: Simd, V: Lanes<S>, const N: usize, const T: usize>(
    simd: S,
    mem: &[u8],
    at: i64,
    weights: &[V; T],
    sum: V,
) -> Checked<V> {
    let samples = slice(mem, at - (T as i64 / 2 - 1), N + T - 1)?;
    let mut sum = sum;
    for k in 0..T {
        sum += V::load::<N>(simd, bytes(samples, k as i64)?) * weights[k];
    }
    Ok(sum)
}

/// Adds sums across rows to `sum`, in 16 bits that may wrap.
#[inline(always)]
pub(super) fn down<S: Simd, V: Lanes<S>, const T: usize>(
    rows: &[V; T],
    weights: &[V; T],
    sum: V,
) -> V {
    let mut sum = sum;
    for k in 0..T {
        sum += rows[k] * weights[k];
    }
    sum
}

/// Weights as lanes.
#[inline(always)]
pub(super) fn spread<S: Simd, V: Lanes<S>, const T: usize>(simd: S, weights: &[i16; T]) -> [V; T] {
    let mut lanes = [V::simd_from(simd, 0); T];
    for k in 0..T {
        lanes[k] = V::simd_from(simd, weights[k]);
    }
    lanes
}

/// Sums have this added while they are formed: with it they are positive and fit 16 bits without a
/// sign, for filters whose negative weights sum up to at most 54/128 and the others to 202/128.
const BIAS: i16 = 108 << 7;

/// A prediction in VP8 or VP9.
#[derive(Clone, Copy)]
struct Prediction<const AVG: bool> {
    dst: Picture,
    src: Picture,
    rows: i64,
}

/// Prediction in VP8 (RFC 6386, 18.3): six taps, of which the outer two may be zero. A row or column
/// whose weight is zero is not read: it may lie outside the picture.
#[inline(always)]
#[expect(
    clippy::too_many_arguments,
    reason = "two pictures, a size and two filters"
)]
pub(super) fn predict_vp8<S: Simd, const ACROSS: bool, const DOWN: bool>(
    simd: S,
    mem: &mut [u8],
    dst: Ptr,
    dst_stride: i32,
    src: Ptr,
    src_stride: i32,
    rows: i32,
    width: i32,
    filter_across: Ptr,
    filter_down: Ptr,
) -> Checked {
    let block = Prediction::<false> {
        dst: Picture::new(dst, dst_stride),
        src: Picture::new(src, src_stride),
        rows: height(rows)?,
    };
    let h = taps::<6>(mem, filter_across, ACROSS)?;
    let v = taps::<6>(mem, filter_down, DOWN)?;
    let (h4, v4) = (inner(&h), inner(&v));
    match (ACROSS, DOWN, h[0] | h[5] != 0, v[0] | v[5] != 0) {
        (true, false, false, _) => block.run::<S, 4, 1>(simd, mem, width, &h4, &[0]),
        (true, false, true, _) => block.run::<S, 6, 1>(simd, mem, width, &h, &[0]),
        (false, _, _, false) => block.run::<S, 1, 4>(simd, mem, width, &[0], &v4),
        (false, _, _, true) => block.run::<S, 1, 6>(simd, mem, width, &[0], &v),
        (true, true, false, false) => block.run::<S, 4, 4>(simd, mem, width, &h4, &v4),
        (true, true, false, true) => block.run::<S, 4, 6>(simd, mem, width, &h4, &v),
        (true, true, true, false) => block.run::<S, 6, 4>(simd, mem, width, &h, &v4),
        (true, true, true, true) => block.run::<S, 6, 6>(simd, mem, width, &h, &v),
    }
}

/// Prediction in VP9 (bitstream specification, 8.5.2.3): eight taps. `AVG` averages with what is
/// there.
#[inline(always)]
#[expect(
    clippy::too_many_arguments,
    reason = "two pictures, a size and two filters"
)]
pub(super) fn predict_vp9<S: Simd, const AVG: bool, const ACROSS: bool, const DOWN: bool>(
    simd: S,
    mem: &mut [u8],
    dst: Ptr,
    dst_stride: i32,
    src: Ptr,
    src_stride: i32,
    rows: i32,
    width: i32,
    filter_across: Ptr,
    filter_down: Ptr,
) -> Checked {
    let block = Prediction::<AVG> {
        dst: Picture::new(dst, dst_stride),
        src: Picture::new(src, src_stride),
        rows: height(rows)?,
    };
    let h = taps::<8>(mem, filter_across, ACROSS)?;
    let v = taps::<8>(mem, filter_down, DOWN)?;
    match (ACROSS, DOWN) {
        (true, true) => block.run::<S, 8, 8>(simd, mem, width, &h, &v),
        (true, false) => block.run::<S, 8, 1>(simd, mem, width, &h, &[0]),
        _ => block.run::<S, 1, 8>(simd, mem, width, &[0], &v),
    }
}

impl<const AVG: bool> Prediction<AVG> {
    /// `H` taps across and `V` down; a single one stands for none.
    #[inline(always)]
    fn run<S: Simd, const H: usize, const V: usize>(
        self,
        simd: S,
        mem: &mut [u8],
        width: i32,
        across: &[i16; H],
        down: &[i16; V],
    ) -> Checked {
        if width > 64 {
            return Err(Trap::MemoryOutOfBounds);
        }
        strips!(
            width,
            x,
            strip::<S, _, _, AVG, H, V>(simd, mem, self, x, across, down)
        );
        Ok(())
    }
}

#[inline(always)]
fn strip<S: Simd, L: Lanes<S>, const N: usize, const AVG: bool, const H: usize, const V: usize>(
    simd: S,
    mem: &mut [u8],
    block: Prediction<AVG>,
    x: usize,
    weights_across: &[i16; H],
    weights_down: &[i16; V],
) -> Checked {
    let (src, dst) = (block.src.column(x), block.dst.column(x));
    let weights_across = spread::<S, L, H>(simd, weights_across);
    let weights_down = spread::<S, L, V>(simd, weights_down);
    let bias = L::simd_from(simd, BIAS + 64);
    let mut rows = [L::simd_from(simd, 0); V];
    for k in 1..V {
        rows[k] = row::<S, L, N, H>(simd, mem, src.row(k as i64 - V as i64 / 2), &weights_across)?;
    }
    for y in 0..block.rows {
        for k in 1..V {
            rows[k - 1] = rows[k];
        }
        rows[V - 1] = row::<S, L, N, H>(simd, mem, src.row(y + V as i64 / 2), &weights_across)?;
        let value = if V == 1 {
            rows[0]
        } else {
            rounded(down::<S, L, V>(&rows, &weights_down, bias))
        };
        let at = dst.row(y);
        let value = if AVG {
            (value.max(0).min(255) + load::<S, L, N>(simd, mem, at)? + 1) >> 1
        } else {
            value
        };
        store::<S, L, N>(mem, at, value)?;
    }
    Ok(())
}

/// Samples of a row, filtered if there is a filter across.
#[inline(always)]
fn row<S: Simd, L: Lanes<S>, const N: usize, const H: usize>(
    simd: S,
    mem: &[u8],
    at: i64,
    weights: &[L; H],
) -> Checked<L> {
    if H == 1 {
        return load::<S, L, N>(simd, mem, at);
    }
    let bias = L::simd_from(simd, BIAS + 64);
    let sum = across::<S, L, N, H>(simd, mem, at, weights, bias)?;
    Ok(rounded(sum).max(0).min(255))
}

/// Sums in units of 1/128 without their bias.
#[inline(always)]
fn rounded<S: Simd, V: Lanes<S>>(sums: V) -> V {
    ((sums >> 7) & 0x1ff) - (BIAS >> 7)
}

/// The taps but the first and the last.
#[inline(always)]
fn inner(taps: &[i16; 6]) -> [i16; 4] {
    let &[_, a, b, c, d, _] = taps;
    [a, b, c, d]
}

#[inline(always)]
fn taps<const T: usize>(mem: &[u8], at: Ptr, used: bool) -> Checked<[i16; T]> {
    if !used {
        return Ok([0; T]);
    }
    let [weights] = shorts::<T, 1>(mem, at.into())?;
    Ok(weights)
}
