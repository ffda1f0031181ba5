//! Progress of a running job: read from the engine's own lines, or guessed from the bytes read.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::Value;

use super::execute::Sink;
use super::observe::Counters;

/// Where the fraction of a [`Progress`] comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ProgressSource {
    /// The engine said how far it is.
    Engine,
    /// The engine does not know the end: it is guessed from how much of the inputs was read.
    Bytes,
}

/// How far a job is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Progress {
    /// From 0 to 1; it never falls. `None` while it is not known, as for an endless source.
    pub fraction: Option<f64>,
    /// Where the fraction comes from.
    pub source: ProgressSource,
    /// Frames that were written.
    pub frame: Option<u64>,
    /// How much of the output is done.
    pub out_time: Option<Duration>,
    /// How long the output will be.
    pub total_duration: Option<Duration>,
    /// Seconds of output for each second of waiting.
    pub speed: Option<f64>,
    /// How long the rest will take, if it goes on as it went; `None` while the fraction is not known.
    pub eta: Option<Duration>,
    /// Bytes read of the inputs; a part that is read twice counts twice.
    pub bytes_in: u64,
    /// Bytes written to files.
    pub bytes_out: u64,
}

/// The caller's function.
pub(super) type Callback = Box<dyn FnMut(Progress) + Send>;

/// How often the callback is called at most.
const INTERVAL: Duration = Duration::from_millis(100);

/// How long a job that is done waits for a callback that does not come back.
const FAREWELL: Duration = Duration::from_millis(500);

/// The longest line that is read; what the guest writes beyond it is dropped up to the next line.
const MAX_LINE: usize = 64 << 10;

/// Calls the callback from a thread of its own, so that one that is slow or panics neither slows
/// nor ends the job: it sees the newest state when it comes back, and misses those between.
pub(super) struct Reporter {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    counters: Arc<Counters>,
    started: Instant,
}

#[derive(Default)]
struct State {
    /// The newest whole line of the guest.
    line: Vec<u8>,
    phase: Phase,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Running,
    Succeeded,
    Failed,
    /// The callback has been told the end, or will not be called again.
    Told,
}

impl Shared {
    /// A panic while the lock is held is impossible to mend and harmless: the state is plain data.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reporter {
    /// Starts reporting. Without a thread to spare there is no progress, and the job runs.
    pub(super) fn start(counters: Arc<Counters>, callback: Callback) -> Self {
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            changed: Condvar::new(),
            counters,
            started: Instant::now(),
        });
        let own = Arc::clone(&shared);
        let thread = thread::Builder::new().name("afmpeg-progress".to_owned());
        if thread.spawn(move || report(&own, callback)).is_err() {
            shared.lock().phase = Phase::Told;
        }
        Self { shared }
    }

    /// What takes the lines of the guest.
    pub(super) fn sink(&self) -> Sink {
        let shared = Arc::clone(&self.shared);
        let mut lines = Lines::default();
        Box::new(move |data| {
            if let Some(line) = lines.push(data) {
                line.clone_into(&mut shared.lock().line);
            }
        })
    }

    /// Tells the callback how the job ended; a success is a fraction of 1.
    pub(super) fn finish(self, success: bool) {
        let mut state = self.shared.lock();
        if state.phase == Phase::Running {
            state.phase = if success {
                Phase::Succeeded
            } else {
                Phase::Failed
            };
        }
        self.shared.changed.notify_all();
        let told = |state: &mut State| state.phase != Phase::Told;
        drop(
            self.shared
                .changed
                .wait_timeout_while(state, FAREWELL, told),
        );
    }
}

impl Drop for Reporter {
    /// A job that unwinds leaves no thread behind.
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        if state.phase == Phase::Running {
            state.phase = Phase::Failed;
        }
        self.shared.changed.notify_all();
    }
}

