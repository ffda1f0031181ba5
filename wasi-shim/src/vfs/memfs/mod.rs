//! `MemFs`: a whole filesystem in memory, bounded by a quota.

mod contents;
mod dir;
mod entries;
mod file;
mod fs;
mod node;
#[cfg(test)]
mod tests;
mod trie;

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use self::dir::MemDir;
use self::fs::{Fs, ROOT};
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
    fs: Arc<Fs>,
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
        Self {
            fs: Fs::new(quota, Arc::new(now)),
        }
    }

    /// What the filesystem may hold.
    #[must_use]
    pub fn quota(&self) -> Quota {
        self.fs.budget.quota()
    }

    /// What the filesystem holds.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.fs.budget.usage()
    }

    /// An independent copy with the same quota and clock, of one instant: each write and each change
    /// of a name is in it as a whole or not at all.
    ///
    /// It takes the same short time whatever is stored. Both sides share everything until one of them
    /// changes it, and then copy what is changed: a chunk of 64 KiB, the list of chunks of a file,
    /// the entries of a directory. What is shared counts in the usage of both.
    #[must_use]
    pub fn snapshot(&self) -> Self {
        Self {
            fs: self.fs.snapshot(),
        }
    }
}

impl Default for MemFs {
    fn default() -> Self {
        Self::new()
    }
}

impl Vfs for MemFs {
    fn root(&self) -> Arc<dyn Dir> {
        let open = self.fs.open(ROOT);
        Arc::new(MemDir {
            open: open.expect("the root directory is never removed"),
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
