//! The high-pass filter of the psychoacoustic model of FFmpeg's AAC encoder, by which it finds attacks.

use wide::f32x8;

use super::guest::{Checked, Ptr};
use super::numbers::{load, store};
use super::vectors::floats;

/// Samples of a block, and the filter's factors: those of taps 0 to 9 and, in reverse, 21 to 12.
const BLOCK: i64 = 1024;
const FACTORS: usize = 10;
const LAST: i64 = 21;

/// `void (const float *from, float *to, const float *factors)`: the sample in the middle and the products
/// of even taps, to which those of odd ones are added.
#[inline(always)]
pub(super) fn high_pass(mem: &mut [u8], from: Ptr, to: Ptr, factors: Ptr) -> Checked {
    let factors = load::<f32, FACTORS>(mem, factors, 0)?;
    for index in (0..BLOCK).step_by(8) {
        let mut sums = [floats(mem, from, index + FACTORS as i64)?, f32x8::ZERO];
        for tap in 0..FACTORS {
            let pair = floats(mem, from, index + tap as i64)?
                + floats(mem, from, index + LAST - tap as i64)?;
            sums[tap % 2] += f32x8::splat(factors[tap]) * pair;
        }
        let sum = (sums[0] + sums[1]) * f32x8::splat(32768.0);
        store(mem, to, index, sum.to_array())?;
    }
    Ok(())
}
