//! `cargo xtask cli`: builds the release command and prints its path.

use crate::command;
use crate::failure::Result;
use crate::workspace::Workspace;

/// Runs the command.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    println!("{}", command::build_cli(workspace)?.display());
    Ok(())
}
