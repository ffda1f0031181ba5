//! Encodes a film in parts on all processors. Stop it and run it again: it goes on where it stopped.
//!
//! `cargo run --release --example segment_resume -- ENGINE.wasm INPUT OUTPUT.mp4 SCRATCH_DIRECTORY`

use std::error::Error;
use std::fs;
use std::path::Path;

use afmpeg::vfs::{HostDir, Mount};
use afmpeg::{Access, Engine, Input, Job, Output, Pool, Runtime, Segment};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [engine, input, output, scratch] = arguments.as_slice() else {
        return Err(
            "four arguments are needed: ENGINE.wasm INPUT OUTPUT.mp4 SCRATCH_DIRECTORY".into(),
        );
    };
    let pool = Pool::new(Runtime::new(Engine::open(engine)?)?)?;
    // The job sees the input's directory, read-only, and the output's.
    let (input, output) = (Path::new(input), Path::new(output));
    let name = |path: &Path| {
        path.file_name()
            .map(|name| name.to_string_lossy().into_owned())
    };
    let (Some(input_name), Some(output_name)) = (name(input), name(output)) else {
        return Err("the input and the output are files".into());
    };
    let directory = |path: &Path| match path.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => Path::new(".").to_owned(),
    };
    let fs = Mount::new()
        .at("/in", HostDir::open(directory(input), Access::ReadOnly)?)?
        .at("/out", HostDir::open(directory(output), Access::ReadWrite)?)?;
    fs::create_dir_all(scratch)?;
    let job = Job::new()
        .input(Input::file(format!("/in/{input_name}")))
        .filter("[0:v]scale=320:-2[v]")
        .output(
            Output::file(format!("/out/{output_name}"))
                .map("[v]")
                .video_codec("libopenh264")
                .video_option("b", "500k"),
        );
    let segment = Segment::new(job)
        .shortest_part(0.5)
        .scratch(HostDir::open(scratch, Access::ReadWrite)?);
    let plan = segment.plan(&pool, &fs)?;
    println!("{} frames in {} parts", plan.frames(), plan.parts.len());
    let report = segment
        .progress(|at| {
            eprint!(
                "\r{} of {} parts, {:3.0} %",
                at.parts_done,
                at.parts,
                100.0 * at.fraction
            )
        })
        .run(&pool, &fs)?;
    eprintln!();
    println!("{} bytes written", report.outputs[0].size.unwrap_or(0));
    Ok(())
}
