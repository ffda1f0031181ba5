//! Sound of more channels than an encoder takes is mixed into those that it takes.

use afmpeg::{Input, Job, MemFs, Output};

use crate::support::audio::{self, Sound};
use crate::support::{read, runtime};

/// Front left and right, centre, low frequencies, back left and right.
const TONES: [f64; 6] = [400.0, 700.0, 1_100.0, 60.0, 1_600.0, 2_300.0];
const LEVEL: f64 = 0.3;

/// Writes a second of the tones, each in its channel.
fn tones(fs: &MemFs, path: &str) {
    let channels = TONES.map(|tone| (tone, LEVEL));
    let wav = audio::wav(48_000, 6, &audio::tones(48_000, &channels));
    fs.write(path, wav).expect("there is room");
}

/// By ITU-R BS.775 the centre and the surrounds are in the mix by 3 dB less than the fronts, and low frequencies are
/// not. All of it together is made so quiet that it cannot be too loud.
#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn six_channels_are_mixed_into_two_where_an_encoder_takes_no_more() {
    let fs = MemFs::new();
    tones(&fs, "/in.wav");
    let before = runtime().probe(&fs, "/in.wav").expect("it is WAV");
    let layout = before
        .audio()
        .and_then(|audio| audio.channel_layout.clone());
    assert_eq!(layout.as_deref(), Some("5.1"));
    let job = Job::new()
        .input(Input::file("/in.wav"))
        .filter("[0:a]anull[a]")
        .output(
            Output::file("/out.mp3")
                .map("[a]")
                .audio_codec("libmp3lame")
                .audio_option("b", 256_000),
        );
    let report = runtime().process(&fs, &job).expect("it is encoded");
    assert_eq!(report.outputs[0].streams[0].channels, Some(2));
    let after = runtime().probe(&fs, "/out.mp3").expect("it is MP3");
    let layout = after.audio().and_then(|audio| audio.channel_layout.clone());
    assert_eq!(layout.as_deref(), Some("stereo"));

    let sound = Sound::decode(read(&fs, "/out.mp3"), "mp3");
    assert_eq!((sound.rate, sound.channels), (48_000, 2));
    let half = 0.5_f64.sqrt();
    let parts = [
        [1.0, 0.0, half, 0.0, half, 0.0],
        [0.0, 1.0, half, 0.0, 0.0, half],
    ];
    let whole = 1.0 + half + half;
    for (channel, parts) in parts.into_iter().enumerate() {
        for (tone, part) in TONES.into_iter().zip(parts) {
            let level = sound.tone(channel, 0.3, 0.7, tone);
            let expected = LEVEL * part / whole;
            assert!(
                (level - expected).abs() < 0.01,
                "{tone} Hz in channel {channel} at {level}, not {expected}"
            );
        }
    }
}
