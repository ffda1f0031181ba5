//! Decodes audio with independent decoders, and measures tones.

use std::io::Cursor;

use symphonia::core::codecs::audio::AudioDecoderOptions;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;

/// A WAV file of these samples, channels interleaved.
pub(crate) fn wav(rate: u32, channels: u16, samples: &[i16]) -> Vec<u8> {
    let spec = hound::WavSpec {
        channels,
        sample_rate: rate,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut file = Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut file, spec).expect("a header into memory");
    for sample in samples {
        writer.write_sample(*sample).expect("a sample into memory");
    }
    writer.finalize().expect("a length into memory");
    file.into_inner()
}

/// A second of tones, channels interleaved: the frequency and the amplitude (1 is full scale) of each channel's.
pub(crate) fn tones(rate: u32, channels: &[(f64, f64)]) -> Vec<i16> {
    let sample = |n: u32, (tone, level): &(f64, f64)| {
        let t = f64::from(n) / f64::from(rate);
        (32_767.0 * level * (t * tone * std::f64::consts::TAU).sin()) as i16
    };
    (0..rate)
        .flat_map(|n| channels.iter().map(move |channel| sample(n, channel)))
        .collect()
}

/// Decoded samples, channels interleaved, nominally from -1 to 1.
pub(crate) struct Sound {
    pub(crate) rate: u32,
    pub(crate) channels: usize,
    pub(crate) samples: Vec<f32>,
}

impl Sound {
    /// Decodes whatever container and codec `bytes` are; `extension` is a hint for the container.
    #[track_caller]
    pub(crate) fn decode(bytes: Vec<u8>, extension: &str) -> Self {
        let stream = MediaSourceStream::new(Box::new(Cursor::new(bytes)), Default::default());
        let mut hint = Hint::new();
        hint.with_extension(extension);
        let mut format = symphonia::default::get_probe()
            .probe(
                &hint,
                stream,
                FormatOptions::default(),
                MetadataOptions::default(),
            )
            .expect("an independent demuxer opens the sound");
        let track = format
            .default_track(TrackType::Audio)
            .expect("a sound track");
        let id = track.id;
        let parameters = track
            .codec_params
            .as_ref()
            .and_then(|p| p.audio())
            .expect("parameters");
        let mut decoder = symphonia::default::get_codecs()
            .make_audio_decoder(parameters, &AudioDecoderOptions::default())
            .expect("an independent decoder for the codec");
        let mut sound = Self {
            rate: 0,
            channels: 0,
            samples: Vec::new(),
        };
        while let Some(packet) = format.next_packet().expect("well-formed packets") {
            if packet.track_id != id {
                continue;
            }
            let buffer = decoder.decode(&packet).expect("every packet decodes");
            sound.rate = buffer.spec().rate();
            sound.channels = buffer.spec().channels().count();
            let at = sound.samples.len();
            sound.samples.resize(at + buffer.samples_interleaved(), 0.0);
            buffer.copy_to_slice_interleaved(&mut sound.samples[at..]);
        }
        sound
    }

    /// Length in seconds.
    pub(crate) fn duration(&self) -> f64 {
        self.samples.len() as f64 / self.channels as f64 / f64::from(self.rate)
    }

    /// The samples of one channel between two times in seconds.
    pub(crate) fn part(&self, channel: usize, from: f64, to: f64) -> Vec<f32> {
        let index = |t: f64| (t * f64::from(self.rate)) as usize;
        let samples = self.samples.iter().skip(channel).step_by(self.channels);
        samples
            .copied()
            .skip(index(from))
            .take(index(to) - index(from))
            .collect()
    }

    /// Root mean square of one channel between two times.
    pub(crate) fn rms(&self, channel: usize, from: f64, to: f64) -> f64 {
        rms(&self.part(channel, from, to))
    }

    /// The amplitude of the sine of this frequency in one channel between two times (the Goertzel
    /// sum: one bin of the discrete Fourier transform).
    pub(crate) fn tone(&self, channel: usize, from: f64, to: f64, frequency: f64) -> f64 {
        let part = self.part(channel, from, to);
        let step = std::f64::consts::TAU * frequency / f64::from(self.rate);
        let (mut re, mut im) = (0.0, 0.0);
        for (i, &sample) in part.iter().enumerate() {
            re += f64::from(sample) * (step * i as f64).cos();
            im += f64::from(sample) * (step * i as f64).sin();
        }
        2.0 * re.hypot(im) / part.len() as f64
    }
}

/// Root mean square.
pub(crate) fn rms(samples: &[f32]) -> f64 {
    let sum: f64 = samples.iter().map(|&s| f64::from(s) * f64::from(s)).sum();
    (sum / samples.len().max(1) as f64).sqrt()
}

/// Correlation of two sounds of equal length, from -1 to 1.
pub(crate) fn correlation(a: &[f32], b: &[f32]) -> f64 {
    let product: f64 = a
        .iter()
        .zip(b)
        .map(|(&x, &y)| f64::from(x) * f64::from(y))
        .sum();
    product / (rms(a) * rms(b) * a.len().min(b.len()) as f64)
}
