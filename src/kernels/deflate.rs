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
    let length_of_chain = entries.checked_mul(2).ok_or_else(outside)?;
    let chains = slice(mem, previous.into(), length_of_chain)?;
    let chains = chains.as_chunks::<2>().0;
    let next: &[u8; LONGEST] = bytes
        .get(start as usize..)
        .and_then(<[u8]>::first_chunk)
        .ok_or_else(outside)?;
    let search = Search {
        bytes,
        next,
        first: first as usize,
        limit: limit as usize,
        chain,
        nice: nice.min(lookahead) as usize,
    };
    let (best, result) = match chains.first_chunk::<USUAL_ENTRIES>() {
        // Every index is within the table, which the compiler sees.
        Some(chains) if entries == USUAL_ENTRIES => search.run(
            length as usize,
            #[inline(always)]
            |at| Some(u16::from_le_bytes(chains[at % USUAL_ENTRIES])),
        )?,
        _ => search.run(
            length as usize,
            #[inline(always)]
            |at| Some(u16::from_le_bytes(*chains.get(at & mask as usize)?)),
        )?,
    };
    if let Some(at) = result {
        *bytes_mut(mem, found.into())? = (at as u32).to_le_bytes();
    }
    Ok((best as u32).min(lookahead).cast_signed())
}

/// Positions of the largest window.
const USUAL_ENTRIES: usize = 1 << 15;

/// What is looked for and where.
struct Search<'a> {
    bytes: &'a [u8],
    next: &'a [u8; LONGEST],
    first: usize,
    limit: usize,
    chain: u32,
    nice: usize,
}

impl Search<'_> {
    /// The longest length over `best`, and where; `earlier` gives the position before one.
    #[inline(always)]
    fn run(
        &self,
        mut best: usize,
        earlier: impl Fn(usize) -> Option<u16>,
    ) -> Checked<(usize, Option<usize>)> {
        let mut end = End::new(self.next, best)?;
        let (mut at, mut result) = (self.first, None);
        let mut steps = self.chain.wrapping_sub(1).min(MOST_STEPS);
        loop {
            let place = at.saturating_add(end.at);
            let Some(eight) = self.bytes.get(place..).and_then(<[u8]>::first_chunk) else {
                return Err(Trap::MemoryOutOfBounds);
            };
            if (u64::from_le_bytes(*eight) ^ end.word) & end.mask == 0 {
                let candidate = self.bytes.get(at..).and_then(<[u8]>::first_chunk);
                let common = common(candidate.ok_or(Trap::MemoryOutOfBounds)?, self.next);
                if common > best {
                    (best, result) = (common, Some(at));
                    if common >= self.nice {
                        break;
                    }
                    end = End::new(self.next, best)?;
                }
            }
            match earlier(at) {
                Some(entry) => at = entry.into(),
                None => return Err(Trap::MemoryOutOfBounds),
            }
            if at <= self.limit {
                break;
            }
            if steps == 0 {
                if self.chain.wrapping_sub(1) > MOST_STEPS {
                    return Err(Trap::MemoryOutOfBounds);
                }
                break;
            }
            steps -= 1;
        }
        Ok((best, result))
    }
}

/// The last eight bytes of a match that is longer than the best so far, or as many as it has.
struct End {
    at: usize,
    word: u64,
    mask: u64,
}

impl End {
    #[inline(always)]
    fn new(next: &[u8; LONGEST], best: usize) -> Checked<Self> {
        // A match of full length ends the search before this.
        if !(1..LONGEST).contains(&best) {
            return Err(Trap::MemoryOutOfBounds);
        }
        let at = best.saturating_sub(7);
        let mut word = [0; 8];
        word.copy_from_slice(&next[at..at + 8]);
        let missing = 7usize.saturating_sub(best) as u32;
        Ok(Self {
            at,
            word: u64::from_le_bytes(word),
            mask: u64::MAX >> (8 * missing),
        })
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
