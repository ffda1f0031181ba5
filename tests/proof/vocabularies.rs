//! Specs stamped with a vocabulary before 10 are answered in the shape of that vocabulary.

use serde_json::{Value, json};

use crate::support::pixels::Video;
use crate::support::{fs_with, runtime};

/// Runs a spec as a host of that time does: one argument; exit code, stdout, stderr.
fn run(fs: &afmpeg::MemFs, spec: &Value) -> (u32, String, String) {
    let args = ["engine".to_owned(), spec.to_string()];
    let run = runtime().run(fs, args).expect("it ends by itself");
    (
        run.exit_code,
        String::from_utf8(run.stdout).expect("text"),
        String::from_utf8(run.stderr).expect("text"),
    )
}

fn reply(fs: &afmpeg::MemFs, spec: &Value) -> Value {
    let (code, stdout, stderr) = run(fs, spec);
    assert_eq!(code, 0, "{stderr}");
    serde_json::from_str(&stdout).expect("a JSON reply")
}

#[test]
fn process_tells_path_streams_and_analysis() {
    let fs = fs_with(&["bbb_180_bframes_subs.mkv", "bbb.wav"]);
    let spec = json!({"version": 3, "op": "process",
        "inputs": [{"path": "/bbb_180_bframes_subs.mkv"}, {"path": "/bbb.wav"}],
        "filter": "[1:a]volume=0,silencedetect=n=0.1:d=0.1[a]",
        "outputs": [{"path": "/out.mkv", "map": ["0:v", "[a]"], "video_codec": "copy",
            "audio_codec": "pcm_s16le", "duration": 0.5, "frobnicate": 1}]});
    let told = reply(&fs, &spec);
    assert_eq!(
        told["outputs"],
        json!([{"path": "/out.mkv", "streams": [
            {"type": "video", "codec": "h264", "disposition": "copy"},
            {"type": "audio", "codec": "pcm_s16le"}]}])
    );
    assert_eq!(told["analysis"][0]["key"], "silence_start");
    assert_eq!(told.as_object().expect("an object").len(), 2, "{told}");
    // The same through the library, which looks at the files.
    let told = runtime()
        .process_json(&fs, &spec.to_string())
        .expect("it is borne out");
    assert_eq!(told["outputs"][0]["path"], "/out.mkv");
}

#[test]
fn an_output_of_many_files_is_marked_as_segmented() {
    let fs = afmpeg::MemFs::new();
    let video = Video::synthetic(32, 32, 2);
    let _ = video.input(&fs, "/in.yuv", 25);
    let spec = json!({"version": 5, "op": "process",
        "inputs": [{"path": "/in.yuv", "format": "rawvideo",
            "options": {"video_size": "32x32", "pixel_format": "yuv420p", "framerate": "25"}}],
        "outputs": [{"path": "/p%d.yuv", "format": "image2", "video_codec": "rawvideo"}]});
    let told = runtime()
        .process_json(&fs, &spec.to_string())
        .expect("the job is done");
    assert_eq!(
        told["outputs"],
        json!([{"path": "/p%d.yuv", "segmented": true,
            "streams": [{"type": "video", "codec": "rawvideo"}]}])
    );
}

#[test]
fn probe_and_frames_have_the_names_of_their_time() {
    let fs = fs_with(&["bbb.wav", "bbb_180_h264.mp4"]);
    let spec = json!({"op": "probe", "inputs": [{"path": "/bbb.wav"}]});
    let told = reply(&fs, &spec);
    let input = &told["inputs"][0];
    assert!(
        (input["duration_sec"].as_f64().expect("a number") - 2.0).abs() < 0.01,
        "{told}"
    );
    assert!(input.get("duration").is_none(), "{told}");
    let spec = json!({"version": 9, "op": "probe", "inputs": [{"path": "/nowhere"}]});
    let told = reply(&fs, &spec);
    assert_eq!(told["inputs"][0]["path"], "/nowhere");
    assert!(told["inputs"][0]["error"].is_string(), "{told}");

    let spec = json!({"version": 6, "op": "frames", "inputs": [{"path": "/bbb_180_h264.mp4"}],
        "select": {"timestamps": [0.0, 99.0]}, "path": "/f%d.png"});
    assert_eq!(
        reply(&fs, &spec),
        json!({"frames": [{"path": "/f0.png", "index": 0, "timestamp": 0}], "count": 1})
    );
}

#[test]
fn a_failure_is_a_line_on_stderr_and_nothing_on_stdout() {
    let fs = fs_with(&["bbb.wav"]);
    let job = |version: Value, path: &str| {
        json!({"version": version, "op": "process", "inputs": [{"path": path}],
            "outputs": [{"path": "/out.wav"}]})
    };
    for (spec, expected) in [
        (job(json!(0), "/nowhere"), 1),
        (job(json!(9), "/nowhere"), 1),
        (json!({"version": 1, "op": "proces"}), 2),
        (json!({"op": "process", "inputs": 3}), 2),
    ] {
        // Without a version a spec is of version 0.
        let (code, stdout, stderr) = run(&fs, &spec);
        assert_eq!((code, stdout.as_str()), (expected, ""), "{spec}: {stderr}");
        let said: Vec<&str> = stderr.lines().filter(|line| !line.is_empty()).collect();
        assert!(!said.is_empty(), "{spec}");
    }
    let (code, stdout, _) = run(&fs, &job(json!(10), "/nowhere"));
    assert_eq!(code, 1);
    let told: Value = serde_json::from_str(&stdout).expect("a JSON error");
    assert_eq!(told["error"]["class"], "open_input");
}

#[test]
fn a_disposition_that_is_not_known_is_passed_over() {
    let fs = fs_with(&["bbb.m4a"]);
    let job = |version: u32| {
        json!({"version": version, "op": "process", "inputs": [{"path": "/bbb.m4a"}],
            "outputs": [{"path": "/out.m4a", "map": ["0:a"], "audio_codec": "copy",
                "stream_metadata": {"0:a": {"disposition": ["best"]}}}]})
    };
    assert_eq!(run(&fs, &job(7)).0, 0);
    assert_eq!(run(&fs, &job(10)).0, 2);
}
