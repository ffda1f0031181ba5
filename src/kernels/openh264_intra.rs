//! Intra prediction of whole macroblocks in openh264's encoder (`pfGetLumaI16x16Pred`,
//! `pfGetChromaPred`): ITU-T H.264 clauses 8.3.3 and 8.3.4.
//!
//! All are `void (uint8_t *prediction, uint8_t *block, const int32_t stride)`: the neighbours of
//! `block` in its plane are read, the prediction is written without gaps.

use super::guest::{Checked, Ptr, bytes, bytes_mut};

/// Luma 16x16: plane.
#[inline(always)]
pub(super) fn large_plane(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    let (at, stride) = (i64::from(at), i64::from(stride));
    let block = plane::<16, 256>(mem, at, stride, |slope| (5 * slope + 32) >> 6)?;
    write(mem, to, &block)
}

/// Chroma 8x8: plane.
#[inline(always)]
pub(super) fn chroma_plane(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    let (at, stride) = (i64::from(at), i64::from(stride));
    let block = plane::<8, 64>(mem, at, stride, |slope| (17 * slope + 16) >> 5)?;
    write(mem, to, &block)
}

/// Writes a prediction.
#[inline(always)]
pub(super) fn write<const N: usize>(mem: &mut [u8], to: Ptr, block: &[u8; N]) -> Checked {
    *bytes_mut(mem, i64::from(to))? = *block;
    Ok(())
}

/// The neighbours above a block, beginning over its first column.
#[inline(always)]
pub(super) fn above<const N: usize>(mem: &[u8], at: i64, stride: i64) -> Checked<&[u8; N]> {
    bytes(mem, at - stride)
}

/// The neighbours to the left of a block, from the top.
#[inline(always)]
pub(super) fn left<const N: usize>(mem: &[u8], at: i64, stride: i64) -> Checked<[u8; N]> {
    let mut column = [0; N];
    let mut at = at - 1;
    for value in &mut column {
        let [byte] = *bytes(mem, at)?;
        *value = byte;
        at += stride;
    }
    Ok(column)
}

#[inline(always)]
pub(super) fn vertical<const W: usize, const N: usize>(
    mem: &[u8],
    at: i64,
    stride: i64,
) -> Checked<[u8; N]> {
    let above = above::<W>(mem, at, stride)?;
    let mut block = [0; N];
    for row in block.as_chunks_mut::<W>().0 {
        *row = *above;
    }
    Ok(block)
}

#[inline(always)]
pub(super) fn horizontal<const W: usize, const N: usize>(
    mem: &[u8],
    at: i64,
    stride: i64,
) -> Checked<[u8; N]> {
    let left = left::<W>(mem, at, stride)?;
    let mut block = [0; N];
    for (row, value) in block.as_chunks_mut::<W>().0.iter_mut().zip(left) {
        *row = [value; W];
    }
    Ok(block)
}

#[inline(always)]
pub(super) fn mean16(mem: &[u8], at: i64, stride: i64) -> Checked<[u8; 256]> {
    let total = sum(above::<16>(mem, at, stride)?) + sum(&left::<16>(mem, at, stride)?);
    Ok([((total + 16) >> 5) as u8; 256])
}

#[inline(always)]
pub(super) fn mean8(mem: &[u8], at: i64, stride: i64) -> Checked<[u8; 64]> {
    let [first, second] = halves(above::<8>(mem, at, stride)?);
    let [upper, lower] = halves(&left::<8>(mem, at, stride)?);
    Ok(quarters([
        ((first + upper + 4) >> 3) as u8,
        ((second + 2) >> 2) as u8,
        ((lower + 2) >> 2) as u8,
        ((second + lower + 4) >> 3) as u8,
    ]))
}

/// Four values for the quarters of an 8x8 block, in reading order.
#[inline(always)]
fn quarters([a, b, c, d]: [u8; 4]) -> [u8; 64] {
    let mut block = [0; 64];
    for (y, row) in block.as_chunks_mut::<8>().0.iter_mut().enumerate() {
        let (left, right) = if y < 4 { (a, b) } else { (c, d) };
        *row = [left, left, left, left, right, right, right, right];
    }
    block
}

#[inline(always)]
fn plane<const W: usize, const N: usize>(
    mem: &[u8],
    at: i64,
    stride: i64,
    scaled: impl Fn(i32) -> i32,
) -> Checked<[u8; N]> {
    let above = above::<W>(mem, at, stride)?;
    let left = left::<W>(mem, at, stride)?;
    let [corner] = *bytes(mem, at - stride - 1)?;
    let middle = W as i32 / 2 - 1;
    let origin = 16 * (i32::from(above[W - 1]) + i32::from(left[W - 1])) + 16;
    let across = scaled(slope(above, corner));
    let down = scaled(slope(&left, corner));
    let mut block = [0; N];
    for (y, row) in block.as_chunks_mut::<W>().0.iter_mut().enumerate() {
        let start = origin + down * (y as i32 - middle) - across * middle;
        for (x, value) in row.iter_mut().enumerate() {
            *value = ((start + across * x as i32) >> 5).clamp(0, 255) as u8;
        }
    }
    Ok(block)
}

/// The weighted differences between the two halves of an edge, which begins after `corner`.
#[inline(always)]
fn slope<const W: usize>(edge: &[u8; W], corner: u8) -> i32 {
    (1..=W / 2)
        .map(|distance| {
            let far = edge[W / 2 - 1 + distance];
            let near = if distance == W / 2 {
                corner
            } else {
                edge[W / 2 - 1 - distance]
            };
            distance as i32 * (i32::from(far) - i32::from(near))
        })
        .sum()
}

#[inline(always)]
fn halves(edge: &[u8; 8]) -> [u32; 2] {
    let [a, b, c, d, e, f, g, h] = *edge;
    [sum(&[a, b, c, d]), sum(&[e, f, g, h])]
}

#[inline(always)]
pub(super) fn sum<const N: usize>(values: &[u8; N]) -> u32 {
    values.iter().map(|&value| u32::from(value)).sum()
}
