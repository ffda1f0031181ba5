//! Vector operators that read or write linear memory; each traps where it would leave it.

use crate::mem::{window, window_mut};

use super::{Lane, V128};

/// `v128.load`
#[inline(always)]
#[must_use]
pub fn v128_load(mem: &[u8], addr: u32, offset: u32) -> V128 {
    V128(*window(mem, addr, offset))
}

/// `v128.store`
#[inline(always)]
pub fn v128_store(mem: &mut [u8], addr: u32, offset: u32, a: V128) {
    *window_mut(mem, addr, offset) = a.0;
}

macro_rules! load_extend {
    ($($name:ident: $narrow:ty, $wide:ty;)*) => {$(
        #[doc = concat!("`", stringify!($name), "`: eight bytes, each number in twice the width.")]
        #[inline(always)]
        #[must_use]
        pub fn $name(mem: &[u8], addr: u32, offset: u32) -> V128 {
            const BYTES: usize = size_of::<$narrow>();
            let bytes: &[u8; 8] = window(mem, addr, offset);
            <$wide>::vector(core::array::from_fn(|lane| {
                let number = core::array::from_fn(|i| bytes[lane * BYTES + i]);
                <$wide>::from(<$narrow>::from_le_bytes(number))
            }))
        }
    )*};
}
load_extend! {
    v128_load8x8_s: i8, i16;
    v128_load8x8_u: u8, u16;
    v128_load16x4_s: i16, i32;
    v128_load16x4_u: u16, u32;
    v128_load32x2_s: i32, i64;
    v128_load32x2_u: u32, u64;
}

macro_rules! load_one {
    ($($number:ty, $count:literal: $splat:ident;)*) => {$(
        #[doc = concat!("`", stringify!($splat), "`: one number in every lane.")]
        #[inline(always)]
        #[must_use]
        pub fn $splat(mem: &[u8], addr: u32, offset: u32) -> V128 {
            Lane::vector([<$number>::from_le_bytes(*window(mem, addr, offset)); $count])
        }
    )*};
}
load_one! {
    u8, 16: v128_load8_splat;
    u16, 8: v128_load16_splat;
    u32, 4: v128_load32_splat;
    u64, 2: v128_load64_splat;
}

/// `v128.load32_zero`: one number in lane 0, the others zero.
#[inline(always)]
#[must_use]
pub fn v128_load32_zero(mem: &[u8], addr: u32, offset: u32) -> V128 {
    u32::vector([u32::from_le_bytes(*window(mem, addr, offset)), 0, 0, 0])
}

/// `v128.load64_zero`: one number in lane 0, the other zero.
#[inline(always)]
#[must_use]
pub fn v128_load64_zero(mem: &[u8], addr: u32, offset: u32) -> V128 {
    u64::vector([u64::from_le_bytes(*window(mem, addr, offset)), 0])
}

macro_rules! lane {
    ($($number:ty, $count:literal: $load:ident $store:ident;)*) => {$(
        #[doc = concat!("`", stringify!($load), "`: `a` with lane `LANE` from memory.")]
        #[inline(always)]
        #[must_use]
        pub fn $load<const LANE: usize>(mem: &[u8], addr: u32, offset: u32, a: V128) -> V128 {
            let mut lanes: [$number; $count] = Lane::of(a);
            lanes[LANE] = <$number>::from_le_bytes(*window(mem, addr, offset));
            Lane::vector(lanes)
        }

        #[doc = concat!("`", stringify!($store), "`: lane `LANE` of `a` to memory.")]
        #[inline(always)]
        pub fn $store<const LANE: usize>(mem: &mut [u8], addr: u32, offset: u32, a: V128) {
            let lanes: [$number; $count] = Lane::of(a);
            *window_mut(mem, addr, offset) = lanes[LANE].to_le_bytes();
        }
    )*};
}
lane! {
    u8, 16: v128_load8_lane v128_store8_lane;
    u16, 8: v128_load16_lane v128_store16_lane;
    u32, 4: v128_load32_lane v128_store32_lane;
    u64, 2: v128_load64_lane v128_store64_lane;
}
