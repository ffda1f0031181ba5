//! Tests of the runtime against small guests that stand in for an engine.

pub(crate) mod fake;
mod outcome;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use afmpeg_wasi::vfs::{MemFs, Observed, Operation, Quota};
use afmpeg_wasi::{CancelToken, LimitKind, Limits};

use crate::{
    ErrorClass, FramesJob, Input, Job, JobError, MediaTime, Output, OutputFiles, ProcessReport,
    Progress, Runtime, Select, VOCABULARY,
};
use fake::{CURRENT, Fake};

const FOREVER: &str = "(loop $again (br $again))";

fn job() -> Job {
    Job::new()
        .input(Input::file("/in.mp4"))
        .output(Output::file("/out.mp4"))
}

fn current() -> Fake {
    Fake::new(CURRENT)
}

/// A guest that does the job as it says.
fn honest() -> Fake {
    current()
        .creates("out.mp4", "12345")
        .prints(r#"{"outputs":[{"path":"/out.mp4","format":"fake","size":5,"streams":[]}]}"#)
}

/// Runs the job with its outputs in place, where those that it has begun are left.
fn in_place(guest: Fake, fs: &MemFs) -> Result<ProcessReport, JobError> {
    let runtime = guest.runtime();
    let invocation = runtime.invocation(fs).outputs(OutputFiles::InPlace);
    invocation.process(&job())
}

#[track_caller]
fn unverified(guest: Fake, part: &str) -> JobError {
    let error = in_place(guest, &MemFs::new()).expect_err("it must not succeed");
    let JobError::Unverified { message, .. } = &error else {
        panic!("{error:?}")
    };
    assert!(message.contains(part), "{message}");
    error
}

#[test]
fn runtimes_and_errors_cross_threads() {
    fn crosses<T: Send + Sync + 'static>() {}
    crosses::<Runtime>();
    crosses::<JobError>();
    crosses::<crate::LoadError>();
    crosses::<crate::SpecError>();
}

#[test]
fn a_job_that_was_done_is_reported() {
    let fs = MemFs::new();
    let report = honest()
        .runtime()
        .process(&fs, &job())
        .expect("it was done");
    assert_eq!(report.outputs[0].size, Some(5));
    assert_eq!(report.usage.bytes_written, 5);
    assert!(
        report.usage.fuel > 0 && report.usage.peak_memory >= 4 << 16,
        "{:?}",
        report.usage
    );
    assert_eq!(fs.read("/out.mp4").expect("it is there"), b"12345");
}

/// An engine says that its output is a film of ten seconds, and when that is probed it is none, a shorter one, or one
/// without its sound.
#[test]
fn an_output_that_is_not_what_was_written_is_no_success() {
    let says = |probe: &str| {
        let reply = format!(
            r#"{{"outputs":[{{"path":"/out.mp4","format":"mp4","size":5,"duration":10.0,
                "streams":[{{"type":"video","packets":250}},{{"type":"audio","packets":400}}]}}],
                "inputs":[{{"path":"/out.mp4",{probe}}}]}}"#
        );
        // What is there already is only read.
        let is_there = format!(
            "(i64.store (i32.const 32) (i64.const {}))
             (if (i32.eqz (call $path_open (i32.const 3) (i32.const 0) (i32.const 32) (i32.const 7)
                   (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 28)))
               (then (return)))",
            u64::from_le_bytes(*b"out.mp4\0")
        );
        let guest = current().prints(&reply).doing(&is_there);
        guest.creates("out.mp4", "12345")
    };
    let video = r#"{"index":0,"type":"video"}"#;
    let audio = r#"{"index":1,"type":"audio"}"#;
    let film = |duration: f64, streams: &str| {
        format!(r#""format":"mov,mp4","duration":{duration},"streams":[{streams}]"#)
    };
    let both = format!("{video},{audio}");
    let cases = [
        (
            r#""error":{"class":"open_input","message":"/out.mp4: invalid data"}"#.to_owned(),
            "cannot be read back",
        ),
        (film(2.0, &both), "lasts 2 s and 10 s"),
        (film(10.0, video), "0 audio streams and 1"),
    ];
    for (probe, part) in cases {
        unverified(says(&probe), part);
        let (runtime, fs) = (says(&probe).runtime(), MemFs::new());
        let error = runtime.process(&fs, &job()).expect_err("it is not there");
        assert!(matches!(error, JobError::Unverified { .. }), "{error:?}");
        assert!(!fs.exists("/out.mp4"), "what is not right is not left");
        let invocation = runtime.invocation(&fs).reprobe(false);
        let report = invocation.process(&job()).expect("nobody looks");
        assert_eq!(report.outputs[0].size, Some(5));
        assert!(fs.exists("/out.mp4"));
    }
    let (runtime, fs) = (says(&film(10.0, &both)).runtime(), MemFs::new());
    runtime.process(&fs, &job()).expect("it is what it says");
}

