//! Jobs of many inputs and many outputs: nothing but memory bounds how many there are.

use afmpeg::{Input, Job, MemFs, Output};

use crate::support::mkv::Parsed;
use crate::support::{read, runtime};

const SIDE: usize = 16;
const PICTURE: usize = SIDE * SIDE * 3 / 2;

/// As many grey pictures of one level.
fn grey(fs: &MemFs, path: &str, level: u8, count: usize) -> Input {
    fs.write(path, vec![level; PICTURE * count]).expect("room");
    Input::file(path)
        .format("rawvideo")
        .option("video_size", format!("{SIDE}x{SIDE}"))
        .option("pixel_format", "yuv420p")
        .option("framerate", 25)
}

/// The `n`-th of them has `n` pictures, all of its own grey: joined by the graph, and copied as a track each.
#[test]
fn twenty_four_inputs_are_joined_and_copied() {
    let fs = MemFs::new();
    let (mut job, mut pads, mut expected) = (Job::new(), String::new(), Vec::new());
    let mut tracks = Output::file("/tracks.mkv").video_codec("copy");
    for n in 0..24_u8 {
        let count = usize::from(n) + 1;
        job = job.input(grey(&fs, &format!("/{n}.yuv"), 8 * n + 16, count));
        pads += &format!("[{n}:v]");
        tracks = tracks.map(format!("{n}:v"));
        expected.extend(vec![8 * n + 16; PICTURE * count]);
    }
    let joined = Output::file("/joined.yuv").format("rawvideo").map("[v]");
    let job = job
        .filter(format!("{pads}concat=n=24[v]"))
        .output(joined.video_codec("rawvideo"))
        .output(tracks);
    let report = runtime().process(&fs, &job).expect("the job is done");
    assert_eq!(report.outputs[0].streams[0].frames, Some(300));
    assert!(read(&fs, "/joined.yuv") == expected, "in their order");
    let tracks = Parsed::new(&read(&fs, "/tracks.mkv")).tracks;
    assert_eq!(tracks.len(), 24);
    for (n, track) in tracks.iter().enumerate() {
        assert_eq!(track.packets.len(), n + 1, "of track {n}");
        let level = u8::try_from(8 * n + 16).expect("below 256");
        assert!(track.packets.concat().iter().all(|byte| *byte == level));
    }
}

/// Each takes one picture more than the one before it.
#[test]
fn twenty_outputs_are_written() {
    let fs = MemFs::new();
    let pads: String = (0..20).map(|n| format!("[o{n}]")).collect();
    let mut job = Job::new()
        .input(grey(&fs, "/in.yuv", 77, 25))
        .filter(format!("[0:v]split=20{pads}"));
    for n in 0..20 {
        let output = Output::file(format!("/{n}.yuv")).format("rawvideo");
        let output = output.map(format!("[o{n}]")).video_codec("rawvideo");
        job = job.output(output.duration(f64::from(n + 1) / 25.0));
    }
    let report = runtime().process(&fs, &job).expect("the job is done");
    assert_eq!(report.outputs.len(), 20);
    for n in 0..20 {
        let file = read(&fs, &format!("/{n}.yuv"));
        assert!(file == vec![77; PICTURE * (n + 1)], "output {n}");
    }
}
