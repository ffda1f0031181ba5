//! The standard streams: where stdin comes from, where stdout and stderr go.

use std::fmt;
use std::io::{ErrorKind, Read, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, sync_channel};
use std::thread;

use crate::control::Control;
use crate::errno::Errno;
use crate::stop::SysResult;

/// Where the guest's stdin comes from.
#[derive(Default)]
pub enum Stdin {
    /// Nowhere: the guest is at the end at once.
    #[default]
    Empty,
    /// These bytes.
    Bytes(Vec<u8>),
    /// A reader of the host. A thread of its own reads it from the guest's first read on, up to
    /// 192 KiB ahead, so that a run can be cancelled while the reader blocks; the thread then stays
    /// until the reader returns.
    Reader(Box<dyn Read + Send>),
}

impl fmt::Debug for Stdin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("Empty"),
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
            Self::Reader(_) => f.write_str("Reader"),
        }
    }
}

/// Where the guest's stdout or stderr goes.
#[derive(Default)]
pub enum Output {
    /// Kept, up to [`Limits::text_bytes`](crate::Limits::text_bytes).
    #[default]
    Capture,
    /// Dropped.
    Discard,
    /// To a writer of the host, flushed after each write.
    Writer(Box<dyn Write + Send>),
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Capture => "Capture",
            Self::Discard => "Discard",
            Self::Writer(_) => "Writer",
        })
    }
}

/// The reading side of stdin.
pub(crate) enum Source {
    Bytes {
        bytes: Vec<u8>,
        at: usize,
    },
    Reader {
        reader: Box<dyn Read + Send>,
        by_line: bool,
    },
    Thread(ThreadSource),
    Ended,
}

/// A reader that runs in its own thread, and the chunk of it that is being handed out.
pub(crate) struct ThreadSource {
    chunks: Receiver<Result<Vec<u8>, Errno>>,
    chunk: Vec<u8>,
    at: usize,
    /// What the reader failed with, once the guest has all before it.
    failed: Option<Errno>,
    by_line: bool,
}

impl Source {
    /// With `by_line`, what a read of a reader gives depends on the bytes alone and not on when they
    /// come: all that is asked for, or less up to the end of a line or of all.
    pub(crate) fn new(stdin: Stdin, by_line: bool) -> Self {
        match stdin {
            Stdin::Empty => Self::Ended,
            Stdin::Bytes(bytes) => Self::Bytes { bytes, at: 0 },
            Stdin::Reader(reader) => Self::Reader { reader, by_line },
        }
    }

    /// Reads into `buffer` what is there, waiting for at least one byte; 0 at the end.
    ///
    /// # Errors
    ///
    /// The reader's errno; the end of the run while waiting.
    pub(crate) fn read(&mut self, buffer: &mut [u8], control: &Control) -> SysResult<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        self.start()?;
        match self {
            Self::Bytes { bytes, at } => {
                let count = copy(&bytes[*at..], buffer);
                *at += count;
                Ok(count)
            }
            Self::Thread(source) => {
                let count = source.read(buffer, control)?;
                if count == 0 {
                    *self = Self::Ended;
                }
                Ok(count)
            }
            Self::Reader { .. } | Self::Ended => Ok(0),
        }
    }

    /// Waits until it is known what comes next, where [`ready`](Self::ready) must not depend on time.
    ///
    /// # Errors
    ///
    /// The end of the run while waiting.
    pub(crate) fn settle(&mut self, control: &Control) -> SysResult {
        match self {
            Self::Reader { by_line: true, .. } => {
                self.start()?;
                self.settle(control)
            }
            Self::Thread(source) if source.by_line => source.fill(control).map(drop),
            _ => Ok(()),
        }
    }

    /// How many bytes can be read without waiting; 0 at the end. `None` when a read would wait.
    ///
    /// # Errors
    ///
    /// The reader's errno.
    pub(crate) fn ready(&mut self) -> Result<Option<u64>, Errno> {
        self.start()?;
        match self {
            Self::Bytes { bytes, at } => Ok(Some((bytes.len() - *at) as u64)),
            Self::Thread(source) => source.ready(),
            Self::Reader { .. } | Self::Ended => Ok(Some(0)),
        }
    }

    /// Moves a reader to its thread.
    fn start(&mut self) -> Result<(), Errno> {
        if matches!(self, Self::Reader { .. })
            && let Self::Reader { reader, by_line } = std::mem::replace(self, Self::Ended)
        {
            *self = Self::Thread(ThreadSource::spawn(reader, by_line)?);
        }
        Ok(())
    }
}

