//! The forward cosine transform of JPEG (ITU-T T.81, A.3.3) in integers: the factorisation of
//! Loeffler, Ligtenberg and Moschytz (ICASSP 1989) with constants of 13 bits, eight lines at once.
//!
//! Results are eight times those of the standard's formula. Between the directions they carry 4 more
//! bits, in numbers of 16 bits.

use super::guest::{Checked, Ptr, shorts, slice_mut};
use super::scale::put_shorts;

/// Bits of the constants' fractions, and of results between the directions.
const FRACTION: u32 = 13;
const BETWEEN: u32 = 4;

/// Transforms a block of 8x8 numbers in place.
#[inline(always)]
pub(super) fn forward(mem: &mut [u8], block: Ptr) -> Checked {
    let rows = shorts::<8, 8>(mem, block.into())?;
    let across = turned(lines(
        turned(rows.map(|row| row.map(i32::from))),
        |sum| sum.wrapping_shl(BETWEEN),
        FRACTION - BETWEEN,
    ));
    let done = lines(
        across,
        |sum| sum.wrapping_add(1 << (BETWEEN - 1)) >> BETWEEN,
        FRACTION + BETWEEN,
    );
    let out = slice_mut(mem, block.into(), 128)?;
    for (bytes, row) in out.chunks_exact_mut(16).zip(done) {
        put_shorts(bytes, &row.map(|value| value as i16));
    }
    Ok(())
}

type Block = [[i32; 8]; 8];

#[inline(always)]
fn turned(block: Block) -> Block {
    std::array::from_fn(|x| std::array::from_fn(|y| block[y][x]))
}

/// Transforms eight lines: the first index is the place in a line. `plain` scales the two results
/// that need no product, `shift` takes the fraction off the others; all are cut to 16 bits.
#[inline(always)]
fn lines(block: Block, plain: impl Fn(i32) -> i32, shift: u32) -> Block {
    let mut out = [[0; 8]; 8];
    for i in 0..8 {
        let at = |k: usize| block[k][i];
        let half = |value: i32| value.wrapping_add(1 << (shift - 1)) >> shift;
        // Sums and differences of samples at the same distance from the middle.
        let [s0, s1, s2, s3] = [0, 1, 2, 3].map(|k| at(k) + at(7 - k));
        let [d0, d1, d2, d3] = [0, 1, 2, 3].map(|k| at(k) - at(7 - k));
        let (even, odd) = (s0 + s3, s1 + s2);
        let (p, q) = (s0 - s3, s1 - s2);
        let turn = times(p + q, 4433);
        let cross = times(d0 + d1 + d2 + d3, 9633);
        let (a, b) = (times(d0 + d3, -7373), times(d1 + d2, -20995));
        let c = times(d1 + d3, -16069).wrapping_add(cross);
        let d = times(d0 + d2, -3196).wrapping_add(cross);
        let sum = |x: i32, y: i32, z: i32| half(x.wrapping_add(y).wrapping_add(z));
        let results = [
            plain(even + odd),
            sum(times(d0, 12299), a, d),
            half(turn.wrapping_add(times(p, 6270))),
            sum(times(d1, 25172), b, c),
            plain(even - odd),
            sum(times(d2, 16819), b, d),
            half(turn.wrapping_add(times(q, -15137))),
            sum(times(d3, 2446), a, c),
        ];
        for (line, value) in out.iter_mut().zip(results) {
            line[i] = i32::from(value as i16);
        }
    }
    out
}

#[inline(always)]
fn times(value: i32, constant: i32) -> i32 {
    value.wrapping_mul(constant)
}
