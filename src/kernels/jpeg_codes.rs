//! Huffman codes of JPEG (ITU-T T.81, annex K.2 and F.1.2): how long the codes for a picture should be, and
//! the codes themselves with the bits that follow them.

use super::Trap;
use super::guest::{Checked, Ptr, bytes, bytes_mut, int, pointer, slice, slice_mut};

/// Values of a table: bytes, and one more so that no code has only ones.
const VALUES: usize = 257;

/// More than twice as many: values, and pairs of what the next shorter codes have.
const ENTRIES: usize = 2 * VALUES + 1;

/// Values of the tables for the first coefficients.
const DC_CODES: usize = 12;

/// The longest code of JPEG.
const LONGEST: usize = 16;

/// The lengths of the best code of at most `longest` bits, by coins of each length that are bought in
/// pairs (Larmore and Hirschberg, J. ACM 37, 1990). `table` has values and their frequencies, the rarest
/// first; for each value, its length is added to what is in `lengths`.
#[inline(always)]
pub(super) fn lengths(
    mem: &mut [u8],
    table: Ptr,
    size: i32,
    longest: i32,
    lengths: Ptr,
) -> Checked {
    let outside = Trap::MemoryOutOfBounds;
    let (Ok(size), Ok(longest)) = (usize::try_from(size), usize::try_from(longest)) else {
        return Err(outside);
    };
    if size > VALUES || longest > LONGEST || longest == 0 {
        return Err(outside);
    }
    let mut values = [0usize; VALUES];
    let mut frequencies = [0i32; VALUES];
    let pairs = slice(mem, table.into(), 8 * size)?.as_chunks::<8>().0;
    for (index, [a, b, c, d, e, f, g, h]) in pairs.iter().enumerate() {
        let value = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
        if value >= VALUES {
            return Err(outside);
        }
        values[index] = value;
        frequencies[index] = i32::from_le_bytes([*e, *f, *g, *h]);
    }
    // For each length, which of the sorted coins is a value's own; all others are pairs of the length before.
    let mut own = [[false; ENTRIES]; LONGEST];
    let mut before = ([0i32; ENTRIES], 0);
    for own in own.iter_mut().take(longest) {
        before = merged(&frequencies[..size], &before, own);
    }
    // Of the last, all that are paired but what one value less needs.
    let mut taken = 2 * (size.saturating_sub(1)).min(before.1 / 2);
    let mut counts = [0i32; VALUES];
    for own in own[..longest].iter().rev() {
        let mut values = 0;
        for is_own in &own[..taken] {
            values += usize::from(*is_own);
        }
        for count in &mut counts[..values] {
            *count += 1;
        }
        taken = 2 * (taken - values);
    }
    let out = slice_mut(mem, lengths.into(), 4 * VALUES)?
        .as_chunks_mut::<4>()
        .0;
    for (value, count) in values[..size].iter().zip(counts) {
        let length = i32::from_le_bytes(out[*value]).wrapping_add(count);
        out[*value] = length.to_le_bytes();
    }
    Ok(())
}

/// Sorts values and pairs of what was there before, pairs first where they are equal; says which are values.
#[inline(always)]
fn merged(
    frequencies: &[i32],
    (before, count): &([i32; ENTRIES], usize),
    own: &mut [bool; ENTRIES],
) -> ([i32; ENTRIES], usize) {
    let mut all = [0; ENTRIES];
    let (mut value, mut pair, mut next) = (0, 0, 0);
    // There are never more than twice as many as values.
    while next < ENTRIES && (value < frequencies.len() || pair + 1 < *count) {
        let sum = if pair + 1 < *count {
            Some(before[pair].wrapping_add(before[pair + 1]))
        } else {
            None
        };
        match (frequencies.get(value), sum) {
            (Some(frequency), sum) if sum.is_none_or(|sum| *frequency < sum) => {
                (all[next], own[next]) = (*frequency, true);
                value += 1;
            }
            (_, sum) => {
                all[next] = sum.unwrap_or_default();
                pair += 2;
            }
        }
        next += 1;
    }
    (all, next)
}

/// Writes codes with the bits that follow them, whole bytes of them; what is left stays with the guest. Its
/// fields, 4 bytes each: the codes (4 bytes each: the table, the value, 16 bits that follow) and their
/// number; of four tables the lengths of codes, a byte each, and the codes, two bytes each; where to
/// write and how much room there is; bits that are not written yet, and how many. Says whether there was room enough.
#[inline(always)]
pub(super) fn write(mem: &mut [u8], run: Ptr) -> Checked<i32> {
    let run = i64::from(run);
    let address = |mem: &[u8], index: i64| pointer(mem, run + 4 * index);
    let (codes, count) = (address(mem, 0)?, address(mem, 1)?);
    let mut tables = [[0u32; 256]; 4];
    for (index, table) in tables.iter_mut().enumerate() {
        let entries = if index < 2 { DC_CODES } else { 256 };
        let lengths = slice(mem, address(mem, 2 + index as i64)?.into(), entries)?;
        let values = slice(mem, address(mem, 6 + index as i64)?.into(), 2 * entries)?;
        let values = values.as_chunks::<2>().0;
        for entry in 0..entries {
            let length = u32::from(lengths[entry]).min(16);
            let value = u32::from(u16::from_le_bytes(values[entry])) & ((1 << length) - 1);
            table[entry] = length << 16 | value;
        }
    }
    let (out, room) = (address(mem, 10)?, address(mem, 11)?);
    let mut bits = Writer {
        hold: u64::from(int(mem, run + 48)?.cast_unsigned()),
        count: address(mem, 13)?,
        at: out.into(),
        end: i64::from(out) + i64::from(room),
    };
    if bits.count > 32 {
        return Err(Trap::MemoryOutOfBounds);
    }
    bits.hold &= (1 << bits.count) - 1;
    for index in 0..i64::from(count) {
        let [table, code, low, high] = *bytes(mem, i64::from(codes) + 4 * index)?;
        let entry = tables[usize::from(table & 3)][usize::from(code)];
        let follow = u32::from(code & 15);
        let extra = u64::from(u16::from_le_bytes([low, high])) & ((1 << follow) - 1);
        let all = u64::from(entry & 0xffff) << follow | extra;
        if !bits.put(mem, all, (entry >> 16) + follow)? {
            return Ok(0);
        }
    }
    while bits.count >= 8 {
        if bits.at == bits.end {
            return Ok(0);
        }
        bits.count -= 8;
        *bytes_mut(mem, bits.at)? = [(bits.hold >> bits.count) as u8];
        bits.at += 1;
    }
    let left = (bits.hold & ((1 << bits.count) - 1)) as u32;
    for (index, field) in [(10, bits.at as u32), (12, left), (13, bits.count)] {
        *bytes_mut(mem, run + 4 * index)? = field.to_le_bytes();
    }
    Ok(1)
}

/// Bits on their way out, the last one lowest; fewer than 32 between two codes.
struct Writer {
    hold: u64,
    count: u32,
    at: i64,
    end: i64,
}

impl Writer {
    #[inline(always)]
    fn put(&mut self, mem: &mut [u8], value: u64, count: u32) -> Checked<bool> {
        self.hold = self.hold << count | value;
        self.count += count;
        if self.count >= 32 {
            if self.end - self.at < 4 {
                return Ok(false);
            }
            self.count -= 32;
            *bytes_mut(mem, self.at)? = ((self.hold >> self.count) as u32).to_be_bytes();
            self.at += 4;
        }
        Ok(true)
    }
}
