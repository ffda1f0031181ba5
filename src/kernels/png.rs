//! Rows of PNG pictures, filtered and restored (Portable Network Graphics, third edition, clause 9):
//! from each byte, a prediction is taken from the byte one pixel before it, the one above, and the one
//! above that before it.

use wide::i16x8;

use super::Trap;
use super::block;
use super::guest::{Checked, Ptr, bytes, bytes_mut, slice};

/// The filters of 9.2, by the number before a row.
const SUB: i32 = 1;
const UP: i32 = 2;
const AVERAGE: i32 = 3;
const PAETH: i32 = 4;

/// Bytes that are filtered at a time.
const WIDE: usize = 32;

/// Bytes that are restored at a time: whole pixels of all sizes.
const RUN: usize = 48;

/// Filters `size` bytes of `src`, whose pixels have `bpp` bytes, into `dst`.
#[inline(always)]
pub(super) fn filter(
    mem: &mut [u8],
    dst: Ptr,
    kind: i32,
    src: Ptr,
    above: Ptr,
    size: i32,
    bpp: i32,
) -> Checked {
    let (size, bpp) = sizes(mem, size, bpp)?;
    match kind {
        SUB => filter_by(mem, dst, src, None, size, bpp, |a, _, _| a),
        UP => filter_by(mem, dst, src, Some(above), size, bpp, |_, b, _| b),
        AVERAGE => filter_by(mem, dst, src, Some(above), size, bpp, |a, b, _| {
            (a + b) >> 1
        }),
        PAETH => filter_by(mem, dst, src, Some(above), size, bpp, paeth),
        _ => copy(mem, dst, src, size),
    }
}

/// Restores `size` bytes of `src` into `dst`, which may be the row above where the prediction does not look at
/// its pixel before.
#[inline(always)]
pub(super) fn unfilter(
    mem: &mut [u8],
    dst: Ptr,
    kind: i32,
    src: Ptr,
    above: Ptr,
    size: i32,
    bpp: i32,
) -> Checked {
    let (size, bpp) = sizes(mem, size, bpp)?;
    match (kind, bpp) {
        (UP, _) => add(mem, dst, src, above, size),
        (SUB | AVERAGE | PAETH, 1) => unfilter_by::<1>(mem, dst, kind, src, above, size),
        (SUB | AVERAGE | PAETH, 2) => unfilter_by::<2>(mem, dst, kind, src, above, size),
        (SUB | AVERAGE | PAETH, 3) => unfilter_by::<3>(mem, dst, kind, src, above, size),
        (SUB | AVERAGE | PAETH, 4) => unfilter_by::<4>(mem, dst, kind, src, above, size),
        (SUB | AVERAGE | PAETH, 6) => unfilter_by::<6>(mem, dst, kind, src, above, size),
        (SUB | AVERAGE | PAETH, 8) => unfilter_by::<8>(mem, dst, kind, src, above, size),
        // No pixel of PNG has another size.
        (SUB | AVERAGE | PAETH, _) => Err(Trap::MemoryOutOfBounds),
        _ => copy(mem, dst, src, size),
    }
}

/// The length of a row and of a pixel in it.
#[inline(always)]
fn sizes(mem: &[u8], size: i32, bpp: i32) -> Checked<(i64, i64)> {
    let (size, bpp) = (i64::from(size), i64::from(bpp));
    if size > mem.len() as i64 || !(1..=8).contains(&bpp) {
        return Err(Trap::MemoryOutOfBounds);
    }
    Ok((size, bpp))
}

#[inline(always)]
fn copy(mem: &mut [u8], dst: Ptr, src: Ptr, size: i64) -> Checked {
    let (dst, size) = (dst as usize, size.max(0) as usize);
    slice(mem, dst as i64, size)?;
    slice(mem, i64::from(src), size)?;
    mem.copy_within(src as usize..src as usize + size, dst);
    Ok(())
}

/// The predictor of 9.4: of the three, the one next to their sum's estimate, the first of equals.
#[inline(always)]
fn paeth(a: i16, b: i16, c: i16) -> i16 {
    let (pa, pb) = (b - c, a - c);
    let pc = (pa + pb).abs();
    let (pa, pb) = (pa.abs(), pb.abs());
    let other = if pb <= pc { b } else { c };
    if pa <= pb && pa <= pc { a } else { other }
}

/// Takes predictions from a row. Without a row above, predictions do not look at it.
#[inline(always)]
fn filter_by(
    mem: &mut [u8],
    dst: Ptr,
    src: Ptr,
    above: Option<Ptr>,
    size: i64,
    bpp: i64,
    predict: impl Fn(i16, i16, i16) -> i16 + Copy,
) -> Checked {
    let (dst, src) = (i64::from(dst), i64::from(src));
    let above = above.map(i64::from);
    let mut at = 0;
    // What is before the first pixel is zero.
    while at < bpp.min(size) {
        let [here] = *bytes(mem, src + at)?;
        let over = match above {
            Some(above) => bytes::<1>(mem, above + at)?[0],
            None => 0,
        };
        let prediction = predict(0, over.into(), 0);
        *bytes_mut(mem, dst + at)? = [here.wrapping_sub(prediction as u8)];
        at += 1;
    }
    while at + WIDE as i64 <= size {
        let here = *bytes::<WIDE>(mem, src + at)?;
        let left = *bytes::<WIDE>(mem, src + at - bpp)?;
        let (over, corner) = match above {
            Some(above) => (
                *bytes::<WIDE>(mem, above + at)?,
                *bytes::<WIDE>(mem, above + at - bpp)?,
            ),
            None => ([0; WIDE], [0; WIDE]),
        };
        let out: &mut [u8; WIDE] = bytes_mut(mem, dst + at)?;
        for x in 0..WIDE {
            let prediction = predict(left[x].into(), over[x].into(), corner[x].into());
            out[x] = here[x].wrapping_sub(prediction as u8);
        }
        at += WIDE as i64;
    }
    while at < size {
        let ([here], [left]) = (*bytes(mem, src + at)?, *bytes::<1>(mem, src + at - bpp)?);
        let (over, corner) = match above {
            Some(above) => (
                bytes::<1>(mem, above + at)?[0],
                bytes::<1>(mem, above + at - bpp)?[0],
            ),
            None => (0, 0),
        };
        let prediction = predict(left.into(), over.into(), corner.into());
        *bytes_mut(mem, dst + at)? = [here.wrapping_sub(prediction as u8)];
        at += 1;
    }
    Ok(())
}

