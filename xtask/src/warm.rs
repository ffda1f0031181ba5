//! `cargo xtask warm`: times what a process that stays alive pays, interpreted and lifted.

use crate::command;
use crate::failure::{Failure, Result};
use crate::lift::pack;
use crate::workspace::Workspace;

/// The options of `cargo xtask warm`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Print one line of JSON
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let pack = pack::ensure(workspace)?;
    let mut bench = command::cargo_of_pack(workspace, &pack);
    bench.args(["bench", "--bench", "warm"]);
    if options.json {
        bench.args(["--", "--json"]);
    }
    bench.env("AFMPEG_ENGINE", &pack.engine);
    let status = bench
        .status()
        .map_err(|error| command::cannot_start(&bench, &error))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new("the bench of warm starts failed").mend("its messages are above"))
    }
}
