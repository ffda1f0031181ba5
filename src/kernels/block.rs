//! Blocks of guest memory as arrays: checked row by row when read or written, plain values between.
//!
//! A kernel reads what it needs, computes on arrays of known size and writes the result back, so
//! that source and destination may overlap and every loop has a constant length.

use wide::i16x8;

use super::guest::{Checked, bytes, bytes_mut, slice, slice_mut};
use super::lanes::{words, words_for_guest};

/// `H` rows of `W` bytes.
#[inline(always)]
pub(super) fn load<const W: usize, const H: usize>(
    mem: &[u8],
    at: i64,
    stride: i64,
) -> Checked<[[u8; W]; H]> {
    let mut block = [[0; W]; H];
    let mut at = at;
    for row in &mut block {
        *row = *bytes(mem, at)?;
        at += stride;
    }
    Ok(block)
}

/// Writes `H` rows of `W` bytes.
#[inline(always)]
pub(super) fn store<const W: usize, const H: usize>(
    mem: &mut [u8],
    at: i64,
    stride: i64,
    block: &[[u8; W]; H],
) -> Checked {
    let mut at = at;
    for row in block {
        *bytes_mut(mem, at)? = *row;
        at += stride;
    }
    Ok(())
}

/// `N` consecutive `int16_t`.
#[inline(always)]
pub(super) fn load_i16<const N: usize>(mem: &[u8], at: i64) -> Checked<[i16; N]> {
    let bytes = slice(mem, at, 2 * N)?;
    let mut values = [0; N];
    for (value, pair) in values.iter_mut().zip(bytes.as_chunks::<2>().0) {
        *value = i16::from_le_bytes(*pair);
    }
    Ok(values)
}

/// Writes `N` consecutive `int16_t`.
#[inline(always)]
pub(super) fn store_i16<const N: usize>(mem: &mut [u8], at: i64, values: &[i16; N]) -> Checked {
    let bytes = slice_mut(mem, at, 2 * N)?;
    for (pair, value) in bytes.as_chunks_mut::<2>().0.iter_mut().zip(values) {
        *pair = value.to_le_bytes();
    }
    Ok(())
}

/// `8 N` consecutive `int16_t`, in lanes.
#[inline(always)]
pub(super) fn load_lanes<const N: usize>(mem: &[u8], at: i64) -> Checked<[i16x8; N]> {
    let bytes = slice(mem, at, 16 * N)?;
    let mut values = [i16x8::ZERO; N];
    for (lanes, bytes) in values.iter_mut().zip(bytes.as_chunks().0) {
        *lanes = words(bytes);
    }
    Ok(values)
}

/// Writes `8 N` consecutive `int16_t`.
#[inline(always)]
pub(super) fn store_lanes<const N: usize>(mem: &mut [u8], at: i64, values: &[i16x8; N]) -> Checked {
    let bytes = slice_mut(mem, at, 16 * N)?;
    for (bytes, lanes) in bytes.as_chunks_mut().0.iter_mut().zip(values) {
        *bytes = words_for_guest(*lanes);
    }
    Ok(())
}

/// Writes one `int32_t`.
#[inline(always)]
pub(super) fn store_i32(mem: &mut [u8], at: i64, value: i32) -> Checked {
    *bytes_mut(mem, at)? = value.to_le_bytes();
    Ok(())
}
