//! The entries of a directory of a memory filesystem.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::errno::Errno;
use crate::vfs::{FileType, Name, VfsResult};

/// The entries of a directory, by name and in the order they came.
///
/// An entry keeps its number for life and numbers are never used again, which makes them listing
/// cookies that no insertion or removal can disturb.
#[derive(Clone, Default)]
pub(super) struct Entries {
    numbers: HashMap<Arc<str>, u64>,
    in_order: BTreeMap<u64, (Arc<str>, Entry)>,
    last_number: u64,
    /// The directory has no name any more: nothing can be added.
    removed: bool,
}

/// The node that a name refers to, which keeps its number and type for life.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) ino: u64,
    pub(super) file_type: FileType,
}

impl Entries {
    pub(super) fn get(&self, name: Name<'_>) -> Option<Entry> {
        let number = self.numbers.get(name.as_str())?;
        self.in_order.get(number).map(|(_, entry)| *entry)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.in_order.is_empty()
    }

    /// Refuses when a new entry cannot be made here.
    pub(super) fn check_free(&self, name: Name<'_>) -> VfsResult<()> {
        self.check_alive()?;
        match self.get(name) {
            Some(_) => Err(Errno::Exist.into()),
            None => Ok(()),
        }
    }

    pub(super) fn check_alive(&self) -> VfsResult<()> {
        if self.removed {
            Err(Errno::Noent.into())
        } else {
            Ok(())
        }
    }

    pub(super) fn mark_removed(&mut self) {
        self.removed = true;
    }

    /// Puts an entry under `name`. It takes the place in the listing of one that had the name: a
    /// listing under way sees the name once.
    pub(super) fn put(&mut self, name: Name<'_>, entry: Entry) {
        if let Some(number) = self.numbers.get(name.as_str())
            && let Some((_, slot)) = self.in_order.get_mut(number)
        {
            *slot = entry;
            return;
        }
        let name: Arc<str> = name.as_str().into();
        self.last_number += 1;
        self.numbers.insert(Arc::clone(&name), self.last_number);
        self.in_order.insert(self.last_number, (name, entry));
    }

    pub(super) fn take_out(&mut self, name: Name<'_>) {
        if let Some(number) = self.numbers.remove(name.as_str()) {
            self.in_order.remove(&number);
        }
    }

    /// The entries after the one with this number.
    pub(super) fn after(&self, number: u64) -> impl Iterator<Item = (u64, &Arc<str>, Entry)> {
        use std::ops::Bound::{Excluded, Unbounded};
        self.in_order
            .range((Excluded(number), Unbounded))
            .map(|(number, (name, entry))| (*number, name, *entry))
    }
}
