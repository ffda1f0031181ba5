//! WASI preview1 over a virtual filesystem.

mod errno;
pub mod vfs;

pub use errno::Errno;
