//! The engine alone, as a host would run it that does not look behind it: what it says of a failure by its exit code
//! and its reply.

use std::sync::atomic::{AtomicU64, Ordering};

use afmpeg::vfs::{FaultInject, Faults, Operation, Vfs};
use afmpeg::wasi::Errno;
use afmpeg::{Input, Job, JobError, MemFs, Output};
use serde_json::{Value, json};

use crate::support::{fs_with, runtime};

/// Error codes of the libraries: the numbers of WASI, less than 0, and one of their own.
const INVAL: i32 = -28;
const IO: i32 = -29;
const NOENT: i32 = -44;
const NOSPC: i32 = -51;
const INVALID_DATA: i32 = -1_094_995_529;

/// Runs a document without the library's checks before it and behind it: the exit code and the reply.
pub(crate) fn run(fs: &dyn Vfs, spec: &Value) -> (u32, Value) {
    let run = runtime()
        .run(fs, ["engine".to_owned(), spec.to_string()])
        .expect("it ends by itself");
    let reply = serde_json::from_slice(&run.stdout).expect("a JSON reply");
    (run.exit_code, reply)
}

/// The document of a job.
pub(crate) fn document(job: &Job) -> Value {
    serde_json::to_value(job).expect("a job can be written")
}

/// Runs a document once for each operation of a kind, in which the plan for its number has that operation fail, and
/// hands on the replies: how many there were. Without a failure the job is done.
#[track_caller]
fn with_each_failing(
    fs: &MemFs,
    spec: &Value,
    plan: impl Fn(u64) -> Faults,
    check: impl Fn(u64, u32, &Value),
) -> u64 {
    for n in 1.. {
        let faulty = FaultInject::new(fs.snapshot(), plan(n));
        let (code, reply) = run(&faulty, spec);
        if faulty.injected() == 0 {
            assert_eq!(code, 0, "nothing failed: {reply}");
            return n - 1;
        }
        check(n, code, &reply);
    }
    unreachable!("a job ends")
}

/// The `n`-th read and all that follow.
fn reads_from(n: u64) -> Faults {
    let count = AtomicU64::new(0);
    Faults::none().when(move |call, _| {
        let failed = call.operation() == Operation::Read
            && count.fetch_add(1, Ordering::Relaxed).wrapping_add(1) >= n;
        failed.then_some(Errno::Io)
    })
}

/// Jobs that read a whole file: copies, and decoders where they are quick.
fn readers() -> Vec<(&'static str, Output)> {
    let video = || Output::file("/out.mkv").map("0:v").video_codec("copy");
    let sound = || Output::file("/out.mkv").map("0:a").audio_codec("copy");
    let heard = || Output::null().map("[0:a]");
    let seen = || Output::null().map("[0:v]");
    vec![
        ("bbb_180_h264.mp4", video()),
        ("bbb_180_bframes_subs.mkv", video()),
        ("bbb_180_vp9.webm", video()),
        ("in.ts", video()),
        ("in.aac", sound()),
        ("bbb.m4a", heard()),
        ("bbb.ogg", heard()),
        ("bbb.opus", sound()),
        ("bbb.mp3", heard()),
        ("bbb.wav", heard()),
        ("bbb.flac", heard()),
        ("bbb_54.gif", seen()),
        ("bbb_180.png", seen()),
    ]
}

/// Their files.
fn sources() -> MemFs {
    let mut names: Vec<_> = readers().iter().map(|(name, _)| *name).collect();
    names.retain(|name| !name.starts_with("in."));
    let fs = fs_with(&names);
    let ts = Output::file("/in.ts").map("0:v").video_codec("copy");
    let adts = Output::file("/in.aac").map("0:a").audio_codec("copy");
    for (from, output) in [("/bbb_180_bframes_subs.mkv", ts), ("/bbb.m4a", adts)] {
        let job = Job::new().input(Input::file(from)).output(output);
        runtime().process(&fs, &job).expect("the source is made");
    }
    fs
}

/// Demuxers take a read that failed for the end of the file, or for damage. The library sees to it that no job with such a
/// read is done, whatever the engine says; other hosts have its word alone.
#[test]
fn a_read_error_is_not_the_end_of_the_file() {
    let fs = sources();
    for (name, output) in readers() {
        let job = Job::new()
            .input(Input::file(format!("/{name}")))
            .output(output);
        let mut spec = document(&job);
        let once = |n| Faults::none().nth_of(Operation::Read, n, Errno::Io);
        // These pass on the beginning of a packet, which is found to be damaged before the error is met.
        let passes_on = matches!(name, "bbb_180_h264.mp4" | "bbb.m4a" | "bbb.flac");
        let reads = with_each_failing(&fs, &spec, once, |n, code, reply| {
            let (what, error) = (format!("{name}, read {n}: {reply}"), &reply["error"]);
            assert_eq!(code, 1, "{what}");
            // What could not be read: the streams, or what is in them.
            let class = error["class"].as_str();
            assert!(matches!(class, Some("open_input" | "decode")), "{what}");
            assert_eq!(error["where"], "inputs[0]", "{what}");
            assert!(passes_on || error["av_error"] == IO, "{what}");
        });
        assert!(reads > 1, "{name}: {reads} reads");
        // Damage may be passed over, and a device that fails is none.
        spec["on_corrupt"] = json!("skip");
        with_each_failing(&fs, &spec, reads_from, |n, code, reply| {
            let class = reply["error"]["class"].as_str();
            assert_eq!(code, 1, "{name}, from read {n}: {reply}");
            assert!(matches!(class, Some("open_input" | "decode")), "{reply}");
        });
        let probe = json!({"version": 10, "op": "probe",
            "inputs": [{"path": format!("/{name}")}]});
        with_each_failing(&fs, &probe, once, |n, code, reply| {
            assert_eq!(code, 1, "probe of {name}, read {n}: {reply}");
            assert_eq!(reply["error"]["class"], "open_input", "{name}: {reply}");
            assert_eq!(reply["error"]["av_error"], IO, "{name}: {reply}");
        });
    }
}

