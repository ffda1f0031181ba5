//! What goes into an encode: frames of the caller's, and what is wrong with them.

use std::convert::Infallible;
use std::error::Error as _;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use afmpeg::stream::{
    AudioFrame, AudioSource, DecodeAudio, DecodeVideo, Encode, PixelFormat, VideoFrame, VideoSource,
};
use afmpeg::vfs::{Vfs as _, ops};
use afmpeg::{CancelToken, Input, JobError, MemFs, Output, SourceError};

use crate::support::audio::Sound;
use crate::support::pixels::{Video, psnr};
use crate::support::{assert_close, fs_with, read, runtime};
use crate::{digest, seconds};

const SIZE: (u32, u32) = (128, 72);

fn film(frames: usize) -> Video {
    Video::synthetic(SIZE.0 as usize, SIZE.1 as usize, frames)
}

fn frames(film: Video) -> impl Iterator<Item = Result<VideoFrame, Infallible>> + Send {
    (0..film.len()).map(move |n| Ok(frame(film.frame(n).to_vec())))
}

fn frame(data: Vec<u8>) -> VideoFrame {
    VideoFrame::new(SIZE.0, SIZE.1, PixelFormat::Yuv420p, data).expect("it has the size")
}

fn source() -> VideoSource {
    VideoSource::new(SIZE.0, SIZE.1, PixelFormat::Yuv420p)
}

/// A tone in one channel and silence in the other, in uneven pieces.
fn tone(seconds: usize) -> impl Iterator<Item = Result<AudioFrame, Infallible>> + Send {
    let rate = 48_000;
    (0..seconds * rate).step_by(1500).map(move |start| {
        let wave = |at: usize| {
            (std::f64::consts::TAU * 1000.0 * at as f64 / rate as f64).sin() as f32 * 0.5
        };
        let left: Vec<f32> = (start..start + 1500).map(wave).collect();
        let right = vec![0.0; 1500];
        Ok(AudioFrame::new(rate as u32, [left, right]).expect("equally long"))
    })
}

#[test]
fn pictures_and_sound_go_in_and_come_out() {
    let fs = MemFs::new();
    let film = film(25);
    let encode = Encode::new()
        .video(source(), frames(film.clone()))
        .audio(AudioSource::new(48_000, 2), tone(1))
        .output(
            Output::file("/out.mp4")
                .video_codec("libopenh264")
                .video_option("b", "2M")
                .audio_codec("aac"),
        );
    let report = runtime().encode(&fs, encode).expect("it is made");
    assert_eq!(report.outputs[0].path, "/out.mp4");
    let what = DecodeVideo::new(Input::file("/out.mp4"), PixelFormat::Yuv420p);
    let mut seen = 0;
    for decoded in runtime().decode_video(&fs, &what).expect("it starts") {
        let decoded = decoded.expect("it plays");
        assert_close(
            "time",
            seconds(decoded.time()),
            f64::from(seen) / 25.0,
            0.001,
        );
        let back = Video::from_raw(film.width, film.height, decoded.into_data());
        assert_eq!(back.spelled(0), seen as usize);
        assert!(psnr(back.frame(0), film.frame(seen as usize)) > 28.0);
        seen += 1;
    }
    assert_eq!(seen, 25);
    let sound = Sound::decode(read(&fs, "/out.mp4"), "mp4");
    assert_close("left", sound.tone(0, 0.2, 0.8, 1000.0), 0.5, 0.05);
    assert!(sound.tone(1, 0.2, 0.8, 1000.0) < 0.01);
}

