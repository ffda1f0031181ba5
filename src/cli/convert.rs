//! `afmpeg convert`: from the options and a probe of the input to one job, its run and its output.

use std::path::Path;

use afmpeg::{Cut, Input, Job, Output, ProbeReport, Seek};

use super::args::{Convert, Global, SeekMode};
use super::containers::{self, Container};
use super::graph::Pads;
use super::names;
use super::probe::probe_input;
use super::progress::Meter;
use super::report;
use super::save;
use super::session::{Session, job_failure};
use super::stage::Stage;
use super::status::Failure;
use super::values::KeyValue;

/// Runs the verb.
pub(crate) fn convert(global: &Global, args: &Convert) -> Result<(), Failure> {
    let to_stdout = args.output == Path::new("-");
    if to_stdout && args.format.is_none() {
        return Err(Failure::usage(
            "standard output has no extension: name the muxer with --format",
        ));
    }
    if !to_stdout {
        save::check_target(&args.output)?;
    }
    let session = Session::open(global)?;
    let mut stage = Stage::new(global);
    let input = input(&mut stage, args)?;
    let output = stage.output(&args.output);
    let sources = sources(&session, &stage, &input, args)?;
    let encoders = session
        .runtime
        .capabilities()
        .map_err(|error| job_failure(&error))?
        .encoders;
    let job = plan(args, input, &output, sources, |name| {
        encoders.iter().any(|e| e == name)
    })?;
    if args.dry_run {
        let spec = job
            .to_spec()
            .map_err(|error| Failure::usage(error.to_string()))?;
        println!("{}", super::text::json(spec.as_str()));
        return Ok(());
    }
    let meter = Meter::new(global, &args.output.display().to_string());
    let result = session
        .invocation(&stage.fs()?, &meter)
        .process(&job)
        .map_err(|error| stage.in_host_names(job_failure(&error)))
        .and_then(|report| Ok((report, stage.save_outputs(&session.cancel)?)));
    meter.finish(&result);
    let (report, saved) = result?;
    if to_stdout {
        return Ok(());
    }
    report::processed(global, args.json, &stage, &report, &saved)
}

/// The input as the guest will name it.
fn input(stage: &mut Stage, args: &Convert) -> Result<Input, Failure> {
    let generated = args.input_format.as_deref() == Some("lavfi");
    let mut input = if generated {
        let graph = args.input.to_str();
        Input::lavfi(graph.ok_or_else(|| Failure::usage("the source graph is not UTF-8"))?)
    } else {
        Input::file(stage.input(&args.input)?)
    };
    if let Some(format) = args.input_format.as_ref().filter(|_| !generated) {
        input = input.format(format);
    }
    for KeyValue { key, value } in &args.input_option {
        input = input.option(key, value);
    }
    Ok(input)
}

/// Which streams of the input stand for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sources {
    /// The number of the first picture stream among the video streams; cover art does not count.
    video: Option<usize>,
    /// Whether there is audio.
    audio: bool,
}

fn sources(
    session: &Session<'_>,
    stage: &Stage,
    input: &Input,
    args: &Convert,
) -> Result<Sources, Failure> {
    let report =
        probe_input(session, stage, input).map_err(|failure| failure.about(&args.input))?;
    Ok(sources_of(&report))
}

fn sources_of(input: &ProbeReport) -> Sources {
    let number = input.video().map(|first| {
        input
            .streams
            .iter()
            .filter(|s| s.kind == "video" && s.index < first.index)
            .count()
    });
    Sources {
        video: number,
        audio: input.audio().is_some(),
    }
}

/// What happens to one kind of stream.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Lane {
    Absent,
    Copy,
    Encode(String),
}

