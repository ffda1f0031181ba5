//! Synthesis of MPEG audio in fixed point: ISO/IEC 11172-3 clause 2.4.3.2.

#![expect(
    clippy::needless_range_loop,
    reason = "loops over lanes by index become vectors, those of iterators do not"
)]

use super::Trap;
use super::guest::{Checked, Ptr, bytes_mut, row_count};
use super::mpeg_dct::columns;
use super::numbers::{load, one, put, store};
use super::simd::with_vectors;

/// How many values the ring of a channel has before it begins again; windows reach beyond its end.
const RING: i32 = 512;

/// Values of a window's part, samples of a step.
const PART: usize = 64;
const BANDS: usize = 32;

/// The parts of a window.
const PARTS: usize = 8;

/// A window's weights, in the order in which sums need them: of the first sixteen samples and, from
/// the last one down, of the others; by part.
struct Weights {
    /// For values 16 on of a part.
    low: [[[i32; 16]; 2]; PARTS],
    /// For values 33 on.
    high: [[[i32; 16]; 2]; PARTS],
    /// Of the sample in the middle, for values 32 on.
    middle: [i32; PARTS],
}

impl Weights {
    #[inline(always)]
    fn read(mem: &[u8], window: Ptr) -> Checked<Self> {
        let mut weights = Self {
            low: [[[0; 16]; 2]; PARTS],
            high: [[[0; 16]; 2]; PARTS],
            middle: [0; PARTS],
        };
        for part in 0..PARTS {
            let given = load::<i32, PART>(mem, window, (PART * part) as i64)?;
            for lane in 0..16 {
                weights.low[part][0][lane] = given[lane];
                weights.low[part][1][lane] = given[32 - lane];
                weights.high[part][0][lane] = given[47 - lane];
                weights.high[part][1][lane] = given[(49 + lane) % PART];
            }
            weights.middle[part] = given[48];
        }
        Ok(weights)
    }

    /// 32 samples from the windowed buffer.
    #[inline(always)]
    fn apply(&self, mem: &[u8], buffer: Ptr, carried: &mut i64) -> Checked<[i16; BANDS]> {
        let (mut front, mut back) = ([0_i64; 16], [0_i64; 16]);
        let mut middle = 0_i64;
        for part in 0..PARTS {
            let values = load::<i32, 17>(mem, buffer, (PART * part + 16) as i64)?;
            let [to_front, to_back] = &self.low[part];
            for lane in 0..16 {
                front[lane] = front[lane].wrapping_add(product(to_front[lane], values[lane]));
                back[lane] = back[lane].wrapping_sub(product(to_back[lane], values[lane]));
            }
            middle = middle.wrapping_sub(product(self.middle[part], values[16]));
        }
        let (mut front_high, mut back_high) = ([0_i64; 16], [0_i64; 16]);
        for part in 0..PARTS {
            let values = load::<i32, 16>(mem, buffer, (PART * part + 33) as i64)?;
            let [to_front, to_back] = &self.high[part];
            for lane in 0..16 {
                front_high[lane] =
                    front_high[lane].wrapping_add(product(to_front[lane], values[lane]));
                back_high[lane] =
                    back_high[lane].wrapping_add(product(to_back[lane], values[lane]));
            }
        }
        // From both ends to the middle, each sample followed by its mirror image.
        let mut out = [0; BANDS];
        out[0] = rounded(carried, front[0].wrapping_sub(front_high[15]));
        for index in 1..16 {
            let high = 15 - index;
            out[index] = rounded(carried, front[index].wrapping_sub(front_high[high]));
            out[32 - index] = rounded(carried, back[index].wrapping_sub(back_high[high]));
        }
        out[16] = rounded(carried, middle);
        Ok(out)
    }
}

/// The synthesis of a channel's frame: `void (int32_t *ring, int *offset, int *remainder,
/// int16_t *samples, int step, const int32_t *bands, int count, const int32_t *window)`. Each of `count`
/// steps makes 32 samples of a sample of each of 32 bands. What a sample loses by rounding goes on to
/// the next, and from the last to the next call.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
pub(super) fn synthesis(
    mem: &mut [u8],
    ring: Ptr,
    offset: Ptr,
    remainder: Ptr,
    samples: Ptr,
    step: i32,
    bands: Ptr,
    count: i32,
    window: Ptr,
) -> Checked {
    let count = row_count(count)?;
    let weights = Weights::read(mem, window)?;
    let mut at = one::<i32>(mem, offset, 0)?;
    let mut carried = one::<i32>(mem, remainder, 0)?.into();
    for first in (0..count).step_by(8) {
        let steps = (count - first).min(8) as usize;
        let mut rows = [[0; BANDS]; 8];
        for index in 0..steps {
            rows[index] = load(mem, bands, BANDS as i64 * (first + index as i64))?;
        }
        let rows = with_vectors!(simd => Ok::<_, Trap>(columns(simd, rows)))?;
        for index in 0..steps {
            if !(0..RING).contains(&at) {
                return Err(Trap::MemoryOutOfBounds);
            }
            let buffer = ring.wrapping_add(4 * at as u32);
            store(mem, buffer, 0, rows[index])?;
            repeat_beginning(mem, buffer)?;
            let out = weights.apply(mem, buffer, &mut carried)?;
            let to = BANDS as i64 * (first + index as i64) * i64::from(step);
            put_samples(mem, i64::from(samples) + 2 * to, step, &out)?;
            at = (at - BANDS as i32) & (RING - 1);
        }
    }
    put(mem, offset, 0, at)?;
    put(mem, remainder, 0, carried as i32)
}

/// The buffer is a ring: its beginning follows its end.
#[inline(always)]
fn repeat_beginning(mem: &mut [u8], buffer: Ptr) -> Checked {
    let beginning = load::<i32, BANDS>(mem, buffer, 0)?;
    store(mem, buffer, RING.into(), beginning)
}

#[inline(always)]
fn put_samples(mem: &mut [u8], to: i64, step: i32, samples: &[i16; BANDS]) -> Checked {
    for index in 0..BANDS {
        let at = to + 2 * index as i64 * i64::from(step);
        *bytes_mut(mem, at)? = samples[index].to_le_bytes();
    }
    Ok(())
}

/// A sum and what was carried over as a sample, and what is to be carried over.
#[inline(always)]
fn rounded(carried: &mut i64, sum: i64) -> i16 {
    let sum = carried.wrapping_add(sum);
    *carried = sum & ((1 << SHIFT) - 1);
    ((sum >> SHIFT) as i32).clamp(-32768, 32767) as i16
}

#[inline(always)]
fn product(weight: i32, value: i32) -> i64 {
    i64::from(weight) * i64::from(value)
}

/// How many bits of a sum are below a sample: 23 of the buffer and 16 of the window, less 15.
const SHIFT: u32 = 24;
