//! Settings of the common encoders of pictures.

use super::{bitrate, settings, words};

settings! {
    /// H.264 by x264, which is in the engines of the GPL variant. Constant quality unless a bit rate is set.
    X264 = "libx264"
}
bitrate!(X264);

impl X264 {
    /// The constant rate factor, 0 to 51: lower is better, 23 is x264's own, 18 hardly to be told from the source.
    #[must_use]
    pub fn crf(self, factor: f64) -> Self {
        self.option("crf", factor)
    }

    /// How much work is spent on small files.
    #[must_use]
    pub fn preset(self, preset: X264Preset) -> Self {
        self.option("preset", preset)
    }

    /// What kind of picture it is, or what it is for.
    #[must_use]
    pub fn tune(self, tune: X264Tune) -> Self {
        self.option("tune", tune)
    }

    /// The features that a decoder must have.
    #[must_use]
    pub fn profile(self, profile: H264Profile) -> Self {
        let name = match profile {
            // What x264 calls baseline is constrained: it has none of the features that nobody decodes.
            H264Profile::ConstrainedBaseline => "baseline",
            other => other.as_str(),
        };
        self.option("profile", name)
    }

    /// The most pictures from one key frame to the next.
    #[must_use]
    pub fn gop(self, pictures: u32) -> Self {
        self.option("g", pictures)
    }

    /// The most B-pictures in a row, 0 to 16.
    #[must_use]
    pub fn b_frames(self, pictures: u32) -> Self {
        self.option("bf", pictures)
    }

    /// Holds the stream to so many bits a second, measured over a buffer of so many bits.
    #[must_use]
    pub fn max_bitrate(self, bits: u64, buffer: u64) -> Self {
        self.option("maxrate", bits).option("bufsize", buffer)
    }
}

settings! {
    /// H.264 by openh264, which is in every engine: constrained baseline to high profile, no B-pictures.
    OpenH264 = "libopenh264"
}
bitrate!(OpenH264);

impl OpenH264 {
    /// The features that a decoder must have.
    #[must_use]
    pub fn profile(self, profile: H264Profile) -> Self {
        self.option("profile", profile)
    }

    /// The most pictures from one key frame to the next.
    #[must_use]
    pub fn gop(self, pictures: u32) -> Self {
        self.option("g", pictures)
    }

    /// The most bits a second.
    #[must_use]
    pub fn max_bitrate(self, bits: u64) -> Self {
        self.option("maxrate", bits)
    }

    /// The least and the greatest quantiser, 0 to 51: lower is better. The same twice is constant quality.
    #[must_use]
    pub fn quantisers(self, least: u32, greatest: u32) -> Self {
        self.option("qmin", least).option("qmax", greatest)
    }
}

settings! {
    /// VP8 by libvpx, for WebM.
    Vp8 = "libvpx"
}
bitrate!(Vp8);

settings! {
    /// VP9 by libvpx, for WebM and MP4.
    Vp9 = "libvpx-vp9"
}
bitrate!(Vp9);

macro_rules! vpx {
    ($settings:ident, $speeds:literal) => {
        impl $settings {
            /// The quality, 0 to 63: lower is better. With a bit rate, that is the most that it takes; VP9 without
            /// one has constant quality.
            #[must_use]
            pub fn crf(self, quality: u32) -> Self {
                self.option("crf", quality)
            }

            /// How much time may be spent.
            #[must_use]
            pub fn deadline(self, deadline: VpxDeadline) -> Self {
                self.option("deadline", deadline)
            }

            #[doc = concat!("How fast, at the cost of quality: ", $speeds, ".")]
            #[must_use]
            pub fn cpu_used(self, speed: i32) -> Self {
                self.option("cpu-used", speed)
            }

            /// The most pictures from one key frame to the next.
            #[must_use]
            pub fn gop(self, pictures: u32) -> Self {
                self.option("g", pictures)
            }
        }
    };
}

vpx!(Vp8, "-16 to 16");
vpx!(Vp9, "-8 to 8");

impl Vp9 {
    /// Keeps every bit of the picture.
    #[must_use]
    pub fn lossless(self) -> Self {
        self.option("lossless", 1)
    }
}

settings! {
    /// HEVC by kvazaar, which is in the full engines.
    Kvazaar = "libkvazaar"
}
bitrate!(Kvazaar);

impl Kvazaar {
    /// How much work is spent on small files, and the quantiser, 0 to 51: lower is better. Part of the encoder's option
    /// `kvazaar-params`.
    #[must_use]
    pub fn quality(self, preset: KvazaarPreset, quantiser: u32) -> Self {
        let kept = self.parameters(&["preset", "qp"]);
        // A preset resets what stands before it.
        let own = format!("preset={preset},qp={quantiser}");
        self.option("kvazaar-params", join(&own, &kept))
    }

