//! Why a module cannot be lifted.

use std::error::Error;
use std::fmt;

/// Why a module cannot be lifted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LiftError {
    /// The bytes are no valid module.
    Invalid {
        /// What the validator says.
        message: String,
    },
    /// The module uses things that cannot be lifted: all of them.
    Unsupported {
        /// What, each with where it is.
        what: Vec<String>,
    },
}

impl fmt::Display for LiftError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid { message } => write!(f, "not a valid wasm module: {message}"),
            Self::Unsupported { what } => {
                write!(f, "the module cannot be lifted: {}", what.join(", "))
            }
        }
    }
}

impl Error for LiftError {}

impl From<wasmparser::BinaryReaderError> for LiftError {
    fn from(error: wasmparser::BinaryReaderError) -> Self {
        Self::Invalid {
            message: error.to_string(),
        }
    }
}
