//! The forward cosine transform of JPEG (ITU-T T.81, A.3.3) in integers: the factorisation of
//! Loeffler, Ligtenberg and Moschytz (ICASSP 1989) with constants of 13 bits, eight lines at once.
//!
//! Results are eight times those of the standard's formula. Between the directions they carry 4 more
//! bits, in numbers of 16 bits. What the factorisation adds up before it rounds is collected here: each
//! result is one sum of products of 16-bit numbers.

use wide::bytemuck::cast;
use wide::{i16x8, i32x4};

use super::block::{load_lanes, store_lanes};
use super::guest::{Checked, Ptr};
use super::lanes::{interleave, turn};

/// Bits of the constants' fractions, and of results between the directions.
const FRACTION: i32 = 13;
const BETWEEN: i32 = 4;

/// Weights of the sums of numbers at the same distance from the middle of a line, the farthest
/// first, in the results 2 and 6.
const EVEN: [[i16; 4]; 2] = [[10703, 4433, -4433, -10703], [4433, -10704, 10704, -4433]];

/// Weights of their differences in the results 1, 3, 5 and 7.
const ODD: [[i16; 4]; 4] = [
    [11363, 9633, 6437, 2260],
    [9633, -2259, -11362, -6436],
    [6437, -11362, 2261, 9633],
    [2260, -6436, 9633, -11363],
];

/// Transforms a block of 8x8 numbers in place.
#[inline(always)]
pub(super) fn forward(mem: &mut [u8], block: Ptr) -> Checked {
    let rows = load_lanes::<8>(mem, block.into())?;
    store_lanes(mem, block.into(), &transformed(rows))
}

#[inline(always)]
pub(super) fn transformed(rows: [i16x8; 8]) -> [i16x8; 8] {
    down(turn(across(turn(rows))))
}

/// Transforms eight lines, whose numbers at one place are the lanes of a vector, and adds 4 bits.
#[inline(always)]
fn across(line: [i16x8; 8]) -> [i16x8; 8] {
    let [s0, s1, s2, s3] = [
        line[0] + line[7],
        line[1] + line[6],
        line[2] + line[5],
        line[3] + line[4],
    ];
    let (even, odd) = (s0 + s3, s1 + s2);
    results(
        line,
        [(even + odd) << BETWEEN, (even - odd) << BETWEEN],
        FRACTION - BETWEEN,
    )
}

/// The same, and takes the 4 bits off.
#[inline(always)]
fn down(line: [i16x8; 8]) -> [i16x8; 8] {
    let pairs = pairs(line);
    let half = i32x4::splat(1 << (BETWEEN - 1));
    let mut plain = [i16x8::ZERO; 2];
    for (plain, sign) in plain.iter_mut().zip([1, -1]) {
        let mut halves = [half; 2];
        for (distance, pair) in pairs.iter().enumerate() {
            let weight = if matches!(distance, 1 | 2) { sign } else { 1 };
            for (half, numbers) in halves.iter_mut().zip(pair) {
                *half += numbers.dot(i16x8::splat(weight));
            }
        }
        let halves = [halves[0] >> BETWEEN, halves[1] >> BETWEEN];
        *plain = i16x8::from_i32x8_truncate(cast(halves));
    }
    results(line, plain, FRACTION + BETWEEN)
}

/// The eight results, of which those that need no product are given.
#[inline(always)]
fn results(line: [i16x8; 8], [zero, four]: [i16x8; 2], shift: i32) -> [i16x8; 8] {
    let pairs = pairs(line);
    let even = |weights| weighed(&pairs, weights, 1, shift);
    let odd = |weights| weighed(&pairs, weights, -1, shift);
    [
        zero,
        odd(ODD[0]),
        even(EVEN[0]),
        odd(ODD[1]),
        four,
        odd(ODD[2]),
        even(EVEN[1]),
        odd(ODD[3]),
    ]
}

/// The numbers at the same distance from the middle beside each other, the farthest first.
#[inline(always)]
fn pairs([a, b, c, d, e, f, g, h]: [i16x8; 8]) -> [[i16x8; 2]; 4] {
    [
        interleave(a, h),
        interleave(b, g),
        interleave(c, f),
        interleave(d, e),
    ]
}

/// A sum of products, rounded and cut to 16 bits.
#[inline(always)]
fn weighed(pairs: &[[i16x8; 2]; 4], weights: [i16; 4], sign: i16, shift: i32) -> i16x8 {
    let mut halves = [i32x4::splat(1 << (shift - 1)); 2];
    for distance in 0..4 {
        let (a, b) = (weights[distance], sign * weights[distance]);
        let weights = i16x8::new([a, b, a, b, a, b, a, b]);
        for half in 0..2 {
            halves[half] += pairs[distance][half].dot(weights);
        }
    }
    i16x8::from_i32x8_truncate(cast([halves[0] >> shift, halves[1] >> shift]))
}
