//! What linear prediction leaves of samples, in FFmpeg's encoder of FLAC: RFC 9639 section 9.2.6.

use wide::i32x8;

use super::Trap;
use super::guest::{Checked, Ptr};
use super::numbers::{load, one, put, store};
use super::vectors::ints;

/// `FLACEncDSPContext.lpc16_encode`: `void (int32_t *residuals, const int32_t *samples, int count, int
/// order, const int32_t *coefficients, int shift)`, in arithmetic of 32 bits, which wraps.
#[inline(always)]
pub(super) fn narrow(
    mem: &mut [u8],
    residuals: Ptr,
    samples: Ptr,
    count: i32,
    order: i32,
    coefficients: Ptr,
    shift: i32,
) -> Checked {
    each_block(
        mem,
        [residuals, samples, coefficients],
        count,
        order,
        #[inline(always)]
        |mem, at, weights| {
            let mut sums = i32x8::ZERO;
            for (index, &weight) in weights.iter().enumerate() {
                let past = ints(mem, samples, at - 1 - index as i64)?;
                sums += past * i32x8::splat(weight);
            }
            Ok((sums >> (shift & 31)).to_array())
        },
    )
}

/// `FLACEncDSPContext.lpc32_encode`: as [`narrow`], in arithmetic of 64 bits, the prediction limited to
/// 32.
#[inline(always)]
pub(super) fn wide(
    mem: &mut [u8],
    residuals: Ptr,
    samples: Ptr,
    count: i32,
    order: i32,
    coefficients: Ptr,
    shift: i32,
) -> Checked {
    each_block(
        mem,
        [residuals, samples, coefficients],
        count,
        order,
        #[inline(always)]
        |mem, at, weights| {
            let mut sums = [0_i64; BLOCK];
            for (index, &weight) in weights.iter().enumerate() {
                let past = load::<i32, BLOCK>(mem, samples, at - 1 - index as i64)?;
                for lane in 0..BLOCK {
                    let product = i64::from(weight) * i64::from(past[lane]);
                    sums[lane] = sums[lane].wrapping_add(product);
                }
            }
            let mut predictions = [0; BLOCK];
            for lane in 0..BLOCK {
                let sum = sums[lane].wrapping_shr(shift.cast_unsigned());
                predictions[lane] = sum.clamp(i32::MIN.into(), i32::MAX.into()) as i32;
            }
            Ok(predictions)
        },
    )
}

/// Samples that are predicted at a time.
const BLOCK: usize = 8;

/// Subtracts predictions from samples, block by block. The first samples have none.
#[inline(always)]
fn each_block(
    mem: &mut [u8],
    [residuals, samples, coefficients]: [Ptr; 3],
    count: i32,
    order: i32,
    predictions: impl Fn(&[u8], i64, &[i32]) -> Checked<[i32; BLOCK]>,
) -> Checked {
    let mut weights = [0; 32];
    let Some(weights) = usize::try_from(order)
        .ok()
        .and_then(|order| weights.get_mut(..order))
    else {
        return Err(Trap::MemoryOutOfBounds);
    };
    if i64::from(count) > mem.len() as i64 {
        return Err(Trap::MemoryOutOfBounds);
    }
    for index in 0..i64::from(order) {
        let sample: i32 = one(mem, samples, index)?;
        put(mem, residuals, index, sample)?;
    }
    for (index, weight) in weights.iter_mut().enumerate() {
        *weight = one(mem, coefficients, index as i64)?;
    }
    // Samples come in pairs: there is one more where their number is odd.
    let (mut at, count) = (i64::from(order), i64::from(count));
    let end = at + (count - at + 1).max(0) / 2 * 2;
    while at < end {
        // The last block may overlap the one before, if there is one.
        let start = at.min(end - BLOCK as i64);
        if start < i64::from(order) {
            return few(mem, [residuals, samples], at, end, weights, predictions);
        }
        let before = load::<i32, BLOCK>(mem, samples, start)?;
        let predicted = predictions(mem, start, weights)?;
        let mut values = [0; BLOCK];
        for lane in 0..BLOCK {
            values[lane] = before[lane].wrapping_sub(predicted[lane]);
        }
        store(mem, residuals, start, values)?;
        at = start + BLOCK as i64;
    }
    Ok(())
}

/// Fewer samples than a block has, whose predictions look at no others.
#[inline(always)]
fn few(
    mem: &mut [u8],
    [residuals, samples]: [Ptr; 2],
    at: i64,
    end: i64,
    weights: &[i32],
    predictions: impl Fn(&[u8], i64, &[i32]) -> Checked<[i32; BLOCK]>,
) -> Checked {
    let predicted = predictions(mem, at, weights)?;
    for (index, predicted) in (at..end).zip(predicted) {
        let sample: i32 = one(mem, samples, index)?;
        put(mem, residuals, index, sample.wrapping_sub(predicted))?;
    }
    Ok(())
}
