//! `cargo xtask race`: the workloads, our modes against native FFmpeg, native C and a JIT, measured in one run.
//!
//! One thread everywhere. The peers take turns within each round, so a machine that slows down slows all of them;
//! the minimum over the rounds is kept. A figure is the CPU time of a whole process, start included; wasmtime's is
//! the guest alone, without compilation and start. What a start costs is measured too, and the document has each
//! figure without it. FFmpeg's own command has no openh264 in most distributions: its H.264 is then x264 at
//! `veryfast`, and the table says which.

mod chart;
mod measure;
mod peers;
mod table;
pub(crate) mod workloads;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use clap::builder::PossibleValuesParser;
use serde_json::Value;

pub(crate) use self::peers::native::ensure as ensure_native_ffmpeg;
use self::peers::{COLUMNS, Folder, Peer, ours};
use self::table::{Row, Table};
use self::workloads::{Origin, PARALLEL, SOURCES, START, Source, WORKLOADS, Workload};
use crate::command;
use crate::engine;
use crate::failure::{Failure, Result};
use crate::workspace::Workspace;

/// The options of `cargo xtask race`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Run only these workloads
    #[arg(long, value_name = "NAME,NAME", value_delimiter = ',',
          value_parser = PossibleValuesParser::new(WORKLOADS.iter().map(|w| w.name).chain(PARALLEL.iter().map(|w| w.name))))]
    only: Vec<String>,
    /// Run only these peers [default: all that can be had here]
    #[arg(long, value_name = "NAME,NAME", value_delimiter = ',',
          value_parser = PossibleValuesParser::new(COLUMNS.iter().map(|c| c.name)))]
    peers: Vec<String>,
    /// Measure each so many times and keep the minimum
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// Print one JSON document; the tables go to standard error
    #[arg(long)]
    json: bool,
    /// Run `plain` and `fast` alone, and fail unless `fast` is so many times as fast in each workload
    /// [default workload: transcode_nat]
    #[arg(long, value_name = "FACTOR", conflicts_with = "peers", value_parser = factor)]
    check: Option<f64>,
    /// Race this `afmpeg` instead of building one; it may have been made by `cargo xtask cli --fast`
    #[arg(long, value_name = "PATH")]
    command: Option<PathBuf>,
    /// Measure one command as the only child of this process; the race runs itself with it
    #[arg(long, hide = true, num_args = 2.., allow_hyphen_values = true)]
    measure: Vec<OsString>,
}

/// Runs the command.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    if !options.measure.is_empty() {
        return measure::measuring_process(&options.measure);
    }
    let engine = engine::ensure(workspace)?;
    let folder = workspace.target().join("race");
    fs::create_dir_all(&folder).map_err(Failure::io("create", &folder))?;
    let mut peers = Vec::new();
    if options.races() {
        peers = line_up(workspace, options, &engine, &Folder(folder.clone()))?;
    }
    let mut table = Table {
        rounds: options.rounds,
        peers: peers
            .iter()
            .map(|peer| (peer.column(), peer.describe()))
            .collect(),
        start: race_one(&START, &peers, options.rounds)?,
        rows: Vec::new(),
        warm: Value::Null,
        parallel: Vec::new(),
    };
    for workload in WORKLOADS.iter().filter(|w| options.wants(w.name)) {
        eprintln!("{}: {}", workload.name, workload.what);
        table.rows.push(race_one(workload, &peers, options.rounds)?);
    }
    if options.only.is_empty() && options.check.is_none() {
        table.warm = bench(workspace, &engine, "warm", "--json")?;
    }
    for workload in PARALLEL.iter().filter(|w| options.wants(w.name)) {
        eprintln!("{}: {}", workload.name, workload.what);
        let figures = bench(workspace, &engine, workload.name, "--speedup")?;
        if !figures["speedup"].is_f64() {
            let bench = workload.name;
            return Err(
                Failure::new(format!("the bench `{bench}` tells no speedup: {figures}")).mend(
                    "`cargo bench --bench` with its name and `-- --speedup` shows what it prints",
                ),
            );
        }
        table.parallel.push((workload.name, figures));
    }
    let picture = folder.join("race.png");
    chart::draw(&table, &picture)?;
    let text = format!("{table}chart: {}", workspace.short(&picture));
    if options.json {
        eprintln!("{text}");
        println!("{}", table.document());
    } else {
        println!("{text}");
    }
    match options.check {
        Some(_) if !options.races() => {
            Err(Failure::new("none of these workloads has modes to check")
                .mend("name another workload"))
        }
        Some(factor) => table.check("fast", "plain", factor),
        None => Ok(()),
    }
}

