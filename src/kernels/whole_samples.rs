//! Prediction by whole samples: blocks as they are in an earlier picture, their mean with a block
//! that is there, and blocks that lie beside a picture in part (H.264 8.4.2.2.1, H.265 8.5.3.3.3.1, VP9 8.5.2.3:
//! coordinates are limited to those of the picture).

use fearless_simd::prelude::*;
use fearless_simd::u8x16;

use super::Trap;
use super::guest::{Checked, Ptr, bytes, bytes_mut, row_count, rows_of};
use super::runs::{copy, fill};

/// `void (uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src, ptrdiff_t src_stride, int height, int, int)`:
/// a block of `W` columns.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
pub(super) fn put<const W: usize>(
    mem: &mut [u8],
    dst: Ptr,
    dst_stride: i32,
    src: Ptr,
    src_stride: i32,
    height: i32,
    _x: i32,
    _y: i32,
) -> Checked {
    let (dst, src) = ((dst, dst_stride), (src, src_stride));
    each_row::<W>(
        mem,
        dst,
        src,
        height,
        #[inline(always)]
        |there, row| *there = row,
    )
}

/// The same, of which the mean with what is there is taken, halves rounded up.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
pub(super) fn average<const W: usize>(
    mem: &mut [u8],
    dst: Ptr,
    dst_stride: i32,
    src: Ptr,
    src_stride: i32,
    height: i32,
    _x: i32,
    _y: i32,
) -> Checked {
    let (dst, src) = ((dst, dst_stride), (src, src_stride));
    each_row(mem, dst, src, height, mean_up::<W>)
}

/// Rows of a block, each with the row there that it changes; both come with their stride.
#[inline(always)]
fn each_row<const W: usize>(
    mem: &mut [u8],
    dst: (Ptr, i32),
    src: (Ptr, i32),
    height: i32,
    change: impl Fn(&mut [u8; W], [u8; W]),
) -> Checked {
    let (mut to, mut from) = (i64::from(dst.0), i64::from(src.0));
    for _ in 0..row_count(height)? {
        let row: [u8; W] = *bytes(mem, from)?;
        change(bytes_mut(mem, to)?, row);
        to += i64::from(dst.1);
        from += i64::from(src.1);
    }
    Ok(())
}

/// The mean of two rows in place of the first, halves rounded up.
#[inline(always)]
fn mean_up<const W: usize>(there: &mut [u8; W], row: [u8; W]) {
    // Short rows in a register: the compiler makes vectors of sixteen bytes only.
    if let (Ok(a), Ok(b)) = (
        <[u8; 8]>::try_from(&there[..]),
        <[u8; 8]>::try_from(&row[..]),
    ) {
        let mean = mean_of_bytes(u64::from_le_bytes(a), u64::from_le_bytes(b));
        there.copy_from_slice(&mean.to_le_bytes());
    } else if let (Ok(a), Ok(b)) = (
        <[u8; 4]>::try_from(&there[..]),
        <[u8; 4]>::try_from(&row[..]),
    ) {
        let (a, b) = (u32::from_le_bytes(a), u32::from_le_bytes(b));
        let mean = mean_of_bytes(a.into(), b.into()) as u32;
        there.copy_from_slice(&mean.to_le_bytes());
    } else {
        for x in 0..W {
            there[x] = ((u16::from(there[x]) + u16::from(row[x]) + 1) >> 1) as u8;
        }
    }
}

/// The means of the bytes of two words: `a + b` is `2 (a | b) - (a ^ b)`.
#[inline(always)]
fn mean_of_bytes(a: u64, b: u64) -> u64 {
    (a | b) - (((a ^ b) >> 1) & 0x7f7f_7f7f_7f7f_7f7f)
}

