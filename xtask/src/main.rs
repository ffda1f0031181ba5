//! Developer commands, as `cargo xtask <command>`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

mod digest;
mod engine;
mod failure;
mod progress;
mod step;
mod workspace;

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    about = "Developer commands of afmpeg",
    arg_required_else_help = true
)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

/// One variant and one module for each command.
#[derive(Subcommand)]
enum Command {
    /// Build the engine (FFmpeg compiled to WebAssembly), or show where the built one is
    Engine(engine::Options),
}

fn main() -> ExitCode {
    let command = CommandLine::parse().command;
    let workspace = Workspace::find();
    let done = match command {
        Command::Engine(options) => engine::run(&workspace, &options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}
