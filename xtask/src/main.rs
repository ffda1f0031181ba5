//! Developer commands, as `cargo xtask <command>`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

mod api;
mod cli;
mod command;
mod demo;
mod digest;
mod engine;
mod failure;
mod fuzz;
mod kernel_bench;
mod lift;
mod matrix;
mod outside;
mod peer;
mod profile;
mod progress;
mod prune;
mod race;
mod step;
mod test;
mod warm;
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
    /// Set everything up and do the main job: transcode a clip in memory, extract a thumbnail
    Demo(demo::Options),
    /// Put every encoder and filter of a built engine to work, and print the share that passes
    EngineMatrix(matrix::Options),
    /// Build what is needed and run every test
    Test(test::Options),
    /// Build the guest that the kernels' tests compare with, and print its path
    KernelTests,
    /// Compile the guests of the host's tests, and print where they are
    Guests,
    /// Time the kernels beside the C that they stand in for: interpreted, lifted and native
    KernelBench(kernel_bench::Options),
    /// Compare the public interface of the libraries with the snapshots in docs/api
    Api(api::Options),
    /// Build the release command and print its path
    Cli(cli::Options),
    /// Translate a WebAssembly module to Rust
    Lift(lift::Options),
    /// Type-check the pack and the library for iOS and for a 32-bit host
    LiftTargets,
    /// Show where a job's time goes, by function of the engine
    Profile(profile::Options),
    /// Prove that lifted modules do what their WebAssembly says (`--help` of its own)
    #[command(disable_help_flag = true)]
    LiftProof {
        /// Arguments of the proof
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Do random work on the host of WASI and its filesystems, and compare with models (`--help` of its own)
    #[command(disable_help_flag = true)]
    Fuzz {
        /// Arguments of the work
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Compare the host of WASI with `wasmi_wasi` on random walks of a program
    Peer,
    /// Run large programs that others compiled for WASI: CPython, Go, GCC, clang
    Outside(outside::Options),
    /// Time opening the engine, and jobs on one that is open, interpreted and lifted
    Warm(warm::Options),
    /// Compare our speed and memory with native FFmpeg on the same work
    Race(race::Options),
}

fn main() -> ExitCode {
    let command = CommandLine::parse().command;
    let workspace = Workspace::find();
    let done = match command {
        Command::Engine(options) => engine::run(&workspace, &options),
        Command::Demo(options) => demo::run(&workspace, &options),
        Command::EngineMatrix(options) => matrix::run(&workspace, &options),
        Command::Test(options) => test::run(&workspace, &options),
        Command::KernelTests => engine::run_kernel_tests(&workspace),
        Command::Guests => engine::guests::run(&workspace),
        Command::KernelBench(options) => kernel_bench::run(&workspace, &options),
        Command::Api(options) => api::run(&workspace, &options),
        Command::Cli(options) => cli::run(&workspace, &options),
        Command::LiftTargets => lift::targets::run(&workspace),
        Command::Lift(options) => lift::run(&workspace, &options),
        Command::Profile(options) => profile::run(&workspace, &options),
        Command::LiftProof { args } => lift::prove(&workspace, &args),
        Command::Fuzz { args } => fuzz::run(&workspace, &args),
        Command::Peer => peer::run(&workspace),
        Command::Outside(options) => outside::run(&workspace, &options),
        Command::Warm(options) => warm::run(&workspace, &options),
        Command::Race(options) => race::run(&workspace, &options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}
