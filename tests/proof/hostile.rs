//! Bad input and bad jobs: each is its own typed error, and its text says what is wrong.

use afmpeg::{ErrorClass, Input, Job, JobError, MemFs, Output};

use crate::support::{fixture, fs_with, runtime};

fn copy(from: &str) -> Job {
    Job::new()
        .input(Input::file(from))
        .output(Output::file("/out.mkv").map("0:v").video_codec("copy"))
}

fn encode(from: &str, output: Output) -> Job {
    Job::new()
        .input(Input::file(from))
        .filter("[0:v]null[v]")
        .output(output.map("[v]"))
}

/// Runs a job that must fail in the guest with this class and these words, and leaves the runtime usable.
#[track_caller]
fn refused(fs: &MemFs, job: &Job, exit: u32, class: ErrorClass, words: &[&str]) {
    let error = runtime().process(fs, job).expect_err("the job must fail");
    check(&error, exit, class, words);
}

#[track_caller]
fn check(error: &JobError, exit: u32, class: ErrorClass, words: &[&str]) {
    let JobError::Guest {
        exit: had,
        class: of,
        ..
    } = error
    else {
        panic!("a guest error, not {error:?}")
    };
    assert_eq!((*had, *of), (exit, class), "{error}");
    let text = error.to_string();
    for word in words {
        assert!(text.contains(word), "{text:?} does not say {word:?}");
    }
}

#[test]
fn a_missing_input() {
    let fs = MemFs::new();
    refused(
        &fs,
        &copy("/absent.mp4"),
        1,
        ErrorClass::OpenInput,
        &["/absent.mp4", "No such file"],
    );
    assert!(!fs.exists("/out.mkv"), "no output is left behind");
}

#[test]
fn an_empty_file() {
    let fs = MemFs::new();
    fs.write("/empty.mp4", Vec::new())
        .expect("room for nothing");
    refused(
        &fs,
        &copy("/empty.mp4"),
        1,
        ErrorClass::OpenInput,
        &["/empty.mp4", "empty"],
    );
}

#[test]
fn a_text_file_named_mp4() {
    let fs = MemFs::new();
    fs.write(
        "/notes.mp4",
        b"Dear diary, nothing happened today.\n".repeat(40),
    )
    .expect("room");
    refused(
        &fs,
        &copy("/notes.mp4"),
        1,
        ErrorClass::OpenInput,
        &["/notes.mp4"],
    );
}

#[test]
fn an_mp4_cut_before_its_index() {
    // The 720p clip has its moov box at the end or the beginning; cut so that it is incomplete.
    let whole = fixture("bbb_720p_h264_aac51.mp4");
    let moov = whole
        .windows(4)
        .position(|w| w == b"moov")
        .expect("an MP4 has one");
    let fs = MemFs::new();
    fs.write("/cut.mp4", &whole[..moov + 100]).expect("room");
    refused(
        &fs,
        &copy("/cut.mp4"),
        1,
        ErrorClass::OpenInput,
        &["/cut.mp4"],
    );
}

#[test]
fn an_mp4_cut_within_its_media_is_an_error_and_not_a_short_success() {
    let whole = fixture("bbb_180_h264.mp4");
    let moov = whole
        .windows(4)
        .position(|w| w == b"moov")
        .expect("an MP4 has one");
    let mdat = whole
        .windows(4)
        .position(|w| w == b"mdat")
        .expect("an MP4 has one");
    assert!(moov < mdat, "this fixture has its index first");
    let fs = MemFs::new();
    fs.write("/cut.mp4", &whole[..mdat + (whole.len() - mdat) / 2])
        .expect("room");
    for job in [
        copy("/cut.mp4"),
        encode(
            "/cut.mp4",
            Output::file("/out.mp4").video_codec("libopenh264"),
        ),
    ] {
        let error = runtime()
            .process(&fs, &job)
            .expect_err("half of the frames are missing");
        let JobError::Guest { exit: 1, class, .. } = &error else {
            panic!("a guest error, not {error:?}")
        };
        assert!(
            matches!(class, ErrorClass::Decode | ErrorClass::OpenInput),
            "{error}"
        );
        assert!(error.to_string().contains("/cut.mp4"), "{error}");
    }
}

#[test]
fn an_unknown_encoder_lists_those_there_are() {
    let fs = fs_with(&["bbb_180_h264.mp4"]);
    let job = encode(
        "/bbb_180_h264.mp4",
        Output::file("/out.mp4").video_codec("libx264"),
    );
    refused(
        &fs,
        &job,
        1,
        ErrorClass::NotInBuild,
        &["libx264", "libopenh264"],
    );
}

