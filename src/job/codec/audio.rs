//! Settings of the common encoders of sound.

use super::{bitrate, settings, words};

settings! {
    /// AAC-LC by FFmpeg's own encoder, which is in every engine.
    Aac = "aac"
}
bitrate!(Aac);

impl Aac {
    /// How the encoder searches for its quantisers; see [`Output::AUDIO_DEFAULTS`](crate::Output::AUDIO_DEFAULTS).
    #[must_use]
    pub fn coder(self, coder: AacCoder) -> Self {
        self.option("aac_coder", coder)
    }
}

settings! {
    /// Opus by libopus, which is in the full engines. Sound of other rates is resampled to 48 kHz.
    Opus = "libopus"
}
bitrate!(Opus);

impl Opus {
    /// What the sound is.
    #[must_use]
    pub fn application(self, application: OpusApplication) -> Self {
        self.option("application", application)
    }

    /// Whether packets may differ in size.
    #[must_use]
    pub fn rate(self, rate: OpusRate) -> Self {
        self.option("vbr", rate)
    }

    /// The length of a packet in milliseconds: 2.5, 5, 10, 20, 40, 60, 80, 100 or 120; 20 is its own.
    #[must_use]
    pub fn frame_duration(self, milliseconds: f64) -> Self {
        self.option("frame_duration", milliseconds)
    }
}

settings! {
    /// MP3 by LAME, which is in the full engines.
    Mp3 = "libmp3lame"
}
bitrate!(Mp3);

impl Mp3 {
    /// A varying bit rate of this quality, 0 to 9: lower is better, 2 is some 190 kbit/s. Instead of a bit rate.
    #[must_use]
    pub fn quality(self, quality: f64) -> Self {
        Self(self.0.quality(quality))
    }
}

settings! {
    /// Vorbis by libvorbis, which is in the full engines.
    Vorbis = "libvorbis"
}
bitrate!(Vorbis);

impl Vorbis {
    /// A varying bit rate of this quality, -1 to 10: higher is better, 3 is its own. Instead of a bit rate.
    #[must_use]
    pub fn quality(self, quality: f64) -> Self {
        Self(self.0.quality(quality))
    }
}

settings! {
    /// FLAC, lossless.
    Flac = "flac"
}

impl Flac {
    /// How much work is spent on small files, 0 to 12; 5 is its own.
    #[must_use]
    pub fn compression_level(self, level: u32) -> Self {
        self.option("compression_level", level)
    }
}

settings! {
    /// AC-3, which is in the full engines.
    Ac3 = "ac3"
}
bitrate!(Ac3);

words! {
    /// How FFmpeg's AAC encoder searches for its quantisers.
    AacCoder {
        /// Step by step towards what an ear masks.
        TwoLoop = "twoloop",
        /// In one step from a model.
        Fast = "fast",
    }
}

words! {
    /// What Opus is to encode.
    OpusApplication {
        /// Speech.
        Voip = "voip",
        /// Music, and anything else.
        Audio = "audio",
        /// Anything, with the least delay.
        LowDelay = "lowdelay",
    }
}

words! {
    /// Whether packets of Opus may differ in size.
    OpusRate {
        /// All have one size.
        Constant = "off",
        /// As the sound needs.
        Variable = "on",
        /// As the sound needs, within what a player's buffer takes.
        Constrained = "constrained",
    }
}
