//! One check for several accesses: in a stretch of code without branches, the furthest access from an
//! address is checked before the first, and the compiler then sees that the others need none.
//!
//! While the guest runs nobody can tell which access trapped: nothing between them leaves the instance,
//! and the trap is the same. What can be seen is the memory of a trapped instance, in which the
//! stores between may be missing.

use super::Body;
use super::value::Value;

/// An address from which the current stretch accesses memory.
pub(super) struct Reach {
    /// The expression of the address.
    base: String,
    /// Locals in it.
    reads: Vec<u32>,
    /// Where in the text the first access was met.
    at: usize,
    /// Where the first access ends, as an offset from the address.
    first: u64,
    /// Where the furthest access ends.
    furthest: u64,
}

impl Body<'_, '_> {
    /// Notes an access of `size` bytes at `address + offset`.
    pub(super) fn note_access(&mut self, address: &Value, offset: u32, size: u32) {
        if address.effects != 0 {
            return;
        }
        let end = u64::from(offset) + u64::from(size);
        let base = address.as_word();
        if let Some(reach) = self.reaches.iter_mut().find(|reach| reach.base == base) {
            reach.furthest = reach.furthest.max(end);
        } else {
            self.reaches.push(Reach {
                base,
                reads: address.reads.clone(),
                at: self.out.len(),
                first: end,
                furthest: end,
            });
        }
    }

    /// The stretch ends: control may leave, or something that can be seen from outside happens.
    pub(super) fn end_stretch(&mut self) {
        for reach in std::mem::take(&mut self.reaches) {
            self.check_ahead(reach);
        }
    }

    /// A local changes, and with it the addresses that it is in.
    pub(super) fn forget_addresses(&mut self, local: u32) {
        let (gone, kept) = std::mem::take(&mut self.reaches)
            .into_iter()
            .partition(|reach| reach.reads.contains(&local));
        self.reaches = kept;
        let gone: Vec<Reach> = gone;
        for reach in gone {
            self.check_ahead(reach);
        }
    }

    fn check_ahead(&mut self, reach: Reach) {
        // The first access checks itself; it is enough when it is the furthest.
        if reach.furthest > reach.first
            && let Ok(furthest) = u32::try_from(reach.furthest)
        {
            let text = format!("reach(m, {}, {furthest});\n", reach.base);
            self.insertions.push((reach.at, text));
        }
    }

    /// The text with the checks in their places.
    pub(super) fn with_insertions(&mut self) -> String {
        let mut insertions = std::mem::take(&mut self.insertions);
        if insertions.is_empty() {
            return std::mem::take(&mut self.out);
        }
        insertions.sort_by_key(|(at, _)| *at);
        let added: usize = insertions.iter().map(|(_, text)| text.len()).sum();
        let mut text = String::with_capacity(self.out.len() + added);
        let mut from = 0;
        for (at, check) in insertions {
            text.push_str(&self.out[from..at]);
            text.push_str(&check);
            from = at;
        }
        text.push_str(&self.out[from..]);
        text
    }
}
