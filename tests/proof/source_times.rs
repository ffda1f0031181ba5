//! `copy_ts`: an output whose times are those of its source, in its streams, its window and its chapters.

use afmpeg::{Chapter, Chapters, Cut, Input, Job, MemFs, Output, Seek, Stream};
use matroska_demuxer::TrackType;

use crate::support::mkv::{Parsed, ParsedTrack};
use crate::support::{assert_close, fs_with, read, runtime};

const CLIP: &str = "bbb_180_bframes_subs.mkv";

fn source(fs: &MemFs) -> Parsed {
    Parsed::new(&read(fs, &format!("/{CLIP}")))
}

fn from(seek: Seek) -> Input {
    Input::file(format!("/{CLIP}")).seek(seek)
}

#[track_caller]
fn made(fs: &MemFs, job: &Job) -> Parsed {
    runtime().process(fs, job).expect("the job is done");
    Parsed::new(&read(fs, "/out.mkv"))
}

/// Remuxes the clip into `/in.ts`, whose clock does not begin at 0: at how many seconds it does.
fn transport_stream(fs: &MemFs) -> f64 {
    let ts = Output::file("/in.ts").map("0:v").map("0:a");
    let job = Job::new()
        .input(Input::file(format!("/{CLIP}")))
        .output(ts.video_codec("copy").audio_codec("copy"));
    runtime().process(fs, &job).expect("the remux is done");
    let probe = runtime().probe(fs, "/in.ts").expect("it is media");
    let clock = probe.start.expect("a start").as_secs();
    assert!(clock > 1.0, "what the test is worth");
    clock
}

/// Copied packets have the times that the same packets have in the source.
#[track_caller]
fn assert_same_times(what: &str, cut: &ParsedTrack, source: &ParsedTrack) {
    assert!(!cut.packets.is_empty(), "{what}");
    let at = (source.packets.iter())
        .position(|packet| *packet == cut.packets[0])
        .expect("the first packet is of the source");
    for (n, (packet, time)) in cut.packets.iter().zip(&cut.times).enumerate() {
        assert!(*packet == source.packets[at + n], "{what}: packet {n}");
        assert_close(what, *time, source.times[at + n], 0.0015);
    }
}

fn copied(input: Input, output: Output) -> Job {
    let output = output.map("0:v").map("0:a");
    Job::new()
        .input(input)
        .output(output.video_codec("copy").audio_codec("copy").copy_ts())
}

#[test]
fn copied_packets_keep_the_times_of_the_source() {
    let fs = fs_with(&[CLIP]);
    let source = source(&fs);
    for (output, last) in [
        (Output::file("/out.mkv"), 4.0),
        // A position in the source, and not so many seconds.
        (Output::file("/out.mkv").end(3.0), 3.0),
        (Output::file("/out.mkv").duration(1.0), 1.92 + 1.0),
    ] {
        let cut = made(&fs, &copied(from(Seek::fast(2.5)), output));
        for kind in [TrackType::Video, TrackType::Audio] {
            let (cut, source) = (cut.only(kind), source.only(kind));
            assert_same_times(&format!("{kind:?} until {last}"), cut, source);
            assert_close("begin", cut.start(), 1.94, 0.05);
            let end = cut.times.iter().copied().fold(0.0, f64::max);
            // Reordered pictures are decided on by when they are decoded.
            assert_close(&format!("last {kind:?}"), end, last, 0.13);
        }
    }
}

#[test]
fn encoded_frames_keep_the_times_of_the_source() {
    let fs = fs_with(&[CLIP]);
    let source = source(&fs);
    let mut times = source.only(TrackType::Video).times.clone();
    times.sort_by(f64::total_cmp);
    let key = times[48];
    for (seek, begin) in [(Seek::accurate(2.51), 2.51), (Seek::fast(2.51), key)] {
        for (output, end) in [
            (Output::file("/out.mkv"), 9.0),
            (Output::file("/out.mkv").end(3.01), 3.01),
            (Output::file("/out.mkv").duration(0.3), begin + 0.3),
        ] {
            let output = output.copy_ts();
            let output = output
                .stream(Stream::new("[0:v]").codec("mjpeg"))
                .stream(Stream::new("[0:a]").codec("pcm_s16le"));
            let cut = made(&fs, &Job::new().input(from(seek)).output(output));
            let expected: Vec<f64> = (times.iter().copied())
                .filter(|&time| time > begin - 0.002 && time < end - 0.002)
                .collect();
            let video = &cut.only(TrackType::Video).times;
            assert_eq!(video.len(), expected.len(), "{seek:?} until {end}");
            for (time, expected) in video.iter().zip(expected) {
                assert_close("frame", *time, expected, 0.0015);
            }
            let audio = cut.only(TrackType::Audio);
            assert_close("sound begins", audio.start(), begin, 0.03);
            let samples: usize = audio.packets.iter().map(|p| p.len() / 4).sum();
            let length = end.min(4.0) - begin;
            let rate = 48_000.0;
            assert_close("length of sound", samples as f64 / rate, length, 0.05);
        }
    }
}

