//! What the AAC encoder's two searches cost and give: encodes real sound with `aac_coder` `fast`, the
//! default of typed jobs, and `twoloop`, FFmpeg's, and compares what comes back with the source.
//!
//! Run with `cargo bench --bench aac_coder`; arguments name further sound or film files. The engine is
//! `$AFMPEG_ENGINE` or the one that `cargo xtask engine` left in `target/engine/`.

use std::error::Error;
use std::path::{Path, PathBuf};

use afmpeg::{Engine, Input, Job, MemFs, Output, Runtime};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Samples of one channel over which one local ratio is taken: 20 ms at 48 kHz.
const SEGMENT: usize = 960;

/// Quieter than this (root mean square, of 1), a segment says nothing of how music sounds.
const SILENCE: f64 = 0.001;

fn main() -> Result<()> {
    let runtime = Runtime::new(Engine::open(engine_path())?)?;
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut sources = vec![
        fixtures.join("bbb.flac"),
        fixtures.join("bbb_720p_h264_aac51.mp4"),
    ];
    let named = std::env::args().skip(1).filter(|arg| !arg.starts_with('-'));
    sources.extend(named.map(PathBuf::from));
    println!(
        "| source | bit/s | coder | bytes | SNR, dB | segmental SNR, dB | work, units a second of sound |"
    );
    println!("|---|---|---|---|---|---|---|");
    for source in &sources {
        for rate in [64_000, 96_000, 128_000, 192_000] {
            for coder in ["fast", "twoloop"] {
                compare(&runtime, source, rate, coder)?;
            }
        }
    }
    Ok(())
}

fn compare(runtime: &Runtime, source: &Path, rate: u32, coder: &str) -> Result<()> {
    let fs = MemFs::new();
    fs.write("/in", std::fs::read(source)?)?;
    samples(runtime, &fs, "/in", "/in.f32")?;
    let job = Job::new()
        .input(Input::file("/in"))
        .filter("[0:a]aformat=channel_layouts=stereo:sample_rates=48000[a]")
        .output(
            Output::file("/out.m4a")
                .map("[a]")
                .audio_codec("aac")
                .audio_option("aac_coder", coder)
                .audio_option("b", rate),
        );
    let report = runtime.process(&fs, &job)?;
    samples(runtime, &fs, "/out.m4a", "/out.f32")?;
    let (before, after) = (floats(&fs.read("/in.f32")?), floats(&fs.read("/out.f32")?));
    let seconds = before.len() as f64 / 2.0 / 48_000.0;
    let (snr, segmental) = ratios(&before, &after);
    println!(
        "| {} | {rate} | {coder} | {} | {snr:.2} | {segmental:.2} | {:.0} M |",
        source.file_name().unwrap_or_default().to_string_lossy(),
        fs.read("/out.m4a")?.len(),
        report.usage.fuel as f64 / seconds / 1e6,
    );
    Ok(())
}

/// Decodes the first sound of `from` to interleaved stereo at 48 kHz.
fn samples(runtime: &Runtime, fs: &MemFs, from: &str, to: &str) -> Result<()> {
    let job = Job::new()
        .input(Input::file(from))
        .filter("[0:a]aformat=channel_layouts=stereo:sample_rates=48000:sample_fmts=flt[a]")
        .output(
            Output::file(to)
                .format("f32le")
                .map("[a]")
                .audio_codec("pcm_f32le"),
        );
    runtime.process(fs, &job)?;
    Ok(())
}

fn floats(bytes: &[u8]) -> Vec<f64> {
    let words = bytes.chunks_exact(4);
    words
        .map(|word| f64::from(f32::from_le_bytes([word[0], word[1], word[2], word[3]])))
        .collect()
}

/// Signal to noise over all, and the mean over segments that are not silent, each held to 0 to 60 dB.
fn ratios(before: &[f64], after: &[f64]) -> (f64, f64) {
    let pairs: Vec<_> = before.iter().copied().zip(after.iter().copied()).collect();
    let energy = |pairs: &[(f64, f64)]| -> (f64, f64) {
        let signal = pairs.iter().map(|(a, _)| a * a).sum();
        let noise = pairs.iter().map(|(a, b)| (a - b) * (a - b)).sum();
        (signal, noise)
    };
    let decibels = |(signal, noise): (f64, f64)| 10.0 * (signal / noise.max(1e-12)).log10();
    let local: Vec<f64> = pairs
        .chunks_exact(2 * SEGMENT)
        .map(energy)
        .filter(|(signal, _)| (signal / (2 * SEGMENT) as f64).sqrt() > SILENCE)
        .map(|pair| decibels(pair).clamp(0.0, 60.0))
        .collect();
    let mean = local.iter().sum::<f64>() / local.len().max(1) as f64;
    (decibels(energy(&pairs)), mean)
}

fn engine_path() -> PathBuf {
    std::env::var_os("AFMPEG_ENGINE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("target/engine/ffmpeg-wasi-lean-lgpl.wasm"),
        PathBuf::from,
    )
}
