//! Vectors of pulses in Opus's CELT layer (RFC 6716 section 4.3.4.2).

use super::Trap;
use super::guest::{Checked, Ptr, slice_mut};
use super::numbers::{load, one, put, store};

/// Dimensions of the largest band of the format, and more pulses than it has.
const MOST: usize = 176;

/// Numbers of pulses, from 0 on, for which there are counts of all dimensions. Of more there are only
/// vectors of few dimensions: 32 bits have no index for others.
const FEW: usize = 16;

/// How many vectors there are that begin with no pulse and have one pulse fewer, as a recurrence: by
/// dimensions and pulses. What has more than 32 bits is the largest number.
const fn counts<const COLUMNS: usize, const ROWS: usize>() -> [[u32; COLUMNS]; ROWS] {
    let mut counts = [[0_u32; COLUMNS]; ROWS];
    counts[0][0] = 1;
    let mut n = 1;
    while n < ROWS {
        let mut k = 1;
        while k < COLUMNS {
            counts[n][k] = counts[n - 1][k]
                .saturating_add(counts[n][k - 1])
                .saturating_add(counts[n - 1][k - 1]);
            k += 1;
        }
        n += 1;
    }
    counts
}

static FEW_PULSES: [[u32; FEW]; MOST + 1] = counts();
static FEW_DIMENSIONS: [[u32; MOST + 2]; FEW] = counts();

/// One of them.
#[inline(always)]
fn count_of(dimensions: usize, pulses: usize) -> u32 {
    if pulses < FEW {
        FEW_PULSES[dimensions][pulses]
    } else if dimensions < FEW {
        FEW_DIMENSIONS[dimensions][pulses]
    } else {
        u32::MAX
    }
}

/// The vector of so many pulses that has an index, and the vector scaled to a length: `void (int *numbers,
/// float *to, uint32_t dimensions, uint32_t pulses, uint32_t index, float gain)`.
#[inline(always)]
pub(super) fn pulses(
    mem: &mut [u8],
    numbers: Ptr,
    to: Ptr,
    dimensions: u32,
    pulses: u32,
    index: u32,
    gain: f32,
) -> Checked {
    let (dimensions, mut left) = (dimensions as usize, pulses as usize);
    if !(2..=MOST).contains(&dimensions) || left > MOST {
        return Err(Trap::MemoryOutOfBounds);
    }
    slice_mut(mem, numbers.into(), 4 * dimensions)?.fill(0);
    let (mut rest, mut index, mut norm) = (dimensions, index, 0_u64);
    while rest > 2 && left > 0 {
        let (before, more, count) = (left, count_of(rest, left + 1), count_of(rest, left));
        let place = (dimensions - rest) as i64;
        rest -= 1;
        if (count..more).contains(&index) {
            index -= count;
            continue;
        }
        let negative = index >= more;
        index -= if negative { more } else { 0 };
        let mut count = count;
        while count > index && left > 0 {
            left -= 1;
            count = count_of(rest + 1, left);
        }
        index = index.wrapping_sub(count);
        norm = norm.wrapping_add(pulse(mem, numbers, place, before - left, negative)?);
    }
    // With two dimensions the counts are odd numbers, and with one there is nothing but a sign.
    if left > 0 {
        let (before, more) = (left, 2 * left as u32 + 1);
        let negative = index >= more;
        index -= if negative { more } else { 0 };
        left = (index.wrapping_add(1) / 2) as usize;
        index = index.wrapping_sub((left as u32).wrapping_mul(2).saturating_sub(1));
        let place = dimensions as i64 - 2;
        let first = pulse(mem, numbers, place, before.wrapping_sub(left), negative)?;
        let last = pulse(mem, numbers, place + 1, left, index != 0)?;
        norm = norm.wrapping_add(first).wrapping_add(last);
    }
    scale(
        mem,
        numbers,
        to,
        dimensions as i64,
        gain / (norm as f32).sqrt(),
    )
}

/// Writes a number of the vector, and gives its square.
#[inline(always)]
fn pulse(mem: &mut [u8], numbers: Ptr, place: i64, size: usize, negative: bool) -> Checked<u64> {
    let size = size as i32;
    let value = if negative { size.wrapping_neg() } else { size };
    put(mem, numbers, place, value)?;
    Ok(size.wrapping_mul(size) as u64)
}

#[inline(always)]
fn scale(mem: &mut [u8], numbers: Ptr, to: Ptr, count: i64, factor: f32) -> Checked {
    let mut at = 0;
    while at + 8 <= count {
        let values: [i32; 8] = load(mem, numbers, at)?;
        let mut scaled = [0.0; 8];
        for lane in 0..8 {
            scaled[lane] = factor * values[lane] as f32;
        }
        store(mem, to, at, scaled)?;
        at += 8;
    }
    while at < count {
        let value: i32 = one(mem, numbers, at)?;
        put(mem, to, at, factor * value as f32)?;
        at += 1;
    }
    Ok(())
}
