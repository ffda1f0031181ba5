//! Inverse transforms of VP8 residuals, added to the prediction (RFC 6386, 14.3 and 14.4).

#![expect(
    clippy::needless_range_loop,
    reason = "adapters of iterators are not inlined into the wide context"
)]

use fearless_simd::prelude::*;
use fearless_simd::{i16x8, i16x16, i32x4};

use super::block::load_i16;
use super::guest::{Checked, Ptr, bytes_mut};
use super::simd::{Lanes, load, store};

/// Bytes of a 4x4 block of coefficients.
const BLOCK: i64 = 32;

/// Adds a block, which is cleared. What the first dimension gives is kept in 16 bits.
#[inline(always)]
pub(super) fn add<S: Simd>(simd: S, mem: &mut [u8], dst: Ptr, block: Ptr, stride: i32) -> Checked {
    let coefficients: [i16; 16] = load_i16(mem, block.into())?;
    let mut rows = [i32x4::simd_from(simd, 0); 4];
    for k in 0..4 {
        let mut row = [0; 4];
        for i in 0..4 {
            row[i] = coefficients[4 * k + i].into();
        }
        rows[k] = i32x4::load_array(simd, row);
    }
    *bytes_mut::<32>(mem, block.into())? = [0; 32];
    let mut rows = turn(butterfly(rows));
    for row in &mut rows {
        // As 16 bits would hold it.
        *row = (*row << 16) >> 16;
    }
    let rows = turn(butterfly(rows));
    for y in 0..4 {
        let at = i64::from(dst) + y as i64 * i64::from(stride);
        let change = (rows[y] + 4) >> 3;
        let change: i16x8<S> = change.saturating_narrow(change);
        let samples: i16x8<S> = load::<S, _, 4>(simd, mem, at)?;
        store::<S, _, 4>(mem, at, samples.saturating_add(change))?;
    }
    Ok(())
}

/// The one-dimensional transform: multiplications by the root of 2 times the cosine and the sine of
/// an eighth of pi, in units of 1/65536.
#[inline(always)]
fn butterfly<S: Simd>([a, b, c, d]: [i32x4<S>; 4]) -> [i32x4<S>; 4] {
    let (even, other) = (a + c, a - c);
    let first = sine(b) - cosine(d);
    let second = cosine(b) + sine(d);
    [even + second, other + first, other - first, even - second]
}

#[inline(always)]
fn sine<S: Simd>(x: i32x4<S>) -> i32x4<S> {
    (x * 35468) >> 16
}

#[inline(always)]
fn cosine<S: Simd>(x: i32x4<S>) -> i32x4<S> {
    x + ((x * 20091) >> 16)
}

/// Rows as columns.
#[inline(always)]
fn turn<S: Simd>([a, b, c, d]: [i32x4<S>; 4]) -> [i32x4<S>; 4] {
    let (low, high) = ((a.zip_low(c), a.zip_high(c)), (b.zip_low(d), b.zip_high(d)));
    [
        low.0.zip_low(high.0),
        low.0.zip_high(high.0),
        low.1.zip_low(high.1),
        low.1.zip_high(high.1),
    ]
}

/// Adds four blocks side by side that have nothing but their first coefficients.
#[inline(always)]
pub(super) fn add_dc_row<S: Simd>(
    simd: S,
    mem: &mut [u8],
    dst: Ptr,
    blocks: Ptr,
    stride: i32,
) -> Checked {
    let mut changes = [0; 16];
    for k in 0..4 {
        let change = take_dc(mem, i64::from(blocks) + k as i64 * BLOCK)?;
        for i in 0..4 {
            changes[4 * k + i] = change;
        }
    }
    add_rows::<S, i16x16<S>, 16>(simd, mem, dst.into(), stride, &changes)
}

/// Adds four such blocks in a square.
#[inline(always)]
pub(super) fn add_dc_square<S: Simd>(
    simd: S,
    mem: &mut [u8],
    dst: Ptr,
    blocks: Ptr,
    stride: i32,
) -> Checked {
    for half in 0..2 {
        let mut changes = [0; 8];
        for k in 0..2 {
            let block = i64::from(blocks) + (2 * half + k as i64) * BLOCK;
            let change = take_dc(mem, block)?;
            for i in 0..4 {
                changes[4 * k + i] = change;
            }
        }
        let at = i64::from(dst) + 4 * half * i64::from(stride);
        add_rows::<S, i16x8<S>, 8>(simd, mem, at, stride, &changes)?;
    }
    Ok(())
}

#[inline(always)]
fn add_rows<S: Simd, V: Lanes<S>, const N: usize>(
    simd: S,
    mem: &mut [u8],
    at: i64,
    stride: i32,
    changes: &[i16; N],
) -> Checked {
    let changes = V::numbers(simd, changes);
    for y in 0..4 {
        let at = at + y * i64::from(stride);
        let samples: V = load::<S, V, N>(simd, mem, at)?;
        store::<S, V, N>(mem, at, samples + changes)?;
    }
    Ok(())
}

/// What a first coefficient changes each sample by; it is cleared.
#[inline(always)]
fn take_dc(mem: &mut [u8], block: i64) -> Checked<i16> {
    let first: &mut [u8; 2] = bytes_mut(mem, block)?;
    let dc = (i32::from(i16::from_le_bytes(*first)) + 4) >> 3;
    *first = [0; 2];
    Ok(dc as i16)
}

/// Spreads the second-order coefficients to the first ones of sixteen blocks (14.3).
#[inline(always)]
pub(super) fn luma_dc<S: Simd>(simd: S, mem: &mut [u8], blocks: Ptr, dc: Ptr) -> Checked {
    let coefficients: [i16; 16] = load_i16(mem, dc.into())?;
    let mut rows = [i32x4::simd_from(simd, 0); 4];
    for k in 0..4 {
        let mut row = [0; 4];
        for i in 0..4 {
            row[i] = coefficients[4 * k + i].into();
        }
        rows[k] = i32x4::load_array(simd, row);
    }
    *bytes_mut::<32>(mem, dc.into())? = [0; 32];
    let mut rows = hadamard(rows);
    for row in &mut rows {
        *row = (*row << 16) >> 16;
    }
    let mut rows = hadamard(turn(rows));
    for row in &mut rows {
        *row = (*row + 3) >> 3;
    }
    for x in 0..4 {
        for y in 0..4 {
            let block = i64::from(blocks) + (4 * y as i64 + x as i64) * BLOCK;
            *bytes_mut(mem, block)? = (rows[x][y] as i16).to_le_bytes();
        }
    }
    Ok(())
}

#[inline(always)]
fn hadamard<S: Simd>([a, b, c, d]: [i32x4<S>; 4]) -> [i32x4<S>; 4] {
    let (outer, inner) = (a + d, b + c);
    let (outer_less, inner_less) = (a - d, b - c);
    [
        outer + inner,
        outer_less + inner_less,
        outer - inner,
        outer_less - inner_less,
    ]
}
