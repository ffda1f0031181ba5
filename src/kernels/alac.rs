//! Apple Lossless: what an encoder does with each sample. The decoder's side is in the reference of
//! the format, `ALACMagicCookieDescription.txt`, `dp_dec.c` and `ag_dec.c`: prediction that adapts to the
//! sign of its errors, and adaptive Golomb codes.

use wide::i32x8;

use super::Trap;
use super::bits::Writer;
use super::guest::{Checked, Ptr, slice};
use super::numbers::{load, one, put};
use super::vectors::ints;

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
    // Eight samples are looked at together: not at the end, where there may be no more.
    let (last, mut at) = (count - ORDER - 1, 0);
    if count >= 9 {
        at = last.min(count - 8);
        weights = adapt_lanes(mem, [residuals, samples], at, [half, width], shift, weights)?;
    }
    // The sample before those that count is what all are relative to.
    for at in at..last {
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
        // All ones where the residual is below zero.
        let negative = residual >> 31;
        let mut rest = residual;
        for index in 0..ORDER {
            // A weight goes one towards a smaller residual until there is nothing left of it.
            if (rest ^ negative).wrapping_sub(negative) <= 0 {
                break;
            }
            let difference = differences[index];
            let step = (difference.signum() ^ negative).wrapping_sub(negative);
            weights[index] = weights[index].wrapping_add(step);
            let size = (difference.wrapping_abs() ^ negative).wrapping_sub(negative);
            rest = rest.wrapping_sub(size.wrapping_shr(shift).wrapping_mul(index as i32 + 1));
        }
    }
    Ok(())
}

/// The same of the first `count`, in lanes: what is left of a residual only gets smaller, so that for each
/// weight a sum says whether something was.
#[inline(always)]
fn adapt_lanes<const ORDER: usize>(
    mem: &mut [u8],
    [residuals, samples]: [Ptr; 2],
    count: usize,
    [half, width]: [i32; 2],
    shift: u32,
    weights: [i32; ORDER],
) -> Checked<[i32; ORDER]> {
    let (mut lanes, mut used) = ([0; 8], [0; 8]);
    for index in 0..ORDER {
        (lanes[index], used[index]) = (weights[index], -1);
    }
    let (mut lanes, used) = (i32x8::new(lanes), i32x8::new(used));
    let (spare, places) = (32 - width, i32x8::new([1, 2, 3, 4, 5, 6, 7, 8]));
    let shift = (shift & 31).cast_signed();
    for at in 0..count as i64 {
        let base: i32 = one(mem, samples, at)?;
        let now: i32 = one(mem, samples, at + ORDER as i64 + 1)?;
        let differences = (ints(mem, samples, at + 1)? - i32x8::splat(base)) & used;
        let sum = half.wrapping_add(total((differences * lanes).to_array()));
        let residual = now.wrapping_sub((sum >> shift).wrapping_add(base)) << spare >> spare;
        put(mem, residuals, at + ORDER as i64 + 1, residual)?;
        let negative = i32x8::splat(residual >> 31);
        let size = (differences.abs() ^ negative) - negative;
        let less: i32x8 = (size >> shift) * places;
        let rest = i32x8::splat(residual) - before(less.to_array());
        let more = ((rest ^ negative) - negative).simd_gt(i32x8::ZERO);
        let sign = differences.simd_lt(i32x8::ZERO) - differences.simd_gt(i32x8::ZERO);
        lanes += ((sign ^ negative) - negative) & more;
    }
    let mut weights = weights;
    weights.copy_from_slice(&lanes.to_array()[..ORDER]);
    Ok(weights)
}

#[inline(always)]
fn total([a, b, c, d, e, f, g, h]: [i32; 8]) -> i32 {
    let [a, b, c, d] = [
        a.wrapping_add(e),
        b.wrapping_add(f),
        c.wrapping_add(g),
        d.wrapping_add(h),
    ];
    a.wrapping_add(c).wrapping_add(b.wrapping_add(d))
}

/// The sums of all lanes before each.
#[inline(always)]
fn before([a, b, c, d, e, f, g, _]: [i32; 8]) -> i32x8 {
    let one = i32x8::new([0, a, b, c, d, e, f, g]);
    let [a, b, c, d, e, f, g, _] = one.to_array();
    let two = one + i32x8::new([0, a, b, c, d, e, f, g]);
    let [a, b, c, d, e, f, _, _] = two.to_array();
    let four = two + i32x8::new([0, 0, a, b, c, d, e, f]);
    let [a, b, c, d, _, _, _, _] = four.to_array();
    four + i32x8::new([0, 0, 0, 0, a, b, c, d])
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
