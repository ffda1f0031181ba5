//! What cannot be done in parts, and parts that fail.

use afmpeg::{Input, Job, JobError, MemFs, Output, Pool, RateMode, Seek, SegmentError, Stream};

use crate::support::{fixture, runtime};
use crate::{LATE, films, parts, pool, small};

#[test]
fn a_part_that_fails_is_noticed_while_others_have_no_room() {
    let mut job = small(Input::file(LATE), "/out.mkv", true);
    job.outputs[0].audio_codec = Some("no_such_codec".to_owned());
    let builder = Pool::builder(runtime().clone()).threads(1).queue_limit(1);
    let pool = builder.build().expect("the threads start");
    let (fs, scratch) = (films(&[LATE]), MemFs::new());
    let error = parts(job, 8)
        .scratch(&scratch)
        .run(&pool, &fs)
        .expect_err("the sound cannot be made");
    assert!(
        matches!(&error, SegmentError::Part { part: None, .. }),
        "{error:?}"
    );
    assert_eq!(pool.load().queued, 0);
    let entries = scratch.read_dir("/").expect("it is there");
    let names = entries.iter().map(|entry| entry.name.as_str());
    let done = names.filter(|name| name.ends_with(".mov.json")).count();
    assert!(done < 4, "{done} parts were done in vain");
}

#[test]
fn what_cannot_be_done_in_parts_is_refused_with_the_reason() {
    let fs = films(&[LATE]);
    let pool = pool();
    let base = || small(Input::file(LATE), "/out.mp4", true);
    let graph = |graph: &str| {
        let mut job = base();
        job.filter = Some(format!("{graph};[0:a]anull[a]"));
        job
    };
    let with = |change: &dyn Fn(&mut Job)| {
        let mut job = base();
        change(&mut job);
        job
    };
    let cases = [
        (graph("[0:v]fps=12[v]"), "filter", "those before"),
        (graph("[0:v]fade=in:0:25[v]"), "filter", "time since"),
        (graph("[0:v]crop=100:100:t*10:0[v]"), "filter", "`t`"),
        (graph("[0:v]split[v][w]"), "filter", "[w]"),
        (graph("[0:v][1:v]overlay[v]"), "filter", "[1:v]"),
        (
            with(&|job| job.outputs[0].copy_ts = true),
            "outputs[0].copy_ts",
            "time line",
        ),
        (
            with(&|job| job.inputs[0].seek = Some(Seek::fast(1.0))),
            "inputs[0].seek.mode",
            "accurate",
        ),
        (
            with(&|job| job.inputs[0].repeat = Some(2)),
            "inputs[0].loop",
            "repeated",
        ),
        (
            with(&|job| {
                job.outputs[0].options.insert("b".into(), "1M".into());
            }),
            "outputs[0].options",
            "video_options",
        ),
        (
            with(&|job| job.outputs[0].map = vec!["[a]".into(), "0:v".into()]),
            "outputs[0]",
            "no video is encoded",
        ),
        (
            with(&|job| job.outputs[0].path = "/out.m3u8".into()),
            "outputs[0].format",
            "several files",
        ),
        (
            with(&|job| job.outputs[0].path = "/out.ts".into()),
            "outputs[0].format",
            "transport stream",
        ),
        (
            with(&|job| {
                job.outputs[0] = job.outputs[0]
                    .clone()
                    .format_option("movflags", "+empty_moov")
            }),
            "outputs[0].format_options.movflags",
            "times",
        ),
        (
            with(&|job| job.inputs[0] = Input::stream(LATE)),
            "inputs[0].options.seekable",
            "read once",
        ),
        (
            with(&|job| job.outputs.push(Output::file("/two.mp4").map("0:a"))),
            "outputs",
            "one output",
        ),
        (
            with(&|job| {
                let stream = Stream::new("[v]").rate_mode(RateMode::Cfr);
                job.outputs[0] = Output::file("/out.mp4").stream(stream);
                job.filter = Some("[0:v]null[v]".into());
            }),
            "outputs[0].streams[0].frame_rate",
            "repeated",
        ),
        (
            Job::new()
                .input(Input::lavfi("testsrc2=duration=3"))
                .filter("[0:v]null[v]")
                .output(Output::file("/out.mp4").map("[v]")),
            "inputs[0].format",
            "generated",
        ),
    ];
    for (mut job, at, word) in cases {
        if job.filter.as_deref().is_some_and(|f| f.contains("[1:v]")) {
            job.inputs.push(Input::file(LATE));
        }
        let error = parts(job, 2).plan(&pool, &fs).expect_err(word);
        let SegmentError::Refused { field, reason } = &error else {
            panic!("{word}: {error:?}");
        };
        assert_eq!(field, at, "{reason}");
        assert!(reason.contains(word), "{reason}");
    }
}

#[test]
fn a_damaged_source_is_an_error_and_leaves_nothing() {
    let whole = fixture("bbb_180_opengop.mp4");
    let fs = MemFs::new();
    // Noise in the pictures of the second half; where they are is known as before.
    let mut bytes = whole.clone();
    let noise = whole.len() / 2..whole.len() * 3 / 4;
    for (nth, byte) in bytes[noise].iter_mut().enumerate() {
        *byte = u8::try_from(nth * 151 % 251).expect("it is small");
    }
    fs.write("/in.mp4", bytes).expect("there is room");
    let job = small(Input::file("/in.mp4"), "/out.mp4", false);
    runtime()
        .process(&fs.snapshot(), &job)
        .expect_err("it fails in one piece too");
    let scratch = MemFs::new();
    let error = parts(job, 3)
        .scratch(&scratch)
        .run(&pool(), &fs)
        .expect_err("it is damaged");
    assert!(
        matches!(
            &error,
            SegmentError::Part { part: Some(1..), error } if matches!(**error, JobError::Guest { .. })
        ),
        "{error:?}"
    );
    assert!(!fs.exists("/out.mp4"));
    assert!(scratch.exists("/plan.json"));

    fs.write("/cut.mp4", &whole[..whole.len() / 2])
        .expect("there is room");
    let job = small(Input::file("/cut.mp4"), "/out.mp4", false);
    let error = parts(job, 3).run(&pool(), &fs).expect_err("it is cut");
    assert!(matches!(error, SegmentError::Job(_)), "{error:?}");
}
