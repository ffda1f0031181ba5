//! `fd_*`: open descriptors.

mod attributes;
mod directory;
mod data;
mod table;

pub use attributes::*;
pub use data::*;
pub use directory::*;
pub use table::*;
