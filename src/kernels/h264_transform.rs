//! The inverse transforms of H.264 (ITU-T H.264, 8.5.12.2 for 4x4 blocks, 8.5.13 for 8x8), in lanes
//! of 16 bits.
//!
//! What the first dimension gives is kept in 16 bits and wraps there, which matters for damaged
//! streams only. What could overflow while it is computed gets 32 bits, which is as rare.

use std::ops::{Add, Shr, Sub};

use wide::{i16x8, i32x8};

use super::lanes::{from_halves, interleave, turn, words};

/// Two 4x4 blocks: four rows of what they add, the second block to the right of the first.
#[inline(always)]
pub(super) fn transform4(coefficients: &[u8; 64]) -> [i16x8; 4] {
    let mut rows = [i16x8::ZERO; 4];
    for (index, row) in rows.iter_mut().enumerate() {
        let mut both = [0; 16];
        both[..8].copy_from_slice(&coefficients[8 * index..][..8]);
        both[8..].copy_from_slice(&coefficients[32 + 8 * index..][..8]);
        *row = words(&both);
    }
    rows[0] += i16x8::new([32, 0, 0, 0, 32, 0, 0, 0]);
    let [a, b, c, d] = butterfly4(rows);
    let ([left_even, right_even], [left_odd, right_odd]) = (interleave(a, c), interleave(b, d));
    let [l01, l23] = interleave(left_even, left_odd);
    let [r01, r23] = interleave(right_even, right_odd);
    let ([t0, t1], [t2, t3]) = (from_halves(l01, r01), from_halves(l23, r23));
    // A sum is at most 3.5 times as large as the largest of what it is made from.
    if all_within([a, b, c, d], 1 << 13) {
        let [a, b, c, d] = butterfly4([t0, t1, t2, t3]);
        [a >> 6, b >> 6, c >> 6, d >> 6]
    } else {
        let wide = i32x8::from_i16x8;
        let [a, b, c, d] = butterfly4([wide(t0), wide(t1), wide(t2), wide(t3)]);
        let narrow = |sum: i32x8| i16x8::from_i32x8_saturate(sum >> 6);
        [narrow(a), narrow(b), narrow(c), narrow(d)]
    }
}

/// An 8x8 block: the rows of what it adds.
#[inline(always)]
pub(super) fn transform8(coefficients: &[u8; 128]) -> [i16x8; 8] {
    let mut rows = [i16x8::ZERO; 8];
    for (row, bytes) in rows.iter_mut().zip(coefficients.as_chunks().0) {
        *row = words(bytes);
    }
    rows[0] += i16x8::new([32, 0, 0, 0, 0, 0, 0, 0]);
    dimension8::<6>(turn(dimension8::<0>(rows)))
}

/// One dimension of the 8x8 transform; its sums are shifted and then cut to 16 bits.
#[inline(always)]
fn dimension8<const SHIFT: i32>(rows: [i16x8; 8]) -> [i16x8; 8] {
    // A sum is at most 7.875 times as large as the largest of what it is made from.
    if all_within(rows, 1 << 12) {
        let full = butterfly8(rows);
        let mut sums = [i16x8::ZERO; 8];
        for index in 0..8 {
            sums[index] = full[index] >> SHIFT;
        }
        return sums;
    }
    let mut wide = [i32x8::ZERO; 8];
    for index in 0..8 {
        wide[index] = i32x8::from_i16x8(rows[index]);
    }
    let wide = butterfly8(wide);
    let mut sums = [i16x8::ZERO; 8];
    for index in 0..8 {
        sums[index] = i16x8::from_i32x8_truncate(wide[index] >> SHIFT);
    }
    sums
}

/// Whether all lanes are from `-limit` to `limit - 1`, where the limit is a power of two.
#[inline(always)]
fn all_within<const N: usize>(rows: [i16x8; N], limit: i16) -> bool {
    let mut moved = i16x8::ZERO;
    for row in rows {
        moved |= row + i16x8::splat(limit);
    }
    (moved & i16x8::splat(-2 * limit)) == i16x8::ZERO
}

/// The one-dimensional transform of 8.5.12.2, equations 8-338 to 8-345.
#[inline(always)]
fn butterfly4<T>([w0, w1, w2, w3]: [T; 4]) -> [T; 4]
where
    T: Copy + Add<Output = T> + Sub<Output = T> + Shr<i32, Output = T>,
{
    let (e0, e1) = (w0 + w2, w0 - w2);
    let (e2, e3) = ((w1 >> 1) - w3, w1 + (w3 >> 1));
    [e0 + e3, e1 + e2, e1 - e2, e0 - e3]
}

/// The one-dimensional transform of 8.5.13.
#[inline(always)]
fn butterfly8<T>([w0, w1, w2, w3, w4, w5, w6, w7]: [T; 8]) -> [T; 8]
where
    T: Copy + Add<Output = T> + Sub<Output = T> + Shr<i32, Output = T>,
{
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
