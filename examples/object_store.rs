//! Reads a film out of an object store, by the ranges that the job needs, and puts the result into it.
//!
//! `cargo run --release --features object-store --example object_store -- ENGINE.wasm INPUT OUTPUT.mp4`
//!
//! The store here is in memory, so that the example runs anywhere. One of S3 is made by
//! `object_store::aws::AmazonS3Builder` and takes its place; the application brings its asynchronous runtime.

use std::error::Error;
use std::fs;
use std::sync::Arc;

use afmpeg::vfs::{Mount, ObjectTree};
use afmpeg::{Engine, Input, Job, MemFs, Output, Runtime};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use pollster::block_on;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [engine, input, output] = arguments.as_slice() else {
        return Err("three arguments are needed: ENGINE.wasm INPUT OUTPUT.mp4".into());
    };
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    block_on(store.put(&Path::from("films/in"), fs::read(input)?.into()))?;

    let runtime = Runtime::new(Engine::open(engine)?)?;
    let made = MemFs::new();
    let tree = Mount::new()
        .at(
            "/bucket",
            ObjectTree::new(Arc::clone(&store), "films", block_on)?,
        )?
        .at("/out", &made)?;
    let job = Job::new()
        .input(Input::file("/bucket/in"))
        .filter("[0:v]scale=160:-2[v]")
        .output(
            Output::file("/out/small.mp4")
                .map("[v]")
                .video_codec("libopenh264")
                .duration(1.0),
        );
    let report = runtime.process(&tree, &job)?;
    let name = Path::from("films/small.mp4");
    block_on(store.put(&name, made.read("/small.mp4")?.into()))?;
    println!(
        "read {} bytes of {}",
        report.usage.bytes_read,
        block_on(store.head(&Path::from("films/in")))?.size
    );

    let object = block_on(async { store.get(&name).await?.bytes().await })?;
    fs::write(output, object)?;
    Ok(())
}
