//! Contact sheets: where each picture is, what is between them, and the track that tells.

use afmpeg::report::Tile;
use afmpeg::{ErrorClass, FramesJob, FramesReport, Job, JobError, MemFs, Output, Select, Sheet};

use crate::frames::{numbered, spelled};
use crate::support::image::Picture;
use crate::support::pixels::Video;
use crate::support::{assert_close, read, runtime};

/// The part of a sheet that is a tile.
fn cut(sheet: &Picture, tile: Tile) -> Picture {
    let [x, y, width, height] =
        [tile.x, tile.y, tile.width, tile.height].map(|length| length as usize);
    let rows = (y..y + height).map(|row| {
        let at = (row * sheet.width + x) * 3;
        &sheet.rgb[at..at + width * 3]
    });
    Picture {
        width,
        height,
        rgb: rows.collect::<Vec<_>>().concat(),
    }
}

fn text(fs: &MemFs, path: &str) -> String {
    String::from_utf8(read(fs, path)).expect("it is text")
}

fn is_black(picture: &Picture) -> bool {
    picture.rgb.iter().all(|&value| value == 0)
}

fn tiles(report: &FramesReport) -> Vec<Tile> {
    let tiles = report.frames.iter().map(|frame| frame.tile);
    tiles.map(|tile| tile.expect("it is on a sheet")).collect()
}

#[test]
fn pictures_stand_row_by_row_on_as_many_sheets_as_they_need() {
    let fs = numbered();
    let sheet = Sheet::new(4, 2, 80).track("/t/the film.vtt");
    let job = FramesJob::new("/in.mp4", "/sheet: %02d.png", Select::Interval(0.2)).sheet(sheet);
    fs.create_dir_all("/t").expect("it is new");
    let report = runtime().frames(&fs, &job).expect("the sheets are made");
    assert_eq!((report.count, report.frames.len()), (10, 10));
    let sheets = ["/sheet: 00.png", "/sheet: 01.png"].map(|path| Picture::png(&read(&fs, path)));
    for (n, (frame, tile)) in report.frames.iter().zip(tiles(&report)).enumerate() {
        let (on, place) = (n / 8, n % 8);
        assert_eq!(frame.path, format!("/sheet: {on:02}.png"));
        assert_eq!(frame.index, n as u64);
        let (x, y) = (place % 4 * 80, place / 4 * 64);
        assert_eq!((tile.x as usize, tile.y as usize), (x, y));
        // 160 by 128 pixels are 64 high at this width.
        assert_eq!((tile.width, tile.height), (80, 64));
        assert_eq!(spelled(&cut(&sheets[on], tile)), n * 5);
        let time = frame.timestamp.expect("the frame's own time is known");
        assert_close("the frame's own time", time, n as f64 / 5.0, 0.001);
    }
    for sheet in &sheets {
        assert_eq!((sheet.width, sheet.height), (320, 128));
    }
    let mut place = tiles(&report)[7];
    assert!(!is_black(&cut(&sheets[1], tiles(&report)[9])));
    assert!(is_black(&cut(&sheets[1], place)), "nothing is there");
    place.y = 0;
    assert!(is_black(&cut(&sheets[1], place)), "nothing is there");

    assert_eq!(report.track.as_deref(), Some("/t/the film.vtt"));
    let cues = (0..10).map(|n| {
        let tile = tiles(&report)[n];
        let second = |fifths: usize| format!("00:00:0{}.{}00", fifths / 5, fifths % 5 * 2);
        format!(
            "\n{} --> {}\n../sheet%3A%200{}.png#xywh={},{},80,64\n",
            second(n),
            second(n + 1),
            n / 8,
            tile.x,
            tile.y
        )
    });
    let track = format!("WEBVTT\n{}", cues.collect::<String>());
    assert_eq!(text(&fs, "/t/the film.vtt"), track);
}

#[test]
fn times_stand_in_their_order_and_a_plain_name_is_one_sheet() {
    let fs = numbered();
    let job = FramesJob::new(
        "/in.mp4",
        "/s.jpg",
        Select::Timestamps(vec![1.0, 9.0, 0.4, 1.0]),
    )
    .codec("mjpeg")
    .sheet(Sheet::new(2, 2, 160).height(128).track("/s.vtt"));
    let report = runtime().frames(&fs, &job).expect("the sheet is made");
    assert_eq!(report.missing.len(), 1);
    assert_close("missing", report.missing[0], 9.0, 0.0);
    let sheet = Picture::jpeg(&read(&fs, "/s.jpg"));
    assert_eq!((sheet.width, sheet.height), (320, 256));
    let shown: Vec<_> = tiles(&report)
        .into_iter()
        .map(|tile| spelled(&cut(&sheet, tile)))
        .collect();
    assert_eq!(shown, [10, 25, 25]);
    // Of two that begin together the first would be shown for no time; the last is until the film ends.
    let track = "WEBVTT\n\n00:00:00.400 --> 00:00:01.000\ns.jpg#xywh=0,0,160,128\n\n\
        00:00:01.000 --> 00:00:02.000\ns.jpg#xywh=0,128,160,128\n";
    assert_eq!(text(&fs, "/s.vtt"), track);
}