#[test]
fn what_is_kept_whole_comes_back_whole() {
    let fs = MemFs::new();
    let film = film(5);
    let encode = Encode::new()
        .video(source().frame_rate(30_000, 1001), frames(film.clone()))
        .output(
            Output::file("/out.mkv")
                .format("matroska")
                .video_codec("rawvideo"),
        );
    runtime().encode(&fs, encode).expect("it is made");
    let what = DecodeVideo::new(Input::file("/out.mkv"), PixelFormat::Yuv420p);
    let back: Vec<_> = runtime()
        .decode_video(&fs, &what)
        .and_then(Iterator::collect)
        .expect("it plays");
    let digests: Vec<_> = back.iter().map(|frame| digest(frame.data())).collect();
    assert_eq!(digests, film.digests());
    assert_close("rate", seconds(back[3].time()), 0.1001, 0.001);

    let encode = Encode::new()
        .audio(AudioSource::new(48_000, 2), tone(1))
        .output(Output::file("/out.wav").audio_codec("pcm_f32le"));
    runtime().encode(&fs, encode).expect("it is made");
    let what = DecodeAudio::new(Input::file("/out.wav"));
    let frames: Vec<_> = runtime()
        .decode_audio(&fs, &what)
        .and_then(Iterator::collect)
        .expect("it plays");
    let left: Vec<f32> = frames
        .iter()
        .flat_map(|frame| frame.plane(0).to_vec())
        .collect();
    let given: Vec<f32> = tone(1)
        .flat_map(|frame| frame.map_or(Vec::new(), |frame| frame.plane(0).to_vec()))
        .collect();
    assert!(left == given, "bit by bit");
}

#[test]
fn what_is_decoded_can_be_encoded_while_it_is() {
    let fs = fs_with(&["bbb_180_h264.mp4"]);
    let input = Input::file("/bbb_180_h264.mp4");
    let what = DecodeVideo::new(input, PixelFormat::Rgb24)
        .scale(64, 36)
        .duration(0.4);
    let frames = runtime().decode_video(&fs, &what).expect("it starts");
    let negative = frames.map(|frame| {
        let mut frame = frame?;
        for level in frame.data_mut() {
            *level = 255 - *level;
        }
        Ok::<_, JobError>(frame)
    });
    let encode = Encode::new()
        .video(VideoSource::new(64, 36, PixelFormat::Rgb24), negative)
        .filter("[0:v]split[a][b]")
        .output(
            Output::file("/a.png")
                .map("[a]")
                .format("image2")
                .format_option("update", 1),
        )
        .output(Output::file("/b.mkv").map("[b]").video_codec("png"));
    let report = runtime().encode(&fs, encode).expect("it is made");
    assert_eq!(report.outputs[1].streams[0].frames, Some(10));
}

/// Encodes what goes wrong, over a tree with an older file; nothing may be left of it.
#[track_caller]
fn failure<E>(frames: impl Iterator<Item = Result<VideoFrame, E>> + Send + 'static) -> SourceError
where
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let fs = MemFs::new();
    fs.write("/out.mp4", b"old").expect("room");
    let encode = Encode::new()
        .video(source(), frames)
        .output(Output::file("/out.mp4").video_codec("libopenh264"));
    let error = runtime().encode(&fs, encode).expect_err("it must fail");
    assert_eq!(read(&fs, "/out.mp4"), b"old");
    let names = ops::read_dir(&fs.root(), "/").expect("it is there");
    assert_eq!(names.len(), 1, "{names:?}");
    match error {
        JobError::Source(error) => error,
        other => panic!("{other}"),
    }
}

#[test]
fn a_frame_of_another_size_is_named() {
    let other = VideoFrame::new(64, 72, PixelFormat::Yuv420p, vec![0; 64 * 72 * 3 / 2]);
    let frames = frames(film(6)).chain([Ok(other.expect("it has the size"))]);
    let error = failure(frames);
    assert!(matches!(
        error,
        SourceError::Mismatch {
            input: 0,
            frame: 6,
            ..
        }
    ));
    assert_eq!(
        error.to_string(),
        "frame 6 of inputs[0] is 64x72 in yuv420p, and its source has 128x72 in yuv420p"
    );
}

#[test]
fn an_error_of_the_iterator_ends_the_job_and_is_its_source() {
    let good = frames(film(3)).map(|frame| frame.map_err(|never| match never {}));
    let error = failure(good.chain([Err(io::Error::other("the camera is unplugged"))]));
    assert!(matches!(error, SourceError::Failed { frame: 3, .. }));
    let inner = error.source().expect("it is told why");
    assert_eq!(inner.to_string(), "the camera is unplugged");
}

#[test]
fn a_panic_of_the_iterator_ends_the_job() {
    let frames = frames(film(9))
        .inspect(|_| ())
        .enumerate()
        .map(|(n, frame)| {
            assert!(n < 4, "out of film");
            frame
        });
    let error = failure(frames);
    assert!(matches!(error, SourceError::Panicked { frame: 4, .. }));
    assert!(error.to_string().contains("out of film"), "{error}");
}

