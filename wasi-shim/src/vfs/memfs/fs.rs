//! One memory filesystem: its nodes by number, and which of them are open.
//!
//! A snapshot takes the whole table of nodes over at once and gives both filesystems new stamps. From
//! then on a node with an old stamp is changed by neither: who wants to change it puts a copy, with
//! the stamp of its own filesystem, into its own table first ([`Fs::owned`]).
//!
//! Locks, in the order they are taken: `namespace`, `gate`, `table`, `open`, one node's version,
//! and last those inside of one node, of which no two are held at once. None is held while foreign code
//! runs (the clock, the visitor of `read_dir`). A panic elsewhere cannot make them unusable: every
//! update leaves valid state at each step, so poisoning is ignored.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, Weak};

use super::node::{Body, Node};
use super::trie::Trie;
use crate::errno::Errno;
use crate::vfs::quota::Budget;
use crate::vfs::{Quota, VfsResult};

/// Nanoseconds since the Unix epoch.
pub(super) type Now = dyn Fn() -> u64 + Send + Sync;

/// The number of the root directory, which is never removed.
pub(super) const ROOT: u64 = 1;

pub(super) struct Fs {
    pub(super) budget: Budget,
    clock: Arc<Now>,
    next_ino: AtomicU64,
    /// The stamp of nodes that no snapshot has. Changed only with the gate held to write.
    stamp: AtomicU64,
    /// Held by whatever changes names, so that a change of two directories is one step.
    namespace: Mutex<()>,
    /// Held to read by each change of nodes, once; to write by a snapshot.
    gate: RwLock<()>,
    /// The nodes that have a name, and the root.
    table: RwLock<Trie<Arc<Node>>>,
    /// The nodes that have handles.
    open: Mutex<HashMap<u64, Opened>>,
}

/// What is known about a node with handles.
struct Opened {
    handle: Weak<OpenNode>,
    /// The node, when it has no name any more: it is charged until this entry is gone.
    removed: Option<Arc<Version>>,
}

/// The present version of a node.
type Version = RwLock<Arc<Node>>;

/// No two filesystems of the process ever have the same stamp.
fn next_stamp() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl Fs {
    pub(super) fn new(quota: Quota, clock: Arc<Now>) -> Arc<Self> {
        let now = clock();
        let stamp = next_stamp();
        let mut table = Trie::default();
        table.insert(ROOT, Node::new(ROOT, stamp, now, ROOT, Body::dir()));
        Arc::new(Self {
            budget: Budget::of_memory(quota),
            clock,
            next_ino: AtomicU64::new(ROOT + 1),
            stamp: AtomicU64::new(stamp),
            namespace: Mutex::default(),
            gate: RwLock::default(),
            table: RwLock::new(table),
            open: Mutex::default(),
        })
    }

    /// A filesystem of its own with the same names and contents.
    pub(super) fn snapshot(&self) -> Arc<Self> {
        let _alone = self.gate.write().unwrap_or_else(PoisonError::into_inner);
        let budget = Budget::of_memory(self.budget.quota());
        {
            // What is open and has no name is not part of the copy. Its charge is given back under
            // this lock.
            let open = self.open_nodes();
            let mut usage = self.budget.usage();
            for removed in open.values().filter_map(|opened| opened.removed.as_ref()) {
                usage.bytes = usage.bytes.saturating_sub(present(removed).charged());
                usage.nodes = usage.nodes.saturating_sub(1);
            }
            budget.adopt(usage);
        }
        self.stamp.store(next_stamp(), Ordering::Relaxed);
        Arc::new(Self {
            budget,
            clock: Arc::clone(&self.clock),
            next_ino: AtomicU64::new(self.next_ino.load(Ordering::Relaxed)),
            stamp: AtomicU64::new(next_stamp()),
            namespace: Mutex::default(),
            gate: RwLock::default(),
            table: RwLock::new(self.table().clone()),
            open: Mutex::default(),
        })
    }

    pub(super) fn now(&self) -> u64 {
        (self.clock)()
    }

    pub(super) fn namespace(&self) -> MutexGuard<'_, ()> {
        self.namespace
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Held while nodes are changed. Not to be taken twice: a snapshot may wait in between.
    pub(super) fn changing(&self) -> RwLockReadGuard<'_, ()> {
        self.gate.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn table(&self) -> RwLockReadGuard<'_, Trie<Arc<Node>>> {
        self.table.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn open_nodes(&self) -> MutexGuard<'_, HashMap<u64, Opened>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_owned(&self, node: &Node) -> bool {
        node.stamp == self.stamp.load(Ordering::Relaxed)
    }

    /// The node of this number, to be looked at.
    pub(super) fn find(&self, ino: u64) -> VfsResult<Arc<Node>> {
        let node = self.table().get(ino).cloned();
        node.ok_or_else(|| Errno::Noent.into())
    }

    /// The node of this number, to be changed. Called while [`Fs::changing`] is held.
    pub(super) fn owned(&self, ino: u64) -> VfsResult<Arc<Node>> {
        let node = self.find(ino)?;
        if self.is_owned(&node) {
            return Ok(node);
        }
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        let node = table.get(ino).ok_or(Errno::Noent)?;
        if self.is_owned(node) {
            return Ok(Arc::clone(node));
        }
        let copy = node.copy(self.stamp.load(Ordering::Relaxed));
        table.insert(ino, Arc::clone(&copy));
        // Dropped after the lock that dropping it needs.
        let open = handle_of(self.open_nodes().get(&ino));
        if let Some(open) = &open {
            let mut present = open.node.write().unwrap_or_else(PoisonError::into_inner);
            *present = Arc::clone(&copy);
        }
        Ok(copy)
    }

    /// Adds a node with one name, which is charged.
    pub(super) fn add(&self, parent: u64, now: u64, body: Body) -> VfsResult<Arc<Node>> {
        self.budget.charge_node()?;
        if let Body::Link(target) = &body
            && let Err(error) = self.budget.charge_bytes(target.len() as u64)
        {
            self.budget.release_node();
            return Err(error);
        }
        let ino = self.next_ino.fetch_add(1, Ordering::Relaxed);
        let node = Node::new(ino, self.stamp.load(Ordering::Relaxed), now, parent, body);
        self.table
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(ino, Arc::clone(&node));
        Ok(node)
    }

    /// A name of a node is gone. What it returns may be long to drop: not under a lock.
    pub(super) fn unlink(&self, ino: u64, now: u64) -> VfsResult<Unlinked> {
        let node = self.owned(ino)?;
        if node.unlink(now) > 0 {
            self.budget.release_node();
            return Ok(Unlinked {
                _node: node,
                _open: None,
            });
        }
        self.table
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(ino);
        // Who opens it looks into the table with this lock held: it is open by now, or never.
        let mut nodes = self.open_nodes();
        let opened = nodes.get_mut(&ino);
        let open = handle_of(opened.as_deref());
        match (&open, opened) {
            (Some(open), Some(opened)) => opened.removed = Some(Arc::clone(&open.node)),
            _ => self.release(&node),
        }
        drop(nodes);
        Ok(Unlinked {
            _node: node,
            _open: open,
        })
    }

    /// Gives back what a node without names is charged with.
    fn release(&self, node: &Node) {
        self.budget.release_bytes(node.charged());
        self.budget.release_node();
    }

    /// Opens a node that has a name.
    pub(super) fn open(self: &Arc<Self>, ino: u64) -> VfsResult<Arc<OpenNode>> {
        // Before `open`, by the order of locks; held as long.
        let table = self.table();
        let mut open = self.open_nodes();
        if let Some(node) = handle_of(open.get(&ino)) {
            return Ok(node);
        }
        let node = Arc::clone(table.get(ino).ok_or(Errno::Noent)?);
        let node = Arc::new(OpenNode {
            fs: Arc::clone(self),
            ino,
            node: Arc::new(RwLock::new(node)),
        });
        let opened = Opened {
            handle: Arc::downgrade(&node),
            removed: None,
        };
        open.insert(ino, opened);
        Ok(node)
    }

    /// Whether a directory is another one or one of its ancestors; asked under the namespace lock.
    pub(super) fn contains(&self, dir: u64, other: u64) -> bool {
        let table = self.table();
        let mut at = other;
        loop {
            if at == dir {
                return true;
            }
            match table.get(at) {
                Some(node) if at != ROOT => at = node.parent(),
                _ => return false,
            }
        }
    }
}

