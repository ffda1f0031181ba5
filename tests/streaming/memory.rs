//! What a guest holds does not grow with the length of what streams through it.

use std::convert::Infallible;
use std::io;

use afmpeg::stream::{AudioFrame, AudioSource, Encode, PixelFormat, VideoFrame, VideoSource};
use afmpeg::{Container, Input, Job, MemFs, Output};

use crate::support::{fs_with, runtime};

/// Ten times the length may cost this much: two pages of its memory, as pieces of other sizes need other places.
const MORE: u64 = 128 << 10;

/// The peak of the guest's memory for each of two lengths.
#[track_caller]
fn assert_flat(what: &str, peak: impl Fn(u32) -> u64) {
    let (short, long) = (peak(8), peak(80));
    assert!(
        long <= short + MORE,
        "{what}: {short} bytes for a short one, {long} for a long one"
    );
}

#[test]
fn a_long_stream_to_a_writer_needs_no_more_memory_than_a_short_one() {
    for container in [
        Container::FragmentedMp4,
        Container::MpegTs,
        Container::Matroska,
    ] {
        assert_flat(&format!("{container:?}"), |times| {
            let fs = fs_with(&["bbb_180_h264.mp4"]);
            let output = Output::file("/live").streamed(container).map("0:v");
            let job = Job::new()
                .input(Input::file("/bbb_180_h264.mp4").repeat(times))
                .output(output.video_codec("copy"));
            let report = runtime()
                .process_to(&fs, &job, io::sink())
                .unwrap_or_else(|error| panic!("{container:?}: {error}"));
            report.usage.peak_memory
        });
    }
}

#[test]
fn a_long_stream_of_frames_needs_no_more_memory_than_a_short_one() {
    assert_flat("frames", |seconds| {
        let (width, height, rate) = (32, 32, 8000);
        let frames = (0..seconds * 5).map(move |n| {
            let data = vec![n as u8; (width * height * 3 / 2) as usize];
            Ok::<_, Infallible>(
                VideoFrame::new(width, height, PixelFormat::Yuv420p, data)
                    .expect("it has the size"),
            )
        });
        let sound = (0..seconds * 5).map(move |_| {
            Ok::<_, Infallible>(AudioFrame::new(rate, [vec![0.1; 1600]]).expect("equally long"))
        });
        let encode = Encode::new()
            .video(
                VideoSource::new(width, height, PixelFormat::Yuv420p).frame_rate(5, 1),
                frames,
            )
            .audio(AudioSource::new(rate, 1), sound)
            .output(
                Output::file("/live")
                    .streamed(Container::Matroska)
                    .video_codec("mjpeg")
                    .audio_codec("aac"),
            );
        let report = runtime()
            .encode(&MemFs::new(), encode)
            .expect("it is encoded");
        report.usage.peak_memory
    });
}
