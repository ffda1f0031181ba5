//! Sums of absolute differences of openh264's motion search (`pfSampleSad`, `pfSample4Sad`).

use wide::i16x8;

use super::block::store_i32;
use super::guest::{Checked, Ptr, bytes};
use super::lanes::{joined, widen};

/// `int32_t (uint8_t *a, int32_t a_stride, uint8_t *b, int32_t b_stride)`.
#[inline(always)]
pub(super) fn sad<const W: usize, const H: usize>(
    mem: &mut [u8],
    a: Ptr,
    a_stride: i32,
    b: Ptr,
    b_stride: i32,
) -> Checked<i32> {
    let (a, a_stride) = (i64::from(a), i64::from(a_stride));
    let (b, b_stride) = (i64::from(b), i64::from(b_stride));
    between::<W, H>(mem, (a, a_stride), (b, b_stride))
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
    let a = (i64::from(a), i64::from(a_stride));
    let (b, stride) = (i64::from(b), i64::from(b_stride));
    for (index, at) in [b - stride, b + stride, b - 1, b + 1]
        .into_iter()
        .enumerate()
    {
        let sum = between::<W, H>(mem, a, (at, stride))?;
        store_i32(mem, i64::from(sums) + 4 * index as i64, sum)?;
    }
    Ok(())
}

/// The sum of absolute differences of two blocks in memory, each with its stride.
#[inline(always)]
fn between<const W: usize, const H: usize>(
    mem: &[u8],
    (mut a, a_stride): (i64, i64),
    (mut b, b_stride): (i64, i64),
) -> Checked<i32> {
    if W < 16 {
        let mut sums = i16x8::ZERO;
        let rows = 8 / W;
        for _ in 0..H / rows {
            let pair = [(a, a_stride), (b, b_stride)];
            let [one, other] = [eight::<W>(mem, pair[0])?, eight::<W>(mem, pair[1])?];
            sums += (one - other).abs();
            a += rows as i64 * a_stride;
            b += rows as i64 * b_stride;
        }
        return Ok(sums.dot(i16x8::splat(1)).reduce_add());
    }
    let mut sum = 0;
    for _ in 0..H {
        sum += row::<W>(bytes(mem, a)?, bytes(mem, b)?);
        a += a_stride;
        b += b_stride;
    }
    Ok(sum as i32)
}

/// Eight samples of a block of `W` columns: a row, or two.
#[inline(always)]
fn eight<const W: usize>(mem: &[u8], (at, stride): (i64, i64)) -> Checked<i16x8> {
    let eight = if W == 8 {
        *bytes(mem, at)?
    } else {
        joined(*bytes(mem, at)?, *bytes(mem, at + stride)?)
    };
    Ok(widen(&eight))
}

/// The sum of absolute differences of two blocks, of whole vectors.
#[inline(always)]
pub(super) fn difference<const W: usize, const H: usize>(
    a: &[[u8; W]; H],
    b: &[[u8; W]; H],
) -> i32 {
    const { assert!((W * H).is_multiple_of(16), "blocks have whole vectors") };
    let (a, b) = (
        a.as_flattened().as_chunks::<16>().0,
        b.as_flattened().as_chunks::<16>().0,
    );
    let mut sum = 0;
    for index in 0..W * H / 16 {
        sum += row(&a[index], &b[index]);
    }
    sum as i32
}

/// The sum of absolute differences of two rows. The compiler knows sums of this form.
#[inline(always)]
fn row<const W: usize>(a: &[u8; W], b: &[u8; W]) -> u32 {
    let mut sum = 0;
    for x in 0..W {
        sum += u32::from(a[x].abs_diff(b[x]));
    }
    sum
}
