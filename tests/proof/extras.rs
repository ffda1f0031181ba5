//! What an output carries beside its streams: chapters that the job writes, covers, attachments.

use afmpeg::{
    Attachment, Chapter, Chapters, ErrorClass, Input, Job, JobError, Output, Seek, Stream,
};

use crate::support::{assert_close, fixture, fs_with, read, runtime};

/// Copies half a second of sound into a file that carries something.
fn copy(to: Output) -> Job {
    Job::new()
        .input(Input::file("/bbb.m4a"))
        .output(to.map("0:a").audio_codec("copy").duration(0.5))
}

fn list() -> Chapters {
    Chapters::List(vec![
        Chapter::new(0.0, "first"),
        Chapter::new(0.2, "second, \u{e9}").end(0.3),
        Chapter::new(0.4, "cut"),
        Chapter::new(0.6, "behind the end"),
    ])
}

#[test]
fn chapters_of_the_job_are_written_and_cut_to_the_window() {
    let fs = fs_with(&["bbb.m4a"]);
    for path in ["/out.mkv", "/out.m4a"] {
        let job = copy(Output::file(path).chapters(list()));
        runtime().process(&fs, &job).expect("the job is done");
        let chapters = runtime().probe(&fs, path).expect("it is media").chapters;
        assert_eq!(chapters.len(), 3, "{path}");
        for (chapter, (start, end, title)) in chapters.iter().zip([
            (0.0, 0.2, "first"),
            (0.2, 0.3, "second, \u{e9}"),
            (0.4, 0.5, "cut"),
        ]) {
            assert_eq!(chapter.title.as_deref(), Some(title), "{path}");
            assert_close("start", chapter.start.expect("it has one"), start, 0.002);
            // The list of MP4 has no ends: a chapter lasts until the next.
            if path.ends_with("mkv") {
                assert_close("end", chapter.end.expect("it has one"), end, 0.002);
            }
        }
    }
    // By the letter of Matroska: ChapString elements with the titles, ChapterTimeStart of 0.4 s.
    let bytes = read(&fs, "/out.mkv");
    let has = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    assert!(has(b"\x85\x85first") && has("second, \u{e9}".as_bytes()) && !has(b"behind"));
    assert!(has(b"\x91\x84\x17\xd7\x84\x00"), "400000000 ns");
}

#[test]
fn chapters_of_an_input_are_moved_by_a_seek_and_cut_to_the_window() {
    let fs = fs_with(&["bbb.m4a"]);
    let chapters = Chapters::List(vec![
        Chapter::new(0.0, "one").end(1.0),
        Chapter::new(1.0, "two").end(2.0),
        Chapter::new(2.0, "three").end(3.0),
        Chapter::new(3.0, "four").end(4.0),
    ]);
    let first = Output::file("/in.mkv").map("0:a").audio_codec("copy");
    let job = Job::new()
        .input(Input::file("/bbb.m4a"))
        .output(first.chapters(chapters));
    runtime().process(&fs, &job).expect("the job is done");
    let job = Job::new()
        .input(Input::file("/in.mkv").seek(Seek::accurate(1.5)))
        .output(
            Output::file("/cut.mkv")
                .stream(Stream::new("[0:a]").codec("pcm_s16le"))
                .chapters(Chapters::Copy)
                .duration(1.0),
        );
    runtime().process(&fs, &job).expect("the cut is done");
    let cut = runtime().probe(&fs, "/cut.mkv").expect("it is media");
    let found: Vec<_> = cut
        .chapters
        .iter()
        .map(|c| {
            (
                c.title.as_deref(),
                c.start.expect("a start").as_secs(),
                c.end.expect("an end").as_secs(),
            )
        })
        .collect();
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!((found[0].0, found[1].0), (Some("two"), Some("three")));
    for (what, is, should) in [
        ("start of two", found[0].1, 0.0),
        ("end of two", found[0].2, 0.5),
        ("start of three", found[1].1, 0.5),
        ("end of three", found[1].2, 1.0),
    ] {
        assert_close(what, is, should, 0.05);
    }
}

