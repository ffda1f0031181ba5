//! Still pictures: the four ways of choosing, the times that are reported, and the pixels.

use afmpeg::{FramesJob, FramesReport, Input, Job, MediaTime, MemFs, Output, Scene, Seek, Select};

use crate::support::image::Picture;
use crate::support::mp4::Parsed;
use crate::support::pixels::{self, Video, psnr};
use crate::support::{assert_close, fixture, fs_with, read, runtime};

/// A clip of 50 numbered frames at 25 a second, keyframes a second apart.
pub(crate) fn numbered() -> MemFs {
    let fs = MemFs::new();
    let source = Video::synthetic(160, 128, 50);
    let output = Output::file("/in.mp4")
        .map("[v]")
        .video_codec("libopenh264");
    let job = Job::new()
        .input(source.input(&fs, "/in.yuv", 25))
        .filter("[0:v]null[v]")
        .output(output.option("b", 800_000).option("g", 25));
    runtime().process(&fs, &job).expect("the clip is encoded");
    fs
}

/// The frame number that the tiles of a picture spell.
pub(crate) fn spelled(picture: &Picture) -> usize {
    (0..8)
        .filter(|bit| {
            let (x, y) = (picture.width * (2 * bit + 1) / 16, picture.height * 15 / 16);
            picture.at(x, y)[1] > 128
        })
        .map(|bit| 1 << bit)
        .sum()
}

fn pictures(fs: &MemFs, report: &FramesReport) -> Vec<usize> {
    assert_eq!(report.count, report.frames.len() as u64);
    report
        .frames
        .iter()
        .map(|frame| spelled(&Picture::png(&read(fs, &frame.path))))
        .collect()
}

#[test]
fn one_timestamp_gives_the_picture_shown_then() {
    let fs = numbered();
    for (time, n) in [(0.0, 0), (1.0, 25), (1.03, 25), (1.96, 49)] {
        let job = FramesJob::new("/in.mp4", "/one.png", Select::Timestamp(time));
        let report = runtime().frames(&fs, &job).expect("the picture is taken");
        assert_eq!(pictures(&fs, &report), [n], "at {time}");
        let own = report.frames[0]
            .timestamp
            .expect("the frame's own time is known");
        assert_close("the frame's own time", own, n as f64 / 25.0, 0.001);
        assert_eq!(report.frames[0].requested, MediaTime::from_secs(time));
    }
}

#[test]
fn several_timestamps_in_any_order_and_past_the_end() {
    let fs = numbered();
    let times = vec![1.5, 0.2, 1.96, 0.24, 7.0];
    let job = FramesJob::new("/in.mp4", "/t%02d.png", Select::Timestamps(times));
    let report = runtime().frames(&fs, &job).expect("the pictures are taken");
    let mut found: Vec<(f64, usize)> = report
        .frames
        .iter()
        .map(|f| {
            (
                f.requested.expect("asked by time").as_secs(),
                spelled(&Picture::png(&read(&fs, &f.path))),
            )
        })
        .collect();
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    assert_eq!(found, [(0.2, 5), (0.24, 6), (1.5, 37), (1.96, 49)]);
    assert_eq!(report.missing.len(), 1);
    assert_close("missing", report.missing[0], 7.0, 0.0);
}

#[test]
fn an_interval_covers_the_clip_to_its_end() {
    let fs = numbered();
    let job = FramesJob::new("/in.mp4", "/i%03d.png", Select::Interval(0.4));
    let report = runtime().frames(&fs, &job).expect("the pictures are taken");
    assert_eq!(pictures(&fs, &report), [0, 10, 20, 30, 40]);
    let job = FramesJob::new("/in.mp4", "/i%03d.png", Select::Interval(0.4)).count(2);
    let report = runtime().frames(&fs, &job).expect("the pictures are taken");
    assert_eq!(
        pictures(&fs, &report),
        [0, 10],
        "no more than were asked for"
    );
}

