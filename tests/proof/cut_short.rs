//! Files that stop in the middle: never taken for whole ones, wherever they are cut and whatever of them is wanted.

use afmpeg::{ErrorClass, Input, Job, JobError, MemFs, OnCorrupt, Output, ProcessReport};

use crate::support::mp4::{Parsed, ParsedTrack};
use crate::support::{fixture, fs_with, read, runtime};

const SOURCE: &str = "/bbb_180_bframes_subs.mkv";

/// Pictures and sound of 4 s, with the index in front of them.
fn whole() -> Vec<u8> {
    let fs = fs_with(&[&SOURCE[1..]]);
    let output = Output::file("/whole.mp4")
        .map("0:v")
        .map("0:a")
        .format_option("movflags", "+faststart");
    let output = output.video_codec("copy").audio_codec("copy");
    let job = Job::new().input(Input::file(SOURCE)).output(output);
    runtime().process(&fs, &job).expect("the remux is done");
    read(&fs, "/whole.mp4")
}

/// Where each sample of a track ends in the file.
fn ends(file: &[u8], track: &ParsedTrack) -> Vec<usize> {
    let mut from = 0;
    let mut ends = Vec::new();
    for sample in &track.samples {
        let found = file[from..]
            .windows(sample.data.len())
            .position(|window| window == sample.data);
        from += found.expect("samples are in the order of the file") + sample.data.len();
        ends.push(from);
    }
    ends
}

fn copy(input: Input, stream: &str, on_corrupt: OnCorrupt) -> Job {
    let output = Output::file("/out.mkv").map(stream);
    let output = match stream {
        "0:a" => output.audio_codec("copy"),
        _ => output.video_codec("copy"),
    };
    Job::new()
        .input(input)
        .output(output)
        .on_corrupt(on_corrupt)
}

#[track_caller]
fn refused(fs: &MemFs, job: &Job, what: &str) {
    let error = runtime()
        .process(fs, job)
        .expect_err("a part of it is missing");
    assert_eq!(error.class(), Some(ErrorClass::Decode), "{what}: {error}");
    assert!(!fs.exists("/out.mkv"), "{what}");
}

fn packets(report: &ProcessReport) -> usize {
    report.outputs[0].streams[0]
        .packets
        .expect("they are counted") as usize
}

/// A stream is skipped without being read: the end of the file is then met by a seek, or by a read of nothing.
#[test]
fn one_stream_of_an_mp4_that_is_cut_anywhere_is_told_from_a_whole_one() {
    let file = whole();
    let parsed = Parsed::new(&file);
    for (stream, track) in [("0:v", parsed.video()), ("0:a", parsed.audio())] {
        let ends = ends(&file, track);
        let other = match stream {
            "0:v" => parsed.audio(),
            _ => parsed.video(),
        };
        let other = self::ends(&file, other);
        // In the middle, at the edges of samples of this stream, and of those of the other one.
        for (place, cut) in [
            ("the middle", file.len() / 2),
            ("a sample's end", ends[ends.len() / 2]),
            ("a sample's middle", ends[ends.len() / 3] + 3),
            ("the other's end", other[other.len() * 2 / 3]),
        ] {
            let what = format!("{stream}, cut at {place}");
            let fs = MemFs::new();
            fs.write("/cut.mp4", &file[..cut]).expect("room");
            let input = || Input::file("/cut.mp4");
            refused(&fs, &copy(input(), stream, OnCorrupt::Fail), &what);
            let report = runtime()
                .process(&fs, &copy(input(), stream, OnCorrupt::Skip))
                .unwrap_or_else(|error| panic!("{what}: {error}"));
            let there = ends.iter().filter(|end| **end <= cut).count();
            assert_eq!(packets(&report), there, "{what}");
            assert!(report.corrupt_packets.is_some_and(|n| n >= 1), "{what}");
        }
        // What is cut off is nothing of the stream that is wanted.
        let last = *ends.last().expect("it has samples");
        let fs = MemFs::new();
        fs.write("/cut.mp4", &file[..last]).expect("room");
        let job = copy(Input::file("/cut.mp4"), stream, OnCorrupt::Fail);
        let report = runtime().process(&fs, &job).expect("all of it is there");
        assert_eq!(packets(&report), ends.len());
        assert_eq!(report.corrupt_packets, None);
    }
}

#[test]
fn a_file_that_is_cut_is_found_among_those_that_are_joined() {
    let mp4 = whole();
    let mkv = fixture(&SOURCE[1..]);
    let frames = Parsed::new(&mp4).video().samples.len();
    for (name, file) in [("mp4", &mp4), ("mkv", &mkv)] {
        let fs = MemFs::new();
        let (cut, rest) = (format!("/cut.{name}"), format!("/rest.{name}"));
        fs.write(&cut, &file[..file.len() * 2 / 3]).expect("room");
        fs.write(&rest, file.clone()).expect("room");
        for order in [[&cut, &rest], [&rest, &cut]] {
            let what = format!("{order:?}");
            let joined = || Input::concat(order.map(String::as_str));
            refused(&fs, &copy(joined(), "0:v", OnCorrupt::Fail), &what);
            let report = runtime()
                .process(&fs, &copy(joined(), "0:v", OnCorrupt::Skip))
                .unwrap_or_else(|error| panic!("{what}: {error}"));
            fs.remove_file("/out.mkv").expect("it is there");
            let written = packets(&report);
            assert!(
                (frames + frames / 3..2 * frames).contains(&written),
                "{what}: {written} of {}",
                2 * frames
            );
            assert!(report.corrupt_packets.is_some_and(|n| n >= 1), "{what}");
        }
        let whole = || Input::concat([rest.as_str(), rest.as_str()]);
        let report = runtime()
            .process(&fs, &copy(whole(), "0:v", OnCorrupt::Fail))
            .expect("both are whole");
        assert_eq!(packets(&report), 2 * frames);
    }
}

/// A download that was given its space before its contents: the demuxer asks to be called again and again, which must
/// not pass for the end.
#[test]
fn a_transport_stream_with_a_long_hole_is_not_taken_for_a_short_one() {
    let fs = fs_with(&[&SOURCE[1..]]);
    let output = Output::file("/whole.ts").map("0:v").video_codec("copy");
    let job = Job::new().input(Input::file(SOURCE)).output(output);
    let report = runtime().process(&fs, &job).expect("the remux is done");
    let (frames, file) = (packets(&report), read(&fs, "/whole.ts"));
    let half = file.len() / 188 / 2 * 188;
    let mut holed = file[..half].to_vec();
    holed.resize(half + (66 << 20), 0);
    holed.extend(&file[half..]);
    fs.write("/holed.ts", holed).expect("room");
    let input = || Input::file("/holed.ts").format("mpegts");
    let error = runtime()
        .process(&fs, &copy(input(), "0:v", OnCorrupt::Fail))
        .expect_err("half of it is behind the hole");
    let JobError::Guest { class, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(class, &ErrorClass::Decode, "{error}");
    let report = runtime()
        .process(&fs, &copy(input(), "0:v", OnCorrupt::Skip))
        .expect("what is before it is there");
    assert!((1..frames).contains(&packets(&report)));
    assert!(report.corrupt_packets.is_some_and(|n| n >= 1));
}
