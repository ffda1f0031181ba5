//! Typed settings of x264: the engine knows each of them, and each does what it says.

use afmpeg::codec::{H264Profile, X264, X264Preset, X264Tune};
use afmpeg::{Job, MemFs, Output};

use crate::support::h264::{Kind, Picture};
use crate::support::mp4::{Parsed, ParsedSample};
use crate::support::pixels::Video;
use crate::support::{read, runtime};

fn encoded(settings: X264) -> (MemFs, Vec<ParsedSample>) {
    let source = Video::synthetic(160, 96, 24);
    let fs = MemFs::new();
    let job = Job::new()
        .input(source.input(&fs, "/in.yuv", 25))
        .filter("[0:v]null[v]")
        .output(Output::file("/out.mp4").map("[v]").video_codec(settings))
        .build()
        .expect("the job is right");
    assert_eq!(runtime().check(&job).expect("it answers"), []);
    runtime().process(&fs, &job).expect("it is encoded");
    let samples = Parsed::new(&read(&fs, "/out.mp4")).tracks.remove(0).samples;
    (fs, samples)
}

fn size(settings: X264) -> usize {
    encoded(settings)
        .1
        .iter()
        .map(|sample| sample.data.len())
        .sum()
}

fn kinds(settings: X264) -> Vec<Kind> {
    let (_, samples) = encoded(settings);
    let pictures = samples.iter().map(|sample| Picture::of(&sample.data).kind);
    pictures.collect()
}

#[test]
#[ignore = "needs an engine of the GPL variant: cargo xtask test --gpl"]
fn quality_presets_and_rates_change_the_size() {
    let fast = || X264::new().preset(X264Preset::Veryfast);
    let (fine, coarse) = (size(fast().crf(18.0)), size(fast().crf(40.0)));
    assert!(fine * 2 > coarse * 3, "{fine} {coarse}");
    // The fastest preset has no CABAC, no B pictures and hardly a search.
    let quick = X264::new().preset(X264Preset::Ultrafast).crf(23.0);
    let slow = X264::new().preset(X264Preset::Slow).crf(23.0);
    let (quick, slow) = (size(quick), size(slow));
    assert!(quick > slow, "{quick} {slow}");
    let bound = || fast().crf(10.0);
    let (held, free) = (size(bound().max_bitrate(16_000, 8_000)), size(bound()));
    assert!(held * 3 < free * 2, "{held} {free}");
}

#[test]
#[ignore = "needs an engine of the GPL variant: cargo xtask test --gpl"]
fn groups_and_b_pictures_are_as_many_as_they_say() {
    let settings = || X264::new().preset(X264Preset::Medium).crf(30.0);
    let count = |kinds: &[Kind], kind: Kind| kinds.iter().filter(|k| **k == kind).count();
    let with = kinds(settings().b_frames(3));
    assert!(count(&with, Kind::B) > 0, "{with:?}");
    let without = kinds(settings().b_frames(0).gop(6));
    assert_eq!(count(&without, Kind::B), 0, "{without:?}");
    let keys: Vec<usize> = (0..without.len())
        .filter(|&at| without[at] == Kind::I)
        .collect();
    assert!(
        keys[0] == 0 && keys.len() >= 4 && keys.windows(2).all(|pair| pair[1] - pair[0] <= 6),
        "{keys:?}"
    );
}

#[test]
#[ignore = "needs an engine of the GPL variant: cargo xtask test --gpl"]
fn profiles_and_tunings_are_what_they_say() {
    for (profile, name) in [
        (H264Profile::ConstrainedBaseline, "Constrained Baseline"),
        (H264Profile::Main, "Main"),
        (H264Profile::High, "High"),
    ] {
        let (fs, _) = encoded(X264::new().preset(X264Preset::Medium).profile(profile));
        let probe = runtime().probe(&fs, "/out.mp4").expect("it is MP4");
        assert_eq!(probe.streams[0].profile.as_deref(), Some(name));
    }
    // Without a delay there can be no B pictures.
    let tuned = X264::new()
        .preset(X264Preset::Medium)
        .tune(X264Tune::ZeroLatency);
    assert!(!kinds(tuned).contains(&Kind::B));
}
