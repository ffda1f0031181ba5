//! One stream of an output in the full form: everything that is said of it stands in one place.

use std::collections::BTreeMap;

use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};

use super::codec::Codec;
use crate::report::Rational;

/// One stream of an [`Output`](crate::Output) in the full form, for outputs that need more than one
/// codec of a kind, options of a stream alone, or a frame rate.
///
/// ```
/// use afmpeg::{Output, Stream};
///
/// let output = Output::file("/out.mkv")
///     .stream(Stream::new("0:v").codec("copy"))
///     .stream(Stream::new("0:a").codec("aac").option("b", "96k").language("eng"))
///     .stream(Stream::new("0:a").codec("flac").disposition("comment"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Stream {
    /// A pad of the graph such as `[v]`, or a stream of an input such as `0:a:1`.
    pub from: String,
    /// The encoder, or `copy`. Without it a pad is encoded as the muxer prefers, and a stream of an input
    /// is copied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codec: Option<String>,
    /// Options of the encoder; it must know each of them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, String>,
    /// A chain of bitstream filters, or `none` to keep out the muxer's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bitstream_filters: Option<String>,
    /// Pictures a second of an encoded stream: held to it, or with [`RateMode::Vfr`] at most so many.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "rate"
    )]
    #[cfg_attr(feature = "schema", schemars(with = "Option<super::schema::Rate>"))]
    pub frame_rate: Option<Rational>,
    /// When the pictures of an encoded stream are shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_mode: Option<RateMode>,
    /// The language, as three letters of ISO 639-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Flags such as `default` and `forced`; without any, those of the source.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disposition: Vec<String>,
    /// Other tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

/// When the pictures of a stream are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum RateMode {
    /// Each at its own time; what holds without mode and rate. To the nearest time of a format or an encoder with one rate.
    Source,
    /// Each at its own time, less those that come at the time of another, or sooner after it than the
    /// frame rate allows.
    Vfr,
    /// All at one distance: pictures are repeated and left out. What a frame rate alone means.
    Cfr,
}

impl Stream {
    /// A stream that comes from a pad of the graph such as `[v]`, or from a stream of an input such as
    /// `0:v`, `0:a:1` or `0:3`.
    #[must_use]
    pub fn new(from: impl Into<String>) -> Self {
        Self {
            from: from.into(),
            ..Self::default()
        }
    }

    /// Names the encoder, or `copy`; or sets the encoder with its settings, see [`codec`](crate::codec).
    #[must_use]
    pub fn codec(mut self, codec: impl Into<Codec>) -> Self {
        let (name, options) = codec.into().into_parts();
        self.codec = Some(name);
        self.options.extend(options);
        self
    }

    /// Sets an option of the encoder.
    #[must_use]
    pub fn option(mut self, key: impl Into<String>, value: impl ToString) -> Self {
        self.options.insert(key.into(), value.to_string());
        self
    }

    /// Puts a bitstream filter, or a chain of them, before the muxer; `none` keeps out its own.
    #[must_use]
    pub fn bitstream_filters(mut self, filters: impl Into<String>) -> Self {
        self.bitstream_filters = Some(filters.into());
        self
    }

    /// Sets the pictures a second, such as 30000 in 1001 seconds. A rate that is none, in 0 seconds or
    /// below 0, is refused by the engine.
    #[must_use]
    pub fn frame_rate(mut self, pictures: u32, seconds: u32) -> Self {
        self.frame_rate = Some(Rational {
            num: pictures.into(),
            den: seconds.into(),
        });
        self
    }

    /// Says when the pictures are shown.
    #[must_use]
    pub fn rate_mode(mut self, mode: RateMode) -> Self {
        self.rate_mode = Some(mode);
        self
    }

    /// Sets the language, as three letters of ISO 639-2.
    #[must_use]
    pub fn language(mut self, language: impl Into<String>) -> Self {
        self.language = Some(language.into());
        self
    }

    /// Adds a flag such as `default` or `forced`.
    #[must_use]
    pub fn disposition(mut self, flag: impl Into<String>) -> Self {
        self.disposition.push(flag.into());
        self
    }

    /// Sets a tag.
    #[must_use]
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.insert(key.into(), value.into());
        self
    }
}

/// A rate is a fraction as text, or a number.
fn rate<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Rational>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Rate {
        Whole(i64),
        Number(f64),
        Fraction(Rational),
    }
    // Rates that are no fraction of small numbers are given to a thousandth: 29.97, 23.976.
    const FINE: i64 = 1000;
    match Option::<Rate>::deserialize(from)? {
        None => Ok(None),
        Some(Rate::Whole(num)) => Ok(Some(Rational { num, den: 1 })),
        Some(Rate::Fraction(fraction)) => Ok(Some(fraction)),
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            reason = "the range is checked first"
        )]
        Some(Rate::Number(number)) => {
            if !(0.001..=10_000.0).contains(&number) {
                return Err(D::Error::custom(format_args!("{number} is no frame rate")));
            }
            Ok(Some(Rational {
                num: (number * FINE as f64).round() as i64,
                den: FINE,
            }))
        }
    }
}
