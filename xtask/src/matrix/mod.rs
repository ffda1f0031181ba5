//! `cargo xtask engine-matrix`: puts a built engine to work, component by component.
//!
//! Each encoder writes a known picture or a known tone into a container that takes it, and the engine's decoder reads
//! it back: pictures are compared with what went in, of sound it is asked where its energy is. Each filter stands in a
//! graph of its own. What fails is listed with the engine's reason; nothing is left out of the count in silence.

mod document;
mod encoders;
mod filters;
mod signals;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use afmpeg::{Engine, MemFs, Runtime};
use serde_json::{Value, json};

use crate::engine;
use crate::failure::{Failure, Result};
use crate::progress::Progress;
use crate::workspace::Workspace;

/// The options of `cargo xtask engine-matrix`.
#[derive(clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    engine: engine::Options,
    /// Only components whose names contain this
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Write docs/components.md, the components of the lean and the full engine, and try nothing
    #[arg(long)]
    document: bool,
    /// Fail when less than this share of them works, in percent
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(..=100))]
    check: Option<u8>,
}

/// What became of a component.
enum Verdict {
    Works,
    /// Why not.
    Fails(String),
    /// Why it cannot be asked.
    Untried(&'static str),
}

/// Runs the command.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    if options.document {
        return document::write(workspace, &options.engine);
    }
    let path = engine::build(workspace, &options.engine)?;
    let bench = Bench::open(&path)?;
    let capabilities = bench
        .ask(json!({ "op": "capabilities" }))
        .map_err(Failure::new)?;
    let names = |kind: &str| -> Vec<String> {
        let all = capabilities[kind].as_array().into_iter().flatten();
        all.filter_map(Value::as_str)
            .filter(|name| options.only.as_ref().is_none_or(|only| name.contains(only)))
            .map(str::to_owned)
            .collect()
    };
    type Try = fn(&Bench, &str) -> Verdict;
    let kinds: [(&str, Try); 2] = [
        ("encoders", encoders::verdict),
        ("filters", filters::verdict),
    ];
    let (mut works, mut tried) = (0, 0);
    for (kind, verdict) in kinds {
        let names = names(kind);
        let progress = Progress::start(kind, Some(names.len() as u64));
        let verdicts: BTreeMap<_, _> = names
            .iter()
            .map(|name| {
                let verdict = verdict(&bench, name);
                progress.advance(1);
                (name, verdict)
            })
            .collect();
        progress.done();
        let works_here = verdicts
            .values()
            .filter(|v| matches!(v, Verdict::Works))
            .count();
        let untried = verdicts
            .values()
            .filter(|v| matches!(v, Verdict::Untried(_)))
            .count();
        println!(
            "{kind}: {works_here} of {} work, {untried} cannot be asked",
            verdicts.len() - untried
        );
        for (name, verdict) in &verdicts {
            match verdict {
                Verdict::Works => {}
                Verdict::Fails(why) => println!("  {name}: {why}"),
                Verdict::Untried(why) => println!("  {name}: not tried, {why}"),
            }
        }
        works += works_here;
        tried += verdicts.len() - untried;
    }
    let share = 100.0 * works as f64 / tried.max(1) as f64;
    println!("together: {works} of {tried}, {share:.1} %");
    match options.check {
        Some(least) if share < f64::from(least) => Err(Failure::new(format!(
            "{share:.1} % of the components work, not {least} %"
        ))
        .mend("the list above has the engine's reasons")),
        _ => Ok(()),
    }
}

/// An open engine, and how long one job may take.
struct Bench {
    runtime: Runtime,
}

impl Bench {
    fn open(path: &std::path::Path) -> Result<Self> {
        let failed = |error: String| Failure::new(format!("{}: {error}", path.display()));
        let engine = Engine::open(path).map_err(|error| failed(error.to_string()))?;
        let runtime = Runtime::new(engine).map_err(|error| failed(error.to_string()))?;
        Ok(Self { runtime })
    }

    /// Runs a job that needs no file.
    fn ask(&self, spec: Value) -> std::result::Result<Value, String> {
        self.job(&MemFs::new(), spec)
    }

    /// Runs a job; an error is its first line.
    fn job(&self, fs: &MemFs, mut spec: Value) -> std::result::Result<Value, String> {
        spec["version"] = json!(10);
        let done = self
            .runtime
            .invocation(fs)
            .deadline(Instant::now() + PATIENCE)
            .process_json(&spec.to_string());
        done.map_err(|error| {
            let text = error.to_string();
            text.lines().next().unwrap_or_default().to_owned()
        })
    }
}

/// Far more than any of these jobs needs.
const PATIENCE: Duration = Duration::from_secs(120);