impl ThreadSource {
    const CHUNK: usize = 64 << 10;
    /// Chunks that wait between the thread and the guest.
    const AHEAD: usize = 1;

    fn spawn(mut reader: Box<dyn Read + Send>, by_line: bool) -> Result<Self, Errno> {
        let (sender, chunks) = sync_channel(Self::AHEAD);
        thread::Builder::new()
            .name("guest-stdin".to_owned())
            .spawn(move || {
                let mut buffer = vec![0; Self::CHUNK];
                loop {
                    let message = match reader.read(&mut buffer) {
                        Ok(0) => return,
                        // A reader that claims more than it was given is broken.
                        Ok(count) => buffer.get(..count).map(<[u8]>::to_vec).ok_or(Errno::Io),
                        Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                        Err(_) => Err(Errno::Io),
                    };
                    let failed = message.is_err();
                    if sender.send(message).is_err() || failed {
                        return;
                    }
                }
            })
            .map_err(|_| Errno::Again)?;
        Ok(Self {
            chunks,
            chunk: Vec::new(),
            at: 0,
            failed: None,
            by_line,
        })
    }

    /// Reads what is there or, by line, what the bytes say; 0 at the end.
    fn read(&mut self, buffer: &mut [u8], control: &Control) -> SysResult<usize> {
        let mut done = 0;
        while done < buffer.len() && self.fill(control)? {
            if let Some(errno) = self.failed {
                if done > 0 {
                    break;
                }
                self.failed = None;
                return Err(errno.into());
            }
            let mut next = &self.chunk[self.at..];
            let line = next.iter().position(|byte| *byte == b'\n');
            if let (true, Some(end)) = (self.by_line, line) {
                next = &next[..=end];
            }
            let count = copy(next, &mut buffer[done..]);
            let ended = self.by_line && count > 0 && next[count - 1] == b'\n';
            self.at += count;
            done += count;
            if ended || !self.by_line {
                break;
            }
        }
        Ok(done)
    }

    /// Waits until there is a byte or a failure. `false` at the end.
    fn fill(&mut self, control: &Control) -> SysResult<bool> {
        while self.at == self.chunk.len() && self.failed.is_none() {
            match self.chunks.recv_timeout(Control::POLL_INTERVAL) {
                Ok(chunk) => self.take(chunk),
                Err(RecvTimeoutError::Timeout) => control.poll()?,
                Err(RecvTimeoutError::Disconnected) => return Ok(false),
            }
        }
        Ok(true)
    }

    fn ready(&mut self) -> Result<Option<u64>, Errno> {
        if self.at == self.chunk.len() && self.failed.is_none() {
            match self.chunks.try_recv() {
                Ok(chunk) => self.take(chunk),
                Err(TryRecvError::Empty) => return Ok(None),
                Err(TryRecvError::Disconnected) => return Ok(Some(0)),
            }
        }
        match self.chunk.len() - self.at {
            0 => self.failed.take().map_or(Ok(Some(0)), Err),
            // How many came at once depends on when they did.
            _ if self.by_line => Ok(Some(1)),
            count => Ok(Some(count as u64)),
        }
    }

    fn take(&mut self, chunk: Result<Vec<u8>, Errno>) {
        match chunk {
            Ok(chunk) => {
                self.chunk = chunk;
                self.at = 0;
            }
            Err(errno) => self.failed = Some(errno),
        }
    }
}

/// The writing side of stdout or stderr.
pub(crate) struct Sink {
    output: Output,
    captured: Vec<u8>,
    /// How many bytes to keep.
    limit: u64,
    /// How many bytes the guest wrote.
    written: u64,
}

impl Sink {
    pub(crate) fn new(output: Output, limit: u64) -> Self {
        Self {
            output,
            captured: Vec::new(),
            limit,
            written: 0,
        }
    }

