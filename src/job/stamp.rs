//! The fields of a document that have one right value: its version and its operation.

use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, Serializer};

use super::VOCABULARY;

/// `"version"`: written as [`VOCABULARY`], read as anything up to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stamp;

impl Serialize for Stamp {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u32(VOCABULARY)
    }
}

impl<'de> Deserialize<'de> for Stamp {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let version = u64::deserialize(from)?;
        if version > u64::from(VOCABULARY) {
            return Err(D::Error::custom(format_args!(
                "the document has version {version} and this library knows versions up to \
                 {VOCABULARY}"
            )));
        }
        Ok(Stamp)
    }
}

macro_rules! operation {
    ($name:ident, $word:literal) => {
        /// The `"op"` of one kind of document.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub(crate) struct $name;

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str($word)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let op = std::borrow::Cow::<'_, str>::deserialize(from)?;
                if op != $word {
                    return Err(D::Error::custom(format_args!(
                        "the operation is \"{op}\" and must be \"{}\"",
                        $word
                    )));
                }
                Ok($name)
            }
        }
    };
}

operation!(ProcessOp, "process");
operation!(FramesOp, "frames");
operation!(ProbeOp, "probe");
operation!(CapabilitiesOp, "capabilities");
