//! Why a job failed.

use std::error::Error;
use std::fmt;

use afmpeg_wasi::vfs::VfsError;
use afmpeg_wasi::{LimitKind, StartError, Trap};

use super::{ErrorClass, SourceError, SpecError};

/// Why a job failed.
///
/// A job that failed leaves no files unless [`OutputFiles`](crate::OutputFiles) says so;
/// [`partial_outputs`](JobError::partial_outputs) names those that are left. They are not finished, whatever they
/// look like.
///
/// ```
/// use afmpeg::{ErrorClass, JobError};
///
/// fn blame(error: &JobError) -> &'static str {
///     match error {
///         JobError::Guest { class: ErrorClass::OpenInput | ErrorClass::Decode, .. } => "the file is no good",
///         JobError::Spec(_) => "the job was put together wrongly",
///         JobError::Storage { .. } => "the disk, or what stands for it",
///         JobError::Limit { .. } | JobError::DeadlineExceeded { .. } => "it asked for too much",
///         _ => "see what it says",
///     }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum JobError {
    /// The engine ran the job and says that it failed.
    Guest {
        /// The exit code: 1 the job failed, 2 the spec is malformed, 3 it is too new.
        exit: u32,
        /// The kind of failure.
        class: ErrorClass,
        /// What the engine says, one sentence.
        message: String,
        /// The field of the spec that it is about, such as `outputs[0].path`.
        where_: Option<String>,
        /// The error code of the FFmpeg libraries.
        av_error: Option<i32>,
        /// The end of what the engine logged.
        log_tail: String,
        /// Outputs that were begun.
        partial_outputs: Vec<String>,
    },
    /// The guest broke a rule of its machine: a bug in it, which the sandbox contained.
    Trap {
        /// Which rule, and where.
        trap: Trap,
        /// The end of what the engine logged.
        log_tail: String,
        /// Outputs that were begun.
        partial_outputs: Vec<String>,
    },
    /// A limit of the invocation was reached.
    Limit {
        /// Which.
        kind: LimitKind,
        /// What it would have taken or what the engine says about it, where that is known.
        detail: Option<String>,
        /// The end of what the engine logged.
        log_tail: String,
        /// Outputs that were begun.
        partial_outputs: Vec<String>,
    },
    /// The caller's token was cancelled.
    Cancelled {
        /// Outputs that were begun.
        partial_outputs: Vec<String>,
    },
    /// The deadline or the limit of wall time passed.
    DeadlineExceeded {
        /// Outputs that were begun.
        partial_outputs: Vec<String>,
    },
    /// The filesystem failed: it could not store what the job wrote, or answered an open, a look or a read with an I/O
    /// error, whether or not the engine noticed. An open that finds nothing or is not allowed is no such error.
    Storage {
        /// What it answered.
        error: VfsError,
        /// What the engine says about it, if it noticed.
        message: Option<String>,
        /// Outputs that were begun.
        partial_outputs: Vec<String>,
    },
    /// The engine says that it succeeded, and what it left does not bear that out.
    Unverified {
        /// What is wrong: an output that is missing, empty or of another size than reported, or a
        /// reply that cannot be read.
        message: String,
        /// The end of what the engine logged.
        log_tail: String,
        /// Outputs that were begun.
        partial_outputs: Vec<String>,
    },
    /// The frames that the caller gives could not be taken.
    Source(SourceError),
    /// The job cannot be meant; nothing ran.
    Spec(SpecError),
    /// The module does not speak the job vocabulary; only [`run`](crate::Runtime::run) works.
    NotAnEngine {
        /// How it answered when it was asked.
        reason: String,
    },
    /// The engine is older than this library needs; only [`run`](crate::Runtime::run) and
    /// [`process_json`](crate::Runtime::process_json) with an older spec work.
    EngineTooOld {
        /// The newest version of the vocabulary that the engine knows.
        has: u32,
        /// The version that is needed.
        needs: u32,
    },
    /// The guest could not be started within the limits.
    Start(StartError),
    /// The host failed, through no fault of the job.
    Host(Box<dyn Error + Send + Sync>),
}

