//! `afmpeg convert`: what it makes, of one input and of several, and how it fails.

use std::path::Path;

use re_mp4::TrackKind;
use serde_json::Value;

use super::support::workspace;
use super::{CLIP, fail, fixture_path, folder, names, succeed, video};

#[test]
fn convert_scales_and_writes_nothing_but_the_output() {
    let dir = folder();
    let (out, err) = succeed(
        dir.path(),
        &[
            "convert",
            &fixture_path(CLIP),
            "o.mp4",
            "--filter",
            "scale=160:90",
        ],
    );
    assert_eq!(names(dir.path()), ["o.mp4"]);
    assert_eq!(video(&dir.path().join("o.mp4")), (160, 90, 50));
    assert!(out.contains("o.mp4") && out.contains("h264"), "{out}");
    assert_eq!(err, "", "a pipe gets no bar");
}

#[test]
fn convert_copies_cuts_and_takes_sound_alone() {
    let dir = folder();
    let clip = fixture_path(CLIP);
    succeed(
        dir.path(),
        &["convert", &clip, "copy.mp4", "--video-codec", "copy"],
    );
    assert_eq!(video(&dir.path().join("copy.mp4")), (320, 180, 50));
    let cut = [
        "convert",
        &clip,
        "cut.mp4",
        "--seek",
        "1",
        "--duration",
        "0.4",
        "-f",
        "scale=64:36",
    ];
    succeed(dir.path(), &cut);
    assert_eq!(video(&dir.path().join("cut.mp4")), (64, 36, 10));
    succeed(
        dir.path(),
        &["convert", &fixture_path("bbb.mp3"), "sound.wav"],
    );
    let wav = hound::WavReader::open(dir.path().join("sound.wav")).expect("it is a WAV");
    let seconds = f64::from(wav.duration()) / f64::from(wav.spec().sample_rate);
    assert!((seconds - 4.0).abs() < 0.06, "{seconds} s");
}

/// The tracks of an MP4 in their order, with their samples and seconds, by a parser that is not ours.
fn tracks(path: &Path) -> Vec<(TrackKind, usize, f64)> {
    let bytes = std::fs::read(path).expect("the output is there");
    let mp4 = re_mp4::Mp4::read_bytes(&bytes).expect("it is an MP4");
    let tracks = mp4.tracks().values().map(|track| {
        let seconds = track.duration as f64 / track.timescale as f64;
        let kind = track.kind.expect("of a kind that the parser knows");
        (kind, track.samples.len(), seconds)
    });
    tracks.collect()
}

#[test]
fn an_output_has_the_streams_that_are_mapped_and_no_others() {
    let dir = folder();
    let film = fixture_path("bbb_180_bframes_subs.mkv");
    let made = |maps: &[&str]| {
        let line = ["convert", &film, "o.mp4", "-v", "copy", "-a", "copy"];
        succeed(dir.path(), &[&line, maps].concat());
        let tracks = tracks(&dir.path().join("o.mp4"));
        let counts = tracks.into_iter().map(|(kind, samples, _)| (kind, samples));
        counts.collect::<Vec<_>>()
    };
    let (picture, sound) = ((TrackKind::Video, 100), (TrackKind::Audio, 189));
    assert_eq!(made(&[]), [picture, sound]);
    assert_eq!(made(&["--map", "0:v"]), [picture]);
    assert_eq!(made(&["--map", "0:a", "--map", "0:v"]), [sound, picture]);
    let line = ["convert", &film, "p.mp4", "--map", "[0:a]", "-a", "aac"];
    succeed(dir.path(), &line);
    let encoded = tracks(&dir.path().join("p.mp4"));
    assert!(
        matches!(encoded[..], [(TrackKind::Audio, ..)]),
        "{encoded:?}"
    );
    fail(
        dir.path(),
        1,
        &["convert", &film, "q.mp4", "--map", "0:a:1", "-a", "copy"],
        &["0:a:1"],
    );
}

#[test]
fn an_output_ends_at_the_time_that_is_named() {
    let dir = folder();
    let film = fixture_path("bbb_180_bframes_subs.mkv");
    let line = ["convert", &film, "o.mp4", "--end", "0.6", "--scale", "64"];
    succeed(dir.path(), &line);
    let tracks = tracks(&dir.path().join("o.mp4"));
    let [(TrackKind::Video, 15, video), (TrackKind::Audio, _, audio)] = tracks[..] else {
        panic!("{tracks:?}");
    };
    assert!((video - 0.6).abs() < 0.001, "{video} s");
    // To the end of a packet of 1024 samples, behind one of priming.
    assert!((0.6..0.65).contains(&audio), "{audio} s");
}

