//! What a filesystem may hold, and the counters that keep it to that.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::errno::Errno;
use crate::limits::LimitKind;
use crate::vfs::{VfsError, VfsResult};

/// The most that a [`MemFs`](crate::vfs::MemFs) or a tree under a [`WithQuota`](super::WithQuota)
/// holds at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Bytes of file contents and of symbolic link texts. Holes cost nothing. The host memory
    /// behind those of a `MemFs` stays below twice this number, plus what the nodes take.
    pub bytes: u64,
    /// Files, directories, symbolic links, and the second and further names of a file. In a
    /// `MemFs` each takes at most about a kilobyte of host memory.
    pub nodes: u64,
}

impl Quota {
    /// No limit: only for trees that no guest can write to, or a host with memory to lose.
    pub const UNBOUNDED: Quota = Quota {
        bytes: u64::MAX,
        nodes: u64::MAX,
    };
}

impl Default for Quota {
    /// 1 GiB in 262,144 nodes.
    fn default() -> Self {
        Self {
            bytes: 1 << 30,
            nodes: 1 << 18,
        }
    }
}

/// How much of a [`Quota`] is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// As [`Quota::bytes`].
    pub bytes: u64,
    /// As [`Quota::nodes`].
    pub nodes: u64,
}

/// The counters of one filesystem. Everything is charged before it is allocated.
#[derive(Debug)]
pub(in crate::vfs) struct Budget {
    bytes: Meter,
    nodes: Meter,
}

impl Budget {
    /// The budget of a memory filesystem.
    pub(in crate::vfs) fn of_memory(quota: Quota) -> Self {
        Self {
            bytes: Meter::new(
                quota.bytes,
                LimitKind::StoredBytes,
                "byte quota of the memory filesystem",
            ),
            nodes: Meter::new(
                quota.nodes,
                LimitKind::Nodes,
                "node quota of the memory filesystem",
            ),
        }
    }

    /// The budget of any tree.
    pub(super) fn of_tree(quota: Quota) -> Self {
        Self {
            bytes: Meter::new(
                quota.bytes,
                LimitKind::StoredBytes,
                "byte quota of the filesystem",
            ),
            nodes: Meter::new(
                quota.nodes,
                LimitKind::Nodes,
                "node quota of the filesystem",
            ),
        }
    }

    pub(in crate::vfs) fn quota(&self) -> Quota {
        Quota {
            bytes: self.bytes.limit,
            nodes: self.nodes.limit,
        }
    }

    pub(in crate::vfs) fn usage(&self) -> Usage {
        Usage {
            bytes: self.bytes.used(),
            nodes: self.nodes.used(),
        }
    }

    pub(in crate::vfs) fn charge_bytes(&self, count: u64) -> VfsResult<()> {
        self.bytes.charge(count)
    }

    /// Charges what is there already, whatever the quota.
    pub(in crate::vfs) fn adopt(&self, usage: Usage) {
        self.bytes.used.fetch_add(usage.bytes, Ordering::Relaxed);
        self.nodes.used.fetch_add(usage.nodes, Ordering::Relaxed);
    }

    pub(in crate::vfs) fn release_bytes(&self, count: u64) {
        self.bytes.release(count);
    }

    pub(in crate::vfs) fn charge_node(&self) -> VfsResult<()> {
        self.nodes.charge(1)
    }

    pub(in crate::vfs) fn release_node(&self) {
        self.nodes.release(1);
    }
}

#[derive(Debug)]
struct Meter {
    limit: u64,
    kind: LimitKind,
    /// What is said when it is reached.
    name: &'static str,
    used: AtomicU64,
}

impl Meter {
    fn new(limit: u64, kind: LimitKind, name: &'static str) -> Self {
        Self {
            limit,
            kind,
            name,
            used: AtomicU64::new(0),
        }
    }

    fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    fn charge(&self, count: u64) -> VfsResult<()> {
        let within = |used: u64| used.checked_add(count).filter(|sum| *sum <= self.limit);
        self.used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, within)
            .map(|_| ())
            .map_err(|_| VfsError::over(self.kind, Errno::Nospc, self.name))
    }

    /// Stops at 0: a tree may have been changed behind the back of its budget.
    fn release(&self, count: u64) {
        let less = |used: u64| Some(used.saturating_sub(count));
        let _ = self
            .used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }
}
