//! Linear memory: reserved once where that is possible, so that growing moves nothing.

/// Bytes of a page.
pub const PAGE: u64 = 65_536;

/// The memory of an instance. Pages that were never touched cost address space only.
pub struct Memory {
    /// All that is reserved; zero beyond `size`.
    bytes: Vec<u8>,
    /// Bytes the guest has now.
    size: usize,
    /// Pages it may have at most, as the module declares.
    max_pages: u64,
}

impl Memory {
    /// A memory of `pages`, which may grow to `max_pages`; `expected` bytes are reserved at once
    /// when the host has the address space.
    ///
    /// `None` when the host has no room for the first pages.
    #[must_use]
    pub fn new(pages: u64, max_pages: u64, expected: u64) -> Option<Self> {
        let size = pages.checked_mul(PAGE)?;
        let most = max_pages.saturating_mul(PAGE).max(size);
        let reserved = expected.min(RESERVE).clamp(size, most);
        let bytes = zeroed(reserved).or_else(|| zeroed(size))?;
        Some(Self {
            bytes,
            size: usize::try_from(size).ok()?,
            max_pages,
        })
    }

    /// The bytes that the guest has now.
    #[inline(always)]
    pub fn bytes(&mut self) -> &mut [u8] {
        // `size` is never more than what is reserved.
        self.bytes.split_at_mut(self.size).0
    }

    /// Pages now.
    #[must_use]
    pub fn pages(&self) -> u64 {
        self.size as u64 / PAGE
    }

    /// Pages the module allows at most.
    #[must_use]
    pub fn max_pages(&self) -> u64 {
        self.max_pages
    }

    /// Grows by `delta` pages and returns how many there were, or `None` and nothing changes.
    pub fn grow(&mut self, delta: u64) -> Option<u64> {
        let before = self.pages();
        let after = before.checked_add(delta)?;
        if after > self.max_pages {
            return None;
        }
        let size = after.checked_mul(PAGE)?;
        if size > self.bytes.len() as u64 {
            let most = self.max_pages.saturating_mul(PAGE);
            let roomy = size.saturating_mul(2).clamp(size, most.max(size));
            let mut bytes = zeroed(roomy).or_else(|| zeroed(size))?;
            bytes[..self.size].copy_from_slice(&self.bytes[..self.size]);
            self.bytes = bytes;
        }
        self.size = usize::try_from(size).ok()?;
        Some(before)
    }
}

/// Zeroed memory straight from the system, or `None` where the plain allocation would abort.
fn zeroed(len: u64) -> Option<Vec<u8>> {
    let len = usize::try_from(len).ok()?;
    // There is no zeroed allocation that reports failure. Asking for the same size first costs a
    // few microseconds and leaves only the race with other threads for the last of the memory.
    Vec::<u8>::new().try_reserve_exact(len).ok()?;
    Some(vec![0; len])
}

/// The most that is reserved ahead of need: address space is scarce on 32-bit hosts.
#[cfg(target_pointer_width = "64")]
const RESERVE: u64 = 4 << 30;
#[cfg(not(target_pointer_width = "64"))]
const RESERVE: u64 = 32 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_keeps_the_bytes_and_the_declared_maximum() {
        let mut memory = Memory::new(1, 3, 0).expect("a page is there");
        memory.bytes()[65_535] = 9;
        assert_eq!(memory.grow(1), Some(1));
        assert_eq!(memory.bytes().len(), 131_072);
        assert_eq!(memory.bytes()[65_535], 9);
        assert_eq!(memory.bytes()[65_536], 0);
        assert_eq!(memory.grow(2), None);
        assert_eq!(memory.grow(u64::MAX), None);
        assert_eq!(memory.pages(), 2);
        assert_eq!(memory.grow(0), Some(2));
    }

    #[test]
    fn what_the_host_cannot_give_is_refused() {
        assert!(Memory::new(u64::MAX / PAGE, u64::MAX, 0).is_none());
    }
}
