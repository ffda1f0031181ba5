//! Vorbis I: channel coupling (section 4.3.5 of the specification), curves of floor 1 (section 7.2.4),
//! and vectors of residues (section 8.6.2).

use super::Trap;
use super::guest::{Checked, Ptr, bytes, slice, slice_mut};
use super::numbers::{in_eights, load, one, put, store};

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
    let Some(width) = end.checked_sub(start).filter(|width| *width > 0) else {
        // Points come in their order; two of one place are refused when they are read.
        return Err(Trap::MemoryOutOfBounds);
    };
    let at = i64::from(to) + 4 * start as i64;
    let to: &mut [[u8; 4]] = slice_mut(mem, at, 4 * width)?.as_chunks_mut().0;
    let (across, up) = (width as i32, last.wrapping_sub(y));
    let (base, sign) = (up / across, if up < 0 { -1 } else { 1 });
    let more = up
        .wrapping_abs()
        .wrapping_sub(base.wrapping_abs().wrapping_mul(across));
    if base == 0 && more == 0 {
        to.fill(level(levels, y));
        return Ok(());
    }
    let (mut y, mut error) = (y, -across);
    for value in to {
        *value = level(levels, y);
        error = error.wrapping_add(more);
        // All ones where there is one step more.
        let step = !(error >> 31);
        y = y.wrapping_add(base).wrapping_add(sign & step);
        error = error.wrapping_sub(across & step);
    }
    Ok(())
}

/// The most vectors of a partition.
const MOST: usize = 256;

/// Adds the vectors that codes stand for, their numbers in turns to two channels: `int (const uint8_t
/// *bytes, int *index, int size, const VLCElem *table, int bits, const float *vectors, int dimensions,
/// int count, float *to, int pitch)`. 0 where the bits end too soon or stand for nothing; nothing is
/// changed then.
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
#[inline(always)]
pub(super) fn vectors(
    mem: &mut [u8],
    bytes: Ptr,
    index: Ptr,
    size: i32,
    table: Ptr,
    bits: i32,
    vectors: Ptr,
    dimensions: i32,
    count: i32,
    to: Ptr,
    pitch: i32,
) -> Checked<i32> {
    let start: i32 = one(mem, index, 0)?;
    let mut codes = [0; MOST];
    let (Some(codes), Ok(start), Ok(size), Ok(bits)) = (
        usize::try_from(count)
            .ok()
            .and_then(|count| codes.get_mut(..count)),
        usize::try_from(start),
        usize::try_from(size),
        u32::try_from(bits),
    ) else {
        return Ok(0);
    };
    if dimensions <= 0 || dimensions % 2 != 0 || bits > 16 {
        return Ok(0);
    }
    let source = slice(mem, bytes.into(), size / 8 + 16)?;
    let mut at = start;
    for code in &mut *codes {
        let Some((found, after)) = code_at(mem, source, at, table, bits)? else {
            return Ok(0);
        };
        *code = found;
        at = after;
    }
    if at > size {
        return Ok(0);
    }
    match dimensions {
        2 => add::<1>(mem, codes, vectors, to, pitch)?,
        4 => add::<2>(mem, codes, vectors, to, pitch)?,
        _ => {
            let pairs = i64::from(dimensions / 2);
            for (place, code) in codes.iter().enumerate() {
                for pair in 0..pairs {
                    let values = load(mem, vectors, 2 * (i64::from(*code) * pairs + pair))?;
                    add_pair(mem, to, pitch, place as i64 * pairs + pair, values)?;
                }
            }
        }
    }
    put(mem, index, 0, at as i32)?;
    Ok(1)
}

/// A number for each of the two channels.
#[inline(always)]
fn add_pair(mem: &mut [u8], to: Ptr, pitch: i32, at: i64, values: [f32; 2]) -> Checked {
    for (value, at) in values.into_iter().zip([at, at + i64::from(pitch)]) {
        let before: f32 = one(mem, to, at)?;
        put(mem, to, at, before + value)?;
    }
    Ok(())
}

/// Vectors of so many pairs.
#[inline(always)]
fn add<const PAIRS: usize>(
    mem: &mut [u8],
    codes: &[u32],
    vectors: Ptr,
    to: Ptr,
    pitch: i32,
) -> Checked {
    for (place, code) in codes.iter().enumerate() {
        for pair in 0..PAIRS {
            let from = i64::from(*code) * PAIRS as i64 + pair as i64;
            let values = load(mem, vectors, 2 * from)?;
            add_pair(mem, to, pitch, (place * PAIRS + pair) as i64, values)?;
        }
    }
    Ok(())
}

/// The code at a bit, and where the next one begins. An entry of a table has a symbol and a length; where
/// that is negative, the symbol is where the entries for so many more bits begin.
#[inline(always)]
fn code_at(
    mem: &[u8],
    source: &[u8],
    at: usize,
    table: Ptr,
    bits: u32,
) -> Checked<Option<(u32, usize)>> {
    let Some(next) = source
        .get(at / 8..)
        .and_then(|rest| rest.first_chunk::<8>())
    else {
        return Ok(None);
    };
    let mut window = u64::from_le_bytes(*next) >> (at % 8);
    let (mut first, mut width, mut at) = (0, bits, at);
    // Three tables have up to 48 bits in all.
    for _ in 0..3 {
        let entry = first + (window & ((1 << width) - 1)) as i64;
        let [a, b, c, d]: [u8; 4] = *bytes(mem, i64::from(table) + 4 * entry)?;
        let (symbol, length) = (i16::from_le_bytes([a, b]), i16::from_le_bytes([c, d]));
        if length >= 0 {
            let found = u32::try_from(symbol).ok();
            return Ok(found.map(|found| (found, at + length as usize)));
        }
        at += width as usize;
        window >>= width;
        first = symbol.into();
        width = u32::from(length.unsigned_abs());
        if width > 16 {
            return Ok(None);
        }
    }
    Ok(None)
}
