//! The cosine transform of 32 bands of MPEG audio (ISO/IEC 11172-3, 2.4.3.2.2) in fixed point, of eight
//! steps at a time in lanes.
//!
//! Each level makes of a half's sums the even numbers, and of its differences over twice a cosine
//! the odd ones; those that come second at a level are in reverse, so that signs change with them.

#![expect(
    clippy::needless_range_loop,
    reason = "loops over lanes by index become vectors, those of iterators do not"
)]

use fearless_simd::i32x8;
use fearless_simd::prelude::*;

use super::fixed::high;
use super::simd::turn;

/// How many numbers are transformed.
const SIZE: usize = 32;

/// Half the inverses of the cosines of odd multiples of pi over 64, 32, 16, 8 and 4.
const INVERSES: [[f64; 16]; 5] = [
    [
        0.500_602_998_235_196_3,
        0.505_470_959_897_543_6,
        0.515_447_309_922_624_6,
        0.531_042_591_089_784_1,
        0.553_103_896_034_444_5,
        0.582_934_968_206_133_9,
        0.622_504_123_035_664_8,
        0.674_808_341_455_005_7,
        0.744_536_271_002_298_6,
        0.839_349_645_415_526_8,
        0.972_568_237_861_960_8,
        1.169_439_933_432_884_7,
        1.484_164_616_314_166_2,
        2.057_781_009_953_411,
        3.407_608_418_468_719,
        10.190_008_123_548_033,
    ],
    padded([
        0.502_419_286_188_155_7,
        0.522_498_614_939_688_9,
        0.566_944_034_816_357_7,
        0.646_821_783_359_990_1,
        0.788_154_623_451_250_2,
        1.060_677_685_990_347,
        1.722_447_098_238_334_2,
        5.101_148_618_689_155,
    ]),
    padded([
        0.509_795_579_104_159_2,
        0.601_344_886_935_045_3,
        0.899_976_223_136_415_6,
        2.562_915_447_741_505_5,
    ]),
    padded([0.541_196_100_146_197, 1.306_562_964_876_376_4]),
    padded([0.707_106_781_186_547_5]),
];

const fn padded<const N: usize>(few: [f64; N]) -> [f64; 16] {
    let mut all = [0.0; 16];
    let mut index = 0;
    while index < N {
        all[index] = few[index];
        index += 1;
    }
    all
}

/// A factor with 32 bits of fraction, which is below a half, and by how many bits it was made smaller.
#[derive(Clone, Copy)]
struct Factor {
    value: i32,
    shift: u32,
}

const FACTORS: [[Factor; 16]; 5] = {
    let mut factors = [[Factor { value: 0, shift: 0 }; 16]; 5];
    let mut level = 0;
    while level < 5 {
        let mut index = 0;
        while index < 16 >> level {
            let (mut value, mut shift) = (INVERSES[level][index], 0);
            while value >= 0.5 {
                value /= 2.0;
                shift += 1;
            }
            let value = (value * 4_294_967_296.0 + 0.5) as i32;
            factors[level][index] = Factor { value, shift };
            index += 1;
        }
        level += 1;
    }
    factors
};

/// The transforms of eight rows.
#[inline(always)]
pub(super) fn columns<S: Simd>(simd: S, rows: [[i32; SIZE]; 8]) -> [[i32; SIZE]; 8] {
    let mut values = [i32x8::splat(simd, 0); SIZE];
    for quarter in 0..4 {
        let mut part = [values[0]; 8];
        for row in 0..8 {
            let mut eight = [0; 8];
            eight.copy_from_slice(&rows[row][8 * quarter..8 * quarter + 8]);
            part[row] = i32x8::load_array(simd, eight);
        }
        values[8 * quarter..8 * quarter + 8].copy_from_slice(&turn(part));
    }
    let values = ordered(levels(values));
    let mut out = rows;
    for quarter in 0..4 {
        let mut part = [values[0]; 8];
        part.copy_from_slice(&values[8 * quarter..8 * quarter + 8]);
        let part = turn(part);
        for row in 0..8 {
            out[row][8 * quarter..8 * quarter + 8].copy_from_slice(&part[row].to_array());
        }
    }
    out
}

/// Sums and differences at all levels.
#[inline(always)]
fn levels<S: Simd>(mut values: [i32x8<S>; SIZE]) -> [i32x8<S>; SIZE] {
    for level in 0..5 {
        let size = SIZE >> level;
        for block in 0..1 << level {
            for index in 0..size / 2 {
                let (first, second) = (size * block + index, size * block + size - 1 - index);
                let (a, b) = (values[first], values[second]);
                let Factor { value, shift } = FACTORS[level][index];
                let value = if block % 2 == 0 { value } else { -value };
                values[first] = a + b;
                values[second] = high((a - b) << shift, value);
            }
        }
    }
    values
}

/// The results in their order: an odd one is the sum of two neighbours of its half.
#[inline(always)]
fn ordered<S: Simd>(mut values: [i32x8<S>; SIZE]) -> [i32x8<S>; SIZE] {
    for level in (0..4).rev() {
        let size = SIZE >> level;
        let before = values;
        for block in 0..1 << level {
            let (even, odd) = (size * block, size * block + size / 2);
            for index in 0..size / 2 {
                values[even + 2 * index] = before[even + index];
                values[even + 2 * index + 1] = if index + 1 < size / 2 {
                    before[odd + index] + before[odd + index + 1]
                } else {
                    before[odd + index]
                };
            }
        }
    }
    values
}
