//! Chroma prediction at eighths of a sample (ITU-T H.264, 8.4.2.2.2) and weighted prediction
//! (8.4.2.3), 8 bits a sample.

use super::guest::{Checked, Ptr, bytes_mut, row_count, slice};

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
    let (x, y) = ((x & 7) as u16, (y & 7) as u16);
    let weights = [(8 - x) * (8 - y), x * (8 - y), (8 - x) * y, x * y];
    // Samples with no weight may lie outside the picture's memory: they are not read.
    let width = N + usize::from(x != 0);
    let below = if y == 0 { 0 } else { i64::from(stride) };
    let mut at = i64::from(src);
    let mut top = read::<N>(mem, at, width)?;
    for row in 0..row_count(height)? {
        at += below;
        let bottom = if below == 0 {
            top
        } else {
            read(mem, at, width)?
        };
        let out: &mut [u8; N] = bytes_mut(mem, i64::from(dst) + row * i64::from(stride))?;
        for (i, sample) in out.iter_mut().enumerate() {
            let sum = weights[0] * u16::from(top.0[i])
                + weights[1] * u16::from(top.1[i])
                + weights[2] * u16::from(bottom.0[i])
                + weights[3] * u16::from(bottom.1[i]);
            let value = (sum + 32) >> 6;
            *sample = if AVG {
                ((u16::from(*sample) + value + 1) >> 1) as u8
            } else {
                value as u8
            };
        }
        if below == 0 && row + 1 < i64::from(height) {
            at += i64::from(stride);
            top = read(mem, at, width)?;
        } else {
            top = bottom;
        }
    }
    Ok(())
}

/// `N` samples, and the same one to the right; the last of those repeats when it is not wanted.
#[inline(always)]
fn read<const N: usize>(mem: &[u8], at: i64, width: usize) -> Checked<([u8; N], [u8; N])> {
    let samples = slice(mem, at, width)?;
    let mut left = [0; N];
    left.copy_from_slice(&samples[..N]);
    let mut right = left;
    right.copy_from_slice(&samples[width - N..]);
    Ok((left, right))
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