/// Everyone who takes part, in the order of the columns; says who does not and why. Makes the sources.
fn line_up(
    workspace: &Workspace,
    options: &Options,
    engine: &Path,
    folder: &Folder,
) -> Result<Vec<Box<dyn Peer>>> {
    let mut peers: Vec<Box<dyn Peer>> = Vec::new();
    let absent = |name: &str, why: &dyn std::fmt::Display| {
        let why = why.to_string();
        eprintln!(
            "{name} is absent: {}",
            why.lines().next().unwrap_or_default()
        );
    };
    if options.invites("native") {
        match peers::native::find(folder) {
            Some(peer) => peers.push(Box::new(peer)),
            None => absent("native", &"there is no ffmpeg and it cannot be installed"),
        }
    }
    if options.invites("native_c") {
        match peers::native_c::find(workspace, folder) {
            Ok(peer) => peers.push(Box::new(peer)),
            Err(why) => absent("native_c", &why),
        }
    }
    if options.invites("wasmtime") {
        match peers::wasmtime::find(engine, folder) {
            Ok(peer) => peers.push(Box::new(peer)),
            Err(why) => absent("wasmtime", &why),
        }
    }
    // Interpretation makes the sources and is the reference, also where nobody asked for its column.
    let invites = |mode: &str| mode == "plain" || options.invites(mode);
    let built = options.command.as_deref();
    for (mode, found) in ours::find(workspace, built, engine, folder, invites)? {
        match found {
            Ok(ours) => {
                if mode == "plain" {
                    for source in needed(options) {
                        ours.make(workspace, source)?;
                    }
                }
                peers.push(Box::new(ours));
            }
            Err(failure) if mode == "plain" => return Err(failure),
            Err(why) => absent(mode, &why),
        }
    }
    Ok(peers)
}

/// The sources of the workloads that take part, and those that they are made from, in the order in which they can be
/// made.
fn needed(options: &Options) -> Vec<&'static Source> {
    let workloads = WORKLOADS.iter().filter(|w| options.wants(w.name));
    let mut names: Vec<&str> = workloads
        .chain([&START])
        .flat_map(|w| w.inputs)
        .copied()
        .collect();
    for source in SOURCES.iter().rev() {
        if let Origin::Made {
            from: Some(from), ..
        } = source.origin
            && names.contains(&source.name)
        {
            names.push(from);
        }
    }
    let needed = SOURCES.iter().filter(|source| names.contains(&source.name));
    needed.collect()
}

/// All rounds of one workload, and the comparison of the results.
fn race_one(workload: &'static Workload, peers: &[Box<dyn Peer>], rounds: u32) -> Result<Row> {
    let mut row = Row::new(workload.name, workload.what);
    for _ in 0..rounds {
        for peer in peers {
            let run = peer
                .run(workload)
                .map_err(|failure| Failure::new(format!("{}, {failure}", peer.column())))?;
            row.add(peer.column(), run.cost, run.result)?;
        }
    }
    row.compare()?;
    Ok(row)
}

/// The last line of a bench of ours, which is one JSON document: each is about a process that stays alive, and has
/// no peers.
fn bench(workspace: &Workspace, engine: &Path, name: &str, argument: &str) -> Result<Value> {
    let mut bench = command::cargo(workspace);
    bench.args(["bench", "--quiet", "--locked", "--bench", name, "--"]);
    bench.arg(argument).env("AFMPEG_ENGINE", engine);
    let output = bench
        .output()
        .map_err(|error| command::cannot_start(&bench, &error))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let last = text.lines().next_back().unwrap_or_default();
    serde_json::from_str(last).map_err(|_| {
        let said = String::from_utf8_lossy(&output.stderr);
        Failure::new(format!("the bench `{name}` failed: {}", said.trim()))
    })
}

impl Options {
    fn wants(&self, name: &str) -> bool {
        match (&self.only[..], self.check) {
            ([], None) => true,
            ([], Some(_)) => name == "transcode_nat",
            (only, _) => only.iter().any(|n| n == name),
        }
    }

    /// Whether there is a workload that peers take part in.
    fn races(&self) -> bool {
        WORKLOADS.iter().any(|workload| self.wants(workload.name))
    }

    fn invites(&self, peer: &str) -> bool {
        match (&self.peers[..], self.check) {
            (_, Some(_)) => peer == "fast",
            ([], None) => true,
            (peers, None) => peers.iter().any(|p| p == peer),
        }
    }
}

fn factor(text: &str) -> std::result::Result<f64, String> {
    match text.parse() {
        Ok(factor) if factor > 0.0 && f64::is_finite(factor) => Ok(factor),
        _ => Err("it must be a number above 0".to_owned()),
    }
}
