//! `cargo xtask lift`: a WebAssembly module translated to a package of Rust crates.

pub(crate) mod pack;
pub(crate) mod targets;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;

use crate::command;
use crate::failure::{Failure, Result};
use crate::workspace::Workspace;

/// What to lift, and where to.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The module
    module: PathBuf,
    /// The directory of the package, which is made or brought up to date: nothing else may be in it
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The name of the crate that applications depend on [default: that of the module's file]
    #[arg(long)]
    name: Option<String>,
    /// The licence of the module, as an SPDX expression: the package is derived from it
    #[arg(long, default_value = "LicenseRef-of-the-module")]
    license: String,
}

/// Runs the command.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let wasm = fs::read(&options.module).map_err(Failure::io("read", &options.module))?;
    let name = match &options.name {
        Some(name) => name.clone(),
        None => options
            .module
            .file_stem()
            .map(|stem| format!("{}-lifted", stem.to_string_lossy()))
            .unwrap_or_default(),
    };
    let started = Instant::now();
    let written = write(workspace, &wasm, &name, &options.license, &options.out)?;
    eprintln!(
        "lifted {} functions to {} KiB of Rust in {:.1} s",
        written.functions,
        written.bytes >> 10,
        started.elapsed().as_secs_f64()
    );
    println!("{}", workspace.short(&options.out));
    Ok(())
}

/// Runs the proof, which is a program of its own: it has an interpreter and the specification in it.
pub(crate) fn prove(workspace: &Workspace, args: &[String]) -> Result<()> {
    let mut cargo = command::cargo(workspace);
    cargo.args([
        "run",
        "--quiet",
        "--locked",
        "--package",
        "afmpeg-lift-proof",
        "--",
    ]);
    let status = cargo.args(args).status();
    match status.map_err(|error| command::cannot_start(&cargo, &error))? {
        status if status.success() => Ok(()),
        _ => Err(Failure::new("the proof does not hold").mend("what differs is printed above")),
    }
}

/// What was written.
pub(crate) struct Written {
    pub(crate) functions: usize,
    /// Source text, in bytes.
    pub(crate) bytes: usize,
}

/// Lifts a module into the package at `out`.
pub(crate) fn write(
    workspace: &Workspace,
    wasm: &[u8],
    name: &str,
    license: &str,
    out: &Path,
) -> Result<Written> {
    let lifted = afmpeg_lift::lift(wasm, &afmpeg_lift::Options::default())
        .map_err(|error| Failure::new(error.to_string()))?;
    let runtime = format!(
        "{{ path = {:?} }}",
        workspace.root().join("lift").join("runtime")
    );
    let package = afmpeg_lift::Package::new(name, license, &runtime);
    let mut bytes = 0;
    let mut wanted = BTreeSet::new();
    for file in lifted.package(&package) {
        let path = out.join(&file.path);
        if file.path.ends_with(".rs") {
            bytes += file.contents.len();
        }
        put(&path, &file.contents)?;
        wanted.insert(path);
    }
    remove_others(out, &wanted)?;
    Ok(Written {
        functions: lifted.functions(),
        bytes,
    })
}

/// Writes a file unless it has these contents already: cargo compiles again what is newer.
fn put(path: &Path, contents: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|old| old == contents) {
        return Ok(());
    }
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory).map_err(Failure::io("create", directory))?;
    }
    fs::write(path, contents).map_err(Failure::io("write", path))
}

/// Removes the files of an earlier package that are not part of this one.
fn remove_others(directory: &Path, wanted: &BTreeSet<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(directory).map_err(Failure::io("read", directory))? {
        let entry = entry.map_err(Failure::io("read", directory))?;
        let path = entry.path();
        if path.is_dir() {
            remove_others(&path, wanted)?;
        } else if !wanted.contains(&path) && path.file_name() != Some("Cargo.lock".as_ref()) {
            fs::remove_file(&path).map_err(Failure::io("remove", &path))?;
        }
    }
    Ok(())
}
