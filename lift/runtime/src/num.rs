//! Arithmetic whose exact result or trap Rust's operators do not give by themselves.

use crate::trap::{bad_conversion, division_by_zero, integer_overflow};

macro_rules! division {
    ($div_s:ident $div_u:ident $rem_s:ident $rem_u:ident $unsigned:ident $signed:ident) => {
        /// Signed division; traps on zero, and when the result does not fit.
        #[inline(always)]
        #[must_use]
        pub fn $div_s(a: $unsigned, b: $unsigned) -> $unsigned {
            if b == 0 {
                division_by_zero();
            }
            match (a as $signed).checked_div(b as $signed) {
                Some(quotient) => quotient as $unsigned,
                None => integer_overflow(),
            }
        }

        /// Unsigned division; traps on zero.
        #[inline(always)]
        #[must_use]
        pub fn $div_u(a: $unsigned, b: $unsigned) -> $unsigned {
            match a.checked_div(b) {
                Some(quotient) => quotient,
                None => division_by_zero(),
            }
        }

        /// Signed remainder; traps on zero.
        #[inline(always)]
        #[must_use]
        pub fn $rem_s(a: $unsigned, b: $unsigned) -> $unsigned {
            if b == 0 {
                division_by_zero();
            }
            (a as $signed).wrapping_rem(b as $signed) as $unsigned
        }

        /// Unsigned remainder; traps on zero.
        #[inline(always)]
        #[must_use]
        pub fn $rem_u(a: $unsigned, b: $unsigned) -> $unsigned {
            match a.checked_rem(b) {
                Some(remainder) => remainder,
                None => division_by_zero(),
            }
        }
    };
}

division!(i32_div_s i32_div_u i32_rem_s i32_rem_u u32 i32);
division!(i64_div_s i64_div_u i64_rem_s i64_rem_u u64 i64);

macro_rules! truncation {
    // Bounds are exclusive and exactly representable, save the lower one of i32 from f64.
    ($($name:ident $float:ident $int:ident $word:ident $low:expr, $high:expr;)*) => {
        $(
            /// Truncation towards zero; traps on NaN, and when the result does not fit.
            #[inline(always)]
            #[must_use]
            pub fn $name(x: $float) -> $word {
                if x > $low && x < $high {
                    x as $int as $word
                } else if x.is_nan() {
                    bad_conversion()
                } else {
                    integer_overflow()
                }
            }
        )*
    };
}

truncation! {
    // The largest floats below the lower bounds; where -2^31 or -2^63 has no neighbour that
    // truncates to it, the next float is out of range.
    i32_trunc_f32_s f32 i32 u32 -2_147_483_904.0, 2_147_483_648.0;
    i32_trunc_f32_u f32 u32 u32 -1.0, 4_294_967_296.0;
    i32_trunc_f64_s f64 i32 u32 -2_147_483_649.0, 2_147_483_648.0;
    i32_trunc_f64_u f64 u32 u32 -1.0, 4_294_967_296.0;
    i64_trunc_f32_s f32 i64 u64 -9_223_373_136_366_403_584.0, 9_223_372_036_854_775_808.0;
    i64_trunc_f32_u f32 u64 u64 -1.0, 18_446_744_073_709_551_616.0;
    i64_trunc_f64_s f64 i64 u64 -9_223_372_036_854_777_856.0, 9_223_372_036_854_775_808.0;
    i64_trunc_f64_u f64 u64 u64 -1.0, 18_446_744_073_709_551_616.0;
}