/// A picture before the place that cannot be read is not the one that was asked for.
#[test]
fn stills_of_a_file_that_cannot_be_read_are_an_error() {
    let fs = sources();
    for (name, times) in [
        ("bbb_180_h264.mp4", json!([0, 1.96])),
        ("bbb_54.gif", json!([0, 0.9])),
        ("bbb_180.png", json!([0])),
    ] {
        let spec = json!({"version": 10, "op": "frames", "path": "/f%d.png",
            "inputs": [{"path": format!("/{name}")}], "select": {"timestamps": times}});
        let once = |n| Faults::none().nth_of(Operation::Read, n, Errno::Io);
        let reads = with_each_failing(&fs, &spec, once, |n, code, reply| {
            assert_eq!(code, 1, "{name}, read {n}: {reply}");
            assert_eq!(reply["error"]["where"], "inputs[0]", "{name}: {reply}");
        });
        assert!(reads > 1, "{name}: {reads} reads");
    }
}

/// Demuxers that find their way again after a read that failed, and jobs that end before their files do.
#[test]
fn a_read_error_that_a_demuxer_goes_on_behind_is_found() {
    let fs = sources();
    let copy = |name: &str, map: &str, end: f64| {
        let output = Output::file("/out.mkv").map(map).duration(end);
        let output = output.video_codec("copy").audio_codec("copy");
        document(
            &Job::new()
                .input(Input::file(format!("/{name}")))
                .output(output),
        )
    };
    let stills = |name: &str, times: Value| {
        json!({"version": 10, "op": "frames", "path": "/f%d.png",
            "inputs": [{"path": format!("/{name}")}], "select": {"timestamps": times}})
    };
    for spec in [
        copy("bbb_180_bframes_subs.mkv", "0:v", 1.0),
        copy("bbb_180_bframes_subs.mkv", "0:v", 1.5),
        copy("bbb_180_vp9.webm", "0:v", 1.0),
        copy("in.ts", "0:v", 1.5),
        copy("bbb.ogg", "0:a", 4.0),
        copy("bbb.flac", "0:a", 4.0),
        stills("bbb_180_bframes_subs.mkv", json!([0.9])),
        stills("bbb_180_bframes_subs.mkv", json!([3.0])),
    ] {
        let (code, whole) = run(&fs.snapshot(), &spec);
        assert_eq!(code, 0, "{whole}");
        let once = |n| Faults::none().nth_of(Operation::Read, n, Errno::Io);
        let failures = AtomicU64::new(0);
        with_each_failing(&fs, &spec, once, |n, code, reply| {
            // What was read ahead and is not needed need not be there.
            if code == 0 {
                assert_eq!(*reply, whole, "{spec}, read {n}");
                return;
            }
            failures.fetch_add(1, Ordering::Relaxed);
            assert_eq!(reply["error"]["where"], "inputs[0]", "read {n}: {reply}");
        });
        assert!(failures.into_inner() > 1, "{spec}");
    }
}

#[test]
fn a_read_error_of_a_second_file_is_found() {
    let fs = fs_with(&["bbb.wav", "bbb.m4a"]);
    let beside = Job::new()
        .input(Input::file("/bbb.wav"))
        .input(Input::file("/bbb.m4a"))
        .filter("[0:a][1:a]concat=v=0:a=1[a]")
        .output(Output::null().map("[a]"));
    let joined = Job::new()
        .input(Input::concat(["/bbb.wav", "/bbb.m4a"]))
        .output(Output::file("/out.wav").map("0:a").audio_codec("copy"));
    let again = Job::new()
        .input(Input::concat(["/bbb.m4a", "/bbb.m4a"]))
        .output(Output::file("/out.m4a").map("0:a").audio_codec("copy"));
    for (place, job) in [
        ("inputs[1]", beside),
        ("inputs[0]", joined),
        ("inputs[0]", again),
    ] {
        let spec = document(&job);
        let plan = |n| {
            let count = AtomicU64::new(0);
            Faults::none().when(move |call, _| {
                let failed = call.operation() == Operation::Read
                    && call.path() == "/bbb.m4a"
                    && count.fetch_add(1, Ordering::Relaxed) + 1 == n;
                failed.then_some(Errno::Io)
            })
        };
        let reads = with_each_failing(&fs, &spec, plan, |n, code, reply| {
            assert_eq!(code, 1, "read {n}: {reply}");
            assert_eq!(reply["error"]["where"], place, "read {n}: {reply}");
        });
        assert!(reads > 1, "{reads} reads");
    }
}

