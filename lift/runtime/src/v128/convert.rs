//! Vector operators that convert between integers and floating-point numbers.

use super::{Lane, V128, map};

/// `i32x4.trunc_sat_f32x4_s`: truncated and saturated, a NaN to 0, as `as` does.
#[inline(always)]
#[must_use]
pub fn i32x4_trunc_sat_f32x4_s(a: V128) -> V128 {
    map(a, |x: f32| x as i32)
}

/// `i32x4.trunc_sat_f32x4_u`: truncated and saturated, a NaN to 0, as `as` does.
#[inline(always)]
#[must_use]
pub fn i32x4_trunc_sat_f32x4_u(a: V128) -> V128 {
    map(a, |x: f32| x as u32)
}

/// `f32x4.convert_i32x4_s`: each lane, rounded to the nearest.
#[inline(always)]
#[must_use]
pub fn f32x4_convert_i32x4_s(a: V128) -> V128 {
    map(a, |x: i32| x as f32)
}

/// `f32x4.convert_i32x4_u`: each lane, rounded to the nearest.
#[inline(always)]
#[must_use]
pub fn f32x4_convert_i32x4_u(a: V128) -> V128 {
    map(a, |x: u32| x as f32)
}

/// `i32x4.trunc_sat_f64x2_s_zero`: both lanes truncated and saturated, the upper half zero.
#[inline(always)]
#[must_use]
pub fn i32x4_trunc_sat_f64x2_s_zero(a: V128) -> V128 {
    let [x, y] = f64::of(a);
    i32::vector([x as i32, y as i32, 0, 0])
}

/// `i32x4.trunc_sat_f64x2_u_zero`: both lanes truncated and saturated, the upper half zero.
#[inline(always)]
#[must_use]
pub fn i32x4_trunc_sat_f64x2_u_zero(a: V128) -> V128 {
    let [x, y] = f64::of(a);
    u32::vector([x as u32, y as u32, 0, 0])
}

/// `f64x2.convert_low_i32x4_s`: the lanes of the lower half, exact.
#[inline(always)]
#[must_use]
pub fn f64x2_convert_low_i32x4_s(a: V128) -> V128 {
    let [x, y, _, _] = i32::of(a);
    f64::vector([f64::from(x), f64::from(y)])
}

/// `f64x2.convert_low_i32x4_u`: the lanes of the lower half, exact.
#[inline(always)]
#[must_use]
pub fn f64x2_convert_low_i32x4_u(a: V128) -> V128 {
    let [x, y, _, _] = u32::of(a);
    f64::vector([f64::from(x), f64::from(y)])
}

/// `f32x4.demote_f64x2_zero`: both lanes rounded to the nearest, the upper half zero.
#[inline(always)]
#[must_use]
pub fn f32x4_demote_f64x2_zero(a: V128) -> V128 {
    let [x, y] = f64::of(a);
    f32::vector([x as f32, y as f32, 0.0, 0.0])
}

/// `f64x2.promote_low_f32x4`: the lanes of the lower half, exact.
#[inline(always)]
#[must_use]
pub fn f64x2_promote_low_f32x4(a: V128) -> V128 {
    let [x, y, _, _] = f32::of(a);
    f64::vector([f64::from(x), f64::from(y)])
}
