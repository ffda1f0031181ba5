//! The guest's memory as kernels see it: checked reads and writes of fixed sizes, and rows of
//! pictures.

use super::Trap;

/// An address in the guest's memory.
pub(super) type Ptr = u32;

/// The result of everything that takes an address.
pub(super) type Checked<T = ()> = Result<T, Trap>;

// The errors below are made where they are returned: one that is made before it is known to be
// needed has to be dropped again, by a call.

/// Where `count` bytes at an address begin, in memory of this length. Within a loop this is one
/// comparison.
#[inline(always)]
fn position(len: usize, at: i64, count: usize) -> Option<usize> {
    let last = (len as u64).checked_sub(count as u64)?;
    // An address below zero is above every length.
    if at.cast_unsigned() > last {
        return None;
    }
    Some(at as usize)
}

/// `N` bytes at an address, which may be the sum of an address and an offset.
#[inline(always)]
pub(super) fn bytes<const N: usize>(mem: &[u8], at: i64) -> Checked<&[u8; N]> {
    let found = match position(mem.len(), at, N) {
        Some(at) => mem[at..].first_chunk(),
        None => None,
    };
    match found {
        Some(bytes) => Ok(bytes),
        None => Err(Trap::MemoryOutOfBounds),
    }
}

/// The same to write to.
#[inline(always)]
pub(super) fn bytes_mut<const N: usize>(mem: &mut [u8], at: i64) -> Checked<&mut [u8; N]> {
    let found = match position(mem.len(), at, N) {
        Some(at) => mem[at..].first_chunk_mut(),
        None => None,
    };
    match found {
        Some(bytes) => Ok(bytes),
        None => Err(Trap::MemoryOutOfBounds),
    }
}

/// `len` bytes at an address.
#[inline(always)]
pub(super) fn slice(mem: &[u8], at: i64, len: usize) -> Checked<&[u8]> {
    match position(mem.len(), at, len) {
        Some(at) => Ok(&mem[at..at + len]),
        None => Err(Trap::MemoryOutOfBounds),
    }
}

/// The same to write to.
#[inline(always)]
pub(super) fn slice_mut(mem: &mut [u8], at: i64, len: usize) -> Checked<&mut [u8]> {
    match position(mem.len(), at, len) {
        Some(at) => Ok(&mut mem[at..at + len]),
        None => Err(Trap::MemoryOutOfBounds),
    }
}

/// A 32-bit number at an address.
#[inline(always)]
pub(super) fn int(mem: &[u8], at: i64) -> Checked<i32> {
    bytes(mem, at).map(|bytes| i32::from_le_bytes(*bytes))
}

/// An address that is stored at an address.
#[inline(always)]
pub(super) fn pointer(mem: &[u8], at: i64) -> Checked<Ptr> {
    bytes(mem, at).map(|bytes| u32::from_le_bytes(*bytes))
}

/// `ROWS` times `N` numbers of 16 bits in one piece.
#[inline(always)]
pub(super) fn shorts<const N: usize, const ROWS: usize>(
    mem: &[u8],
    at: i64,
) -> Checked<[[i16; N]; ROWS]> {
    let bytes = slice(mem, at, 2 * N * ROWS)?;
    let mut rows = [[0; N]; ROWS];
    for (row, bytes) in rows.iter_mut().zip(bytes.chunks_exact(2 * N)) {
        for (value, bytes) in row.iter_mut().zip(bytes.as_chunks().0) {
            *value = i16::from_le_bytes(*bytes);
        }
    }
    Ok(rows)
}

/// How many rows a loop over `height` has. Nothing for a negative height, as in C; more rows than a
/// picture can have end the run, so that the work of one call is bounded whatever the stride.
#[inline(always)]
pub(super) fn row_count(height: i32) -> Checked<i64> {
    match height {
        ..=0 => Ok(0),
        1..=MAX_ROWS => Ok(i64::from(height)),
        _ => Err(Trap::MemoryOutOfBounds),
    }
}

/// The rows of a picture of `width` and `height` samples. Rows of a real picture are apart, so that all of
/// it is no larger than memory: more work than that is no picture's, whatever the stride.
#[inline(always)]
pub(super) fn rows_of(mem: &[u8], width: i64, height: i32) -> Checked<i64> {
    let rows = row_count(height)?;
    if width.max(0).saturating_mul(rows) > mem.len() as i64 {
        return Err(Trap::MemoryOutOfBounds);
    }
    Ok(rows)
}

const MAX_ROWS: i32 = 1 << 16;
