//! Eight numbers of four bytes in guest memory as vectors.
//!
//! Arithmetic on `f32` is that of the engine: each operation rounded by itself, none fused.

use wide::{f32x8, i32x8};

use super::guest::{Checked, Ptr, bytes, bytes_mut};

/// Numbers from an index on.
#[inline(always)]
pub(super) fn floats(mem: &[u8], from: Ptr, index: i64) -> Checked<f32x8> {
    Ok(read(bytes(mem, i64::from(from) + 4 * index)?))
}

/// Numbers that are in their bytes.
#[inline(always)]
pub(super) fn read(bytes: &[u8; 32]) -> f32x8 {
    let [a, b, c, d, e, f, g, h] = split(bytes);
    f32x8::new([
        f32::from_le_bytes(a),
        f32::from_le_bytes(b),
        f32::from_le_bytes(c),
        f32::from_le_bytes(d),
        f32::from_le_bytes(e),
        f32::from_le_bytes(f),
        f32::from_le_bytes(g),
        f32::from_le_bytes(h),
    ])
}

/// Whole numbers from an index on.
#[inline(always)]
pub(super) fn ints(mem: &[u8], from: Ptr, index: i64) -> Checked<i32x8> {
    let bytes: &[u8; 32] = bytes(mem, i64::from(from) + 4 * index)?;
    let [a, b, c, d, e, f, g, h] = split(bytes);
    Ok(i32x8::new([
        i32::from_le_bytes(a),
        i32::from_le_bytes(b),
        i32::from_le_bytes(c),
        i32::from_le_bytes(d),
        i32::from_le_bytes(e),
        i32::from_le_bytes(f),
        i32::from_le_bytes(g),
        i32::from_le_bytes(h),
    ]))
}

/// Writes whole numbers from an index on.
#[inline(always)]
pub(super) fn put_ints(mem: &mut [u8], to: Ptr, index: i64, values: i32x8) -> Checked {
    let bytes: &mut [u8; 32] = bytes_mut(mem, i64::from(to) + 4 * index)?;
    let values = values.to_array();
    let bytes: &mut [[u8; 4]] = bytes.as_chunks_mut().0;
    for lane in 0..8 {
        bytes[lane] = values[lane].to_le_bytes();
    }
    Ok(())
}

#[inline(always)]
fn split(bytes: &[u8; 32]) -> [[u8; 4]; 8] {
    let mut parts = [[0; 4]; 8];
    parts.as_flattened_mut().copy_from_slice(bytes);
    parts
}

/// Numbers up to 2 to the power of 31 without their fractions; 0 for what is no number.
#[inline(always)]
pub(super) fn truncated(values: f32x8) -> i32x8 {
    let numbers: [i32; 8] = bits(values.simd_eq(values));
    values.fast_trunc_int() & i32x8::new(numbers)
}

/// The bits of numbers.
#[inline(always)]
pub(super) fn bits(values: f32x8) -> [i32; 8] {
    let values = values.to_array();
    let mut bits = [0; 8];
    for lane in 0..8 {
        bits[lane] = values[lane].to_bits().cast_signed();
    }
    bits
}

/// The negative of numbers where `values` are below zero.
#[inline(always)]
pub(super) fn signed_like(numbers: i32x8, values: f32x8) -> i32x8 {
    let negative = i32x8::new(bits(values.simd_lt(f32x8::ZERO)));
    (numbers ^ negative) - negative
}
