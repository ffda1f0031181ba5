//! Vectors of 32-bit floating-point numbers (`AVFloatDSPContext`).

use super::guest::{Checked, Ptr};
use super::numbers::{in_eights, load, map, one, put, store, zip};

/// `vector_fmul`: products.
#[inline(always)]
pub(super) fn multiply(mem: &mut [u8], to: Ptr, a: Ptr, b: Ptr, count: i32) -> Checked {
    zip(
        mem,
        to,
        a,
        b,
        count,
        #[inline(always)]
        |a: f32, b: f32| a * b,
    )
}

/// `vector_fmac_scalar`: products with one factor, added to what is there.
#[inline(always)]
pub(super) fn add_scaled(mem: &mut [u8], to: Ptr, a: Ptr, factor: f32, count: i32) -> Checked {
    zip(
        mem,
        to,
        to,
        a,
        count,
        #[inline(always)]
        |sum: f32, a: f32| sum + a * factor,
    )
}

/// `vector_fmul_scalar`: products with one factor.
#[inline(always)]
pub(super) fn scale(mem: &mut [u8], to: Ptr, a: Ptr, factor: f32, count: i32) -> Checked {
    map(
        mem,
        to,
        a,
        count,
        #[inline(always)]
        |a: f32| a * factor,
    )
}

/// `vector_fmul_add`: products and a third vector.
#[inline(always)]
pub(super) fn multiply_add(mem: &mut [u8], to: Ptr, a: Ptr, b: Ptr, c: Ptr, count: i32) -> Checked {
    in_eights(
        mem,
        count,
        #[inline(always)]
        |mem, index| {
            let a = load::<f32, 8>(mem, a, index)?;
            let b = load::<f32, 8>(mem, b, index)?;
            let mut sum = load::<f32, 8>(mem, c, index)?;
            for lane in 0..8 {
                sum[lane] += a[lane] * b[lane];
            }
            store(mem, to, index, sum)
        },
        #[inline(always)]
        |mem, index| {
            let product = one::<f32>(mem, a, index)? * one::<f32>(mem, b, index)?;
            let sum = product + one::<f32>(mem, c, index)?;
            put(mem, to, index, sum)
        },
    )
}

/// `vector_fmul_reverse`: products, the second vector from its end.
#[inline(always)]
pub(super) fn multiply_reversed(mem: &mut [u8], to: Ptr, a: Ptr, b: Ptr, count: i32) -> Checked {
    let end = i64::from(count);
    in_eights(
        mem,
        count,
        #[inline(always)]
        |mem, index| {
            let mut values = load::<f32, 8>(mem, a, index)?;
            let mut b = load::<f32, 8>(mem, b, end - index - 8)?;
            b.reverse();
            for lane in 0..8 {
                values[lane] *= b[lane];
            }
            store(mem, to, index, values)
        },
        #[inline(always)]
        |mem, index| {
            let value = one::<f32>(mem, a, index)? * one::<f32>(mem, b, end - index - 1)?;
            put(mem, to, index, value)
        },
    )
}

/// `vector_fmul_window`: the overlap of two blocks under a window of twice their length: `a` under
/// its falling half, `b`, reversed in time, under its rising half, and their mirror image.
#[inline(always)]
pub(super) fn overlap(mem: &mut [u8], to: Ptr, a: Ptr, b: Ptr, window: Ptr, half: i32) -> Checked {
    let (half_length, length) = (i64::from(half), 2 * i64::from(half));
    in_eights(
        mem,
        half,
        #[inline(always)]
        |mem, index| {
            let a = load::<f32, 8>(mem, a, index)?;
            let mut b = load::<f32, 8>(mem, b, half_length - index - 8)?;
            let rising = load::<f32, 8>(mem, window, index)?;
            let mut falling = load::<f32, 8>(mem, window, length - index - 8)?;
            b.reverse();
            falling.reverse();
            let (mut front, mut back) = ([0.0; 8], [0.0; 8]);
            for lane in 0..8 {
                front[lane] = a[lane] * falling[lane] - b[lane] * rising[lane];
                back[lane] = a[lane] * rising[lane] + b[lane] * falling[lane];
            }
            back.reverse();
            store(mem, to, index, front)?;
            store(mem, to, length - index - 8, back)
        },
        #[inline(always)]
        |mem, index| {
            let a = one::<f32>(mem, a, index)?;
            let b = one::<f32>(mem, b, half_length - index - 1)?;
            let rising = one::<f32>(mem, window, index)?;
            let falling = one::<f32>(mem, window, length - index - 1)?;
            put(mem, to, index, a * falling - b * rising)?;
            put(mem, to, length - index - 1, a * rising + b * falling)
        },
    )
}

/// `butterflies_float`: sums into the first vector, differences into the second.
#[inline(always)]
pub(super) fn butterflies(mem: &mut [u8], a: Ptr, b: Ptr, count: i32) -> Checked {
    in_eights(
        mem,
        count,
        #[inline(always)]
        |mem, index| {
            let (first, second) = (
                load::<f32, 8>(mem, a, index)?,
                load::<f32, 8>(mem, b, index)?,
            );
            let (mut sums, mut differences) = ([0.0; 8], [0.0; 8]);
            for lane in 0..8 {
                sums[lane] = first[lane] + second[lane];
                differences[lane] = first[lane] - second[lane];
            }
            store(mem, a, index, sums)?;
            store(mem, b, index, differences)
        },
        #[inline(always)]
        |mem, index| {
            let (first, second) = (one::<f32>(mem, a, index)?, one::<f32>(mem, b, index)?);
            put(mem, a, index, first + second)?;
            put(mem, b, index, first - second)
        },
    )
}

/// `scalarproduct_float`: the sum of products, added up from the first to the last.
#[inline(always)]
pub(super) fn dot(mem: &mut [u8], a: Ptr, b: Ptr, count: i32) -> Checked<f32> {
    let mut sum = 0.0;
    let total = &mut sum;
    in_eights(
        mem,
        count / 8 * 8,
        #[inline(always)]
        |mem, index| {
            let (a, b) = (
                load::<f32, 8>(mem, a, index)?,
                load::<f32, 8>(mem, b, index)?,
            );
            for lane in 0..8 {
                *total += a[lane] * b[lane];
            }
            Ok(())
        },
        #[inline(always)]
        |_, _| Ok(()),
    )?;
    for index in i64::from(count / 8 * 8)..i64::from(count) {
        sum += one::<f32>(mem, a, index)? * one::<f32>(mem, b, index)?;
    }
    Ok(sum)
}
