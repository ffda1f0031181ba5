//! Chroma prediction at eighths of a sample (ITU-T H.264, 8.4.2.2.2) and weighted prediction
//! (8.4.2.3), 8 bits a sample.

use wide::i16x8;

use super::guest::{Checked, Ptr, bytes, bytes_mut, row_count, slice};
use super::lanes::{narrow, widen};

/// Predicts `N` columns and `height` rows of chroma, `x` and `y` eighths to the right and down, or
/// averages them with what is there.
#[inline(always)]
pub(super) fn chroma<const N: usize, const AVG: bool>(
    mem: &mut [u8],
    dst: Ptr,
    src: Ptr,
    stride: i32,
    height: i32,
    x: i32,
    y: i32,
) -> Checked {
    let (x, y) = ((x & 7) as i16, (y & 7) as i16);
    let (above, below) = (i16x8::splat(8 - y), i16x8::splat(y));
    let (dst, src, stride) = (i64::from(dst), i64::from(src), i64::from(stride));
    let rows = row_count(height)?;
    if y == 0 {
        for row in 0..rows {
            let sums = across::<N>(mem, src + row * stride, x)? << 3;
            put::<N, AVG>(mem, dst + row * stride, sums)?;
        }
        return Ok(());
    }
    let mut top = across::<N>(mem, src, x)?;
    for row in 0..rows {
        let bottom = across::<N>(mem, src + (row + 1) * stride, x)?;
        put::<N, AVG>(mem, dst + row * stride, top * above + bottom * below)?;
        top = bottom;
    }
    Ok(())
}

/// A row between each sample and the next one, in eighths. Next ones without weight may lie outside
/// the picture's memory: they are not read.
#[inline(always)]
fn across<const N: usize>(mem: &[u8], at: i64, x: i16) -> Checked<i16x8> {
    let next = at + i64::from(x != 0);
    let (near, far) = (widen::<N>(bytes(mem, at)?), widen::<N>(bytes(mem, next)?));
    Ok(near * i16x8::splat(8 - x) + far * i16x8::splat(x))
}

/// Writes a row of 64ths, or its mean with what is there.
#[inline(always)]
fn put<const N: usize, const AVG: bool>(mem: &mut [u8], at: i64, sums: i16x8) -> Checked {
    let row: &mut [u8; N] = bytes_mut(mem, at)?;
    let mut values = (sums + i16x8::splat(32)) >> 6;
    if AVG {
        values = (widen(row) + values + i16x8::splat(1)) >> 1;
    }
    *row = narrow(values);
    Ok(())
}

/// Scales prediction from one picture: equations 8-270 and 8-271.
#[inline(always)]
pub(super) fn weight<const N: usize>(
    mem: &mut [u8],
    block: Ptr,
    stride: i32,
    height: i32,
    log2_denom: i32,
    weight: i32,
    offset: i32,
) -> Checked {
    let shift = log2_denom.cast_unsigned();
    let half = if log2_denom == 0 {
        0
    } else {
        1i32.wrapping_shl(shift.wrapping_sub(1))
    };
    let offset = offset.wrapping_shl(shift).wrapping_add(half);
    for y in 0..row_count(height)? {
        let row: &mut [u8; N] = bytes_mut(mem, i64::from(block) + y * i64::from(stride))?;
        for sample in row {
            let sum = i32::from(*sample).wrapping_mul(weight).wrapping_add(offset);
            *sample = sum.wrapping_shr(shift).clamp(0, 255) as u8;
        }
    }
    Ok(())
}

/// Mixes the predictions from two pictures: equation 8-272, with both offsets already added.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
pub(super) fn biweight<const N: usize>(
    mem: &mut [u8],
    dst: Ptr,
    src: Ptr,
    stride: i32,
    height: i32,
    log2_denom: i32,
    weight_dst: i32,
    weight_src: i32,
    offset: i32,
) -> Checked {
    let shift = log2_denom.cast_unsigned();
    let offset = (offset.wrapping_add(1) | 1).wrapping_shl(shift);
    for y in 0..row_count(height)? {
        let mut other = [0; N];
        other.copy_from_slice(slice(mem, i64::from(src) + y * i64::from(stride), N)?);
        let row: &mut [u8; N] = bytes_mut(mem, i64::from(dst) + y * i64::from(stride))?;
        for (sample, other) in row.iter_mut().zip(other) {
            let sum = i32::from(other)
                .wrapping_mul(weight_src)
                .wrapping_add(i32::from(*sample).wrapping_mul(weight_dst))
                .wrapping_add(offset);
            *sample = sum.wrapping_shr(shift.wrapping_add(1)).clamp(0, 255) as u8;
        }
    }
    Ok(())
}
