//! The engine artifact: a WebAssembly module from a file or from memory, plain or compressed.

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
        let bytes = bounded(file, expected).map_err(read)?;
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
        let bytes = bytes.into();
        let module = if bytes.starts_with(&GZIP_MAGIC) {
            decompress(&bytes)?
        } else {
            bytes
        };
        if module.len() as u64 > Self::MAX_BYTES {
            return Err(LoadError::TooLarge {
                limit: Self::MAX_BYTES,
            });
        }
        Ok(Self {
            module: Some(module),
            pack: None,
        })
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

fn hex(digest: &[u8]) -> String {
    use fmt::Write;
    digest.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Everything from the reader, or `None` when it is more than an engine may have. What is
/// allocated follows what was read; `expected` only spares it growing step by step.
fn bounded(reader: impl Read, expected: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    if let Ok(expected) = usize::try_from(expected.min(Engine::MAX_BYTES)) {
        bytes.reserve_exact(expected.saturating_add(1));
    }
    reader.take(Engine::MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= Engine::MAX_BYTES).then_some(bytes))
}

/// One gzip member and nothing after it.
fn decompress(bytes: &[u8]) -> Result<Vec<u8>, LoadError> {
    let mut decoder = GzDecoder::new(bytes);
    let module = bounded(&mut decoder, 0)
        .map_err(LoadError::Gzip)?
        .ok_or(LoadError::TooLarge {
            limit: Engine::MAX_BYTES,
        })?;
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
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).expect("writing to memory works");
        encoder.finish().expect("writing to memory works")
    }

    #[test]
    fn plain_and_compressed_engines_have_the_same_digest() {
        let plain = Engine::from_bytes(&b"abc"[..]).expect("plain bytes are taken");
        let packed = Engine::from_bytes(gzip(b"abc")).expect("gzip is taken");
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(plain.sha256(), known);
        assert_eq!(packed.sha256(), known);
        assert_eq!(packed.module(), Some(&b"abc"[..]));
    }

    #[test]
    fn damaged_gzip_is_refused() {
        let packed = gzip(&[7; 1000]);
        let cut = &packed[..packed.len() - 4];
        assert!(matches!(Engine::from_bytes(cut), Err(LoadError::Gzip(_))));
        let mut flipped = packed.clone();
        let crc = flipped.len() - 6;
        flipped[crc] ^= 1;
        assert!(matches!(
            Engine::from_bytes(flipped),
            Err(LoadError::Gzip(_))
        ));
        let mut longer = packed;
        longer.extend(b"garbage");
        let error = Engine::from_bytes(longer).expect_err("trailing data is refused");
        assert!(
            error.to_string().contains("7 bytes after the end"),
            "{error}"
        );
    }

    #[test]
    fn a_gzip_bomb_stops_at_the_limit() {
        let bomb = gzip(&vec![0; (Engine::MAX_BYTES + 1) as usize]);
        assert!(matches!(
            Engine::from_bytes(bomb),
            Err(LoadError::TooLarge { .. })
        ));
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = Engine::open("/no/such/engine.wasm").expect_err("there is no such file");
        assert!(
            error.to_string().contains("/no/such/engine.wasm"),
            "{error}"
        );
        assert!(matches!(error, LoadError::Read { source, .. }
            if source.kind() == io::ErrorKind::NotFound));
    }
}
