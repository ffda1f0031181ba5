//! The virtual filesystem: two traits, [`Dir`] and [`File`], and the backends behind them.
//!
//! A backend never sees a path: each call names one entry of one open directory by a validated
//! [`Name`], or an offset of one open file. That leaves path rules (`..`, symbolic links, trailing
//! slashes) to one walker, and keeps a backend of one's own small.
//!
//! Trees of their own: [`MemFs`], `HostDir` (feature `host-fs`), [`Files`]. Made of others: [`Mount`],
//! [`Overlay`], [`Subdir`], [`ReadOnly`], [`WithQuota`], [`Observed`], [`FaultInject`], [`Deterministic`].
//! All pass the suite in [`conformance`], which is there for yours too.

pub mod conformance;
mod deterministic;
mod device;
mod dir;
mod error;
mod fault;
mod file;
mod files;
#[cfg(feature = "host-fs")]
mod host;
mod intercept;
mod memfs;
#[cfg(test)]
mod model;
mod mount;
mod name;
#[cfg(feature = "object-store")]
mod object;
mod observed;
pub mod ops;
mod overlay;
mod quota;
mod readonly;
mod shown;
mod subdir;
mod tag;
mod types;

use std::sync::Arc;

pub use self::deterministic::Deterministic;
pub(crate) use self::deterministic::World;
pub use self::device::{Null, RandomDevice, Sink, Zero};
pub use self::dir::Dir;
pub use self::error::{VfsError, VfsResult};
pub use self::fault::{FaultInject, Faults};
pub use self::file::File;
pub use self::files::{Files, ReadAtFile, ReaderFile, SeekWriterFile, StreamFile, WriterFile};
#[cfg(feature = "host-fs")]
pub use self::host::{Access, HostDir};
pub use self::intercept::{Call, Operation};
pub use self::memfs::MemFs;
pub use self::mount::Mount;
pub use self::name::Name;
#[cfg(feature = "object-store")]
pub use self::object::{ObjectTree, StoreTask};
pub use self::observed::Observed;
pub use self::overlay::Overlay;
pub use self::quota::{Quota, Usage, WithQuota};
pub use self::readonly::ReadOnly;
pub use self::subdir::Subdir;
pub use self::types::{Cookie, Create, DirEntry, FileType, OpenOptions, SetTimes, Stat};

/// A filesystem, or anything else with a root directory.
pub trait Vfs: Send + Sync {
    /// The root directory.
    fn root(&self) -> Arc<dyn Dir>;
}

impl Vfs for Arc<dyn Dir> {
    fn root(&self) -> Arc<dyn Dir> {
        Arc::clone(self)
    }
}

impl<T: Vfs + ?Sized> Vfs for &T {
    fn root(&self) -> Arc<dyn Dir> {
        (**self).root()
    }
}

/// One filesystem of several owners; an `Arc<dyn Dir>` is one by itself.
impl<T: Vfs + ?Sized> Vfs for Arc<T> {
    fn root(&self) -> Arc<dyn Dir> {
        (**self).root()
    }
}
