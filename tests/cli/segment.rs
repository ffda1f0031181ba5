//! `afmpeg segment`: what it makes, how it tells how far it is, and how it goes on where it was stopped.

use std::process::Stdio;
use std::time::{Duration, Instant};
use std::{fs, thread};

use serde_json::Value;

use super::{afmpeg, fail, fixture_path, folder, names, succeed};

const CLIP: &str = "bbb_180_opengop.mp4";

/// The lines of progress before the last one, which says the end.
#[track_caller]
fn steps(err: &str) -> Vec<Value> {
    let mut lines: Vec<Value> = err
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{line:?}: {e}")))
        .collect();
    let end = lines.pop().expect("at least the end");
    assert_eq!(end["event"], "done");
    lines
}

#[test]
fn progress_of_parts_has_a_speed_and_says_what_it_does_not_know() {
    let dir = folder();
    let clip = fixture_path(CLIP);
    let line = [
        "segment",
        &clip,
        "o.mp4",
        "--scale",
        "96",
        "--duration",
        "0.8",
        "--parts",
        "2",
        "--shortest",
        "0.2",
        "--progress",
        "json",
    ];
    let (_, err) = succeed(dir.path(), &line);
    let steps = steps(&err);
    let last = steps.last().expect("the end of the work is a step");
    assert_eq!(last["fraction"], 1.0);
    assert_eq!(
        (&last["parts_done"], &last["parts"], &last["frame"]),
        (&2.into(), &2.into(), &20.into())
    );
    assert!(last["speed"].as_f64() > Some(0.0), "{last}");
    for unknown in ["out_time", "total_duration", "bytes_in", "bytes_out"] {
        assert_eq!(last.get(unknown), Some(&Value::Null), "{unknown}");
    }
}

#[test]
fn segment_goes_on_where_it_was_stopped_and_gives_the_same_bytes() {
    let dir = folder();
    let clip = fixture_path(CLIP);
    let of = |out: &'static str, more: &[&'static str]| {
        let mut line = vec!["segment", &clip, out, "--scale", "96"];
        line.extend(["--parts", "4", "--shortest", "0.2"]);
        line.extend(more);
        line
    };
    let kept = ["--scratch", "parts"];
    // Parts are no files in memory: this stops a run when it puts them together, however fast it is.
    let stopped = ["--scratch", "parts", "--storage-limit", "4KiB"];
    let parts = dir.path().join("parts");
    let done = || {
        let entries = fs::read_dir(&parts).into_iter().flatten().flatten();
        let mut records: Vec<_> = entries
            .filter(|entry| entry.file_name().to_string_lossy().ends_with(".mov.json"))
            .map(|entry| {
                let written = entry.metadata().and_then(|data| data.modified());
                (entry.file_name(), written.expect("known here"))
            })
            .collect();
        records.sort();
        records
    };
    let mut killed = afmpeg(dir.path(), &of("o.mp4", &stopped));
    killed.stdout(Stdio::null()).stderr(Stdio::null());
    let mut killed = killed.spawn().expect("the command starts");
    let begun = Instant::now();
    while done().is_empty() {
        assert!(begun.elapsed().as_secs() < 120, "no part is ever done");
        thread::sleep(Duration::from_millis(5));
    }
    killed.kill().expect("it can be killed");
    killed.wait().expect("it is gone");
    let first = done();
    assert_eq!(names(dir.path()), ["parts"]);

    // What is done is not done again, and outlives a run that fails as well.
    fail(dir.path(), 4, &of("o.mp4", &stopped), &["--storage-limit"]);
    let all = done();
    assert_eq!(all.len(), 4);
    assert!(first.iter().all(|part| all.contains(part)), "{first:?}");
    let line = of("o.mp4", &[&kept[..], &["--progress", "json"]].concat());
    let (_, err) = succeed(dir.path(), &line);
    let steps = steps(&err);
    assert_eq!(
        steps.last().map(|step| &step["fraction"]),
        Some(&1.0.into())
    );
    for step in steps {
        assert_eq!(step["parts_done"], 4);
        assert_eq!(step["speed"], Value::Null, "other runs made it all");
    }
    assert!(names(&parts).is_empty());
    succeed(dir.path(), &of("unbroken.mp4", &[]));
    let bytes = |name| fs::read(dir.path().join(name)).expect("it was written");
    assert!(bytes("o.mp4") == bytes("unbroken.mp4"));
}

#[test]
fn segment_makes_what_convert_makes_and_keeps_its_parts_when_it_fails() {
    let dir = folder();
    let clip = fixture_path("bbb_180_bframes_subs.mkv");
    let settings = ["--scale", "96", "--duration", "1.2"];
    let line = |verb: &'static str, out: &'static str, more: &[&'static str]| {
        let words = [verb, clip.as_str(), out].into_iter();
        let all = words.chain(settings).chain(more.iter().copied());
        all.map(str::to_owned).collect::<Vec<_>>()
    };
    let run = |words: Vec<String>| {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        succeed(dir.path(), &words)
    };
    let small = ["--parts", "3", "--shortest", "0.2", "--json"];
    run(line("convert", "whole.mkv", &[]));
    run(line("segment", "parts.mkv", &small));
    let probed = |name: &str| -> Value {
        let (out, _) = succeed(dir.path(), &["probe", "--json", name]);
        let report: Value = serde_json::from_str(&out).expect("it is JSON");
        report.pointer("/inputs/0").cloned().expect("it has one")
    };
    let (whole, parts) = (probed("whole.mkv"), probed("parts.mkv"));
    assert_eq!(whole["duration"], parts["duration"]);
    let streams = |report: &Value| report["streams"].as_array().map_or(0, Vec::len);
    assert_eq!((streams(&whole), streams(&parts)), (2, 2));

    // What another line left is not touched.
    let scratch = dir.path().join("scratch");
    fs::create_dir(&scratch).expect("it is made");
    fs::write(scratch.join("plan.json"), "{}").expect("it is written");
    let mut words = line("segment", "other.mkv", &small);
    words.extend(["--scratch".to_owned(), "scratch".to_owned()]);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    fail(dir.path(), 2, &words, &["parts of another job"]);
    assert!(!dir.path().join("other.mkv").exists());
    let plan = fs::read_to_string(scratch.join("plan.json")).expect("it is there");
    assert_eq!(plan, "{}");
}
