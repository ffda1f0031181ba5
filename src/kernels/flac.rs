//! Linear prediction of FLAC: RFC 9639 section 9.2.6, and the search for predictors in FFmpeg's
//! encoders.

use super::Trap;
use super::guest::{Checked, Ptr, bytes, bytes_mut};
use super::numbers::{one, put};

/// `FLACDSPContext.lpc16`: `void (int32_t *samples, const int coefficients[32], int order, int shift,
/// int count)`, in arithmetic of 32 bits, which wraps.
pub(super) fn predict_narrow(
    mem: &mut [u8],
    samples: Ptr,
    coefficients: Ptr,
    order: i32,
    shift: i32,
    count: i32,
) -> Checked {
    predict(
        mem,
        samples,
        coefficients,
        order,
        count,
        |coefficients, history| {
            let mut sum = 0_i32;
            for (&coefficient, &sample) in coefficients.iter().zip(history) {
                sum = sum.wrapping_add(coefficient.wrapping_mul(sample));
            }
            sum.wrapping_shr(shift.cast_unsigned())
        },
    )
}

/// `FLACDSPContext.lpc32`: as [`predict_narrow`], in arithmetic of 64 bits.
pub(super) fn predict_wide(
    mem: &mut [u8],
    samples: Ptr,
    coefficients: Ptr,
    order: i32,
    shift: i32,
    count: i32,
) -> Checked {
    predict(
        mem,
        samples,
        coefficients,
        order,
        count,
        |coefficients, history| {
            let mut sum = 0_i64;
            for (&coefficient, &sample) in coefficients.iter().zip(history) {
                sum = sum.wrapping_add(i64::from(coefficient) * i64::from(sample));
            }
            sum.wrapping_shr(shift.cast_unsigned()) as i32
        },
    )
}

/// Adds to every sample after the first `order` what is predicted from those before it.
#[inline(always)]
fn predict(
    mem: &mut [u8],
    samples: Ptr,
    coefficients: Ptr,
    order: i32,
    count: i32,
    prediction: impl Fn(&[i32], &[i32]) -> i32,
) -> Checked {
    // A stream has up to 32 coefficients.
    let order = match usize::try_from(order) {
        Ok(order @ 1..=32) => order,
        _ => return Err(Trap::MemoryOutOfBounds),
    };
    let Ok(count) = usize::try_from(count) else {
        return Ok(());
    };
    if count <= order {
        return Ok(());
    }
    let mut weights = [0; 32];
    for (index, weight) in weights[..order].iter_mut().enumerate() {
        *weight = one(mem, coefficients, index as i64)?;
    }
    // The newest samples in a window that moves through a longer buffer.
    let mut window = [0; 512];
    for (index, sample) in window[..order].iter_mut().enumerate() {
        *sample = one(mem, samples, index as i64)?;
    }
    let mut start = 0;
    for index in order..count {
        if start + order >= window.len() {
            window.copy_within(start..start + order, 0);
            start = 0;
        }
        let predicted = prediction(&weights[..order], &window[start..start + order]);
        let residual: i32 = one(mem, samples, index as i64)?;
        let sample = residual.wrapping_add(predicted);
        put(mem, samples, index as i64, sample)?;
        window[start + order] = sample;
        start += 1;
    }
    Ok(())
}

/// `LPCContext.lpc_compute_autocorr`: `void (const double *data, ptrdiff_t count, int lag,
/// double *sums)`: the correlation of the data with itself at every distance up to `lag`, each sum
/// from 1 on and in order.
pub(super) fn autocorrelation(
    mem: &mut [u8],
    data: Ptr,
    count: i32,
    lag: i32,
    sums: Ptr,
) -> Checked {
    if !(0..=64).contains(&lag) {
        return Err(Trap::MemoryOutOfBounds);
    }
    let number = |mem: &[u8], index: i64| -> Checked<f64> {
        bytes(mem, i64::from(data) + 8 * index).map(|bytes| f64::from_le_bytes(*bytes))
    };
    let write = |mem: &mut [u8], index: i64, sum: f64| -> Checked {
        *bytes_mut(mem, i64::from(sums) + 8 * index)? = sum.to_le_bytes();
        Ok(())
    };
    let count = i64::from(count);
    let lag = i64::from(lag);
    // Pairs of distances begin at the even one, also the odd distance of a pair.
    let mut first = 0;
    while first < lag {
        let width = if first + 3 < lag { 4 } else { 2 };
        let mut lanes = [1.0_f64; 4];
        for index in first..count {
            let now = number(mem, index)?;
            for (lane, sum) in lanes.iter_mut().enumerate().take(width) {
                // The second pair of four begins two later.
                if lane < 2 || index >= first + 2 {
                    *sum += now * number(mem, index - first - lane as i64)?;
                }
            }
        }
        for (lane, sum) in lanes.into_iter().enumerate().take(width) {
            write(mem, first + lane as i64, sum)?;
        }
        first += width as i64;
    }
    if first == lag {
        let mut sum = 1.0;
        for index in first - 1..count {
            sum += number(mem, index)? * number(mem, index - first)?;
        }
        write(mem, first, sum)?;
    }
    Ok(())
}
