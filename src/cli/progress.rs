//! Progress on standard error: a bar for people, one JSON object a line for machines.

use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use afmpeg::segment::SegmentProgress;
use afmpeg::{Invocation, Progress};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};

use super::args::{Global, ProgressMode};
use super::status::Failure;

/// Where a job's progress goes. Consumes updates; the job never waits for a reader.
pub(crate) enum Meter {
    Bar(Bar),
    Json(Option<Instant>),
    /// What happens is told to a function.
    Told(Arc<dyn Fn(&Progress) + Send + Sync>),
    Silent,
}

impl Meter {
    /// The meter that the options ask for, labelled `what`.
    pub(crate) fn new(global: &Global, what: &str) -> Self {
        match global.progress {
            ProgressMode::Json => Self::Json(None),
            ProgressMode::Bar => Self::bar(what),
            ProgressMode::Auto if !global.quiet && std::io::stderr().is_terminal() => {
                Self::bar(what)
            }
            ProgressMode::Auto | ProgressMode::None => Self::Silent,
        }
    }

    /// Has a job report to this meter, unless nobody would read it.
    pub(crate) fn watch<'a>(&self, invocation: Invocation<'a>) -> Invocation<'a> {
        match self {
            Self::Silent => invocation,
            _ => invocation.progress(self.sink()),
        }
    }

    /// The same for a job in parts; nothing where nobody would read it.
    pub(crate) fn sink_of_parts(&self) -> Option<impl FnMut(SegmentProgress) + Send + 'static> {
        let mut meter = match self {
            Self::Told(_) | Self::Silent => return None,
            Self::Bar(_) | Self::Json(_) => self.another(),
        };
        Some(move |at: SegmentProgress| {
            let (text, line) = (|| describe_parts(&at), || document_of_parts(&at));
            meter.write(Some(at.fraction), text, line);
        })
    }

    fn sink(&self) -> impl FnMut(Progress) + Send + 'static {
        let mut meter = self.another();
        move |progress| match &meter {
            Meter::Told(function) => function(&progress),
            _ => {
                let (text, line) = (|| describe(&progress), || document(&progress));
                meter.write(progress.fraction, text, line);
            }
        }
    }

    /// One that writes to the same place.
    fn another(&self) -> Self {
        match self {
            Self::Bar(bar) => Self::Bar(bar.clone()),
            Self::Json(_) => Self::Json(None),
            Self::Told(function) => Self::Told(Arc::clone(function)),
            Self::Silent => Self::Silent,
        }
    }

    /// Removes the bar; says the end to machines.
    pub(crate) fn finish<T>(self, result: &Result<T, Failure>) {
        match self {
            Self::Bar(bar) => bar.clear(),
            Self::Json(_) => {
                let end = match result {
                    Ok(_) => json!({"event": "done"}),
                    Err(failure) => json!({
                        "event": "failed",
                        "status": failure.status as u8,
                        "message": failure.message,
                    }),
                };
                emit(&end);
            }
            Self::Told(_) | Self::Silent => {}
        }
    }

    fn bar(what: &str) -> Self {
        Self::Bar(Bar::new(what))
    }

    /// Writes how far the work is, as a text or as a line for machines.
    fn write(
        &mut self,
        fraction: Option<f64>,
        text: impl FnOnce() -> String,
        line: impl FnOnce() -> Value,
    ) {
        match self {
            Self::Bar(bar) => bar.show(fraction, text()),
            Self::Json(last) => {
                let done = fraction == Some(1.0);
                if done || last.is_none_or(|at| at.elapsed() >= JSON_INTERVAL) {
                    *last = Some(Instant::now());
                    emit(&line());
                }
            }
            Self::Told(_) | Self::Silent => {}
        }
    }
}

/// A bar on standard error, which spins until the end is known.
#[derive(Clone)]
pub(crate) struct Bar(ProgressBar);

impl Bar {
    fn new(what: &str) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
        bar.set_style(style(UNKNOWN));
        bar.set_prefix(super::text::one_line(what).into_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }

    /// Shows how far the work is, when that is known, and a text.
    pub(crate) fn show(&self, fraction: Option<f64>, message: String) {
        if let Some(fraction) = fraction {
            if self.0.length().is_none() {
                self.0.set_style(style(KNOWN));
                self.0.set_length(PARTS);
            }
            self.0
                .set_position((fraction.clamp(0.0, 1.0) * PARTS as f64) as u64);
        }
        self.0.set_message(message);
    }

    /// Takes the bar away while something else is written.
    pub(crate) fn suspend<T>(&self, write: impl FnOnce() -> T) -> T {
        self.0.suspend(write)
    }

    /// Removes the bar.
    pub(crate) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

/// Steps of a bar whose end is known.
const PARTS: u64 = 1000;
/// The least time between two JSON lines.
const JSON_INTERVAL: Duration = Duration::from_millis(100);
const KNOWN: &str = "{prefix} [{bar:30}] {percent:>3} % {msg}";
const UNKNOWN: &str = "{prefix} {spinner} {msg}";

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .expect("the two templates are constant and well formed")
        .progress_chars("=> ")
}

