//! Sources without an end, and graphs that end before their sources: the job ends where it is told to.

use afmpeg::{Input, Job, MemFs, Output};
use matroska_demuxer::TrackType;

use crate::support::pixels::Video;
use crate::support::{assert_close, fixture, mkv, read, runtime};

/// A picture that is shown forever: read again and again, and held by the demuxer of images.
fn stills(fs: &MemFs) -> [Input; 2] {
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, 32, 16);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().expect("a header into memory");
    let data: Vec<u8> = (0..32 * 16).map(|n| (n / 4) as u8).collect();
    writer.write_image_data(&data).expect("one whole picture");
    drop(writer);
    fs.write("/still.png", png)
        .expect("a MemFs without quota takes a picture");
    [
        Input::file("/still.png").repeat_forever(),
        Input::file("/still.png").format("image2").option("loop", 1),
    ]
}

fn raw(path: &str) -> Output {
    Output::file(path)
        .format("rawvideo")
        .map("[v]")
        .video_codec("rawvideo")
}

#[test]
fn a_still_without_end_lasts_as_long_as_the_graph_or_the_window_says() {
    let fs = MemFs::new();
    let picture: Vec<u8> = (0..32 * 16).map(|n| (n / 4) as u8).collect();
    for input in stills(&fs) {
        for (filter, output, frames) in [
            ("trim=duration=1", raw("/out.gray"), 25),
            ("trim=end_frame=7", raw("/out.gray"), 7),
            ("null", raw("/out.gray").duration(0.6), 15),
            ("trim=duration=1", raw("/out.gray").duration(0.4), 10),
            ("trim=duration=0.4", raw("/out.gray").duration(1.0), 10),
        ] {
            let job = Job::new()
                .input(input.clone())
                .filter(format!("[0:v]{filter}[v]"))
                .output(output);
            runtime()
                .process(&fs, &job)
                .expect("the job ends by itself");
            assert!(
                read(&fs, "/out.gray") == picture.repeat(frames),
                "{frames} times the picture, with {filter}"
            );
        }
    }
}

#[test]
fn a_still_without_end_stands_beside_copied_sound() {
    let fs = MemFs::new();
    fs.write("/sound.m4a", fixture("bbb.m4a")).expect("room");
    let whole = Job::new().input(Input::file("/sound.m4a")).output(
        Output::file("/whole.mkv")
            .map("0:a")
            .audio_codec("copy")
            .duration(1.0),
    );
    runtime().process(&fs, &whole).expect("the sound is copied");
    let whole = mkv::Parsed::new(&read(&fs, "/whole.mkv"));
    let whole = whole.only(TrackType::Audio);
    for input in stills(&fs) {
        // The graph ends first; the window cuts both; the sound ends first.
        for (filter, window, frames, packets) in [
            ("trim=end_frame=10", None, 10, whole.packets.len()),
            ("null", Some(0.8), 20, 38),
            ("null", Some(1.6), 40, whole.packets.len()),
        ] {
            let mut output = Output::file("/out.mkv")
                .map("[v]")
                .map("1:a")
                .video_codec("png")
                .audio_codec("copy");
            if let Some(seconds) = window {
                output = output.duration(seconds);
            }
            let job = Job::new()
                .input(input.clone())
                .input(Input::file("/whole.mkv"))
                .filter(format!("[0:v]{filter}[v]"))
                .output(output);
            runtime()
                .process(&fs, &job)
                .expect("the job ends by itself");
            let result = mkv::Parsed::new(&read(&fs, "/out.mkv"));
            let (video, audio) = (result.only(TrackType::Video), result.only(TrackType::Audio));
            assert_eq!(video.packets.len(), frames, "{filter}, window {window:?}");
            let seen = audio.packets.len();
            assert!(
                seen.abs_diff(packets) <= 1 && audio.packets[..] == whole.packets[..seen],
                "{filter}, window {window:?}: {seen} packets of sound, expected {packets}"
            );
            for (n, time) in video.times.iter().enumerate() {
                assert_close("time of a picture", *time, n as f64 / 25.0, 0.001);
            }
        }
    }
}

#[test]
fn a_graph_that_ends_before_its_input_is_a_success() {
    let fs = MemFs::new();
    let source = Video::synthetic(64, 48, 40);
    let input = source.input(&fs, "/in.yuv", 25);
    for (filter, from, to) in [
        ("trim=end_frame=5", 0, 5),
        ("trim=start_frame=3:end_frame=9,setpts=PTS-STARTPTS", 3, 9),
    ] {
        let job = Job::new()
            .input(input.clone())
            .filter(format!("[0:v]{filter}[v]"))
            .output(raw("/out.yuv"));
        let report = runtime().process(&fs, &job).expect("a success");
        let size = source.frame(0).len();
        assert!(
            read(&fs, "/out.yuv") == source.data[from * size..to * size],
            "{filter} gives the frames {from} to {to}"
        );
        assert!(
            report.usage.bytes_read < (source.data.len() / 2) as u64,
            "what the graph does not want is not read: {} bytes were",
            report.usage.bytes_read
        );
    }
}
