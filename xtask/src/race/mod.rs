//! `cargo xtask race`: the workloads, our command against FFmpeg's own, as ratios measured in one run.
//!
//! Every figure is a whole process, start-up included, on one thread. The peers take turns within each round, so a
//! machine that slows down slows all of them; the minimum over the rounds is kept. FFmpeg's own command has no
//! openh264 in most distributions: its H.264 is then x264 at `veryfast`, and the table says which.

mod measure;
mod native;
mod workloads;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use clap::builder::PossibleValuesParser;
use serde_json::{Value, json};

use self::measure::Cost;
use self::workloads::{Origin, SOURCES, Source, WORKLOADS, Workload};
use crate::command;
use crate::engine;
use crate::failure::{Failure, Result};
use crate::workspace::Workspace;

/// The options of `cargo xtask race`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Run only these workloads
    #[arg(long, value_name = "NAME,NAME", value_delimiter = ',',
          value_parser = PossibleValuesParser::new(WORKLOADS.iter().map(|w| w.name)))]
    only: Vec<String>,
    /// Measure each so many times and keep the minimum
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// Print one JSON document instead of the table
    #[arg(long)]
    json: bool,
    /// Measure one command as the only child of this process; the race runs itself with it
    #[arg(long, hide = true, num_args = 1.., allow_hyphen_values = true)]
    measure: Vec<OsString>,
}

struct Row {
    workload: &'static Workload,
    ours: Cost,
    native: Option<Cost>,
}

/// Runs the command.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    if !options.measure.is_empty() {
        return measure::measuring_process(&options.measure);
    }
    let engine = engine::ensure(workspace)?;
    let command = command::build_cli(workspace)?;
    let folder = workspace.target().join("race");
    fs::create_dir_all(&folder).map_err(Failure::io("create", &folder))?;
    let ours = Ours {
        command,
        engine,
        folder,
    };
    let native = native::find();
    for source in SOURCES {
        ours.make(workspace, source)?;
    }
    let mut rows = Vec::new();
    for workload in WORKLOADS.iter().filter(|w| options.wants(w.name)) {
        eprintln!("{}: {}", workload.name, workload.what);
        rows.push(race_one(workload, &ours, native.as_ref(), options.rounds)?);
    }
    let warm = warm(workspace, &ours)?;
    if options.json {
        println!("{}", document(&rows, native.as_ref(), &warm));
    } else {
        print_table(&rows, native.as_ref(), &warm);
    }
    Ok(())
}

fn race_one(
    workload: &'static Workload,
    ours: &Ours,
    native: Option<&native::Peer>,
    rounds: u32,
) -> Result<Row> {
    let our_command = ours.command_line(workload)?;
    let native_command = native.map(|peer| peer.command_line(workload, &ours.folder));
    let mut row = Row {
        workload,
        ours: measure::run(&our_command)?,
        native: None,
    };
    for _ in 0..rounds {
        row.ours = row.ours.min(measure::run(&our_command)?);
        if let Some(command) = &native_command {
            let cost = measure::run(command)?;
            row.native = Some(row.native.map_or(cost, |best| best.min(cost)));
        }
    }
    Ok(row)
}

/// Our release command, the engine it runs, and the folder of the race's files.
struct Ours {
    command: PathBuf,
    engine: PathBuf,
    folder: PathBuf,
}

impl Ours {
    fn command_line(&self, workload: &Workload) -> Result<Vec<OsString>> {
        let spec = self.folder.join(format!("{}.json", workload.name));
        self.job(
            &(workload.spec)(),
            &spec,
            workload.inputs,
            workload.output.map(|name| (name, name)),
        )
    }

    fn job(
        &self,
        spec: &Value,
        spec_file: &Path,
        inputs: &[&str],
        output: Option<(&str, &str)>,
    ) -> Result<Vec<OsString>> {
        fs::write(spec_file, spec.to_string()).map_err(Failure::io("write", spec_file))?;
        let mut line: Vec<OsString> = vec![
            self.command.clone().into(),
            "--engine".into(),
            self.engine.clone().into(),
            "--progress".into(),
            "none".into(),
            "job".into(),
            spec_file.into(),
        ];
        for input in inputs {
            line.push("--in".into());
            line.push(pair(
                &self.folder.join(input).display().to_string(),
                &format!("/{input}"),
            ));
        }
        if let Some((guest, host)) = output {
            line.push("--out".into());
            line.push(pair(
                &format!("/{guest}"),
                &self.folder.join(host).display().to_string(),
            ));
        }
        Ok(line)
    }

