//! What zlib's compressor does byte for byte (RFC 1951, 4): it looks for an earlier occurrence of what comes
//! next, prefers a longer match one byte later, and counts the symbols. The same matches are found, so the
//! compressed bytes are the same.

use std::ops::Range;

use super::Trap;
use super::guest::{Checked, Ptr, slice_mut};
use super::numbers::{load, store};

/// Bytes of the window, of which the later half is what is being compressed.
const WINDOW: usize = 2 * POSITIONS;

/// Positions that are remembered, and hashes of three bytes.
const POSITIONS: usize = 1 << 15;
const HASHES: usize = 1 << 15;

/// The longest and the shortest match that deflate has (RFC 1951, 3.2.5).
const LONGEST: usize = 258;
const SHORTEST: usize = 3;

/// Bytes that have to be there for another step: a match, and a hash after it.
const AHEAD: usize = LONGEST + SHORTEST + 1;

/// The farthest match that is looked for, and the farthest of the shortest ones that is worth its bits.
const FARTHEST: usize = POSITIONS - AHEAD;
const FARTHEST_SHORT: u32 = 4096;

/// Matches up to this length are left out of data that a filter has made random.
const SHORT: usize = 5;

/// More positions than a chain has.
const MOST_STEPS: u32 = 1 << 16;

/// Positions that one call looks at, about: the guest goes on by itself for a byte and calls again, so that
/// a cancel is seen between.
const WORK: u32 = 1 << 22;

/// Bytes of a symbol: a distance and a length, or 0 and a literal.
const SYMBOL: usize = 3;

/// Symbols for literals, the end of a block and lengths; for distances.
const LITERALS: usize = 286;
const DISTANCES: usize = 30;

/// The symbol of the shortest match.
const FIRST_LENGTH: usize = 257;

/// The symbol of each length, from the shortest on: four of a size after the first eight, then four of twice
/// the size, and one of the longest alone.
const LENGTH_SYMBOLS: [u16; 256] = {
    let mut symbols = [0; 256];
    let mut length = 0usize;
    while length < 256 {
        let symbol = if length < 8 {
            length
        } else if length == 255 {
            28
        } else {
            let bits = length.ilog2() as usize - 2;
            4 * bits + (length >> bits)
        };
        symbols[length] = (FIRST_LENGTH + symbol) as u16;
        length += 1;
    }
    symbols
};

/// The symbol of a distance less one: two of a size after the first four, then two of twice the size.
#[inline(always)]
fn distance_symbol(distance: u16) -> usize {
    let bits = (u32::from(distance) | 1).ilog2().saturating_sub(1);
    (2 * bits + (u32::from(distance) >> bits)) as usize
}

/// The state that the guest gives, `uint32_t` each: the window; for each position the earlier one of the same
/// hash, for each hash the last position; symbols and how many bytes of them a block has; the counts of
/// symbols for literals and lengths, and for distances, each followed by two bytes of something else; how many
/// positions are looked at, up to which length a longer match is looked for, from which length on at fewer
/// positions, which is long enough; whether short matches are left out.
const GIVEN: usize = 12;

/// What it gets back: where the next symbol goes; the hash; the position, and how many bytes there are from it on;
/// whether the byte before it waits to be written; the length of its match and where the last match
/// was found; both of the position before.
const CHANGED: usize = 9;

