//! Outputs appear whole, or not at all, unless the caller wants to see them grow.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use afmpeg::vfs::{FaultInject, Faults, Observed, Operation};
use afmpeg::wasi::Errno;
use afmpeg::{CancelToken, Input, Job, JobError, MemFs, OnCorrupt, Output, OutputFiles};

use crate::support::{fs_with, read, runtime};

fn names(fs: &MemFs) -> Vec<String> {
    let entries = fs.read_dir("/").expect("the root is there").into_iter();
    let mut names: Vec<_> = entries.map(|entry| entry.name).collect();
    names.sort();
    names
}

fn job(duration: f64) -> Job {
    let output = Output::file("/out.mkv").map("[v]").video_codec("mjpeg");
    Job::new()
        .filter(format!(
            "testsrc2=size=320x240:rate=25:duration={duration}[v]"
        ))
        .output(output)
}

#[test]
fn nobody_sees_an_output_before_it_is_done() {
    for (files, early) in [
        (OutputFiles::Whole, false),
        (OutputFiles::WholeOrPartial, false),
        (OutputFiles::InPlace, true),
    ] {
        let fs = MemFs::new();
        fs.write("/out.mkv", b"old").expect("room");
        let seen = Arc::new(AtomicBool::new(false));
        let (inside, changed) = (fs.clone(), Arc::clone(&seen));
        let watched = Observed::new(&fs, move |call, _| {
            if call.operation() == Operation::Write {
                let old = inside.read("/out.mkv").expect("it is there") == b"old";
                changed.fetch_or(!old, Ordering::Relaxed);
            }
        });
        let report = runtime()
            .invocation(&watched)
            .outputs(files)
            .process(&job(4.0))
            .expect("it is done");
        assert_eq!(seen.load(Ordering::Relaxed), early, "{files:?}");
        assert_eq!(names(&fs), ["out.mkv"]);
        assert_eq!(
            Some(read(&fs, "/out.mkv").len() as u64),
            report.outputs[0].size
        );
    }
}

#[test]
fn a_job_that_is_cancelled_leaves_what_was_there() {
    for (files, left) in [
        (OutputFiles::Whole, &["out.mkv"][..]),
        (OutputFiles::WholeOrPartial, &["out.mkv", "out.mkv.partial"]),
        (OutputFiles::InPlace, &["out.mkv"]),
    ] {
        let fs = MemFs::new();
        fs.write("/out.mkv", b"old").expect("room");
        let cancel = CancelToken::new();
        let token = cancel.clone();
        let error = runtime()
            .invocation(&fs)
            .outputs(files)
            .cancel(cancel)
            .progress(move |progress| {
                if progress.frame.is_some_and(|frame| frame > 5) {
                    token.cancel();
                }
            })
            .process(&job(3e6))
            .expect_err("it is cancelled");
        assert!(matches!(error, JobError::Cancelled { .. }), "{error}");
        assert_eq!(names(&fs), left, "{files:?}");
        let kept = read(&fs, "/out.mkv") == b"old";
        assert_eq!(kept, files != OutputFiles::InPlace, "{files:?}");
        let partial: &[&str] = match files {
            OutputFiles::Whole => &[],
            OutputFiles::WholeOrPartial => &["/out.mkv.partial"],
            _ => &["/out.mkv"],
        };
        assert_eq!(error.partial_outputs(), partial, "{files:?}");
    }
}

#[test]
fn a_job_that_fails_leaves_none_of_its_files() {
    let fs = fs_with(&["bbb_180_h264.mp4"]);
    let whole = read(&fs, "/bbb_180_h264.mp4");
    let mut damaged = whole.clone();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 2_000].fill(0xa5);
    fs.write("/bbb_180_h264.mp4", damaged).expect("room");
    let before = names(&fs);
    let job = Job::new()
        .input(Input::file("/bbb_180_h264.mp4"))
        .filter("[0:v]scale=64:-2,split[v][p]")
        .output(Output::file("/out.mkv").map("[v]").video_codec("mjpeg"))
        .output(Output::file("/p%03d.png").map("[p]").video_codec("png"));
    let error = runtime()
        .process(&fs, &job)
        .expect_err("the input is damaged");
    assert!(matches!(error, JobError::Guest { .. }), "{error}");
    assert_eq!(error.partial_outputs(), [""; 0]);
    assert_eq!(names(&fs), before);
    // What can be saved is saved when the caller says so, and then in place.
    runtime()
        .process(&fs, &job.on_corrupt(OnCorrupt::Skip))
        .expect("the rest is good");
    assert!(names(&fs).len() > before.len() + 10);
}

#[test]
fn a_file_that_cannot_be_moved_into_place_is_a_failure() {
    let fs = MemFs::new();
    // The first rename tries whether there is renaming; the second moves the output.
    let plan = Faults::none().nth_of(Operation::Rename, 2, Errno::Io);
    let tree = FaultInject::new(&fs, plan);
    let error = runtime()
        .process(&tree, &job(0.2))
        .expect_err("it stays aside");
    assert!(matches!(error, JobError::Storage { .. }), "{error}");
    assert_eq!(names(&fs), [""; 0]);
}

/// Outputs that are right and that a careless reader takes for cut off: Matroska counts its length from 0 wherever
/// its first packet is, and MP4 has no track for a stream without packets.
#[test]
fn what_begins_late_or_is_empty_is_no_failure() {
    let late = Output::file("/late.mkv").map("[v]").video_codec("mjpeg");
    let late = Job::new()
        .filter("testsrc2=size=64x48:rate=25:duration=3,trim=start=2[v]")
        .output(late);
    let fs = MemFs::new();
    let report = runtime().process(&fs, &late).expect("it is done");
    assert_eq!(report.outputs[0].streams[0].frames, Some(25));
    let silent = Output::file("/silent.mp4").map("[v]").map("[a]");
    let silent = Job::new()
        .filter("testsrc2=size=64x48:rate=25:duration=0.4[v];sine=duration=1,atrim=start=5[a]")
        .output(silent.video_codec("libopenh264").audio_codec("aac"));
    runtime().process(&fs, &silent).expect("it is done");
    assert_eq!(names(&fs), ["late.mkv", "silent.mp4"]);
}

/// A filesystem that panics once and for ever after, as one does whose lock is poisoned.
#[test]
fn a_filesystem_that_panics_again_does_not_end_the_process() {
    let broken = AtomicBool::new(false);
    let plan = Faults::none().when(move |call, _| {
        let breaks = call.operation() == Operation::Write;
        if broken.fetch_or(breaks, Ordering::Relaxed) || breaks {
            panic!("the lock is poisoned");
        }
        None
    });
    let tree = FaultInject::new(MemFs::new(), plan);
    let run = std::panic::AssertUnwindSafe(|| runtime().process(&tree, &job(0.2)));
    assert!(std::panic::catch_unwind(run).is_err());
    runtime()
        .process(&MemFs::new(), &job(0.2))
        .expect("the runtime is as good as ever");
}
