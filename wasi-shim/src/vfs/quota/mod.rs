//! `WithQuota`: any tree, with a limit to what is stored in it; and the limits themselves, which
//! `MemFs` has too.

mod budget;
mod dir;
mod file;
mod ledger;
mod node;
mod scan;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use self::dir::QuotaDir;
use self::node::Shared;
use super::{Dir, Vfs, VfsResult};

pub(super) use self::budget::Budget;
pub use self::budget::{Quota, Usage};

/// A tree in which no more is stored than a [`Quota`] allows.
///
/// ```
/// use afmpeg_wasi::Errno;
/// use afmpeg_wasi::vfs::{MemFs, Quota, Vfs, WithQuota, ops};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let fs = MemFs::unbounded();
/// fs.write("/old", [0; 600])?;
/// let limited = WithQuota::new(&fs, Quota { bytes: 1_000, nodes: 10 })?;
/// let error = ops::write(&limited.root(), "/new", [0; 500]).unwrap_err();
/// assert_eq!(error.errno(), Errno::Nospc);
/// ops::remove_file(&limited.root(), "/old")?;
/// ops::write(&limited.root(), "/new", [0; 500])?;
/// assert_eq!(limited.usage().bytes, 500);
/// # Ok(())
/// # }
/// ```
///
/// What does not fit is refused with `Nospc` before the tree is touched, and a write is done in full
/// or refused. Counted are the bytes that were written or allocated, the texts of symbolic links,
/// and as nodes every file, directory, link and further name of a file, but not the root directory.
/// A hole costs nothing, overwriting costs nothing; truncating and removing give back. A removed file
/// counts until its last handle is closed. Devices cost no bytes.
///
/// The count is right as long as the tree is changed through this view alone.
#[derive(Clone)]
pub struct WithQuota {
    inner: Arc<dyn Dir>,
    shared: Arc<Shared>,
}

impl WithQuota {
    /// Limits what is stored in a tree, what is there already included: it is counted once, by a
    /// walk over the whole tree, and a file counts with its length, for nothing tells of its holes.
    /// When that is over the quota, nothing can be added until enough is removed. A directory that
    /// cannot be read counts as one node.
    ///
    /// # Errors
    ///
    /// What the backend says about the root directory.
    pub fn new(tree: impl Vfs, quota: Quota) -> VfsResult<Self> {
        let inner = tree.root();
        let budget = Budget::of_tree(quota);
        scan::count(&inner, &budget)?;
        Ok(Self {
            inner,
            shared: Arc::new(Shared::new(budget)),
        })
    }

    /// What may be stored.
    #[must_use]
    pub fn quota(&self) -> Quota {
        self.shared.budget.quota()
    }

    /// What is stored.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.shared.budget.usage()
    }
}

impl Vfs for WithQuota {
    fn root(&self) -> Arc<dyn Dir> {
        Arc::new(QuotaDir {
            inner: Arc::clone(&self.inner),
            shared: Arc::clone(&self.shared),
        })
    }
}

impl fmt::Debug for WithQuota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WithQuota")
            .field("quota", &self.quota())
            .field("usage", &self.usage())
            .finish_non_exhaustive()
    }
}
