//! What the inputs of a conversion have, and which of their streams stand for the picture and the sound.

use std::path::{Path, PathBuf};

use afmpeg::{Input, ProbeReport, Rational};

use crate::cli::probe::probe_input;
use crate::cli::session::Starter;
use crate::cli::stage::Stage;
use crate::cli::status::Failure;

/// An input, and what is in it.
pub(super) struct Source {
    /// What the user calls it.
    pub(super) name: PathBuf,
    pub(super) input: Input,
    /// The number of the first picture stream among the video streams; cover art does not count.
    pub(super) video: Option<usize>,
    /// Whether there is audio.
    pub(super) audio: bool,
    /// What the picture looks like, as far as that is known.
    pub(super) shape: Option<Shape>,
}

/// What pictures that are joined have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) sar: Option<Rational>,
    pub(super) rate: Option<Rational>,
}

impl Source {
    /// Looks into an input.
    ///
    /// # Errors
    ///
    /// When the engine cannot read it.
    pub(super) fn probed(
        starter: &impl Starter,
        stage: &Stage,
        name: &Path,
        input: Input,
    ) -> Result<Self, Failure> {
        let report = probe_input(starter, stage, &input).map_err(|failure| failure.about(name))?;
        Ok(Self {
            name: name.to_path_buf(),
            input,
            video: picture(&report),
            audio: report.audio().is_some(),
            shape: shape(&report),
        })
    }
}

/// Where picture and sound are taken from, as the numbers of inputs: the picture from the first that has one, the
/// sound from the first other that has sound, else from the same.
pub(super) fn taken(sources: &[Source]) -> (Option<usize>, Option<usize>) {
    let video = sources.iter().position(|source| source.video.is_some());
    let other = |(at, source): (usize, &Source)| (source.audio && video != Some(at)).then_some(at);
    let audio = sources
        .iter()
        .enumerate()
        .find_map(other)
        .or_else(|| sources.iter().position(|source| source.audio));
    (video, audio)
}

/// The engine counts covers behind moving pictures, so that the first of those is the first of all.
fn picture(report: &ProbeReport) -> Option<usize> {
    report.video().map(|_| 0)
}

/// The shape in which the graph gets the picture: turned as the file asks.
fn shape(report: &ProbeReport) -> Option<Shape> {
    let video = report.video()?;
    let (mut width, mut height) = (video.width?, video.height?);
    let quarter = |degrees: f64| (degrees / 90.0).round() as i64 % 2 != 0;
    if video.rotation.is_some_and(quarter) {
        (width, height) = (height, width);
    }
    Some(Shape {
        width,
        height,
        sar: video.sar,
        rate: video.avg_frame_rate.or(video.frame_rate),
    })
}
