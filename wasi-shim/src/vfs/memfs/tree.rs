//! The directories of a memory filesystem and their entries. The order of locks is told in `node`.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak};

use super::node::{Meta, Node};
use crate::errno::Errno;
use crate::vfs::{Name, VfsResult};

/// A directory.
pub(super) struct DirNode {
    pub(super) meta: Meta,
    entries: RwLock<Entries>,
    /// Changed only under the namespace lock.
    parent: Mutex<Weak<DirNode>>,
}

impl DirNode {
    pub(super) fn new(meta: Meta, parent: Weak<DirNode>) -> Arc<Self> {
        let entries = RwLock::new(Entries::default());
        Arc::new(Self {
            meta,
            entries,
            parent: Mutex::new(parent),
        })
    }

    pub(super) fn lookup(&self, name: Name<'_>) -> VfsResult<Node> {
        self.entries()
            .get(name)
            .cloned()
            .ok_or_else(|| Errno::Noent.into())
    }

    pub(super) fn entries(&self) -> RwLockReadGuard<'_, Entries> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn entries_mut(&self) -> RwLockWriteGuard<'_, Entries> {
        self.entries.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_parent(&self, parent: &Arc<DirNode>) {
        *self.parent.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(parent);
    }

    /// Whether `self` is `other` or one of its ancestors; asked under the namespace lock.
    pub(super) fn contains(&self, other: &Arc<DirNode>) -> bool {
        let mut at = Some(Arc::clone(other));
        while let Some(dir) = at {
            if dir.meta.ino == self.meta.ino {
                return true;
            }
            at = dir
                .parent
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .upgrade();
        }
        false
    }
}

impl Drop for DirNode {
    /// Takes a tree apart in a loop: nested drops of a deep one would overflow the stack.
    fn drop(&mut self) {
        let mut pending = vec![
            self.entries
                .get_mut()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        ];
        while let Some(nodes) = pending.pop() {
            for node in nodes {
                if let Node::Dir(dir) = node
                    && let Some(mut dir) = Arc::into_inner(dir)
                {
                    let entries = dir
                        .entries
                        .get_mut()
                        .unwrap_or_else(PoisonError::into_inner);
                    pending.push(entries.take());
                }
            }
        }
    }
}

/// The entries of a directory, by name and in the order they came.
///
/// An entry keeps its number for life and numbers are never used again, which makes them listing
/// cookies that no insertion or removal can disturb.
#[derive(Default)]
pub(super) struct Entries {
    numbers: HashMap<Arc<str>, u64>,
    in_order: BTreeMap<u64, (Arc<str>, Node)>,
    last_number: u64,
    /// The directory has no name any more: nothing can be added.
    removed: bool,
}

impl Entries {
    pub(super) fn get(&self, name: Name<'_>) -> Option<&Node> {
        let number = self.numbers.get(name.as_str())?;
        self.in_order.get(number).map(|(_, node)| node)
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

    /// Puts `node` under `name`. A node that had the name is returned, and its place in the
    /// listing goes to the new one: a listing under way sees the name once.
    pub(super) fn put(&mut self, name: Name<'_>, node: Node) -> Option<Node> {
        if let Some(number) = self.numbers.get(name.as_str())
            && let Some((_, slot)) = self.in_order.get_mut(number)
        {
            return Some(std::mem::replace(slot, node));
        }
        self.add(name.as_str().into(), node);
        None
    }

    /// Adds a name that is not there yet.
    pub(super) fn add(&mut self, name: Arc<str>, node: Node) {
        self.last_number += 1;
        self.numbers.insert(Arc::clone(&name), self.last_number);
        self.in_order.insert(self.last_number, (name, node));
    }

    pub(super) fn take_out(&mut self, name: Name<'_>) -> Option<Node> {
        let number = self.numbers.remove(name.as_str())?;
        self.in_order.remove(&number).map(|(_, node)| node)
    }

    /// The entries after the one with this number.
    pub(super) fn after(&self, number: u64) -> impl Iterator<Item = (u64, &Arc<str>, &Node)> {
        use std::ops::Bound::{Excluded, Unbounded};
        self.in_order
            .range((Excluded(number), Unbounded))
            .map(|(number, (name, node))| (*number, name, node))
    }

    fn take(&mut self) -> Vec<Node> {
        self.numbers.clear();
        std::mem::take(&mut self.in_order)
            .into_values()
            .map(|(_, node)| node)
            .collect()
    }
}
