//! Inverse transforms of H.264 residuals, added to the prediction (ITU-T H.264, 8.5.12.2 for 4x4
//! blocks, 8.5.13 for 8x8, 8.5.14 for the sum).
//!
//! Blocks hold their coefficients column by column and are cleared after use. 4x4 blocks are
//! transformed two at a time, side by side as they are in the picture.

use wide::i16x8;

use super::block::{load, store};
use super::guest::{Checked, Ptr, bytes, bytes_mut, pointer};
use super::h264_transform::{transform4, transform8};
use super::lanes::{from_halves, narrow_both, widen, widen_both};

/// Adds a 4x4 block.
#[inline(always)]
pub(super) fn add4(mem: &mut [u8], dst: Ptr, block: Ptr, stride: i32) -> Checked {
    add4_at(mem, dst.into(), block.into(), stride.into())
}

/// Adds an 8x8 block.
#[inline(always)]
pub(super) fn add8(mem: &mut [u8], dst: Ptr, block: Ptr, stride: i32) -> Checked {
    add8_at(mem, dst.into(), block.into(), stride.into())
}

/// Adds an `N`x`N` block that has nothing but its first coefficient.
#[inline(always)]
pub(super) fn add_dc<const N: usize>(mem: &mut [u8], dst: Ptr, block: Ptr, stride: i32) -> Checked {
    let value = i16x8::splat(take_first(mem, block.into())?);
    let (dst, stride) = (i64::from(dst), i64::from(stride));
    match N {
        4 => add_to_4(mem, dst, stride, [value; 4]),
        _ => add_to_8(mem, dst, stride, [value; 8]),
    }
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
    let blocks = Blocks::new(mem, offsets, blocks, counts, 0)?;
    for pair in 0..8 {
        blocks.add_pair(mem, dst, 2 * pair, stride.into(), Part::of_inter)?;
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
    let blocks = Blocks::new(mem, offsets, blocks, counts, 0)?;
    for pair in 0..8 {
        blocks.add_pair(mem, dst, 2 * pair, stride.into(), Part::of_intra)?;
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
    let blocks = Blocks::new(mem, offsets, blocks, counts, 0)?;
    for index in [0, 4, 8, 12] {
        let block = blocks.coefficients + 32 * index as i64;
        let at = i64::from(dst) + blocks.places[index];
        match Part::of_inter(blocks.counts[index], first(bytes::<2>(mem, block)?)) {
            Part::Nothing => {}
            Part::First => {
                let value = i16x8::splat(take_first(mem, block)?);
                add_to_8(mem, at, stride.into(), [value; 8])?;
            }
            Part::All => add8_at(mem, at, block, stride.into())?,
        }
    }
    Ok(())
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
    for plane in [1, 2] {
        let blocks = Blocks::new(mem, offsets, blocks, counts, plane)?;
        let dst = pointer(mem, i64::from(planes) + 4 * (plane - 1))?;
        for pair in 0..2 {
            blocks.add_pair(mem, dst, 2 * pair, stride.into(), Part::of_intra)?;
        }
    }
    Ok(())
}

/// What of a block is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Nothing,
    /// The first coefficient alone.
    First,
    All,
}

impl Part {
    /// By the number of coefficients and the first of them.
    #[inline(always)]
    fn of_inter(count: u8, first: i16) -> Self {
        match count {
            0 => Self::Nothing,
            1 if first != 0 => Self::First,
            _ => Self::All,
        }
    }

    /// The same where the number leaves out the first coefficient.
    #[inline(always)]
    fn of_intra(count: u8, first: i16) -> Self {
        match (count, first) {
            (0, 0) => Self::Nothing,
            (0, _) => Self::First,
            _ => Self::All,
        }
    }
}

/// The sixteen blocks of a plane: where each is in the picture, relative to the first; how many
/// coefficients each has; and where those are.
struct Blocks {
    places: [i64; 16],
    counts: [u8; 16],
    coefficients: i64,
}

impl Blocks {
    /// Those of plane 0, 1 or 2.
    #[inline(always)]
    fn new(mem: &[u8], offsets: Ptr, blocks: Ptr, counts: Ptr, plane: i64) -> Checked<Self> {
        let offsets: &[u8; 64] = bytes(mem, i64::from(offsets) + 64 * plane)?;
        let mut places = [0; 16];
        for (place, offset) in places.iter_mut().zip(offsets.as_chunks().0) {
            *place = i64::from(i32::from_le_bytes(*offset));
        }
        // Rows of eight counts, whose left half belongs to the neighbours; five rows for each plane,
        // the first of which belongs to neighbours too. Blocks come in the order of 6.4.3.
        let rows = load::<4, 4>(mem, i64::from(counts) + 12 + 40 * plane, 8)?;
        let mut counts = [0; 16];
        for (index, count) in counts.iter_mut().enumerate() {
            *count = rows[index / 8 * 2 + index / 2 % 2][index / 4 % 2 * 2 + index % 2];
        }
        Ok(Self {
            places,
            counts,
            coefficients: i64::from(blocks) + 512 * plane,
        })
    }

    /// Adds a 4x4 block and the next one.
    #[inline(always)]
    fn add_pair(
        &self,
        mem: &mut [u8],
        dst: Ptr,
        index: usize,
        stride: i64,
        part: fn(u8, i16) -> Part,
    ) -> Checked {
        let both = bytes_mut::<64>(mem, self.coefficients + 32 * index as i64)?;
        let left = part(self.counts[index], first(both));
        let right = part(self.counts[index + 1], first(&both[32..]));
        if left == Part::Nothing && right == Part::Nothing {
            return Ok(());
        }
        let (l, r) = (take_alone(both, left), take_alone(&mut both[32..], right));
        let alone = i16x8::new([l, l, l, l, r, r, r, r]);
        let mut sums = [alone; 4];
        if left == Part::All || right == Part::All {
            let mut coefficients = [0; 64];
            for (side, part) in [left, right].into_iter().enumerate() {
                if part == Part::All {
                    let own = &mut both[32 * side..][..32];
                    coefficients[32 * side..][..32].copy_from_slice(own);
                    own.fill(0);
                }
            }
            let [a, b, c, d] = transform4(&coefficients);
            sums = [a + alone, b + alone, c + alone, d + alone];
        }
        let at = i64::from(dst) + self.places[index];
        let right_at = i64::from(dst) + self.places[index + 1];
        if right_at == at + 4 {
            return add_to_pair(mem, at, stride, sums);
        }
        if left != Part::Nothing {
            add_to_4(mem, at, stride, sums)?;
        }
        if right != Part::Nothing {
            let mut rights = [i16x8::ZERO; 4];
            for (lanes, sum) in rights.iter_mut().zip(sums) {
                [_, *lanes] = from_halves(sum, sum);
            }
            add_to_4(mem, right_at, stride, rights)?;
        }
        Ok(())
    }
}

/// The first of the coefficients.
#[inline(always)]
fn first(coefficients: &[u8]) -> i16 {
    i16::from_le_bytes([coefficients[0], coefficients[1]])
}

/// What the first coefficient adds to each sample, where it is the only one; it is cleared.
#[inline(always)]
fn take_alone(coefficients: &mut [u8], part: Part) -> i16 {
    if part != Part::First {
        return 0;
    }
    let value = (i32::from(first(coefficients)) + 32) >> 6;
    coefficients[..2].fill(0);
    value as i16
}

/// The same of a block at an address.
#[inline(always)]
fn take_first(mem: &mut [u8], block: i64) -> Checked<i16> {
    Ok(take_alone(bytes_mut::<2>(mem, block)?, Part::First))
}

#[inline(always)]
fn add4_at(mem: &mut [u8], dst: i64, block: i64, stride: i64) -> Checked {
    let own = bytes_mut::<32>(mem, block)?;
    let mut coefficients = [0; 64];
    coefficients[..32].copy_from_slice(own);
    *own = [0; 32];
    add_to_4(mem, dst, stride, transform4(&coefficients))
}

#[inline(always)]
fn add8_at(mem: &mut [u8], dst: i64, block: i64, stride: i64) -> Checked {
    let own = bytes_mut::<128>(mem, block)?;
    let coefficients = *own;
    *own = [0; 128];
    add_to_8(mem, dst, stride, transform8(&coefficients))
}

/// Adds to a 4x4 block: the first four lanes of each row.
#[inline(always)]
fn add_to_4(mem: &mut [u8], dst: i64, stride: i64, sums: [i16x8; 4]) -> Checked {
    let rows = load::<4, 4>(mem, dst, stride)?;
    let low = four_rows(&rows);
    let [a, b, c, d] = sums;
    let ([ab, _], [cd, _]) = (from_halves(a, b), from_halves(c, d));
    let bytes = narrow_both([low[0] + ab, low[1] + cd]);
    let mut out = [[0; 4]; 4];
    for (row, bytes) in out.iter_mut().zip(bytes.as_chunks().0) {
        *row = *bytes;
    }
    store(mem, dst, stride, &out)
}

/// Four rows of four samples as lanes.
#[inline(always)]
fn four_rows(rows: &[[u8; 4]; 4]) -> [i16x8; 2] {
    let mut bytes = [0; 16];
    for (bytes, row) in bytes.as_chunks_mut().0.iter_mut().zip(rows) {
        *bytes = *row;
    }
    widen_both(&bytes)
}

/// Adds to two 4x4 blocks that are side by side.
#[inline(always)]
fn add_to_pair(mem: &mut [u8], dst: i64, stride: i64, [a, b, c, d]: [i16x8; 4]) -> Checked {
    let [r0, r1, r2, r3] = load::<8, 4>(mem, dst, stride)?;
    let upper = narrow_both([widen(&r0) + a, widen(&r1) + b]);
    let lower = narrow_both([widen(&r2) + c, widen(&r3) + d]);
    let mut out = [[0; 8]; 4];
    out[..2].copy_from_slice(upper.as_chunks().0);
    out[2..].copy_from_slice(lower.as_chunks().0);
    store(mem, dst, stride, &out)
}

/// Adds to an 8x8 block.
#[inline(always)]
fn add_to_8(mem: &mut [u8], dst: i64, stride: i64, sums: [i16x8; 8]) -> Checked {
    let [a, b, c, d, e, f, g, h] = sums;
    add_to_pair(mem, dst, stride, [a, b, c, d])?;
    add_to_pair(mem, dst + 4 * stride, stride, [e, f, g, h])
}
