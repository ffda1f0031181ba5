//! Picture analysis of openh264 before encoding (`VAACalc*`), and its block copies.

#![expect(
    clippy::too_many_arguments,
    reason = "the parameters are those of the C functions"
)]

use wide::{i16x8, i32x4};

use super::Trap;
use super::block::store_i32;
use super::guest::{Checked, Ptr, bytes, bytes_mut, slice_mut};
use super::lanes::widen_both;

/// `VAACalcSad_c`: `void (const uint8_t *now, const uint8_t *before, int32_t width, int32_t height,
/// int32_t stride, int32_t *frame, int32_t *sad)`: the absolute differences of every 8x8 block, four
/// for each macroblock, and their sum.
#[inline(always)]
pub(super) fn differences(
    mem: &mut [u8],
    now: Ptr,
    before: Ptr,
    width: i32,
    height: i32,
    stride: i32,
    frame: Ptr,
    sad: Ptr,
) -> Checked {
    let picture = Picture::new(now, before, width, height, stride);
    let outputs = Outputs {
        sad,
        ..Outputs::default()
    };
    picture.walk::<false, false, false>(mem, frame, outputs)
}

/// `VAACalcSadVar_c`: as [`differences`], then `int32_t *sum, int32_t *squares` of the samples of
/// each macroblock.
#[inline(always)]
pub(super) fn differences_and_variance(
    mem: &mut [u8],
    now: Ptr,
    before: Ptr,
    width: i32,
    height: i32,
    stride: i32,
    frame: Ptr,
    sad: Ptr,
    sum: Ptr,
    squares: Ptr,
) -> Checked {
    let picture = Picture::new(now, before, width, height, stride);
    let outputs = Outputs {
        sad,
        sum,
        squares,
        ..Outputs::default()
    };
    picture.walk::<true, false, false>(mem, frame, outputs)
}

/// `VAACalcSadSsd_c`: as [`differences_and_variance`], then `int32_t *squared` differences.
#[inline(always)]
pub(super) fn differences_and_squares(
    mem: &mut [u8],
    now: Ptr,
    before: Ptr,
    width: i32,
    height: i32,
    stride: i32,
    frame: Ptr,
    sad: Ptr,
    sum: Ptr,
    squares: Ptr,
    squared: Ptr,
) -> Checked {
    let picture = Picture::new(now, before, width, height, stride);
    let outputs = Outputs {
        sad,
        sum,
        squares,
        squared,
        ..Outputs::default()
    };
    picture.walk::<true, true, false>(mem, frame, outputs)
}

/// `VAACalcSadBgd_c`: as [`differences`], then `int32_t *sd, uint8_t *mad`, the signed difference and
/// the largest absolute one of each block.
#[inline(always)]
pub(super) fn differences_and_background(
    mem: &mut [u8],
    now: Ptr,
    before: Ptr,
    width: i32,
    height: i32,
    stride: i32,
    frame: Ptr,
    sad: Ptr,
    sd: Ptr,
    mad: Ptr,
) -> Checked {
    let picture = Picture::new(now, before, width, height, stride);
    let outputs = Outputs {
        sad,
        sd,
        mad,
        ..Outputs::default()
    };
    picture.walk::<false, false, true>(mem, frame, outputs)
}

/// `VAACalcSadSsdBgd_c`: as [`differences_and_squares`], then as [`differences_and_background`].
#[inline(always)]
pub(super) fn differences_and_all(
    mem: &mut [u8],
    now: Ptr,
    before: Ptr,
    width: i32,
    height: i32,
    stride: i32,
    frame: Ptr,
    sad: Ptr,
    sum: Ptr,
    squares: Ptr,
    squared: Ptr,
    sd: Ptr,
    mad: Ptr,
) -> Checked {
    let picture = Picture::new(now, before, width, height, stride);
    let outputs = Outputs {
        sad,
        sum,
        squares,
        squared,
        sd,
        mad,
    };
    picture.walk::<true, true, true>(mem, frame, outputs)
}

/// `pfGetVarianceFromIntraVaa`: `int32_t (uint8_t *block, const int32_t stride)`, the variance of the
/// means of the sixteen 4x4 blocks of a macroblock.
#[inline(always)]
pub(super) fn variance(mem: &mut [u8], at: Ptr, stride: i32) -> Checked<i32> {
    let (mut sum, mut squares) = (0, 0);
    let mut at = i64::from(at);
    for _ in 0..4 {
        let mut columns = [i16x8::ZERO; 2];
        for _ in 0..4 {
            let [left, right] = widen_both(bytes(mem, at)?);
            columns = [columns[0] + left, columns[1] + right];
            at += i64::from(stride);
        }
        for half in columns {
            let [a, b, c, d] = half.dot(i16x8::splat(1)).to_array();
            for mean in [(a + b) >> 4, (c + d) >> 4] {
                sum += mean;
                squares += mean * mean;
            }
        }
    }
    Ok(squares - ((sum * sum) >> 4))
}

/// `pfCopy*`: `void (uint8_t *to, int32_t to_stride, uint8_t *from, int32_t from_stride)`.
#[inline(always)]
pub(super) fn copy<const W: usize, const H: usize>(
    mem: &mut [u8],
    to: Ptr,
    to_stride: i32,
    from: Ptr,
    from_stride: i32,
) -> Checked {
    let (mut to, mut from) = (i64::from(to), i64::from(from));
    for _ in 0..H {
        let row: [u8; W] = *bytes(mem, from)?;
        *bytes_mut(mem, to)? = row;
        to += i64::from(to_stride);
        from += i64::from(from_stride);
    }
    Ok(())
}

