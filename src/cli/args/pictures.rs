//! The options of the verbs that make pictures.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

use crate::cli::values::{positive_seconds, seconds};

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
}

#[derive(Args, Debug)]
pub(crate) struct Sheet {
    /// Input file; `-` is standard input
    #[arg(value_name = "IN")]
    pub(crate) input: PathBuf,
    /// Image of the sheet; with a `%02d` in it and --every for several sheets
    #[arg(value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// Images side by side and in a column [default: 4x4]
    #[arg(long, value_name = "COLUMNSxROWS", value_parser = pair, default_value = "4x4", hide_default_value = true)]
    pub(crate) grid: (u32, u32),
    /// Size of an image on the sheet; without the height as the first image asks for [default: 160]
    #[arg(long, value_name = "WIDTH[xHEIGHT]", value_parser = tile, default_value = "160", hide_default_value = true)]
    pub(crate) tile: (u32, Option<u32>),
    /// One image every so many seconds [default: as many as fill one sheet, spread over the whole film]
    #[arg(long, value_name = "S", value_parser = positive_seconds)]
    pub(crate) every: Option<f64>,
    /// WebVTT file, beside the sheets, that says which image is to be shown when
    #[arg(long, value_name = "FILE")]
    pub(crate) vtt: Option<PathBuf>,
    /// Image encoder [default: from the extension]
    #[arg(long, value_name = "NAME")]
    pub(crate) codec: Option<String>,
    /// Which stream, by its index in the file [default: the first video stream]
    #[arg(long, value_name = "INDEX")]
    pub(crate) stream: Option<u32>,
}

#[derive(Args, Debug)]
pub(crate) struct Waveform {
    /// Input file; `-` is standard input
    #[arg(value_name = "IN")]
    pub(crate) input: PathBuf,
    /// PNG file
    #[arg(value_name = "OUT.png")]
    pub(crate) output: PathBuf,
    /// Size of the picture [default: 640x240]
    #[arg(long, value_name = "WIDTHxHEIGHT", value_parser = pair, default_value = "640x240", hide_default_value = true)]
    pub(crate) size: (u32, u32),
    /// Colour of the wave, as a name or 0xRRGGBB; on a transparent ground [default: 0x2f6fbf]
    #[arg(long, value_name = "COLOUR", value_parser = colour, default_value = "0x2f6fbf", hide_default_value = true)]
    pub(crate) colour: String,
    /// A wave for each channel, the first one at the top, instead of one for their mixture
    #[arg(long)]
    pub(crate) channels: bool,
    /// Louder by so much before it is drawn [default: 1]
    #[arg(long, value_name = "FACTOR", value_parser = factor, default_value = "1", hide_default_value = true)]
    pub(crate) gain: f64,
    /// Which sound, by its number among the audio streams, from 0 [default: 0]
    #[arg(long, value_name = "N", default_value = "0", hide_default_value = true)]
    pub(crate) stream: u32,
}

#[derive(Args, Debug)]
pub(crate) struct Spectrum {
    /// Input file; `-` is standard input
    #[arg(value_name = "IN")]
    pub(crate) input: PathBuf,
    /// PNG file
    #[arg(value_name = "OUT.png")]
    pub(crate) output: PathBuf,
    /// Size of the spectrum: time to the right, frequency up [default: 640x256]
    #[arg(long, value_name = "WIDTHxHEIGHT", value_parser = pair, default_value = "640x256", hide_default_value = true)]
    pub(crate) size: (u32, u32),
    /// Scale of colours [default: intensity]
    #[arg(long, value_name = "NAME", value_parser = SPECTRUM_COLOURS, default_value = "intensity", hide_default_value = true)]
    pub(crate) colour: String,
    /// A spectrum for each channel, the first one at the bottom, instead of one for all
    #[arg(long)]
    pub(crate) channels: bool,
    /// Write times, frequencies and the scale around it, which makes the picture larger
    #[arg(long)]
    pub(crate) legend: bool,
    /// Which sound, by its number among the audio streams, from 0 [default: 0]
    #[arg(long, value_name = "N", default_value = "0", hide_default_value = true)]
    pub(crate) stream: u32,
}

/// A colour as FFmpeg reads one: a name or digits, with an opacity after `@`.
fn colour(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '#' | '@' | '.');
    if text.is_empty() || !text.chars().all(plain) {
        return Err("expected a name, 0xRRGGBB or either with @OPACITY".into());
    }
    Ok(text.to_owned())
}

fn factor(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value > 0.0 && value <= 1000.0 => Ok(value),
        _ => Err("expected a number above 0, of at most 1000".into()),
    }
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

/// The scales of the filter that draws spectra.
const SPECTRUM_COLOURS: [&str; 13] = [
    "intensity",
    "rainbow",
    "moreland",
    "nebulae",
    "fire",
    "fiery",
    "fruit",
    "cool",
    "magma",
    "green",
    "viridis",
    "plasma",
    "cividis",
];
