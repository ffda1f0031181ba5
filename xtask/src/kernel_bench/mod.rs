//! `cargo xtask kernel-bench`: times every kernel beside the C that it stands in for, in each of the ways in
//! which that C can run.

mod copy;
mod host;
mod repeat;
mod setup;
mod table;

use std::fs;
use std::time::SystemTime;

use clap::Args;

use crate::command;
use crate::digest::{self, KeyBuilder};
use crate::engine;
use crate::failure::{Failure, Result};
use crate::lift::{self, pack::Pack};
use crate::progress::Progress;
use crate::workspace::Workspace;

/// What to time.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Arguments of the benchmark: a part of the kernels' names, or any of criterion's options
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

/// Runs the command.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let pack = ensure(workspace)?;
    let results = workspace.target().join("kernel-bench");
    let started = SystemTime::now();
    let mut cargo = command::cargo_of_pack(workspace, &pack);
    cargo
        .args(["bench", "--bench", "kernels", "--"])
        .args(&options.args)
        .env("AFMPEG_KERNEL_TESTS", &pack.engine)
        .env("CRITERION_HOME", &results);
    match engine::native_kernel_tests(workspace) {
        Ok(Some(native)) => {
            cargo.env("AFMPEG_KERNEL_NATIVE", native);
        }
        Ok(None) => eprintln!("without native C: this machine's linker wraps no functions"),
        Err(failure) => eprintln!("without native C: {failure}"),
    }
    let status = cargo
        .status()
        .map_err(|error| command::cannot_start(&cargo, &error))?;
    if !status.success() {
        return Err(Failure::new("the benchmark failed").mend("its messages are above"));
    }
    print!("{}", table::Table::read(&results, started)?);
    Ok(())
}

/// The functions that kernels stand in for, lifted, in a crate that contains the benchmark; made if it is not there.
fn ensure(workspace: &Workspace) -> Result<Pack> {
    let guest = engine::kernel_tests(workspace)?;
    let digest = digest::file(&guest)?;
    let digest = digest.get(..16).unwrap_or(&digest);
    let pack = Pack {
        directory: workspace
            .target()
            .join("lift")
            .join(format!("kernel-tests-{digest}")),
        engine: guest,
    };
    let mut key = KeyBuilder::new("kernel-bench");
    key.add_tree("lift", &workspace.root().join("lift"))?;
    key.add_file("manifest", &workspace.root().join("Cargo.toml"))?;
    key.add("copy", include_bytes!("copy.rs"));
    key.add("host", include_bytes!("host.rs"));
    key.add("repeat", include_bytes!("repeat.rs"));
    key.add("setup", include_bytes!("setup.rs"));
    let key = key.finish();
    let mark = pack.directory.join("key");
    if fs::read_to_string(&mark).is_ok_and(|known| known == key) {
        return Ok(pack);
    }
    let _ = fs::remove_file(&mark);
    let progress = Progress::start("lift", None);
    let wasm = fs::read(&pack.engine).map_err(Failure::io("read", &pack.engine))?;
    lift::write(
        workspace,
        &copy::copy(&wasm, &setup::noted(&wasm)?)?,
        "kernel-tests-lifted",
        "LGPL-2.1-or-later",
        &pack.directory.join("crate"),
    )?;
    host::write(workspace, &pack.host())?;
    fs::write(&mark, key).map_err(Failure::io("write", &mark))?;
    progress.done();
    Ok(pack)
}
