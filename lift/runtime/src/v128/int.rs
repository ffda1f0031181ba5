//! Vector operators on lanes of integers: arithmetic, comparison, shift.

use super::{V128, map, zip};

macro_rules! unary {
    ($($name:ident: $number:ty, $f:expr;)*) => {$(
        #[doc = concat!("`", stringify!($name), "` on each lane.")]
        #[inline(always)]
        #[must_use]
        pub fn $name(a: V128) -> V128 {
            map::<$number, $number, _>(a, $f)
        }
    )*};
}
unary! {
    i8x16_abs: i8, i8::wrapping_abs;
    i16x8_abs: i16, i16::wrapping_abs;
    i32x4_abs: i32, i32::wrapping_abs;
    i64x2_abs: i64, i64::wrapping_abs;
    i8x16_neg: i8, i8::wrapping_neg;
    i16x8_neg: i16, i16::wrapping_neg;
    i32x4_neg: i32, i32::wrapping_neg;
    i64x2_neg: i64, i64::wrapping_neg;
    i8x16_popcnt: u8, |x| x.count_ones() as u8;
}

macro_rules! binary {
    ($($name:ident: $number:ty, $f:expr;)*) => {$(
        #[doc = concat!("`", stringify!($name), "` on each pair of lanes.")]
        #[inline(always)]
        #[must_use]
        pub fn $name(a: V128, b: V128) -> V128 {
            zip::<$number, $number, _>(a, b, $f)
        }
    )*};
}
binary! {
    i8x16_add: u8, u8::wrapping_add;
    i16x8_add: u16, u16::wrapping_add;
    i32x4_add: u32, u32::wrapping_add;
    i64x2_add: u64, u64::wrapping_add;
    i8x16_sub: u8, u8::wrapping_sub;
    i16x8_sub: u16, u16::wrapping_sub;
    i32x4_sub: u32, u32::wrapping_sub;
    i64x2_sub: u64, u64::wrapping_sub;
    i16x8_mul: u16, u16::wrapping_mul;
    i32x4_mul: u32, u32::wrapping_mul;
    i64x2_mul: u64, u64::wrapping_mul;
    i8x16_add_sat_s: i8, i8::saturating_add;
    i8x16_add_sat_u: u8, u8::saturating_add;
    i16x8_add_sat_s: i16, i16::saturating_add;
    i16x8_add_sat_u: u16, u16::saturating_add;
    i8x16_sub_sat_s: i8, i8::saturating_sub;
    i8x16_sub_sat_u: u8, u8::saturating_sub;
    i16x8_sub_sat_s: i16, i16::saturating_sub;
    i16x8_sub_sat_u: u16, u16::saturating_sub;
    i8x16_min_s: i8, Ord::min;
    i8x16_min_u: u8, Ord::min;
    i16x8_min_s: i16, Ord::min;
    i16x8_min_u: u16, Ord::min;
    i32x4_min_s: i32, Ord::min;
    i32x4_min_u: u32, Ord::min;
    i8x16_max_s: i8, Ord::max;
    i8x16_max_u: u8, Ord::max;
    i16x8_max_s: i16, Ord::max;
    i16x8_max_u: u16, Ord::max;
    i32x4_max_s: i32, Ord::max;
    i32x4_max_u: u32, Ord::max;
    // Rounded up, in a wider number, since the sum has one bit more than a lane.
    i8x16_avgr_u: u8, |x, y| ((u16::from(x) + u16::from(y) + 1) >> 1) as u8;
    i16x8_avgr_u: u16, |x, y| ((u32::from(x) + u32::from(y) + 1) >> 1) as u16;
    // A product of two fractions of 15 bits, rounded; only MIN * MIN does not fit.
    i16x8_q15mulr_sat_s: i16, |x, y| {
        let product = (i32::from(x) * i32::from(y) + 0x4000) >> 15;
        product.min(i32::from(i16::MAX)) as i16
    };
}

