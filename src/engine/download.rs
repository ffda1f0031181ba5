//! From an address to a module that has the digest: asks, goes on after a cut, unpacks, compares.

use std::sync::Arc;
use std::time::Duration;

use super::acquire::FetchProgress;
use super::cache::Entry;
use super::fetch::{Fetch, FetchRequest, FetchStatus, Head};
use super::part::Part;
use super::pin::Pin;
use super::refusal::Refusal;
use super::transfer::{Control, Event, Transfer};
use super::unpack;
use crate::error::{AcquireError, FetchError, LoadError};

/// One engine on its way. With an entry of a cache, its lock is held.
pub(super) struct Download<'a> {
    pub(super) url: &'a str,
    pub(super) pin: &'a Pin,
    pub(super) entry: Option<&'a Entry>,
    pub(super) fetcher: &'a Arc<dyn Fetch>,
    pub(super) control: &'a Control,
    pub(super) limit: u64,
    pub(super) retries: u32,
    pub(super) stall: Duration,
    pub(super) progress: &'a mut dyn FnMut(FetchProgress),
}

/// What came of one request.
enum Attempt {
    /// The file is there.
    Whole,
    /// What was there is of another version of the file, and is forgotten.
    Outdated,
    /// It failed, and may not if it is tried again.
    Failed(AcquireError),
}

