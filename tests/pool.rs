//! The pool with the real engine: good and hostile files side by side, none lost and none harmed by another.
//!
//! The same at full size, with memory and throughput, is `cargo bench --bench pool`.

#[path = "mutants/mutate.rs"]
mod mutate;
#[allow(
    dead_code,
    reason = "each test binary uses a part of the shared support"
)]
mod support;

use std::collections::BTreeMap;
use std::iter;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use afmpeg::pool::Handle;
use afmpeg::vfs::{Observed, Operation};
use afmpeg::{
    FramesJob, Input, Job, JobError, Limits, MemFs, Output, Pool, PoolError, Priority, Select, Task,
};

use mutate::mutate;
use support::{fixture, fs_with, read, runtime};

const CLIP: &str = "/bbb_180_h264.mp4";

fn pool(threads: usize) -> Pool {
    let builder = Pool::builder(runtime().clone()).threads(threads);
    builder.build().expect("the threads start")
}

/// What one job may use, so that a hostile file ends soon.
fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.memory_bytes = 128 << 20;
    limits.fuel = Some(300_000_000);
    limits
}

/// Three frames, made small.
fn transcode(path: &str) -> Job {
    Job::new()
        .input(Input::file(path))
        .filter("[0:v]trim=end_frame=3,scale=64:36[v]")
        .output(
            Output::file("/out.mkv")
                .map("[v]")
                .video_codec("libopenh264"),
        )
}

/// A job that would run for about an hour.
fn endless() -> Job {
    Job::new()
        .input(Input::lavfi("testsrc2=size=640x360:rate=25"))
        .filter("[0:v]format=yuv420p[v]")
        .output(
            Output::file("/out.mp4")
                .map("[v]")
                .video_codec("libopenh264")
                .duration(100_000.0),
        )
}

/// Waits until the job is in the midst of its work.
#[track_caller]
fn working<T>(handle: Handle<T>) -> Handle<T> {
    let started = Instant::now();
    while handle.progress().and_then(|progress| progress.frame) < Some(1) {
        assert!(started.elapsed() < Duration::from_secs(60), "it works");
        thread::sleep(Duration::from_millis(5));
    }
    handle
}

/// A file, and what is to be done with it.
#[derive(Clone)]
struct Errand {
    bytes: Vec<u8>,
    transcode: bool,
    good: bool,
}

impl Errand {
    /// Of two jobs that are the same, the outcomes are.
    fn task(&self) -> Task<String> {
        let fs = MemFs::new();
        fs.write("/in", self.bytes.as_slice())
            .expect("an empty MemFs takes a fixture");
        let task = if self.transcode {
            let left = fs.clone();
            Task::process(fs, transcode("/in"))
                .progress(false)
                .map(move |report| format!("{} {:?}", report.usage.fuel, read(&left, "/out.mkv")))
        } else {
            Task::probe(fs, "/in").map(|report| format!("{report:?}"))
        };
        task.limits(limits()).deterministic(7)
    }
}

/// Four on good files, four on changed ones, and so on; each fourth is a transcode.
fn errands(count: usize) -> Vec<Errand> {
    let probed = ["bbb.mp3", "bbb_180_vp8.webm", "bbb_54.gif", "bbb.opus"];
    (0..count)
        .map(|n| {
            let (transcode, good) = (n % 4 == 3, n % 8 < 4);
            let whole = match transcode {
                true => fixture(&CLIP[1..]),
                false => fixture(probed[n / 2 % probed.len()]),
            };
            let bytes = match (good, n % 16 < 8) {
                (true, _) => whole,
                (false, true) => whole[..whole.len() * (n % 13) / 40].to_vec(),
                (false, false) => mutate(&whole, n as u64),
            };
            Errand {
                bytes,
                transcode,
                good,
            }
        })
        .collect()
}

/// The outcome without what may differ from run to run.
fn outcome(result: Result<String, JobError>) -> Result<String, String> {
    result.map_err(|error| error.to_string())
}

#[test]
fn among_hostile_files_each_job_ends_as_it_ends_alone() {
    let errands = errands(40);
    let pool = pool(3);
    let one = Pool::builder(runtime().clone()).threads(1).build();
    let one = one.expect("the thread starts");
    let alone: Vec<_> = errands
        .iter()
        .map(|errand| outcome(one.submit(errand.task()).expect("it is taken").wait()))
        .collect();
    let mut together = BTreeMap::new();
    for (index, result) in pool.map(errands.iter().map(Errand::task)) {
        let before = together.insert(index, outcome(result));
        assert!(before.is_none(), "two results of task {index}");
    }
    assert_eq!(together.len(), errands.len(), "none is lost");
    for (index, result) in &together {
        assert!(
            *result == alone[*index],
            "task {index} ended in another way than alone"
        );
        assert!(
            result.is_ok() || !errands[*index].good,
            "task {index}, on a good file: {result:?}"
        );
    }
    assert!(together.values().any(Result::is_err), "some were hostile");
}

