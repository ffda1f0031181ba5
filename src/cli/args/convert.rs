//! The options of `convert`, those of them that `batch` has too, and those of `batch`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::presets::{Crop, Size};
use crate::cli::values::{KeyValue, positive_seconds, seconds};

#[derive(Args, Clone, Debug)]
pub(crate) struct Convert {
    /// Input files: the picture is of the first that has one, the sound of the first other that has sound, else
    /// of the same; `-` is standard input; with `--input-format lavfi` filtergraph sources
    #[arg(value_name = "IN", required = true)]
    pub(crate) inputs: Vec<PathBuf>,
    /// Output file; the extension chooses container and encoders; `frame_%03d.png` writes a sequence
    #[arg(value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// Join the inputs, one after the other; pictures get the size and rate of the first, and streams that are copied
    /// have to be alike
    #[arg(long, conflicts_with_all = ["seek", "map"])]
    pub(crate) concat: bool,
    /// Print the job spec and stop before it runs
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) settings: Settings,
}

#[derive(Args, Debug)]
pub(crate) struct Batch {
    /// Directory whose media files are the inputs, or a text file that names one input a line, from the directory
    /// that it is in; `-` is such a list on standard input
    #[arg(value_name = "DIR|LIST")]
    pub(crate) source: PathBuf,
    /// Directory of the outputs, which get the names of their inputs; it is made when it is not there
    #[arg(long, value_name = "DIR")]
    pub(crate) out_dir: PathBuf,
    /// Extension of the outputs [default: the first of the preset, else that of each input]
    #[arg(long, value_name = "EXT")]
    pub(crate) to: Option<String>,
    /// The directories in the directory too; the outputs lie in directories of the same names
    #[arg(long, short = 'r')]
    pub(crate) recursive: bool,
    /// Job spec to run for each input, instead of settings: `{input}` and `{output}` in it stand for the paths
    #[arg(long, value_name = "FILE")]
    pub(crate) spec: Option<PathBuf>,
    /// How many jobs run at the same time [default: the number of processors]
    #[arg(long, short = 'j', value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,
    /// File that keeps what is done: with it, a run that was stopped goes on, and inputs that changed are done again
    #[arg(long, value_name = "FILE")]
    pub(crate) resume: Option<PathBuf>,
    /// Replace outputs that exist
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// Print which output each input would have, and stop
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) settings: Settings,
}

#[derive(Args, Debug)]
pub(crate) struct Segment {
    /// Input file
    #[arg(value_name = "IN")]
    pub(crate) input: PathBuf,
    /// Output file; the extension chooses container and encoders
    #[arg(value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// Directory that keeps the finished parts: with it, the same line goes on where it was stopped or killed. It is
    /// emptied at the end
    #[arg(long, value_name = "DIR")]
    pub(crate) scratch: Option<PathBuf>,
    /// The most parts of the video [default: four for each job]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) parts: Option<u16>,
    /// The shortest length of a part, about [default: 2]
    #[arg(long, value_name = "S", value_parser = positive_seconds)]
    pub(crate) shortest: Option<f64>,
    /// How many parts are done at the same time [default: the number of processors]
    #[arg(long, short = 'j', value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,
    /// Print where the video would be cut, and stop
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) settings: Settings,
}

/// What is done with inputs.
#[derive(Args, Clone, Debug, Default, PartialEq)]
pub(crate) struct Settings {
    /// Video encoder, `copy`, or `none`
    #[arg(long, short = 'v', value_name = "NAME")]
    pub(crate) video_codec: Option<String>,
    /// Audio encoder, `copy`, or `none`
    #[arg(long, short = 'a', value_name = "NAME")]
    pub(crate) audio_codec: Option<String>,
    /// Filtergraph: a plain chain for the video (`scale=640:-2`), or a graph with pads (`[0:v]...[v]`)
    #[arg(long, short = 'f', value_name = "GRAPH")]
    pub(crate) filter: Option<String>,
    /// Settings for a purpose; what is said beside it counts more
    #[arg(long, value_enum, value_name = "NAME")]
    pub(crate) preset: Option<Preset>,
    /// Keep this part of the picture: WIDTHxHEIGHT from the middle, or WIDTHxHEIGHT+LEFT+TOP
    #[arg(long, value_name = "AREA")]
    pub(crate) crop: Option<Crop>,
    /// Size of the picture, after the crop: WIDTHxHEIGHT, or WIDTH with the height that goes with it
    #[arg(long, value_name = "SIZE")]
    pub(crate) scale: Option<Size>,
    /// Pad or stream for the output, as `[v]` or `0:a`; repeat; replaces the choice made for you
    #[arg(long, value_name = "PAD|STREAM")]
    pub(crate) map: Vec<String>,
    /// Start at this time of each input
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
    /// Force the demuxer of each input
    #[arg(long, value_name = "NAME")]
    pub(crate) input_format: Option<String>,
    /// Demuxer option of each input
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
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Preset {
    /// MP4 that every browser plays: H.264 of at most 1280 pixels across, AAC, its index in front
    Web,
    /// Speech: one channel at 96 kbit/s
    Podcast,
    /// The most telling of the first hundred pictures, 320 pixels across
    Thumbnail,
    /// Twelve pictures a second, at most 480 pixels across
    Gif,
    /// Every bit of picture and sound: FFV1 and FLAC in Matroska
    Archive,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SeekMode {
    Fast,
    Accurate,
}