impl Download<'_> {
    /// The wait after the first attempt that brought nothing; doubled after each further one.
    const FIRST_WAIT: Duration = Duration::from_millis(250);

    /// Fetches the module, and stores it in the entry.
    pub(super) fn run(mut self) -> Result<Vec<u8>, AcquireError> {
        let mut part = match self.entry {
            Some(entry) => Part::in_cache(self.url, entry, self.limit)?,
            None => Part::in_memory(self.url),
        };
        let mut is_second = false;
        loop {
            let etag = self.receive(&mut part)?;
            let may_be_mixed = part.is_pieced();
            // Without a length a connection that broke looks like the end of the file.
            let is_sized = part.total().is_some();
            match self.module(part.take()) {
                Ok(module) => {
                    if let Some(entry) = self.entry {
                        entry.store(&module)?;
                        // The module is in its place; what is left beside it harms nothing.
                        let _ = part.clear().and_then(|()| Refusal::forget(entry));
                    }
                    return Ok(module);
                }
                Err(_) if may_be_mixed && !is_second => part.clear()?,
                Err(error) => {
                    part.clear()?;
                    self.remember(&error, etag.filter(|_| is_sized))?;
                    return Err(error);
                }
            }
            is_second = true;
        }
    }

    /// Asks until the file is whole, and says which version it is.
    fn receive(&mut self, part: &mut Part) -> Result<Option<String>, AcquireError> {
        let mut failures = 0;
        // What a server sends again brings nothing.
        let mut farthest = part.len();
        let mut etag = None;
        while !part.is_complete() {
            let error = match self.attempt(part, &mut etag)? {
                Attempt::Whole => break,
                Attempt::Outdated => continue,
                Attempt::Failed(error) => error,
            };
            if part.len() > farthest && self.retries > 0 {
                farthest = part.len();
                failures = 0;
                continue;
            }
            if failures >= self.retries {
                return Err(error);
            }
            self.control
                .sleep(Self::FIRST_WAIT.saturating_mul(1 << failures.min(4)))?;
            failures += 1;
        }
        Ok(etag)
    }

    /// One request and what it brings.
    fn attempt(
        &mut self,
        part: &mut Part,
        etag: &mut Option<String>,
    ) -> Result<Attempt, AcquireError> {
        let range = part.missing();
        let goes_on = range.is_some();
        let known = self.entry.filter(|_| !goes_on);
        let known = known.and_then(|entry| Refusal::recall(self.url, entry));
        let if_none_match = known.as_ref().map(|refusal| refusal.etag.clone());
        let request = FetchRequest::new(self.url, range, if_none_match);
        let transfer =
            Transfer::start(Arc::clone(self.fetcher), request).map_err(AcquireError::Thread)?;

        let head = match transfer.next(self.control, self.stall)? {
            Event::Head(head) => head,
            Event::Failed(error) if error.is_transient() => {
                return Ok(Attempt::Failed(self.failed(error)));
            }
            Event::Failed(error) => return Err(self.failed(error)),
            Event::Stalled => return Ok(Attempt::Failed(self.stalled(part))),
            Event::Piece(_) | Event::End | Event::Broken(_) => {
                return Err(self.failed(FetchError::Protocol("a body without a head")));
            }
        };
        match (head.status, known) {
            (FetchStatus::Full, _) => {
                self.check_size(&head, part)?;
                part.begin(&head)?;
            }
            (FetchStatus::Partial { start, .. }, _) if goes_on => {
                self.check_size(&head, part)?;
                if !part.goes_on(start, &head)? {
                    part.clear()?;
                    return Ok(Attempt::Outdated);
                }
            }
            (FetchStatus::RangeNotSatisfiable, _) if goes_on => {
                part.clear()?;
                return Ok(Attempt::Outdated);
            }
            (FetchStatus::NotModified, Some(refusal)) => return Err(self.mismatch(refusal.found)),
            _ => {
                let error = FetchError::Protocol("an answer to what was not asked");
                return Err(self.failed(error));
            }
        }
        etag.clone_from(&head.etag);
        self.body(&transfer, part)
    }

    fn body(&mut self, transfer: &Transfer, part: &mut Part) -> Result<Attempt, AcquireError> {
        loop {
            (self.progress)(FetchProgress {
                received: part.len(),
                total: part.total(),
            });
            match transfer.next(self.control, self.stall)? {
                Event::Piece(piece) => {
                    let length = part.len() + piece.len() as u64;
                    if length > self.limit {
                        part.clear()?;
                        return Err(AcquireError::TooLarge { limit: self.limit });
                    }
                    if let Some(announced) = part.total().filter(|total| length > *total) {
                        part.clear()?;
                        return Err(AcquireError::Overlong {
                            url: shown(self.url),
                            announced,
                        });
                    }
                    part.append(&piece)?;
                }
                Event::End if part.total().is_none_or(|total| part.len() == total) => {
                    return Ok(Attempt::Whole);
                }
                Event::End => return Ok(Attempt::Failed(self.cut(part, None))),
                Event::Broken(error) => return Ok(Attempt::Failed(self.cut(part, Some(error)))),
                Event::Stalled => return Ok(Attempt::Failed(self.stalled(part))),
                Event::Failed(error) => return Err(self.failed(error)),
                Event::Head(_) => {
                    return Err(self.failed(FetchError::Protocol("a second head")));
                }
            }
        }
    }

    /// What the file has in it, if that is the engine that is wanted.
    fn module(&self, file: Vec<u8>) -> Result<Vec<u8>, AcquireError> {
        let module = unpack(file, self.limit).map_err(|error| match error {
            LoadError::Gzip(source) => AcquireError::Gzip {
                url: shown(self.url),
                source,
            },
            _ => AcquireError::TooLarge { limit: self.limit },
        })?;
        let found = Pin::of(&module);
        if found == *self.pin {
            Ok(module)
        } else {
            Err(self.mismatch(found.to_string()))
        }
    }

    /// Refuses an announced length before a byte of it is read.
    fn check_size(&self, head: &Head, part: &mut Part) -> Result<(), AcquireError> {
        if head.total().is_some_and(|total| total > self.limit) {
            part.clear()?;
            return Err(AcquireError::TooLarge { limit: self.limit });
        }
        Ok(())
    }

    /// Keeps the name of a file that is another engine.
    fn remember(&self, error: &AcquireError, etag: Option<String>) -> Result<(), AcquireError> {
        match (self.entry, error, etag) {
            (Some(entry), AcquireError::DigestMismatch { found, .. }, Some(etag)) => {
                Refusal::new(self.url, etag, found.clone()).store(entry)
            }
            _ => Ok(()),
        }
    }

    fn mismatch(&self, found: String) -> AcquireError {
        AcquireError::DigestMismatch {
            url: shown(self.url),
            expected: self.pin.to_string(),
            found,
        }
    }

    fn failed(&self, source: FetchError) -> AcquireError {
        AcquireError::Fetch {
            url: shown(self.url),
            source,
        }
    }

    fn stalled(&self, part: &Part) -> AcquireError {
        AcquireError::Stalled {
            url: shown(self.url),
            received: part.len(),
        }
    }

    fn cut(&self, part: &Part, source: Option<std::io::Error>) -> AcquireError {
        AcquireError::Cut {
            url: shown(self.url),
            received: part.len(),
            announced: part.total(),
            source,
        }
    }
}

/// An address without what may be secret in it: user, password, query.
fn shown(url: &str) -> String {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let url = &url[..end];
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn an_address_is_shown_without_secrets() {
        let shows = [
            ("https://h/a.wasm", "https://h/a.wasm"),
            ("https://u:p@h:1/a?X-Signature=s#f", "https://h:1/a"),
            ("https://h?k=v", "https://h"),
            ("https://h/a@b", "https://h/a@b"),
            ("bundle:a?b", "bundle:a"),
        ];
        for (url, expected) in shows {
            assert_eq!(shown(url), expected);
        }
    }
}
