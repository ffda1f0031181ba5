//! The job of a conversion: lanes, graph and output, from the settings and from what the inputs have.

use std::path::Path;

use afmpeg::graph::Scan;
use afmpeg::{Cut, Input, Job, Output, Seek};

use super::sources::{Source, taken};
use super::wiring::{Feeds, Lane, Wiring, takes};
use crate::cli::args::{SeekMode, Settings};
use crate::cli::containers::{self, Container};
use crate::cli::names;
use crate::cli::status::Failure;
use crate::cli::values::KeyValue;

/// The job that writes `target`, which the guest calls `guest_output`.
///
/// # Errors
///
/// The settings contradict each other or the inputs, or the engine lacks an encoder.
pub(super) fn plan(
    settings: &Settings,
    target: &Path,
    sources: Vec<Source>,
    concat: bool,
    guest_output: &str,
    has_encoder: impl Fn(&str) -> bool,
) -> Result<Job, Failure> {
    let extension = names::extension(target)
        .or_else(|| settings.format.clone())
        .unwrap_or_default();
    let container = settings
        .format
        .as_deref()
        .and_then(containers::by_muxer)
        .or_else(|| containers::by_extension(&extension));
    let filter = settings
        .filter
        .as_deref()
        .map(|graph| (graph, Scan::of(graph)));
    let fed = |kind| {
        settings.map.iter().any(|map| map.starts_with('['))
            || filter
                .as_ref()
                .is_some_and(|(_, pads)| takes(pads, kind) || !pads.open.is_empty())
    };
    let video = lane(
        &Kind {
            name: "video",
            exists: sources.iter().any(|source| source.video.is_some()),
            fed: fed('v'),
        },
        settings.video_codec.as_deref(),
        container.map(|container| container.video),
        &extension,
        &has_encoder,
    )?;
    let audio = lane(
        &Kind {
            name: "audio",
            exists: sources.iter().any(|source| source.audio),
            fed: fed('a'),
        },
        settings.audio_codec.as_deref(),
        container.map(|container| container.audio),
        &extension,
        &has_encoder,
    )?;
    if video == Lane::Absent && audio == Lane::Absent {
        return Err(nothing_left(target, container, &extension));
    }
    let still = container.is_some_and(|container| container.image)
        && !names::is_template(Path::new(guest_output))
        && matches!(video, Lane::Encode(_));

    let copies = video == Lane::Copy || audio == Lane::Copy;
    let mut wiring = Wiring::default();
    let is_graph = |(_, pads): &(&str, Scan)| !pads.inputs.is_empty() || !pads.open.is_empty();
    if concat && filter.as_ref().is_some_and(is_graph) {
        return Err(Failure::usage(
            "--concat goes together with a plain chain of filters: put the joining into the graph, \
             as the filter concat",
        ));
    }
    let feeds = if concat && !copies {
        wiring.join(&sources, &video, &audio)?
    } else if concat {
        // They are one input to the job.
        feeds(&sources[..1])
    } else {
        feeds(&sources)
    };
    wiring.wire(settings, filter.as_ref(), &feeds, &video, &audio)?;
    if still {
        wiring.first_frame_only();
    }
    let inputs: Vec<Input> = sources.into_iter().map(|source| source.input).collect();
    let inputs = if concat && copies {
        vec![in_a_row(inputs)?]
    } else {
        inputs
    };
    let mut job = Job::new();
    for input in inputs {
        job = job.input(seek(settings, input, copies));
    }
    if !wiring.graph.is_empty() {
        job = job.filter(wiring.graph.join(";"));
    }
    Ok(job.output(output(
        settings,
        guest_output,
        &wiring.maps,
        &video,
        &audio,
        still,
    )))
}

/// The streams that stand for picture and sound.
fn feeds(sources: &[Source]) -> Feeds {
    let (video, audio) = taken(sources);
    let number = |at: usize| sources[at].video.unwrap_or(0);
    Feeds {
        video: video.map(|at| format!("{at}:v:{}", number(at))),
        audio: audio.map(|at| format!("{at}:a:0")),
    }
}

