//! The nodes of a memory filesystem: shared by their names and by open handles, and given back to
//! the budget when the last of both is gone.
//!
//! Locks, in the order they are taken: the filesystem's `namespace`, one directory's `entries`
//! (two only under `namespace`), one file's `contents`, one node's `attrs`. None is held while
//! foreign code runs (the clock, the visitor of `read_dir`). A panic elsewhere cannot make them
//! unusable: every update leaves valid state at each step, so poisoning is ignored.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::contents::Contents;
use super::tree::DirNode;
use crate::vfs::quota::Budget;
use crate::vfs::{FileType, SetTimes, Stat, VfsResult};

/// Nanoseconds since the Unix epoch.
pub(super) type Now = dyn Fn() -> u64 + Send + Sync;

/// What all nodes of one filesystem share.
pub(super) struct Shared {
    pub(super) budget: Budget,
    clock: Arc<Now>,
    next_ino: AtomicU64,
    /// Held by whatever changes names, so that a change of two directories is one step.
    namespace: Mutex<()>,
}

impl Shared {
    pub(super) fn new(budget: Budget, clock: Arc<Now>) -> Self {
        Self {
            budget,
            clock,
            next_ino: AtomicU64::new(1),
            namespace: Mutex::new(()),
        }
    }

    pub(super) fn now(&self) -> u64 {
        (self.clock)()
    }

    pub(super) fn clock(&self) -> Arc<Now> {
        Arc::clone(&self.clock)
    }

    /// The attributes of the root directory, which the quota does not count.
    pub(super) fn root_meta(self: &Arc<Self>, now: u64) -> Meta {
        let attrs = Attrs {
            nlink: 1,
            atim: now,
            mtim: now,
            ctim: now,
        };
        let ino = self.next_ino.fetch_add(1, Ordering::Relaxed);
        Meta {
            ino,
            fs: Arc::clone(self),
            attrs: Mutex::new(attrs),
            charged: false,
        }
    }

    pub(super) fn namespace(&self) -> MutexGuard<'_, ()> {
        self.namespace
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a directory entry refers to.
#[derive(Clone)]
pub(super) enum Node {
    File(Arc<FileNode>),
    Dir(Arc<DirNode>),
    Link(Arc<LinkNode>),
}

impl Node {
    pub(super) fn meta(&self) -> &Meta {
        match self {
            Node::File(file) => &file.meta,
            Node::Dir(dir) => &dir.meta,
            Node::Link(link) => &link.meta,
        }
    }

    pub(super) fn file_type(&self) -> FileType {
        match self {
            Node::File(_) => FileType::RegularFile,
            Node::Dir(_) => FileType::Directory,
            Node::Link(_) => FileType::SymbolicLink,
        }
    }

    pub(super) fn stat(&self) -> Stat {
        match self {
            Node::File(file) => file.stat(),
            Node::Dir(dir) => dir.meta.stat(FileType::Directory, 0),
            Node::Link(link) => link
                .meta
                .stat(FileType::SymbolicLink, link.target.len() as u64),
        }
    }

    pub(super) fn is(&self, other: &Node) -> bool {
        self.meta().ino == other.meta().ino
    }
}

/// Identity and attributes of a node.
pub(super) struct Meta {
    pub(super) ino: u64,
    pub(super) fs: Arc<Shared>,
    attrs: Mutex<Attrs>,
    charged: bool,
}

#[derive(Clone, Copy)]
struct Attrs {
    nlink: u64,
    atim: u64,
    mtim: u64,
    ctim: u64,
}

impl Meta {
    pub(super) fn new(fs: &Arc<Shared>, now: u64) -> VfsResult<Self> {
        fs.budget.charge_node()?;
        let ino = fs.next_ino.fetch_add(1, Ordering::Relaxed);
        let attrs = Mutex::new(Attrs {
            nlink: 1,
            atim: now,
            mtim: now,
            ctim: now,
        });
        Ok(Self {
            ino,
            fs: Arc::clone(fs),
            attrs,
            charged: true,
        })
    }

