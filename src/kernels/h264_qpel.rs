//! Luma prediction from another picture at quarter samples (ITU-T H.264, 8.4.2.2.1), 8 bits a sample.
//!
//! A block is predicted in strips of up to eight columns, row by row from the top: the columns are
//! lanes, and the filter that runs down keeps the last six rows.

use wide::{i16x8, u8x16};

use super::guest::{Checked, Ptr, bytes, bytes_mut, slice};
use super::lanes::{mean_up, pad, widen};

/// Predicts `N`x`N` samples, or averages them with what is there (`AVG`). `AT` is the position: the
/// quarters to the right, plus four times the quarters down.
#[inline(always)]
pub(super) fn predict<const N: usize, const AVG: bool, const AT: usize>(
    mem: &mut [u8],
    dst: Ptr,
    src: Ptr,
    stride: i32,
) -> Checked {
    let (dst, src, stride) = (i64::from(dst), i64::from(src), i64::from(stride));
    if AT == 0 {
        return copy::<N, AVG>(mem, dst, src, stride);
    }
    let rows = N as i64;
    if N < 8 {
        return strip::<4, AVG, AT>(mem, dst, src, stride, rows);
    }
    for column in (0..rows).step_by(8) {
        strip::<8, AVG, AT>(mem, dst + column, src + column, stride, rows)?;
    }
    Ok(())
}

/// The samples themselves: `G` in figure 8-4.
#[inline(always)]
fn copy<const N: usize, const AVG: bool>(
    mem: &mut [u8],
    dst: i64,
    src: i64,
    stride: i64,
) -> Checked {
    for y in 0..N as i64 {
        let row = pad::<N>(bytes(mem, src + y * stride)?);
        put::<N, AVG>(mem, dst + y * stride, row)?;
    }
    Ok(())
}

/// Predicts `W` columns.
#[inline(always)]
fn strip<const W: usize, const AVG: bool, const AT: usize>(
    mem: &mut [u8],
    dst: i64,
    src: i64,
    stride: i64,
    rows: i64,
) -> Checked {
    let (right, down) = (AT % 4, AT / 4);
    // The names of the samples are those of figure 8-4: `b` and `h` are half samples to the right of
    // `G` and below it, `j` is the one in the middle. Three quarters are nearer to the next sample.
    let (next_column, next_row) = ((right / 2) as i64, (down / 2) as i64);
    let needs_h = down != 0 && right != 2;
    let needs_j = down != 0 && right == 2 || down == 2 && right != 0;
    let column = src + if right == 3 { next_column } else { 0 };
    let mut above = [i16x8::ZERO; 6];
    let mut above_sums = [i16x8::ZERO; 6];
    if down != 0 {
        for back in 0..5 {
            let row = (back as i64 - 2) * stride;
            if needs_h {
                above[back + 1] = widen::<W>(bytes(mem, column + row)?);
            }
            if needs_j {
                above_sums[back + 1] = across::<W>(mem, src + row)?;
            }
        }
    }
    for y in 0..rows {
        let row = y * stride;
        if needs_h {
            slide(
                &mut above,
                widen::<W>(bytes(mem, column + row + 3 * stride)?),
            );
        }
        if needs_j {
            slide(&mut above_sums, across::<W>(mem, src + row + 3 * stride)?);
        }
        let next = if down == 3 { next_row as usize } else { 0 };
        let row_of_b = src + row + next as i64 * stride;
        let value = match (right, down) {
            (2, 0) => rounded(across::<W>(mem, src + row)?),
            (0, 2) => rounded(weigh(above)),
            (2, 2) => middle(above_sums),
            (_, 0) => mean_up(
                pad::<W>(bytes(mem, src + row + if right == 3 { 1 } else { 0 })?),
                rounded(across::<W>(mem, src + row)?),
            ),
            (0, _) => mean_up(
                u8x16::narrow_i16x8(above[2 + next], i16x8::ZERO),
                rounded(weigh(above)),
            ),
            (2, _) => mean_up(rounded(above_sums[2 + next]), middle(above_sums)),
            (_, 2) => mean_up(rounded(weigh(above)), middle(above_sums)),
            _ => mean_up(rounded(across::<W>(mem, row_of_b)?), rounded(weigh(above))),
        };
        put::<W, AVG>(mem, dst + row, value)?;
    }
    Ok(())
}

/// Writes a row of prediction, or its mean with what is there.
#[inline(always)]
fn put<const W: usize, const AVG: bool>(mem: &mut [u8], at: i64, value: u8x16) -> Checked {
    let row: &mut [u8; W] = bytes_mut(mem, at)?;
    let value = if AVG { mean_up(pad(row), value) } else { value };
    row.copy_from_slice(&value.to_array()[..W]);
    Ok(())
}

/// Forgets the oldest row.
#[inline(always)]
fn slide(rows: &mut [i16x8; 6], row: i16x8) {
    let [_, a, b, c, d, e] = *rows;
    *rows = [a, b, c, d, e, row];
}

/// The six-tap filter along a row, before rounding.
#[inline(always)]
fn across<const W: usize>(mem: &[u8], at: i64) -> Checked<i16x8> {
    let row = slice(mem, at - 2, W + 5)?;
    let mut samples = [i16x8::ZERO; 6];
    for (k, lanes) in samples.iter_mut().enumerate() {
        let mut part = [0; W];
        part.copy_from_slice(&row[k..k + W]);
        *lanes = widen(&part);
    }
    Ok(weigh(samples))
}

/// Equations 8-241 and 8-242.
#[inline(always)]
fn weigh([a, b, c, d, e, f]: [i16x8; 6]) -> i16x8 {
    let five = ((c + d) << 2) - (b + e);
    a + f + five + (five << 2)
}

/// Equation 8-243; the last eight bytes mean nothing.
#[inline(always)]
fn rounded(sums: i16x8) -> u8x16 {
    let samples = (sums + i16x8::splat(16)) >> 5;
    u8x16::narrow_i16x8(samples, samples)
}

/// Equations 8-244 to 8-246: the filter down over sums of the filter along, without 32 bits.
///
/// With `o`, `n` and `i` the sums of the outer, near and inner two, `(o - 5n + 20i + 512) >> 10` is
/// wanted. Rounding down in steps gives what rounding down at once gives, so it is
/// `(((((o - n) >> 2) - n + i) >> 2) + i + 32) >> 6`. A sum is between -2,550 and 10,710. Only adding
/// `i` can leave 16 bits; the result is then outside 0 to 255 on that side, limited or not.
#[inline(always)]
fn middle([a, b, c, d, e, f]: [i16x8; 6]) -> u8x16 {
    let (outer, near, inner) = (a + f, b + e, c + d);
    let quarter: i16x8 = (outer - near) >> 2;
    let quarter = (quarter - near).saturating_add(inner);
    let samples = ((quarter >> 2) + inner + i16x8::splat(32)) >> 6;
    u8x16::narrow_i16x8(samples, samples)
}
