//! Conversion of sample formats of libswresample.

#![expect(
    clippy::needless_range_loop,
    reason = "loops over lanes by index become vectors, those of iterators do not"
)]

use wide::{f32x8, i32x8};

use super::Trap;
use super::guest::{Checked, Ptr, bytes, bytes_mut, slice, slice_mut};
use super::vectors::bits;

/// Samples as numbers, and those of two channels as one number of two: sixteen at a time become vectors, where
/// memory goes on for another half of a number.
macro_rules! moved {
    ($mem:ident, [$to:ident, $from:ident, $end:ident], [$from_step:ident, $to_step:ident], $one:ident in $two:ident) => {{
        const ONE: usize = size_of::<$one>();
        const TWO: usize = size_of::<$two>();
        const COUNT: usize = 16;
        let steps = [i64::from($from_step), i64::from($to_step)];
        let (mut to, mut from) = (i64::from($to), i64::from($from));
        let end = i64::from($end);
        while to + COUNT as i64 * steps[1] <= end {
            let mut samples = [0 as $one; COUNT];
            if steps == [ONE as i64, TWO as i64] {
                let Ok(there) = bytes::<{ COUNT * TWO }>($mem, to) else {
                    break;
                };
                let (there, mut pairs) = (there.as_chunks().0, [0; COUNT]);
                let here = bytes::<{ COUNT * ONE }>($mem, from)?.as_chunks().0;
                for index in 0..COUNT {
                    pairs[index] = $two::from_le_bytes(there[index]) & !$two::from($one::MAX)
                        | $two::from($one::from_le_bytes(here[index]));
                }
                let there = bytes_mut::<{ COUNT * TWO }>($mem, to)?.as_chunks_mut().0;
                for index in 0..COUNT {
                    there[index] = pairs[index].to_le_bytes();
                }
            } else if steps == [TWO as i64, ONE as i64] {
                let Ok(here) = bytes::<{ COUNT * TWO }>($mem, from) else {
                    break;
                };
                let here = here.as_chunks().0;
                for index in 0..COUNT {
                    samples[index] = $two::from_le_bytes(here[index]) as $one;
                }
                let there = bytes_mut::<{ COUNT * ONE }>($mem, to)?.as_chunks_mut().0;
                for index in 0..COUNT {
                    there[index] = samples[index].to_le_bytes();
                }
            } else {
                break;
            }
            from += COUNT as i64 * steps[0];
            to += COUNT as i64 * steps[1];
        }
        convert::<ONE, ONE>(
            $mem,
            [to as Ptr, from as Ptr, $end],
            $from_step,
            $to_step,
            #[inline(always)]
            |samples| samples,
        )
    }};
}

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

/// `AudioConvert.conv_f` between channels that are apart and channels in turn: samples of 16 bits.
#[inline(always)]
pub(super) fn moved_16(
    mem: &mut [u8],
    to: Ptr,
    from: Ptr,
    from_step: i32,
    to_step: i32,
    end: Ptr,
) -> Checked {
    moved!(mem, [to, from, end], [from_step, to_step], u16 in u32)
}

/// The same for samples of 32 bits.
#[inline(always)]
pub(super) fn moved_32(
    mem: &mut [u8],
    to: Ptr,
    from: Ptr,
    from_step: i32,
    to_step: i32,
    end: Ptr,
) -> Checked {
    moved!(mem, [to, from, end], [from_step, to_step], u32 in u64)
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
    // Of one channel, of two, or whatever it is.
    let (one, two) = ([FROM as i64, TO as i64], [2 * FROM as i64, 2 * TO as i64]);
    let mut before = [[0; FROM]; EIGHT];
    while to + (EIGHT as i64 - 1) * to_step < end {
        if from_step == one[0] {
            let bytes = slice(mem, from, EIGHT * FROM)?;
            before.as_flattened_mut().copy_from_slice(bytes);
        } else if from_step == two[0] {
            let samples = slice(mem, from, (2 * EIGHT - 1) * FROM)?.as_chunks().0;
            for index in 0..EIGHT {
                before[index] = samples[2 * index];
            }
        } else {
            for index in 0..EIGHT {
                before[index] = *bytes(mem, from + index as i64 * from_step)?;
            }
        }
        let after = samples(before);
        if to_step == one[1] {
            slice_mut(mem, to, EIGHT * TO)?.copy_from_slice(after.as_flattened());
        } else if to_step == two[1] {
            let samples = slice_mut(mem, to, (2 * EIGHT - 1) * TO)?.as_chunks_mut().0;
            for index in 0..EIGHT {
                samples[2 * index] = after[index];
            }
        } else {
            for index in 0..EIGHT {
                *bytes_mut(mem, to + index as i64 * to_step)? = after[index];
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
