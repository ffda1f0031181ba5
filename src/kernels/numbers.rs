//! Arrays of numbers in guest memory, eight at a time.
//!
//! Arithmetic on `f32` is that of the engine: each operation rounded by itself, none fused.

use super::Trap;
use super::guest::{Checked, Ptr, bytes, bytes_mut, slice};

/// A number of four bytes in guest memory.
pub(super) trait Number: Copy + Default {
    fn read(bytes: [u8; 4]) -> Self;
    fn bytes(self) -> [u8; 4];
}

impl Number for f32 {
    #[inline(always)]
    fn read(bytes: [u8; 4]) -> Self {
        Self::from_le_bytes(bytes)
    }

    #[inline(always)]
    fn bytes(self) -> [u8; 4] {
        self.to_le_bytes()
    }
}

impl Number for i32 {
    #[inline(always)]
    fn read(bytes: [u8; 4]) -> Self {
        Self::from_le_bytes(bytes)
    }

    #[inline(always)]
    fn bytes(self) -> [u8; 4] {
        self.to_le_bytes()
    }
}

/// `N` numbers from an index on.
#[inline(always)]
pub(super) fn load<T: Number, const N: usize>(
    mem: &[u8],
    from: Ptr,
    index: i64,
) -> Checked<[T; N]> {
    let mut values = [T::default(); N];
    let bytes = slice(mem, i64::from(from) + 4 * index, 4 * N)?;
    let bytes: &[[u8; 4]] = bytes.as_chunks().0;
    for index in 0..N {
        values[index] = T::read(bytes[index]);
    }
    Ok(values)
}

/// The same into an array that is there already, which large ones are not moved for.
#[inline(always)]
pub(super) fn fill<T: Number, const N: usize>(
    mem: &[u8],
    from: Ptr,
    values: &mut [T; N],
) -> Checked {
    let bytes: &[[u8; 4]] = slice(mem, from.into(), 4 * N)?.as_chunks().0;
    for index in 0..N {
        values[index] = T::read(bytes[index]);
    }
    Ok(())
}

/// Writes `N` numbers from an index on.
#[inline(always)]
pub(super) fn store<T: Number, const N: usize>(
    mem: &mut [u8],
    to: Ptr,
    index: i64,
    values: [T; N],
) -> Checked {
    let bytes = super::guest::slice_mut(mem, i64::from(to) + 4 * index, 4 * N)?;
    let bytes: &mut [[u8; 4]] = bytes.as_chunks_mut().0;
    for index in 0..N {
        bytes[index] = values[index].bytes();
    }
    Ok(())
}

/// One number.
#[inline(always)]
pub(super) fn one<T: Number>(mem: &[u8], from: Ptr, index: i64) -> Checked<T> {
    bytes(mem, i64::from(from) + 4 * index).map(
        #[inline(always)]
        |bytes| T::read(*bytes),
    )
}

/// Writes one number.
#[inline(always)]
pub(super) fn put<T: Number>(mem: &mut [u8], to: Ptr, index: i64, value: T) -> Checked {
    *bytes_mut(mem, i64::from(to) + 4 * index)? = value.bytes();
    Ok(())
}

/// Runs a function for indices 0 to `count` in eights, then one by one.
#[inline(always)]
pub(super) fn in_eights(
    mem: &mut [u8],
    count: i32,
    mut eight: impl FnMut(&mut [u8], i64) -> Checked,
    mut one: impl FnMut(&mut [u8], i64) -> Checked,
) -> Checked {
    let count = i64::from(count.max(0));
    // More numbers than memory can hold; nothing below would end soon.
    if count > mem.len() as i64 {
        return Err(Trap::MemoryOutOfBounds);
    }
    let whole = count - count % 8;
    for index in (0..whole).step_by(8) {
        eight(mem, index)?;
    }
    for index in whole..count {
        one(mem, index)?;
    }
    Ok(())
}

/// `to[i] = f(a[i], b[i])`.
#[inline(always)]
pub(super) fn zip<T: Number, U: Number>(
    mem: &mut [u8],
    to: Ptr,
    a: Ptr,
    b: Ptr,
    count: i32,
    f: impl Fn(T, T) -> U,
) -> Checked {
    in_eights(
        mem,
        count,
        #[inline(always)]
        |mem, index| {
            let (a, b) = (load::<T, 8>(mem, a, index)?, load::<T, 8>(mem, b, index)?);
            let mut values = [U::default(); 8];
            for lane in 0..8 {
                values[lane] = f(a[lane], b[lane]);
            }
            store(mem, to, index, values)
        },
        #[inline(always)]
        |mem, index| {
            let value = f(one(mem, a, index)?, one(mem, b, index)?);
            put(mem, to, index, value)
        },
    )
}

/// `to[i] = f(a[i])`.
#[inline(always)]
pub(super) fn map<T: Number, U: Number>(
    mem: &mut [u8],
    to: Ptr,
    a: Ptr,
    count: i32,
    f: impl Fn(T) -> U,
) -> Checked {
    zip(
        mem,
        to,
        a,
        a,
        count,
        #[inline(always)]
        |value, _| f(value),
    )
}
