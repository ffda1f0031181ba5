//! Stream copy: remuxes keep every byte and time, windows keep whole frames and their lengths.

use afmpeg::{Input, Job, MemFs, Output, Seek};
use matroska_demuxer::TrackType;

use crate::support::audio::Sound;
use crate::support::mp4::Parsed;
use crate::support::pixels::{self, Video};
use crate::support::{assert_close, fixture, fs_with, mkv, read, reference, runtime};

#[test]
fn remux_mkv_to_mp4_keeps_every_packet() {
    let fs = fs_with(&["bbb_180_bframes_subs.mkv"]);
    let job = Job::new()
        .input(Input::file("/bbb_180_bframes_subs.mkv"))
        .output(
            Output::file("/out.mp4")
                .map("0:v")
                .map("0:a")
                .video_codec("copy")
                .audio_codec("copy"),
        );
    let report = runtime().process(&fs, &job).expect("the remux is done");
    assert!(report.outputs[0].streams.iter().all(|stream| stream.copied));

    let source = mkv::Parsed::new(&read(&fs, "/bbb_180_bframes_subs.mkv"));
    let result = Parsed::new(&read(&fs, "/out.mp4"));
    for (from, to) in [
        (source.only(TrackType::Video), result.video()),
        (source.only(TrackType::Audio), result.audio()),
    ] {
        assert_eq!(from.packets.len(), to.samples.len());
        for (n, (packet, sample)) in from.packets.iter().zip(&to.samples).enumerate() {
            assert!(
                *packet == sample.data,
                "packet {n} of {} changed",
                from.codec
            );
        }
    }
    // Presentation times keep their distances, B-frames included.
    let (from, to) = (source.only(TrackType::Video), result.video());
    let first = (from.start(), to.start());
    for (a, b) in from.times.iter().zip(&to.samples) {
        assert_close(
            "time of a copied frame",
            b.pts - first.1,
            a - first.0,
            0.0015,
        );
    }
    // The A/V offset of the source stays.
    let before = source.only(TrackType::Video).start() - source.only(TrackType::Audio).start();
    let after = result.video().start() - result.audio().start();
    assert_close("A/V offset", after, before, 0.0015);
    assert_close(
        "length of the last frame kept",
        result.video().media_duration,
        4.0,
        0.002,
    );
}

#[test]
fn remux_mp4_to_matroska_and_mpegts_decodes_to_the_same_frames() {
    let fs = fs_with(&["bbb_180_h264.mp4"]);
    let copy = |path: &str| Output::file(path).map("0:v").video_codec("copy");
    let job = Job::new()
        .input(Input::file("/bbb_180_h264.mp4"))
        .output(copy("/out.mkv"))
        .output(copy("/out.ts").bitstream_filter("0:v", "h264_mp4toannexb"));
    runtime().process(&fs, &job).expect("both remuxes are done");

    let source = Parsed::new(&read(&fs, "/bbb_180_h264.mp4"));
    let result = mkv::Parsed::new(&read(&fs, "/out.mkv"));
    let packets: Vec<&[u8]> = source
        .video()
        .samples
        .iter()
        .map(|s| s.data.as_slice())
        .collect();
    assert_eq!(result.only(TrackType::Video).packets, packets);

    let ts = read(&fs, "/out.ts");
    assert_eq!(ts.len() % 188, 0, "whole transport packets");
    assert!(
        ts.chunks(188).all(|packet| packet[0] == 0x47),
        "every packet has the sync byte"
    );
    for path in ["/out.mkv", "/out.ts"] {
        let video = pixels::decode(&fs, path, 320, 180);
        assert_eq!(video.digests(), reference("bbb_180_h264.mp4"), "{path}");
    }
}

#[test]
fn forty_five_copied_frames_at_thirty_a_second_last_one_and_a_half() {
    let fs = MemFs::new();
    let source = Video::synthetic(160, 128, 90);
    let encode = Job::new()
        .input(source.input(&fs, "/in.yuv", 30))
        .filter("[0:v]null[v]")
        .output(
            Output::file("/long.mp4")
                .map("[v]")
                .video_codec("libopenh264")
                .option("b", 800_000),
        );
    runtime()
        .process(&fs, &encode)
        .expect("the source is encoded");
    let cut = Job::new().input(Input::file("/long.mp4")).output(
        Output::file("/cut.mp4")
            .map("0:v")
            .video_codec("copy")
            .duration(1.5),
    );
    let report = runtime().process(&fs, &cut).expect("the cut is done");
    assert_eq!(report.outputs[0].streams[0].packets, Some(45));

    let (long, cut) = (
        Parsed::new(&read(&fs, "/long.mp4")),
        Parsed::new(&read(&fs, "/cut.mp4")),
    );
    assert_eq!(cut.video().samples.len(), 45);
    assert_close("presented length", cut.video().duration, 1.5, 0.001);
    assert_close(
        "sum of sample durations",
        cut.video().media_duration,
        1.5,
        0.001,
    );
    for (a, b) in long.video().samples.iter().zip(&cut.video().samples) {
        assert!(a.data == b.data, "a copied packet changed");
    }
}