#[test]
fn an_output_that_exists_is_replaced_only_by_a_whole_one() {
    let dir = folder();
    let out = dir.path().join("o.mp4");
    std::fs::write(&out, "precious").expect("written");
    std::fs::write(dir.path().join("text.mp4"), "this is no film").expect("written");
    let words = ["text.mp4", "no media"];
    fail(dir.path(), 1, &["convert", "text.mp4", "o.mp4"], &words);
    assert_eq!(std::fs::read(&out).expect("still there"), b"precious");
}

#[test]
fn an_output_that_is_an_input_as_well_is_refused() {
    let dir = folder();
    let clip = std::fs::read(fixture_path(CLIP)).expect("the fixture is there");
    std::fs::write(dir.path().join("clip.mp4"), &clip).expect("written");
    for line in [
        &["convert", "clip.mp4", "./clip.mp4", "--duration", "0.2"][..],
        &["segment", "clip.mp4", "clip.mp4"],
        &[
            "frames", "clip.mp4", "clip.mp4", "--at", "0", "--codec", "png",
        ],
    ] {
        fail(dir.path(), 2, line, &["is an input as well"]);
        let after = std::fs::read(dir.path().join("clip.mp4")).expect("it is there");
        assert!(after == clip, "{line:?}");
    }
}

/// The names of a sequence are known only when it is there.
#[test]
fn a_picture_of_a_sequence_does_not_replace_the_input() {
    let dir = folder();
    let picture = std::fs::read(fixture_path("bbb_180.png")).expect("the fixture is there");
    std::fs::write(dir.path().join("shot_001.png"), &picture).expect("written");
    let line = ["convert", "shot_001.png", "shot_%03d.png", "--scale", "32"];
    fail(dir.path(), 2, &line, &["is an input as well"]);
    let after = std::fs::read(dir.path().join("shot_001.png")).expect("it is there");
    assert!(after == picture);
    assert_eq!(names(dir.path()), ["shot_001.png"]);
}

#[cfg(unix)]
#[test]
fn what_has_no_end_is_read_up_to_the_storage_limit() {
    let line = ["--storage-limit", "1MiB", "probe", "/dev/zero"];
    let words = ["/dev/zero", "1048576 bytes", "--storage-limit"];
    fail(folder().path(), 4, &line, &words);
}

#[test]
fn each_kind_of_failure_has_its_status_and_says_what_to_do() {
    let dir = folder();
    let clip = fixture_path(CLIP);
    let out = "o.mp4";
    fail(dir.path(), 1, &["convert", "none.mp4", out], &["none.mp4"]);
    fail(
        dir.path(),
        1,
        &["convert", &clip, out, "-v", "libx264"],
        &["libx264", "libopenh264"],
    );
    fail(
        dir.path(),
        1,
        &["convert", &clip, out, "-o", "nosuch=1"],
        &["nosuch", "libopenh264"],
    );
    fail(
        dir.path(),
        1,
        &["convert", &clip, out, "-f", "nosuchfilter"],
        &["nosuchfilter"],
    );
    fail(
        dir.path(),
        2,
        &["convert", &clip, "missing/o.mp4"],
        &["missing", "does not exist"],
    );
    fail(dir.path(), 2, &["convert", &clip], &["Usage"]);
    fail(
        dir.path(),
        3,
        &["--engine", "none.wasm", "probe", &clip],
        &["none.wasm", "xtask engine"],
    );
    fail(
        dir.path(),
        4,
        &["--memory-limit", "6MiB", "convert", &clip, out],
        &["memory", "--memory-limit"],
    );
    fail(
        dir.path(),
        4,
        &["--timeout", "0.001", "convert", &clip, out],
        &["--timeout"],
    );
    fail(
        dir.path(),
        4,
        &["--storage-limit", "4KiB", "convert", &clip, out],
        &["--storage-limit"],
    );
}

