//! Subtitles that are pictures: no encoder is needed where they are copied, and not a byte of them is changed.

use afmpeg::{Input, Job, MemFs, Output, Stream};
use matroska_demuxer::TrackType;

use crate::support::{assert_close, mkv, read, runtime};

/// One segment of the format of Blu-ray discs: its time in seconds, its kind, and what is in it.
type Segment = (f64, u8, Vec<u8>);

const WIDTH: u16 = 720;
const HEIGHT: u16 = 480;

/// The composition: how many objects are shown, and where.
fn composition(number: u16, shown: bool) -> Vec<u8> {
    let mut data = [WIDTH.to_be_bytes(), HEIGHT.to_be_bytes()].concat();
    data.push(0x10);
    data.extend(number.to_be_bytes());
    // The start of an epoch, or only a change; the palette 0.
    data.extend([if shown { 0x80 } else { 0 }, 0, 0, u8::from(shown)]);
    if shown {
        // The object 0 in the window 0, at 100, 400.
        data.extend([0, 0, 0, 0, 0, 100, 1, 144]);
    }
    data
}

/// Two pictures of 8x2 pixels in one colour, each shown for a second, and taken away again.
fn segments() -> Vec<Segment> {
    let window = vec![1, 0, 0, 100, 1, 144, 0, 8, 0, 2];
    let mut segments = Vec::new();
    for (number, from, luma) in [(0, 1.0, 200), (2, 4.0, 90)] {
        // An entry of a palette is its number, luma, two of chroma and alpha.
        let palette = vec![0, 0, 1, luma, 128, 128, 255];
        // A line is eight pixels of the colour 1, and its end.
        let line = [0, 0x88, 1, 0, 0];
        let mut object = vec![0, 0, 0, 0xc0, 0, 0, 14, 0, 8, 0, 2];
        object.extend([line, line].concat());
        for (kind, data) in [
            (0x16, composition(number, true)),
            (0x17, window.clone()),
            (0x14, palette),
            (0x15, object),
            (0x80, Vec::new()),
        ] {
            segments.push((from, kind, data));
        }
        for (kind, data) in [
            (0x16, composition(number + 1, false)),
            (0x17, window.clone()),
            (0x80, Vec::new()),
        ] {
            segments.push((from + 1.0, kind, data));
        }
    }
    segments
}

/// The kind, the length and the contents, as they stand in every container.
fn coded(segments: &[Segment]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (_, kind, data) in segments {
        bytes.push(*kind);
        bytes.extend((data.len() as u16).to_be_bytes());
        bytes.extend(data);
    }
    bytes
}

/// A file of segments, each behind its times in units of 1/90000 s.
fn sup(segments: &[Segment]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for segment in segments {
        bytes.extend(b"PG");
        bytes.extend(((segment.0 * 90_000.0) as u32).to_be_bytes());
        bytes.extend([0; 4]);
        bytes.extend(coded(std::slice::from_ref(segment)));
    }
    bytes
}

/// The segments of a file.
fn parsed(mut bytes: &[u8]) -> Vec<Segment> {
    let mut segments = Vec::new();
    while let [b'P', b'G', rest @ ..] = bytes {
        let time = u32::from_be_bytes([rest[0], rest[1], rest[2], rest[3]]);
        let size = usize::from(u16::from_be_bytes([rest[9], rest[10]]));
        let data = rest[11..11 + size].to_vec();
        segments.push((f64::from(time) / 90_000.0, rest[8], data));
        bytes = &rest[11 + size..];
    }
    assert!(bytes.is_empty(), "nothing is between segments");
    segments
}

fn copy(fs: &MemFs, from: &str, output: Output) {
    let job = Job::new()
        .input(Input::file(from))
        .output(output.stream(Stream::new("0:s").codec("copy")).copy_ts());
    runtime()
        .process(fs, &job)
        .unwrap_or_else(|error| panic!("{from}: {error}"));
}

/// The same contents at the same times; a transport stream has its own beginning, which does not count.
#[track_caller]
fn assert_same(what: &str, result: &[Segment], source: &[Segment]) {
    assert_eq!(result.len(), source.len(), "{what}: {result:?}");
    let start = if what == "mpegts" {
        result[0].0 - source[0].0
    } else {
        0.0
    };
    for (result, source) in result.iter().zip(source) {
        // Matroska has thousandths of a second.
        assert_close(what, result.0 - start, source.0, 0.001);
        assert_eq!((result.1, &result.2), (source.1, &source.2), "{what}");
    }
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn pictures_for_subtitles_are_copied_through_containers_byte_by_byte() {
    let source = segments();
    let fs = MemFs::new();
    fs.write("/in.sup", sup(&source)).expect("room");
    let probe = runtime().probe(&fs, "/in.sup").expect("it is recognised");
    assert_eq!(probe.format, "sup");
    let codec = probe.streams[0].codec.as_deref();
    assert_eq!(codec, Some("hdmv_pgs_subtitle"));

    copy(&fs, "/in.sup", Output::file("/same.sup"));
    assert_same("sup", &parsed(&read(&fs, "/same.sup")), &source);

    copy(&fs, "/in.sup", Output::file("/out.mkv"));
    let file = mkv::Parsed::new(&read(&fs, "/out.mkv"));
    let track = file.only(TrackType::Subtitle);
    assert_eq!(track.codec, "S_HDMV/PGS");
    // All that is shown at one time is one packet.
    let sets = [
        &source[0..5],
        &source[5..8],
        &source[8..13],
        &source[13..16],
    ];
    assert_eq!(track.packets.len(), sets.len());
    for ((packet, time), set) in track.packets.iter().zip(&track.times).zip(sets) {
        assert_eq!(packet, &coded(set));
        assert_close("a packet", *time, set[0].0, 0.001);
    }
    copy(&fs, "/out.mkv", Output::file("/back.sup"));
    assert_same("matroska", &parsed(&read(&fs, "/back.sup")), &source);

    let stream = Output::file("/out.m2ts")
        .format("mpegts")
        .format_option("mpegts_m2ts_mode", 1);
    copy(&fs, "/in.sup", stream);
    let probe = runtime().probe(&fs, "/out.m2ts").expect("it is recognised");
    let codec = probe.streams[0].codec.as_deref();
    assert_eq!(codec, Some("hdmv_pgs_subtitle"));
    copy(&fs, "/out.m2ts", Output::file("/again.sup"));
    assert_same("mpegts", &parsed(&read(&fs, "/again.sup")), &source);
}