    /// The pictures from one key frame to the next, without B pictures between them: the encoder takes no length that
    /// is not a multiple of its pyramid's. Part of its option `kvazaar-params`; it does not look at `g`.
    #[must_use]
    pub fn gop(self, pictures: u32) -> Self {
        let kept = self.parameters(&["period", "gop"]);
        let own = format!("period={pictures},gop=0");
        self.option("kvazaar-params", join(&kept, &own))
    }

    /// The parameters that were set, without these.
    fn parameters(&self, without: &[&str]) -> String {
        let set = self.0.options().get("kvazaar-params");
        let kept = set.into_iter().flat_map(|set| set.split(','));
        let kept = kept.filter(|one| !without.contains(&one.split('=').next().unwrap_or_default()));
        kept.collect::<Vec<_>>().join(",")
    }
}

fn join(first: &str, second: &str) -> String {
    let both = [first, second].into_iter();
    let both = both.filter(|text| !text.is_empty());
    both.collect::<Vec<_>>().join(",")
}

settings! {
    /// Motion JPEG, and JPEG pictures.
    Mjpeg = "mjpeg"
}
bitrate!(Mjpeg);

impl Mjpeg {
    /// The quantiser, 1 to 31: lower is better, 2 is hardly to be told from the source.
    #[must_use]
    pub fn quality(self, quantiser: u32) -> Self {
        Self(self.0.quality(f64::from(quantiser)))
    }
}

settings! {
    /// ProRes for editing, in QuickTime files.
    ProRes = "prores_ks"
}

impl ProRes {
    /// How good, and how large.
    #[must_use]
    pub fn profile(self, profile: ProResProfile) -> Self {
        self.option("profile", profile)
    }
}

settings! {
    /// WebP pictures.
    WebP = "libwebp"
}

impl WebP {
    /// The quality, 0 to 100: higher is better, 75 is its own.
    #[must_use]
    pub fn quality(self, quality: f64) -> Self {
        self.option("quality", quality)
    }

    /// Keeps every bit of the picture.
    #[must_use]
    pub fn lossless(self) -> Self {
        self.option("lossless", 1)
    }
}

words! {
    /// How much work x264 spends on small files.
    X264Preset {
        /// The fastest.
        Ultrafast = "ultrafast",
        /// Faster than `veryfast`.
        Superfast = "superfast",
        /// Faster than `faster`.
        Veryfast = "veryfast",
        /// Faster than `fast`.
        Faster = "faster",
        /// Faster than `medium`.
        Fast = "fast",
        /// x264's own choice.
        Medium = "medium",
        /// Slower than `medium`.
        Slow = "slow",
        /// Slower than `slow`.
        Slower = "slower",
        /// The slowest that is worth it.
        Veryslow = "veryslow",
        /// Everything that x264 can try.
        Placebo = "placebo",
    }
}

words! {
    /// What x264 shapes its decisions for.
    X264Tune {
        /// Film.
        Film = "film",
        /// Drawn pictures: large areas of one colour.
        Animation = "animation",
        /// Film grain that is to be kept.
        Grain = "grain",
        /// A slide show.
        StillImage = "stillimage",
        /// A good figure of peak signal to noise.
        Psnr = "psnr",
        /// A good figure of structural similarity.
        Ssim = "ssim",
        /// Decoders that are slow.
        FastDecode = "fastdecode",
        /// No picture waits for another one.
        ZeroLatency = "zerolatency",
    }
}

words! {
    /// The features that a decoder of H.264 must have.
    H264Profile {
        /// No B-pictures, no arithmetic coding: what everything decodes.
        ConstrainedBaseline = "constrained_baseline",
        /// With both.
        Main = "main",
        /// With transforms of 8x8 as well.
        High = "high",
    }
}

words! {
    /// How much time libvpx may spend.
    VpxDeadline {
        /// All of it.
        Best = "best",
        /// What is reasonable.
        Good = "good",
        /// As for a call.
        Realtime = "realtime",
    }
}

words! {
    /// How much work kvazaar spends on small files.
    KvazaarPreset {
        /// The fastest.
        Ultrafast = "ultrafast",
        /// Faster than `veryfast`.
        Superfast = "superfast",
        /// Faster than `faster`.
        Veryfast = "veryfast",
        /// Faster than `fast`.
        Faster = "faster",
        /// Faster than `medium`.
        Fast = "fast",
        /// Kvazaar's own choice.
        Medium = "medium",
        /// Slower than `medium`.
        Slow = "slow",
        /// Slower than `slow`.
        Slower = "slower",
        /// Slower than `slower`.
        Veryslow = "veryslow",
        /// Everything that kvazaar can try.
        Placebo = "placebo",
    }
}

words! {
    /// The profiles of ProRes.
    ProResProfile {
        /// For drafts.
        Proxy = "proxy",
        /// Light.
        Lt = "lt",
        /// The plain one.
        Standard = "standard",
        /// High quality.
        Hq = "hq",
        /// With full colour and transparency.
        P4444 = "4444",
        /// The same with more bits.
        P4444Xq = "4444xq",
    }
}
