//! Playlists of segments, read back over the same filesystem that they were written to.

use afmpeg::report::ProcessReport;
use std::time::{Duration, Instant};

use afmpeg::{ErrorClass, Input, Job, MemFs, OnCorrupt, Output};

use crate::support::mkv::Parsed;
use crate::support::{fs_with, read, runtime};

use matroska_demuxer::TrackType;

const CLIP: &str = "/bbb_180_h264.mp4";

fn copy(fs: &MemFs, from: &str, output: Output) -> ProcessReport {
    let job = Job::new()
        .input(Input::file(from))
        .output(output.map("0:v").video_codec("copy"));
    runtime()
        .process(fs, &job)
        .unwrap_or_else(|error| panic!("{from}: {error}"))
}

fn times(fs: &MemFs, path: &str) -> Vec<f64> {
    let parsed = Parsed::new(&read(fs, path));
    parsed.only(TrackType::Video).times.clone()
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn an_hls_playlist_gives_back_every_packet_at_its_time() {
    for (segment_type, extension) in [("mpegts", "ts"), ("fmp4", "m4s")] {
        let fs = fs_with(&[&CLIP[1..]]);
        let output = Output::file("/list.m3u8")
            .format("hls")
            .format_option("hls_time", 1)
            .format_option("hls_list_size", 0)
            .format_option("hls_segment_type", segment_type)
            .format_option("hls_segment_filename", format!("/part %d.{extension}"));
        let report = copy(&fs, CLIP, output);
        assert!(
            report.outputs[0].files.len() >= 3,
            "{:?}",
            report.outputs[0].files
        );
        copy(&fs, "/list.m3u8", Output::file("/back.mkv"));
        copy(&fs, CLIP, Output::file("/direct.mkv"));
        let (back, direct) = (times(&fs, "/back.mkv"), times(&fs, "/direct.mkv"));
        assert_eq!(back.len(), direct.len(), "{segment_type}");
        for (back, direct) in back.iter().zip(&direct) {
            assert!(
                (back - direct).abs() < 0.002,
                "{segment_type}: {back} {direct}"
            );
        }
    }
}

/// The clip as a playlist of segments of a second.
fn listed() -> (MemFs, ProcessReport) {
    let fs = fs_with(&[&CLIP[1..]]);
    let output = Output::file("/list.m3u8")
        .format("hls")
        .format_option("hls_time", 1)
        .format_option("hls_list_size", 0);
    let report = copy(&fs, CLIP, output);
    (fs, report)
}

/// The same without the last of them.
fn without_a_segment() -> MemFs {
    let (fs, report) = listed();
    let files = &report.outputs[0].files;
    let last = files
        .iter()
        .rfind(|file| file.ends_with(".ts"))
        .expect("there are segments");
    let without = MemFs::new();
    for file in files.iter().filter(|file| *file != last) {
        without.write(file, read(&fs, file)).expect("there is room");
    }
    without
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn a_playlist_without_one_of_its_segments_is_an_error_that_names_it() {
    let fs = without_a_segment();
    let job = Job::new()
        .input(Input::file("/list.m3u8"))
        .output(Output::file("/back.mkv").map("0:v").video_codec("copy"));
    let error = runtime()
        .process(&fs, &job)
        .expect_err("a part of the film is gone");
    let text = error.to_string();
    assert!(text.contains("/list1.ts"), "{text}");
    let job = job.on_corrupt(OnCorrupt::Skip);
    let report = runtime().process(&fs, &job).expect("the rest is wanted");
    assert_eq!(report.corrupt_packets, Some(1));
    assert_eq!(report.outputs[0].streams[0].packets, Some(25));
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn a_playlist_that_is_still_growing_ends_with_what_it_has() {
    let (fs, _) = listed();
    let list = String::from_utf8(read(&fs, "/list.m3u8")).expect("a playlist is text");
    let open = list.replace("#EXT-X-ENDLIST", "");
    assert_ne!(list, open);
    fs.write("/list.m3u8", open.into_bytes())
        .expect("there is room");
    let job = Job::new()
        .input(Input::file("/list.m3u8").option("live_start_index", "0"))
        .output(Output::file("/back.mkv").map("0:v").video_codec("copy"));
    let deadline = Instant::now() + Duration::from_secs(60);
    let report = runtime()
        .invocation(&fs)
        .deadline(deadline)
        .process(&job)
        .expect("it does not wait for more");
    assert_eq!(report.outputs[0].streams[0].packets, Some(50));
}

/// A playlist comes from strangers: what it names must look like media, in its name and to the demuxer that takes it.
#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn a_playlist_that_names_a_file_of_another_kind_is_refused_unless_asked_for() {
    let (fs, _) = listed();
    let list = String::from_utf8(read(&fs, "/list.m3u8")).expect("a playlist is text");
    // The first is no extension of media, the second one of another format than the bytes are of.
    for name in ["/secret.key", "/first.mp3"] {
        fs.write(name, read(&fs, "/list0.ts"))
            .expect("there is room");
        let other = list.replace("list0.ts", &name[1..]);
        assert_ne!(list, other);
        fs.write("/other.m3u8", other).expect("there is room");
        let job = |input: Input| {
            Job::new()
                .input(input)
                .output(Output::file("/back.mkv").map("0:v").video_codec("copy"))
        };
        let error = runtime()
            .process(&fs, &job(Input::file("/other.m3u8")))
            .expect_err("its name is not that of a segment");
        assert_eq!(
            error.class(),
            Some(ErrorClass::OpenInput),
            "{name}: {error}"
        );
        assert!(!fs.exists("/back.mkv"), "{name}");
        let asked = Input::file("/other.m3u8")
            .option("allowed_segment_extensions", "ALL")
            .option("allowed_extensions", "ALL")
            .option("extension_picky", "0");
        let report = runtime()
            .process(&fs, &job(asked))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(report.outputs[0].streams[0].packets, Some(50), "{name}");
        fs.remove_file("/back.mkv").expect("it is there");
    }
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn dash_has_a_manifest_and_the_segments_that_it_names() {
    let fs = fs_with(&[&CLIP[1..]]);
    let report = copy(&fs, CLIP, Output::file("/list.mpd").format("dash"));
    let files = &report.outputs[0].files;
    let manifest = String::from_utf8(read(&fs, "/list.mpd")).expect("a manifest is text");
    assert!(
        manifest.contains("<MPD") && manifest.contains("urn:mpeg:dash"),
        "{manifest}"
    );
    assert!(
        files.iter().filter(|file| file.ends_with(".m4s")).count() >= 2,
        "{files:?}"
    );
    for file in files {
        assert!(!read(&fs, file).is_empty(), "{file}");
    }
}
