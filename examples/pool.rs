//! Probes every file of a directory on all processors, and makes a thumbnail of each film.
//!
//! `cargo run --release --example pool -- ENGINE.wasm DIRECTORY`

use std::error::Error;
use std::fs;
use std::time::Duration;

use afmpeg::vfs::{HostDir, Mount};
use afmpeg::{Access, Engine, FramesJob, JobError, MemFs, Pool, Runtime, Select, Task};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [engine, directory] = arguments.as_slice() else {
        return Err("two arguments are needed: ENGINE.wasm DIRECTORY".into());
    };
    let pool = Pool::new(Runtime::new(Engine::open(engine)?)?)?;
    let mut names = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    let films = HostDir::open(directory, Access::ReadOnly)?;

    // A file that is no film, or that keeps its job busy, harms none of the others.
    let tasks = names.iter().map(|name| thumbnail(&films, name));
    let mut lines = vec![String::new(); names.len()];
    for (index, result) in pool.map(tasks) {
        lines[index] = match result {
            Ok(Some(bytes)) => format!("{}: a picture of {bytes} bytes", names[index]),
            Ok(None) => format!("{}: no video", names[index]),
            Err(error) => format!("{}: {error}", names[index]),
        };
    }
    println!("{}", lines.join("\n"));
    Ok(())
}

/// The size of a thumbnail, if the file has video.
fn thumbnail(films: &HostDir, name: &str) -> Task<Option<usize>> {
    let (films, path) = (films.clone(), format!("/{name}"));
    Task::call(move |context| -> Result<_, JobError> {
        let probe = context.invocation(&films).probe(&path)?;
        if probe.video().is_none() {
            return Ok(None);
        }
        let picture = MemFs::new();
        let tree = Mount::new()
            .at("/in", &films)
            .and_then(|tree| tree.at("/out", &picture))
            .map_err(|error| JobError::Host(Box::new(error)))?;
        let select = Select::Timestamp(0.0);
        let job = FramesJob::new(format!("/in{path}"), "/out/one.png", select).scale("160:-2");
        context.invocation(&tree).frames(&job)?;
        let bytes = picture.read("/one.png");
        let bytes = bytes.map_err(|error| JobError::Host(Box::new(error)))?;
        Ok(Some(bytes.len()))
    })
    .timeout(Duration::from_secs(60))
}
