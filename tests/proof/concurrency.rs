//! Jobs that run at the same time on one runtime give the bytes that one alone gives, by the same work.

use std::thread;

use afmpeg::{Input, Job, MemFs, Output};

use crate::support::{fs_with, read, runtime};

/// The files that it leaves, and the work that it took.
fn transcode(fs: &MemFs) -> (Vec<u8>, Vec<u8>, u64) {
    let job = Job::new()
        .input(Input::file("/bbb_180_h264.mp4"))
        .input(Input::file("/bbb.mp3"))
        .filter("[0:v]trim=end_frame=20,scale=160:90,split[v][p];[p]select=eq(n\\,9)[p];[1:a]atrim=end=1[a]")
        .output(
            Output::file("/out.mkv")
                .map("[v]")
                .map("[a]")
                .video_codec("libopenh264")
                .audio_codec("aac"),
        )
        .output(Output::file("/out.png").format("image2").map("[p]").video_codec("png").format_option("update", 1));
    // A Matroska file has a random identifier and the date in it: both come from the injected sources.
    let report = runtime()
        .invocation(fs)
        .deterministic(7)
        .process(&job)
        .expect("the transcode is done");
    (
        read(fs, "/out.mkv"),
        read(fs, "/out.png"),
        report.usage.fuel,
    )
}

#[test]
fn eight_jobs_at_once_give_the_bytes_of_one_alone() {
    let alone = transcode(&fs_with(&["bbb_180_h264.mp4", "bbb.mp3"]));
    let together: Vec<_> = thread::scope(|scope| {
        let jobs: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| transcode(&fs_with(&["bbb_180_h264.mp4", "bbb.mp3"]))))
            .collect();
        jobs.into_iter()
            .map(|job| job.join().expect("no job panics"))
            .collect()
    });
    for (n, result) in together.iter().enumerate() {
        assert_eq!(
            result.2, alone.2,
            "job {n} of eight took other work than one alone"
        );
        assert!(
            *result == alone,
            "job {n} of eight gave other bytes than one alone"
        );
    }
}

#[test]
fn without_the_deterministic_option_identifiers_differ() {
    let run = || {
        let fs = fs_with(&["bbb_180_h264.mp4"]);
        let job = Job::new()
            .input(Input::file("/bbb_180_h264.mp4"))
            .output(Output::file("/out.mkv").map("0:v").video_codec("copy"));
        runtime().process(&fs, &job).expect("the remux is done");
        read(&fs, "/out.mkv")
    };
    assert!(
        run() != run(),
        "the segment identifiers of two files are random"
    );
}
