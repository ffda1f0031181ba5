//! Intra prediction of openh264's encoder (`pfGetLumaI4x4Pred`, `pfGetLumaI16x16Pred`,
//! `pfGetChromaPred`): ITU-T H.264 clauses 8.3.1.2, 8.3.3 and 8.3.4.
//!
//! All are `void (uint8_t *prediction, uint8_t *block, const int32_t stride)`: the neighbours of
//! `block` in its plane are read, the prediction is written without gaps.

use super::guest::{Checked, Ptr, bytes, bytes_mut};

/// A 4x4 prediction, row by row.
pub(super) type Small = [u8; 16];

/// Luma 4x4: vertical.
#[inline(always)]
pub(super) fn small_vertical(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    predict(
        mem,
        to,
        at,
        stride,
        #[inline(always)]
        |mem, at, stride| Ok(vertical4(*above(mem, at, stride)?)),
    )
}

/// Luma 4x4: horizontal.
#[inline(always)]
pub(super) fn small_horizontal(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    predict(
        mem,
        to,
        at,
        stride,
        #[inline(always)]
        |mem, at, stride| Ok(horizontal4(left(mem, at, stride)?)),
    )
}

/// Luma 4x4: mean of the neighbours above and to the left.
#[inline(always)]
pub(super) fn small_mean(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    predict(
        mem,
        to,
        at,
        stride,
        #[inline(always)]
        |mem, at, stride| Ok(mean4(above(mem, at, stride)?, &left(mem, at, stride)?)),
    )
}

/// Luma 4x4: mean of the left neighbours.
#[inline(always)]
pub(super) fn small_mean_left(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    predict(
        mem,
        to,
        at,
        stride,
        #[inline(always)]
        |mem, at, stride| Ok([((sum(&left::<4>(mem, at, stride)?) + 2) >> 2) as u8; 16]),
    )
}

/// Luma 4x4: mean of the neighbours above.
#[inline(always)]
pub(super) fn small_mean_above(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    predict(
        mem,
        to,
        at,
        stride,
        #[inline(always)]
        |mem, at, stride| Ok([((sum(above::<4>(mem, at, stride)?) + 2) >> 2) as u8; 16]),
    )
}

/// Luma 4x4: diagonal down left.
#[inline(always)]
pub(super) fn small_down_left(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    predict(
        mem,
        to,
        at,
        stride,
        #[inline(always)]
        |mem, at, stride| Ok(down_left(above(mem, at, stride)?)),
    )
}

/// Luma 4x4: diagonal down left without neighbours above right.
#[inline(always)]
pub(super) fn small_down_left_narrow(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    predict(
        mem,
        to,
        at,
        stride,
        #[inline(always)]
        |mem, at, stride| Ok(down_left(&widened(above(mem, at, stride)?))),
    )
}

/// Luma 4x4: diagonal down right.
#[inline(always)]
pub(super) fn small_down_right(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    predict(
        mem,
        to,
        at,
        stride,
        #[inline(always)]
        |mem, at, stride| {
            let edge = edge(mem, at, stride)?;
            Ok(each(|x, y| {
                mean3(edge[3 + x - y], edge[4 + x - y], edge[5 + x - y])
            }))
        },
    )
}

/// Luma 4x4: vertical right.
#[inline(always)]
pub(super) fn small_vertical_right(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    predict(
        mem,
        to,
        at,
        stride,
        #[inline(always)]
        |mem, at, stride| {
            let edge = edge(mem, at, stride)?;
            Ok(each(|x, y| {
                let z = 2 * x as i32 - y as i32;
                if z < -1 {
                    return mean3(edge[4 - y], edge[5 - y], edge[6 - y]);
                }
                if z == -1 {
                    return mean3(edge[3], edge[4], edge[5]);
                }
                let k = x - (y >> 1);
                if z % 2 == 0 {
                    mean2(edge[4 + k], edge[5 + k])
                } else {
                    mean3(edge[3 + k], edge[4 + k], edge[5 + k])
                }
            }))
        },
    )
}