#[test]
fn a_copy_window_over_b_frames_never_loses_a_reference() {
    let fs = fs_with(&["bbb_180_h264.mp4"]);
    let job = Job::new().input(Input::file("/bbb_180_h264.mp4")).output(
        Output::file("/cut.mp4")
            .map("0:v")
            .video_codec("copy")
            .duration(1.0),
    );
    runtime().process(&fs, &job).expect("the cut is done");
    let cut = Parsed::new(&read(&fs, "/cut.mp4"));
    let count = cut.video().samples.len();
    assert!(
        (25..=28).contains(&count),
        "one second and at most the reordering delay, not {count}"
    );

    let digests = pixels::decode(&fs, "/cut.mp4", 320, 180).digests();
    assert!(digests.len() >= 25, "all frames of the window are shown");
    let reference = reference("bbb_180_h264.mp4");
    assert_eq!(
        digests[..25],
        reference[..25],
        "every frame of the window is intact"
    );
}

#[test]
fn a_fast_seek_copies_from_the_keyframe_before() {
    let fs = fs_with(&["bbb_180_bframes_subs.mkv"]);
    let job = Job::new()
        .input(Input::file("/bbb_180_bframes_subs.mkv").seek(Seek::fast(2.5)))
        .output(Output::file("/cut.mp4").map("0:v").video_codec("copy"));
    runtime().process(&fs, &job).expect("the cut is done");

    let source = mkv::Parsed::new(&read(&fs, "/bbb_180_bframes_subs.mkv"));
    let source = source.only(TrackType::Video);
    // Keyframes are 48 frames apart, so the one before 2.5 s is packet 48 at 1.92 s.
    let key = source
        .keyframes
        .iter()
        .skip(1)
        .position(|&key| key)
        .expect("a second keyframe")
        + 1;
    let cut = Parsed::new(&read(&fs, "/cut.mp4"));
    let cut = cut.video();
    assert!(cut.samples[0].is_sync);
    assert!(
        cut.samples[0].data == source.packets[key],
        "the cut begins with the keyframe"
    );
    assert_eq!(cut.samples.len(), source.packets.len() - key);
    let digests = pixels::decode(&fs, "/cut.mp4", 320, 180).digests();
    let reference = reference("bbb_180_bframes_subs.mkv");
    assert!(
        reference.ends_with(&digests) && digests.len() >= 37,
        "the frames after 2.5 s are shown"
    );
}

#[test]
fn adts_and_m4a_exchange_the_same_packets() {
    let fs = fs_with(&["bbb.m4a"]);
    let copy = |from: &str, to: &str| {
        Job::new()
            .input(Input::file(from))
            .output(Output::file(to).map("0:a").audio_codec("copy"))
    };
    runtime()
        .process(&fs, &copy("/bbb.m4a", "/out.aac"))
        .expect("M4A to ADTS");
    let back = Output::file("/back.m4a").map("0:a").audio_codec("copy");
    let back = back.bitstream_filter("0:a", "aac_adtstoasc");
    let back = Job::new().input(Input::file("/out.aac")).output(back);
    runtime().process(&fs, &back).expect("ADTS to M4A");

    let source = Parsed::new(&read(&fs, "/bbb.m4a"));
    let result = Parsed::new(&read(&fs, "/back.m4a"));
    let data = |p: &Parsed| {
        p.audio()
            .samples
            .iter()
            .map(|s| s.data.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(data(&source), data(&result));
    let adts = read(&fs, "/out.aac");
    let size: usize = source
        .audio()
        .samples
        .iter()
        .map(|s| s.data.len() + 7)
        .sum();
    assert_eq!(
        adts.len(),
        size,
        "each packet has a header of seven bytes and nothing else"
    );
    assert!(
        adts.starts_with(&[0xff, 0xf1]),
        "MPEG-4 ADTS without checksum"
    );
}

/// Its header is that of the whole, which is no reason to refuse it; what a job encodes has a header of its own.
#[test]
fn a_part_of_a_flac_file_is_copied_and_encoded() {
    let fs = fs_with(&["bbb.flac"]);
    let whole = Sound::decode(fixture("bbb.flac"), "flac");
    for (map, codec) in [("0:a", "copy"), ("[0:a]", "flac")] {
        let part = Output::file("/part.flac").map(map).audio_codec(codec);
        let job = Job::new()
            .input(Input::file("/bbb.flac"))
            .output(part.duration(2.0));
        let report = runtime().process(&fs, &job).expect("it is done");
        assert_eq!(report.outputs[0].streams[0].copied, codec == "copy");
        let sound = Sound::decode(read(&fs, "/part.flac"), "flac");
        let rate = f64::from(sound.rate);
        let length = sound.duration();
        // A copy ends with a whole packet of 4096 samples.
        assert!((2.0..=2.0 + 4096.0 / rate).contains(&length), "{length}");
        assert_eq!(sound.part(0, 0.0, 2.0), whole.part(0, 0.0, 2.0), "{codec}");
    }
}
