//! Surround sound through encoders: six channels, each in its place.

use std::io::Cursor;

use afmpeg::{Input, Job, MemFs, Output, Stream};

use crate::support::audio::{self, Sound, rms};
use crate::support::mp4::Parsed;
use crate::support::{fs_with, read, runtime};

/// Front left and right, centre, low frequencies, back left and right: the order of WAV and of FLAC. The tone of each
/// is a whole number of periods in a tenth of a second; that of the low frequencies is one of them.
const TONES: [f64; 6] = [400.0, 700.0, 1_100.0, 60.0, 1_600.0, 2_300.0];

/// The gains of the channels, no two alike.
const GAINS: [f64; 6] = [0.5, 0.4, 0.3, 0.45, 0.2, 0.1];

/// Writes a second of the tones.
fn tones(fs: &MemFs, path: &str) {
    let channels: Vec<_> = TONES.into_iter().zip(GAINS).collect();
    let wav = audio::wav(48_000, 6, &audio::tones(48_000, &channels));
    fs.write(path, wav).expect("there is room");
}

/// Each channel has its own tone at its own level, and nothing of the others.
#[track_caller]
fn assert_in_place(what: &str, sound: &Sound) {
    assert_eq!((sound.rate, sound.channels), (48_000, 6), "{what}");
    for (channel, gain) in GAINS.into_iter().enumerate() {
        for (other, tone) in TONES.into_iter().enumerate() {
            let level = sound.tone(channel, 0.3, 0.7, tone);
            let expected = if other == channel { gain } else { 0.0 };
            assert!(
                (level - expected).abs() < 0.03,
                "{what}: {tone} Hz in channel {channel} at {level}, not {expected}"
            );
        }
    }
}

/// What a WAV says of its channels (`dwChannelMask` of WAVEFORMATEXTENSIBLE).
fn mask(wav: &[u8]) -> u32 {
    let at = wav.windows(4).position(|four| four == b"fmt ");
    let at = at.expect("a chunk of the format") + 28;
    u32::from_le_bytes(wav[at..at + 4].try_into().expect("four bytes"))
}

#[test]
fn every_channel_of_surround_sound_stays_in_its_place() {
    let fs = MemFs::new();
    tones(&fs, "/in.wav");
    let encode = |from: &str, to: &str| {
        let codec = match to.rsplit_once('.').expect("an extension").1 {
            "m4a" => "aac",
            "flac" => "flac",
            _ => "pcm_s16le",
        };
        let stream = Stream::new("[0:a]").codec(codec);
        let job = Job::new()
            .input(Input::file(from))
            .output(Output::file(to).stream(stream));
        runtime().process(&fs, &job).expect(to);
        let layout = runtime().probe(&fs, to).expect("it is media");
        let layout = layout.audio().and_then(|a| a.channel_layout.clone());
        assert_eq!(layout.as_deref(), Some("5.1"), "{from} to {to}");
    };
    for to in ["/out.m4a", "/out.flac", "/out.wav"] {
        encode("/in.wav", to);
    }
    // By the letter of MPEG-4: the configuration that is centre, fronts, surrounds and low frequencies.
    let m4a = Parsed::new(&read(&fs, "/out.m4a"));
    assert_eq!(m4a.audio().channels, 6);
    assert_eq!(mask(&read(&fs, "/out.wav")), 0x3f);
    assert_in_place("wav", &Sound::decode(read(&fs, "/out.wav"), "wav"));
    assert_in_place("flac", &Sound::decode(read(&fs, "/out.flac"), "flac"));
    encode("/out.m4a", "/aac.wav");
    assert_in_place("aac", &Sound::decode(read(&fs, "/aac.wav"), "wav"));
}

/// The channels of AAC stand in another order than those of WAV and FLAC.
#[test]
fn the_sound_of_a_film_has_the_same_channels_in_every_format() {
    let fs = fs_with(&["bbb_720p_h264_aac51.mp4"]);
    let job = ["/out.flac", "/out.wav", "/out.m4a"].into_iter().fold(
        Job::new().input(Input::file("/bbb_720p_h264_aac51.mp4")),
        |job, path| {
            let codec = match path {
                "/out.flac" => "flac",
                "/out.wav" => "pcm_s16le",
                _ => "aac",
            };
            let stream = Stream::new("[0:a]").codec(codec);
            let stream = if codec == "flac" {
                stream.option("sample_fmt", "s16")
            } else {
                stream
            };
            job.output(Output::file(path).stream(stream).duration(2.0))
        },
    );
    runtime().process(&fs, &job).expect("the job is done");
    let mut flac = claxon::FlacReader::new(Cursor::new(read(&fs, "/out.flac"))).expect("a FLAC");
    let flac: Vec<f32> = (flac.samples())
        .map(|sample| sample.expect("a whole sample") as f32 / 32_768.0)
        .collect();
    let wav = Sound::decode(read(&fs, "/out.wav"), "wav");
    assert_eq!(wav.channels, 6);
    assert_eq!(wav.samples.len(), 6 * 96_000);
    assert_eq!(flac.len(), wav.samples.len());
    let channel =
        |all: &[f32], n: usize| -> Vec<f32> { all.iter().copied().skip(n).step_by(6).collect() };
    let levels: Vec<f64> = (0..6).map(|n| rms(&channel(&wav.samples, n))).collect();
    for n in 0..6 {
        let level = rms(&channel(&flac, n));
        assert!(
            (level - levels[n]).abs() < 1e-4,
            "channel {n}: {level} of {levels:?}"
        );
    }
    assert!(
        levels[2] > 2.0 * levels[0].max(levels[1]) && levels[3] < 1e-6,
        "the centre is loudest and the low frequencies are silent: {levels:?}"
    );
    assert_eq!(Parsed::new(&read(&fs, "/out.m4a")).audio().channels, 6);
}