/// Luma 4x4: horizontal down.
#[inline(always)]
pub(super) fn small_horizontal_down(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    predict(
        mem,
        to,
        at,
        stride,
        #[inline(always)]
        |mem, at, stride| {
            let edge = edge(mem, at, stride)?;
            Ok(each(|x, y| {
                let z = 2 * y as i32 - x as i32;
                if z < -1 {
                    return mean3(edge[2 + x], edge[3 + x], edge[4 + x]);
                }
                if z == -1 {
                    return mean3(edge[3], edge[4], edge[5]);
                }
                let k = y - (x >> 1);
                if z % 2 == 0 {
                    mean2(edge[3 - k], edge[4 - k])
                } else {
                    mean3(edge[3 - k], edge[4 - k], edge[5 - k])
                }
            }))
        },
    )
}

/// Luma 4x4: vertical left.
#[inline(always)]
pub(super) fn small_vertical_left(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    predict(
        mem,
        to,
        at,
        stride,
        #[inline(always)]
        |mem, at, stride| Ok(vertical_left(above(mem, at, stride)?)),
    )
}

/// Luma 4x4: vertical left without neighbours above right.
#[inline(always)]
pub(super) fn small_vertical_left_narrow(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    predict(
        mem,
        to,
        at,
        stride,
        #[inline(always)]
        |mem, at, stride| {
            let [a, b, c, d] = *above(mem, at, stride)?;
            Ok(vertical_left(&[a, b, c, d, d, d, d]))
        },
    )
}

/// Luma 4x4: horizontal up.
#[inline(always)]
pub(super) fn small_horizontal_up(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    predict(
        mem,
        to,
        at,
        stride,
        #[inline(always)]
        |mem, at, stride| {
            let [a, b, c, d] = left(mem, at, stride)?;
            let left = [a, b, c, d, d, d, d];
            Ok(each(|x, y| {
                let k = y + (x >> 1);
                match x + 2 * y {
                    6.. => d,
                    z if z % 2 == 0 => mean2(left[k], left[k + 1]),
                    _ => mean3(left[k], left[k + 1], left[k + 2]),
                }
            }))
        },
    )
}

/// Luma 16x16: vertical.
#[inline(always)]
pub(super) fn large_vertical(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    predict(
        mem,
        to,
        at,
        stride,
        #[inline(always)]
        |mem, at, stride| vertical::<16, 256>(mem, at, stride),
    )
}

/// Luma 16x16: horizontal.
#[inline(always)]
pub(super) fn large_horizontal(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    predict(
        mem,
        to,
        at,
        stride,
        #[inline(always)]
        |mem, at, stride| horizontal::<16, 256>(mem, at, stride),
    )
}

/// Luma 16x16: mean of the neighbours above and to the left.
#[inline(always)]
pub(super) fn large_mean(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    predict(
        mem,
        to,
        at,
        stride,
        #[inline(always)]
        |mem, at, stride| mean16(mem, at, stride),
    )
}

/// Luma 16x16: mean of the left neighbours.
#[inline(always)]
pub(super) fn large_mean_left(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    predict(
        mem,
        to,
        at,
        stride,
        #[inline(always)]
        |mem, at, stride| Ok([((sum(&left::<16>(mem, at, stride)?) + 8) >> 4) as u8; 256]),
    )
}

/// Luma 16x16: mean of the neighbours above.
#[inline(always)]
pub(super) fn large_mean_above(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    predict(
        mem,
        to,
        at,
        stride,
        #[inline(always)]
        |mem, at, stride| Ok([((sum(above::<16>(mem, at, stride)?) + 8) >> 4) as u8; 256]),
    )
}

/// Luma 16x16: plane.
#[inline(always)]
pub(super) fn large_plane(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    predict(
        mem,
        to,
        at,
        stride,
        #[inline(always)]
        |mem, at, stride| plane::<16, 256>(mem, at, stride, |slope| (5 * slope + 32) >> 6),
    )
}

/// Chroma 8x8: vertical.
#[inline(always)]
pub(super) fn chroma_vertical(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    predict(
        mem,
        to,
        at,
        stride,
        #[inline(always)]
        |mem, at, stride| vertical::<8, 64>(mem, at, stride),
    )
}

/// Chroma 8x8: horizontal.
#[inline(always)]
pub(super) fn chroma_horizontal(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    predict(
        mem,
        to,
        at,
        stride,
        #[inline(always)]
        |mem, at, stride| horizontal::<8, 64>(mem, at, stride),
    )
}

