//! What the engine logs: the end of it for errors, and each line for a caller that asks.

use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// The caller's function for a line of the log.
pub(super) type LogCallback = Box<dyn FnMut(&str) + Send>;

/// Bytes of the log that an error carries.
const TAIL: usize = 4096;

/// The longest line that is passed on; a longer one comes in pieces.
const MAX_LINE: usize = 64 << 10;

/// Lines that wait for a slow callback; those that come when it is full are dropped.
const QUEUE: usize = 1024;

/// How long a job that is done waits for a callback to take what is left.
const FAREWELL: Duration = Duration::from_millis(500);

/// The stderr of a guest.
pub(super) struct Log {
    tail: Arc<Mutex<Vec<u8>>>,
    consumer: Option<Consumer>,
}

struct Consumer {
    lines: SyncSender<String>,
    /// Disconnected when the consumer has taken every line, or will take no more.
    done: Receiver<()>,
}

impl Log {
    /// A log that passes its lines on. A callback that is slow misses lines and one that panics
    /// is not called again; neither slows or ends the job.
    pub(super) fn new(callback: Option<LogCallback>) -> Self {
        Self {
            tail: Arc::default(),
            consumer: callback.and_then(Consumer::start),
        }
    }

    /// Where the guest writes.
    pub(super) fn writer(&self) -> Box<dyn Write + Send> {
        Box::new(LogWriter {
            tail: Arc::clone(&self.tail),
            lines: self
                .consumer
                .as_ref()
                .map(|consumer| consumer.lines.clone()),
            begun: Vec::new(),
        })
    }

    /// The end of the log. The writer is gone by now.
    pub(super) fn finish(self) -> String {
        if let Some(Consumer { lines, done }) = self.consumer {
            drop(lines);
            // It answers by going away, in time or not.
            let _ = done.recv_timeout(FAREWELL);
        }
        text_of(&self.tail.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Consumer {
    /// Without a thread to spare nobody hears the log, and the job runs.
    fn start(mut callback: LogCallback) -> Option<Self> {
        let (lines, queue) = sync_channel::<String>(QUEUE);
        let (alive, done) = sync_channel::<()>(0);
        let consume = move || {
            let _alive = alive;
            for line in queue {
                if catch_unwind(AssertUnwindSafe(|| callback(&line))).is_err() {
                    return;
                }
            }
        };
        let thread = thread::Builder::new()
            .name("afmpeg-log".to_owned())
            .spawn(consume);
        thread.is_ok().then_some(Self { lines, done })
    }
}

struct LogWriter {
    tail: Arc<Mutex<Vec<u8>>>,
    lines: Option<SyncSender<String>>,
    begun: Vec<u8>,
}

impl LogWriter {
    fn pass_on(&mut self) {
        if let Some(lines) = &self.lines
            && !self.begun.is_empty()
        {
            // Full or gone: the line is dropped.
            let _ = lines.try_send(String::from_utf8_lossy(&self.begun).into_owned());
        }
        self.begun.clear();
    }
}

impl Write for LogWriter {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        {
            let mut tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
            let kept = &data[data.len().saturating_sub(TAIL)..];
            tail.extend_from_slice(kept);
            // Cut now and then, so that a byte is moved once on average.
            if tail.len() > 2 * TAIL {
                let cut = tail.len() - TAIL;
                tail.drain(..cut);
            }
        }
        if self.lines.is_some() {
            for piece in data.split_inclusive(|byte| *byte == b'\n') {
                let (text, whole) = match piece.strip_suffix(b"\n") {
                    Some(text) => (text, true),
                    None => (piece, false),
                };
                for part in text.chunks(MAX_LINE) {
                    if self.begun.len() + part.len() > MAX_LINE {
                        self.pass_on();
                    }
                    self.begun.extend_from_slice(part);
                }
                if whole {
                    self.pass_on();
                }
            }
        }
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for LogWriter {
    fn drop(&mut self) {
        self.pass_on();
    }
}

/// The end of what a guest wrote, from the beginning of a line.
pub(super) fn text_of(log: &[u8]) -> String {
    let start = log.len().saturating_sub(TAIL);
    let text = String::from_utf8_lossy(&log[start..]).into_owned();
    match text.split_once('\n') {
        Some((_, rest)) if start > 0 => rest.trim_end().to_owned(),
        _ => text.trim_end().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn write(log: &Log, pieces: &[&[u8]]) {
        let mut writer = log.writer();
        for piece in pieces {
            writer.write_all(piece).expect("a log takes everything");
        }
    }

    #[test]
    fn lines_are_passed_on_whole_and_the_last_one_without_its_end() {
        let (send, seen) = mpsc::channel();
        let callback = move |line: &str| send.send(line.to_owned()).expect("it is received");
        let log = Log::new(Some(Box::new(callback)));
        write(&log, &[b"one\ntw", b"o\n\n\xffthree"]);
        assert_eq!(log.finish(), "one\ntwo\n\n\u{fffd}three");
        assert_eq!(
            seen.iter().collect::<Vec<_>>(),
            ["one", "two", "\u{fffd}three"]
        );
    }

    #[test]
    fn the_end_of_a_long_log_starts_with_a_whole_line() {
        let log = Log::new(None);
        let line = [b"0123456789012345678901234567890123456789012345678\n".as_slice()];
        let lines: Vec<&[u8]> = line.repeat(10_000);
        write(&log, &lines);
        write(&log, &[b"the last line"]);
        let tail = log.finish();
        assert!(
            tail.len() <= TAIL && tail.len() > TAIL - 100,
            "{}",
            tail.len()
        );
        assert!(
            tail.starts_with("0123456789") && tail.ends_with("the last line"),
            "{tail}"
        );
        let log = Log::new(None);
        write(&log, &[&vec![b'x'; 1 << 20]]);
        assert_eq!(log.finish().len(), TAIL);
    }

    #[test]
    fn a_line_without_an_end_comes_in_pieces() {
        let (send, seen) = mpsc::channel();
        let callback = move |line: &str| send.send(line.len()).expect("it is received");
        let log = Log::new(Some(Box::new(callback)));
        write(&log, &[&vec![b'x'; 3 * MAX_LINE], b"y\n"]);
        log.finish();
        assert_eq!(
            seen.iter().collect::<Vec<_>>(),
            [MAX_LINE, MAX_LINE, MAX_LINE, 1]
        );
    }

    #[test]
    fn a_callback_that_hangs_or_panics_does_not_hold_the_job() {
        let (_never, gate) = mpsc::channel::<()>();
        let log = Log::new(Some(Box::new(move |_| {
            assert!(gate.recv().is_err(), "nothing comes")
        })));
        for _ in 0..2 * QUEUE {
            write(&log, &[b"line\n"]);
        }
        assert!(log.finish().ends_with("line"));
        let log = Log::new(Some(Box::new(|_| panic!("the consumer is broken"))));
        write(&log, &[b"line\n", b"line\n"]);
        assert_eq!(log.finish(), "line\nline");
    }
}
