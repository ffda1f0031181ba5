//! `afmpeg explain` and `afmpeg graph`: what a job spec asks for, without running it.

use std::fmt::Write as _;

use afmpeg::Job;
use afmpeg::graph::Scan;
use serde_json::json;

use super::args::{Explain, Global, Graph};
use super::job::read_spec;
use super::report;
use super::session::{Session, job_failure};
use super::status::Failure;
use super::story::story;
use super::text::{lines, one_line};

/// Prints what a job asks for, and fails when the engine has not got it.
pub(crate) fn explain(global: &Global, args: &Explain) -> Result<(), Failure> {
    let job = read_job(&args.spec)?;
    let session = Session::open(global)?;
    let problems = session
        .runtime
        .check(&job)
        .map_err(|error| job_failure(&error))?;
    if global.json {
        report::json(&json!({ "job": job, "problems": problems }))?;
    } else {
        report::print(&lines(&story(&job)))?;
    }
    if problems.is_empty() {
        return Ok(());
    }
    let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
    Err(Failure::usage(problems.join("\n")))
}

/// Prints the filter graph of a job.
pub(crate) fn graph(global: &Global, args: &Graph) -> Result<(), Failure> {
    let job = read_job(&args.spec)?;
    let scan = Scan::of(job.filter.as_deref().unwrap_or_default());
    if global.json {
        return report::json(&json!({
            "chains": scan.chains,
            "filters": scan.filters,
            "inputs": scan.inputs,
            "open": scan.open,
        }));
    }
    let mut text = String::new();
    for chain in &scan.chains {
        let _ = writeln!(text, "{}", one_line(chain));
    }
    for (what, labels) in [("takes", &scan.inputs), ("gives", &scan.open)] {
        if !labels.is_empty() {
            let _ = writeln!(text, "{what} {}", one_line(&labels.join(", ")));
        }
    }
    report::print(&text)
}

fn read_job(path: &std::path::Path) -> Result<Job, Failure> {
    let job: Job = serde_json::from_str(&read_spec(path)?)
        .map_err(|error| Failure::usage(format!("{} is no job spec: {error}", path.display())))?;
    job.build()
        .map_err(|error| Failure::usage(error.to_string()).about(path))
}
