//! Smart cuts: the very frames of the window, of which all but those at its edges are copied bit by bit.

use std::ops::Range;

use afmpeg::{Cut, ErrorClass, Input, Job, MemFs, Output, Seek, Stream};
use matroska_demuxer::TrackType;
use serde_json::json;

use crate::support::mp4::Parsed;
use crate::support::pixels::{self, Video};
use crate::support::{assert_close, fs_with, mkv, read, runtime};

/// Frames of every source here last as long as this.
const FRAME: f64 = 0.04;

/// Decibels below which a viewer would see where the encoded frames are.
const CLOSE: f64 = 34.0;

/// Cuts `[start, end)` out of the first video stream, as a job that is yet without outputs.
fn from(path: &str, start: f64) -> Job {
    Job::new().input(Input::file(path).seek(Seek::accurate(start)))
}

fn to(path: &str, start: f64, end: f64) -> Output {
    let output = Output::file(path).map("0:v").duration(end - start);
    output.cut(Cut::Smart)
}

/// Runs the cut; the numbers of frames that were written, and of those that were encoded.
#[track_caller]
fn cut(fs: &MemFs, source: &str, result: &str, start: f64, end: f64) -> (usize, usize) {
    let job = from(source, start).output(to(result, start, end));
    let report = runtime()
        .process(fs, &job)
        .unwrap_or_else(|error| panic!("{source} from {start} to {end}: {error}"));
    let stream = &report.outputs[0].streams[0];
    let encoded = stream.reencoded.expect("a smart cut tells");
    assert!(report.warnings.is_empty(), "{:?}", report.warnings);
    assert!(stream.copied);
    assert_eq!(stream.encoder.is_some(), encoded > 0);
    assert_eq!(stream.frames, stream.packets);
    (stream.frames.expect("it tells") as usize, encoded as usize)
}

/// The numbers of the frames that begin in `[start, end)` of a source whose first begins at `first`.
fn window(start: f64, end: f64, first: f64) -> Range<usize> {
    let number = |time: f64| ((time - first) / FRAME - 1e-6).ceil() as usize;
    number(start)..number(end)
}

/// The frames that an encoder is given of the window.
#[track_caller]
fn shown(fs: &MemFs, source: &str, start: f64, end: f64) -> Video {
    let raw = Output::file("/window.yuv").format("rawvideo").map("[0:v]");
    let job = from(source, start).output(raw.video_codec("rawvideo").duration(end - start));
    runtime().process(fs, &job).expect("the window is decoded");
    Video::from_raw(320, 180, read(fs, "/window.yuv"))
}

/// Asserts that the result shows the frames `expected` of the source and no other, and that all but
/// `encoded` of them are the source's bit by bit. The others are close.
#[track_caller]
fn assert_frames(
    what: &str,
    source: &Video,
    result: &Video,
    expected: Range<usize>,
    encoded: usize,
) {
    assert_eq!(result.len(), expected.len(), "{what}: frames");
    let mut differ = 0;
    for (n, from) in expected.enumerate() {
        if source.frame(from) != result.frame(n) {
            differ += 1;
            let close = pixels::psnr(source.frame(from), result.frame(n));
            assert!(
                close > CLOSE,
                "{what}: frame {n} is not frame {from}: {close:.1} dB"
            );
        }
    }
    assert!(
        differ <= encoded,
        "{what}: {differ} frames differ, {encoded} were encoded"
    );
}

/// Asserts that the frames of the only video track are shown at the times that they have in the source.
#[track_caller]
fn assert_times(what: &str, mp4: &Parsed, start: f64, first: f64, expected: Range<usize>) {
    let times = mp4.video().times();
    assert_eq!(times.len(), expected.len(), "{what}");
    for (time, n) in times.iter().zip(expected) {
        assert_close(what, *time, first + n as f64 * FRAME - start, 0.0006);
    }
    let samples = &mp4.video().samples;
    assert!(
        samples.windows(2).all(|pair| pair[0].dts < pair[1].dts),
        "{what}: decode times grow"
    );
    assert!(
        samples
            .iter()
            .all(|sample| sample.dts <= sample.pts + 0.0006),
        "{what}: no frame is shown before it is decoded"
    );
}

/// What the muxer gets is not what the cut looks at: a bitstream filter stands between them.
#[test]
fn a_bitstream_filter_changes_nothing_of_the_cut() {
    let fs = fs_with(&["bbb_180_h264.mp4"]);
    let source = pixels::decode(&fs, "/bbb_180_h264.mp4", 320, 180);
    let (start, end) = (0.84, 1.24);
    let stream = Stream::new("0:v").codec("copy");
    let stream = stream.bitstream_filters("h264_mp4toannexb");
    let output = Output::file("/cut.ts").stream(stream).cut(Cut::Smart);
    let job = from("/bbb_180_h264.mp4", start).output(output.duration(end - start));
    let report = runtime().process(&fs, &job).expect("the cut is made");
    let encoded = report.outputs[0].streams[0].reencoded;
    let encoded = encoded.expect("a smart cut tells") as usize;
    assert!((4..7).contains(&encoded), "{encoded}");
    let result = pixels::decode(&fs, "/cut.ts", 320, 180);
    let expected = window(start, end, 0.0);
    assert_frames("with a filter", &source, &result, expected, encoded);
}

