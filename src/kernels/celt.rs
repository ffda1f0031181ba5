//! Opus's CELT layer (RFC 6716 section 4.3): the filters of pitch and of emphasis.

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

/// The filter that takes the emphasis of high tones back (section 4.3.7.2), of two channels: `void (float
/// *left_to, const float *left, float *right_to, const float *right, float *states, float weight, int
/// count)`.
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
#[inline(always)]
pub(super) fn deemphasis(
    mem: &mut [u8],
    left_to: Ptr,
    left: Ptr,
    right_to: Ptr,
    right: Ptr,
    states: Ptr,
    weight: f32,
    count: i32,
) -> Checked {
    let count = i64::from(count);
    if count > mem.len() as i64 {
        return Err(Trap::MemoryOutOfBounds);
    }
    let [mut first, mut second]: [f32; 2] = load(mem, states, 0)?;
    let mut at = 0;
    while at + LANES <= count {
        let mut firsts: [f32; 8] = load(mem, left, at)?;
        let mut seconds: [f32; 8] = load(mem, right, at)?;
        for lane in 0..8 {
            first = firsts[lane] + first * weight;
            second = seconds[lane] + second * weight;
            (firsts[lane], seconds[lane]) = (first, second);
        }
        store(mem, left_to, at, firsts)?;
        store(mem, right_to, at, seconds)?;
        at += LANES;
    }
    while at < count {
        first = one::<f32>(mem, left, at)? + first * weight;
        second = one::<f32>(mem, right, at)? + second * weight;
        put(mem, left_to, at, first)?;
        put(mem, right_to, at, second)?;
        at += 1;
    }
    store(mem, states, 0, [first, second])
}
