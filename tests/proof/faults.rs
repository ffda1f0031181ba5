//! A storage that fails once, at each call of each job in turn: no job says that it is done.

use std::sync::{Arc, Mutex};

use afmpeg::vfs::{FaultInject, Faults, Operation, Vfs, ops};
use afmpeg::wasi::Errno;
use afmpeg::{
    Attachment, Cut, FramesJob, Input, Job, JobError, MemFs, Output, Seek, Select, Stream,
};

use crate::support::pixels::Video;
use crate::support::{fixture, runtime};

/// What a job does on a tree that fails, and what it reports where that matters.
type Work = Box<dyn Fn(&FaultInject) -> Result<String, JobError>>;

fn process(job: Job) -> Work {
    let job = job.bitexact();
    Box::new(move |fs| runtime().process(fs, &job).map(|_| String::new()))
}

fn probe(path: &'static str) -> Work {
    Box::new(move |fs| {
        let mut report = runtime().probe(fs, path)?;
        // Left out when the tree does not tell it.
        (report.size, report.bit_rate) = (None, None);
        Ok(format!("{report:?}"))
    })
}

/// A clip of a few frames with sound, and raw frames.
fn inputs() -> MemFs {
    let fs = MemFs::new();
    let source = Video::synthetic(32, 32, 4);
    fs.write("/sound.wav", fixture("bbb.wav")).expect("room");
    let job = Job::new()
        .input(source.input(&fs, "/in.yuv", 25))
        .input(Input::file("/sound.wav"))
        .filter("[0:v]null[v];[1:a]atrim=end=0.16[a]")
        .output(
            Output::file("/in.mp4")
                .map("[v]")
                .map("[a]")
                .video_codec("libopenh264")
                .audio_codec("aac"),
        );
    runtime().process(&fs, &job).expect("the clip is made");
    // Of several reads each, with an index at the end or places to look at there.
    for name in [
        "bbb_180_h264.mp4",
        "bbb_180_bframes_subs.mkv",
        "bbb.ogg",
        "bbb.mp3",
        "bbb_180_vp9.webm",
    ] {
        fs.write(&format!("/{name}"), fixture(name)).expect("room");
    }
    fs
}

fn jobs() -> Vec<(&'static str, Work)> {
    let input = || Input::file("/in.mp4");
    let raw = Input::file("/in.yuv")
        .format("rawvideo")
        .option("video_size", "32x32")
        .option("pixel_format", "yuv420p");
    let copy = |input: Input, path: &str| {
        let output = Output::file(path).map("0:v").map("0:a");
        let output = output.video_codec("copy").audio_codec("copy");
        Job::new().input(input).output(output)
    };
    let sequence = Output::file("/p%d.yuv")
        .format("image2")
        .stream(Stream::new("[0:v]").codec("rawvideo"));
    let encode = Output::file("/out.mov")
        .map("[v]")
        .map("[a]")
        .video_codec("mjpeg")
        .audio_codec("pcm_s16le")
        .format_option("movflags", "faststart");
    let video = |input: Input| {
        let output = Output::file("/out.mkv").map("0:v").video_codec("copy");
        Job::new().input(input).output(output)
    };
    let joined = Input::concat(["/in.mp4", "/bbb_180_h264.mp4"]);
    let sound = Output::file("/out.mkv").map("0:a").audio_codec("copy");
    vec![
        ("probe of MP4", probe("/bbb_180_h264.mp4")),
        ("probe of Ogg", probe("/bbb.ogg")),
        ("remux to Matroska", process(copy(input(), "/out.mkv"))),
        (
            "remux of WebM",
            process(video(Input::file("/bbb_180_vp9.webm"))),
        ),
        (
            "remux of MP3",
            process(Job::new().input(Input::file("/bbb.mp3")).output(sound)),
        ),
        ("join", process(video(joined))),
        (
            "join with sound",
            process(copy(Input::concat(["/in.mp4", "/in.mp4"]), "/out.mp4")),
        ),
        ("repeat", process(copy(input().repeat(1), "/out.mkv"))),
        (
            "smart cut",
            process(
                Job::new()
                    .input(Input::file("/bbb_180_h264.mp4").seek(Seek::accurate(1.84)))
                    .output(
                        Output::file("/out.mp4")
                            .map("0:v")
                            .duration(0.12)
                            .cut(Cut::Smart),
                    ),
            ),
        ),
        (
            "text, and a file beside it",
            process(
                Job::new()
                    .input(Input::file("/bbb_180_bframes_subs.mkv"))
                    .output(
                        Output::file("/out.mkv")
                            .map("0:s")
                            .subtitle_codec("copy")
                            .attachment(Attachment::file("/bbb.ogg").mime("audio/ogg")),
                    ),
            ),
        ),
        (
            "transcode",
            process(
                Job::new()
                    .input(input())
                    .filter("[0:v]null[v];[0:a]anull[a]")
                    .output(encode),
            ),
        ),
        ("sequence", process(Job::new().input(raw).output(sequence))),
        (
            "frames",
            Box::new(|fs: &FaultInject| {
                let select = Select::Interval(0.08);
                let job = FramesJob::new("/in.mp4", "/f%d.png", select);
                runtime().frames(fs, &job).map(|_| String::new())
            }),
        ),
    ]
}

