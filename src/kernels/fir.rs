//! Filters of a few taps over blocks of 8-bit samples, in one direction or both: the core of motion
//! compensation in VP8, VP9 and HEVC.
//!
//! Blocks are worked on in strips of `N` columns, which is what the compiler makes vectors of.

use super::Trap;
use super::guest::{Checked, Ptr, bytes, bytes_mut, slice};

/// Rows of the highest block, and of what the longest filter needs around it.
pub(super) const MAX_ROWS: usize = 64 + 7;

/// A strip of a picture and how much of it is wanted.
#[derive(Clone, Copy)]
pub(super) struct Strip {
    pub(super) at: i64,
    pub(super) stride: i64,
    pub(super) height: usize,
}

/// Cuts a block into strips of 16, 8, 4 and 2 columns: calls `$each` with the width as a constant
/// and the first column.
macro_rules! strips {
    ($width:expr, |$x:ident, $n:ident| $each:expr) => {{
        let width = usize::try_from($width).unwrap_or(0);
        let mut $x = 0;
        while $x < width {
            match width - $x {
                16.. => {
                    const $n: usize = 16;
                    $each;
                    $x += $n;
                }
                8.. => {
                    const $n: usize = 8;
                    $each;
                    $x += $n;
                }
                4.. => {
                    const $n: usize = 4;
                    $each;
                    $x += $n;
                }
                _ => {
                    const $n: usize = 2;
                    $each;
                    $x += $n;
                }
            }
        }
    }};
}
pub(super) use strips;

/// A height that blocks can have.
#[inline(always)]
pub(super) fn height(height: i32) -> Checked<usize> {
    match usize::try_from(height) {
        Ok(height) if height <= 64 => Ok(height),
        _ => Err(Trap::MemoryOutOfBounds),
    }
}

/// Sums along a row, around the samples from `at` on.
#[inline(always)]
pub(super) fn across<const N: usize, const T: usize>(
    mem: &[u8],
    at: i64,
    weights: &[i16; T],
) -> Checked<[i32; N]> {
    let samples = slice(mem, at - (T as i64 / 2 - 1), N + T - 1)?;
    let mut sums = [0i32; N];
    for (k, weight) in weights.iter().enumerate() {
        for (sum, sample) in sums.iter_mut().zip(&samples[k..k + N]) {
            *sum = sum.wrapping_add(i32::from(i16::from(*sample)) * i32::from(*weight));
        }
    }
    Ok(sums)
}

/// Sums across rows.
#[inline(always)]
pub(super) fn down<const N: usize, const T: usize, V: Copy + Into<i32>>(
    rows: &[[V; N]],
    weights: &[i16; T],
) -> [i32; N] {
    let mut sums = [0i32; N];
    for (row, weight) in rows.iter().zip(weights) {
        for (sum, sample) in sums.iter_mut().zip(row) {
            let sample: i32 = (*sample).into();
            *sum = sum.wrapping_add(sample.wrapping_mul(i32::from(*weight)));
        }
    }
    sums
}

/// The rows that a filter down a strip needs. Rows with no weight are not read: they may lie outside
/// the picture.
#[inline(always)]
pub(super) fn rows_around<const N: usize, const T: usize, V: Copy>(
    strip: Strip,
    weights: &[i16; T],
    zero: V,
    mut row: impl FnMut(i64) -> Checked<[V; N]>,
) -> Checked<[[V; N]; MAX_ROWS]> {
    let unused = |taps: &mut dyn Iterator<Item = &i16>| taps.take_while(|tap| **tap == 0).count();
    let first = unused(&mut weights.iter());
    let last = (strip.height + T - 1).saturating_sub(unused(&mut weights.iter().rev()));
    let mut rows = [[zero; N]; MAX_ROWS];
    let top = strip.at - (T as i64 / 2 - 1) * strip.stride;
    for (y, values) in rows.iter_mut().enumerate().take(last).skip(first) {
        *values = row(top + y as i64 * strip.stride)?;
    }
    Ok(rows)
}

/// Prediction in VP8 (RFC 6386, 18.3) and VP9 (bitstream specification, 8.5.2.3): filters of `T`
/// taps in units of 1/128, each direction rounded to samples. `AVG` averages with what is there.
#[inline(always)]
#[expect(
    clippy::too_many_arguments,
    reason = "two pictures, a size and two filters"
)]
pub(super) fn predict<const T: usize, const AVG: bool, const ACROSS: bool, const DOWN: bool>(
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
    let rows = height(rows)?;
    let weights_across = if ACROSS {
        taps::<T>(mem, filter_across)?
    } else {
        [0; T]
    };
    let weights_down = if DOWN {
        taps::<T>(mem, filter_down)?
    } else {
        [0; T]
    };
    if width > 64 {
        return Err(Trap::MemoryOutOfBounds);
    }
    strips!(width, |x, N| {
        let strip = Strip {
            at: i64::from(src) + x as i64,
            stride: src_stride.into(),
            height: rows,
        };
        let lines = if DOWN {
            Some(rows_around::<N, T, u8>(strip, &weights_down, 0, |at| {
                if ACROSS {
                    Ok(round(across::<N, T>(mem, at, &weights_across)?))
                } else {
                    bytes(mem, at).copied()
                }
            })?)
        } else {
            None
        };
        for y in 0..rows {
            let values: [u8; N] = match &lines {
                Some(lines) => round(down(&lines[y..y + T], &weights_down)),
                None => round(across(
                    mem,
                    strip.at + y as i64 * strip.stride,
                    &weights_across,
                )?),
            };
            let at = i64::from(dst) + x as i64 + y as i64 * i64::from(dst_stride);
            let out: &mut [u8; N] = bytes_mut(mem, at)?;
            for (out, value) in out.iter_mut().zip(values) {
                *out = if AVG {
                    ((u16::from(*out) + u16::from(value) + 1) >> 1) as u8
                } else {
                    value
                };
            }
        }
    });
    Ok(())
}

#[inline(always)]
fn round<const N: usize>(sums: [i32; N]) -> [u8; N] {
    sums.map(|sum| (sum.wrapping_add(64) >> 7).clamp(0, 255) as u8)
}

#[inline(always)]
fn taps<const T: usize>(mem: &[u8], at: Ptr) -> Checked<[i16; T]> {
    let [weights] = super::guest::shorts::<T, 1>(mem, at.into())?;
    Ok(weights)
}
