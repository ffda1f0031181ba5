//! Jobs in parts against the same jobs in one piece, with the real engine.

#[allow(
    dead_code,
    reason = "each test binary uses a part of the shared support"
)]
#[path = "../support/mod.rs"]
mod support;

mod refusals;
mod results;
mod resuming;

use afmpeg::{Input, Job, MemFs, Output, Pool, Segment};

use support::mp4::ParsedTrack;
use support::{fs_with, read, runtime};

const OPEN_GOPS: &str = "/bbb_180_opengop.mp4";
const LATE: &str = "/bbb_180_bframes_subs.mkv";
const PLAIN: &str = "/bbb_180_h264.mp4";

/// A filesystem with these fixtures, each under its own name.
fn films(paths: &[&str]) -> MemFs {
    let names: Vec<&str> = paths
        .iter()
        .map(|path| path.trim_start_matches('/'))
        .collect();
    fs_with(&names)
}

fn pool() -> Pool {
    let builder = Pool::builder(runtime().clone()).threads(2);
    builder.build().expect("the threads start")
}

/// The video made small, with the sound of the input if it has some.
fn small(input: Input, path: &str, sound: bool) -> Job {
    let output = Output::file(path)
        .map("[v]")
        .video_codec("libopenh264")
        .video_option("b", "400k");
    let video = "[0:v]scale=160:-2[v]";
    let job = Job::new().input(input);
    if sound {
        let graph = format!("{video};[0:a]volume=0.5,afade=in:d=3[a]");
        return job
            .filter(graph)
            .output(output.map("[a]").audio_codec("aac"));
    }
    job.filter(video).output(output)
}

/// Parts as short as they get in clips of a few seconds.
fn parts(job: Job, count: usize) -> Segment {
    Segment::new(job).parts(count).shortest_part(0.2)
}

/// Runs a job in one piece over one filesystem and in parts over another, and gives both outputs.
#[track_caller]
fn both(job: &Job, fs: &MemFs, count: usize) -> (Vec<u8>, Vec<u8>) {
    let path = job.outputs[0].path.clone();
    let whole = fs.snapshot();
    runtime().process(&whole, job).expect("the job runs");
    let pool = pool();
    let plan = parts(job.clone(), count).plan(&pool, fs).expect("it can");
    assert_eq!(plan.parts.len(), count, "{plan:?}");
    let report = parts(job.clone(), count)
        .run(&pool, fs)
        .expect("the parts run");
    assert_eq!(report.outputs[0].path, path);
    assert!(fs.read_dir("/").expect("it is there").iter().all(|entry| {
        let name = entry.name.as_str();
        !name.starts_with(".afmpeg")
    }));
    (read(&whole, &path), read(fs, &path))
}

#[track_caller]
fn same_times(whole: &ParsedTrack, parts: &ParsedTrack) {
    let times = |track: &ParsedTrack| -> Vec<(f64, f64, f64)> {
        let samples = track.samples.iter();
        samples.map(|s| (s.pts, s.dts, s.duration)).collect()
    };
    assert_eq!(times(whole), times(parts));
    assert_eq!(whole.start(), parts.start());
    assert_eq!(whole.duration, parts.duration);
}