#[test]
fn every_window_has_its_very_frames() {
    let fs = fs_with(&["bbb_180_h264.mp4"]);
    let source = pixels::decode(&fs, "/bbb_180_h264.mp4", 320, 180);
    // Key frames are the frames 0 and 25. From one; within one group of pictures; over both; between
    // two frames; past the end of the file; around a key frame.
    for (start, end, encoded) in [
        (0.0, 0.28, 0..3),
        (0.2, 0.36, 4..5),
        (0.84, 1.24, 4..7),
        (0.97, 1.13, 0..3),
        (1.9, 2.5, 2..3),
        (0.92, 1.04, 2..4),
    ] {
        let what = format!("{start} to {end}");
        let expected = window(start, f64::min(end, 2.0), 0.0);
        let (written, made) = cut(&fs, "/bbb_180_h264.mp4", "/cut.mp4", start, end);
        assert_eq!(written, expected.len(), "{what}");
        assert!(encoded.contains(&made), "{what}: {made} frames encoded");
        let result = pixels::decode(&fs, "/cut.mp4", 320, 180);
        assert_frames(&what, &source, &result, expected.clone(), made);
        assert_times(
            &what,
            &Parsed::new(&read(&fs, "/cut.mp4")),
            start,
            0.0,
            expected,
        );
    }
}

#[test]
fn every_container_has_the_frames_and_the_sound_beside_them() {
    let name = "/bbb_180_bframes_subs.mkv";
    let fs = fs_with(&[&name[1..]]);
    // The key frames that follow are the frames 48 and 96; the first begins at 21 ms.
    let (start, end, first) = (1.76, 2.24, 0.021);
    let mut job = from(name, start);
    for path in ["/cut.mp4", "/cut.mkv", "/cut.ts"] {
        job = job.output(to(path, start, end).map("0:a").audio_codec("copy"));
    }
    let report = runtime().process(&fs, &job).expect("the cuts are done");
    let source = shown(&fs, name, start, end);
    let expected = window(start, end, first);
    for output in &report.outputs {
        let what = output.path.as_str();
        let encoded = output.streams[0].reencoded.expect("a smart cut tells") as usize;
        assert!((4..8).contains(&encoded), "{what}: {encoded}");
        assert_eq!(output.streams[1].reencoded, None, "{what}");
        let result = pixels::decode(&fs, what, 320, 180);
        assert_frames(what, &source, &result, 0..expected.len(), encoded);
    }

    let (mp4, whole) = (
        Parsed::new(&read(&fs, "/cut.mp4")),
        mkv::Parsed::new(&read(&fs, name)),
    );
    assert_times("MP4", &mp4, start, first, expected.clone());
    assert_eq!(mp4.video().codec, "avc3");
    // Sound of before the picture by less than a packet, the same bytes, at the same distance from it.
    let sound = whole.only(TrackType::Audio);
    let at = |packet: &[u8]| sound.packets.iter().position(|from| from == packet);
    let begins = at(&mp4.audio().samples[0].data).expect("a packet of the source");
    assert!((-0.022..=0.0).contains(&(sound.times[begins] - start)));
    for (sample, n) in mp4.audio().samples.iter().zip(begins..) {
        assert!(sample.data == sound.packets[n], "packet {n}");
        assert_close("sound", sample.pts, sound.times[n] - start, 0.0011);
    }
    let result = mkv::Parsed::new(&read(&fs, "/cut.mkv"));
    let apart = result.only(TrackType::Video).start() - result.only(TrackType::Audio).start();
    let picture = first + expected.start as f64 * FRAME;
    assert_close("A/V offset", apart, picture - sound.times[begins], 0.0021);

    // From a transport stream, whose packets have start codes, and in which the times count from 1.4 s.
    let (written, encoded) = cut(&fs, "/cut.ts", "/again.mp4", 0.08, 0.4);
    let again = pixels::decode(&fs, "/again.mp4", 320, 180);
    let result = pixels::decode(&fs, "/cut.ts", 320, 180);
    assert!(written >= 7 && encoded < written, "{encoded} of {written}");
    let skipped = (0..result.len() - written)
        .find(|&skipped| (0..written).any(|n| result.frame(skipped + n) == again.frame(n)))
        .expect("some frames are copied");
    assert_frames(
        "from MPEG-TS",
        &result,
        &again,
        skipped..skipped + written,
        encoded,
    );
}

