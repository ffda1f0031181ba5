//! Quantisation of FFmpeg's AAC encoder: ISO/IEC 14496-3 clause 4.6.2 and its search for the cost of
//! a band.

use super::guest::{Checked, Ptr};
use super::numbers::{map, zip};

/// `AACEncDSPContext.abs_pow34`: magnitudes to the power of three quarters.
pub(super) fn power(mem: &mut [u8], to: Ptr, from: Ptr, count: i32) -> Checked {
    map(mem, to, from, count, |value: f32| {
        let magnitude = value.abs();
        (magnitude * magnitude.sqrt()).sqrt()
    })
}

/// `AACEncDSPContext.quant_bands`: levels of `scaled` magnitudes, with the signs of `values` where
/// the codebook has signs.
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
pub(super) fn quantise(
    mem: &mut [u8],
    to: Ptr,
    values: Ptr,
    scaled: Ptr,
    count: i32,
    signed: i32,
    largest: i32,
    scale: f32,
    rounding: f32,
) -> Checked {
    let largest = largest as f32;
    let signed = signed != 0;
    zip(mem, to, values, scaled, count, |value: f32, scaled: f32| {
        let level = scaled * scale + rounding;
        let level = (if level > largest { largest } else { level }) as i32;
        if signed & (value < 0.0) {
            level.wrapping_neg()
        } else {
            level
        }
    })
}
