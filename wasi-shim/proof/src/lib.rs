//! Random work on the host of WASI preview1, compared with models.
//!
//! A target takes bytes, makes work of them, does it, and panics when something is wrong. The same
//! targets are run by `cargo test` on a committed corpus and on a few thousand random inputs, by
//! `cargo xtask fuzz` without end, and by `cargo fuzz`, which looks where the code goes.
//!
//! Only the public interface of `afmpeg-wasi` is used: a host or a filesystem of one's own can be
//! put to the same work.

pub mod choices;
pub mod hostcalls;
pub mod model;
pub mod module_load;
pub mod path_walk;
pub mod paths;
pub mod random;
pub mod replay;
pub mod targets;
pub mod trees;
