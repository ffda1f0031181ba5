//! Subtitles: copied or converted, each line is shown for as long as it and the output have in common.

use std::io::Cursor;

use afmpeg::{ErrorClass, Input, Job, JobError, MemFs, Output, Seek, Stream};
use matroska_demuxer::{Frame, MatroskaFile, TrackType};

use crate::support::mp4::Parsed;
use crate::support::{fs_with, mkv, read, runtime};

/// Start and length in milliseconds, and text, of each line of a Matroska file.
fn lines(bytes: &[u8]) -> Vec<(u64, u64, String)> {
    let mut file = MatroskaFile::open(Cursor::new(bytes)).expect("an independent demuxer opens it");
    let is_text = |t: &&matroska_demuxer::TrackEntry| t.track_type() == TrackType::Subtitle;
    let track = file
        .tracks()
        .iter()
        .find(is_text)
        .expect("it has subtitles");
    let track = track.track_number().get();
    let (mut frame, mut lines) = (Frame::default(), Vec::new());
    while file
        .next_frame(&mut frame)
        .expect("every block is well formed")
    {
        if frame.track == track {
            let text = String::from_utf8_lossy(&frame.data).into_owned();
            lines.push((frame.timestamp, frame.duration.unwrap_or(0), text));
        }
    }
    lines
}

const SOURCE: &str = "bbb_180_bframes_subs.mkv";

fn copy(fs: &MemFs, input: Input, output: Output) -> Vec<(u64, u64, String)> {
    let job = Job::new().input(input).output(
        output
            .map("0:v")
            .map("0:s")
            .video_codec("copy")
            .subtitle_codec("copy"),
    );
    runtime().process(fs, &job).expect("the job is done");
    lines(&read(fs, "/out.mkv"))
}

/// Text has no key frames that a seek could land on: alone, it begins where it was asked to. Beside sound it begins with
/// the sound, whichever of them comes first in the file.
#[test]
fn text_alone_begins_where_it_was_asked_to() {
    let fs = fs_with(&[SOURCE]);
    let path = format!("/{SOURCE}");
    let all = lines(&read(&fs, &path));
    let expected: Vec<_> = all
        .iter()
        .filter(|line| line.0 + line.1 > 2000)
        .map(|(start, length, text)| {
            let begun = 2000_u64.saturating_sub(*start);
            (start.saturating_sub(2000), length - begun, text.clone())
        })
        .collect();
    assert!(!expected.is_empty() && expected[0].0 > 0, "{expected:?}");
    let cut = |output: Output| {
        let input = Input::file(&path).seek(Seek::fast(2.0));
        let output = output.audio_codec("copy").subtitle_codec("copy");
        let job = Job::new().input(input).output(output);
        runtime().process(&fs, &job).expect("the job is done");
        lines(&read(&fs, "/out.mkv"))
    };
    let alone = cut(Output::file("/out.mkv").map("0:s"));
    assert_eq!(alone, expected);
    let beside = cut(Output::file("/out.mkv").map("0:s").map("0:a"));
    assert_eq!(beside.len(), expected.len());
    for (beside, alone) in beside.iter().zip(&expected) {
        // A packet of the sound lasts 21 ms.
        assert!(beside.0.abs_diff(alone.0) <= 25, "{beside:?} {alone:?}");
    }
}

