//! Progress on standard error: a bar for people, one JSON object a line for machines.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use afmpeg::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use super::args::{Global, ProgressMode};
use super::status::Failure;

/// Where a job's progress goes. Consumes updates; the job never waits for a reader.
pub(crate) enum Meter {
    Bar(ProgressBar),
    Json(Option<Instant>),
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

    /// Whether anything is shown, so that a job need not report what nobody reads.
    pub(crate) fn is_shown(&self) -> bool {
        !matches!(self, Self::Silent)
    }

    /// The sink to give to a job.
    pub(crate) fn sink(&self) -> impl FnMut(Progress) + Send + 'static {
        let mut meter = match self {
            Self::Bar(bar) => Self::Bar(bar.clone()),
            Self::Json(_) => Self::Json(None),
            Self::Silent => Self::Silent,
        };
        move |progress| meter.show(&progress)
    }

    /// Removes the bar; says the end to machines.
    pub(crate) fn finish<T>(self, result: &Result<T, Failure>) {
        match self {
            Self::Bar(bar) => bar.finish_and_clear(),
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
            Self::Silent => {}
        }
    }

    fn bar(what: &str) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
        bar.set_style(style(UNKNOWN));
        bar.set_prefix(super::text::one_line(what).into_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        Self::Bar(bar)
    }

    fn show(&mut self, progress: &Progress) {
        match self {
            Self::Bar(bar) => {
                if let Some(fraction) = progress.fraction {
                    if bar.length().is_none() {
                        bar.set_style(style(KNOWN));
                        bar.set_length(PARTS);
                    }
                    bar.set_position((fraction.clamp(0.0, 1.0) * PARTS as f64) as u64);
                }
                bar.set_message(describe(progress));
            }
            Self::Json(last) => {
                let done = progress.fraction == Some(1.0);
                if done || last.is_none_or(|at| at.elapsed() >= JSON_INTERVAL) {
                    *last = Some(Instant::now());
                    emit(&document(progress));
                }
            }
            Self::Silent => {}
        }
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

/// "frame 120, 4.800 s, 2.1x".
fn describe(progress: &Progress) -> String {
    let mut parts = Vec::new();
    if let Some(frame) = progress.frame {
        parts.push(format!("frame {frame}"));
    }
    if let Some(time) = progress.out_time {
        parts.push(super::text::seconds(time.as_secs_f64()));
    }
    if let Some(speed) = progress.speed {
        parts.push(format!("{speed:.2}x"));
    }
    parts.join(", ")
}

/// One line for machines; what is unknown is null.
fn document(progress: &Progress) -> serde_json::Value {
    json!({
        "event": "progress",
        "fraction": progress.fraction,
        "frame": progress.frame,
        "out_time": progress.out_time.map(|time| time.as_secs_f64()),
        "total_duration": progress.total_duration.map(|time| time.as_secs_f64()),
        "speed": progress.speed,
        "bytes_in": progress.bytes_in,
        "bytes_out": progress.bytes_out,
    })
}

fn emit(value: &serde_json::Value) {
    // A reader that went away must not fail the job.
    let _ = writeln!(
        std::io::stderr().lock(),
        "{}",
        super::text::json(&value.to_string())
    );
}
