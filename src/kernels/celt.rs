//! Opus's CELT layer (RFC 6716 section 4.3): vectors of pulses, and the filter of pitch.

use wide::f32x8;

use super::Trap;
use super::guest::{Checked, Ptr};
use super::numbers::{load, one, put, store};
use super::vectors::floats;

/// Numbers that are worked on at a time.
const LANES: i64 = 8;

/// The shortest period of which eight samples do not depend on each other.
const SHORTEST: i32 = 10;

/// The filter of section 4.3.7.1, in place: `void (float *data, int period, const float *gains, int
/// count)`.
#[inline(always)]
pub(super) fn postfilter(
    mem: &mut [u8],
    data: Ptr,
    period: i32,
    gains: Ptr,
    count: i32,
) -> Checked {
    let gains: [f32; 3] = load(mem, gains, 0)?;
    let (period, count) = (i64::from(period), i64::from(count));
    if count > mem.len() as i64 {
        return Err(Trap::MemoryOutOfBounds);
    }
    let mut at = 0;
    if period >= SHORTEST.into() {
        let [g0, g1, g2] = gains.map(f32x8::splat);
        while at + LANES <= count {
            let then = at - period;
            let near = floats(mem, data, then - 1)? + floats(mem, data, then + 1)?;
            let far = floats(mem, data, then - 2)? + floats(mem, data, then + 2)?;
            let sum = g0 * floats(mem, data, then)? + g1 * near + g2 * far;
            let filtered = floats(mem, data, at)? + sum;
            store(mem, data, at, filtered.to_array())?;
            at += LANES;
        }
    }
    // What a sequential loop has read before it is changed.
    let [g0, g1, g2] = gains;
    let mut past: [f32; 4] = [0.0; 4];
    if at < count {
        past = load(mem, data, at - period - 2)?;
    }
    while at < count {
        let next: f32 = one(mem, data, at - period + 2)?;
        let sum = g0 * past[2] + g1 * (past[3] + past[1]) + g2 * (next + past[0]);
        let value: f32 = one(mem, data, at)?;
        put(mem, data, at, value + sum)?;
        past = [past[1], past[2], past[3], next];
        at += 1;
    }
    Ok(())
}

/// Samples of a transition.
const OVERLAP: i64 = 120;

/// From one such filter to another by a window, in place: `void (float *data, int old_period, int period,
/// const float *old_gains, const float *gains, const float *window)`. Periods are from 15 on.
#[inline(always)]
pub(super) fn transition(
    mem: &mut [u8],
    data: Ptr,
    old_period: i32,
    period: i32,
    old_gains: Ptr,
    gains: Ptr,
    window: Ptr,
) -> Checked {
    if old_period < SHORTEST || period < SHORTEST {
        return Err(Trap::MemoryOutOfBounds);
    }
    let old_gains: [f32; 3] = load(mem, old_gains, 0)?;
    let gains: [f32; 3] = load(mem, gains, 0)?;
    for at in (0..OVERLAP).step_by(8) {
        let weights: [f32; 8] = load(mem, window, at)?;
        let (old, new) = (
            neighbours(mem, data, at - i64::from(old_period))?,
            neighbours(mem, data, at - i64::from(period))?,
        );
        let mut values: [f32; 8] = load(mem, data, at)?;
        for lane in 0..8 {
            // The old one is weighted with twice the precision.
            let (out, weight) = (1.0 - f64::from(weights[lane]), weights[lane]);
            let mut sum = out * f64::from(old_gains[0]) * f64::from(old[0][lane]);
            sum += out * f64::from(old_gains[1]) * f64::from(old[1][lane]);
            sum += out * f64::from(old_gains[2]) * f64::from(old[2][lane]);
            sum += f64::from(weight * gains[0] * new[0][lane]);
            sum += f64::from(weight * gains[1] * new[1][lane]);
            sum += f64::from(weight * gains[2] * new[2][lane]);
            values[lane] = (f64::from(values[lane]) + sum) as f32;
        }
        store(mem, data, at, values)?;
    }
    Ok(())
}

