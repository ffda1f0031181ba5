//! One validated path component: the only kind of name a backend ever sees.

use std::fmt;

use super::{VfsError, VfsResult};
use crate::errno::Errno;

/// One component of a path.
///
/// Non-empty UTF-8 of at most [`Name::MAX_LEN`] bytes, neither `.` nor `..`, without `/` and
/// without NUL. Compared byte by byte: no case folding and no Unicode normalisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name<'a>(&'a str);

impl<'a> Name<'a> {
    /// The longest name, in bytes.
    pub const MAX_LEN: usize = 255;

    /// Checks that `text` is one path component.
    ///
    /// # Errors
    ///
    /// `Noent` for an empty name, `Inval` for `.`, `..` and a name with `/` or NUL,
    /// `Nametoolong` above [`Name::MAX_LEN`] bytes.
    pub fn new(text: &'a str) -> VfsResult<Self> {
        if text.is_empty() {
            return Err(VfsError::with_context(Errno::Noent, "empty file name"));
        }
        if text.len() > Self::MAX_LEN {
            return Err(VfsError::with_context(
                Errno::Nametoolong,
                "file name over 255 bytes",
            ));
        }
        if text == "." || text == ".." {
            return Err(VfsError::with_context(
                Errno::Inval,
                "`.` and `..` are not file names",
            ));
        }
        if text.bytes().any(|byte| byte == b'/' || byte == 0) {
            return Err(VfsError::with_context(
                Errno::Inval,
                "file name with `/` or NUL",
            ));
        }
        Ok(Self(text))
    }

    /// Checks that `bytes` are one path component.
    ///
    /// # Errors
    ///
    /// `Ilseq` when they are not UTF-8, otherwise as [`Name::new`].
    pub fn from_bytes(bytes: &'a [u8]) -> VfsResult<Self> {
        // The length first: a hostile megabyte is not worth decoding.
        if bytes.len() > Self::MAX_LEN {
            return Err(VfsError::with_context(
                Errno::Nametoolong,
                "file name over 255 bytes",
            ));
        }
        let text = std::str::from_utf8(bytes)
            .map_err(|_| VfsError::with_context(Errno::Ilseq, "file name is not UTF-8"))?;
        Self::new(text)
    }

    /// The component as text.
    #[must_use]
    pub const fn as_str(self) -> &'a str {
        self.0
    }
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl<'a> TryFrom<&'a str> for Name<'a> {
    type Error = VfsError;

    fn try_from(text: &'a str) -> VfsResult<Self> {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Errno {
        Name::new(text)
            .expect_err("the name must be refused")
            .errno()
    }

    #[test]
    fn a4_what_is_not_one_component_is_refused() {
        assert_eq!(refused(""), Errno::Noent);
        assert_eq!(refused("."), Errno::Inval);
        assert_eq!(refused(".."), Errno::Inval);
        assert_eq!(refused("/"), Errno::Inval);
        assert_eq!(refused("a/b"), Errno::Inval);
        assert_eq!(refused("a/"), Errno::Inval);
        assert_eq!(refused("a\0"), Errno::Inval);
        assert_eq!(refused("\0"), Errno::Inval);
    }

    #[test]
    fn a4_255_bytes_pass_and_256_do_not() {
        let longest = "n".repeat(Name::MAX_LEN);
        assert_eq!(
            Name::new(&longest).expect("255 bytes are a name").as_str(),
            longest
        );
        assert!(Name::from_bytes(longest.as_bytes()).is_ok());
        assert_eq!(refused(&"n".repeat(256)), Errno::Nametoolong);
        assert_eq!(refused(&"é".repeat(128)), Errno::Nametoolong);
    }

    #[test]
    fn a4_bytes_that_are_not_utf8_are_ilseq_and_a_huge_name_is_never_decoded() {
        assert_eq!(
            Name::from_bytes(b"a\xff").map_err(|e| e.errno()),
            Err(Errno::Ilseq)
        );
        let huge = vec![0xff; 65_536];
        assert_eq!(
            Name::from_bytes(&huge).map_err(|e| e.errno()),
            Err(Errno::Nametoolong)
        );
    }

    #[test]
    fn a4_unicode_and_case_twins_are_different_names() {
        let composed = Name::new("\u{e9}").expect("a letter");
        let decomposed = Name::new("e\u{301}").expect("a letter and its accent");
        assert_ne!(composed, decomposed);
        assert_ne!(
            Name::new("A").expect("a letter"),
            Name::new("a").expect("a letter")
        );
    }
}