#[test]
fn a_foreign_module_runs_but_takes_no_jobs() {
    let guest = Fake::new("").prints("hello").logs("warning").exits(7);
    let (runtime, fs) = (guest.runtime(), MemFs::new());
    let error = runtime.process(&fs, &job()).expect_err("it is no engine");
    assert!(matches!(error, JobError::NotAnEngine { .. }), "{error:?}");
    assert!(
        error.to_string().starts_with("not an ffmpeg-wasi engine: "),
        "{error}"
    );
    assert_eq!(runtime.engine_info(), None);
    let output = runtime
        .run(&fs, ["cmd", "argument"])
        .expect("an exit code is a result");
    assert_eq!(output.exit_code, 7);
    assert_eq!(
        (output.stdout, output.stderr),
        (b"hello".to_vec(), b"warning".to_vec())
    );
}

#[test]
fn an_engine_that_carries_its_answer_is_not_asked() {
    let traps = || Fake::new("").before("unreachable");
    assert_eq!(traps().runtime().engine_info(), None);
    let runtime = traps().carrying("afmpeg.version", CURRENT).runtime();
    let info = runtime.engine_info().expect("it says what it is");
    assert_eq!(info.vocab_version, 10);
}

#[test]
fn an_answer_that_cannot_be_read_is_asked_for() {
    let runtime = current().carrying("afmpeg.version", "{").runtime();
    assert!(runtime.engine_info().is_some());
}

#[test]
fn a_module_that_answers_its_question_wrongly_is_no_engine() {
    for answer in [
        "{}",
        "[]",
        r#"{"vocab_version":"10"}"#,
        r#"{"vocab_version":-1}"#,
        "v10",
    ] {
        let runtime = Fake::new(answer).runtime();
        let error = runtime.capabilities().expect_err("it is no engine");
        assert!(
            matches!(error, JobError::NotAnEngine { .. }),
            "{answer}: {error:?}"
        );
    }
}