/// Every file of the root, with its bytes.
fn files(fs: &MemFs) -> Vec<(String, Vec<u8>)> {
    let entries = ops::read_dir(&fs.root(), "/").expect("the tree itself does not fail");
    let mut files: Vec<(String, Vec<u8>)> = entries
        .into_iter()
        .map(|entry| format!("/{}", entry.name))
        .map(|path| (path.clone(), fs.read(&path).expect("a file")))
        .collect();
    files.sort();
    files
}

/// A look at what may be missing need not end a job, which then does all that it does without the fault.
/// Whatever else fails, the job fails, with a storage error.
#[test]
fn every_call_that_fails_fails_its_job() {
    let source = inputs();
    for (name, work) in jobs() {
        let (mut whole, mut reads, mut writes) = (None, 0, 0);
        for n in 0.. {
            let fs = source.snapshot();
            let hit = Arc::new(Mutex::new(None));
            let seen = Arc::clone(&hit);
            let plan = Faults::none().when(move |call, number| {
                (number == n).then(|| {
                    let what = (call.operation(), call.path());
                    *seen.lock().expect("nobody panics with it") = Some(what);
                    Errno::Io
                })
            });
            let result = work(&FaultInject::new(&fs, plan));
            let Some((operation, path)) = hit.lock().expect("nobody panics with it").take() else {
                // Before the first call and behind the last one.
                let done = (result.expect("nothing failed"), files(&fs));
                match &whole {
                    None => whole = Some(done),
                    Some(whole) => {
                        assert!(*whole == done, "{name} does the same each time");
                        break;
                    }
                }
                continue;
            };
            let what = format!("{name}, call {n}: {operation:?} of {path}");
            match (result, operation) {
                (Ok(report), Operation::Stat | Operation::ReadDir | Operation::OpenDir) => {
                    let whole = whole.as_ref().expect("it was done first");
                    assert!(*whole == (report, files(&fs)), "{what}: another result");
                }
                (Err(JobError::Storage { .. }), _) => {}
                (result, _) => panic!("{what}: {result:?}"),
            }
            reads += u32::from(operation == Operation::Read);
            writes += u32::from(operation == Operation::Write);
        }
        let least = u32::from(!name.starts_with("probe"));
        assert!(reads >= 1 && writes >= least, "{name}: {reads}, {writes}");
    }
}

/// A read or a write may move less than it was asked to, and the rest has to follow.
#[test]
fn short_reads_and_writes_lose_nothing() {
    let source = inputs();
    for (name, work) in jobs() {
        let results = [Faults::none(), Faults::none().short_transfers(3)].map(|plan| {
            let fs = source.snapshot();
            let report = work(&FaultInject::new(&fs, plan)).expect("the job is done");
            (report, files(&fs))
        });
        assert!(results[0] == results[1], "{name}");
    }
}