#[test]
fn an_unknown_muxer_and_an_unknown_filter() {
    let fs = fs_with(&["bbb_180_h264.mp4"]);
    let output = Output::file("/out.xyz")
        .format("matroschka")
        .video_codec("mjpeg");
    refused(
        &fs,
        &encode("/bbb_180_h264.mp4", output),
        1,
        ErrorClass::NotInBuild,
        &["matroschka"],
    );
    let job = Job::new()
        .input(Input::file("/bbb_180_h264.mp4"))
        .filter("[0:v]sepia_dream[v]")
        .output(
            Output::file("/out.mp4")
                .map("[v]")
                .video_codec("libopenh264"),
        );
    refused(&fs, &job, 1, ErrorClass::NotInBuild, &["sepia_dream"]);
}

#[test]
fn an_unknown_option_names_itself_and_its_consumer() {
    let fs = fs_with(&["bbb_180_h264.mp4"]);
    let output = Output::file("/out.mp4")
        .video_codec("libopenh264")
        .option("presett", "fast");
    refused(
        &fs,
        &encode("/bbb_180_h264.mp4", output),
        1,
        ErrorClass::Option,
        &["presett", "libopenh264"],
    );
    let job = Job::new()
        .input(Input::file("/bbb_180_h264.mp4").option("no_such_thing", 1))
        .output(Output::file("/out.mkv").map("0:v").video_codec("copy"));
    refused(&fs, &job, 1, ErrorClass::Option, &["no_such_thing"]);
    let output = Output::file("/out.mp4")
        .video_codec("libopenh264")
        .format_option("movflag", "x");
    refused(
        &fs,
        &encode("/bbb_180_h264.mp4", output),
        1,
        ErrorClass::Option,
        &["movflag", "mp4"],
    );
}

#[test]
fn a_wrong_option_value_names_the_key() {
    let fs = fs_with(&["bbb_180_h264.mp4"]);
    let output = Output::file("/out.mp4")
        .video_codec("libopenh264")
        .option("b", "plenty");
    refused(
        &fs,
        &encode("/bbb_180_h264.mp4", output),
        1,
        ErrorClass::Option,
        &["b", "plenty"],
    );
}

#[test]
fn a_map_that_names_nothing() {
    let fs = fs_with(&["bbb_180_h264.mp4"]);
    let job = Job::new()
        .input(Input::file("/bbb_180_h264.mp4"))
        .output(Output::file("/out.mkv").map("0:a").audio_codec("copy"));
    refused(&fs, &job, 1, ErrorClass::Map, &["0:a"]);
}

/// What the library finds in the text of a job the engine finds too, and what it leaves to the engine may be right.
#[test]
fn pads_are_refused_before_the_engine_would() {
    let fs = fs_with(&["bbb_180_h264.mp4"]);
    let job = |graph: &str, map: &[&str]| {
        let output = Output::file("/out.mkv").video_codec("mjpeg").duration(0.1);
        Job::new()
            .input(Input::file("/bbb_180_h264.mp4"))
            .filter(graph)
            .output(map.iter().fold(output, |output, map| output.map(*map)))
    };
    let copied = |graph: &str, map: &str| {
        let mut job = job(graph, &[map]);
        job.outputs[0].video_codec = Some("copy".to_owned());
        job
    };
    let inner = "[0:v]split[x][y];[x]hflip[z];[y][z]hstack[v]";
    let second = Output::file("/two.mkv").map("[v]").video_codec("mjpeg");
    let twice = job("[0:v]null[v]", &["[v]"]).output(second);
    for (job, field) in [
        (twice, "outputs[1].map[0]"),
        (job("[0:v]null[v]", &["[w]"]), "outputs[0].map[0]"),
        (
            job("[0:v]scale=64:-2[small]", &["[v]"]),
            "outputs[0].map[0]",
        ),
        (job("[0:v]null[v]", &["[v]", "[1:v]"]), "outputs[0].map[1]"),
        (job(inner, &["[v]", "[x]"]), "outputs[0].map[1]"),
        (job("[5:v]null[v]", &["[v]"]), "filter"),
        (job("[0:v][w]hstack[v]", &["[v]"]), "filter"),
        (copied("[0:v]null[v]", "[v]"), "outputs[0].video_codec"),
        (copied("[0:v]null", "[v]"), "outputs[0].video_codec"),
    ] {
        let error = runtime().process(&fs, &job).expect_err(field);
        let JobError::Spec(spec) = &error else {
            panic!("{error:?}");
        };
        assert_eq!(spec.field(), field, "{error}");
        let document = serde_json::to_string(&job).expect("it can be written");
        let error = runtime().process_json(&fs, &document).expect_err(field);
        assert_eq!(error.class(), Some(ErrorClass::Map), "{document}: {error}");
    }
    let twice = job("[0:v]null[v]", &["[v]", "[v]"]);
    let error = runtime()
        .process(&fs, &twice)
        .expect_err("it is there twice");
    assert!(
        matches!(&error, JobError::Spec(spec) if spec.field() == "outputs[0].map[1]"),
        "{error:?}"
    );
    let document = serde_json::to_string(&twice).expect("it can be written");
    let error = runtime().process_json(&fs, &document);
    let error = error.expect_err("it is there twice");
    assert_eq!(error.class(), Some(ErrorClass::Spec), "{error}");
    for (graph, map) in [
        ("[0:v]scale=64:-2", &["[v]"][..]),
        ("scale=64:-2[v]", &["[v]"]),
        ("[0:v]split[x]", &["[x]", "[v]"]),
        ("[0:v]hflip[v];[v]vflip[v]", &["[v]"]),
        ("color=duration=1[1:v]", &["[1:v]"]),
        ("[ 0:v ]null[ v ]", &["[v]"]),
        ("[0:v]null[x];['x']null['v']", &["[v]"]),
        ("[0:v]null[v]", &["[v]", "[0:v]"]),
        ("sws_flags=bicubic;[0:v]scale=64:-2[v]", &["[v]"]),
    ] {
        runtime()
            .process(&fs, &job(graph, map))
            .unwrap_or_else(|error| panic!("{graph}: {error}"));
    }
}

