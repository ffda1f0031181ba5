//! Conversion of sample formats and rates of libswresample.

use wide::{f32x8, i32x8};

use super::Trap;
use super::guest::{Checked, Ptr, bytes, bytes_mut, int, pointer, slice, slice_mut};
use super::vectors::bits;

/// `AudioConvert.conv_f` from floating point to 16 bits: `void (uint8_t *to, const uint8_t *from,
/// int from_step, int to_step, uint8_t *end)`, rounded to even and limited.
#[inline(always)]
pub(super) fn float_to_16(
    mem: &mut [u8],
    to: Ptr,
    from: Ptr,
    from_step: i32,
    to_step: i32,
    end: Ptr,
) -> Checked {
    convert::<4, 2>(
        mem,
        [to, from, end],
        from_step,
        to_step,
        #[inline(always)]
        |samples| {
            let [a, b, c, d, e, f, g, h] = samples;
            let values = f32x8::new([
                f32::from_le_bytes(a),
                f32::from_le_bytes(b),
                f32::from_le_bytes(c),
                f32::from_le_bytes(d),
                f32::from_le_bytes(e),
                f32::from_le_bytes(f),
                f32::from_le_bytes(g),
                f32::from_le_bytes(h),
            ]);
            let whole = rounded(values * 32768.0).to_array();
            let mut samples = [[0; 2]; EIGHT];
            for lane in 0..EIGHT {
                samples[lane] = (whole[lane] as i16).to_le_bytes();
            }
            samples
        },
    )
}

/// `AudioConvert.conv_f` from 16 bits to floating point.
#[inline(always)]
pub(super) fn float_from_16(
    mem: &mut [u8],
    to: Ptr,
    from: Ptr,
    from_step: i32,
    to_step: i32,
    end: Ptr,
) -> Checked {
    convert::<2, 4>(
        mem,
        [to, from, end],
        from_step,
        to_step,
        #[inline(always)]
        |samples| {
            let mut values = [[0; 4]; EIGHT];
            for lane in 0..EIGHT {
                let value = f32::from(i16::from_le_bytes(samples[lane])) * (1.0 / 32768.0);
                values[lane] = value.to_le_bytes();
            }
            values
        },
    )
}

/// Rounds to even and limits to 16 bits; 0 for what is no number.
#[inline(always)]
fn rounded(values: f32x8) -> i32x8 {
    // Beyond these the limit decides. Within them adding and taking away 1.5 times 2 to the power
    // of 23 leaves no fraction, rounded by the rule.
    let limited = f32x8::splat(40_000.0).fast_min(values);
    let limited = f32x8::splat(-40_000.0).fast_max(limited);
    let whole = (limited + f32x8::splat(12_582_912.0)) - f32x8::splat(12_582_912.0);
    let numbers = i32x8::new(bits(values.simd_eq(values)));
    let whole = whole.fast_trunc_int() & numbers;
    whole.min(i32x8::splat(32767)).max(i32x8::splat(-32768))
}

/// How many samples are converted at a time.
const EIGHT: usize = 8;

#[inline(always)]
fn convert<const FROM: usize, const TO: usize>(
    mem: &mut [u8],
    [to, from, end]: [Ptr; 3],
    from_step: i32,
    to_step: i32,
    samples: impl Fn([[u8; FROM]; EIGHT]) -> [[u8; TO]; EIGHT],
) -> Checked {
    let (mut to, mut from, end) = (i64::from(to), i64::from(from), i64::from(end));
    let (from_step, to_step) = (i64::from(from_step), i64::from(to_step));
    if to_step < TO as i64 {
        return if to < end {
            Err(Trap::MemoryOutOfBounds)
        } else {
            Ok(())
        };
    }
    let mut before = [[0; FROM]; EIGHT];
    while to + (EIGHT as i64 - 1) * to_step < end {
        if from_step == FROM as i64 {
            let bytes = slice(mem, from, EIGHT * FROM)?;
            before.as_flattened_mut().copy_from_slice(bytes);
        } else {
            for (sample, at) in before.iter_mut().zip(0..) {
                *sample = *bytes(mem, from + at * from_step)?;
            }
        }
        let after = samples(before);
        if to_step == TO as i64 {
            slice_mut(mem, to, EIGHT * TO)?.copy_from_slice(after.as_flattened());
        } else {
            for (sample, at) in after.into_iter().zip(0..) {
                *bytes_mut(mem, to + at * to_step)? = sample;
            }
        }
        from += EIGHT as i64 * from_step;
        to += EIGHT as i64 * to_step;
    }
    while to < end {
        before[0] = *bytes(mem, from)?;
        let [value, ..] = samples(before);
        *bytes_mut(mem, to)? = value;
        from += from_step;
        to += to_step;
    }
    Ok(())
}

/// `ResampleContext.dsp.resample_common` for floating point: `int (ResampleContext *context, void *to,
/// const void *from, int count, int update)`, how many samples of the source were passed.
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
    if phases < 1 || phase < 0 || step < 0 || i64::from(count) > mem.len() as i64 {
        return Err(Trap::MemoryOutOfBounds);
    }
    let mut sample = phase / phases;
    phase %= phases;
    for index in 0..i64::from(count) {
        let source = slice(mem, i64::from(from) + 4 * sample, 4 * taps)?;
        let filter = slice(mem, i64::from(filters) + 4 * pitch * phase, 4 * taps)?;
        let value = filtered(source, filter);
        *bytes_mut(mem, i64::from(to) + 4 * index)? = value.to_le_bytes();
        part += step_part;
        phase += step;
        if part >= rate {
            part -= rate;
            phase += 1;
        }
        sample += phase / phases;
        phase %= phases;
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

/// The sum of products: those of even and of odd taps apart, each from the first on, then together.
#[inline(always)]
fn filtered(source: &[u8], filter: &[u8]) -> f32 {
    let (mut even, mut odd) = (0.0_f32, 0.0_f32);
    let (source, source_last) = source.as_chunks::<32>();
    let (filter, filter_last) = filter.as_chunks::<32>();
    for (source, filter) in source.iter().zip(filter) {
        let products = (eight(source) * eight(filter)).to_array();
        for pair in 0..4 {
            even += products[2 * pair];
            odd += products[2 * pair + 1];
        }
    }
    let (source, filter): (&[[u8; 4]], &[[u8; 4]]) =
        (source_last.as_chunks().0, filter_last.as_chunks().0);
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
fn eight(bytes: &[u8; 32]) -> f32x8 {
    let numbers: &[[u8; 4]] = bytes.as_chunks().0;
    let mut values = [0.0; EIGHT];
    for lane in 0..EIGHT {
        values[lane] = f32::from_le_bytes(numbers[lane]);
    }
    f32x8::new(values)
}
