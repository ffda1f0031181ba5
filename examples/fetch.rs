//! Fetches an engine, once, and says what is in it. Interrupt it and start it again: it goes on.
//!
//! `cargo run --release --features download --example fetch -- URL SHA256 [CACHE]`

use std::error::Error;

use afmpeg::{Acquire, Runtime};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(url), Some(sha256)) = (arguments.next(), arguments.next()) else {
        return Err("arguments are needed: URL SHA256 [CACHE]".into());
    };
    let mut acquire = Acquire::new(url, sha256).progress(|progress| match progress.fraction() {
        Some(fraction) => eprint!("\r{:3.0} %", fraction * 100.0),
        None => eprint!("\r{} bytes", progress.received),
    });
    if let Some(cache) = arguments.next() {
        acquire = acquire.cache_dir(cache);
    }
    let engine = acquire.engine()?;
    eprintln!("\rengine {}", engine.sha256());
    let runtime = Runtime::new(engine)?;
    println!("{:?}", runtime.engine_info());
    Ok(())
}
