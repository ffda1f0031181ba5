//! Eight numbers in fixed point in lanes: products of 64 bits, of which 32 are kept.

use fearless_simd::prelude::*;
use fearless_simd::{i32x8, i64x4, u64x4};

/// Bits 32 to 63 of the products with one number.
#[inline(always)]
pub(super) fn high<S: Simd>(a: i32x8<S>, factor: i32) -> i32x8<S> {
    kept::<S, 32>(a.widening_mul(factor))
}

/// Bits `SHIFT` to `SHIFT` + 31 of products.
#[inline(always)]
pub(super) fn upper<S: Simd, const SHIFT: u32>(a: i32x8<S>, b: i32x8<S>) -> i32x8<S> {
    kept::<S, SHIFT>(a.widening_mul(b))
}

#[inline(always)]
fn kept<S: Simd, const SHIFT: u32>((low, high): (i64x4<S>, i64x4<S>)) -> i32x8<S> {
    let low: u64x4<S> = low.bitcast();
    let high: u64x4<S> = high.bitcast();
    (low >> SHIFT).narrow(high >> SHIFT).bitcast()
}
