//! Native FFmpeg, as the peer that makes fixtures and decodes what the engine also decodes.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::{Failure, Result};
use crate::race;
use crate::workspace::Workspace;

/// The distribution's FFmpeg, and a folder for what passes between it and the engine.
pub(super) struct Native {
    pub(super) version: String,
    folder: PathBuf,
}

impl Native {
    /// Finds it, or installs the distribution's package where that needs no question.
    pub(super) fn ensure(workspace: &Workspace) -> Result<Self> {
        let version = race::ensure_native_ffmpeg().ok_or_else(|| {
            Failure::new("the matrix compares with native FFmpeg, and there is no `ffmpeg`")
                .mend("install the package of your system, or leave `--native` out")
        })?;
        let folder = workspace.target().join("matrix");
        fs::create_dir_all(&folder).map_err(Failure::io("create", &folder))?;
        Ok(Self { version, folder })
    }

    /// Where a file for it is to be.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Runs it; an error is the last line that it prints.
    pub(super) fn run<S: AsRef<OsStr>>(&self, args: &[S]) -> std::result::Result<(), String> {
        let output = Command::new("ffmpeg")
            .args(["-v", "error", "-nostdin", "-y", "-bitexact"])
            .args(args)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| error.to_string())?;
        if output.status.success() {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&output.stderr);
        let last = text.lines().rfind(|line| !line.trim().is_empty());
        Err(last.unwrap_or("it failed without a word").to_owned())
    }

    /// What it decodes of the first stream of a kind, raw.
    pub(super) fn decode(
        &self,
        file: &Path,
        stream: &str,
        raw: &[&str],
    ) -> std::result::Result<Vec<u8>, String> {
        let to = self.file("decoded");
        let mut args: Vec<&OsStr> = vec!["-i".as_ref(), file.as_os_str(), "-map".as_ref()];
        args.extend([stream, "-fps_mode", "passthrough"].map(OsStr::new));
        args.extend(raw.iter().map(OsStr::new));
        args.push(to.as_os_str());
        self.run(&args)?;
        fs::read(&to).map_err(|error| error.to_string())
    }
}
