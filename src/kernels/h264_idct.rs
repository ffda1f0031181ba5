//! Inverse transforms of H.264 residuals, added to the prediction (ITU-T H.264, 8.5.12.2 for 4x4
//! blocks, 8.5.13 for 8x8, 8.5.14 for the sum).
//!
//! Blocks hold their coefficients column by column and are cleared after use. What the first
//! dimension gives is kept in 16 bits and wraps there, which matters for damaged streams only.

use super::guest::{Checked, Ptr, bytes, bytes_mut, int, pointer, shorts};

/// Adds a 4x4 block.
#[inline(always)]
pub(super) fn add4(mem: &mut [u8], dst: Ptr, block: Ptr, stride: i32) -> Checked {
    add4_at(mem, dst.into(), block.into(), stride)
}

/// Adds an 8x8 block.
#[inline(always)]
pub(super) fn add8(mem: &mut [u8], dst: Ptr, block: Ptr, stride: i32) -> Checked {
    add8_at(mem, dst.into(), block.into(), stride)
}

/// Adds an `N`x`N` block that has nothing but its first coefficient.
#[inline(always)]
pub(super) fn add_dc<const N: usize>(mem: &mut [u8], dst: Ptr, block: Ptr, stride: i32) -> Checked {
    add_dc_at::<N>(mem, dst.into(), block.into(), stride)
}

/// The sixteen 4x4 blocks of a macroblock that is not predicted as a whole: those that have
/// coefficients.
#[inline(always)]
pub(super) fn add_16(
    mem: &mut [u8],
    dst: Ptr,
    offsets: Ptr,
    blocks: Ptr,
    stride: i32,
    counts: Ptr,
) -> Checked {
    let blocks = Blocks {
        offsets,
        blocks,
        counts,
    };
    for index in 0..16 {
        let count = blocks.count(mem, index)?;
        let block = blocks.block(index);
        if count == 1 && first(mem, block)? != 0 {
            add_dc_at::<4>(mem, blocks.place(mem, dst, index)?, block, stride)?;
        } else if count != 0 {
            add4_at(mem, blocks.place(mem, dst, index)?, block, stride)?;
        }
    }
    Ok(())
}

/// The four 8x8 blocks of a macroblock.
#[inline(always)]
pub(super) fn add_4_of_8(
    mem: &mut [u8],
    dst: Ptr,
    offsets: Ptr,
    blocks: Ptr,
    stride: i32,
    counts: Ptr,
) -> Checked {
    let blocks = Blocks {
        offsets,
        blocks,
        counts,
    };
    for index in [0, 4, 8, 12] {
        let count = blocks.count(mem, index)?;
        let block = blocks.block(index);
        if count == 1 && first(mem, block)? != 0 {
            add_dc_at::<8>(mem, blocks.place(mem, dst, index)?, block, stride)?;
        } else if count != 0 {
            add8_at(mem, blocks.place(mem, dst, index)?, block, stride)?;
        }
    }
    Ok(())
}

/// The sixteen 4x4 blocks of a macroblock whose first coefficients were sent apart, so that a block
/// without others may still have that one.
#[inline(always)]
pub(super) fn add_16_intra(
    mem: &mut [u8],
    dst: Ptr,
    offsets: Ptr,
    blocks: Ptr,
    stride: i32,
    counts: Ptr,
) -> Checked {
    let blocks = Blocks {
        offsets,
        blocks,
        counts,
    };
    (0..16).try_for_each(|index| blocks.add_intra(mem, dst, index, stride))
}

/// The four 4x4 blocks of each chroma plane, 4:2:0; `planes` holds the addresses of the two.
#[inline(always)]
pub(super) fn add_chroma(
    mem: &mut [u8],
    planes: Ptr,
    offsets: Ptr,
    blocks: Ptr,
    stride: i32,
    counts: Ptr,
) -> Checked {
    let blocks = Blocks {
        offsets,
        blocks,
        counts,
    };
    for (plane, first) in [(0, 16), (4, 32)] {
        for index in first..first + 4 {
            let dst = pointer(mem, i64::from(planes) + plane)?;
            blocks.add_intra(mem, dst, index, stride)?;
        }
    }
    Ok(())
}

/// The blocks of a macroblock: where their pictures are, their coefficients, and how many each has.
#[derive(Clone, Copy)]
struct Blocks {
    offsets: Ptr,
    blocks: Ptr,
    counts: Ptr,
}

impl Blocks {
    fn block(self, index: usize) -> i64 {
        i64::from(self.blocks) + 32 * index as i64
    }

    fn count(self, mem: &[u8], index: usize) -> Checked<u8> {
        let at = i64::from(self.counts) + i64::from(COUNT_AT[index % 48]);
        bytes::<1>(mem, at).map(|&[count]| count)
    }

    fn place(self, mem: &[u8], dst: Ptr, index: usize) -> Checked<i64> {
        let offset = int(mem, i64::from(self.offsets) + 4 * index as i64)?;
        Ok(i64::from(dst) + i64::from(offset))
    }

    #[inline(always)]
    fn add_intra(self, mem: &mut [u8], dst: Ptr, index: usize, stride: i32) -> Checked {
        let block = self.block(index);
        if self.count(mem, index)? != 0 {
            add4_at(mem, self.place(mem, dst, index)?, block, stride)
        } else if first(mem, block)? != 0 {
            add_dc_at::<4>(mem, self.place(mem, dst, index)?, block, stride)
        } else {
            Ok(())
        }
    }
}

