//! One job of a batch: from what the resume file says to an output in its place.

use std::path::Path;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use afmpeg::pool::Context;
use afmpeg::vfs::Vfs;
use afmpeg::{CancelToken, Invocation, MediaTime};
use serde_json::Value;

use super::Shared;
use super::items::Item;
use super::resume::{Resume, Stamp, State};
use crate::cli::convert::Conversion;
use crate::cli::progress::Meter;
use crate::cli::save::Replace;
use crate::cli::session::{Starter, job_failure};
use crate::cli::stage::Stage;
use crate::cli::status::{Failure, Status};

/// What became of an item.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) ending: Ending,
    /// How long it took.
    pub(super) time: Duration,
}

#[derive(Debug)]
pub(super) enum Ending {
    Done(Made),
    /// It was done by an earlier run.
    Skipped,
    Failed(Failure),
}

/// An output that is in its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Made {
    /// How long it plays, in seconds.
    pub(super) duration: Option<f64>,
    /// Bytes of all its files.
    pub(super) size: u64,
}

/// Runs one job.
pub(super) fn one(shared: &Arc<Shared>, index: usize, context: &Context<'_>) -> Outcome {
    let started = Instant::now();
    let ending = match recorded(shared, index, context) {
        Ok(Some(made)) => Ending::Done(made),
        Ok(None) => Ending::Skipped,
        Err(failure) => Ending::Failed(failure),
    };
    Outcome {
        ending,
        time: started.elapsed(),
    }
}

/// Runs one job unless it is done, and writes down what becomes of it.
fn recorded(
    shared: &Arc<Shared>,
    index: usize,
    context: &Context<'_>,
) -> Result<Option<Made>, Failure> {
    let item = &shared.items[index];
    if shared.cancel.is_cancelled() {
        return Err(Failure::new(Status::Cancelled, "cancelled"));
    }
    let stamp = Stamp::of(&item.input).map_err(|error| {
        Failure::failed(format!("cannot read {}: {error}", item.input.display()))
    })?;
    let Some(mut resume) = shared.resume() else {
        return make(shared, index, context, shared.overwrite).map(Some);
    };
    if resume.is_done(item, stamp) {
        return Ok(None);
    }
    let ours = resume.is_ours(item);
    let replace = shared.overwrite || ours;
    if !replace {
        absent(item)?;
    }
    resume.note(item, stamp, State::Begun)?;
    drop(resume);
    let result = make(shared, index, context, replace);
    let state = match (&result, ours) {
        (Ok(_), _) => State::Done,
        (Err(_), true) => State::Stale,
        (Err(_), false) => State::Failed,
    };
    if let Some(mut resume) = shared.resume() {
        resume.note(item, stamp, state)?;
    }
    result.map(Some)
}

/// Makes the output of one item.
fn make(
    shared: &Arc<Shared>,
    index: usize,
    context: &Context<'_>,
    replace: bool,
) -> Result<Made, Failure> {
    let item = &shared.items[index];
    let replace = if replace {
        Replace::Yes
    } else {
        absent(item)?;
        Replace::No
    };
    if let Some(dir) = item.output.parent() {
        std::fs::create_dir_all(dir)
            .map_err(|error| Failure::failed(format!("cannot make {}: {error}", dir.display())))?;
    }
    let worker = Worker {
        context,
        cancel: &shared.cancel,
    };
    let meter = shared.board.meter(index, &item.input);
    let mut stage = Stage::new(&shared.global);
    let duration = match &shared.template {
        Some(template) => from_template(template, &worker, &mut stage, item, &meter)?,
        None => {
            let conversion = Conversion {
                settings: &shared.settings,
                inputs: &[&item.input],
                output: &item.output,
                concat: false,
                sequence: false,
            };
            let job = conversion.job(&worker, &mut stage, &shared.encoders)?;
            let report = worker
                .invocation(&stage.fs()?, &meter)
                .process(&job)
                .map_err(|error| stage.in_host_names(job_failure(&error)))?;
            let first = report.outputs.first();
            first.and_then(|output| output.duration.map(MediaTime::as_secs))
        }
    };
    let saved = stage.save_outputs(&shared.cancel, replace)?;
    Ok(Made {
        duration,
        size: saved.iter().map(|file| file.size).sum(),
    })
}

/// Runs a job spec for one item, and gives how long its first output plays.
fn from_template(
    template: &Value,
    worker: &Worker<'_>,
    stage: &mut Stage,
    item: &Item,
    meter: &Meter,
) -> Result<Option<f64>, Failure> {
    let mut spec = template.clone();
    let input = stage.input(&item.input)?;
    fill(&mut spec, &input, &stage.output(&item.output, false));
    let reply = worker
        .invocation(&stage.fs()?, meter)
        .process_json(&spec.to_string())
        .map_err(|error| stage.in_host_names(job_failure(&error)))?;
    Ok(reply.pointer("/outputs/0/duration").and_then(Value::as_f64))
}

/// Puts the paths in their places.
fn fill(value: &mut Value, input: &str, output: &str) {
    match value {
        Value::String(text) => *text = text.replace(INPUT, input).replace(OUTPUT, output),
        Value::Array(items) => items.iter_mut().for_each(|item| fill(item, input, output)),
        Value::Object(fields) => fields
            .values_mut()
            .for_each(|field| fill(field, input, output)),
        _ => {}
    }
}

fn absent(item: &Item) -> Result<(), Failure> {
    if Path::symlink_metadata(&item.output).is_ok() {
        return Err(Failure::failed(format!(
            "{} exists; --overwrite replaces it",
            item.output.display()
        )));
    }
    Ok(())
}

impl Shared {
    /// The resume file. A panic while it was held leaves whole lines, and what they say.
    fn resume(&self) -> Option<MutexGuard<'_, Resume>> {
        let resume = self.resume.as_ref()?;
        Some(resume.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Starts jobs on a thread of the pool; the signal that ends the command ends them all.
struct Worker<'a> {
    context: &'a Context<'a>,
    cancel: &'a CancelToken,
}

impl Starter for Worker<'_> {
    fn invocation<'s>(&'s self, fs: &'s dyn Vfs, meter: &Meter) -> Invocation<'s> {
        meter.watch(self.context.invocation(fs).cancel(self.cancel.clone()))
    }
}

/// What stands for the path of the input in a job spec.
pub(super) const INPUT: &str = "{input}";
/// What stands for the path of the output in a job spec.
pub(super) const OUTPUT: &str = "{output}";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_are_put_wherever_they_are_named() {
        let mut spec = json!({
            "inputs": [{"path": "{input}"}],
            "outputs": [{"path": "{output}", "duration": 1}, {"path": "{output}.log"}],
        });
        fill(&mut spec, "/in/a", "/out/b");
        assert_eq!(
            spec,
            json!({
                "inputs": [{"path": "/in/a"}],
                "outputs": [{"path": "/out/b", "duration": 1}, {"path": "/out/b.log"}],
            })
        );
    }
}
