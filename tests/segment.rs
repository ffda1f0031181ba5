//! Jobs in parts against the same jobs in one piece, with the real engine.

#[allow(
    dead_code,
    reason = "each test binary uses a part of the shared support"
)]
mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use afmpeg::segment::Plan;
use afmpeg::{
    CancelToken, Chapter, Chapters, Input, Job, JobError, MemFs, Output, Pool, RateMode, Seek,
    Segment, SegmentError, Stream, Task,
};

use support::mp4::{Parsed, ParsedTrack};
use support::{fixture, fs_with, mkv, pixels, read, runtime};

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

#[test]
fn open_groups_of_pictures_lose_no_frame_and_no_quality() {
    let fs = films(&[OPEN_GOPS]);
    let job = small(Input::file(OPEN_GOPS), "/out.mp4", false);
    let (whole, split) = both(&job, &fs, 2);
    let (whole_mp4, split_mp4) = (Parsed::new(&whole), Parsed::new(&split));
    same_times(whole_mp4.video(), split_mp4.video());
    let keys = |parsed: &Parsed| {
        let samples = &parsed.video().samples;
        samples.iter().filter(|sample| sample.is_sync).count()
    };
    assert_eq!((keys(&whole_mp4), keys(&split_mp4)), (1, 2));
    // What both were made of.
    let raw = Job::new()
        .input(Input::file(OPEN_GOPS))
        .filter("[0:v]scale=160:-2,format=yuv420p[v]")
        .output(Output::file("/raw.yuv").format("rawvideo").map("[v]"));
    runtime().process(&fs, &raw).expect("it decodes");
    let source = pixels::Video::from_raw(160, 90, read(&fs, "/raw.yuv"));
    let quality = |bytes: &[u8]| {
        let fs = MemFs::new();
        fs.write("/it.mp4", bytes).expect("there is room");
        let video = pixels::decode(&fs, "/it.mp4", 160, 90);
        assert_eq!(video.len(), source.len());
        pixels::psnr(&video.data, &source.data)
    };
    let (one, many) = (quality(&whole), quality(&split));
    assert!(
        many > one - 0.1,
        "{one:.2} dB in one piece, {many:.2} dB in parts"
    );
}

#[test]
fn video_that_begins_late_stays_beside_its_sound() {
    let fs = films(&[LATE]);
    let mut job = small(Input::file(LATE), "/out.mp4", true);
    job.outputs[0].duration = Some(1.5);
    let (whole, split) = both(&job, &fs, 3);
    let (whole, split) = (Parsed::new(&whole), Parsed::new(&split));
    assert!(whole.video().start() > 0.0, "the source is not what it was");
    same_times(whole.video(), split.video());
    same_times(whole.audio(), split.audio());
    let packets = |parsed: &Parsed| -> Vec<Vec<u8>> {
        let samples = parsed.audio().samples.iter();
        samples.map(|sample| sample.data.clone()).collect()
    };
    assert!(packets(&whole) == packets(&split), "the sound is another");
}

#[test]
fn matroska_keeps_tags_subtitles_chapters_and_times() {
    let fs = films(&[LATE]);
    let mut job = small(Input::file(LATE), "/out.mkv", true);
    job.outputs[0].map.insert(0, "0:s".to_owned());
    job.outputs[0] = job.outputs[0]
        .clone()
        .metadata("title", "In parts")
        .chapters(Chapters::List(vec![
            Chapter::new(0.0, "one"),
            Chapter::new(0.7, "two"),
        ]))
        .duration(1.4);
    let (whole, split) = both(&job, &fs, 2);
    let (one, many) = (mkv::Parsed::new(&whole), mkv::Parsed::new(&split));
    assert_eq!(one.tracks.len(), 3);
    for (a, b) in one.tracks.iter().zip(&many.tracks) {
        assert_eq!((&a.codec, a.kind), (&b.codec, b.kind));
        assert_eq!(a.times, b.times, "{}", a.codec);
    }
    assert_eq!(one.duration, many.duration);
    fs.write("/whole.mkv", whole).expect("there is room");
    let probe = |path: &str| runtime().probe(&fs, path).expect("it is a file");
    let (one, many) = (probe("/whole.mkv"), probe("/out.mkv"));
    assert_eq!(one.chapters, many.chapters);
    assert_eq!(one.chapters.len(), 2);
    assert_eq!(one.tags, many.tags);
    let told = |report: &afmpeg::ProbeReport| -> Vec<_> {
        let streams = report.streams.iter();
        streams
            .map(|s| (s.language.clone(), s.disposition.clone()))
            .collect()
    };
    assert_eq!(told(&one), told(&many));
}

