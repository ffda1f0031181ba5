//! Typed settings of encoders: the engine knows each of them, and each does what it says.

use afmpeg::codec::{Aac, AacCoder, Codec, Flac, H264Profile, Mjpeg, OpenH264};
use afmpeg::{ErrorClass, Input, Job, MemFs, Output, ProblemKind, Stream};

use crate::support::h264::{Kind, Picture};
use crate::support::mp4::Parsed;
use crate::support::pixels::{Video, decode, psnr};
use crate::support::{fs_with, read, runtime};

/// Encodes twelve pictures and says what they take.
fn pictures(codec: impl Into<Codec>, path: &str) -> (MemFs, Video) {
    // Grain, of which there is always more to keep.
    let mut state = 1_u32;
    let grain = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        96 + (state >> 26) as u8
    });
    let source = Video::from_raw(160, 96, grain.take(160 * 96 * 3 / 2 * 12).collect());
    let fs = MemFs::new();
    let job = Job::new()
        .input(source.input(&fs, "/in.yuv", 25))
        .filter("[0:v]null[v]")
        .output(Output::file(path).map("[v]").video_codec(codec))
        .build()
        .expect("the job is right");
    runtime().process(&fs, &job).expect("it is encoded");
    (fs, source)
}

#[test]
fn a_gop_is_as_long_as_it_says_and_a_profile_what_it_says() {
    for (profile, number) in [
        (H264Profile::ConstrainedBaseline, 66),
        (H264Profile::Main, 77),
        (H264Profile::High, 100),
    ] {
        let settings = OpenH264::new().gop(5).bitrate(400_000).profile(profile);
        let (fs, _) = pictures(settings, "/out.mp4");
        let file = Parsed::new(&read(&fs, "/out.mp4"));
        let samples = &file.video().samples;
        let kinds = samples.iter().map(|sample| Picture::of(&sample.data).kind);
        let keys: Vec<_> = kinds
            .enumerate()
            .filter(|(_, kind)| *kind == Kind::I)
            .map(|(at, _)| at)
            .collect();
        assert_eq!(keys, [0, 5, 10]);
        let probe = runtime().probe(&fs, "/out.mp4").expect("it is MP4");
        let told = probe.streams[0].profile.as_deref().unwrap_or_default();
        let expected = match number {
            66 => "Constrained Baseline",
            77 => "Main",
            _ => "High",
        };
        assert_eq!(told, expected);
    }
}

#[test]
fn quality_is_bought_with_bytes() {
    let at = |codec: Codec, path: &str| {
        let (fs, source) = pictures(codec, path);
        let result = decode(&fs, path, 160, 96);
        (psnr(&result.data, &source.data), read(&fs, path).len())
    };
    let pairs: [(Codec, Codec, &str); 3] = [
        (
            OpenH264::new().quantisers(18, 18).into(),
            OpenH264::new().quantisers(40, 40).into(),
            "/out.mp4",
        ),
        (
            OpenH264::new()
                .bitrate(2_000_000)
                .max_bitrate(4_000_000)
                .into(),
            OpenH264::new().bitrate(60_000).into(),
            "/out.mp4",
        ),
        (
            Mjpeg::new().quality(2).into(),
            Mjpeg::new().quality(28).into(),
            "/out.mkv",
        ),
    ];
    for (fine, coarse, path) in pairs {
        let name = fine.name().to_owned();
        let (fine, coarse) = (at(fine, path), at(coarse, path));
        assert!(
            fine.0 > coarse.0 && fine.1 * 2 > coarse.1 * 3,
            "{name}: {fine:?} {coarse:?}"
        );
    }
}

#[test]
fn settings_of_sound_reach_its_encoder() {
    let fs = fs_with(&["bbb.mp3"]);
    let size = |codec: Codec, path: &str| {
        let job = Job::new()
            .input(Input::file("/bbb.mp3"))
            .filter("[0:a]atrim=duration=1[a]")
            .output(Output::file(path).stream(Stream::new("[a]").codec(codec)));
        runtime().process(&fs, &job).expect("it is encoded");
        read(&fs, path).len()
    };
    let fast = |bits| Aac::new().coder(AacCoder::Fast).bitrate(bits).into();
    assert!(size(fast(32_000), "/small.m4a") < size(fast(160_000), "/large.m4a"));
    let flac = |level| Flac::new().compression_level(level).into();
    assert!(size(flac(8), "/small.flac") < size(flac(0), "/large.flac"));
}

fn job(output: Output) -> Job {
    Job::new()
        .input(Input::file("/in.mp4"))
        .filter("[0:v]scale=64:-2[v];[0:a]volume=0.5[a]")
        .output(output)
}

