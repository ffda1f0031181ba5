//! One encode into several files.

use afmpeg::{Job, MemFs, Output};

use crate::support::mp4::Parsed;
use crate::support::pixels::{self, Video};
use crate::support::{read, runtime};

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn tee_writes_the_same_packets_into_every_file_and_lists_them() {
    let source = Video::synthetic(96, 64, 10);
    let fs = MemFs::new();
    let job = Job::new()
        .input(source.input(&fs, "/in.yuv", 25))
        .filter("[0:v]null[v]")
        .output(
            Output::file("[f=mp4]/one.mp4|[f=matroska]/two.mkv")
                .format("tee")
                .map("[v]")
                .video_codec("libopenh264")
                // Matroska wants the headers before the first packet, and `tee` does not know that.
                .video_option("flags", "+global_header"),
        );
    let report = runtime().process(&fs, &job).expect("both are written");
    let mut files: Vec<_> = report.outputs[0].files.iter().map(String::as_str).collect();
    files.sort_unstable();
    assert_eq!(files, ["/one.mp4", "/two.mkv"]);
    assert_eq!(
        Parsed::new(&read(&fs, "/one.mp4")).video().samples.len(),
        10
    );
    let one = pixels::decode(&fs, "/one.mp4", 96, 64);
    let two = pixels::decode(&fs, "/two.mkv", 96, 64);
    assert_eq!(one.len(), 10);
    assert!(one.data == two.data);
    assert_eq!(one.spelled(9), 9);
}
