//! The classes of failures that an engine tells apart.

use std::fmt;

use serde::{Deserialize, Deserializer};

macro_rules! classes {
    ($($variant:ident = $word:literal, $doc:literal;)*) => {
        /// Why the engine failed a job, as the engine classes it.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorClass {
            $(#[doc = $doc] $variant,)*
            /// The engine named no class, or one that this library does not know.
            #[default]
            Unknown,
        }

        impl ErrorClass {
            /// The word of the vocabulary, for example `open_input`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                    Self::Unknown => "unknown",
                }
            }

            /// The class that a word stands for.
            pub(crate) fn from_word(word: &str) -> Self {
                match word {
                    $($word => Self::$variant,)*
                    _ => Self::Unknown,
                }
            }
        }
    };
}

classes! {
    Spec = "spec", "The job spec is malformed.";
    Version = "version", "The job spec is newer than the engine.";
    OpenInput = "open_input", "An input cannot be opened or is no media file.";
    OpenOutput = "open_output", "An output cannot be created.";
    NotInBuild = "not_in_build", "A codec, format or filter is not in this engine.";
    Option = "option", "An option is not known, or its value is wrong.";
    Map = "map", "An output names a pad or a stream that is not there.";
    Graph = "graph", "The filter graph is wrong.";
    Decode = "decode", "An input is damaged.";
    Encode = "encode", "An encoder failed.";
    Mux = "mux", "A muxer failed.";
    Storage = "storage", "The filesystem refused: full, read-only, over quota.";
    Seek = "seek", "An input cannot be read from the place that was asked for.";
    Internal = "internal", "The engine is out of memory, or has a bug.";
}

impl fmt::Display for ErrorClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ErrorClass {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self::from_word(&String::deserialize(from)?))
    }
}
