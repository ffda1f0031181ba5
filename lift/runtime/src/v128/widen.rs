//! Vector operators whose lanes change width: extend, narrow, extended products and sums.

use super::{Lane, V128, zip};

macro_rules! widen {
    ($($narrow:ty, $wide:ty, $half:literal:
       $extend_low:ident $extend_high:ident $extmul_low:ident $extmul_high:ident;)*) => {$(
        /// `extend_low`: the lanes of the lower half, in twice the width.
        #[inline(always)]
        #[must_use]
        pub fn $extend_low(a: V128) -> V128 {
            let a: [$narrow; 2 * $half] = Lane::of(a);
            <$wide>::vector(core::array::from_fn(|i| <$wide>::from(a[i])))
        }

        /// `extend_high`: the lanes of the upper half, in twice the width.
        #[inline(always)]
        #[must_use]
        pub fn $extend_high(a: V128) -> V128 {
            let a: [$narrow; 2 * $half] = Lane::of(a);
            <$wide>::vector(core::array::from_fn(|i| <$wide>::from(a[$half + i])))
        }

        /// `extmul_low`: the whole products of the lanes of the lower halves.
        #[inline(always)]
        #[must_use]
        pub fn $extmul_low(a: V128, b: V128) -> V128 {
            let (a, b): ([$narrow; 2 * $half], [$narrow; 2 * $half]) = (Lane::of(a), Lane::of(b));
            <$wide>::vector(core::array::from_fn(|i| {
                <$wide>::from(a[i]).wrapping_mul(<$wide>::from(b[i]))
            }))
        }

        /// `extmul_high`: the whole products of the lanes of the upper halves.
        #[inline(always)]
        #[must_use]
        pub fn $extmul_high(a: V128, b: V128) -> V128 {
            let (a, b): ([$narrow; 2 * $half], [$narrow; 2 * $half]) = (Lane::of(a), Lane::of(b));
            <$wide>::vector(core::array::from_fn(|i| {
                <$wide>::from(a[$half + i]).wrapping_mul(<$wide>::from(b[$half + i]))
            }))
        }
    )*};
}
widen! {
    i8, i16, 8: i16x8_extend_low_i8x16_s i16x8_extend_high_i8x16_s
                i16x8_extmul_low_i8x16_s i16x8_extmul_high_i8x16_s;
    u8, u16, 8: i16x8_extend_low_i8x16_u i16x8_extend_high_i8x16_u
                i16x8_extmul_low_i8x16_u i16x8_extmul_high_i8x16_u;
    i16, i32, 4: i32x4_extend_low_i16x8_s i32x4_extend_high_i16x8_s
                 i32x4_extmul_low_i16x8_s i32x4_extmul_high_i16x8_s;
    u16, u32, 4: i32x4_extend_low_i16x8_u i32x4_extend_high_i16x8_u
                 i32x4_extmul_low_i16x8_u i32x4_extmul_high_i16x8_u;
    i32, i64, 2: i64x2_extend_low_i32x4_s i64x2_extend_high_i32x4_s
                 i64x2_extmul_low_i32x4_s i64x2_extmul_high_i32x4_s;
    u32, u64, 2: i64x2_extend_low_i32x4_u i64x2_extend_high_i32x4_u
                 i64x2_extmul_low_i32x4_u i64x2_extmul_high_i32x4_u;
}

macro_rules! pairwise {
    ($($narrow:ty, $wide:ty, $half:literal: $name:ident;)*) => {$(
        /// `extadd_pairwise`: the whole sums of neighbours.
        #[inline(always)]
        #[must_use]
        pub fn $name(a: V128) -> V128 {
            let a: [$narrow; 2 * $half] = Lane::of(a);
            <$wide>::vector(core::array::from_fn(|i| {
                <$wide>::from(a[2 * i]).wrapping_add(<$wide>::from(a[2 * i + 1]))
            }))
        }
    )*};
}
pairwise! {
    i8, i16, 8: i16x8_extadd_pairwise_i8x16_s;
    u8, u16, 8: i16x8_extadd_pairwise_i8x16_u;
    i16, i32, 4: i32x4_extadd_pairwise_i16x8_s;
    u16, u32, 4: i32x4_extadd_pairwise_i16x8_u;
}

macro_rules! narrow {
    ($($wide:ty, $narrow:ty, $half:literal: $name:ident;)*) => {$(
        /// `narrow`: the lanes of `a` and then of `b`, read as signed and saturated to half the width.
        #[inline(always)]
        #[must_use]
        pub fn $name(a: V128, b: V128) -> V128 {
            let (a, b): ([$wide; $half], [$wide; $half]) = (Lane::of(a), Lane::of(b));
            <$narrow>::vector(core::array::from_fn(|i| {
                let lane = if i < $half { a[i] } else { b[i - $half] };
                lane.clamp(<$wide>::from(<$narrow>::MIN), <$wide>::from(<$narrow>::MAX)) as $narrow
            }))
        }
    )*};
}
narrow! {
    i16, i8, 8: i8x16_narrow_i16x8_s;
    i16, u8, 8: i8x16_narrow_i16x8_u;
    i32, i16, 4: i16x8_narrow_i32x4_s;
    i32, u16, 4: i16x8_narrow_i32x4_u;
}

/// `i32x4.dot_i16x8_s`: the sums of the products of neighbours; only four times `i16::MIN` wraps.
///
/// The neighbours are the halves of a lane of 32 bits: written so, it becomes vector instructions.
#[inline(always)]
#[must_use]
pub fn i32x4_dot_i16x8_s(a: V128, b: V128) -> V128 {
    let low = |x: i32| i32::from(x as i16);
    zip(a, b, |x: i32, y| {
        let products = (low(x) * low(y), (x >> 16) * (y >> 16));
        products.0.wrapping_add(products.1)
    })
}