macro_rules! extremum {
    ($min:ident $max:ident $float:ident) => {
        /// The lesser; NaN when either is, and -0 is less than +0.
        #[inline(always)]
        #[must_use]
        pub fn $min(a: $float, b: $float) -> $float {
            if a < b {
                a
            } else if b < a {
                b
            } else if a == b {
                // Equal: the same, or zeros of either sign.
                $float::from_bits(a.to_bits() | b.to_bits())
            } else {
                a + b
            }
        }

        /// The greater; NaN when either is, and +0 is greater than -0.
        #[inline(always)]
        #[must_use]
        pub fn $max(a: $float, b: $float) -> $float {
            if a > b {
                a
            } else if b > a {
                b
            } else if a == b {
                $float::from_bits(a.to_bits() & b.to_bits())
            } else {
                a + b
            }
        }
    };
}

extremum!(f32_min f32_max f32);
extremum!(f64_min f64_max f64);

macro_rules! rounding {
    ($($name:ident $float:ident $method:ident;)*) => {
        $(
            /// Rounds to an integral value; a NaN comes back quiet.
            #[inline(always)]
            #[must_use]
            pub fn $name(x: $float) -> $float {
                // Arithmetic makes a signalling NaN quiet, which rounding need not do.
                if x.is_nan() { x + x } else { x.$method() }
            }
        )*
    };
}

rounding! {
    f32_ceil f32 ceil;
    f32_floor f32 floor;
    f32_trunc f32 trunc;
    f32_nearest f32 round_ties_even;
    f64_ceil f64 ceil;
    f64_floor f64 floor;
    f64_trunc f64 trunc;
    f64_nearest f64 round_ties_even;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trap::{Trap, catch};

    #[test]
    fn divisions_trap_as_specified() {
        assert_eq!(i32_div_s(-7_i32 as u32, 2), -3_i32 as u32);
        assert_eq!(i32_rem_s(i32::MIN as u32, u32::MAX), 0);
        assert!(matches!(
            catch(|| i64_div_s(i64::MIN as u64, u64::MAX)),
            Err(Trap::IntegerOverflow)
        ));
        assert!(matches!(
            catch(|| i64_rem_u(1, 0)),
            Err(Trap::DivisionByZero)
        ));
        assert!(matches!(
            catch(|| i32_div_s(1, 0)),
            Err(Trap::DivisionByZero)
        ));
    }

    #[test]
    fn truncations_take_exactly_what_fits() {
        assert_eq!(i32_trunc_f32_s(-2_147_483_648.0), i32::MIN as u32);
        assert_eq!(i32_trunc_f64_s(-2_147_483_648.9), i32::MIN as u32);
        assert_eq!(i32_trunc_f64_u(-0.9), 0);
        assert_eq!(i64_trunc_f64_s(i64::MIN as f64), i64::MIN as u64);
        assert_eq!(i64_trunc_f32_s(i64::MIN as f32), i64::MIN as u64);
        let next = f32::from_bits((-2_147_483_648.0_f32).to_bits() + 1);
        assert!(matches!(
            catch(|| i32_trunc_f32_s(next)),
            Err(Trap::IntegerOverflow)
        ));
        assert!(matches!(
            catch(|| i32_trunc_f64_s(-2_147_483_649.0)),
            Err(Trap::IntegerOverflow)
        ));
        let below = f64::from_bits((i64::MIN as f64).to_bits() + 1);
        assert!(matches!(
            catch(|| i64_trunc_f64_s(below)),
            Err(Trap::IntegerOverflow)
        ));
        assert!(matches!(
            catch(|| i64_trunc_f64_u(f64::NAN)),
            Err(Trap::BadConversion)
        ));
        assert!(matches!(
            catch(|| i32_trunc_f32_u(-1.0)),
            Err(Trap::IntegerOverflow)
        ));
    }

    #[test]
    fn zeros_have_an_order_and_nan_spreads() {
        assert!(f32_min(0.0, -0.0).is_sign_negative());
        assert!(f64_max(-0.0, 0.0).is_sign_positive());
        assert!(f64_min(f64::NAN, 1.0).is_nan());
        assert!(f32_max(1.0, f32::NAN).is_nan());
        assert_eq!(f32_nearest(2.5), 2.0);
        assert!(f32_nearest(-0.4).is_sign_negative());
    }
}
