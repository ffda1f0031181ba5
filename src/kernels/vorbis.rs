//! Vorbis I: channel coupling (section 4.3.5 of the specification), and curves of floor 1 (section 7.2.4).

use super::Trap;
use super::guest::{Checked, Ptr, bytes, slice_mut};
use super::numbers::{in_eights, load, one, store};

/// Magnitude and angle to two channels, in place: `void (float *magnitudes, float *angles, ptrdiff_t
/// count)`.
#[inline(always)]
pub(super) fn coupling(mem: &mut [u8], magnitudes: Ptr, angles: Ptr, count: i32) -> Checked {
    in_eights(
        mem,
        count,
        #[inline(always)]
        |mem, index| couple::<8>(mem, magnitudes, angles, index),
        #[inline(always)]
        |mem, index| couple::<1>(mem, magnitudes, angles, index),
    )
}

#[inline(always)]
fn couple<const N: usize>(mem: &mut [u8], magnitudes: Ptr, angles: Ptr, index: i64) -> Checked {
    let (a, b): ([f32; N], [f32; N]) = (load(mem, magnitudes, index)?, load(mem, angles, index)?);
    let (mut first, mut second) = (a, a);
    for lane in 0..N {
        let away = if (a[lane] > 0.0) == (b[lane] > 0.0) {
            a[lane] - b[lane]
        } else {
            a[lane] + b[lane]
        };
        first[lane] = if b[lane] > 0.0 { a[lane] } else { away };
        second[lane] = if b[lane] > 0.0 { away } else { a[lane] };
    }
    store(mem, angles, index, second)?;
    store(mem, magnitudes, index, first)
}

/// A curve of lines between points, as levels of a table of 256: `void (const vorbis_floor1_entry
/// *points, int count, const uint16_t *heights, const int *used, int multiplier, float *to, int samples,
/// const float *levels)`. A point has its place and its rank.
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
#[inline(always)]
pub(super) fn lines(
    mem: &mut [u8],
    points: Ptr,
    count: i32,
    heights: Ptr,
    used: Ptr,
    multiplier: i32,
    to: Ptr,
    samples: i32,
    levels: Ptr,
) -> Checked {
    let levels: [f32; 256] = load(mem, levels, 0)?;
    let Ok(samples) = usize::try_from(samples) else {
        return Err(Trap::MemoryOutOfBounds);
    };
    let (mut x, mut y) = (0, height(mem, heights, 0, multiplier)?);
    for index in 1..i64::from(count) {
        let [_, _, low, high, ..]: [u8; 8] = *bytes(mem, i64::from(points) + 8 * index)?;
        let point = i64::from(u16::from_le_bytes([low, high]));
        if one::<i32>(mem, used, point)? != 0 {
            let [low, high]: [u8; 2] = *bytes(mem, i64::from(points) + 8 * point)?;
            let end = usize::from(u16::from_le_bytes([low, high]));
            let next = height(mem, heights, point, multiplier)?;
            if x < samples {
                line(mem, to, [x, end.min(samples)], [y, next], &levels)?;
            }
            (x, y) = (end, next);
        }
        if x >= samples {
            return Ok(());
        }
    }
    if x < samples {
        line(mem, to, [x, samples], [y, y], &levels)?;
    }
    Ok(())
}

#[inline(always)]
fn height(mem: &[u8], heights: Ptr, point: i64, multiplier: i32) -> Checked<i32> {
    let height: &[u8; 2] = bytes(mem, i64::from(heights) + 2 * point)?;
    Ok(i32::from(u16::from_le_bytes(*height)).wrapping_mul(multiplier))
}

#[inline(always)]
fn level(levels: &[f32; 256], y: i32) -> [u8; 4] {
    levels[y.clamp(0, 255) as usize].to_le_bytes()
}

/// A line from a sample on, to the one before another.
#[inline(always)]
fn line(
    mem: &mut [u8],
    to: Ptr,
    [start, end]: [usize; 2],
    [y, last]: [i32; 2],
    levels: &[f32; 256],
) -> Checked {
    let Some(width) = end
        .checked_sub(start)
        .filter(|width| (1..1 << 16).contains(width))
    else {
        // Points come in their order; two of one place are refused when they are read. They have 16 bits.
        return Err(Trap::MemoryOutOfBounds);
    };
    let at = i64::from(to) + 4 * start as i64;
    let to: &mut [[u8; 4]] = slice_mut(mem, at, 4 * width)?.as_chunks_mut().0;
    let (across, up) = (width as i64, i64::from(last) - i64::from(y));
    // In 32 bits after the point: the slope without its fraction, and the fraction, a little more than it is,
    // which no line is long enough to see. Downwards, a step is one where the fraction is at an end.
    let (base, more) = (up / across, up.abs() % across);
    let (mut at, mut slope) = (i64::from(y) << 32, base << 32);
    if more > 0 {
        let part = (more << 32) / across + 1;
        slope += if up < 0 { -part } else { part };
    } else if base == 0 {
        to.fill(level(levels, y));
        return Ok(());
    }
    if up < 0 {
        at += (1 << 32) - 1;
    }
    for value in to {
        *value = level(levels, (at >> 32) as i32);
        at = at.wrapping_add(slope);
    }
    Ok(())
}