macro_rules! compare {
    ($($name:ident: $number:ty, $mask:ty, $f:expr;)*) => {$(
        #[doc = concat!("`", stringify!($name), "`: all bits of the lane set where it holds.")]
        #[inline(always)]
        #[must_use]
        pub fn $name(a: V128, b: V128) -> V128 {
            let holds: fn(&$number, &$number) -> bool = $f;
            zip(a, b, |x: $number, y| -> $mask { if holds(&x, &y) { <$mask>::MAX } else { 0 } })
        }
    )*};
}
compare! {
    i8x16_eq: u8, u8, PartialEq::eq;
    i8x16_ne: u8, u8, PartialEq::ne;
    i8x16_lt_s: i8, u8, PartialOrd::lt;
    i8x16_lt_u: u8, u8, PartialOrd::lt;
    i8x16_gt_s: i8, u8, PartialOrd::gt;
    i8x16_gt_u: u8, u8, PartialOrd::gt;
    i8x16_le_s: i8, u8, PartialOrd::le;
    i8x16_le_u: u8, u8, PartialOrd::le;
    i8x16_ge_s: i8, u8, PartialOrd::ge;
    i8x16_ge_u: u8, u8, PartialOrd::ge;
    i16x8_eq: u16, u16, PartialEq::eq;
    i16x8_ne: u16, u16, PartialEq::ne;
    i16x8_lt_s: i16, u16, PartialOrd::lt;
    i16x8_lt_u: u16, u16, PartialOrd::lt;
    i16x8_gt_s: i16, u16, PartialOrd::gt;
    i16x8_gt_u: u16, u16, PartialOrd::gt;
    i16x8_le_s: i16, u16, PartialOrd::le;
    i16x8_le_u: u16, u16, PartialOrd::le;
    i16x8_ge_s: i16, u16, PartialOrd::ge;
    i16x8_ge_u: u16, u16, PartialOrd::ge;
    i32x4_eq: u32, u32, PartialEq::eq;
    i32x4_ne: u32, u32, PartialEq::ne;
    i32x4_lt_s: i32, u32, PartialOrd::lt;
    i32x4_lt_u: u32, u32, PartialOrd::lt;
    i32x4_gt_s: i32, u32, PartialOrd::gt;
    i32x4_gt_u: u32, u32, PartialOrd::gt;
    i32x4_le_s: i32, u32, PartialOrd::le;
    i32x4_le_u: u32, u32, PartialOrd::le;
    i32x4_ge_s: i32, u32, PartialOrd::ge;
    i32x4_ge_u: u32, u32, PartialOrd::ge;
    i64x2_eq: u64, u64, PartialEq::eq;
    i64x2_ne: u64, u64, PartialEq::ne;
    i64x2_lt_s: i64, u64, PartialOrd::lt;
    i64x2_gt_s: i64, u64, PartialOrd::gt;
    i64x2_le_s: i64, u64, PartialOrd::le;
    i64x2_ge_s: i64, u64, PartialOrd::ge;
}

macro_rules! shift {
    ($($name:ident: $number:ty, $f:expr;)*) => {$(
        #[doc = concat!("`", stringify!($name), "`: each lane by `count` modulo its width.")]
        #[inline(always)]
        #[must_use]
        pub fn $name(a: V128, count: u32) -> V128 {
            let shift: fn($number, u32) -> $number = $f;
            map(a, |x: $number| shift(x, count))
        }
    )*};
}
shift! {
    i8x16_shl: u8, u8::wrapping_shl;
    i16x8_shl: u16, u16::wrapping_shl;
    i32x4_shl: u32, u32::wrapping_shl;
    i64x2_shl: u64, u64::wrapping_shl;
    i8x16_shr_s: i8, i8::wrapping_shr;
    i16x8_shr_s: i16, i16::wrapping_shr;
    i32x4_shr_s: i32, i32::wrapping_shr;
    i64x2_shr_s: i64, i64::wrapping_shr;
    i8x16_shr_u: u8, u8::wrapping_shr;
    i16x8_shr_u: u16, u16::wrapping_shr;
    i32x4_shr_u: u32, u32::wrapping_shr;
    i64x2_shr_u: u64, u64::wrapping_shr;
}