/// What is left of a name.
pub(super) struct Unlinked {
    _node: Arc<Node>,
    _open: Option<Arc<OpenNode>>,
}

/// A node with handles, which share it.
pub(super) struct OpenNode {
    pub(super) fs: Arc<Fs>,
    pub(super) ino: u64,
    node: Arc<Version>,
}

impl OpenNode {
    /// The node, to be looked at.
    pub(super) fn current(&self) -> Arc<Node> {
        present(&self.node)
    }

    /// Looks at the node in place: as [`OpenNode::current`] for what is done all the time.
    pub(super) fn look<T>(&self, look: impl FnOnce(&Node) -> T) -> T {
        look(&self.node.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The node, to be changed. Called while [`Fs::changing`] is held.
    pub(super) fn owned(&self) -> Arc<Node> {
        let node = self.current();
        if self.fs.is_owned(&node) {
            return node;
        }
        drop(node);
        if let Ok(node) = self.fs.owned(self.ino) {
            return node;
        }
        // Without a name it is nowhere but here.
        let mut node = self.node.write().unwrap_or_else(PoisonError::into_inner);
        if !self.fs.is_owned(&node) {
            *node = node.copy(self.fs.stamp.load(Ordering::Relaxed));
        }
        Arc::clone(&node)
    }

    /// Changes the node in place: as [`OpenNode::owned`] for what is done all the time.
    pub(super) fn change<T>(&self, change: impl FnOnce(&Node) -> T) -> T {
        let node = self.node.read().unwrap_or_else(PoisonError::into_inner);
        if self.fs.is_owned(&node) {
            return change(&node);
        }
        drop(node);
        change(&self.owned())
    }
}

impl Drop for OpenNode {
    fn drop(&mut self) {
        let mut open = self.fs.open_nodes();
        // Another one may have been opened since nobody had this one any more.
        if let Some(known) = open.get(&self.ino)
            && std::ptr::eq(known.handle.as_ptr(), self)
            && let Some(Opened {
                removed: Some(node),
                ..
            }) = open.remove(&self.ino)
        {
            self.fs.release(&present(&node));
        }
    }
}

fn present(version: &Version) -> Arc<Node> {
    Arc::clone(&version.read().unwrap_or_else(PoisonError::into_inner))
}

fn handle_of(opened: Option<&Opened>) -> Option<Arc<OpenNode>> {
    opened.and_then(|opened| opened.handle.upgrade())
}
