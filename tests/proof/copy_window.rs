//! Copied windows over pictures that are decoded in another order than they are shown, cut at every frame.

use afmpeg::{Input, Job, Output, Seek};
use matroska_demuxer::TrackType;

use crate::support::h264::{Kind, Picture};
use crate::support::mp4::Parsed;
use crate::support::{assert_close, fs_with, mkv, pixels, read, reference, runtime};

const CLIP: &str = "bbb_180_bframes_subs.mkv";

/// What the sweep is worth: the clip has the B-frames that its name promises, and some of them are referred to.
#[test]
fn the_clip_of_the_sweep_has_three_b_frames_in_a_pyramid() {
    let fs = fs_with(&[CLIP]);
    let source = mkv::Parsed::new(&read(&fs, &format!("/{CLIP}")));
    let source = source.only(TrackType::Video);
    assert_eq!(source.packets.len(), 100);
    let mut shown: Vec<(f64, Picture)> = (source.times.iter().copied())
        .zip(source.packets.iter().map(|packet| Picture::of(packet)))
        .collect();
    shown.sort_by(|a, b| a.0.total_cmp(&b.0));
    let runs = shown.split(|(_, picture)| picture.kind != Kind::B);
    assert_eq!(
        runs.map(<[_]>::len).max(),
        Some(3),
        "B-frames in a row, as they are shown"
    );
    let pyramid = shown
        .windows(3)
        .any(|w| w.iter().all(|(_, p)| p.kind == Kind::B) && w[1].1.referenced);
    assert!(
        pyramid,
        "the one in the middle is a reference of its two neighbours"
    );
}

#[test]
fn a_copied_window_may_end_at_any_frame_and_has_every_reference() {
    let fs = fs_with(&[CLIP]);
    let path = format!("/{CLIP}");
    let source = mkv::Parsed::new(&read(&fs, &path));
    let source = source.only(TrackType::Video);
    let reference = reference(CLIP);
    for n in 10..=50 {
        let job = Job::new().input(Input::file(&path)).output(
            Output::file("/cut.mp4")
                .map("0:v")
                .video_codec("copy")
                .duration(n as f64 / 25.0),
        );
        runtime().process(&fs, &job).expect("the cut is done");
        let cut = Parsed::new(&read(&fs, "/cut.mp4"));
        let cut = cut.video();

        // What a picture refers to is decoded before it: the beginning of the source in the order of decoding
        // has every reference of what is in it.
        let count = cut.samples.len();
        assert!(
            cut.samples
                .iter()
                .zip(&source.packets)
                .all(|(a, b)| a.data == *b),
            "window of {n} frames: packets are lost or changed"
        );
        let first = (source.start(), cut.start());
        for (i, time) in source.times.iter().enumerate() {
            let inside = time - first.0 < n as f64 / 25.0 - 0.001;
            assert!(
                i < count || !inside,
                "window of {n} frames: packet {i}, which is shown in it, is not there"
            );
        }
        assert!(
            count <= n + 2,
            "window of {n} frames: {count} are more than a reordering by two needs"
        );
        for (sample, time) in cut.samples.iter().zip(&source.times) {
            assert_close(
                "time of a copied frame",
                sample.pts - first.1,
                time - first.0,
                0.0015,
            );
        }
        // And as a player sees it.
        if n == 11 || n % 5 == 0 {
            let digests = pixels::decode(&fs, "/cut.mp4", 320, 180).digests();
            assert!(
                digests.len() >= n && digests[..n] == reference[..n],
                "window of {n} frames: a frame is lost or damaged"
            );
        }
    }
}

/// The header of FLAC counts the samples of the whole and has their MD5: a part that kept them was as long as the
/// whole to its readers, and damaged to those that count.
#[test]
fn a_copied_part_of_flac_does_not_say_it_is_the_whole() {
    let fs = fs_with(&["bbb.flac"]);
    let source = read(&fs, "/bbb.flac");
    let from = |input: Input, duration: Option<f64>| {
        let mut output = Output::file("/out.flac").map("0:a").audio_codec("copy");
        output.duration = duration;
        let job = Job::new().input(input).output(output);
        runtime().process(&fs, &job).expect("the copy is made");
        read(&fs, "/out.flac")
    };
    let samples = |flac: &[u8]| -> Vec<i32> {
        let mut reader = claxon::FlacReader::new(flac).expect("a FLAC");
        let samples = reader.samples().map(|sample| sample.expect("it is whole"));
        samples.collect()
    };
    // STREAMINFO behind the mark and the head of its block: 36 bits of samples, 128 of MD5.
    let header = |flac: &[u8]| (flac[8 + 13] & 0x0F, flac[8 + 14..8 + 34].to_vec());
    let whole = samples(&source);
    let file = || Input::file("/bbb.flac");

    let all = from(file(), None);
    assert_eq!(header(&all), header(&source));
    assert!(samples(&all) == whole);

    let unknown = (0, vec![0; 20]);
    let first = from(file(), Some(1.0));
    assert_eq!(header(&first), unknown);
    let first = samples(&first);
    assert!(first.len() < whole.len() && whole.starts_with(&first));

    let last = from(file().seek(Seek::fast(1.0)), None);
    assert_eq!(header(&last), unknown);
    let last = samples(&last);
    assert!(last.len() < whole.len() && whole.ends_with(&last));

    let twice = from(file().repeat(1), None);
    assert_eq!(header(&twice), unknown);
    assert!(samples(&twice) == [&whole[..], &whole].concat());
}
