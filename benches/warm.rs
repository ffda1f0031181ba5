//! Times what a process that stays alive pays: opening the engine, the first probe, a warm probe,
//! and the least job there is, which is what it costs to start any.
//!
//! `cargo bench --bench warm` interprets the engine, which is `$AFMPEG_ENGINE` or the one that `cargo xtask engine`
//! left in `target/engine/`; `cargo xtask warm` times the lifted one as well. `--json` prints one JSON line.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use afmpeg::{Engine, MemFs, Runtime};
use serde_json::{Map, Value, json};

const ROUNDS: usize = 20;

fn main() -> Result<(), Box<dyn Error>> {
    let json = std::env::args().any(|argument| argument == "--json");
    let engine_path = engine_path();
    let raw = std::fs::metadata(&engine_path)?.len();
    let gzip = std::fs::metadata(engine_path.with_extension("wasm.gz"))
        .map(|meta| meta.len())
        .ok();
    #[cfg_attr(not(afmpeg_pack), expect(unused_mut, reason = "there is no pack"))]
    let mut rows = vec![(
        "interpreted",
        row(&|| Ok(Runtime::new(Engine::open(&engine_path)?)?))?,
    )];
    #[cfg(afmpeg_pack)]
    rows.push((
        "lifted",
        row(&|| Ok(Runtime::new(Engine::lifted(afmpeg_pack::module()))?))?,
    ));
    if json {
        let mut document = Map::from_iter([
            ("raw_bytes".to_owned(), json!(raw)),
            ("gzip_bytes".to_owned(), json!(gzip)),
        ]);
        for (name, times) in rows {
            let times = times.map(|(what, time)| (format!("{what}_ms"), json!(ms(time))));
            document.insert(name.to_owned(), Value::Object(Map::from_iter(times)));
        }
        println!("{}", Value::Object(document));
        return Ok(());
    }
    println!("engine: {raw} bytes, gzip {gzip:?}; milliseconds");
    for (name, times) in rows {
        let times = times.map(|(what, time)| format!("{what} {}", ms(time)));
        println!("{name:12} {}", times.join(", "));
    }
    Ok(())
}

/// The times of an engine, by what they are of.
fn row(
    open: &dyn Fn() -> Result<Runtime, Box<dyn Error>>,
) -> Result<[(&'static str, Duration); 5], Box<dyn Error>> {
    let clip = workspace().join("tests/fixtures/bbb_720p_h264_aac51.mp4");
    let fs = MemFs::new();
    fs.write("/clip.mp4", std::fs::read(clip)?)?;

    let started = Instant::now();
    let runtime = open()?;
    let open_cold = started.elapsed();
    let started = Instant::now();
    runtime.probe(&fs, "/clip.mp4")?;
    let probe_first = started.elapsed();

    let open_again = minimum(5, || open().map(drop))?;
    let probe_warm = minimum(ROUNDS, || {
        runtime.probe(&fs, "/clip.mp4")?;
        Ok(())
    })?;
    let version_warm = minimum(ROUNDS, || {
        runtime.process_json(&fs, r#"{"op":"version","version":10}"#)?;
        Ok(())
    })?;
    Ok([
        ("open_cold", open_cold),
        ("open_again", open_again),
        ("probe_first", probe_first),
        ("probe_warm", probe_warm),
        ("version_warm", version_warm),
    ])
}

/// Hundredths of a millisecond are more than the clock is good for.
fn ms(time: Duration) -> f64 {
    (time.as_secs_f64() * 100_000.0).round() / 100.0
}

fn minimum(
    rounds: usize,
    mut work: impl FnMut() -> Result<(), Box<dyn Error>>,
) -> Result<Duration, Box<dyn Error>> {
    let mut best = Duration::MAX;
    for _ in 0..rounds {
        let started = Instant::now();
        work()?;
        best = best.min(started.elapsed());
    }
    Ok(best)
}

fn engine_path() -> PathBuf {
    std::env::var_os("AFMPEG_ENGINE").map_or_else(
        || workspace().join("target/engine/ffmpeg-wasi-lean-lgpl.wasm"),
        PathBuf::from,
    )
}

/// The repository, also when the crate with the pack is what is built.
fn workspace() -> &'static Path {
    Path::new(option_env!("AFMPEG_WORKSPACE").unwrap_or(env!("CARGO_MANIFEST_DIR")))
}
