//! `afmpeg segment`: one conversion in parts, side by side, that goes on where it was stopped.

use std::num::NonZero;
use std::path::Path;

use afmpeg::segment::Plan;
use afmpeg::vfs::HostDir;
use afmpeg::{Access, Job, Pool, SegmentError};

use super::args::{Global, Segment};
use super::convert::{Conversion, encoders};
use super::progress::Meter;
use super::report;
use super::save::{self, Replace};
use super::session::{self, Session, job_failure};
use super::stage::{self, Stage};
use super::status::{Failure, Status, chain};

/// Runs the verb.
pub(crate) fn segment(global: &Global, args: &Segment) -> Result<(), Failure> {
    let dash = Path::new("-");
    if args.output == dash || args.input == dash {
        return Err(Failure::usage(
            "parts are read and put together at any place: name files, not `-`",
        ));
    }
    save::check_target(&args.output, &[&args.input])?;
    let session = Session::open(global)?;
    let encoders = encoders(&session)?;
    let mut stage = Stage::new(global);
    let conversion = Conversion {
        settings: &args.settings,
        inputs: std::slice::from_ref(&args.input),
        output: &args.output,
        concat: false,
        sequence: false,
    };
    let job = conversion.job(&session, &mut stage, &encoders)?;
    let fs = stage.fs()?;
    let pool = pool(&session, args)?;
    let meter = Meter::new(global, &args.output.display().to_string());
    let segment = set_up(&session, args, job, &meter)?;
    let told = |error: &SegmentError| stage.in_host_names(failure(error));
    if args.dry_run {
        let plan = segment.plan(&pool, &fs).map_err(|error| told(&error))?;
        return show(global, &plan);
    }
    let result = segment
        .run_and_keep(&pool, &fs)
        .map_err(|error| told(&error))
        .and_then(|(report, leavings)| {
            // Until the output is on the host, the parts are all there is of the work.
            let saved = stage.save_outputs(&session.cancel, Replace::Yes)?;
            leavings.clear();
            Ok((report, saved))
        });
    meter.finish(&result);
    let (report, saved) = result?;
    report::processed(global, &stage, &report, &saved)
}

fn pool(session: &Session<'_>, args: &Segment) -> Result<Pool, Failure> {
    let processors = || std::thread::available_parallelism().map_or(1, NonZero::get);
    let threads = args.jobs.map_or_else(processors, usize::from);
    let limits = session::limits(session.global);
    Pool::builder(session.runtime.clone())
        .threads(threads)
        .memory_budget(limits.memory_bytes.saturating_mul(threads as u64))
        .build()
        .map_err(|error| Failure::failed(chain(&error)))
}

fn set_up(
    session: &Session<'_>,
    args: &Segment,
    job: Job,
    meter: &Meter,
) -> Result<afmpeg::Segment, Failure> {
    let mut segment = afmpeg::Segment::new(job)
        .limits(session::limits(session.global))
        .cancel(session.cancel.clone());
    if let Some(count) = args.parts {
        segment = segment.parts(count.into());
    }
    if let Some(seconds) = args.shortest {
        segment = segment.shortest_part(seconds);
    }
    if let Some(seed) = session.global.deterministic {
        segment = segment.deterministic(seed);
    }
    // What is kept in memory counts as the job's other files do.
    segment = segment.scratch(stage::memory(session.global));
    if let Some(host) = args.scratch.as_deref().filter(|_| !args.dry_run) {
        let cannot = |why: &dyn std::fmt::Display| {
            Failure::usage(format!("cannot keep parts in {}: {why}", host.display()))
        };
        std::fs::create_dir_all(host).map_err(|error| cannot(&error))?;
        let dir = HostDir::open(host, Access::ReadWrite).map_err(|error| cannot(&error))?;
        segment = segment.scratch(dir);
    }
    Ok(match meter.sink_of_parts() {
        Some(sink) => segment.progress(sink),
        None => segment,
    })
}

/// What would run.
fn show(global: &Global, plan: &Plan) -> Result<(), Failure> {
    if global.json {
        return report::json(plan);
    }
    let mut text = String::new();
    for (number, part) in plan.parts.iter().enumerate() {
        let start = super::text::seconds(seconds(part.start));
        let place = if part.at_key_frame {
            "at a key frame"
        } else {
            "between key frames"
        };
        let line = format!(
            "part {number}: {} frames from {start}, {place}\n",
            part.frames
        );
        text.push_str(&line);
    }
    if plan.rest_job().is_ok_and(|rest| rest.is_some()) {
        text.push_str("beside them, in one piece: everything but the video\n");
    }
    report::print(&text)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "microseconds of a film are exact in a double"
)]
fn seconds(microseconds: i64) -> f64 {
    microseconds as f64 / 1e6
}

fn failure(error: &SegmentError) -> Failure {
    match error {
        SegmentError::Job(error) => job_failure(error),
        SegmentError::Part { error: inner, .. } => {
            Failure::new(job_failure(inner).status, chain(error))
        }
        SegmentError::Refused { .. } => Failure::new(
            Status::Usage,
            format!("{}; `afmpeg convert` does it in one piece", chain(error)),
        ),
        SegmentError::OtherPlan => Failure::usage(chain(error)),
        _ => Failure::failed(chain(error)),
    }
}
