//! The `afmpeg` command as its users meet it: files, exit statuses, messages, standard streams.

#![cfg(feature = "cli")]

#[allow(
    dead_code,
    reason = "each test program uses its own part of the shared support"
)]
#[path = "../support/mod.rs"]
mod support;

mod batch;
mod command;
mod convert;
mod jobs;
mod pictures;
mod run;
mod segment;

use std::path::Path;
use std::process::{Command, Output, Stdio};

use support::{engine_path, workspace};

const CLIP: &str = "bbb_180_h264.mp4";

fn afmpeg(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_afmpeg"));
    command
        .current_dir(dir)
        .env("AFMPEG_ENGINE", engine_path())
        .stdin(Stdio::null());
    // Before the verb: what follows the module of `run` is the module's.
    if let Ok(mode) = std::env::var("AFMPEG_MODE") {
        command.args(["--mode", &mode]);
    }
    command.args(args);
    command
}

fn run(dir: &Path, args: &[&str]) -> Output {
    afmpeg(dir, args).output().expect("the command starts")
}

#[track_caller]
fn succeed(dir: &Path, args: &[&str]) -> (String, String) {
    let output = run(dir, args);
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{args:?}: {err}");
    (out, err)
}

/// Runs a command that must end with `status`, leave no file and say each of `words`.
#[track_caller]
fn fail(dir: &Path, status: i32, args: &[&str], words: &[&str]) {
    let before = names(dir);
    let output = run(dir, args);
    let err = text(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{args:?}: {err}");
    for word in words {
        assert!(err.contains(word), "{args:?}: no {word:?} in {err:?}");
    }
    assert_eq!(names(dir), before, "{args:?} left something");
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).expect("the directory is there");
    let mut names: Vec<String> = entries
        .map(|entry| {
            entry
                .expect("it can be listed")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

fn fixture_path(name: &str) -> String {
    workspace()
        .join("tests/fixtures")
        .join(name)
        .display()
        .to_string()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

/// Size and number of samples of the first video track, by a parser that is not ours.
fn video(path: &Path) -> (u16, u16, usize) {
    let bytes = std::fs::read(path).expect("the output is there");
    let mp4 = re_mp4::Mp4::read_bytes(&bytes).expect("it is an MP4");
    let track = mp4
        .tracks()
        .values()
        .find(|t| t.kind == Some(re_mp4::TrackKind::Video));
    let track = track.expect("it has video");
    (track.width, track.height, track.samples.len())
}

/// A picture as eight-bit red, green and blue, by a decoder that is not ours.
struct Picture {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

fn picture(path: &Path) -> Picture {
    let file = std::fs::File::open(path).expect("it is there");
    let mut decoder = png::Decoder::new(std::io::BufReader::new(file));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().expect("it is a PNG");
    let mut data = vec![0; reader.output_buffer_size().expect("it is small")];
    let info = reader.next_frame(&mut data).expect("it is whole");
    assert_eq!(info.color_type, png::ColorType::Rgb);
    Picture {
        width: info.width as usize,
        height: info.height as usize,
        pixels: data,
    }
}

impl Picture {
    fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// How far the values of `part` are from those at this place of the picture, on the average.
    fn difference(&self, x: usize, y: usize, part: &Picture) -> f64 {
        let mut sum = 0;
        for row in 0..part.height {
            let here = ((y + row) * self.width + x) * 3;
            let there = row * part.width * 3;
            let rows = self.pixels[here..][..part.width * 3]
                .iter()
                .zip(&part.pixels[there..]);
            sum += rows.map(|(a, b)| u64::from(a.abs_diff(*b))).sum::<u64>();
        }
        sum as f64 / part.pixels.len() as f64
    }
}
