//! Small mechanical changes to upstream sources in the build directory, each with its reason at the
//! call.

use std::fs;
use std::path::Path;

use crate::failure::{Failure, Result};

/// Replaces `from`, which must occur exactly once in the file, by `to`: an upstream that has
/// changed is noticed.
pub(super) fn replace_once(path: &Path, from: &str, to: &str) -> Result<()> {
    let text = fs::read_to_string(path).map_err(Failure::io("read", path))?;
    match text.matches(from).count() {
        1 => fs::write(path, text.replacen(from, to, 1)).map_err(Failure::io("write", path)),
        count => Err(Failure::new(format!(
            "{} has `{from}` {count} times, not once",
            path.display()
        ))
        .mend("the pinned source has changed: adapt the edit in xtask/src/engine")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_that_does_not_fit_is_an_error() {
        let path = crate::step::tests::scratch("edit").join("config.h");
        fs::write(&path, "A 0\r\nB 0\r\nB 0\r\n").expect("the scratch directory is writable");
        replace_once(&path, "A 0", "A 1").expect("it is there once");
        assert_eq!(
            fs::read_to_string(&path).expect("it exists"),
            "A 1\r\nB 0\r\nB 0\r\n"
        );
        assert!(
            replace_once(&path, "B 0", "B 1").is_err(),
            "it is there twice"
        );
        assert!(
            replace_once(&path, "C 0", "C 1").is_err(),
            "it is not there"
        );
    }
}
