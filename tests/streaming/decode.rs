//! What comes out of a decode: the right pixels and samples, at the right times.

use afmpeg::stream::{AudioFrame, DecodeAudio, DecodeVideo, PixelFormat, VideoFrame};
use afmpeg::{Input, Job, JobError, MemFs, OnCorrupt, Output, Seek};

use crate::support::audio::Sound;
use crate::support::{assert_close, fixture, fs_with, read, reference, runtime};
use crate::{digest, seconds};

const CLIP: &str = "bbb_180_h264.mp4";

fn pictures(fs: &MemFs, what: &DecodeVideo) -> Vec<VideoFrame> {
    runtime()
        .decode_video(fs, what)
        .and_then(Iterator::collect)
        .unwrap_or_else(|error| panic!("{what:?}: {error}"))
}

fn sound(fs: &MemFs, what: &DecodeAudio) -> Vec<AudioFrame> {
    runtime()
        .decode_audio(fs, what)
        .and_then(Iterator::collect)
        .unwrap_or_else(|error| panic!("{what:?}: {error}"))
}

fn clip() -> Input {
    Input::file(format!("/{CLIP}"))
}

#[test]
fn every_picture_is_that_of_native_ffmpeg_at_its_time() {
    let fs = fs_with(&[CLIP]);
    let what = DecodeVideo::new(clip(), PixelFormat::Yuv420p);
    let mut frames = runtime().decode_video(&fs, &what).expect("it starts");
    let (mut digests, mut n) = (Vec::new(), 0_i64);
    for frame in &mut frames {
        let frame = frame.expect("the clip is whole");
        assert_eq!((frame.width(), frame.height()), (320, 180));
        let time = frame.time().expect("it has a time");
        assert_eq!(time.num * 25, n * time.den, "exactly");
        assert_close("length", seconds(frame.duration()), 0.04, 0.0);
        let planes: Vec<_> = frame.planes().collect();
        assert_eq!(planes.len(), 3);
        assert_eq!((planes[1].stride, planes[1].rows), (160, 90));
        digests.push(digest(frame.data()));
        n += 1;
    }
    assert_eq!(digests, reference(CLIP));
    let report = frames.report().expect("the job is done");
    assert_eq!(report.outputs[0].streams[0].frames, Some(50));
    assert!(frames.next().is_none(), "the end is the end");
}

#[test]
fn a_part_of_a_film_is_scaled_and_keeps_the_times_of_the_film() {
    let fs = fs_with(&[CLIP]);
    let input = clip().seek(Seek::accurate(0.5));
    let what = DecodeVideo::new(input.clone(), PixelFormat::Rgba)
        .filter("hflip")
        .scale(96, 0)
        .duration(0.4);
    let frames = pictures(&fs, &what);
    let job = Job::new()
        .input(input)
        .filter("[0:v]hflip,scale=96:-2,format=rgba[v]")
        .output(
            Output::file("/raw")
                .format("rawvideo")
                .map("[v]")
                .video_codec("rawvideo")
                .duration(0.4),
        );
    runtime().process(&fs, &job).expect("the same by hand");
    let together: Vec<u8> = frames.iter().flat_map(VideoFrame::data).copied().collect();
    assert!(together == read(&fs, "/raw"), "the same pixels");
    assert_eq!((frames[0].width(), frames[0].height()), (96, 54));
    let times: Vec<_> = frames.iter().map(|frame| seconds(frame.time())).collect();
    let expected: Vec<_> = (13..23).map(|n| f64::from(n) / 25.0).collect();
    assert_eq!(times, expected);
}

#[test]
fn pictures_without_a_rate_have_their_own_times() {
    let fs = fs_with(&[CLIP]);
    let job = Job::new()
        .input(clip())
        .filter("[0:v]select='lt(n,4)+gt(n,20)*lt(n,23)+gt(n,40)',scale=64:36[v]")
        .output(
            Output::file("/vfr.mp4")
                .map("[v]")
                .video_codec("libopenh264"),
        );
    runtime().process(&fs, &job).expect("it is made");
    let what = DecodeVideo::new(Input::file("/vfr.mp4"), PixelFormat::Gray8);
    let frames = pictures(&fs, &what);
    let times: Vec<_> = frames
        .iter()
        .map(|frame| (seconds(frame.time()) * 25.0).round() as u32)
        .collect();
    let expected: Vec<_> = (0..4).chain(21..23).chain(41..50).collect();
    assert_eq!(times, expected);
    assert!(frames.iter().all(|frame| frame.data().len() == 64 * 36));
}