/// Every write, those of the header and the trailer and what is moved behind it included.
#[test]
fn a_write_error_is_a_storage_error() {
    let fs = fs_with(&["bbb_180_h264.mp4", "bbb.m4a"]);
    let copied = |path: &str| {
        let output = Output::file(path).map("0:v").map("1:a");
        output.video_codec("copy").audio_codec("copy")
    };
    let seen = |path: &str| Output::file(path).map("[0:v]").duration(0.2);
    for (output, least) in [
        (copied("/out.mp4"), 4),
        (copied("/out.mp4").format_option("movflags", "faststart"), 5),
        (copied("/out.mkv"), 1),
        (copied("/out.ts"), 1),
        (Output::file("/out.flac").map("[1:a]"), 3),
        (Output::file("/out.wav").map("[1:a]"), 3),
        (Output::file("/out.aac").map("1:a").audio_codec("copy"), 1),
        (Output::file("/out.ogg").map("[1:a]").audio_codec("flac"), 2),
        (seen("/out.gif"), 1),
        (seen("/out%d.png"), 5),
    ] {
        let job = Job::new()
            .input(Input::file("/bbb_180_h264.mp4"))
            .input(Input::file("/bbb.m4a"))
            .output(output);
        let spec = document(&job);
        let path = spec["outputs"][0]["path"].clone();
        for (errno, number) in [(Errno::Io, IO), (Errno::Nospc, NOSPC)] {
            let plan = |n| Faults::none().nth_of(Operation::Write, n, errno);
            let writes = with_each_failing(&fs, &spec, plan, |n, code, reply| {
                let (what, error) = (format!("{path}, write {n}: {reply}"), &reply["error"]);
                assert_eq!(code, 1, "{what}");
                assert_eq!(error["class"], "storage", "{what}");
                assert_eq!(error["where"], "outputs[0]", "{what}");
                assert_eq!(error["av_error"], number, "{what}");
            });
            assert!(writes >= least, "{path}: {writes} writes");
        }
    }
}

/// What the engine says of a failure is what the library gives: kind, place, number, and what the libraries said.
#[test]
fn an_error_has_its_class_its_place_and_its_number() {
    let fs = MemFs::new();
    fs.write("/notes.mp4", b"Dear diary, nothing happened.\n".repeat(40))
        .expect("room");
    let encode = |size: &str, path: &str, codec: &str| {
        let graph = format!("color=size={size}:duration=0.1[v]");
        let output = Output::file(path).map("[v]").video_codec(codec);
        Job::new().filter(graph).output(output)
    };
    let copy = |input: Input| {
        let output = Output::file("/out.mkv").map("0:v").video_codec("copy");
        Job::new().input(input).output(output)
    };
    for (job, class, place, number, words) in [
        (
            encode("65536x16", "/out.mkv", "mjpeg"),
            "encode",
            "outputs[0].map[0]",
            Some(INVAL),
            "JPEG does not support resolutions above 65500x65500",
        ),
        (
            encode("65536x16", "/out.gif", "gif"),
            "encode",
            "outputs[0].map[0]",
            Some(INVAL),
            "GIF does not support resolutions above 65535x65535",
        ),
        (
            copy(Input::file("/nowhere")),
            "open_input",
            "inputs[0]",
            Some(NOENT),
            "cannot open /nowhere: No such file",
        ),
        (
            copy(Input::file("/notes.mp4")),
            "open_input",
            "inputs[0]",
            Some(INVALID_DATA),
            "moov atom not found",
        ),
        (
            copy(Input::lavfi("color=size=16x16:duration=0.1")),
            "mux",
            "outputs[0]",
            Some(INVAL),
            "wrapped_avframe",
        ),
        (
            encode("16x16", "/out.mkv", "libx264"),
            "not_in_build",
            "outputs[0].map[0]",
            None,
            "libx264",
        ),
    ] {
        let (code, reply) = run(&fs.snapshot(), &document(&job));
        let error = &reply["error"];
        assert_eq!(code, 1, "{reply}");
        assert_eq!(error["class"], class, "{reply}");
        assert_eq!(error["where"], place, "{reply}");
        assert_eq!(error["av_error"], json!(number), "{reply}");
        let said = error["message"].as_str().expect("a sentence");
        assert!(said.contains(words), "{reply}");
        let typed = runtime().process(&fs, &job).expect_err("the same job");
        let JobError::Guest {
            exit,
            class: kind,
            message,
            where_,
            av_error,
            ..
        } = &typed
        else {
            panic!("a guest error, not {typed:?}")
        };
        assert_eq!((*exit, kind.as_str(), *av_error), (1, class, number));
        assert_eq!(where_.as_deref(), Some(place));
        assert!(message.contains(words), "{message}");
    }
}