#[test]
fn a_window_and_an_accurate_seek_end_at_the_same_frames() {
    let fs = films(&[LATE]);
    let input = Input::file(LATE).seek(Seek::accurate(0.7));
    let mut job = small(input, "/out.mp4", true);
    job.outputs[0].duration = Some(1.2);
    let (whole, split) = both(&job, &fs, 4);
    let (whole, split) = (Parsed::new(&whole), Parsed::new(&split));
    assert_eq!(whole.video().samples.len(), 30);
    same_times(whole.video(), split.video());
    same_times(whole.audio(), split.audio());
}

#[test]
fn the_full_form_and_other_inputs_of_the_sound() {
    let fs = films(&[PLAIN, "/bbb.flac"]);
    let job = Job::new()
        .input(Input::file(PLAIN))
        .input(Input::file("/bbb.flac"))
        .filter("[0:v]hflip,split[x][y];[y]vflip[z];[x][z]hstack[v];[1:a]atempo=1.25[a]")
        .output(
            Output::file("/out.mov")
                .stream(Stream::new("[a]").codec("flac").language("deu"))
                .stream(
                    Stream::new("[v]")
                        .codec("mjpeg")
                        .option("q:v", "5")
                        .language("eng")
                        .disposition("default"),
                )
                .format("matroska")
                .duration(1.5),
        );
    let mut job = job;
    job.outputs[0].streams[1].options.clear();
    job.outputs[0].path = "/out.mkv".to_owned();
    let (whole, split) = both(&job, &fs, 3);
    let (whole, split) = (mkv::Parsed::new(&whole), mkv::Parsed::new(&split));
    // Every picture is its own: they are the same bytes, wherever the job was cut.
    for (a, b) in whole.tracks.iter().zip(&split.tracks) {
        assert_eq!(a.times, b.times, "{}", a.codec);
        assert!(a.packets == b.packets, "{}", a.codec);
    }
    let probe = runtime().probe(&fs, "/out.mkv").expect("it is a file");
    let languages: Vec<_> = probe.streams.iter().map(|s| s.language.clone()).collect();
    assert_eq!(languages, [Some("deu".to_owned()), Some("eng".to_owned())]);
}

#[test]
fn streams_that_are_encoded_without_filters() {
    let fs = films(&[LATE]);
    let job = Job::new().input(Input::file(LATE)).output(
        Output::file("/out.mkv")
            .map("[0:a]")
            .map("[0:v]")
            .video_codec("mjpeg")
            .audio_codec("flac")
            .duration(0.6),
    );
    let (whole, split) = both(&job, &fs, 2);
    let (whole, split) = (mkv::Parsed::new(&whole), mkv::Parsed::new(&split));
    for (a, b) in whole.tracks.iter().zip(&split.tracks) {
        assert_eq!(a.times, b.times, "{}", a.codec);
        assert!(a.packets == b.packets, "{}", a.codec);
    }
    assert_eq!(whole.tracks[1].times.len(), 15);
}

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

    let (token, stop) = (CancelToken::new(), CancelToken::new());
    let other = token.clone();
    let error = std::thread::scope(|scope| {
        scope.spawn(|| {
            // One job runs, one waits, and six have no room.
            while pool.load().queued == 0 && !stop.is_cancelled() {
                std::thread::yield_now();
            }
            other.cancel();
        });
        let result = segment(&scratch).cancel(token).run(&pool, &fs);
        stop.cancel();
        result.expect_err("it was stopped")
    });
    assert!(
        matches!(&error, SegmentError::Job(error) if matches!(**error, JobError::Cancelled { .. })),
        "{error:?}"
    );
    nothing_goes_on(&scratch, "it was cancelled");

    let panics = || {
        let segment = segment(&other_scratch).progress(|progress| {
            // There is progress before all six have room, which is when four are done.
            assert!(progress.parts_done < 4, "{}", progress.parts_done);
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
fn the_report_tells_what_all_parts_took() {
    let fs = films(&[PLAIN]);
    let job = small(Input::file(PLAIN), "/out.mp4", false);
    let whole = runtime()
        .process(&fs.snapshot(), &job)
        .expect("the job runs")
        .usage;
    let report = parts(job, 3).run(&pool(), &fs).expect("the parts run");
    let used = report.usage;
    // Each part has the work of its frames, and that of opening the files.
    assert!(
        used.fuel > whole.fuel && used.fuel < 3 * whole.fuel,
        "{used:?}, and {whole:?} in one piece"
    );
    // Each has a memory of its own.
    assert!(
        used.peak_memory > whole.peak_memory / 2 && used.peak_memory < 2 * whole.peak_memory,
        "{used:?}, and {whole:?} in one piece"
    );
    // The parts, and the output that is copied from them.
    let size = report.outputs[0].size.expect("it is told");
    assert!(used.bytes_written > size * 3 / 2, "{used:?}, {size} bytes");
    assert!(
        used.bytes_read > whole.bytes_read,
        "{used:?}, and {whole:?} in one piece"
    );
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
