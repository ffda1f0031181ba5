//! The compression of GIF (GIF 89a, appendix F): a table of strings that have been seen, each a code and a byte
//! more, which is begun anew when it is full.

use std::ops::Range;

use super::Trap;
use super::guest::{Checked, Ptr};
use super::numbers::{load, store};

/// The codes that are not a string's: the table begins anew, and the first of a string.
const CLEAR: u32 = 256;
const FIRST: u32 = 258;

/// Bits of the longest code, and of the first ones.
const MOST_BITS: u32 = 12;
const FIRST_BITS: u32 = 9;

/// Strings by hashes of what they are, twice as many as there are codes. An entry has the code of the string
/// without its last byte, that byte, and its own code, 12, 8 and 12 bits. 0 is no string.
const ENTRIES: usize = 1 << (MOST_BITS + 1);
type Table = [[u8; 4]; ENTRIES];

/// The state, 4 bytes each: a table, whose memory is this function's own between the calls; bytes and their
/// number; how many codes there may be. Then what changes: the code of the bytes so far, or -1 at the beginning; how
/// many codes there are; bits of a code; bits that wait to be written, the first one lowest, and their number; where
/// to write, and where that ends.
const FIELDS: usize = 11;
const CHANGED: usize = 4;

/// The bytes of the longest row that a picture has (GIF 89a, 18): no call has more, so none takes long.
const LONGEST: u32 = 1 << 16;

/// Goes on with so many bytes.
#[inline(always)]
pub(super) fn encode(mem: &mut [u8], run: Ptr) -> Checked {
    let outside = Trap::MemoryOutOfBounds;
    let [
        table,
        input,
        size,
        most,
        last,
        codes,
        width,
        bits,
        waiting,
        next,
        end,
    ] = load::<i32, FIELDS>(mem, run, 0)?;
    let field = |number: i32| number.cast_unsigned();
    let (table, next, end) = (field(table) as usize, field(next), field(end));
    let most = field(most);
    if !(1 << FIRST_BITS..=1 << MOST_BITS).contains(&most)
        || field(waiting) >= 32
        || field(size) > LONGEST
    {
        return Err(outside);
    }
    let Ok([table, input, out]) = mem.get_disjoint_mut([
        place(table, 4 * ENTRIES)?,
        place(field(input) as usize, field(size) as usize)?,
        next as usize..end.max(next) as usize,
    ]) else {
        return Err(outside);
    };
    let Some(table) = table.as_chunks_mut::<4>().0.first_chunk_mut::<ENTRIES>() else {
        return Err(outside);
    };
    let mut state = State {
        codes: field(codes),
        width: field(width),
        out,
        at: 0,
        bits: field(bits).into(),
        waiting: field(waiting),
    };
    let mut last = last;
    if !(FIRST_BITS..=MOST_BITS).contains(&state.width) {
        return Err(outside);
    }
    if last < 0 {
        state.clear(table)?;
    }
    if !(FIRST..most).contains(&state.codes) {
        return Err(outside);
    }
    for byte in input.iter() {
        if last < 0 {
            last = (*byte).into();
            continue;
        }
        // A code of more bits than there are would be the guest's mistake.
        let string = (last.cast_unsigned() << 8 | u32::from(*byte)) % (1 << (MOST_BITS + 8));
        last = match find(table, string)? {
            (_, Some(code)) => code.cast_signed(),
            (entry, None) => {
                state.put(last.cast_unsigned())?;
                table[entry % ENTRIES] = (string << MOST_BITS | state.codes).to_le_bytes();
                state.codes += 1;
                if state.codes > 1 << state.width {
                    state.width += 1;
                }
                if state.codes + 1 >= most {
                    state.clear(table)?;
                }
                (*byte).into()
            }
        };
    }
    let changed = [
        last.cast_unsigned(),
        state.codes,
        state.width,
        state.bits as u32,
        state.waiting,
        next + state.at as u32,
    ];
    store(
        mem,
        run,
        CHANGED as i64,
        changed.map(
            #[inline(always)]
            |field| field.cast_signed(),
        ),
    )
}

/// Where so many bytes are.
#[inline(always)]
fn place(at: usize, length: usize) -> Checked<Range<usize>> {
    match at.checked_add(length) {
        Some(end) => Ok(at..end),
        None => Err(Trap::MemoryOutOfBounds),
    }
}

/// Where a string is in the table, and its code; or where it may go.
#[inline(always)]
fn find(table: &Table, string: u32) -> Checked<(usize, Option<u32>)> {
    let first = (string.wrapping_mul(0x9e37_79b1) >> (31 - MOST_BITS)) as usize;
    // A table of the guest's making may be full.
    for step in 0..ENTRIES {
        let at = (first + step) % ENTRIES;
        let entry = u32::from_le_bytes(table[at]);
        if entry == 0 {
            return Ok((at, None));
        }
        if entry >> MOST_BITS == string {
            return Ok((at, Some(entry % (1 << MOST_BITS))));
        }
    }
    Err(Trap::MemoryOutOfBounds)
}

/// Where it writes, and what.
struct State<'m> {
    codes: u32,
    width: u32,
    out: &'m mut [u8],
    at: usize,
    bits: u64,
    waiting: u32,
}

impl State<'_> {
    /// Writes a code.
    #[inline(always)]
    fn put(&mut self, code: u32) -> Checked {
        self.bits |= u64::from(code) << self.waiting;
        self.waiting += self.width;
        if self.waiting >= 32 {
            match self
                .out
                .get_mut(self.at..)
                .and_then(<[u8]>::first_chunk_mut)
            {
                Some(word) => *word = (self.bits as u32).to_le_bytes(),
                None => return Err(Trap::MemoryOutOfBounds),
            }
            self.at += 4;
            self.bits >>= 32;
            self.waiting -= 32;
        }
        Ok(())
    }

    /// Begins the table anew.
    #[inline(always)]
    fn clear(&mut self, table: &mut Table) -> Checked {
        self.put(CLEAR)?;
        (self.codes, self.width) = (FIRST, FIRST_BITS);
        table.fill([0; 4]);
        Ok(())
    }
}
