//! The models: what a tree and a host should be, told as simply as possible.

mod compare;
mod contents;
mod tree;
mod walk;

pub(crate) use compare::same_file;
pub use compare::same_tree;
pub use contents::Contents;
pub use tree::{Id, Kind, Node, ROOT, Refusal, Tree};
pub use walk::{Follow, Place, walk};