#[test]
fn an_engine_that_is_too_old_takes_only_older_jobs() {
    let answer = r#"{"vocab_version":9,"ffmpeg_version":"n8.1.2"}"#;
    let guest = Fake::new(answer)
        .creates("out.mp4", "12345")
        .prints(r#"{"outputs":[{"path":"out.mp4","streams":[]}]}"#);
    let (runtime, fs) = (guest.runtime(), MemFs::new());
    let error = runtime.process(&fs, &job()).expect_err("it is too old");
    assert!(
        matches!(
            error,
            JobError::EngineTooOld {
                has: 9,
                needs: VOCABULARY
            }
        ),
        "{error:?}"
    );
    assert!(error.to_string().contains("use a newer engine"), "{error}");
    assert_eq!(
        runtime.engine_info().map(|info| info.vocab_version),
        Some(9)
    );
    let old = r#"{"op":"process","version":9,"inputs":[{"path":"in.mp4"}],"outputs":[{"path":"out.mp4"}]}"#;
    let reply = runtime
        .process_json(&fs, old)
        .expect("the engine knows this version");
    assert_eq!(reply["outputs"][0]["path"], "out.mp4");
    let new = old.replace(":9", ":10");
    let error = runtime
        .process_json(&fs, &new)
        .expect_err("it is too old for this one");
    assert!(matches!(error, JobError::EngineTooOld { .. }), "{error:?}");
}

/// A guest that does an honest job, unless it finds the file `hang`: then it never ends.
fn hangs_on_request() -> Fake {
    let path = "hang";
    let mut guest = current().creates("out.mp4", "12345");
    // Opening without creating fails unless the file is there.
    guest.step(&format!(
        "(i32.store (i32.const 32) (i32.const {}))
         (if (i32.eqz (call $path_open (i32.const 3) (i32.const 0) (i32.const 32) (i32.const {})
               (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 28)))
           (then {FOREVER}))",
        u32::from_le_bytes(*b"hang"),
        path.len(),
    ));
    guest.prints(r#"{"outputs":[{"path":"/out.mp4","size":5}]}"#)
}

#[test]
fn a_cancelled_job_and_one_out_of_time_leave_the_runtime_clean() {
    let runtime = hangs_on_request().runtime();
    let stuck = MemFs::new();
    stuck.write("/hang", b"1").expect("it can be written");

    let token = CancelToken::new();
    let other = token.clone();
    let canceller = thread::spawn(move || {
        thread::sleep(Duration::from_millis(30));
        other.cancel();
    });
    let error = runtime
        .invocation(&stuck)
        .outputs(OutputFiles::InPlace)
        .cancel(token.clone())
        .process(&job());
    canceller.join().expect("it only cancels");
    let error = error.expect_err("it was cancelled");
    assert!(matches!(error, JobError::Cancelled { .. }), "{error:?}");
    assert_eq!(error.partial_outputs(), ["/out.mp4"]);

    let invocation = runtime
        .invocation(&stuck)
        .timeout(Duration::from_millis(30));
    let error = invocation.process(&job()).expect_err("it ran out of time");
    assert!(
        matches!(error, JobError::DeadlineExceeded { .. }),
        "{error:?}"
    );

    let mut fuel = Limits::default();
    fuel.fuel = Some(10_000_000);
    let error = runtime.invocation(&stuck).limits(fuel).process(&job());
    assert!(
        matches!(
            error,
            Err(JobError::Limit {
                kind: LimitKind::Fuel,
                ..
            })
        ),
        "{error:?}"
    );

    runtime
        .process(&MemFs::new(), &job())
        .expect("the runtime is as new");
    let error = runtime
        .invocation(&MemFs::new())
        .cancel(token)
        .process(&job());
    assert!(
        matches!(error, Err(JobError::Cancelled { .. })),
        "the token stays cancelled"
    );
}

#[test]
fn an_interruption_before_the_first_answer_is_not_remembered() {
    let (runtime, fs) = (honest().runtime(), MemFs::new());
    let token = CancelToken::new();
    token.cancel();
    let error = runtime.invocation(&fs).cancel(token).process(&job());
    assert!(
        matches!(error, Err(JobError::Cancelled { .. })),
        "{error:?}"
    );
    let error = runtime
        .invocation(&fs)
        .deadline(Instant::now())
        .process(&job());
    assert!(
        matches!(error, Err(JobError::DeadlineExceeded { .. })),
        "{error:?}"
    );
    runtime.process(&fs, &job()).expect("it is an engine");
}

/// An engine that dies of a small limit while it is asked what it is must not be taken for a module
/// that is none, for this job or for any later one.
#[test]
fn a_lack_of_memory_before_the_first_answer_is_not_remembered() {
    let guest = Fake::new(CURRENT).before(
        "(if (i32.eq (memory.grow (i32.const 100)) (i32.const -1))
           (then (call $proc_exit (i32.const 1))))",
    );
    let guest = guest
        .creates("out.mp4", "12345")
        .prints(r#"{"outputs":[{"path":"/out.mp4","size":5}]}"#);
    let (runtime, fs) = (guest.runtime(), MemFs::new());
    let mut small = Limits::default();
    small.memory_bytes = 1 << 20;
    let error = runtime.invocation(&fs).limits(small).process(&job());
    let Err(error @ JobError::Limit { .. }) = error else {
        panic!("{error:?}");
    };
    assert!(
        error.to_string().contains("`Limits::memory_bytes` sets it"),
        "{error}"
    );
    runtime.process(&fs, &job()).expect("it is an engine");
}

#[test]
fn a_path_that_only_begins_like_a_device_is_checked_like_any_other() {
    let guest = current().prints(r#"{"outputs":[{"path":"/dev/../out.mp4","size":5}]}"#);
    let job = Job::new()
        .input(Input::file("/in.mp4"))
        .output(Output::file("/dev/../out.mp4"));
    let error = guest.runtime().process(&MemFs::new(), &job);
    assert!(
        matches!(error, Err(JobError::Unverified { .. })),
        "{error:?}"
    );
}

#[test]
fn a_job_without_options_has_the_default_limits() {
    let guest = current().doing(
        "(if (i32.ne (memory.grow (i32.const 8192)) (i32.const -1))
           (then (call $proc_exit (i32.const 7))))
         (unreachable)",
    );
    let (runtime, fs) = (guest.runtime(), MemFs::new());
    assert_eq!(
        runtime.invocation(&fs).control().limits,
        Limits::default(),
        "and so an hour of time"
    );
    let error = runtime.process(&fs, &job());
    assert!(
        matches!(
            error,
            Err(JobError::Limit {
                kind: LimitKind::Memory,
                ..
            })
        ),
        "{error:?}"
    );
}

#[test]
fn jobs_run_side_by_side() {
    let runtime = honest().runtime();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let fs = MemFs::new();
                runtime.process(&fs, &job()).expect("it is done");
                assert_eq!(fs.read("/out.mp4").expect("it is there"), b"12345");
            });
        }
    });
}

