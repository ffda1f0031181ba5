//! Runs cargo and what it built, and says what failed.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::failure::{Failure, Result};
use crate::lift::pack::Pack;
use crate::workspace::{self, Workspace};

/// A cargo command in the workspace.
pub(crate) fn cargo(workspace: &Workspace) -> Command {
    let mut command = Command::new(workspace::cargo());
    command.current_dir(workspace.root());
    command
}

/// Builds the release command and returns its path. Cargo shows its own progress.
pub(crate) fn build_cli(workspace: &Workspace) -> Result<PathBuf> {
    let mut build = cargo(workspace);
    build.args(["build", "--release", "--locked", "--package", "afmpeg"]);
    build.args(["--bin", "afmpeg", "--features", "cli"]);
    built(build)
}

/// The same with a pack of lifted code in it.
pub(crate) fn build_fast_cli(workspace: &Workspace, pack: &Pack) -> Result<PathBuf> {
    let mut build = cargo_of_pack(workspace, pack);
    build.args(["build", "--release", "--bin", "afmpeg"]);
    built(build)
}

/// A cargo command in the crate that contains a pack. All packs share one build directory, so that
/// what did not change is not compiled again.
pub(crate) fn cargo_of_pack(workspace: &Workspace, pack: &Pack) -> Command {
    let mut command = Command::new(workspace::cargo());
    command.current_dir(pack.host()).env(
        "CARGO_TARGET_DIR",
        workspace.target().join("lift").join("build"),
    );
    command
}

/// Runs a build of the command, and says where it is.
fn built(mut build: Command) -> Result<PathBuf> {
    build.args(["--message-format", "json-render-diagnostics"]);
    let spawned = build.stdout(Stdio::piped()).spawn();
    let mut child = spawned.map_err(|error| cannot_start(&build, &error))?;
    let mut executable = None;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout)
            .lines()
            .map_while(std::result::Result::ok)
        {
            // Cargo promises one JSON object a line; lines of other tools are not ours to judge.
            let Ok(message) = serde_json::from_str::<Value>(&line) else {
                continue;
            };
            if message["reason"] == "compiler-artifact" && message["target"]["name"] == "afmpeg" {
                executable = message["executable"]
                    .as_str()
                    .map(PathBuf::from)
                    .or(executable);
            }
        }
    }
    let status = child.wait().map_err(|error| cannot_start(&build, &error))?;
    if !status.success() {
        return Err(Failure::new("building the afmpeg command failed")
            .mend("read the compiler's messages above"));
    }
    executable.ok_or_else(|| Failure::new("cargo did not say where it put the afmpeg command"))
}

/// Runs a command whose standard output is one JSON document; its standard error is shown.
pub(crate) fn json<S: AsRef<OsStr>>(program: &Path, args: &[S]) -> Result<Value> {
    let mut command = Command::new(program);
    command
        .args(args)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit());
    let output = command
        .output()
        .map_err(|error| cannot_start(&command, &error))?;
    let words: Vec<_> = args
        .iter()
        .map(|arg| arg.as_ref().to_string_lossy())
        .collect();
    let line = format!("afmpeg {}", words.join(" "));
    if !output.status.success() {
        return Err(
            Failure::new(format!("`{line}` ended with {}", output.status))
                .mend("its message is above"),
        );
    }
    serde_json::from_slice(&output.stdout).map_err(|error| {
        Failure::new(format!(
            "`{line}` printed something else than JSON: {error}"
        ))
    })
}

/// The failure of a program that does not start.
pub(crate) fn cannot_start(command: &Command, error: &std::io::Error) -> Failure {
    Failure::new(format!(
        "cannot start {}: {error}",
        Path::new(command.get_program()).display()
    ))
}
