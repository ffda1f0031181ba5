//! Conversion of sample formats and rates of libswresample.

use super::Trap;
use super::guest::{Checked, Ptr, bytes, bytes_mut, int, pointer, slice, slice_mut};

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
        to,
        from,
        from_step,
        to_step,
        end,
        #[inline(always)]
        |bytes| rounded(f32::from_le_bytes(bytes) * 32768.0).to_le_bytes(),
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
        to,
        from,
        from_step,
        to_step,
        end,
        #[inline(always)]
        |bytes| (f32::from(i16::from_le_bytes(bytes)) * (1.0 / 32768.0)).to_le_bytes(),
    )
}

/// Rounds to even and limits to 16 bits; 0 for what is no number.
#[inline(always)]
fn rounded(value: f32) -> i16 {
    // Beyond these the limit decides. Within them adding and taking away 1.5 times 2 to the power
    // of 23 leaves no fraction, rounded by the rule.
    let value = if value > 40_000.0 { 40_000.0 } else { value };
    let value = if value < -40_000.0 { -40_000.0 } else { value };
    let whole = (value + 12_582_912.0) - 12_582_912.0;
    (whole as i32).clamp(-32768, 32767) as i16
}

#[inline(always)]
fn convert<const FROM: usize, const TO: usize>(
    mem: &mut [u8],
    to: Ptr,
    from: Ptr,
    from_step: i32,
    to_step: i32,
    end: Ptr,
    sample: impl Fn([u8; FROM]) -> [u8; TO],
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
    if (from_step, to_step) == (FROM as i64, TO as i64) {
        while to + 8 * to_step <= end {
            let mut samples = [[0; TO]; 8];
            let source = slice(mem, from, 8 * FROM)?.as_chunks::<FROM>().0;
            for (value, source) in samples.iter_mut().zip(source) {
                *value = sample(*source);
            }
            let out = slice_mut(mem, to, 8 * TO)?;
            out.as_chunks_mut::<TO>().0.copy_from_slice(&samples);
            from += 8 * from_step;
            to += 8 * to_step;
        }
    }
    while to < end {
        let value = sample(*bytes(mem, from)?);
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
    let number = |bytes: &[u8]| {
        bytes.first_chunk().map_or(
            0.0,
            #[inline(always)]
            |bytes| f32::from_le_bytes(*bytes),
        )
    };
    let (mut even, mut odd) = (0.0_f32, 0.0_f32);
    let (source, source_last) = source.as_chunks::<8>();
    let (filter, filter_last) = filter.as_chunks::<8>();
    for (source, filter) in source.iter().zip(filter) {
        even += number(source) * number(filter);
        odd += number(&source[4..]) * number(&filter[4..]);
    }
    if !source_last.is_empty() {
        even += number(source_last) * number(filter_last);
    }
    even + odd
}
