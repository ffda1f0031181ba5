//! Damaged media with `on_corrupt: skip`: what is whole comes out exactly, and the rest is counted.

use std::io::Cursor;

use afmpeg::{ErrorClass, Input, Job, MemFs, OnCorrupt, Output};

use crate::support::mp4::Parsed;
use crate::support::pixels::Video;
use crate::support::{fixture, read, reference, runtime};

/// Where a part of a file is.
#[track_caller]
fn place(file: &[u8], part: &[u8]) -> usize {
    file.windows(part.len())
        .position(|window| window == part)
        .expect("the part is in the file")
}

#[test]
fn pictures_after_a_damaged_one_come_out_from_the_next_key_frame_on() {
    let mut file = fixture("bbb_180_h264.mp4");
    let parsed = Parsed::new(&file);
    let samples = &parsed.video().samples;
    assert!(samples[25].is_sync, "the second group begins at frame 25");
    // The middle of one picture's data; its length stays as it was.
    let (at, length) = (place(&file, &samples[8].data), samples[8].data.len());
    for byte in &mut file[at + 12..at + length] {
        *byte = byte.wrapping_mul(31) ^ 0x5a;
    }
    let fs = MemFs::new();
    fs.write("/in.mp4", file).expect("room");
    let job = Job::new()
        .input(Input::file("/in.mp4"))
        .filter("[0:v]null[v]")
        .output(
            Output::file("/out.yuv")
                .format("rawvideo")
                .map("[v]")
                .video_codec("rawvideo"),
        );
    let error = runtime().process(&fs, &job).expect_err("it is damaged");
    assert_eq!(error.class(), Some(ErrorClass::Decode), "{error}");

    let job = job.on_corrupt(OnCorrupt::Skip);
    let report = runtime().process(&fs, &job).expect("the rest is there");
    assert!(
        report
            .corrupt_packets
            .is_some_and(|count| (1..25).contains(&count)),
        "{:?}",
        report.corrupt_packets
    );
    let digests = Video::from_raw(320, 180, read(&fs, "/out.yuv")).digests();
    let reference = reference("bbb_180_h264.mp4");
    assert!(digests.len() >= 25, "{} pictures", digests.len());
    // As they are shown, eight packets hold six pictures at least that are before the damaged one.
    assert!(digests[..5] == reference[..5], "what is before it is exact");
    assert!(
        digests[digests.len() - 25..] == reference[25..],
        "what is behind the next key frame is exact"
    );
}

/// FLAC has a checksum over each frame: a damaged one is told from a whole one with certainty.
#[test]
fn samples_around_a_damaged_frame_are_exact() {
    let whole = fixture("bbb.flac");
    let mut reader = claxon::FlacReader::new(Cursor::new(&whole)).expect("an independent decoder");
    let samples: Vec<i32> = (reader.samples())
        .map(|sample| sample.expect("a whole sample"))
        .collect();
    let block = usize::from(reader.streaminfo().max_block_size);
    let bits = reader.streaminfo().bits_per_sample;
    let mut file = whole.clone();
    let at = file.len() / 2;
    file[at] ^= 0x10;
    let fs = MemFs::new();
    fs.write("/in.flac", file).expect("room");
    let job = Job::new()
        .input(Input::file("/in.flac"))
        .filter("[0:a]anull[a]")
        .output(Output::file("/out.wav").map("[a]").audio_codec("pcm_s24le"));
    let error = runtime().process(&fs, &job).expect_err("it is damaged");
    assert_eq!(error.class(), Some(ErrorClass::Decode), "{error}");

    let job = job.on_corrupt(OnCorrupt::Skip);
    let report = runtime().process(&fs, &job).expect("the rest is there");
    assert_eq!(report.corrupt_packets, Some(1));
    let mut wav = hound::WavReader::new(Cursor::new(read(&fs, "/out.wav"))).expect("a WAV file");
    let left: Vec<i32> = (wav.samples::<i32>())
        .map(|sample| sample.expect("a whole sample") >> (24 - bits))
        .collect();
    let lost = samples.len() - left.len();
    assert_eq!(lost, 2 * block, "one frame of two channels");
    let same = left
        .iter()
        .zip(&samples)
        .take_while(|(a, b)| a == b)
        .count();
    let before = same / (2 * block) * 2 * block;
    assert!(
        left[before..] == samples[before + lost..],
        "all samples but those of the damaged frame"
    );
}