#[test]
fn a_graph_that_does_not_parse() {
    let fs = fs_with(&["bbb_180_h264.mp4"]);
    let job = Job::new()
        .input(Input::file("/bbb_180_h264.mp4"))
        .filter("[0:v]scale=320:[v")
        .output(
            Output::file("/out.mp4")
                .map("[v]")
                .video_codec("libopenh264"),
        );
    refused(&fs, &job, 1, ErrorClass::Graph, &[]);
}

#[test]
fn malformed_json_and_wrong_shapes() {
    let fs = MemFs::new();
    for spec in [
        "",
        "{",
        "[]",
        "{\"version\":10,\"op\":\"process\"} trailing",
        "{\"version\":10}",
        "{\"version\":10,\"op\":\"dance\"}",
        "{\"version\":10,\"op\":\"process\",\"inputs\":7,\"outputs\":[]}",
        "{\"version\":10,\"op\":\"probe\",\"inputs\":[{\"path\":\"/a\"}],\"colour\":\"red\"}",
        "{\"version\":10,\"op\":\"process\",\"inputs\":[{\"path\":\"/a\"}],\"outputs\":[{\"path\":\"/b\",\"duration\":1e999}]}",
        "{\"version\":10.5,\"op\":\"version\"}",
    ] {
        let error = runtime()
            .process_json(&fs, spec)
            .expect_err("the spec is malformed");
        match &error {
            JobError::Guest { exit, class, .. } => {
                assert_eq!((*exit, *class), (2, ErrorClass::Spec), "{spec}: {error}");
            }
            JobError::Spec(_) => {}
            other => panic!("{spec}: a spec error, not {other:?}"),
        }
        assert!(
            error.to_string().len() > 10,
            "{spec}: the text says what is wrong"
        );
    }
}

#[test]
fn the_engine_itself_refuses_malformed_json_and_a_spec_from_the_future() {
    let fs = MemFs::new();
    for (spec, exit, word) in [
        ("{\"version\":10,", 2, "spec"),
        (
            "{\"version\":11,\"op\":\"teleport\",\"new_field\":{}}",
            3,
            "version",
        ),
    ] {
        let output = runtime()
            .run(&fs, ["ffmpeg-wasi", spec])
            .expect("the guest runs");
        assert_eq!(output.exit_code, exit, "{spec}");
        let reply: serde_json::Value =
            serde_json::from_slice(&output.stdout).expect("a JSON reply");
        assert_eq!(reply["error"]["class"], word, "{spec}");
        assert!(
            reply["error"]["message"]
                .as_str()
                .is_some_and(|text| text.len() > 10),
            "{reply}"
        );
    }
}

#[test]
fn a_spec_from_the_future_says_which_version_the_engine_knows() {
    let fs = MemFs::new();
    let spec = "{\"version\":11,\"op\":\"version\"}";
    let error = runtime()
        .process_json(&fs, spec)
        .expect_err("the spec is too new");
    let text = error.to_string();
    assert!(
        text.contains("11") && text.contains("10"),
        "both versions are named: {text}"
    );
    if let JobError::Guest { exit, class, .. } = &error {
        assert_eq!((*exit, *class), (3, ErrorClass::Version));
    }
}

#[test]
fn a_full_filesystem_is_a_storage_error() {
    let quota = afmpeg::vfs::Quota {
        bytes: 70_000,
        ..afmpeg::vfs::Quota::default()
    };
    let fs = MemFs::with_quota(quota);
    fs.write("/in.mp4", fixture("bbb_180_h264.mp4"))
        .expect("the input fits");
    let error = runtime()
        .process(&fs, &copy("/in.mp4"))
        .expect_err("the output does not fit");
    let JobError::Storage { error: cause, .. } = &error else {
        panic!("a storage error, not {error:?}")
    };
    assert_eq!(cause.errno(), afmpeg::wasi::Errno::Nospc);
}