#[test]
fn every_layout_of_pixels_has_the_same_picture() {
    let fs = fs_with(&["bbb_180.png"]);
    let decode = |format| {
        let what = DecodeVideo::new(Input::file("/bbb_180.png"), format);
        pictures(&fs, &what).pop().expect("there is a picture")
    };
    let rgba = decode(PixelFormat::Rgba);
    let rgb = decode(PixelFormat::Rgb24);
    let bgra = decode(PixelFormat::Bgra);
    let at = rgba.data().chunks_exact(4);
    for ((rgba, rgb), bgra) in at
        .zip(rgb.data().chunks_exact(3))
        .zip(bgra.data().chunks_exact(4))
    {
        assert_eq!(rgba[..3], *rgb);
        assert_eq!([rgba[2], rgba[1], rgba[0], 255], *bgra);
    }
    let (planar, semi) = (decode(PixelFormat::Yuv420p), decode(PixelFormat::Nv12));
    let planes: Vec<_> = planar.planes().map(|plane| plane.data).collect();
    let halves: Vec<_> = semi.planes().map(|plane| plane.data).collect();
    assert!(planes[0] == halves[0]);
    let colours = halves[1]
        .chunks_exact(2)
        .zip(planes[1].iter().zip(planes[2]));
    for (pair, (u, v)) in colours {
        assert_eq!(pair, [*u, *v]);
    }
    let fine = decode(PixelFormat::Yuv420p10);
    let bright = fine.planes().next().expect("it has a plane").data;
    for (fine, coarse) in bright.chunks_exact(2).zip(planes[0]) {
        let fine = u16::from_le_bytes([fine[0], fine[1]]);
        assert!(fine.abs_diff(u16::from(*coarse) * 4) <= 4);
    }
    for format in [PixelFormat::Yuv422p, PixelFormat::Yuv444p] {
        assert_eq!(
            Some(decode(format).data().len()),
            format.frame_bytes(320, 180)
        );
    }
}

#[test]
fn every_sample_is_that_of_another_decoder() {
    let fs = fs_with(&["bbb.flac"]);
    let frames = sound(&fs, &DecodeAudio::new(Input::file("/bbb.flac")));
    let other = Sound::decode(fixture("bbb.flac"), "flac");
    let (mut n, mut planes) = (0, [Vec::new(), Vec::new()]);
    for frame in &frames {
        assert_eq!((frame.sample_rate(), frame.channels()), (44_100, 2));
        assert_eq!(frame.layout(), Some("stereo"));
        assert_close("time", seconds(frame.time()), n as f64 / 44_100.0, 1e-9);
        for (all, part) in planes.iter_mut().zip(frame.planes()) {
            all.extend_from_slice(part);
        }
        n += frame.len();
    }
    assert_eq!(n, other.samples.len() / 2);
    for (turn, both) in other.samples.chunks_exact(2).enumerate() {
        assert_eq!([planes[0][turn], planes[1][turn]], both);
    }
}

#[test]
fn sound_is_converted_and_cut() {
    let fs = fs_with(&["bbb.m4a"]);
    let what = DecodeAudio::new(Input::file("/bbb.m4a").seek(Seek::accurate(1.0)))
        .sample_rate(16_000)
        .layout("mono")
        .duration(0.5);
    let frames = sound(&fs, &what);
    let samples: usize = frames.iter().map(AudioFrame::len).sum();
    assert_eq!(samples, 8_000);
    assert_close("begins", seconds(frames[0].time()), 1.0, 0.001);
    assert!(frames.iter().all(|frame| frame.channels() == 1));
}

/// A transport stream can change its size on the way; frames of a job do not.
#[test]
fn a_film_that_changes_its_size_gives_whole_pictures_of_one_size() {
    let fs = fs_with(&[CLIP]);
    let mut joined = Vec::new();
    for size in ["128:72", "64:36"] {
        let job = Job::new()
            .input(clip())
            .filter(format!("[0:v]trim=end_frame=5,scale={size}[v]"))
            .output(
                Output::file("/part.ts")
                    .map("[v]")
                    .video_codec("libopenh264"),
            );
        runtime().process(&fs, &job).expect("it is made");
        joined.extend(read(&fs, "/part.ts"));
    }
    fs.write("/joined.ts", joined).expect("room");
    let what = DecodeVideo::new(Input::file("/joined.ts"), PixelFormat::Rgb24)
        // The counters of the second part begin anew, which looks like a loss.
        .on_corrupt(OnCorrupt::Skip);
    let frames = pictures(&fs, &what);
    assert!(frames.len() >= 8, "{} pictures", frames.len());
    let size = (frames[0].width(), frames[0].height());
    assert!(
        frames
            .iter()
            .all(|frame| (frame.width(), frame.height()) == size)
    );
    let job = Job::new()
        .input(Input::file("/joined.ts"))
        .filter("[0:v]format=rgb24[v]")
        .on_corrupt(OnCorrupt::Skip)
        .output(
            Output::file("/raw")
                .format("rawvideo")
                .map("[v]")
                .video_codec("rawvideo"),
        );
    runtime().process(&fs, &job).expect("the same by hand");
    let together: Vec<u8> = frames.iter().flat_map(VideoFrame::data).copied().collect();
    assert!(together == read(&fs, "/raw"), "the same pixels");
}

#[test]
fn a_part_without_frames_has_none() {
    let fs = fs_with(&[CLIP, "bbb.flac"]);
    let what = DecodeVideo::new(clip(), PixelFormat::Rgba).filter("select=0");
    assert_eq!(pictures(&fs, &what), []);
    let what = DecodeAudio::new(Input::file("/bbb.flac")).filter("aselect=0");
    assert_eq!(sound(&fs, &what), []);
}

#[test]
fn what_cannot_be_meant_is_said_before_anything_runs() {
    let fs = MemFs::new();
    let what = DecodeVideo::new(Input::file("/none"), PixelFormat::Rgba).duration(f64::NAN);
    let error = runtime().decode_video(&fs, &what).expect_err("no length");
    assert!(matches!(error, JobError::Spec(_)), "{error}");
    let what = DecodeAudio::new(Input::default());
    assert!(what.check().is_err(), "no input");
}
