//! How a decode ends: dropped, cancelled, too late, on what cannot be read; and how far it runs ahead.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use afmpeg::stream::{
    AudioFrames, DecodeAudio, DecodeVideo, Encode, PixelFormat, VideoFrame, VideoFrames,
};
use afmpeg::vfs::{Files, ReadAtFile};
use afmpeg::{CancelToken, ErrorClass, Input, JobError, MemFs};

use crate::support::{fixture, fs_with, runtime};

const FRAME: u64 = 64 * 48;

fn raw(path: &str) -> Input {
    Input::file(path)
        .format("rawvideo")
        .option("video_size", "64x48")
        .option("pixel_format", "gray")
}

fn endless() -> DecodeVideo {
    DecodeVideo::new(
        Input::lavfi("testsrc2=size=64x48:rate=25"),
        PixelFormat::Gray8,
    )
}

#[test]
fn what_nobody_takes_is_not_decoded() {
    // A film of a terabyte, and how far it was read.
    let far = Arc::new(AtomicU64::new(0));
    let reached = Arc::clone(&far);
    let file = ReadAtFile::new(1 << 40, move |offset, buf: &mut [u8]| {
        reached.fetch_max(offset + buf.len() as u64, Ordering::Relaxed);
        buf.fill((offset / FRAME) as u8);
        Ok(buf.len())
    });
    let fs = Files::new().with("film", file).expect("a name");
    let what = DecodeVideo::new(raw("/film"), PixelFormat::Gray8).queue(3);
    let mut frames = runtime().decode_video(&fs, &what).expect("it starts");
    for _ in 0..3 {
        let frame = frames.next().expect("it is endless").expect("it is right");
        assert_eq!(frame.data().len() as u64, FRAME);
    }
    thread::sleep(Duration::from_millis(500));
    let read = far.load(Ordering::Relaxed) / FRAME;
    // Taken, in the queue, and what the demuxer and the graph have begun.
    assert!(read < 3 + 3 + 40, "{read} frames were read");
    thread::sleep(Duration::from_millis(200));
    assert_eq!(far.load(Ordering::Relaxed) / FRAME, read, "the guest waits");
    assert!(frames.nth(100).is_some(), "and goes on");
    let dropped = Instant::now();
    drop(frames);
    assert!(dropped.elapsed() < Duration::from_secs(1));
}

#[test]
fn a_decode_that_is_dropped_ends_its_job_and_no_other() {
    let token = CancelToken::new();
    let fs = MemFs::new();
    let start = || {
        let invocation = runtime().invocation(&fs).cancel(token.clone());
        invocation.decode_video(&endless()).expect("it starts")
    };
    let (mut one, mut other) = (start(), start());
    assert!(one.next().is_some() && other.next().is_some());
    drop(one);
    assert!(!token.is_cancelled());
    assert!(other.nth(20).is_some_and(|frame| frame.is_ok()));
    // The guest waits for room by now, or is about to.
    token.cancel();
    let cancelled = Instant::now();
    let last = other.find(Result::is_err);
    assert!(matches!(last, Some(Err(JobError::Cancelled { .. }))));
    assert!(cancelled.elapsed() < Duration::from_secs(1));
    assert!(other.next().is_none());
}

#[test]
fn a_deadline_holds_while_nobody_takes_the_frames() {
    let fs = MemFs::new();
    let invocation = runtime()
        .invocation(&fs)
        .timeout(Duration::from_millis(700));
    let mut frames = invocation.decode_video(&endless()).expect("it starts");
    thread::sleep(Duration::from_millis(1000));
    let last = frames.find(Result::is_err);
    assert!(
        matches!(last, Some(Err(JobError::DeadlineExceeded { .. }))),
        "{last:?}"
    );
}

#[test]
fn what_cannot_be_read_is_the_last_item() {
    let fs = MemFs::new();
    let noise: Vec<u8> = (0..20_000_u32).map(|n| (n * n / 7) as u8).collect();
    fs.write("/noise.mp4", noise).expect("room");
    let what = DecodeVideo::new(Input::file("/noise.mp4"), PixelFormat::Rgba);
    let mut frames = runtime().decode_video(&fs, &what).expect("it starts");
    let error = frames.next().expect("an item").expect_err("it is noise");
    assert_eq!(error.class(), Some(ErrorClass::OpenInput), "{error}");
    assert!(frames.next().is_none() && frames.report().is_none());

    let fs = fs_with(&["bbb_180_h264.mp4"]);
    let what = DecodeAudio::new(Input::file("/bbb_180_h264.mp4"));
    let mut frames = runtime().decode_audio(&fs, &what).expect("it starts");
    let error = frames.next().expect("an item").expect_err("it is mute");
    assert!(error.class().is_some(), "{error}");
}

#[test]
fn what_comes_before_a_failure_is_given() {
    let mut cut = fixture("bbb_180_h264.mp4");
    cut.truncate(cut.len() / 2);
    let fs = MemFs::new();
    fs.write("/cut.mp4", cut).expect("room");
    let what = DecodeVideo::new(Input::file("/cut.mp4"), PixelFormat::Gray8);
    let items: Vec<_> = runtime()
        .decode_video(&fs, &what)
        .expect("it starts")
        .collect();
    let (last, whole) = items.split_last().expect("there are items");
    assert!(whole.len() > 5 && whole.iter().all(Result::is_ok));
    assert!(matches!(last, Err(JobError::Guest { .. })), "{last:?}");
}

#[test]
fn a_filesystem_that_panics_is_an_error() {
    let file = ReadAtFile::new(1 << 40, |offset, buf: &mut [u8]| {
        assert!(offset < 10 * FRAME, "the disk is on fire");
        let count = buf.len().min(FRAME as usize);
        buf[..count].fill(0);
        io::Result::Ok(count)
    });
    let fs = Files::new().with("film", file).expect("a name");
    let what = DecodeVideo::new(raw("/film"), PixelFormat::Gray8);
    let items: Vec<_> = runtime()
        .decode_video(&fs, &what)
        .expect("it starts")
        .collect();
    let last = items.last().expect("there are items").as_ref();
    let error = last.expect_err("it panicked");
    assert!(error.to_string().contains("the disk is on fire"), "{error}");
}

#[test]
fn frames_go_where_their_consumer_goes() {
    fn moves<T: Send + 'static>() {}
    moves::<VideoFrames>();
    moves::<AudioFrames>();
    moves::<VideoFrame>();
    moves::<Encode>();
    let fs = MemFs::new();
    let mut frames = runtime().decode_video(&fs, &endless()).expect("it starts");
    let elsewhere = thread::spawn(move || frames.nth(5).is_some_and(|frame| frame.is_ok()));
    assert!(elsewhere.join().expect("no panic"));
}
