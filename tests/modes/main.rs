//! Every way to run the engine gives the same: interpreted, with host kernels, lifted, and lifted with
//! host kernels. Outputs are compared byte for byte, replies and errors word for word.

#[allow(
    dead_code,
    reason = "each test program uses its own part of the shared support"
)]
#[path = "../support/mod.rs"]
mod support;

mod decoders;
mod encoders;
mod filters;

use afmpeg::{
    FramesJob, Input, Job, JobError, MemFs, Mode, Output, ProcessReport, Runtime, Select,
};
use support::{fixture, modes, runtime_in};

/// What a job left: its files by name, or its error; and what the engine said meanwhile.
#[derive(Debug, PartialEq)]
struct Outcome {
    result: Result<Vec<(String, Vec<u8>)>, String>,
    reply: String,
}

/// Runs `job` in every mode over a fresh filesystem and compares with the first mode.
#[track_caller]
fn same_in_every_mode(files: &[(&str, Vec<u8>)], job: impl Fn(&Runtime, &MemFs) -> Outcome) {
    let mut first: Option<Outcome> = None;
    for &mode in modes() {
        let fs = MemFs::new();
        for (name, bytes) in files {
            fs.write(name, bytes.clone())
                .expect("an empty MemFs takes it");
        }
        let outcome = job(&runtime(mode), &fs);
        match &first {
            None => first = Some(outcome),
            Some(first) => {
                assert_eq!(first.reply, outcome.reply, "{mode}: another reply");
                assert!(first.result == outcome.result, "{mode}: other bytes");
            }
        }
    }
}

/// As [`same_in_every_mode`], of a job that every mode must finish.
#[track_caller]
fn done_alike_in_every_mode(files: &[(&str, Vec<u8>)], job: impl Fn(&Runtime, &MemFs) -> Outcome) {
    same_in_every_mode(files, |runtime, fs| {
        let outcome = job(runtime, fs);
        if let Err(error) = &outcome.result {
            panic!("{}: {error}\n{}", runtime.mode(), outcome.reply);
        }
        outcome
    });
}

/// One runtime for each mode, made once.
fn runtime(mode: Mode) -> Runtime {
    static RUNTIMES: std::sync::Mutex<Vec<(Mode, Runtime)>> = std::sync::Mutex::new(Vec::new());
    let mut runtimes = RUNTIMES.lock().expect("no test panics with it");
    if let Some((_, runtime)) = runtimes.iter().find(|(known, _)| *known == mode) {
        return runtime.clone();
    }
    let runtime = runtime_in(mode);
    assert_eq!(runtime.mode(), mode);
    runtimes.push((mode, runtime.clone()));
    runtime
}

fn process(job: Job, outputs: &'static [&'static str]) -> impl Fn(&Runtime, &MemFs) -> Outcome {
    move |runtime, fs| {
        let log = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
        let sink = log.clone();
        let result = runtime
            .invocation(fs)
            .deterministic(3)
            .log(move |line| {
                let mut log = sink.lock().expect("no writer panics");
                log.push_str(line);
                log.push('\n');
            })
            .process(&job);
        let log = log.lock().expect("no writer panics").clone();
        outcome(fs, result, outputs, &log)
    }
}

fn outcome(
    fs: &MemFs,
    result: Result<ProcessReport, JobError>,
    outputs: &[&str],
    log: &str,
) -> Outcome {
    match result {
        Ok(report) => Outcome {
            result: Ok(outputs
                .iter()
                .map(|name| {
                    (
                        (*name).to_owned(),
                        fs.read(name).expect("the output is there"),
                    )
                })
                .collect()),
            // Work is counted differently when code is interpreted.
            reply: format!("{:?} {:?} {log}", report.outputs, report.warnings),
        },
        Err(error) => Outcome {
            result: Err(error.to_string()),
            reply: log.to_owned(),
        },
    }
}

fn clip(name: &str) -> (String, Vec<u8>) {
    (format!("/{name}"), fixture(name))
}

#[track_caller]
fn transcodes_alike(input: &str, job: Job, outputs: &'static [&'static str]) {
    let (name, bytes) = clip(input);
    done_alike_in_every_mode(&[(&name, bytes)], process(job, outputs));
}

#[test]
fn h264_to_h264_and_aac() {
    let job = Job::new()
        .input(Input::file("/bbb_180_bframes_subs.mkv"))
        .filter("[0:v]trim=end_frame=40,scale=240:136[v];[0:a]atrim=end=1.5[a]")
        .output(
            Output::file("/out.mp4")
                .map("[v]")
                .map("[a]")
                .video_codec("libopenh264")
                .audio_codec("aac"),
        );
    transcodes_alike("bbb_180_bframes_subs.mkv", job, &["/out.mp4"]);
}

