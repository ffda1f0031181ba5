//! Inverse transforms of VP9 residuals, added to the prediction (bitstream specification, 8.7), for
//! 8 bits a sample.
//!
//! Blocks hold their coefficients column by column and are cleared after use. Products are formed in
//! 32 bits, what a dimension gives is kept in 16; both wrap, which matters for damaged streams only.

#![expect(
    clippy::needless_range_loop,
    reason = "adapters of iterators are not inlined into the wide context"
)]

use fearless_simd::prelude::*;
use fearless_simd::{i16x8, i32x4, i32x8};

use super::guest::{Checked, Ptr, bytes, bytes_mut, slice_mut};
use super::simd::{load, load_numbers, store, turn};
use super::vp9_transform::{Input, adst4, adst8, adst16, dct4, dct8, dct16, dct32};

/// A block of N x N numbers, rows of eight.
type Rows<S, const N: usize, const EIGHTS: usize> = [[i16x8<S>; EIGHTS]; N];

/// Eight columns of such a block, of which the rows from `LIMIT` on are zero.
struct Columns<'a, S: Simd, const N: usize, const EIGHTS: usize, const LIMIT: usize> {
    simd: S,
    rows: &'a Rows<S, N, EIGHTS>,
    eight: usize,
}

impl<S: Simd, const N: usize, const EIGHTS: usize, const LIMIT: usize> Input<i32x8<S>>
    for Columns<'_, S, N, EIGHTS, LIMIT>
{
    #[inline(always)]
    fn at(&self, k: usize) -> i32x8<S> {
        if k >= LIMIT {
            return i32x8::simd_from(self.simd, 0);
        }
        let (low, high) = self.rows[k][self.eight].widen();
        low.combine(high)
    }
}

/// Adds a block of 8x8 or more; `FIRST` and `SECOND`: whether the dimension's transform is a sine.
#[inline(always)]
pub(super) fn add<
    S: Simd,
    const N: usize,
    const EIGHTS: usize,
    const FIRST: bool,
    const SECOND: bool,
>(
    simd: S,
    mem: &mut [u8],
    dst: Ptr,
    stride: i32,
    block: Ptr,
    count: i32,
) -> Checked {
    let (dst, stride, block) = (i64::from(dst), i64::from(stride), i64::from(block));
    if !FIRST && !SECOND && count == 1 {
        return add_dc::<S, N, EIGHTS>(simd, mem, dst, stride, block);
    }
    let zero = i16x8::simd_from(simd, 0);
    let mut rows = [[zero; EIGHTS]; N];
    let mut used = [[zero; EIGHTS]; 2];
    for k in 0..N {
        for h in 0..EIGHTS {
            let at = block + 2 * (k * N + 8 * h) as i64;
            rows[k][h] = load_numbers::<S, _, 8>(simd, mem, at)?;
            let half = usize::from(k >= 8);
            used[half][h] |= rows[k][h];
        }
    }
    slice_mut(mem, block, 2 * N * N)?.fill(0);
    let mut few_rows = true;
    let mut few_columns = true;
    let mut turned = [[zero; EIGHTS]; N];
    for h in 0..EIGHTS {
        let more = N > 8 && any(used[1][h]);
        if !more && !any(used[0][h]) {
            continue;
        }
        few_rows &= !more;
        few_columns &= h == 0;
        let out = if few_rows {
            pass::<S, N, EIGHTS, FIRST, 8>(simd, &rows, h)
        } else {
            pass::<S, N, EIGHTS, FIRST, N>(simd, &rows, h)
        };
        for g in 0..EIGHTS {
            let mut tile = [zero; 8];
            for i in 0..8 {
                tile[i] = out[8 * g + i];
            }
            let tile = turn(tile);
            for i in 0..8 {
                turned[8 * h + i][g] = tile[i];
            }
        }
    }
    let bits = if N == 8 { 5 } else { 6 };
    for g in 0..EIGHTS {
        let out = if few_columns {
            pass::<S, N, EIGHTS, SECOND, 8>(simd, &turned, g)
        } else {
            pass::<S, N, EIGHTS, SECOND, N>(simd, &turned, g)
        };
        for y in 0..N {
            let change = out[y].saturating_add(1 << (bits - 1)) >> bits;
            let at = dst + y as i64 * stride + 8 * g as i64;
            let samples: i16x8<S> = load::<S, _, 8>(simd, mem, at)?;
            store::<S, _, 8>(mem, at, samples + change)?;
        }
    }
    Ok(())
}

#[inline(always)]
fn any<S: Simd>(lanes: i16x8<S>) -> bool {
    let numbers: [i16; 8] = lanes.to_array();
    let mut all = 0;
    for number in numbers {
        all |= number;
    }
    all != 0
}

