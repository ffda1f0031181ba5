//! One request on a thread of its own, so that nothing a client does keeps the caller from leaving.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use afmpeg_wasi::CancelToken;

use super::fetch::{Fetch, FetchRequest, Head};
use crate::error::{AcquireError, FetchError};

/// What ends a fetch from outside.
pub(super) struct Control {
    pub(super) cancel: CancelToken,
    pub(super) deadline: Option<Instant>,
}

impl Control {
    /// The longest that a wait goes on between two looks at the token.
    const POLL_INTERVAL: Duration = Duration::from_millis(20);

    /// Whether it must end now.
    pub(super) fn poll(&self) -> Result<(), AcquireError> {
        if self.cancel.is_cancelled() {
            return Err(AcquireError::Cancelled);
        }
        match self.deadline {
            Some(deadline) if Instant::now() >= deadline => Err(AcquireError::TimedOut),
            _ => Ok(()),
        }
    }

    /// Waits, and ends earlier when it must.
    pub(super) fn sleep(&self, time: Duration) -> Result<(), AcquireError> {
        let started = Instant::now();
        loop {
            self.poll()?;
            let left = time.saturating_sub(started.elapsed());
            if left.is_zero() {
                return Ok(());
            }
            thread::sleep(left.min(Self::POLL_INTERVAL));
        }
    }

    /// One round of waiting for something that does not say when it is there.
    pub(super) fn pause(&self) -> Result<(), AcquireError> {
        self.sleep(Self::POLL_INTERVAL)
    }
}

/// What comes of a request, in this order: a head, pieces, an end.
pub(super) enum Event {
    Head(Head),
    Piece(Vec<u8>),
    End,
    /// There is no answer.
    Failed(FetchError),
    /// The body cannot be read further.
    Broken(io::Error),
    /// Nothing came for too long.
    Stalled,
}

/// A request that is under way. Dropping it lets its thread end at the next piece.
pub(super) struct Transfer {
    events: Receiver<Event>,
}

impl Transfer {
    /// The bytes that are read at a time.
    const PIECE: usize = 64 << 10;

    /// The pieces that wait to be taken.
    const AHEAD: usize = 4;

    pub(super) fn start(fetcher: Arc<dyn Fetch>, request: FetchRequest) -> io::Result<Self> {
        let (sender, events) = sync_channel(Self::AHEAD);
        thread::Builder::new()
            .name("afmpeg-fetch".to_owned())
            .spawn(move || run(&*fetcher, &request, &sender))?;
        Ok(Self { events })
    }

    /// The next event, after a wait of no more than `stall`.
    ///
    /// # Errors
    ///
    /// It was cancelled, or the deadline passed.
    pub(super) fn next(&self, control: &Control, stall: Duration) -> Result<Event, AcquireError> {
        let started = Instant::now();
        loop {
            control.poll()?;
            match self.events.recv_timeout(Control::POLL_INTERVAL) {
                Ok(event) => return Ok(event),
                Err(RecvTimeoutError::Timeout) if started.elapsed() >= stall => {
                    return Ok(Event::Stalled);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Ok(Event::Failed(FetchError::refused("the fetcher panicked")));
                }
            }
        }
    }
}

/// The thread: asks, reads, and stops as soon as nobody listens.
fn run(fetcher: &dyn Fetch, request: &FetchRequest, events: &SyncSender<Event>) {
    let response = match fetcher.get(request) {
        Ok(response) => response,
        Err(error) => {
            let _ = events.send(Event::Failed(error));
            return;
        }
    };
    if events.send(Event::Head(response.head)).is_err() {
        return;
    }
    let mut body = response.body;
    let mut buffer = vec![0; Transfer::PIECE];
    loop {
        let event = match body.read(&mut buffer) {
            Ok(0) => Event::End,
            // A reader that claims more than it was given room for is broken.
            Ok(count) => match buffer.get(..count) {
                Some(piece) => Event::Piece(piece.to_vec()),
                None => Event::Broken(io::ErrorKind::InvalidData.into()),
            },
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => Event::Broken(error),
        };
        let is_last = !matches!(event, Event::Piece(_));
        if events.send(event).is_err() || is_last {
            return;
        }
    }
}