fn report(shared: &Shared, mut callback: Callback) {
    let mut gauge = Gauge::default();
    let mut last = None;
    loop {
        let (line, phase) = {
            let running = |state: &mut State| state.phase == Phase::Running;
            let waited = shared
                .changed
                .wait_timeout_while(shared.lock(), INTERVAL, running);
            let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
            (state.line.clone(), state.phase)
        };
        let counters = &shared.counters;
        let bytes = Bytes {
            read: counters.read.load(Ordering::Relaxed),
            written: counters.written.load(Ordering::Relaxed),
            total: counters.total,
        };
        let mut progress = gauge.read(&line, bytes, shared.started.elapsed());
        if phase == Phase::Succeeded {
            progress.fraction = Some(1.0);
        }
        let ended = phase != Phase::Running;
        let alive = if ended || last.as_ref() != Some(&(line.clone(), bytes)) {
            catch_unwind(AssertUnwindSafe(|| callback(progress))).is_ok()
        } else {
            true
        };
        last = Some((line, bytes));
        if ended || !alive {
            shared.lock().phase = Phase::Told;
            shared.changed.notify_all();
            return;
        }
    }
}

/// The newest whole line in a stream of bytes.
#[derive(Default)]
struct Lines {
    begun: Vec<u8>,
    too_long: bool,
    newest: Vec<u8>,
}

impl Lines {
    /// Takes bytes, and gives the newest line when one was completed.
    fn push(&mut self, data: &[u8]) -> Option<&[u8]> {
        let mut parts = data.split(|byte| *byte == b'\n');
        // `split` gives at least one part; the last one is the beginning of a line.
        let rest = parts.next_back().unwrap_or_default();
        let mut whole = false;
        for part in parts {
            self.extend(part);
            if !self.too_long && !self.begun.is_empty() {
                std::mem::swap(&mut self.newest, &mut self.begun);
                whole = true;
            }
            self.begun.clear();
            self.too_long = false;
        }
        self.extend(rest);
        whole.then_some(self.newest.as_slice())
    }

    fn extend(&mut self, part: &[u8]) {
        if self.too_long || self.begun.len() + part.len() > MAX_LINE {
            self.too_long = true;
            self.begun.clear();
        } else {
            self.begun.extend_from_slice(part);
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bytes {
    read: u64,
    written: u64,
    total: u64,
}

/// One line of the guest. Each field is read by itself, so that one that is odd hides no other.
struct Line(Value);

impl Line {
    fn parse(line: &[u8]) -> Self {
        Self(serde_json::from_slice(line).unwrap_or_default())
    }

    /// A count; `None` when it is missing, negative or no whole number.
    fn count(&self, field: &str) -> Option<u64> {
        self.0.get(field).and_then(Value::as_u64)
    }
}

/// Turns what is known into a progress whose fraction never falls.
#[derive(Default)]
struct Gauge {
    fraction: Option<f64>,
}

impl Gauge {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a fraction needs no more precision"
    )]
    fn read(&mut self, line: &[u8], bytes: Bytes, elapsed: Duration) -> Progress {
        let line = Line::parse(line);
        let micros = |field| line.count(field).map(Duration::from_micros);
        let out_time = micros("out_time_us");
        let total_duration = micros("duration_us").filter(|total| !total.is_zero());
        let engine = out_time
            .zip(total_duration)
            .map(|(now, total)| now.as_secs_f64() / total.as_secs_f64());
        // Until the engine has said that it does not know the end there is no guess: a small input is
        // read at once, and a fraction that began too high could not fall to the engine's.
        let guess =
            (out_time.is_some() && bytes.total > 0).then(|| bytes.read as f64 / bytes.total as f64);
        let source = if engine.is_some() {
            ProgressSource::Engine
        } else {
            ProgressSource::Bytes
        };
        if let Some(now) = engine.or(guess) {
            let now = now.clamp(0.0, 1.0);
            self.fraction = Some(self.fraction.map_or(now, |before| before.max(now)));
        }
        let speed = out_time
            .filter(|_| !elapsed.is_zero())
            .map(|time| time.as_secs_f64() / elapsed.as_secs_f64());
        Progress {
            fraction: self.fraction,
            source,
            frame: line.count("frame"),
            out_time,
            total_duration,
            speed,
            eta: self.fraction.and_then(|fraction| left(elapsed, fraction)),
            bytes_in: bytes.read,
            bytes_out: bytes.written,
        }
    }
}

/// How long the rest takes of what has come so far in this time.
fn left(elapsed: Duration, fraction: f64) -> Option<Duration> {
    // Less says nothing yet.
    const SOME: f64 = 0.005;
    let whole = elapsed.as_secs_f64() / fraction;
    Duration::try_from_secs_f64(whole - elapsed.as_secs_f64())
        .ok()
        .filter(|_| fraction >= SOME)
}

/// The states of a job, made by [`Invocation::progress_events`](super::Invocation::progress_events).
#[derive(Debug)]
pub struct ProgressEvents(mpsc::Receiver<Progress>);

impl ProgressEvents {
    /// A callback, and what it is called with.
    pub(super) fn channel() -> (impl FnMut(Progress) + Send + 'static, Self) {
        let (send, events) = mpsc::channel();
        let callback = move |progress| {
            // Nobody listens any more, which is no matter of the job.
            let _ = send.send(progress);
        };
        (callback, Self(events))
    }
}

impl Iterator for ProgressEvents {
    type Item = Progress;

