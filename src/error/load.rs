//! Why an engine cannot be loaded.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why an engine cannot be loaded.
#[derive(Debug)]
#[non_exhaustive]
pub enum LoadError {
    /// The file cannot be read.
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The engine is larger than any engine is.
    TooLarge {
        /// What it may have, in bytes, after decompression.
        limit: u64,
    },
    /// The file is compressed, and the compressed data is damaged or cut off.
    Gzip(io::Error),
    /// The module cannot be run here.
    Module(afmpeg_wasi::LoadError),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { path, source } => {
                write!(f, "the engine {} cannot be read: {source}", path.display())
            }
            Self::TooLarge { limit } => {
                write!(f, "the engine is larger than {} MiB", limit >> 20)
            }
            Self::Gzip(error) => write!(f, "the compressed engine is damaged: {error}"),
            Self::Module(error) => error.fmt(f),
        }
    }
}

impl Error for LoadError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Read { source, .. } | Self::Gzip(source) => Some(source),
            Self::Module(error) => Some(error),
            Self::TooLarge { .. } => None,
        }
    }
}

impl From<afmpeg_wasi::LoadError> for LoadError {
    fn from(error: afmpeg_wasi::LoadError) -> Self {
        Self::Module(error)
    }
}