#[test]
fn of_a_long_clip_nearly_all_is_copied() {
    let fs = MemFs::new();
    let source = Video::synthetic(64, 64, 250);
    let encode = Job::new()
        .input(source.input(&fs, "/in.yuv", 25))
        .filter("[0:v]null[v]")
        .output(
            Output::file("/ten.mp4")
                .map("[v]")
                .video_codec("libopenh264")
                .option("g", 25),
        );
    runtime()
        .process(&fs, &encode)
        .expect("the source is encoded");
    let copies = Job::new()
        .input(Input::concat(["/ten.mp4"; 4]))
        .output(Output::file("/long.mp4").map("0:v").video_codec("copy"));
    runtime().process(&fs, &copies).expect("they are joined");

    let (written, encoded) = cut(&fs, "/long.mp4", "/cut.mp4", 0.52, 39.0);
    assert_eq!((written, encoded), (962, 12));
    let (long, cut) = (
        Parsed::new(&read(&fs, "/long.mp4")),
        Parsed::new(&read(&fs, "/cut.mp4")),
    );
    let (long, cut) = (&long.video().samples, &cut.video().samples);
    let same = (0..written).filter(|&n| cut[n].data == long[n + 13].data);
    // All but those that were encoded: files that are joined have parameter sets before each key frame.
    assert_eq!(same.count(), written - encoded);
    assert!(cut[encoded].is_sync);
    assert!((written - encoded) as f64 >= 0.95 * written as f64);
}

#[test]
fn open_groups_of_pictures_are_not_taken_apart() {
    // Key frames that are no IDR pictures: a decoder that comes from another encoder's pictures would
    // miss what their followers refer to.
    let name = "/bbb_180_opengop.mp4";
    let fs = fs_with(&[&name[1..]]);
    // From the IDR picture into a group that is open; over a key frame that is none; from such a key
    // frame, which needs nothing before it, into the next group.
    for (start, end, encoded) in [(0.0, 0.6, 0..4), (0.48, 0.64, 4..5), (1.04, 1.6, 0..4)] {
        let what = format!("{start} to {end}");
        let expected = window(start, end, 0.0);
        let source = shown(&fs, name, start, end);
        let (written, made) = cut(&fs, name, "/cut.mp4", start, end);
        assert_eq!(written, expected.len(), "{what}");
        assert!(encoded.contains(&made), "{what}: {made} frames encoded");
        let result = pixels::decode(&fs, "/cut.mp4", 320, 180);
        assert_frames(&what, &source, &result, 0..expected.len(), made);
    }
}

#[test]
fn without_an_encoder_a_cut_at_the_edges_is_copied_and_another_refused() {
    let fs = fs_with(&["bbb_180_hevc.mp4"]);
    let whole = Job::new()
        .input(Input::file("/bbb_180_hevc.mp4"))
        .output(to("/cut.mp4", 0.0, 2.0));
    let report = runtime().process(&fs, &whole).expect("all is copied");
    let stream = &report.outputs[0].streams[0];
    assert_eq!((stream.reencoded, stream.frames), (Some(0), Some(50)));
    assert_eq!(stream.encoder, None);
    let job = from("/bbb_180_hevc.mp4", 0.5).output(to("/cut.mp4", 0.5, 1.0));
    let error = runtime().process(&fs, &job).expect_err("no encoder");
    assert_eq!(error.class(), Some(ErrorClass::NotInBuild), "{error}");
    assert!(error.to_string().contains("hevc"), "{error}");
}

#[test]
fn what_cannot_be_cut_so_is_refused() {
    let fs = fs_with(&["bbb_180_h264.mp4"]);
    let source = "/bbb_180_h264.mp4";
    let smart = || to("/cut.mp4", 0.5, 1.0);
    let stream = |codec: &str, option: &str| {
        let stream = Stream::new("0:v").codec(codec).option(option, "1");
        Output::file("/cut.mp4").stream(stream).cut(Cut::Smart)
    };
    let encoded = Output::file("/cut.mp4").map("[0:v]").cut(Cut::Smart);
    let beside = Output::file("/b.mp4").map("0:v");
    let looped = Job::new().input(Input::file(source).repeat(2));
    for (job, class, part) in [
        (from(source, 0.5).output(encoded), ErrorClass::Map, "none"),
        (
            from(source, 0.5).output(smart()).output(beside),
            ErrorClass::Seek,
            "exact time",
        ),
        (looped.output(smart()), ErrorClass::Seek, "looped"),
        (
            from(source, 0.5).output(stream("copy", "qqmin")),
            ErrorClass::Option,
            "qqmin",
        ),
        (
            from(source, 0.5).output(stream("copy", "pix_fmt")),
            ErrorClass::Option,
            "pixel format",
        ),
    ] {
        let error = runtime().process(&fs, &job).expect_err(part);
        assert_eq!(error.class(), Some(class), "{error}");
        assert!(error.to_string().contains(part), "{error}");
    }
    let spec = |version: u32, cut: &str| {
        json!({"version": version, "op": "process", "inputs": [{"path": source}],
            "outputs": [{"path": "/o.mp4", "map": ["0:v"], "cut": cut}]})
        .to_string()
    };
    for (spec, part) in [
        (spec(10, "smart"), "window"),
        (spec(10, "sharp"), "cut"),
        (spec(9, "smart"), "vocabulary 10"),
    ] {
        let error = runtime().process_json(&fs, &spec).expect_err(part);
        assert!(error.to_string().contains(part), "{error}");
    }
    let keyframe = spec(10, "keyframe");
    runtime()
        .process_json(&fs, &keyframe)
        .expect("what holds without it");
}
