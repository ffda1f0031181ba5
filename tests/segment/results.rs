//! What the parts give together is what one piece gives.

use afmpeg::{Chapter, Chapters, Input, Job, MemFs, Output, Seek, Stream};

use crate::support::mp4::Parsed;
use crate::support::{mkv, pixels, read, runtime};
use crate::{LATE, OPEN_GOPS, PLAIN, both, films, parts, pool, same_times, small};

#[test]
fn open_groups_of_pictures_lose_no_frame_and_no_quality() {
    let fs = films(&[OPEN_GOPS]);
    let job = small(Input::file(OPEN_GOPS), "/out.mp4", false);
    let (whole, split) = both(&job, &fs, 2);
    let (whole_mp4, split_mp4) = (Parsed::new(&whole), Parsed::new(&split));
    same_times(whole_mp4.video(), split_mp4.video());
    let keys = |parsed: &Parsed| {
        let samples = &parsed.video().samples;
        samples.iter().filter(|sample| sample.is_sync).count()
    };
    assert_eq!((keys(&whole_mp4), keys(&split_mp4)), (1, 2));
    // What both were made of.
    let raw = Job::new()
        .input(Input::file(OPEN_GOPS))
        .filter("[0:v]scale=160:-2,format=yuv420p[v]")
        .output(Output::file("/raw.yuv").format("rawvideo").map("[v]"));
    runtime().process(&fs, &raw).expect("it decodes");
    let source = pixels::Video::from_raw(160, 90, read(&fs, "/raw.yuv"));
    let quality = |bytes: &[u8]| {
        let fs = MemFs::new();
        fs.write("/it.mp4", bytes).expect("there is room");
        let video = pixels::decode(&fs, "/it.mp4", 160, 90);
        assert_eq!(video.len(), source.len());
        pixels::psnr(&video.data, &source.data)
    };
    let (one, many) = (quality(&whole), quality(&split));
    assert!(
        many > one - 0.1,
        "{one:.2} dB in one piece, {many:.2} dB in parts"
    );
}

#[test]
fn video_that_begins_late_stays_beside_its_sound() {
    let fs = films(&[LATE]);
    let mut job = small(Input::file(LATE), "/out.mp4", true);
    job.outputs[0].duration = Some(1.5);
    let (whole, split) = both(&job, &fs, 3);
    let (whole, split) = (Parsed::new(&whole), Parsed::new(&split));
    assert!(whole.video().start() > 0.0, "the source is not what it was");
    same_times(whole.video(), split.video());
    same_times(whole.audio(), split.audio());
    let packets = |parsed: &Parsed| -> Vec<Vec<u8>> {
        let samples = parsed.audio().samples.iter();
        samples.map(|sample| sample.data.clone()).collect()
    };
    assert!(packets(&whole) == packets(&split), "the sound is another");
}

#[test]
fn matroska_keeps_tags_subtitles_chapters_and_times() {
    let fs = films(&[LATE]);
    let mut job = small(Input::file(LATE), "/out.mkv", true);
    job.outputs[0].map.insert(0, "0:s".to_owned());
    job.outputs[0] = job.outputs[0]
        .clone()
        .metadata("title", "In parts")
        .chapters(Chapters::List(vec![
            Chapter::new(0.0, "one"),
            Chapter::new(0.7, "two"),
        ]))
        .duration(1.4);
    let (whole, split) = both(&job, &fs, 2);
    let (one, many) = (mkv::Parsed::new(&whole), mkv::Parsed::new(&split));
    assert_eq!(one.tracks.len(), 3);
    for (a, b) in one.tracks.iter().zip(&many.tracks) {
        assert_eq!((&a.codec, a.kind), (&b.codec, b.kind));
        assert_eq!(a.times, b.times, "{}", a.codec);
    }
    assert_eq!(one.duration, many.duration);
    fs.write("/whole.mkv", whole).expect("there is room");
    let probe = |path: &str| runtime().probe(&fs, path).expect("it is a file");
    let (one, many) = (probe("/whole.mkv"), probe("/out.mkv"));
    assert_eq!(one.chapters, many.chapters);
    assert_eq!(one.chapters.len(), 2);
    assert_eq!(one.tags, many.tags);
    let told = |report: &afmpeg::ProbeReport| -> Vec<_> {
        let streams = report.streams.iter();
        streams
            .map(|s| (s.language.clone(), s.disposition.clone()))
            .collect()
    };
    assert_eq!(told(&one), told(&many));
}

