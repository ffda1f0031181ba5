//! The inner loop of zlib's decompressor: literals and matches of a deflate block (RFC 1951, 3.2.3), by
//! tables that zlib has made of the block's codes.

use super::Trap;
use super::guest::{Checked, Ptr, bytes, bytes_mut, slice, slice_mut};
use super::runs::copy_forward;

/// How a run ended; the numbers are the guest's.
const MORE: u32 = 0;
const END_OF_BLOCK: u32 = 1;
const BAD_LITERAL: u32 = 2;
const BAD_DISTANCE: u32 = 3;
const TOO_FAR: u32 = 4;

/// Bytes of input that are looked at together.
const AHEAD: i64 = 8;

/// The longest match.
const LONGEST: i64 = 258;

/// Literals that are taken together: so many of the longest codes are always there.
const LITERALS: usize = 3;

/// Bits of a length and of a distance, with those that follow: 15 and 5, 15 and 13.
const MATCH_BITS: u32 = 48;

/// The state that the guest gives and gets back, `uint32_t` each: the next byte of input and their
/// number, of output and their number, the beginning of this output; the window of earlier output, its size,
/// how much of it is filled and where it goes on; the tables for lengths and distances and the bits
/// of their first level; bits that were taken from the input, and how many; how the run ended.
const FIELDS: usize = 16;

/// An entry of a table: what to do, bits of the code, a value.
#[derive(Clone, Copy)]
struct Code {
    op: u32,
    bits: u32,
    value: u32,
}

#[inline(always)]
fn code(mem: &[u8], table: u32, index: u64) -> Checked<Code> {
    let [op, bits, low, high] = *bytes(mem, i64::from(table) + 4 * (index as i64))?;
    Ok(Code {
        op: op.into(),
        bits: u32::from(bits) & 15,
        value: u16::from_le_bytes([low, high]).into(),
    })
}

/// Bits that are there to be used, the next one lowest.
#[derive(Clone, Copy)]
struct Bits {
    hold: u64,
    count: u32,
}

impl Bits {
    #[inline(always)]
    fn take(&mut self, count: u32) -> u64 {
        let value = self.hold & ((1 << count) - 1);
        self.hold >>= count;
        // Tables of a correct block never use more than there is; see the check in the loop.
        self.count = self.count.wrapping_sub(count);
        value
    }

    /// Takes what comes next if it is a literal that the table's first level has.
    #[inline(always)]
    fn literal(&mut self, mem: &[u8], table: u32, mask: u64) -> Checked<Option<u8>> {
        let first = code(mem, table, self.hold & mask)?;
        if first.op != 0 {
            return Ok(None);
        }
        self.take(first.bits);
        Ok(Some(first.value as u8))
    }

    /// The code that comes next, its bits taken.
    #[inline(always)]
    fn next(&mut self, mem: &[u8], table: u32, mask: u64) -> Checked<Code> {
        let first = code(mem, table, self.hold & mask)?;
        self.take(first.bits);
        if first.op & (16 | 64) != 0 || first.op == 0 {
            return Ok(first);
        }
        let index = u64::from(first.value) + (self.hold & ((1 << (first.op & 15)) - 1));
        let second = code(mem, table, index)?;
        self.take(second.bits);
        // There are no more than two levels.
        if second.op != 0 && second.op & (16 | 64) == 0 {
            return Err(Trap::MemoryOutOfBounds);
        }
        Ok(second)
    }
}

