//! The errors of this crate: one enum for each boundary.

mod acquire;
mod class;
mod fetch;
mod job;
mod load;
mod pool;
mod segment;
mod source;
mod spec;

pub use acquire::AcquireError;
pub use class::ErrorClass;
pub use fetch::FetchError;
pub use job::JobError;
pub use load::LoadError;
pub use pool::PoolError;
pub use segment::SegmentError;
pub use source::SourceError;
pub use spec::SpecError;