/// Samples, and the sums of the two beside each, and of the two beyond these.
#[inline(always)]
fn neighbours(mem: &[u8], data: Ptr, at: i64) -> Checked<[[f32; 8]; 3]> {
    let near = floats(mem, data, at - 1)? + floats(mem, data, at + 1)?;
    let far = floats(mem, data, at - 2)? + floats(mem, data, at + 2)?;
    Ok([
        floats(mem, data, at)?.to_array(),
        near.to_array(),
        far.to_array(),
    ])
}

/// Rows of the table of counts of vectors.
const ROWS: usize = 15;

/// The vector of so many pulses that has an index (section 4.3.4.2), and the vector scaled to a length:
/// `void (int *numbers, float *to, uint32_t dimensions, uint32_t pulses, uint32_t index, const uint32_t
/// *const *rows, float gain)`. The table has, in the row of the smaller of two numbers and the column of
/// the larger, how many vectors there are of so many dimensions and fewer pulses.
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
#[inline(always)]
pub(super) fn pulses(
    mem: &mut [u8],
    numbers: Ptr,
    to: Ptr,
    dimensions: u32,
    pulses: u32,
    index: u32,
    rows: Ptr,
    gain: f32,
) -> Checked {
    let addresses: [i32; ROWS] = load(mem, rows, 0)?;
    let counts = Counts { addresses };
    let (mut left, mut index, mut norm) = (pulses, index, 0_u64);
    if i64::from(dimensions) > mem.len() as i64 {
        return Err(Trap::MemoryOutOfBounds);
    }
    for place in 0..dimensions {
        let (rest, before) = (dimensions - place, left);
        let negative;
        // With two dimensions the counts are odd numbers, and with one there is nothing but a sign.
        if rest > 2 {
            let more = counts.of(mem, rest, left.saturating_add(1))?;
            negative = index >= more;
            index -= if negative { more } else { 0 };
            let mut count = counts.of(mem, rest, left)?;
            while count > index && left > 0 {
                left -= 1;
                count = counts.of(mem, rest, left)?;
            }
            index = index.wrapping_sub(count);
        } else if rest == 2 {
            let more = left.wrapping_mul(2).wrapping_add(1);
            negative = index >= more;
            index -= if negative { more } else { 0 };
            left = index.wrapping_add(1) / 2;
            index = index.wrapping_sub(left.wrapping_mul(2).saturating_sub(1));
        } else {
            negative = index != 0;
            left = 0;
        }
        let size = before.wrapping_sub(left).cast_signed();
        let value = if negative { size.wrapping_neg() } else { size };
        norm = norm.wrapping_add(size.wrapping_mul(size) as u64);
        put(mem, numbers, i64::from(place), value)?;
    }
    let scale = gain / (norm as f32).sqrt();
    let mut at = 0;
    while at + LANES <= dimensions.into() {
        let values: [i32; 8] = load(mem, numbers, at)?;
        let mut scaled = [0.0; 8];
        for lane in 0..8 {
            scaled[lane] = scale * values[lane] as f32;
        }
        store(mem, to, at, scaled)?;
        at += LANES;
    }
    while at < dimensions.into() {
        let value: i32 = one(mem, numbers, at)?;
        put(mem, to, at, scale * value as f32)?;
        at += 1;
    }
    Ok(())
}

struct Counts {
    addresses: [i32; ROWS],
}

impl Counts {
    #[inline(always)]
    fn of(&self, mem: &[u8], dimensions: u32, pulses: u32) -> Checked<u32> {
        let (row, column) = (dimensions.min(pulses), dimensions.max(pulses));
        let Some(address) = self.addresses.get(row as usize) else {
            return Err(Trap::MemoryOutOfBounds);
        };
        let count: i32 = one(mem, address.cast_unsigned(), column.into())?;
        Ok(count.cast_unsigned())
    }
}