/// Goes on as long as there is input for another step and room for its symbol and one more.
#[inline(always)]
pub(super) fn run(mem: &mut [u8], state: Ptr) -> Checked {
    let outside = Trap::MemoryOutOfBounds;
    let given = load::<i32, GIVEN>(mem, state, 0)?;
    let changed = load::<i32, CHANGED>(mem, state, GIVEN as i64)?;
    let given = |index: usize| given[index].cast_unsigned();
    let changed = |index: usize| changed[index].cast_unsigned();
    let (end, chain, lazy) = (given(4) as usize, given(7), given(8) as usize);
    let (good, nice, filtered) = (given(9) as usize, given(10) as usize, given(11) != 0);
    let mut next = changed(0) as usize;
    let mut hash = changed(1);
    let (mut start, mut ahead) = (changed(2) as usize, changed(3) as usize);
    let mut waits = changed(4);
    let (mut length, mut found) = (changed(5) as usize, changed(6));
    let (mut past_length, mut past_found) = (changed(7) as usize, changed(8));
    if start > WINDOW
        || ahead > WINDOW - start
        || length > LONGEST
        || !(4..=MOST_STEPS).contains(&chain)
    {
        return Err(outside);
    }
    let places = [
        place(given(0), WINDOW)?,
        place(given(1), 2 * POSITIONS)?,
        place(given(2), 2 * HASHES)?,
        place(given(3), end)?,
        place(given(5), 4 * LITERALS)?,
        place(given(6), 4 * DISTANCES)?,
    ];
    let Ok([window, previous, heads, symbols, literals, distances]) = mem.get_disjoint_mut(places)
    else {
        return Err(outside);
    };
    let (Some(window), Some(previous), Some(heads), Some(literals), Some(distances)) = (
        window.first_chunk::<WINDOW>(),
        previous
            .as_chunks_mut::<2>()
            .0
            .first_chunk_mut::<POSITIONS>(),
        heads.as_chunks_mut::<2>().0.first_chunk_mut::<HASHES>(),
        literals
            .as_chunks_mut::<4>()
            .0
            .first_chunk_mut::<LITERALS>(),
        distances
            .as_chunks_mut::<4>()
            .0
            .first_chunk_mut::<DISTANCES>(),
    ) else {
        return Err(outside);
    };
    let mut chains = Chains { previous, heads };
    let mut work = WORK;
    while ahead >= AHEAD && next < end.saturating_sub(SYMBOL) && work > 0 {
        let first = chains.insert(window, &mut hash, start)?;
        (past_length, past_found) = (length, found);
        length = SHORTEST - 1;
        if first != 0 && past_length < lazy && start.wrapping_sub(first) <= FARTHEST {
            let search = Search {
                window,
                previous: chains.previous,
                start,
                first,
                limit: start.saturating_sub(FARTHEST),
                chain: if past_length >= good {
                    chain >> 2
                } else {
                    chain
                },
                nice,
            };
            let (best, at, steps) = search.run(past_length)?;
            work = work.saturating_sub(steps);
            length = best;
            if let Some(at) = at {
                found = at as u32;
            }
            let far = (start as u32).wrapping_sub(found) > FARTHEST_SHORT;
            if length <= SHORT && (filtered || (length == SHORTEST && far)) {
                length = SHORTEST - 1;
            }
        }
        let Some(symbol) = symbols.get_mut(next..).and_then(<[u8]>::first_chunk_mut) else {
            return Err(outside);
        };
        if past_length >= SHORTEST && length <= past_length {
            // The match of the byte before is no worse.
            let distance = (start as u32).wrapping_sub(1).wrapping_sub(past_found) as u16;
            let [low, high] = distance.to_le_bytes();
            let size = (past_length - SHORTEST) as u8;
            *symbol = [low, high, size];
            next += SYMBOL;
            count(&mut literals[usize::from(LENGTH_SYMBOLS[usize::from(size)])]);
            match distances.get_mut(distance_symbol(distance.wrapping_sub(1))) {
                Some(symbol) => count(symbol),
                None => return Err(outside),
            }
            ahead -= past_length - 1;
            for _ in 0..past_length - 2 {
                start += 1;
                chains.insert(window, &mut hash, start)?;
            }
            start += 1;
            (past_length, length, waits) = (0, SHORTEST - 1, 0);
            continue;
        }
        if waits != 0 {
            let Some(literal) = window.get(start.wrapping_sub(1)) else {
                return Err(outside);
            };
            *symbol = [0, 0, *literal];
            next += SYMBOL;
            count(&mut literals[usize::from(*literal)]);
        }
        waits = 1;
        start += 1;
        ahead -= 1;
    }
    let changed = [
        next as u32,
        hash,
        start as u32,
        ahead as u32,
        waits,
        length as u32,
        found,
        past_length as u32,
        past_found,
    ];
    store(
        mem,
        state,
        GIVEN as i64,
        changed.map(
            #[inline(always)]
            |field| field.cast_signed(),
        ),
    )
}

/// Where so many bytes are.
#[inline(always)]
fn place(at: Ptr, length: usize) -> Checked<Range<usize>> {
    match (at as usize).checked_add(length) {
        Some(end) => Ok(at as usize..end),
        None => Err(Trap::MemoryOutOfBounds),
    }
}

/// One more of a symbol.
#[inline(always)]
fn count(symbol: &mut [u8; 4]) {
    let [low, high, ..] = *symbol;
    let [low, high] = u16::from_le_bytes([low, high])
        .wrapping_add(1)
        .to_le_bytes();
    (symbol[0], symbol[1]) = (low, high);
}

/// Positions by their hashes: the last one of each, and before each the one before.
struct Chains<'a> {
    previous: &'a mut [[u8; 2]; POSITIONS],
    heads: &'a mut [[u8; 2]; HASHES],
}

impl Chains<'_> {
    /// Puts a position to the others of its hash, which goes on by the last of its three bytes. Gives the one
    /// before, or 0.
    #[inline(always)]
    fn insert(&mut self, window: &[u8; WINDOW], hash: &mut u32, start: usize) -> Checked<usize> {
        let Some(byte) = window.get(start + SHORTEST - 1) else {
            return Err(Trap::MemoryOutOfBounds);
        };
        *hash = (*hash << 5 ^ u32::from(*byte)) % HASHES as u32;
        let head = &mut self.heads[*hash as usize];
        let first = *head;
        self.previous[start % POSITIONS] = first;
        *head = (start as u16).to_le_bytes();
        Ok(u16::from_le_bytes(first).into())
    }
}

