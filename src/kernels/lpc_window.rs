//! The window that samples get before linear prediction is searched for: Welch's, a parabola.

use super::guest::{Checked, Ptr, slice, slice_mut};
use super::numbers::load;

/// Samples that are weighted at a time.
const LANES: usize = 4;

/// `LPCContext.lpc_apply_welch_window`: `void (const int32_t *samples, ptrdiff_t count, double *to)`, in
/// the order of operations of libavcodec's, which is not the same for odd and even counts.
#[inline(always)]
pub(super) fn welch(mem: &mut [u8], samples: Ptr, count: i32, to: Ptr) -> Checked {
    let Ok(count) = usize::try_from(count) else {
        return Ok(());
    };
    slice(mem, samples.into(), 4 * count)?;
    slice_mut(mem, to.into(), 8 * count)?;
    let (half, scale) = (count / 2, 2.0 / (count as f64 - 1.0));
    if count % 2 == 1 {
        put(mem, to, half, [0.0])?;
    }
    let mut index = 0;
    while index < half {
        let lanes = if index + LANES <= half { LANES } else { 1 };
        let mut weights = [0.0; LANES];
        for (lane, weight) in weights.iter_mut().enumerate() {
            // From the ends inwards, or from the middle outwards.
            let at = (index + lane) as f64;
            let distance = if count % 2 == 1 {
                scale - at - 1.0
            } else {
                scale - half as f64 + at
            };
            *weight = 1.0 - distance * distance;
        }
        let (left, right) = if count % 2 == 1 {
            (index, count - index - lanes)
        } else {
            (half - index - lanes, half + index)
        };
        let mut mirrored = weights;
        mirrored.reverse();
        let (first, second) = if count % 2 == 1 {
            (weights, mirrored)
        } else {
            (mirrored, weights)
        };
        if lanes == LANES {
            weigh::<LANES>(mem, samples, to, left, first)?;
            weigh::<LANES>(mem, samples, to, right, second)?;
        } else {
            weigh::<1>(mem, samples, to, left, [weights[0]])?;
            weigh::<1>(mem, samples, to, right, [weights[0]])?;
        }
        index += lanes;
    }
    Ok(())
}

#[inline(always)]
fn weigh<const N: usize>(
    mem: &mut [u8],
    samples: Ptr,
    to: Ptr,
    at: usize,
    weights: [f64; N],
) -> Checked {
    let samples: [i32; N] = load(mem, samples, at as i64)?;
    let mut values = [0.0; N];
    for lane in 0..N {
        values[lane] = f64::from(samples[lane]) * weights[lane];
    }
    put(mem, to, at, values)
}

#[inline(always)]
fn put<const N: usize>(mem: &mut [u8], to: Ptr, at: usize, values: [f64; N]) -> Checked {
    let bytes = slice_mut(mem, i64::from(to) + 8 * at as i64, 8 * N)?;
    let bytes: &mut [[u8; 8]] = bytes.as_chunks_mut().0;
    for (bytes, value) in bytes.iter_mut().zip(values) {
        *bytes = value.to_le_bytes();
    }
    Ok(())
}
