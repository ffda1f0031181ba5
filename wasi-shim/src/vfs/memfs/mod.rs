//! `MemFs`: a whole filesystem in memory, bounded by a quota.

mod contents;
mod dir;
mod file;
mod node;
#[cfg(test)]
mod tests;
mod tree;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Weak};
use std::time::SystemTime;

use self::dir::MemDir;
use self::node::{FileNode, LinkNode, Node, Now, Shared};
use self::tree::DirNode;
use super::quota::Budget;
use super::{Dir, Quota, Usage, Vfs};

/// A filesystem in memory.
///
/// `MemFs` is a handle: clones share one tree, from any thread. [`MemFs::snapshot`] makes an
/// independent copy. Files are stored in chunks that are taken as they are written, so a hole costs
/// nothing and a growing file is never moved. Names are compared byte by byte. Reading does not
/// change access times. A directory has one link, whatever is inside it.
///
/// What is stored is bounded by a [`Quota`] (by default 1 GiB in 262,144 nodes), which counts a
/// removed file until its last handle is closed. A file is at most 1 TiB long, a symbolic link
/// 4,096 bytes; names are bounded by [`Name`](super::Name).
#[derive(Clone)]
pub struct MemFs {
    root: Arc<DirNode>,
}

impl MemFs {
    /// An empty filesystem with the default quota and the time of the system.
    #[must_use]
    pub fn new() -> Self {
        Self::with_quota(Quota::default())
    }

    /// An empty filesystem with this quota and the time of the system. The root directory is not
    /// counted.
    #[must_use]
    pub fn with_quota(quota: Quota) -> Self {
        Self::with_clock(quota, system_time)
    }

    /// An empty filesystem without limits: only for a tree that no guest can write to.
    #[must_use]
    pub fn unbounded() -> Self {
        Self::with_quota(Quota::UNBOUNDED)
    }

    /// An empty filesystem whose time stamps come from `now`, in nanoseconds since the Unix epoch:
    /// with a virtual clock, the same operations give the same times.
    #[must_use]
    pub fn with_clock(quota: Quota, now: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        let shared = Arc::new(Shared::new(
            Budget::of_memory(quota),
            Arc::new(now) as Arc<Now>,
        ));
        let time = shared.now();
        Self {
            root: DirNode::new(shared.root_meta(time), Weak::new()),
        }
    }

    /// What the filesystem may hold.
    #[must_use]
    pub fn quota(&self) -> Quota {
        self.root.meta.fs.budget.quota()
    }

    /// What the filesystem holds.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.root.meta.fs.budget.usage()
    }

    /// An independent copy with the same quota and clock. Contents are shared until one side writes
    /// them, so it costs time and memory by the number of files, not by their length.
    ///
    /// The names are those of one instant, and so is each file; a file that is being written
    /// meanwhile is copied before or after one of its writes.
    #[must_use]
    pub fn snapshot(&self) -> Self {
        let old = &self.root.meta.fs;
        let _namespace = old.namespace();
        let copy = Arc::new(Shared::new(
            Budget::of_memory(old.budget.quota()),
            old.clock(),
        ));
        let root = DirNode::new(self.root.meta.copy_to(&copy), Weak::new());
        let mut copied: HashMap<u64, Node> = HashMap::new();
        let mut pending = vec![(Arc::clone(&self.root), Arc::clone(&root))];
        while let Some((from, to)) = pending.pop() {
            for (_, name, node) in from.entries().after(0) {
                let node = match (copied.get(&node.meta().ino), node) {
                    (Some(again), _) => {
                        again.meta().copy_link();
                        again.clone()
                    }
                    (None, Node::File(file)) => {
                        let meta = file.meta.copy_to(&copy);
                        let contents = file.contents().clone();
                        copy.budget.adopt_bytes(contents.charged());
                        Node::File(FileNode::new(meta, contents))
                    }
                    (None, Node::Link(link)) => {
                        Node::Link(LinkNode::copy(link.meta.copy_to(&copy), &link.target))
                    }
                    (None, Node::Dir(dir)) => {
                        let twin = DirNode::new(dir.meta.copy_to(&copy), Arc::downgrade(&to));
                        pending.push((Arc::clone(dir), Arc::clone(&twin)));
                        Node::Dir(twin)
                    }
                };
                copied.insert(node.meta().ino, node.clone());
                to.entries_mut().add(Arc::clone(name), node);
            }
        }
        Self { root }
    }
}

impl Default for MemFs {
    fn default() -> Self {
        Self::new()
    }
}

impl Vfs for MemFs {
    fn root(&self) -> Arc<dyn Dir> {
        Arc::new(MemDir {
            node: Arc::clone(&self.root),
        })
    }
}

impl fmt::Debug for MemFs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemFs")
            .field("quota", &self.quota())
            .field("usage", &self.usage())
            .finish_non_exhaustive()
    }
}

/// The time of the host; 0 before 1970 and the greatest time past 2554.
fn system_time() -> u64 {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
