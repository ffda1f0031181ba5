//! The full form of an output's streams: each with its own codec, options, rate and labels.

use std::io::Cursor;

use afmpeg::{ErrorClass, Input, Job, JobError, MemFs, Output, RateMode, Stream};
use matroska_demuxer::{MatroskaFile, TrackType};

use crate::support::mp4::Parsed;
use crate::support::pixels::Video;
use crate::support::{fs_with, mkv, read, runtime};

#[test]
fn one_source_is_copied_and_encoded_twice_with_options_of_each_stream() {
    let fs = fs_with(&["bbb_180_bframes_subs.mkv"]);
    let job = Job::new()
        .input(Input::file("/bbb_180_bframes_subs.mkv"))
        .output(
            Output::file("/out.mkv")
                .stream(Stream::new("0:v").codec("copy").tag("title", "the film"))
                .stream(Stream::new("0:a").codec("flac").language("deu"))
                .stream(
                    Stream::new("0:a")
                        .codec("pcm_s16le")
                        .option("ar", 8000)
                        .option("ac", 1)
                        .disposition("default"),
                )
                .stream(Stream::new("0:s"))
                .duration(0.5),
        );
    let report = runtime().process(&fs, &job).expect("the job is done");
    let streams = &report.outputs[0].streams;
    let told: Vec<_> = streams
        .iter()
        .map(|s| (s.kind.as_str(), s.copied, s.encoder.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            ("video", true, None),
            ("audio", false, Some("flac")),
            ("audio", false, Some("pcm_s16le")),
            ("subtitle", true, None),
        ]
    );

    let bytes = read(&fs, "/out.mkv");
    let source = mkv::Parsed::new(&read(&fs, "/bbb_180_bframes_subs.mkv"));
    let result = mkv::Parsed::new(&bytes);
    let copied = &result.only(TrackType::Video).packets;
    assert!(copied.len() >= 12, "half a second is there");
    assert_eq!(
        copied[..],
        source.only(TrackType::Video).packets[..copied.len()]
    );
    assert_eq!(result.tracks[1].codec, "A_FLAC");
    assert_eq!(result.tracks[2].codec, "A_PCM/INT/LIT");
    let samples: usize = result.tracks[2].packets.iter().map(|p| p.len() / 2).sum();
    assert_eq!(samples, 4000, "half a second of one channel at 8 kHz");

    let file = MatroskaFile::open(Cursor::new(&bytes)).expect("an independent demuxer opens it");
    let tracks = file.tracks();
    assert_eq!(tracks[0].name(), Some("the film"));
    assert_eq!(tracks[1].language(), Some("deu"), "as it was given");
    assert!(tracks[2].flag_default(), "as the stream asks");
    let audio = tracks[2].audio().expect("a sound track");
    assert_eq!(
        (audio.sampling_frequency(), audio.channels().get()),
        (8000.0, 1)
    );
}

/// Eight pictures at 25 a second, of which the first four come twice as often as the others.
fn paced(fs: &MemFs, stream: Stream) -> Job {
    let source = Video::synthetic(64, 32, 8);
    Job::new()
        .input(source.input(fs, "/in.yuv", 25))
        .filter("[0:v]setpts='if(lt(N,4),N,4+(N-4)*2)/25/TB'[v]")
        .output(Output::file("/out.mkv").stream(stream.codec("mjpeg")))
}

/// The times in hundredths of a second.
fn times(fs: &MemFs) -> Vec<i64> {
    let file = mkv::Parsed::new(&read(fs, "/out.mkv"));
    let times = file.only(TrackType::Video).times.iter();
    #[expect(clippy::cast_possible_truncation, reason = "a second at most")]
    times.map(|time| (time * 100.0).round() as i64).collect()
}

#[test]
fn rate_modes_keep_thin_out_and_even_the_pictures() {
    for (stream, expected) in [
        (Stream::new("[v]"), vec![0, 4, 8, 12, 16, 24, 32, 40]),
        (
            Stream::new("[v]").rate_mode(RateMode::Source),
            vec![0, 4, 8, 12, 16, 24, 32, 40],
        ),
        (
            Stream::new("[v]")
                .rate_mode(RateMode::Vfr)
                .frame_rate(25, 2),
            vec![0, 8, 16, 24, 32, 40],
        ),
        (
            Stream::new("[v]").frame_rate(10, 1),
            vec![0, 10, 20, 30, 40],
        ),
        (
            // The last picture lasts as long as the graph says, twice as long as the first ones.
            Stream::new("[v]").rate_mode(RateMode::Cfr),
            (0..=11).map(|n| 4 * n).collect(),
        ),
    ] {
        let fs = MemFs::new();
        let job = paced(&fs, stream.clone());
        runtime().process(&fs, &job).expect("the job is done");
        assert_eq!(times(&fs), expected, "{stream:?}");
    }
}

