//! The independent readers themselves, on fixtures that native tools made: what they say of a result
//! can be trusted only if they are right about these.

use matroska_demuxer::TrackType;

use crate::support::audio::Sound;
use crate::support::image::{Picture, gif_frames};
use crate::support::{assert_close, fixture, mkv, mp4};

#[test]
fn mp4_times_follow_the_edit_list() {
    let parsed = mp4::Parsed::new(&fixture("bbb_180_h264.mp4"));
    let video = parsed.video();
    assert_eq!(video.samples.len(), 50);
    assert_close("duration", video.duration, 2.0, 1e-6);
    for (n, time) in video.times().iter().enumerate() {
        assert_close("presentation time", *time, n as f64 / 25.0, 1e-6);
    }
    assert!(
        video
            .samples
            .windows(2)
            .any(|pair| pair[1].pts < pair[0].pts),
        "it has B-frames"
    );
    assert!(
        video.samples[0].dts < -0.03,
        "decoding starts before presentation"
    );
    let with_sound = mp4::Parsed::new(&fixture("bbb_720p_h264_aac51.mp4"));
    assert_eq!(with_sound.video().samples.len(), 132);
    assert_eq!(with_sound.audio().samples.len(), 249);
    assert_eq!(with_sound.audio().channels, 6);
}

#[test]
fn matroska_packets_and_keyframes() {
    let parsed = mkv::Parsed::new(&fixture("bbb_180_bframes_subs.mkv"));
    let video = parsed.only(TrackType::Video);
    assert_eq!(video.packets.len(), 100);
    assert_eq!(video.keyframes.iter().filter(|&&key| key).count(), 3);
    assert_eq!(parsed.only(TrackType::Subtitle).packets.len(), 2);
}

#[test]
fn images_and_animations() {
    let (png, jpeg) = (
        Picture::png(&fixture("bbb_180.png")),
        Picture::jpeg(&fixture("bbb_180.jpg")),
    );
    assert_eq!((png.width, png.height), (320, 180));
    let db = crate::support::pixels::psnr(&png.rgb, &jpeg.rgb);
    assert!(
        db > 30.0,
        "the two pictures are one frame, and differ by {db:.1} dB"
    );
    assert_eq!(gif_frames(&fixture("bbb_54.gif")), (96, 54, vec![10; 10]));
}

#[test]
fn sound_is_decoded_whole() {
    for (name, extension, seconds) in [
        ("bbb.wav", "wav", 2.0),
        ("bbb.flac", "flac", 2.0),
        ("bbb.ogg", "ogg", 4.0),
        ("bbb.mp3", "mp3", 4.0),
        ("bbb.m4a", "m4a", 4.0),
    ] {
        let sound = Sound::decode(fixture(name), extension);
        assert_eq!(sound.channels, 2, "{name}");
        assert_close(name, sound.duration(), seconds, 0.06);
        assert!(sound.rms(0, 0.5, 1.5) > 0.001, "{name} is not silent");
    }
}
