//! Intra prediction of 4x4 blocks in openh264's encoder (`pfGetLumaI4x4Pred`): ITU-T H.264 clause
//! 8.3.1.2.
//!
//! All are `void (uint8_t *prediction, uint8_t *block, const int32_t stride)`: the neighbours of
//! `block` in its plane are read, the prediction is written without gaps. Every slanting prediction
//! is made of the means of two and of three neighbours along an edge, in rows that are shifted.

use wide::i16x8;

use super::guest::{Checked, Ptr, bytes};
use super::lanes::{narrow, widen};
use super::openh264_intra::{above, left, sum, write};

/// A 4x4 prediction, row by row.
pub(super) type Small = [u8; 16];

/// Vertical.
#[inline(always)]
pub(super) fn vertical(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    let (at, stride) = (i64::from(at), i64::from(stride));
    let block = of_above(*above(mem, at, stride)?);
    write(mem, to, &block)
}

/// Horizontal.
#[inline(always)]
pub(super) fn horizontal(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    let (at, stride) = (i64::from(at), i64::from(stride));
    let block = of_left(left(mem, at, stride)?);
    write(mem, to, &block)
}

/// Mean of the neighbours above and to the left.
#[inline(always)]
pub(super) fn mean(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    let (at, stride) = (i64::from(at), i64::from(stride));
    let block = of_mean(above(mem, at, stride)?, &left(mem, at, stride)?);
    write(mem, to, &block)
}

/// Mean of the left neighbours.
#[inline(always)]
pub(super) fn mean_left(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    let (at, stride) = (i64::from(at), i64::from(stride));
    let block = [((sum(&left::<4>(mem, at, stride)?) + 2) >> 2) as u8; 16];
    write(mem, to, &block)
}

/// Mean of the neighbours above.
#[inline(always)]
pub(super) fn mean_above(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    let (at, stride) = (i64::from(at), i64::from(stride));
    let block = [((sum(above::<4>(mem, at, stride)?) + 2) >> 2) as u8; 16];
    write(mem, to, &block)
}

/// Diagonal down left.
#[inline(always)]
pub(super) fn down_left(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    let (at, stride) = (i64::from(at), i64::from(stride));
    let block = falling_left(*above(mem, at, stride)?);
    write(mem, to, &block)
}

/// Diagonal down left without neighbours above right: the last of those above stands for them.
#[inline(always)]
pub(super) fn down_left_narrow(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    let (at, stride) = (i64::from(at), i64::from(stride));
    let [a, b, c, d] = *above(mem, at, stride)?;
    let block = falling_left([a, b, c, d, d, d, d, d]);
    write(mem, to, &block)
}

/// Diagonal down right.
#[inline(always)]
pub(super) fn down_right(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    let (at, stride) = (i64::from(at), i64::from(stride));
    let (_, threes) = means(edge(mem, at, stride)?);
    let block = rows([&threes[3..], &threes[2..], &threes[1..], &threes]);
    write(mem, to, &block)
}

/// Vertical right.
#[inline(always)]
pub(super) fn vertical_right(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    let (at, stride) = (i64::from(at), i64::from(stride));
    let (twos, threes) = means(edge(mem, at, stride)?);
    let third = [threes[2], twos[4], twos[5], twos[6]];
    let fourth = [threes[1], threes[3], threes[4], threes[5]];
    let block = rows([&twos[4..], &threes[3..], &third, &fourth]);
    write(mem, to, &block)
}

/// Horizontal down.
#[inline(always)]
pub(super) fn horizontal_down(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    let (at, stride) = (i64::from(at), i64::from(stride));
    let (twos, threes) = means(edge(mem, at, stride)?);
    let [a, b, c, d, ..] = twos;
    let [e, f, g, h, i, j, ..] = threes;
    let steps = [a, e, b, f, c, g, d, h, i, j];
    let block = rows([&steps[6..], &steps[4..], &steps[2..], &steps]);
    write(mem, to, &block)
}