/// Where the counts go; 0 for what is not wanted.
#[derive(Clone, Copy, Default)]
struct Outputs {
    sad: Ptr,
    sum: Ptr,
    squares: Ptr,
    squared: Ptr,
    sd: Ptr,
    mad: Ptr,
}

/// Two pictures of one size.
struct Picture {
    now: i64,
    before: i64,
    width: i64,
    height: i64,
    stride: i64,
}

impl Picture {
    #[inline(always)]
    fn new(now: Ptr, before: Ptr, width: i32, height: i32, stride: i32) -> Self {
        Self {
            now: i64::from(now),
            before: i64::from(before),
            width: i64::from(width),
            height: i64::from(height),
            stride: i64::from(stride),
        }
    }

    /// Counts every whole macroblock and writes the sum of all differences. The encoder goes on from
    /// the end of a row of macroblocks by the width, so that a width that is not a multiple of 16
    /// moves the rows after the first.
    #[inline(always)]
    fn walk<const VARIANCE: bool, const SQUARED: bool, const BACKGROUND: bool>(
        &self,
        mem: &mut [u8],
        frame: Ptr,
        outputs: Outputs,
    ) -> Checked {
        // Rows that overlap are no picture; without them the memory bounds the work.
        if self.stride.abs() < self.width {
            return Err(Trap::MemoryOutOfBounds);
        }
        let (columns, rows) = (self.width >> 4, self.height >> 4);
        let row_step = 16 * self.stride - self.width + 16 * columns;
        let mut frame_sad = 0_i32;
        let mut index = 0;
        for row in 0..rows {
            for column in 0..columns {
                let offset = row * row_step + 16 * column;
                let [a, b] = self.half::<VARIANCE>(mem, offset)?;
                let [c, d] = self.half::<VARIANCE>(mem, offset + 8 * self.stride)?;
                let sad = [a.sad(), b.sad(), c.sad(), d.sad()];
                frame_sad = frame_sad.wrapping_add(sad[0] + sad[1] + sad[2] + sad[3]);
                write(mem, outputs.sad, 4 * index, sad)?;
                if VARIANCE {
                    let total = sum(a.sum) + sum(b.sum) + sum(c.sum) + sum(d.sum);
                    let squares = a.squares + b.squares + c.squares + d.squares;
                    write(mem, outputs.sum, index, [total])?;
                    write(mem, outputs.squares, index, [squares.reduce_add()])?;
                }
                if SQUARED {
                    let squared = a.squared + b.squared + c.squared + d.squared;
                    write(mem, outputs.squared, index, [squared.reduce_add()])?;
                }
                if BACKGROUND {
                    let signed = [sum(a.signed), sum(b.signed), sum(c.signed), sum(d.signed)];
                    let largest = [a.largest(), b.largest(), c.largest(), d.largest()];
                    write(mem, outputs.sd, 4 * index, signed)?;
                    *bytes_mut(mem, i64::from(outputs.mad) + 4 * index)? = largest;
                }
                index += 1;
            }
        }
        store_i32(mem, i64::from(frame), frame_sad)
    }

    /// Two blocks beside each other.
    #[inline(always)]
    fn half<const SQUARES: bool>(&self, mem: &[u8], offset: i64) -> Checked<[Block; 2]> {
        let (mut left, mut right) = (Block::default(), Block::default());
        let mut at = offset;
        for _ in 0..8 {
            let now = widen_both(bytes(mem, self.now + at)?);
            let before = widen_both(bytes(mem, self.before + at)?);
            left.add::<SQUARES>(now[0], before[0]);
            right.add::<SQUARES>(now[1], before[1]);
            at += self.stride;
        }
        Ok([left, right])
    }
}

/// What is counted in the columns of an 8x8 block.
#[derive(Clone, Copy, Default)]
struct Block {
    sad: i16x8,
    sum: i16x8,
    signed: i16x8,
    largest: i16x8,
    squares: i32x4,
    squared: i32x4,
}

impl Block {
    #[inline(always)]
    fn add<const SQUARES: bool>(&mut self, now: i16x8, before: i16x8) {
        let signed = now - before;
        let difference = signed.abs();
        self.sad += difference;
        self.sum += now;
        self.signed += signed;
        self.largest = self.largest.max(difference);
        if SQUARES {
            self.squares += now.dot(now);
            self.squared += signed.dot(signed);
        }
    }

    #[inline(always)]
    fn sad(&self) -> i32 {
        sum(self.sad)
    }

    #[inline(always)]
    fn largest(&self) -> u8 {
        self.largest.reduce_max() as u8
    }
}

#[inline(always)]
fn sum(lanes: i16x8) -> i32 {
    lanes.dot(i16x8::splat(1)).reduce_add()
}

/// Writes numbers to an array of `int32_t`.
#[inline(always)]
fn write<const N: usize>(mem: &mut [u8], array: Ptr, index: i64, values: [i32; N]) -> Checked {
    let to = slice_mut(mem, i64::from(array) + 4 * index, 4 * N)?;
    for (to, value) in to.as_chunks_mut::<4>().0.iter_mut().zip(values) {
        *to = value.to_le_bytes();
    }
    Ok(())
}
