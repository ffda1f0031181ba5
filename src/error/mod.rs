//! The errors of this crate: one enum for each boundary.

mod class;
mod job;
mod load;
mod spec;

pub use class::ErrorClass;
pub use job::JobError;
pub use load::LoadError;
pub use spec::SpecError;