/// What is looked for and where: an earlier occurrence of the bytes at `start`, from `first` on while
/// positions are over `limit`, at so many. A length of `nice` ends the search.
struct Search<'a> {
    window: &'a [u8; WINDOW],
    previous: &'a [[u8; 2]; POSITIONS],
    start: usize,
    first: usize,
    limit: usize,
    chain: u32,
    nice: usize,
}

impl Search<'_> {
    /// The longest length over `best`, where, and how many positions were looked at.
    #[inline(always)]
    fn run(&self, mut best: usize) -> Checked<(usize, Option<usize>, u32)> {
        let outside = || Trap::MemoryOutOfBounds;
        let Some(next) = self.window.get(self.start..).and_then(<[u8]>::first_chunk) else {
            return Err(outside());
        };
        let mut end = End::new(next, best)?;
        let (mut at, mut result) = (self.first, None);
        let mut steps = 0;
        while steps < self.chain {
            steps += 1;
            let Some(eight) = self.window.get(at + end.at..).and_then(<[u8]>::first_chunk) else {
                return Err(outside());
            };
            if (u64::from_le_bytes(*eight) ^ end.word) & end.mask == 0 {
                let Some(candidate) = self.window.get(at..).and_then(<[u8]>::first_chunk) else {
                    return Err(outside());
                };
                let common = common(candidate, next);
                if common > best {
                    (best, result) = (common, Some(at));
                    if common >= self.nice {
                        break;
                    }
                    end = End::new(next, best)?;
                }
            }
            at = u16::from_le_bytes(self.previous[at % POSITIONS]).into();
            if at <= self.limit {
                break;
            }
        }
        Ok((best, result, steps))
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

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW_AT: usize = 1 << 10;
    const PREVIOUS_AT: usize = WINDOW_AT + WINDOW;
    const HEADS_AT: usize = PREVIOUS_AT + 2 * POSITIONS;
    const SYMBOLS_AT: usize = HEADS_AT + 2 * HASHES;
    const SYMBOLS_END: usize = 1 << 17;
    const LITERALS_AT: usize = SYMBOLS_AT + SYMBOLS_END;
    const DISTANCES_AT: usize = LITERALS_AT + 4 * LITERALS;

    /// A hostile guest's tables: each position comes before itself, so that every search takes as many steps
    /// as it may, and the window has no match that would end one.
    fn endless_chains() -> Vec<u8> {
        let mut mem = vec![0; DISTANCES_AT + 4 * DISTANCES];
        let mut random = 1u32;
        for byte in &mut mem[WINDOW_AT..][..WINDOW] {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *byte = (random >> 24) as u8;
        }
        for (position, entry) in mem[PREVIOUS_AT..][..2 * POSITIONS]
            .as_chunks_mut::<2>()
            .0
            .iter_mut()
            .enumerate()
        {
            *entry = (position as u16).to_le_bytes();
        }
        for head in mem[HEADS_AT..][..2 * HASHES].as_chunks_mut::<2>().0 {
            *head = 1u16.to_le_bytes();
        }
        mem
    }

    #[test]
    fn one_call_looks_at_no_more_positions_than_a_cancel_can_wait_for() {
        let mut mem = endless_chains();
        let places = [WINDOW_AT, PREVIOUS_AT, HEADS_AT, SYMBOLS_AT];
        let (lazy, nice, start, ahead) = (LONGEST, LONGEST, 10, 30_000);
        let state: Vec<u32> = places
            .map(|place| place as u32)
            .into_iter()
            .chain([SYMBOLS_END, LITERALS_AT, DISTANCES_AT].map(|place| place as u32))
            .chain([MOST_STEPS, lazy as u32, LONGEST as u32, nice as u32, 0])
            .chain([0, 0, start, ahead, 0, SHORTEST as u32 - 1, 0, 0, 0])
            .collect();
        assert_eq!(state.len(), GIVEN + CHANGED);
        for (word, value) in mem.as_chunks_mut::<4>().0.iter_mut().zip(&state) {
            *word = value.to_le_bytes();
        }
        run(&mut mem, 0).expect("the tables are inside");
        let changed = load::<i32, CHANGED>(&mem, 0, GIVEN as i64).expect("it is inside");
        let steps = changed[2].cast_unsigned() - start;
        assert_eq!(changed[3].cast_unsigned(), ahead - steps);
        // Each took all its steps: 64 positions at 65,536 steps use the work of a call up.
        assert!(
            (WORK / MOST_STEPS..WORK / MOST_STEPS + 8).contains(&steps),
            "{steps} positions in one call"
        );
    }
}