#[test]
fn copied_lines_are_cut_to_the_window_and_to_the_seek() {
    let fs = fs_with(&[SOURCE]);
    let input = || Input::file(format!("/{SOURCE}"));
    let output = || Output::file("/out.mkv");
    let all = copy(&fs, input(), output());
    assert_eq!(
        all,
        lines(&read(&fs, &format!("/{SOURCE}"))),
        "copied whole"
    );
    assert_eq!(all.len(), 2);
    let (first, second) = (all[0].clone(), all[1].clone());

    // An end in the middle of the first line.
    let end = first.0 + first.1 / 2;
    #[expect(clippy::cast_precision_loss, reason = "a few seconds")]
    let cut = copy(&fs, input(), output().end(end as f64 / 1000.0));
    assert_eq!(cut, [(first.0, first.1 / 2, first.2.clone())]);

    // A beginning at the keyframe before, which is time 0 of the output.
    let source = mkv::Parsed::new(&read(&fs, &format!("/{SOURCE}")));
    let source = source.only(TrackType::Video);
    let key = (1..source.times.len()).find(|&n| source.keyframes[n]);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few seconds"
    )]
    let zero = (source.times[key.expect("a second keyframe")] * 1000.0).round() as u64;
    let cut = copy(&fs, input().seek(Seek::fast(2.0)), output());
    let expected: Vec<_> = [first, second]
        .into_iter()
        .filter(|(start, length, _)| start + length > zero)
        .map(|(start, length, text)| {
            let from = start.max(zero);
            (from - zero, start + length - from, text)
        })
        .collect();
    assert_eq!(cut, expected);
    let video = mkv::Parsed::new(&read(&fs, "/out.mkv"));
    assert!(
        video.only(TrackType::Video).start().abs() < 0.1,
        "no line moves the pictures"
    );
}

#[test]
fn a_codec_that_the_engine_lacks_is_named() {
    let fs = fs_with(&[SOURCE]);
    let to = |output: Output| {
        Job::new()
            .input(Input::file(format!("/{SOURCE}")))
            .output(output)
    };
    for job in [
        to(Output::file("/out.mkv")
            .map("0:s")
            .subtitle_codec("hdmv_pgs_subtitle")),
        to(Output::file("/out.mkv").stream(Stream::new("0:s").codec("hdmv_pgs_subtitle"))),
    ] {
        let error = runtime()
            .process(&fs, &job)
            .expect_err("no engine has its encoder");
        let JobError::Guest { class, message, .. } = &error else {
            panic!("{error}");
        };
        assert_eq!(class, &ErrorClass::NotInBuild, "{message}");
        assert!(message.contains("hdmv_pgs_subtitle"), "{message}");
    }
    let job = to(Output::file("/out.mkv").stream(Stream::new("0:s").codec("aac")));
    let error = runtime().process(&fs, &job).expect_err("that is for sound");
    assert!(
        error.to_string().contains("does not encode subtitle"),
        "{error}"
    );
}

const SRT: &str = "1\n00:00:00,500 --> 00:00:01,500\nfirst <i>line</i>\n\n\
    2\n00:00:02,000 --> 00:00:04,000\nsecond\nin two\n\n\
    3\n00:00:05,000 --> 00:00:06,000\nthird, \u{e9}\n\n";

fn convert(input: Input, output: Output) -> MemFs {
    let fs = fs_with(&["bbb_180_h264.mp4"]);
    fs.write("/in.srt", SRT).expect("a file");
    let job = Job::new().input(input).output(output);
    runtime()
        .process(&fs, &job)
        .unwrap_or_else(|error| panic!("{job:?}: {error}"));
    fs
}

fn text(fs: &MemFs, path: &str) -> String {
    String::from_utf8(read(fs, path))
        .expect("text")
        .replace("\r\n", "\n")
}

#[test]
#[ignore = "needs an engine with codecs of text: name it in $AFMPEG_ENGINE"]
fn text_is_converted_between_files() {
    let srt = || Input::file("/in.srt");
    let fs = convert(
        srt(),
        Output::file("/out.vtt").map("0:s").subtitle_codec("webvtt"),
    );
    assert_eq!(
        text(&fs, "/out.vtt").trim_end(),
        "WEBVTT\n\n00:00.500 --> 00:01.500\nfirst <i>line</i>\n\n00:02.000 --> 00:04.000\nsecond\n\
         in two\n\n00:05.000 --> 00:06.000\nthird, \u{e9}"
    );
    // What the muxer prefers, of a file that takes nothing else.
    let fs = convert(srt(), Output::file("/out.ass"));
    let ass = text(&fs, "/out.ass");
    assert!(
        ass.contains("Dialogue: 0,0:00:02.00,0:00:04.00,Default,,0,0,0,,second\\Nin two"),
        "{ass}"
    );
    // There and back.
    let fs = convert(
        srt(),
        Output::file("/out.mkv").stream(Stream::new("0:s").codec("srt")),
    );
    let all = lines(&read(&fs, "/out.mkv"));
    assert_eq!(all[1], (2000, 2000, "second\nin two".to_owned()).clone());
}

