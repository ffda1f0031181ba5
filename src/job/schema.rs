//! Schemas of what is written by hand: fields with one right value, and values that are a word or something else.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::VOCABULARY;
use super::extras::Chapter;
use super::frames::Scene;
use super::output::{Chapters, MetadataFrom};
use super::stamp::{FramesOp, ProcessOp, Stamp};

macro_rules! schema {
    ($type:ty, $name:literal, $generator:ident => $schema:tt) => {
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema($generator: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    };
}

schema!(Stamp, "Version", _generator => {
    "description": "The version of the vocabulary that the document is written in; 0 without it.",
    "type": "integer",
    "minimum": 0,
    "maximum": VOCABULARY
});
schema!(ProcessOp, "Process", _generator => { "const": "process" });
schema!(FramesOp, "Frames", _generator => { "const": "frames" });
schema!(Scene, "Scene", _generator => {
    "description": "How much a picture must differ from the one before it, or the most representative one.",
    "anyOf": [{ "type": "number", "minimum": 0, "maximum": 1 }, { "const": "thumbnail" }]
});
schema!(MetadataFrom, "MetadataFrom", _generator => {
    "description": "The number of an input, or nobody.",
    "anyOf": [{ "type": "integer", "minimum": 0, "maximum": u32::MAX }, { "const": "none" }]
});
schema!(Chapters, "Chapters", generator => {
    "description": "Those of the first input, those of an input by its number, none, or these.",
    "anyOf": [
        { "enum": ["copy", "none"] },
        { "type": "integer", "minimum": 0, "maximum": u32::MAX },
        { "type": "array", "items": generator.subschema_for::<Chapter>() }
    ]
});

/// A frame rate as it is read: a fraction as text, or a number.
pub(super) struct Rate;

schema!(Rate, "Rate", _generator => {
    "description": "Pictures a second: a fraction such as \"30000/1001\", or a number.",
    "anyOf": [
        { "type": "string", "pattern": "^-?[0-9]+([/:]-?[0-9]+)?$" },
        { "type": "number" }
    ]
});
