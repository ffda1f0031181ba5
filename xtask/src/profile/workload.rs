//! A workload of the race as a job to profile, with the files that it reads.

use std::fs;
use std::path::{Path, PathBuf};

use afmpeg::wasi::vfs::ops;
use serde_json::Value;

use super::job::{InFile, Job};
use super::run::{self, PROGRAM};
use crate::failure::{Failure, Result};
use crate::race::workloads::{Origin, SOURCES, Workload};
use crate::workspace::Workspace;

/// The job of a workload. What it reads is in the race's folder; what is not there yet is made, with
/// the engine `module`.
pub(super) fn job(workspace: &Workspace, workload: &Workload, module: &[u8]) -> Result<Job> {
    let folder = workspace.target().join("race");
    fs::create_dir_all(&folder).map_err(Failure::io("create", &folder))?;
    for name in workload.inputs {
        make(workspace, &folder, name, module)?;
    }
    laid_out(workload.name, &(workload.spec)(), workload.inputs, &folder)
}

/// Makes a source, and first the one that it is made from.
fn make(workspace: &Workspace, folder: &Path, name: &str, module: &[u8]) -> Result<()> {
    let path = folder.join(name);
    let Some(source) = SOURCES.iter().find(|source| source.name == name) else {
        return Err(Failure::new(format!("the race has no source {name}")));
    };
    if path.is_file() {
        return Ok(());
    }
    match source.origin {
        Origin::Fixture(name) => {
            let from = workspace.root().join("tests/fixtures").join(name);
            fs::copy(&from, &path).map_err(Failure::io("copy", &from))?;
        }
        Origin::Made { from, spec } => {
            eprintln!("making {}", source.name);
            let inputs: Vec<_> = from.into_iter().collect();
            for input in &inputs {
                make(workspace, folder, input, module)?;
            }
            let spec = spec();
            let job = laid_out(source.name, &spec, &inputs, folder)?;
            let run = run::plain(module, &[PROGRAM, &job.spec], job.root.clone())?;
            let failed = |why: &dyn std::fmt::Display| {
                Failure::new(format!("{} cannot be made: {why}", source.name))
            };
            if !run.is_success() {
                return Err(failed(&String::from_utf8_lossy(&run.stderr).trim_end()));
            }
            let output = spec["outputs"][0]["path"].as_str().unwrap_or_default();
            let made = ops::read(&job.root, output).map_err(|error| failed(&error))?;
            write_whole(&path, &made)?;
        }
    }
    Ok(())
}

/// A job over the sources that it names by their file names, in whatever directory of the guest.
fn laid_out(name: &str, spec: &Value, inputs: &[&str], folder: &Path) -> Result<Job> {
    let paths = spec["inputs"].as_array().into_iter().flatten();
    let files = paths
        .filter_map(|input| input["path"].as_str())
        .filter_map(|guest| {
            let name = guest.rsplit('/').next()?;
            inputs.contains(&name).then(|| InFile {
                host: folder.join(name),
                guest: guest.to_owned(),
            })
        });
    Job::new(name, spec.to_string(), &files.collect::<Vec<_>>(), &[])
}

/// A source is there as a whole or not at all: it is not made again.
fn write_whole(path: &Path, contents: &[u8]) -> Result<()> {
    let partial: PathBuf = path.with_extension("partial");
    fs::write(&partial, contents).map_err(Failure::io("write", &partial))?;
    fs::rename(&partial, path).map_err(Failure::io("create", path))
}