/// One dimension of eight columns.
#[inline(always)]
fn pass<S: Simd, const N: usize, const EIGHTS: usize, const SINE: bool, const LIMIT: usize>(
    simd: S,
    rows: &Rows<S, N, EIGHTS>,
    eight: usize,
) -> [i16x8<S>; N] {
    let input = Columns::<S, N, EIGHTS, LIMIT> { simd, rows, eight };
    let mut out = [i16x8::simd_from(simd, 0); N];
    match (N, SINE) {
        (8, false) => keep(&dct8(&input), &mut out),
        (8, true) => keep(&adst8(&input), &mut out),
        (16, false) => keep(&dct16(&input), &mut out),
        (16, true) => keep(&adst16(&input), &mut out),
        _ => keep(&dct32(&input), &mut out),
    }
    out
}

#[inline(always)]
fn keep<S: Simd, const M: usize, const N: usize>(values: &[i32x8<S>; M], out: &mut [i16x8<S>; N]) {
    for i in 0..M {
        if i < N {
            let (low, high) = values[i].split();
            out[i] = low.narrow(high);
        }
    }
}

/// Adds a block that has nothing but its first coefficient.
#[inline(always)]
fn add_dc<S: Simd, const N: usize, const EIGHTS: usize>(
    simd: S,
    mem: &mut [u8],
    dst: i64,
    stride: i64,
    block: i64,
) -> Checked {
    let change = dc(mem, block)?;
    let bits = if N == 8 { 5 } else { 6 };
    let change = i16x8::simd_from(simd, ((change + (1 << (bits - 1))) >> bits) as i16);
    for y in 0..N as i64 {
        for g in 0..EIGHTS as i64 {
            let at = dst + y * stride + 8 * g;
            let samples: i16x8<S> = load::<S, _, 8>(simd, mem, at)?;
            store::<S, _, 8>(mem, at, samples + change)?;
        }
    }
    Ok(())
}

/// The first coefficient after both dimensions; it is cleared.
#[inline(always)]
fn dc(mem: &mut [u8], block: i64) -> Checked<i32> {
    let first: i32 = i16::from_le_bytes(*bytes(mem, block)?).into();
    *bytes_mut(mem, block)? = [0; 2];
    let once = (first * 11585 + (1 << 13)) >> 14;
    Ok((once * 11585 + (1 << 13)) >> 14)
}

/// Rows of a 4x4 block.
struct Four<S: Simd>([i32x4<S>; 4]);

impl<S: Simd> Input<i32x4<S>> for Four<S> {
    #[inline(always)]
    fn at(&self, k: usize) -> i32x4<S> {
        self.0[k]
    }
}

/// Adds a 4x4 block.
#[inline(always)]
pub(super) fn add4<S: Simd, const FIRST: bool, const SECOND: bool>(
    simd: S,
    mem: &mut [u8],
    dst: Ptr,
    stride: i32,
    block: Ptr,
    count: i32,
) -> Checked {
    let (dst, stride, block) = (i64::from(dst), i64::from(stride), i64::from(block));
    let changes = if !FIRST && !SECOND && count == 1 {
        [i32x4::simd_from(simd, dc(mem, block)?); 4]
    } else {
        let mut rows = [i32x4::simd_from(simd, 0); 4];
        for k in 0..4 {
            let row: i16x8<S> = load_numbers::<S, _, 4>(simd, mem, block + 8 * k as i64)?;
            rows[k] = row.widen().0;
        }
        *bytes_mut::<32>(mem, block)? = [0; 32];
        let input = Four(rows);
        let first = if FIRST { adst4(&input) } else { dct4(&input) };
        let input = Four(turn4(kept(first)));
        kept(if SECOND { adst4(&input) } else { dct4(&input) })
    };
    for y in 0..4 {
        let at = dst + y as i64 * stride;
        let change = (changes[y] + 8) >> 4;
        let change: i16x8<S> = change.narrow(change);
        let samples: i16x8<S> = load::<S, _, 4>(simd, mem, at)?;
        store::<S, _, 4>(mem, at, samples + change)?;
    }
    Ok(())
}

/// Numbers as 16 bits would hold them.
#[inline(always)]
fn kept<S: Simd>(mut rows: [i32x4<S>; 4]) -> [i32x4<S>; 4] {
    for k in 0..4 {
        rows[k] = (rows[k] << 16) >> 16;
    }
    rows
}

#[inline(always)]
fn turn4<S: Simd>([a, b, c, d]: [i32x4<S>; 4]) -> [i32x4<S>; 4] {
    let (low, high) = ((a.zip_low(c), a.zip_high(c)), (b.zip_low(d), b.zip_high(d)));
    [
        low.0.zip_low(high.0),
        low.0.zip_high(high.0),
        low.1.zip_low(high.1),
        low.1.zip_high(high.1),
    ]
}
