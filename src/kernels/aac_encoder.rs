//! Quantisation of FFmpeg's AAC encoder: ISO/IEC 14496-3 clause 4.6.2 and its search for the cost of
//! a band.

use super::guest::{Checked, Ptr};
use super::numbers::{in_eights, map, one, put};
use super::vectors::{floats, put_ints, signed_like, truncated};
use wide::f32x8;

/// `AACEncDSPContext.abs_pow34`: magnitudes to the power of three quarters.
#[inline(always)]
pub(super) fn power(mem: &mut [u8], to: Ptr, from: Ptr, count: i32) -> Checked {
    map(
        mem,
        to,
        from,
        count,
        #[inline(always)]
        |value: f32| {
            let magnitude = value.abs();
            (magnitude * magnitude.sqrt()).sqrt()
        },
    )
}

/// `AACEncDSPContext.quant_bands`: levels of `scaled` magnitudes, with the signs of `values` where
/// the codebook has signs.
#[inline(always)]
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
    in_eights(
        mem,
        count,
        #[inline(always)]
        |mem, index| {
            let level = floats(mem, scaled, index)? * scale + f32x8::splat(rounding);
            let mut level = truncated(f32x8::splat(largest).fast_min(level));
            if signed != 0 {
                level = signed_like(level, floats(mem, values, index)?);
            }
            put_ints(mem, to, index, level)
        },
        #[inline(always)]
        |mem, index| {
            let level = one::<f32>(mem, scaled, index)? * scale + rounding;
            let level = (if level > largest { largest } else { level }) as i32;
            let negative = signed != 0 && one::<f32>(mem, values, index)? < 0.0;
            put(
                mem,
                to,
                index,
                if negative {
                    level.wrapping_neg()
                } else {
                    level
                },
            )
        },
    )
}
