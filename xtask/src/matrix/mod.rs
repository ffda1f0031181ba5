//! `cargo xtask engine-matrix`: puts a built engine to work, component by component.
//!
//! Each encoder writes a known picture or a known tone into a container that takes it, and the engine's decoder reads
//! it back: pictures are compared with what went in, of sound it is asked where its energy is. Each filter stands in a
//! graph of its own. With `--native`, native FFmpeg reads what was encoded, too, and each codec that the engine decodes
//! is decoded by both. What fails is listed with the engine's reason; nothing is left out of the count in silence.

mod containers;
mod decoders;
mod document;
mod encoders;
mod filters;
mod fixtures;
#[path = "../../../tests/full/font.rs"]
mod font;
mod graphs;
mod lines;
mod native;
mod needs;
mod newer;
mod signals;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use afmpeg::{Engine, MemFs, Runtime};
use serde_json::{Value, json};

use self::fixtures::Origin;
use self::native::Native;
use crate::engine;
use crate::failure::{Failure, Result};
use crate::progress::Progress;
use crate::workspace::Workspace;

/// The options of `cargo xtask engine-matrix`.
#[derive(clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    engine: engine::Options,
    /// Try this engine instead of building one
    #[arg(long, value_name = "PATH")]
    module: Option<PathBuf>,
    /// Only components of this kind
    #[arg(long, value_parser = ["encoders", "decoders", "filters"])]
    kind: Option<String>,
    /// Only components whose names contain this
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Write docs/components.md, the components and sizes of all engines, and try nothing
    #[arg(long)]
    document: bool,
    /// Compare with native FFmpeg, which is installed if it can be: it reads what encoders write, and what is decoded
    /// is held against what it decodes
    #[arg(long)]
    native: bool,
    /// Print each component's verdict and its seconds as soon as they are known
    #[arg(long)]
    each: bool,
    /// Fail when less than this share of them works, in percent
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(..=100))]
    check: Option<u8>,
}

/// What became of a component.
enum Verdict {
    Works,
    /// As well as roundings allow: so many decibels from what native FFmpeg decodes.
    Near(f64),
    /// For the engine's own decoder; native FFmpeg cannot read it, which may be too old to know it.
    Alone,
    /// As FFmpeg of the engine's version does, and not the older native one.
    Otherwise,
    /// As FFmpeg of the engine's version does; the older native one does not know it.
    Newer,
    /// What is to be known beside it.
    Apart(&'static str),
    /// Why not.
    Fails(String),
    /// Why it cannot be asked.
    Untried(&'static str),
}

/// A verdict, and where the file is from that led to it.
struct Answer {
    verdict: Verdict,
    origin: Option<Origin>,
}

impl From<Verdict> for Answer {
    fn from(verdict: Verdict) -> Self {
        let origin = None;
        Self { verdict, origin }
    }
}

impl Verdict {
    /// What there is to say beyond that it works.
    fn told(&self) -> Option<String> {
        match self {
            Self::Works => None,
            Self::Near(decibels) => Some(format!("works, {decibels:.0} dB from native FFmpeg")),
            Self::Alone => Some("works, but native FFmpeg cannot read it".to_owned()),
            Self::Otherwise => Some("works, as FFmpeg 9 and not as version 5".to_owned()),
            Self::Newer => Some("works, as FFmpeg 9; version 5 does not know it".to_owned()),
            Self::Apart(what) => Some(format!("works, {what}")),
            Self::Fails(why) => Some(why.clone()),
            Self::Untried(why) => Some(format!("not tried, {why}")),
        }
    }
}

/// Runs the command.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    if options.document {
        return document::write(workspace);
    }
    let path = match &options.module {
        Some(path) => path.clone(),
        None => engine::build(workspace, &options.engine)?,
    };
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
    let native = match options.native {
        true => Some(Native::ensure(workspace)?),
        false => None,
    };
    let native = native.as_ref();
    let asked = |kind: &str| options.kind.as_deref().is_none_or(|only| only == kind);
    let mut count = Count::default();
    if asked("encoders") {
        let encoders = verdicts("encoders", &names("encoders"), options.each, |name| {
            encoders::verdict(&bench, native, name).into()
        });
        count.tell("encoders", &encoders);
    }
    if let Some(native) = native
        && asked("decoders")
    {
        println!("beside {}", native.version);
        let codecs = decoders::codecs(&bench, &names("decoders"), &names("encoders"))
            .map_err(Failure::new)?;
        let names: Vec<_> = codecs.keys().cloned().collect();
        let codecs = verdicts("decoders", &names, options.each, |name| {
            decoders::verdict(&bench, native, name, &codecs[name])
        });
        count.tell("codecs that are decoded", &codecs);
    }
    if asked("filters") {
        let filters = verdicts("filters", &names("filters"), options.each, |name| {
            filters::verdict(&bench, native, name).into()
        });
        count.tell("filters", &filters);
    }
    let Count { works, tried } = count;
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

/// Asks for each name.
fn verdicts(
    kind: &str,
    names: &[String],
    each: bool,
    verdict: impl Fn(&str) -> Answer,
) -> BTreeMap<String, Answer> {
    let progress = Progress::start(kind, Some(names.len() as u64));
    let verdicts = names
        .iter()
        .map(|name| {
            let started = Instant::now();
            let answer = verdict(name);
            if each {
                let told = answer.verdict.told();
                let told = told.unwrap_or_else(|| "works".to_owned());
                let of = answer.origin.map_or("", Origin::aside);
                println!(
                    "{:6.2} s  {name}: {told}{of}",
                    started.elapsed().as_secs_f64()
                );
            }
            progress.advance(1);
            (name.clone(), answer)
        })
        .collect();
    progress.done();
    verdicts
}

/// How many components work, of how many that were tried.
#[derive(Default)]
struct Count {
    works: usize,
    tried: usize,
}

impl Count {
    /// Prints what became of a kind of components and adds it.
    fn tell(&mut self, kind: &str, answers: &BTreeMap<String, Answer>) {
        let verdicts = || answers.values().map(|answer| &answer.verdict);
        let count = |is: fn(&Verdict) -> bool| verdicts().filter(|v| is(v)).count();
        let works = count(|v| {
            matches!(
                v,
                Verdict::Works
                    | Verdict::Near(_)
                    | Verdict::Alone
                    | Verdict::Otherwise
                    | Verdict::Newer
                    | Verdict::Apart(_)
            )
        });
        let untried = count(|v| matches!(v, Verdict::Untried(_)));
        println!(
            "{kind}: {works} of {} work, {untried} cannot be asked",
            answers.len() - untried
        );
        for origin in Origin::ALL {
            let from = |answer: &&Answer| answer.origin == Some(origin);
            let files = answers.values().filter(from).count();
            if files > 0 {
                println!("  of {files} {}", origin.told());
            }
        }
        for (name, answer) in answers {
            if let Some(told) = answer.verdict.told() {
                println!("  {name}: {told}");
            }
        }
        self.works += works;
        self.tried += answers.len() - untried;
    }
}

/// An open engine, and how long one job may take.
struct Bench {
    runtime: Runtime,
}

impl Bench {
    fn open(path: &Path) -> Result<Self> {
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
