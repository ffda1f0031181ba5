//! Sound and picture stay together where clips are joined: a flash and a beep of one moment.

use afmpeg::{Input, Job, MemFs, Output};

use crate::support::events::{events, flash_and_beep};
use crate::support::mp4::Parsed;
use crate::support::pixels::Video;
use crate::support::{assert_close, read, runtime};

/// A clip of 0.8 s that is dark and silent, and one of 1 s with its event at 0.5 s.
#[test]
fn after_a_concat_and_after_a_crossfade() {
    let fs = MemFs::new();
    flash_and_beep(&fs, "/dark.mp4", 9.0, 0.8);
    flash_and_beep(&fs, "/event.mp4", 0.5, 1.0);
    for (what, filter, at) in [
        (
            "a concat",
            "[0:v][0:a][1:v][1:a]concat=n=2:v=1:a=1[v][a]",
            1.3,
        ),
        (
            "a crossfade",
            "[0:v][1:v]xfade=duration=0.4:offset=0.4[v];[0:a][1:a]acrossfade=d=0.4[a]",
            0.9,
        ),
    ] {
        let job = Job::new()
            .input(Input::file("/dark.mp4"))
            .input(Input::file("/event.mp4"))
            .filter(filter)
            .output(
                Output::file("/out.mp4")
                    .map("[v]")
                    .map("[a]")
                    .video_codec("libopenh264")
                    .audio_codec("aac")
                    .video_option("b", 500_000),
            );
        runtime().process(&fs, &job).expect("the clips are joined");
        let (flash, beep) = events(&fs, "/out.mp4");
        assert_close(&format!("flash after {what}"), flash, at, 0.04);
        assert_close(
            &format!("beep against flash after {what}"),
            beep,
            flash,
            0.04,
        );
    }
}

#[test]
fn two_clips_of_a_second_crossfaded_last_what_they_do_not_share() {
    let fs = MemFs::new();
    let source = Video::synthetic(96, 64, 30);
    let job = Job::new()
        .input(source.input(&fs, "/a.yuv", 30))
        .input(source.input(&fs, "/b.yuv", 30))
        .filter("[0:v][1:v]xfade=duration=0.4:offset=0.6[v]")
        .output(
            Output::file("/out.mp4")
                .map("[v]")
                .video_codec("libopenh264"),
        );
    runtime().process(&fs, &job).expect("the clips are joined");
    let mp4 = Parsed::new(&read(&fs, "/out.mp4"));
    assert_eq!(mp4.video().samples.len(), 48);
    assert_close("presented length", mp4.video().duration, 1.6, 1.0 / 60.0);
    for (n, time) in mp4.video().times().iter().enumerate() {
        assert_close("time of a frame", *time, n as f64 / 30.0, 0.001);
    }
}
