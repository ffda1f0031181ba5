//! Pictures mirrored and turned: elements of one to four bytes moved, none computed.

use super::Trap;
use super::guest::{Checked, Ptr, bytes, bytes_mut, slice, slice_mut};

/// Elements that are mirrored at a time.
const WIDE: usize = 16;

/// Copies `width` elements of `N` bytes, the last one of which is first at `dst`: `src` is the address of
/// the row's last element.
#[inline(always)]
pub(super) fn flip_row<const N: usize>(mem: &mut [u8], src: Ptr, dst: Ptr, width: i32) -> Checked {
    let (src, dst, width) = (i64::from(src), i64::from(dst), i64::from(width));
    let size = N as i64;
    if width > mem.len() as i64 {
        return Err(Trap::MemoryOutOfBounds);
    }
    let mut at = 0;
    while at + WIDE as i64 <= width {
        let from = slice(mem, src - size * (at + WIDE as i64 - 1), N * WIDE)?;
        let elements = from.as_chunks::<N>().0.first_chunk::<WIDE>();
        let elements = *elements.ok_or(Trap::MemoryOutOfBounds)?;
        let to = slice_mut(mem, dst + size * at, N * WIDE)?
            .as_chunks_mut::<N>()
            .0;
        let to = to
            .first_chunk_mut::<WIDE>()
            .ok_or(Trap::MemoryOutOfBounds)?;
        for x in 0..WIDE {
            to[x] = elements[WIDE - 1 - x];
        }
        at += WIDE as i64;
    }
    while at < width {
        let element = *bytes::<N>(mem, src - size * at)?;
        *bytes_mut(mem, dst + size * at)? = element;
        at += 1;
    }
    Ok(())
}

/// Makes eight columns of elements of `N` bytes rows.
#[inline(always)]
pub(super) fn transpose<const N: usize>(
    mem: &mut [u8],
    src: Ptr,
    src_stride: i32,
    dst: Ptr,
    dst_stride: i32,
) -> Checked {
    let (src, dst) = (i64::from(src), i64::from(dst));
    let mut turned = [[[0; N]; 8]; 8];
    for x in 0..8 {
        let from = slice(mem, src + x as i64 * i64::from(src_stride), 8 * N)?;
        let elements = from.as_chunks::<N>().0.first_chunk::<8>();
        let elements = elements.ok_or(Trap::MemoryOutOfBounds)?;
        for (row, element) in turned.iter_mut().zip(elements) {
            row[x] = *element;
        }
    }
    for (y, row) in turned.iter().enumerate() {
        let to = slice_mut(mem, dst + y as i64 * i64::from(dst_stride), 8 * N)?;
        let to = to.as_chunks_mut::<N>().0.first_chunk_mut::<8>();
        *to.ok_or(Trap::MemoryOutOfBounds)? = *row;
    }
    Ok(())
}
