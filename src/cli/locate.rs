//! Finds the engine: the option, the environment, the workspace.

use std::path::{Path, PathBuf};

use super::status::{Failure, Status};

/// The variable that names an engine.
pub(crate) const ENGINE_VARIABLE: &str = "AFMPEG_ENGINE";

/// Where `cargo xtask engine` leaves the engine that the command uses, from the workspace's root.
const BUILT: &str = "target/engine/ffmpeg-wasi-lean-lgpl.wasm";

/// The path of the engine to use.
///
/// # Errors
///
/// [`Status::Engine`] when the named file is absent, or nothing is named and nothing is built.
pub(crate) fn engine(option: Option<&Path>) -> Result<PathBuf, Failure> {
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

fn named(path: &Path, by: &str) -> Result<PathBuf, Failure> {
    if path.is_file() {
        return Ok(path.to_path_buf());
    }
    Err(Failure::new(
        Status::Engine,
        format!(
            "the engine that {by} names is not a file: {}; `cargo xtask engine` builds one",
            path.display()
        ),
    ))
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
