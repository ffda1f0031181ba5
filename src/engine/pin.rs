//! The digest that names an engine.

use std::fmt;

use sha2::{Digest, Sha256};

use super::hex;
use crate::error::AcquireError;

/// The SHA-256 of a decompressed module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pin(String);

impl Pin {
    /// Reads 64 hexadecimal digits of either case. What else it accepted would become part of a path.
    pub(super) fn parse(text: &str) -> Result<Self, AcquireError> {
        if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(AcquireError::NotADigest {
                given: text.to_owned(),
            })
        }
    }

    pub(super) fn of(bytes: &[u8]) -> Self {
        Self(hex(&Sha256::digest(bytes)))
    }

    pub(super) fn is_of(&self, bytes: &[u8]) -> bool {
        *self == Self::of(bytes)
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_digest_is_one() {
        let pin = Pin::of(b"abc");
        assert_eq!(Pin::parse(&pin.to_string()).expect("its own form"), pin);
        let upper = pin.to_string().to_uppercase();
        assert_eq!(Pin::parse(&upper).expect("upper case"), pin);
        let path = format!("../{}", &pin.to_string()[3..]);
        for text in ["", "abc", &upper[1..], &path, &"é".repeat(32)] {
            let error = Pin::parse(text).expect_err(text);
            assert!(matches!(error, AcquireError::NotADigest { .. }), "{error}");
        }
    }
}
