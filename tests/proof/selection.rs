//! Whose an option, a stream or a picture is, and what is read for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use afmpeg::vfs::{Observed, Operation};
use afmpeg::{ErrorClass, FramesJob, Input, Job, JobError, Output, Select, Stream};

use super::frames::{numbered, spelled};
use crate::support::h264::{Kind, Picture};
use crate::support::image;
use crate::support::mp4::Parsed;
use crate::support::{fixture, fs_with, read, runtime};

#[test]
fn options_of_all_are_taken_by_those_that_know_them() {
    let fs = fs_with(&["bbb_180_bframes_subs.mkv"]);
    let job = Job::new()
        .input(Input::file("/bbb_180_bframes_subs.mkv"))
        .filter("[0:v]null[v];[0:a]anull[a]")
        .output(
            Output::file("/out.mp4")
                .map("[v]")
                .map("[a]")
                .video_codec("libopenh264")
                .audio_codec("aac")
                // The first is of the picture's encoder alone, the second of the sound's.
                .option("g", 5)
                .option("ar", 24_000)
                .duration(0.6),
        );
    runtime().process(&fs, &job).expect("each has its taker");
    let mp4 = Parsed::new(&read(&fs, "/out.mp4"));
    let kinds = mp4
        .video()
        .samples
        .iter()
        .map(|s| Picture::of(&s.data).kind);
    let keys: Vec<_> = (kinds.enumerate())
        .filter(|(_, kind)| *kind == Kind::I)
        .map(|(n, _)| n)
        .collect();
    assert_eq!(keys, [0, 5, 10]);
    assert_eq!(mp4.audio().sample_rate, 24_000);
}

#[test]
fn options_that_nobody_takes_are_refused_by_name() {
    let fs = fs_with(&["bbb_180_bframes_subs.mkv"]);
    let output = |video: &str| {
        let pad = if video == "copy" { "0:v" } else { "[v]" };
        let output = Output::file("/out.mkv").map(pad).map("[a]");
        output.video_codec(video).audio_codec("flac").duration(0.2)
    };
    let both = "[0:v]null[v];[0:a]anull[a]";
    for (output, graph, name) in [
        (
            output("copy").video_option("bf", 0),
            "[0:a]anull[a]",
            "video_options",
        ),
        (
            Output::file("/out.mkv")
                .map("[v]")
                .map("0:a")
                .video_codec("mjpeg")
                .audio_codec("copy")
                .audio_option("ar", 8000),
            "[0:v]null[v]",
            "audio_options",
        ),
        // The sound's encoder would take it.
        (
            output("mjpeg").video_option("lpc_type", 1),
            both,
            "lpc_type",
        ),
        (output("mjpeg").option("lpc_tipe", 1), both, "lpc_tipe"),
    ] {
        let job = Job::new()
            .input(Input::file("/bbb_180_bframes_subs.mkv"))
            .filter(graph)
            .output(output);
        let error = runtime().process(&fs, &job).expect_err(name);
        let JobError::Guest { class, message, .. } = &error else {
            panic!("{name}: {error}");
        };
        assert_eq!(*class, ErrorClass::Option, "{message}");
        assert!(message.contains(name), "{message}");
    }
}

#[test]
fn a_transport_stream_has_a_program_of_its_streams() {
    let fs = fs_with(&["bbb_180_bframes_subs.mkv"]);
    let output = Output::file("/out.ts").map("0:v").map("0:a");
    let job = Job::new()
        .input(Input::file("/bbb_180_bframes_subs.mkv"))
        .output(output.video_codec("copy").audio_codec("copy"));
    runtime().process(&fs, &job).expect("the remux is done");
    let programs = runtime().probe(&fs, "/out.ts").expect("media").programs;
    assert_eq!(programs.len(), 1);
    assert_eq!(programs[0].id, Some(1));
    assert_eq!(programs[0].streams, [0, 1]);
    let none = runtime().probe(&fs, "/bbb_180_bframes_subs.mkv");
    assert!(none.expect("media").programs.is_empty());
}