/// The files as one input, whose packets can be copied.
fn in_a_row(inputs: Vec<Input>) -> Result<Input, Failure> {
    let mut paths = Vec::new();
    for input in inputs {
        match input.path {
            Some(path) if input.format.is_none() && input.options.is_empty() => paths.push(path),
            _ => {
                return Err(Failure::usage(
                    "--concat with copied streams takes files as they are: no --input-format and no --input-option",
                ));
            }
        }
    }
    Ok(Input::concat(paths))
}

/// One kind of stream, as far as choosing its lane needs it.
struct Kind {
    name: &'static str,
    /// The input has a stream of it.
    exists: bool,
    /// The graph may produce it.
    fed: bool,
}

fn lane(
    kind: &Kind,
    asked: Option<&str>,
    wanted: Option<&'static [&'static str]>,
    extension: &str,
    has_encoder: &impl Fn(&str) -> bool,
) -> Result<Lane, Failure> {
    let available = kind.exists || kind.fed;
    match asked {
        Some("none") => Ok(Lane::Absent),
        Some(_) if !available => Err(Failure::failed(format!(
            "the input has no {} stream to use",
            kind.name
        ))),
        Some("copy") => Ok(Lane::Copy),
        Some(encoder) => Ok(Lane::Encode(encoder.into())),
        None => match wanted {
            Some(wanted) if available && !wanted.is_empty() => {
                containers::choose(kind.name, extension, wanted, has_encoder)
                    .map(|encoder| Lane::Encode(encoder.into()))
                    .map_err(Failure::failed)
            }
            _ => Ok(Lane::Absent),
        },
    }
}

fn nothing_left(target: &Path, container: Option<&Container>, extension: &str) -> Failure {
    let name = target.display();
    match container {
        Some(container) => Failure::failed(format!(
            "nothing to write to {name}: the input has no stream that a .{extension} file holds ({})",
            match (container.video.is_empty(), container.audio.is_empty()) {
                (false, false) => "video or audio",
                (false, true) => "video",
                _ => "audio",
            }
        )),
        None => Failure::usage(format!(
            "no default encoders for {name}: name them with --video-codec and --audio-codec, \
             or use `copy`"
        )),
    }
}

fn seek(settings: &Settings, input: Input, copies: bool) -> Input {
    let Some(start) = settings.seek else {
        return input;
    };
    // An accurate start never feeds a stream that is copied whole.
    let default = if copies && !settings.smart_cut {
        SeekMode::Fast
    } else {
        SeekMode::Accurate
    };
    input.seek(match settings.seek_mode.unwrap_or(default) {
        SeekMode::Fast => Seek::fast(start),
        SeekMode::Accurate => Seek::accurate(start),
    })
}

fn output(
    settings: &Settings,
    path: &str,
    maps: &[String],
    video: &Lane,
    audio: &Lane,
    still: bool,
) -> Output {
    let mut output = Output::file(path);
    for map in maps {
        output = output.map(map);
    }
    match video {
        Lane::Absent => {}
        Lane::Copy => output = output.video_codec("copy"),
        Lane::Encode(encoder) => output = output.video_codec(encoder),
    }
    match audio {
        Lane::Absent => {}
        Lane::Copy => output = output.audio_codec("copy"),
        Lane::Encode(encoder) => output = output.audio_codec(encoder),
    }
    if still {
        // The image muxer wants to be told that the name is not a pattern.
        output = output.format_option("update", "1");
    }
    if let Some(format) = &settings.format {
        output = output.format(format);
    }
    if let Some(duration) = settings.duration {
        output = output.duration(duration);
    }
    if let Some(end) = settings.end {
        output = output.end(end);
    }
    if settings.smart_cut {
        output = output.cut(Cut::Smart);
    }
    for KeyValue { key, value } in &settings.option {
        output = output.option(key, value);
    }
    for KeyValue { key, value } in &settings.video_option {
        output = output.video_option(key, value);
    }
    for KeyValue { key, value } in &settings.audio_option {
        output = output.audio_option(key, value);
    }
    for KeyValue { key, value } in &settings.format_option {
        output = output.format_option(key, value);
    }
    for KeyValue { key, value } in &settings.metadata {
        output = output.metadata(key, value);
    }
    output
}
