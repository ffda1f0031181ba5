//! Raw video that the tests make and measure themselves: planar 4:2:0 of 8 bits.

use afmpeg::report::ProcessReport;
use afmpeg::{Input, Job, MemFs, Output};
use md5::{Digest, Md5};

/// Frames of yuv420p without padding, one after the other.
#[derive(Clone)]
pub(crate) struct Video {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) data: Vec<u8>,
}

impl Video {
    /// Frames whose number can be read from the picture: a gradient, a white square that moves by
    /// four pixels a frame, and at the bottom eight tiles that spell the frame number in binary.
    pub(crate) fn synthetic(width: usize, height: usize, frames: usize) -> Self {
        let mut data = Vec::with_capacity(width * height * 3 / 2 * frames);
        for n in 0..frames {
            for y in 0..height {
                for x in 0..width {
                    data.push(luma(width, height, n, x, y));
                }
            }
            for y in 0..height / 2 {
                data.extend(
                    (0..width / 2).map(|x| 96 + ((x + y) * 64 / (width + height)) as u8 * 2),
                );
            }
            for y in 0..height / 2 {
                data.extend(
                    (0..width / 2).map(|x| 160 - ((x + height - y) * 64 / (width + height)) as u8),
                );
            }
        }
        Self {
            width,
            height,
            data,
        }
    }

    /// Raw bytes that a job wrote.
    #[track_caller]
    pub(crate) fn from_raw(width: usize, height: usize, data: Vec<u8>) -> Self {
        let frame = width * height * 3 / 2;
        assert_eq!(
            data.len() % frame,
            0,
            "the raw video is whole frames of {width}x{height}"
        );
        Self {
            width,
            height,
            data,
        }
    }

    /// Number of frames.
    pub(crate) fn len(&self) -> usize {
        self.data.len() / self.frame_bytes()
    }

    /// One frame: luma, then the two chroma planes.
    pub(crate) fn frame(&self, n: usize) -> &[u8] {
        &self.data[n * self.frame_bytes()..(n + 1) * self.frame_bytes()]
    }

    /// The frame number that the tiles spell, whatever scale the picture now has.
    pub(crate) fn spelled(&self, n: usize) -> usize {
        let frame = self.frame(n);
        (0..8)
            .filter(|bit| {
                let x = self.width * (2 * bit + 1) / 16;
                let y = self.height * 15 / 16;
                frame[y * self.width + x] > 128
            })
            .map(|bit| 1 << bit)
            .sum()
    }

    /// The MD5 of each frame.
    pub(crate) fn digests(&self) -> Vec<String> {
        (0..self.len())
            .map(|n| {
                Md5::digest(self.frame(n))
                    .iter()
                    .map(|b| format!("{b:02x}"))
                    .collect()
            })
            .collect()
    }

    fn frame_bytes(&self) -> usize {
        self.width * self.height * 3 / 2
    }

    /// An input that reads this video from `path`, at 25 frames a second.
    pub(crate) fn input(&self, fs: &MemFs, path: &str, rate: u32) -> Input {
        fs.write(path, self.data.clone())
            .expect("a MemFs without quota takes the frames");
        Input::file(path)
            .format("rawvideo")
            .option("video_size", format!("{}x{}", self.width, self.height))
            .option("pixel_format", "yuv420p")
            .option("framerate", rate)
    }

    /// Encodes this video at 25 frames a second, with options of the encoder, into a file of the kind of its ending.
    #[track_caller]
    pub(crate) fn encode(
        &self,
        fs: &MemFs,
        path: &str,
        encoder: &str,
        options: &[(&str, &str)],
    ) -> ProcessReport {
        let output = Output::file(path).map("[v]").video_codec(encoder);
        let output = (options.iter()).fold(output, |output, (name, value)| {
            output.video_option(*name, *value)
        });
        let job = Job::new()
            .input(self.input(fs, "/in.yuv", 25))
            .filter("[0:v]null[v]")
            .output(output);
        super::runtime()
            .process(fs, &job)
            .unwrap_or_else(|error| panic!("{encoder} into {path}: {error}"))
    }
}

/// Peak signal-to-noise ratio of two equally long byte strings, in dB.
#[track_caller]
pub(crate) fn psnr(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len(), "only pictures of one size are compared");
    let error: f64 = a
        .iter()
        .zip(b)
        .map(|(&x, &y)| (f64::from(x) - f64::from(y)).powi(2))
        .sum();
    if error == 0.0 {
        f64::INFINITY
    } else {
        10.0 * (255.0_f64.powi(2) * a.len() as f64 / error).log10()
    }
}

/// Decodes the first video stream of `path` to raw frames of its own size.
///
/// The engine's decoders are proved exact against native digests by `decode.rs`, so what they give
/// may stand as the picture that another player would show.
#[track_caller]
pub(crate) fn decode(fs: &MemFs, path: &str, width: usize, height: usize) -> Video {
    let raw = format!("{path}.yuv");
    let output = Output::file(&raw)
        .format("rawvideo")
        .map("[v]")
        .video_codec("rawvideo");
    let job = Job::new()
        .input(Input::file(path))
        .filter("[0:v]format=yuv420p[v]")
        .output(output);
    super::runtime()
        .process(fs, &job)
        .unwrap_or_else(|error| panic!("decoding {path}: {error}"));
    Video::from_raw(width, height, super::read(fs, &raw))
}

fn luma(width: usize, height: usize, n: usize, x: usize, y: usize) -> u8 {
    if y >= height * 7 / 8 {
        let bit = x * 8 / width;
        return if n >> bit & 1 == 1 { 224 } else { 24 };
    }
    let left = n * 4 % (width - width / 8);
    let top = height / 3;
    if (left..left + width / 8).contains(&x) && (top..top + width / 8).contains(&y) {
        return 235;
    }
    (32 + x * 96 / width + y * 64 / height) as u8
}