/// Chroma 8x8: means of the neighbours, one for each quarter.
#[inline(always)]
pub(super) fn chroma_mean(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    predict(
        mem,
        to,
        at,
        stride,
        #[inline(always)]
        |mem, at, stride| mean8(mem, at, stride),
    )
}

/// Chroma 8x8: means of the left neighbours, one for each half.
#[inline(always)]
pub(super) fn chroma_mean_left(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    predict(
        mem,
        to,
        at,
        stride,
        #[inline(always)]
        |mem, at, stride| {
            let [upper, lower] =
                halves(&left::<8>(mem, at, stride)?).map(|sum| ((sum + 2) >> 2) as u8);
            Ok(quarters([upper, upper, lower, lower]))
        },
    )
}

/// Chroma 8x8: means of the neighbours above, one for each half.
#[inline(always)]
pub(super) fn chroma_mean_above(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    predict(
        mem,
        to,
        at,
        stride,
        #[inline(always)]
        |mem, at, stride| {
            let [first, second] =
                halves(above::<8>(mem, at, stride)?).map(|sum| ((sum + 2) >> 2) as u8);
            Ok(quarters([first, second, first, second]))
        },
    )
}

/// Chroma 8x8: plane.
#[inline(always)]
pub(super) fn chroma_plane(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    predict(
        mem,
        to,
        at,
        stride,
        #[inline(always)]
        |mem, at, stride| plane::<8, 64>(mem, at, stride, |slope| (17 * slope + 16) >> 5),
    )
}

/// Predicts from the neighbours and writes the prediction.
#[inline(always)]
fn predict<const N: usize>(
    mem: &mut [u8],
    to: Ptr,
    at: Ptr,
    stride: i32,
    prediction: impl FnOnce(&[u8], i64, i64) -> Checked<[u8; N]>,
) -> Checked {
    let values = prediction(mem, i64::from(at), i64::from(stride))?;
    *bytes_mut(mem, i64::from(to))? = values;
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

/// The neighbours of a 4x4 block along its edge: left from the bottom, corner, above to the right.
#[inline(always)]
fn edge(mem: &[u8], at: i64, stride: i64) -> Checked<[u8; 9]> {
    let [a, b, c, d] = left(mem, at, stride)?;
    let [corner, e, f, g, h] = *bytes(mem, at - stride - 1)?;
    Ok([d, c, b, a, corner, e, f, g, h])
}

#[inline(always)]
pub(super) fn vertical4([a, b, c, d]: [u8; 4]) -> Small {
    [a, b, c, d, a, b, c, d, a, b, c, d, a, b, c, d]
}

#[inline(always)]
pub(super) fn horizontal4(left: [u8; 4]) -> Small {
    each(|_, y| left[y])
}

#[inline(always)]
pub(super) fn mean4(above: &[u8; 4], left: &[u8; 4]) -> Small {
    [((sum(above) + sum(left) + 4) >> 3) as u8; 16]
}

#[inline(always)]
fn down_left(above: &[u8; 8]) -> Small {
    each(|x, y| mean3(above[x + y], above[x + y + 1], above[(x + y + 2).min(7)]))
}

#[inline(always)]
fn vertical_left(above: &[u8; 7]) -> Small {
    each(|x, y| {
        let k = x + (y >> 1);
        if y % 2 == 0 {
            mean2(above[k], above[k + 1])
        } else {
            mean3(above[k], above[k + 1], above[k + 2])
        }
    })
}

/// The last of four neighbours stands for those that are not there.
#[inline(always)]
fn widened(&[a, b, c, d]: &[u8; 4]) -> [u8; 8] {
    [a, b, c, d, d, d, d, d]
}

#[inline(always)]
fn each(value: impl Fn(usize, usize) -> u8) -> Small {
    std::array::from_fn(|index| value(index % 4, index / 4))
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
fn sum<const N: usize>(values: &[u8; N]) -> u32 {
    values.iter().map(|&value| u32::from(value)).sum()
}

#[inline(always)]
fn mean2(a: u8, b: u8) -> u8 {
    ((u16::from(a) + u16::from(b) + 1) >> 1) as u8
}

#[inline(always)]
fn mean3(a: u8, b: u8, c: u8) -> u8 {
    ((u16::from(a) + 2 * u16::from(b) + u16::from(c) + 2) >> 2) as u8
}