#[test]
fn a_window_and_an_accurate_seek_end_at_the_same_frames() {
    let fs = films(&[LATE]);
    let input = Input::file(LATE).seek(Seek::accurate(0.7));
    let mut job = small(input, "/out.mp4", true);
    job.outputs[0].duration = Some(1.2);
    let (whole, split) = both(&job, &fs, 4);
    let (whole, split) = (Parsed::new(&whole), Parsed::new(&split));
    assert_eq!(whole.video().samples.len(), 30);
    same_times(whole.video(), split.video());
    same_times(whole.audio(), split.audio());
}

#[test]
fn the_full_form_and_other_inputs_of_the_sound() {
    let fs = films(&[PLAIN, "/bbb.flac"]);
    let job = Job::new()
        .input(Input::file(PLAIN))
        .input(Input::file("/bbb.flac"))
        .filter("[0:v]hflip,split[x][y];[y]vflip[z];[x][z]hstack[v];[1:a]atempo=1.25[a]")
        .output(
            Output::file("/out.mov")
                .stream(Stream::new("[a]").codec("flac").language("deu"))
                .stream(
                    Stream::new("[v]")
                        .codec("mjpeg")
                        .option("q:v", "5")
                        .language("eng")
                        .disposition("default"),
                )
                .format("matroska")
                .duration(1.5),
        );
    let mut job = job;
    job.outputs[0].streams[1].options.clear();
    job.outputs[0].path = "/out.mkv".to_owned();
    let (whole, split) = both(&job, &fs, 3);
    let (whole, split) = (mkv::Parsed::new(&whole), mkv::Parsed::new(&split));
    // Every picture is its own: they are the same bytes, wherever the job was cut.
    for (a, b) in whole.tracks.iter().zip(&split.tracks) {
        assert_eq!(a.times, b.times, "{}", a.codec);
        assert!(a.packets == b.packets, "{}", a.codec);
    }
    let probe = runtime().probe(&fs, "/out.mkv").expect("it is a file");
    let languages: Vec<_> = probe.streams.iter().map(|s| s.language.clone()).collect();
    assert_eq!(languages, [Some("deu".to_owned()), Some("eng".to_owned())]);
}

#[test]
fn streams_that_are_encoded_without_filters() {
    let fs = films(&[LATE]);
    let job = Job::new().input(Input::file(LATE)).output(
        Output::file("/out.mkv")
            .map("[0:a]")
            .map("[0:v]")
            .video_codec("mjpeg")
            .audio_codec("flac")
            .duration(0.6),
    );
    let (whole, split) = both(&job, &fs, 2);
    let (whole, split) = (mkv::Parsed::new(&whole), mkv::Parsed::new(&split));
    for (a, b) in whole.tracks.iter().zip(&split.tracks) {
        assert_eq!(a.times, b.times, "{}", a.codec);
        assert!(a.packets == b.packets, "{}", a.codec);
    }
    assert_eq!(whole.tracks[1].times.len(), 15);
}

#[test]
fn the_report_tells_what_all_parts_took() {
    let fs = films(&[PLAIN]);
    let job = small(Input::file(PLAIN), "/out.mp4", false);
    let whole = runtime()
        .process(&fs.snapshot(), &job)
        .expect("the job runs")
        .usage;
    let report = parts(job, 3).run(&pool(), &fs).expect("the parts run");
    let used = report.usage;
    // Each part has the work of its frames, and that of opening the files.
    assert!(
        used.fuel > whole.fuel && used.fuel < 3 * whole.fuel,
        "{used:?}, and {whole:?} in one piece"
    );
    // Each has a memory of its own.
    assert!(
        used.peak_memory > whole.peak_memory / 2 && used.peak_memory < 2 * whole.peak_memory,
        "{used:?}, and {whole:?} in one piece"
    );
    // The parts, and the output that is copied from them.
    let size = report.outputs[0].size.expect("it is told");
    assert!(used.bytes_written > size * 3 / 2, "{used:?}, {size} bytes");
    assert!(
        used.bytes_read > whole.bytes_read,
        "{used:?}, and {whole:?} in one piece"
    );
}
