//! More than eight bits a sample, as x264 encodes them.

use std::collections::BTreeSet;

use afmpeg::{Input, Job, MemFs, Output};

use crate::support::{read, runtime};

const WIDTH: usize = 640;
const HEIGHT: usize = 64;

/// Pictures of ten bits: the luma rises by one of 1,024 levels a column, the chroma is grey.
fn ramp(frames: usize) -> Vec<u16> {
    let line = || (0..WIDTH).map(|x| 64 + x as u16);
    let mut samples = Vec::new();
    for _ in 0..frames {
        samples.extend((0..HEIGHT).flat_map(|_| line()));
        samples.resize(samples.len() + WIDTH * HEIGHT / 2, 512);
    }
    samples
}

#[test]
#[ignore = "needs an engine of the GPL variant: cargo xtask test --gpl"]
fn ten_bits_are_encoded_as_ten_bits() {
    let source = ramp(3);
    let fs = MemFs::new();
    let bytes: Vec<u8> = source.iter().flat_map(|s| s.to_le_bytes()).collect();
    fs.write("/in.raw", bytes).expect("room");
    let input = Input::file("/in.raw")
        .format("rawvideo")
        .option("video_size", format!("{WIDTH}x{HEIGHT}"))
        .option("pixel_format", "yuv420p10le")
        .option("framerate", 25);
    let coded = Output::file("/out.mp4")
        .map("[v]")
        .video_codec("libx264")
        .video_option("preset", "veryfast")
        .video_option("crf", 4);
    let raw = Output::file("/out.raw").format("rawvideo");
    for (input, output) in [
        (input, coded),
        (
            Input::file("/out.mp4"),
            raw.map("[v]").video_codec("rawvideo"),
        ),
    ] {
        let job = Job::new()
            .input(input)
            .filter("[0:v]null[v]")
            .output(output);
        runtime().process(&fs, &job).expect("the job is done");
    }
    let probe = runtime().probe(&fs, "/out.mp4").expect("it is MP4");
    let video = probe.video().expect("it has pictures");
    assert_eq!(video.codec.as_deref(), Some("h264"));
    assert_eq!(video.pix_fmt.as_deref(), Some("yuv420p10le"));
    assert_eq!(video.profile.as_deref(), Some("High 10"));

    let result = read(&fs, "/out.raw");
    let samples = result.as_chunks::<2>().0.iter().copied();
    let result: Vec<u16> = samples.map(u16::from_le_bytes).collect();
    assert_eq!(result.len(), source.len());
    let differences = result.iter().zip(&source).map(|(a, b)| a.abs_diff(*b));
    // Samples of eight bits would be wrong by two on average where they are cut.
    assert!(differences.clone().all(|difference| difference <= 3));
    let sum: u64 = differences.map(u64::from).sum();
    assert!(2 * sum < source.len() as u64, "{sum}");
    let levels: BTreeSet<u16> = result[..WIDTH * HEIGHT].iter().copied().collect();
    assert!(levels.len() > 600, "{}", levels.len());
    // The sequence parameter set says so itself: High 10, and eight bits and two more.
    let file = read(&fs, "/out.mp4");
    let box_at = file.windows(4).position(|four| four == b"avcC");
    let record = &file[box_at.expect("it has its parameter sets") + 4..];
    assert_eq!(record[1], 110);
}