#[test]
fn each_kind_of_task_reports() {
    let pool = pool(2);
    let fs = fs_with(&[&CLIP[1..]]);
    let select = Select::Timestamp(0.1);
    let frames = FramesJob::new(CLIP, "/frame.png", select).scale("32:-2");
    let frames = pool
        .submit(Task::frames(fs.clone(), frames).priority(Priority::High))
        .expect("it is taken");
    let output = Output::file("/copy.mkv").map("0:v").video_codec("copy");
    let copy = Job::new().input(Input::file(CLIP)).output(output);
    let copy = pool
        .submit(Task::process(fs.clone(), copy))
        .expect("it is taken");
    let probed = Task::call({
        let fs = fs.clone();
        move |context| {
            let whole = context.invocation(&fs).probe(CLIP)?;
            Ok((context.runtime().mode(), whole.streams.len()))
        }
    });
    let probed = pool.submit(probed).expect("it is taken");
    assert_eq!(frames.wait().expect("it is done").frames.len(), 1);
    assert!(read(&fs, "/frame.png").starts_with(b"\x89PNG"));
    let report = copy.wait().expect("it is done");
    assert_eq!(
        report.outputs[0].size,
        Some(read(&fs, "/copy.mkv").len() as u64)
    );
    let (mode, streams) = probed.wait().expect("it is done");
    assert_eq!((mode, streams > 0), (runtime().mode(), true));
}

/// A filesystem of the caller's may break in the midst of a job, in a call of the guest.
#[test]
fn a_panic_in_a_filesystem_ends_its_job_alone() {
    let pool = pool(2);
    for operation in [Operation::OpenFile, Operation::Read, Operation::Write] {
        let broken = Observed::new(fs_with(&[&CLIP[1..]]), move |call, _| {
            assert!(call.operation() != operation, "the disk is on fire");
        });
        let handle = pool.submit(Task::process(broken, transcode(CLIP)));
        let error = handle.expect("it is taken").wait().expect_err("it broke");
        let JobError::Host(inner) = &error else {
            panic!("{error:?}")
        };
        assert!(matches!(
            inner.downcast_ref(),
            Some(PoolError::Panicked { .. })
        ));
        assert!(error.to_string().contains("the disk is on fire"), "{error}");
        let good = pool.submit(Task::process(fs_with(&[&CLIP[1..]]), transcode(CLIP)));
        let report = good.expect("it is taken").wait().expect("it is done");
        assert_eq!(report.outputs[0].streams[0].frames, Some(3));
    }
}

#[test]
fn jobs_beyond_the_memory_budget_wait() {
    let mut small = Limits::default();
    small.memory_bytes = 100 << 20;
    let builder = Pool::builder(runtime().clone())
        .threads(3)
        .memory_budget(250 << 20);
    let pool = builder.build().expect("the threads start");
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let handles: Vec<_> = (0..9)
        .map(|_| {
            let (now, most) = (Arc::clone(&now), Arc::clone(&most));
            let task = Task::call(move |context| {
                let running = now.fetch_add(1, Ordering::SeqCst) + 1;
                most.fetch_max(running, Ordering::SeqCst);
                let fs = fs_with(&[&CLIP[1..]]);
                let result = context.invocation(&fs).process(&transcode(CLIP));
                now.fetch_sub(1, Ordering::SeqCst);
                result
            });
            pool.submit(task.limits(small.clone()))
                .expect("it is taken")
        })
        .collect();
    for handle in handles {
        let report = handle.wait().expect("it is done");
        assert!(report.usage.peak_memory <= small.memory_bytes);
    }
    assert_eq!(most.load(Ordering::SeqCst), 2, "of three threads");
    let error = pool.submit(Task::process(MemFs::new(), endless()));
    let error = error.expect_err("the default limit is above the budget");
    assert!(matches!(error, PoolError::MemoryClaim { .. }), "{error:?}");
}

#[test]
fn cancelled_jobs_and_those_of_a_dropped_pool_come_back() {
    let (pool, fs) = (pool(1), MemFs::new());
    let handle = pool
        .submit(Task::process(fs.clone(), endless()))
        .expect("it is taken");
    let handle = working(handle);
    handle.cancel();
    let started = Instant::now();
    let error = handle.wait().expect_err("it was cancelled");
    assert!(started.elapsed() < Duration::from_secs(1), "soon");
    assert!(matches!(error, JobError::Cancelled { .. }), "{error:?}");
    assert!(error.partial_outputs().is_empty() && !fs.exists("/out.mp4"));

    let submit = || {
        pool.submit(Task::process(MemFs::new(), endless()))
            .expect("it is taken")
    };
    let (running, mut waiting) = (working(submit()), submit());
    let started = Instant::now();
    drop(pool);
    assert!(started.elapsed() < Duration::from_secs(1), "soon");
    let result = waiting.try_result().expect("it has ended");
    assert!(matches!(result, Err(JobError::Cancelled { .. })));
    let error = running.wait().expect_err("it was cancelled");
    assert!(matches!(error, JobError::Cancelled { .. }), "{error:?}");
}

#[test]
fn a_map_takes_no_more_tasks_than_it_needs() {
    let pool = pool(2);
    let taken = AtomicUsize::new(0);
    let fs = fs_with(&["bbb.mp3"]);
    let endless = iter::repeat_with(|| {
        taken.fetch_add(1, Ordering::Relaxed);
        Task::probe(fs.clone(), "/bbb.mp3")
    });
    for (given, (_, result)) in pool.map(endless).take(20).enumerate() {
        assert_eq!(result.expect("it is done").format, "mp3");
        let taken = taken.load(Ordering::Relaxed);
        assert!(taken <= given + 4, "{taken} tasks for {given} results");
    }
}
