//! The beginning of a file that is being fetched, kept where a later call can go on with it.

use std::fs::{self, File};
use std::io::Write;
use std::mem;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::bounded;
use super::cache::{self, Entry, unusable};
use super::fetch::{Head, Range};
use super::pin::Pin;
use crate::error::AcquireError;

/// The bytes that are there, in memory and, where a later call could go on with them, in the cache.
pub(super) struct Part {
    bytes: Vec<u8>,
    source: String,
    validator: Option<String>,
    total: Option<u64>,
    /// Whether the bytes came in more than one answer, so that they may be of two versions of the file.
    pieced: bool,
    files: Option<Files>,
}

struct Files {
    body: PathBuf,
    origin: PathBuf,
    open: Option<File>,
}

/// Whose beginning the bytes in the cache are.
#[derive(Serialize, Deserialize)]
struct Origin {
    /// The digest of the address, which may contain what is secret.
    source: String,
    validator: String,
    total: Option<u64>,
}

impl Part {
    /// Nothing yet, and never kept.
    pub(super) fn in_memory(url: &str) -> Self {
        Self {
            bytes: Vec::new(),
            source: Pin::of(url.as_bytes()).to_string(),
            validator: None,
            total: None,
            pieced: false,
            files: None,
        }
    }

    /// What an earlier call left of the same address, or nothing. Only under the entry's lock.
    pub(super) fn in_cache(url: &str, entry: &Entry, limit: u64) -> Result<Self, AcquireError> {
        let mut part = Self {
            files: Some(Files {
                body: entry.file("part"),
                origin: entry.file("part.json"),
                open: None,
            }),
            ..Self::in_memory(url)
        };
        if part.recall(limit).is_none() {
            part.clear()?;
        }
        Ok(part)
    }

    /// Takes over what is in the cache, if all of it fits together.
    fn recall(&mut self, limit: u64) -> Option<()> {
        let files = self.files.as_ref()?;
        let origin: Origin = serde_json::from_slice(&fs::read(&files.origin).ok()?).ok()?;
        let body = File::open(&files.body).ok()?;
        let expected = body.metadata().ok()?.len();
        let bytes = bounded(body, expected, limit).ok()??;
        let fits = origin.total.is_none_or(|total| bytes.len() as u64 <= total);
        if origin.source != self.source || bytes.is_empty() || !fits {
            return None;
        }
        self.bytes = bytes;
        self.validator = Some(origin.validator);
        self.total = origin.total;
        self.pieced = true;
        Some(())
    }

    pub(super) fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    pub(super) fn total(&self) -> Option<u64> {
        self.total
    }

    pub(super) fn is_pieced(&self) -> bool {
        self.pieced
    }

    /// Whether nothing is missing, as far as the server said how much there is.
    pub(super) fn is_complete(&self) -> bool {
        self.total == Some(self.len())
    }

    /// What to ask for, to go on.
    pub(super) fn missing(&self) -> Option<Range> {
        let validator = self.validator.clone()?;
        (!self.bytes.is_empty()).then(|| Range {
            start: self.len(),
            validator,
        })
    }

    /// The whole file follows.
    pub(super) fn begin(&mut self, head: &Head) -> Result<(), AcquireError> {
        self.clear()?;
        self.validator = head.validator().map(str::to_owned);
        self.total = head.total();
        let (Some(files), Some(validator)) = (&mut self.files, &self.validator) else {
            return Ok(());
        };
        // The origin comes last: a body without one is never gone on with.
        let body = File::create(&files.body).map_err(|source| unusable(&files.body, source))?;
        files.open = Some(body);
        let origin = Origin {
            source: self.source.clone(),
            validator: validator.clone(),
            total: self.total,
        };
        let origin =
            serde_json::to_vec(&origin).map_err(|error| unusable(&files.origin, error.into()))?;
        fs::write(&files.origin, origin).map_err(|source| unusable(&files.origin, source))
    }

    /// Whether an answer goes on with what is there, as far as it tells. If so, the rest follows.
    pub(super) fn goes_on(&mut self, start: u64, head: &Head) -> Result<bool, AcquireError> {
        let same_version = match (head.validator(), &self.validator) {
            (Some(theirs), Some(ours)) => theirs == ours,
            _ => true,
        };
        let same_length = match (head.total(), self.total) {
            (Some(theirs), Some(ours)) => theirs == ours,
            _ => true,
        };
        if start != self.len() || !same_version || !same_length {
            return Ok(false);
        }
        self.total = self.total.or(head.total());
        self.pieced = true;
        if let Some(files) = &mut self.files
            && files.open.is_none()
        {
            let body = File::options().append(true).open(&files.body);
            files.open = Some(body.map_err(|source| unusable(&files.body, source))?);
        }
        Ok(true)
    }

    pub(super) fn append(&mut self, piece: &[u8]) -> Result<(), AcquireError> {
        if let Some(Files { body, open, .. }) = &mut self.files
            && let Some(file) = open
        {
            file.write_all(piece)
                .map_err(|source| unusable(body, source))?;
        }
        self.bytes.extend_from_slice(piece);
        Ok(())
    }

    /// Forgets what is there.
    pub(super) fn clear(&mut self) -> Result<(), AcquireError> {
        self.bytes.clear();
        self.validator = None;
        self.total = None;
        self.pieced = false;
        if let Some(files) = &mut self.files {
            files.open = None;
            cache::remove(&files.origin)?;
            cache::remove(&files.body)?;
        }
        Ok(())
    }

    /// The file, which is whole. What is in the cache stays until [`clear`](Self::clear).
    pub(super) fn take(&mut self) -> Vec<u8> {
        mem::take(&mut self.bytes)
    }
}