    fn next(&mut self) -> Option<Progress> {
        let first = self.0.recv().ok()?;
        Some(self.0.try_iter().last().unwrap_or(first))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Bytes = Bytes {
        read: 0,
        written: 0,
        total: 0,
    };

    fn read(gauge: &mut Gauge, line: &str, bytes: Bytes) -> Progress {
        gauge.read(line.as_bytes(), bytes, Duration::from_secs(2))
    }

    #[test]
    fn nothing_is_guessed_before_the_engine_has_spoken() {
        let bytes = Bytes {
            read: 60,
            written: 0,
            total: 100,
        };
        let mut gauge = Gauge::default();
        assert_eq!(read(&mut gauge, "", bytes).fraction, None);
        let line = r#"{"frame":1,"out_time_us":250000,"duration_us":1000000}"#;
        assert_eq!(read(&mut gauge, line, bytes).fraction, Some(0.25));
    }

    #[test]
    fn the_engine_is_believed_before_the_bytes() {
        let bytes = Bytes {
            read: 90,
            written: 5,
            total: 100,
        };
        let line = r#"{"frame":50,"out_time_us":2000000,"total_size":9,"duration_us":8000000}"#;
        let progress = read(&mut Gauge::default(), line, bytes);
        assert_eq!(progress.fraction, Some(0.25));
        assert_eq!(progress.source, ProgressSource::Engine);
        assert_eq!(progress.frame, Some(50));
        assert_eq!(progress.out_time, Some(Duration::from_secs(2)));
        assert_eq!(progress.total_duration, Some(Duration::from_secs(8)));
        assert_eq!(progress.speed, Some(1.0));
        assert_eq!(progress.eta, Some(Duration::from_secs(6)));
        assert_eq!((progress.bytes_in, progress.bytes_out), (90, 5));
        let line = r#"{"frame":50,"out_time_us":2000000}"#;
        let progress = read(&mut Gauge::default(), line, bytes);
        assert_eq!(progress.fraction, Some(0.9));
        assert_eq!(progress.source, ProgressSource::Bytes);
    }

    #[test]
    fn what_is_unknown_is_none() {
        let progress = read(&mut Gauge::default(), "", NOTHING);
        assert_eq!(progress.fraction, None);
        assert_eq!(
            (progress.frame, progress.out_time, progress.speed),
            (None, None, None)
        );
        assert_eq!(progress.eta, None);
        let hostile = r#"{"frame":-1,"out_time_us":-5,"duration_us":0}"#;
        let progress = read(&mut Gauge::default(), hostile, NOTHING);
        assert_eq!((progress.fraction, progress.frame), (None, None));
        assert_eq!(progress.out_time, None);
        let odd = r#"{"frame":"many","out_time_us":5,"duration_us":1e99}"#;
        let progress = read(&mut Gauge::default(), odd, NOTHING);
        assert_eq!((progress.frame, progress.total_duration), (None, None));
        assert_eq!(progress.out_time, Some(Duration::from_micros(5)));
    }

    #[test]
    fn the_fraction_never_falls_and_never_leaves_its_range() {
        let mut gauge = Gauge::default();
        let mut before = 0.0;
        let bytes = Bytes {
            read: 70,
            written: 0,
            total: 100,
        };
        for (line, bytes) in [
            (r#"{"out_time_us":1,"duration_us":10}"#, NOTHING),
            (r#"{"out_time_us":6,"duration_us":10}"#, NOTHING),
            (r#"{"out_time_us":3,"duration_us":10}"#, NOTHING),
            ("not json", NOTHING),
            ("", bytes),
            (r#"{"out_time_us":6,"duration_us":100000}"#, NOTHING),
            (r#"{"out_time_us":99,"duration_us":10}"#, NOTHING),
            (
                r#"{"out_time_us":9223372036854775807,"duration_us":1}"#,
                NOTHING,
            ),
        ] {
            let now = read(&mut gauge, line, bytes)
                .fraction
                .expect("it is known from the start");
            assert!((before..=1.0).contains(&now), "{line}: {before} then {now}");
            before = now;
        }
        assert!(before > 0.99);
    }

    #[test]
    fn lines_are_put_together_and_only_the_newest_counts() {
        let mut lines = Lines::default();
        assert_eq!(lines.push(b"{\"a\""), None);
        assert_eq!(lines.push(b":1}\n{\"b"), Some(&b"{\"a\":1}"[..]));
        assert_eq!(lines.push(b"\":2}\nc\nd\ne"), Some(&b"d"[..]));
        assert_eq!(lines.push(b"\n\n"), Some(&b"e"[..]));
        assert_eq!(lines.push(b""), None);
    }

    #[test]
    fn a_line_without_an_end_takes_no_memory() {
        let mut lines = Lines::default();
        for _ in 0..1000 {
            assert_eq!(lines.push(&[b'x'; 4096]), None);
            assert!(lines.begun.capacity() <= 2 * MAX_LINE);
        }
        assert_eq!(lines.push(b"\nnext\n"), Some(&b"next"[..]));
    }

    #[test]
    fn a_callback_sees_the_end_also_of_a_job_that_wrote_no_line() {
        let (send, seen) = mpsc::channel();
        let callback = Box::new(move |progress| send.send(progress).expect("it is received"));
        let reporter = Reporter::start(Arc::default(), callback);
        reporter.finish(true);
        let last: Progress = seen.try_iter().last().expect("it was called");
        assert_eq!(last.fraction, Some(1.0));
    }

    #[test]
    fn a_callback_that_panics_is_not_called_again() {
        let (send, seen) = mpsc::channel();
        let callback = Box::new(move |_| {
            send.send(()).expect("it is received");
            panic!("the consumer is broken");
        });
        let reporter = Reporter::start(Arc::default(), callback);
        seen.recv().expect("it was called once");
        reporter.sink()(b"{\"frame\":1}\n");
        reporter.finish(true);
        assert_eq!(seen.try_iter().count(), 0);
    }

    #[test]
    fn a_callback_that_hangs_does_not_hold_the_job() {
        let (_never, gate) = mpsc::channel::<()>();
        let (entered, inside) = mpsc::channel();
        let callback = Box::new(move |_| {
            let _ = entered.send(());
            let _ = gate.recv();
        });
        let reporter = Reporter::start(Arc::default(), callback);
        inside.recv().expect("it was called");
        let mut sink = reporter.sink();
        for _ in 0..10_000 {
            sink(b"{\"frame\":1}\n");
        }
        reporter.finish(true);
    }
}
