//! Joining clips: the concat filter, the concat demuxer, crossfades, mixes.

use afmpeg::{Input, Job, MemFs, Output};

use crate::support::audio::Sound;
use crate::support::mp4::Parsed;
use crate::support::pixels::{self, Video};
use crate::support::{assert_close, read, runtime};

fn encode(fs: &MemFs, video: &Video, path: &str) {
    let job = Job::new()
        .input(video.input(fs, "/source.yuv", 25))
        .filter("[0:v]null[v]")
        .output(
            Output::file(path)
                .map("[v]")
                .video_codec("libopenh264")
                .option("b", 800_000),
        );
    runtime().process(fs, &job).expect("the clip is encoded");
}

/// The frames of `video` from `from` on.
fn tail(video: &Video, from: usize) -> Video {
    let at = video.frame(0).len() * from;
    Video {
        width: video.width,
        height: video.height,
        data: video.data[at..].to_vec(),
    }
}

/// One plain colour for `frames` frames.
fn plain(luma: u8, frames: usize) -> Video {
    let frame = [vec![luma; 96 * 64], vec![128; 96 * 64 / 2]].concat();
    Video {
        width: 96,
        height: 64,
        data: frame.repeat(frames),
    }
}

#[test]
fn the_concat_filter_joins_without_a_gap_or_a_doubled_frame() {
    let fs = MemFs::new();
    let all = Video::synthetic(160, 128, 40);
    let head = Video {
        data: all.data[..all.frame(0).len() * 15].to_vec(),
        ..all.clone()
    };
    let job = Job::new()
        .input(head.input(&fs, "/a.yuv", 25))
        .input(tail(&all, 15).input(&fs, "/b.yuv", 25))
        .filter("[0:v][1:v]concat=n=2:v=1:a=0,split[v][w]")
        .output(
            Output::file("/out.mp4")
                .map("[v]")
                .video_codec("libopenh264")
                .option("b", 800_000),
        )
        .output(
            Output::file("/out.yuv")
                .format("rawvideo")
                .map("[w]")
                .video_codec("rawvideo"),
        );
    runtime().process(&fs, &job).expect("the clips are joined");

    assert!(
        read(&fs, "/out.yuv") == all.data,
        "every pixel of both clips, in order"
    );
    let mp4 = Parsed::new(&read(&fs, "/out.mp4"));
    assert_eq!(mp4.video().samples.len(), 40);
    for (n, time) in mp4.video().times().iter().enumerate() {
        assert_close("time of a joined frame", *time, n as f64 / 25.0, 0.001);
    }
}

#[test]
fn the_concat_demuxer_joins_copies() {
    let fs = MemFs::new();
    let all = Video::synthetic(160, 128, 35);
    encode(
        &fs,
        &Video {
            data: all.data[..all.frame(0).len() * 20].to_vec(),
            ..all.clone()
        },
        "/it's a.mp4",
    );
    encode(&fs, &tail(&all, 20), "/b.mp4");
    let job = Job::new()
        .input(Input::concat(["/it's a.mp4", "/b.mp4"]))
        .output(Output::file("/out.mp4").map("0:v").video_codec("copy"));
    runtime().process(&fs, &job).expect("the clips are joined");

    let mp4 = Parsed::new(&read(&fs, "/out.mp4"));
    assert_eq!(mp4.video().samples.len(), 35);
    assert_close("length", mp4.video().duration, 1.4, 0.001);
    for (n, time) in mp4.video().times().iter().enumerate() {
        assert_close("time of a joined frame", *time, n as f64 / 25.0, 0.001);
    }
    let video = pixels::decode(&fs, "/out.mp4", 160, 128);
    let spelled: Vec<usize> = (0..video.len()).map(|n| video.spelled(n)).collect();
    assert_eq!(spelled, (0..35).collect::<Vec<_>>());
}

