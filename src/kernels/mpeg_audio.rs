//! Synthesis of MPEG audio in fixed point (`MPADSPContext`): ISO/IEC 11172-3 clause 2.4.3.2.

use super::guest::{Checked, Ptr, bytes_mut};
use super::numbers::{load, one, put, store};

/// `apply_window_fixed`: `void (int32_t *buffer, int32_t *window, int *remainder, int16_t *samples,
/// ptrdiff_t step)`: 32 samples from the windowed buffer. What a sample loses by rounding goes on to
/// the next, and from the last to the next call.
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
    let values = load::<i32, 544>(mem, buffer, 0)?;
    let weights = load::<i32, 512>(mem, window, 0)?;
    let mut carried = i64::from(one::<i32>(mem, remainder, 0)?);
    // From both ends to the middle, each sample followed by its mirror image.
    let pairs = (1..16).flat_map(|index| [index, 32 - index]);
    for index in [0].into_iter().chain(pairs).chain([16]) {
        let sum = carried.wrapping_add(sample(&values, &weights, index));
        let value = ((sum >> SHIFT) as i32).clamp(-32768, 32767) as i16;
        let at = i64::from(samples) + 2 * index as i64 * i64::from(step);
        *bytes_mut(mem, at)? = value.to_le_bytes();
        carried = sum & ((1 << SHIFT) - 1);
    }
    put(mem, remainder, 0, carried as i32)
}

/// How many bits of a sum are below a sample: 23 of the buffer and 16 of the window, less 15.
const SHIFT: u32 = 24;

/// The sum of a sample: the second half mirrors the first with the other signs.
#[inline(always)]
fn sample(values: &[i32; 544], weights: &[i32; 512], index: usize) -> i64 {
    let sum = |weight: usize, value: usize| -> i64 {
        (0..8)
            .map(|k| i64::from(weights[weight + 64 * k]) * i64::from(values[value + 64 * k]))
            .fold(0, i64::wrapping_add)
    };
    match index {
        0 => sum(0, 16).wrapping_sub(sum(32, 48)),
        1..16 => sum(index, 16 + index).wrapping_sub(sum(32 + index, 48 - index)),
        16 => sum(48, 32).wrapping_neg(),
        _ => {
            let mirror = 32 - index;
            sum(index, 16 + mirror)
                .wrapping_add(sum(32 + index, 48 - mirror))
                .wrapping_neg()
        }
    }
}
