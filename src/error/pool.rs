//! Why a pool did not take a job, or cannot tell how it ended.

use std::error::Error;
use std::fmt;

/// Why a pool cannot be made, did not take a job, or cannot tell how one ended. The last is in a
/// [`JobError::Host`](crate::JobError::Host).
#[derive(Debug)]
#[non_exhaustive]
pub enum PoolError {
    /// A setting of the pool is 0, and nothing could run.
    Zero {
        /// The method of [`PoolBuilder`](crate::PoolBuilder) that set it.
        setting: &'static str,
    },
    /// The threads could not be started.
    Threads(Box<dyn Error + Send + Sync>),
    /// The job may use more memory than all jobs of the pool together.
    MemoryClaim {
        /// What the job claims, in bytes.
        claim: u64,
        /// The budget of the pool, in bytes.
        budget: u64,
    },
    /// As many jobs wait as may wait.
    QueueFull {
        /// How many that is.
        limit: usize,
    },
    /// A function or a filesystem of the caller's panicked in the job.
    Panicked {
        /// The number of the job in its pool.
        job: u64,
        /// What the panic said.
        message: String,
    },
    /// A job waited for another one of its own pool, and so held a thread that the other may need.
    WaitInside,
    /// The result was taken out of its handle before.
    Taken,
}

impl fmt::Display for PoolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Zero { setting } => write!(f, "the setting `{setting}` of a pool cannot be 0"),
            Self::Threads(error) => write!(f, "the threads of the pool cannot be started: {error}"),
            Self::MemoryClaim { claim, budget } => write!(
                f,
                "the job may use {claim} bytes of memory and the pool has {budget} bytes for all \
                 jobs (`PoolBuilder::memory_budget` sets it)"
            ),
            Self::QueueFull { limit } => write!(
                f,
                "{limit} jobs wait in the pool already (`PoolBuilder::queue_limit` sets it)"
            ),
            Self::Panicked { job, message } => {
                write!(f, "job {job} of the pool panicked: {message}")
            }
            Self::WaitInside => {
                f.write_str("a job of a pool cannot wait for another job of the same pool")
            }
            Self::Taken => f.write_str("the result of the job was taken before"),
        }
    }
}

impl Error for PoolError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Threads(error) => Some(error.as_ref()),
            _ => None,
        }
    }
}
