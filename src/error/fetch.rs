//! Why a fetcher has no answer.

use std::error::Error;
use std::fmt;

/// Why a [`Fetch`](crate::Fetch) has no answer to a request.
#[derive(Debug)]
#[non_exhaustive]
pub enum FetchError {
    /// The server answered with a status that is no file: 404, 503.
    Status(u16),
    /// The server answered something else than was asked for.
    Protocol(&'static str),
    /// There is nothing here that can do TLS: the machine is none of those that the feature `download`
    /// has TLS for, and the application installed no provider of its own.
    NoTls,
    /// The request cannot be made, and asking again would not help: a malformed address, a
    /// certificate that is refused.
    Refused(Box<dyn Error + Send + Sync>),
    /// The connection failed; asking again may help.
    Transport(Box<dyn Error + Send + Sync>),
}

impl FetchError {
    /// An error that asking again would not change.
    pub fn refused(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Refused(error.into())
    }

    /// An error of the connection.
    pub fn transport(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Transport(error.into())
    }

    /// Whether the same request may be answered a moment later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Status(status) => matches!(status, 408 | 425 | 429 | 500..=599),
            Self::Transport(_) => true,
            Self::Protocol(_) | Self::NoTls | Self::Refused(_) => false,
        }
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "the server answered with status {status}"),
            Self::Protocol(what) => write!(f, "the server broke the protocol: {what}"),
            Self::NoTls => f.write_str(
                "https needs a provider of cryptography: the processor here is none that the \
                 built-in one knows; install one as the default of rustls, or give a fetcher",
            ),
            Self::Refused(error) | Self::Transport(error) => error.fmt(f),
        }
    }
}

impl Error for FetchError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Refused(error) | Self::Transport(error) => Some(error.as_ref()),
            Self::Status(_) | Self::Protocol(_) | Self::NoTls => None,
        }
    }
}
