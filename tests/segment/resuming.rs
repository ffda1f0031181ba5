//! Runs that were stopped, and plans that are kept.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use afmpeg::segment::Plan;
use afmpeg::{CancelToken, Input, Job, JobError, MemFs, Output, Pool, Segment, SegmentError, Task};

use crate::support::{fixture, read, runtime};
use crate::{LATE, OPEN_GOPS, PLAIN, films, parts, pool, small};

#[test]
fn a_run_that_was_stopped_goes_on_and_gives_the_same_bytes() {
    let mut job = small(Input::file(LATE), "/out.mkv", true);
    job.outputs[0].duration = Some(2.0);
    // What is killed while it writes leaves such files.
    let left = |scratch: &MemFs| {
        let files = ["/plan.json.new", "/.afmpeg-1-part-00000.mov.partial"];
        for path in files {
            scratch.write(path, "half").expect("there is room");
        }
    };
    let pool = pool();
    let segment = |scratch: &MemFs| parts(job.clone(), 6).scratch(scratch).deterministic(7);
    let unbroken = films(&[LATE]);
    let used = segment(&MemFs::new())
        .run(&pool, &unbroken)
        .expect("it runs")
        .usage;

    let (fs, scratch) = (films(&[LATE]), MemFs::new());
    left(&scratch);
    let token = CancelToken::new();
    let stop = token.clone();
    let error = segment(&scratch)
        .cancel(token)
        .progress(move |progress| {
            if progress.parts_done >= 2 {
                stop.cancel();
            }
        })
        .run(&pool, &fs)
        .expect_err("it was stopped");
    assert!(
        matches!(&error, SegmentError::Job(error) if matches!(**error, JobError::Cancelled { .. })),
        "{error:?}"
    );
    assert!(!fs.exists("/out.mkv"));
    let done = |scratch: &MemFs| {
        let entries = scratch.read_dir("/").expect("it is there");
        let names = entries.iter().map(|entry| entry.name.as_str().to_owned());
        names.filter(|name| name.ends_with(".mov.json")).count()
    };
    let first = done(&scratch);
    assert!((2..6).contains(&first), "{first} parts");
    // One of them was damaged meanwhile.
    let entries = scratch.read_dir("/").expect("it is there");
    let part = entries
        .iter()
        .map(|entry| format!("/{}", entry.name.as_str()))
        .find(|path| path.ends_with(".mov"))
        .expect("there is one");
    let mut bytes = scratch.read(&part).expect("it is there");
    *bytes.last_mut().expect("it is not empty") ^= 1;
    scratch.write(&part, bytes).expect("there is room");

    let seen: Arc<Mutex<Vec<(usize, f64)>>> = Arc::default();
    let seeing = Arc::clone(&seen);
    let report = segment(&scratch)
        .progress(move |progress| {
            let mut seen = seeing.lock().expect("nobody panics");
            seen.push((progress.parts_done, progress.fraction));
        })
        .run(&pool, &fs)
        .expect("it goes on");
    // What the parts of the first run took was recorded with them.
    assert_eq!(report.usage, used);
    assert!(read(&fs, "/out.mkv") == read(&unbroken, "/out.mkv"));
    assert_eq!(scratch.read_dir("/").expect("it is there"), []);
    let seen = seen.lock().expect("nobody panics");
    assert!(seen[0].0 >= first - 1, "{seen:?}");
    assert!(seen.is_sorted_by(|a, b| a.1 <= b.1), "{seen:?}");
    assert_eq!(seen.last(), Some(&(6, 1.0)));
}

