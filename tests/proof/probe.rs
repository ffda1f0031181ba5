//! Probing: what is reported of real media, against values known from other tools.

use afmpeg::{ErrorClass, JobError, MediaTime, MemFs, ProbeReport, Rational};

use crate::support::{assert_close, fixture, fs_with, runtime};

#[track_caller]
fn probe(name: &str) -> ProbeReport {
    let fs = fs_with(&[name]);
    runtime()
        .probe(&fs, &format!("/{name}"))
        .unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A time of a report is a number of seconds, and gives the units of the file's own clock back exactly.
#[test]
fn times_are_whole_units_of_the_time_base() {
    let name = "bbb_180_h264.mp4";
    let mp4 = re_mp4::Mp4::read_bytes(&fixture(name)).expect("an independent parser reads it");
    let report = probe(name);
    let video = report.video().expect("a video stream");
    let track = mp4
        .tracks()
        .values()
        .find(|track| track.kind == Some(re_mp4::TrackKind::Video))
        .expect("a video track");
    let time_base = video.time_base.expect("known");
    let scale = i64::try_from(track.timescale).expect("it is small");
    assert_eq!(Some(time_base), Rational::new(1, scale));
    let duration = video.duration.expect("known");
    let units: i64 = track.samples.iter().map(|s| s.duration as i64).sum();
    assert_eq!(duration.ticks(time_base), Some(units));
    assert_eq!(MediaTime::from_ticks(units, time_base), Some(duration));
    assert_eq!(
        video.start.and_then(|start| start.ticks(time_base)),
        Some(0)
    );
}

#[test]
fn an_mp4_with_surround_sound() {
    let report = probe("bbb_720p_h264_aac51.mp4");
    assert!(
        report.format.split(',').any(|name| name == "mp4"),
        "format {}",
        report.format
    );
    assert_eq!(report.size, Some(1_055_736));
    assert_close("duration", report.duration.expect("known"), 5.312, 0.001);
    assert_eq!(report.streams.len(), 2);

    let video = report.video().expect("a video stream");
    assert_eq!(video.codec.as_deref(), Some("h264"));
    assert_eq!(video.profile.as_deref(), Some("Main"));
    assert_eq!((video.width, video.height), (Some(1280), Some(720)));
    assert_eq!(video.pix_fmt.as_deref(), Some("yuv420p"));
    assert_eq!(video.frames, Some(132));
    let rate = video.avg_frame_rate.expect("known");
    assert_eq!((rate.num, rate.den), (25, 1));
    assert_close(
        "video duration",
        video.duration.expect("known"),
        5.28,
        0.001,
    );

    let audio = report.audio().expect("an audio stream");
    assert_eq!(audio.codec.as_deref(), Some("aac"));
    assert_eq!(audio.profile.as_deref(), Some("LC"));
    assert_eq!((audio.sample_rate, audio.channels), (Some(48_000), Some(6)));
    assert_eq!(audio.channel_layout.as_deref(), Some("5.1"));
}

#[test]
fn matroska_with_a_subtitle_stream() {
    let report = probe("bbb_180_bframes_subs.mkv");
    let kinds: Vec<&str> = report
        .streams
        .iter()
        .map(|stream| stream.kind.as_str())
        .collect();
    assert_eq!(kinds, ["video", "audio", "subtitle"]);
    assert_eq!(report.video().and_then(|v| v.width), Some(320));
    assert_eq!(
        report.video().and_then(|v| v.profile.as_deref()),
        Some("High")
    );
}

#[test]
fn every_fixture_has_its_codec_and_size() {
    for (name, codec, width, height) in [
        ("bbb_180_h264.mp4", "h264", 320, 180),
        ("bbb_180_hevc.mp4", "hevc", 320, 180),
        ("bbb_180_vp8.webm", "vp8", 320, 180),
        ("bbb_180_vp9.webm", "vp9", 320, 180),
        ("bbb_54.gif", "gif", 96, 54),
        ("bbb_180.jpg", "mjpeg", 320, 180),
        ("bbb_180.png", "png", 320, 180),
        ("astronaut.webp", "webp", 512, 512),
    ] {
        let report = probe(name);
        let video = report
            .video()
            .unwrap_or_else(|| panic!("{name} has a picture"));
        assert_eq!(video.codec.as_deref(), Some(codec), "{name}");
        assert_eq!(
            (video.width, video.height),
            (Some(width), Some(height)),
            "{name}"
        );
    }
    for (name, codec, rate, seconds) in [
        ("bbb.mp3", "mp3", 48_000, 4.0),
        ("bbb.ogg", "vorbis", 48_000, 4.0),
        ("bbb.opus", "opus", 48_000, 4.0),
        ("bbb.m4a", "aac", 48_000, 4.0),
        ("bbb.flac", "flac", 44_100, 2.0),
        ("bbb.wav", "pcm_s16le", 22_050, 2.0),
    ] {
        let report = probe(name);
        let audio = report.audio().unwrap_or_else(|| panic!("{name} has sound"));
        assert_eq!(audio.codec.as_deref(), Some(codec), "{name}");
        assert_eq!(
            (audio.sample_rate, audio.channels),
            (Some(rate), Some(2)),
            "{name}"
        );
        assert_close(name, report.duration.expect("known"), seconds, 0.08);
    }
}

#[test]
fn the_name_of_a_file_does_not_decide_its_format() {
    let fs = MemFs::new();
    fs.write("/picture.txt", fixture("bbb_180_h264.mp4"))
        .expect("an empty MemFs takes it");
    let report = runtime()
        .probe(&fs, "/picture.txt")
        .expect("the content decides");
    assert_eq!(
        report.video().and_then(|v| v.codec.as_deref()),
        Some("h264")
    );
}

#[test]
fn one_bad_file_of_several_does_not_hide_the_good_ones() {
    let fs = fs_with(&["bbb.mp3"]);
    fs.write("/not.mp4", b"this is text, not media\n".repeat(50))
        .expect("room for a text");
    let reports = runtime()
        .probe_all(&fs, ["/bbb.mp3", "/not.mp4", "/absent.mp4"])
        .expect("the probe itself runs");
    assert_eq!(reports.len(), 3);
    assert!(reports[0].as_ref().is_ok_and(|r| r.audio().is_some()));
    for bad in &reports[1..] {
        match bad {
            Err(JobError::Guest { class, .. }) => assert_eq!(*class, ErrorClass::OpenInput),
            other => panic!("a typed error for each bad file, not {other:?}"),
        }
    }
}

/// A tone of 1 kHz, with which much recorded sound begins, repeats after as many bytes as a packet of M2TS has.
#[test]
fn sound_that_repeats_like_packets_is_sound() {
    for (frames, frequencies) in [
        (500, [440.0, 1000.0]),
        (48_000, [1000.0, 1000.0]),
        (96_000, [250.0, 1000.0]),
    ] {
        let sample = |n: usize, frequency: f64| {
            let phase = std::f64::consts::TAU * frequency * n as f64 / 48_000.0;
            (phase.sin() * 8191.0) as i16
        };
        let samples: Vec<u8> = (0..frames)
            .flat_map(|n| frequencies.map(|frequency| sample(n, frequency)))
            .flat_map(i16::to_le_bytes)
            .collect();
        let length = |bytes: usize| (bytes as u32).to_le_bytes();
        let file = [
            &b"RIFF"[..],
            &length(36 + samples.len()),
            b"WAVEfmt \x10\0\0\0\x01\0\x02\0\x80\xbb\0\0\0\xee\x02\0\x04\0\x10\0data",
            &length(samples.len()),
            &samples,
        ]
        .concat();
        let fs = MemFs::new();
        fs.write("/in.wav", file).expect("room");
        let report = runtime().probe(&fs, "/in.wav").expect("it is sound");
        assert_eq!(report.format, "wav", "{frequencies:?}");
        let duration = report.duration.expect("known").as_secs();
        assert_close("duration", duration, frames as f64 / 48_000.0, 1e-6);
    }
}
