//! Text on pictures: which pixels change, in which order letters stand, and where fonts come from.

use afmpeg::{Job, JobError, MemFs, Output, Runtime};

use crate::font::{LOW, TALL, boxes};
use crate::support::pixels::Video;
use crate::support::{read, runtime};

const WIDTH: usize = 160;
const HEIGHT: usize = 96;

/// Black frames.
fn black(frames: usize) -> Video {
    let luma = WIDTH * HEIGHT;
    let mut data = Vec::new();
    for _ in 0..frames {
        data.resize(data.len() + luma, 16);
        data.resize(data.len() + luma / 2, 128);
    }
    Video::from_raw(WIDTH, HEIGHT, data)
}

/// The frames after a filter.
fn filtered(runtime: &Runtime, fs: &MemFs, frames: usize, filter: &str) -> Result<Video, JobError> {
    let output = Output::file("/out.yuv")
        .format("rawvideo")
        .map("[v]")
        .video_codec("rawvideo");
    let job = Job::new()
        .input(black(frames).input(fs, "/in.yuv", 25))
        .filter(format!("[0:v]{filter},format=yuv420p[v]"))
        .output(output);
    runtime.process(fs, &job)?;
    Ok(Video::from_raw(WIDTH, HEIGHT, read(fs, "/out.yuv")))
}

/// How many pixels of each column are brighter than black, by half at least.
fn columns(video: &Video, frame: usize) -> Vec<usize> {
    let luma = &video.frame(frame)[..WIDTH * HEIGHT];
    (0..WIDTH)
        .map(|x| (0..HEIGHT).filter(|y| luma[y * WIDTH + x] > 120).count())
        .collect()
}

/// The rectangle around what is not black: left, top, and one past right and bottom.
fn drawn(video: &Video, frame: usize) -> Option<[usize; 4]> {
    brighter(video, frame, 16)
}

/// The same of what is brighter than this.
fn brighter(video: &Video, frame: usize, level: u8) -> Option<[usize; 4]> {
    let luma = &video.frame(frame)[..WIDTH * HEIGHT];
    let lit = (0..luma.len()).filter(|at| luma[*at] > level);
    lit.fold(None, |found, at| {
        let (x, y) = (at % WIDTH, at / WIDTH);
        let [left, top, right, bottom] = found.unwrap_or([x, y, x, y]);
        Some([left.min(x), top.min(y), right.max(x + 1), bottom.max(y + 1)])
    })
}

/// `A` and an alef are tall, `B` and a bet low; of the forms of an Arabic beh the first of a word is tall and the last
/// low, and there is no letter by itself.
fn letters() -> Vec<u8> {
    boxes(
        "Boxes",
        &[
            ('A', TALL),
            ('B', LOW),
            ('\u{5d0}', TALL),
            ('\u{5d1}', LOW),
            ('\u{fe90}', LOW),
            ('\u{fe91}', TALL),
        ],
    )
}