/// A caller who had an error while jobs waited for room in the pool's queue could begin again while those of the first
/// run were still writing into the same scratch.
#[test]
fn whoever_leaves_early_leaves_nothing_running() {
    let mut job = small(Input::file(LATE), "/out.mkv", true);
    job.outputs[0].duration = Some(2.0);
    let builder = Pool::builder(runtime().clone()).threads(1).queue_limit(1);
    let pool = builder.build().expect("the threads start");
    let segment = |scratch: &MemFs| parts(job.clone(), 6).scratch(scratch).deterministic(7);
    let (fs, scratch, other_scratch) = (films(&[LATE]), MemFs::new(), MemFs::new());
    let files = |scratch: &MemFs| -> Vec<_> {
        let entries = scratch.read_dir("/").expect("it is there").into_iter();
        let read = |name: &str| scratch.read(&format!("/{name}")).expect("it is there");
        entries
            .map(|entry| (read(entry.name.as_str()), entry.name))
            .collect()
    };
    let nothing_goes_on = |scratch: &MemFs, why: &str| {
        assert_eq!(pool.load().queued, 0, "{why}");
        let left = files(scratch);
        let wait = pool.submit(Task::call(|_| Ok(()))).expect("it is taken");
        wait.wait().expect("it is done");
        assert!(left == files(scratch), "{why}");
        assert!(!fs.exists("/out.mkv"), "{why}");
    };

    // There is progress before all six have room, which is when four are done.
    let early = |parts_done: usize| assert!(parts_done < 4, "{parts_done}");
    let token = CancelToken::new();
    let other = token.clone();
    let error = segment(&scratch)
        .cancel(token)
        .progress(move |progress| {
            if !other.is_cancelled() {
                early(progress.parts_done);
            }
            other.cancel();
        })
        .run(&pool, &fs)
        .expect_err("it was stopped");
    assert!(
        matches!(&error, SegmentError::Job(error) if matches!(**error, JobError::Cancelled { .. })),
        "{error:?}"
    );
    nothing_goes_on(&scratch, "it was cancelled");

    let panics = || {
        let segment = segment(&other_scratch).progress(move |progress| {
            early(progress.parts_done);
            panic!("the caller is broken");
        });
        segment.run(&pool, &fs)
    };
    let payload = catch_unwind(AssertUnwindSafe(panics)).expect_err("it panicked");
    assert_eq!(
        payload.downcast_ref::<&str>().copied(),
        Some("the caller is broken")
    );
    nothing_goes_on(&other_scratch, "its caller panicked");

    segment(&scratch).run(&pool, &fs).expect("it goes on");
    let unbroken = films(&[LATE]);
    segment(&MemFs::new())
        .run(&pool, &unbroken)
        .expect("it runs");
    assert!(read(&fs, "/out.mkv") == read(&unbroken, "/out.mkv"));
}

#[test]
fn a_plan_is_a_document_that_can_be_run_later() {
    let fs = films(&[OPEN_GOPS]);
    let job = small(Input::file(OPEN_GOPS), "/out.mp4", false);
    let pool = pool();
    let plan = parts(job.clone(), 3).plan(&pool, &fs).expect("it can");
    assert_eq!(plan.frames(), 50);
    assert!(plan.parts.iter().all(|part| part.at_key_frame), "{plan:?}");
    let text = serde_json::to_string(&plan).expect("it can be written");
    let again: Plan = serde_json::from_str(&text).expect("it can be read");
    assert_eq!(plan, again);
    let scratch = MemFs::new();
    let report = Segment::new(Job::new())
        .scratch(&scratch)
        .run_plan(again, &pool, &fs)
        .expect("it runs");
    let stream = &report.outputs[0].streams[0];
    assert_eq!(
        (stream.frames, stream.copied, stream.encoder.as_deref()),
        (Some(50), false, Some("libopenh264"))
    );

    // The source is another file now.
    let other = MemFs::new();
    other
        .write(OPEN_GOPS, fixture("bbb_180_h264.mp4"))
        .expect("there is room");
    let error = Segment::new(Job::new())
        .run_plan(plan.clone(), &pool, &other)
        .expect_err("it is another file");
    assert!(
        matches!(&error, SegmentError::SourceChanged { path } if path == OPEN_GOPS),
        "{error:?}"
    );
    // Parts without a plan are somebody's.
    scratch
        .write("/part-00000.mov", "a film of mine")
        .expect("there is room");
    let error = Segment::new(job.clone())
        .scratch(&scratch)
        .run(&pool, &fs)
        .expect_err("it is not empty");
    assert!(matches!(error, SegmentError::OtherPlan), "{error:?}");
    assert_eq!(
        scratch.read("/part-00000.mov").expect("it is there"),
        b"a film of mine"
    );
    // The scratch has somebody else's parts.
    scratch
        .write("/plan.json", text.replace("160:-2", "150:-2"))
        .expect("there is room");
    let error = Segment::new(job)
        .scratch(&scratch)
        .run(&pool, &fs)
        .expect_err("it is another job's");
    assert!(matches!(error, SegmentError::OtherPlan), "{error:?}");
}

#[test]
fn another_input_that_changed_is_not_put_together_with_old_parts() {
    let fs = films(&[PLAIN, "/bbb.flac", "/bbb.wav"]);
    let job = Job::new()
        .input(Input::file(PLAIN))
        .input(Input::file("/bbb.flac"))
        .output(
            Output::file("/out.mkv")
                .map("[0:v]")
                .map("[1:a]")
                .video_codec("mjpeg")
                .audio_codec("flac")
                .duration(0.4),
        );
    let pool = pool();
    let plan = parts(job.clone(), 2).plan(&pool, &fs).expect("it can");
    fs.write("/bbb.flac", fs.read("/bbb.wav").expect("it is there"))
        .expect("there is room");
    let error = parts(job, 2)
        .run_plan(plan, &pool, &fs)
        .expect_err("the sound is another");
    assert!(
        matches!(&error, SegmentError::SourceChanged { path } if path == "/bbb.flac"),
        "{error:?}"
    );
}
