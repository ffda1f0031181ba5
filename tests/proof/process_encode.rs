//! Encoding: transcode, scale, overlay, images to video, two outputs of one graph.

use afmpeg::{Input, Job, MemFs, Output};

use crate::support::image::{Picture, gif_frames};
use crate::support::mp4::Parsed;
use crate::support::pixels::{self, Video, psnr};
use crate::support::{assert_close, fs_with, read, reference, runtime};

#[test]
fn transcode_of_h264_and_aac_keeps_every_frame_and_its_picture() {
    let fs = fs_with(&["bbb_180_bframes_subs.mkv"]);
    let output = Output::file("/out.mp4")
        .map("[v]")
        .map("[a]")
        .video_codec("libopenh264")
        .audio_codec("aac")
        .video_option("b", 900_000)
        .audio_option("b", 96_000);
    let job = Job::new()
        .input(Input::file("/bbb_180_bframes_subs.mkv"))
        .filter("[0:v]null[v];[0:a]anull[a]")
        .output(output);
    let report = runtime().process(&fs, &job).expect("the transcode is done");

    let bytes = read(&fs, "/out.mp4");
    assert_eq!(report.outputs[0].size, Some(bytes.len() as u64));
    let mp4 = Parsed::new(&bytes);
    let (video, audio) = (mp4.video(), mp4.audio());
    assert_eq!(
        (video.codec.as_str(), video.width, video.height),
        ("h264", 320, 180)
    );
    assert_eq!(video.samples.len(), 100);
    assert!(
        video.samples[0].is_sync,
        "the first frame can be decoded alone"
    );
    assert_close("video length", video.media_duration, 4.0, 0.001);
    for (n, pair) in video.times().windows(2).enumerate() {
        assert_close(
            &format!("distance of frames {n} and {}", n + 1),
            pair[1] - pair[0],
            0.04,
            0.001,
        );
    }
    assert_eq!(
        (audio.codec.as_str(), audio.channels, audio.sample_rate),
        ("aac", 2, 48_000)
    );
    // The source holds 189 AAC frames of 1,024 samples and no mark that its encoder padded them.
    assert_close("audio length", audio.duration, 4.032, 0.011);
    // As in the source, where the first picture comes 21 ms after the first sound.
    assert_close("A/V offset", video.begins - audio.begins, 0.021, 0.001);

    let source = pixels::decode(&fs, "/bbb_180_bframes_subs.mkv", 320, 180);
    assert_eq!(source.digests(), reference("bbb_180_bframes_subs.mkv"));
    let result = pixels::decode(&fs, "/out.mp4", 320, 180);
    for n in 0..100 {
        let db = psnr(result.frame(n), source.frame(n));
        assert!(db > 32.0, "frame {n} is {db:.1} dB from the source");
    }
}

#[test]
fn encoded_synthetic_frames_come_back_in_order_and_close() {
    let fs = MemFs::new();
    let source = Video::synthetic(160, 128, 50);
    let output = Output::file("/out.mp4")
        .map("[v]")
        .video_codec("libopenh264")
        .option("b", 1_000_000);
    let job = Job::new()
        .input(source.input(&fs, "/in.yuv", 25))
        .filter("[0:v]null[v]")
        .output(output);
    runtime().process(&fs, &job).expect("the encode is done");

    let mp4 = Parsed::new(&read(&fs, "/out.mp4"));
    assert_eq!(mp4.video().samples.len(), 50);
    assert_close("length", mp4.video().duration, 2.0, 0.001);
    let result = pixels::decode(&fs, "/out.mp4", 160, 128);
    assert_eq!(result.len(), 50);
    for n in 0..50 {
        assert_eq!(result.spelled(n), n, "the tiles of frame {n}");
        let db = psnr(result.frame(n), source.frame(n));
        assert!(db > 33.0, "frame {n} is {db:.1} dB from the source");
    }
}

#[test]
fn scale_by_area_averages_the_source() {
    let fs = MemFs::new();
    let source = Video::synthetic(160, 128, 3);
    let output = Output::file("/out.yuv")
        .format("rawvideo")
        .map("[v]")
        .video_codec("rawvideo");
    let job = Job::new()
        .input(source.input(&fs, "/in.yuv", 25))
        .filter("[0:v]scale=80:64:flags=area[v]")
        .output(output);
    runtime().process(&fs, &job).expect("the scale is done");

    let result = Video::from_raw(80, 64, read(&fs, "/out.yuv"));
    assert_eq!(result.len(), 3);
    for n in 0..3 {
        let (big, small) = (source.frame(n), result.frame(n));
        let mut expected = Vec::with_capacity(80 * 64);
        for (x, y) in (0..64).flat_map(|y| (0..80).map(move |x| (x, y))) {
            let at = |dx: usize, dy: usize| u32::from(big[(2 * y + dy) * 160 + 2 * x + dx]);
            expected.push(((at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1) + 2) / 4) as u8);
        }
        let db = psnr(&small[..80 * 64], &expected);
        assert!(
            db > 44.0,
            "frame {n} is {db:.1} dB from the average of four"
        );
    }
}

