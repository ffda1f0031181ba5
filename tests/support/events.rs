//! Clips with one event that is both seen and heard, and when it is found in a result.

use std::io::Cursor;

use afmpeg::{Input, Job, MemFs, Output};

use super::audio;
use super::mp4::Parsed;
use super::pixels::{self, Video};

/// Writes a clip of 96x64 at 25 frames a second whose picture turns white and whose tone begins at the same
/// moment, `at` seconds; one that is shorter stays dark and silent.
pub(crate) fn flash_and_beep(fs: &MemFs, path: &str, at: f64, seconds: f64) {
    let frames = (seconds * 25.0) as usize;
    let flash = (at * 25.0).round() as usize;
    let mut data = Vec::new();
    for n in 0..frames {
        data.extend(std::iter::repeat_n(
            if n < flash { 30 } else { 220 },
            96 * 64,
        ));
        data.extend(std::iter::repeat_n(128, 96 * 64 / 2));
    }
    let picture = Video {
        width: 96,
        height: 64,
        data,
    };
    let sample = |n: usize| {
        let t = n as f64 / 48_000.0;
        let value = 12_000.0 * (t * 1_000.0 * std::f64::consts::TAU).sin();
        if t < at { 0 } else { value as i16 }
    };
    let samples: Vec<i16> = (0..(seconds * 48_000.0) as usize).map(sample).collect();
    fs.write("/beep.wav", audio::wav(48_000, 1, &samples))
        .expect("a MemFs without quota takes the sound");
    let job = Job::new()
        .input(picture.input(fs, "/flash.yuv", 25))
        .input(Input::file("/beep.wav"))
        .filter("[0:v]null[v];[1:a]anull[a]")
        .output(
            Output::file(path)
                .map("[v]")
                .map("[a]")
                .video_codec("libopenh264")
                .audio_codec("aac")
                .video_option("b", 500_000)
                .video_option("g", 25),
        );
    super::runtime()
        .process(fs, &job)
        .expect("the clip is encoded");
}

/// When the picture turns white and when the tone begins, in a clip's own time.
#[track_caller]
pub(crate) fn events(fs: &MemFs, path: &str) -> (f64, f64) {
    let mp4 = Parsed::new(&super::read(fs, path));
    let video = pixels::decode(fs, path, 96, 64);
    let white = (0..video.len())
        .find(|&n| video.frame(n)[96 * 32 + 48] > 125)
        .expect("a white frame");
    let flash = mp4.video().times()[white];

    let wav = Output::file("/events.wav")
        .map("[a]")
        .audio_codec("pcm_s16le");
    let job = Job::new()
        .input(Input::file(path))
        .filter("[0:a]anull[a]")
        .output(wav);
    super::runtime()
        .process(fs, &job)
        .expect("the sound is decoded");
    let mut reader =
        hound::WavReader::new(Cursor::new(super::read(fs, "/events.wav"))).expect("a WAV");
    let samples: Vec<i16> = reader
        .samples()
        .map(|s| s.expect("a whole sample"))
        .collect();
    let loud = samples
        .iter()
        .position(|s| s.unsigned_abs() > 4_000)
        .expect("the tone");
    let beep = mp4.audio().begins + loud as f64 / 48_000.0;
    (flash, beep)
}
