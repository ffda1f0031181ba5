//! `afmpeg waveform` and `spectrum`: pictures of sounds whose look follows from the sound.

use std::path::Path;
use std::process::Command;

use crate::support::{audio, engine_path};

/// Two seconds at 8 kHz, left and right: nothing and then 440 Hz on the left, 1500 Hz all the time on the right.
fn sound(dir: &Path) {
    let mut samples = audio::tones(8000, &[(0.0, 0.0), (1500.0, 0.5)]);
    samples.extend(audio::tones(8000, &[(440.0, 0.5), (1500.0, 0.5)]));
    std::fs::write(dir.join("in.wav"), audio::wav(8000, 2, &samples)).expect("written");
}

/// Runs a line of the command in the directory and gives the size and the pixels, as four bytes, of `o.png`.
fn drawn(dir: &Path, line: &[&str]) -> (usize, usize, Vec<[u8; 4]>) {
    let output = Command::new(env!("CARGO_BIN_EXE_afmpeg"))
        .current_dir(dir)
        .env("AFMPEG_ENGINE", engine_path())
        .args(line)
        .output()
        .expect("the command starts");
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{line:?}: {error}");
    let file = std::fs::File::open(dir.join("o.png")).expect("it is there");
    let mut decoder = png::Decoder::new(std::io::BufReader::new(file));
    decoder.set_transformations(
        png::Transformations::normalize_to_color8() | png::Transformations::ALPHA,
    );
    let mut reader = decoder.read_info().expect("it is a PNG");
    let mut data = vec![0; reader.output_buffer_size().expect("it is small")];
    let info = reader.next_frame(&mut data).expect("it is whole");
    assert_eq!(info.color_type, png::ColorType::Rgba);
    let pixels = data.chunks_exact(4).map(|p| [p[0], p[1], p[2], p[3]]);
    (info.width as usize, info.height as usize, pixels.collect())
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn a_waveform_is_high_where_the_sound_is_loud() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    sound(dir.path());
    let line = [
        "waveform",
        "in.wav",
        "o.png",
        "--size",
        "200x100",
        "--channels",
        "--colour",
        "red",
    ];
    let (width, height, pixels) = drawn(dir.path(), &line);
    assert_eq!((width, height), (200, 100));
    assert!(
        pixels.iter().all(|p| p[3] == 0 || (p[1], p[2]) == (0, 0)),
        "red on nothing"
    );
    let high = |x: usize, rows: std::ops::Range<usize>| {
        rows.filter(|y| pixels[y * width + x][3] > 0).count()
    };
    // The left channel above: nearly a line, then half of the height that it has. The right one below is even.
    assert!(high(40, 0..50) <= 2, "{}", high(40, 0..50));
    assert!(
        (20..=30).contains(&high(160, 0..50)),
        "{}",
        high(160, 0..50)
    );
    assert!(
        (20..=30).contains(&high(40, 50..100)),
        "{}",
        high(40, 50..100)
    );
    let (_, _, mixed) = drawn(
        dir.path(),
        &["waveform", "in.wav", "o.png", "--size", "200x100"],
    );
    let middle = (0..100).filter(|y| mixed[y * 200 + 40][3] > 0).count();
    assert!(
        middle > 10,
        "one wave for both is high from the start: {middle}"
    );
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn a_spectrum_is_bright_where_the_frequencies_are() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    sound(dir.path());
    let line = [
        "spectrum",
        "in.wav",
        "o.png",
        "--size",
        "200x256",
        "--channels",
    ];
    let (width, height, pixels) = drawn(dir.path(), &line);
    assert_eq!((width, height), (200, 256));
    let brightness = |p: &[u8; 4]| u32::from(p[0]) + u32::from(p[1]) + u32::from(p[2]);
    let brightest = |x: usize, rows: std::ops::Range<usize>| {
        let first = rows.start;
        let row = rows.max_by_key(|y| brightness(&pixels[y * width + x]));
        row.expect("there are rows") - first
    };
    // A channel has 128 rows, from 4000 Hz at the top down to 0; the left one is below.
    let row = |frequency: f64| 128.0 - frequency / 4000.0 * 128.0;
    assert!(
        (brightest(160, 128..256) as f64 - row(440.0)).abs() < 4.0,
        "{}",
        brightest(160, 128..256)
    );
    assert!(
        (brightest(40, 0..128) as f64 - row(1500.0)).abs() < 4.0,
        "{}",
        brightest(40, 0..128)
    );
    let (wide, high, _) = drawn(
        dir.path(),
        &[
            "spectrum", "in.wav", "o.png", "--size", "200x256", "--legend",
        ],
    );
    assert!(wide > 200 && high > 256, "{wide}x{high}");
}

/// The preset for keeping: nothing of the pictures or the sound is lost.
#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn an_archive_holds_every_sample() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    sound(dir.path());
    let run = |line: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_afmpeg"))
            .current_dir(dir.path())
            .env("AFMPEG_ENGINE", engine_path())
            .args(line)
            .output()
            .expect("the command starts");
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{line:?}: {error}");
        String::from_utf8(output.stdout).expect("it is text")
    };
    let clip = crate::support::workspace().join("tests/fixtures/bbb_180_h264.mp4");
    let clip = clip.to_str().expect("it is UTF-8");
    run(&["convert", clip, "in.wav", "o.mkv", "--preset", "archive"]);
    let probe = run(&["probe", "o.mkv"]);
    assert!(probe.contains("ffv1") && probe.contains("flac"), "{probe}");
    let exact = |file: &str, to: &str, codec: &str| {
        run(&["convert", file, to, "-v", codec, "-a", "none"]);
        std::fs::read(dir.path().join(to)).expect("it is there")
    };
    let before = exact(clip, "a.yuv", "rawvideo");
    assert!(before == exact("o.mkv", "b.yuv", "rawvideo"));
    run(&["convert", "o.mkv", "b.wav", "-a", "pcm_s16le"]);
    let samples = |name: &str| -> Vec<i16> {
        let mut file = hound::WavReader::open(dir.path().join(name)).expect("it is WAV");
        let samples = file.samples().map(|sample| sample.expect("it is whole"));
        samples.collect()
    };
    assert!(samples("in.wav") == samples("b.wav"));
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn pictures_of_sounds_are_told_of_in_json() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    sound(dir.path());
    for verb in ["waveform", "spectrum"] {
        let output = Command::new(env!("CARGO_BIN_EXE_afmpeg"))
            .current_dir(dir.path())
            .env("AFMPEG_ENGINE", engine_path())
            .args([verb, "in.wav", "o.png", "--json"])
            .output()
            .expect("the command starts");
        let told: serde_json::Value =
            serde_json::from_slice(&output.stdout).expect("it is one JSON document");
        assert_eq!(told["outputs"][0]["path"], "o.png", "{verb}: {told}");
    }
}
