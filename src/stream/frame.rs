//! One raw picture, and one stretch of raw sound.

use std::fmt;

use super::pixel::PixelFormat;
use crate::error::SpecError;
use crate::report::Rational;

/// One raw picture.
#[derive(Clone, PartialEq, Eq)]
pub struct VideoFrame {
    width: u32,
    height: u32,
    format: PixelFormat,
    time: Option<Rational>,
    duration: Option<Rational>,
    data: Vec<u8>,
}

/// One plane of a [`VideoFrame`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Plane<'a> {
    /// Its rows, one after the other.
    pub data: &'a [u8],
    /// The bytes of a row.
    pub stride: usize,
    /// How many rows.
    pub rows: usize,
}

impl VideoFrame {
    /// A picture of these bytes, its planes one after the other without padding.
    ///
    /// # Errors
    ///
    /// There are not as many bytes as the [format](PixelFormat::frame_bytes) has in a frame of this size, or the
    /// size is 0.
    pub fn new(
        width: u32,
        height: u32,
        format: PixelFormat,
        data: Vec<u8>,
    ) -> Result<Self, SpecError> {
        if width == 0 || height == 0 {
            return Err(SpecError::new("", "a frame without pixels"));
        }
        if format.frame_bytes(width, height) != Some(data.len()) {
            return Err(SpecError::new(
                "",
                format!(
                    "{} bytes are no frame of {width}x{height} in {format}",
                    data.len()
                ),
            ));
        }
        Ok(Self {
            width,
            height,
            format,
            time: None,
            duration: None,
            data,
        })
    }

    /// A picture of the engine's.
    pub(super) fn at(mut self, time: Option<Rational>, duration: Option<Rational>) -> Self {
        (self.time, self.duration) = (time, duration);
        self
    }

    /// Its width in pixels.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Its height in pixels.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// How its pixels lie in memory.
    #[must_use]
    pub fn format(&self) -> PixelFormat {
        self.format
    }

    /// When it is shown, in seconds, exactly as the source says it: many files begin at 0, an MPEG-TS anywhere, as
    /// [`ProbeReport::start`](crate::ProbeReport) tells. `None` of a picture that was not decoded.
    #[must_use]
    pub fn time(&self) -> Option<Rational> {
        self.time
    }

    /// How long it is shown, in seconds, where that is known.
    #[must_use]
    pub fn duration(&self) -> Option<Rational> {
        self.duration
    }

    /// All its bytes, plane after plane.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// The same, to be changed in place.
    #[must_use]
    pub fn data_mut(&mut self) -> &mut [u8] {
        &mut self.data
    }

    /// The same, taken out.
    #[must_use]
    pub fn into_data(self) -> Vec<u8> {
        self.data
    }

    /// Its planes, as the [format](PixelFormat) lists them.
    pub fn planes(&self) -> impl ExactSizeIterator<Item = Plane<'_>> {
        // The size was checked when the frame was made.
        let layouts = self.format.layouts(self.width, self.height);
        layouts.unwrap_or_default().into_iter().map(|plane| Plane {
            data: &self.data[plane.start..plane.start + plane.stride * plane.rows],
            stride: plane.stride,
            rows: plane.rows,
        })
    }
}

impl fmt::Debug for VideoFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VideoFrame")
            .field("width", &self.width)
            .field("height", &self.height)
            .field("format", &self.format)
            .field("time", &self.time)
            .field("duration", &self.duration)
            .finish_non_exhaustive()
    }
}

/// A stretch of raw sound: the samples of each channel as numbers from -1 to 1.
#[derive(Clone, PartialEq)]
pub struct AudioFrame {
    sample_rate: u32,
    channels: usize,
    layout: Option<String>,
    time: Option<Rational>,
    /// Channel after channel.
    samples: Vec<f32>,
}

impl AudioFrame {
    /// Sound of these channels, at so many samples a second each.
    ///
    /// # Errors
    ///
    /// There is no channel, they are not equally long, or the rate is 0.
    pub fn new<C: AsRef<[f32]>>(
        sample_rate: u32,
        channels: impl IntoIterator<Item = C>,
    ) -> Result<Self, SpecError> {
        let mut samples = Vec::new();
        let (mut count, mut each) = (0, 0);
        for channel in channels {
            let channel = channel.as_ref();
            if count > 0 && channel.len() != each {
                return Err(SpecError::new(
                    "",
                    format!("channels of {each} and of {} samples", channel.len()),
                ));
            }
            (count, each) = (count + 1, channel.len());
            samples.extend_from_slice(channel);
        }
        if count == 0 || sample_rate == 0 {
            return Err(SpecError::new("", "sound without channels or rate"));
        }
        Ok(Self {
            sample_rate,
            channels: count,
            layout: None,
            time: None,
            samples,
        })
    }

