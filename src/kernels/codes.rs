//! Bits of the guest's memory, read while other memory is written, and prefix codes as the engine's
//! tables have them.

use super::Trap;
use super::guest::{Checked, Ptr, bytes};

/// Bits from a position on, of each byte the most significant first.
///
/// Widths that no decoder has give wrong bits, and no more than that.
pub(super) struct Bits {
    source: i64,
    /// The byte that comes next into the window.
    at: i64,
    /// The next bits at the top, and at least how many of them there are.
    window: u64,
    count: u32,
}

/// Codes of more bits are in no table.
const LONGEST: i32 = 16;

impl Bits {
    #[inline(always)]
    pub(super) fn new(mem: &[u8], source: Ptr, position: i32) -> Checked<Self> {
        let source = i64::from(source);
        let mut bits = Self {
            source,
            at: source + i64::from(position >> 3),
            window: 0,
            count: 0,
        };
        bits.fill(mem)?;
        bits.skip(position.cast_unsigned() & 7);
        Ok(bits)
    }

    /// At least 56 bits: eight bytes of memory from the next one on.
    #[inline(always)]
    pub(super) fn fill(&mut self, mem: &[u8]) -> Checked {
        let next = *bytes(mem, self.at)?;
        self.window |= u64::from_be_bytes(next).wrapping_shr(self.count);
        self.at += i64::from(63_u32.wrapping_sub(self.count) >> 3);
        self.count |= 56;
        Ok(())
    }

    /// The number of the next bit.
    #[inline(always)]
    pub(super) fn position(&self) -> i64 {
        8 * (self.at - self.source) - i64::from(self.count)
    }

    /// The next bits of the window, up to 32.
    #[inline(always)]
    pub(super) fn peek(&self, width: u32) -> u32 {
        (self.window >> 1).wrapping_shr(63_u32.wrapping_sub(width)) as u32
    }

    #[inline(always)]
    pub(super) fn skip(&mut self, width: u32) {
        self.window = self.window.wrapping_shl(width);
        self.count = self.count.wrapping_sub(width);
    }

    #[inline(always)]
    pub(super) fn take(&mut self, width: u32) -> u32 {
        let bits = self.peek(width);
        self.skip(width);
        bits
    }

    /// -1 where a number that is not zero has the sign bit, and else 0. Zero has none.
    #[inline(always)]
    pub(super) fn sign(&mut self, is_some: bool) -> i32 {
        let width = u32::from(is_some);
        let bit = self.peek(1) & width;
        self.skip(width);
        bit.wrapping_neg().cast_signed()
    }

    /// A symbol by a table for `width` bits, in which longer codes lead to another part of the table, so
    /// many levels deep. Takes up to 16 bits a level from the window; `None` for what is no code.
    #[inline(always)]
    pub(super) fn code(
        &mut self,
        mem: &[u8],
        table: Ptr,
        width: u32,
        levels: u32,
    ) -> Checked<Option<i32>> {
        let [mut symbol, mut length] = self.entry(mem, table, 0, width)?;
        let mut width = width;
        for _ in 1..levels {
            if length >= 0 {
                break;
            }
            self.skip(width);
            width = length.unsigned_abs();
            if width > LONGEST.cast_unsigned() {
                return Ok(None);
            }
            [symbol, length] = self.entry(mem, table, symbol, width)?;
        }
        if !(1..=LONGEST).contains(&length) {
            return Ok(None);
        }
        self.skip(length.cast_unsigned());
        Ok(Some(symbol))
    }

    /// The symbol and the length that the table has, from an index on, for the next bits.
    #[inline(always)]
    fn entry(&self, mem: &[u8], table: Ptr, from: i32, width: u32) -> Checked<[i32; 2]> {
        let index = i64::from(from) + i64::from(self.peek(width));
        let &[a, b, c, d] = bytes(mem, i64::from(table) + 4 * index)?;
        let (symbol, length) = (i16::from_le_bytes([a, b]), i16::from_le_bytes([c, d]));
        Ok([symbol.into(), length.into()])
    }
}

/// The position that is stored there, of bits of a number: `None` for one that has not got so many bits
/// after it as a reader may look at.
#[inline(always)]
pub(super) fn start(mem: &[u8], position: Ptr, size: i32) -> Checked<Option<i32>> {
    let start = super::guest::int(mem, position.into())?;
    Ok((start >= 0 && i64::from(start) < limit(size)).then_some(start))
}

/// The first position at which a reader would look behind the end.
#[inline(always)]
pub(super) fn limit(size: i32) -> i64 {
    i64::from(size) - 63
}

/// Puts the position of the next bit back.
#[inline(always)]
pub(super) fn put_position(mem: &mut [u8], position: Ptr, next: i64) -> Checked {
    let Ok(next) = i32::try_from(next) else {
        return Err(Trap::MemoryOutOfBounds);
    };
    super::numbers::put(mem, position, 0, next)
}