/// Pictures of 4:2:0 are mixed as they are, sample by sample, and not scaled to 4:4:4 and back.
#[test]
fn a_crossfade_of_subsampled_pictures_is_their_exact_mix() {
    let fs = MemFs::new();
    let (from, to) = (Video::synthetic(98, 66, 10), Video::synthetic(98, 66, 23));
    let to = tail(&to, 13);
    let job = Job::new()
        .input(from.input(&fs, "/from.yuv", 10))
        .input(to.input(&fs, "/to.yuv", 10))
        .filter("[0:v][1:v]xfade=transition=fade:duration=1:offset=0[v]")
        .output(
            Output::file("/out.yuv")
                .format("rawvideo")
                .map("[v]")
                .video_codec("rawvideo"),
        );
    runtime().process(&fs, &job).expect("the clips are mixed");

    let mixed = read(&fs, "/out.yuv");
    assert_eq!(mixed.len(), from.data.len(), "4:2:0, ten frames");
    for n in 0..10 {
        let share = 1.0 - n as f32 / 10.0;
        let expected: Vec<u8> = (from.frame(n).iter().zip(to.frame(n)))
            .map(|(a, b)| (f32::from(*a) * share + f32::from(*b) * (1.0 - share)) as u8)
            .collect();
        let size = expected.len();
        assert!(mixed[n * size..][..size] == expected, "frame {n}");
    }
}

/// The edge of a wipe is at the same place in luma and chroma; an angle of 4:2:2 would not be one, so
/// that it is done in 4:4:4.
#[test]
fn wipes_of_subsampled_pictures_have_one_edge() {
    let fs = MemFs::new();
    let colour = |y: u8, c: u8| {
        let frame = [vec![y; 96 * 64], vec![c; 96 * 64 / 2]].concat();
        Video {
            width: 96,
            height: 64,
            data: frame.repeat(4),
        }
    };
    let job = Job::new()
        .input(colour(30, 60).input(&fs, "/from.yuv", 4))
        .input(colour(220, 190).input(&fs, "/to.yuv", 4))
        .filter("[0:v][1:v]xfade=transition=wipeleft:duration=1:offset=0[v]")
        .output(
            Output::file("/out.yuv")
                .format("rawvideo")
                .map("[v]")
                .video_codec("rawvideo"),
        );
    runtime().process(&fs, &job).expect("the clips are mixed");

    let wiped = Video::from_raw(96, 64, read(&fs, "/out.yuv"));
    assert_eq!(wiped.len(), 4);
    for n in 0..4 {
        let frame = wiped.frame(n);
        let edge = 96 - 24 * n;
        for x in 0..96 {
            let luma = if x > edge { 220 } else { 30 };
            assert_eq!(frame[96 * 31 + x], luma, "luma {x} of frame {n}");
        }
        for x in 0..48 {
            let chroma = if x > edge / 2 { 190 } else { 60 };
            for plane in [96 * 64, 96 * 64 * 5 / 4] {
                assert_eq!(
                    frame[plane + 48 * 15 + x],
                    chroma,
                    "chroma {x} of frame {n}"
                );
            }
        }
    }
    for (transition, input, expected) in [
        ("radial", "yuv422p", "yuv444p"),
        ("radial", "yuv420p", "yuv420p"),
        ("fadeblack", "yuv422p", "yuv422p"),
        ("slideleft", "yuv420p", "yuv444p"),
        ("dissolve", "yuv420p", "yuv444p"),
    ] {
        let job = Job::new()
            .input(Input::lavfi("testsrc2=size=32x32:rate=4:duration=1"))
            .input(Input::lavfi("testsrc2=size=32x32:rate=4:duration=1"))
            .filter(format!(
                "[0:v]format={input}[a];[1:v]format={input}[b];\
                 [a][b]xfade=transition={transition}:duration=1:offset=0[v]"
            ))
            .output(
                Output::file("/out.raw")
                    .format("rawvideo")
                    .map("[v]")
                    .video_codec("rawvideo"),
            );
        runtime().process(&fs, &job).expect("the clips are mixed");
        let samples = match expected {
            "yuv444p" => 3 * 32 * 32,
            "yuv422p" => 2 * 32 * 32,
            _ => 32 * 32 * 3 / 2,
        };
        let size = read(&fs, "/out.raw").len();
        assert_eq!(size, 4 * samples, "{transition} of {input} is {expected}");
    }
}