    /// Sound of the engine's: samples of the channels in turn, as bytes of little-endian numbers.
    pub(super) fn from_interleaved(
        sample_rate: u32,
        channels: usize,
        layout: &str,
        time: Option<Rational>,
        bytes: &[u8],
    ) -> Self {
        let turns = bytes.len() / 4 / channels;
        let mut samples = vec![0.0; turns * channels];
        let (numbers, _) = bytes.as_chunks::<4>();
        for (at, number) in numbers.iter().take(turns * channels).enumerate() {
            samples[at % channels * turns + at / channels] = f32::from_le_bytes(*number);
        }
        Self {
            sample_rate,
            channels,
            layout: Some(layout.to_owned()),
            time,
            samples,
        }
    }

    /// The channels in turn, as bytes of little-endian numbers.
    pub(super) fn interleaved(&self) -> Vec<u8> {
        let turns = self.len();
        let mut bytes = Vec::with_capacity(self.samples.len() * 4);
        for turn in 0..turns {
            for channel in 0..self.channels {
                bytes.extend_from_slice(&self.samples[channel * turns + turn].to_le_bytes());
            }
        }
        bytes
    }

    /// Samples a second of each channel.
    #[must_use]
    pub fn sample_rate(&self) -> u32 {
        self.sample_rate
    }

    /// How many channels.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// What the channels are, as FFmpeg names it: `mono`, `stereo`, `5.1`. `None` of sound that was not decoded.
    #[must_use]
    pub fn layout(&self) -> Option<&str> {
        self.layout.as_deref()
    }

    /// When its first sample is heard; see [`VideoFrame::time`].
    #[must_use]
    pub fn time(&self) -> Option<Rational> {
        self.time
    }

    /// How many samples each channel has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.samples.len() / self.channels
    }

    /// Whether it has no samples.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// The samples of one channel, counted from 0.
    ///
    /// # Panics
    ///
    /// There is no such channel.
    #[must_use]
    pub fn plane(&self, channel: usize) -> &[f32] {
        assert!(
            channel < self.channels,
            "channel {channel} of {}",
            self.channels
        );
        let each = self.len();
        &self.samples[channel * each..(channel + 1) * each]
    }

    /// The samples of each channel.
    pub fn planes(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        (0..self.channels).map(|channel| self.plane(channel))
    }
}

impl fmt::Debug for AudioFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AudioFrame")
            .field("sample_rate", &self.sample_rate)
            .field("channels", &self.channels)
            .field("layout", &self.layout)
            .field("time", &self.time)
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_has_the_bytes_of_its_size() {
        let frame = VideoFrame::new(2, 2, PixelFormat::Yuv420p, vec![1, 2, 3, 4, 5, 6]);
        let frame = frame.expect("six bytes");
        let planes: Vec<_> = frame.planes().map(|plane| plane.data).collect();
        assert_eq!(planes, [&[1, 2, 3, 4][..], &[5], &[6]]);
        let error = VideoFrame::new(2, 2, PixelFormat::Rgba, vec![0; 15]).expect_err("one less");
        assert_eq!(error.to_string(), "15 bytes are no frame of 2x2 in rgba");
        assert!(VideoFrame::new(0, 2, PixelFormat::Rgba, Vec::new()).is_err());
    }

    #[test]
    fn channels_are_taken_apart_and_put_together() {
        let bytes: Vec<u8> = [0.0_f32, 1.0, 0.25, -1.0, 0.5, -0.5]
            .iter()
            .flat_map(|sample| sample.to_le_bytes())
            .collect();
        let frame = AudioFrame::from_interleaved(8000, 2, "stereo", None, &bytes);
        assert_eq!((frame.len(), frame.channels()), (3, 2));
        assert_eq!(frame.plane(0), [0.0, 0.25, 0.5]);
        assert_eq!(frame.plane(1), [1.0, -1.0, -0.5]);
        assert_eq!(frame.interleaved(), bytes);
        let made = AudioFrame::new(8000, frame.planes()).expect("equally long");
        assert_eq!(made.interleaved(), bytes);
        assert!(AudioFrame::new(8000, [&[0.0][..], &[]]).is_err());
        assert!(AudioFrame::new(8000, [[0.0; 0]; 0]).is_err());
    }
}
