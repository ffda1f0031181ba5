//! The peer that has a JIT: the same module under wasmtime, by its Python package.
//!
//! Installed below the race's folder with pip. The module is compiled once and kept; what is measured is the
//! guest from instantiation to exit, inside the process.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::{Folder, Peer, Results, Run};
use crate::digest;
use crate::engine::Python;
use crate::failure::{Failure, Result};
use crate::race::measure::{self, Cost};
use crate::race::workloads::Workload;

/// The version that the race compares with.
const VERSION: &str = "50.0.1";

const SCRIPT: &str = include_str!("wasmtime_peer.py");

/// wasmtime and our engine, compiled by it.
pub(in crate::race) struct Wasmtime {
    python: Python,
    packages: PathBuf,
    script: PathBuf,
    compiled: PathBuf,
    folder: Folder,
}

/// Installs wasmtime and compiles `engine`, unless both were done before. Without Python, pip or a package for
/// this machine there is no such column.
pub(in crate::race) fn find(engine: &Path, folder: &Folder) -> Result<Wasmtime> {
    let python = Python::find()
        .ok_or_else(|| Failure::new("there is no Python 3 with pip here to run wasmtime with"))?;
    let packages = folder.0.join(format!("wasmtime-{VERSION}"));
    if !packages.is_dir() {
        install(&python, &packages)?;
    }
    let script = folder.0.join("wasmtime_peer.py");
    fs::write(&script, SCRIPT).map_err(Failure::io("write", &script))?;
    let of_engine = digest::file(engine)?;
    let short = of_engine.get(..16).unwrap_or(&of_engine);
    let kept = folder.0.join(format!("wasmtime-{VERSION}-compiled"));
    let peer = Wasmtime {
        python,
        compiled: kept.join(short),
        packages,
        script,
        folder: folder.clone(),
    };
    if !peer.compiled.is_file() {
        // Of engines before this one nothing is kept.
        let _ = fs::remove_dir_all(&kept);
        fs::create_dir_all(&kept).map_err(Failure::io("create", &kept))?;
        eprintln!("compiling the engine with wasmtime {VERSION}");
        let mut compile = peer.command();
        compile.arg("compile").arg(engine).arg(&peer.compiled);
        finish(&mut compile)?;
    }
    Ok(peer)
}

fn install(python: &Python, packages: &Path) -> Result<()> {
    eprintln!("installing wasmtime {VERSION} in {}", packages.display());
    let partial = packages.with_extension("partial");
    if partial.exists() {
        fs::remove_dir_all(&partial).map_err(Failure::io("remove", &partial))?;
    }
    let mut pip = python.pip();
    pip.args(["install", "--quiet", "--no-deps", "--only-binary", ":all:"])
        .args(["--root-user-action", "ignore", "--target"])
        .arg(&partial)
        .arg(format!("wasmtime=={VERSION}"));
    finish(&mut pip)?;
    fs::rename(&partial, packages).map_err(Failure::io("create", packages))
}

fn finish(command: &mut Command) -> Result<()> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| crate::command::cannot_start(command, &error))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Failure::new(format!(
        "wasmtime cannot be had: {}",
        said.trim()
    )))
}

impl Wasmtime {
    fn command(&self) -> Command {
        let mut command = self.python.command();
        command.arg(&self.script).arg(&self.packages);
        command
    }
}

impl Peer for Wasmtime {
    fn column(&self) -> &'static str {
        "wasmtime"
    }

    fn describe(&self) -> String {
        format!("wasmtime {VERSION}, from instantiation to exit")
    }

    fn run(&self, workload: &Workload) -> Result<Run> {
        let results = Results::prepare(self.folder.of(self.column())?, workload)?;
        let said = results.reply.with_extension("spent");
        let command = self.command();
        let mut line = vec![command.get_program().to_owned()];
        line.extend(command.get_args().map(OsString::from));
        line.push("run".into());
        for path in [
            &self.compiled,
            &self.folder.0,
            &results.folder,
            &results.reply,
        ] {
            line.push(path.into());
        }
        line.push((workload.spec)().to_string().into());
        let outside = measure::run(&line, &said)?;
        Ok(Run {
            cost: inside(&said, outside)?,
            result: Some(results.digest(&self.folder.0)?),
        })
    }
}

/// What the script says that the guest alone took; the memory is the whole process's.
fn inside(said: &Path, outside: Cost) -> Result<Cost> {
    let text = fs::read_to_string(said).map_err(Failure::io("read", said))?;
    let spent: Value = serde_json::from_str(text.trim()).unwrap_or_default();
    match (spent["cpu_s"].as_f64(), spent["wall_s"].as_f64()) {
        (Some(cpu_s), Some(wall_s)) => Ok(Cost {
            cpu_s,
            wall_s,
            ..outside
        }),
        _ => Err(Failure::new(format!(
            "wasmtime was not measured: {}",
            text.trim()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cost_is_that_of_the_guest_alone() {
        let said = crate::step::tests::scratch("race-inside").join("said");
        let outside = Cost {
            cpu_s: 9.0,
            wall_s: 9.0,
            peak_bytes: 7,
        };
        fs::write(&said, "{\"cpu_s\": 1.5, \"wall_s\": 2.0}\n").expect("the folder is writable");
        let cost = inside(&said, outside).expect("it is what the script prints");
        assert_eq!((cost.cpu_s, cost.wall_s, cost.peak_bytes), (1.5, 2.0, 7));
        fs::write(&said, "Traceback").expect("the folder is writable");
        assert!(inside(&said, outside).is_err());
    }
}