#[test]
fn a_crossfade_blends_pictures_while_the_sounds_mix() {
    let fs = MemFs::new();
    let job = Job::new()
        .input(plain(40, 50).input(&fs, "/dark.yuv", 25))
        .input(plain(200, 50).input(&fs, "/light.yuv", 25))
        .input(Input::lavfi(
            "sine=frequency=500:sample_rate=48000:duration=3",
        ))
        .input(Input::lavfi(
            "sine=frequency=1500:sample_rate=48000:duration=3",
        ))
        .filter(
            "[0:v][1:v]xfade=transition=fade:duration=1:offset=1[v];\
             [2:a][3:a]amix=inputs=2:duration=longest,volume=4[a]",
        )
        .output(
            Output::file("/out.mp4")
                .map("[v]")
                .map("[a]")
                .video_codec("libopenh264")
                .audio_codec("aac")
                .video_option("b", 500_000)
                .audio_option("b", 128_000),
        );
    runtime().process(&fs, &job).expect("the reel is done");

    let bytes = read(&fs, "/out.mp4");
    let mp4 = Parsed::new(&bytes);
    assert_eq!(mp4.video().samples.len(), 75);
    assert_close("picture", mp4.video().duration, 3.0, 0.001);
    assert_close("sound", mp4.audio().duration, 3.0, 0.024);
    let video = pixels::decode(&fs, "/out.mp4", 96, 64);
    let luma = |n: usize| f64::from(video.frame(n)[96 * 32 + 48]);
    for n in [0, 12, 24] {
        assert!(
            (luma(n) - 40.0).abs() < 4.0,
            "frame {n} is still dark: {}",
            luma(n)
        );
    }
    for n in [51, 62, 74] {
        assert!(
            (luma(n) - 200.0).abs() < 4.0,
            "frame {n} is all light: {}",
            luma(n)
        );
    }
    for n in 26..50 {
        let expected = 40.0 + 160.0 * (n as f64 - 25.0) / 25.0;
        assert!(
            (luma(n) - expected).abs() < 11.0,
            "frame {n} is {}, expected {expected:.0}",
            luma(n)
        );
    }

    let sound = Sound::decode(bytes, "mp4");
    assert_eq!(sound.rate, 48_000);
    for frequency in [500.0, 1_500.0] {
        let level = sound.tone(0, 0.5, 2.5, frequency);
        assert!(level > 0.1, "the {frequency} Hz tone has level {level:.3}");
    }
    assert!(
        sound.tone(0, 0.5, 2.5, 1_000.0) < 0.01,
        "nothing between the two tones"
    );
}

#[test]
fn acrossfade_passes_from_one_sound_to_the_other() {
    let fs = MemFs::new();
    let job = Job::new()
        .input(Input::lavfi(
            "sine=frequency=500:sample_rate=48000:duration=2",
        ))
        .input(Input::lavfi(
            "sine=frequency=1500:sample_rate=48000:duration=2",
        ))
        .filter("[0:a][1:a]acrossfade=d=1[a]")
        .output(Output::file("/out.wav").map("[a]").audio_codec("pcm_s16le"));
    runtime().process(&fs, &job).expect("the fade is done");
    let sound = Sound::decode(read(&fs, "/out.wav"), "wav");
    assert_close("length", sound.duration(), 3.0, 0.001);
    let (low, high) = (
        |a, b| sound.tone(0, a, b, 500.0),
        |a, b| sound.tone(0, a, b, 1_500.0),
    );
    assert!(
        low(0.2, 0.8) > 0.1 && high(0.2, 0.8) < 0.002,
        "only the first before the fade"
    );
    assert!(
        high(2.2, 2.8) > 0.1 && low(2.2, 2.8) < 0.002,
        "only the second after the fade"
    );
    assert!(
        low(1.4, 1.6) > 0.03 && high(1.4, 1.6) > 0.03,
        "both in the middle of the fade"
    );
}
