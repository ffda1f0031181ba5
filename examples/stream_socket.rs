//! Sends a transcode over a socket while it is made: a transport stream, of which nothing is kept in memory.
//!
//! `cargo run --release --example stream_socket -- ENGINE.wasm INPUT HOST:PORT`

use std::error::Error;
use std::fs::File;
use std::net::TcpStream;

use afmpeg::vfs::{Files, ReaderFile, WriterFile};
use afmpeg::{Engine, Input, Job, Output, OutputFiles, Runtime};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [engine, input, address] = arguments.as_slice() else {
        return Err("three arguments are needed: ENGINE.wasm INPUT HOST:PORT".into());
    };
    let runtime = Runtime::new(Engine::open(engine)?)?;
    // The whole filesystem of the job: one file that is read as it is needed, and one that leaves as it is written.
    let socket = TcpStream::connect(address)?;
    let fs = Files::new()
        .with("in", ReaderFile::new(File::open(input)?)?)?
        .with("live.ts", WriterFile::new(socket))?;
    let job = Job::new()
        .input(Input::file("/in"))
        .filter("[0:v]scale=320:-2[v]")
        .output(
            Output::file("/live.ts")
                .format("mpegts")
                // Each packet is written at once, and not when a buffer is full.
                .format_option("flush_packets", 1)
                .map("[v]")
                .video_codec("libopenh264")
                .video_option("b", "500k"),
        );
    let report = runtime
        .invocation(&fs)
        .outputs(OutputFiles::InPlace)
        .process(&job)?;
    println!("{} bytes sent", report.outputs[0].size.unwrap_or(0));
    Ok(())
}
