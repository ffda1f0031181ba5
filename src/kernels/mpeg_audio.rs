//! Synthesis of MPEG audio in fixed point (`MPADSPContext`): ISO/IEC 11172-3 clause 2.4.3.2.

use super::guest::{Checked, Ptr, bytes_mut};
use super::numbers::{load, one, put, store};

/// `apply_window_fixed`: `void (int32_t *buffer, int32_t *window, int *remainder, int16_t *samples,
/// ptrdiff_t step)`: 32 samples from the windowed buffer. What a sample loses by rounding goes on to
/// the next, and from the last to the next call.
#[inline(always)]
pub(super) fn window(
    mem: &mut [u8],
    buffer: Ptr,
    window: Ptr,
    remainder: Ptr,
    samples: Ptr,
    step: i32,
) -> Checked {
    // The buffer is a ring: its beginning follows its end.
    let beginning = load::<i32, 32>(mem, buffer, 0)?;
    store(mem, buffer, 512, beginning)?;
    // Samples 0 to 15, and 16 to 31 from the last on: both are made of the same values.
    let (mut front, mut back) = ([0_i64; 16], [0_i64; 16]);
    for part in 0..8 {
        let values = load::<i32, 33>(mem, buffer, 64 * part + 16)?;
        let weights = load::<i32, 64>(mem, window, 64 * part)?;
        for lane in 0..16 {
            front[lane] = front[lane]
                .wrapping_add(product(weights[lane], values[lane]))
                .wrapping_sub(product(weights[32 + lane], values[32 - lane]));
        }
        for lane in 0..15 {
            back[lane] = back[lane]
                .wrapping_sub(product(weights[31 - lane], values[lane + 1]))
                .wrapping_sub(product(weights[63 - lane], values[31 - lane]));
        }
        back[15] = back[15].wrapping_sub(product(weights[48], values[16]));
    }
    // From both ends to the middle, each sample followed by its mirror image.
    let mut carried = i64::from(one::<i32>(mem, remainder, 0)?);
    let mut out = [0_i16; 32];
    out[0] = rounded(&mut carried, front[0]);
    for index in 1..16 {
        out[index] = rounded(&mut carried, front[index]);
        out[32 - index] = rounded(&mut carried, back[index - 1]);
    }
    out[16] = rounded(&mut carried, back[15]);
    for (index, sample) in out.into_iter().enumerate() {
        let at = i64::from(samples) + 2 * index as i64 * i64::from(step);
        *bytes_mut(mem, at)? = sample.to_le_bytes();
    }
    put(mem, remainder, 0, carried as i32)
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