#[test]
fn deterministic_runs_have_the_same_clock_and_the_same_chance() {
    let guest = current()
        .doing("(drop (call $clock_time_get (i32.const 0) (i64.const 1) (i32.const 512)))")
        .doing("(drop (call $clock_time_get (i32.const 1) (i64.const 1) (i32.const 520)))")
        .doing("(drop (call $random_get (i32.const 528) (i32.const 32)))")
        .doing("(call $write (i32.const 1) (i32.const 512) (i32.const 48))");
    let (runtime, fs) = (guest.runtime(), MemFs::new());
    let run = |seed: Option<u64>| {
        let invocation = runtime.invocation(&fs);
        let invocation = match seed {
            Some(seed) => invocation.deterministic(seed),
            None => invocation,
        };
        invocation.run(["x"]).expect("it ends").stdout
    };
    assert_eq!(run(Some(1)), run(Some(1)));
    assert_ne!(
        run(Some(1))[16..],
        run(Some(2))[16..],
        "another seed, another chance"
    );
    assert_ne!(run(None), run(None), "time passes");
}

#[test]
fn the_lines_of_the_engine_reach_the_callback() {
    let lines = "{\"frame\":1,\"out_time_us\":250000,\"duration_us\":1000000}\n\
                 {\"frame\":3,\"out_time_us\":750000,\"duration_us\":1000000}\n";
    let guest = honest().creates("dev/afmpeg-progress", lines);
    let (send, seen) = mpsc::channel();
    let (runtime, fs) = (guest.runtime(), MemFs::new());
    fs.write("/in.mp4", b"input").expect("it can be written");
    let callback = move |progress: Progress| send.send(progress).expect("it is received");
    runtime
        .invocation(&fs)
        .progress(callback)
        .process(&job())
        .expect("it is done");
    let last = seen.try_iter().last().expect("there was progress");
    assert_eq!((last.frame, last.fraction), (Some(3), Some(1.0)));
    assert_eq!(last.total_duration, Some(Duration::from_secs(1)));
    assert_eq!(last.bytes_out, 5);
    assert!(!fs.exists("/dev"), "the device is not in the caller's tree");
}

#[test]
fn a_broken_callback_does_not_break_the_job() {
    let (runtime, fs) = (honest().runtime(), MemFs::new());
    let invocation = runtime
        .invocation(&fs)
        .progress(|_| panic!("the consumer is broken"));
    invocation.process(&job()).expect("the job does not notice");
}

