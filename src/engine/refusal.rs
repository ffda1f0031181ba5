//! A file that was fetched and is another engine than the one that was asked for: it is not fetched
//! again and again by a program that is started again and again.

use std::fs;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::cache::{self, Entry, unusable};
use super::pin::Pin;
use crate::error::AcquireError;

/// How long a server is asked only whether it still has the same file.
const LIFE: Duration = Duration::from_secs(60 * 60);

/// What was wrong, and how to ask whether it still is.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Refusal {
    /// The digest of the address.
    source: String,
    pub(super) etag: String,
    /// The digest of the module that was there.
    pub(super) found: String,
    /// Seconds since 1970.
    at: u64,
}

impl Refusal {
    pub(super) fn new(url: &str, etag: String, found: String) -> Self {
        Self {
            source: Pin::of(url.as_bytes()).to_string(),
            etag,
            found,
            at: now(),
        }
    }

    /// What was found at this address lately.
    pub(super) fn recall(url: &str, entry: &Entry) -> Option<Self> {
        let text = fs::read(entry.file(FILE)).ok()?;
        let refusal: Self = serde_json::from_slice(&text).ok()?;
        let age = now().checked_sub(refusal.at)?;
        let applies = refusal.source == Pin::of(url.as_bytes()).to_string();
        (applies && age < LIFE.as_secs()).then_some(refusal)
    }

    pub(super) fn store(&self, entry: &Entry) -> Result<(), AcquireError> {
        let path = entry.file(FILE);
        let text = serde_json::to_vec(self).map_err(|error| unusable(&path, error.into()))?;
        fs::write(&path, text).map_err(|source| unusable(&path, source))
    }

    pub(super) fn forget(entry: &Entry) -> Result<(), AcquireError> {
        cache::remove(&entry.file(FILE))
    }
}

const FILE: &str = "refused.json";

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |time| time.as_secs())
}
