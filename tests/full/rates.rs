//! Formats and codecs that have one rate, from sources whose clocks count much finer than their pictures come.

use afmpeg::{ErrorClass, Input, Job, MemFs, Output, Rational};
use matroska_demuxer::TrackType;

use crate::support::audio::Sound;
use crate::support::pixels::decode;
use crate::support::{fs_with, mkv, read, runtime};

const CLIP: &str = "/bbb_180_h264.mp4";
const FRAMES: usize = 50;

/// The clip, whose clock has 12,800 ticks in a second, and the same in a transport stream, whose has 90,000.
fn films() -> (MemFs, [&'static str; 2]) {
    let fs = fs_with(&[&CLIP[1..]]);
    let copy = Output::file("/in.ts").map("0:v").video_codec("copy");
    let job = Job::new().input(Input::file(CLIP)).output(copy);
    runtime().process(&fs, &job).expect("the copy is made");
    (fs, [CLIP, "/in.ts"])
}

fn encode(fs: &MemFs, from: &str, filter: &str, output: Output) -> Vec<u8> {
    let path = output.path.clone();
    let job = Job::new()
        .input(Input::file(from))
        .filter(format!("[0:v]{filter}[v]"))
        .output(output.map("[v]"));
    runtime().process(fs, &job).expect("the job runs");
    read(fs, &path)
}

/// The header of AVI: scale and rate of its first stream, and how many pictures it has.
fn avi(file: &[u8]) -> [u32; 3] {
    let word = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().expect("four bytes"));
    let at = file.windows(8).position(|it| it == b"strh\x38\0\0\0");
    let at = at.expect("the header of a stream") + 8;
    [word(at + 20), word(at + 24), word(at + 32)]
}

/// An AVI of a source with a fine clock had a picture for each 600th of a second, all but one in 24 of them empty; and
/// MPEG-1 and 2 were refused.
#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn pictures_keep_the_rate_of_the_source() {
    let (fs, films) = films();
    for from in films {
        for (path, codec) in [
            ("/o.avi", "mpeg4"),
            ("/o.avi", "mjpeg"),
            ("/o.mkv", "mpeg1video"),
            ("/o.ts", "mpeg2video"),
            ("/o.mxf", "mpeg2video"),
            ("/o.mp4", "mpeg4"),
            ("/o.y4m", "wrapped_avframe"),
        ] {
            let bytes = encode(&fs, from, "null", Output::file(path).video_codec(codec));
            let probe = runtime().probe(&fs, path).expect("it is media");
            let rate = probe.video().expect("pictures").frame_rate;
            assert_eq!(rate, Rational::new(25, 1), "{from} in {path}, {codec}");
            assert_eq!(
                decode(&fs, path, 320, 180).len(),
                FRAMES,
                "{from} in {path}"
            );
            if path == "/o.avi" {
                let [scale, rate, pictures] = avi(&bytes);
                assert_eq!((rate, pictures), (25 * scale, 50), "{from}, {codec}");
            }
        }
    }
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn copied_pictures_are_not_filled_up_with_empty_ones() {
    let (fs, [mp4, _]) = films();
    let copy = Output::file("/o.avi").map("0:v").video_codec("copy");
    let job = Job::new().input(Input::file(mp4)).output(copy);
    runtime().process(&fs, &job).expect("the copy is made");
    let [scale, rate, pictures] = avi(&read(&fs, "/o.avi"));
    assert_eq!((rate, pictures), (25 * scale, 50));
    assert!(decode(&fs, "/o.avi", 320, 180).digests() == decode(&fs, mp4, 320, 180).digests());
}

/// The control of bit rates that MPEG-4 and its relatives share took each tick for a picture: a fine clock made files
/// of nearly three times the size.
#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn bit_rates_do_not_depend_on_the_clock_of_the_source() {
    let (fs, [mp4, ts]) = films();
    for codec in ["mpeg4", "msmpeg4v3", "wmv2", "flv", "mpeg2video"] {
        let [one, other] = [mp4, ts].map(|from| {
            let output = Output::file("/o.mkv").video_codec(codec);
            let bytes = encode(&fs, from, "null", output.video_option("b", "300k"));
            let parsed = mkv::Parsed::new(&bytes);
            parsed.only(TrackType::Video).packets.clone()
        });
        assert!(one == other, "{codec}");
        let size: usize = one.iter().map(Vec::len).sum();
        assert!((60_000..220_000).contains(&size), "{codec}: {size} bytes");
    }
}

/// Of the pictures of the clip without 10 to 19.
const HOLES: &str = "select='not(between(n,10,19))'";

