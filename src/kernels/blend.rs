//! Mixing rows of 8-bit pictures: overlays by their alpha, crossfades, fades to a colour.

use super::guest::{Checked, Ptr, bytes, bytes_mut, rows_of};
use super::{Trap, guest};

/// Samples that are computed at a time.
const WIDE: usize = 16;

/// Where an overlay's alpha is for a sample: there, in the two columns that the sample stands for, or
/// in these of two rows.
pub(super) const ONE: usize = 0;
pub(super) const TWO: usize = 1;
pub(super) const FOUR: usize = 2;

/// Lays `width` samples over those at `dst`. With several samples of alpha for each the last one is
/// left, since it may have fewer. Gives the number of samples done.
#[inline(always)]
pub(super) fn overlay<const ALPHA: usize>(
    mem: &mut [u8],
    dst: Ptr,
    _dst_alpha: Ptr,
    src: Ptr,
    alpha: Ptr,
    width: i32,
    alpha_stride: i32,
) -> Checked<i32> {
    let left = i32::from(ALPHA != ONE);
    let done = width.saturating_sub(left).max(0);
    if i64::from(done) > mem.len() as i64 {
        return Err(Trap::MemoryOutOfBounds);
    }
    let (dst, src, alpha) = (i64::from(dst), i64::from(src), i64::from(alpha));
    let stride = i64::from(alpha_stride);
    let end = i64::from(done);
    let mut at = 0;
    while at + WIDE as i64 <= end {
        overlay_some::<ALPHA, WIDE>(mem, dst, src, alpha, stride, at)?;
        at += WIDE as i64;
    }
    while at < end {
        overlay_some::<ALPHA, 1>(mem, dst, src, alpha, stride, at)?;
        at += 1;
    }
    Ok(done)
}

#[inline(always)]
fn overlay_some<const ALPHA: usize, const N: usize>(
    mem: &mut [u8],
    dst: i64,
    src: i64,
    alpha: i64,
    stride: i64,
    at: i64,
) -> Checked {
    let over = *bytes::<N>(mem, src + at)?;
    let mut weights = [0u16; N];
    if ALPHA == ONE {
        let row = bytes::<N>(mem, alpha + at)?;
        for x in 0..N {
            weights[x] = row[x].into();
        }
    } else {
        let row = guest::slice(mem, alpha + 2 * at, 2 * N)?.as_chunks::<2>().0;
        let below = if ALPHA == FOUR {
            guest::slice(mem, alpha + stride + 2 * at, 2 * N)?
                .as_chunks::<2>()
                .0
        } else {
            row
        };
        let (Some(row), Some(below)) = (row.first_chunk::<N>(), below.first_chunk::<N>()) else {
            return Err(Trap::MemoryOutOfBounds);
        };
        for x in 0..N {
            let [left, right] = row[x];
            let across = u16::from(left) + u16::from(right);
            weights[x] = if ALPHA == FOUR {
                let [left, right] = below[x];
                (across + u16::from(left) + u16::from(right)) >> 2
            } else {
                // The mean of two, then that of it and the first.
                ((across >> 1) + u16::from(left)) >> 1
            };
        }
    }
    let out: &mut [u8; N] = bytes_mut(mem, dst + at)?;
    for x in 0..N {
        // A 255th, rounded, without a division.
        let sum = u16::from(out[x]) * (255 - weights[x]) + u16::from(over[x]) * weights[x] + 128;
        out[x] = ((sum + (sum >> 8)) >> 8) as u8;
    }
    Ok(())
}

/// Mixes two pictures: of the first its `share`, of the second the rest, rounded down.
#[expect(clippy::too_many_arguments, reason = "three pictures and their size")]
#[inline(always)]
pub(super) fn mix_rows(
    mem: &mut [u8],
    dst: Ptr,
    dst_stride: i32,
    a: Ptr,
    a_stride: i32,
    b: Ptr,
    b_stride: i32,
    width: i32,
    height: i32,
    share: f32,
) -> Checked {
    let (mut dst, mut a, mut b) = (i64::from(dst), i64::from(a), i64::from(b));
    let width = i64::from(width);
    for _ in 0..rows_of(mem, width, height)? {
        let mut at = 0;
        while at + WIDE as i64 <= width {
            mix_some::<WIDE>(mem, dst + at, a + at, b + at, share)?;
            at += WIDE as i64;
        }
        while at < width {
            mix_some::<1>(mem, dst + at, a + at, b + at, share)?;
            at += 1;
        }
        dst += i64::from(dst_stride);
        a += i64::from(a_stride);
        b += i64::from(b_stride);
    }
    Ok(())
}

#[inline(always)]
fn mix_some<const N: usize>(mem: &mut [u8], dst: i64, a: i64, b: i64, share: f32) -> Checked {
    let (a, b) = (*bytes::<N>(mem, a)?, *bytes::<N>(mem, b)?);
    let out: &mut [u8; N] = bytes_mut(mem, dst)?;
    for x in 0..N {
        let mixed = f32::from(a[x]) * share + f32::from(b[x]) * (1.0 - share);
        out[x] = mixed as i32 as u8;
    }
    Ok(())
}

/// Scales the distances of `count` samples from a level, with 16 bits of fraction.
#[inline(always)]
pub(super) fn fade_row(
    mem: &mut [u8],
    row: Ptr,
    count: i32,
    level: i32,
    factor: i32,
    offset: i32,
) -> Checked {
    let row = guest::slice_mut(mem, row.into(), usize::try_from(count).unwrap_or(0))?;
    for sample in row {
        let distance = i32::from(*sample).wrapping_sub(level);
        *sample = (distance.wrapping_mul(factor).wrapping_add(offset) >> 16) as u8;
    }
    Ok(())
}
