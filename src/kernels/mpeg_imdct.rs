//! The inverse cosine transform of long blocks of MPEG audio, layer III, with its window and overlap
//! (ISO/IEC 11172-3, 2.4.3.4.10), in fixed point: eight bands at a time in lanes.
//!
//! The transform is one of nine numbers twice: of sums of neighbours, even and odd ones apart.

#![expect(
    clippy::needless_range_loop,
    reason = "loops over lanes by index become vectors, those of iterators do not"
)]

use fearless_simd::i32x8;
use fearless_simd::prelude::*;

use super::Trap;
use super::fixed::{high, upper};
use super::guest::{Checked, Ptr};
use super::numbers::{load, store};
use super::simd::with_vectors;

/// Numbers of a band, and bands.
const BLOCK: usize = 18;
const BANDS: i32 = 32;

/// Where windows begin, one after the other; where the second half of one begins; how far from a band's
/// window the one is for the bands that are odd.
const WINDOW: i64 = 40;
const SECOND: usize = 20;
const ODD: i64 = 4;

/// Overlaps are kept four bands at a time, number by number.
const FOUR: i64 = 4 * BLOCK as i64;

/// Bands that are transformed at a time.
const LANES: usize = 8;

/// Numbers of all lanes.
type Rows = [[i32; LANES]; BLOCK];

/// `imdct36_blocks_fixed`: `void (int *out, int *overlap, int *in, int count, int switched,
/// int type, const int *windows)`: `count` bands; the first two have the window of type 0 if the block
/// is switched.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
pub(super) fn long(
    mem: &mut [u8],
    out: Ptr,
    overlap: Ptr,
    values: Ptr,
    count: i32,
    switched: i32,
    kind: i32,
    windows: Ptr,
) -> Checked {
    if count > BANDS || !(0..4).contains(&kind) {
        return Err(Trap::MemoryOutOfBounds);
    }
    let window = Windows::read(mem, windows, kind)?;
    for first in (0..count).step_by(LANES) {
        let bands = (count - first).min(LANES as i32) as usize;
        let mut window = window;
        if first == 0 && switched != 0 {
            let other = Windows::read(mem, windows, 0)?;
            for index in 0..2 * BLOCK {
                window.0[index][..2].copy_from_slice(&other.0[index][..2]);
            }
        }
        let input = input(mem, values, first, bands)?;
        let mut kept = overlaps(mem, overlap, first, bands)?;
        let results = with_vectors!(simd => {
            Ok::<_, Trap>(transform(simd, &input, &mut kept, &window))
        })?;
        put_overlaps(mem, overlap, first, bands, &kept)?;
        for index in 0..BLOCK {
            let at = i64::from(BANDS) * index as i64 + i64::from(first);
            if bands == LANES {
                store(mem, out, at, results[index])?;
            } else {
                for lane in 0..bands {
                    store(mem, out, at + lane as i64, [results[index][lane]])?;
                }
            }
        }
    }
    Ok(())
}

/// A window for each lane: what is output has the first half of it, what overlaps the second.
#[derive(Clone, Copy)]
struct Windows([[i32; LANES]; 2 * BLOCK]);

impl Windows {
    #[inline(always)]
    fn read(mem: &[u8], windows: Ptr, kind: i32) -> Checked<Self> {
        let at = WINDOW * i64::from(kind);
        let even = load::<i32, { SECOND + BLOCK }>(mem, windows, at)?;
        let odd = load::<i32, { SECOND + BLOCK }>(mem, windows, at + WINDOW * ODD)?;
        let mut lanes = [[0; LANES]; 2 * BLOCK];
        for index in 0..2 * BLOCK {
            let from = index % BLOCK + index / BLOCK * SECOND;
            for lane in 0..LANES {
                lanes[index][lane] = if lane % 2 == 0 { even[from] } else { odd[from] };
            }
        }
        Ok(Self(lanes))
    }
}

