//! Picture analysis of openh264 before encoding (`VAACalc*`), and its block copies.

#![expect(
    clippy::too_many_arguments,
    reason = "the parameters are those of the C functions"
)]

use wide::{i16x8, i32x4};

use super::Trap;
use super::block::{load, store, store_i32};
use super::guest::{Checked, Ptr, bytes, slice_mut};
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
    picture.walk::<false>(
        mem,
        frame,
        #[inline(always)]
        |mem, index, blocks| {
            write(
                mem,
                sad,
                4 * index,
                each(
                    blocks,
                    #[inline(always)]
                    |block| block.sad,
                ),
            )
        },
    )
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
    picture.walk::<true>(
        mem,
        frame,
        #[inline(always)]
        |mem, index, blocks| {
            write(
                mem,
                sad,
                4 * index,
                each(
                    blocks,
                    #[inline(always)]
                    |block| block.sad,
                ),
            )?;
            write(
                mem,
                sum,
                index,
                [total(
                    blocks,
                    #[inline(always)]
                    |block| block.sum,
                )],
            )?;
            write(
                mem,
                squares,
                index,
                [total(
                    blocks,
                    #[inline(always)]
                    |block| block.squares,
                )],
            )
        },
    )
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
    picture.walk::<true>(
        mem,
        frame,
        #[inline(always)]
        |mem, index, blocks| {
            write(
                mem,
                sad,
                4 * index,
                each(
                    blocks,
                    #[inline(always)]
                    |block| block.sad,
                ),
            )?;
            write(
                mem,
                sum,
                index,
                [total(
                    blocks,
                    #[inline(always)]
                    |block| block.sum,
                )],
            )?;
            write(
                mem,
                squares,
                index,
                [total(
                    blocks,
                    #[inline(always)]
                    |block| block.squares,
                )],
            )?;
            write(
                mem,
                squared,
                index,
                [total(
                    blocks,
                    #[inline(always)]
                    |block| block.squared,
                )],
            )
        },
    )
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
    picture.walk::<false>(
        mem,
        frame,
        #[inline(always)]
        |mem, index, blocks| {
            write(
                mem,
                sad,
                4 * index,
                each(
                    blocks,
                    #[inline(always)]
                    |block| block.sad,
                ),
            )?;
            write(
                mem,
                sd,
                4 * index,
                each(
                    blocks,
                    #[inline(always)]
                    |block| block.signed,
                ),
            )?;
            store(
                mem,
                i64::from(mad) + 4 * index,
                0,
                &[each(
                    blocks,
                    #[inline(always)]
                    |block| block.largest,
                )],
            )
        },
    )
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
    picture.walk::<true>(
        mem,
        frame,
        #[inline(always)]
        |mem, index, blocks| {
            write(
                mem,
                sad,
                4 * index,
                each(
                    blocks,
                    #[inline(always)]
                    |block| block.sad,
                ),
            )?;
            write(
                mem,
                sum,
                index,
                [total(
                    blocks,
                    #[inline(always)]
                    |block| block.sum,
                )],
            )?;
            write(
                mem,
                squares,
                index,
                [total(
                    blocks,
                    #[inline(always)]
                    |block| block.squares,
                )],
            )?;
            write(
                mem,
                squared,
                index,
                [total(
                    blocks,
                    #[inline(always)]
                    |block| block.squared,
                )],
            )?;
            write(
                mem,
                sd,
                4 * index,
                each(
                    blocks,
                    #[inline(always)]
                    |block| block.signed,
                ),
            )?;
            store(
                mem,
                i64::from(mad) + 4 * index,
                0,
                &[each(
                    blocks,
                    #[inline(always)]
                    |block| block.largest,
                )],
            )
        },
    )
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
    let block = load::<W, H>(mem, i64::from(from), i64::from(from_stride))?;
    store(mem, i64::from(to), i64::from(to_stride), &block)?;
    Ok(())
}

/// Two pictures of one size.
struct Picture {
    now: i64,
    before: i64,
    width: i64,
    height: i64,
    stride: i64,
}

/// What is counted in an 8x8 block.
#[derive(Clone, Copy, Default)]
struct Block {
    sad: i32,
    sum: i32,
    squares: i32,
    squared: i32,
    signed: i32,
    largest: u8,
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
    fn walk<const SQUARES: bool>(
        &self,
        mem: &mut [u8],
        frame: Ptr,
        answer: impl Fn(&mut [u8], i64, [Block; 4]) -> Checked,
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
                let blocks = self.macroblock::<SQUARES>(mem, offset)?;
                frame_sad = frame_sad.wrapping_add(total(
                    blocks,
                    #[inline(always)]
                    |block| block.sad,
                ));
                answer(mem, index, blocks)?;
                index += 1;
            }
        }
        store_i32(mem, i64::from(frame), frame_sad)?;
        Ok(())
    }

    /// The blocks of a macroblock in reading order.
    #[inline(always)]
    fn macroblock<const SQUARES: bool>(&self, mem: &[u8], offset: i64) -> Checked<[Block; 4]> {
        let mut blocks = [Block::default(); 4];
        for (half, pair) in blocks.as_chunks_mut::<2>().0.iter_mut().enumerate() {
            let mut lanes = [Lanes::default(); 2];
            for y in 0..8 {
                let at = offset + (8 * half as i64 + y) * self.stride;
                let now = widen_both(bytes(mem, self.now + at)?);
                let before = widen_both(bytes(mem, self.before + at)?);
                lanes[0].add::<SQUARES>(now[0], before[0]);
                lanes[1].add::<SQUARES>(now[1], before[1]);
            }
            let [left, right] = lanes;
            *pair = [left.block(), right.block()];
        }
        Ok(blocks)
    }
}

/// The counts of the columns of an 8x8 block.
#[derive(Clone, Copy, Default)]
struct Lanes {
    sad: i16x8,
    sum: i16x8,
    signed: i16x8,
    largest: i16x8,
    squares: i32x4,
    squared: i32x4,
}

impl Lanes {
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
    fn block(self) -> Block {
        let sum = |lanes: i16x8| lanes.dot(i16x8::splat(1)).reduce_add();
        Block {
            sad: sum(self.sad),
            sum: sum(self.sum),
            squares: self.squares.reduce_add(),
            squared: self.squared.reduce_add(),
            signed: sum(self.signed),
            largest: self.largest.reduce_max() as u8,
        }
    }
}

/// One count of each block.
#[inline(always)]
fn each<T>([a, b, c, d]: [Block; 4], count: impl Fn(Block) -> T) -> [T; 4] {
    [count(a), count(b), count(c), count(d)]
}

#[inline(always)]
fn total(blocks: [Block; 4], count: impl Fn(Block) -> i32) -> i32 {
    let [a, b, c, d] = each(blocks, count);
    a.wrapping_add(b).wrapping_add(c).wrapping_add(d)
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
