//! Guest memory as it should be after a call.

use std::ops::Range;

/// The bytes before a call, changed to what they should be after it.
pub(crate) struct Image {
    bytes: Vec<u8>,
    written: Vec<Range<usize>>,
    /// Not compared: what the interface leaves open.
    open: Vec<Range<usize>>,
}

impl Image {
    /// What memory is before a call.
    #[must_use]
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self {
            bytes,
            written: Vec::new(),
            open: Vec::new(),
        }
    }

    /// Whether a range lies in memory.
    #[must_use]
    pub(crate) fn has(&self, ptr: u32, len: u64) -> bool {
        u64::from(ptr) + len <= self.bytes.len() as u64
    }

    /// The bytes of a range, when it lies in memory.
    #[must_use]
    pub(crate) fn get(&self, ptr: u32, len: u64) -> Option<&[u8]> {
        let end = u64::from(ptr).checked_add(len)?;
        self.bytes.get(ptr as usize..usize::try_from(end).ok()?)
    }

    /// Expects a result. Where it overlies another of the same call, either may be there.
    pub(crate) fn put(&mut self, ptr: u32, bytes: &[u8]) {
        let range = ptr as usize..ptr as usize + bytes.len();
        for other in &self.written {
            let both = range.start.max(other.start)..range.end.min(other.end);
            if !both.is_empty() {
                self.open.push(both);
            }
        }
        self.bytes[range.clone()].copy_from_slice(bytes);
        self.written.push(range);
    }

    /// Expects anything in a range.
    pub(crate) fn leave_open(&mut self, ptr: u32, len: u64) {
        if self.has(ptr, len) {
            self.open.push(ptr as usize..ptr as usize + len as usize);
        }
    }

    /// Compares with what memory is.
    ///
    /// # Errors
    ///
    /// Where it is different.
    pub(crate) fn compare(mut self, real: &[u8]) -> Result<(), String> {
        if self.bytes == real {
            return Ok(());
        }
        for range in &self.open {
            self.bytes[range.clone()].copy_from_slice(&real[range.clone()]);
        }
        let differs = self
            .bytes
            .iter()
            .zip(real)
            .position(|(model, real)| model != real);
        match differs {
            None => Ok(()),
            Some(at) => {
                let end = (at + 16).min(real.len());
                let (is, not) = (&real[at..end], &self.bytes[at..end]);
                Err(format!("memory at {at:#x} is {is:x?} and not {not:x?}"))
            }
        }
    }
}

/// A number in memory; 0 outside of it.
#[must_use]
pub(crate) fn number(bytes: &[u8], ptr: u32) -> u32 {
    let found = bytes
        .get(ptr as usize..)
        .and_then(|bytes| bytes.first_chunk());
    u32::from_le_bytes(found.copied().unwrap_or_default())
}
