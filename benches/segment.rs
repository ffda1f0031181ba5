//! One transcode in parts on two threads against the same in one piece on one: time, quality, frames.
//!
//! Run with `cargo bench --bench segment`, which prints a line of JSON. It fails when the two outputs differ in a frame
//! or a time, when the parts are over 0.1 dB worse, or when two threads on two processors are not 1.8 times as fast;
//! with `--speedup`, for the race, the last is only told. The engine is `$AFMPEG_ENGINE` or the one that `cargo
//! xtask engine` left in `target/engine/`.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Instant;

use afmpeg::{Engine, Input, Job, MemFs, Output, Pool, Runtime, Segment};
use serde_json::json;

type Failure = Box<dyn Error>;

/// The smallest time of so many is kept.
const ROUNDS: usize = 3;

/// How much worse the parts may be, in dB.
const TOLERANCE: f64 = 0.1;

/// How many times as fast two threads are at least, where they have a processor each.
const SPEEDUP: f64 = 1.8;

const WIDTH: usize = 320;
const HEIGHT: usize = 180;

fn main() -> Result<(), Failure> {
    let runtime = Runtime::new(Engine::open(engine_path())?)?;
    let fs = film(&runtime)?;
    let mut best = [f64::INFINITY; 3];
    for _ in 0..ROUNDS {
        let whole = timed(|| {
            runtime.process(&fs, &job("/whole.mkv"))?;
            Ok(())
        })?;
        let one = timed(|| in_parts(&runtime, &fs, 1))?;
        let two = timed(|| in_parts(&runtime, &fs, 2))?;
        for (best, time) in best.iter_mut().zip([whole, one, two]) {
            *best = best.min(time);
        }
    }
    let [whole, one, two] = best;
    let [whole_db, parts_db] = compare(&runtime, &fs)?;
    println!(
        "{}",
        json!({"rounds": ROUNDS, "wall_s": {"whole": whole, "1": one, "2": two}, "speedup": whole / two,
            "psnr_db": {"whole": whole_db, "parts": parts_db}})
    );
    if parts_db < whole_db - TOLERANCE {
        return Err("the parts are worse than the whole".into());
    }
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let told = std::env::args().any(|argument| argument == "--speedup");
    if !told && cores >= 2 && whole < SPEEDUP * two {
        return Err(format!("two threads are only {:.2} times as fast", whole / two).into());
    }
    Ok(())
}

/// Some 32 seconds of a film with its sound, and a key frame every two seconds.
fn film(runtime: &Runtime) -> Result<MemFs, Failure> {
    let fs = MemFs::new();
    let clip = workspace().join("tests/fixtures/bbb_720p_h264_aac51.mp4");
    fs.write("/clip.mp4", fs::read(clip)?)?;
    let job = Job::new()
        .input(Input::file("/clip.mp4").repeat(5))
        .filter("[0:v]scale=640:-2[v];[0:a]aformat=channel_layouts=stereo[a]")
        .output(
            Output::file("/film.mp4")
                .map("[v]")
                .map("[a]")
                .video_codec("libopenh264")
                .video_option("b", "2M")
                .video_option("g", 50)
                .audio_codec("aac"),
        );
    runtime.process(&fs, &job)?;
    Ok(fs)
}

fn job(path: &str) -> Job {
    Job::new()
        .input(Input::file("/film.mp4"))
        .filter(format!("[0:v]scale={WIDTH}:{HEIGHT}[v];[0:a]volume=0.8[a]"))
        .output(
            Output::file(path)
                .map("[v]")
                .map("[a]")
                .video_codec("libopenh264")
                .video_option("b", "600k")
                .audio_codec("aac"),
        )
}

fn in_parts(runtime: &Runtime, fs: &MemFs, threads: usize) -> Result<(), Failure> {
    let pool = Pool::builder(runtime.clone()).threads(threads).build()?;
    Segment::new(job("/parts.mkv")).run(&pool, fs)?;
    Ok(())
}

fn timed(work: impl FnOnce() -> Result<(), Failure>) -> Result<f64, Failure> {
    let started = Instant::now();
    work()?;
    Ok(started.elapsed().as_secs_f64())
}

/// The quality of both outputs in dB, after a look at their frames and times.
fn compare(runtime: &Runtime, fs: &MemFs) -> Result<[f64; 2], Failure> {
    let packets = |path: &str| -> Result<Vec<String>, Failure> {
        let list = Output::file("/packets").format("framecrc");
        let job = Job::new()
            .input(Input::file(path))
            .output(list.map("0:v").map("0:a"));
        runtime.process(fs, &job)?;
        let text = String::from_utf8(fs.read("/packets")?)?;
        let packets = text.lines().filter(|line| !line.starts_with('#'));
        // Stream, decode time, time, duration.
        let times = packets.map(|line| line.split(',').take(4).map(str::trim).collect::<Vec<_>>());
        Ok(times.map(|fields| fields.join(" ")).collect())
    };
    if packets("/whole.mkv")? != packets("/parts.mkv")? {
        return Err("the frames of the parts have other times than those of the whole".into());
    }
    let pictures = |path: &str| -> Result<Vec<u8>, Failure> {
        let job = Job::new()
            .input(Input::file(path))
            .filter(format!("[0:v]scale={WIDTH}:{HEIGHT},format=yuv420p[v]"))
            .output(Output::file("/raw").format("rawvideo").map("[v]"));
        runtime.process(fs, &job)?;
        Ok(fs.read("/raw")?)
    };
    let source = pictures("/film.mp4")?;
    let quality = |path: &str| -> Result<f64, Failure> {
        let made = pictures(path)?;
        if made.len() != source.len() {
            return Err(format!("{path} has another number of frames").into());
        }
        Ok(psnr(&made, &source))
    };
    Ok([quality("/whole.mkv")?, quality("/parts.mkv")?])
}

fn psnr(a: &[u8], b: &[u8]) -> f64 {
    let error = |(a, b): (&u8, &u8)| f64::from(a.abs_diff(*b)).powi(2);
    let sum: f64 = a.iter().zip(b).map(error).sum();
    10.0 * (255.0 * 255.0 * a.len() as f64 / sum).log10()
}

fn engine_path() -> PathBuf {
    match std::env::var_os("AFMPEG_ENGINE") {
        Some(path) => PathBuf::from(path),
        None => workspace().join("target/engine/ffmpeg-wasi-lean-lgpl.wasm"),
    }
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