#[test]
fn what_the_engine_has_is_no_problem() {
    let output = Output::file("/out.mp4")
        .format("mp4")
        .format_option("movflags", "+faststart")
        .map("[v]")
        .map("[a]")
        .video_codec(OpenH264::new().gop(5).bitrate(400_000).quantisers(10, 40))
        .audio_codec(Aac::new().coder(AacCoder::TwoLoop).bitrate(96_000))
        .option("threads", 1)
        .option("b", "400k")
        .video_option("pix_fmt", "yuv420p")
        .audio_option("ar", 44_100)
        .audio_option("ch_layout", "mono");
    assert_eq!(runtime().check(&job(output)).expect("it answers"), []);
    for codec in [
        Codec::from(OpenH264::new().profile(H264Profile::High).max_bitrate(9)),
        Mjpeg::new().quality(5).into(),
        Flac::new().compression_level(12).into(),
        Codec::copy(),
    ] {
        // What a filter gives is never copied.
        let from = if codec == Codec::copy() { "0:v" } else { "[v]" };
        let output = Output::file("/out.mkv").stream(Stream::new(from).codec(codec));
        assert_eq!(runtime().check(&job(output)).expect("it answers"), []);
    }
}

#[test]
fn what_the_engine_lacks_is_named_and_what_is_meant_suggested() {
    let output = Output::file("/out.mp4")
        .format("mp5")
        .map("[v]")
        .map("[a]")
        .map("0:a")
        .video_codec(
            Codec::new("libopenh264")
                .option("rc_mod", "quality")
                .option("coder", "cabak"),
        )
        .audio_codec(Codec::new("acc"))
        .bitstream_filter("0:a", "aac_adtstoas");
    let mut wrong = job(output);
    wrong.filter = Some("[0:v]scal=64:-2[v];[0:a]volume=0.5[a]".to_owned());
    wrong.inputs[0].format = Some("mpv".to_owned());
    let problems = runtime().check(&wrong).expect("it answers");
    let found: Vec<_> = problems
        .iter()
        .map(|p| (p.field.as_str(), p.kind, p.suggestion.as_deref()))
        .collect();
    use ProblemKind::{BadValue, NotInBuild, UnknownOption};
    let expected = [
        ("filter", NotInBuild, Some("scale")),
        ("outputs[0].format", NotInBuild, Some("mp4")),
        ("outputs[0].audio_codec", NotInBuild, Some("aac")),
        ("outputs[0].video_options.coder", BadValue, Some("cabac")),
        (
            "outputs[0].video_options.rc_mod",
            UnknownOption,
            Some("rc_mode"),
        ),
        (
            "outputs[0].bitstream_filters.0:a",
            NotInBuild,
            Some("aac_adtstoasc"),
        ),
    ];
    assert_eq!(found[0].0, "inputs[0].format");
    assert_eq!(found[1..], expected);
    // The run finds the same, one at a time.
    let fs = fs_with(&["bbb_180_h264.mp4"]);
    let error = runtime()
        .process(&fs, &wrong)
        .expect_err("it cannot be done");
    assert!(error.class().is_some(), "{error}");
}

#[test]
fn a_value_out_of_range_is_named_with_its_field() {
    // Of these the library itself knows no bounds: the engine tells them.
    let output = Output::file("/out.mp4")
        .map("[v]")
        .map("[a]")
        .video_codec("libopenh264")
        .video_option("max_nal_size", -1)
        .video_option("g", 25)
        .audio_codec("aac");
    let flac = |order| Codec::new("flac").option("min_partition_order", order);
    let beside = Output::file("/beside.mkv")
        .stream(Stream::new("0:a").codec(flac(8)))
        .stream(Stream::new("0:a").codec(flac(9)));
    let wrong = job(output).output(beside);
    let problems = runtime().check(&wrong).expect("it answers");
    let found: Vec<_> = problems
        .iter()
        .map(|p| {
            let message = p.message.as_str();
            (p.field.as_str(), p.kind, message, p.suggestion.as_deref())
        })
        .collect();
    let expected = [
        (
            "outputs[0].video_options.max_nal_size",
            ProblemKind::BadValue,
            "-1 is not from 0 to 2147483647",
            Some("0"),
        ),
        (
            "outputs[1].streams[1].options.min_partition_order",
            ProblemKind::BadValue,
            "9 is not from -1 to 8",
            Some("8"),
        ),
    ];
    assert_eq!(found, expected);
    // The run refuses it, too.
    let fs = fs_with(&["bbb_180_bframes_subs.mkv"]);
    let mut wrong = wrong;
    wrong.inputs[0] = Input::file("/bbb_180_bframes_subs.mkv");
    let error = runtime().process(&fs, &wrong).expect_err("it is too small");
    assert_eq!(error.class(), Some(ErrorClass::Option), "{error}");
    assert!(error.to_string().contains("max_nal_size"), "{error}");
}
