//! Residuals of HEVC (ITU-T H.265, 8.6.4.2 and 8.6.7), 8 bits a sample: the inverse transforms, and
//! the sum with the prediction.

#![expect(
    clippy::needless_range_loop,
    reason = "adapters of iterators are not inlined into the wide context"
)]

use fearless_simd::prelude::*;
use fearless_simd::{i16x8, i16x16, i32x4};

use super::guest::{Checked, Ptr, bytes, slice_mut};
use super::simd::{Lanes, load, load_numbers, store, store_numbers, turn};

/// The coefficients of the transform, by their angle in 64ths of pi: equation 8-277 has no others.
const BY_ANGLE: [i16; 33] = [
    64, 90, 90, 90, 89, 88, 87, 85, 83, 82, 80, 78, 75, 73, 70, 67, 64, 61, 57, 54, 50, 46, 43, 38,
    36, 31, 25, 22, 18, 13, 9, 4, 0,
];

/// The coefficient in row `k` and column `j` of the matrix for 32.
const fn coefficient(k: usize, j: usize) -> i16 {
    let angle = k * (2 * j + 1) % 128;
    let angle = if angle > 64 { 128 - angle } else { angle };
    if angle > 32 {
        -BY_ANGLE[64 - angle]
    } else {
        BY_ANGLE[angle]
    }
}

/// Two coefficients each, of rows `first` and `first + step` and so on, for the columns of a half:
/// what a pair of inputs is multiplied by.
const fn pairs<const PAIRS: usize, const COLUMNS: usize>(
    first: usize,
    step: usize,
) -> [[i32; PAIRS]; COLUMNS] {
    let mut all = [[0; PAIRS]; COLUMNS];
    let mut j = 0;
    while j < COLUMNS {
        let mut p = 0;
        while p < PAIRS {
            let low = coefficient(first + 2 * p * step, j);
            let high = coefficient(first + (2 * p + 1) * step, j);
            all[j][p] = (low as i32 & 0xffff) | ((high as i32) << 16);
            p += 1;
        }
        j += 1;
    }
    all
}

const ODD_32: [[i32; 8]; 16] = pairs(1, 2);
const ODD_16: [[i32; 4]; 8] = pairs(2, 4);
const ODD_8: [[i32; 2]; 4] = pairs(4, 8);
const ODD_4: [[i32; 1]; 2] = pairs(8, 16);
const EVEN_4: [[i32; 1]; 2] = pairs(0, 16);

/// Sums of products in 32 bits: of the low four lanes and of the high four.
type Sums<S> = (i32x4<S>, i32x4<S>);

/// Sums over the rows `first`, `first + step` and so on, for each column of a half. Rows from `LIMIT`
/// on are zero.
#[inline(always)]
fn products<
    S: Simd,
    const N: usize,
    const LIMIT: usize,
    const PAIRS: usize,
    const COLUMNS: usize,
>(
    simd: S,
    x: &[i16x8<S>; N],
    first: usize,
    step: usize,
    weights: &[[i32; PAIRS]; COLUMNS],
) -> [Sums<S>; COLUMNS] {
    let zero = i32x4::simd_from(simd, 0);
    let mut inputs = [(x[0], x[0]); PAIRS];
    for p in 0..PAIRS {
        let (a, b) = (x[first + 2 * p * step], x[first + (2 * p + 1) * step]);
        inputs[p] = (a.zip_low(b), a.zip_high(b));
    }
    let mut sums = [(zero, zero); COLUMNS];
    for j in 0..COLUMNS {
        for p in 0..PAIRS {
            if first + 2 * p * step >= LIMIT {
                continue;
            }
            let weight: i16x8<S> = i32x4::simd_from(simd, weights[j][p]).bitcast();
            sums[j].0 += inputs[p].0.pairwise_dot_product(weight);
            sums[j].1 += inputs[p].1.pairwise_dot_product(weight);
        }
    }
    sums
}

#[inline(always)]
fn join<S: Simd, const H: usize, const N: usize>(
    even: [Sums<S>; H],
    odd: [Sums<S>; H],
) -> [Sums<S>; N] {
    let mut out = [even[0]; N];
    for j in 0..H {
        out[j] = (even[j].0 + odd[j].0, even[j].1 + odd[j].1);
        out[N - 1 - j] = (even[j].0 - odd[j].0, even[j].1 - odd[j].1);
    }
    out
}

#[inline(always)]
fn half_8<S: Simd, const N: usize, const LIMIT: usize>(simd: S, x: &[i16x8<S>; N]) -> [Sums<S>; 8] {
    let step = N / 8;
    let even = products::<S, N, LIMIT, _, _>(simd, x, 0, 4 * step, &EVEN_4);
    let odd = products::<S, N, LIMIT, _, _>(simd, x, 2 * step, 4 * step, &ODD_4);
    let even: [Sums<S>; 4] = join(even, odd);
    join(
        even,
        products::<S, N, LIMIT, _, _>(simd, x, step, 2 * step, &ODD_8),
    )
}

#[inline(always)]
fn half_16<S: Simd, const N: usize, const LIMIT: usize>(
    simd: S,
    x: &[i16x8<S>; N],
) -> [Sums<S>; 16] {
    let step = N / 16;
    join(
        half_8::<S, N, LIMIT>(simd, x),
        products::<S, N, LIMIT, _, _>(simd, x, step, 2 * step, &ODD_16),
    )
}

