//! Residuals of FLAC as Rice codes (RFC 9639 section 9.2.7), and what an encoder counts of them.

use wide::i32x8;

use super::Trap;
use super::bits::{Reader, Writer};
use super::guest::{Checked, Ptr, slice, slice_mut};
use super::numbers::{load, one, put, store};
use super::vectors::ints;

/// A residual folded to a number from zero on: 0, -1, 1, -2 and so on.
#[inline(always)]
fn folded(residual: i32) -> u32 {
    (residual.cast_unsigned() << 1) ^ (residual >> 31).cast_unsigned()
}

#[inline(always)]
fn unfolded(number: u32) -> i32 {
    ((number >> 1) ^ (number & 1).wrapping_neg()).cast_signed()
}

/// Partitions of a block: their number, and how many residuals each has, of which the first has fewer.
#[inline(always)]
fn partitions(count: i32, order: i32, partition_order: i32) -> Checked<(usize, usize)> {
    let (Ok(count), Ok(_)) = (usize::try_from(count), usize::try_from(order)) else {
        return Err(Trap::MemoryOutOfBounds);
    };
    match partition_order {
        0..=15 => Ok((1 << partition_order, count >> partition_order)),
        _ => Err(Trap::MemoryOutOfBounds),
    }
}

/// Writes all partitions of a block: `int (Writer *writer, const int32_t *residuals, int count, int order,
/// int partition_order, int width, const int *parameters)`. 0 where there is no room, or a parameter is
/// of another kind of code; nothing counts as written then.
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
#[inline(always)]
pub(super) fn write(
    mem: &mut [u8],
    writer: Ptr,
    residuals: Ptr,
    count: i32,
    order: i32,
    partition_order: i32,
    width: i32,
    parameters: Ptr,
) -> Checked<i32> {
    let (parts, each) = partitions(count, order, partition_order)?;
    let mut out = Writer::read(mem, writer)?;
    let mut at = order as usize;
    for part in 0..parts {
        let parameter: i32 = one(mem, parameters, part as i64)?;
        if !(1..=5).contains(&width) || !(0..=30).contains(&parameter) || parameter >> width != 0 {
            return Ok(0);
        }
        let parameter = parameter.cast_unsigned();
        if !out.put(mem, parameter, width.cast_unsigned())? {
            return Ok(0);
        }
        for index in at..each * (part + 1) {
            let value = folded(one(mem, residuals, index as i64)?);
            let rest = (value & ((1 << parameter) - 1)) | (1 << parameter);
            let mut zeros = value >> parameter;
            while zeros > 31 - parameter {
                let some = zeros.min(32);
                if !out.put(mem, 0, some)? {
                    return Ok(0);
                }
                zeros -= some;
            }
            if !out.put(mem, rest, zeros + 1 + parameter)? {
                return Ok(0);
            }
        }
        at = at.max(each * (part + 1));
    }
    out.write(mem, writer)?;
    Ok(1)
}

/// Reads all partitions of a block: `int (const uint8_t *bytes, int *index, int size, int32_t *residuals,
/// int count, int order, int partition_order, int width)`. 0 where the bits end too soon or a code is
/// longer than those that occur: the caller finds out what is wrong.
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
#[inline(always)]
pub(super) fn read(
    mem: &mut [u8],
    bytes: Ptr,
    index: Ptr,
    size: i32,
    residuals: Ptr,
    count: i32,
    order: i32,
    partition_order: i32,
    width: i32,
) -> Checked<i32> {
    let (parts, each) = partitions(count, order, partition_order)?;
    let start: i32 = one(mem, index, 0)?;
    let (Ok(start), Ok(size)) = (usize::try_from(start), usize::try_from(size)) else {
        return Ok(0);
    };
    if !(1..=5).contains(&width) || each * parts < order as usize {
        return Ok(0);
    }
    let total = each * parts - order as usize;
    // What is read is looked at in eights of bytes, so that there are some behind it.
    let (source, source_len) = (bytes as usize, size / 8 + 16);
    let (target, target_len) = (residuals as usize, 4 * total);
    slice(mem, source as i64, source_len)?;
    slice_mut(mem, target as i64, target_len)?;
    let (from, to) = if source + source_len <= target {
        let (low, high) = mem.split_at_mut(target);
        (&low[source..source + source_len], &mut high[..target_len])
    } else if target + target_len <= source {
        let (low, high) = mem.split_at_mut(source);
        (&high[..source_len], &mut low[target..target + target_len])
    } else {
        return Ok(0);
    };
    let to: &mut [[u8; 4]] = to.as_chunks_mut().0;
    let Some(end) = partitions_of(from, start, to, [parts, each, order as usize], width as u32)
    else {
        return Ok(0);
    };
    if end > size {
        return Ok(0);
    }
    put(mem, index, 0, end as i32)?;
    Ok(1)
}

