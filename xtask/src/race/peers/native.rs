//! The peer: FFmpeg's own commands as the distribution ships them, on one thread.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{Folder, Peer, Results, Run};
use crate::failure::Result;
use crate::race::measure;
use crate::race::workloads::{Native, Workload};

/// Native FFmpeg on this machine.
pub(in crate::race) struct Ffmpeg {
    version: String,
    folder: Folder,
    /// Arguments that choose the H.264 encoder nearest to ours.
    h264: &'static [&'static str],
}

/// Finds `ffmpeg` and `ffprobe`, as [`ensure`] does.
pub(in crate::race) fn find(folder: &Folder) -> Option<Ffmpeg> {
    let version = ensure()?;
    let encoders = Command::new("ffmpeg")
        .args(["-hide_banner", "-encoders"])
        .output()
        .ok()?;
    let h264: &[&str] = if String::from_utf8_lossy(&encoders.stdout).contains("libopenh264") {
        &["-c:v", "libopenh264"]
    } else {
        &["-c:v", "libx264", "-preset", "veryfast"]
    };
    Some(Ffmpeg {
        version,
        folder: folder.clone(),
        h264,
    })
}

/// The version of `ffmpeg`, which is installed with `ffprobe` if it is not there and that needs no question.
pub(crate) fn ensure() -> Option<String> {
    version().or_else(|| {
        eprintln!("native ffmpeg is not installed: trying the distribution's package");
        let installed = Command::new("apt-get")
            .args(["install", "-y", "--no-install-recommends", "ffmpeg"])
            .stdin(Stdio::null())
            .output()
            .is_ok_and(|output| output.status.success());
        installed.then(version).flatten()
    })
}

impl Peer for Ffmpeg {
    fn column(&self) -> &'static str {
        "native"
    }

    fn describe(&self) -> String {
        format!(
            "{}, H.264 by {}, one thread",
            self.version,
            self.h264[1..].join(" ")
        )
    }

    fn run(&self, workload: &Workload) -> Result<Run> {
        let results = Results::prepare(self.folder.of(self.column())?, workload)?;
        let line = self.command_line(workload, results.output.as_deref());
        Ok(Run {
            cost: measure::run(&line, &results.reply)?,
            result: None,
        })
    }
}

impl Ffmpeg {
    /// The command that does `workload`.
    fn command_line(&self, workload: &Workload, output: Option<&Path>) -> Vec<OsString> {
        let mut line: Vec<OsString> = Vec::new();
        let mut words = |words: &[&str]| line.extend(words.iter().map(OsString::from));
        match workload.native {
            Native::Version => words(&["ffmpeg", "-version"]),
            Native::Probe => words(&["ffprobe", "-v", "error", "-show_format", "-show_streams"]),
            Native::Convert { before, .. } => {
                words(&["ffmpeg", "-v", "error", "-y", "-nostdin"]);
                words(&[
                    "-threads",
                    "1",
                    "-filter_threads",
                    "1",
                    "-filter_complex_threads",
                    "1",
                ]);
                words(before);
            }
        }
        for input in workload.inputs {
            line.push("-i".into());
            line.push(self.folder.source(input).into());
        }
        if let (Native::Convert { args, .. }, Some(output)) = (&workload.native, output) {
            if output
                .extension()
                .is_some_and(|extension| extension == "mp4")
            {
                line.extend(self.h264.iter().map(OsString::from));
            }
            line.extend(args.iter().map(OsString::from));
            line.extend(["-threads", "1"].map(OsString::from));
            line.push(output.into());
        }
        line
    }
}

fn version() -> Option<String> {
    Command::new("ffprobe")
        .arg("-version")
        .output()
        .ok()
        .filter(|o| o.status.success())?;
    let output = Command::new("ffmpeg").arg("-version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines()
        .next()
        .map(|line| line.split(" Copyright").next().unwrap_or(line).to_owned())
}
