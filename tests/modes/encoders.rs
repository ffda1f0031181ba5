//! Every encoder of the engine, with the options that choose other code, in every mode.

use afmpeg::{Input, Job, Output};

use crate::support::fixture;
use crate::{done_alike_in_every_mode, process};

const CLIP: &str = "bbb_180_bframes_subs.mkv";

/// Encodes pictures or sound of the clip, after `filter`, into `/out.mkv`.
#[track_caller]
fn alike(filter: &str, output: impl Fn(Output) -> Output) {
    let path = format!("/{CLIP}");
    let job = Job::new()
        .input(Input::file(&path))
        .filter(filter)
        .output(output(Output::file("/out.mkv").map("[o]")));
    done_alike_in_every_mode(&[(&path, fixture(CLIP))], process(job, &["/out.mkv"]));
}

#[test]
fn openh264_by_rate_and_by_quantiser() {
    alike("[0:v]trim=end_frame=25[o]", |output| {
        output
            .video_codec("libopenh264")
            .video_option("b", 300_000)
            .video_option("profile", "high")
    });
    alike(
        "[0:v]trim=end_frame=12,scale=350:190:flags=neighbor[o]",
        |output| {
            output
                .video_codec("libopenh264")
                .video_option("rc_mode", "off")
                .video_option("qmin", 24)
                .video_option("qmax", 24)
        },
    );
}

#[test]
fn mjpeg_at_several_qualities() {
    for quality in [2, 8, 31] {
        alike("[0:v]trim=end_frame=6,format=yuvj420p[o]", |output| {
            output
                .video_codec("mjpeg")
                .video_option("qmin", quality)
                .video_option("qmax", quality)
        });
    }
    alike("[0:v]trim=end_frame=4,format=yuvj444p[o]", |output| {
        output
            .video_codec("mjpeg")
            .video_option("huffman", "default")
    });
}

#[test]
fn png_in_every_pixel_format() {
    for format in ["rgb24", "rgba", "gray", "rgb48be"] {
        alike(
            &format!("[0:v]trim=end_frame=2,format={format}[o]"),
            |output| output.video_codec("png"),
        );
    }
    for predictor in ["none", "sub", "up", "avg", "paeth", "mixed"] {
        alike("[0:v]trim=end_frame=1,format=rgb24[o]", |output| {
            output.video_codec("png").video_option("pred", predictor)
        });
    }
    for level in [0, 1, 4, 9] {
        alike("[0:v]trim=end_frame=1,format=rgb24[o]", |output| {
            output
                .video_codec("png")
                .video_option("compression_level", level)
        });
    }
}

#[test]
fn gif() {
    let path = format!("/{CLIP}");
    let job = Job::new()
        .input(Input::file(&path))
        .filter("[0:v]trim=end_frame=12,scale=160:-2[o]")
        .output(Output::file("/out.gif").map("[o]").video_codec("gif"));
    done_alike_in_every_mode(&[(&path, fixture(CLIP))], process(job, &["/out.gif"]));
}

#[test]
fn aac_with_every_search() {
    for coder in ["fast", "twoloop"] {
        for rate in [64_000, 160_000] {
            alike("[0:a]atrim=end=1.5[o]", |output| {
                output
                    .audio_codec("aac")
                    .audio_option("aac_coder", coder)
                    .audio_option("b", rate)
            });
        }
    }
    alike("[0:a]atrim=end=1.5,pan=mono|c0=c0[o]", |output| {
        output.audio_codec("aac").audio_option("b", 48_000)
    });
}

#[test]
fn flac_at_several_levels() {
    for level in [0, 5, 12] {
        alike("[0:a]atrim=end=1.5[o]", |output| {
            output
                .audio_codec("flac")
                .audio_option("compression_level", level)
        });
    }
    alike("[0:a]atrim=end=1,aformat=sample_fmts=s32[o]", |output| {
        output.audio_codec("flac")
    });
}

#[test]
fn alac() {
    alike("[0:a]atrim=end=1.5[o]", |output| output.audio_codec("alac"));
}

#[test]
fn pcm_of_every_width() {
    for codec in ["pcm_s16le", "pcm_s24le", "pcm_f32le"] {
        alike("[0:a]atrim=end=1[o]", |output| output.audio_codec(codec));
    }
}
