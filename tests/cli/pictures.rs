//! `afmpeg frames`, `sheet`, `waveform` and `spectrum`: the pictures they write.

use serde_json::Value;

use super::{CLIP, fail, fixture_path, folder, names, picture, succeed};

#[test]
fn frames_writes_each_image_under_its_number() {
    let dir = folder();
    let line = [
        "frames",
        &fixture_path(CLIP),
        "f_%02d.png",
        "--at",
        "0,1,1.9",
        "--scale",
        "80:-2",
    ];
    succeed(dir.path(), &line);
    assert_eq!(names(dir.path()), ["f_00.png", "f_01.png", "f_02.png"]);
    for name in names(dir.path()) {
        assert_eq!(picture(&dir.path().join(name)).size(), (80, 46));
    }
}

#[test]
fn frames_finds_where_scenes_begin_and_what_stands_for_a_film() {
    let dir = folder();
    let still = fixture_path("coffee_600x400.png");
    // Ten pictures of a film, ten of a still, and those of the film again.
    succeed(
        dir.path(),
        &["convert", &fixture_path(CLIP), "a.mp4", "-d", "0.4"],
    );
    let line = [
        "convert",
        &still,
        "b.mp4",
        "--input-format",
        "image2",
        "--input-option",
        "loop=1",
        "-d",
        "0.4",
        "--scale",
        "320x180",
    ];
    succeed(dir.path(), &line);
    let line = ["convert", "a.mp4", "b.mp4", "a.mp4", "c.mp4", "--concat"];
    succeed(dir.path(), &line);
    let times = |line: &[&str]| {
        let (document, _) = succeed(dir.path(), &[line, &["--json"]].concat());
        let document: Value = serde_json::from_str(&document).expect("it is JSON");
        let frames = document["frames"].as_array().expect("a list").clone();
        let times = frames.iter().map(|frame| frame["timestamp"].as_f64());
        times.collect::<Option<Vec<f64>>>().expect("each has one")
    };
    let found = times(&["frames", "c.mp4", "scene%d.png", "--scene", "0.3"]);
    assert_eq!(found, [0.4, 0.8]);
    let best = times(&["frames", "c.mp4", "best.png", "--thumbnail"]);
    let [best] = best[..] else {
        panic!("{best:?}");
    };
    let ats = format!("0.4,0.8,{best}");
    times(&["frames", "c.mp4", "at%d.png", "--at", &ats]);
    let made = names(dir.path());
    let pictures = made.iter().filter(|name| name.ends_with(".png"));
    let expected = [
        "at0.png",
        "at1.png",
        "at2.png",
        "best.png",
        "scene0.png",
        "scene1.png",
    ];
    assert!(pictures.eq(&expected), "{made:?}");
    let of = |name: &str| picture(&dir.path().join(name));
    let (begin, again) = (of("scene0.png"), of("scene1.png"));
    assert_eq!(begin.size(), (320, 180));
    assert!(begin.difference(0, 0, &again) > 30.0, "two scenes");
    for (name, at) in [
        ("scene0.png", "at0.png"),
        ("scene1.png", "at1.png"),
        ("best.png", "at2.png"),
    ] {
        let difference = of(name).difference(0, 0, &of(at));
        assert!(difference < 0.1, "{name} differs by {difference}");
    }
    // Two thirds of the pictures are the film's.
    assert!(of("best.png").difference(0, 0, &again) < 15.0);
}

#[test]
fn frames_puts_images_on_a_sheet_and_says_where() {
    let dir = folder();
    let clip = fixture_path(CLIP);
    let line = [
        "frames", &clip, "s.png", "--every", "0.5", "--sheet", "3x2", "--tile", "64x36", "--track",
        "t.vtt",
    ];
    succeed(dir.path(), &line);
    assert_eq!(names(dir.path()), ["s.png", "t.vtt"]);
    assert_eq!(picture(&dir.path().join("s.png")).size(), (192, 72));
    let track = std::fs::read_to_string(dir.path().join("t.vtt")).expect("it is text");
    assert!(track.starts_with("WEBVTT\n"), "{track}");
    assert!(track.contains("\ns.png#xywh=64,0,64,36\n"), "{track}");
    let line = [
        "frames", &clip, "o.png", "--every", "1", "--sheet", "2x2", "--track", "d/t.vtt",
    ];
    fail(
        dir.path(),
        2,
        &line,
        &["d/t.vtt must be a file beside o.png"],
    );
}

#[test]
fn a_contact_sheet_shows_the_whole_length() {
    let dir = folder();
    let clip = fixture_path(CLIP);
    let line = ["sheet", &clip, "s.png", "--grid", "2x2", "--tile", "64x36"];
    let (out, _) = succeed(dir.path(), &line);
    assert!(out.starts_with("s.png  "), "{out}");
    let sheet = picture(&dir.path().join("s.png"));
    assert_eq!(sheet.size(), (128, 72));
    // The very images of the middles of the first and the last quarter of two seconds.
    let line = [
        "frames",
        &clip,
        "f%d.png",
        "--at",
        "0.25,1.75",
        "--scale",
        "64:36",
    ];
    succeed(dir.path(), &line);
    for (tile, (x, y)) in [(0, 0), (64, 36)].into_iter().enumerate() {
        let image = picture(&dir.path().join(format!("f{tile}.png")));
        let difference = sheet.difference(x, y, &image);
        assert!(difference < 3.0, "tile {tile} differs by {difference}");
    }
    let (document, _) = succeed(
        dir.path(),
        &[
            "sheet", &clip, "t.png", "--grid", "2x1", "--vtt", "t.vtt", "--json",
        ],
    );
    let document: Value = serde_json::from_str(&document).expect("it is JSON");
    assert_eq!(document["frames"][1]["timestamp"], 1.0);
    assert_eq!(document["frames"][1]["tile"]["x"], 160);
    assert_eq!(document["frames"][1]["path"], "t.png");
    assert_eq!(document["track"], "t.vtt");
    let track = std::fs::read_to_string(dir.path().join("t.vtt")).expect("it is text");
    assert!(
        track.starts_with("WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n"),
        "{track}"
    );
    fail(dir.path(), 2, &["sheet", &clip, "s_%d.png"], &["--every"]);
    fail(
        dir.path(),
        1,
        &["sheet", &fixture_path("bbb.wav"), "w.png"],
        &["bbb.wav"],
    );
}

#[test]
fn pictures_of_sound_need_an_engine_that_draws_them() {
    let dir = folder();
    let sound = fixture_path("bbb.wav");
    for (verb, filter) in [
        ("waveform", "showwavespic"),
        ("spectrum", "showspectrumpic"),
    ] {
        fail(
            dir.path(),
            1,
            &[verb, &sound, "o.png"],
            &[filter, "full engine"],
        );
        fail(dir.path(), 2, &[verb, &sound, "o.jpg"], &["o.jpg", ".png"]);
    }
    fail(
        dir.path(),
        2,
        &["waveform", &sound, "o.png", "--colour", "red|s=1x1"],
        &["0xRRGGBB"],
    );
}