/// What a smart cut encodes and what it copies stand on one time line, that of the source.
#[test]
fn a_smart_cut_keeps_the_times_of_the_source() {
    let fs = fs_with(&[CLIP]);
    let source = source(&fs);
    let mut expected = source.only(TrackType::Video).times.clone();
    expected.retain(|&time| (1.51..3.01).contains(&time));
    expected.sort_by(f64::total_cmp);
    let output = Output::file("/out.mkv").end(3.01).cut(Cut::Smart);
    let cut = made(&fs, &copied(from(Seek::fast(1.51)), output));
    let mut times = cut.only(TrackType::Video).times.clone();
    times.sort_by(f64::total_cmp);
    assert_eq!(times.len(), expected.len());
    for (time, expected) in times.iter().zip(expected) {
        assert_close("frame", *time, expected, 0.0015);
    }
    let (cut, source) = (cut.only(TrackType::Audio), source.only(TrackType::Audio));
    assert_same_times("sound", cut, source);
    assert_close("sound begins", cut.start(), 1.51, 0.03);
}

/// The clock of a transport stream does not begin at 0. A start is counted from the stream's own, and an end is a time
/// of the clock.
#[test]
fn the_clock_of_a_transport_stream_is_kept() {
    let fs = fs_with(&[CLIP]);
    let clock = transport_stream(&fs);
    let mut times = source(&fs).only(TrackType::Video).times.clone();
    times.sort_by(f64::total_cmp);
    for (start, end) in [(0.0, clock + 1.0), (2.51, clock + 3.01)] {
        let output = Output::file("/out.mkv").copy_ts().end(end);
        let input = Input::file("/in.ts");
        let input = if start > 0.0 {
            input.seek(Seek::accurate(start))
        } else {
            input
        };
        let job = Job::new()
            .input(input)
            .output(output.stream(Stream::new("[0:v]").codec("mjpeg")));
        let made = made(&fs, &job);
        let found = &made.only(TrackType::Video).times;
        let mut expected: Vec<f64> = times.iter().map(|time| time + clock).collect();
        expected.retain(|time| (clock + start..end).contains(time));
        assert_eq!(found.len(), expected.len(), "from {start}");
        for (time, expected) in found.iter().zip(expected) {
            assert_close("frame", *time, expected, 0.0015);
        }
    }
}

/// Chapters of a second each, seen through a window from 1.5 s to 2.5 s: those before it and behind it are not there,
/// and those that its edges cut begin and end with it.
#[test]
fn chapters_are_cut_where_the_window_begins_and_ends() {
    let fs = fs_with(&["bbb.m4a", "bbb_180_bframes_subs.mkv"]);
    let chapters = ["one", "two", "three", "four"].into_iter().enumerate();
    let chapters = chapters
        .map(|(n, title)| Chapter::new(n as f64, title).end(n as f64 + 1.0))
        .collect();
    let first = Output::file("/in.mkv").map("0:a").audio_codec("copy");
    let job = Job::new()
        .input(Input::file("/bbb.m4a"))
        .output(first.chapters(Chapters::List(chapters)));
    runtime().process(&fs, &job).expect("the job is done");
    let sound = || Stream::new("[0:a]").codec("pcm_s16le");
    for (seek, stream) in [
        (Seek::accurate(1.5), sound()),
        (Seek::fast(1.5), sound()),
        (Seek::fast(1.5), Stream::new("0:a")),
    ] {
        let what = format!("{seek:?} {}", stream.from);
        let output = Output::file("/cut.mkv").copy_ts().end(2.5);
        let job = Job::new()
            .input(Input::file("/in.mkv").seek(seek))
            .output(output.stream(stream).chapters(Chapters::Copy));
        runtime().process(&fs, &job).expect("the cut is done");
        let cut = runtime().probe(&fs, "/cut.mkv").expect("it is media");
        let titles: Vec<_> = cut.chapters.iter().map(|c| c.title.as_deref()).collect();
        assert_eq!(titles, [Some("two"), Some("three")], "{what}");
        for (chapter, start, end) in [(&cut.chapters[0], 1.5, 2.0), (&cut.chapters[1], 2.0, 2.5)] {
            assert_close(&what, chapter.start.expect("a start"), start, 0.03);
            assert_close(&what, chapter.end.expect("an end"), end, 0.03);
        }
    }
    // Beside a stream whose source begins at another time, in either order.
    for maps in [["0:a", "1:v"], ["1:v", "0:a"]] {
        let output = Output::file("/both.mkv").map(maps[0]).map(maps[1]);
        let output = output.audio_codec("copy").video_codec("copy");
        let job = Job::new()
            .input(Input::file("/in.mkv").seek(Seek::fast(1.5)))
            .input(Input::file("/bbb_180_bframes_subs.mkv"))
            .output(output.copy_ts().end(2.5).chapters(Chapters::Copy));
        runtime().process(&fs, &job).expect("the cut is done");
        let cut = runtime().probe(&fs, "/both.mkv").expect("it is media");
        let ends: Vec<_> = cut.chapters.iter().filter_map(|c| c.end).collect();
        assert_eq!(ends.len(), 2, "{maps:?}: {ends:?}");
        assert_close("the last end", ends[1], 2.5, 0.03);
    }
}

