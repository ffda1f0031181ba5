//! Why an engine cannot be loaded.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::runtime::Mode;

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
    /// The pack was lifted from another engine.
    PackMismatch {
        /// The SHA-256 of the engine's module.
        engine: String,
        /// That of the module from which the pack was made.
        pack: String,
    },
    /// The engine cannot be run in this mode.
    ModeUnavailable {
        /// The mode that was asked for.
        mode: Mode,
        /// What the engine lacks for it.
        needs: &'static str,
    },
    /// The module cannot be run here.
    Module(afmpeg_wasi::LoadError),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { path, source } => {
                write!(f, "{} cannot be read: {source}", path.display())
            }
            Self::TooLarge { limit } => {
                write!(f, "the engine is larger than {} MiB", limit >> 20)
            }
            Self::Gzip(error) => write!(f, "the compressed engine is damaged: {error}"),
            Self::PackMismatch { engine, pack } => write!(
                f,
                "the pack was lifted from the engine {pack}, this engine is {engine}"
            ),
            Self::ModeUnavailable { mode, needs } => {
                write!(f, "the mode {mode} needs {needs}, which is not there")
            }
            Self::Module(error) => error.fmt(f),
        }
    }
}

impl Error for LoadError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Read { source, .. } | Self::Gzip(source) => Some(source),
            Self::Module(error) => Some(error),
            Self::TooLarge { .. } | Self::PackMismatch { .. } | Self::ModeUnavailable { .. } => {
                None
            }
        }
    }
}

impl From<afmpeg_wasi::LoadError> for LoadError {
    fn from(error: afmpeg_wasi::LoadError) -> Self {
        Self::Module(error)
    }
}
