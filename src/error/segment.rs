//! Why a job was not done in parts.

use std::error::Error;
use std::fmt;

use afmpeg_wasi::vfs::VfsError;

use super::{JobError, PoolError};

/// Why a job was not done in parts. What was finished of it stays in the scratch directory.
#[derive(Debug)]
#[non_exhaustive]
pub enum SegmentError {
    /// The parts of this job would not be what the whole is.
    Refused {
        /// The field of the job that says so.
        field: String,
        /// Why.
        reason: String,
    },
    /// The input could not be looked at, or the parts could not be put together.
    Job(Box<JobError>),
    /// A part failed.
    Part {
        /// Which, from 0; `None` is what is made beside the video.
        part: Option<usize>,
        /// Why.
        error: Box<JobError>,
    },
    /// The pool did not take a part.
    Pool(PoolError),
    /// The scratch directory has parts of another job, or of this one done by another engine or with other settings, or
    /// files that are no parts.
    OtherPlan,
    /// An input is not the one that the plan was made for.
    SourceChanged {
        /// Its path.
        path: String,
    },
    /// The scratch directory failed.
    Scratch(VfsError),
}

impl fmt::Display for SegmentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { field, reason } => {
                write!(f, "the job cannot be done in parts: {field}: {reason}")
            }
            Self::Job(error) => error.fmt(f),
            Self::Part {
                part: Some(part),
                error,
            } => write!(f, "part {part}: {error}"),
            Self::Part { part: None, error } => write!(f, "beside the video: {error}"),
            Self::Pool(error) => error.fmt(f),
            Self::OtherPlan => f.write_str(
                "the scratch directory holds parts of another job or engine, or other files; empty it or name another",
            ),
            Self::SourceChanged { path } => {
                write!(f, "{path} is not the file that the plan was made for")
            }
            Self::Scratch(error) => write!(f, "the scratch directory failed: {error}"),
        }
    }
}

impl Error for SegmentError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Job(error) | Self::Part { error, .. } => Some(error.as_ref()),
            Self::Pool(error) => Some(error),
            Self::Scratch(error) => Some(error),
            Self::Refused { .. } | Self::OtherPlan | Self::SourceChanged { .. } => None,
        }
    }
}

impl From<JobError> for SegmentError {
    fn from(error: JobError) -> Self {
        Self::Job(Box::new(error))
    }
}

impl From<PoolError> for SegmentError {
    fn from(error: PoolError) -> Self {
        Self::Pool(error)
    }
}
