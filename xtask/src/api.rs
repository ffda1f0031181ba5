//! `cargo xtask api`: the public interface of the libraries against the snapshots in `docs/api/`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::command;
use crate::failure::{Failure, Result};
use crate::workspace::Workspace;

/// The options of `cargo xtask api`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Write the snapshots anew
    #[arg(long)]
    bless: bool,
}

/// The crates whose interface is a promise.
const CRATES: [&str; 3] = ["afmpeg", "afmpeg-wasi", "afmpeg-lift-runtime"];

/// Runs the command.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let mut report = String::new();
    for name in CRATES {
        let now = interface(workspace, name)?;
        let path = snapshot(workspace, name);
        if options.bless {
            fs::write(&path, &now).map_err(Failure::io("write", &path))?;
            continue;
        }
        let then = fs::read_to_string(&path).map_err(Failure::io("read", &path))?;
        report.push_str(&difference(&then, &now));
    }
    if report.is_empty() {
        return Ok(());
    }
    print!("{report}");
    Err(Failure::new(
        "the public interface is not what docs/api says; a line with `-` breaks those who use it",
    )
    .mend("if it is meant: cargo xtask api --bless, and a word in CHANGELOG.md"))
}

fn snapshot(workspace: &Workspace, name: &str) -> PathBuf {
    workspace
        .root()
        .join("docs/api")
        .join(format!("{name}.txt"))
}

/// The interface of a crate with all its features, a line for each item.
fn interface(workspace: &Workspace, name: &str) -> Result<String> {
    let target = workspace.target().join("api");
    let mut rustdoc = command::cargo(workspace);
    rustdoc
        .args(["rustdoc", "--quiet", "--locked", "--lib", "--all-features"])
        .args(["--package", name, "--target-dir"])
        .arg(&target)
        .args(["--", "-Zunstable-options", "--output-format=json"])
        // The JSON of rustdoc is unstable; the stable compiler writes it when it is told so.
        .env("RUSTC_BOOTSTRAP", "1");
    let status = rustdoc.status();
    if !status
        .map_err(|error| command::cannot_start(&rustdoc, &error))?
        .success()
    {
        return Err(Failure::new(format!("rustdoc failed for {name}")).mend("it is told above"));
    }
    let json = target
        .join("doc")
        .join(format!("{}.json", name.replace('-', "_")));
    read(workspace, &target, &json)
}

fn read(workspace: &Workspace, target: &Path, json: &Path) -> Result<String> {
    let mut reader = command::cargo(workspace);
    reader
        .args(["run", "--quiet", "--locked", "--manifest-path"])
        .arg(workspace.root().join("xtask/api/Cargo.toml"))
        .arg("--target-dir")
        .arg(target)
        .arg("--")
        .arg(json);
    let output = reader
        .output()
        .map_err(|error| command::cannot_start(&reader, &error))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(Failure::new(format!(
            "the reader of rustdoc's JSON failed: {}",
            said.trim()
        ))
        .mend("where it does not know the format: take the release of public-api for this Rust in xtask/api"));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The lines that went and the lines that came.
fn difference(then: &str, now: &str) -> String {
    let lines = |text: &str| -> BTreeSet<String> { text.lines().map(str::to_owned).collect() };
    let (then, now) = (lines(then), lines(now));
    let mut text = String::new();
    for gone in then.difference(&now) {
        let _ = writeln!(text, "-{gone}");
    }
    for new in now.difference(&then) {
        let _ = writeln!(text, "+{new}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_went_and_came_are_told_apart() {
        assert_eq!(difference("a\nb\n", "b\na\n"), "");
        assert_eq!(difference("a\nb\n", "b\nc\n"), "-a\n+c\n");
    }

    #[test]
    fn every_crate_has_a_snapshot() {
        for name in CRATES {
            let path = snapshot(&Workspace::find(), name);
            let text = fs::read_to_string(&path).expect("there is a snapshot");
            let first = format!("pub mod {}", name.replace('-', "_"));
            assert!(text.starts_with(&first), "{}", path.display());
        }
    }
}
