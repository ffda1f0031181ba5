//! What is decoded: a stream of an input, and what becomes of it on the way.

use super::pixel::PixelFormat;
use crate::error::SpecError;
use crate::graph::Filter;
use crate::job::{Input, Job, OnCorrupt, Output};

/// Which pictures are decoded, and as what; for [`Runtime::decode_video`](crate::Runtime::decode_video).
///
/// ```
/// use afmpeg::stream::{DecodeVideo, PixelFormat};
/// use afmpeg::{Input, Seek};
///
/// // A second of small pictures, from the middle of a film.
/// let decode = DecodeVideo::new(Input::file("/in.mp4").seek(Seek::accurate(60.0)), PixelFormat::Rgba)
///     .scale(320, 0)
///     .duration(1.0);
/// # decode.check()?;
/// # Ok::<(), afmpeg::SpecError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "it says only what is to be decoded"]
pub struct DecodeVideo {
    what: What,
    format: PixelFormat,
    scale: Option<(u32, u32)>,
}

/// Which sound is decoded, and as what; for [`Runtime::decode_audio`](crate::Runtime::decode_audio).
///
/// ```
/// use afmpeg::Input;
/// use afmpeg::stream::DecodeAudio;
///
/// // What a recogniser of speech wants.
/// let decode = DecodeAudio::new(Input::file("/in.mp4")).sample_rate(16_000).layout("mono");
/// # decode.check()?;
/// # Ok::<(), afmpeg::SpecError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "it says only what is to be decoded"]
pub struct DecodeAudio {
    what: What,
    sample_rate: Option<u32>,
    layout: Option<String>,
}

#[derive(Clone, Debug)]
struct What {
    input: Input,
    stream: u32,
    filter: Option<String>,
    duration: Option<f64>,
    on_corrupt: OnCorrupt,
    room: usize,
}

/// Where the frames, and what is told of them, leave a job.
pub(super) const FRAMES: &str = "/.afmpeg/frames";
pub(super) const STAMPS: &str = "/.afmpeg/stamps";

macro_rules! common {
    () => {
        /// Takes another stream of its kind than the first; they are counted from 0.
        pub fn stream(mut self, number: u32) -> Self {
            self.what.stream = number;
            self
        }

        /// Puts a chain of filters before the conversion to what is asked for.
        pub fn filter(mut self, chain: impl Into<String>) -> Self {
            self.what.filter = Some(chain.into());
            self
        }

        /// Ends after this many seconds.
        pub fn duration(mut self, seconds: impl Into<f64>) -> Self {
            self.what.duration = Some(seconds.into());
            self
        }

        /// Sets what a damaged packet does.
        pub fn on_corrupt(mut self, what: OnCorrupt) -> Self {
            self.what.on_corrupt = what;
            self
        }

        /// Sets how many frames may wait for the consumer, at least 1.
        pub fn queue(mut self, frames: usize) -> Self {
            self.what.room = frames;
            self
        }

        /// Checks all that can be known before it runs.
        ///
        /// # Errors
        ///
        /// As [`Job::to_spec`].
        pub fn check(&self) -> Result<(), SpecError> {
            self.job().to_spec().map(drop)
        }
    };
}

impl DecodeVideo {
    /// How many frames wait for the consumer, where nothing else is said.
    pub const QUEUE: usize = 4;

    /// The first video stream of an input. How far into it decoding begins, its demuxer and its repetition are said of
    /// the [`Input`].
    pub fn new(input: Input, format: PixelFormat) -> Self {
        Self {
            what: What::new(input, Self::QUEUE),
            format,
            scale: None,
        }
    }

    /// Scales the pictures to this size in pixels; a 0 for one of the two keeps their shape.
    pub fn scale(mut self, width: u32, height: u32) -> Self {
        self.scale = Some((width, height));
        self
    }

    common!();

    pub(super) fn format(&self) -> PixelFormat {
        self.format
    }

    pub(super) fn room(&self) -> usize {
        self.what.room
    }

    pub(super) fn job(&self) -> Job {
        let mut chain = self.what.chain();
        if let Some((width, height)) = self.scale {
            let side = |pixels: u32| match pixels {
                0 => "-2".to_owned(),
                pixels => pixels.to_string(),
            };
            chain.push(format!("scale={}:{}", side(width), side(height)));
        }
        chain.push(format!("format={}", self.format));
        // What is told beside the pictures has frames that are no copies, so that it costs next to nothing.
        self.what.job(
            &format!("[0:v:{}]{},split[o][t]", self.what.stream, chain.join(",")),
            raw("rawvideo").video_codec("rawvideo"),
            told().video_codec("wrapped_avframe"),
        )
    }
}

impl DecodeAudio {
    /// How many frames wait for the consumer, where nothing else is said. Mostly they have about 1,000 samples.
    pub const QUEUE: usize = 32;

    /// The first audio stream of an input, with its own rate and channels unless something else is said. How far into
    /// it decoding begins, its demuxer and its repetition are said of the [`Input`].
    pub fn new(input: Input) -> Self {
        Self {
            what: What::new(input, Self::QUEUE),
            sample_rate: None,
            layout: None,
        }
    }

    /// Converts to this many samples a second.
    pub fn sample_rate(mut self, samples: u32) -> Self {
        self.sample_rate = Some(samples);
        self
    }

    /// Converts to these channels, as FFmpeg names them: `mono`, `stereo`, `5.1`.
    pub fn layout(mut self, channels: impl Into<String>) -> Self {
        self.layout = Some(channels.into());
        self
    }

    common!();

    pub(super) fn room(&self) -> usize {
        self.what.room
    }

    pub(super) fn job(&self) -> Job {
        let mut chain = self.what.chain();
        let mut format = Filter::new("aformat").set("sample_fmts", "flt");
        if let Some(rate) = self.sample_rate {
            format = format.set("sample_rates", rate);
        }
        if let Some(layout) = &self.layout {
            format = format.set("channel_layouts", layout);
        }
        chain.push(format.to_string());
        self.what.job(
            &format!("[0:a:{}]{},asplit[o][t]", self.what.stream, chain.join(",")),
            raw("f32le").audio_codec("pcm_f32le"),
            told().audio_codec("pcm_f32le"),
        )
    }
}

impl What {
    fn new(input: Input, room: usize) -> Self {
        Self {
            input,
            stream: 0,
            filter: None,
            duration: None,
            on_corrupt: OnCorrupt::default(),
            room,
        }
    }

    fn chain(&self) -> Vec<String> {
        self.filter.iter().cloned().collect()
    }

    fn job(&self, graph: &str, raw: Output, told: Output) -> Job {
        let mut job = Job::new()
            .input(self.input.clone())
            .filter(graph)
            .on_corrupt(self.on_corrupt);
        for mut output in [raw.map("[o]"), told.map("[t]")] {
            output.duration = self.duration;
            job = job.output(output);
        }
        job
    }
}

fn raw(muxer: &str) -> Output {
    at(FRAMES).format(muxer)
}

fn told() -> Output {
    at(STAMPS).format("framecrc")
}

/// An output that leaves frame by frame, at the times of the source.
fn at(path: &str) -> Output {
    Output::file(path)
        .format_option("flush_packets", 1)
        .copy_ts()
}
