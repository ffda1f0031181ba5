//! Manifests of DASH, read back over the same filesystem that they were written to.

use std::time::{Duration, Instant};

use afmpeg::report::ProcessReport;
use afmpeg::{ErrorClass, Input, Job, JobError, MemFs, OnCorrupt, Output};

use crate::support::mkv::Parsed;
use crate::support::pixels::decode;
use crate::support::{fs_with, read, reference, runtime};

use matroska_demuxer::TrackType;

const CLIP: &str = "bbb_180_h264.mp4";
const MANIFEST: &str = "/list.mpd";
const SECOND: &str = "/chunk-stream0-00002.m4s";

/// The clip, which has two seconds, as a manifest of two segments: listed by their times, or only counted.
fn written(listed: bool) -> MemFs {
    let fs = fs_with(&[CLIP]);
    let output = Output::file(MANIFEST)
        .format("dash")
        .format_option("seg_duration", 1)
        .format_option("use_timeline", i32::from(listed));
    let job = Job::new()
        .input(Input::file(format!("/{CLIP}")))
        .output(output.map("0:v").video_codec("copy"));
    let report = runtime()
        .process(&fs, &job)
        .expect("the full engine writes DASH");
    let files = &report.outputs[0].files;
    assert!(files.iter().any(|file| file == SECOND), "{files:?}");
    fs
}

/// Changes a part of the manifest that is there once.
#[track_caller]
fn change(fs: &MemFs, from: &str, to: &str) {
    let text = String::from_utf8(read(fs, MANIFEST)).expect("a manifest is text");
    assert_eq!(text.matches(from).count(), 1, "{from}: {text}");
    let text = text.replace(from, to);
    fs.write(MANIFEST, text.into_bytes())
        .expect("there is room");
}

/// Copies what the manifest has, in a minute at most.
fn copy(fs: &MemFs, on_corrupt: OnCorrupt) -> Result<ProcessReport, JobError> {
    let job = Job::new()
        .input(Input::file(MANIFEST))
        .output(Output::file("/back.mkv").map("0:v").video_codec("copy"))
        .on_corrupt(on_corrupt);
    runtime()
        .invocation(fs)
        .deadline(Instant::now() + Duration::from_secs(60))
        .process(&job)
}

#[track_caller]
fn packets(fs: &MemFs) -> Option<u64> {
    let report = copy(fs, OnCorrupt::Fail).unwrap_or_else(|error| panic!("{error}"));
    report.outputs[0].streams[0].packets
}

