//! Filters of FFmpeg that are under the GPL, by what they do to pixels.

use afmpeg::report::ProcessReport;
use afmpeg::{Job, MemFs, Output};

use crate::support::pixels::{Video, psnr};
use crate::support::{read, runtime};

fn filtered(source: &Video, filter: &str) -> (Video, ProcessReport) {
    let fs = MemFs::new();
    let job = Job::new()
        .input(source.input(&fs, "/in.yuv", 25))
        .filter(format!("[0:v]{filter},format=yuv420p[v]"))
        .output(
            Output::file("/out.yuv")
                .format("rawvideo")
                .map("[v]")
                .video_codec("rawvideo"),
        );
    let report = runtime()
        .process(&fs, &job)
        .unwrap_or_else(|error| panic!("{filter}: {error}"));
    let data = read(&fs, "/out.yuv");
    (Video::from_raw(source.width, source.height, data), report)
}

/// Grey frames with noise from a fixed sequence in their luma.
fn noisy(clean: &Video) -> Video {
    let luma = clean.width * clean.height;
    let frame = luma * 3 / 2;
    let mut state = 1_u32;
    let mut noisy = clean.clone();
    for (at, value) in noisy.data.iter_mut().enumerate() {
        if at % frame < luma {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *value = value.wrapping_add((state >> 28) as u8).wrapping_sub(8);
        }
    }
    noisy
}

fn grey(frames: usize) -> Video {
    Video::from_raw(128, 96, vec![128; 128 * 96 * 3 / 2 * frames])
}

#[test]
#[ignore = "needs an engine of the GPL variant: cargo xtask test --gpl"]
fn noise_becomes_less() {
    let clean = grey(8);
    let noisy = noisy(&clean);
    let before = psnr(&noisy.data, &clean.data);
    for filter in ["hqdn3d=8", "boxblur=2", "vaguedenoiser=6", "spp=4:20"] {
        let (result, _) = filtered(&noisy, filter);
        assert_eq!(result.len(), clean.len(), "{filter}");
        let after = psnr(&result.data, &clean.data);
        assert!(
            after > before + 3.0,
            "{filter}: {before:.1} dB before and {after:.1} after"
        );
    }
}

#[test]
#[ignore = "needs an engine of the GPL variant: cargo xtask test --gpl"]
fn brightness_moves_every_pixel_by_as_much() {
    let (result, _) = filtered(&grey(2), "eq=brightness=0.2");
    let luma = &result.data[..128 * 96];
    // A fifth of the range of 255.
    assert!(
        luma.iter().all(|value| (178..=180).contains(value)),
        "{}",
        luma[0]
    );
    assert!(
        result.data[128 * 96..128 * 96 * 3 / 2]
            .iter()
            .all(|value| *value == 128)
    );
}

#[test]
#[ignore = "needs an engine of the GPL variant: cargo xtask test --gpl"]
fn black_borders_are_found_and_told() {
    let mut video = grey(6);
    let (width, height) = (video.width, video.height);
    for frame in video.data.chunks_exact_mut(width * height * 3 / 2) {
        for (at, value) in frame[..width * height].iter_mut().enumerate() {
            let (x, y) = (at % width, at / width);
            let inside = (16..112).contains(&x) && (16..80).contains(&y);
            *value = if inside { 200 } else { 16 };
        }
    }
    let (_, report) = filtered(&video, "cropdetect=round=2:skip=0");
    let last = |key: &str| {
        let found = report.analysis.iter().rev().find(|event| event.key == key);
        found.map(|event| event.value.clone())
    };
    for (key, value) in [
        ("lavfi.cropdetect.x", "16"),
        ("lavfi.cropdetect.y", "16"),
        ("lavfi.cropdetect.w", "96"),
        ("lavfi.cropdetect.h", "64"),
    ] {
        assert_eq!(last(key).as_deref(), Some(value), "{:?}", report.analysis);
    }
}
