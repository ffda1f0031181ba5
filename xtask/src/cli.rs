//! `cargo xtask cli`: builds the release command and prints its path.

use crate::command;
use crate::failure::Result;
use crate::lift::pack;
use crate::workspace::Workspace;

/// The options of `cargo xtask cli`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// With the engine lifted to Rust inside: many times faster, and minutes to build
    #[arg(long)]
    pub(crate) fast: bool,
}

/// Runs the command.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let program = if options.fast {
        command::build_fast_cli(workspace, &pack::ensure(workspace)?)?
    } else {
        command::build_cli(workspace)?
    };
    println!("{}", program.display());
    Ok(())
}