#[test]
fn presets_crops_and_scales_make_what_they_say() {
    let dir = tempfile::tempdir().expect("there is room for files");
    let clip = workspace().join("tests/fixtures").join(CLIP);
    let clip = clip.to_str().expect("it is text");
    let probed = |name: &str| -> Value {
        let (out, _) = succeed(dir.path(), &["probe", "--json", name]);
        serde_json::from_str(&out).expect("it is JSON")
    };
    let find = |report: &Value, kind: &str| -> Value {
        let streams = report["inputs"][0]["streams"].as_array();
        let streams = streams.expect("there are streams");
        let found = streams.iter().find(|stream| stream["type"] == kind);
        found.cloned().unwrap_or_default()
    };
    succeed(
        dir.path(),
        &[
            "convert",
            clip,
            "web.mp4",
            "--preset",
            "web",
            "--duration",
            "0.5",
        ],
    );
    let web = find(&probed("web.mp4"), "video");
    assert_eq!(
        (web["codec"].as_str(), web["width"].as_u64()),
        (Some("h264"), Some(320))
    );
    let line = [
        "convert",
        clip,
        "cut.mp4",
        "--crop",
        "100x80+10+20",
        "--scale",
        "50",
        "--duration",
        "0.3",
    ];
    succeed(dir.path(), &line);
    let cut = find(&probed("cut.mp4"), "video");
    assert_eq!(
        (cut["width"].as_u64(), cut["height"].as_u64()),
        (Some(50), Some(40))
    );
    succeed(
        dir.path(),
        &["convert", clip, "one.png", "--preset", "thumbnail"],
    );
    assert_eq!(find(&probed("one.png"), "video")["width"], 320);
    succeed(
        dir.path(),
        &[
            "convert",
            clip,
            "short.gif",
            "--preset",
            "gif",
            "--duration",
            "0.5",
        ],
    );
    assert_eq!(find(&probed("short.gif"), "video")["codec"], "gif");
    let sound = fixture_path("bbb.wav");
    succeed(
        dir.path(),
        &["convert", &sound, "web.m4v", "--preset", "web"],
    );
    assert_eq!(find(&probed("web.m4v"), "video"), Value::Null);
    assert_eq!(find(&probed("web.m4v"), "audio")["codec"], "aac");
    succeed(
        dir.path(),
        &["convert", &sound, "talk.m4a", "--preset", "podcast"],
    );
    let talk = find(&probed("talk.m4a"), "audio");
    assert_eq!(
        (&talk["codec"], &talk["channels"]),
        (&"aac".into(), &1.into())
    );
    fail(
        dir.path(),
        2,
        &["convert", clip, "o.avi", "--preset", "web"],
        &[".mp4, .m4v, .mov"],
    );
    fail(
        dir.path(),
        2,
        &["convert", clip, "o.mp4", "--crop", "wide"],
        &["WIDTHxHEIGHT"],
    );
}

#[test]
fn the_sound_of_one_file_goes_with_the_picture_of_another() {
    let dir = folder();
    let (clip, sound) = (fixture_path(CLIP), fixture_path("bbb.m4a"));
    succeed(
        dir.path(),
        &[
            "convert", &clip, &sound, "o.mp4", "-v", "copy", "-a", "copy",
        ],
    );
    let bytes = std::fs::read(dir.path().join("o.mp4")).expect("the output is there");
    let mp4 = re_mp4::Mp4::read_bytes(&bytes).expect("it is an MP4");
    let kinds: Vec<_> = mp4
        .tracks()
        .values()
        .map(|track| (track.kind, track.samples.len()))
        .collect();
    assert_eq!(kinds.len(), 2);
    assert!(kinds.contains(&(Some(TrackKind::Video), 50)), "{kinds:?}");
    let sound = kinds
        .iter()
        .find(|(kind, _)| *kind == Some(TrackKind::Audio));
    // Four seconds of 1024 samples each at 48 kHz.
    assert!(
        sound.is_some_and(|(_, samples)| (187..=190).contains(samples)),
        "{kinds:?}"
    );
    fail(
        dir.path(),
        2,
        &["convert", "-", "-", "p.mp4"],
        &["standard input"],
    );
}

#[test]
fn clips_are_joined_as_packets_or_as_pictures_of_one_size() {
    let dir = folder();
    let clip = fixture_path(CLIP);
    succeed(
        dir.path(),
        &["convert", &clip, &clip, "o.mp4", "--concat", "-v", "copy"],
    );
    assert_eq!(video(&dir.path().join("o.mp4")), (320, 180, 100));
    let small = [
        "convert",
        &clip,
        "small.mp4",
        "--crop",
        "64x64",
        "--duration",
        "0.4",
    ];
    succeed(dir.path(), &small);
    let line = [
        "convert",
        "small.mp4",
        &clip,
        "p.mp4",
        "--concat",
        "-a",
        "none",
        "--duration",
        "1.2",
    ];
    succeed(dir.path(), &line);
    assert_eq!(video(&dir.path().join("p.mp4")), (64, 64, 30));
    let line = [
        "convert",
        "small.mp4",
        &fixture_path("bbb.wav"),
        "q.mp4",
        "--concat",
        "-a",
        "none",
    ];
    fail(
        dir.path(),
        1,
        &line,
        &["bbb.wav has no video", "--video-codec none"],
    );
    fail(
        dir.path(),
        2,
        &["convert", &clip, &clip, "q.mp4", "--concat", "-s", "1"],
        &["--seek"],
    );
}
