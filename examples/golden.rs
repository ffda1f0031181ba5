//! Runs a job twice so that it gives the same bytes wherever it runs, and prints their digest for a golden test.
//!
//! `cargo run --release --example golden -- ENGINE.wasm`

use std::error::Error;

use afmpeg::{Engine, Job, MemFs, Output, Runtime};
use sha2::{Digest as _, Sha256};

fn main() -> Result<(), Box<dyn Error>> {
    let engine = std::env::args()
        .nth(1)
        .ok_or("one argument is needed: ENGINE.wasm")?;
    let runtime = Runtime::new(Engine::open(engine)?)?;
    let job = Job::new()
        .filter("testsrc2=size=160x120:rate=25:duration=0.4[v];sine=duration=0.4[a]")
        .output(
            Output::file("/out.mp4")
                .map("[v]")
                .map("[a]")
                .video_codec("libopenh264")
                .audio_codec("aac"),
        )
        .bitexact();
    let mut made = Vec::new();
    for _ in 0..2 {
        let fs = MemFs::new();
        // A clock that counts how often it is read, and random numbers of this seed.
        runtime.invocation(&fs).deterministic(7).process(&job)?;
        made.push(fs.read("/out.mp4")?);
    }
    if made[0] != made[1] {
        return Err("two runs gave different bytes".into());
    }
    let digest = Sha256::digest(&made[0]);
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    println!("{} bytes, SHA-256 {digest}", made[0].len());
    Ok(())
}
