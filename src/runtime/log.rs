//! What the engine logs: the end of it for errors, and each line for a caller that asks.

use std::fmt;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::execute::Sink;

/// How grave a message is, in the words of FFmpeg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum LogLevel {
    /// The engine cannot go on.
    Panic,
    /// Something cannot be repaired.
    Fatal,
    /// Something went wrong.
    Error,
    /// Something does not look right.
    Warning,
    /// What happens, in the course of things.
    Info,
    /// The same, at length.
    Verbose,
    /// What only a developer of FFmpeg wants to know.
    Debug,
}

/// One message of the engine's log, for [`Invocation::log_messages`](crate::Invocation::log_messages). Its
/// texts can contain anything that was in the media.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LogMessage {
    /// How grave it is.
    pub level: LogLevel,
    /// Which part of FFmpeg says it: a codec, a format, a filter; empty when it does not tell.
    #[serde(default)]
    pub context: String,
    /// What it says.
    pub text: String,
}

impl fmt::Display for LogMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.context.is_empty() {
            write!(f, "[{}] ", self.context)?;
        }
        f.write_str(&self.text)
    }
}

/// The caller's function for a line of the log.
pub(super) type LogCallback = Box<dyn FnMut(&str) + Send>;

/// The caller's function for a message of the log.
pub(super) type MessageCallback = Box<dyn FnMut(LogMessage) + Send>;

/// Bytes of the log that an error carries.
const TAIL: usize = 4096;

/// The longest line that is passed on; a longer one comes in pieces.
const MAX_LINE: usize = 64 << 10;

/// Lines that wait for a slow callback; those that come when it is full are dropped.
const QUEUE: usize = 1024;

/// How long a job that is done waits for a callback to take what is left.
const FAREWELL: Duration = Duration::from_millis(500);

/// The stderr of a guest, and its log device.
pub(super) struct Log {
    tail: Arc<Mutex<Vec<u8>>>,
    lines: Option<Consumer<String>>,
    messages: Option<Consumer<LogMessage>>,
}

struct Consumer<T> {
    queue: SyncSender<T>,
    /// Disconnected when the consumer has taken everything, or will take no more.
    done: Receiver<()>,
}

impl Log {
    /// A log that passes on its lines, its messages, or both. A callback that is slow misses some and
    /// one that panics is not called again; neither slows or ends the job.
    pub(super) fn new(lines: Option<LogCallback>, messages: Option<MessageCallback>) -> Self {
        Self {
            tail: Arc::default(),
            lines: lines
                .and_then(|mut callback| Consumer::start(move |line: String| callback(&line))),
            messages: messages.and_then(Consumer::start),
        }
    }

    /// Where the guest writes.
    pub(super) fn writer(&self) -> Box<dyn Write + Send> {
        Box::new(LogWriter {
            tail: Arc::clone(&self.tail),
            lines: self.lines.as_ref().map(|consumer| consumer.queue.clone()),
            pieces: Pieces::default(),
        })
    }

    /// The device that takes the guest's messages, when somebody wants them. What is no message is
    /// dropped; what is one stands in the text of the log too.
    pub(super) fn device(&self) -> Option<Sink> {
        let messages = self.messages.as_ref()?.queue.clone();
        let mut text = self.writer();
        let mut pieces = Pieces::default();
        Some(Box::new(move |data| {
            pieces.push(data, &mut |line| {
                let Ok(message) = serde_json::from_slice::<LogMessage>(line) else {
                    return;
                };
                // A log takes everything.
                let _ = writeln!(text, "{message}");
                // Full or gone: the message is dropped.
                let _ = messages.try_send(message);
            });
        }))
    }

