//! `cargo xtask lift`: a WebAssembly module translated to a package of Rust crates.

mod mixed;
pub(crate) mod pack;
pub(crate) mod targets;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use serde_json::{Value, json};

use crate::command;
use crate::digest;
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
    #[command(flatten)]
    mixed: mixed::Options,
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
    let lift = afmpeg_lift::Options::default();
    let mixed = options.mixed.lift(&wasm, &lift)?;
    let written = match &mixed {
        Some((mixed, about)) => {
            let manifest = manifest(&name, &wasm, &options.license, &mixed.lifted, about);
            let out = Out {
                workspace,
                name: &name,
                license: &options.license,
                directory: &options.out,
            };
            out.write(&mixed.lifted, Some(manifest))?
        }
        None => write(workspace, &wasm, &name, &options.license, &options.out)?,
    };
    if let Some((_, about)) = &mixed {
        mixed::print(about);
    }
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
    let out = Out {
        workspace,
        name,
        license,
        directory: out,
    };
    out.write(&lifted, None)
}

/// Where a package goes and what it is called.
struct Out<'a> {
    workspace: &'a Workspace,
    name: &'a str,
    license: &'a str,
    directory: &'a Path,
}

impl Out<'_> {
    fn write(&self, lifted: &afmpeg_lift::Lifted<'_>, manifest: Option<Value>) -> Result<Written> {
        let runtime = self.workspace.root().join("lift").join("runtime");
        let runtime = format!("{{ path = {runtime:?} }}");
        let package = afmpeg_lift::Package::new(self.name, self.license, &runtime);
        let mut bytes = 0;
        let mut wanted = BTreeSet::new();
        for file in lifted.package(&package) {
            let path = self.directory.join(&file.path);
            if file.path.ends_with(".rs") {
                bytes += file.contents.len();
            }
            put(&path, &file.contents)?;
            wanted.insert(path);
        }
        if let Some(manifest) = manifest {
            let path = self.directory.join("manifest.json");
            put(&path, format!("{manifest:#}\n").as_bytes())?;
            wanted.insert(path);
        }
        remove_others(self.directory, &wanted)?;
        Ok(Written {
            functions: lifted.functions(),
            bytes,
        })
    }
}

/// What a user of a mixed pack wants to know of it.
fn manifest(
    name: &str,
    wasm: &[u8],
    license: &str,
    lifted: &afmpeg_lift::Lifted<'_>,
    about: &Value,
) -> Value {
    json!({
        "crate": name,
        "engine_sha256": digest::bytes(wasm),
        "tool": format!("afmpeg-lift {}", env!("CARGO_PKG_VERSION")),
        "licence": license,
        "functions_lifted": lifted.functions(),
        "mixed": about,
    })
}

/// Writes a file unless it has these contents already: cargo compiles again what is newer.
pub(crate) fn put(path: &Path, contents: &[u8]) -> Result<()> {
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
