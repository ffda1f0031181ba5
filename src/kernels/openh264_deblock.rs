//! The deblocking filter of openh264's encoder (`DeblockingFunc`): that of the decoder, on both planes of chroma
//! in one call.

use super::guest::{Checked, Ptr};
use super::h264_deblock;

/// `pfChromaDeblockingLT4Ver`, and with `VERTICAL` `LT4Hor`: `void (uint8_t *cb, uint8_t *cr, int32_t stride,
/// int32_t alpha, int32_t beta, int8_t limits[4])`, an edge of 8 samples in both planes.
#[inline(always)]
pub(super) fn chroma<const VERTICAL: bool>(
    mem: &mut [u8],
    cb: Ptr,
    cr: Ptr,
    stride: i32,
    alpha: i32,
    beta: i32,
    limits: Ptr,
) -> Checked {
    h264_deblock::chroma::<VERTICAL, 8>(mem, cb, stride, alpha, beta, limits)?;
    h264_deblock::chroma::<VERTICAL, 8>(mem, cr, stride, alpha, beta, limits)
}

/// `pfChromaDeblockingEQ4Ver`, and with `VERTICAL` `EQ4Hor`: `void (uint8_t *cb, uint8_t *cr, int32_t stride,
/// int32_t alpha, int32_t beta)`, the strong filter.
#[inline(always)]
pub(super) fn chroma_strong<const VERTICAL: bool>(
    mem: &mut [u8],
    cb: Ptr,
    cr: Ptr,
    stride: i32,
    alpha: i32,
    beta: i32,
) -> Checked {
    h264_deblock::chroma_intra::<VERTICAL, 8>(mem, cb, stride, alpha, beta)?;
    h264_deblock::chroma_intra::<VERTICAL, 8>(mem, cr, stride, alpha, beta)
}
