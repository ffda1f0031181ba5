//! `cargo xtask peer`: the host of WASI beside `wasmi_wasi`, on the same random walks.

use crate::command;
use crate::engine;
use crate::failure::{Failure, Result};
use crate::workspace::Workspace;

/// Builds the peer, which is a workspace of its own, and compares.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let guests = engine::guests::ensure(workspace)?;
    let mut cargo = command::cargo(workspace);
    cargo.args(["test", "--locked", "--manifest-path"]);
    cargo.arg(workspace.root().join("wasi-shim/peer/Cargo.toml"));
    cargo
        .arg("--target-dir")
        .arg(workspace.target().join("peer"));
    cargo.args(["--", "--nocapture"]);
    let status = cargo.env("AFMPEG_GUESTS", guests).status();
    match status.map_err(|error| command::cannot_start(&cargo, &error))? {
        status if status.success() => Ok(()),
        _ => {
            Err(Failure::new("the hosts do not agree").mend("the steps that differ are told above"))
        }
    }
}