/// The position after them.
#[inline(always)]
fn partitions_of(
    from: &[u8],
    start: usize,
    to: &mut [[u8; 4]],
    [parts, each, order]: [usize; 3],
    width: u32,
) -> Option<usize> {
    let mut reader = Reader::new(from, start)?;
    let mut rest = to;
    for part in 0..parts {
        reader.fill()?;
        let parameter = reader.take(width);
        let count = (each * (part + 1)).saturating_sub(order.max(each * part));
        let (now, later) = rest.split_at_mut_checked(count)?;
        rest = later;
        if parameter == (1 << width) - 1 {
            plain(&mut reader, now)?;
        } else {
            codes(&mut reader, now, parameter)?;
        }
    }
    Some(reader.position())
}

/// Residuals of a number of bits each, which comes before them.
#[inline(always)]
fn plain(reader: &mut Reader<'_>, to: &mut [[u8; 4]]) -> Option<()> {
    let width = reader.take(5);
    for value in to {
        reader.fill()?;
        let bits = u64::from(reader.take(width)) << ((64 - width) % 64);
        let signed = if width == 0 {
            0
        } else {
            bits.cast_signed() >> (64 - width)
        };
        *value = (signed as i32).to_le_bytes();
    }
    Some(())
}

#[inline(always)]
fn codes(reader: &mut Reader<'_>, to: &mut [[u8; 4]], parameter: u32) -> Option<()> {
    for value in to {
        reader.fill()?;
        let mut zeros = reader.zeros();
        if zeros + 1 + parameter > 56 {
            (zeros, *reader) = long_run(*reader)?;
        } else {
            reader.skip(zeros + 1);
        }
        let number = (zeros << parameter) | reader.take(parameter);
        if zeros > u32::MAX >> parameter || number == u32::MAX {
            return None;
        }
        *value = unfolded(number).to_le_bytes();
    }
    Some(())
}

/// Zeros and the one after them, where they are not in the window with the rest of the code, which is there
/// afterwards.
#[cold]
#[inline(never)]
fn long_run(mut reader: Reader<'_>) -> Option<(u32, Reader<'_>)> {
    let mut zeros = 0;
    // The window has more bits than it counts, which are the right ones.
    while reader.zeros() >= reader.available() {
        zeros += reader.available();
        reader.skip(reader.available());
        reader.fill()?;
        if zeros > 1 << 20 {
            return None;
        }
    }
    let last = reader.zeros();
    reader.skip(last + 1);
    reader.fill()?;
    Some((zeros + last, reader))
}

/// Sums of the numbers of partitions: `void (const int32_t *residuals, int count, int order, int
/// partition_order, uint64_t *sums)`.
#[inline(always)]
pub(super) fn partition_sums(
    mem: &mut [u8],
    residuals: Ptr,
    count: i32,
    order: i32,
    partition_order: i32,
    sums: Ptr,
) -> Checked {
    let (parts, each) = partitions(count, order, partition_order)?;
    let mut at = order as usize;
    for part in 0..parts {
        let end = (each * (part + 1)).max(at);
        let sum = summed(
            mem,
            residuals,
            at..end,
            #[inline(always)]
            |number| number,
        )?;
        put_long(mem, sums, part, sum)?;
        at = end;
    }
    Ok(())
}

/// How many bits the codes have: `void (const int32_t *residuals, int count, int parameter, uint64_t
/// *bits)`.
#[inline(always)]
pub(super) fn code_bits(
    mem: &mut [u8],
    residuals: Ptr,
    count: i32,
    parameter: i32,
    bits: Ptr,
) -> Checked {
    let (count, parameter) = (count.max(0) as usize, parameter.cast_unsigned() & 31);
    let sum = summed(
        mem,
        residuals,
        0..count,
        #[inline(always)]
        |number| (number >> parameter).wrapping_add(1 + parameter),
    )?;
    put_long(mem, bits, 0, sum)
}

/// The sum of a function of the numbers in a range.
#[inline(always)]
fn summed(
    mem: &[u8],
    residuals: Ptr,
    range: std::ops::Range<usize>,
    of: impl Fn(u32) -> u32,
) -> Checked<u64> {
    let at = i64::from(residuals) + 4 * range.start as i64;
    let values: &[[u8; 4]] = slice(mem, at, 4 * range.len())?.as_chunks().0;
    let mut sum = 0;
    for value in values {
        sum += u64::from(of(folded(i32::from_le_bytes(*value))));
    }
    Ok(sum)
}