fn with_letters() -> Runtime {
    runtime().clone().default_font(letters())
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn drawtext_changes_the_pixels_of_its_letters_and_no_other() {
    let filter = "drawtext=text=AB:fontsize=20:fontcolor=white:x=40:y=30";
    let video = filtered(&with_letters(), &MemFs::new(), 2, filter).expect("there is a font");
    // Letters of 16 pixels in fields of 20, the first 16 pixels high and the other 8, on one line.
    for frame in 0..2 {
        let mut expected = vec![0; WIDTH];
        expected[42..58].fill(16);
        expected[62..78].fill(8);
        assert_eq!(columns(&video, frame), expected);
        assert_eq!(drawn(&video, frame), Some([42, 30, 78, 46]));
    }
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn a_font_of_the_tree_is_used_where_a_job_names_it() {
    let fs = MemFs::new();
    let low = boxes("Low", &[('A', LOW)]);
    fs.create_dir_all("/fonts").expect("a directory");
    fs.write("/fonts/low.ttf", low).expect("there is room");
    let draw = |runtime: &Runtime, more: &str| {
        let filter = format!("drawtext=text=A:fontsize=20:fontcolor=white:x=40:y=30{more}");
        let video = filtered(runtime, &fs, 1, &filter).expect("there is a font");
        columns(&video, 0).into_iter().max()
    };
    assert_eq!(draw(&with_letters(), ":fontfile=/fonts/low.ttf"), Some(8));
    assert_eq!(
        draw(&with_letters(), ""),
        Some(16),
        "the registered one is the default"
    );
    assert_eq!(
        draw(runtime(), ""),
        Some(8),
        "without one, it is the first of the directory"
    );
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn text_without_any_font_says_what_to_do() {
    let fs = MemFs::new();
    fs.write("/line.srt", SRT).expect("there is room");
    fs.write("/line.ass", ass("Boxes", "AB"))
        .expect("there is room");
    for filter in ["drawtext=text=A", "subtitles=/line.srt", "ass=/line.ass"] {
        let result = filtered(runtime(), &fs, 1, filter).map(drop);
        let error = result.expect_err("there is no font");
        let JobError::Guest { message, .. } = &error else {
            panic!("{filter}: {error}");
        };
        for part in ["no font", "/fonts", "register a default font"] {
            assert!(message.contains(part), "{filter}: {message}");
        }
    }
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn text_from_right_to_left_is_in_its_order() {
    let heights = |text: &str| {
        let filter = format!("drawtext=text={text}:fontsize=20:fontcolor=white:x=40:y=30");
        let video = filtered(&with_letters(), &MemFs::new(), 1, &filter).expect("there is a font");
        let columns = columns(&video, 0);
        (columns[50], columns[70])
    };
    assert_eq!(heights("AB"), (16, 8));
    assert_eq!(
        heights("\u{5d0}\u{5d1}"),
        (8, 16),
        "the alef is first, on the right"
    );
    // Two letters beh are joined: the form that begins a word on the right, the one that ends it on the left.
    assert_eq!(heights("\u{628}\u{628}"), (8, 16));
}

const SRT: &str = "1\n00:00:00,400 --> 00:00:00,800\nAB\n";

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn subtitles_are_drawn_at_the_time_of_their_line_and_at_no_other() {
    let fs = MemFs::new();
    fs.write("/line.srt", SRT).expect("there is room");
    let video = filtered(&with_letters(), &fs, 30, "subtitles=/line.srt").expect("there is a font");
    for frame in 0..30 {
        match drawn(&video, frame) {
            // At 25 frames a second.
            Some([left, top, right, bottom]) => {
                assert!((10..20).contains(&frame), "frame {frame} has text");
                assert!(top >= HEIGHT / 2 && bottom <= HEIGHT, "{top} to {bottom}");
                assert!(
                    left > WIDTH / 4 && right < WIDTH * 3 / 4,
                    "{left} to {right}"
                );
            }
            None => assert!(!(10..20).contains(&frame), "frame {frame} has no text"),
        }
    }
}

/// One line at a place of its own, without border and shadow, in the font `Boxes` of 20 pixels.
fn ass(font: &str, text: &str) -> String {
    format!(
        "[Script Info]\nScriptType: v4.00+\nPlayResX: {WIDTH}\nPlayResY: {HEIGHT}\n\n[V4+ Styles]\n\
         Format: Name, Fontname, Fontsize, PrimaryColour, Outline, Shadow, Alignment\n\
         Style: Default,{font},20,&H00FFFFFF,0,0,7\n\n[Events]\n\
         Format: Start, End, Style, Text\n\
         Dialogue: 0:00:00.00,0:00:10.00,Default,{{\\pos(40,30)}}{text}\n"
    )
}

/// The heights in the middle of the first two letters.
fn ass_heights(runtime: &Runtime, fs: &MemFs, font: &str, text: &str) -> (usize, usize) {
    fs.write("/line.ass", ass(font, text))
        .expect("there is room");
    let video = filtered(runtime, fs, 1, "ass=/line.ass").expect("there is a font");
    let columns = columns(&video, 0);
    (columns[50], columns[70])
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn styled_subtitles_are_drawn_where_they_say_and_in_both_directions() {
    let (runtime, fs) = (with_letters(), MemFs::new());
    assert_eq!(ass_heights(&runtime, &fs, "Boxes", "AB"), (16, 8));
    assert_eq!(
        ass_heights(&runtime, &fs, "Boxes", "\u{5d0}\u{5d1}"),
        (8, 16)
    );
    let video = filtered(&runtime, &fs, 1, "ass=/line.ass").expect("there is a font");
    let [left, _, right, _] = drawn(&video, 0).expect("there is text");
    assert!(left >= 40 && right <= 80, "{left} to {right}");
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn a_family_is_found_by_its_name_and_a_letter_by_the_font_that_has_it() {
    let fs = MemFs::new();
    fs.create_dir_all("/fonts").expect("a directory");
    let low = boxes("Low", &[('A', LOW), ('B', LOW)]);
    let han = boxes("Han", &[('\u{5b57}', TALL)]);
    for (path, font) in [("/fonts/han.ttf", han), ("/fonts/low.ttf", low)] {
        fs.write(path, font).expect("there is room");
    }
    let runtime = with_letters();
    assert_eq!(ass_heights(&runtime, &fs, "Low", "AB"), (8, 8));
    assert_eq!(
        ass_heights(&runtime, &fs, "Nobody's", "AB"),
        (16, 8),
        "the default font"
    );
    assert_eq!(
        ass_heights(&runtime, &fs, "Low", "A\u{5b57}"),
        (8, 16),
        "a font that was not asked for has the letter"
    );
}

/// A place is that of the corner or of the middle of a line by what the alignment says, as the numbers of a keypad.
#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn a_styled_line_changes_the_pixels_of_its_place_and_no_other() {
    // A line of two letters is 40 pixels wide and 20 high. Each has 2 pixels of nothing beside it and 4 below.
    for (place, left, top) in [
        ("\\an7\\pos(40,30)", 40, 30),
        ("\\an9\\pos(100,10)", 60, 10),
        ("\\an5\\pos(80,48)", 60, 38),
        ("\\an2\\pos(80,90)", 60, 70),
        ("\\an1\\pos(0,96)", 0, 76),
        // Without a place of its own: in the corners and the middles of the picture.
        ("\\an7", 0, 0),
        ("\\an8", 60, 0),
        ("\\an3", 120, 76),
    ] {
        let fs = MemFs::new();
        let line = ass("Boxes", "AB").replace("\\pos(40,30)", place);
        fs.write("/line.ass", line).expect("there is room");
        let video = filtered(&with_letters(), &fs, 1, "ass=/line.ass").expect("there is a font");
        let expected = [left + 2, top, left + 38, top + 16];
        assert_eq!(brighter(&video, 0, 120), Some(expected), "{place}");
        // libass softens edges by a pixel.
        let [l, t, r, b] = drawn(&video, 0).expect("there is text");
        assert!(
            l > left && t + 1 >= top && r < left + 40 && b < top + 18,
            "{place}: {l} {t} {r} {b}"
        );
        let mut heights = vec![0; WIDTH];
        heights[left + 2..left + 18].fill(16);
        heights[left + 22..left + 38].fill(8);
        assert_eq!(columns(&video, 0), heights, "{place}");
    }
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn a_font_that_is_not_there_is_an_error_that_names_it() {
    let filter = "drawtext=text=A:fontfile=/fonts/nowhere.ttf";
    for runtime in [&with_letters(), runtime()] {
        let result = filtered(runtime, &MemFs::new(), 1, filter).map(drop);
        let error = result.expect_err("there is no such font");
        let JobError::Guest { class, message, .. } = &error else {
            panic!("{error}");
        };
        assert_eq!(class, &afmpeg::ErrorClass::Graph, "{message}");
        assert!(message.contains("/fonts/nowhere.ttf"), "{message}");
    }
}

/// A letter of rows of dots, and no outlines.
const BITMAP: &str = "STARTFONT 2.1\nFONT -dots-Dots-Medium-R-Normal--8-80-75-75-C-80-ISO10646-1\nSIZE 8 75 75\n\
    FONTBOUNDINGBOX 8 8 0 0\nSTARTPROPERTIES 3\nFAMILY_NAME \"Dots\"\nFONT_ASCENT 8\nFONT_DESCENT 0\nENDPROPERTIES\n\
    CHARS 1\nSTARTCHAR A\nENCODING 65\nSWIDTH 1000 0\nDWIDTH 8 0\nBBX 8 8 0 0\nBITMAP\n\
    FF\nFF\nFF\nFF\nFF\nFF\nFF\nFF\nENDCHAR\nENDFONT\n";

/// What lies beside a font is not one that can be drawn with, and comes before it by name.
#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn what_lies_beside_a_font_does_no_harm() {
    let fs = MemFs::new();
    fs.create_dir_all("/fonts").expect("a directory");
    let han = boxes("Han", &[('A', LOW), ('\u{5b57}', TALL)]);
    for (name, file) in [
        ("COPYING", b"Permission is hereby granted".to_vec()),
        ("dots.bdf", BITMAP.as_bytes().to_vec()),
        ("empty.ttf", Vec::new()),
        ("han.ttf", han),
    ] {
        fs.write(&format!("/fonts/{name}"), file)
            .expect("there is room");
    }
    assert_eq!(
        ass_heights(runtime(), &fs, "Han", "A\u{5b57}"),
        (8, 16),
        "libass passes over what it cannot use"
    );
    let filter = "drawtext=text=A\u{5b57}:fontsize=20:fontcolor=white:x=40:y=30";
    let video = filtered(runtime(), &fs, 1, filter).expect("there is a font");
    let columns = columns(&video, 0);
    assert_eq!((columns[50], columns[70]), (8, 16));
}
