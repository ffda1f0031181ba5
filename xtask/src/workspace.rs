//! Where things are: the workspace and the build directories inside it.

use std::env;
use std::path::{Path, PathBuf};

/// The directory of this repository's workspace.
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// The workspace that cargo runs this program for.
    pub(crate) fn find() -> Self {
        // Set by `cargo run`; the compiled-in path serves when the program is started by hand.
        let xtask = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = xtask.parent().unwrap_or(&xtask).to_path_buf();
        Self { root }
    }

    /// A workspace at `root`, whatever cargo says.
    #[cfg(test)]
    pub(crate) fn at(root: &Path) -> Self {
        Self {
            root: root.to_path_buf(),
        }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The workspace's own `target`, also when cargo is told to build elsewhere: everything that
    /// the developer commands make is found in one place.
    pub(crate) fn target(&self) -> PathBuf {
        self.root.join("target")
    }

    /// `path` as a reader of messages wants it: relative to the workspace where it is inside.
    pub(crate) fn short<'a>(&self, path: &'a Path) -> std::path::Display<'a> {
        path.strip_prefix(&self.root).unwrap_or(path).display()
    }
}

/// The `cargo` that runs us, or the one on `PATH`.
pub(crate) fn cargo() -> PathBuf {
    env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
}