#[test]
fn covers_are_kept_byte_for_byte() {
    for (cover, codec, size) in [
        ("bbb_180.jpg", "mjpeg", (320, 180)),
        ("bbb_180.png", "png", (320, 180)),
    ] {
        let fs = fs_with(&["bbb.m4a", "bbb.mp3", "bbb.flac", cover]);
        let picture = fixture(cover);
        for (from, to) in [
            ("/bbb.m4a", "/out.m4a"),
            ("/bbb.mp3", "/out.mp3"),
            ("/bbb.flac", "/out.flac"),
            ("/bbb.m4a", "/out.mkv"),
        ] {
            let job = Job::new().input(Input::file(from)).output(
                Output::file(to)
                    .map("0:a")
                    .audio_codec("copy")
                    .attachment(Attachment::cover(format!("/{cover}"))),
            );
            let report = runtime().process(&fs, &job).expect("the job is done");
            let told = report.outputs[0]
                .streams
                .last()
                .expect("the cover is told of");
            assert_eq!(
                (told.width, told.height),
                (Some(size.0), Some(size.1)),
                "{to}"
            );
            assert_eq!(told.bytes, Some(picture.len() as u64), "{to}");
            let bytes = read(&fs, to);
            assert!(
                bytes.windows(picture.len()).any(|part| part == picture),
                "{to} holds the file as it is"
            );
            let probe = runtime().probe(&fs, to).expect("it is media");
            let streams = probe.streams.iter();
            let covers: Vec<_> = streams
                .filter(|s| s.disposition.iter().any(|flag| flag == "attached_pic"))
                .collect();
            assert_eq!(covers.len(), 1, "{to}");
            assert_eq!(covers[0].codec.as_deref(), Some(codec), "{to}");
            assert_eq!(
                (covers[0].width, covers[0].height),
                (Some(size.0), Some(size.1))
            );
        }
        // Nothing but the cover's own file says which cover it is.
        let bytes = read(&fs, "/out.mkv");
        let name = if codec == "png" {
            "cover.png"
        } else {
            "cover.jpg"
        };
        assert!(
            bytes
                .windows(name.len())
                .any(|part| part == name.as_bytes())
        );
    }
}

#[test]
fn the_cover_of_the_job_takes_the_place_of_the_inputs() {
    let fs = fs_with(&["bbb.mp3", "bbb_180.jpg", "bbb_180.png"]);
    let with = |from: &str, to: &str, cover: &str| {
        Job::new().input(Input::file(from)).output(
            Output::file(to)
                .audio_codec("copy")
                .attachment(Attachment::cover(cover)),
        )
    };
    let jobs = [
        with("/bbb.mp3", "/one.mp3", "/bbb_180.jpg"),
        with("/one.mp3", "/two.mp3", "/bbb_180.png"),
    ];
    for job in &jobs {
        runtime().process(&fs, job).expect("the job is done");
    }
    let streams = runtime()
        .probe(&fs, "/two.mp3")
        .expect("it is media")
        .streams;
    let codecs: Vec<_> = streams.iter().filter_map(|s| s.codec.as_deref()).collect();
    assert_eq!(codecs, ["mp3", "png"]);
}

#[test]
fn matroska_carries_any_file_with_its_name_and_type() {
    let fs = fs_with(&["bbb.m4a"]);
    fs.create_dir_all("/fonts").expect("a directory");
    let font: Vec<u8> = (0..5000_u32).flat_map(|n| n.to_be_bytes()).collect();
    fs.write("/fonts/Some Font.ttf", font.clone())
        .expect("a file");
    fs.write("/data", b"what it is").expect("a file");
    let job = copy(
        Output::file("/out.mkv")
            .attachment(Attachment::file("/fonts/Some Font.ttf"))
            .attachment(Attachment::file("/data").mime("x-our/own")),
    );
    let report = runtime().process(&fs, &job).expect("the job is done");
    let kinds: Vec<_> = report.outputs[0]
        .streams
        .iter()
        .map(|s| s.kind.as_str())
        .collect();
    assert_eq!(kinds, ["audio", "attachment", "attachment"]);
    let bytes = read(&fs, "/out.mkv");
    let has = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    for part in [
        "Some Font.ttf",
        "font/ttf",
        "data",
        "x-our/own",
        "what it is",
    ] {
        assert!(has(part.as_bytes()), "{part}");
    }
    assert!(has(&font));
}

#[test]
fn what_cannot_be_attached_is_refused_by_name() {
    let fs = fs_with(&["bbb.m4a", "bbb.mp3", "bbb_180.jpg"]);
    fs.write("/none", b"").expect("a file");
    fs.write("/short.jpg", [0xff, 0xd8, 0xff, 0xe0, 0, 16])
        .expect("a file");
    for (output, attachment, class, part) in [
        (
            "/out.m4a",
            Attachment::file("/bbb_180.jpg"),
            ErrorClass::Mux,
            "attachments",
        ),
        (
            "/out.aac",
            Attachment::cover("/bbb_180.jpg"),
            ErrorClass::Mux,
            "covers",
        ),
        (
            "/out.m4a",
            Attachment::cover("/bbb.mp3"),
            ErrorClass::Mux,
            "JPEG or PNG",
        ),
        (
            "/out.m4a",
            Attachment::cover("/short.jpg"),
            ErrorClass::Mux,
            "size",
        ),
        (
            "/out.mkv",
            Attachment::file("/nowhere"),
            ErrorClass::OpenInput,
            "/nowhere",
        ),
        (
            "/out.mkv",
            Attachment::file("/none"),
            ErrorClass::OpenInput,
            "0 bytes",
        ),
    ] {
        let job = copy(Output::file(output).attachment(attachment));
        let error = runtime().process(&fs, &job).expect_err(part);
        let JobError::Guest {
            class: found,
            message,
            where_,
            ..
        } = &error
        else {
            panic!("{part}: {error}");
        };
        assert_eq!(found, &class, "{message}");
        assert!(message.contains(part), "{message}");
        assert_eq!(where_.as_deref(), Some("outputs[0].attachments[0]"));
    }
}
