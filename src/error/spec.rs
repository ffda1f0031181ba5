//! What is wrong with a job, before anything runs.

use std::error::Error;
use std::fmt;

/// What is wrong with a job, found before anything ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecError {
    field: String,
    message: String,
}

impl SpecError {
    pub(crate) fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
        }
    }

    /// The field, such as `outputs[0].duration`; empty for the document as a whole.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// What is wrong with it.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.field.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.field, self.message)
        }
    }
}

impl Error for SpecError {}
