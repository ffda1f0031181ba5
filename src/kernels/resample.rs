//! Conversion of sample rates of libswresample, in floating point.

#![expect(
    clippy::needless_range_loop,
    reason = "loops over lanes by index become vectors, those of iterators do not"
)]

use wide::f32x4;

use super::Trap;
use super::guest::{Checked, Ptr, bytes_mut, int, pointer, slice};

/// How many samples are made at a time.
const GROUP: usize = 8;

/// `ResampleContext.dsp.resample_common` for floating point: `int (ResampleContext *context, void *to,
#[inline(always)]
pub(super) fn resample(
    mem: &mut [u8],
    context: Ptr,
    to: Ptr,
    from: Ptr,
    count: i32,
    update: i32,
) -> Checked<i32> {
    let field = |mem: &[u8], at: i64| int(mem, i64::from(context) + at).map(i64::from);
    let (filters, length) = (
        pointer(mem, i64::from(context) + FILTER_BANK)?,
        field(mem, TAPS)?,
    );
    let (pitch, phases) = (field(mem, PITCH)?, field(mem, PHASES)?);
    let (step, step_part, rate) = (field(mem, STEP)?, field(mem, STEP_PART)?, field(mem, RATE)?);
    let (mut phase, mut part) = (field(mem, PHASE)?, field(mem, PART)?);
    let taps = usize::try_from(length).map_err(
        #[inline(always)]
        |_| Trap::MemoryOutOfBounds,
    )?;
    // What a resampler is set up with: anything else would not end, or not where memory does.
    // The work is that of a filter for each sample.
    let most = 64 * mem.len() as i64;
    if phases < 1
        || phase < 0
        || step < 0
        || !(0..=mem.len() as i64).contains(&pitch)
        || i64::from(count) > mem.len() as i64
        || i64::from(count).max(0).saturating_mul(length) > most
    {
        return Err(Trap::MemoryOutOfBounds);
    }
    let mut sample = phase / phases;
    phase %= phases;
    let mut index = 0;
    while index < i64::from(count) {
        // Several at a time: each is one long sum, which a processor waits for.
        let group = (i64::from(count) - index).min(GROUP as i64) as usize;
        let (mut sources, mut factors) = ([&[][..]; GROUP], [&[][..]; GROUP]);
        for place in 0..group {
            sources[place] = slice(mem, i64::from(from) + 4 * sample, 4 * taps)?;
            factors[place] = slice(
                mem,
                i64::from(filters).saturating_add((4 * pitch).saturating_mul(phase)),
                4 * taps,
            )?;
            part += step_part;
            phase += step;
            if part >= rate {
                part -= rate;
                phase += 1;
            }
            sample += phase / phases;
            phase %= phases;
        }
        for place in group..GROUP {
            (sources[place], factors[place]) = (sources[0], factors[0]);
        }
        let values = filtered(taps, sources, factors);
        for place in 0..group {
            let at = i64::from(to) + 4 * (index + place as i64);
            *bytes_mut(mem, at)? = values[place].to_le_bytes();
        }
        index += GROUP as i64;
    }
    if update != 0 {
        *bytes_mut(mem, i64::from(context) + PHASE)? = (phase as i32).to_le_bytes();
        *bytes_mut(mem, i64::from(context) + PART)? = (part as i32).to_le_bytes();
    }
    Ok(sample as i32)
}

/// Where the fields of `ResampleContext` are; the engine's glue asserts it.
const FILTER_BANK: i64 = 4;
const TAPS: i64 = 8;
const PITCH: i64 = 12;
const STEP: i64 = 24;
const STEP_PART: i64 = 28;
const PHASE: i64 = 32;
const PART: i64 = 36;
const RATE: i64 = 40;
const PHASES: i64 = 48;

/// Sums of products: those of even and of odd taps apart, each from the first on, then together.
#[inline(always)]
fn filtered(taps: usize, sources: [&[u8]; GROUP], filters: [&[u8]; GROUP]) -> [f32; GROUP] {
    // Two samples in a vector: even, odd, even, odd.
    let mut sums = [f32x4::ZERO; GROUP / 2];
    let fours = taps / 4;
    let (mut values, mut factors) = ([&[][..]; GROUP], [&[][..]; GROUP]);
    for place in 0..GROUP {
        values[place] = &sources[place].as_chunks::<16>().0[..fours];
        factors[place] = &filters[place].as_chunks::<16>().0[..fours];
    }
    for index in 0..fours {
        for pair in 0..GROUP / 2 {
            let (first, second) = (2 * pair, 2 * pair + 1);
            let a = (four(&values[first][index]) * four(&factors[first][index])).to_array();
            let b = (four(&values[second][index]) * four(&factors[second][index])).to_array();
            sums[pair] += f32x4::new([a[0], a[1], b[0], b[1]]);
            sums[pair] += f32x4::new([a[2], a[3], b[2], b[3]]);
        }
    }
    let mut results = [0.0; GROUP];
    for pair in 0..GROUP / 2 {
        let [even, odd, other_even, other_odd] = sums[pair].to_array();
        let (first, second) = (2 * pair, 2 * pair + 1);
        results[first] = last(even, odd, sources[first], filters[first]);
        results[second] = last(other_even, other_odd, sources[second], filters[second]);
    }
    results
}

/// A sum with the taps that are left over.
#[inline(always)]
fn last(mut even: f32, mut odd: f32, source: &[u8], filter: &[u8]) -> f32 {
    let (source, filter) = (source.as_chunks::<16>().1, filter.as_chunks::<16>().1);
    let (source, filter): (&[[u8; 4]], &[[u8; 4]]) = (source.as_chunks().0, filter.as_chunks().0);
    for (index, (source, filter)) in source.iter().zip(filter).enumerate() {
        let product = f32::from_le_bytes(*source) * f32::from_le_bytes(*filter);
        if index % 2 == 0 {
            even += product;
        } else {
            odd += product;
        }
    }
    even + odd
}

#[inline(always)]
fn four(bytes: &[u8; 16]) -> f32x4 {
    let numbers: &[[u8; 4]] = bytes.as_chunks().0;
    let mut values = [0.0; 4];
    for lane in 0..4 {
        values[lane] = f32::from_le_bytes(numbers[lane]);
    }
    f32x4::new(values)
}
