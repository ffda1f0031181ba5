//! The engine's own lines on how far it is, as it writes them: how many there are, and what they say.

use std::sync::mpsc;
use std::time::Duration;

use afmpeg::{Input, Job, MemFs, Output, Progress, ProgressSource};
use serde_json::Value;

use crate::engine_alone::{document, run};
use crate::support::runtime;

const DEVICE: &str = "/dev/afmpeg-progress";

/// A clip of two seconds.
fn source(rate: u32) -> MemFs {
    let fs = MemFs::new();
    let job = encoded(
        &format!("testsrc2=size=32x32:rate={rate}:duration=2[v]"),
        "/in.mkv",
    );
    runtime().process(&fs, &job).expect("the clip is made");
    fs
}

fn encoded(graph: &str, path: &str) -> Job {
    let output = Output::file(path).map("[v]").video_codec("mjpeg");
    Job::new().filter(graph).output(output)
}

/// The lines of a job, in a file that is at the place of the device; and its reply.
#[track_caller]
fn lines(fs: &MemFs, job: &Job, asked: bool) -> (Vec<Value>, Value) {
    fs.create_dir_all("/dev").expect("room");
    fs.write(DEVICE, Vec::new()).expect("room");
    let mut spec = document(job);
    spec["progress"] = asked.into();
    let (code, reply) = run(fs, &spec);
    assert_eq!(code, 0, "{reply}");
    let text = fs.read(DEVICE).expect("it is there");
    assert!(text.is_empty() || text.ends_with(b"\n"), "whole lines");
    let lines = text.split(|byte| *byte == b'\n');
    let lines = lines.filter(|line| !line.is_empty());
    let lines = lines.map(|line| serde_json::from_slice(line).expect("a JSON line"));
    (lines.collect(), reply)
}

/// Pictures that last 50 ms: every second one completes a tenth of a second.
#[test]
fn there_is_a_line_each_tenth_of_a_second_and_one_at_the_end() {
    let fs = source(20);
    let job = encoded("[0:v]null[v]", "/out.mkv").input(Input::file("/in.mkv"));
    let (lines, reply) = lines(&fs, &job, true);
    let count = |line: &Value, field: &str| line[field].as_u64().expect("a count");
    assert_eq!(lines.len(), 21, "{lines:?}");
    let mut sizes = Vec::new();
    for (n, line) in (1..).zip(&lines) {
        let n = u64::min(n, 20);
        assert_eq!(count(line, "out_time_us"), n * 100_000, "{line}");
        assert_eq!(count(line, "frame"), 2 * n, "{line}");
        assert_eq!(count(line, "duration_us"), 2_000_000, "{line}");
        assert_eq!(
            line.as_object().map(serde_json::Map::len),
            Some(4),
            "{line}"
        );
        sizes.push(count(line, "total_size"));
    }
    assert!(sizes[..20].is_sorted_by(|a, b| a < b), "{sizes:?}");
    let bytes = reply["outputs"][0]["streams"][0]["bytes"].as_u64();
    assert_eq!(sizes.last().copied(), bytes, "all that was written");
}

/// Pictures that last 40 ms reach beyond it, and there is still one line for each.
#[test]
fn no_tenth_of_a_second_has_two_lines() {
    let fs = source(25);
    let job = encoded("[0:v]null[v]", "/out.mkv").input(Input::file("/in.mkv"));
    let (lines, _) = lines(&fs, &job, true);
    let times = lines.iter().map(|line| line["out_time_us"].as_u64());
    let times: Vec<u64> = times.map(|time| time.expect("a time")).collect();
    let (last, before) = times.split_last().expect("lines");
    assert_eq!(*last, 2_000_000, "the whole length");
    let tenths: Vec<u64> = before.iter().map(|time| time / 100_000).collect();
    assert_eq!(tenths, (1..=20).collect::<Vec<_>>(), "{times:?}");
}

/// An output's window tells the length where its source does not; without either it is left out.
#[test]
fn the_length_is_told_when_it_is_known() {
    let endless = "testsrc2=size=32x32:rate=20[v]";
    let output = Output::file("/out.mkv").map("[v]").video_codec("mjpeg");
    let window = Job::new().filter(endless).output(output.duration(1.5));
    let graph = encoded("testsrc2=size=32x32:rate=20:duration=1.5[v]", "/out.mkv");
    for (job, known) in [(window, Some(1_500_000)), (graph, None)] {
        let fs = MemFs::new();
        let (told, _) = lines(&fs, &job, true);
        assert_eq!(told.len(), 16, "{told:?}");
        for line in &told {
            assert_eq!(line.get("duration_us").and_then(Value::as_u64), known);
        }
        assert_eq!(told[15]["out_time_us"], 1_500_000);
        assert_eq!(lines(&fs, &job, false).0, [] as [Value; 0], "nobody asked");
    }
}

#[test]
fn the_last_that_the_caller_hears_is_the_whole() {
    let fs = source(20);
    let job = encoded("[0:v]null[v]", "/out.mkv").input(Input::file("/in.mkv"));
    let (send, seen) = mpsc::channel::<Progress>();
    runtime()
        .invocation(&fs)
        .progress(move |progress| send.send(progress).expect("it is received"))
        .process(&job)
        .expect("the job is done");
    let last = seen.iter().last().expect("it is told the end");
    assert_eq!(last.source, ProgressSource::Engine);
    assert_eq!((last.frame, last.fraction), (Some(40), Some(1.0)));
    assert_eq!(last.out_time, Some(Duration::from_secs(2)));
    assert_eq!(last.total_duration, Some(Duration::from_secs(2)));
}