    /// Takes all of `data`.
    ///
    /// # Errors
    ///
    /// `Pipe` when the writer's other side is gone, `Io` when it fails otherwise.
    pub(crate) fn write(&mut self, data: &[u8]) -> Result<(), Errno> {
        match &mut self.output {
            Output::Capture => {
                let room = self.limit.saturating_sub(self.captured.len() as u64);
                let keep = usize::try_from(room).map_or(data.len(), |room| room.min(data.len()));
                self.captured.extend_from_slice(&data[..keep]);
            }
            Output::Discard => {}
            Output::Writer(writer) => {
                let result = writer.write_all(data).and_then(|()| writer.flush());
                result.map_err(|error| match error.kind() {
                    ErrorKind::BrokenPipe => Errno::Pipe,
                    _ => Errno::Io,
                })?;
            }
        }
        self.written = self.written.saturating_add(data.len() as u64);
        Ok(())
    }

    pub(crate) fn captured(&self) -> &[u8] {
        &self.captured
    }

    pub(crate) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.captured)
    }

    pub(crate) fn written(&self) -> u64 {
        self.written
    }

    /// Whether the guest wrote more than was kept.
    pub(crate) fn truncated(&self) -> bool {
        matches!(self.output, Output::Capture) && self.written > self.limit
    }
}

/// Copies as much as fits and returns how much that was.
fn copy(from: &[u8], to: &mut [u8]) -> usize {
    let count = from.len().min(to.len());
    to[..count].copy_from_slice(&from[..count]);
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stop::{Fail, Stop};

    #[test]
    fn c4_what_is_over_the_cap_is_counted_and_dropped() {
        let mut sink = Sink::new(Output::Capture, 4);
        assert_eq!(sink.write(b"abc"), Ok(()));
        assert!(!sink.truncated());
        for _ in 0..1_000 {
            assert_eq!(sink.write(b"def"), Ok(()));
        }
        assert_eq!(sink.captured(), b"abcd");
        assert_eq!(sink.written(), 3_003);
        assert!(sink.truncated());
    }

    #[test]
    fn a_reader_is_read_to_its_end() {
        let mut source = Source::new(Stdin::Reader(Box::new(&b"hello"[..])), false);
        let control = Control::default();
        let mut buffer = [0; 3];
        assert!(matches!(source.read(&mut buffer, &control), Ok(3)));
        assert_eq!(&buffer, b"hel");
        assert!(matches!(source.read(&mut buffer, &control), Ok(2)));
        assert!(matches!(source.read(&mut buffer, &control), Ok(0)));
        assert!(matches!(source.read(&mut buffer, &control), Ok(0)));
    }

    #[test]
    fn by_line_it_does_not_matter_how_the_bytes_arrive() {
        /// Gives so many bytes at a time and fails at the end.
        struct Pieces(&'static [u8], usize);
        impl Read for Pieces {
            fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                if self.0.is_empty() {
                    return Err(std::io::Error::other("unplugged"));
                }
                let count = copy(&self.0[..self.1.min(self.0.len())], buffer);
                self.0 = &self.0[count..];
                Ok(count)
            }
        }
        let text = b"one\ntwo and a half\n\nlast";
        for piece in [1, 3, 5, 100] {
            let reader = Stdin::Reader(Box::new(Pieces(text, piece)));
            let mut source = Source::new(reader, true);
            let control = Control::default();
            let mut seen = Vec::new();
            loop {
                assert!(source.settle(&control).is_ok());
                // Asked about now and then only, since a failure is told once.
                if seen.len() < 2 {
                    assert_eq!(source.ready(), Ok(Some(1)));
                }
                let mut buffer = [0; 8];
                match source.read(&mut buffer, &control) {
                    Ok(count) => seen.push(buffer[..count].to_vec()),
                    Err(fail) => {
                        assert!(matches!(fail, Fail::Errno(Errno::Io)));
                        break;
                    }
                }
            }
            let expected = [&b"one\n"[..], b"two and ", b"a half\n", b"\n", b"last"];
            assert_eq!(seen, expected, "{piece} bytes at a time");
        }
    }

    #[test]
    fn f2_a_reader_that_blocks_does_not_stop_a_cancel() {
        struct Never;
        impl Read for Never {
            fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
                loop {
                    thread::park();
                }
            }
        }
        let mut source = Source::new(Stdin::Reader(Box::new(Never)), false);
        assert_eq!(source.ready(), Ok(None));
        let control = Control::default();
        control.cancel.cancel();
        match source.read(&mut [0; 8], &control) {
            Err(Fail::Stop(stop)) => assert!(matches!(*stop, Stop::Cancelled)),
            other => panic!("cancelled read gave {other:?}"),
        }
    }
}