    /// The end of the log. The writers are gone by now.
    pub(super) fn finish(self) -> String {
        if let Some(consumer) = self.lines {
            consumer.finish();
        }
        if let Some(consumer) = self.messages {
            consumer.finish();
        }
        text_of(&self.tail.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<T: Send + 'static> Consumer<T> {
    /// Without a thread to spare nobody hears the log, and the job runs.
    fn start(mut callback: impl FnMut(T) + Send + 'static) -> Option<Self> {
        let (queue, waiting) = sync_channel::<T>(QUEUE);
        let (alive, done) = sync_channel::<()>(0);
        let consume = move || {
            let _alive = alive;
            for each in waiting {
                if catch_unwind(AssertUnwindSafe(|| callback(each))).is_err() {
                    return;
                }
            }
        };
        let thread = thread::Builder::new()
            .name("afmpeg-log".to_owned())
            .spawn(consume);
        thread.is_ok().then_some(Self { queue, done })
    }

    fn finish(self) {
        drop(self.queue);
        // It answers by going away, in time or not.
        let _ = self.done.recv_timeout(FAREWELL);
    }
}

/// Lines that are put together from what is written, the longest in pieces.
#[derive(Default)]
struct Pieces {
    begun: Vec<u8>,
}

impl Pieces {
    fn push(&mut self, data: &[u8], each: &mut dyn FnMut(&[u8])) {
        for piece in data.split_inclusive(|byte| *byte == b'\n') {
            let (text, whole) = match piece.strip_suffix(b"\n") {
                Some(text) => (text, true),
                None => (piece, false),
            };
            for part in text.chunks(MAX_LINE) {
                if self.begun.len() + part.len() > MAX_LINE {
                    self.end(each);
                }
                self.begun.extend_from_slice(part);
            }
            if whole {
                self.end(each);
            }
        }
    }

    fn end(&mut self, each: &mut dyn FnMut(&[u8])) {
        if !self.begun.is_empty() {
            each(&self.begun);
        }
        self.begun.clear();
    }
}

struct LogWriter {
    tail: Arc<Mutex<Vec<u8>>>,
    lines: Option<SyncSender<String>>,
    pieces: Pieces,
}

/// Full or gone: the line is dropped.
fn pass_on(lines: &SyncSender<String>, line: &[u8]) {
    let _ = lines.try_send(String::from_utf8_lossy(line).into_owned());
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
        if let Some(lines) = &self.lines {
            self.pieces.push(data, &mut |line| pass_on(lines, line));
        }
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for LogWriter {
    fn drop(&mut self) {
        if let Some(lines) = &self.lines {
            self.pieces.end(&mut |line| pass_on(lines, line));
        }
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
        let log = Log::new(Some(Box::new(callback)), None);
        write(&log, &[b"one\ntw", b"o\n\n\xffthree"]);
        assert_eq!(log.finish(), "one\ntwo\n\n\u{fffd}three");
        assert_eq!(
            seen.iter().collect::<Vec<_>>(),
            ["one", "two", "\u{fffd}three"]
        );
    }

    #[test]
    fn the_end_of_a_long_log_starts_with_a_whole_line() {
        let log = Log::new(None, None);
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
        let log = Log::new(None, None);
        write(&log, &[&vec![b'x'; 1 << 20]]);
        assert_eq!(log.finish().len(), TAIL);
    }

    #[test]
    fn a_line_without_an_end_comes_in_pieces() {
        let (send, seen) = mpsc::channel();
        let callback = move |line: &str| send.send(line.len()).expect("it is received");
        let log = Log::new(Some(Box::new(callback)), None);
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
        let hangs = Box::new(move |_: &str| assert!(gate.recv().is_err(), "nothing comes"));
        let log = Log::new(Some(hangs), None);
        for _ in 0..2 * QUEUE {
            write(&log, &[b"line\n"]);
        }
        assert!(log.finish().ends_with("line"));
        let log = Log::new(Some(Box::new(|_| panic!("the consumer is broken"))), None);
        write(&log, &[b"line\n", b"line\n"]);
        assert_eq!(log.finish(), "line\nline");
    }

    #[test]
    fn messages_come_from_the_device_and_stand_in_the_text() {
        let (send, seen) = mpsc::channel();
        let (send_line, lines) = mpsc::channel();
        let log = Log::new(
            Some(Box::new(move |line| {
                send_line.send(line.to_owned()).expect("it is received");
            })),
            Some(Box::new(move |message| {
                send.send(message).expect("it is received");
            })),
        );
        let mut device = log.device().expect("somebody listens");
        device(br#"{"level":"warning","context":"h264","te"#);
        device(b"xt\":\"one\"}\nno JSON\n{\"level\":\"loud\",\"text\":\"x\"}\n[1]\n");
        device(b"{\"level\":\"error\",\"text\":\"a\\nb\",\"more\":1}\n{\"level\":\"info\"");
        drop(device);
        assert_eq!(log.finish(), "[h264] one\na\nb");
        let message = |level, context: &str, text: &str| LogMessage {
            level,
            context: context.to_owned(),
            text: text.to_owned(),
        };
        assert_eq!(
            seen.iter().collect::<Vec<_>>(),
            [
                message(LogLevel::Warning, "h264", "one"),
                message(LogLevel::Error, "", "a\nb"),
            ]
        );
        assert_eq!(lines.iter().collect::<Vec<_>>(), ["[h264] one", "a", "b"]);
        assert!(Log::new(None, None).device().is_none(), "nobody listens");
    }
}
