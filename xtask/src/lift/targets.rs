//! `cargo xtask lift-targets`: type-checks the pack, and the library over it, for hosts that this machine
//! is not: iOS, and one with 32-bit addresses.
//!
//! The standard library for them comes from its sources, which Debian packages beside a compiler of the
//! same version (`rust-web-src`); both are unpacked below `target/`, nothing is installed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::pack;
use crate::command;
use crate::failure::{Failure, Result};
use crate::workspace::{self, Workspace};

/// Runs the command.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let pack = pack::ensure(workspace)?;
    let root = toolchain(workspace)?;
    for target in TARGETS {
        for (what, directory) in [
            ("pack", pack.directory.join("crate")),
            ("library", workspace.root().join("wasi-shim")),
        ] {
            eprintln!("checking the {what} for {target}");
            let mut check = Command::new(workspace::cargo());
            check
                .current_dir(&directory)
                .args(["check", "-Zbuild-std=std,panic_unwind", "--target", target])
                .args((what == "library").then_some("--no-default-features"))
                .env("RUSTC", root.join("usr/bin/rustc"))
                .env("LD_LIBRARY_PATH", root.join("usr/lib/x86_64-linux-gnu"))
                // Building the standard library is not stable; the sources checked here are.
                .env("RUSTC_BOOTSTRAP", "1")
                .env("CARGO_TARGET_DIR", workspace.target().join("lift/targets"));
            run_to_end(check)?;
        }
        println!("{target}: the pack and the library pass");
    }
    Ok(())
}

/// The compiler with the sources of its standard library, unpacked once.
fn toolchain(workspace: &Workspace) -> Result<PathBuf> {
    let directory = workspace.target().join("tools").join("rust-web");
    let root = directory.join("root");
    if directory.join(DONE).is_file() {
        return Ok(root);
    }
    let packages = directory.join("packages");
    fs::create_dir_all(&packages).map_err(Failure::io("create", &packages))?;
    fs::create_dir_all(&root).map_err(Failure::io("create", &root))?;
    let mut names: Vec<String> = PACKAGES.iter().map(|name| (*name).to_owned()).collect();
    names.push(versioned_library()?);
    let mut download = Command::new("apt-get");
    download.current_dir(&packages).arg("download").args(&names);
    run_to_end(download)?;
    for entry in fs::read_dir(&packages).map_err(Failure::io("read", &packages))? {
        let path = entry.map_err(Failure::io("read", &packages))?.path();
        let mut unpack = Command::new("dpkg-deb");
        unpack.arg("-x").arg(&path).arg(&root);
        run_to_end(unpack)?;
    }
    let done = directory.join(DONE);
    fs::write(&done, "").map_err(Failure::io("write", &done))?;
    Ok(root)
}

/// The package of the compiler's own libraries has the version in its name.
fn versioned_library() -> Result<String> {
    let mut depends = Command::new("apt-cache");
    depends.args(["depends", "libstd-rust-web-dev"]);
    let output = depends
        .output()
        .map_err(|error| command::cannot_start(&depends, &error))?;
    String::from_utf8_lossy(&output.stdout)
        .split_whitespace()
        .find(|word| word.starts_with("libstd-rust-web-1"))
        .map(str::to_owned)
        .ok_or_else(|| {
            Failure::new("apt knows no package libstd-rust-web-dev")
                .mend("this check needs Debian 12 or later, with `apt-get update` done")
        })
}

fn run_to_end(mut process: Command) -> Result<()> {
    let status = process
        .status()
        .map_err(|error| command::cannot_start(&process, &error))?;
    if status.success() {
        return Ok(());
    }
    let program = Path::new(process.get_program()).display();
    Err(Failure::new(format!("{program} ended with {status}")).mend("its messages are above"))
}

/// A device that allows no JIT, and a host whose addresses are as narrow as the guest's.
const TARGETS: [&str; 2] = ["aarch64-apple-ios", "i686-unknown-linux-gnu"];

const PACKAGES: [&str; 4] = [
    "rustc-web",
    "rust-web-src",
    "libstd-rust-web-dev",
    "libllvm22",
];

const DONE: &str = "done";