#[test]
fn a_scene_change_is_found_at_its_frame() {
    let fs = MemFs::new();
    let frame = |luma: u8| [vec![luma; 96 * 64], vec![128; 96 * 64 / 2]].concat();
    let data = [
        frame(30).repeat(20),
        frame(210).repeat(15),
        frame(90).repeat(15),
    ]
    .concat();
    let source = Video {
        width: 96,
        height: 64,
        data,
    };
    let job = Job::new()
        .input(source.input(&fs, "/in.yuv", 25))
        .filter("[0:v]null[v]")
        .output(
            Output::file("/in.mp4")
                .map("[v]")
                .video_codec("libopenh264")
                .option("b", 500_000),
        );
    runtime().process(&fs, &job).expect("the clip is encoded");
    let job = FramesJob::new("/in.mp4", "/s%d.png", Select::Scene(Scene::Threshold(0.15)));
    let report = runtime().frames(&fs, &job).expect("the pictures are taken");
    let times: Vec<_> = report.frames.iter().filter_map(|f| f.timestamp).collect();
    let cuts: Vec<_> = times
        .iter()
        .copied()
        .filter(|&t| t > MediaTime::ZERO)
        .collect();
    assert_eq!(cuts.len(), 2, "two cuts, not {times:?}");
    assert_close("first cut", cuts[0], 0.8, 0.001);
    assert_close("second cut", cuts[1], 1.4, 0.001);
    let last = report.frames.last().expect("two pictures");
    let shown = Picture::png(&read(&fs, &last.path));
    assert!(
        (shown.mean() - 86.0).abs() < 8.0,
        "the grey after the second cut, not {}",
        shown.mean()
    );
}

#[test]
fn a_thumbnail_is_a_picture_of_the_clip() {
    let fs = fs_with(&["bbb_180_h264.mp4"]);
    let job = FramesJob::new(
        "/bbb_180_h264.mp4",
        "/thumb%d.png",
        Select::Scene(Scene::Thumbnail),
    );
    let report = runtime()
        .frames(&fs, &job.count(1))
        .expect("the picture is taken");
    assert_eq!(report.frames.len(), 1);
    let time = report.frames[0]
        .timestamp
        .expect("the frame's own time is known");
    let video = pixels::decode(&fs, "/bbb_180_h264.mp4", 320, 180);
    let n = (time.as_secs() * 25.0).round() as usize;
    compare_with_frame(&Picture::png(&read(&fs, &report.frames[0].path)), &video, n);
}

#[test]
fn pixels_of_a_real_picture_are_those_of_the_frame() {
    let fs = fs_with(&["bbb_180_h264.mp4"]);
    let video = pixels::decode(&fs, "/bbb_180_h264.mp4", 320, 180);
    for (codec, path) in [("png", "/p.png"), ("mjpeg", "/p.jpg")] {
        let job = FramesJob::new("/bbb_180_h264.mp4", path, Select::Timestamp(1.2)).codec(codec);
        runtime().frames(&fs, &job).expect("the picture is taken");
        let bytes = read(&fs, path);
        let picture = if codec == "png" {
            Picture::png(&bytes)
        } else {
            Picture::jpeg(&bytes)
        };
        compare_with_frame(&picture, &video, 30);
    }
}

#[test]
fn scale_sets_the_size_and_keeps_the_shape() {
    let fs = fs_with(&["bbb_180_h264.mp4"]);
    let job = FramesJob::new("/bbb_180_h264.mp4", "/p.png", Select::Timestamp(1.0)).scale("160:-2");
    runtime().frames(&fs, &job).expect("the picture is taken");
    let picture = Picture::png(&read(&fs, "/p.png"));
    assert_eq!((picture.width, picture.height), (160, 90));
}

/// On the way to a time, pictures that no other refers to are not decoded, and what comes after the
/// last time is not either. With a short interval every picture is wanted, so all of them are.
fn assert_passed_over(clip: &str, count: u64, start: f64) {
    let fs = fs_with(&[clip]);
    let path = format!("/{clip}");
    let every = FramesJob::new(&path, "/all%03d.png", Select::Interval(0.04));
    let every = runtime().frames(&fs, &every).expect("all are taken");
    assert_eq!(every.count, count);
    for all in every.frames.iter().step_by(13).chain(every.frames.last()) {
        let time = all.timestamp.expect("the frame's own time is known");
        let asked = time.as_secs();
        let asked = asked + if asked < start + 0.01 { 0.0 } else { 0.031 };
        let one = FramesJob::new(&path, "/one.png", Select::Timestamp(asked));
        let one = runtime().frames(&fs, &one).expect("the picture is taken");
        assert_eq!(one.frames[0].timestamp, Some(time), "at {asked}");
        assert!(
            read(&fs, "/one.png") == read(&fs, &all.path),
            "at {asked}: another picture"
        );
    }
    let times = vec![0.5, 0.9, 1.3, 1.7];
    let some = FramesJob::new(&path, "/some%d.png", Select::Timestamps(times));
    let some = runtime()
        .frames(&fs, &some)
        .expect("the pictures are taken");
    for frame in &some.frames {
        let all = every.frames.iter().find(|f| f.timestamp == frame.timestamp);
        let all = all.expect("every picture is among all");
        assert!(read(&fs, &frame.path) == read(&fs, &all.path));
    }
}