/// The sums of neighbours that the transform is made of, by number. They are left in memory, too.
#[inline(always)]
fn input(mem: &mut [u8], values: Ptr, first: i32, bands: usize) -> Checked<Rows> {
    let mut rows = [[0; LANES]; BLOCK];
    for lane in 0..bands {
        let at = BLOCK as i64 * (i64::from(first) + lane as i64);
        let given = load::<i32, BLOCK>(mem, values, at)?;
        let mut pairs = given;
        for index in 1..BLOCK {
            pairs[index] = given[index].wrapping_add(given[index - 1]);
        }
        let mut sums = pairs;
        for index in (3..BLOCK).step_by(2) {
            sums[index] = pairs[index].wrapping_add(pairs[index - 2]);
        }
        store(mem, values, at, sums)?;
        for index in 0..BLOCK {
            rows[index][lane] = sums[index];
        }
    }
    Ok(rows)
}

/// Where the overlap of a band's first number is.
#[inline(always)]
fn place(band: i32) -> i64 {
    FOUR * i64::from(band / 4) + i64::from(band % 4)
}

#[inline(always)]
fn overlaps(mem: &[u8], overlap: Ptr, first: i32, bands: usize) -> Checked<Rows> {
    let mut rows = [[0; LANES]; BLOCK];
    if bands < LANES {
        for lane in 0..bands {
            for index in 0..BLOCK {
                let at = place(first + lane as i32) + 4 * index as i64;
                [rows[index][lane]] = load(mem, overlap, at)?;
            }
        }
        return Ok(rows);
    }
    for index in 0..BLOCK {
        let at = place(first) + 4 * index as i64;
        let (low, high) = (
            load::<i32, 4>(mem, overlap, at)?,
            load::<i32, 4>(mem, overlap, at + FOUR)?,
        );
        rows[index][..4].copy_from_slice(&low);
        rows[index][4..].copy_from_slice(&high);
    }
    Ok(rows)
}

#[inline(always)]
fn put_overlaps(mem: &mut [u8], overlap: Ptr, first: i32, bands: usize, rows: &Rows) -> Checked {
    if bands < LANES {
        for lane in 0..bands {
            for index in 0..BLOCK {
                let at = place(first + lane as i32) + 4 * index as i64;
                store(mem, overlap, at, [rows[index][lane]])?;
            }
        }
        return Ok(());
    }
    for index in 0..BLOCK {
        let at = place(first) + 4 * index as i64;
        let [a, b, c, d, e, f, g, h] = rows[index];
        store(mem, overlap, at, [a, b, c, d])?;
        store(mem, overlap, at + FOUR, [e, f, g, h])?;
    }
    Ok(())
}

/// The transform of eight bands: gives the output and leaves the next overlap.
#[inline(always)]
fn transform<S: Simd>(simd: S, input: &Rows, kept: &mut Rows, window: &Windows) -> Rows {
    let mut halves = [[i32x8::splat(simd, 0); 9]; 2];
    for half in 0..2 {
        for index in 0..9 {
            halves[half][index] = i32x8::load_array(simd, input[2 * index + half]);
        }
    }
    let (even, odd) = (nine(halves[0]), nine(halves[1]));
    let mut results = Results {
        out: [[0; LANES]; BLOCK],
        kept,
        window,
    };
    for index in 0..4 {
        let (a, b) = (even[2 * index], even[2 * index + 1]);
        let (c, d) = (odd[2 * index], odd[2 * index + 1]);
        let inner = [a + b, high((c + d) << 1, HALF_SECANTS[index])];
        results.put(simd, inner, [9 + index, 8 - index]);
        let secant = i32x8::splat(simd, SECANTS[index]);
        let outer = [b - a, upper::<S, 23>(d - c, secant)];
        results.put(simd, outer, [17 - index, index]);
    }
    let last = [even[8], high(odd[8] << 1, HALF_SECANTS[4])];
    results.put(simd, last, [13, 4]);
    results.out
}

