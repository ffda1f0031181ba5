//! Which job a line asks for.

use std::path::{Path, PathBuf};

use afmpeg::{Input, Rational};
use clap::Parser as _;

use super::plan::plan;
use super::sources::{Shape, Source};
use crate::cli::args::{Cli, Command};
use crate::cli::names;
use crate::cli::presets;
use crate::cli::status::{Failure, Status};

/// What an input has: the number of its picture, and sound.
#[derive(Clone, Copy)]
struct Sources {
    video: Option<usize>,
    audio: bool,
}

impl Sources {
    fn named(self, name: &str) -> Source {
        let shape = Shape {
            width: 640,
            height: 360,
            sar: Rational::new(1, 1),
            rate: Rational::new(25, 1),
        };
        Source {
            name: PathBuf::from(name),
            input: Input::file(format!("/in/{name}")),
            video: self.video,
            audio: self.audio,
            shape: self.video.map(|_| shape),
        }
    }
}

const BOTH: Sources = Sources {
    video: Some(0),
    audio: true,
};

const SILENT: Sources = Sources {
    video: Some(0),
    audio: false,
};

const SOUND: Sources = Sources {
    video: None,
    audio: true,
};

fn planned(line: &str, source: Sources) -> Result<serde_json::Value, Failure> {
    planned_of(line, vec![source.named("i")])
}

fn planned_of(line: &str, sources: Vec<Source>) -> Result<serde_json::Value, Failure> {
    let cli = Cli::try_parse_from(format!("afmpeg convert {line}").split(' ')).expect("valid");
    let Some(Command::Convert(args)) = cli.command else {
        panic!("not convert")
    };
    assert_eq!(args.inputs.len(), sources.len());
    let lgpl = [
        "libopenh264",
        "aac",
        "png",
        "mjpeg",
        "flac",
        "pcm_s16le",
        "gif",
    ];
    let has = |encoder: &str| lgpl.contains(&encoder);
    let kinds = presets::Kinds {
        video: sources.iter().any(|source| source.video.is_some()),
        audio: sources.iter().any(|source| source.audio),
    };
    let settings = presets::applied(&args.settings, &args.output, kinds, has)?;
    let target: &Path = &args.output;
    let sequence = names::is_template(target);
    let output = format!("/out/{}", names::output(target, sequence));
    let job = plan(&settings, target, sources, args.concat, &output, has)?;
    let spec = job
        .to_spec()
        .map_err(|error| Failure::usage(error.to_string()))?;
    Ok(serde_json::from_str(spec.as_str()).expect("a spec is JSON"))
}

#[test]
fn the_sound_is_that_of_another_input_where_there_is_one() {
    let sources = || vec![BOTH.named("a"), SILENT.named("b"), SOUND.named("c")];
    let spec = planned_of("a b c o.mp4", sources()).expect("a job");
    assert_eq!(spec["filter"], "[0:v:0]null[v];[2:a:0]anull[a]");
    assert_eq!(spec["inputs"].as_array().map(Vec::len), Some(3));
    let spec = planned_of("a b c o.mp4 -v copy -s 2", sources()).expect("a job");
    assert_eq!(
        spec["outputs"][0]["map"],
        serde_json::json!(["0:v:0", "[a]"])
    );
    assert_eq!(spec["inputs"][2]["seek"]["start"], 2.0);
    let spec = planned_of("a b o.mp4", vec![SOUND.named("a"), BOTH.named("b")]).expect("a job");
    assert_eq!(spec["filter"], "[1:v:0]null[v];[0:a:0]anull[a]");
    let spec = planned_of("a b o.mp4", vec![BOTH.named("a"), SILENT.named("b")]).expect("a job");
    assert_eq!(spec["filter"], "[0:v:0]null[v];[0:a:0]anull[a]");
    let line = "a b o.mp4 --filter [0:v][1:v]overlay[x]";
    let spec = planned_of(line, vec![BOTH.named("a"), SILENT.named("b")]).expect("a job");
    assert_eq!(
        spec["filter"],
        "[0:v][1:v]overlay[x];[0:a:0]anull[afmpeg_a]"
    );
}