/// Copies a block whose first sample is at `x` and `y` of a picture, and at `src` in memory; for a
/// place outside of the picture, the picture's nearest sample is taken.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
pub(super) fn with_edges<S: Simd>(
    simd: S,
    mem: &mut [u8],
    dst: Ptr,
    src: Ptr,
    dst_stride: i32,
    src_stride: i32,
    block_width: i32,
    block_height: i32,
    x: i32,
    y: i32,
    width: i32,
    height: i32,
) -> Checked {
    if width == 0 || height == 0 {
        return Ok(());
    }
    let columns = row_count(block_width)?;
    let rows = rows_of(mem, columns, block_height)?;
    // The last row and column, of a picture that has some.
    let (last_x, last_y) = (i64::from(width) - 1, i64::from(height) - 1);
    if last_x < 0 || last_y < 0 || columns == 0 {
        return Err(Trap::MemoryOutOfBounds);
    }
    let block = Block {
        x: i64::from(x),
        y: i64::from(y),
        columns,
        rows,
        last_x,
        last_y,
        src: i64::from(src),
        stride: i64::from(src_stride),
        dst: i64::from(dst),
        dst_stride: i64::from(dst_stride),
    };
    match columns {
        16..=MOST_COLUMNS if block.has_vectors(mem) => block.by_vectors::<S, 16>(simd, mem),
        8..16 if block.has_vectors(mem) => block.by_vectors::<S, 8>(simd, mem),
        _ => block.by_parts(mem),
    }
}

/// Columns of the widest block that is copied by vectors, wider than any of a codec here.
const MOST_COLUMNS: i64 = 96;

/// A block, where it is to go, and the picture that it is of.
struct Block {
    x: i64,
    y: i64,
    columns: i64,
    rows: i64,
    last_x: i64,
    last_y: i64,
    src: i64,
    stride: i64,
    dst: i64,
    dst_stride: i64,
}

impl Block {
    /// The sample of the picture for this column of the block, from the block's first one on.
    #[inline(always)]
    fn column(&self, at: i64) -> i64 {
        (self.x + at).clamp(0, self.last_x) - self.x
    }

    /// Where a row of the picture begins, as the block has it.
    #[inline(always)]
    fn row(&self, at: i64) -> i64 {
        self.src + ((self.y + at).clamp(0, self.last_y) - self.y) * self.stride
    }

    /// Whether memory goes on for a vector behind every sample.
    #[inline(always)]
    fn has_vectors(&self, mem: &[u8]) -> bool {
        let (top, bottom) = (self.row(0), self.row(self.rows - 1));
        let (first, last) = (self.column(0), self.column(self.columns - 1));
        let least = top.min(bottom) + first;
        let most = top.max(bottom) + last;
        least >= 0 && most + 16 <= mem.len() as i64
    }

    /// Rows in parts of `N` columns, the last of which ends where the row ends: the samples of a part are
    /// within sixteen from its first one on, in the same order for every row.
    #[inline(always)]
    fn by_vectors<S: Simd, const N: usize>(&self, simd: S, mem: &mut [u8]) -> Checked {
        let mut parts = [(0, 0, u8x16::splat(simd, 0)); MOST_COLUMNS as usize / 16];
        let count = (self.columns as usize).div_ceil(N).min(parts.len());
        for (index, part) in parts[..count].iter_mut().enumerate() {
            let at = (index * N).min(self.columns as usize - N) as i64;
            let first = self.column(at);
            let mut order = [0; 16];
            for (lane, sample) in order.iter_mut().enumerate() {
                *sample = (self.column(at + lane as i64) - first) as u8;
            }
            *part = (at, first, u8x16::load_array(simd, order));
        }
        let mut out = self.dst;
        for row in 0..self.rows {
            let from = self.row(row);
            for &(at, first, order) in &parts[..count] {
                let samples = u8x16::load_array(simd, *bytes(mem, from + first)?);
                let samples = samples.swizzle_dyn(order).to_array();
                bytes_mut::<N>(mem, out + at)?.copy_from_slice(&samples[..N]);
            }
            out += self.dst_stride;
        }
        Ok(())
    }

    /// Rows in three parts: columns before the picture, within it, and behind it.
    #[inline(always)]
    fn by_parts(&self, mem: &mut [u8]) -> Checked {
        // One at least is within, which may be the nearest one only.
        let before = (-self.x).clamp(0, self.columns - 1);
        let end = (self.last_x + 1 - self.x).clamp(1, self.columns);
        let inside = (end - before).max(1) as usize;
        let mut out = self.dst;
        for row in 0..self.rows {
            let from = self.row(row) + self.column(before);
            if before > 0 {
                let [value] = *bytes(mem, from)?;
                fill(mem, out, before as usize, value)?;
            }
            copy(mem, from, out + before, inside)?;
            if end < self.columns {
                let [value] = *bytes(mem, from + inside as i64 - 1)?;
                fill(mem, out + end, (self.columns - end) as usize, value)?;
            }
            out += self.dst_stride;
        }
        Ok(())
    }
}