/// What is missing in the source is not shown, and nothing moves.
#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn gaps_stay() {
    let (fs, [mp4, _]) = films();
    let file = encode(&fs, mp4, HOLES, Output::file("/o.avi").video_codec("ffv1"));
    assert_eq!(avi(&file)[2], 50);
    let made = decode(&fs, "/o.avi", 320, 180);
    let source = decode(&fs, mp4, 320, 180);
    let kept: Vec<usize> = (0..10).chain(20..FRAMES).collect();
    assert_eq!(made.len(), kept.len());
    for (n, from) in kept.into_iter().enumerate() {
        assert!(made.frame(n) == source.frame(from), "picture {n}");
    }
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn gaps_are_filled_with_the_picture_before_where_pictures_are_counted() {
    let (fs, [mp4, _]) = films();
    encode(&fs, mp4, HOLES, Output::file("/o.y4m"));
    let made = decode(&fs, "/o.y4m", 320, 180);
    let source = decode(&fs, mp4, 320, 180);
    assert_eq!(made.len(), FRAMES);
    for n in 0..FRAMES {
        let from = if (10..20).contains(&n) { 9 } else { n };
        assert!(made.frame(n) == source.frame(from), "picture {n}");
    }
}

/// Beside sound that begins 0.4 s before them; alone, they begin where they begin.
#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn pictures_that_are_counted_keep_pace_with_the_sound() {
    let (fs, [mp4, _]) = films();
    let later = format!("{HOLES},setpts=PTS+0.4/TB");
    let film = Output::file("/o.mxf").video_codec("mpeg2video");
    let with_sound = film.clone().map("[v]").map("[a]").audio_codec("pcm_s16le");
    let job = Job::new()
        .input(Input::file(mp4))
        .filter(format!("[0:v]{later}[v];sine=d=2.4:r=48000[a]"))
        .output(with_sound);
    runtime().process(&fs, &job).expect("the job runs");
    assert_eq!(decode(&fs, "/o.mxf", 320, 180).len(), 60);
    encode(&fs, mp4, &later, film);
    assert_eq!(decode(&fs, "/o.mxf", 320, 180).len(), 50);
}

/// What is missing of both is as long in both, and what is behind it is together.
#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn gaps_in_sound_are_silent_where_sound_is_counted() {
    let (fs, [mp4, _]) = films();
    for (path, video, audio, size) in [
        ("/o.mxf", "mpeg2video", "pcm_s16le", (320, 180)),
        ("/o.avi", "mpeg4", "pcm_s16le", (320, 180)),
        ("/o.avi", "mpeg4", "libmp3lame", (320, 180)),
        ("/o.gxf", "mpeg2video", "pcm_s16le", (720, 576)),
        ("/o.dv", "dvvideo", "pcm_s16le", (720, 576)),
    ] {
        let (width, height) = size;
        let channels = if path == "/o.gxf" { "mono" } else { "stereo" };
        let film = Output::file(path).map("[v]").map("[a]");
        let job = Job::new()
            .input(Input::file(mp4))
            .filter(format!(
                "[0:v]{HOLES},scale={width}:{height}[v];\
                 sine=d=2:r=48000,aselect='not(between(t,0.4,0.79))',asetpts=PTS+0.06/TB,aformat=cl={channels}[a]"
            ))
            .output(film.video_codec(video).audio_codec(audio));
        let name = format!("{path}, {audio}");
        runtime()
            .process(&fs, &job)
            .unwrap_or_else(|error| panic!("{name}: {error}"));

        let pictures = decode(&fs, path, width, height).len();
        let shown = if path == "/o.avi" { 40 } else { 50 };
        assert_eq!(pictures, shown, "{name}");
        let heard = Output::file("/heard.wav").map("[a]");
        let job = Job::new()
            .input(Input::file(path))
            .filter("[0:a]anull[a]")
            .output(heard.audio_codec("pcm_s16le"));
        runtime().process(&fs, &job).expect("it is decoded");
        let sound = Sound::decode(read(&fs, "/heard.wav"), "wav");
        let length = sound.duration();
        // GXF has packets of 32,768 samples, of which the last is full too.
        let most = if path == "/o.gxf" { 2.74 } else { 2.15 };
        assert!((2.0..most).contains(&length), "{name}: {length} s");
        let level = |from, to| sound.rms(0, from, to);
        let [start, before, missing, behind] = [
            level(0.0, 0.04),
            level(0.13, 0.4),
            level(0.58, 0.8),
            level(1.0, 1.8),
        ];
        assert!(before > 0.05 && behind > 0.05, "{name}: {before}, {behind}");
        assert!(
            start < 0.001 && missing < 0.001,
            "{name}: {start}, {missing}"
        );
    }
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn a_gap_of_an_hour_is_not_filled() {
    let (fs, [mp4, _]) = films();
    let job = Job::new()
        .input(Input::file(mp4))
        .filter("[0:v]setpts='if(lt(N,25),PTS,PTS+3600/TB)'[v]")
        .output(Output::file("/o.y4m").map("[v]"));
    let error = runtime().process(&fs, &job).expect_err("90,000 pictures");
    assert_eq!(error.class(), Some(ErrorClass::Mux), "{error}");
    assert!(error.to_string().contains("90000 pictures are missing"));
    assert!(!fs.exists("/o.y4m"));
}