/// Where results go, with the window.
struct Results<'a> {
    out: Rows,
    kept: &'a mut Rows,
    window: &'a Windows,
}

impl Results<'_> {
    /// Two mirror images: the difference of two numbers for the output, their sum for the overlap.
    #[inline(always)]
    fn put<S: Simd>(&mut self, simd: S, [even, odd]: [i32x8<S>; 2], indices: [usize; 2]) {
        let (sum, difference) = (even + odd, even - odd);
        let window = &self.window.0;
        for index in indices {
            let now = upper::<S, 32>(difference, i32x8::load_array(simd, window[index]));
            let kept = i32x8::load_array(simd, self.kept[index]);
            self.out[index] = (now + kept).to_array();
            let then = i32x8::load_array(simd, window[BLOCK + index]);
            self.kept[index] = upper::<S, 32>(sum, then).to_array();
        }
    }
}

/// A cosine transform of nine numbers.
#[inline(always)]
fn nine<S: Simd>(x: [i32x8<S>; 9]) -> [i32x8<S>; 9] {
    let [_, c1, c2, c3, c4, c5, _, c7, c8] = COSINES;
    // Of the even numbers; three of the results need no factors but halves.
    let thirds = x[4] + x[8] - x[2];
    let (sum, difference) = (x[0] + (x[6] >> 1), x[0] - x[6]);
    let (a, b, c) = (
        high((x[2] + x[4]) << 1, c2),
        high(x[4] - x[8], -2 * c8),
        high((x[2] + x[8]) << 1, -c4),
    );
    // Of the odd ones.
    let (d, e, f, g) = (
        high((x[1] + x[5]) << 1, c1),
        high(x[5] - x[7], -2 * c7),
        high(x[3] << 1, c3),
        high((x[1] + x[7]) << 1, -c5),
    );
    [
        d + e + f,
        sum + a + b,
        high((x[5] + x[7] - x[1]) << 1, -c3),
        difference - (thirds >> 1),
        e - g - f,
        sum - a - c,
        d + g - f,
        sum + c - b,
        difference + thirds,
    ]
}

/// Cosines of multiples of 10 degrees, halved, with 32 bits of fraction.
const COSINES: [i32; 9] = fractions([
    // The first has no use, and a half would not fit.
    0.0,
    0.984_807_753_012_208 / 2.0,
    0.939_692_620_785_908_4 / 2.0,
    0.866_025_403_784_438_7 / 2.0,
    0.766_044_443_118_978 / 2.0,
    0.642_787_609_686_539_4 / 2.0,
    0.5 / 2.0,
    0.342_020_143_325_668_8 / 2.0,
    0.173_648_177_666_930_41 / 2.0,
]);

/// Half the inverses of the cosines of 5, 15, 25, 35 and 45 degrees, halved, in the same way.
const HALF_SECANTS: [i32; 5] = fractions([
    0.501_909_918_771_673_7 / 2.0,
    0.517_638_090_205_041_5 / 2.0,
    0.551_688_959_481_245_9 / 2.0,
    0.610_387_294_380_728 / 2.0,
    0.707_106_781_186_547_5 / 2.0,
]);

/// Those of 85, 75, 65 and 55 degrees, with 23 bits.
const SECANTS: [i32; 4] = [
    (5.736_856_622_834_93 * 8_388_608.0 + 0.5) as i32,
    (1.931_851_652_578_135 * 8_388_608.0 + 0.5) as i32,
    (1.183_100_791_576_249_3 * 8_388_608.0 + 0.5) as i32,
    (0.871_723_397_810_548_9 * 8_388_608.0 + 0.5) as i32,
];

const fn fractions<const N: usize>(numbers: [f64; N]) -> [i32; N] {
    let mut fractions = [0; N];
    let mut index = 0;
    while index < N {
        fractions[index] = (numbers[index] * 4_294_967_296.0 + 0.5) as i32;
        index += 1;
    }
    fractions
}
