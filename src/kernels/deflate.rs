//! The search of zlib's compressor for an earlier occurrence of the bytes that come next: the same
//! matches, so the same compressed bytes.

use super::Trap;
use super::guest::{Checked, Ptr, bytes_mut, slice, slice_mut};

/// The longest match that deflate has (RFC 1951, 3.2.5).
const LONGEST: usize = 258;

/// More positions than a window has.
const MOST_STEPS: u32 = 1 << 16;

/// Follows a chain of earlier positions, `previous` for each but for `mask`, from `first` while they
/// are over `limit`, for `chain` steps. Gives the longest length over `length` at which the bytes
/// there are those at `start`, or `length`, at most `lookahead`; the position goes to `found`. A length of
/// `nice` ends the search.
#[expect(clippy::too_many_arguments, reason = "the state of zlib's search")]
#[inline(always)]
pub(super) fn longest_match(
    mem: &mut [u8],
    window: Ptr,
    size: u32,
    previous: Ptr,
    mask: u32,
    first: u32,
    limit: u32,
    start: u32,
    length: u32,
    chain: u32,
    nice: u32,
    lookahead: u32,
    found: Ptr,
) -> Checked<i32> {
    let outside = || Trap::MemoryOutOfBounds;
    let bytes = slice(mem, window.into(), size as usize)?;
    let entries = (mask as usize).checked_add(1).ok_or_else(outside)?;
    let previous = slice(
        mem,
        previous.into(),
        entries.checked_mul(2).ok_or_else(outside)?,
    )?;
    let previous = previous.as_chunks::<2>().0;
    let mask = mask as usize;
    let next: &[u8; LONGEST] = bytes
        .get(start as usize..)
        .and_then(<[u8]>::first_chunk)
        .ok_or_else(outside)?;
    let nice = nice.min(lookahead);
    let mut best = length as usize;
    let (mut at, mut result) = (first as usize, None);
    let mut end = end_of(next, best)?;
    let begin = [next[0], next[1]];
    let mut steps = chain.wrapping_sub(1);
    let mut left = MOST_STEPS;
    loop {
        let candidate = bytes.get(at..).ok_or_else(outside)?;
        let same_end = candidate
            .get(best - 1..)
            .and_then(<[u8]>::first_chunk::<2>)
            .ok_or_else(outside)?;
        if *same_end == end && candidate.first_chunk::<2>() == Some(&begin) {
            let candidate = candidate.first_chunk::<LONGEST>().ok_or_else(outside)?;
            let common = common(candidate, next);
            if common > best {
                (best, result) = (common, Some(at));
                if common as u32 >= nice {
                    break;
                }
                end = end_of(next, best)?;
            }
        }
        at = match previous.get(at & mask) {
            Some(entry) => u16::from_le_bytes(*entry).into(),
            None => return Err(Trap::MemoryOutOfBounds),
        };
        if at <= limit as usize || steps == 0 {
            break;
        }
        steps = steps.wrapping_sub(1);
        left -= 1;
        if left == 0 {
            return Err(Trap::MemoryOutOfBounds);
        }
    }
    if let Some(at) = result {
        *bytes_mut(mem, found.into())? = (at as u32).to_le_bytes();
    }
    Ok((best as u32).min(lookahead).cast_signed())
}

/// The last two bytes of a match that is longer than `best`.
#[inline(always)]
fn end_of(next: &[u8; LONGEST], best: usize) -> Checked<[u8; 2]> {
    match best {
        // A match of full length ends the search before this.
        1..LONGEST => Ok([next[best - 1], next[best]]),
        _ => Err(Trap::MemoryOutOfBounds),
    }
}

/// How many bytes from the beginning on are equal.
#[inline(always)]
fn common(a: &[u8; LONGEST], b: &[u8; LONGEST]) -> usize {
    let (a_words, a_rest) = a.as_chunks::<8>();
    let (b_words, b_rest) = b.as_chunks::<8>();
    let mut index = 0;
    while index < a_words.len() {
        let differ = u64::from_le_bytes(a_words[index]) ^ u64::from_le_bytes(b_words[index]);
        if differ != 0 {
            return 8 * index + (differ.trailing_zeros() / 8) as usize;
        }
        index += 1;
    }
    8 * index + usize::from(a_rest[0] == b_rest[0]) + usize::from(a_rest == b_rest)
}

/// Moves positions in a table back by the size of a window; those that fall out become 0.
#[inline(always)]
pub(super) fn slide(mem: &mut [u8], table: Ptr, count: u32, by: u32) -> Checked {
    let by = u16::try_from(by).unwrap_or(u16::MAX);
    let length = (count as usize)
        .checked_mul(2)
        .ok_or(Trap::MemoryOutOfBounds)?;
    let table = slice_mut(mem, table.into(), length)?;
    for entry in table.as_chunks_mut::<2>().0 {
        *entry = u16::from_le_bytes(*entry).saturating_sub(by).to_le_bytes();
    }
    Ok(())
}
