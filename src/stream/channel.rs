//! Between the thread of a guest that decodes and the one that takes the frames: a queue with room for a few.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use afmpeg_wasi::CancelToken;

use super::pixel::PixelFormat;
use super::stamps::{Header, Stamp, Stamps};

/// A queue of raw frames. The guest waits while it is full, the consumer while it is empty.
pub(super) struct Channel {
    kind: Kind,
    room: usize,
    ends: Ends,
    state: Mutex<State>,
    changed: Condvar,
}

/// What the frames are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Video(PixelFormat),
    Audio,
}

/// What ends the waiting of a guest.
pub(super) struct Ends {
    pub(super) cancel: CancelToken,
    pub(super) deadline: Option<Instant>,
}

/// The bytes of one frame, and what is told of it.
pub(super) struct Packet {
    pub(super) header: Arc<Header>,
    pub(super) stamp: Stamp,
    pub(super) bytes: Vec<u8>,
}

#[derive(Default)]
struct State {
    stamps: Stamps,
    header: Option<Arc<Header>>,
    /// Stamps of frames whose bytes have not come.
    waiting: VecDeque<Stamp>,
    /// Bytes of frames whose stamp has not come, or that are not whole.
    bytes: Vec<u8>,
    ready: VecDeque<Packet>,
    ended: bool,
    overdue: bool,
    /// The most bytes that were held at one time.
    peak: usize,
}

impl Channel {
    pub(super) fn new(kind: Kind, room: usize, ends: Ends) -> Arc<Self> {
        Arc::new(Self {
            kind,
            room: room.max(1),
            ends,
            state: Mutex::default(),
            changed: Condvar::new(),
        })
    }

    /// Where the guest writes the frames.
    pub(super) fn frames(self: &Arc<Self>) -> impl Write + Send + use<> {
        Frames(Arc::clone(self))
    }

    /// Where the guest writes what is told of them.
    pub(super) fn stamps(self: &Arc<Self>) -> impl Write + Send + use<> {
        StampText(Arc::clone(self))
    }

