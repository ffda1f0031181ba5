//! What is left to encoders, and what they are spared: their kinds of pictures, and input that they cannot take.

use afmpeg::{Input, Job, MemFs, Output};

use crate::support::audio::{self, Sound};
use crate::support::h264::{Kind, Picture};
use crate::support::mp4::Parsed;
use crate::support::pixels::Video;
use crate::support::{assert_close, read, runtime};

/// Every frame of raw video calls itself an I-frame; an encoder that obeyed would predict nothing.
#[test]
fn an_encoder_chooses_its_own_kinds_of_pictures() {
    let fs = MemFs::new();
    let source = Video::synthetic(160, 128, 15);
    let input = source.input(&fs, "/in.yuv", 25);
    let mut sizes = Vec::new();
    for (path, distance, intra) in [("/long.mp4", 15, 1), ("/intra.mp4", 1, 15)] {
        // One quality for both, so that the sizes can be compared.
        let job = Job::new()
            .input(input.clone())
            .filter("[0:v]null[v]")
            .output(
                Output::file(path)
                    .map("[v]")
                    .video_codec("libopenh264")
                    .option("rc_mode", "quality")
                    .option("qmin", 28)
                    .option("qmax", 28)
                    .option("g", distance),
            );
        runtime().process(&fs, &job).expect("the encode is done");
        let mp4 = Parsed::new(&read(&fs, path));
        let samples = &mp4.video().samples;
        assert_eq!(samples.len(), 15);
        let kinds = samples.iter().map(|sample| Picture::of(&sample.data).kind);
        assert_eq!(
            kinds.filter(|kind| *kind == Kind::I).count(),
            intra,
            "a key frame each {distance} pictures"
        );
        sizes.push(
            samples
                .iter()
                .map(|sample| sample.data.len())
                .sum::<usize>(),
        );
    }
    assert!(
        2 * sizes[0] <= sizes[1],
        "{} bytes with one key frame, and {} of nothing but key frames",
        sizes[0],
        sizes[1]
    );
}

/// AAC has thirteen rates, and 50,000 is none of them: the sound is resampled to one that it has.
#[test]
fn sound_at_a_rate_that_the_encoder_lacks_is_resampled() {
    let fs = MemFs::new();
    let tone = &audio::tones(50_000, &[(1_000.0, 0.25)])[..20_000];
    fs.write("/in.wav", audio::wav(50_000, 1, tone))
        .expect("room");
    let job = Job::new()
        .input(Input::file("/in.wav"))
        .filter("[0:a]anull[a]")
        .output(Output::file("/out.m4a").map("[a]").audio_codec("aac"));
    runtime().process(&fs, &job).expect("the encode is done");
    let bytes = read(&fs, "/out.m4a");
    assert_close("length", Parsed::new(&bytes).audio().duration, 0.4, 0.024);
    let sound = Sound::decode(bytes, "m4a");
    assert!(
        [44_100, 48_000, 64_000, 96_000].contains(&sound.rate),
        "{} Hz",
        sound.rate
    );
    let level = sound.tone(0, 0.1, 0.3, 1_000.0);
    assert!(
        (level - 8_000.0 / 32_768.0).abs() < 0.02,
        "the tone: {level}"
    );
}
