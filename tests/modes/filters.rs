//! Filters and conversions over real pictures and sound, in every mode.

use afmpeg::{Input, Job, Output};

use crate::support::fixture;
use crate::{done_alike_in_every_mode, process};

/// Ten pictures of one clip, and where a second is named ten of another, through `graph` to raw video.
#[track_caller]
fn pictures_alike(graph: &str) {
    const CLIPS: [&str; 2] = ["bbb_180_h264.mp4", "bbb_180_vp8.webm"];
    let mut job = Job::new();
    let mut files = Vec::new();
    for (index, name) in CLIPS.into_iter().enumerate() {
        if graph.contains(&format!("[{index}:v]")) {
            let path = format!("/{name}");
            job = job.input(Input::file(&path));
            files.push((path, fixture(name)));
        }
    }
    let job = job.filter(format!("{graph},trim=end_frame=10[o]")).output(
        Output::file("/out.yuv")
            .format("rawvideo")
            .map("[o]")
            .video_codec("rawvideo"),
    );
    let files: Vec<_> = files
        .iter()
        .map(|(path, bytes)| (path.as_str(), bytes.clone()))
        .collect();
    done_alike_in_every_mode(&files, process(job, &["/out.yuv"]));
}

/// Two seconds of music through `graph` to 16-bit samples.
#[track_caller]
fn samples_alike(graph: &str) {
    let job = Job::new()
        .input(Input::file("/bbb.flac"))
        .filter(format!("{graph}[o]"))
        .output(Output::file("/out.wav").map("[o]").audio_codec("pcm_s16le"));
    done_alike_in_every_mode(
        &[("/bbb.flac", fixture("bbb.flac"))],
        process(job, &["/out.wav"]),
    );
}

#[test]
fn scaling_with_every_kernel_of_the_scaler() {
    for flags in [
        "bilinear",
        "bicubic",
        "lanczos",
        "area",
        "neighbor",
        "fast_bilinear",
    ] {
        pictures_alike(&format!("[0:v]scale=200:112:flags={flags}"));
        pictures_alike(&format!("[0:v]scale=426:240:flags={flags}"));
    }
    // Widths that are no multiple of any vector.
    pictures_alike("[0:v]scale=101:57");
    pictures_alike("[0:v]scale=333:187:flags=bicubic+accurate_rnd+full_chroma_int");
}

#[test]
fn pixel_formats() {
    for format in [
        "rgb24",
        "bgr24",
        "rgba",
        "bgra",
        "rgb565le",
        "gray",
        "yuv422p",
        "yuv444p",
        "nv12",
        "yuv420p10le",
        "gbrp",
    ] {
        pictures_alike(&format!("[0:v]format={format}"));
        pictures_alike(&format!("[0:v]scale=162:90,format={format}"));
        pictures_alike(&format!("[0:v]format={format},format=yuv420p"));
    }
    pictures_alike("[0:v]scale=out_range=full,format=yuvj420p,scale=in_range=full:out_range=tv");
}

#[test]
fn overlays_and_fades() {
    pictures_alike("[1:v]scale=90:50[s];[0:v][s]overlay=x=33:y=21");
    pictures_alike(
        "[1:v]scale=91:51,format=yuva420p,fade=in:0:20:alpha=1[s];[0:v][s]overlay=x=-7:y=140",
    );
    pictures_alike("[0:v]fade=in:0:8");
    pictures_alike("[0:v]format=yuva444p,fade=out:0:8:alpha=1");
    pictures_alike(
        "[0:v]settb=1/25,fps=25[a];[1:v]settb=1/25,fps=25[b];[a][b]xfade=duration=0.3:offset=0.1",
    );
}

#[test]
fn turns_crops_and_joins() {
    pictures_alike("[0:v]hflip");
    pictures_alike("[0:v]vflip,transpose=1");
    pictures_alike("[0:v]format=rgb24,transpose=2,hflip");
    pictures_alike("[0:v]crop=123:77:11:5,pad=200:100:20:10");
    pictures_alike("[1:v]scale=160:180[s];[0:v][s]hstack");
    pictures_alike("[1:v]scale=320:90[s];[0:v][s]vstack");
    pictures_alike("[0:v]fps=40");
}

#[test]
fn levels_and_rates_of_sound() {
    samples_alike("[0:a]volume=0.37");
    samples_alike("[0:a]volume=3dB:precision=fixed");
    samples_alike("[0:a]aresample=48000");
    samples_alike("[0:a]aresample=22050");
    samples_alike("[0:a]aresample=44099");
    samples_alike("[0:a]atempo=1.3");
    samples_alike("[0:a]atempo=0.7");
    samples_alike("[0:a]asplit[a][b];[b]adelay=150|150[c];[a][c]amix=inputs=2");
    samples_alike("[0:a]afade=t=in:d=1,afade=t=out:st=1:d=1");
    samples_alike("[0:a]pan=mono|c0=0.3*c0+0.7*c1");
    samples_alike(
        "[0:a]aformat=sample_fmts=s32p:channel_layouts=5.1,aformat=sample_fmts=dblp:channel_layouts=stereo",
    );
}
