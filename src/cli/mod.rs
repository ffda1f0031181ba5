//! The `afmpeg` command: one file per verb, and what they share.
//!
//! It is a library function so that an application can build the command with a pack of lifted code
//! in it: a `main` of one line, `afmpeg::cli::main(Some(pack::module()))`.

mod args;
mod batch;
mod capabilities;
mod containers;
mod convert;
mod explain;
mod frames;
mod job;
mod locate;
mod mounts;
mod names;
mod presets;
mod probe;
mod progress;
mod report;
mod run;
mod save;
mod segment;
mod session;
mod sheet;
mod shell;
mod signals;
mod sound;
mod stage;
mod status;
mod story;
mod style;
mod text;
mod values;
mod version;

use std::process::ExitCode;

use afmpeg::LiftedModule;
use clap::Parser as _;

use self::args::{Cli, Command};
use self::status::Failure;

/// Parses the command line, runs its verb, and says how that went.
///
/// `pack` is the engine that was lifted into this program, if one was.
#[must_use]
pub fn main(pack: Option<&'static dyn LiftedModule>) -> ExitCode {
    let mut cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(refusal) => return refuse(&refusal),
    };
    cli.global.pack = pack;
    match dispatch(&cli) {
        Ok(code) => code,
        Err(failure) => {
            failure.report(cli.global.json);
            ExitCode::from(failure.status as u8)
        }
    }
}

/// Answers a line that the parser did not take: one that asks for help or for the version, or is wrong.
fn refuse(refusal: &clap::Error) -> ExitCode {
    let before_dashes = std::env::args_os().take_while(|word| word != "--");
    if refusal.use_stderr() && before_dashes.into_iter().any(|word| word == "--json") {
        let failure = Failure::refused(&refusal.to_string());
        failure.report(true);
        return ExitCode::from(failure.status as u8);
    }
    refusal.exit()
}

fn dispatch(cli: &Cli) -> Result<ExitCode, Failure> {
    let global = &cli.global;
    if cli.version {
        return version::version(global).map(|()| ExitCode::SUCCESS);
    }
    let done = match &cli.command {
        None => return Err(Failure::usage("name a command: see afmpeg --help")),
        Some(Command::Run(args)) => return run::run(global, args),
        Some(Command::Probe(args)) => probe::probe(global, args),
        Some(Command::Convert(args)) => convert::convert(global, args),
        Some(Command::Batch(args)) => return batch::batch(global, args),
        Some(Command::Segment(args)) => segment::segment(global, args),
        Some(Command::Frames(args)) => frames::frames(global, args),
        Some(Command::Sheet(args)) => sheet::sheet(global, args),
        Some(Command::Waveform(args)) => sound::waveform(global, args),
        Some(Command::Spectrum(args)) => sound::spectrum(global, args),
        Some(Command::Job(args)) => job::job(global, args),
        Some(Command::Capabilities(args)) => capabilities::capabilities(global, args),
        Some(Command::Explain(args)) => explain::explain(global, args),
        Some(Command::Graph(args)) => explain::graph(global, args),
        Some(Command::Completions(args)) => shell::completions(global, args),
        Some(Command::Man(args)) => shell::man(global, args),
    };
    done.map(|()| ExitCode::SUCCESS)
}
