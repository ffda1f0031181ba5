//! The `afmpeg` command as its users meet it: files, exit statuses, messages, standard streams.

#![cfg(feature = "cli")]

#[allow(
    dead_code,
    reason = "each test program uses its own part of the shared support"
)]
#[path = "../support/mod.rs"]
mod support;

mod run;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use support::{engine_path, workspace};

const CLIP: &str = "bbb_180_h264.mp4";

fn afmpeg(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_afmpeg"));
    command
        .current_dir(dir)
        .env("AFMPEG_ENGINE", engine_path())
        .stdin(Stdio::null());
    // Before the verb: what follows the module of `run` is the module's.
    if let Ok(mode) = std::env::var("AFMPEG_MODE") {
        command.args(["--mode", &mode]);
    }
    command.args(args);
    command
}

fn run(dir: &Path, args: &[&str]) -> Output {
    afmpeg(dir, args).output().expect("the command starts")
}

#[track_caller]
fn succeed(dir: &Path, args: &[&str]) -> (String, String) {
    let output = run(dir, args);
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{args:?}: {err}");
    (out, err)
}

/// Runs a command that must end with `status`, leave no file and say each of `words`.
#[track_caller]
fn fail(dir: &Path, status: i32, args: &[&str], words: &[&str]) {
    let before = names(dir);
    let output = run(dir, args);
    let err = text(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{args:?}: {err}");
    for word in words {
        assert!(err.contains(word), "{args:?}: no {word:?} in {err:?}");
    }
    assert_eq!(names(dir), before, "{args:?} left something");
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).expect("the directory is there");
    let mut names: Vec<String> = entries
        .map(|entry| {
            entry
                .expect("it can be listed")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

fn fixture_path(name: &str) -> String {
    workspace()
        .join("tests/fixtures")
        .join(name)
        .display()
        .to_string()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

/// Size and number of samples of the first video track, by a parser that is not ours.
fn video(path: &Path) -> (u16, u16, usize) {
    let bytes = std::fs::read(path).expect("the output is there");
    let mp4 = re_mp4::Mp4::read_bytes(&bytes).expect("it is an MP4");
    let track = mp4
        .tracks()
        .values()
        .find(|t| t.kind == Some(re_mp4::TrackKind::Video));
    let track = track.expect("it has video");
    (track.width, track.height, track.samples.len())
}

#[test]
fn convert_scales_and_writes_nothing_but_the_output() {
    let dir = folder();
    let (out, err) = succeed(
        dir.path(),
        &[
            "convert",
            &fixture_path(CLIP),
            "o.mp4",
            "--filter",
            "scale=160:90",
        ],
    );
    assert_eq!(names(dir.path()), ["o.mp4"]);
    assert_eq!(video(&dir.path().join("o.mp4")), (160, 90, 50));
    assert!(out.contains("o.mp4") && out.contains("h264"), "{out}");
    assert_eq!(err, "", "a pipe gets no bar");
}

#[test]
fn convert_copies_cuts_and_takes_sound_alone() {
    let dir = folder();
    let clip = fixture_path(CLIP);
    succeed(
        dir.path(),
        &["convert", &clip, "copy.mp4", "--video-codec", "copy"],
    );
    assert_eq!(video(&dir.path().join("copy.mp4")), (320, 180, 50));
    let cut = [
        "convert",
        &clip,
        "cut.mp4",
        "--seek",
        "1",
        "--duration",
        "0.4",
        "-f",
        "scale=64:36",
    ];
    succeed(dir.path(), &cut);
    assert_eq!(video(&dir.path().join("cut.mp4")), (64, 36, 10));
    succeed(
        dir.path(),
        &["convert", &fixture_path("bbb.mp3"), "sound.wav"],
    );
    let wav = hound::WavReader::open(dir.path().join("sound.wav")).expect("it is a WAV");
    let seconds = f64::from(wav.duration()) / f64::from(wav.spec().sample_rate);
    assert!((seconds - 4.0).abs() < 0.06, "{seconds} s");
}

#[test]
fn an_output_that_exists_is_replaced_only_by_a_whole_one() {
    let dir = folder();
    let out = dir.path().join("o.mp4");
    std::fs::write(&out, "precious").expect("written");
    std::fs::write(dir.path().join("text.mp4"), "this is no film").expect("written");
    let words = ["text.mp4", "no media"];
    fail(dir.path(), 1, &["convert", "text.mp4", "o.mp4"], &words);
    assert_eq!(std::fs::read(&out).expect("still there"), b"precious");
}

#[test]
fn each_kind_of_failure_has_its_status_and_says_what_to_do() {
    let dir = folder();
    let clip = fixture_path(CLIP);
    let out = "o.mp4";
    fail(dir.path(), 1, &["convert", "none.mp4", out], &["none.mp4"]);
    fail(
        dir.path(),
        1,
        &["convert", &clip, out, "-v", "libx264"],
        &["libx264", "libopenh264"],
    );
    fail(
        dir.path(),
        1,
        &["convert", &clip, out, "-o", "nosuch=1"],
        &["nosuch", "libopenh264"],
    );
    fail(
        dir.path(),
        1,
        &["convert", &clip, out, "-f", "nosuchfilter"],
        &["nosuchfilter"],
    );
    fail(
        dir.path(),
        2,
        &["convert", &clip, "missing/o.mp4"],
        &["missing", "does not exist"],
    );
    fail(dir.path(), 2, &["convert", &clip], &["Usage"]);
    fail(
        dir.path(),
        3,
        &["--engine", "none.wasm", "probe", &clip],
        &["none.wasm", "xtask engine"],
    );
    fail(
        dir.path(),
        4,
        &["--memory-limit", "6MiB", "convert", &clip, out],
        &["memory", "--memory-limit"],
    );
    fail(
        dir.path(),
        4,
        &["--timeout", "0.02", "convert", &clip, out],
        &["--timeout"],
    );
    fail(
        dir.path(),
        4,
        &["--storage-limit", "4KiB", "convert", &clip, out],
        &["--storage-limit"],
    );
}

#[test]
fn frames_writes_each_image_under_its_number() {
    let dir = folder();
    let line = [
        "frames",
        &fixture_path(CLIP),
        "f_%02d.png",
        "--at",
        "0,1,1.9",
        "--scale",
        "80:-2",
    ];
    succeed(dir.path(), &line);
    assert_eq!(names(dir.path()), ["f_00.png", "f_01.png", "f_02.png"]);
    for name in names(dir.path()) {
        let file = std::fs::File::open(dir.path().join(name)).expect("it is there");
        let reader = png::Decoder::new(std::io::BufReader::new(file)).read_info();
        let reader = reader.expect("it is a PNG");
        assert_eq!((reader.info().width, reader.info().height), (80, 46));
    }
}

#[test]
fn frames_puts_images_on_a_sheet_and_says_where() {
    let dir = folder();
    let clip = fixture_path(CLIP);
    let line = [
        "frames", &clip, "s.png", "--every", "0.5", "--sheet", "3x2", "--tile", "64x36", "--track",
        "t.vtt",
    ];
    succeed(dir.path(), &line);
    assert_eq!(names(dir.path()), ["s.png", "t.vtt"]);
    let file = std::fs::File::open(dir.path().join("s.png")).expect("it is there");
    let reader = png::Decoder::new(std::io::BufReader::new(file)).read_info();
    let reader = reader.expect("it is a PNG");
    assert_eq!((reader.info().width, reader.info().height), (192, 72));
    let track = std::fs::read_to_string(dir.path().join("t.vtt")).expect("it is text");
    assert!(track.starts_with("WEBVTT\n"), "{track}");
    assert!(track.contains("\ns.png#xywh=64,0,64,36\n"), "{track}");
    let line = [
        "frames", &clip, "o.png", "--every", "1", "--sheet", "2x2", "--track", "d/t.vtt",
    ];
    fail(
        dir.path(),
        2,
        &line,
        &["d/t.vtt must be a file beside o.png"],
    );
}

#[test]
fn probe_shows_people_a_table_and_machines_json() {
    let dir = folder();
    let clip = fixture_path("bbb_720p_h264_aac51.mp4");
    let (page, _) = succeed(dir.path(), &["probe", &clip]);
    assert!(
        page.contains("1280x720") && page.contains("48000 Hz 5.1"),
        "{page}"
    );
    let (document, _) = succeed(dir.path(), &["probe", "--json", &clip]);
    let document: Value = serde_json::from_str(&document).expect("it is JSON");
    let input = &document["inputs"][0];
    assert_eq!(input["path"], clip.as_str());
    assert_eq!(input["streams"][0]["width"], 1280);
    assert_eq!(input["streams"][1]["channels"], 6);
}

#[test]
fn f7_escapes_in_tags_never_reach_the_output() {
    let dir = folder();
    let title = "title=a\u{1b}]0;owned\u{7}b";
    let clip = fixture_path(CLIP);
    succeed(
        dir.path(),
        &["convert", &clip, "o.mkv", "-v", "copy", "--metadata", title],
    );
    for args in [vec!["probe", "o.mkv"], vec!["probe", "--json", "o.mkv"]] {
        let (page, _) = succeed(dir.path(), &args);
        assert!(page.contains("owned"), "{page}");
        assert!(
            !page.contains('\u{1b}') && !page.contains('\u{7}'),
            "{page:?}"
        );
    }
}

#[test]
fn job_runs_a_spec_from_standard_input_over_named_files_only() {
    let dir = folder();
    let spec = r#"{"op":"process","version":10,"inputs":[{"path":"/a.mp4"}],
        "outputs":[{"path":"/b/c.mkv","map":["0:v"],"video_codec":"copy"}]}"#;
    let input = format!("{}::/a.mp4", fixture_path(CLIP));
    let mut child = afmpeg(
        dir.path(),
        &["job", "-", "--in", &input, "--out", "/b/c.mkv::c.mkv"],
    )
    .stdin(Stdio::piped())
    .stdout(Stdio::piped())
    .spawn()
    .expect("the command starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin.write_all(spec.as_bytes()).expect("the command reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0));
    let reply: Value = serde_json::from_slice(&output.stdout).expect("the reply is JSON");
    assert_eq!(reply["outputs"][0]["streams"][0]["packets"], 50);
    assert_eq!(names(dir.path()), ["c.mkv"]);
}

#[test]
fn a_spec_that_is_wrong_or_from_the_future_has_its_own_status() {
    let dir = folder();
    let spec = dir.path().join("spec.json");
    for (text, status, word) in [
        (r#"{"op":"process","version":10,"#, 2, "spec"),
        (
            r#"{"op":"process","version":10,"inputs":[],"outputs":[]}"#,
            2,
            "input",
        ),
        (
            r#"{"op":"probe","version":11,"inputs":[{"path":"/a"}]}"#,
            3,
            "11",
        ),
    ] {
        std::fs::write(&spec, text).expect("written");
        fail(dir.path(), status, &["job", "spec.json"], &[word]);
    }
}

#[test]
fn progress_for_machines_rises_to_one_and_ends() {
    let dir = folder();
    let (_, err) = succeed(
        dir.path(),
        &[
            "--progress",
            "json",
            "convert",
            &fixture_path(CLIP),
            "o.mp4",
            "-f",
            "scale=64:36",
        ],
    );
    let lines: Vec<Value> = err
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{line:?}: {e}")))
        .collect();
    let (end, steps) = lines.split_last().expect("at least the end");
    assert_eq!(end["event"], "done");
    let fractions: Vec<f64> = steps
        .iter()
        .filter_map(|s| s["fraction"].as_f64())
        .collect();
    assert!(fractions.is_sorted(), "{fractions:?}");
    assert_eq!(fractions.last(), Some(&1.0));
    assert_eq!(
        steps.last().map(|step| &step["frame"]),
        Some(&Value::from(50))
    );
}

#[test]
fn capabilities_lists_and_describes() {
    let dir = folder();
    let (all, _) = succeed(dir.path(), &["capabilities", "--json"]);
    let all: Value = serde_json::from_str(&all).expect("it is JSON");
    let encoders = all["encoders"].as_array().expect("a list");
    assert!(encoders.iter().any(|name| name == "libopenh264"));
    let (one, _) = succeed(dir.path(), &["capabilities", "encoder=libopenh264"]);
    assert!(
        one.contains("allow_skip_frames") && one.contains("yuv420p"),
        "{one}"
    );
    fail(
        dir.path(),
        1,
        &["capabilities", "encoder=nosuch"],
        &["nosuch", "aac"],
    );
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_job_cleanly() {
    let dir = folder();
    let spec = r#"{"op":"process","version":10,"progress":true,
        "inputs":[{"path":"testsrc2=size=320x240:rate=25","format":"lavfi"}],
        "outputs":[{"path":"/o.mp4","map":["[v]"],"video_codec":"libopenh264","duration":3600}]}"#;
    std::fs::write(dir.path().join("spec.json"), spec).expect("written");
    let line = [
        "--progress",
        "json",
        "job",
        "spec.json",
        "--out",
        "/o.mp4::o.mp4",
    ];
    let mut child = afmpeg(dir.path(), &line)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    // The first line of progress says that the job is under way.
    let mut stderr = std::io::BufReader::new(child.stderr.take().expect("piped"));
    let mut first = String::new();
    std::io::BufRead::read_line(&mut stderr, &mut first).expect("it writes progress");
    assert!(first.contains("progress"), "{first}");
    let sent = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(sent.expect("kill runs").success());
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut stderr, &mut rest).expect("it ends its output");
    assert_eq!(child.wait().expect("it ends").code(), Some(130), "{rest}");
    assert_eq!(names(dir.path()), ["spec.json"]);
}