impl JobError {
    /// The outputs that the job had begun and that are still there, unfinished.
    #[must_use]
    pub fn partial_outputs(&self) -> &[String] {
        match self {
            Self::Guest {
                partial_outputs, ..
            }
            | Self::Trap {
                partial_outputs, ..
            }
            | Self::Limit {
                partial_outputs, ..
            }
            | Self::Cancelled { partial_outputs }
            | Self::DeadlineExceeded { partial_outputs }
            | Self::Storage {
                partial_outputs, ..
            }
            | Self::Unverified {
                partial_outputs, ..
            } => partial_outputs,
            _ => &[],
        }
    }

    /// The same error with other outputs that are left.
    pub(crate) fn with_partial_outputs(mut self, left: Vec<String>) -> Self {
        match &mut self {
            Self::Guest {
                partial_outputs, ..
            }
            | Self::Trap {
                partial_outputs, ..
            }
            | Self::Limit {
                partial_outputs, ..
            }
            | Self::Cancelled { partial_outputs }
            | Self::DeadlineExceeded { partial_outputs }
            | Self::Storage {
                partial_outputs, ..
            }
            | Self::Unverified {
                partial_outputs, ..
            } => *partial_outputs = left,
            _ => {}
        }
        self
    }

    /// The end of what the engine logged, where that may help; it can contain anything that was in
    /// the media.
    #[must_use]
    pub fn log_tail(&self) -> &str {
        match self {
            Self::Guest { log_tail, .. }
            | Self::Trap { log_tail, .. }
            | Self::Limit { log_tail, .. }
            | Self::Unverified { log_tail, .. } => log_tail,
            _ => "",
        }
    }

    /// The limit that was reached: of the invocation, or the quota of a filesystem that could not
    /// store what the job wrote.
    #[must_use]
    pub fn limit(&self) -> Option<LimitKind> {
        match self {
            Self::Limit { kind, .. } => Some(*kind),
            Self::Storage { error, .. } => error.limit(),
            _ => None,
        }
    }

    /// The kind of failure, when the engine itself told it.
    #[must_use]
    pub fn class(&self) -> Option<ErrorClass> {
        match self {
            Self::Guest { class, .. } => Some(*class),
            _ => None,
        }
    }
}

impl fmt::Display for JobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // A message of the engine names the field by itself where that helps.
            Self::Guest { message, .. } if !message.is_empty() => f.write_str(message),
            Self::Guest { exit, class, .. } => {
                write!(
                    f,
                    "the engine failed with exit code {exit} ({class}) and no message"
                )
            }
            Self::Trap { trap, .. } => trap.fmt(f),
            Self::Limit { kind, detail, .. } => {
                write!(f, "limit reached: {kind}")?;
                if let Some(detail) = detail {
                    write!(f, ": {detail}")?;
                }
                match kind.field() {
                    Some(field) => write!(f, " (`Limits::{field}` sets it)"),
                    None => Ok(()),
                }
            }
            Self::Cancelled { .. } => f.write_str("the job was cancelled"),
            Self::DeadlineExceeded { .. } => f.write_str(
                "the job did not end in time: before its deadline, or within `Limits::wall_time`",
            ),
            Self::Storage {
                error,
                message: Some(message),
                ..
            } => {
                write!(f, "the storage failed: {error} ({message})")
            }
            Self::Storage { error, .. } => write!(f, "the storage failed: {error}"),
            Self::Unverified { message, .. } => {
                write!(f, "the engine reports success, but {message}")
            }
            Self::Source(error) => error.fmt(f),
            Self::Spec(error) => error.fmt(f),
            Self::NotAnEngine { reason } => write!(f, "not an ffmpeg-wasi engine: {reason}"),
            Self::EngineTooOld { has, needs } => write!(
                f,
                "the engine knows version {has} of the job vocabulary and version {needs} is \
                 needed: use a newer engine"
            ),
            Self::Start(error) => error.fmt(f),
            Self::Host(error) => write!(f, "the host failed: {error}"),
        }
    }
}

impl Error for JobError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Trap { trap, .. } => Some(trap),
            Self::Storage { error, .. } => Some(error),
            Self::Source(error) => Some(error),
            Self::Spec(error) => Some(error),
            Self::Start(error) => Some(error),
            Self::Host(error) => Some(error.as_ref()),
            _ => None,
        }
    }
}

impl From<SpecError> for JobError {
    fn from(error: SpecError) -> Self {
        Self::Spec(error)
    }
}