#[test]
fn passing_over_pictures_of_h264_changes_no_byte_of_another() {
    assert_passed_over("bbb_180_h264.mp4", 50, 0.0);
}

#[test]
fn passing_over_b_frames_changes_no_byte_of_another() {
    assert_passed_over("bbb_180_bframes_subs.mkv", 100, 0.021);
}

#[test]
fn passing_over_pictures_of_hevc_changes_no_byte_of_another() {
    assert_passed_over("bbb_180_hevc.mp4", 50, 0.0);
}

#[test]
fn passing_over_pictures_of_vp9_changes_no_byte_of_another() {
    assert_passed_over("bbb_180_vp9.webm", 50, 0.0);
}

/// Damage in a picture that nothing refers to fails the job that asks for it, and no other: it is not
/// even looked at.
#[test]
fn a_picture_that_nothing_refers_to_is_not_decoded_on_the_way() {
    let mut bytes = fixture("bbb_180_h264.mp4");
    let parsed = Parsed::new(&bytes);
    // A NAL unit of type 1 whose nal_ref_idc is 0 (ITU-T H.264, 7.3.1), after its length.
    // Not one of the first: a decoder that gave nothing yet is not trusted to give what follows.
    let mut samples = parsed.video().samples.iter();
    let hidden = samples.find(|s| s.data[4] == 0x01 && s.pts > 0.5);
    let hidden = hidden.expect("the clip has pictures that nothing refers to");
    let at = bytes
        .windows(hidden.data.len())
        .position(|window| window == hidden.data)
        .expect("the sample is in the file");
    bytes[at + 5..at + hidden.data.len()].fill(0);
    let fs = fs_with(&["bbb_180_h264.mp4"]);
    fs.write("/damaged.mp4", bytes).expect("there is room");

    let take = |input: &str, time: f64| {
        let job = FramesJob::new(input, "/p.png", Select::Timestamp(time));
        runtime().frames(&fs, &job).map(|_| read(&fs, "/p.png"))
    };
    let later = hidden.pts + 0.3;
    let whole = take("/bbb_180_h264.mp4", later).expect("the clip is whole");
    let passed = take("/damaged.mp4", later).expect("the damage is passed over");
    assert!(passed == whole, "another picture");
    take("/damaged.mp4", hidden.pts).expect_err("the damaged picture itself");

    // The same for the pictures before an exact start.
    let cut = |input: &str| {
        let job = Job::new()
            .input(Input::file(input).seek(Seek::accurate(later)))
            .filter("[0:v]null[v]")
            .output(
                Output::file("/cut.yuv")
                    .format("rawvideo")
                    .map("[v]")
                    .video_codec("rawvideo"),
            );
        runtime().process(&fs, &job).map(|_| read(&fs, "/cut.yuv"))
    };
    let whole = cut("/bbb_180_h264.mp4").expect("the clip is whole");
    assert!(cut("/damaged.mp4").expect("passed over") == whole);
}

/// Compares with frame `n`, converted to RGB here: BT.601, limited range, chroma repeated.
#[track_caller]
fn compare_with_frame(picture: &Picture, video: &Video, n: usize) {
    let (w, h) = (video.width, video.height);
    assert_eq!((picture.width, picture.height), (w, h));
    let frame = video.frame(n);
    let mut rgb = Vec::with_capacity(w * h * 3);
    for (x, y) in (0..h).flat_map(|y| (0..w).map(move |x| (x, y))) {
        let chroma = (y / 2) * (w / 2) + x / 2;
        let luma = 1.164_4 * (f64::from(frame[y * w + x]) - 16.0);
        let u = f64::from(frame[w * h + chroma]) - 128.0;
        let v = f64::from(frame[w * h * 5 / 4 + chroma]) - 128.0;
        for value in [
            luma + 1.596 * v,
            luma - 0.391_8 * u - 0.813 * v,
            luma + 2.017_2 * u,
        ] {
            rgb.push(value.round().clamp(0.0, 255.0) as u8);
        }
    }
    let db = psnr(&picture.rgb, &rgb);
    assert!(db > 30.0, "the picture is {db:.1} dB from frame {n}");
}
