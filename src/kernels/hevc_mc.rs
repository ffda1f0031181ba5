//! Prediction from other pictures in HEVC (ITU-T H.265, 8.5.3.3.3 and 8.5.3.3.4.2), 8 bits a sample.
//!
//! Predicted samples have 14 bits until they are rounded, alone or as the mean of two predictions.
//! Those in between lie in rows of 64.

use super::Trap;
use super::fir::{Strip, across, down, height, rows_around, strips};
use super::guest::{Checked, Ptr, bytes, bytes_mut, shorts, slice_mut};
use super::scale::put_shorts;

/// Bytes from one row of 14-bit samples to the next.
const ROW: i64 = 2 * 64;

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

/// A prediction's samples, before rounding: `T` taps, or none for whole samples.
#[derive(Clone, Copy)]
struct Source<const T: usize, const ACROSS: bool, const DOWN: bool> {
    strip: Strip,
    across: [i16; T],
    down: [i16; T],
}

impl<const T: usize, const ACROSS: bool, const DOWN: bool> Source<T, ACROSS, DOWN> {
    #[inline(always)]
    fn new(src: Ptr, stride: i32, rows: i32, x: i32, y: i32) -> Checked<Self> {
        let strip = Strip {
            at: src.into(),
            stride: stride.into(),
            height: height(rows)?,
        };
        let weights = |at: i32| {
            let mut weights = [0; T];
            let at = at.cast_unsigned() as usize;
            if T == 8 {
                weights.copy_from_slice(&LUMA[at % 4]);
            } else {
                weights.copy_from_slice(&CHROMA[at % 8][..T]);
            }
            weights
        };
        Ok(Self {
            strip,
            across: weights(x),
            down: weights(y),
        })
    }

    /// Computes the strip from column `x` on and hands out its rows.
    #[inline(always)]
    fn each_row<const N: usize>(
        self,
        mem: &mut [u8],
        x: usize,
        mut emit: impl FnMut(&mut [u8], i64, [i16; N]) -> Checked,
    ) -> Checked {
        let strip = Strip {
            at: self.strip.at + x as i64,
            ..self.strip
        };
        let along = |mem: &[u8], at| -> Checked<[i16; N]> {
            Ok(across::<N, T>(mem, at, &self.across)?.map(|sum| sum as i16))
        };
        match (ACROSS, DOWN) {
            (true, true) => {
                let rows = rows_around::<N, T, i16>(strip, &self.down, 0, |at| along(mem, at))?;
                for y in 0..strip.height {
                    let sums = down(&rows[y..y + T], &self.down);
                    emit(mem, y as i64, sums.map(|sum| (sum >> 6) as i16))?;
                }
            }
            (false, true) => {
                let rows =
                    rows_around::<N, T, u8>(strip, &self.down, 0, |at| bytes(mem, at).copied())?;
                for y in 0..strip.height {
                    let sums = down(&rows[y..y + T], &self.down);
                    emit(mem, y as i64, sums.map(|sum| sum as i16))?;
                }
            }
            _ => {
                for y in 0..strip.height as i64 {
                    let at = strip.at + y * strip.stride;
                    let values = if ACROSS {
                        along(mem, at)?
                    } else {
                        bytes::<N>(mem, at)?.map(|sample| i16::from(sample) << 6)
                    };
                    emit(mem, y, values)?;
                }
            }
        }
        Ok(())
    }
}

/// Stores the samples with their 14 bits.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
pub(super) fn put<const T: usize, const ACROSS: bool, const DOWN: bool>(
    mem: &mut [u8],
    dst: Ptr,
    src: Ptr,
    stride: i32,
    rows: i32,
    x: i32,
    y: i32,
    width: i32,
) -> Checked {
    let source = Source::<T, ACROSS, DOWN>::new(src, stride, rows, x, y)?;
    bounded(width)?;
    strips!(width, |x, N| {
        source.each_row::<N>(mem, x, |mem, y, values| {
            let at = i64::from(dst) + y * ROW + 2 * x as i64;
            put_shorts(slice_mut(mem, at, 2 * N)?, &values);
            Ok(())
        })?
    });
    Ok(())
}

/// Rounds the samples of one prediction.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
pub(super) fn one<const T: usize, const ACROSS: bool, const DOWN: bool>(
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
    let source = Source::<T, ACROSS, DOWN>::new(src, stride, rows, x, y)?;
    bounded(width)?;
    strips!(width, |x, N| {
        source.each_row::<N>(mem, x, |mem, y, values| {
            let at = i64::from(dst) + y * i64::from(dst_stride) + x as i64;
            let samples = values.map(|value| ((i32::from(value) + 32) >> 6).clamp(0, 255) as u8);
            *bytes_mut(mem, at)? = samples;
            Ok(())
        })?
    });
    Ok(())
}

/// Rounds the mean of this prediction and another one, `other`, that was stored before.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
pub(super) fn two<const T: usize, const ACROSS: bool, const DOWN: bool>(
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
    let source = Source::<T, ACROSS, DOWN>::new(src, stride, rows, x, y)?;
    bounded(width)?;
    strips!(width, |x, N| {
        source.each_row::<N>(mem, x, |mem, y, values| {
            let [others] = shorts::<N, 1>(mem, i64::from(other) + y * ROW + 2 * x as i64)?;
            let at = i64::from(dst) + y * i64::from(dst_stride) + x as i64;
            let mut samples = [0; N];
            for i in 0..N {
                let sum = i32::from(values[i]) + i32::from(others[i]) + 64;
                samples[i] = (sum >> 7).clamp(0, 255) as u8;
            }
            *bytes_mut(mem, at)? = samples;
            Ok(())
        })?
    });
    Ok(())
}

/// Blocks are at most 64 columns wide.
#[inline(always)]
fn bounded(width: i32) -> Checked {
    if width > 64 {
        Err(Trap::MemoryOutOfBounds)
    } else {
        Ok(())
    }
}
