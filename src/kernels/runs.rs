//! Short runs of bytes, copied and filled without calls: a call costs more than most of them.

use super::guest::{Checked, bytes, bytes_mut};

/// Copies `count` bytes one after the other, so that what was just written may be read again.
#[inline(always)]
pub(super) fn copy_forward(mem: &mut [u8], from: i64, to: i64, count: usize) -> Checked {
    let apart = to - from;
    if apart >= 16 || apart >= count as i64 || apart <= -16 {
        copy(mem, from, to, count)
    } else if apart >= 8 {
        pieces::<8>(mem, from, to, count)
    } else if apart >= 4 {
        pieces::<4>(mem, from, to, count)
    } else if apart == 1 {
        let [value] = *bytes(mem, from)?;
        fill(mem, to, count, value)
    } else {
        for index in 0..count as i64 {
            *bytes_mut::<1>(mem, to + index)? = *bytes(mem, from + index)?;
        }
        Ok(())
    }
}

/// Copies `count` bytes to where they do not meet themselves within 16 bytes.
#[inline(always)]
pub(super) fn copy(mem: &mut [u8], from: i64, to: i64, count: usize) -> Checked {
    match count {
        16.. => pieces::<16>(mem, from, to, count),
        8.. => pieces::<8>(mem, from, to, count),
        4.. => pieces::<4>(mem, from, to, count),
        2.. => pieces::<2>(mem, from, to, count),
        1 => piece::<1>(mem, from, to),
        _ => Ok(()),
    }
}

/// Copies at least `N` bytes. The last piece ends where the run ends: what it writes again, it reads again.
#[inline(always)]
fn pieces<const N: usize>(mem: &mut [u8], from: i64, to: i64, count: usize) -> Checked {
    let (count, size) = (count as i64, N as i64);
    let mut at = 0;
    while at + size <= count {
        piece::<N>(mem, from + at, to + at)?;
        at += size;
    }
    if at < count {
        piece::<N>(mem, from + count - size, to + count - size)?;
    }
    Ok(())
}

#[inline(always)]
fn piece<const N: usize>(mem: &mut [u8], from: i64, to: i64) -> Checked {
    let piece: [u8; N] = *bytes(mem, from)?;
    *bytes_mut(mem, to)? = piece;
    Ok(())
}

/// Writes `count` bytes of one value.
#[inline(always)]
pub(super) fn fill(mem: &mut [u8], to: i64, count: usize, value: u8) -> Checked {
    match count {
        16.. => filled::<16>(mem, to, count, value),
        8.. => filled::<8>(mem, to, count, value),
        4.. => filled::<4>(mem, to, count, value),
        2.. => filled::<2>(mem, to, count, value),
        1 => filled::<1>(mem, to, count, value),
        _ => Ok(()),
    }
}

#[inline(always)]
fn filled<const N: usize>(mem: &mut [u8], to: i64, count: usize, value: u8) -> Checked {
    let (count, size) = (count as i64, N as i64);
    let mut at = 0;
    while at + size <= count {
        *bytes_mut(mem, to + at)? = [value; N];
        at += size;
    }
    if at < count {
        *bytes_mut(mem, to + count - size)? = [value; N];
    }
    Ok(())
}
