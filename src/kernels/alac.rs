//! Apple Lossless: what an encoder does with each sample. The decoder's side is in the reference of
//! the format, `ALACMagicCookieDescription.txt`, `dp_dec.c` and `ag_dec.c`: prediction that adapts to the
//! sign of its errors, and adaptive Golomb codes.

use super::Trap;
use super::bits::Writer;
use super::guest::{Checked, Ptr, slice};
use super::numbers::{load, one, put};

/// Residuals of samples after those that the prediction starts from: `void (int32_t *residuals, const
/// int32_t *samples, int count, int order, int shift, const int *coefficients, int width)`, for orders up
/// to 8. The coefficients adapt to the signs of residuals, of `width` bits.
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
#[inline(always)]
pub(super) fn predict(
    mem: &mut [u8],
    residuals: Ptr,
    samples: Ptr,
    count: i32,
    order: i32,
    shift: i32,
    coefficients: Ptr,
    width: i32,
) -> Checked {
    let list = [residuals, samples, coefficients];
    match order {
        1 => adapt::<1>(mem, list, count, shift, width),
        2 => adapt::<2>(mem, list, count, shift, width),
        3 => adapt::<3>(mem, list, count, shift, width),
        4 => adapt::<4>(mem, list, count, shift, width),
        5 => adapt::<5>(mem, list, count, shift, width),
        6 => adapt::<6>(mem, list, count, shift, width),
        7 => adapt::<7>(mem, list, count, shift, width),
        8 => adapt::<8>(mem, list, count, shift, width),
        _ => Err(Trap::MemoryOutOfBounds),
    }
}

/// With the weights in the order of samples, that of the oldest first.
#[inline(always)]
fn adapt<const ORDER: usize>(
    mem: &mut [u8],
    [residuals, samples, coefficients]: [Ptr; 3],
    count: i32,
    shift: i32,
    width: i32,
) -> Checked {
    let (Ok(count), 1..=32) = (usize::try_from(count), width) else {
        return Err(Trap::MemoryOutOfBounds);
    };
    if count <= ORDER + 1 {
        return Ok(());
    }
    let shift = shift.cast_unsigned();
    let half = 1_i32.wrapping_shl(shift.wrapping_sub(1));
    let mut weights: [i32; ORDER] = load(mem, coefficients, 0)?;
    weights.reverse();
    let spare = 32 - width.cast_unsigned();
    slice(mem, samples.into(), 4 * count)?;
    slice(mem, residuals.into(), 4 * count)?;
    // The sample before those that count is what all are relative to.
    for at in 0..count - ORDER - 1 {
        let past: [i32; ORDER] = load(mem, samples, at as i64 + 1)?;
        let base: i32 = one(mem, samples, at as i64)?;
        let now: i32 = one(mem, samples, (at + ORDER + 1) as i64)?;
        let mut differences = [0; ORDER];
        let mut sum = half;
        for index in 0..ORDER {
            differences[index] = past[index].wrapping_sub(base);
            sum = sum.wrapping_add(differences[index].wrapping_mul(weights[index]));
        }
        let predicted = sum.wrapping_shr(shift).wrapping_add(base);
        let residual = now.wrapping_sub(predicted) << spare >> spare;
        put(mem, residuals, (at + ORDER + 1) as i64, residual)?;
        // Weights go one towards a smaller residual until there is nothing left of it. A branch for
        // either sign is twice as fast as arithmetic for both, and as lanes.
        let mut rest = residual;
        if residual > 0 {
            for index in 0..ORDER {
                let difference = differences[index];
                weights[index] = weights[index].wrapping_add(difference.signum());
                let size = difference.wrapping_abs().wrapping_shr(shift);
                rest = rest.wrapping_sub(size.wrapping_mul(index as i32 + 1));
                if rest <= 0 {
                    break;
                }
            }
        } else if residual < 0 {
            for index in 0..ORDER {
                let difference = differences[index];
                weights[index] = weights[index].wrapping_sub(difference.signum());
                let size = difference.wrapping_abs().wrapping_neg().wrapping_shr(shift);
                rest = rest.wrapping_sub(size.wrapping_mul(index as i32 + 1));
                if rest >= 0 {
                    break;
                }
            }
        }
    }
    Ok(())
}

/// Writes residuals: `int (Writer *writer, const int32_t *residuals, int count, unsigned history, int
/// multiplier, int limit, int width)`. 0 where there is no room or a number has more than `width` bits;
/// nothing counts as written then.
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
#[inline(always)]
pub(super) fn write(
    mem: &mut [u8],
    writer: Ptr,
    residuals: Ptr,
    count: i32,
    history: u32,
    multiplier: i32,
    limit: i32,
    width: i32,
) -> Checked<i32> {
    let (Ok(count), 1..=32, 1..=16) = (usize::try_from(count), width, limit) else {
        return Ok(0);
    };
    slice(mem, residuals.into(), 4 * count)?;
    let mut out = Writer::read(mem, writer)?;
    let (limit, width) = (limit.cast_unsigned(), width.cast_unsigned());
    let multiplier = multiplier.cast_unsigned();
    let (mut history, mut less, mut at) = (history, 0, 0);
    while at < count {
        let residual: i32 = one(mem, residuals, at as i64)?;
        at += 1;
        let number = ((residual << 1) ^ (residual >> 31)).cast_unsigned();
        let parameter = ((history >> 9) + 3).ilog2().min(limit);
        let Some(value) = number.checked_sub(less) else {
            return Ok(0);
        };
        if !code(&mut out, mem, value, parameter, width)? {
            return Ok(0);
        }
        let old = history.wrapping_mul(multiplier) >> 9;
        history = history
            .wrapping_add(number.wrapping_mul(multiplier))
            .wrapping_sub(old);
        less = 0;
        if number > 0xffff {
            history = 0xffff;
        }
        if history < 128 && at < count {
            let first = at;
            while at < count && one::<i32>(mem, residuals, at as i64)? == 0 {
                at += 1;
            }
            let zeros = (at - first) as u32;
            let parameter = 7 - history.max(1).ilog2() + ((history + 16) >> 6);
            if !code(&mut out, mem, zeros, parameter.min(limit), 16)? {
                return Ok(0);
            }
            less = u32::from(zeros <= 0xffff);
            history = 0;
        }
    }
    out.write(mem, writer)?;
    Ok(1)
}

/// A number as quotient and rest of a division by a power of two less one, or as it is after nine ones.
#[inline(always)]
fn code(out: &mut Writer, mem: &mut [u8], value: u32, parameter: u32, width: u32) -> Checked<bool> {
    let most = (1 << parameter) - 1;
    // The quotient is this, or more by what the parts that were left out make.
    let mut quotient = value >> parameter;
    if quotient <= 8 {
        let mut rest = (value & most) + quotient;
        while rest >= most {
            rest -= most;
            quotient += 1;
        }
        if quotient <= 8 {
            let ones = (2 << quotient) - 2;
            let (bits, length) = if parameter == 1 {
                (0, 0)
            } else if rest > 0 {
                (rest + 1, parameter)
            } else {
                (0, parameter - 1)
            };
            return out.put(mem, (ones << length) | bits, quotient + 1 + length);
        }
    }
    if u64::from(value) >> width != 0 {
        return Ok(false);
    }
    Ok(out.put(mem, 0x1ff, 9)? && out.put(mem, value, width)?)
}
