//! What is known about the files of a tree with a quota.
//!
//! Locks, in the order they are taken: `names`, `open`, one file's `ledger`. The tree inside is
//! called under each of them, the caller's visitor of `read_dir` under none.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::budget::Budget;
use super::ledger::Ledger;
use crate::vfs::{FileType, Stat, VfsResult};

/// What all handles of one tree share.
pub(super) struct Shared {
    pub(super) budget: Arc<Budget>,
    /// Held by whatever changes names, from looking at what is there to having counted the change.
    names: Mutex<()>,
    /// The files that have a name and are open or have holes. The others cost their length.
    open: Mutex<HashMap<Key, Arc<FileState>>>,
}

/// Device and number of a node.
type Key = (u64, u64);

fn key(stat: &Stat) -> Key {
    (stat.dev, stat.ino)
}

/// What one file costs.
pub(super) struct FileState {
    budget: Arc<Budget>,
    ledger: Mutex<Ledger>,
    /// The last name is gone: the charge goes with the last handle.
    unlinked: AtomicBool,
}

impl Drop for FileState {
    fn drop(&mut self) {
        if *self.unlinked.get_mut() {
            let ledger = self
                .ledger
                .get_mut()
                .unwrap_or_else(PoisonError::into_inner);
            self.budget.release_bytes(ledger.charge());
            self.budget.release_node();
        }
    }
}

impl FileState {
    pub(super) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something that stores up to `len` bytes at `start`, after charging for them. `run` says
    /// how many it stored.
    pub(super) fn store<T>(
        &self,
        ledger: &mut Ledger,
        (start, len): (u64, u64),
        run: impl FnOnce() -> VfsResult<(T, u64)>,
    ) -> VfsResult<T> {
        let before = ledger.charge();
        let most = ledger.charge_with(start, len).max(before);
        if most > before {
            self.budget.charge_bytes(most - before)?;
        }
        let result = run();
        if let Ok((_, stored)) = &result {
            ledger.store(start, (*stored).min(len));
        }
        self.budget.release_bytes(most - ledger.charge().min(most));
        result.map(|(value, _)| value)
    }

    /// The file got a new length.
    pub(super) fn set_len(&self, ledger: &mut Ledger, len: u64) {
        let before = ledger.charge();
        ledger.set_len(len);
        self.budget
            .release_bytes(before.saturating_sub(ledger.charge()));
    }
}

impl Shared {
    pub(super) fn new(budget: Budget) -> Self {
        Self {
            budget: Arc::new(budget),
            names: Mutex::default(),
            open: Mutex::default(),
        }
    }

    pub(super) fn names(&self) -> MutexGuard<'_, ()> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self) -> MutexGuard<'_, HashMap<Key, Arc<FileState>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state of a file that is being opened. `len` is asked when nothing is known about it:
    /// then nobody is writing it.
    pub(super) fn attach(
        self: &Arc<Self>,
        stat: &Stat,
        len: impl FnOnce() -> VfsResult<u64>,
    ) -> VfsResult<Attached> {
        let key = key(stat);
        let mut open = self.open();
        let state = match open.get(&key) {
            Some(state) => Arc::clone(state),
            None => {
                let state = Arc::new(FileState {
                    budget: Arc::clone(&self.budget),
                    ledger: Mutex::new(Ledger::whole(len()?)),
                    unlinked: AtomicBool::new(false),
                });
                open.insert(key, Arc::clone(&state));
                state
            }
        };
        Ok(Attached {
            shared: Arc::clone(self),
            key,
            state,
        })
    }

    #[cfg(test)]
    pub(super) fn known_files(&self) -> usize {
        self.open().len()
    }

    /// A name with these attributes was removed. Called under `names`.
    pub(super) fn removed(&self, stat: &Stat) {
        let one_of_several = stat.file_type != FileType::Directory && stat.nlink > 1;
        let state = if one_of_several || stat.file_type == FileType::Directory {
            None
        } else {
            let state = self.open().remove(&key(stat));
            if state.is_none()
                && matches!(
                    stat.file_type,
                    FileType::RegularFile | FileType::SymbolicLink
                )
            {
                self.budget.release_bytes(stat.size);
            }
            state
        };
        match state {
            Some(state) => state.unlinked.store(true, Ordering::Relaxed),
            None => self.budget.release_node(),
        }
    }
}

/// The state of an open file.
pub(super) struct Attached {
    shared: Arc<Shared>,
    key: Key,
    pub(super) state: Arc<FileState>,
}

impl Drop for Attached {
    /// Forgets a file that nobody has open any more and that its length tells everything about.
    fn drop(&mut self) {
        let mut open = self.shared.open();
        let known = open.get(&self.key);
        // This handle and the map; a new one would need the map, which is locked.
        if known.is_some_and(|known| Arc::ptr_eq(known, &self.state))
            && Arc::strong_count(&self.state) == 2
            && self.state.ledger().is_whole()
        {
            open.remove(&self.key);
        }
    }
}