#[inline(always)]
fn put_long(mem: &mut [u8], to: Ptr, index: usize, value: u64) -> Checked {
    let [low, high] = [value as u32, (value >> 32) as u32];
    store(
        mem,
        to,
        2 * index as i64,
        [low.cast_signed(), high.cast_signed()],
    )
}

/// What decides between ways to code two channels: the sums of the second differences of left and right,
/// and of half their sum and of their difference: `void (const int32_t *left, const int32_t *right, int
/// count, uint64_t *sums)`.
#[inline(always)]
pub(super) fn stereo_sums(mem: &mut [u8], left: Ptr, right: Ptr, count: i32, to: Ptr) -> Checked {
    let count = i64::from(count);
    if count > mem.len() as i64 {
        return Err(Trap::MemoryOutOfBounds);
    }
    let mut sums = [0_u64; 4];
    let mut at = 2;
    while at + LANES <= count {
        // So few that half a word is enough for sums of halves of words.
        let end = count.min(at + LANES * 4096);
        let (mut low, mut high) = ([i32x8::ZERO; 4], [i32x8::ZERO; 4]);
        while at + LANES <= end {
            let (l, r) = (seconds(mem, left, at)?, seconds(mem, right, at)?);
            let half: i32x8 = (l + r) >> 1;
            let four = [l.abs(), r.abs(), half.abs(), (l - r).abs()];
            for sum in 0..4 {
                low[sum] += four[sum] & i32x8::splat(0xffff);
                high[sum] += four[sum] >> 16;
            }
            at += LANES;
        }
        for sum in 0..4 {
            let (low, high) = (low[sum].to_array(), high[sum].to_array());
            for lane in 0..8 {
                let part = i64::from(low[lane]) + (i64::from(high[lane]) << 16);
                sums[sum] = sums[sum].wrapping_add(part.cast_unsigned());
            }
        }
    }
    while at < count {
        let (l, r) = (second(mem, left, at)?, second(mem, right, at)?);
        let four = [l, r, l.wrapping_add(r) >> 1, l.wrapping_sub(r)];
        for sum in 0..4 {
            // The magnitude of the least number is itself, in lanes as here.
            let magnitude = i64::from(four[sum].wrapping_abs());
            sums[sum] = sums[sum].wrapping_add(magnitude.cast_unsigned());
        }
        at += 1;
    }
    for (index, sum) in sums.into_iter().enumerate() {
        put_long(mem, to, index, sum)?;
    }
    Ok(())
}

/// Samples that are summed at a time.
const LANES: i64 = 8;

/// Second differences from an index on.
#[inline(always)]
fn seconds(mem: &[u8], samples: Ptr, at: i64) -> Checked<i32x8> {
    let before = ints(mem, samples, at - 2)?;
    let last = ints(mem, samples, at - 1)?;
    Ok(ints(mem, samples, at)? - (last + last) + before)
}

#[inline(always)]
fn second(mem: &[u8], samples: Ptr, at: i64) -> Checked<i32> {
    let [before, last, now] = load::<i32, 3>(mem, samples, at - 2)?;
    Ok(now.wrapping_sub(last.wrapping_mul(2)).wrapping_add(before))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parameters of more bits than FLAC has, which would be shifts by more than a number has.
    #[test]
    fn a_parameter_wider_than_the_formats_is_not_read() {
        let mut mem = vec![0; 4096];
        mem[..2].copy_from_slice(&[0x64, 0x80]);
        let result = read(&mut mem, 0, 1024, 800, 2048, 1, 0, 0, 8);
        assert!(matches!(result, Ok(0)));
    }

    /// Differences whose magnitude is not a number of their type.
    #[test]
    fn the_sums_of_the_least_numbers_wrap() {
        let mut mem = vec![0; 4096];
        for at in 0..40 {
            let sample = if at % 2 == 0 { 0 } else { 0x4000_0000_i32 };
            mem[4 * at..][..4].copy_from_slice(&sample.to_le_bytes());
        }
        assert!(stereo_sums(&mut mem, 0, 2048, 10, 1024).is_ok());
        let eight = mem[1024..1032].to_vec();
        assert!(stereo_sums(&mut mem, 0, 2048, 3, 1024).is_ok());
        let one = i64::from_le_bytes(*mem[1024..].first_chunk().expect("it is there"));
        // In lanes and one by one alike.
        assert_eq!(eight, (8 * one).to_le_bytes());
    }
}
