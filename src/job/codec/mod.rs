//! Encoders with their settings: typed for the common ones, by name and by option for every other.

mod audio;
mod bounds;
mod video;

use std::collections::BTreeMap;

pub use audio::{Aac, AacCoder, Ac3, Flac, Mp3, Opus, OpusApplication, OpusRate, Vorbis};
pub use video::{
    H264Profile, Kvazaar, KvazaarPreset, Mjpeg, OpenH264, ProRes, ProResProfile, Vp8, Vp9,
    VpxDeadline, WebP, X264, X264Preset, X264Tune,
};

pub(super) use bounds::check;

/// What stands for no encoder.
pub(super) const COPY: &str = "copy";

/// An encoder and its options, or `copy`.
///
/// Made of a name, of which every encoder of the engine has one, or of typed settings:
///
/// ```
/// use afmpeg::codec::{Aac, Codec, OpenH264};
/// use afmpeg::Output;
///
/// let output = Output::file("/out.mp4")
///     .map("[v]")
///     .map("[a]")
///     .video_codec(OpenH264::new().bitrate(1_200_000).gop(50))
///     .audio_codec(Aac::new().bitrate(128_000));
/// let other = Output::file("/out.mkv")
///     .map("[v]")
///     .video_codec(Codec::new("ffv1").option("level", 3));
/// assert_eq!(output.video_options["b"], "1200000");
/// assert_eq!(other.video_codec.as_deref(), Some("ffv1"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Codec {
    name: String,
    options: BTreeMap<String, String>,
}

impl Codec {
    /// An encoder by the name that FFmpeg has for it, with its own defaults.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            options: BTreeMap::new(),
        }
    }

    /// No encoder: the packets of the source as they are.
    #[must_use]
    pub fn copy() -> Self {
        Self::new(COPY)
    }

    /// Sets an option. One that the encoder does not know fails the job.
    #[must_use]
    pub fn option(mut self, key: impl Into<String>, value: impl ToString) -> Self {
        self.options.insert(key.into(), value.to_string());
        self
    }

    /// The encoder's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its options.
    #[must_use]
    pub fn options(&self) -> &BTreeMap<String, String> {
        &self.options
    }

    pub(super) fn into_parts(self) -> (String, BTreeMap<String, String>) {
        (self.name, self.options)
    }

    /// Encodes at a quality of the encoder's own scale instead of at a bit rate.
    fn quality(self, scale: f64) -> Self {
        // FFmpeg's lambda for a quantiser of 1.
        const LAMBDA: f64 = 118.0;
        self.option("flags", "+qscale")
            .option("global_quality", (scale * LAMBDA).round())
    }
}

impl From<&str> for Codec {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl From<String> for Codec {
    fn from(name: String) -> Self {
        Self::new(name)
    }
}

impl From<&String> for Codec {
    fn from(name: &String) -> Self {
        Self::new(name)
    }
}

/// Settings of one encoder, which are a [`Codec`] that knows its name.
macro_rules! settings {
    ($(#[$doc:meta])* $settings:ident = $encoder:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $settings(crate::job::codec::Codec);

        impl $settings {
            #[doc = concat!("FFmpeg's `", $encoder, "` with its own defaults.")]
            #[must_use]
            pub fn new() -> Self {
                Self(crate::job::codec::Codec::new($encoder))
            }

            /// Sets any other option. One that the encoder does not know fails the job.
            #[must_use]
            pub fn option(self, key: impl Into<String>, value: impl ToString) -> Self {
                Self(self.0.option(key, value))
            }
        }

        impl Default for $settings {
            fn default() -> Self {
                Self::new()
            }
        }

        impl From<$settings> for crate::job::codec::Codec {
            fn from(settings: $settings) -> Self {
                settings.0
            }
        }
    };
}

/// The setting that most encoders have.
macro_rules! bitrate {
    ($settings:ident) => {
        impl $settings {
            /// Aims at so many bits a second.
            #[must_use]
            pub fn bitrate(self, bits: u64) -> Self {
                self.option("b", bits)
            }
        }
    };
}

/// A setting that is one of some words.
macro_rules! words {
    ($(#[$doc:meta])* $words:ident { $($(#[$note:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $words {
            $($(#[$note])* $variant,)*
        }

        impl $words {
            /// Every one of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word that the encoder knows it by.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }
        }

        impl std::fmt::Display for $words {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

use {bitrate, settings, words};