/// Vertical left.
#[inline(always)]
pub(super) fn vertical_left(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    let (at, stride) = (i64::from(at), i64::from(stride));
    let [a, b, c, d, e, f, g] = *above(mem, at, stride)?;
    let block = steep_left([a, b, c, d, e, f, g, g]);
    write(mem, to, &block)
}

/// Vertical left without neighbours above right: the last of those above stands for them.
#[inline(always)]
pub(super) fn vertical_left_narrow(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    let (at, stride) = (i64::from(at), i64::from(stride));
    let [a, b, c, d] = *above(mem, at, stride)?;
    let block = steep_left([a, b, c, d, d, d, d, d]);
    write(mem, to, &block)
}

/// Horizontal up.
#[inline(always)]
pub(super) fn horizontal_up(mem: &mut [u8], to: Ptr, at: Ptr, stride: i32) -> Checked {
    let (at, stride) = (i64::from(at), i64::from(stride));
    let [a, b, c, d] = left(mem, at, stride)?;
    let (twos, threes) = means([a, b, c, d, d, d, d, d, d, d]);
    let steps = [
        twos[0], threes[0], twos[1], threes[1], twos[2], threes[2], d, d, d, d,
    ];
    let block = rows([&steps, &steps[2..], &steps[4..], &steps[6..]]);
    write(mem, to, &block)
}

#[inline(always)]
pub(super) fn of_above([a, b, c, d]: [u8; 4]) -> Small {
    [a, b, c, d, a, b, c, d, a, b, c, d, a, b, c, d]
}

#[inline(always)]
pub(super) fn of_left([a, b, c, d]: [u8; 4]) -> Small {
    [a, a, a, a, b, b, b, b, c, c, c, c, d, d, d, d]
}

#[inline(always)]
pub(super) fn of_mean(above: &[u8; 4], left: &[u8; 4]) -> Small {
    [((sum(above) + sum(left) + 4) >> 3) as u8; 16]
}

#[inline(always)]
fn falling_left([a, b, c, d, e, f, g, h]: [u8; 8]) -> Small {
    let (_, threes) = means([a, b, c, d, e, f, g, h, h, h]);
    rows([&threes, &threes[1..], &threes[2..], &threes[3..]])
}

#[inline(always)]
fn steep_left([a, b, c, d, e, f, g, h]: [u8; 8]) -> Small {
    let (twos, threes) = means([a, b, c, d, e, f, g, h, h, h]);
    rows([&twos, &threes, &twos[1..], &threes[1..]])
}

/// The neighbours along the edge: left from the bottom, corner, above to the right, the last twice.
#[inline(always)]
fn edge(mem: &[u8], at: i64, stride: i64) -> Checked<[u8; 10]> {
    let [a, b, c, d] = left(mem, at, stride)?;
    let [corner, e, f, g, h] = *bytes(mem, at - stride - 1)?;
    Ok([d, c, b, a, corner, e, f, g, h, h])
}

/// The rounded means of each neighbour and the next, and of each and the next two, the middle one
/// counted twice.
#[inline(always)]
fn means([a, b, c, d, e, f, g, h, i, j]: [u8; 10]) -> ([u8; 8], [u8; 8]) {
    let first = widen(&[a, b, c, d, e, f, g, h]);
    let second = widen(&[b, c, d, e, f, g, h, i]);
    let third = widen(&[c, d, e, f, g, h, i, j]);
    let twos = (first + second + i16x8::splat(1)) >> 1;
    let threes = (first + second + second + third + i16x8::splat(2)) >> 2;
    (narrow(twos), narrow(threes))
}

/// A prediction of rows that begin with four samples each.
#[inline(always)]
fn rows(rows: [&[u8]; 4]) -> Small {
    let mut block = [0; 16];
    for y in 0..4 {
        block[4 * y..4 * y + 4].copy_from_slice(&rows[y][..4]);
    }
    block
}
