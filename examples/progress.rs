//! Watches a job from another thread, and cancels it when it has taken too long.
//!
//! `cargo run --release --example progress -- ENGINE.wasm INPUT SECONDS`

use std::error::Error;
use std::thread;
use std::time::{Duration, Instant};

use afmpeg::{CancelToken, Engine, Input, Job, JobError, MemFs, Output, Runtime};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [engine, input, seconds] = arguments.as_slice() else {
        return Err("three arguments are needed: ENGINE.wasm INPUT SECONDS".into());
    };
    let patience = Duration::try_from_secs_f64(seconds.parse()?)?;
    let runtime = Runtime::new(Engine::open(engine)?)?;
    let fs = MemFs::new();
    fs.write("/in", std::fs::read(input)?)?;
    let job = Job::new()
        .input(Input::file("/in"))
        .filter("[0:v]scale=320:-2[v]")
        .output(
            Output::file("/out.mp4")
                .map("[v]")
                .video_codec("libopenh264"),
        );

    let cancel = CancelToken::new();
    let (invocation, events) = runtime
        .invocation(&fs)
        .cancel(cancel.clone())
        .progress_events();
    let started = Instant::now();
    let watcher = thread::spawn(move || {
        for progress in events {
            println!("{:?} of it, {:?} left", progress.fraction, progress.eta);
            if started.elapsed() > patience {
                cancel.cancel();
            }
        }
    });
    let result = invocation.process(&job);
    watcher.join().map_err(|_| "the watcher panicked")?;
    match result {
        Ok(report) => println!("done: {} bytes", report.outputs[0].size.unwrap_or(0)),
        Err(JobError::Cancelled { .. }) => {
            println!("cancelled; nothing is left: {}", !fs.exists("/out.mp4"))
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
