//! Vector operators that move lanes: splat, extract, replace, shuffle, swizzle.

use super::{Lane, V128};

/// `v128.const`: the vector with these bits, lane 0 in the lowest.
#[inline(always)]
#[must_use]
pub const fn v128_const(bits: u128) -> V128 {
    V128::from_bits(bits)
}

macro_rules! splat_and_replace {
    ($($number:ty, $count:literal, $scalar:ty: $splat:ident $replace:ident;)*) => {$(
        /// `splat`: every lane is `x`, wrapped to the width of a lane.
        #[inline(always)]
        #[must_use]
        pub fn $splat(x: $scalar) -> V128 {
            <$number>::vector([x as $number; $count])
        }

        /// `replace_lane`: `a` with `x`, wrapped to the width of a lane, as lane `LANE`.
        #[inline(always)]
        #[must_use]
        pub fn $replace<const LANE: usize>(a: V128, x: $scalar) -> V128 {
            let mut lanes: [$number; $count] = Lane::of(a);
            lanes[LANE] = x as $number;
            Lane::vector(lanes)
        }
    )*};
}
splat_and_replace! {
    u8, 16, u32: i8x16_splat i8x16_replace_lane;
    u16, 8, u32: i16x8_splat i16x8_replace_lane;
    u32, 4, u32: i32x4_splat i32x4_replace_lane;
    u64, 2, u64: i64x2_splat i64x2_replace_lane;
    f32, 4, f32: f32x4_splat f32x4_replace_lane;
    f64, 2, f64: f64x2_splat f64x2_replace_lane;
}

macro_rules! extract {
    ($($number:ty, $count:literal, $scalar:ty: $extract:ident;)*) => {$(
        /// `extract_lane`: lane `LANE`, extended by its kind of number.
        #[inline(always)]
        #[must_use]
        pub fn $extract<const LANE: usize>(a: V128) -> $scalar {
            let lanes: [$number; $count] = Lane::of(a);
            lanes[LANE] as $scalar
        }
    )*};
}
extract! {
    i8, 16, u32: i8x16_extract_lane_s;
    u8, 16, u32: i8x16_extract_lane_u;
    i16, 8, u32: i16x8_extract_lane_s;
    u16, 8, u32: i16x8_extract_lane_u;
    u32, 4, u32: i32x4_extract_lane;
    u64, 2, u64: i64x2_extract_lane;
    f32, 4, f32: f32x4_extract_lane;
    f64, 2, f64: f64x2_extract_lane;
}

/// `i8x16.shuffle`: lane `i` is lane `lanes[i]` of the 32 lanes of `a` and then `b`.
///
/// Validation has seen to it that every entry of `lanes` is below 32.
#[inline(always)]
#[must_use]
pub fn i8x16_shuffle(a: V128, b: V128, lanes: [u8; 16]) -> V128 {
    V128(core::array::from_fn(|i| {
        let lane = usize::from(lanes[i]);
        if lane < 16 { a.0[lane] } else { b.0[lane & 15] }
    }))
}

/// `i8x16.swizzle`: lane `i` is lane `s[i]` of `a`, or 0 if there is no such lane.
#[inline(always)]
#[must_use]
pub fn i8x16_swizzle(a: V128, s: V128) -> V128 {
    V128(core::array::from_fn(|i| {
        let lane = a.0[usize::from(s.0[i] & 15)];
        if s.0[i] < 16 { lane } else { 0 }
    }))
}