    /// The same identity and attributes in a copy of the filesystem, with one name. What fitted the
    /// quota there fits here.
    pub(super) fn copy_to(&self, fs: &Arc<Shared>) -> Self {
        if self.charged {
            fs.budget.adopt_node();
        }
        fs.next_ino.fetch_max(self.ino + 1, Ordering::Relaxed);
        let attrs = Attrs {
            nlink: 1,
            ..*self.attrs()
        };
        Self {
            ino: self.ino,
            fs: Arc::clone(fs),
            attrs: Mutex::new(attrs),
            charged: self.charged,
        }
    }

    /// One more name, in a copy of the filesystem.
    pub(super) fn copy_link(&self) {
        self.fs.budget.adopt_node();
        self.attrs().nlink += 1;
    }

    pub(super) fn stat(&self, file_type: FileType, size: u64) -> Stat {
        let Attrs {
            nlink,
            atim,
            mtim,
            ctim,
        } = *self.attrs();
        Stat {
            dev: 0,
            ino: self.ino,
            file_type,
            nlink,
            size,
            atim,
            mtim,
            ctim,
        }
    }

    pub(super) fn set_times(&self, times: SetTimes) {
        let now = self.fs.now();
        let mut attrs = self.attrs();
        attrs.atim = times.atim.unwrap_or(attrs.atim);
        attrs.mtim = times.mtim.unwrap_or(attrs.mtim);
        attrs.ctim = now;
    }

    /// The content changed.
    pub(super) fn modified(&self, now: u64) {
        let mut attrs = self.attrs();
        attrs.mtim = now;
        attrs.ctim = now;
    }

    /// The name changed.
    pub(super) fn renamed(&self, now: u64) {
        self.attrs().ctim = now;
    }

    /// One more name. The first came with the node.
    pub(super) fn link(&self, now: u64) -> VfsResult<()> {
        self.fs.budget.charge_node()?;
        let mut attrs = self.attrs();
        attrs.nlink += 1;
        attrs.ctim = now;
        Ok(())
    }

    /// One name less. The node's own charge stays until its last handle is gone.
    pub(super) fn unlink(&self, now: u64) {
        let mut attrs = self.attrs();
        attrs.nlink = attrs.nlink.saturating_sub(1);
        attrs.ctim = now;
        if attrs.nlink > 0 {
            self.fs.budget.release_node();
        }
    }

    fn attrs(&self) -> MutexGuard<'_, Attrs> {
        self.attrs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Meta {
    fn drop(&mut self) {
        if self.charged {
            self.fs.budget.release_node();
        }
    }
}

/// A file.
pub(super) struct FileNode {
    pub(super) meta: Meta,
    contents: RwLock<Contents>,
}

impl FileNode {
    pub(super) fn new(meta: Meta, contents: Contents) -> Arc<Self> {
        Arc::new(Self {
            meta,
            contents: RwLock::new(contents),
        })
    }

    pub(super) fn stat(&self) -> Stat {
        let size = self.contents().len();
        self.meta.stat(FileType::RegularFile, size)
    }

    pub(super) fn contents(&self) -> RwLockReadGuard<'_, Contents> {
        self.contents.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn contents_mut(&self) -> RwLockWriteGuard<'_, Contents> {
        self.contents
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for FileNode {
    fn drop(&mut self) {
        let contents = self
            .contents
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        contents.release(&self.meta.fs.budget);
    }
}

/// A symbolic link.
pub(super) struct LinkNode {
    pub(super) meta: Meta,
    pub(super) target: Box<str>,
}

impl LinkNode {
    pub(super) fn new(meta: Meta, target: &str) -> VfsResult<Arc<Self>> {
        meta.fs.budget.charge_bytes(target.len() as u64)?;
        Ok(Arc::new(Self {
            meta,
            target: target.into(),
        }))
    }

    pub(super) fn copy(meta: Meta, target: &str) -> Arc<Self> {
        meta.fs.budget.adopt_bytes(target.len() as u64);
        Arc::new(Self {
            meta,
            target: target.into(),
        })
    }
}

impl Drop for LinkNode {
    fn drop(&mut self) {
        self.meta.fs.budget.release_bytes(self.target.len() as u64);
    }
}
