//! The command line: global options and the verbs.

use std::ffi::OsString;
use std::path::PathBuf;

use afmpeg::{LiftedModule, Mode};
use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};

use super::values::{
    DirMapping, InMapping, KeyValue, OutMapping, Preopen, positive_seconds, seconds, size,
};

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

/// Options that every verb understands.
#[derive(Args, Debug)]
pub(crate) struct Global {
    /// Engine module (.wasm or .wasm.gz); else $AFMPEG_ENGINE, else the one built in this workspace
    #[arg(long, global = true, help_heading = COMMON, value_name = "PATH")]
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
    /// Transcode, filter, cut or remux a file
    Convert(Box<Convert>),
    /// Save still images of a video
    Frames(Frames),
    /// Run a job spec (JSON)
    Job(Job),
    /// Run any WASI command module
    Run(Run),
    /// List what the engine can do, or the options of one component
    Capabilities(Capabilities),
}

#[derive(Args, Debug)]
pub(crate) struct Probe {
    /// Files to look at; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Print the whole report as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Force the demuxer
    #[arg(long, value_name = "NAME")]
    pub(crate) input_format: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Convert {
    /// Input file; `-` is standard input; with `--input-format lavfi` a filtergraph source
    #[arg(value_name = "IN")]
    pub(crate) input: PathBuf,
    /// Output file; the extension chooses container and encoders; `frame_%03d.png` writes a sequence
    #[arg(value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// Video encoder, `copy`, or `none`
    #[arg(long, short = 'v', value_name = "NAME")]
    pub(crate) video_codec: Option<String>,
    /// Audio encoder, `copy`, or `none`
    #[arg(long, short = 'a', value_name = "NAME")]
    pub(crate) audio_codec: Option<String>,
    /// Filtergraph: a plain chain for the video (`scale=640:-2`), or a graph with pads (`[0:v]...[v]`)
    #[arg(long, short = 'f', value_name = "GRAPH")]
    pub(crate) filter: Option<String>,
    /// Pad or stream for the output, as `[v]` or `0:a`; repeat; replaces the choice made for you
    #[arg(long, value_name = "PAD|STREAM")]
    pub(crate) map: Vec<String>,
    /// Start at this time of the input
    #[arg(long, short = 's', value_name = "T", value_parser = seconds)]
    pub(crate) seek: Option<f64>,
    /// `fast` starts at the keyframe before, `accurate` decodes up to the exact frame
    /// [default: accurate, or fast when a stream is copied and not cut smartly]
    #[arg(long, value_enum, value_name = "MODE", requires = "seek")]
    pub(crate) seek_mode: Option<SeekMode>,
    /// Length of the output
    #[arg(long, short = 'd', value_name = "T", value_parser = positive_seconds)]
    pub(crate) duration: Option<f64>,
    /// End at this time instead
    #[arg(long, value_name = "T", value_parser = positive_seconds, conflicts_with = "duration")]
    pub(crate) end: Option<f64>,
    /// Cut copied video at the very frames: what is left of groups of pictures at the edges is encoded
    #[arg(long)]
    pub(crate) smart_cut: bool,
    /// Force the muxer
    #[arg(long, value_name = "NAME")]
    pub(crate) format: Option<String>,
    /// Force the demuxer
    #[arg(long, value_name = "NAME")]
    pub(crate) input_format: Option<String>,
    /// Demuxer option
    #[arg(long, value_name = "K=V")]
    pub(crate) input_option: Vec<KeyValue>,
    /// Option for the encoders of both kinds; at least one of them must know it
    #[arg(long, short = 'o', value_name = "K=V")]
    pub(crate) option: Vec<KeyValue>,
    /// Option for the video encoder
    #[arg(long, value_name = "K=V")]
    pub(crate) video_option: Vec<KeyValue>,
    /// Option for the audio encoder
    #[arg(long, value_name = "K=V")]
    pub(crate) audio_option: Vec<KeyValue>,
    /// Muxer option
    #[arg(long, value_name = "K=V")]
    pub(crate) format_option: Vec<KeyValue>,
    /// Tag of the output
    #[arg(long, value_name = "K=V")]
    pub(crate) metadata: Vec<KeyValue>,
    /// Print the report as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Print the job spec and stop before it runs
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SeekMode {
    Fast,
    Accurate,
}

#[derive(Args, Debug)]
#[command(group = ArgGroup::new("select").required(true).args(["at", "every", "scene", "thumbnail"]))]
pub(crate) struct Frames {
    /// Input file; `-` is standard input
    #[arg(value_name = "IN")]
    pub(crate) input: PathBuf,
    /// Image name; with a `%03d` in it for several images
    #[arg(value_name = "TEMPLATE")]
    pub(crate) template: PathBuf,
    /// The frame shown at this time; repeat, or separate by commas
    #[arg(long, value_name = "T", value_parser = seconds, value_delimiter = ',')]
    pub(crate) at: Vec<f64>,
    /// One frame every so many seconds
    #[arg(long, value_name = "S", value_parser = positive_seconds)]
    pub(crate) every: Option<f64>,
    /// Frames that differ from the one before by more than this, 0 to 1
    #[arg(long, value_name = "X", value_parser = unit_interval)]
    pub(crate) scene: Option<f64>,
    /// The most representative frames
    #[arg(long)]
    pub(crate) thumbnail: bool,
    /// Size of the images, as WIDTH:HEIGHT; -1 or -2 keeps the shape
    #[arg(long, value_name = "W:H", allow_hyphen_values = true)]
    pub(crate) scale: Option<String>,
    /// Contact sheets: so many images side by side on each
    #[arg(long, value_name = "COLUMNSxROWS", value_parser = pair, conflicts_with = "scale")]
    pub(crate) sheet: Option<(u32, u32)>,
    /// Size of an image on a sheet; without the height as the first image asks for [default: 160]
    #[arg(long, value_name = "WIDTH[xHEIGHT]", value_parser = tile, requires = "sheet")]
    pub(crate) tile: Option<(u32, Option<u32>)>,
    /// WebVTT file, beside the sheets, that says which image is to be shown when
    #[arg(long, value_name = "FILE", requires = "sheet")]
    pub(crate) track: Option<PathBuf>,
    /// Image encoder [default: from the extension]
    #[arg(long, value_name = "NAME")]
    pub(crate) codec: Option<String>,
    /// At most so many images
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) count: Option<u64>,
    /// Which stream, by its index in the file [default: the first video stream]
    #[arg(long, value_name = "INDEX")]
    pub(crate) stream: Option<u32>,
    /// Print the report as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Job {
    /// The job spec; `-` is standard input
    #[arg(value_name = "SPEC.json")]
    pub(crate) spec: PathBuf,
    /// Directory that the job may read and write, or only read with ::ro
    #[arg(long, value_name = "HOST::GUEST[::ro]")]
    pub(crate) dir: Vec<DirMapping>,
    /// File that the job may read; `-` is standard input
    #[arg(long = "in", value_name = "HOST::GUEST")]
    pub(crate) inputs: Vec<InMapping>,
    /// File or directory of the job that is saved after success
    #[arg(long = "out", value_name = "GUEST::HOST")]
    pub(crate) outputs: Vec<OutMapping>,
}

#[derive(Args, Debug)]
pub(crate) struct Run {
    /// Directory that the module may read and write under this name, or only read with ::ro; it sees
    /// no other
    #[arg(long, value_name = "HOST::GUEST[::ro]")]
    pub(crate) dir: Vec<Preopen>,
    /// Environment variable of the module
    #[arg(long, value_name = "K=V")]
    pub(crate) env: Vec<KeyValue>,
    /// The module, and everything after it: its arguments, whatever they look like
    // One list, so that what comes after the module is never taken for an option of ours.
    #[arg(value_names = ["MODULE.wasm", "ARGS"], required = true, trailing_var_arg = true)]
    pub(crate) command: Vec<OsString>,
}

#[derive(Args, Debug)]
pub(crate) struct Capabilities {
    /// One component, as KIND=NAME: encoder=libopenh264, filter=scale, muxer=mp4
    #[arg(value_name = "COMPONENT")]
    pub(crate) component: Option<KeyValue>,
    /// Print the whole list as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Two lengths such as `5x4`.
fn pair(text: &str) -> Result<(u32, u32), String> {
    match tile(text)? {
        (first, Some(second)) => Ok((first, second)),
        _ => Err("expected two numbers such as 5x4".into()),
    }
}

/// One length or two, such as `160` and `160x90`.
fn tile(text: &str) -> Result<(u32, Option<u32>), String> {
    let (first, second) = match text.split_once('x') {
        Some((first, second)) => (first, Some(second)),
        None => (text, None),
    };
    let length = |text: &str| match text.parse::<u32>() {
        Ok(length) if length > 0 => Ok(length),
        _ => Err(format!("\"{text}\" is no number from 1")),
    };
    Ok((length(first)?, second.map(length).transpose()?))
}

fn unit_interval(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (0.0..=1.0).contains(&value) => Ok(value),
        _ => Err("expected a number from 0 to 1".into()),
    }
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