/// Pixels twice as wide as high: a picture of 80 by 96 is shown as one of 160 by 96.
#[test]
fn a_picture_of_another_shape_is_in_the_middle_of_its_tile() {
    let fs = MemFs::new();
    let data = [vec![200; 80 * 96], vec![128; 80 * 96 / 2]].concat();
    let source = Video {
        width: 80,
        height: 96,
        data,
    };
    let job = Job::new()
        .input(source.input(&fs, "/in.yuv", 25))
        .filter("[0:v]setsar=2[v]")
        .output(
            Output::file("/in.mp4")
                .map("[v]")
                .video_codec("libopenh264"),
        );
    runtime().process(&fs, &job).expect("the clip is encoded");
    let job = FramesJob::new("/in.mp4", "/s.png", Select::Timestamp(0.0));
    for (width, height, inside) in [
        // Wider than the picture: rows of black at the sides.
        (100, 30, (25, 0, 50, 30)),
        // Higher: above and below.
        (40, 64, (0, 20, 40, 24)),
    ] {
        let job = job.clone().sheet(Sheet::new(1, 1, width).height(height));
        let report = runtime().frames(&fs, &job).expect("the sheet is made");
        let sheet = Picture::png(&read(&fs, "/s.png"));
        let (x, y, w, h) = inside;
        assert_eq!(
            (sheet.width, sheet.height),
            (width as usize, height as usize)
        );
        assert_eq!(tiles(&report)[0].width, width);
        for (px, py) in (0..sheet.height).flat_map(|y| (0..sheet.width).map(move |x| (x, y))) {
            let is_inside = (x..x + w).contains(&px) && (y..y + h).contains(&py);
            let grey = sheet.at(px, py)[1];
            assert_eq!(
                grey > 150,
                is_inside,
                "{grey} at {px}, {py} of {width}x{height}"
            );
            assert!(grey == 0 || is_inside, "black around it");
        }
    }
}

#[test]
fn what_is_no_sheet_is_refused_by_name() {
    let fs = numbered();
    let refused = |fields: &str| {
        let spec = format!(
            r#"{{"version":10,"op":"frames","inputs":[{{"path":"/in.mp4"}}],"path":"/s.png",{fields}}}"#
        );
        let error = runtime()
            .process_json(&fs, &spec)
            .expect_err("it is refused");
        match error {
            JobError::Guest { class, message, .. } => {
                assert_eq!(class, ErrorClass::Spec, "{message}");
                message
            }
            other => panic!("{fields}: {other:?}"),
        }
    };
    let one = r#""select":{"timestamp":0}"#;
    for (fields, said) in [
        (
            r#""sheet":{"columns":2,"rows":1,"width":64,"gap":1}"#,
            "gap",
        ),
        (r#""sheet":{"columns":2,"width":64}"#, "rows is required"),
        (r#""sheet":{"columns":2,"rows":0,"width":64}"#, "rows"),
        (r#""sheet":{"columns":9000,"rows":1,"width":64}"#, "65500"),
        (
            r#""sheet":{"columns":1,"rows":1,"width":9,"track":""}"#,
            "track",
        ),
        (
            r#""scale":"4:4","sheet":{"columns":1,"rows":1,"width":9}"#,
            "scale",
        ),
    ] {
        let message = refused(&format!("{one},{fields}"));
        assert!(message.contains(said), "{fields}: {message}");
    }
    let several =
        r#""select":{"interval":0.5},"count":3,"sheet":{"columns":2,"rows":1,"width":64}"#;
    assert!(refused(several).contains("number token"));

    let track = FramesJob::new("/in.mp4", "/s.png", Select::Timestamp(0.0))
        .sheet(Sheet::new(1, 1, 64).track("/none/s.vtt"));
    let error = runtime()
        .frames(&fs, &track)
        .expect_err("there is no /none");
    assert!(
        matches!(
            &error,
            JobError::Guest {
                class: ErrorClass::OpenOutput,
                ..
            }
        ),
        "{error:?}"
    );
}

/// A file that is read while it is written, or written twice, is lost.
#[test]
fn pictures_do_not_replace_their_source_nor_each_other() {
    let fs = numbered();
    let source = read(&fs, "/in.mp4");
    let sheet = || Sheet::new(1, 1, 64);
    let at_zero = |path: &str| FramesJob::new("/in.mp4", path, Select::Timestamp(0.0));
    for (job, said) in [
        (at_zero("/in.mp4"), "is the input"),
        (at_zero("/./in.mp4").sheet(sheet()), "is the input"),
        (
            at_zero("/s.png").sheet(sheet().track("/in.mp4")),
            "is the input",
        ),
        (
            at_zero("/s.png").sheet(sheet().track("/s.png")),
            "is a sheet",
        ),
    ] {
        let error = runtime()
            .frames(&fs, &job)
            .expect_err("something would be lost");
        assert_eq!(error.class(), Some(ErrorClass::OpenOutput), "{error}");
        assert!(error.to_string().contains(said), "{error}");
        assert!(read(&fs, "/in.mp4") == source);
        assert!(!fs.exists("/s.png"));
    }
}

/// The builder refuses what the engine would.
#[test]
fn the_builder_knows_the_same_rules() {
    let job = |sheet| FramesJob::new("/in.mp4", "/s.png", Select::Interval(1.0)).sheet(sheet);
    let field = |job: &FramesJob| job.to_spec().expect_err("it is refused").field().to_owned();
    assert_eq!(field(&job(Sheet::new(0, 1, 64))), "sheet.columns");
    assert_eq!(field(&job(Sheet::new(1, 1, 64).height(0))), "sheet.height");
    assert_eq!(field(&job(Sheet::new(1, 9_000, 64).height(64))), "sheet");
    assert_eq!(field(&job(Sheet::new(2, 2, 64))), "path");
    assert_eq!(field(&job(Sheet::new(2, 2, 64)).scale("4:4")), "scale");
    assert_eq!(field(&job(Sheet::new(2, 2, 64).track(""))), "sheet.track");
    assert!(job(Sheet::new(2, 2, 64)).count(4).to_spec().is_ok());
}
