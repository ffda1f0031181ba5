//! Says what is in media files, and how long it took to find out.
//!
//! `cargo run --release --example probe -- ENGINE.wasm FILE...`

use std::error::Error;
use std::time::Instant;

use afmpeg::{Engine, MemFs, Runtime};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let engine = arguments
        .next()
        .ok_or("arguments are needed: ENGINE.wasm FILE...")?;
    let started = Instant::now();
    let engine = Engine::open(engine)?;
    let read = started.elapsed();
    let runtime = Runtime::new(engine)?;
    let loaded = started.elapsed();
    let info = runtime.engine_info().ok_or("this module is no engine")?;
    eprintln!(
        "{info:?}: read {read:?}, loaded {loaded:?}, asked {:?}",
        started.elapsed()
    );

    for file in arguments {
        let fs = MemFs::new();
        fs.write("/file", std::fs::read(&file)?)?;
        let started = Instant::now();
        match runtime.probe(&fs, "/file") {
            Err(error) => println!("{file}: {error}"),
            Ok(found) => {
                let duration = found.duration.unwrap_or_default();
                println!(
                    "{file}: {}, {duration:.3} s, {:?}",
                    found.format,
                    started.elapsed()
                );
                for stream in &found.streams {
                    println!("  {}", serde_json::to_string(stream)?);
                }
            }
        }
    }
    Ok(())
}
