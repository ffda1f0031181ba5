//! The most memory that the guest needs to join ten clips of 1080p.
//!
//! Run with `cargo bench --bench memory`; it fails over 300 MiB. The engine is `$AFMPEG_ENGINE` or the one that
//! `cargo xtask engine` left in `target/engine/`.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use afmpeg::{Engine, Input, Job, MemFs, Output, Runtime};

const MIB: u64 = 1 << 20;
const LIMIT: u64 = 300 * MIB;
const CLIPS: usize = 10;

/// A clip has so many frames at 25 a second, of 3 MiB each: all of them decoded would be over the limit.
const FRAMES: usize = 15;

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = Runtime::new(Engine::open(engine_path())?)?;
    let fs = MemFs::new();
    let seconds = FRAMES as f64 / 25.0;
    let clip = Job::new()
        .input(Input::lavfi(format!(
            "testsrc2=size=1920x1080:rate=25:duration={seconds}"
        )))
        .filter("[0:v]format=yuv420p[v]")
        .output(
            Output::file("/clip.mp4")
                .map("[v]")
                .video_codec("libopenh264"),
        );
    let report = runtime.process(&fs, &clip)?;
    println!("one clip: {} MiB", report.usage.peak_memory / MIB);

    let pads: String = (0..CLIPS).map(|n| format!("[{n}:v]")).collect();
    let concat = format!("{pads}concat=n={CLIPS}:v=1:a=0[v]");
    // Each clip fades into the next in its last fifth of a second.
    let (mut chain, mut from) = (String::new(), "0:v".to_owned());
    for n in 1..CLIPS {
        let to = if n + 1 == CLIPS {
            "v".to_owned()
        } else {
            format!("x{n}")
        };
        let offset = (seconds - 0.2) * n as f64;
        chain += &format!("[{from}][{n}:v]xfade=duration=0.2:offset={offset:.2}[{to}];");
        from = to;
    }
    let mut over = false;
    for (name, graph) in [
        ("concat", concat.as_str()),
        ("xfade", chain.trim_end_matches(';')),
    ] {
        let mut job = Job::new();
        for _ in 0..CLIPS {
            job = job.input(Input::file("/clip.mp4"));
        }
        let job = job.filter(graph).output(
            Output::file(format!("/{name}.mp4"))
                .map("[v]")
                .video_codec("libopenh264"),
        );
        let started = Instant::now();
        let report = runtime.process(&fs, &job)?;
        let frames = report.outputs[0].streams[0].frames.unwrap_or_default();
        let peak = report.usage.peak_memory;
        println!(
            "{name} of {CLIPS} clips of 1080p, {frames} frames: {} MiB, {:.1} s",
            peak.div_ceil(MIB),
            started.elapsed().as_secs_f64()
        );
        over |= peak >= LIMIT;
    }
    if over {
        return Err(format!("over {} MiB", LIMIT / MIB).into());
    }
    Ok(())
}

fn engine_path() -> PathBuf {
    std::env::var_os("AFMPEG_ENGINE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("target/engine/ffmpeg-wasi-lean-lgpl.wasm"),
        PathBuf::from,
    )
}