#[test]
fn an_endless_iterator_is_asked_for_what_the_output_wants() {
    let fs = MemFs::new();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let frames = std::iter::repeat_with(move || {
        count.fetch_add(1, Ordering::Relaxed);
        Ok::<_, Infallible>(frame(vec![128; (SIZE.0 * SIZE.1 * 3 / 2) as usize]))
    });
    let encode = Encode::new().video(source(), frames).output(
        Output::file("/out.mp4")
            .video_codec("libopenh264")
            .duration(1.0),
    );
    let report = runtime().encode(&fs, encode).expect("it ends by itself");
    assert_eq!(report.outputs[0].streams[0].frames, Some(25));
    let asked = asked.load(Ordering::Relaxed);
    assert!((25..60).contains(&asked), "{asked} frames were taken");
}

#[test]
fn frames_for_several_outputs_need_a_graph() {
    let encode = Encode::new()
        .video(source(), frames(film(1)))
        .output(Output::file("/a.mp4"))
        .output(Output::file("/b.mp4"));
    let error = runtime().encode(&MemFs::new(), encode).expect_err("which?");
    assert!(matches!(&error, JobError::Spec(spec) if spec.field() == "filter"));
}

#[test]
fn an_endless_encode_is_cancelled_and_leaves_nothing() {
    let fs = MemFs::new();
    let token = CancelToken::new();
    let enough = token.clone();
    let frames = (0_u64..).map(move |n| {
        if n == 30 {
            enough.cancel();
        }
        Ok::<_, Infallible>(frame(vec![n as u8; (SIZE.0 * SIZE.1 * 3 / 2) as usize]))
    });
    let encode = Encode::new()
        .video(source(), frames)
        .output(Output::file("/out.mp4").video_codec("libopenh264"));
    let error = runtime()
        .invocation(&fs)
        .cancel(token)
        .encode(encode)
        .expect_err("it is cancelled");
    assert!(matches!(error, JobError::Cancelled { .. }), "{error}");
    assert!(ops::read_dir(&fs.root(), "/").is_ok_and(|names| names.is_empty()));
}

#[test]
fn sound_without_samples_is_asked_for_until_the_job_is_cancelled() {
    let token = CancelToken::new();
    let enough = token.clone();
    let mut sound = tone(1);
    let frames = (0_u64..).map(move |n| {
        if n == 20_000 {
            enough.cancel();
        }
        // Sound that comes late, and then none for ever.
        let late = n.is_multiple_of(2000).then(|| sound.next()).flatten();
        let empty = || AudioFrame::new(48_000, [[0.0; 0]; 2]).expect("equally long");
        Ok::<_, Infallible>(late.map_or_else(empty, |frame| frame.expect("it is sound")))
    });
    let encode = Encode::new()
        .audio(AudioSource::new(48_000, 2), frames)
        .output(Output::file("/out.wav").audio_codec("pcm_s16le"));
    let fs = MemFs::new();
    let invocation = runtime().invocation(&fs).cancel(token);
    let error = invocation.encode(encode).expect_err("it is cancelled");
    assert!(matches!(error, JobError::Cancelled { .. }), "{error}");
}

#[test]
fn sound_of_other_channels_is_named() {
    let encode = Encode::new()
        .audio(AudioSource::new(48_000, 1), tone(1))
        .output(Output::file("/out.wav"));
    let error = runtime().encode(&MemFs::new(), encode).expect_err("stereo");
    assert_eq!(
        error.to_string(),
        "frame 0 of inputs[0] has 2 channels at 48000 Hz, and its source has 1 at 48000 Hz"
    );
}

#[test]
fn without_frames_there_is_no_output() {
    let fs = MemFs::new();
    let none = std::iter::empty::<Result<VideoFrame, Infallible>>();
    let encode = Encode::new()
        .video(source(), none)
        .output(Output::file("/out.mp4").video_codec("libopenh264"));
    let error = runtime().encode(&fs, encode).expect_err("nothing came");
    assert!(error.partial_outputs().is_empty(), "{error:?}");
    assert!(!fs.exists("/out.mp4"));
}
