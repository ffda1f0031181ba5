//! Video decoders are exact: every frame has the digest that native FFmpeg gives.

use crate::support::{fs_with, pixels, reference};

#[track_caller]
fn check(name: &str) {
    let fs = fs_with(&[name]);
    let video = pixels::decode(&fs, &format!("/{name}"), 320, 180);
    assert_eq!(video.digests(), reference(name), "{name}");
}

#[test]
fn h264_is_exact() {
    check("bbb_180_h264.mp4");
}

#[test]
fn h264_with_b_frames_in_matroska_is_exact() {
    check("bbb_180_bframes_subs.mkv");
}

#[test]
fn hevc_is_exact() {
    check("bbb_180_hevc.mp4");
}

#[test]
fn vp8_is_exact() {
    check("bbb_180_vp8.webm");
}

#[test]
fn vp9_is_exact() {
    check("bbb_180_vp9.webm");
}
