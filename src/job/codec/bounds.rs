//! What the values of known options can be, of encoders that do not all refuse others themselves.

use std::collections::BTreeMap;

use super::{AacCoder, OpusApplication, OpusRate, ProResProfile, VpxDeadline, X264Preset};
use crate::error::SpecError;

/// Checks the options of an encoder, as far as its values are known here. Any other is the engine's to judge.
///
/// # Errors
///
/// The first value that cannot be meant; `at` is the field that holds the options.
pub(in crate::job) fn check(
    at: &str,
    encoder: &str,
    options: &BTreeMap<String, String>,
) -> Result<(), SpecError> {
    for (key, value) in options {
        let here = |bound: &&Bound| bound.option == key && bound.encoders.contains(&encoder);
        let Some(bound) = BOUNDS.iter().find(here) else {
            continue;
        };
        if !bound.allows(value) {
            let message = format!("{encoder} takes {}, and not \"{value}\"", bound.values);
            return Err(SpecError::new(format!("{at}.{key}"), message));
        }
    }
    Ok(())
}

/// The values of one option.
struct Bound {
    encoders: &'static [&'static str],
    option: &'static str,
    values: Values,
}

enum Values {
    /// A number from one to another. What is no plain number, an expression, passes.
    Numbers(f64, f64),
    /// One of these numbers.
    Steps(&'static [f64]),
    /// One of these words, or the number that FFmpeg has for one.
    Words(fn() -> Vec<&'static str>),
}

impl Bound {
    fn allows(&self, value: &str) -> bool {
        let number = value.parse::<f64>().ok();
        match (&self.values, number) {
            (Values::Numbers(least, greatest), Some(number)) => {
                (*least..=*greatest).contains(&number)
            }
            (Values::Steps(steps), Some(number)) => steps.contains(&number),
            (Values::Numbers(..) | Values::Steps(_), None) => true,
            (Values::Words(_), Some(number)) if number.fract() == 0.0 => true,
            (Values::Words(words), _) => words().contains(&value),
        }
    }
}

impl std::fmt::Display for Values {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Numbers(least, greatest) => write!(f, "{least} to {greatest}"),
            Self::Steps(steps) => {
                let steps: Vec<_> = steps.iter().map(f64::to_string).collect();
                write!(f, "one of {}", steps.join(", "))
            }
            Self::Words(words) => write!(f, "one of {}", words().join(", ")),
        }
    }
}

macro_rules! names {
    ($words:ident) => {
        Values::Words(|| $words::ALL.iter().map(|word| word.as_str()).collect())
    };
}

const fn numbers(
    encoders: &'static [&'static str],
    option: &'static str,
    least: f64,
    greatest: f64,
) -> Bound {
    Bound {
        encoders,
        option,
        values: Values::Numbers(least, greatest),
    }
}