/// One dimension of eight columns (8.6.4.2), rounded by `shift` bits and limited to 16.
#[inline(always)]
fn pass<S: Simd, const N: usize, const LIMIT: usize>(
    simd: S,
    x: &[i16x8<S>; N],
    shift: u32,
) -> [i16x8<S>; N] {
    let mut out = [i16x8::simd_from(simd, 0); N];
    match N {
        8 => rounded(half_8::<S, N, LIMIT>(simd, x), shift, &mut out),
        16 => rounded(half_16::<S, N, LIMIT>(simd, x), shift, &mut out),
        _ => {
            let odd = products::<S, N, LIMIT, _, _>(simd, x, 1, 2, &ODD_32);
            let sums: [Sums<S>; 32] = join(half_16::<S, N, LIMIT>(simd, x), odd);
            rounded(sums, shift, &mut out);
        }
    }
    out
}

#[inline(always)]
fn rounded<S: Simd, const M: usize, const N: usize>(
    sums: [Sums<S>; M],
    shift: u32,
    out: &mut [i16x8<S>; N],
) {
    let rounding = 1 << (shift - 1);
    for j in 0..M {
        if j < N {
            let (low, high) = sums[j];
            let (low, high) = ((low + rounding) >> shift, (high + rounding) >> shift);
            out[j] = low.saturating_narrow(high);
        }
    }
}

/// Transforms a block in place. Coefficients are zero in columns from `limit` on, and in rows from
/// `limit + 4` on.
#[inline(always)]
pub(super) fn inverse<S: Simd, const N: usize, const EIGHTS: usize>(
    simd: S,
    mem: &mut [u8],
    block: Ptr,
    limit: i32,
) -> Checked {
    let block = i64::from(block);
    let columns = usize::try_from(limit).unwrap_or(0).clamp(1, N);
    let rows = (columns + 4).min(N);
    let zero = i16x8::simd_from(simd, 0);
    let mut turned = [[zero; N]; EIGHTS];
    for h in 0..columns.div_ceil(8) {
        let mut x = [zero; N];
        for k in 0..N {
            if k < rows {
                let at = block + 2 * (k * N + 8 * h) as i64;
                x[k] = load_numbers::<S, _, 8>(simd, mem, at)?;
            }
        }
        let out = if rows <= 8 {
            pass::<S, N, 8>(simd, &x, 7)
        } else {
            pass::<S, N, N>(simd, &x, 7)
        };
        for g in 0..EIGHTS {
            let mut tile = [zero; 8];
            for i in 0..8 {
                tile[i] = out[8 * g + i];
            }
            let tile = turn(tile);
            for i in 0..8 {
                turned[g][8 * h + i] = tile[i];
            }
        }
    }
    for g in 0..EIGHTS {
        let out = if columns <= 8 {
            pass::<S, N, 8>(simd, &turned[g], 12)
        } else {
            pass::<S, N, N>(simd, &turned[g], 12)
        };
        for h in 0..EIGHTS {
            let mut tile = [zero; 8];
            for i in 0..8 {
                tile[i] = out[8 * h + i];
            }
            let tile = turn(tile);
            for i in 0..8 {
                let at = block + 2 * ((8 * g + i) * N + 8 * h) as i64;
                store_numbers::<S, _, 8>(mem, at, tile[i])?;
            }
        }
    }
    Ok(())
}

/// Transforms a block that has nothing but its first coefficient.
#[inline(always)]
pub(super) fn dc<S: Simd, const N: usize>(_simd: S, mem: &mut [u8], block: Ptr) -> Checked {
    let block = i64::from(block);
    let first: i32 = i16::from_le_bytes(*bytes(mem, block)?).into();
    let value = ((((first + 1) >> 1) + 32) >> 6) as i16;
    for pair in slice_mut(mem, block, 2 * N * N)?.as_chunks_mut::<2>().0 {
        *pair = value.to_le_bytes();
    }
    Ok(())
}

/// Adds a residual to the prediction.
#[inline(always)]
pub(super) fn add<S: Simd, const N: usize>(
    simd: S,
    mem: &mut [u8],
    dst: Ptr,
    residual: Ptr,
    stride: i32,
) -> Checked {
    for y in 0..N {
        let at = i64::from(dst) + y as i64 * i64::from(stride);
        let from = i64::from(residual) + (2 * y * N) as i64;
        match N {
            4 => add_row::<S, i16x8<S>, 4>(simd, mem, at, from)?,
            8 => add_row::<S, i16x8<S>, 8>(simd, mem, at, from)?,
            _ => {
                for x in (0..N as i64).step_by(16) {
                    add_row::<S, i16x16<S>, 16>(simd, mem, at + x, from + 2 * x)?;
                }
            }
        }
    }
    Ok(())
}

#[inline(always)]
fn add_row<S: Simd, V: Lanes<S>, const N: usize>(
    simd: S,
    mem: &mut [u8],
    at: i64,
    from: i64,
) -> Checked {
    let change: V = load_numbers::<S, V, N>(simd, mem, from)?;
    let samples: V = load::<S, V, N>(simd, mem, at)?;
    store::<S, V, N>(mem, at, samples.saturating_add(change))
}