/// Of streams whose windows end at different times of the output's line the last one counts for chapters of the job.
#[test]
fn chapters_of_the_job_last_as_long_as_the_longest_stream() {
    let fs = fs_with(&["bbb.m4a", "bbb_180_bframes_subs.mkv"]);
    for maps in [["0:a", "1:v"], ["1:v", "0:a"]] {
        let output = Output::file("/out.mkv").map(maps[0]).map(maps[1]);
        let output = output.audio_codec("copy").video_codec("copy");
        let chapters = Chapters::List(vec![Chapter::new(2.0, "late")]);
        let job = Job::new()
            .input(Input::file("/bbb.m4a").seek(Seek::fast(1.5)))
            .input(Input::file("/bbb_180_bframes_subs.mkv"))
            .output(output.copy_ts().duration(1.0).chapters(chapters));
        runtime().process(&fs, &job).expect("the cut is done");
        let cut = runtime().probe(&fs, "/out.mkv").expect("it is media");
        let [chapter] = &cut.chapters[..] else {
            panic!("{maps:?}: {:?}", cut.chapters);
        };
        assert_close("start", chapter.start.expect("a start"), 2.0, 0.002);
        assert_close("end", chapter.end.expect("an end"), 2.5, 0.03);
    }
}

/// Two inputs, one sought and one whose clock begins late, in an output that keeps their times and in one that does not:
/// each input has its own time line in the first, and all begin at 0 in the second.
#[test]
fn each_input_keeps_its_own_times() {
    let fs = fs_with(&[CLIP]);
    let source = source(&fs);
    let clock = transport_stream(&fs);
    let output = |path: &str| {
        let output = Output::file(path).map("0:v").map("1:a");
        output.video_codec("copy").audio_codec("copy")
    };
    let job = Job::new()
        .input(from(Seek::fast(2.5)))
        .input(Input::file("/in.ts"))
        .output(output("/kept.mkv").copy_ts())
        .output(output("/moved.mkv"));
    runtime().process(&fs, &job).expect("the job is done");
    let [kept, moved] = ["/kept.mkv", "/moved.mkv"].map(|path| Parsed::new(&read(&fs, path)));
    let video = kept.only(TrackType::Video);
    assert_same_times("kept pictures", video, source.only(TrackType::Video));
    assert_close("the key frame", video.start(), 1.94, 0.05);
    let (sound, heard) = (kept.only(TrackType::Audio), source.only(TrackType::Audio));
    let first = f64::min(source.only(TrackType::Video).start(), heard.start());
    assert_eq!(sound.times.len(), heard.times.len());
    for (time, expected) in sound.times.iter().zip(&heard.times) {
        assert_close("kept sound", *time, expected - first + clock, 0.0015);
    }
    for (kind, origin) in [(TrackType::Video, 1.92), (TrackType::Audio, clock)] {
        let (kept, moved) = (kept.only(kind), moved.only(kind));
        assert!(kept.packets == moved.packets, "the same {kind:?}");
        let shift = kept.times[0] - moved.times[0];
        assert_close(&format!("origin of {kind:?}"), shift, origin, 0.025);
        for (kept, moved) in kept.times.iter().zip(&moved.times) {
            assert_close("by as much", kept - moved, shift, 0.0015);
        }
    }
}
