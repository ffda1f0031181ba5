//! Times what a process that stays alive pays: opening the engine, the first probe, a warm probe,
//! and the least job there is, which is what it costs to start any.
//!
//! Run with `cargo bench --bench warm`; `--json` prints one JSON line. The engine is `$AFMPEG_ENGINE` or the one
//! that `cargo xtask engine` left in `target/engine/`.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use afmpeg::{Engine, MemFs, Runtime};

const ROUNDS: usize = 20;

fn main() -> Result<(), Box<dyn Error>> {
    let json = std::env::args().any(|argument| argument == "--json");
    let engine_path = engine_path();
    let clip = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/bbb_720p_h264_aac51.mp4");
    let fs = MemFs::new();
    fs.write("/clip.mp4", std::fs::read(clip)?)?;

    let started = Instant::now();
    let runtime = Runtime::new(Engine::open(&engine_path)?)?;
    let open_cold = started.elapsed();
    let started = Instant::now();
    runtime.probe(&fs, "/clip.mp4")?;
    let probe_first = started.elapsed();

    let open_again = minimum(5, || {
        Runtime::new(Engine::open(&engine_path)?)?;
        Ok(())
    })?;
    let probe_warm = minimum(ROUNDS, || {
        runtime.probe(&fs, "/clip.mp4")?;
        Ok(())
    })?;

    let version_warm = minimum(ROUNDS, || {
        runtime.process_json(&fs, r#"{"op":"version","version":10}"#)?;
        Ok(())
    })?;

    let raw = std::fs::metadata(&engine_path)?.len();
    let gzip = std::fs::metadata(engine_path.with_extension("wasm.gz"))
        .map(|meta| meta.len())
        .ok();
    let ms = |time: Duration| (time.as_secs_f64() * 100_000.0).round() / 100.0;
    if json {
        println!(
            "{}",
            serde_json::json!({"raw_bytes": raw, "gzip_bytes": gzip, "open_cold_ms": ms(open_cold),
                "open_again_ms": ms(open_again), "probe_first_ms": ms(probe_first),
                "probe_warm_ms": ms(probe_warm), "version_warm_ms": ms(version_warm)})
        );
    } else {
        println!("engine            {raw} bytes, gzip {gzip:?}");
        println!("open, cold        {} ms", ms(open_cold));
        println!("open, minimum     {} ms", ms(open_again));
        println!("probe, first      {} ms", ms(probe_first));
        println!("probe, warm min   {} ms", ms(probe_warm));
        println!("version, warm min {} ms", ms(version_warm));
    }
    Ok(())
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
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("target/engine/ffmpeg-wasi-lean-lgpl.wasm"),
        PathBuf::from,
    )
}
