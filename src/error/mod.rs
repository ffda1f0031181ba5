//! The errors of this crate: one enum for each boundary.

mod class;
mod spec;

pub use class::ErrorClass;
pub use spec::SpecError;