#[test]
fn large_h264_scaled_to_jpeg_pictures() {
    let job = Job::new()
        .input(Input::file("/bbb_720p_h264_aac51.mp4"))
        .filter("[0:v]trim=end_frame=12,scale=320:-2:flags=bicubic[v]")
        .output(
            Output::file("/out.avi")
                .format("matroska")
                .map("[v]")
                .video_codec("mjpeg"),
        );
    transcodes_alike("bbb_720p_h264_aac51.mp4", job, &["/out.avi"]);
}

#[test]
fn vp9_to_png_pictures_of_rgb() {
    let job = Job::new()
        .input(Input::file("/bbb_180_vp9.webm"))
        .filter("[0:v]trim=end_frame=8,format=rgb24[v]")
        .output(Output::file("/out.mkv").map("[v]").video_codec("png"));
    transcodes_alike("bbb_180_vp9.webm", job, &["/out.mkv"]);
}

#[test]
fn mp3_to_aac_and_flac() {
    let job = Job::new()
        .input(Input::file("/bbb.mp3"))
        .filter("[0:a]atrim=end=2,asplit[a][b];[b]aresample=22050,volume=0.5[c]")
        .output(Output::file("/out.m4a").map("[a]").audio_codec("aac"))
        .output(Output::file("/out.flac").map("[c]").audio_codec("flac"));
    transcodes_alike("bbb.mp3", job, &["/out.m4a", "/out.flac"]);
}

#[test]
fn two_clips_faded_and_mixed() {
    let job = Job::new()
        .input(Input::file("/bbb_180_h264.mp4"))
        .input(Input::file("/bbb.ogg"))
        .filter(
            "[0:v]split[x][y];[x]trim=end=1,settb=1/25,fps=25[p];\
             [y]trim=end=1,setpts=PTS-STARTPTS,hflip,settb=1/25,fps=25[q];\
             [p][q]xfade=duration=0.5:offset=0.5[v];\
             [1:a]asplit[a][b];[b]adelay=200[b2];[a][b2]amix,atrim=end=1[m]",
        )
        .output(
            Output::file("/out.mkv")
                .map("[v]")
                .map("[m]")
                .video_codec("libopenh264")
                .audio_codec("aac"),
        );
    done_alike_in_every_mode(
        &[
            ("/bbb_180_h264.mp4", fixture("bbb_180_h264.mp4")),
            ("/bbb.ogg", fixture("bbb.ogg")),
        ],
        process(job, &["/out.mkv"]),
    );
}

#[test]
fn a_thumbnail_and_a_report() {
    done_alike_in_every_mode(
        &[("/in.mp4", fixture("bbb_720p_h264_aac51.mp4"))],
        |runtime, fs| {
            let frames =
                FramesJob::new("/in.mp4", "/thumb.png", Select::Timestamp(1.5)).scale("320:-2");
            let taken = runtime
                .frames(fs, &frames)
                .map_err(|error| error.to_string());
            let probed = runtime
                .probe(fs, "/in.mp4")
                .map_err(|error| error.to_string());
            Outcome {
                result: taken.map(|_| {
                    vec![(
                        "/thumb.png".to_owned(),
                        fs.read("/thumb.png").expect("it is there"),
                    )]
                }),
                reply: format!("{probed:?}"),
            }
        },
    );
}

/// Damage of every kind: what is decoded of it, and what is said about it, is the same.
#[test]
fn damaged_media() {
    for (name, seed) in [
        ("bbb_180_h264.mp4", 1_u64),
        ("bbb_180_h264.mp4", 2),
        ("bbb_180_bframes_subs.mkv", 3),
        ("bbb_180_vp9.webm", 4),
        ("bbb.mp3", 5),
        ("bbb.ogg", 6),
        ("bbb.flac", 7),
    ] {
        let mut bytes = fixture(name);
        let mut state = seed;
        for _ in 0..40 {
            // Numerical Recipes' generator: any will do that is the same everywhere.
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let at = 600 + (state >> 8) as usize % (bytes.len() - 600);
            bytes[at] ^= (state >> 3) as u8 | 1;
        }
        bytes.truncate(bytes.len() * 9 / 10);
        let path = format!("/{name}");
        let is_video = !name.starts_with("bbb.");
        let output = Output::file("/out.mkv");
        let output = if is_video {
            output.map("0:v").video_codec("rawvideo")
        } else {
            output.map("0:a").audio_codec("pcm_s16le")
        };
        let job = Job::new().input(Input::file(&path)).output(output);
        same_in_every_mode(&[(&path, bytes)], process(job, &["/out.mkv"]));
    }
}

#[test]
fn an_unknown_mode_of_an_engine_is_refused_by_name() {
    if cfg!(afmpeg_pack) {
        return;
    }
    let path = support::engine_path();
    let engine = afmpeg::Engine::open(path).expect("it opens");
    let error = Runtime::with_mode(engine, Mode::Fast).expect_err("there is no pack");
    assert_eq!(
        error.to_string(),
        "the mode fast needs a pack of lifted code, which is not there"
    );
}
