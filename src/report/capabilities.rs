//! The replies of `version` and `capabilities`: what an engine is, what is in it, and the options
//! of its components.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What an engine says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EngineInfo {
    /// The newest version of the job-spec vocabulary that it knows.
    pub vocab_version: u32,
    /// The FFmpeg release in it, for example `n9.0.2`.
    #[serde(default)]
    pub ffmpeg_version: Option<String>,
    /// `lgpl` or `gpl`.
    #[serde(default)]
    pub variant: Option<String>,
    /// The list of components that it was built with, for example `lean`.
    #[serde(default)]
    pub profile: Option<String>,
    /// The version of the host-kernel interface it was built for; 0 when it calls none.
    #[serde(default)]
    pub kernels: u32,
}

/// The names of everything that is in an engine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Capabilities {
    /// Encoders.
    pub encoders: Vec<String>,
    /// Decoders.
    pub decoders: Vec<String>,
    /// Muxers.
    pub muxers: Vec<String>,
    /// Demuxers.
    pub demuxers: Vec<String>,
    /// Filters.
    pub filters: Vec<String>,
    /// Bitstream filters.
    pub bitstream_filters: Vec<String>,
    /// Protocols.
    pub protocols: Vec<String>,
    /// Parsers.
    pub parsers: Vec<String>,
}

impl Capabilities {
    /// The names of one kind.
    #[must_use]
    pub fn names(&self, kind: ComponentKind) -> &[String] {
        match kind {
            ComponentKind::Encoder => &self.encoders,
            ComponentKind::Decoder => &self.decoders,
            ComponentKind::Muxer => &self.muxers,
            ComponentKind::Demuxer => &self.demuxers,
            ComponentKind::Filter => &self.filters,
            ComponentKind::BitstreamFilter => &self.bitstream_filters,
        }
    }

    /// Whether the engine has this component.
    #[must_use]
    pub fn has(&self, kind: ComponentKind, name: &str) -> bool {
        self.names(kind).iter().any(|known| known == name)
    }
}

/// The kinds of components that have options of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ComponentKind {
    /// An encoder.
    Encoder,
    /// A decoder.
    Decoder,
    /// A muxer, which writes a file format.
    Muxer,
    /// A demuxer, which reads a file format.
    Demuxer,
    /// A filter.
    Filter,
    /// A bitstream filter.
    BitstreamFilter,
}

impl ComponentKind {
    /// Every kind.
    pub const ALL: [ComponentKind; 6] = [
        Self::Encoder,
        Self::Decoder,
        Self::Muxer,
        Self::Demuxer,
        Self::Filter,
        Self::BitstreamFilter,
    ];

    /// The word of the vocabulary, for example `bitstream_filter`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Encoder => "encoder",
            Self::Decoder => "decoder",
            Self::Muxer => "muxer",
            Self::Demuxer => "demuxer",
            Self::Filter => "filter",
            Self::BitstreamFilter => "bitstream_filter",
        }
    }
}

impl fmt::Display for ComponentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One component of an engine. The fields that another kind has are empty.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Component {
    /// Its kind and name as they were asked for, for example `encoder=libopenh264`.
    #[serde(default)]
    pub component: String,
    /// Its name.
    pub name: String,
    /// What it is, in a few words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Of a codec: `video`, `audio` or `subtitle`.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Of an encoder or decoder: the codec it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codec: Option<String>,
    /// Pixel formats that it takes or gives; empty when it does not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pix_fmts: Vec<String>,
    /// Sample formats that it takes or gives; empty when it does not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sample_fmts: Vec<String>,
    /// Sample rates that it takes or gives; empty when it does not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sample_rates: Vec<u32>,
    /// Channel layouts that it takes or gives; empty when it does not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channel_layouts: Vec<String>,
    /// Of a format: its file extensions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<String>,
    /// Its own options.
    #[serde(default)]
    pub options: Vec<OptionInfo>,
    /// Options that it shares with all of its kind; not each of them has an effect on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub generic_options: Vec<OptionInfo>,
}

/// One option of a component.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OptionInfo {
    /// Its key.
    pub name: String,
    /// The type of its value, for example `int`, `double`, `string`, `flags`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its value when it is not set: a boolean, a number or a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// Its least and its greatest value; an end without a bound is `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<(Option<f64>, Option<f64>)>,
    /// What it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Whether it takes a list of such values.
    #[serde(default)]
    pub list: bool,
    /// Whether it should no longer be used.
    #[serde(default)]
    pub deprecated: bool,
    /// Words that stand for values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub constants: Vec<OptionConstant>,
}

/// A word that stands for a value of an option.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OptionConstant {
    /// The word.
    pub name: String,
    /// The value it stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<i64>,
    /// What it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}