/// The job of a conversion.
fn plan(
    args: &Convert,
    input: Input,
    guest_output: &str,
    sources: Sources,
    has_encoder: impl Fn(&str) -> bool,
) -> Result<Job, Failure> {
    let extension = names::extension(&args.output)
        .or_else(|| args.format.clone())
        .unwrap_or_default();
    let container = args
        .format
        .as_deref()
        .and_then(containers::by_muxer)
        .or_else(|| containers::by_extension(&extension));
    let filter = args.filter.as_deref().map(|graph| (graph, Pads::of(graph)));
    let fed = |kind| {
        args.map.iter().any(|map| map.starts_with('['))
            || filter
                .as_ref()
                .is_some_and(|(_, pads)| pads.takes(kind) || !pads.open.is_empty())
    };
    let video = lane(
        &Kind {
            name: "video",
            exists: sources.video.is_some(),
            fed: fed('v'),
        },
        args.video_codec.as_deref(),
        container.map(|container| container.video),
        &extension,
        &has_encoder,
    )?;
    let audio = lane(
        &Kind {
            name: "audio",
            exists: sources.audio,
            fed: fed('a'),
        },
        args.audio_codec.as_deref(),
        container.map(|container| container.audio),
        &extension,
        &has_encoder,
    )?;
    if video == Lane::Absent && audio == Lane::Absent {
        return Err(nothing_left(args, container, &extension));
    }
    let still = container.is_some_and(|container| container.image)
        && !names::is_template(&args.output)
        && matches!(video, Lane::Encode(_));

    let mut wiring = wire(args, filter.as_ref(), sources, &video, &audio)?;
    if still {
        wiring.first_frame_only();
    }
    let copies = video == Lane::Copy || audio == Lane::Copy;
    let mut job = Job::new().input(seek(args, input, copies));
    if !wiring.graph.is_empty() {
        job = job.filter(wiring.graph.join(";"));
    }
    Ok(job.output(output(
        args,
        guest_output,
        &wiring.maps,
        &video,
        &audio,
        still,
    )))
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

fn nothing_left(args: &Convert, container: Option<&Container>, extension: &str) -> Failure {
    let name = args.output.display();
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

/// Filter chains, and what the output takes from them and from the input.
#[derive(Debug, Default, PartialEq, Eq)]
struct Wiring {
    graph: Vec<String>,
    maps: Vec<String>,
}

impl Wiring {
    /// Passes a stream of the input on: through a graph that does nothing, or as packets.
    fn pass(&mut self, lane: &Lane, stream: &str, filter: &str, pad: &str) {
        match lane {
            Lane::Absent => {}
            Lane::Copy => self.maps.push(stream.into()),
            Lane::Encode(_) => {
                self.graph.push(format!("[{stream}]{filter}[{pad}]"));
                self.maps.push(format!("[{pad}]"));
            }
        }
    }

    /// Ends the first pad that the output takes after one frame.
    fn first_frame_only(&mut self) {
        if let Some(map) = self.maps.iter_mut().find(|map| map.starts_with('[')) {
            self.graph
                .push(format!("{map}trim=end_frame=1[afmpeg_still]"));
            *map = "[afmpeg_still]".into();
        }
    }
}

fn wire(
    args: &Convert,
    filter: Option<&(&str, Pads)>,
    sources: Sources,
    video: &Lane,
    audio: &Lane,
) -> Result<Wiring, Failure> {
    let mut wiring = Wiring::default();
    let video_stream = format!("0:v:{}", sources.video.unwrap_or(0));
    let audio_stream = "0:a:0";
    if !args.map.is_empty() {
        wiring
            .graph
            .extend(filter.map(|(graph, _)| (*graph).to_owned()));
        wiring.maps.clone_from(&args.map);
        return Ok(wiring);
    }
    let Some((graph, pads)) = filter else {
        wiring.pass(video, &video_stream, "null", "v");
        wiring.pass(audio, audio_stream, "anull", "a");
        return Ok(wiring);
    };
    if pads.inputs.is_empty() && pads.open.is_empty() {
        // A plain chain: for the picture, or for the sound of an output without one.
        let for_audio = *video == Lane::Absent;
        no_copy(
            if for_audio { audio } else { video },
            if for_audio { "audio" } else { "video" },
        )?;
        wiring.pass(video, &video_stream, graph, "v");
        wiring.pass(
            audio,
            audio_stream,
            if for_audio { graph } else { "anull" },
            "a",
        );
        return Ok(wiring);
    }
    wiring.graph.push((*graph).to_owned());
    wiring
        .maps
        .extend(pads.open.iter().map(|pad| format!("[{pad}]")));
    let taken = usize::from(pads.takes('v')) + usize::from(pads.takes('a'));
    for (kind, name, lane) in [('v', "video", video), ('a', "audio", audio)] {
        if pads.takes(kind) {
            no_copy(lane, name)?;
        } else if pads.open.len() <= taken {
            match kind {
                'v' if sources.video.is_some() => {
                    wiring.pass(lane, &video_stream, "null", "afmpeg_v");
                }
                'a' if sources.audio => wiring.pass(lane, audio_stream, "anull", "afmpeg_a"),
                _ => {}
            }
        }
    }
    Ok(wiring)
}

fn no_copy(lane: &Lane, kind: &str) -> Result<(), Failure> {
    if *lane == Lane::Copy {
        return Err(Failure::usage(format!(
            "the {kind} goes through --filter, so it cannot be copied: name an encoder instead"
        )));
    }
    Ok(())
}

fn seek(args: &Convert, input: Input, copies: bool) -> Input {
    let Some(start) = args.seek else { return input };
    // An accurate start never feeds a stream that is copied whole.
    let default = if copies && !args.smart_cut {
        SeekMode::Fast
    } else {
        SeekMode::Accurate
    };
    input.seek(match args.seek_mode.unwrap_or(default) {
        SeekMode::Fast => Seek::fast(start),
        SeekMode::Accurate => Seek::accurate(start),
    })
}

fn output(
    args: &Convert,
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
    if let Some(format) = &args.format {
        output = output.format(format);
    }
    if let Some(duration) = args.duration {
        output = output.duration(duration);
    }
    if let Some(end) = args.end {
        output = output.end(end);
    }
    if args.smart_cut {
        output = output.cut(Cut::Smart);
    }
    for KeyValue { key, value } in &args.option {
        output = output.option(key, value);
    }
    for KeyValue { key, value } in &args.video_option {
        output = output.video_option(key, value);
    }
    for KeyValue { key, value } in &args.audio_option {
        output = output.audio_option(key, value);
    }
    for KeyValue { key, value } in &args.format_option {
        output = output.format_option(key, value);
    }
    for KeyValue { key, value } in &args.metadata {
        output = output.metadata(key, value);
    }
    output
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::args::{Cli, Command};
    use crate::cli::status::Status;

    const BOTH: Sources = Sources {
        video: Some(0),
        audio: true,
    };

    fn planned(line: &str, sources: Sources) -> Result<serde_json::Value, Failure> {
        let cli = Cli::try_parse_from(format!("afmpeg convert {line}").split(' ')).expect("valid");
        let Some(Command::Convert(args)) = cli.command else {
            panic!("not convert")
        };
        let lgpl = [
            "libopenh264",
            "aac",
            "png",
            "mjpeg",
            "flac",
            "pcm_s16le",
            "gif",
        ];
        let job = plan(&args, Input::file("/in/i"), "/out/o", sources, |e| {
            lgpl.contains(&e)
        })?;
        let spec = job
            .to_spec()
            .map_err(|error| Failure::usage(error.to_string()))?;
        Ok(serde_json::from_str(spec.as_str()).expect("a spec is JSON"))
    }

    #[test]
    fn a_smart_cut_copies_from_an_accurate_start() {
        let spec = planned("i o.mp4 -v copy -a copy -s 1.5 -d 2 --smart-cut", BOTH).expect("a job");
        assert_eq!(spec["inputs"][0]["seek"]["mode"], "accurate");
        assert_eq!(spec["outputs"][0]["cut"], "smart");
        assert_eq!(
            spec["outputs"][0]["map"],
            serde_json::json!(["0:v:0", "0:a:0"])
        );
        let spec = planned("i o.mp4 -v copy -a copy -s 1.5 -d 2", BOTH).expect("a job");
        assert_eq!(spec["inputs"][0]["seek"]["mode"], "fast");
        assert_eq!(spec["outputs"][0].get("cut"), None);
    }

    #[test]
    fn a_plain_conversion_encodes_what_is_there() {
        let spec = planned("i o.mp4", BOTH).expect("a job");
        assert_eq!(spec["filter"], "[0:v:0]null[v];[0:a:0]anull[a]");
        assert_eq!(spec["outputs"][0]["map"], serde_json::json!(["[v]", "[a]"]));
        assert_eq!(spec["outputs"][0]["video_codec"], "libopenh264");
        assert_eq!(spec["outputs"][0]["audio_codec"], "aac");
        let silent = Sources {
            video: Some(1),
            audio: false,
        };
        let spec = planned("i o.mp4", silent).expect("a job");
        assert_eq!(spec["filter"], "[0:v:1]null[v]");
        assert_eq!(spec["outputs"][0].get("audio_codec"), None);
    }

    #[test]
    fn a_muxer_that_is_named_has_defaults_without_an_extension() {
        let spec = planned("i - --format matroska", BOTH).expect("a job");
        assert_eq!(spec["outputs"][0]["video_codec"], "libopenh264");
        assert_eq!(spec["outputs"][0]["format"], "matroska");
        let failure = planned("i - --format webm", BOTH).expect_err("no encoder");
        assert!(
            failure.message.contains("libvpx-vp9"),
            "{}",
            failure.message
        );
    }

    #[test]
    fn copying_needs_no_graph_and_starts_at_a_keyframe() {
        let spec = planned("i o.mkv -v copy -a copy --seek 2", BOTH).expect("a job");
        assert_eq!(spec.get("filter"), None);
        assert_eq!(
            spec["outputs"][0]["map"],
            serde_json::json!(["0:v:0", "0:a:0"])
        );
        assert_eq!(spec["inputs"][0]["seek"]["mode"], "fast");
        let spec = planned("i o.mkv --seek 2", BOTH).expect("a job");
        assert_eq!(spec["inputs"][0]["seek"]["mode"], "accurate");
    }

    #[test]
    fn a_chain_is_for_the_picture_and_a_graph_keeps_its_pads() {
        let spec = planned("i o.mp4 --filter scale=320:-2", BOTH).expect("a job");
        assert_eq!(spec["filter"], "[0:v:0]scale=320:-2[v];[0:a:0]anull[a]");
        let spec = planned("i o.wav --filter volume=0.5", BOTH).expect("a job");
        assert_eq!(spec["filter"], "[0:a:0]volume=0.5[a]");
        let spec = planned("i o.mp4 -a copy --filter [0:v]hflip[x]", BOTH).expect("a job");
        assert_eq!(spec["filter"], "[0:v]hflip[x]");
        assert_eq!(
            spec["outputs"][0]["map"],
            serde_json::json!(["[x]", "0:a:0"])
        );
        let failure = planned("i o.mp4 -v copy --filter hflip", BOTH).expect_err("contradiction");
        assert_eq!(failure.status, Status::Usage);
    }

    #[test]
    fn one_image_is_one_frame_and_a_template_is_all() {
        let spec = planned("i o.png", BOTH).expect("a job");
        assert_eq!(
            spec["filter"],
            "[0:v:0]null[v];[v]trim=end_frame=1[afmpeg_still]"
        );
        assert_eq!(
            spec["outputs"][0]["map"],
            serde_json::json!(["[afmpeg_still]"])
        );
        assert_eq!(spec["outputs"][0]["format_options"]["update"], "1");
        let spec = planned("i o_%03d.png", BOTH).expect("a job");
        assert_eq!(spec["filter"], "[0:v:0]null[v]");
    }

    #[test]
    fn what_cannot_be_made_is_said() {
        for (line, sources, part) in [
            ("i o.webm", BOTH, "libvpx-vp9"),
            (
                "i o.wav",
                Sources {
                    video: Some(0),
                    audio: false,
                },
                "no stream that a .wav",
            ),
            ("i o.xyz", BOTH, "--video-codec"),
            (
                "i o.mp4 -a aac",
                Sources {
                    video: Some(0),
                    audio: false,
                },
                "no audio stream",
            ),
            ("i o.mp4 -v none -a none", BOTH, "nothing to write"),
        ] {
            let failure = planned(line, sources).expect_err(line);
            assert!(
                failure.message.contains(part),
                "{line}: {}",
                failure.message
            );
        }
    }
}