#[test]
fn pictures_are_of_the_stream_that_is_chosen() {
    let fs = numbered();
    fs.write("/other.mp4", fixture("bbb_180_h264.mp4"))
        .expect("there is room");
    let output = Output::file("/both.mkv")
        .stream(Stream::new("0:v"))
        .stream(Stream::new("1:v"));
    let job = Job::new()
        .input(Input::file("/other.mp4"))
        .input(Input::file("/in.mp4"))
        .output(output);
    runtime().process(&fs, &job).expect("both are copied");
    let take = |job: FramesJob| {
        let report = runtime().frames(&fs, &job).expect("pictures are taken");
        let frames = report.frames.iter();
        let pictures = frames.map(|frame| image::Picture::png(&read(&fs, &frame.path)));
        pictures.collect::<Vec<_>>()
    };
    let times = || Select::Timestamps(vec![0.2, 1.0, 1.6]);
    let second = take(FramesJob::new("/both.mkv", "/p%d.png", times()).stream(1));
    assert!(second.iter().all(|p| (p.width, p.height) == (160, 128)));
    let numbers: Vec<_> = second.iter().map(spelled).collect();
    assert_eq!(numbers, [5, 25, 40]);
    let first = take(FramesJob::new("/both.mkv", "/p%d.png", times()).stream(0));
    assert!(first.iter().all(|p| (p.width, p.height) == (320, 180)));
    let none = FramesJob::new("/both.mkv", "/p%d.png", times()).stream(2);
    let error = runtime().frames(&fs, &none).expect_err("there are two");
    assert_eq!(error.class(), Some(ErrorClass::Map), "{error}");
}

/// As many pictures as the file has are one pass through it, and not a search for each.
#[test]
fn many_pictures_are_one_pass_through_the_file() {
    for select in [
        Select::Interval(0.04),
        Select::Timestamps((0..100).map(|n| f64::from(n) / 25.0 + 0.03).collect()),
    ] {
        let fs = fs_with(&["bbb_180_bframes_subs.mkv"]);
        let size = fixture("bbb_180_bframes_subs.mkv").len();
        let count = Arc::new(AtomicUsize::new(0));
        let sum = Arc::clone(&count);
        let watched = Observed::new(&fs, move |call, result| {
            if let (Operation::Read, Ok(bytes)) = (call.operation(), result) {
                sum.fetch_add(bytes, Ordering::Relaxed);
            }
        });
        let job = FramesJob::new("/bbb_180_bframes_subs.mkv", "/p%02d.jpg", select);
        let job = job.codec("mjpeg").scale("64:-2");
        let report = runtime().frames(&watched, &job).expect("they are taken");
        assert_eq!(report.count, 100);
        let count = count.load(Ordering::Relaxed);
        eprintln!("{count} of {size}");
        assert!(count <= size + size / 2, "{count} bytes read of {size}");
    }
}

/// Eight bits of red, green, blue and alpha, as an independent decoder sees them.
fn rgba(bytes: &[u8]) -> (u32, u32, Vec<u8>) {
    let decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    let mut reader = decoder.read_info().expect("a PNG header");
    let mut data = vec![0; reader.output_buffer_size().expect("a sane size")];
    let info = reader.next_frame(&mut data).expect("a whole picture");
    assert_eq!(info.color_type, png::ColorType::Rgba);
    data.truncate(info.buffer_size());
    (info.width, info.height, data)
}

/// A picture of 64x48 whose pixels are the function's.
fn png_of(pixel: impl Fn(u8, u8) -> [u8; 4]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 64, 48);
    encoder.set_color(png::ColorType::Rgba);
    let mut writer = encoder.write_header().expect("a header into memory");
    let pixels = (0..48).flat_map(|y| (0..64).map(move |x| (x, y)));
    let data: Vec<u8> = pixels.flat_map(|(x, y)| pixel(x, y)).collect();
    writer.write_image_data(&data).expect("into memory");
    writer.finish().expect("into memory");
    bytes
}

#[test]
fn alpha_of_a_picture_is_kept_exactly() {
    let fs = fs_with(&[]);
    let veil = png_of(|x, y| [x * 4, y * 5, 255 - x * 4, x + y * 4]);
    fs.write("/veil.png", veil.clone()).expect("room");
    fs.write("/clear.png", png_of(|_, _| [9, 9, 9, 0]))
        .expect("room");
    for graph in [
        "[0:v]null[v]",
        "[0:v]format=rgba[v]",
        "[0:v]format=gbrap,format=rgba[v]",
        // Over it lies what is not seen at all.
        "[0:v][1:v]overlay=format=rgb[v]",
    ] {
        let job = Job::new().input(Input::file("/veil.png"));
        let job = if graph.contains("[1:v]") {
            job.input(Input::file("/clear.png"))
        } else {
            job
        };
        let job = job.filter(graph).output(
            Output::file("/out.png")
                .map("[v]")
                .video_codec("png")
                .format("image2")
                .format_option("update", 1),
        );
        runtime().process(&fs, &job).expect(graph);
        assert!(rgba(&read(&fs, "/out.png")) == rgba(&veil), "{graph}");
    }
}
