//! Time: endless sources end where the output says, seeks hit the frame, sound and picture stay together.

use afmpeg::{ErrorClass, Input, Job, MemFs, Output, Seek};

use crate::support::events::{events, flash_and_beep};
use crate::support::mp4::Parsed;
use crate::support::pixels::{self, Video};
use crate::support::{assert_close, fs_with, read, runtime};

#[test]
fn an_endless_source_gives_exactly_the_frames_of_the_duration() {
    let fs = MemFs::new();
    for (path, seconds, frames) in [("/two.mp4", 2.0, 50), ("/odd.mp4", 0.52, 13)] {
        let job = Job::new()
            .input(Input::lavfi("testsrc2=size=128x96:rate=25"))
            .filter("[0:v]format=yuv420p[v]")
            .output(
                Output::file(path)
                    .map("[v]")
                    .video_codec("libopenh264")
                    .duration(seconds),
            );
        runtime()
            .process(&fs, &job)
            .expect("the job ends by itself");
        let mp4 = Parsed::new(&read(&fs, path));
        assert_eq!(mp4.video().samples.len(), frames, "{path}");
        assert_close("length", mp4.video().duration, seconds, 0.001);
    }
}

#[test]
fn endless_sound_and_picture_end_together() {
    let fs = MemFs::new();
    let job = Job::new()
        .input(Input::lavfi("testsrc2=size=128x96:rate=25"))
        .input(Input::lavfi("sine=frequency=440:sample_rate=44100"))
        .filter("[0:v]format=yuv420p[v];[1:a]volume=2[a]")
        .output(
            Output::file("/out.mp4")
                .map("[v]")
                .map("[a]")
                .video_codec("libopenh264")
                .audio_codec("aac")
                .duration(1.6),
        );
    runtime()
        .process(&fs, &job)
        .expect("the job ends by itself");
    let mp4 = Parsed::new(&read(&fs, "/out.mp4"));
    assert_eq!(mp4.video().samples.len(), 40);
    assert_close("picture", mp4.video().duration, 1.6, 0.001);
    assert_close("sound", mp4.audio().duration, 1.6, 0.024);
}

#[test]
fn an_endless_graph_source_is_bounded_too() {
    let fs = MemFs::new();
    let source = Video::synthetic(96, 64, 5);
    let job = Job::new()
        .input(source.input(&fs, "/in.yuv", 25))
        .filter(
            "color=c=red:size=96x64:rate=25[bg];[bg][0:v]overlay=shortest=0:eof_action=repeat[v]",
        )
        .output(
            Output::file("/out.mp4")
                .map("[v]")
                .video_codec("libopenh264")
                .duration(1.2),
        );
    runtime()
        .process(&fs, &job)
        .expect("the job ends by itself");
    assert_eq!(
        Parsed::new(&read(&fs, "/out.mp4")).video().samples.len(),
        30
    );
}

/// An input that is read for ever from behind its end would be read in vain for ever.
#[test]
fn a_start_behind_the_end_is_refused_also_of_what_is_repeated() {
    let fs = fs_with(&["bbb_180_h264.mp4"]);
    for seek in [Seek::accurate(100.0), Seek::fast(100.0)] {
        let input = Input::file("/bbb_180_h264.mp4").seek(seek).repeat_forever();
        let output = Output::null().map("[v]").duration(1.0);
        let job = Job::new()
            .input(input)
            .filter("[0:v]null[v]")
            .output(output);
        let error = runtime().process(&fs, &job).expect_err("it has 2 seconds");
        assert_eq!(error.class(), Some(ErrorClass::Seek), "{error}");
    }
}

