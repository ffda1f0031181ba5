//! Tags: whose a file carries, what the job sets, and what it says of single streams.

use std::io::Cursor;

use afmpeg::{Chapter, Chapters, Input, Job, MemFs, MetadataFrom, Output, Stream, StreamMetadata};
use matroska_demuxer::MatroskaFile;

use crate::support::{assert_close, fs_with, read, runtime};

/// Two files of the same sound, with tags and chapters that tell them apart.
fn two() -> MemFs {
    let fs = fs_with(&["bbb.m4a"]);
    for (name, length) in [("one", 1.0), ("two", 2.0)] {
        let output = Output::file(format!("/{name}.mkv"))
            .map("0:a")
            .audio_codec("copy")
            .metadata("title", name)
            .metadata("artist", format!("artist of {name}"))
            .chapters(Chapters::List(vec![
                Chapter::new(0.0, format!("chapter of {name}")).end(length),
            ]));
        let job = Job::new().input(Input::file("/bbb.m4a")).output(output);
        runtime().process(&fs, &job).expect("the file is made");
    }
    fs
}

/// Copies the first of two inputs.
fn copy(output: Output) -> Job {
    Job::new()
        .input(Input::file("/one.mkv"))
        .input(Input::file("/two.mkv"))
        .output(output.map("0:a").audio_codec("copy"))
}

/// The title in the file's own words, and the artist.
#[track_caller]
fn told(fs: &MemFs, output: Output) -> (Option<String>, Option<String>) {
    let path = output.path.clone();
    runtime()
        .process(fs, &copy(output))
        .expect("the job is done");
    let tags = runtime().probe(fs, &path).expect("it is media").tags;
    let find = |name: &str| {
        let mut tags = tags.iter();
        let found = tags.find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.clone())
    };
    if path.ends_with("mkv") {
        let file = MatroskaFile::open(Cursor::new(read(fs, &path))).expect("it is Matroska");
        assert_eq!(file.info().title(), find("title").as_deref());
    }
    (find("title"), find("artist"))
}

#[test]
fn tags_are_the_first_inputs_or_anothers_or_nobodys_and_the_jobs_win() {
    let fs = two();
    for path in ["/out.mkv", "/out.m4a"] {
        let output = || Output::file(path);
        let some = |title: &str, artist: &str| (Some(title.to_owned()), Some(artist.to_owned()));
        assert_eq!(told(&fs, output()), some("one", "artist of one"));
        let from = |index| output().metadata_from(MetadataFrom::Input(index));
        assert_eq!(told(&fs, from(0)), some("one", "artist of one"));
        assert_eq!(told(&fs, from(1)), some("two", "artist of two"));
        let nobody = || output().metadata_from(MetadataFrom::None);
        assert_eq!(told(&fs, nobody()), (None, None));
        let ours = from(1).metadata("title", "ours, \u{e9}");
        assert_eq!(told(&fs, ours), some("ours, \u{e9}", "artist of two"));
        let alone = nobody().metadata("artist", "ours");
        assert_eq!(told(&fs, alone), (None, Some("ours".to_owned())));
    }
}

#[test]
fn chapters_are_another_inputs_or_none() {
    let fs = two();
    for (chapters, title) in [
        (Chapters::Copy, Some(("chapter of one", 1.0))),
        (Chapters::Input(1), Some(("chapter of two", 2.0))),
        (Chapters::None, None),
    ] {
        let job = copy(Output::file("/out.mkv").chapters(chapters));
        runtime().process(&fs, &job).expect("the job is done");
        let found = runtime().probe(&fs, "/out.mkv").expect("media").chapters;
        let titles: Vec<_> = found.iter().filter_map(|c| c.title.as_deref()).collect();
        assert_eq!(titles, Vec::from_iter(title.map(|t| t.0)));
        assert_eq!(found.len(), titles.len());
        if let Some((title, end)) = title {
            assert_close(title, found[0].end.expect("an end"), end, 0.001);
        }
    }
}

#[test]
fn the_short_form_says_of_streams_what_the_full_form_does() {
    let fs = fs_with(&["bbb_180_bframes_subs.mkv"]);
    let short = Output::file("/short.mkv")
        .map("0:v")
        .map("[a]")
        .map("0:s")
        .video_codec("copy")
        .audio_codec("flac")
        .stream_metadata("0:v", StreamMetadata::new().tag("title", "the film"))
        .stream_metadata("[a]", StreamMetadata::new().language("fra"))
        .stream_metadata(
            "0:s",
            StreamMetadata::new()
                .language("deu")
                .disposition("forced")
                .disposition("hearing_impaired"),
        );
    let full = Output::file("/full.mkv")
        .stream(Stream::new("0:v").tag("title", "the film"))
        .stream(Stream::new("[b]").codec("flac").language("fra"))
        .stream(
            Stream::new("0:s")
                .language("deu")
                .disposition("forced")
                .disposition("hearing_impaired"),
        );
    let job = Job::new()
        .input(Input::file("/bbb_180_bframes_subs.mkv"))
        .filter("[0:a]asplit[a][b]")
        .output(short)
        .output(full);
    runtime().process(&fs, &job).expect("the job is done");
    // What nothing is said of stays as it was, in a stream that is encoded too.
    let kept = Output::file("/kept.mkv")
        .stream(Stream::new("0:v"))
        .stream(Stream::new("[0:a]").codec("pcm_s16le"))
        .stream(Stream::new("0:s"));
    let job = Job::new().input(Input::file("/short.mkv")).output(kept);
    runtime().process(&fs, &job).expect("the job is done");
    for path in ["/short.mkv", "/full.mkv", "/kept.mkv"] {
        let file = MatroskaFile::open(Cursor::new(read(&fs, path))).expect("it is Matroska");
        let tracks = file.tracks();
        assert_eq!(tracks[0].name(), Some("the film"), "{path}");
        let languages: Vec<_> = tracks[1..].iter().map(|track| track.language()).collect();
        assert_eq!(languages, [Some("fra"), Some("deu")], "{path}");
        let forced: Vec<_> = tracks.iter().map(|track| track.flag_forced()).collect();
        assert_eq!(forced, [false, false, true], "{path}");
        assert!(tracks[2].flag_hearing_impaired(), "{path}");
    }
}

#[test]
fn mp4_has_the_languages_of_its_streams() {
    let fs = fs_with(&["bbb_180_bframes_subs.mkv"]);
    let output = Output::file("/out.mp4")
        .stream(Stream::new("0:v").language("jpn"))
        .stream(Stream::new("[0:a]").codec("aac").language("fra"));
    let job = Job::new()
        .input(Input::file("/bbb_180_bframes_subs.mkv"))
        .output(output.duration(0.5));
    runtime().process(&fs, &job).expect("the job is done");
    let mp4 = re_mp4::Mp4::read_bytes(&read(&fs, "/out.mp4")).expect("it is MP4");
    let traks = mp4.moov.traks.iter();
    let languages: Vec<_> = traks.map(|trak| trak.mdia.mdhd.language.as_str()).collect();
    assert_eq!(languages, ["jpn", "fra"]);
}
