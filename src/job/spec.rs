//! The document that goes to the engine, and the version of the vocabulary it is written in.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::check;
use crate::error::SpecError;

/// The version of the job-spec vocabulary that this library writes, and that an engine must know.
pub const VOCABULARY: u32 = 10;

/// A job that was checked, as the JSON text that the engine reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec(String);

impl Spec {
    pub(crate) fn new(document: &impl Serialize) -> Result<Self, SpecError> {
        let text = serde_json::to_string(document)
            .map_err(|e| SpecError::new("", format!("the job cannot be written as JSON: {e}")))?;
        // What is refused for every field alike is found in the text that will be sent, so that no
        // field can be forgotten.
        let value: Value = serde_json::from_str(&text)
            .map_err(|e| SpecError::new("", format!("the job cannot be written as JSON: {e}")))?;
        check::document(&value)?;
        Ok(Self(text))
    }

    /// The JSON text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The JSON text.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
