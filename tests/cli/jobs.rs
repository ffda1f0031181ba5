//! `afmpeg job`, `explain` and `graph`: job specs from files and pipes.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::{CLIP, afmpeg, fail, fixture_path, folder, names, run, succeed, text};

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

const SPEC: &str = r#"{"version":10,"op":"process","inputs":[{"path":"/in.mp4","seek":{"start":1,"mode":"accurate"}}],
    "filter":"[0:v]scale=64:-2,drawbix=text='a;b'[v];[0:a]volume=0.5[a]",
    "outputs":[{"path":"/out.mp4","map":["[v]","[a]"],"video_codec":"libopenh264","video_options":{"b":"1M"},
        "audio_codec":"aac","duration":2}]}"#;

#[test]
fn explain_tells_what_a_job_asks_for_and_what_the_engine_lacks() {
    let dir = tempfile::tempdir().expect("there is room for files");
    let spec = dir.path().join("spec.json");
    std::fs::write(&spec, SPEC).expect("it is written");
    let output = run(dir.path(), &["explain", "spec.json"]);
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(2), "{err}");
    let expected = "input 0    /in.mp4, from 1.000 s\n\
        filters    [0:v]scale=64:-2,drawbix=text='a;b'[v]\n           [0:a]volume=0.5[a]\n\
        output 0   /out.mp4, 2.000 s long\n  \
        [v]      libopenh264, b=1M or aac\n  \
        [a]      libopenh264, b=1M or aac\n";
    assert_eq!(out, expected);
    assert!(
        err.contains("filter: the engine has no filter drawbix"),
        "{err}"
    );
    std::fs::write(&spec, SPEC.replace(",drawbix=text='a;b'", "")).expect("it is written");
    let (out, err) = succeed(dir.path(), &["explain", "--json", "spec.json"]);
    let told: Value = serde_json::from_str(&out).expect("it is JSON");
    assert_eq!(told["problems"], Value::Array(Vec::new()), "{err}");
    assert_eq!(told["job"]["outputs"][0]["duration"], 2.0);
    fail(
        dir.path(),
        2,
        &["explain", "nowhere.json"],
        &["nowhere.json"],
    );
}

#[test]
fn explain_leaves_nothing_of_a_job_out() {
    let dir = tempfile::tempdir().expect("there is room for files");
    let spec = r#"{"version":10,"op":"process","on_corrupt":"skip","bitexact":true,
        "inputs":[{"concat":["/a.mp4","/b.mp4"],"loop":2,"autorotate":false},{"path":"/tags.mp4"}],
        "outputs":[{"path":"/out.mkv","duration":1,"cut":"smart","copy_ts":true,
            "streams":[{"from":"0:v","codec":"copy","bitstream_filters":"none"},
                {"from":"[0:a]","codec":"aac","options":{"b":"96k"},"language":"deu","disposition":["default"]}],
            "metadata":{"title":"T"},"metadata_from":1,"chapters":[{"start":0,"title":"one"}],
            "attachments":[{"path":"/font.ttf"}]},
            {"path":"/b.mp4x","format":"mp4","map":["0:v"],"bitstream_filters":{"0:v":"null"},
            "stream_metadata":{"0:v":{"language":"eng"}},"chapters":1,"metadata_from":"none"}]}"#;
    std::fs::write(dir.path().join("spec.json"), spec).expect("it is written");
    let (out, _) = succeed(dir.path(), &["explain", "spec.json"]);
    let expected = "input 0    /a.mp4 + /b.mp4, 3 times, not turned as it asks\n\
        input 1    /tags.mp4\n           what is damaged is passed over and counted\n\
        output 0   /out.mkv, 1.000 s long, cut at the very frames, with the times of the source\n  \
        0:v      copy, bitstream filters none\n  \
        [0:a]    aac, b=96k, language deu, default\n  \
        tags     title=T\n  tags     of input 1\n  chapters 1 of the job\n  attached /font.ttf\n\
        output 1   /b.mp4x, written as mp4\n  \
        0:v      copy, bitstream filters null, language eng\n  tags     of no input\n  chapters those of input 1\n           \
        the same bytes each time: no dates, no versions\n";
    assert_eq!(out, expected);
}

#[test]
fn graph_prints_the_chains_of_a_job() {
    let dir = tempfile::tempdir().expect("there is room for files");
    std::fs::write(dir.path().join("spec.json"), SPEC).expect("it is written");
    let (out, _) = succeed(dir.path(), &["graph", "spec.json"]);
    let expected =
        "[0:v]scale=64:-2,drawbix=text='a;b'[v]\n[0:a]volume=0.5[a]\ntakes 0:v, 0:a\ngives v, a\n";
    assert_eq!(out, expected);
}
