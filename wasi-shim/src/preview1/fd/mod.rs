//! `fd_*`: open descriptors.

mod attributes;
mod buffers;
mod data;
mod directory;
mod table;

pub use attributes::*;
pub use data::*;
pub use directory::*;
pub use table::*;
