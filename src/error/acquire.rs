//! Why an engine cannot be acquired.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;

use super::FetchError;

/// Why an engine cannot be acquired. The addresses are without what may be secret in them: user,
/// password and query.
#[derive(Debug)]
#[non_exhaustive]
pub enum AcquireError {
    /// The digest that was asked for is no SHA-256 in hexadecimal.
    NotADigest {
        /// What was given.
        given: String,
    },
    /// This platform has no directory for caches, or the environment does not name it.
    NoCacheDir,
    /// The engine is not in the cache, and there is nothing that could fetch it.
    NoFetcher,
    /// A file of the cache cannot be used.
    Cache {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The fetcher has no answer.
    Fetch {
        /// From where.
        url: String,
        /// Why.
        source: FetchError,
    },
    /// The connection ended before the file did, also when it was taken up again.
    Cut {
        /// From where.
        url: String,
        /// The bytes that are there.
        received: u64,
        /// The bytes that were announced.
        announced: Option<u64>,
        /// What the connection said, if it said anything.
        source: Option<io::Error>,
    },
    /// The server sent nothing for as long as [`stall`](crate::Acquire::stall) allows.
    Stalled {
        /// From where.
        url: String,
        /// The bytes that are there.
        received: u64,
    },
    /// The server sent more than it had announced.
    Overlong {
        /// From where.
        url: String,
        /// The bytes that were announced.
        announced: u64,
    },
    /// The file, or the module in it, is larger than [`max_bytes`](crate::Acquire::max_bytes) allows.
    TooLarge {
        /// What is allowed, in bytes.
        limit: u64,
    },
    /// The file is compressed, and the compressed data is damaged.
    Gzip {
        /// From where.
        url: String,
        /// What is wrong with it.
        source: io::Error,
    },
    /// The file is whole, and holds another module than the one that was asked for.
    DigestMismatch {
        /// From where.
        url: String,
        /// The SHA-256 that was asked for.
        expected: String,
        /// That of the decompressed module there.
        found: String,
    },
    /// The caller's token was cancelled.
    Cancelled,
    /// It took longer than [`timeout`](crate::Acquire::timeout) allows, the wait for another process
    /// that fetches the same engine included.
    TimedOut,
    /// No thread could be started to fetch on.
    Thread(io::Error),
}

impl fmt::Display for AcquireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotADigest { given } => write!(
                f,
                "`{}` is no SHA-256: 64 hexadecimal digits are needed",
                given.escape_debug()
            ),
            Self::NoCacheDir => f.write_str(
                "no directory for caches is known here: name one with `Acquire::cache_dir`",
            ),
            Self::NoFetcher => f.write_str(
                "the engine is not in the cache, and nothing can fetch it: give a fetcher with \
                 `Acquire::fetcher`, or enable the feature `download`",
            ),
            Self::Cache { path, source } => {
                write!(
                    f,
                    "{} in the cache cannot be used: {source}",
                    path.display()
                )
            }
            Self::Fetch { url, source } => write!(f, "{url} cannot be fetched: {source}"),
            Self::Cut {
                url,
                received,
                announced,
                source,
            } => {
                write!(f, "the connection to {url} ended after {received} bytes")?;
                if let Some(announced) = announced {
                    write!(f, " of {announced}")?;
                }
                match source {
                    Some(source) => write!(f, ": {source}"),
                    None => Ok(()),
                }
            }
            Self::Stalled { url, received } => {
                write!(f, "{url} sends nothing more after {received} bytes")
            }
            Self::Overlong { url, announced } => {
                write!(f, "{url} announced {announced} bytes and sends more")
            }
            Self::TooLarge { limit } => {
                write!(
                    f,
                    "the engine is larger than the {limit} bytes that are allowed"
                )
            }
            Self::Gzip { url, source } => {
                write!(f, "the compressed engine of {url} is damaged: {source}")
            }
            Self::DigestMismatch {
                url,
                expected,
                found,
            } => write!(
                f,
                "{url} is another engine: its SHA-256 is {found}, {expected} was asked for"
            ),
            Self::Cancelled => f.write_str("the fetch of the engine was cancelled"),
            Self::TimedOut => f.write_str("the engine was not there in time"),
            Self::Thread(error) => write!(f, "no thread can be started to fetch on: {error}"),
        }
    }
}

impl Error for AcquireError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Cache { source, .. } | Self::Gzip { source, .. } | Self::Thread(source) => {
                Some(source)
            }
            Self::Fetch { source, .. } => Some(source),
            Self::Cut { source, .. } => source.as_ref().map(|source| source as _),
            Self::NotADigest { .. }
            | Self::NoCacheDir
            | Self::NoFetcher
            | Self::Stalled { .. }
            | Self::Overlong { .. }
            | Self::TooLarge { .. }
            | Self::DigestMismatch { .. }
            | Self::Cancelled
            | Self::TimedOut => None,
        }
    }
}