#[test]
fn joined_inputs_go_through_one_filter_or_stay_packets() {
    let two = || vec![BOTH.named("a"), BOTH.named("b")];
    let spec = planned_of("a b o.mp4 --concat --scale 320", two()).expect("a job");
    assert_eq!(
        spec["filter"],
        "[0:v:0][0:a:0][1:v:0][1:a:0]concat=n=2:v=1:a=1[joined_v][joined_a];\
         [joined_v]scale=320:-2[v];[joined_a]anull[a]"
    );
    let mut other = BOTH.named("b");
    other.shape = other.shape.map(|shape| Shape {
        width: 480,
        ..shape
    });
    let spec =
        planned_of("a b o.mp4 --concat -a none", vec![BOTH.named("a"), other]).expect("a job");
    let graph = spec["filter"].as_str().expect("there is one");
    let fit =
        "scale=640:360:force_original_aspect_ratio=decrease,pad=640:360:-1:-1,setsar=1/1,fps=25/1";
    assert!(
        graph.contains(&format!("[1:v:0]{fit}[afmpeg_1]")),
        "{graph}"
    );
    assert!(
        graph.contains("[afmpeg_0][afmpeg_1]concat=n=2:v=1:a=0[joined_v]"),
        "{graph}"
    );
    let spec = planned_of("a b o.mkv --concat -v copy -a copy", two()).expect("a job");
    assert_eq!(
        spec["inputs"],
        serde_json::json!([{"concat": ["/in/a", "/in/b"]}])
    );
    assert_eq!(
        spec["outputs"][0]["map"],
        serde_json::json!(["0:v:0", "0:a:0"])
    );
    let graph = planned_of("a b o.mp4 --concat -f [0:v]hflip[x]", two());
    assert_eq!(graph.expect_err("two graphs").status, Status::Usage);
    let failure = planned_of(
        "a b o.mp4 --concat",
        vec![BOTH.named("a"), SILENT.named("b")],
    );
    let failure = failure.expect_err("b has no sound");
    assert!(
        failure.message.contains("b has no audio")
            && failure.message.contains("--audio-codec none"),
        "{}",
        failure.message
    );
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
fn a_preset_sets_what_is_not_said() {
    let spec = planned("i o.mp4 --preset web --crop 640x360", BOTH).expect("a job");
    let graph = spec["filter"].as_str().expect("there is one");
    assert!(
        graph.starts_with("[0:v:0]crop=640:360,scale=w='min(1280,"),
        "{graph}"
    );
    let output = &spec["outputs"][0];
    assert_eq!(output["video_codec"], "libopenh264");
    assert_eq!(output["video_options"]["b"], "2500k");
    assert_eq!(output["audio_options"]["b"], "128k");
    assert_eq!(output["format_options"]["movflags"], "+faststart");
    let line = "i o.mp4 --preset web --scale 320 --video-option b=1M --video-codec libopenh264";
    let spec = planned(line, BOTH).expect("a job");
    assert_eq!(
        spec["filter"],
        "[0:v:0]scale=320:-2,format=yuv420p[v];[0:a:0]anull[a]"
    );
    assert_eq!(spec["outputs"][0]["video_options"]["b"], "1M");
    let spec = planned("i o.m4a --preset podcast", BOTH).expect("a job");
    assert_eq!(spec["filter"], "[0:a:0]aformat=channel_layouts=mono[a]");
    let failure = planned("i o.mkv --preset archive", BOTH).expect_err("lean has no FFV1");
    assert!(failure.message.contains("ffv1"), "{}", failure.message);
    let failure = planned("i o.avi --preset web", BOTH).expect_err("another container");
    assert!(
        failure.message.contains(".mp4, .m4v, .mov"),
        "{}",
        failure.message
    );
    let graph = "i o.mp4 --scale 320 --filter [0:v]null[v]";
    assert!(
        planned(graph, BOTH).is_err(),
        "which part of the graph would be scaled?"
    );
}

#[test]
fn filters_of_a_preset_are_for_the_kind_of_stream_that_they_fit() {
    let spec = planned("i o.mp4 --preset web", SOUND).expect("a job");
    assert_eq!(spec["filter"], "[0:a:0]anull[a]");
    let spec = planned("i o.mp4 --preset web -v none", BOTH).expect("a job");
    assert_eq!(spec["filter"], "[0:a:0]anull[a]");
    let spec = planned("i o.mp4 --preset web -v none --filter volume=2", BOTH).expect("a job");
    assert_eq!(spec["filter"], "[0:a:0]volume=2[a]");
    let spec = planned("i o.mp4 --preset web -v copy", BOTH).expect("a job");
    assert_eq!(spec["outputs"][0]["map"][0], "0:v:0");
    let spec = planned("i o.m4a --preset podcast -a copy", BOTH).expect("a job");
    assert_eq!(spec.get("filter"), None);
    for (line, sources) in [
        ("i o.mp4 --scale 320", SOUND),
        ("i o.mp4 --crop 32x32 -v copy", BOTH),
        ("i o.mp4 --preset web --scale 320 -v none", BOTH),
    ] {
        let failure = planned(line, sources).expect_err(line);
        assert!(
            failure.message.contains("for a picture"),
            "{line}: {}",
            failure.message
        );
    }
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
