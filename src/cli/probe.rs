//! `afmpeg probe`: what is in media files.

use afmpeg::{Input, ProbeReport};
use serde_json::{Value, json};

use super::args::{Global, Probe};
use super::progress::Meter;
use super::report;
use super::session::{Session, Starter, job_failure};
use super::stage::Stage;
use super::status::{Failure, Status};

/// Runs the verb. A file that cannot be read does not keep the others from being shown.
pub(crate) fn probe(global: &Global, args: &Probe) -> Result<(), Failure> {
    let session = Session::open(global)?;
    let mut entries = Vec::new();
    let mut first_failure = None;
    for file in &args.files {
        let name = file.display().to_string();
        let mut stage = Stage::new(global);
        let result = stage.input(file).and_then(|path| {
            let mut input = Input::file(path);
            if let Some(format) = &args.input_format {
                input = input.format(format);
            }
            probe_input(&session, &stage, &input)
        });
        match result {
            Ok(report) if global.json => {
                let mut value = serde_json::to_value(&report).map_err(|error| {
                    Failure::failed(format!("cannot write the report: {error}"))
                })?;
                report::rename(&mut value, &|guest| stage.host(guest));
                entries.push(value);
            }
            Ok(report) => report::print(&report::probed(&name, &report))?,
            Err(failure) => {
                let stop = failure.status == Status::Cancelled;
                let failure = failure.about(file);
                if global.json {
                    entries.push(json!({"path": name, "error": {"message": failure.message}}));
                }
                if stop {
                    return Err(failure);
                }
                if first_failure.is_some() || args.files.len() > 1 {
                    failure.report(global.json);
                }
                first_failure.get_or_insert(failure);
            }
        }
    }
    if global.json {
        report::json(&json!({"inputs": entries}))?;
    }
    match first_failure {
        Some(failure) if args.files.len() > 1 => {
            Err(Failure::new(failure.status, "not every file could be read"))
        }
        Some(failure) => Err(failure),
        None => Ok(()),
    }
}

/// What is in one input, with its format and options.
///
/// # Errors
///
/// As the engine reports them.
pub(crate) fn probe_input(
    starter: &impl Starter,
    stage: &Stage,
    input: &Input,
) -> Result<ProbeReport, Failure> {
    let spec = json!({"version": afmpeg::VOCABULARY, "op": "probe", "inputs": [input]});
    let mut reply = starter
        .invocation(&stage.fs()?, &Meter::Silent)
        .process_json(&spec.to_string())
        .map_err(|error| stage.in_host_names(job_failure(&error)))?;
    let entry = reply
        .pointer_mut("/inputs/0")
        .map(Value::take)
        .unwrap_or_default();
    if let Some(message) = entry.pointer("/error/message").and_then(Value::as_str) {
        return Err(stage.in_host_names(Failure::failed(message)));
    }
    serde_json::from_value(entry)
        .map_err(|error| Failure::failed(format!("the engine's report is not understood: {error}")))
}
