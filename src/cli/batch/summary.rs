//! What a batch has done, as a table for people and as documents for machines.

use std::process::ExitCode;
use std::time::Duration;

use serde_json::{Value, json};

use super::items::Item;
use super::work::{Ending, Made, Outcome};
use crate::cli::args::Global;
use crate::cli::report;
use crate::cli::status::{Failure, Status};
use crate::cli::style::{Stream, Tone, paint};
use crate::cli::text::{self, one_line};

/// The outcomes of all items, by their places.
pub(super) struct Summary {
    outcomes: Vec<Option<Outcome>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    done: usize,
    skipped: usize,
    failed: usize,
    cancelled: usize,
}

impl Summary {
    pub(super) fn new(items: usize) -> Self {
        Self {
            outcomes: (0..items).map(|_| None).collect(),
        }
    }

    /// Keeps the outcome of an item.
    pub(super) fn put(&mut self, index: usize, outcome: Outcome) {
        if let Some(place) = self.outcomes.get_mut(index) {
            *place = Some(outcome);
        }
    }

    /// Prints the end, and says how the command ends.
    ///
    /// # Errors
    ///
    /// When anything was cancelled or failed.
    pub(super) fn end(
        &self,
        global: &Global,
        items: &[Item],
        elapsed: Duration,
    ) -> Result<ExitCode, Failure> {
        let counts = self.counts();
        if global.json {
            report::json_line(&json!({"summary": {
                "files": items.len(),
                "done": counts.done,
                "skipped": counts.skipped,
                "failed": counts.failed,
                "cancelled": counts.cancelled,
                "time": seconds(elapsed),
            }}))?;
        } else if !global.quiet {
            report::print(&self.page(items, counts, elapsed))?;
        }
        if counts.cancelled > 0 {
            return Err(Failure::new(
                Status::Cancelled,
                format!(
                    "cancelled; of {} {} are not done",
                    files(items.len()),
                    counts.cancelled + counts.failed
                ),
            ));
        }
        if counts.failed > 0 {
            return Err(Failure::failed(format!(
                "{} of {} failed",
                counts.failed,
                files(items.len())
            )));
        }
        Ok(ExitCode::SUCCESS)
    }

    fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for outcome in &self.outcomes {
            match outcome.as_ref().map(|outcome| &outcome.ending) {
                Some(Ending::Done(_)) => counts.done += 1,
                Some(Ending::Skipped) => counts.skipped += 1,
                Some(Ending::Failed(failure)) if failure.status != Status::Cancelled => {
                    counts.failed += 1;
                }
                _ => counts.cancelled += 1,
            }
        }
        counts
    }

    fn page(&self, items: &[Item], counts: Counts, elapsed: Duration) -> String {
        let mut table = report::table(&[
            "file", "result", "duration", "size", "time", "speed", "error",
        ]);
        for (item, outcome) in items.iter().zip(&self.outcomes) {
            let Some(outcome) = outcome else { continue };
            let (word, made, error) = match &outcome.ending {
                Ending::Done(made) => ("done", Some(*made), String::new()),
                Ending::Skipped => ("done before", None, String::new()),
                Ending::Failed(failure) if failure.status == Status::Cancelled => {
                    ("cancelled", None, String::new())
                }
                Ending::Failed(failure) => ("failed", None, short(item, failure)),
            };
            let made_time = made.map(|_| outcome.time);
            table.add_row([
                one_line(&item.input.display().to_string()).into_owned(),
                word.to_owned(),
                made.and_then(|made| made.duration)
                    .map(text::seconds)
                    .unwrap_or_default(),
                made.map(|made| text::bytes(made.size)).unwrap_or_default(),
                made_time
                    .map(|time| text::seconds(time.as_secs_f64()))
                    .unwrap_or_default(),
                made.and_then(|made| speed(made, outcome.time))
                    .map(|speed| format!("{speed:.2}x"))
                    .unwrap_or_default(),
                one_line(&error).into_owned(),
            ]);
        }
        report::right(&mut table, &[2, 3, 4, 5]);
        let words = [
            (counts.done, "done", Tone::Good),
            (counts.skipped, "done before", Tone::Good),
            (counts.failed, "failed", Tone::Bad),
            (counts.cancelled, "cancelled", Tone::Warning),
        ];
        let words: Vec<String> = words
            .iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(count, word, tone)| paint(Stream::Out, *tone, &format!("{count} {word}")))
            .collect();
        format!(
            "{}\n{}: {}, in {}\n",
            table.trim_fmt(),
            files(items.len()),
            words.join(", "),
            text::seconds(elapsed.as_secs_f64())
        )
    }
}

/// One item for machines.
pub(super) fn document(item: &Item, outcome: &Outcome) -> Value {
    let mut line = json!({
        "input": item.input.display().to_string(),
        "output": item.output.display().to_string(),
        "time": seconds(outcome.time),
    });
    match &outcome.ending {
        Ending::Done(made) => {
            line["result"] = "done".into();
            line["duration"] = made.duration.into();
            line["size"] = made.size.into();
            line["speed"] = speed(*made, outcome.time).map(thousandths).into();
        }
        Ending::Skipped => line["result"] = "skipped".into(),
        Ending::Failed(failure) => {
            let cancelled = failure.status == Status::Cancelled;
            line["result"] = if cancelled { "cancelled" } else { "failed" }.into();
            line["error"] = json!({
                "status": failure.status as u8,
                "message": failure.message,
            });
        }
    }
    line
}

/// "1 file", "2 files".
fn files(count: usize) -> String {
    format!("{count} file{}", if count == 1 { "" } else { "s" })
}

/// The message without the name that stands in front of the line already.
fn short(item: &Item, failure: &Failure) -> String {
    let name = format!("{}: ", item.input.display());
    let message = failure.message.as_str();
    message.strip_prefix(&name).unwrap_or(message).to_owned()
}

/// Seconds of output made in a second.
fn speed(made: Made, time: Duration) -> Option<f64> {
    let speed = made.duration? / time.as_secs_f64();
    speed.is_finite().then_some(speed)
}

/// To the millisecond.
fn seconds(time: Duration) -> f64 {
    thousandths(time.as_secs_f64())
}

fn thousandths(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
