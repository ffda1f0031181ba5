//! Why the frames of a caller could not be taken.

use std::error::Error;
use std::fmt;

/// Why the frames that a caller gives a job to encode could not be taken. Which input it is and which frame are counted
/// from 0.
#[derive(Debug)]
#[non_exhaustive]
pub enum SourceError {
    /// A frame is not as its source says that all are.
    Mismatch {
        /// The input.
        input: usize,
        /// The frame.
        frame: u64,
        /// What it is, and what it should be.
        message: String,
    },
    /// The iterator gave an error instead of a frame.
    Failed {
        /// The input.
        input: usize,
        /// The frame.
        frame: u64,
        /// What it gave.
        error: Box<dyn Error + Send + Sync>,
    },
    /// The iterator panicked.
    Panicked {
        /// The input.
        input: usize,
        /// The frame.
        frame: u64,
        /// What the panic said.
        message: String,
    },
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mismatch {
                input,
                frame,
                message,
            } => write!(f, "frame {frame} of inputs[{input}] {message}"),
            Self::Failed {
                input,
                frame,
                error,
            } => write!(f, "there is no frame {frame} of inputs[{input}]: {error}"),
            Self::Panicked {
                input,
                frame,
                message,
            } => write!(
                f,
                "the iterator of inputs[{input}] panicked at frame {frame}: {message}"
            ),
        }
    }
}

impl Error for SourceError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Failed { error, .. } => Some(error.as_ref()),
            _ => None,
        }
    }
}
