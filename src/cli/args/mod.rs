//! The command line: global options and the verbs.

mod convert;
mod documents;
mod pictures;

use std::path::PathBuf;

use afmpeg::{LiftedModule, Mode};
use clap::{Args, Parser, Subcommand, ValueEnum};

use super::values::{positive_seconds, size};

pub(crate) use convert::{Batch, Convert, Preset, SeekMode, Segment, Settings};
pub(crate) use documents::{Capabilities, Completions, Explain, Graph, Job, Man, Probe, Run};
pub(crate) use pictures::{Frames, Sheet, Spectrum, Waveform};

/// The real FFmpeg in a sandbox: no JIT, no subprocess, and no file that you did not name.
#[derive(Parser, Debug)]
#[command(
    name = "afmpeg",
    disable_version_flag = true,
    arg_required_else_help = true,
    after_help = super::status::help(),
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    /// Print the version of the command, and of the engine when one is found
    #[arg(short = 'V', long)]
    pub(crate) version: bool,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// The heading of the options that every verb understands, in each help page.
const COMMON: &str = "Options of every command";

/// What names an engine.
const ENGINE: &str = if cfg!(feature = "download") {
    "PATH|URL#sha256=DIGEST"
} else {
    "PATH"
};

/// Options that every verb understands.
#[derive(Args, Clone, Debug)]
pub(crate) struct Global {
    /// Engine module (.wasm or .wasm.gz); else $AFMPEG_ENGINE, else the one built in this workspace
    #[arg(long, global = true, help_heading = COMMON, value_name = ENGINE)]
    pub(crate) engine: Option<PathBuf>,
    /// How the engine's code runs: auto, plain, kernels, lifted, fast [default: the fastest there is]
    #[arg(long, global = true, help_heading = COMMON, value_name = "MODE", default_value_t, hide_default_value = true)]
    pub(crate) mode: Mode,
    /// The engine that was lifted into this program.
    #[arg(skip)]
    pub(crate) pack: Option<&'static dyn LiftedModule>,
    /// Font that the full engine's text filters draw with where a job names none, or one that lacks a letter
    #[arg(long, global = true, help_heading = COMMON, value_name = "FILE")]
    pub(crate) font: Option<PathBuf>,
    /// Most memory that the guest may have: 256MiB, 1G, bytes [default: 512MiB]
    #[arg(long, global = true, help_heading = COMMON, value_name = "N", value_parser = size)]
    pub(crate) memory_limit: Option<u64>,
    /// Most bytes that a job may store in memory as its files [default: 4GiB]
    #[arg(long, global = true, help_heading = COMMON, value_name = "N", value_parser = size)]
    pub(crate) storage_limit: Option<u64>,
    /// Longest wall time: seconds, 1:30, 5m [default: 1h]
    #[arg(long, global = true, help_heading = COMMON, value_name = "S", value_parser = positive_seconds)]
    pub(crate) timeout: Option<f64>,
    /// Progress on standard error; `auto` draws a bar on a terminal only, `json` writes one object a line
    #[arg(
        long,
        global = true, help_heading = COMMON,
        value_enum,
        default_value = "auto",
        value_name = "MODE"
    )]
    pub(crate) progress: ProgressMode,
    /// Print nothing but errors and what was asked for with --json
    #[arg(short, long, global = true, help_heading = COMMON)]
    pub(crate) quiet: bool,
    /// Print reports as JSON on standard output, and a failure as JSON on standard error
    #[arg(long, global = true, help_heading = COMMON)]
    pub(crate) json: bool,
    /// Virtual clock and seeded randomness: the same bytes on every run and machine
    #[arg(
        long,
        global = true, help_heading = COMMON,
        value_name = "SEED",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "0"
    )]
    pub(crate) deterministic: Option<u64>,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProgressMode {
    /// A bar when standard error is a terminal
    Auto,
    /// Always a bar
    Bar,
    /// One JSON object a line
    Json,
    /// Nothing
    None,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Show what is in media files
    Probe(Probe),
    /// Transcode, filter, cut, join or remux files
    Convert(Box<Convert>),
    /// Convert every media file of a directory or a list, several at a time
    Batch(Box<Batch>),
    /// Convert one file in parts on all processors; a run that was stopped can go on
    Segment(Box<Segment>),
    /// Save still images of a video
    Frames(Frames),
    /// Draw a contact sheet: images from the whole length of a video, side by side
    Sheet(Sheet),
    /// Draw how loud a sound is over its length; needs the full engine
    Waveform(Waveform),
    /// Draw the frequencies of a sound over its length; needs the full engine
    Spectrum(Spectrum),
    /// Run a job spec (JSON)
    Job(Job),
    /// Run any WASI command module
    Run(Run),
    /// List what the engine can do, or the options of one component
    Capabilities(Capabilities),
    /// Say what a job spec asks for, and whether the engine has it; nothing runs
    Explain(Explain),
    /// Print the filter graph of a job spec, one chain a line, with its pads
    Graph(Graph),
    /// Print the completions of a shell
    Completions(Completions),
    /// Print the manual page of the command, or of one verb
    Man(Man),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split(' '))
    }

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_lines_of_the_documentation_can_be_meant() {
        let page = include_str!("../../../docs/cli.md");
        let lines = page.lines().filter(|line| line.starts_with("afmpeg "));
        let mut verbs = std::collections::BTreeSet::new();
        for line in lines {
            let line = line.split(" #").next().unwrap_or(line).trim_end();
            let words = line.split_whitespace();
            let cli = Cli::try_parse_from(words).unwrap_or_else(|error| panic!("{line}: {error}"));
            assert!(cli.command.is_some(), "{line}");
            verbs.extend(line.split_whitespace().nth(1));
        }
        let mut command = Cli::command();
        command.build();
        for verb in command.get_subcommands().map(clap::Command::get_name) {
            let known = verbs.contains(verb) || ["man", "help"].contains(&verb);
            assert!(known, "no line shows {verb}");
        }
    }

    #[test]
    fn help_names_every_status() {
        let help = Cli::command().render_help().to_string();
        for (code, meaning) in crate::cli::status::STATUSES {
            assert!(
                help.contains(&format!("{code:>3}  {meaning}")),
                "{code}: {help}"
            );
        }
    }

    #[test]
    fn run_gives_hyphens_after_the_module_to_the_module() {
        let cli = parse("afmpeg run --dir .::/ --timeout 5 --env A=b m.wasm -x --dir --quiet")
            .expect("a valid line");
        assert_eq!(cli.global.timeout, Some(5.0));
        assert!(!cli.global.quiet);
        let Some(Command::Run(run)) = cli.command else {
            panic!("not run: {:?}", cli.command)
        };
        assert_eq!(run.command, ["m.wasm", "-x", "--dir", "--quiet"]);
        assert_eq!(run.dir.len(), 1);
    }

    /// Options of this command that stood right after the module were taken from it.
    #[test]
    fn run_gives_its_own_options_after_the_module_to_the_module() {
        for options in [
            "--help",
            "-h",
            "-q",
            "--quiet",
            "--timeout x",
            "-quiet",
            "--",
            "--dir",
        ] {
            let line = format!("afmpeg run m.wasm {options} rest");
            let cli = parse(&line).expect(&line);
            assert!(!cli.global.quiet, "{line}");
            let Some(Command::Run(run)) = cli.command else {
                panic!("not run: {:?}", cli.command)
            };
            let words: Vec<_> = run
                .command
                .iter()
                .filter_map(|word| word.to_str())
                .collect();
            assert_eq!(words.join(" "), format!("m.wasm {options} rest"));
        }
        assert!(parse("afmpeg run").is_err());
        assert!(parse("afmpeg run --nonsense m.wasm").is_err());
    }

    #[test]
    fn frames_wants_exactly_one_selector() {
        assert!(parse("afmpeg frames in.mp4 o.png").is_err());
        assert!(parse("afmpeg frames in.mp4 o.png --every 1 --thumbnail").is_err());
        let cli = parse("afmpeg frames in.mp4 o%d.png --at 1,2.5 --at 0:03").expect("valid");
        let Some(Command::Frames(frames)) = cli.command else {
            panic!("{:?}", cli.command)
        };
        assert_eq!(frames.at, [1.0, 2.5, 3.0]);
    }

    #[test]
    fn deterministic_takes_a_seed_after_equals_only() {
        let seed = |line| parse(line).expect("valid").global.deterministic;
        assert_eq!(seed("afmpeg probe --deterministic f.mp4"), Some(0));
        assert_eq!(seed("afmpeg probe --deterministic=7 f.mp4"), Some(7));
        assert_eq!(seed("afmpeg probe f.mp4"), None);
    }

    #[test]
    fn a_window_has_one_end() {
        assert!(parse("afmpeg convert a.mp4 b.mp4 --duration 1 --end 2").is_err());
        assert!(parse("afmpeg convert a.mp4 b.mp4 --duration 0").is_err());
    }
}
