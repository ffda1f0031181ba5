//! The engine artifact: a WebAssembly module from a file, from memory or from the network, plain or
//! compressed.

mod acquire;
mod cache;
mod download;
mod fetch;
#[cfg(feature = "download")]
mod http;
mod part;
mod pin;
mod place;
mod refusal;
mod transfer;

pub use acquire::{Acquire, FetchProgress};
pub use fetch::{Fetch, FetchRequest, FetchResponse, FetchStatus};
#[cfg(feature = "download")]
pub use http::HttpFetch;

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use afmpeg_wasi::LiftedModule;
use flate2::bufread::GzDecoder;
use sha2::{Digest, Sha256};

use crate::error::LoadError;
use crate::sections;

/// An engine: the bytes of its module, decompressed, or the same module lifted to Rust and compiled
/// into this program, or both. A [`Runtime`](crate::Runtime) is made of it.
pub struct Engine {
    module: Option<Vec<u8>>,
    pack: Option<&'static dyn LiftedModule>,
}

impl Engine {
    /// The most bytes that an engine may have, after decompression.
    pub const MAX_BYTES: u64 = 256 << 20;

    /// Reads an engine from a file of the host: `.wasm`, or `.wasm.gz`, told apart by content.
    ///
    /// # Errors
    ///
    /// The file cannot be read, is larger than [`MAX_BYTES`](Self::MAX_BYTES), or is damaged gzip.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, LoadError> {
        let path = path.as_ref();
        let read = |source| LoadError::Read {
            path: path.to_owned(),
            source,
        };
        let file = File::open(path).map_err(read)?;
        let expected = file.metadata().map_err(read)?.len();
        let bytes = bounded(file, expected, Self::MAX_BYTES).map_err(read)?;
        Self::from_bytes(bytes.ok_or(LoadError::TooLarge {
            limit: Self::MAX_BYTES,
        })?)
    }

    /// Takes an engine from memory, plain or compressed.
    ///
    /// # Errors
    ///
    /// It is larger than [`MAX_BYTES`](Self::MAX_BYTES), or is damaged gzip.
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Result<Self, LoadError> {
        Ok(Self {
            module: Some(unpack(bytes.into(), Self::MAX_BYTES)?),
            pack: None,
        })
    }

    /// Takes an engine from the user's cache, or else fetches it into that: [`Acquire`] in short, which
    /// has the options and says what the digest is of.
    ///
    /// ```no_run
    /// use afmpeg::Engine;
    ///
    /// let engine = Engine::fetch(
    ///     "https://example.org/ffmpeg-wasi-lean-lgpl.wasm.gz",
    ///     "5f2c3ce0c3a6c2a8c4a0b1a1e6a3c6d1e8c5c3b0e3a7d9f1b2c4d6e8f0a1b3c5",
    /// )?;
    /// # Ok::<(), afmpeg::AcquireError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Acquire::engine`].
    #[cfg(feature = "download")]
    pub fn fetch(
        url: impl Into<String>,
        sha256: impl Into<String>,
    ) -> Result<Self, crate::error::AcquireError> {
        Acquire::new(url, sha256).engine()
    }

    /// Takes an engine from a pack, its module lifted to Rust ahead of time by `cargo xtask engine
    /// --lift`. Nothing is read and nothing is interpreted; jobs run at the speed of compiled code.
    #[must_use]
    pub fn lifted(pack: &'static dyn LiftedModule) -> Self {
        Self {
            module: None,
            pack: Some(pack),
        }
    }

    /// Adds a pack to an engine that was read, after a check that it was lifted from this module.
    ///
    /// # Errors
    ///
    /// [`LoadError::PackMismatch`]: the pack belongs to another engine.
    pub fn with_pack(mut self, pack: &'static dyn LiftedModule) -> Result<Self, LoadError> {
        let engine = self.sha256();
        let lifted_from = hex(&pack.digest());
        if engine != lifted_from {
            return Err(LoadError::PackMismatch {
                engine,
                pack: lifted_from,
            });
        }
        self.pack = Some(pack);
        Ok(self)
    }

    /// The decompressed module; `None` for an engine that is a pack alone.
    #[must_use]
    pub fn module(&self) -> Option<&[u8]> {
        self.module.as_deref()
    }

    /// The lifted code, if there is some.
    #[must_use]
    pub fn pack(&self) -> Option<&'static dyn LiftedModule> {
        self.pack
    }

    /// A custom section of the module: what it says of itself, not of its code.
    pub(crate) fn custom_section(&self, name: &str) -> Option<&[u8]> {
        match (&self.module, self.pack) {
            (_, Some(pack)) => pack.custom_section(name),
            (Some(module), None) => sections::custom(module, name),
            (None, None) => None,
        }
    }

    /// The SHA-256 of the decompressed module in hexadecimal, by which an engine can be pinned. A
    /// pack has that of the module it was lifted from. Computed by each call.
    #[must_use]
    pub fn sha256(&self) -> String {
        match (&self.module, self.pack) {
            (Some(module), _) => hex(&Sha256::digest(module)),
            (None, Some(pack)) => hex(&pack.digest()),
            // There is no way to make an engine of nothing.
            (None, None) => String::new(),
        }
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("bytes", &self.module.as_ref().map(Vec::len))
            .field("lifted", &self.pack.is_some())
            .finish()
    }
}

pub(crate) fn hex(digest: &[u8]) -> String {
    use fmt::Write;
    digest.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// The module in a file, plain or compressed.
fn unpack(bytes: Vec<u8>, limit: u64) -> Result<Vec<u8>, LoadError> {
    let module = if bytes.starts_with(&GZIP_MAGIC) {
        decompress(&bytes, limit)?
    } else {
        bytes
    };
    if module.len() as u64 > limit {
        return Err(LoadError::TooLarge { limit });
    }
    Ok(module)
}

/// Everything from the reader, or `None` when it is more than the limit. What is allocated follows
/// what was read; `expected` only spares it growing step by step.
fn bounded(reader: impl Read, expected: u64, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    if let Ok(expected) = usize::try_from(expected.min(limit)) {
        bytes.reserve_exact(expected.saturating_add(1));
    }
    reader
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= limit).then_some(bytes))
}

/// One gzip member and nothing after it.
fn decompress(bytes: &[u8], limit: u64) -> Result<Vec<u8>, LoadError> {
    let mut decoder = GzDecoder::new(bytes);
    let module = bounded(&mut decoder, 0, limit)
        .map_err(LoadError::Gzip)?
        .ok_or(LoadError::TooLarge { limit })?;
    let rest = decoder.into_inner();
    if !rest.is_empty() {
        let message = format!("{} bytes after the end of the compressed data", rest.len());
        return Err(LoadError::Gzip(io::Error::new(
            io::ErrorKind::InvalidData,
            message,
        )));
    }
    Ok(module)
}

#[cfg(test)]
mod tests;
