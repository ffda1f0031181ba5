//! Sums of absolute differences of openh264's motion search (`pfSampleSad`, `pfSample4Sad`).

use super::block::store_i32;
use super::guest::{Checked, Ptr, bytes};

/// `int32_t (uint8_t *a, int32_t a_stride, uint8_t *b, int32_t b_stride)`.
#[inline(always)]
pub(super) fn sad<const W: usize, const H: usize>(
    mem: &mut [u8],
    a: Ptr,
    a_stride: i32,
    b: Ptr,
    b_stride: i32,
) -> Checked<i32> {
    difference::<W, H>(
        mem,
        i64::from(a),
        i64::from(a_stride),
        i64::from(b),
        i64::from(b_stride),
    )
}

/// `void (uint8_t *a, int32_t a_stride, uint8_t *b, int32_t b_stride, int32_t sums[4])`: against the
/// block above, below, left and right of `b`.
#[inline(always)]
pub(super) fn sad_four<const W: usize, const H: usize>(
    mem: &mut [u8],
    a: Ptr,
    a_stride: i32,
    b: Ptr,
    b_stride: i32,
    sums: Ptr,
) -> Checked {
    let (a, a_stride) = (i64::from(a), i64::from(a_stride));
    let (b, b_stride) = (i64::from(b), i64::from(b_stride));
    for (index, neighbour) in [b - b_stride, b + b_stride, b - 1, b + 1]
        .into_iter()
        .enumerate()
    {
        let sum = difference::<W, H>(mem, a, a_stride, neighbour, b_stride)?;
        store_i32(mem, i64::from(sums) + 4 * index as i64, sum)?;
    }
    Ok(())
}

#[inline(always)]
pub(super) fn difference<const W: usize, const H: usize>(
    mem: &[u8],
    mut a: i64,
    a_stride: i64,
    mut b: i64,
    b_stride: i64,
) -> Checked<i32> {
    let mut sum = 0;
    for _ in 0..H {
        let (left, right) = (bytes::<W>(mem, a)?, bytes::<W>(mem, b)?);
        sum += left
            .iter()
            .zip(right)
            .map(|(&left, &right)| i32::from(left.abs_diff(right)))
            .sum::<i32>();
        a += a_stride;
        b += b_stride;
    }
    Ok(sum)
}
