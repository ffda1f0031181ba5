//! Finds the engine: the option, the environment, the workspace; a file, or an address.

use std::path::{Path, PathBuf};

use super::status::{Failure, Status};

/// The variable that names an engine.
pub(crate) const ENGINE_VARIABLE: &str = "AFMPEG_ENGINE";

/// Where `cargo xtask engine` leaves the engine that the command uses, from the workspace's root.
const BUILT: &str = "target/engine/ffmpeg-wasi-lean-lgpl.wasm";

/// Where the engine is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Located {
    File(PathBuf),
    /// An address, and the digest of the engine that is there.
    Address {
        url: String,
        sha256: String,
    },
}

/// The engine to use.
///
/// # Errors
///
/// [`Status::Engine`] when the named file is absent, or nothing is named and nothing is built;
/// [`Status::Usage`] for an address without a digest.
pub(crate) fn engine(option: Option<&Path>) -> Result<Located, Failure> {
    if let Some(path) = option {
        return named(path, "--engine");
    }
    if let Some(path) = std::env::var_os(ENGINE_VARIABLE).filter(|value| !value.is_empty()) {
        return named(Path::new(&path), concat!("$", "AFMPEG_ENGINE"));
    }
    let starts = [
        std::env::current_dir().ok(),
        std::env::current_exe()
            .ok()
            .and_then(|exe| exe.parent().map(Path::to_path_buf)),
    ];
    starts
        .iter()
        .flatten()
        .find_map(|start| upward(start))
        .map(Located::File)
        .ok_or_else(|| {
            Failure::new(
                Status::Engine,
                format!(
                    "no engine found: build one with `cargo xtask engine` in a checkout of afmpeg \
                 (it appears as {BUILT}), or name one with --engine PATH or ${ENGINE_VARIABLE}"
                ),
            )
        })
}

fn named(path: &Path, by: &str) -> Result<Located, Failure> {
    if let Some(text) = path.to_str().filter(|text| is_address(text)) {
        return address(text, by);
    }
    if path.is_file() {
        return Ok(Located::File(path.to_path_buf()));
    }
    Err(Failure::new(
        Status::Engine,
        format!(
            "the engine that {by} names is not a file: {}; `cargo xtask engine` builds one",
            path.display()
        ),
    ))
}

fn is_address(text: &str) -> bool {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| {
        ["http", "https"]
            .iter()
            .any(|s| s.eq_ignore_ascii_case(scheme))
    })
}

/// `URL#sha256=DIGEST`.
fn address(text: &str, by: &str) -> Result<Located, Failure> {
    match text.split_once("#sha256=") {
        Some((url, sha256)) => Ok(Located::Address {
            url: url.to_owned(),
            sha256: sha256.to_owned(),
        }),
        None => Err(Failure::usage(format!(
            "the address that {by} names needs the digest of the engine behind it: \
             URL#sha256=DIGEST"
        ))),
    }
}

/// The built engine of the nearest directory at or above `start` that has one.
fn upward(start: &Path) -> Option<PathBuf> {
    start
        .ancestors()
        .map(|dir| dir.join(BUILT))
        .find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_engine_above_wins() {
        let root = tempfile::tempdir().expect("a temporary directory");
        let inner = root.path().join("a/b/c");
        std::fs::create_dir_all(&inner).expect("directories");
        assert_eq!(upward(&inner), None);
        for dir in ["", "a/b"] {
            let engine = root.path().join(dir).join(BUILT);
            std::fs::create_dir_all(engine.parent().expect("in a directory")).expect("directories");
            std::fs::write(&engine, b"\0asm").expect("a file");
        }
        assert_eq!(upward(&inner), Some(root.path().join("a/b").join(BUILT)));
        assert_eq!(upward(root.path()), Some(root.path().join(BUILT)));
    }

    #[test]
    fn an_address_needs_a_digest() {
        let located = engine(Some(Path::new("HTTPS://h/e.wasm?a#sha256=00ff")));
        let expected = Located::Address {
            url: "HTTPS://h/e.wasm?a".into(),
            sha256: "00ff".into(),
        };
        assert_eq!(located.expect("it has one"), expected);
        let failure = engine(Some(Path::new("http://h/e.wasm"))).expect_err("it has none");
        assert_eq!(failure.status, Status::Usage);
        assert!(failure.message.contains("#sha256="), "{}", failure.message);
    }

    #[test]
    fn a_named_engine_that_is_absent_is_not_replaced_by_another() {
        let failure = engine(Some(Path::new("no/such/engine.wasm"))).expect_err("absent");
        assert_eq!(failure.status, Status::Engine);
        assert!(failure.message.contains("--engine"), "{}", failure.message);
        assert!(
            failure.message.contains("cargo xtask engine"),
            "{}",
            failure.message
        );
    }
}
