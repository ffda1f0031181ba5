//! A server without a network: one file, and the ways in which a connection can go wrong.

use std::collections::VecDeque;
use std::io::{self, Cursor, Read};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard};

use sha2::{Digest, Sha256};

use super::super::{Acquire, Fetch, FetchRequest, FetchResponse, FetchStatus, hex};
use crate::error::FetchError;

/// Clones are the same server.
#[derive(Clone)]
pub(super) struct Server(Arc<Mutex<State>>);

pub(super) struct State {
    pub(super) file: Vec<u8>,
    pub(super) etag: Option<String>,
    pub(super) has_ranges: bool,
    /// Whether the length is announced.
    pub(super) has_length: bool,
    /// What the next answers do; those after them are whole.
    pub(super) faults: VecDeque<Fault>,
    pub(super) requests: Vec<FetchRequest>,
}

/// What an answer does instead of sending the file.
pub(super) enum Fault {
    /// Ends after so many bytes as if all were there.
    End(usize),
    /// Breaks after so many bytes.
    Break(usize),
    /// Sends so many bytes, then nothing more until the sender is dropped.
    Hang(usize, Receiver<()>),
    /// Announces another length than that of what it sends.
    Announce(u64),
    /// A status in place of the file.
    Status(u16),
    /// An answer that fits no request.
    Answer(FetchStatus),
    Panic,
}

impl Server {
    pub(super) const URL: &str = "http://user:secret@test/engine.wasm?token=secret";

    pub(super) fn new(file: impl Into<Vec<u8>>) -> Self {
        Self(Arc::new(Mutex::new(State {
            file: file.into(),
            etag: Some("\"v1\"".to_owned()),
            has_ranges: true,
            has_length: true,
            faults: VecDeque::new(),
            requests: Vec::new(),
        })))
    }

    pub(super) fn set(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test panics with the state")
    }

    pub(super) fn fault(&self, fault: Fault) {
        self.set().faults.push_back(fault);
    }

    /// The next answer hangs until the sender is dropped.
    pub(super) fn hang_after(&self, bytes: usize) -> Sender<()> {
        let (sender, receiver) = channel();
        self.fault(Fault::Hang(bytes, receiver));
        sender
    }

    /// The first byte that each request asked for.
    pub(super) fn starts(&self) -> Vec<Option<u64>> {
        let state = self.set();
        state.requests.iter().map(FetchRequest::start).collect()
    }

    pub(super) fn requests(&self) -> usize {
        self.set().requests.len()
    }

    /// A fetch of the engine with this content, from here and into memory.
    pub(super) fn acquire(&self, module: &[u8]) -> Acquire {
        Acquire::new(Self::URL, digest(module))
            .fetcher(self.clone())
            .without_cache()
    }
}

impl Fetch for Server {
    fn get(&self, request: &FetchRequest) -> Result<FetchResponse, FetchError> {
        let mut state = self.set();
        state.requests.push(request.clone());
        let fault = state.faults.pop_front();
        let etag = state.etag.clone();
        match fault {
            Some(Fault::Status(status)) => return Err(FetchError::Status(status)),
            Some(Fault::Answer(status)) => return Ok(FetchResponse::new(status)),
            Some(Fault::Panic) => {
                drop(state);
                panic!("a client that has a bug");
            }
            _ => {}
        }
        if etag.is_some() && request.if_none_match() == etag.as_deref() {
            return Ok(FetchResponse::new(FetchStatus::NotModified));
        }
        let condition = request.headers().find(|(name, _)| *name == "If-Range");
        let is_current = condition.map(|(_, validator)| validator) == etag;
        let from = request
            .start()
            .filter(|_| state.has_ranges && is_current)
            .unwrap_or(0);
        let total = state.file.len() as u64;
        if from > 0 && from >= total {
            return Ok(FetchResponse::new(FetchStatus::RangeNotSatisfiable));
        }
        let mut body = state.file[from as usize..].to_vec();
        let mut response = FetchResponse::new(if from > 0 {
            FetchStatus::Partial {
                start: from,
                total: state.has_length.then_some(total),
            }
        } else {
            FetchStatus::Full
        });
        if state.has_length {
            response = response.length(match &fault {
                Some(Fault::Announce(length)) => *length,
                _ => body.len() as u64,
            });
        }
        if let Some(etag) = etag {
            response = response.etag(etag);
        }
        Ok(match fault {
            Some(Fault::End(bytes)) => {
                body.truncate(bytes);
                response.body(Cursor::new(body))
            }
            Some(Fault::Break(bytes)) => {
                body.truncate(bytes);
                response.body(Cursor::new(body).chain(Broken))
            }
            Some(Fault::Hang(bytes, until)) => {
                body.truncate(bytes);
                response.body(Cursor::new(body).chain(Hanging(until)))
            }
            _ => response.body(Cursor::new(body)),
        })
    }
}

struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::ConnectionReset.into())
    }
}

struct Hanging(Receiver<()>);

impl Read for Hanging {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        let _ = self.0.recv();
        Ok(0)
    }
}

pub(super) fn digest(module: &[u8]) -> String {
    hex(&Sha256::digest(module))
}

/// Bytes in which no piece looks like another.
pub(super) fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..length).map(|_| next()).collect()
}