/// Where the count of each block is: rows of eight, whose left half belongs to the neighbours; five
/// rows for each plane. Blocks come in the order of 6.4.3.
const COUNT_AT: [u8; 48] = {
    let mut at = [0; 48];
    let mut index = 0;
    while index < 48 {
        let (plane, block) = (index / 16, index % 16);
        let x = 2 * (block / 4 % 2) + block % 2;
        let y = 2 * (block / 8) + block / 2 % 2;
        at[index] = (4 + x + 8 * (1 + y + 5 * plane)) as u8;
        index += 1;
    }
    at
};

fn first(mem: &[u8], block: i64) -> Checked<i16> {
    bytes(mem, block).map(|bytes| i16::from_le_bytes(*bytes))
}

#[inline(always)]
fn add4_at(mem: &mut [u8], dst: i64, block: i64, stride: i32) -> Checked {
    let mut rows = shorts::<4, 4>(mem, block)?;
    rows[0][0] = rows[0][0].wrapping_add(32);
    let mut turned = [[0i32; 4]; 4];
    for i in 0..4 {
        let [a, b, c, d] =
            butterfly4([rows[0][i], rows[1][i], rows[2][i], rows[3][i]].map(i32::from));
        for (k, value) in [a, b, c, d].into_iter().enumerate() {
            turned[i][k] = i32::from(value as i16);
        }
    }
    let mut sums = [[0i32; 4]; 4];
    for i in 0..4 {
        let [a, b, c, d] = butterfly4([turned[0][i], turned[1][i], turned[2][i], turned[3][i]]);
        sums[0][i] = a >> 6;
        sums[1][i] = b >> 6;
        sums[2][i] = c >> 6;
        sums[3][i] = d >> 6;
    }
    *bytes_mut::<32>(mem, block)? = [0; 32];
    add_rows(mem, dst, stride, sums)
}

/// The one-dimensional transform, equations 8-338 to 8-345.
#[inline(always)]
fn butterfly4([w0, w1, w2, w3]: [i32; 4]) -> [i32; 4] {
    let (e0, e1) = (w0 + w2, w0 - w2);
    let (e2, e3) = ((w1 >> 1) - w3, w1 + (w3 >> 1));
    [e0 + e3, e1 + e2, e1 - e2, e0 - e3]
}

#[inline(always)]
fn add8_at(mem: &mut [u8], dst: i64, block: i64, stride: i32) -> Checked {
    let mut rows = shorts::<8, 8>(mem, block)?;
    rows[0][0] = rows[0][0].wrapping_add(32);
    let mut turned = [[0i32; 8]; 8];
    for i in 0..8 {
        let column = butterfly8(rows.map(|row| i32::from(row[i])));
        for k in 0..8 {
            turned[i][k] = i32::from(column[k] as i16);
        }
    }
    let mut sums = [[0i32; 8]; 8];
    for i in 0..8 {
        let column = butterfly8(turned.map(|row| row[i]));
        for k in 0..8 {
            sums[k][i] = column[k] >> 6;
        }
    }
    *bytes_mut::<128>(mem, block)? = [0; 128];
    add_rows(mem, dst, stride, sums)
}

/// The one-dimensional transform of 8.5.13. Eight 16-bit inputs cannot overflow 32 bits.
#[inline(always)]
fn butterfly8([w0, w1, w2, w3, w4, w5, w6, w7]: [i32; 8]) -> [i32; 8] {
    let (a0, a2) = (w0 + w4, w0 - w4);
    let (a4, a6) = ((w2 >> 1) - w6, w2 + (w6 >> 1));
    let (b0, b2, b4, b6) = (a0 + a6, a2 + a4, a2 - a4, a0 - a6);
    let a1 = w5 - w3 - w7 - (w7 >> 1);
    let a3 = w1 + w7 - w3 - (w3 >> 1);
    let a5 = w7 - w1 + w5 + (w5 >> 1);
    let a7 = w3 + w5 + w1 + (w1 >> 1);
    let (b1, b7) = (a1 + (a7 >> 2), a7 - (a1 >> 2));
    let (b3, b5) = (a3 + (a5 >> 2), (a3 >> 2) - a5);
    [
        b0 + b7,
        b2 + b5,
        b4 + b3,
        b6 + b1,
        b6 - b1,
        b4 - b3,
        b2 - b5,
        b0 - b7,
    ]
}

#[inline(always)]
fn add_dc_at<const N: usize>(mem: &mut [u8], dst: i64, block: i64, stride: i32) -> Checked {
    let dc = (i32::from(first(mem, block)?) + 32) >> 6;
    *bytes_mut(mem, block)? = [0; 2];
    add_rows(mem, dst, stride, [[dc; N]; N])
}

#[inline(always)]
fn add_rows<const N: usize>(mem: &mut [u8], dst: i64, stride: i32, sums: [[i32; N]; N]) -> Checked {
    for (y, sums) in (0..).zip(&sums) {
        let row = bytes_mut::<N>(mem, dst + y * i64::from(stride))?;
        for (pixel, sum) in row.iter_mut().zip(sums) {
            *pixel = (i32::from(*pixel) + sum).clamp(0, 255) as u8;
        }
    }
    Ok(())
}