#[track_caller]
fn refused(fs: &MemFs) -> String {
    let error = copy(fs, OnCorrupt::Fail).expect_err("the manifest cannot be read whole");
    assert_eq!(error.class(), Some(ErrorClass::OpenInput), "{error}");
    error.to_string()
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn a_manifest_gives_back_every_picture_at_its_time() {
    for listed in [true, false] {
        let fs = written(listed);
        let probe = runtime().probe(&fs, MANIFEST).expect("it is a manifest");
        assert_eq!((probe.format.as_str(), probe.streams.len()), ("dash", 1));
        let video = probe.video().expect("it has video");
        assert_eq!(video.codec.as_deref(), Some("h264"));
        assert_eq!((video.width, video.height), (Some(320), Some(180)));
        let duration = probe.duration.expect("it tells its duration").as_secs();
        assert!((duration - 2.0).abs() < 0.01, "{duration}");

        assert_eq!(packets(&fs), Some(50), "listed: {listed}");
        let parsed = Parsed::new(&read(&fs, "/back.mkv"));
        let mut times = parsed.only(TrackType::Video).times.clone();
        times.sort_by(f64::total_cmp);
        assert_eq!(times.len(), 50);
        for (n, time) in times.iter().enumerate() {
            assert!((time - n as f64 / 25.0).abs() < 0.002, "{n}: {time}");
        }
        let video = decode(&fs, MANIFEST, 320, 180);
        assert_eq!(video.digests(), reference(CLIP), "listed: {listed}");
    }
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn a_manifest_without_one_of_its_segments_is_an_error_that_names_it() {
    for listed in [true, false] {
        let fs = written(listed);
        let without = MemFs::new();
        for name in ["/list.mpd", "/init-stream0.m4s", "/chunk-stream0-00001.m4s"] {
            without.write(name, read(&fs, name)).expect("there is room");
        }
        let text = refused(&without);
        assert!(text.contains(SECOND), "{text}");
        let report = copy(&without, OnCorrupt::Skip).expect("the rest is wanted");
        assert_eq!(report.corrupt_packets, Some(1));
        assert_eq!(report.outputs[0].streams[0].packets, Some(25));
    }
    let fs = written(true);
    change(&fs, "init-stream$RepresentationID$.m4s", "gone.m4s");
    let text = refused(&fs);
    assert!(text.contains("/gone.m4s"), "{text}");
}

/// FFmpeg's demuxer looks for one segment more than there is where they are counted, leaves some out where the duration
/// has a fraction, and counts from 0 where the standard says 1.
#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn segments_are_counted_as_the_manifest_means() {
    const WHOLE: &str = "mediaPresentationDuration=\"PT2.0S\"";
    for (from, to) in [
        (WHOLE, "mediaPresentationDuration=\"PT1.95S\""),
        (WHOLE, "mediaPresentationDuration=\"PT2.05S\""),
        (" startNumber=\"1\"", ""),
    ] {
        let fs = written(false);
        change(&fs, from, to);
        assert_eq!(packets(&fs), Some(50), "{to}");
    }
    let fs = written(false);
    change(&fs, WHOLE, "mediaPresentationDuration=\"PT2.5S\"");
    let text = refused(&fs);
    assert!(text.contains("/chunk-stream0-00003.m4s"), "{text}");
    let fs = written(true);
    change(&fs, " r=\"1\"", " r=\"-1\"");
    assert_eq!(packets(&fs), Some(50), "as many as there is time for");
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn the_manifest_of_a_broadcast_is_read_for_what_it_lists_or_refused() {
    let dynamic = |listed| {
        let fs = written(listed);
        change(&fs, "type=\"static\"", "type=\"dynamic\"");
        change(&fs, "mediaPresentationDuration=\"PT2.0S\"", "");
        fs
    };
    assert_eq!(packets(&dynamic(true)), Some(50));
    let text = refused(&dynamic(false));
    assert!(
        text.contains("neither its segments nor its duration"),
        "{text}"
    );
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn what_a_manifest_refers_to_elsewhere_is_an_error_that_names_it() {
    let fs = written(true);
    change(&fs, "media=\"", "media=\"http://example.test/");
    let text = refused(&fs);
    assert!(text.contains("http://example.test/"), "{text}");
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn what_is_no_xml_is_an_error() {
    let fs = written(true);
    change(&fs, "</Period>", "");
    refused(&fs);
}

/// Nine entities, each ten times the one before: three gigabytes, if somebody wrote them out. One that names a file
/// of the guest, if somebody fetched it.
#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn entities_are_not_expanded() {
    let mut laughs = "<!ENTITY a0 \"lol\">".to_owned();
    for n in 1..10 {
        let ten = format!("&a{};", n - 1).repeat(10);
        laughs.push_str(&format!("<!ENTITY a{n} \"{ten}\">"));
    }
    let file = "<!ENTITY a9 SYSTEM \"/list.mpd\">";
    for entities in [laughs.as_str(), file] {
        for (from, to) in [
            ("type=\"static\"", "type=\"&a9;\""),
            ("</Period>", "&a9;</Period>"),
        ] {
            let fs = written(true);
            change(&fs, from, to);
            change(&fs, "?>\n", &format!("?>\n<!DOCTYPE MPD [{entities}]>\n"));
            let begun = Instant::now();
            refused(&fs);
            assert!(begun.elapsed() < Duration::from_secs(30), "{to}");
        }
    }
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn a_manifest_can_be_looped() {
    for listed in [true, false] {
        let fs = written(listed);
        let job = Job::new()
            .input(Input::file(MANIFEST).repeat(1))
            .output(Output::file("/back.mkv").map("0:v").video_codec("copy"));
        let report = runtime().process(&fs, &job).expect("it is read twice");
        assert_eq!(report.outputs[0].streams[0].packets, Some(100));
    }
}

/// Where a period begins within a second, a manifest tells its last segment by a property, or a timeline goes on to
/// its end.
#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn every_way_to_tell_the_last_segment_is_read() {
    let fs = written(false);
    change(&fs, "start=\"PT0.0S\"", "start=\"PT0.6S\"");
    change(
        &fs,
        "mediaPresentationDuration=\"PT2.0S\"",
        "mediaPresentationDuration=\"PT2.6S\"",
    );
    assert_eq!(packets(&fs), Some(50), "a fraction");
    for (last, expected) in [("1", 25), ("2", 50)] {
        let fs = written(false);
        let property = format!(
            "<SupplementalProperty schemeIdUri=\"http://dashif.org/guidelines/last-segment-number\" \
             value=\"{last}\"/><Representation "
        );
        change(&fs, "<Representation ", &property);
        assert_eq!(packets(&fs), Some(expected), "a property");
    }
    let fs = written(true);
    change(&fs, "$Number%05d$", "$Time$");
    let text = String::from_utf8(read(&fs, MANIFEST)).expect("a manifest is text");
    let entry = text.split("<S ").nth(1).expect("it has a timeline");
    let length = entry.split("d=\"").nth(1).expect("with a length");
    let length = length.split('"').next().expect("that ends").to_owned();
    change(
        &fs,
        " r=\"1\" />",
        &format!(" /><S d=\"{length}\" r=\"-1\" />"),
    );
    for (number, time) in [("00001", "0"), ("00002", length.as_str())] {
        let bytes = read(&fs, &format!("/chunk-stream0-{number}.m4s"));
        fs.write(&format!("/chunk-stream0-{time}.m4s"), bytes)
            .expect("there is room");
    }
    assert_eq!(packets(&fs), Some(50), "by times");
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn impossible_numbers_are_an_error() {
    for number in ["9000000000", "-2", "9223372036854775807"] {
        let fs = written(true);
        change(&fs, " r=\"1\"", &format!(" r=\"{number}\""));
        refused(&fs);
    }
    let fs = written(true);
    change(&fs, " t=\"0\"", " t=\"9223372036854775807\"");
    refused(&fs);
    let fs = written(false);
    change(
        &fs,
        "startNumber=\"1\"",
        "startNumber=\"9223372036854775807\"",
    );
    refused(&fs);
}
