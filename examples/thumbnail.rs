//! Finds the most telling picture of a film and writes it as a PNG.
//!
//! `cargo run --release --example thumbnail -- ENGINE.wasm INPUT OUTPUT.png`

use std::error::Error;

use afmpeg::{Engine, FramesJob, MemFs, Runtime, Scene, Select};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [engine, input, output] = arguments.as_slice() else {
        return Err("three arguments are needed: ENGINE.wasm INPUT OUTPUT.png".into());
    };
    let runtime = Runtime::new(Engine::open(engine)?)?;
    let fs = MemFs::new();
    fs.write("/in", std::fs::read(input)?)?;

    let job =
        FramesJob::new("/in", "/thumbnail.png", Select::Scene(Scene::Thumbnail)).scale("320:-2");
    let report = runtime.frames(&fs, &job)?;
    let frame = report.frames.first().ok_or("there is no picture in it")?;
    println!(
        "the picture at {:.3} s",
        frame.timestamp.unwrap_or_default()
    );
    std::fs::write(output, fs.read(&frame.path)?)?;
    Ok(())
}
