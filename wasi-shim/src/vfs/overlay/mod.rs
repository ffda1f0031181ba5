//! `Overlay`: a tree that can be changed over one that is not.

mod copy;
mod dir;
#[cfg(test)]
mod faults;
mod file;
mod listing;
mod node;
mod rename;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use self::dir::OverlayDir;
use self::node::Node;
use super::tag::Tag;
use super::{Dir, ReadOnly, Stat, Vfs};

/// Copy on write: a lower tree that is only read, and an upper one that takes every change.
///
/// ```
/// use afmpeg_wasi::vfs::{MemFs, Overlay, Vfs, ops};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (library, changes) = (MemFs::new(), MemFs::new());
/// library.write("/song.wav", b"RIFF")?;
/// library.write("/old.wav", b"RIFF")?;
/// let tree = Overlay::new(&library, &changes).root();
/// ops::write(&tree, "/song.wav", b"changed")?;
/// ops::remove_file(&tree, "/old.wav")?;
/// assert_eq!(ops::read(&tree, "/song.wav")?, b"changed");
/// assert!(!ops::exists(&tree, "/old.wav"));
/// assert_eq!(library.read("/song.wav")?, b"RIFF");
/// assert!(library.exists("/old.wav"));
/// # Ok(())
/// # }
/// ```
///
/// A name that the upper tree has hides that of the lower one; directories of both show the names of
/// both. A file of the lower tree is copied up when it is opened to be written, when its times
/// change, and when it is renamed or linked; its number stays, and handles that are open then go on
/// with the copy. A directory of the lower tree is renamed without copying what is in it.
///
/// What was removed or moved away from the lower tree is kept in memory, not in the upper tree: no
/// name stands for it, so no guest can see or forge it, and any name is free to be used. It lasts as
/// long as the overlay and its handles. A new overlay of the same two trees shows the upper one over
/// all of the lower one again.
///
/// As long as the overlay is used, the lower tree must not change, and the upper one only through
/// it. Limits: of a lower file with several names, a change shows under the name it was made by;
/// removing what only the lower tree has does not touch the times of the directory; a directory of
/// the lower tree in which something was removed or moved stays open. Nothing can be renamed or
/// linked to another tree (`Xdev`), the two inside included.
#[derive(Clone)]
pub struct Overlay {
    root: Arc<Node>,
    fs: Arc<Fs>,
}

impl Overlay {
    /// The longest file that is copied up, unless [`Overlay::with_copy_limit`] says otherwise:
    /// 4 GiB.
    pub const COPY_LIMIT: u64 = 4 << 30;

    /// `upper` over `lower`. What is in `upper` already hides what is in `lower`.
    pub fn new(lower: impl Vfs, upper: impl Vfs) -> Self {
        Self::with_copy_limit(lower, upper, Self::COPY_LIMIT)
    }

    /// As [`Overlay::new`], with another limit in bytes to the files that are copied up; longer
    /// ones are `Fbig`. A copy cannot be interrupted, and the names of the tree wait for it. Opening
    /// with truncation copies nothing.
    pub fn with_copy_limit(lower: impl Vfs, upper: impl Vfs, bytes: u64) -> Self {
        let fs = Arc::new(Fs {
            copy_limit: bytes,
            names: RwLock::default(),
            pins: Mutex::default(),
            origins: Mutex::default(),
            next_node: AtomicU64::new(0),
        });
        let root = Node::new(
            &fs,
            Some(upper.root()),
            Some(ReadOnly::new(lower).root()),
            None,
        );
        Self { root, fs }
    }
}

impl Vfs for Overlay {
    fn root(&self) -> Arc<dyn Dir> {
        Arc::new(OverlayDir {
            fs: Arc::clone(&self.fs),
            node: Arc::clone(&self.root),
        })
    }
}

/// What all handles of one overlay share.
///
/// Locks, in the order they are taken: `names`, one node's state (of two nodes one after the other),
/// one lower file's, `pins` or `origins`. The trees inside are called under them, the caller's
/// visitor of `read_dir` under none.
struct Fs {
    copy_limit: u64,
    /// Held to read by what looks at names, to write by what changes or copies them.
    names: RwLock<()>,
    /// The directories about which something is known that the two trees do not tell, by their
    /// numbers.
    pins: Mutex<HashMap<u64, Arc<Node>>>,
    /// Files of the upper tree that are copies, and which file of the lower tree they were.
    origins: Mutex<HashMap<Id, Id>>,
    next_node: AtomicU64,
}

/// Device and number of a node.
type Id = (u64, u64);

fn id_of(stat: &Stat) -> Id {
    (stat.dev, stat.ino)
}

/// The lower tree has device numbers of its own.
const LOWER: Tag = Tag::new(1);

impl Fs {
    fn names(&self) -> RwLockReadGuard<'_, ()> {
        self.names.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn names_mut(&self) -> RwLockWriteGuard<'_, ()> {
        self.names.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn next_node(&self) -> u64 {
        self.next_node.fetch_add(1, Ordering::Relaxed)
    }

    /// Keeps what is known about a directory when its last handle is gone.
    fn pin(&self, node: &Arc<Node>) {
        let mut pins = self.pins.lock().unwrap_or_else(PoisonError::into_inner);
        pins.insert(node.number(), Arc::clone(node));
    }

    fn unpin(&self, node: &Node) {
        let mut pins = self.pins.lock().unwrap_or_else(PoisonError::into_inner);
        let pinned = pins.remove(&node.number());
        drop(pins);
        drop(pinned);
    }

    fn origins(&self) -> MutexGuard<'_, HashMap<Id, Id>> {
        self.origins.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Which file of the lower tree one of the upper tree was.
    fn origin(&self, upper: &Stat) -> Option<Id> {
        self.origins().get(&id_of(upper)).copied()
    }

    /// The attributes of a file of the upper tree as they are shown.
    fn shown(&self, upper: Stat) -> Stat {
        with_id(upper, self.origin(&upper))
    }

    /// A name of a file of the upper tree is gone; its attributes are those from before.
    fn forget(&self, upper: &Stat) {
        // With its last name its number is free to be another file's.
        if upper.nlink <= 1 {
            self.origins().remove(&id_of(upper));
        }
    }
}

fn with_id(stat: Stat, id: Option<Id>) -> Stat {
    let (dev, ino) = id.unwrap_or(id_of(&stat));
    Stat { dev, ino, ..stat }
}