    fn make(&self, workspace: &Workspace, source: &Source) -> Result<()> {
        let path = self.folder.join(source.name);
        if path.is_file() {
            return Ok(());
        }
        match source.origin {
            Origin::Fixture(name) => {
                let from = workspace.root().join("tests/fixtures").join(name);
                fs::copy(&from, &path).map_err(Failure::io("copy", &from))?;
                Ok(())
            }
            Origin::Made { from, spec } => {
                eprintln!("making {}", source.name);
                let spec_file = self.folder.join(format!("{}.json", source.name));
                let inputs: Vec<&str> = from.into_iter().collect();
                let line =
                    self.job(&spec(), &spec_file, &inputs, Some(("out.mp4", source.name)))?;
                measure::run(&line).map(|_| ())
            }
        }
    }
}

fn pair(left: &str, right: &str) -> OsString {
    format!("{left}::{right}").into()
}

/// Open and probe times of one process that stays warm, from `cargo bench --bench warm -- --json`.
fn warm(workspace: &Workspace, ours: &Ours) -> Result<Value> {
    let mut bench = command::cargo(workspace);
    bench.args([
        "bench", "--quiet", "--locked", "--bench", "warm", "--", "--json",
    ]);
    bench.env("AFMPEG_ENGINE", &ours.engine);
    let output = bench
        .output()
        .map_err(|error| command::cannot_start(&bench, &error))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let last = text.lines().next_back().unwrap_or_default();
    serde_json::from_str(last).map_err(|_| {
        let said = String::from_utf8_lossy(&output.stderr);
        Failure::new(format!("the bench `warm` failed: {}", said.trim()))
    })
}

fn document(rows: &[Row], native: Option<&native::Peer>, warm: &Value) -> Value {
    let mut workloads = serde_json::Map::new();
    for row in rows {
        workloads.insert(
            row.workload.name.into(),
            json!({
                "cpu_s": {"plain": row.ours.cpu_s, "native": row.native.map(|n| n.cpu_s)},
                "wall_s": {"plain": row.ours.wall_s, "native": row.native.map(|n| n.wall_s)},
                "peak_bytes": {"plain": row.ours.peak_bytes,
                    "native": row.native.map(|n| n.peak_bytes)},
                "ratio_vs_native": row.native.map(|n| row.ours.cpu_s / n.cpu_s),
            }),
        );
    }
    json!({
        "machine": {"os": std::env::consts::OS, "arch": std::env::consts::ARCH,
            "cores": std::thread::available_parallelism().map_or(1, usize::from)},
        "native": native.map(native::Peer::describe),
        "engine": warm,
        "workloads": workloads,
    })
}

fn print_table(rows: &[Row], native: Option<&native::Peer>, warm: &Value) {
    let peer = native.map_or_else(|| "absent".to_owned(), native::Peer::describe);
    println!("native: {peer}");
    println!(
        "{:<14} {:>9} {:>9} {:>7} {:>9} {:>9}",
        "workload", "ours, s", "native, s", "ratio", "ours MiB", "native MiB"
    );
    for row in rows {
        let mib = |bytes: u64| format!("{:.0}", bytes as f64 / 1048576.0);
        let native = |show: &dyn Fn(Cost) -> String| row.native.map_or("-".into(), show);
        println!(
            "{:<14} {:>9.3} {:>9} {:>7} {:>9} {:>9}",
            row.workload.name,
            row.ours.cpu_s,
            native(&|n| format!("{:.3}", n.cpu_s)),
            native(&|n| format!("{:.1}x", row.ours.cpu_s / n.cpu_s)),
            mib(row.ours.peak_bytes),
            native(&|n| mib(n.peak_bytes)),
        );
    }
    println!("CPU time of whole processes, minimum; peak resident memory.");
    println!("engine: {warm}");
}

impl Options {
    fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|n| n == name)
    }
}