    /// Waits for the next frame; `None` when there will be none.
    pub(super) fn next(&self) -> Option<Packet> {
        let mut state = self.lock();
        loop {
            if let Some(packet) = state.ready.pop_front() {
                self.changed.notify_all();
                return Some(packet);
            }
            if state.ended {
                return None;
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Nothing will come any more.
    pub(super) fn end(&self) {
        self.lock().ended = true;
        self.changed.notify_all();
    }

    /// Whether frames are left that are not whole, or of which nothing was told.
    pub(super) fn has_remainder(&self) -> bool {
        let state = self.lock();
        !state.bytes.is_empty() || !state.waiting.is_empty()
    }

    /// Whether the deadline passed while the guest waited.
    pub(super) fn overdue(&self) -> bool {
        self.lock().overdue
    }

    fn write(&self, data: &[u8]) -> io::Result<usize> {
        let mut state = self.lock();
        while state.ready.len() >= self.room {
            // What is written now is of no use to anybody; the guest is ended where it is next looked after.
            if self.ends.cancel.is_cancelled() {
                return Ok(data.len());
            }
            if self.ends.deadline.is_some_and(|at| Instant::now() >= at) {
                state.overdue = true;
                return Err(ErrorKind::TimedOut.into());
            }
            let waited = self.changed.wait_timeout(state, POLL);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        if state.bytes.is_empty()
            && let Some(size) = state.next_size(self.kind)
        {
            state.bytes.reserve_exact(size.min(MOST_UNTOLD));
        }
        state.bytes.extend_from_slice(data);
        self.assemble(&mut state)?;
        Ok(data.len())
    }

    fn tell(&self, text: &[u8]) -> io::Result<usize> {
        let mut guard = self.lock();
        let state = &mut *guard;
        let (header, waiting) = (&mut state.header, &mut state.waiting);
        let read = state.stamps.take(text, &mut |told, stamp| {
            header.get_or_insert_with(|| Arc::new(told.clone()));
            waiting.push_back(stamp);
        });
        read.map_err(|_| io::Error::from(ErrorKind::InvalidData))?;
        self.assemble(state)?;
        Ok(text.len())
    }

    /// Moves what is whole to the consumer.
    fn assemble(&self, state: &mut State) -> io::Result<()> {
        let held = state.bytes.len()
            + state
                .ready
                .iter()
                .map(|packet| packet.bytes.len())
                .sum::<usize>();
        state.peak = state.peak.max(held);
        while let Some(size) = state.next_size(self.kind) {
            if state.bytes.len() < size {
                break;
            }
            let Some((stamp, header)) = state.waiting.pop_front().zip(state.header.clone()) else {
                break;
            };
            let rest = state.bytes.split_off(size);
            let bytes = std::mem::replace(&mut state.bytes, rest);
            state.ready.push_back(Packet {
                header,
                stamp,
                bytes,
            });
            self.changed.notify_all();
        }
        // The engine tells of a frame right before or after it writes it: else this is not what it was asked for.
        let untold = state.waiting.is_empty() && state.bytes.len() > MOST_UNTOLD;
        if untold || state.waiting.len() > MOST_TOLD {
            return Err(ErrorKind::InvalidData.into());
        }
        Ok(())
    }

    /// What a thread that panicked has left is as good as ever: each change is one step.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The size of the next frame, where it is told already.
    fn next_size(&self, kind: Kind) -> Option<usize> {
        let stamp = self.waiting.front()?;
        match kind {
            Kind::Video(format) => {
                let header = self.header.as_ref()?;
                let size = format.frame_bytes(header.width, header.height);
                size.filter(|size| *size > 0)
            }
            Kind::Audio => usize::try_from(stamp.size).ok(),
        }
    }
}

struct Frames(Arc<Channel>);

impl Write for Frames {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.0.write(data)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct StampText(Arc<Channel>);

impl Write for StampText {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.tell(text)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// How often a guest that waits looks whether it is to end.
const POLL: Duration = Duration::from_millis(10);

/// The most bytes that wait for what is told of them.
const MOST_UNTOLD: usize = 1 << 30;

/// The most frames that are told before their bytes come.
const MOST_TOLD: usize = 1 << 16;

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    const HEADER: &str = "#tb 0: 1/25\n#dimensions 0: 4x2\n";
    const SIZE: usize = 8;

    fn channel(room: usize, deadline: Option<Instant>) -> (Arc<Channel>, CancelToken) {
        let cancel = CancelToken::new();
        let ends = Ends {
            cancel: cancel.clone(),
            deadline,
        };
        (
            Channel::new(Kind::Video(PixelFormat::Gray8), room, ends),
            cancel,
        )
    }

    fn stamp(n: usize) -> String {
        format!("0, {n}, {n}, 1, 296, 0x0\n")
    }

    #[test]
    fn a_guest_never_runs_further_ahead_than_there_is_room() {
        let (channel, _) = channel(3, None);
        let guest = Arc::clone(&channel);
        let guest = thread::spawn(move || {
            let (mut frames, mut stamps) = (guest.frames(), guest.stamps());
            stamps.write_all(HEADER.as_bytes())?;
            for n in 0..1000 {
                // In pieces, and told of before and after.
                let bytes = [n as u8; SIZE];
                if n % 2 == 0 {
                    stamps.write_all(stamp(n).as_bytes())?;
                }
                frames.write_all(&bytes[..3])?;
                frames.write_all(&bytes[3..])?;
                if n % 2 == 1 {
                    stamps.write_all(stamp(n).as_bytes())?;
                }
            }
            guest.end();
            io::Result::Ok(())
        });
        let mut n = 0;
        while let Some(packet) = channel.next() {
            assert_eq!(packet.bytes, [n as u8; SIZE]);
            assert_eq!(packet.stamp.time, n);
            if n == 500 {
                thread::sleep(Duration::from_millis(30));
            }
            n += 1;
        }
        assert_eq!(n, 1000);
        assert!(guest.join().expect("no panic").is_ok());
        assert!(!channel.has_remainder());
        let peak = channel.lock().peak;
        assert!(peak <= (3 + 2) * SIZE, "{peak} bytes were held");
    }

    fn fill(channel: &Arc<Channel>) -> io::Result<usize> {
        let (mut frames, mut stamps) = (channel.frames(), channel.stamps());
        stamps.write_all(HEADER.as_bytes())?;
        stamps.write_all(stamp(0).as_bytes())?;
        frames.write_all(&[0; SIZE])?;
        frames.write(&[0; SIZE])
    }

    #[test]
    fn a_guest_that_waits_is_let_go_when_it_is_cancelled() {
        let (channel, cancel) = channel(1, None);
        let guest = Arc::clone(&channel);
        let guest = thread::spawn(move || fill(&guest));
        thread::sleep(Duration::from_millis(20));
        assert!(!guest.is_finished(), "it waits");
        cancel.cancel();
        assert_eq!(guest.join().expect("no panic").ok(), Some(SIZE));
        assert!(!channel.overdue());
    }

    #[test]
    fn a_guest_does_not_wait_past_its_deadline() {
        let (channel, _) = channel(1, Some(Instant::now() + Duration::from_millis(20)));
        let error = fill(&channel).expect_err("nobody takes the frame");
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert!(channel.overdue());
    }

    #[test]
    fn what_is_left_over_is_noticed() {
        let (channel, _) = channel(9, None);
        let (mut frames, mut stamps) = (channel.frames(), channel.stamps());
        frames.write_all(&[0; SIZE + 1]).expect("there is room");
        stamps
            .write_all((HEADER.to_owned() + &stamp(0)).as_bytes())
            .expect("it is right");
        channel.end();
        assert!(channel.next().is_some() && channel.next().is_none());
        assert!(channel.has_remainder());
        assert!(stamps.write_all(b"nonsense\n").is_err());
    }
}
