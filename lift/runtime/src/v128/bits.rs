//! Vector operators on the 128 bits as a whole, and reductions of lanes to one number.

use super::{Lane, V128, map, zip};

/// `v128.not`
#[inline(always)]
#[must_use]
pub fn v128_not(a: V128) -> V128 {
    map(a, |x: u8| !x)
}

/// `v128.and`
#[inline(always)]
#[must_use]
pub fn v128_and(a: V128, b: V128) -> V128 {
    zip(a, b, |x: u8, y| x & y)
}

/// `v128.andnot`: the bits of `a` that are not in `b`.
#[inline(always)]
#[must_use]
pub fn v128_andnot(a: V128, b: V128) -> V128 {
    zip(a, b, |x: u8, y| x & !y)
}

/// `v128.or`
#[inline(always)]
#[must_use]
pub fn v128_or(a: V128, b: V128) -> V128 {
    zip(a, b, |x: u8, y| x | y)
}

/// `v128.xor`
#[inline(always)]
#[must_use]
pub fn v128_xor(a: V128, b: V128) -> V128 {
    zip(a, b, |x: u8, y| x ^ y)
}

/// `v128.bitselect`: the bits of `a` where `mask` is 1, the bits of `b` where it is 0.
#[inline(always)]
#[must_use]
pub fn v128_bitselect(a: V128, b: V128, mask: V128) -> V128 {
    v128_or(v128_and(a, mask), v128_andnot(b, mask))
}

/// `v128.any_true`: 1 if a bit is set.
#[inline(always)]
#[must_use]
pub fn v128_any_true(a: V128) -> u32 {
    u32::from(a.to_bits() != 0)
}

macro_rules! reductions {
    ($($number:ty, $count:literal: $all_true:ident $bitmask:ident;)*) => {$(
        /// `all_true`: 1 if no lane is zero.
        #[inline(always)]
        #[must_use]
        pub fn $all_true(a: V128) -> u32 {
            let lanes: [$number; $count] = Lane::of(a);
            u32::from(lanes.iter().fold(true, |all, &lane| all & (lane != 0)))
        }

        /// `bitmask`: the sign of each lane, lane 0 in the lowest bit.
        #[inline(always)]
        #[must_use]
        pub fn $bitmask(a: V128) -> u32 {
            let lanes: [$number; $count] = Lane::of(a);
            lanes.iter().rev().fold(0, |mask, &lane| mask << 1 | u32::from(lane < 0))
        }
    )*};
}
reductions! {
    i8, 16: i8x16_all_true i8x16_bitmask;
    i16, 8: i16x8_all_true i16x8_bitmask;
    i32, 4: i32x4_all_true i32x4_bitmask;
    i64, 2: i64x2_all_true i64x2_bitmask;
}
