//! Bits in guest memory, the most significant first: where an encoder of the engine writes them, and
//! where a decoder reads them.

use super::Trap;
use super::guest::{Checked, Ptr, bytes_mut};
use super::numbers::{load, store};

/// Where bits are written to. It stays as it was in the guest until it is put back there.
pub(super) struct Writer {
    /// The last `count` of these wait to be written: fewer than 32.
    bits: u64,
    count: u32,
    next: u32,
    end: u32,
}

impl Writer {
    /// From four numbers of the guest: the bits that wait, their number, the address of the next byte,
    /// and of the end.
    #[inline(always)]
    pub(super) fn read(mem: &[u8], at: Ptr) -> Checked<Self> {
        let [bits, count, next, end] = load::<i32, 4>(mem, at, 0)?.map(
            #[inline(always)]
            |number| number.cast_unsigned(),
        );
        if count >= 32 {
            return Err(Trap::MemoryOutOfBounds);
        }
        Ok(Self {
            bits: bits.into(),
            count,
            next,
            end,
        })
    }

    /// Back to the guest.
    #[inline(always)]
    pub(super) fn write(&self, mem: &mut [u8], at: Ptr) -> Checked {
        let bits = self.bits as u32 & ((1 << self.count) - 1);
        let numbers = [bits, self.count, self.next, self.end];
        store(
            mem,
            at,
            0,
            numbers.map(
                #[inline(always)]
                |number| number.cast_signed(),
            ),
        )
    }

    /// Writes the last `width` bits of a value that has no others: up to 32. Says whether there was room.
    #[inline(always)]
    pub(super) fn put(&mut self, mem: &mut [u8], value: u32, width: u32) -> Checked<bool> {
        self.bits = (self.bits << width) | u64::from(value);
        self.count += width;
        if self.count >= 32 {
            self.count -= 32;
            if self.end.saturating_sub(self.next) < 4 {
                return Ok(false);
            }
            let word = (self.bits >> self.count) as u32;
            *bytes_mut(mem, self.next.into())? = word.to_be_bytes();
            self.next += 4;
        }
        Ok(true)
    }
}

/// Where bits are read from.
#[derive(Clone, Copy)]
pub(super) struct Reader<'b> {
    bytes: &'b [u8],
    /// The byte that comes next into the window.
    at: usize,
    /// The next bits at the top, and at least how many of them there are.
    window: u64,
    count: u32,
}

impl<'b> Reader<'b> {
    /// From the bit `position` on.
    #[inline(always)]
    pub(super) fn new(bytes: &'b [u8], position: usize) -> Option<Self> {
        let mut reader = Self {
            bytes,
            at: position / 8,
            window: 0,
            count: 0,
        };
        reader.fill()?;
        let past = (position % 8) as u32;
        reader.window <<= past;
        reader.count -= past;
        Some(reader)
    }

    /// At least 56 bits, where there are so many: eight bytes of memory from the next one on.
    #[inline(always)]
    pub(super) fn fill(&mut self) -> Option<()> {
        let next: &[u8; 8] = self.bytes.get(self.at..)?.first_chunk()?;
        self.window |= u64::from_be_bytes(*next) >> self.count;
        self.at += (63 - self.count as usize) / 8;
        self.count |= 56;
        Some(())
    }

    /// Zeros before the next one, of the bits in the window.
    #[inline(always)]
    pub(super) fn zeros(&self) -> u32 {
        self.window.leading_zeros()
    }

    /// The bits in the window.
    #[inline(always)]
    pub(super) fn available(&self) -> u32 {
        self.count
    }

    /// The next bits, which must be in the window: up to 32.
    #[inline(always)]
    pub(super) fn take(&mut self, width: u32) -> u32 {
        let bits = (self.window >> 1 >> (63 - width)) as u32;
        self.skip(width);
        bits
    }

    /// Passes bits over that are in the window: up to 56.
    #[inline(always)]
    pub(super) fn skip(&mut self, width: u32) {
        self.window <<= width;
        self.count -= width;
    }

    /// The number of the next bit.
    #[inline(always)]
    pub(super) fn position(&self) -> usize {
        8 * self.at - self.count as usize
    }
}
