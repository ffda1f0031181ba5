//! The files that are changed: each container and codec that the lean engine reads.

use afmpeg::{Input, Job, MemFs, Output};

use crate::support::{fixture, fs_with, read, runtime};

/// Names and contents. Large fixtures are cut, so that a job on one takes little time.
pub(crate) fn victims() -> Vec<(String, Vec<u8>)> {
    let as_they_are = [
        "astronaut.webp",
        "bbb.mp3",
        "bbb.ogg",
        "bbb.opus",
        "bbb_180.jpg",
        "bbb_180.png",
        "bbb_180_bframes_subs.mkv",
        "bbb_180_h264.mp4",
        "bbb_180_hevc.mp4",
        "bbb_180_vp8.webm",
        "bbb_180_vp9.webm",
        "bbb_54.gif",
    ];
    let mut files: Vec<(String, Vec<u8>)> = (as_they_are.iter())
        .map(|name| ((*name).to_owned(), fixture(name)))
        .collect();
    for (from, to, codec) in [
        ("bbb.m4a", "cut.m4a", "copy"),
        ("bbb.m4a", "cut.aac", "copy"),
        ("bbb.flac", "cut.flac", "flac"),
        ("bbb.flac", "alac.m4a", "alac"),
        ("bbb.wav", "cut.wav", "pcm_s24le"),
        ("bbb_180_h264.mp4", "cut.ts", "copy"),
        ("bbb_180_h264.mp4", "cut.mov", "mjpeg"),
        ("bbb_180_h264.mp4", "png.mkv", "png"),
    ] {
        let fs = fs_with(&[from]);
        let sound = !from.ends_with("mp4");
        let (copied, encoded) = if sound {
            ("0:a", "[0:a]")
        } else {
            ("0:v", "[0:v]")
        };
        let output = Output::file(format!("/{to}"))
            .map(if codec == "copy" { copied } else { encoded })
            .duration(0.2);
        let output = match sound {
            true => output.audio_codec(codec),
            false => output.video_codec(codec),
        };
        let job = Job::new()
            .input(Input::file(format!("/{from}")))
            .output(output)
            .bitexact();
        runtime().process(&fs, &job).expect("the file is made");
        files.push((to.to_owned(), read(&fs, &format!("/{to}"))));
    }
    files
}

/// Three files of a kilobyte or two: MP4 with H.264 and AAC, Matroska with PNG, and GIF.
pub(crate) fn small() -> Vec<(String, Vec<u8>)> {
    let fs = MemFs::new();
    let video = || Input::lavfi("testsrc2=size=16x16:rate=25:duration=0.08");
    let sound = || Input::lavfi("sine=sample_rate=8000:duration=0.1");
    let jobs = [
        (
            "/small.mp4",
            Job::new()
                .input(video())
                .input(sound())
                .filter("[0:v]format=yuv420p[v];[1:a]anull[a]")
                .output(
                    Output::file("/small.mp4")
                        .map("[v]")
                        .map("[a]")
                        .video_codec("libopenh264")
                        .audio_codec("aac"),
                ),
        ),
        (
            "/small.mkv",
            Job::new()
                .input(video())
                .filter("[0:v]null[v]")
                .output(Output::file("/small.mkv").map("[v]").video_codec("png")),
        ),
        (
            "/small.gif",
            Job::new()
                .input(video())
                .filter("[0:v]null[v]")
                .output(Output::file("/small.gif").map("[v]").video_codec("gif")),
        ),
    ];
    jobs.map(|(path, job)| {
        runtime()
            .process(&fs, &job.bitexact())
            .expect("the file is made");
        (path[1..].to_owned(), read(&fs, path))
    })
    .to_vec()
}