/// The interpreter aborts the process on a panic that unwinds into it: it has to go round.
#[test]
fn a_panic_of_the_filesystem_reaches_the_caller_and_leaves_the_runtime_clean() {
    let (runtime, fs) = (honest().runtime(), MemFs::new());
    let broken = Observed::new(&fs, |call, _| {
        assert!(call.operation() != Operation::Write, "the disk is on fire");
    });
    let run = || runtime.process(&broken, &job());
    let payload = catch_unwind(AssertUnwindSafe(run)).expect_err("it panicked");
    assert_eq!(
        payload.downcast_ref::<&str>().copied(),
        Some("the disk is on fire")
    );
    runtime.process(&fs, &job()).expect("the runtime is as new");
}

#[test]
fn what_the_engine_logs_reaches_the_callback() {
    let (runtime, fs) = (
        honest().logs("first\nsec").logs("ond\n").runtime(),
        MemFs::new(),
    );
    let (send, seen) = mpsc::channel();
    let callback = move |line: &str| send.send(line.to_owned()).expect("it is received");
    runtime
        .invocation(&fs)
        .log(callback)
        .process(&job())
        .expect("it is done");
    assert_eq!(seen.iter().collect::<Vec<_>>(), ["first", "second"]);
}

#[test]
fn of_several_probes_each_stands_for_itself() {
    let guest = current().prints(
        r#"{"inputs":[{"path":"/a","format":"wav","streams":[{"index":0,"type":"audio"}]},
            {"path":"/b","error":{"class":"open_input","message":"/b: invalid data"}}]}"#,
    );
    let (runtime, fs) = (guest.runtime(), MemFs::new());
    let found = runtime
        .probe_all(&fs, ["/a", "/b"])
        .expect("the run went well");
    assert_eq!(
        found[0].as_ref().map(|a| a.format.as_str()).ok(),
        Some("wav")
    );
    let error = found[1].as_ref().expect_err("the second could not be read");
    assert_eq!(error.class(), Some(ErrorClass::OpenInput));
    let error = runtime
        .probe(&fs, "/a")
        .expect_err("two entries for one input");
    assert!(matches!(error, JobError::Unverified { .. }), "{error:?}");
    assert!(
        runtime
            .probe_all(&fs, Vec::<String>::new())
            .is_ok_and(|found| found.is_empty())
    );
    let error = runtime.probe(&fs, "").expect_err("an empty path");
    assert!(matches!(&error, JobError::Spec(spec) if spec.field() == "inputs[0].path"));
}

#[test]
fn pictures_are_counted_and_looked_for() {
    let select = || FramesJob::new("/in.mp4", "/f%03d.png", Select::Timestamps(vec![0.0, 1.0]));
    let said =
        r#"{"frames":[{"path":"/f000.png","index":0,"timestamp":0.04}],"count":1,"missing":[1.0]}"#;
    let guest = current().creates("f000.png", "png").prints(said);
    let report = guest
        .runtime()
        .frames(&MemFs::new(), &select())
        .expect("it is done");
    assert_eq!(
        (report.frames[0].timestamp, report.missing[0]),
        (
            MediaTime::from_secs(0.04),
            MediaTime::from(Duration::from_secs(1))
        )
    );
    let error = current()
        .prints(said)
        .runtime()
        .frames(&MemFs::new(), &select());
    assert!(
        matches!(error, Err(JobError::Unverified { .. })),
        "{error:?}"
    );
    let failed = current().creates("f000.png", "png").exits(1);
    let error = failed
        .runtime()
        .invocation(&MemFs::new())
        .outputs(OutputFiles::InPlace)
        .frames(&select())
        .expect_err("it failed");
    assert_eq!(error.partial_outputs(), ["/f000.png"]);
}

#[test]
fn a_document_that_is_no_json_never_runs() {
    let (runtime, fs) = (current().doing(FOREVER).runtime(), MemFs::new());
    let error = runtime
        .process_json(&fs, "{\"op\":")
        .expect_err("it is cut off");
    assert!(matches!(error, JobError::Spec(_)), "{error:?}");
    assert!(error.to_string().contains("line 1 column 6"), "{error}");
    let error = runtime.process(&fs, &Job::new()).expect_err("it is empty");
    assert!(matches!(error, JobError::Spec(_)), "{error:?}");
}
