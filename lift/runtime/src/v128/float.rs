//! Vector operators on lanes of floating-point numbers.

use super::{V128, map, zip};

macro_rules! float {
    ($($number:ty, $bits:ty, $mask:ty:
       $ceil:ident $floor:ident $trunc:ident $nearest:ident $sqrt:ident $abs:ident $neg:ident
       $add:ident $sub:ident $mul:ident $div:ident
       $min:ident $max:ident $pmin:ident $pmax:ident
       $eq:ident $ne:ident $lt:ident $gt:ident $le:ident $ge:ident;)*) => {$(
        /// `ceil` of each lane.
        #[inline(always)]
        #[must_use]
        pub fn $ceil(a: V128) -> V128 {
            map(a, |x: $number| quiet_result(x.ceil()))
        }

        /// `floor` of each lane.
        #[inline(always)]
        #[must_use]
        pub fn $floor(a: V128) -> V128 {
            map(a, |x: $number| quiet_result(x.floor()))
        }

        /// `trunc` of each lane.
        #[inline(always)]
        #[must_use]
        pub fn $trunc(a: V128) -> V128 {
            map(a, |x: $number| quiet_result(x.trunc()))
        }

        /// `nearest` of each lane, halves to the even neighbour.
        #[inline(always)]
        #[must_use]
        pub fn $nearest(a: V128) -> V128 {
            map(a, |x: $number| quiet_result(x.round_ties_even()))
        }

        /// `sqrt` of each lane.
        #[inline(always)]
        #[must_use]
        pub fn $sqrt(a: V128) -> V128 {
            map(a, |x: $number| x.sqrt())
        }

        /// `abs`: the sign bit of each lane cleared, of a NaN too.
        #[inline(always)]
        #[must_use]
        pub fn $abs(a: V128) -> V128 {
            map(a, |x: $bits| x & (<$bits>::MAX >> 1))
        }

        /// `neg`: the sign bit of each lane flipped, of a NaN too.
        #[inline(always)]
        #[must_use]
        pub fn $neg(a: V128) -> V128 {
            map(a, |x: $bits| x ^ !(<$bits>::MAX >> 1))
        }

        /// `add` on each pair of lanes.
        #[inline(always)]
        #[must_use]
        pub fn $add(a: V128, b: V128) -> V128 {
            zip(a, b, |x: $number, y| x + y)
        }

        /// `sub` on each pair of lanes.
        #[inline(always)]
        #[must_use]
        pub fn $sub(a: V128, b: V128) -> V128 {
            zip(a, b, |x: $number, y| x - y)
        }

        /// `mul` on each pair of lanes.
        #[inline(always)]
        #[must_use]
        pub fn $mul(a: V128, b: V128) -> V128 {
            zip(a, b, |x: $number, y| x * y)
        }

        /// `div` on each pair of lanes.
        #[inline(always)]
        #[must_use]
        pub fn $div(a: V128, b: V128) -> V128 {
            zip(a, b, |x: $number, y| x / y)
        }

        /// `min` on each pair of lanes: a NaN if one is, -0 below +0.
        #[inline(always)]
        #[must_use]
        pub fn $min(a: V128, b: V128) -> V128 {
            zip(a, b, |x: $number, y| {
                let nan = x + y;
                let same = <$number>::from_bits(x.to_bits() | y.to_bits());
                let ordered = if x < y { x } else { y };
                let number = if x == y { same } else { ordered };
                if x.is_nan() | y.is_nan() { nan } else { number }
            })
        }

        /// `max` on each pair of lanes: a NaN if one is, +0 above -0.
        #[inline(always)]
        #[must_use]
        pub fn $max(a: V128, b: V128) -> V128 {
            zip(a, b, |x: $number, y| {
                let nan = x + y;
                let same = <$number>::from_bits(x.to_bits() & y.to_bits());
                let ordered = if x > y { x } else { y };
                let number = if x == y { same } else { ordered };
                if x.is_nan() | y.is_nan() { nan } else { number }
            })
        }

        /// `pmin` on each pair of lanes: the second if it is below the first, else the first.
        #[inline(always)]
        #[must_use]
        pub fn $pmin(a: V128, b: V128) -> V128 {
            zip(a, b, |x: $number, y| if y < x { y } else { x })
        }

        /// `pmax` on each pair of lanes: the second if it is above the first, else the first.
        #[inline(always)]
        #[must_use]
        pub fn $pmax(a: V128, b: V128) -> V128 {
            zip(a, b, |x: $number, y| if x < y { y } else { x })
        }

        /// `eq`: all bits of the lane set where it holds.
        #[inline(always)]
        #[must_use]
        pub fn $eq(a: V128, b: V128) -> V128 {
            zip(a, b, |x: $number, y| -> $mask { if x == y { <$mask>::MAX } else { 0 } })
        }

        /// `ne`: all bits of the lane set where it holds, as with a NaN.
        #[inline(always)]
        #[must_use]
        pub fn $ne(a: V128, b: V128) -> V128 {
            zip(a, b, |x: $number, y| -> $mask { if x != y { <$mask>::MAX } else { 0 } })
        }

        /// `lt`: all bits of the lane set where it holds.
        #[inline(always)]
        #[must_use]
        pub fn $lt(a: V128, b: V128) -> V128 {
            zip(a, b, |x: $number, y| -> $mask { if x < y { <$mask>::MAX } else { 0 } })
        }

        /// `gt`: all bits of the lane set where it holds.
        #[inline(always)]
        #[must_use]
        pub fn $gt(a: V128, b: V128) -> V128 {
            zip(a, b, |x: $number, y| -> $mask { if x > y { <$mask>::MAX } else { 0 } })
        }

        /// `le`: all bits of the lane set where it holds.
        #[inline(always)]
        #[must_use]
        pub fn $le(a: V128, b: V128) -> V128 {
            zip(a, b, |x: $number, y| -> $mask { if x <= y { <$mask>::MAX } else { 0 } })
        }

        /// `ge`: all bits of the lane set where it holds.
        #[inline(always)]
        #[must_use]
        pub fn $ge(a: V128, b: V128) -> V128 {
            zip(a, b, |x: $number, y| -> $mask { if x >= y { <$mask>::MAX } else { 0 } })
        }
    )*};
}
float! {
    f32, u32, u32:
    f32x4_ceil f32x4_floor f32x4_trunc f32x4_nearest f32x4_sqrt f32x4_abs f32x4_neg
    f32x4_add f32x4_sub f32x4_mul f32x4_div f32x4_min f32x4_max f32x4_pmin f32x4_pmax
    f32x4_eq f32x4_ne f32x4_lt f32x4_gt f32x4_le f32x4_ge;
    f64, u64, u64:
    f64x2_ceil f64x2_floor f64x2_trunc f64x2_nearest f64x2_sqrt f64x2_abs f64x2_neg
    f64x2_add f64x2_sub f64x2_mul f64x2_div f64x2_min f64x2_max f64x2_pmin f64x2_pmax
    f64x2_eq f64x2_ne f64x2_lt f64x2_gt f64x2_le f64x2_ge;
}

/// A rounded number, or a quiet NaN: a rounding function of the platform may hand a signalling
/// NaN through, which WebAssembly does not allow.
#[inline(always)]
fn quiet_result<T: Quiet>(x: T) -> T {
    x.quiet()
}

trait Quiet: Copy {
    fn quiet(self) -> Self;
}

impl Quiet for f32 {
    #[inline(always)]
    fn quiet(self) -> Self {
        if self.is_nan() {
            Self::from_bits(self.to_bits() | 1 << 22)
        } else {
            self
        }
    }
}

impl Quiet for f64 {
    #[inline(always)]
    fn quiet(self) -> Self {
        if self.is_nan() {
            Self::from_bits(self.to_bits() | 1 << 51)
        } else {
            self
        }
    }
}
