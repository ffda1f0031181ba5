//! Lists of filesystem operations, without a host: a tree and its model.

mod listing;
mod memfs;
mod overlay;
mod work;

pub use self::memfs::{faults as memfs_faults, run as memfs};
pub use self::overlay::run as overlay;
