//! Segments of a playlist that leave as they close.

use std::sync::{Arc, Mutex};

use afmpeg::stream::HandOver;
use afmpeg::{CancelToken, Input, Job, JobError, MemFs, Output, OutputFiles};

use crate::support::{fixture, runtime};

const CLIP: &str = "/bbb_180_h264.mp4";

fn hls(kind: &str, extension: &str) -> Output {
    Output::file("/live.m3u8")
        .format("hls")
        .format_option("hls_time", 1)
        .format_option("hls_list_size", 0)
        .format_option("hls_segment_type", kind)
        .format_option("hls_segment_filename", format!("/part%d.{extension}"))
        .map("0:v")
        .video_codec("copy")
}

type Given = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

fn leaving(fs: &MemFs, mut each: impl FnMut(&str) + Send + 'static) -> (HandOver, Given) {
    fs.write(CLIP, fixture(&CLIP[1..])).expect("room");
    let given = Given::default();
    let keep = Arc::clone(&given);
    let tree = HandOver::new(fs, move |file| {
        each(&file.path);
        keep.lock()
            .expect("nothing panics here")
            .push((file.path, file.bytes));
    });
    (tree, given)
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn segments_and_playlists_leave_as_they_close_and_play() {
    for (kind, extension) in [("mpegts", "ts"), ("fmp4", "m4s")] {
        let fs = MemFs::new();
        let (tree, given) = leaving(&fs, |_| ());
        let job = Job::new()
            .input(Input::file(CLIP))
            .output(hls(kind, extension));
        runtime()
            .invocation(&tree)
            .outputs(OutputFiles::InPlace)
            .process(&job)
            .unwrap_or_else(|error| panic!("{kind}: {error}"));
        let given = given.lock().expect("nothing panics here");
        let place = |name: &str| given.iter().position(|(path, _)| path == name);
        let (first, second) = (format!("/part0.{extension}"), format!("/part1.{extension}"));
        let list = place("/live.m3u8").expect("the playlist leaves");
        assert!(place(&first) < place(&second), "{kind}");
        assert!(
            place(&first).is_some_and(|first| first < list),
            "a segment leaves before the playlist that names it"
        );
        // The last of each name is what a viewer sees at the end.
        let back = MemFs::new();
        for (path, bytes) in given.iter() {
            assert!(!fs.exists(path), "{path} is still held");
            back.write(path, bytes.clone()).expect("room");
        }
        let job = Job::new()
            .input(Input::file("/live.m3u8"))
            .output(Output::file("/back.mkv").map("0:v").video_codec("copy"));
        let report = runtime().process(&back, &job).expect("it plays");
        assert_eq!(report.outputs[0].streams[0].packets, Some(50), "{kind}");
    }
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn a_stream_without_end_gives_its_segments_while_it_runs() {
    let fs = MemFs::new();
    let token = CancelToken::new();
    let enough = token.clone();
    let (tree, given) = leaving(&fs, move |path| {
        if path == "/part3.ts" {
            enough.cancel();
        }
    });
    let job = Job::new()
        .input(Input::file(CLIP).repeat_forever())
        .output(hls("mpegts", "ts"));
    let error = runtime()
        .invocation(&tree)
        .outputs(OutputFiles::InPlace)
        .cancel(token)
        .process(&job)
        .expect_err("it was cancelled");
    assert!(matches!(error, JobError::Cancelled { .. }), "{error}");
    let given = given.lock().expect("nothing panics here");
    let segments: Vec<_> = given
        .iter()
        .filter(|(path, _)| path.ends_with(".ts"))
        .collect();
    assert!(segments.len() >= 4, "{}", segments.len());
    assert!(segments.iter().all(|(_, bytes)| bytes[0] == 0x47));
}
