//! Runs a command that was compiled to WebAssembly, any but FFmpeg as well, over files in memory.
//!
//! `cargo run --release --example wasi_tool -- TOOL.wasm ARGUMENT…`

use std::error::Error;
use std::time::Duration;

use afmpeg::{Engine, Limits, MemFs, Runtime};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let tool = arguments.next().ok_or("an argument is needed: TOOL.wasm")?;
    let runtime = Runtime::new(Engine::open(&tool)?)?;

    let fs = MemFs::new();
    fs.write("/readme.txt", "the only file that the tool can see\n")?;
    let mut limits = Limits::default();
    limits.memory_bytes = 64 << 20;
    let run = runtime
        .invocation(&fs)
        .limits(limits)
        .timeout(Duration::from_secs(10))
        .run(std::iter::once(tool).chain(arguments))?;
    print!("{}", String::from_utf8_lossy(&run.stdout));
    eprint!("{}", String::from_utf8_lossy(&run.stderr));
    println!(
        "exit code {}, {} KiB of memory",
        run.exit_code,
        run.usage.peak_memory >> 10
    );
    Ok(())
}
