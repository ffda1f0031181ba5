//! Hostile media: files that were changed at random, and every beginning of small ones. The engine may refuse
//! them or make of them what it can; it ends within its limits, and neither it nor the host breaks.
//!
//! The default run has a part of them. All are in `cargo test --test mutants -- --ignored`.

#[allow(
    dead_code,
    reason = "each test binary uses a part of the shared support"
)]
#[path = "../support/mod.rs"]
mod support;

mod mutate;
mod victims;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use afmpeg::{
    ErrorClass, Input, Job, JobError, LimitKind, Limits, MemFs, OnCorrupt, Output, ProbeReport,
    Stream,
};

use mutate::mutate;
use support::runtime;
use victims::{small, victims};

/// What one job may use. The work is that of a whole file in a second or two; a file that wants more of it, as a
/// header of 65,535 x 65,535 pixels does, meets a limit.
fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.memory_bytes = 128 << 20;
    limits.fuel = Some(1_000_000_000);
    limits.wall_time = Some(Duration::from_secs(20));
    limits.written_bytes = Some(64 << 20);
    limits
}

/// How many jobs ended in which way.
type Ends = BTreeMap<String, usize>;

/// Notes how a job ended, or fails the test if it ended as none may.
#[track_caller]
fn judge<T>(ends: &mut Ends, what: &str, result: &Result<T, JobError>) {
    let how = match result {
        Ok(_) => "done".to_owned(),
        // Of what the engine calls internal, only a lack of memory is no bug; that is a limit here.
        Err(JobError::Guest {
            class, exit: 0 | 1, ..
        }) if *class != ErrorClass::Internal => {
            format!("refused: {class}")
        }
        Err(JobError::Limit {
            kind: kind @ (LimitKind::Memory | LimitKind::Fuel | LimitKind::WrittenBytes),
            ..
        }) => format!("limit: {kind}"),
        Err(JobError::DeadlineExceeded { .. }) => "limit: time".to_owned(),
        // A copy of what is hardly a file may be no file either, which is found when it is read back.
        Err(JobError::Unverified { message, .. }) if message.contains("cannot be read back") => {
            "refused: its copy".to_owned()
        }
        Err(error) => panic!("{what}: {error:?}"),
    };
    *ends.entry(how).or_default() += 1;
}

/// Decodes the beginning of every stream, leaving out what is damaged.
fn decode(probe: &ProbeReport) -> Job {
    let mut job = Job::new()
        .input(Input::file("/in"))
        .on_corrupt(OnCorrupt::Skip);
    for stream in &probe.streams {
        if matches!(stream.kind.as_str(), "video" | "audio") {
            let output = Output::null().map(format!("[0:{}]", stream.index));
            job = job.output(output.duration(0.3));
        }
    }
    job
}

/// Copies every stream, and stops at damage.
fn copy(probe: &ProbeReport) -> Job {
    let mut output = Output::file("/out.mkv");
    for stream in &probe.streams {
        output = output.stream(Stream::new(format!("0:{}", stream.index)).codec("copy"));
    }
    Job::new().input(Input::file("/in")).output(output)
}

/// Probes, decodes and copies a file. Frames that were decoded of its first stream.
#[track_caller]
fn put_to_work(ends: &mut Ends, what: &str, bytes: Vec<u8>) -> u64 {
    let fs = MemFs::new();
    fs.write("/in", bytes)
        .expect("a MemFs without quota takes it");
    let started = Instant::now();
    let bounded = || runtime().invocation(&fs).limits(limits());
    let probe = bounded().probe("/in");
    judge(ends, what, &probe);
    let mut frames = 0;
    if let Ok(probe) = &probe {
        let job = decode(probe);
        if !job.outputs.is_empty() {
            let report = bounded().process(&job);
            judge(ends, what, &report);
            let first = report.as_ref().map(|report| &report.outputs[0].streams[0]);
            frames = first.map_or(0, |stream| stream.frames.unwrap_or(0));
        }
        judge(ends, what, &bounded().process(&copy(probe)));
    }
    assert!(
        started.elapsed() < Duration::from_secs(90),
        "{what}: {:?}",
        started.elapsed()
    );
    frames
}

/// `count` changed files, of each kind in turn.
fn mutants(count: u64) {
    let victims = victims();
    let mut ends = Ends::new();
    for seed in 0..count {
        let (name, bytes) = &victims[seed as usize % victims.len()];
        let what = format!("{name}, seed {seed}");
        put_to_work(&mut ends, &what, mutate(bytes, seed));
    }
    println!("{count} changed files: {ends:?}");
    assert!(
        ends.keys().any(|how| how.starts_with("refused")) && ends.contains_key("done"),
        "some changes are fatal and some are not: {ends:?}"
    );
}

/// Beginnings of the small files, each `step` bytes longer than the one before.
fn beginnings(step: usize) {
    let mut ends = Ends::new();
    for (name, bytes) in small() {
        let whole = put_to_work(&mut ends, &name, bytes.clone());
        assert!(whole > 0, "{name} is a file to be read");
        for length in (0..bytes.len()).step_by(step) {
            let what = format!("{name}, {length} of {} bytes", bytes.len());
            let frames = put_to_work(&mut ends, &what, bytes[..length].to_vec());
            assert!(frames <= whole, "{what}: {frames} frames of {whole}");
        }
        println!("{name}: {} bytes", bytes.len());
    }
    println!("beginnings: {ends:?}");
}

#[test]
fn some_changed_files_break_nothing() {
    mutants(20);
}

#[test]
fn some_beginnings_of_files_break_nothing() {
    beginnings(127);
}

#[test]
#[ignore = "takes minutes: `cargo test --test mutants -- --ignored`"]
fn five_hundred_changed_files_break_nothing() {
    mutants(500);
}

#[test]
#[ignore = "takes minutes: `cargo test --test mutants -- --ignored`"]
fn every_beginning_of_three_files_breaks_nothing() {
    beginnings(1);
}
