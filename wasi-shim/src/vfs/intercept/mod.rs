//! What stands between a tree and its user: every operation goes through a hook that sees it, may
//! refuse it and may cut it short. [`Observed`](super::Observed) and
//! [`FaultInject`](super::FaultInject) are hooks.

mod dir;
mod file;
mod trail;

use std::sync::Arc;

use self::dir::HookedDir;
use self::trail::Trail;
use super::{Dir, VfsError, VfsResult};

/// The operations of a tree, each the method of [`Dir`] or [`File`](super::File) of that name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Operation {
    /// `Dir::open_file`.
    OpenFile,
    /// `Dir::open_dir`.
    OpenDir,
    /// `Dir::stat`, `Dir::stat_at`, `File::stat`, `File::len`, `File::is_empty`.
    Stat,
    /// `Dir::read_dir`.
    ReadDir,
    /// `Dir::create_dir`.
    CreateDir,
    /// `Dir::remove_file`.
    RemoveFile,
    /// `Dir::remove_dir`.
    RemoveDir,
    /// `Dir::rename`.
    Rename,
    /// `Dir::symlink`.
    Symlink,
    /// `Dir::read_link`.
    ReadLink,
    /// `Dir::hard_link`.
    HardLink,
    /// `Dir::set_times`, `Dir::set_times_at`, `File::set_times`.
    SetTimes,
    /// `Dir::sync`, `File::sync`.
    Sync,
    /// `File::read_at`.
    Read,
    /// `File::write_at`.
    Write,
    /// `File::append`.
    Append,
    /// `File::set_len`.
    SetLen,
    /// `File::allocate`.
    Allocate,
}

/// One operation on a tree, and what it is asked to do.
///
/// Paths are put together when they are asked for, from the names by which the handles were opened;
/// a handle keeps them when its file is renamed.
pub struct Call<'a> {
    operation: Operation,
    trail: &'a Trail,
    name: Option<&'a str>,
    to: Option<(&'a Trail, &'a str)>,
    offset: Option<u64>,
    len: usize,
}

impl Call<'_> {
    /// Which operation.
    #[must_use]
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// What it works on: `/` is the root of the tree.
    #[must_use]
    pub fn path(&self) -> String {
        self.trail.path(self.name)
    }

    /// The new name in a rename or hard link, unless it is in another tree.
    #[must_use]
    pub fn to(&self) -> Option<String> {
        self.to.map(|(trail, name)| trail.path(Some(name)))
    }

    /// The first byte of a read, write or allocation, and the length that `set_len` sets. An append
    /// has none.
    #[must_use]
    pub fn offset(&self) -> Option<u64> {
        self.offset
    }

    /// How many bytes a read, write or append is asked to move; 0 for the others.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it is asked to move no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl std::fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call")
            .field("operation", &self.operation)
            .field("path", &self.path())
            .field("to", &self.to())
            .field("offset", &self.offset)
            .field("len", &self.len)
            .finish()
    }
}

/// What is asked about every operation.
pub(super) trait Hook: Send + Sync + 'static {
    /// Before it: the most bytes that it may move (at least 1), or the error that it ends in without
    /// having happened.
    fn before(&self, call: &Call<'_>) -> VfsResult<usize> {
        let _ = call;
        Ok(usize::MAX)
    }

    /// After it, refused or not: the bytes that it moved.
    fn after(&self, call: &Call<'_>, result: Result<usize, VfsError>) {
        let _ = (call, result);
    }
}

/// A tree behind a hook.
pub(super) fn hooked<H: Hook>(tree: Arc<dyn Dir>, hook: &Arc<H>) -> Arc<dyn Dir> {
    Arc::new(HookedDir {
        inner: tree,
        hook: Arc::clone(hook),
        trail: Arc::default(),
    })
}

/// Does an operation that moves no bytes.
fn pass<H: Hook, T>(hook: &H, call: &Call<'_>, run: impl FnOnce() -> VfsResult<T>) -> VfsResult<T> {
    let result = hook.before(call).and_then(|_| run());
    hook.after(call, result.as_ref().map(|_| 0).map_err(|error| *error));
    result
}

/// Does an operation that moves `call.len` bytes or fewer.
fn transfer<H: Hook, T>(
    hook: &H,
    call: &Call<'_>,
    run: impl FnOnce(usize) -> VfsResult<T>,
    count: impl FnOnce(&T) -> usize,
) -> VfsResult<T> {
    let result = hook
        .before(call)
        .and_then(|most| run(most.max(1).min(call.len)));
    hook.after(call, result.as_ref().map(count).map_err(|error| *error));
    result
}