#[test]
fn overlay_puts_exactly_the_small_picture_there() {
    let fs = MemFs::new();
    let below = Video::synthetic(160, 128, 5);
    let above = Video {
        width: 32,
        height: 16,
        data: [vec![50; 512], vec![90; 128], vec![200; 128]]
            .concat()
            .repeat(5),
    };
    let output = Output::file("/out.yuv")
        .format("rawvideo")
        .map("[v]")
        .video_codec("rawvideo");
    let job = Job::new()
        .input(below.input(&fs, "/below.yuv", 25))
        .input(above.input(&fs, "/above.yuv", 25))
        .filter("[0:v][1:v]overlay=x=24:y=40[v]")
        .output(output);
    runtime().process(&fs, &job).expect("the overlay is done");

    let result = Video::from_raw(160, 128, read(&fs, "/out.yuv"));
    assert_eq!(result.len(), 5);
    for n in 0..5 {
        let mut expected = below.frame(n).to_vec();
        for (plane, (at, stride, x, y, w, h, value)) in [
            (0, 160, 24, 40, 32, 16, 50),
            (160 * 128, 80, 12, 20, 16, 8, 90),
            (160 * 128 + 80 * 64, 80, 12, 20, 16, 8, 200),
        ]
        .into_iter()
        .enumerate()
        {
            for row in y..y + h {
                let start = at + row * stride + x;
                expected[start..start + w].fill(value);
            }
            assert!(plane < 3);
        }
        assert!(
            result.frame(n) == expected,
            "frame {n} differs from the picture put together by hand"
        );
    }
}

#[test]
fn twenty_five_images_make_one_second() {
    let fs = MemFs::new();
    let source = Video::synthetic(160, 128, 25);
    for n in 0..25 {
        let mut png = Vec::new();
        let mut encoder = png::Encoder::new(&mut png, 160, 128);
        encoder.set_color(png::ColorType::Grayscale);
        let mut writer = encoder.write_header().expect("a header into memory");
        writer
            .write_image_data(&source.frame(n)[..160 * 128])
            .expect("one whole picture");
        drop(writer);
        fs.write(&format!("/img{n:03}.png"), png)
            .expect("a MemFs without quota takes a picture");
    }
    let output = Output::file("/out.mp4")
        .map("[v]")
        .video_codec("libopenh264")
        .option("b", 1_000_000);
    let job = Job::new()
        .input(
            Input::file("/img%03d.png")
                .format("image2")
                .option("framerate", 25),
        )
        .filter("[0:v]format=yuv420p[v]")
        .output(output);
    let report = runtime()
        .process(&fs, &job)
        .expect("the images are encoded");
    assert_eq!(report.outputs[0].streams[0].frames, Some(25));

    let mp4 = Parsed::new(&read(&fs, "/out.mp4"));
    assert_eq!(mp4.video().samples.len(), 25);
    assert_close("presented length", mp4.video().duration, 1.0, 1e-6);
    assert_close(
        "sum of sample durations",
        mp4.video().media_duration,
        1.0,
        1e-6,
    );
    let result = pixels::decode(&fs, "/out.mp4", 160, 128);
    let spelled: Vec<usize> = (0..result.len()).map(|n| result.spelled(n)).collect();
    assert_eq!(spelled, (0..25).collect::<Vec<_>>());
}

#[test]
fn one_graph_feeds_two_outputs() {
    let fs = MemFs::new();
    let source = Video::synthetic(160, 128, 20);
    let job = Job::new()
        .input(source.input(&fs, "/in.yuv", 25))
        .filter("[0:v]split[a][b];[b]scale=80:64,hflip[c]")
        .output(
            Output::file("/a.mp4")
                .map("[a]")
                .video_codec("libopenh264")
                .option("b", 800_000),
        )
        .output(Output::file("/c.mkv").map("[c]").video_codec("mjpeg"));
    let report = runtime().process(&fs, &job).expect("both outputs are done");
    assert_eq!(report.outputs.len(), 2);

    let a = Parsed::new(&read(&fs, "/a.mp4"));
    assert_eq!(
        (a.video().width, a.video().height, a.video().samples.len()),
        (160, 128, 20)
    );
    let c = crate::support::mkv::Parsed::new(&read(&fs, "/c.mkv"));
    assert_eq!(c.tracks[0].codec, "V_MJPEG");
    assert_eq!(c.tracks[0].packets.len(), 20);
    let picture = Picture::jpeg(&c.tracks[0].packets[1]);
    assert_eq!((picture.width, picture.height), (80, 64));
    // Frame 1 sets the lowest bit, which is the leftmost tile; flipped, the rightmost.
    assert!(
        picture.at(75, 60)[1] > 150 && picture.at(5, 60)[1] < 90,
        "the picture is flipped"
    );
}

#[test]
fn a_gif_keeps_its_frames_and_their_delays() {
    let fs = MemFs::new();
    let source = Video::synthetic(96, 64, 12);
    let job = Job::new()
        .input(source.input(&fs, "/in.yuv", 10))
        .filter("[0:v]null[v]")
        .output(Output::file("/out.gif").map("[v]").video_codec("gif"));
    runtime().process(&fs, &job).expect("the GIF is done");
    let (width, height, delays) = gif_frames(&read(&fs, "/out.gif"));
    assert_eq!((width, height), (96, 64));
    assert_eq!(delays, [10; 12], "twelve frames of a tenth of a second");
}

#[test]
fn metadata_that_a_job_sets_is_in_the_file() {
    let fs = fs_with(&["bbb_180_h264.mp4"]);
    let job = Job::new().input(Input::file("/bbb_180_h264.mp4")).output(
        Output::file("/out.mkv")
            .map("0:v")
            .video_codec("copy")
            .metadata("title", "A title, of ours"),
    );
    runtime().process(&fs, &job).expect("the remux is done");
    let bytes = read(&fs, "/out.mkv");
    assert!(bytes.windows(16).any(|w| w == b"A title, of ours"));
    let probe = runtime()
        .probe(&fs, "/out.mkv")
        .expect("the result is readable");
    assert_eq!(
        probe.tags.get("title").map(String::as_str),
        Some("A title, of ours")
    );
}
