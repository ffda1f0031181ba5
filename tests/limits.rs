//! Limits, deadlines and cancellation: a typed error, promptly, and a runtime that is usable afterwards.
//!
//! A test binary of its own, so that the two measured answers have the machine to themselves; the
//! timed tests take turns.

#[allow(
    dead_code,
    reason = "each test binary uses a part of the shared support"
)]
mod support;

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use afmpeg::{
    CancelToken, Engine, Input, Job, JobError, LimitKind, Limits, MemFs, Mode, Output, Runtime,
};

use support::{fixture, fs_with, runtime};

/// The longest that the issue allows between the word and the return.
const PROMPT: Duration = Duration::from_millis(50);

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Holds if the answer comes within [`PROMPT`] of the word once in five tries. A host that does not look for
/// the word is late each time; a machine with other work may take the processor away once or twice.
#[track_caller]
fn prompt(word: &str, mut attempt: impl FnMut() -> Duration) {
    let mut late = Vec::new();
    while late.len() < 5 {
        late.push(attempt());
        if late.last().is_some_and(|late| *late < PROMPT) {
            return;
        }
    }
    panic!("it came back {late:?} after the {word}, in each of these tries");
}

/// A runtime of a small guest of our own, in the text format of WebAssembly.
fn guest(body: &str) -> Runtime {
    let text =
        format!("(module (memory (export \"memory\") 1) (func $main (export \"_start\") {body}))");
    let bytes = wat::parse_str(text).expect("the guest is well formed");
    Runtime::new(Engine::from_bytes(bytes).expect("it loads")).expect("it translates")
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

#[track_caller]
fn still_usable(runtime: &Runtime) {
    let fs = fs_with(&["bbb.mp3"]);
    let report = runtime
        .probe(&fs, "/bbb.mp3")
        .expect("the runtime is usable afterwards");
    assert_eq!(report.audio().and_then(|a| a.codec.as_deref()), Some("mp3"));
}

#[test]
fn a_transcode_that_needs_more_memory_than_it_may_have() {
    let fs = MemFs::new();
    let job = Job::new()
        .input(Input::lavfi("testsrc2=size=3840x2160:rate=25:duration=1"))
        .filter("[0:v]format=yuv420p[v]")
        .output(
            Output::file("/out.mp4")
                .map("[v]")
                .video_codec("libopenh264"),
        );
    let mut limits = Limits::default();
    limits.memory_bytes = 24 << 20;
    let error = runtime()
        .invocation(&fs)
        .limits(limits)
        .process(&job)
        .expect_err("too little memory");
    assert!(
        matches!(
            error,
            JobError::Limit {
                kind: LimitKind::Memory,
                ..
            }
        ),
        "a memory limit, not {error:?}"
    );
    assert!(error.to_string().contains("memory"), "{error}");
    still_usable(runtime());
}

#[test]
fn a_guest_that_takes_all_memory() {
    let hungry = guest("(loop $l (drop (memory.grow (i32.const 64))) (br $l))");
    let mut limits = Limits::default();
    limits.memory_bytes = 16 << 20;
    let fs = MemFs::new();
    for _ in 0..2 {
        let error = hungry
            .invocation(&fs)
            .limits(limits.clone())
            .run(["hungry"])
            .expect_err("stopped");
        assert!(
            matches!(
                error,
                JobError::Limit {
                    kind: LimitKind::Memory,
                    ..
                }
            ),
            "a memory limit, not {error:?}"
        );
    }
}

#[test]
fn a_guest_that_loops_forever_meets_its_fuel_limit() {
    let looping = guest("(loop $l (br $l))");
    let mut limits = Limits::default();
    limits.fuel = Some(50_000_000);
    let fs = MemFs::new();
    for _ in 0..2 {
        let error = looping
            .invocation(&fs)
            .limits(limits.clone())
            .run(["loop"])
            .expect_err("stopped");
        assert!(
            matches!(
                error,
                JobError::Limit {
                    kind: LimitKind::Fuel,
                    ..
                }
            ),
            "a fuel limit, not {error:?}"
        );
    }
}

#[test]
fn a_guest_that_loops_forever_meets_its_deadline() {
    let _turn = ONE_AT_A_TIME.lock();
    let looping = guest("(loop $l (br $l))");
    let fs = MemFs::new();
    prompt("deadline", || {
        let deadline = Instant::now() + Duration::from_millis(200);
        let error = looping
            .invocation(&fs)
            .deadline(deadline)
            .run(["loop"])
            .expect_err("stopped");
        let late = deadline.elapsed();
        assert!(
            matches!(error, JobError::DeadlineExceeded { .. }),
            "a deadline, not {error:?}"
        );
        late
    });
}

#[test]
fn a_transcode_meets_its_deadline() {
    let _turn = ONE_AT_A_TIME.lock();
    let fs = MemFs::new();
    // The first run translates what the job needs; a deadline holds in that time as well.
    for wait in [700, 300] {
        prompt("deadline", || {
            let deadline = Instant::now() + Duration::from_millis(wait);
            let result = runtime()
                .invocation(&fs)
                .deadline(deadline)
                .process(&endless());
            let late = deadline.elapsed();
            let error = result.expect_err("an hour does not fit");
            assert!(
                matches!(error, JobError::DeadlineExceeded { .. }),
                "a deadline, not {error:?}"
            );
            late
        });
    }
    still_usable(runtime());
}

#[test]
fn a_transcode_is_cancelled_in_the_middle() {
    let _turn = ONE_AT_A_TIME.lock();
    let fs = MemFs::new();
    fs.write("/in.mp4", fixture("bbb_720p_h264_aac51.mp4"))
        .expect("an empty MemFs takes it");
    for wait in [300, 900, 1_300] {
        prompt("cancel", || {
            let token = CancelToken::new();
            let (result, cancelled, returned) = thread::scope(|scope| {
                let remote = token.clone();
                let canceller = scope.spawn(move || {
                    thread::sleep(Duration::from_millis(wait));
                    remote.cancel();
                    Instant::now()
                });
                let result = runtime().invocation(&fs).cancel(token).process(&endless());
                let returned = Instant::now();
                (result, canceller.join().expect("it only sleeps"), returned)
            });
            let error = result.expect_err("it was cancelled");
            let late = returned.saturating_duration_since(cancelled);
            assert!(
                matches!(error, JobError::Cancelled { .. }),
                "cancelled, not {error:?}"
            );
            late
        });
    }
    still_usable(runtime());
}

#[test]
fn a_token_that_is_already_cancelled_starts_nothing() {
    let fs = MemFs::new();
    let token = CancelToken::new();
    token.cancel();
    let error = runtime()
        .invocation(&fs)
        .cancel(token)
        .process(&endless())
        .expect_err("cancelled");
    assert!(matches!(error, JobError::Cancelled { .. }), "{error:?}");
    assert!(!fs.exists("/out.mp4"), "nothing was written");
}

#[test]
fn written_bytes_are_bounded() {
    let fs = fs_with(&["bbb_720p_h264_aac51.mp4"]);
    let mut limits = Limits::default();
    limits.written_bytes = Some(100_000);
    let job = Job::new()
        .input(Input::file("/bbb_720p_h264_aac51.mp4"))
        .output(Output::file("/out.mkv").map("0:v").video_codec("copy"));
    let error = runtime()
        .invocation(&fs)
        .limits(limits)
        .process(&job)
        .expect_err("too much output");
    assert!(
        matches!(
            error,
            JobError::Limit {
                kind: LimitKind::WrittenBytes,
                ..
            }
        ),
        "{error:?}"
    );
    still_usable(runtime());
}

#[test]
fn progress_rises_to_its_end() {
    let fs = MemFs::new();
    // One report comes for a tenth of a second at most: long enough for some, however fast the mode is.
    let seconds = match runtime().mode() {
        Mode::Plain | Mode::Kernels => 2,
        _ => 160_u32,
    };
    let job = Job::new()
        .input(Input::lavfi(format!(
            "testsrc2=size=160x120:rate=25:duration={seconds}"
        )))
        .filter("[0:v]format=yuv420p[v]")
        .output(
            Output::file("/out.mp4")
                .map("[v]")
                .video_codec("libopenh264")
                .duration(f64::from(seconds)),
        );
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&seen);
    runtime()
        .invocation(&fs)
        .progress(move |progress: afmpeg::Progress| {
            let mut seen = sink.lock().expect("no callback panics");
            seen.push((progress.fraction, progress.frame));
        })
        .process(&job)
        .expect("the encode is done");
    let seen = seen.lock().expect("no callback panics");
    assert!(
        seen.len() >= 5,
        "one report for a tenth of a second at most, and there were {}",
        seen.len()
    );
    let fractions: Vec<f64> = seen.iter().filter_map(|(fraction, _)| *fraction).collect();
    assert!(
        fractions.windows(2).all(|pair| pair[0] <= pair[1]),
        "it never falls: {fractions:?}"
    );
    assert!(
        fractions.iter().all(|f| (0.0..=1.0).contains(f)),
        "{fractions:?}"
    );
    assert!(
        fractions.last().is_some_and(|&last| last > 0.99),
        "it ends at its end: {fractions:?}"
    );
    assert_eq!(
        seen.last().and_then(|(_, frame)| *frame),
        Some(25 * u64::from(seconds))
    );
}
