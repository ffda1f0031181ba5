//! Files with picture and sound that are read as one, joined or repeated: nothing is lost, doubled or moved.

use afmpeg::{Input, Job, MemFs, Output, Seek};

use matroska_demuxer::TrackType;
use re_mp4::TrackKind;

use crate::support::events::{events, flash_and_beep};
use crate::support::mp4::{Parsed, ParsedTrack};
use crate::support::{assert_close, fs_with, mkv, pixels, read, reference, runtime};

const CLIP: &str = "bbb_180_bframes_subs.mkv";

/// The fixture's picture and sound as an MP4, which is the first part and the second.
fn parts() -> (MemFs, Parsed) {
    let fs = fs_with(&[CLIP]);
    let job = copied(Input::file(format!("/{CLIP}")), "/part.mp4");
    runtime().process(&fs, &job).expect("the remux is done");
    let part = Parsed::new(&read(&fs, "/part.mp4"));
    (fs, part)
}

fn twice() -> Input {
    Input::concat(["/part.mp4", "/part.mp4"])
}

fn copied(input: Input, path: &str) -> Job {
    Job::new().input(input).output(
        Output::file(path)
            .map("0:v")
            .map("0:a")
            .video_codec("copy")
            .audio_codec("copy"),
    )
}

fn encoded(input: Input, path: &str) -> Job {
    Job::new()
        .input(input)
        .filter("[0:v]null[v];[0:a]anull[a]")
        .output(
            Output::file(path)
                .map("[v]")
                .map("[a]")
                .video_codec("libopenh264")
                .audio_codec("aac")
                .video_option("b", 500_000),
        )
}

/// When the picture begins against the sound.
fn offset(mp4: &Parsed) -> f64 {
    mp4.video().start() - mp4.audio().start()
}

/// How long a part is: from where its sound begins to where the longer of both ends.
fn length(part: &Parsed) -> f64 {
    part.audio().end().max(part.video().end()) - part.audio().start()
}

/// The NAL units of a packet but for the parameter sets, which each of the joined files may have of its own: they
/// stand before its key frames.
fn pictures(mut packet: &[u8]) -> Vec<&[u8]> {
    let mut units = Vec::new();
    while let Some((size, rest)) = packet.split_first_chunk() {
        let (unit, rest) = rest.split_at(u32::from_be_bytes(*size) as usize);
        if !matches!(unit[0] & 31, 7 | 8) {
            units.push(unit);
        }
        packet = rest;
    }
    units
}

/// The samples of a track that is two parts, the second with the times of the first at `from`.
#[track_caller]
fn assert_twice(what: &str, joined: &ParsedTrack, part: &ParsedTrack, from: f64, within: f64) {
    let count = part.samples.len();
    assert_eq!(joined.samples.len(), 2 * count, "{what}");
    let first = part.samples[0].pts;
    for (n, sample) in joined.samples.iter().enumerate() {
        let (own, begin) = (&part.samples[n % count], if n < count { 0.0 } else { from });
        let same = match joined.kind {
            TrackKind::Video => pictures(&sample.data) == pictures(&own.data),
            _ => sample.data == own.data,
        };
        assert!(same, "{what}: packet {n} changed");
        let time = sample.pts - joined.samples[0].pts;
        assert_close(what, time, own.pts - first + begin, within);
    }
}

#[test]
fn a_copy_of_two_files_has_every_packet_and_the_second_where_the_first_ends() {
    assert_copied_twice(twice());
}

#[test]
fn a_copy_of_a_repeated_file_has_every_packet_twice() {
    assert_copied_twice(Input::file("/part.mp4").repeat(1));
}

#[track_caller]
fn assert_copied_twice(input: Input) {
    let (fs, part) = parts();
    runtime()
        .process(&fs, &copied(input, "/out.mp4"))
        .expect("the files are joined");
    let out = Parsed::new(&read(&fs, "/out.mp4"));
    let count = part.video().samples.len();
    let second = out.video().samples[count].pts - out.video().samples[0].pts;
    assert_close("the second part", second, length(&part), 0.0015);
    assert_twice("picture", out.video(), part.video(), second, 0.0015);
    // Both are moved by the same, and not each by its own length.
    assert_twice("sound", out.audio(), part.audio(), second, 0.0015);
    assert_close("A/V offset", offset(&out), offset(&part), 0.0015);

    let shown = pixels::decode(&fs, "/out.mp4", 320, 180).digests();
    assert_eq!(shown, [reference(CLIP), reference(CLIP)].concat());
}

