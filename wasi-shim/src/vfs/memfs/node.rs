//! The nodes of a memory filesystem: files, directories and links, each with its attributes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::contents::Contents;
use super::entries::Entries;
use crate::errno::Errno;
use crate::vfs::{FileType, SetTimes, Stat, VfsResult};

/// One version of a node. It is changed only by the filesystem whose present stamp it has: with any
/// other stamp it may be part of a snapshot, and a copy is changed in its place.
pub(super) struct Node {
    pub(super) ino: u64,
    pub(super) stamp: u64,
    attrs: Mutex<Attrs>,
    body: Body,
}

/// What a node is. All of it is cloned without copying what is inside.
pub(super) enum Body {
    File(RwLock<Contents>),
    Dir(RwLock<Arc<Entries>>),
    Link(Arc<str>),
}

#[derive(Clone, Copy)]
struct Attrs {
    nlink: u64,
    atim: u64,
    mtim: u64,
    ctim: u64,
    /// The directory that a directory is in; its own number for the root.
    parent: u64,
}

impl Body {
    pub(super) fn file() -> Self {
        Body::File(RwLock::default())
    }

    pub(super) fn dir() -> Self {
        Body::Dir(RwLock::default())
    }

    fn share(&self) -> Self {
        match self {
            Body::File(contents) => Body::File(RwLock::new(read(contents).clone())),
            Body::Dir(entries) => Body::Dir(RwLock::new(Arc::clone(&read(entries)))),
            Body::Link(target) => Body::Link(Arc::clone(target)),
        }
    }
}

impl Node {
    pub(super) fn new(ino: u64, stamp: u64, now: u64, parent: u64, body: Body) -> Arc<Self> {
        let attrs = Attrs {
            nlink: 1,
            atim: now,
            mtim: now,
            ctim: now,
            parent,
        };
        Arc::new(Self {
            ino,
            stamp,
            attrs: Mutex::new(attrs),
            body,
        })
    }

    /// A version of the node to be changed.
    pub(super) fn copy(&self, stamp: u64) -> Arc<Self> {
        Arc::new(Self {
            ino: self.ino,
            stamp,
            attrs: Mutex::new(*self.attrs()),
            body: self.body.share(),
        })
    }

    pub(super) fn file_type(&self) -> FileType {
        match self.body {
            Body::File(_) => FileType::RegularFile,
            Body::Dir(_) => FileType::Directory,
            Body::Link(_) => FileType::SymbolicLink,
        }
    }

    pub(super) fn stat(&self) -> Stat {
        let size = match &self.body {
            Body::File(contents) => read(contents).len(),
            Body::Dir(_) => 0,
            Body::Link(target) => target.len() as u64,
        };
        let attrs = *self.attrs();
        Stat {
            dev: 0,
            ino: self.ino,
            file_type: self.file_type(),
            nlink: attrs.nlink,
            size,
            atim: attrs.atim,
            mtim: attrs.mtim,
            ctim: attrs.ctim,
        }
    }

    /// The bytes that its content is charged with.
    pub(super) fn charged(&self) -> u64 {
        match &self.body {
            Body::File(contents) => read(contents).charged(),
            Body::Dir(_) => 0,
            Body::Link(target) => target.len() as u64,
        }
    }

    pub(super) fn contents(&self) -> VfsResult<RwLockReadGuard<'_, Contents>> {
        match &self.body {
            Body::File(contents) => Ok(read(contents)),
            _ => Err(Errno::Isdir.into()),
        }
    }

    pub(super) fn contents_mut(&self) -> VfsResult<RwLockWriteGuard<'_, Contents>> {
        match &self.body {
            Body::File(contents) => Ok(contents.write().unwrap_or_else(PoisonError::into_inner)),
            _ => Err(Errno::Isdir.into()),
        }
    }

    pub(super) fn entries(&self) -> VfsResult<RwLockReadGuard<'_, Arc<Entries>>> {
        match &self.body {
            Body::Dir(entries) => Ok(read(entries)),
            _ => Err(Errno::Notdir.into()),
        }
    }

    /// Changes the entries of a directory.
    pub(super) fn change_entries<T>(&self, change: impl FnOnce(&mut Entries) -> T) -> VfsResult<T> {
        match &self.body {
            Body::Dir(entries) => {
                let mut entries = entries.write().unwrap_or_else(PoisonError::into_inner);
                Ok(change(Arc::make_mut(&mut entries)))
            }
            _ => Err(Errno::Notdir.into()),
        }
    }

    pub(super) fn link_text(&self) -> VfsResult<&str> {
        match &self.body {
            Body::Link(target) => Ok(target),
            _ => Err(Errno::Inval.into()),
        }
    }

    pub(super) fn parent(&self) -> u64 {
        self.attrs().parent
    }

    pub(super) fn set_parent(&self, parent: u64) {
        self.attrs().parent = parent;
    }

    pub(super) fn set_times(&self, times: SetTimes, now: u64) {
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
    pub(super) fn link(&self, now: u64) {
        let mut attrs = self.attrs();
        attrs.nlink += 1;
        attrs.ctim = now;
    }

    /// One name less; how many are left.
    pub(super) fn unlink(&self, now: u64) -> u64 {
        let mut attrs = self.attrs();
        attrs.nlink = attrs.nlink.saturating_sub(1);
        attrs.ctim = now;
        attrs.nlink
    }

    fn attrs(&self) -> MutexGuard<'_, Attrs> {
        self.attrs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}