#[test]
fn a_constant_rate_repeats_and_leaves_out_whole_pictures() {
    let source = Video::synthetic(64, 32, 6);
    for (rate, expected) in [
        (50, vec![0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]),
        (25, (0..6).collect()),
    ] {
        let fs = MemFs::new();
        let job = Job::new().input(source.input(&fs, "/in.yuv", 25)).output(
            Output::file("/out.yuv")
                .format("rawvideo")
                .stream(Stream::new("[0:v]").codec("rawvideo").frame_rate(rate, 1)),
        );
        runtime().process(&fs, &job).expect("the job is done");
        let made = Video::from_raw(64, 32, read(&fs, "/out.yuv"));
        let shown: Vec<usize> = (0..made.len()).map(|n| made.spelled(n)).collect();
        assert_eq!(shown, expected, "{rate} a second");
        assert!((0..made.len()).all(|n| made.frame(n) == source.frame(shown[n])));
    }
}

#[test]
fn one_stream_without_the_muxers_filters_leaves_the_others_theirs() {
    let fs = fs_with(&["bbb.m4a", "bbb_180_h264.mp4"]);
    let adts = Job::new()
        .input(Input::file("/bbb.m4a"))
        .output(Output::file("/a.aac").map("0:a").audio_codec("copy"));
    runtime().process(&fs, &adts).expect("M4A to ADTS");
    let job = |sound: Stream| {
        Job::new()
            .input(Input::file("/bbb_180_h264.mp4"))
            .input(Input::file("/a.aac"))
            .output(
                Output::file("/out.mp4")
                    .stream(Stream::new("0:v").bitstream_filters("none"))
                    .stream(sound),
            )
    };
    // MP4 takes AAC without the headers of ADTS, which its own filter takes off.
    let bare = Stream::new("1:a");
    runtime()
        .process(&fs, &job(bare.clone()))
        .expect("the sound is filtered");
    let made = Parsed::new(&read(&fs, "/out.mp4"));
    let source = Parsed::new(&read(&fs, "/bbb.m4a"));
    assert_eq!(made.audio().samples.len(), source.audio().samples.len());
    assert!(
        made.audio()
            .samples
            .iter()
            .zip(&source.audio().samples)
            .all(|(a, b)| a.data == b.data)
    );
    let error = runtime()
        .process(&fs, &job(bare.bitstream_filters("none")))
        .expect_err("nobody takes the headers off");
    assert!(
        matches!(
            error,
            JobError::Guest {
                class: ErrorClass::Mux,
                ..
            }
        ),
        "{error}"
    );
}

#[track_caller]
fn refused(streams: &str, beside: &str, class: &ErrorClass, part: &str) {
    let fs = fs_with(&["bbb_180_h264.mp4"]);
    let spec = format!(
        r#"{{"version":10,"op":"process","inputs":[{{"path":"/bbb_180_h264.mp4"}}],
        "outputs":[{{"path":"/out.mkv","streams":{streams}{beside}}}]}}"#
    );
    let error = runtime().process_json(&fs, &spec).expect_err(streams);
    let JobError::Guest {
        class: found,
        message,
        ..
    } = &error
    else {
        panic!("{streams}: {error}");
    };
    assert_eq!(found, class, "{streams}: {message}");
    assert!(message.contains(part), "{streams}: {message}");
}

#[test]
fn what_cannot_be_meant_of_a_stream_is_refused_by_name() {
    let one = r#"[{"from":"0:v"}]"#;
    for field in [
        r#","map":["0:v"]"#,
        r#","video_codec":"copy""#,
        r#","options":{"b":"1"}"#,
        r#","bitstream_filters":{}"#,
        r#","stream_metadata":{}"#,
    ] {
        let name = field.split('"').nth(1).expect("the field has a name");
        refused(one, field, &ErrorClass::Spec, name);
    }
    for (streams, class, part) in [
        ("[]", ErrorClass::Spec, "at least one"),
        (r#"[{"codec":"copy"}]"#, ErrorClass::Spec, "from"),
        (
            r#"[{"from":"0:v","filter":"x"}]"#,
            ErrorClass::Spec,
            "filter",
        ),
        (
            r#"[{"from":"0:v","frame_rate":0}]"#,
            ErrorClass::Spec,
            "frame_rate",
        ),
        (
            r#"[{"from":"0:v","frame_rate":"1/0"}]"#,
            ErrorClass::Spec,
            "frame_rate",
        ),
        (
            r#"[{"from":"0:v","rate_mode":"fast"}]"#,
            ErrorClass::Spec,
            "rate_mode",
        ),
        (
            r#"[{"from":"0:v","codec":"mjpeg","rate_mode":"source","frame_rate":25}]"#,
            ErrorClass::Spec,
            "leaves the pictures",
        ),
        (
            r#"[{"from":"0:v","disposition":["best"]}]"#,
            ErrorClass::Spec,
            "best",
        ),
        (
            r#"[{"from":"0:v","frame_rate":25}]"#,
            ErrorClass::Option,
            "is copied",
        ),
        (
            r#"[{"from":"0:v","options":{"b":"1"}}]"#,
            ErrorClass::Option,
            "is copied",
        ),
        (
            r#"[{"from":"0:v","codec":"mjpeg","options":{"nope":"1"}}]"#,
            ErrorClass::Option,
            "nope",
        ),
        (r#"[{"from":"0:a"}]"#, ErrorClass::Map, "0:a"),
        (
            r#"[{"from":"[0:v]","codec":"copy"}]"#,
            ErrorClass::Map,
            "cannot be copied",
        ),
    ] {
        refused(streams, "", &class, part);
    }
}