/// Films of different rates in a row have none; then the clock, the control of bit rates and the header agree on 60.
#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn what_has_no_rate_is_at_60_everywhere() {
    let (fs, [mp4, _]) = films();
    let row = "split[x][y];[y]fps=30[z];[x][z]concat=n=2";
    encode(&fs, mp4, row, Output::file("/o.y4m"));
    let header = b"YUV4MPEG2 W320 H180 F60:1 ";
    assert!(read(&fs, "/o.y4m").starts_with(header));
    let pictures = decode(&fs, "/o.y4m", 320, 180).len();
    assert!((237..=240).contains(&pictures), "{pictures} of 4 s");

    encode(
        &fs,
        mp4,
        row,
        Output::file("/o.mxf").video_codec("mpeg2video"),
    );
    let probe = runtime().probe(&fs, "/o.mxf").expect("it is media");
    let rate = probe.video().expect("pictures").frame_rate;
    assert_eq!(rate, Rational::new(60, 1));

    let output = Output::file("/o.mkv").video_codec("mpeg4");
    let size = encode(&fs, mp4, row, output.video_option("b", "200k")).len();
    assert!((60_000..140_000).contains(&size), "{size} bytes in 4 s");
}

/// Where the lines of a picture say what the rate is, pictures are left out or shown again.
#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn television_has_the_rate_of_its_lines() {
    let (fs, [mp4, _]) = films();
    let row = "split[x][y];[y]fps=30[z];[x][z]concat=n=2";
    for (filter, lines, pictures) in [(row, 576, 50), ("fps=30", 576, 25), ("null", 480, 30)] {
        for (path, codec, format) in [
            (
                "/o.dv",
                "dvvideo",
                if lines == 480 { "yuv411p" } else { "yuv420p" },
            ),
            ("/o.gxf", "mpeg2video", "yuv420p"),
        ] {
            let filter = format!("trim=end=1,{filter},scale=720:{lines},format={format}");
            encode(&fs, mp4, &filter, Output::file(path).video_codec(codec));
            let made = decode(&fs, path, 720, lines).len();
            assert!(made.abs_diff(pictures) < 2, "{made} in {path}: {filter}");
        }
    }
}

/// Its pictures have as many bytes as the bit rate has in a tick of the clock.
#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn vc2_does_not_depend_on_the_clock_of_the_source() {
    let (fs, films) = films();
    let [one, other] = films.map(|from| {
        let output = Output::file("/o.mkv").video_codec("vc2");
        let bytes = encode(&fs, from, "null", output.video_option("b", "20M"));
        let parsed = mkv::Parsed::new(&bytes);
        parsed.only(TrackType::Video).packets.clone()
    });
    assert!(one == other);
    let size: usize = one.iter().map(Vec::len).sum();
    assert!(
        (3_000_000..5_100_000).contains(&size),
        "{size} bytes in 2 s"
    );
}

/// The first fragment says nothing of the rate of those that follow.
#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn copies_of_fragments_keep_their_times() {
    let (fs, [mp4, _]) = films();
    let faster = "setpts='if(lt(N,25),N/25,1+(N-25)/50)/TB'";
    let fragments = Output::file("/f.mp4")
        .video_codec("libopenh264")
        .video_option("g", 5)
        .format_option(
            "movflags",
            "frag_keyframe+empty_moov+delay_moov+dash+global_sidx",
        );
    encode(&fs, mp4, faster, fragments);
    let copy = Output::file("/o.avi").map("0:v").video_codec("copy");
    let job = Job::new().input(Input::file("/f.mp4")).output(copy);
    runtime().process(&fs, &job).expect("the copy is made");
    let [scale, rate, pictures] = avi(&read(&fs, "/o.avi"));
    let seconds = f64::from(pictures) * f64::from(scale) / f64::from(rate);
    assert!((1.4..1.6).contains(&seconds), "{seconds} s");
}