/// Decodes until the block ends, is found to be wrong, or input may not be enough for another match or output
/// is not.
#[inline(always)]
pub(super) fn run(mem: &mut [u8], state: Ptr) -> Checked {
    let mut fields = [0u32; FIELDS];
    for (field, word) in fields
        .iter_mut()
        .zip(slice(mem, state.into(), 4 * FIELDS)?.as_chunks::<4>().0)
    {
        *field = u32::from_le_bytes(*word);
    }
    let [
        input,
        available,
        output,
        room,
        begin,
        window,
        window_size,
        filled,
        next,
        lengths,
        distances,
        length_bits,
        distance_bits,
        hold,
        count,
        _,
    ] = fields;
    let (mut from, input_end) = (i64::from(input), i64::from(input) + i64::from(available));
    let (mut to, output_end) = (i64::from(output), i64::from(output) + i64::from(room));
    let begin = i64::from(begin);
    // All output is written through one check: a run that goes over its room would be the guest's mistake.
    slice(mem, i64::from(output), room as usize)?;
    let length_mask = (1u64 << (length_bits & 15)) - 1;
    let distance_mask = (1u64 << (distance_bits & 15)) - 1;
    // More than one byte where the input ended within a code. Bits above them are the input's next.
    if count > 32 {
        return Err(Trap::MemoryOutOfBounds);
    }
    let mut bits = Bits {
        hold: hold.into(),
        count,
    };
    let earlier = Window {
        at: window.into(),
        size: window_size.into(),
        filled: filled.into(),
        next: next.into(),
    };
    let mut status = MORE;
    'codes: while input_end - from >= AHEAD && to < output_end {
        let word = u64::from_le_bytes(*bytes(mem, from)?);
        bits.hold |= word << bits.count;
        from += i64::from((63 - bits.count) >> 3);
        bits.count |= 56;
        for _ in 0..LITERALS {
            let Some(literal) = bits.literal(mem, lengths, length_mask)? else {
                break;
            };
            *bytes_mut(mem, to)? = [literal];
            to += 1;
            if to == output_end {
                continue 'codes;
            }
        }
        // Enough for a length and a distance in any case.
        if bits.count < MATCH_BITS {
            continue;
        }
        let before = bits;
        let symbol = bits.next(mem, lengths, length_mask)?;
        if symbol.op == 0 {
            *bytes_mut(mem, to)? = [symbol.value as u8];
            to += 1;
        } else if symbol.op & 16 != 0 {
            let length = i64::from(symbol.value) + bits.take(symbol.op & 15) as i64;
            let symbol = bits.next(mem, distances, distance_mask)?;
            if symbol.op & 16 == 0 {
                status = BAD_DISTANCE;
                break;
            }
            let distance = i64::from(symbol.value) + bits.take(symbol.op & 15) as i64;
            if distance - (to - begin) > earlier.filled {
                status = TOO_FAR;
                break;
            }
            // A length of 0 with codes of no bits would go on for ever.
            if !(1..=LONGEST).contains(&length) || distance == 0 {
                return Err(Trap::MemoryOutOfBounds);
            }
            if length > output_end - to {
                bits = before;
                break;
            }
            earlier.copy(mem, to, begin, distance, length)?;
            to += length;
        } else {
            status = if symbol.op & 32 != 0 {
                END_OF_BLOCK
            } else {
                BAD_LITERAL
            };
            break;
        }
        if bits.count > 63 {
            return Err(Trap::MemoryOutOfBounds);
        }
    }
    // Whole bytes go back.
    let spare = bits.count.min(63) >> 3;
    bits.count &= 7;
    from -= i64::from(spare);
    fields[0] = from as u32;
    fields[1] = (input_end - from) as u32;
    fields[2] = to as u32;
    fields[3] = (output_end - to) as u32;
    fields[13] = (bits.hold & ((1 << bits.count) - 1)) as u32;
    fields[14] = bits.count;
    fields[15] = status;
    let words = slice_mut(mem, state.into(), 4 * FIELDS)?;
    for (word, field) in words.as_chunks_mut::<4>().0.iter_mut().zip(fields) {
        *word = field.to_le_bytes();
    }
    Ok(())
}

/// Output of earlier runs, in a ring.
struct Window {
    at: i64,
    size: i64,
    filled: i64,
    next: i64,
}

impl Window {
    /// Copies `length` bytes from `distance` before `to`, which may be before this run's `begin`.
    #[inline(always)]
    fn copy(&self, mem: &mut [u8], to: i64, begin: i64, distance: i64, length: i64) -> Checked {
        let (mut to, mut length) = (to, length);
        let mut before = distance - (to - begin);
        while before > 0 && length > 0 {
            // Where the ring goes on at its beginning, the rest is the second part.
            let from = if before > self.next {
                self.size + self.next - before
            } else {
                self.next - before
            };
            let part = before.min(length).min(self.size - from);
            if from < 0 || part <= 0 {
                return Err(Trap::MemoryOutOfBounds);
            }
            copy_forward(mem, self.at + from, to, part as usize)?;
            (to, length, before) = (to + part, length - part, before - part);
        }
        if length > 0 {
            copy_forward(mem, to - distance, to, length as usize)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tables of no engine: a match of length 0, by codes of no bits.
    #[test]
    fn a_match_without_bits_or_length_ends_the_run() {
        let mut mem = vec![0; 1 << 16];
        let state: [u32; FIELDS] = [
            0x1000, 64, 0x2000, 64, 0x2000, 0, 1, 1, 0, 0x3000, 0x3004, 0, 0, 0, 0, 0,
        ];
        for (at, field) in state.iter().enumerate() {
            mem[0x400 + 4 * at..][..4].copy_from_slice(&field.to_le_bytes());
        }
        mem[0x3000..0x3008].copy_from_slice(&[16, 0, 0, 0, 16, 0, 1, 0]);
        assert!(matches!(run(&mut mem, 0x400), Err(Trap::MemoryOutOfBounds)));
    }
}
