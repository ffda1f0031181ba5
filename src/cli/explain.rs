//! `afmpeg explain` and `afmpeg graph`: what a job spec asks for, without running it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use afmpeg::graph::Scan;
use afmpeg::{Input, Job, Output, SeekMode};
use serde_json::json;

use super::args::{Explain, Global, Graph};
use super::job::read_spec;
use super::report;
use super::session::{Session, job_failure};
use super::status::Failure;
use super::text::{lines, one_line, seconds};

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

/// A job in lines, each with what it is about in front.
fn story(job: &Job) -> String {
    let mut text = String::new();
    let mut line = |about: &str, what: &str| {
        let _ = writeln!(text, "{about:<11}{what}");
    };
    for (i, input) in job.inputs.iter().enumerate() {
        line(&format!("input {i}"), &reading(input));
    }
    for (i, chain) in Scan::of(job.filter.as_deref().unwrap_or_default())
        .chains
        .iter()
        .enumerate()
    {
        line(if i == 0 { "filters" } else { "" }, chain);
    }
    for (i, output) in job.outputs.iter().enumerate() {
        line(&format!("output {i}"), &writing(output));
        for (from, codec, options) in streams(output) {
            line(&format!("  {from}"), &[codec, settings(&options)].concat());
        }
    }
    text
}

fn reading(input: &Input) -> String {
    let mut text = match (&input.path, &input.concat) {
        (Some(path), _) => path.clone(),
        (None, files) => files.as_deref().unwrap_or_default().join(" + "),
    };
    if let Some(format) = &input.format {
        let _ = write!(text, ", read as {format}");
    }
    if let Some(seek) = input.seek {
        let place = match seek.mode {
            SeekMode::Accurate => "from",
            _ => "from the key frame before",
        };
        let _ = write!(text, ", {place} {}", seconds(seek.start));
    }
    match input.repeat {
        Some(-1) => text.push_str(", again and again"),
        Some(times) if times > 0 => {
            let _ = write!(text, ", {} times", times + 1);
        }
        _ => {}
    }
    text + &settings(&input.options)
}

fn writing(output: &Output) -> String {
    let mut text = match output.path.is_empty() {
        true => "no file".to_owned(),
        false => output.path.clone(),
    };
    if let Some(format) = &output.format {
        let _ = write!(text, ", written as {format}");
    }
    if let Some(length) = output.duration {
        let _ = write!(text, ", {} long", seconds(length));
    }
    if let Some(end) = output.end {
        let _ = write!(text, ", up to {}", seconds(end));
    }
    text + &settings(&output.format_options)
}

/// What is in an output: from where, the encoder, its options.
fn streams(output: &Output) -> Vec<(String, String, BTreeMap<String, String>)> {
    const CHOSEN: &str = "the encoder that the format prefers";
    let full = output.streams.iter().map(|stream| {
        let copied = !stream.from.starts_with('[');
        let codec = stream.codec.clone();
        let codec = codec.unwrap_or_else(|| if copied { "copy" } else { CHOSEN }.to_owned());
        (stream.from.clone(), codec, stream.options.clone())
    });
    let short = output.map.iter().map(|map| {
        if !map.starts_with('[') {
            let text = map.split(':').nth(1) == Some("s");
            let codec = output.subtitle_codec.as_deref().filter(|_| text);
            return (
                map.clone(),
                codec.unwrap_or("copy").to_owned(),
                BTreeMap::new(),
            );
        }
        let codecs = [&output.video_codec, &output.audio_codec];
        let codecs: Vec<_> = codecs.into_iter().flatten().map(String::as_str).collect();
        let codec = match codecs[..] {
            [] => CHOSEN.to_owned(),
            _ => codecs.join(" or "),
        };
        let all = [
            &output.options,
            &output.video_options,
            &output.audio_options,
        ];
        let options = all.into_iter().flatten();
        (
            map.clone(),
            codec,
            options.map(|(k, v)| (k.clone(), v.clone())).collect(),
        )
    });
    full.chain(short).collect()
}

fn settings(options: &BTreeMap<String, String>) -> String {
    options
        .iter()
        .fold(String::new(), |mut text, (key, value)| {
            let _ = write!(text, ", {key}={value}");
            text
        })
}
