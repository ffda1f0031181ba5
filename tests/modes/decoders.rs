//! Every codec that the engine decodes, to raw pictures or samples, in every mode.

use afmpeg::{Input, Job, Output};

use crate::support::fixture;
use crate::{done_alike_in_every_mode, process};

/// The first `frames` pictures as the decoder gives them.
#[track_caller]
fn pictures_alike(name: &str, frames: u32) {
    let path = format!("/{name}");
    let job = Job::new()
        .input(Input::file(&path))
        .filter(format!("[0:v]trim=end_frame={frames}[v]"))
        .output(
            Output::file("/out.yuv")
                .format("rawvideo")
                .map("[v]")
                .video_codec("rawvideo"),
        );
    done_alike_in_every_mode(&[(&path, fixture(name))], process(job, &["/out.yuv"]));
}

/// All samples, as 16-bit and as float.
#[track_caller]
fn samples_alike(name: &str) {
    let path = format!("/{name}");
    let job = Job::new()
        .input(Input::file(&path))
        .filter("[0:a]asplit[a][b]")
        .output(Output::file("/s16.wav").map("[a]").audio_codec("pcm_s16le"))
        .output(Output::file("/f32.wav").map("[b]").audio_codec("pcm_f32le"));
    done_alike_in_every_mode(
        &[(&path, fixture(name))],
        process(job, &["/s16.wav", "/f32.wav"]),
    );
}

#[test]
fn h264() {
    pictures_alike("bbb_180_h264.mp4", 50);
    pictures_alike("bbb_180_bframes_subs.mkv", 60);
    pictures_alike("bbb_720p_h264_aac51.mp4", 8);
}

#[test]
fn hevc() {
    pictures_alike("bbb_180_hevc.mp4", 50);
}

#[test]
fn vp8() {
    pictures_alike("bbb_180_vp8.webm", 50);
}

#[test]
fn vp9() {
    pictures_alike("bbb_180_vp9.webm", 50);
}

#[test]
fn png_of_two_encoders() {
    pictures_alike("bbb_180.png", 1);
    pictures_alike("coffee_600x400.png", 1);
}

#[test]
fn jpeg() {
    pictures_alike("bbb_180.jpg", 1);
}

#[test]
fn webp() {
    pictures_alike("astronaut.webp", 1);
}

#[test]
fn gif() {
    pictures_alike("bbb_54.gif", 10);
}

#[test]
fn aac() {
    samples_alike("bbb.m4a");
    samples_alike("bbb_720p_h264_aac51.mp4");
}

#[test]
fn mp3() {
    samples_alike("bbb.mp3");
}

#[test]
fn opus() {
    samples_alike("bbb.opus");
}

#[test]
fn vorbis() {
    samples_alike("bbb.ogg");
}

#[test]
fn flac() {
    samples_alike("bbb.flac");
}

#[test]
fn wav() {
    samples_alike("bbb.wav");
}