/// The sum of two rows.
#[inline(always)]
fn add(mem: &mut [u8], dst: Ptr, a: Ptr, b: Ptr, size: i64) -> Checked {
    let (dst, a, b) = (i64::from(dst), i64::from(a), i64::from(b));
    let mut at = 0;
    while at + WIDE as i64 <= size {
        let (a, b) = (*bytes::<WIDE>(mem, a + at)?, *bytes::<WIDE>(mem, b + at)?);
        let out: &mut [u8; WIDE] = bytes_mut(mem, dst + at)?;
        for x in 0..WIDE {
            out[x] = a[x].wrapping_add(b[x]);
        }
        at += WIDE as i64;
    }
    while at < size {
        let ([a], [b]) = (*bytes(mem, a + at)?, *bytes::<1>(mem, b + at)?);
        *bytes_mut(mem, dst + at)? = [a.wrapping_add(b)];
        at += 1;
    }
    Ok(())
}

#[inline(always)]
fn unfilter_by<const BPP: usize>(
    mem: &mut [u8],
    dst: Ptr,
    kind: i32,
    src: Ptr,
    above: Ptr,
    size: i64,
) -> Checked {
    match kind {
        SUB => restore::<BPP, false>(mem, dst, src, above, size, |a, _, _| a),
        AVERAGE => restore::<BPP, true>(mem, dst, src, above, size, |a, b, _| (a + b) >> 1),
        _ => restore::<BPP, true>(mem, dst, src, above, size, paeth_lanes),
    }
}

/// [`paeth`] in lanes.
#[inline(always)]
fn paeth_lanes(a: i16x8, b: i16x8, c: i16x8) -> i16x8 {
    let (pa, pb) = (b - c, a - c);
    let pc = (pa + pb).abs();
    let (pa, pb) = (pa.abs(), pb.abs());
    let least = pa.min(pb).min(pc);
    let (is_a, is_b) = (least.simd_eq(pa), least.simd_eq(pb));
    let other = (is_b & b) | (!is_b & c);
    (is_a & a) | (!is_a & other)
}

/// Adds predictions to a row, pixel after pixel; a pixel is in the first lanes.
#[inline(always)]
fn restore<const BPP: usize, const ABOVE: bool>(
    mem: &mut [u8],
    dst: Ptr,
    src: Ptr,
    above: Ptr,
    size: i64,
    predict: impl Fn(i16x8, i16x8, i16x8) -> i16x8 + Copy,
) -> Checked {
    let (dst, src, above) = (i64::from(dst), i64::from(src), i64::from(above));
    let (mut left, mut corner) = (i16x8::ZERO, i16x8::ZERO);
    let mut at = 0;
    while at < size {
        // The last run, of what is left, with nothing behind it.
        let here = (size - at).min(RUN as i64) as usize;
        let row = run(mem, src + at, here)?;
        let over = if ABOVE {
            run(mem, above + at, here)?
        } else {
            [0; RUN]
        };
        let mut out = [0; RUN];
        for x in 0..RUN / BPP {
            let pixel = pixel::<BPP>(&row, x);
            let up = pixel_above::<BPP, ABOVE>(&over, x);
            let value = (pixel + predict(left, up, corner)) & i16x8::splat(255);
            (left, corner) = (value, up);
            let lanes = value.to_array();
            for lane in 0..BPP {
                out[x * BPP + lane] = lanes[lane] as u8;
            }
        }
        if here == RUN {
            block::store(mem, dst + at, 0, &[out])?;
        } else {
            for (index, value) in out.iter().enumerate().take(here) {
                *bytes_mut(mem, dst + at + index as i64)? = [*value];
            }
        }
        at += RUN as i64;
    }
    Ok(())
}

/// `here` bytes, and zeros.
#[inline(always)]
fn run(mem: &[u8], at: i64, here: usize) -> Checked<[u8; RUN]> {
    if here == RUN {
        return bytes(mem, at).copied();
    }
    let mut row = [0; RUN];
    for (to, from) in row.iter_mut().zip(slice(mem, at, here)?) {
        *to = *from;
    }
    Ok(row)
}

#[inline(always)]
fn pixel<const BPP: usize>(row: &[u8; RUN], x: usize) -> i16x8 {
    let mut lanes = [0; 8];
    for lane in 0..BPP {
        lanes[lane] = row[x * BPP + lane].into();
    }
    i16x8::new(lanes)
}

#[inline(always)]
fn pixel_above<const BPP: usize, const ABOVE: bool>(row: &[u8; RUN], x: usize) -> i16x8 {
    if ABOVE {
        pixel::<BPP>(row, x)
    } else {
        i16x8::ZERO
    }
}
