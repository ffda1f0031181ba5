//! What a memory filesystem may hold, and the counters that keep it to that.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::errno::Errno;
use crate::vfs::{VfsError, VfsResult};

/// The most that a [`MemFs`](super::MemFs) holds at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Bytes of file contents and of symbolic link texts. Holes cost nothing. The host memory
    /// behind them stays below twice this number, plus what the nodes take.
    pub bytes: u64,
    /// Files, directories, symbolic links, and the second and further names of a file. Each takes
    /// at most about a kilobyte of host memory.
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
pub(super) struct Budget {
    bytes: Meter,
    nodes: Meter,
}

impl Budget {
    pub(super) fn new(quota: Quota) -> Self {
        Self {
            bytes: Meter::new(quota.bytes),
            nodes: Meter::new(quota.nodes),
        }
    }

    pub(super) fn quota(&self) -> Quota {
        Quota {
            bytes: self.bytes.limit,
            nodes: self.nodes.limit,
        }
    }

    pub(super) fn usage(&self) -> Usage {
        Usage {
            bytes: self.bytes.used(),
            nodes: self.nodes.used(),
        }
    }

    pub(super) fn charge_bytes(&self, count: u64) -> VfsResult<()> {
        let refusal = VfsError::with_context(Errno::Nospc, "byte quota of the memory filesystem");
        self.bytes.charge(count).ok_or(refusal)
    }

    /// Charges what another budget with the same quota had accepted.
    pub(super) fn adopt_bytes(&self, count: u64) {
        self.bytes.used.fetch_add(count, Ordering::Relaxed);
    }

    pub(super) fn adopt_node(&self) {
        self.nodes.used.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn release_bytes(&self, count: u64) {
        self.bytes.release(count);
    }

    pub(super) fn charge_node(&self) -> VfsResult<()> {
        let refusal = VfsError::with_context(Errno::Nospc, "node quota of the memory filesystem");
        self.nodes.charge(1).ok_or(refusal)
    }

    pub(super) fn release_node(&self) {
        self.nodes.release(1);
    }
}

#[derive(Debug)]
struct Meter {
    limit: u64,
    used: AtomicU64,
}

impl Meter {
    fn new(limit: u64) -> Self {
        Self {
            limit,
            used: AtomicU64::new(0),
        }
    }

    fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    fn charge(&self, count: u64) -> Option<()> {
        let within = |used: u64| used.checked_add(count).filter(|sum| *sum <= self.limit);
        self.used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, within)
            .map(|_| ())
            .ok()
    }

    fn release(&self, count: u64) {
        self.used.fetch_sub(count, Ordering::Relaxed);
    }
}
