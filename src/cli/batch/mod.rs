//! `afmpeg batch`: one conversion for each file of a directory or a list, several at a time.

mod board;
mod items;
mod resume;
mod summary;
mod work;

use std::num::NonZero;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use afmpeg::{CancelToken, Pool, Task};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::args::{Batch, Global, Settings};
use super::convert::encoders;
use super::job::read_spec;
use super::report;
use super::session::{self, Session, job_failure};
use super::status::{Failure, Status, chain};
use board::Board;
use items::Item;
use resume::Resume;
use summary::Summary;
use work::{Ending, Outcome};

/// What all jobs of a batch share.
struct Shared {
    global: Global,
    settings: Settings,
    /// The job spec to run instead of settings.
    template: Option<Value>,
    encoders: Vec<String>,
    items: Vec<Item>,
    resume: Option<Mutex<Resume>>,
    overwrite: bool,
    cancel: CancelToken,
    board: Arc<Board>,
}

/// Runs the verb. An input that fails keeps no other from being converted.
pub(crate) fn batch(global: &Global, args: &Batch) -> Result<ExitCode, Failure> {
    let template = args.spec.as_deref().map(|path| template(args, path));
    let template = template.transpose()?;
    let items = items::items(args)?;
    if args.dry_run {
        return dry_run(global, &items);
    }
    let session = Session::open(global)?;
    let encoders = encoders(&session)?;
    std::fs::create_dir_all(&args.out_dir).map_err(|error| {
        Failure::usage(format!("cannot make {}: {error}", args.out_dir.display()))
    })?;
    let resume = args
        .resume
        .as_deref()
        .map(|path| Resume::open(path, &digest(args, template.as_ref())))
        .transpose()?;
    let processors = || std::thread::available_parallelism().map_or(1, NonZero::get);
    let jobs = args.jobs.map_or_else(processors, usize::from);
    let jobs = jobs.min(items.len());
    let limits = session::limits(global);
    let pool = Pool::builder(session.runtime.clone())
        .threads(jobs)
        .memory_budget(limits.memory_bytes.saturating_mul(jobs as u64))
        .build()
        .map_err(|error| Failure::failed(chain(&error)))?;
    let shared = Arc::new(Shared {
        global: global.clone(),
        settings: args.settings.clone(),
        template,
        encoders,
        resume: resume.map(Mutex::new),
        overwrite: args.overwrite,
        cancel: session.cancel.clone(),
        board: Board::new(global, items.len()),
        items,
    });

    let started = Instant::now();
    let mut summary = Summary::new(shared.items.len());
    let tasks = (0..shared.items.len()).map(|index| {
        let shared = Arc::clone(&shared);
        let task = Task::call(move |context| Ok(work::one(&shared, index, context)));
        let task = task.limits(limits.clone());
        match global.deterministic {
            Some(seed) => task.deterministic(seed),
            None => task,
        }
    });
    for (index, result) in pool.map(tasks) {
        let outcome = result.unwrap_or_else(|error| Outcome {
            ending: Ending::Failed(job_failure(&error)),
            time: std::time::Duration::ZERO,
        });
        let item = &shared.items[index];
        shared.board.ended(index);
        if global.json {
            let line = summary::document(item, &outcome);
            let printed = shared.board.above(|| report::json_line(&line));
            // Nobody would learn of the others.
            printed.inspect_err(|_| shared.cancel.cancel())?;
        } else if global.quiet
            && let Ending::Failed(failure) = &outcome.ending
            && failure.status != Status::Cancelled
        {
            shared.board.above(|| {
                let failure = Failure::new(failure.status, failure.message.as_str());
                failure.about(&item.input).report(false);
            });
        }
        summary.put(index, outcome);
    }
    shared.board.clear();
    let end = summary.end(global, &shared.items, started.elapsed());
    shared.board.finish(&end);
    end
}

/// Prints what would be made.
fn dry_run(global: &Global, items: &[Item]) -> Result<ExitCode, Failure> {
    for item in items {
        let (input, output) = (item.input.display(), item.output.display());
        if global.json {
            report::json_line(&json!({
                "input": input.to_string(),
                "output": output.to_string(),
            }))?;
        } else {
            let line = format!("{input} -> {output}");
            report::print(&format!("{}\n", super::text::one_line(&line)))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A job spec whose paths are to be filled in.
fn template(args: &Batch, path: &std::path::Path) -> Result<Value, Failure> {
    if args.settings != Settings::default() {
        return Err(Failure::usage(
            "--spec says all about the jobs: leave the other settings out",
        ));
    }
    let text = read_spec(path)?;
    let spec: Value = serde_json::from_str(&text)
        .map_err(|error| Failure::usage(format!("{} is no JSON: {error}", path.display())))?;
    for place in [work::INPUT, work::OUTPUT] {
        if !text.contains(place) {
            return Err(Failure::usage(format!(
                "{} has no {place}, which stands for the path of each file",
                path.display()
            )));
        }
    }
    Ok(spec)
}

/// What tells the settings of one run from those of another.
fn digest(args: &Batch, template: Option<&Value>) -> String {
    let template = template.map(ToString::to_string).unwrap_or_default();
    let text = format!("{:?}\n{template}", args.settings);
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