/// An input may be there for its tags alone, and be told where to begin.
#[test]
fn an_input_of_which_no_stream_is_taken_is_not_searched() {
    let source = "/bbb_180_bframes_subs.mkv";
    let fs = fs_with(&["bbb_180_h264.mp4", &source[1..]]);
    let spec = |seek: &str| {
        format!(
            r#"{{"version":10,"op":"process","inputs":[{{"path":"/bbb_180_h264.mp4"}},{{"path":"{source}"{seek}}}],
            "outputs":[{{"path":"/out.mkv","map":["0:v"],"video_codec":"copy","metadata_from":1}}]}}"#
        )
    };
    let counted = |seek: &str| {
        let result = runtime().invocation(&fs).process_json(&spec(seek));
        let reply = result.unwrap_or_else(|error| panic!("{seek}: {error}"));
        assert_eq!(reply["outputs"][0]["streams"][0]["packets"], 50, "{seek}");
    };
    counted("");
    counted(r#","seek":{"start":1}"#);
    counted(r#","seek":{"start":3,"mode":"accurate"}"#);
}

#[test]
fn an_accurate_seek_begins_with_the_very_frame() {
    let fs = MemFs::new();
    let source = Video::synthetic(160, 128, 75);
    let encode = Job::new()
        .input(source.input(&fs, "/in.yuv", 25))
        .filter("[0:v]null[v]")
        .output(
            Output::file("/long.mp4")
                .map("[v]")
                .video_codec("libopenh264")
                .option("b", 800_000)
                .option("g", 25),
        );
    runtime()
        .process(&fs, &encode)
        .expect("the source is encoded");
    for (start, first) in [(0.0, 0), (0.48, 12), (1.0, 25), (1.72, 43)] {
        let cut = Job::new()
            .input(Input::file("/long.mp4").seek(Seek::accurate(start)))
            .filter("[0:v]null[v]")
            .output(
                Output::file("/cut.mp4")
                    .map("[v]")
                    .video_codec("libopenh264")
                    .option("b", 800_000)
                    .duration(0.4),
            );
        runtime().process(&fs, &cut).expect("the cut is done");
        let video = pixels::decode(&fs, "/cut.mp4", 160, 128);
        let spelled: Vec<usize> = (0..video.len()).map(|n| video.spelled(n)).collect();
        assert_eq!(
            spelled,
            (first..first + 10).collect::<Vec<_>>(),
            "seek to {start}"
        );
        let mp4 = Parsed::new(&read(&fs, "/cut.mp4"));
        assert_close("the cut begins at", mp4.video().start(), 0.0, 0.001);
    }
}

#[test]
fn sound_and_picture_stay_together_after_a_seek() {
    let fs = MemFs::new();
    flash_and_beep(&fs, "/clip.mp4", 1.2, 2.4);
    let (flash, beep) = events(&fs, "/clip.mp4");
    assert_close("flash in the source", flash, 1.2, 0.001);
    assert_close("beep in the source", beep, 1.2, 0.02);
    for start in [0.4, 0.72, 1.03] {
        let job = Job::new()
            .input(Input::file("/clip.mp4").seek(Seek::accurate(start)))
            .filter("[0:v]null[v];[0:a]anull[a]")
            .output(
                Output::file("/cut.mp4")
                    .map("[v]")
                    .map("[a]")
                    .video_codec("libopenh264")
                    .audio_codec("aac")
                    .video_option("b", 500_000),
            );
        runtime().process(&fs, &job).expect("the cut is done");
        let (flash, beep) = events(&fs, "/cut.mp4");
        assert_close(
            &format!("flash after a seek to {start}"),
            flash,
            1.2 - start,
            0.04,
        );
        assert_close(
            &format!("beep against flash after a seek to {start}"),
            beep,
            flash,
            0.04,
        );
    }
}

#[test]
fn a_copied_cut_keeps_sound_and_picture_together() {
    let fs = MemFs::new();
    flash_and_beep(&fs, "/clip.mp4", 1.6, 2.4);
    let job = Job::new()
        .input(Input::file("/clip.mp4").seek(Seek::fast(1.1)))
        .output(
            Output::file("/cut.mp4")
                .map("0:v")
                .map("0:a")
                .video_codec("copy")
                .audio_codec("copy"),
        );
    runtime().process(&fs, &job).expect("the cut is done");
    let (flash, beep) = events(&fs, "/cut.mp4");
    assert_close("beep against flash", beep, flash, 0.04);
}

#[test]
fn end_and_duration_name_the_same_window() {
    let fs = MemFs::new();
    let source = Video::synthetic(96, 64, 50);
    let input = source.input(&fs, "/in.yuv", 25);
    let raw = |path: &str| {
        Output::file(path)
            .format("rawvideo")
            .map("[v]")
            .video_codec("rawvideo")
    };
    for output in [raw("/out.yuv").duration(0.8), raw("/out.yuv").end(0.8)] {
        let job = Job::new()
            .input(input.clone())
            .filter("[0:v]null[v]")
            .output(output);
        runtime().process(&fs, &job).expect("the window is done");
        assert!(
            read(&fs, "/out.yuv") == source.data[..source.frame(0).len() * 20],
            "twenty exact frames"
        );
    }
}
