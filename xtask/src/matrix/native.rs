//! Native FFmpeg, as the peer that makes fixtures and decodes what the engine also decodes.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::containers::Container;
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
        let mut child = Command::new("ffmpeg")
            .args(["-v", "error", "-nostdin", "-y", "-bitexact"])
            .args(args)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(self.file("errors")).map_err(|error| error.to_string())?)
            .spawn()
            .map_err(|error| error.to_string())?;
        let started = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
                break status;
            }
            if started.elapsed() > PATIENCE {
                child.kill().map_err(|error| error.to_string())?;
                child.wait().map_err(|error| error.to_string())?;
                return Err("it does not come to an end".to_owned());
            }
            thread::sleep(Duration::from_millis(2));
        };
        if status.success() {
            return Ok(());
        }
        let text = fs::read(self.file("errors")).map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&text);
        let last = text.lines().rfind(|line| !line.trim().is_empty());
        Err(last.unwrap_or("it failed without a word").to_owned())
    }

    /// What it decodes of a stream, raw.
    pub(super) fn decode(
        &self,
        file: &Path,
        container: &Container,
        stream: &str,
        raw: &[&str],
    ) -> std::result::Result<Vec<u8>, String> {
        let to = self.file("decoded");
        let read = container.read();
        // The engine has no code of a processor, which need not round as the rest does.
        let mut args: Vec<&OsStr> = ["-cpuflags", "0"].map(OsStr::new).to_vec();
        args.extend(read.iter().map(OsStr::new));
        args.extend(["-i".as_ref(), file.as_os_str(), "-map".as_ref()]);
        args.extend([stream, "-fps_mode", "passthrough"].map(OsStr::new));
        args.extend(raw.iter().map(OsStr::new));
        // What is forged may say that it has no end.
        let most = MOST_DECODED.to_string();
        args.extend(["-fs".as_ref(), most.as_ref(), to.as_os_str()]);
        self.run(&args)?;
        let bytes = fs::read(&to).map_err(|error| error.to_string())?;
        if bytes.len() >= MOST_DECODED {
            return Err("it decodes more than is compared".to_owned());
        }
        Ok(bytes)
    }

    /// What it takes the first stream of pictures or of sound in a container's file for.
    pub(super) fn codec(&self, container: &Container, picture: bool) -> Option<String> {
        let output = Command::new("ffprobe")
            .args(["-v", "error", "-select_streams"])
            .arg(if picture { "v:0" } else { "a:0" })
            .args(["-show_entries", "stream=codec_name", "-of", "csv=p=0"])
            .args(container.read())
            .arg(self.file(&container.path[1..]))
            .stdin(Stdio::null())
            .output()
            .ok()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let first = text.lines().next()?;
        Some(first.trim_end_matches(',').to_owned())
    }

    /// Whether it has a decoder and a demuxer for them.
    pub(super) fn reads(&self, codec: &str, container: &Container) -> bool {
        let demuxer = container.demuxer();
        self.has("decoder", codec) && demuxer.is_none_or(|demuxer| self.has("demuxer", demuxer))
    }

    /// Whether it has a component, by what it says when it is asked for help about it.
    pub(super) fn has(&self, kind: &str, name: &str) -> bool {
        let about = format!("{kind}={name}");
        let output = Command::new("ffmpeg")
            .args(["-v", "error", "-h", &about])
            .stdin(Stdio::null())
            .output();
        let heading = format!("{} ", kind[..1].to_uppercase() + &kind[1..]);
        output.is_ok_and(|output| output.stdout.starts_with(heading.as_bytes()))
    }
}

/// Bytes that are decoded of a file; those of the matrix have far fewer.
const MOST_DECODED: usize = 200_000_000;

/// Far more than any of this needs, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
