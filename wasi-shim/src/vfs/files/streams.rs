//! A file made of a reader that cannot seek.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::Mutex;

use super::adapter::{lock, sane, stat_of, uninterrupted};
use crate::errno::Errno;
use crate::vfs::{File, FileType, Stat, VfsError, VfsResult};

/// A read-only file over anything that reads: a socket, a pipe, a decompressor.
///
/// It is read once, from its beginning. The last bytes that were read, [`WINDOW`](Self::WINDOW) of them unless
/// [`window`](Self::window) says otherwise, can be read again; a read before them, or beyond what comes next, is
/// `Spipe`. Its length is not known, which is said as 0. Not more than the window is held in memory.
///
/// ```
/// use afmpeg_wasi::vfs::{File, Files, StreamFile};
///
/// # fn main() -> Result<(), afmpeg_wasi::vfs::VfsError> {
/// let socket: &[u8] = b"any reader";
/// let files = Files::new().with("live.ts", StreamFile::new(socket))?;
/// # let _ = files; Ok(()) }
/// ```
///
/// A read waits for the reader on the thread of the guest: a run that is cancelled ends when the reader returns. One
/// that returns [`WouldBlock`](std::io::ErrorKind::WouldBlock), as a socket with a read timeout does, is asked again
/// after a look at the token and the deadline.
pub struct StreamFile<R> {
    state: Mutex<State<R>>,
}

struct State<R> {
    reader: R,
    /// How many bytes the reader has given.
    position: u64,
    /// The last of them.
    kept: VecDeque<u8>,
    window: usize,
    ended: bool,
}

impl<R: Read + Send + 'static> StreamFile<R> {
    /// How many bytes can be read again, where nothing else is said: 1 MiB.
    pub const WINDOW: usize = 1 << 20;

    /// Wraps a reader.
    pub fn new(reader: R) -> Self {
        Self {
            state: Mutex::new(State {
                reader,
                position: 0,
                kept: VecDeque::new(),
                window: Self::WINDOW,
                ended: false,
            }),
        }
    }

    /// Sets how many of the last bytes can be read again.
    #[must_use]
    pub fn window(self, bytes: usize) -> Self {
        lock(&self.state).window = bytes;
        self
    }
}

impl<R: Read> State<R> {
    fn read_at(&mut self, offset: u64, buf: &mut [u8]) -> VfsResult<usize> {
        let Some(back) = self.position.checked_sub(offset) else {
            // There may be a seek to the end, from which nothing is read, or one past it.
            return if self.ended {
                Ok(0)
            } else {
                Err(out_of_order())
            };
        };
        let start = usize::try_from(back)
            .ok()
            .and_then(|back| self.kept.len().checked_sub(back))
            .ok_or_else(out_of_order)?;
        if back > 0 {
            let again = self.kept.range(start..).take(buf.len());
            let count = again.len();
            for (to, from) in buf.iter_mut().zip(again) {
                *to = *from;
            }
            return Ok(count);
        }
        if self.ended {
            return Ok(0);
        }
        let count = uninterrupted(|| self.reader.read(buf))?;
        let count = sane(count, buf.len())?;
        self.ended = count == 0;
        self.position = self.position.saturating_add(count as u64);
        let new = &buf[count.saturating_sub(self.window)..count];
        let room = self.window - new.len();
        let over = self.kept.len().saturating_sub(room);
        self.kept.drain(..over);
        self.kept.extend(new);
        Ok(count)
    }
}

fn out_of_order() -> VfsError {
    VfsError::with_context(Errno::Spipe, "a stream is read once and in order")
}

impl<R: Read + Send + 'static> File for StreamFile<R> {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> VfsResult<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        lock(&self.state).read_at(offset, buf)
    }

    fn len(&self) -> VfsResult<u64> {
        Ok(0)
    }

    fn stat(&self) -> VfsResult<Stat> {
        Ok(stat_of(FileType::RegularFile, 0))
    }
}
