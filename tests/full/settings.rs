//! Typed settings of the encoders that only the full engine has: it knows each of them, and each does what it says.

use afmpeg::codec::{
    Codec, Kvazaar, KvazaarPreset, Mp3, Opus, OpusApplication, OpusRate, ProRes, ProResProfile,
    Vorbis, Vp8, Vp9, VpxDeadline, WebP,
};
use afmpeg::{ErrorClass, Input, Job, MemFs, Output, Stream};

use crate::support::pixels::{Video, decode, psnr};
use crate::support::{fs_with, mkv, read, runtime};

const WIDTH: usize = 160;
const HEIGHT: usize = 96;

/// Pictures with grain, of which there is always more to keep.
fn grain(count: usize) -> Video {
    let mut state = 1_u32;
    let level = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        96 + (state >> 26) as u8
    });
    Video::from_raw(
        WIDTH,
        HEIGHT,
        level.take(WIDTH * HEIGHT * 3 / 2 * count).collect(),
    )
}

/// What the pictures become: their quality in dB, the bytes of the file, and the filesystem that it is in.
fn pictures(codec: impl Into<Codec>, path: &str, graph: &str, count: usize) -> (f64, usize, MemFs) {
    let source = grain(count);
    let fs = MemFs::new();
    let job = Job::new()
        .input(source.input(&fs, "/in.yuv", 25))
        .filter(format!("[0:v]{graph}[v]"))
        .output(Output::file(path).map("[v]").video_codec(codec))
        .build()
        .expect("the job is right");
    assert_eq!(runtime().check(&job).expect("it answers"), []);
    runtime().process(&fs, &job).expect("it is encoded");
    let result = decode(&fs, path, WIDTH, HEIGHT);
    assert_eq!(result.len(), count);
    (psnr(&result.data, &source.data), read(&fs, path).len(), fs)
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn quality_of_pictures_is_bought_with_bytes() {
    let fast = |settings: Vp9| settings.deadline(VpxDeadline::Realtime).cpu_used(8);
    let pairs: [(Codec, Codec, &str, &str, usize); 5] = [
        (
            Vp8::new().crf(4).bitrate(20_000_000).cpu_used(8).into(),
            Vp8::new().crf(60).bitrate(20_000_000).cpu_used(8).into(),
            "/out.webm",
            "null",
            6,
        ),
        (
            fast(Vp9::new().crf(5)).into(),
            fast(Vp9::new().crf(60)).into(),
            "/out.webm",
            "null",
            6,
        ),
        (
            Kvazaar::new().quality(KvazaarPreset::Ultrafast, 12).into(),
            Kvazaar::new().quality(KvazaarPreset::Ultrafast, 45).into(),
            "/out.mp4",
            "null",
            6,
        ),
        (
            ProRes::new().profile(ProResProfile::Hq).into(),
            ProRes::new().profile(ProResProfile::Proxy).into(),
            "/out.mov",
            "format=yuv422p10le",
            3,
        ),
        (
            WebP::new().quality(95.0).into(),
            WebP::new().quality(5.0).into(),
            "/out.webp",
            "null",
            1,
        ),
    ];
    for (fine, coarse, path, graph, count) in pairs {
        let name = fine.name().to_owned();
        let (fine, coarse) = (
            pictures(fine, path, graph, count),
            pictures(coarse, path, graph, count),
        );
        assert!(
            fine.0 > coarse.0 + 1.0 && fine.1 * 2 > coarse.1 * 3,
            "{name}: {:?} {:?}",
            (fine.0, fine.1),
            (coarse.0, coarse.1)
        );
    }
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn lossless_keeps_every_bit() {
    let (quality, _, _) = pictures(
        Vp9::new().lossless().deadline(VpxDeadline::Realtime),
        "/out.webm",
        "null",
        3,
    );
    assert!(quality.is_infinite(), "{quality}");
    // WebP's lossless form is of RGB, into which 4:2:0 does not go without a loss: of gray it does.
    let fs = MemFs::new();
    let source = grain(1);
    let job = Job::new()
        .input(source.input(&fs, "/in.yuv", 25))
        .filter("[0:v]format=gray,format=bgra,split[v][raw]")
        .output(
            Output::file("/out.webp")
                .map("[v]")
                .video_codec(WebP::new().lossless()),
        )
        .output(
            Output::file("/raw.bgra")
                .format("rawvideo")
                .map("[raw]")
                .video_codec("rawvideo"),
        );
    runtime().process(&fs, &job).expect("it is encoded");
    let file = read(&fs, "/out.webp");
    let mut decoder = image_webp::WebPDecoder::new(std::io::Cursor::new(file)).expect("it is WebP");
    assert!(!decoder.is_lossy());
    let mut pixels = vec![0; decoder.output_buffer_size().expect("it is small")];
    decoder.read_image(&mut pixels).expect("it decodes");
    let step = pixels.len() / (WIDTH * HEIGHT);
    let raw = read(&fs, "/raw.bgra");
    for (got, meant) in pixels.chunks(step).zip(raw.chunks(4)) {
        assert_eq!((got[2], got[1], got[0]), (meant[0], meant[1], meant[2]));
    }
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn groups_of_pictures_are_as_long_as_they_say() {
    let codecs: [(Codec, &str); 3] = [
        (
            Vp8::new().gop(5).bitrate(2_000_000).cpu_used(8).into(),
            "/out.mkv",
        ),
        (
            Vp9::new()
                .gop(5)
                .deadline(VpxDeadline::Realtime)
                .cpu_used(8)
                .into(),
            "/out.mkv",
        ),
        (
            Kvazaar::new()
                .quality(KvazaarPreset::Ultrafast, 30)
                .gop(5)
                .into(),
            "/out.mkv",
        ),
    ];
    for (codec, path) in codecs {
        let name = codec.name().to_owned();
        let (_, _, fs) = pictures(codec, path, "null", 12);
        let file = mkv::Parsed::new(&read(&fs, path));
        let track = &file.tracks[0];
        let mut shown: Vec<(f64, bool)> = track
            .times
            .iter()
            .copied()
            .zip(track.keyframes.iter().copied())
            .collect();
        shown.sort_by(|a, b| a.0.total_cmp(&b.0));
        let gaps: Vec<usize> = shown
            .iter()
            .enumerate()
            .filter(|(_, (_, key))| *key)
            .map(|(at, _)| at)
            .collect();
        assert_eq!(gaps.first(), Some(&0), "{name}");
        assert!(
            gaps.len() >= 3 && gaps.windows(2).all(|pair| pair[1] - pair[0] <= 5),
            "{name}: key frames at {gaps:?}"
        );
    }
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn settings_of_sound_reach_its_encoder() {
    let fs = fs_with(&["bbb.mp3"]);
    let size = |codec: Codec, path: &str| {
        let job = Job::new()
            .input(Input::file("/bbb.mp3"))
            .filter("[0:a]atrim=duration=2[a]")
            .output(Output::file(path).stream(Stream::new("[a]").codec(codec)));
        assert_eq!(runtime().check(&job).expect("it answers"), []);
        runtime().process(&fs, &job).expect("it is encoded");
        read(&fs, path).len()
    };
    let opus = |bits, rate| {
        let settings = Opus::new().bitrate(bits).rate(rate).frame_duration(20.0);
        settings.application(OpusApplication::Audio).into()
    };
    let small = size(opus(24_000, OpusRate::Constant), "/small.opus");
    let large = size(opus(160_000, OpusRate::Constant), "/large.opus");
    // Two seconds at a constant rate, and the headers.
    assert!((6_000..9_500).contains(&small), "{small}");
    assert!((40_000..46_000).contains(&large), "{large}");
    let vorbis = |quality| Vorbis::new().quality(quality).into();
    assert!(size(vorbis(0.0), "/small.ogg") * 4 < size(vorbis(9.0), "/large.ogg") * 3);
    let mp3 = |quality| Mp3::new().quality(quality).into();
    assert!(size(mp3(9.0), "/small.mp3") * 4 < size(mp3(0.0), "/large.mp3") * 3);
}

/// Tags alone are a file where the muxer says so, and elsewhere a mistake.
#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn an_output_without_streams_is_written_to_its_end_or_refused() {
    let fs = fs_with(&["bbb_180_h264.mp4"]);
    let spec = |path: &str, format: &str| {
        format!(
            r#"{{"version":10,"op":"process","inputs":[{{"path":"/bbb_180_h264.mp4"}}],
            "filter":"[0:v]nullsink","outputs":[{{"path":"{path}","format":"{format}",
            "metadata":{{"title":"no pictures"}},"duration":1.5,
            "chapters":[{{"start":0.0,"end":1.0}},{{"start":1.0,"title":"to the end"}},
            {{"start":2.0,"title":"behind it"}}]}}]}}"#
        )
    };
    let reply = runtime()
        .process_json(&fs, &spec("/tags.txt", "ffmetadata"))
        .expect("it is written");
    let text = String::from_utf8(read(&fs, "/tags.txt")).expect("tags are text");
    assert_eq!(reply["outputs"][0]["size"], text.len());
    assert!(text.contains("title=no pictures\n"), "{text}");
    assert!(text.contains("END=1500000\n"), "{text}");
    assert!(!text.contains("behind it"), "{text}");
    let error = runtime()
        .process_json(&fs, &spec("/out.mkv", "matroska"))
        .expect_err("there is nothing to show");
    assert_eq!(error.class(), Some(ErrorClass::Map), "{error}");
    assert!(!fs.exists("/out.mkv"));
}
