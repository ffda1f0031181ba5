//! Loads and stores: one comparison each, a trap instead of a panic.

use crate::trap::memory_out_of_bounds;

/// The `N` bytes at `addr + offset`.
#[inline(always)]
pub(crate) fn window<const N: usize>(mem: &[u8], addr: u32, offset: u32) -> &[u8; N] {
    match range::<N>(addr, offset).and_then(|range| mem.get(range)) {
        // The range is N long.
        Some(bytes) => match bytes.first_chunk() {
            Some(chunk) => chunk,
            None => memory_out_of_bounds(),
        },
        None => memory_out_of_bounds(),
    }
}

/// The `N` bytes at `addr + offset`, to be written.
#[inline(always)]
pub(crate) fn window_mut<const N: usize>(mem: &mut [u8], addr: u32, offset: u32) -> &mut [u8; N] {
    match range::<N>(addr, offset).and_then(|range| mem.get_mut(range)) {
        Some(bytes) => match bytes.first_chunk_mut() {
            Some(chunk) => chunk,
            None => memory_out_of_bounds(),
        },
        None => memory_out_of_bounds(),
    }
}

/// On 64-bit hosts neither sum can overflow, and the compiler sees it: one comparison is left.
#[cfg(target_pointer_width = "64")]
#[inline(always)]
fn range<const N: usize>(addr: u32, offset: u32) -> Option<std::ops::Range<usize>> {
    let start = addr as usize + offset as usize;
    Some(start..start + N)
}

#[cfg(not(target_pointer_width = "64"))]
#[inline(always)]
fn range<const N: usize>(addr: u32, offset: u32) -> Option<std::ops::Range<usize>> {
    let start = addr.checked_add(offset)? as usize;
    Some(start..start.checked_add(N)?)
}

/// Traps unless the `len` bytes at `addr` are inside: one check for several accesses that follow.
#[inline(always)]
pub fn reach(mem: &[u8], addr: u32, len: u32) {
    if u64::from(addr) + u64::from(len) > mem.len() as u64 {
        memory_out_of_bounds();
    }
}

macro_rules! access {
    ($($load:ident $store:ident $type:ident;)*) => {
        $(
            /// Loads from `addr + offset`, little-endian, aligned or not; traps out of bounds.
            #[inline(always)]
            #[must_use]
            pub fn $load(mem: &[u8], addr: u32, offset: u32) -> $type {
                $type::from_le_bytes(*window(mem, addr, offset))
            }

            /// Stores at `addr + offset`, little-endian, aligned or not; traps out of bounds.
            #[inline(always)]
            pub fn $store(mem: &mut [u8], addr: u32, offset: u32, value: $type) {
                *window_mut(mem, addr, offset) = value.to_le_bytes();
            }
        )*
    };
}

access! {
    load_u8 store_u8 u8;
    load_u16 store_u16 u16;
    load_u32 store_u32 u32;
    load_u64 store_u64 u64;
}

/// `memory.copy`: checked as a whole before a byte moves; the ranges may overlap.
pub fn copy(mem: &mut [u8], to: u32, from: u32, len: u32) {
    let (to, from, len) = (u64::from(to), u64::from(from), u64::from(len));
    if to.max(from) + len > mem.len() as u64 {
        memory_out_of_bounds();
    }
    // Both ends are at most the length of a slice, so they fit.
    mem.copy_within(from as usize..(from + len) as usize, to as usize);
}

/// `memory.fill`: checked as a whole before a byte is written.
pub fn fill(mem: &mut [u8], to: u32, value: u32, len: u32) {
    let start = u64::from(to);
    let end = start + u64::from(len);
    if end > mem.len() as u64 {
        memory_out_of_bounds();
    }
    mem[start as usize..end as usize].fill(value as u8);
}

/// `memory.init`: copies from a data segment, checked as a whole before a byte is written.
pub fn init(mem: &mut [u8], segment: &[u8], to: u32, from: u32, len: u32) {
    let (to, from, len) = (u64::from(to), u64::from(from), u64::from(len));
    if to + len > mem.len() as u64 || from + len > segment.len() as u64 {
        memory_out_of_bounds();
    }
    mem[to as usize..(to + len) as usize]
        .copy_from_slice(&segment[from as usize..(from + len) as usize]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trap::{Trap, catch};

    fn traps<T>(body: impl FnOnce() -> T) -> bool {
        matches!(catch(body), Err(Trap::MemoryOutOfBounds))
    }

    #[test]
    fn every_edge_of_an_access_is_checked() {
        let mut mem = vec![0; 16];
        store_u64(&mut mem, 8, 0, 0x0102_0304_0506_0708);
        assert_eq!(load_u64(&mem, 0, 8), 0x0102_0304_0506_0708);
        assert_eq!(load_u32(&mem, 4, 8), 0x0102_0304);
        assert_eq!(load_u16(&mem, 14, 0), 0x0102);
        assert_eq!(load_u8(&mem, 15, 0), 1);
        assert!(traps(|| load_u8(&mem, 16, 0)));
        assert!(traps(|| load_u64(&mem, 9, 0)));
        assert!(traps(|| load_u64(&mem, 0, 9)));
        assert!(traps(|| load_u8(&mem, u32::MAX, u32::MAX)));
        assert!(traps(|| load_u16(&mem, u32::MAX, 1)));
        assert!(traps(|| store_u8(&mut [], 0, 0, 1)));
    }

    #[test]
    fn bulk_operations_check_first() {
        let mut mem: Vec<u8> = (0..8).collect();
        copy(&mut mem, 2, 0, 4);
        assert_eq!(mem, [0, 1, 0, 1, 2, 3, 6, 7]);
        assert!(traps(|| copy(&mut mem.clone(), 5, 0, 4)));
        assert!(traps(|| fill(&mut mem.clone(), 8, 1, 1)));
        fill(&mut mem, 8, 1, 0);
        assert!(traps(|| fill(&mut mem.clone(), 9, 1, 0)));
        assert!(traps(|| init(&mut mem.clone(), b"abc", 0, 1, 3)));
        init(&mut mem, b"abc", 6, 1, 2);
        assert_eq!(mem, [0, 1, 0, 1, 2, 3, b'b', b'c']);
        assert!(traps(|| copy(&mut mem, u32::MAX, u32::MAX, u32::MAX)));
    }
}
