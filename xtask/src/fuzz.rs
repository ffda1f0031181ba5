//! `cargo xtask fuzz`: random work on the host of WASI and its filesystems, compared with models.

use crate::command;
use crate::failure::{Failure, Result};
use crate::workspace::Workspace;

/// Builds the command that does the work, with optimisation and with the checks of a debug build, and
/// runs it.
pub(crate) fn run(workspace: &Workspace, args: &[String]) -> Result<()> {
    let mut cargo = command::cargo(workspace);
    cargo.args([
        "run",
        "--quiet",
        "--locked",
        "--profile",
        "fuzz",
        "--package",
        "afmpeg-wasi-proof",
        "--",
    ]);
    let status = cargo.args(args).status();
    match status.map_err(|error| command::cannot_start(&cargo, &error))? {
        status if status.success() => Ok(()),
        _ => Err(Failure::new("random work ended in a failure").mend("it is told above")),
    }
}
