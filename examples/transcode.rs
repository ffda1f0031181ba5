//! Transcodes a clip wholly in memory and reports what was made.
//!
//! `cargo run --release --example transcode -- ENGINE.wasm INPUT OUTPUT.mp4`

use std::error::Error;
use std::io::Write;
use std::time::Instant;

use afmpeg::{Engine, Input, Job, MemFs, Output, Runtime};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [engine, input, output] = arguments.as_slice() else {
        return Err("three arguments are needed: ENGINE.wasm INPUT OUTPUT.mp4".into());
    };
    let started = Instant::now();
    let runtime = Runtime::new(Engine::open(engine)?)?;
    let version = runtime
        .engine_info()
        .and_then(|info| info.ffmpeg_version.clone());
    println!(
        "engine {} in {:?}",
        version.as_deref().unwrap_or("?"),
        started.elapsed()
    );

    // The job sees this filesystem and nothing of the host.
    let fs = MemFs::new();
    fs.write("/in", std::fs::read(input)?)?;

    let has_audio = runtime.probe(&fs, "/in")?.audio().is_some();
    let mut target = Output::file("/out.mp4")
        .map("[v]")
        .video_codec("libopenh264")
        .video_option("b", "500k");
    let mut graph = "[0:v]scale=320:-2[v]".to_owned();
    if has_audio {
        graph.push_str(";[0:a]anull[a]");
        target = target.map("[a]").audio_codec("aac");
    }
    let job = Job::new()
        .input(Input::file("/in"))
        .filter(graph)
        .output(target);

    let started = Instant::now();
    let report = runtime
        .invocation(&fs)
        .progress(|progress| {
            if let Some(fraction) = progress.fraction {
                eprint!("\r{:3.0} %", fraction * 100.0);
                // Nobody may be there to see it.
                let _ = std::io::stderr().flush();
            }
        })
        .process(&job)?;
    eprintln!();
    for stream in &report.outputs[0].streams {
        println!(
            "{} {}: {} frames, {:.3} s",
            stream.kind,
            stream.codec.as_deref().unwrap_or("?"),
            stream.frames.unwrap_or(0),
            stream.duration.unwrap_or_default(),
        );
    }
    println!(
        "{} bytes in {:?}, {} MiB of memory",
        report.outputs[0].size.unwrap_or(0),
        started.elapsed(),
        report.usage.peak_memory >> 20,
    );
    std::fs::write(output, fs.read("/out.mp4")?)?;
    Ok(())
}
