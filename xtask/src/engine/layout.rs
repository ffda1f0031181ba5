//! The places of an engine build: inputs in the repository, everything else under `target`.

use std::path::{Path, PathBuf};

use super::pins::Pins;
use super::target::Target;
use super::{Profile, Variant};
use crate::failure::Result;
use crate::workspace::Workspace;

#[derive(Clone)]
pub(super) struct Layout {
    root: PathBuf,
    target: PathBuf,
    out: PathBuf,
    zig_cache: PathBuf,
    name: String,
    inputs: &'static str,
}

impl Layout {
    pub(super) fn new(
        workspace: &Workspace,
        target: Target,
        profile: Profile,
        variant: Variant,
    ) -> Self {
        let name = match target {
            Target::Wasi => format!("{profile}-{variant}"),
            Target::Native(_) => format!("{}-{profile}-{variant}", target.name()),
        };
        let target = workspace.target();
        Self {
            root: workspace.root().to_path_buf(),
            out: target.join("engine"),
            zig_cache: target.join("toolchain").join("cache"),
            target,
            name,
            inputs: "engine",
        }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The same places, with the inputs of the engines that are more than lean.
    pub(super) fn of_full(&self) -> Self {
        Self {
            inputs: "engine/full",
            ..self.clone()
        }
    }

    /// The same inputs, with a place of its own for everything that is made from them: only the unpacked compiler,
    /// which its digest vouches for, is shared.
    pub(super) fn apart(&self, directory: &Path) -> Self {
        Self {
            out: directory.join("engine"),
            zig_cache: directory.join("zig"),
            ..self.clone()
        }
    }

    /// The committed inputs.
    pub(super) fn engine(&self) -> PathBuf {
        self.root.join(self.inputs)
    }

    pub(super) fn tools(&self) -> PathBuf {
        self.engine().join("tools")
    }

    pub(super) fn shims(&self) -> PathBuf {
        self.engine().join("shims")
    }

    /// Where finished engines are.
    pub(super) fn out(&self) -> PathBuf {
        self.out.clone()
    }

    /// `ffmpeg-wasi-<profile>-<variant>`, to which each artifact adds its extension.
    pub(super) fn artifact_name(&self) -> String {
        format!("ffmpeg-wasi-{}", self.name)
    }

    /// What the names of this engine's directories begin with, before the key.
    pub(super) fn prefix(&self) -> String {
        format!("{}-", self.name)
    }

    /// An engine with its companions, complete when the directory exists.
    pub(super) fn cached(&self, key: &str) -> PathBuf {
        self.out()
            .join("cache")
            .join(format!("{}-{key}", self.name))
    }

    /// FFmpeg and its libraries, compiled; complete when the directory exists.
    pub(super) fn libraries(&self, key: &str) -> PathBuf {
        self.out()
            .join("build")
            .join(format!("{}-{key}", self.name))
    }

    /// The guest of the kernels' tests.
    pub(super) fn kernel_tests(&self, key: &str) -> PathBuf {
        self.out()
            .join("kernel-tests")
            .join(format!("{}-{key}.wasm", self.name))
    }

    /// Releases of libraries that cargo does not fetch.
    pub(super) fn tarballs(&self) -> PathBuf {
        self.out().join("tarballs")
    }

    /// Work in progress: never read again by another run.
    pub(super) fn scratch(&self) -> PathBuf {
        self.out().join("build").join("scratch")
    }

    pub(super) fn logs(&self) -> PathBuf {
        self.out().join("build").join("logs")
    }

    /// Held by the one build that may write.
    pub(super) fn lock(&self) -> PathBuf {
        self.out().join("build").join("lock")
    }

    pub(super) fn zig_cache(&self) -> PathBuf {
        self.zig_cache.clone()
    }

    pub(super) fn download(&self) -> PathBuf {
        self.target.join("toolchain").join("download")
    }

    /// The unpacked compiler; complete when the directory exists.
    pub(super) fn toolchain_dir(&self, pins: &Pins) -> Result<PathBuf> {
        let digest = &pins.wheel()?.sha256;
        let name = format!(
            "{}-{}-{}",
            pins.toolchain.package,
            pins.toolchain.version,
            digest.get(..12).unwrap_or(digest)
        );
        Ok(self.target.join("toolchain").join(name))
    }
}
