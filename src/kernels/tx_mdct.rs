//! Modified discrete cosine transforms (`AVTXContext`), through a Fourier transform of half as many
//! numbers: in the order of operations of libavutil's.

use super::Trap;
use super::guest::{Checked, Ptr, slice};
use super::tx::{Complex, length, transform};

/// Pairs of numbers in guest memory.
#[inline(always)]
fn pairs(mem: &[u8], from: i64, len: usize) -> Checked<&[[[u8; 4]; 2]]> {
    Ok(slice(mem, from, 8 * len)?.as_chunks::<4>().0.as_chunks().0)
}

#[inline(always)]
fn pair([re, im]: [[u8; 4]; 2]) -> [f32; 2] {
    [f32::from_le_bytes(re), f32::from_le_bytes(im)]
}

/// A number of a list; one outside ends the run.
#[inline(always)]
fn number(list: &[[u8; 4]], index: usize) -> Checked<f32> {
    match list.get(index) {
        Some(bytes) => Ok(f32::from_le_bytes(*bytes)),
        None => Err(Trap::MemoryOutOfBounds),
    }
}

/// The inverse, without the half that mirrors the other: `void (float *to, const float *from,
/// int half, const int *map, const float *factors, const float *const *cosines)`.
#[inline(always)]
pub(super) fn inverse(
    mem: &mut [u8],
    to: Ptr,
    from: Ptr,
    half: i32,
    map: Ptr,
    factors: Ptr,
    cosines: Ptr,
) -> Checked {
    let len = length(half)?;
    let source: &[[u8; 4]] = slice(mem, from.into(), 8 * len)?.as_chunks().0;
    let places: &[[u8; 4]] = slice(mem, map.into(), 4 * len)?.as_chunks().0;
    let turns = pairs(mem, factors.into(), len)?;
    let mut numbers = Complex::new(len);
    let (re, im) = (&mut numbers.re[..len], &mut numbers.im[..len]);
    for index in 0..len {
        let place = u32::from_le_bytes(places[index]) as usize % (2 * len);
        let (a, b) = (number(source, 2 * len - 1 - place)?, number(source, place)?);
        let [c, d] = pair(turns[index]);
        re[index] = a * c - b * d;
        im[index] = a * d + b * c;
    }
    transform(mem, &mut numbers, cosines)?;
    let turns = pairs(mem, i64::from(factors) + 8 * len as i64, len)?;
    let mut result = Complex::new(len);
    let (re, im) = (&mut result.re[..len], &mut result.im[..len]);
    let (from_re, from_im) = (&numbers.re[..len], &numbers.im[..len]);
    for index in 0..len {
        let ([c, d], a, b) = (pair(turns[index]), from_im[index], from_re[index]);
        re[index] = a * d - b * c;
        im[len - 1 - index] = a * c + b * d;
    }
    result.write(mem, to)
}

/// Forward, of twice as many numbers as it gives: the same parameters.
#[inline(always)]
pub(super) fn forward(
    mem: &mut [u8],
    to: Ptr,
    from: Ptr,
    half: i32,
    map: Ptr,
    factors: Ptr,
    cosines: Ptr,
) -> Checked {
    let len = length(half)?;
    let source: &[[u8; 4]] = slice(mem, from.into(), 16 * len)?.as_chunks().0;
    let places: &[[u8; 4]] = slice(mem, map.into(), 4 * len)?.as_chunks().0;
    let turns = pairs(mem, factors.into(), len)?;
    let mut numbers = Complex::new(len);
    let (re, im) = (&mut numbers.re[..len], &mut numbers.im[..len]);
    for index in 0..len {
        let at = 2 * index;
        // The four quarters of the source, folded to two.
        let (a, b) = if at < len {
            (
                -number(source, len + at)? + number(source, len - 1 - at)?,
                -number(source, 3 * len + at)? + -number(source, 3 * len - 1 - at)?,
            )
        } else {
            (
                -number(source, len + at)? + -number(source, 5 * len - 1 - at)?,
                number(source, at - len)? + -number(source, 3 * len - 1 - at)?,
            )
        };
        let [c, d] = pair(turns[index]);
        let place = u32::from_le_bytes(places[index]) as usize % len;
        im[place] = a * c - b * d;
        re[place] = a * d + b * c;
    }
    transform(mem, &mut numbers, cosines)?;
    let mut result = Complex::new(len);
    let turns = pairs(mem, factors.into(), len)?;
    let (out_re, out_im) = (&mut result.re[..len], &mut result.im[..len]);
    let (re, im) = (&numbers.re[..len], &numbers.im[..len]);
    for index in 0..len {
        let ([c, d], a, b) = (pair(turns[index]), re[index], im[index]);
        out_re[index] = a * c + b * d;
        out_im[len - 1 - index] = a * d - b * c;
    }
    result.write(mem, to)
}