/// -1 is what FFmpeg has for "as the encoder likes".
const BOUNDS: &[Bound] = &[
    numbers(&["libx264"], "crf", -1.0, 51.0),
    numbers(&["libx264"], "qp", -1.0, 51.0),
    numbers(&["libx264"], "bf", -1.0, 16.0),
    numbers(&["libx264", "libopenh264"], "qmin", -1.0, 51.0),
    numbers(&["libx264", "libopenh264"], "qmax", -1.0, 51.0),
    numbers(&["libvpx", "libvpx-vp9"], "crf", -1.0, 63.0),
    numbers(&["libvpx"], "cpu-used", -16.0, 16.0),
    numbers(&["libvpx-vp9"], "cpu-used", -8.0, 8.0),
    numbers(&["libwebp", "libwebp_anim"], "quality", 0.0, 100.0),
    numbers(&["flac"], "compression_level", 0.0, 12.0),
    Bound {
        encoders: &["libopus"],
        option: "frame_duration",
        values: Values::Steps(&[2.5, 5.0, 10.0, 20.0, 40.0, 60.0, 80.0, 100.0, 120.0]),
    },
    Bound {
        encoders: &["libopus"],
        option: "application",
        values: names!(OpusApplication),
    },
    Bound {
        encoders: &["libopus"],
        option: "vbr",
        values: names!(OpusRate),
    },
    Bound {
        encoders: &["aac"],
        option: "aac_coder",
        values: names!(AacCoder),
    },
    Bound {
        encoders: &["libx264"],
        option: "preset",
        values: names!(X264Preset),
    },
    Bound {
        encoders: &["libx264"],
        option: "profile",
        values: Values::Words(|| vec!["baseline", "main", "high", "high10", "high422", "high444"]),
    },
    Bound {
        encoders: &["libopenh264"],
        option: "profile",
        values: Values::Words(|| vec!["constrained_baseline", "main", "high"]),
    },
    Bound {
        encoders: &["libvpx", "libvpx-vp9"],
        option: "deadline",
        values: names!(VpxDeadline),
    },
    Bound {
        encoders: &["prores_ks"],
        option: "profile",
        values: Values::Words(|| {
            let known = ProResProfile::ALL.iter().map(|profile| profile.as_str());
            known.chain(["auto"]).collect()
        }),
    },
];

#[cfg(test)]
mod tests {
    use super::super::{Codec, Flac, Kvazaar, KvazaarPreset, Opus, Vp9, X264, X264Tune};
    use super::*;

    fn refusal(codec: impl Into<Codec>) -> Option<String> {
        let (name, options) = codec.into().into_parts();
        check("o", &name, &options).err().map(|e| e.to_string())
    }

    #[test]
    fn values_within_their_bounds_pass_and_others_are_named() {
        assert_eq!(refusal(X264::new().crf(0.0).b_frames(16)), None);
        assert_eq!(
            refusal(X264::new().crf(51.5)).as_deref(),
            Some("o.crf: libx264 takes -1 to 51, and not \"51.5\"")
        );
        assert!(refusal(X264::new().crf(f64::NAN)).is_some());
        assert_eq!(refusal(Vp9::new().crf(63).cpu_used(-8)), None);
        assert!(refusal(Vp9::new().cpu_used(9)).is_some());
        assert!(refusal(Flac::new().compression_level(13)).is_some());
        assert_eq!(refusal(Opus::new().frame_duration(2.5)), None);
        let refused = refusal(Opus::new().frame_duration(30.0)).expect("30 ms are no packet");
        assert!(refused.contains("2.5, 5, 10"), "{refused}");
    }

    #[test]
    fn words_and_their_numbers_pass_and_others_are_named() {
        for preset in X264Preset::ALL {
            assert_eq!(refusal(X264::new().preset(*preset)), None);
        }
        for tune in X264Tune::ALL {
            assert_eq!(refusal(X264::new().tune(*tune)), None);
        }
        let refused = refusal(X264::new().option("preset", "quick")).expect("there is none");
        assert!(refused.contains("veryfast"), "{refused}");
        assert_eq!(
            refusal(Codec::new("libvpx").option("deadline", "1000000")),
            None
        );
        assert!(refusal(Codec::new("libvpx").option("deadline", "soon")).is_some());
    }

    #[test]
    fn what_is_not_known_here_is_left_to_the_engine() {
        assert_eq!(refusal(Codec::new("other").option("crf", "900")), None);
        assert_eq!(refusal(X264::new().option("crf", "20+3")), None);
        let kvazaar = Kvazaar::new().quality(KvazaarPreset::Fast, 30);
        assert_eq!(refusal(kvazaar), None);
        let text = |kvazaar: Kvazaar| Codec::from(kvazaar).options()["kvazaar-params"].clone();
        let made = Kvazaar::new()
            .gop(10)
            .quality(KvazaarPreset::Fast, 30)
            .gop(5);
        assert_eq!(text(made), "preset=fast,qp=30,period=5,gop=0");
    }
}