#[test]
fn two_files_encoded_as_one_have_every_frame_and_all_the_sound() {
    let (fs, part) = parts();
    runtime()
        .process(&fs, &encoded(twice(), "/out.mp4"))
        .expect("the files are joined");
    let out = Parsed::new(&read(&fs, "/out.mp4"));
    assert_eq!(out.video().samples.len(), 2 * part.video().samples.len());
    let first = out.video().start();
    for (n, time) in out.video().times().iter().enumerate() {
        assert_close("frame", *time - first, n as f64 / 25.0, 0.04);
    }
    // A packet of AAC lasts 21 ms.
    assert_close("sound", out.audio().duration, 8.0, 0.065);
    assert_close("A/V offset", offset(&out), offset(&part), 0.04);
}

/// What is seen and heard of a second file at one moment stays together, wherever the reading begins.
#[test]
fn sound_and_picture_of_the_second_file_stay_together() {
    let fs = MemFs::new();
    flash_and_beep(&fs, "/dark.mp4", 9.0, 0.8);
    flash_and_beep(&fs, "/event.mp4", 0.5, 1.0);
    let input = || Input::concat(["/dark.mp4", "/event.mp4"]);
    for (what, job, at) in [
        ("copied", copied(input(), "/out.mp4"), 1.3),
        ("encoded", encoded(input(), "/out.mp4"), 1.3),
        (
            // The second file begins with the key frame that is found.
            "copied from 1 s",
            copied(input().seek(Seek::fast(1.0)), "/out.mp4"),
            0.5,
        ),
        (
            "encoded from the key frame before 1 s",
            encoded(input().seek(Seek::fast(1.0)), "/out.mp4"),
            0.5,
        ),
        (
            "encoded from 1 s",
            encoded(input().seek(Seek::accurate(1.0)), "/out.mp4"),
            0.3,
        ),
    ] {
        runtime().process(&fs, &job).expect(what);
        let (flash, beep) = events(&fs, "/out.mp4");
        assert_close(&format!("flash, {what}"), flash, at, 0.045);
        assert_close(&format!("beep against flash, {what}"), beep, flash, 0.04);
    }
}

#[test]
fn a_fast_seek_into_the_second_file_begins_with_its_key_frame() {
    let (fs, part) = parts();
    let job = copied(twice().seek(Seek::fast(6.5)), "/cut.mp4");
    runtime().process(&fs, &job).expect("the cut is done");
    let cut = Parsed::new(&read(&fs, "/cut.mp4"));
    let (cut, source) = (cut.video(), &part.video().samples);
    let key = (source.iter())
        .rposition(|sample| sample.is_sync && sample.pts <= 2.5)
        .expect("a key frame before it");
    assert!(key > 0, "not the first of the file");
    assert_eq!(cut.samples.len(), source.len() - key);
    assert!(
        (cut.samples.iter().zip(&source[key..]))
            .all(|(a, b)| pictures(&a.data) == pictures(&b.data))
    );
}

/// Times of a source that is several files are those of all of them together.
#[test]
fn the_second_file_keeps_its_times() {
    let (fs, part) = parts();
    let mut job = copied(twice().seek(Seek::fast(6.5)), "/cut.mkv");
    job.outputs[0].copy_ts = true;
    runtime().process(&fs, &job).expect("the cut is done");
    let cut = mkv::Parsed::new(&read(&fs, "/cut.mkv"));
    let keys = part.video().samples.iter().filter(|sample| sample.is_sync);
    let key = keys.map(|sample| sample.pts).nth(1).expect("a second one");
    let begin = length(&part) + key - part.audio().start();
    let video = cut.only(TrackType::Video);
    assert_close("picture", video.start(), begin, 0.0015);
    let audio = cut.only(TrackType::Audio);
    assert_close("sound", audio.start(), begin, 0.022);
}

#[test]
fn an_accurate_seek_into_the_second_file_begins_with_the_very_frame() {
    let (fs, part) = parts();
    for start in [4.5, 6.5] {
        let own = start - length(&part) - offset(&part);
        #[expect(clippy::cast_possible_truncation, reason = "a hundred at most")]
        let first = (own * 25.0).ceil() as usize;
        let raw = Output::file("/cut.yuv")
            .format("rawvideo")
            .map("[v]")
            .video_codec("rawvideo")
            .duration(0.4);
        let job = Job::new()
            .input(twice().seek(Seek::accurate(start)))
            .filter("[0:v]null[v]")
            .output(raw);
        runtime().process(&fs, &job).expect("the cut is done");
        let cut = pixels::Video::from_raw(320, 180, read(&fs, "/cut.yuv")).digests();
        assert_eq!(cut, reference(CLIP)[first..first + 10], "from {start}");
    }
}