/// "frame 120, 4.800 s, 2.10x, 0:07 left".
fn describe(progress: &Progress) -> String {
    let mut words = Vec::new();
    if let Some(frame) = progress.frame {
        words.push(format!("frame {frame}"));
    }
    if let Some(time) = progress.out_time {
        words.push(super::text::seconds(time.as_secs_f64()));
    }
    let left = progress.eta.filter(|_| progress.fraction != Some(1.0));
    words.extend(pace(progress.speed, left));
    words.join(", ")
}

/// "2 of 8 parts, frame 120, 2.10x, 0:07 left".
fn describe_parts(at: &SegmentProgress) -> String {
    let mut words = vec![
        format!("{} of {} parts", at.parts_done, at.parts),
        format!("frame {}", at.frames),
    ];
    words.extend(pace(at.speed, at.eta.filter(|_| at.fraction < 1.0)));
    words.join(", ")
}

/// "2.10x" and "0:07 left".
fn pace(speed: Option<f64>, left: Option<Duration>) -> impl Iterator<Item = String> {
    let speed = speed.map(|speed| format!("{speed:.2}x"));
    let left = left.map(|time| format!("{} left", super::text::clock(time)));
    speed.into_iter().chain(left)
}

/// One line for machines; what is unknown is null.
pub(crate) fn document(progress: &Progress) -> Value {
    json!({
        "event": "progress",
        "fraction": progress.fraction,
        "frame": progress.frame,
        "out_time": progress.out_time.map(|time| time.as_secs_f64()),
        "total_duration": progress.total_duration.map(|time| time.as_secs_f64()),
        "speed": progress.speed,
        "eta": progress.eta.map(|time| time.as_secs_f64()),
        "bytes_in": progress.bytes_in,
        "bytes_out": progress.bytes_out,
    })
}

/// The same of a job in parts, whose bytes nobody counts and whose parts are not made in the order of time.
fn document_of_parts(at: &SegmentProgress) -> Value {
    json!({
        "event": "progress",
        "fraction": at.fraction,
        "parts_done": at.parts_done,
        "parts": at.parts,
        "frame": at.frames,
        "out_time": null,
        "total_duration": null,
        "speed": at.speed,
        "eta": at.eta.map(|time| time.as_secs_f64()),
        "bytes_in": null,
        "bytes_out": null,
    })
}

/// Writes a line for machines to standard error.
pub(crate) fn emit(value: &Value) {
    // A reader that went away must not fail the job.
    let _ = writeln!(
        std::io::stderr().lock(),
        "{}",
        super::text::json(&value.to_string())
    );
}

#[cfg(test)]
mod tests {
    use afmpeg::ProgressSource;

    use super::*;

    fn halfway() -> Progress {
        Progress {
            fraction: Some(0.5),
            source: ProgressSource::Engine,
            frame: Some(120),
            out_time: Some(Duration::from_millis(4800)),
            total_duration: Some(Duration::from_millis(9600)),
            speed: Some(2.1),
            eta: Some(Duration::from_millis(6100)),
            bytes_in: 7,
            bytes_out: 8,
        }
    }

    #[test]
    fn people_read_speed_and_remaining_time() {
        let mut progress = halfway();
        assert_eq!(describe(&progress), "frame 120, 4.800 s, 2.10x, 0:07 left");
        progress.fraction = Some(1.0);
        assert_eq!(describe(&progress), "frame 120, 4.800 s, 2.10x");
        progress = Progress {
            frame: None,
            out_time: None,
            speed: None,
            eta: None,
            ..progress
        };
        assert_eq!(describe(&progress), "");
    }

    #[test]
    fn machines_read_numbers_and_null_for_what_is_unknown() {
        let mut progress = halfway();
        progress.frame = None;
        let line = document(&progress);
        assert_eq!((&line["speed"], &line["eta"]), (&json!(2.1), &json!(6.1)));
        assert!(line["frame"].is_null() && line.get("frame").is_some());
    }

    #[test]
    fn parts_are_counted_and_their_bytes_are_unknown() {
        let mut at = SegmentProgress {
            fraction: 0.5,
            parts_done: 2,
            parts: 4,
            frames: 120,
            speed: Some(2.1),
            eta: Some(Duration::from_millis(6100)),
        };
        assert_eq!(
            describe_parts(&at),
            "2 of 4 parts, frame 120, 2.10x, 0:07 left"
        );
        let line = document_of_parts(&at);
        assert_eq!((&line["speed"], &line["eta"]), (&json!(2.1), &json!(6.1)));
        assert_eq!(line.get("bytes_in"), Some(&Value::Null));
        at.fraction = 1.0;
        at.speed = None;
        assert_eq!(describe_parts(&at), "2 of 4 parts, frame 120");
        assert_eq!(document_of_parts(&at).get("speed"), Some(&Value::Null));
    }
}