#[test]
#[ignore = "needs an engine with codecs of text: name it in $AFMPEG_ENGINE"]
fn converted_lines_are_cut_to_the_window_and_to_an_exact_seek() {
    let seek = Input::file("/in.srt").seek(Seek::accurate(1.0));
    let fs = convert(
        seek,
        Output::file("/out.srt").subtitle_codec("srt").duration(2.0),
    );
    assert_eq!(
        text(&fs, "/out.srt").trim_end(),
        "1\n00:00:00,000 --> 00:00:00,500\nfirst <i>line</i>\n\n\
         2\n00:00:01,000 --> 00:00:02,000\nsecond\nin two"
    );
}

#[test]
#[ignore = "needs an engine with codecs of text: name it in $AFMPEG_ENGINE"]
fn a_copied_line_that_is_on_at_the_beginning_is_shown_for_the_rest() {
    let fs = fs_with(&[SOURCE]);
    fs.write("/in.srt", "1\n00:00:01,000 --> 00:00:03,000\nlong\n\n")
        .expect("a file");
    let job = |input: Job, output: Output, codec: &str, from: &str| {
        let text = Stream::new(from).codec(codec);
        let job = input.output(output.stream(Stream::new("0:v")).stream(text));
        runtime().process(&fs, &job).expect("the job is done");
    };
    let both = Job::new().input(Input::file(format!("/{SOURCE}")));
    let both = both.input(Input::file("/in.srt"));
    job(both, Output::file("/in.mp4"), "mov_text", "1:s");
    // The pictures begin at the keyframe of 1.92 s; the demuxer goes back to the line for the text.
    let cut = Job::new().input(Input::file("/in.mp4").seek(Seek::fast(2.5)));
    job(cut, Output::file("/cut.mp4"), "copy", "0:s");
    let pictures = Parsed::new(&read(&fs, "/cut.mp4"));
    let start = pictures.video().start();
    assert!(start.abs() < 0.1, "no line moves the pictures: {start}");
    let out = Job::new()
        .input(Input::file("/cut.mp4"))
        .output(Output::file("/out.srt").map("0:s").subtitle_codec("srt"));
    runtime().process(&fs, &out).expect("it is taken out");
    let srt = text(&fs, "/out.srt");
    let times = srt.lines().nth(1).unwrap_or_default();
    assert!(times.starts_with("00:00:00,000 --> 00:00:01,0"), "{srt}");
    assert!(srt.contains("long"), "{srt}");
}

#[test]
#[ignore = "needs an engine with codecs of text: name it in $AFMPEG_ENGINE"]
fn text_is_embedded_beside_copied_pictures_and_taken_out_again() {
    let fs = fs_with(&["bbb_180_h264.mp4"]);
    fs.write("/in.srt", SRT).expect("a file");
    let embed = Job::new()
        .input(Input::file("/bbb_180_h264.mp4"))
        .input(Input::file("/in.srt"))
        .output(
            Output::file("/out.mp4")
                .stream(Stream::new("0:v").codec("copy"))
                .stream(Stream::new("1:s").codec("mov_text").language("eng")),
        );
    runtime().process(&fs, &embed).expect("it is embedded");
    let probe = runtime().probe(&fs, "/out.mp4").expect("it is media");
    assert_eq!(probe.streams[1].codec.as_deref(), Some("mov_text"));
    assert_eq!(probe.streams[1].language.as_deref(), Some("eng"));
    let out = Job::new()
        .input(Input::file("/out.mp4"))
        .output(Output::file("/out.srt").map("0:s").subtitle_codec("subrip"));
    runtime().process(&fs, &out).expect("it is taken out");
    let srt = text(&fs, "/out.srt");
    assert!(
        srt.contains("00:00:02,000 --> 00:00:04,000\nsecond\nin two\n"),
        "{srt}"
    );
}
