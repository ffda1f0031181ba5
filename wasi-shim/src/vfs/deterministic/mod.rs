//! `Deterministic`: any tree, without what differs from one run, directory or machine to the next.

mod dir;
mod file;
mod listing;
mod nodes;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use self::dir::SteadyDir;
pub(crate) use self::nodes::World;
use super::{Dir, Vfs, VfsResult};

/// A tree in which two runs that do the same see the same.
///
/// * Nodes and filesystems are numbered from 1, in the order in which they are first seen.
/// * What was there before has one fixed time, [`VirtualClock::START`](crate::VirtualClock::START);
///   what is changed through this view has the time of its clock.
/// * Listings are in the order of the names' bytes.
/// * A directory has no size, and one link until it is removed.
///
/// The tree itself keeps its own numbers and times. The view is meant for one run and remembers each
/// node that it showed until that loses its last name.
#[derive(Clone)]
pub struct Deterministic {
    root: Arc<dyn Dir>,
}

impl Deterministic {
    /// Shows `tree`, with times from `now`, in nanoseconds since the Unix epoch.
    ///
    /// # Errors
    ///
    /// What the tree says about its root directory.
    pub fn new(tree: impl Vfs, now: impl Fn() -> u64 + Send + Sync + 'static) -> VfsResult<Self> {
        let root = Arc::new(World::new(now)).show(tree.root())?;
        Ok(Self { root })
    }
}

impl Vfs for Deterministic {
    fn root(&self) -> Arc<dyn Dir> {
        Arc::clone(&self.root)
    }
}

impl World {
    /// A directory as it is seen here. Nodes of several that are shown in one world are told apart.
    ///
    /// # Errors
    ///
    /// What the tree says about the directory.
    pub(crate) fn show(self: &Arc<Self>, dir: Arc<dyn Dir>) -> VfsResult<Arc<dyn Dir>> {
        Ok(Arc::new(SteadyDir::new(self, dir)?))
    }
}
