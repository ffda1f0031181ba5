//! `cargo xtask profile`: where a job's time goes, by function of the engine, by counting.
//!
//! A copy of the engine is made in which every stretch of straight-line code first adds its number
//! of instructions to a counter of the function that it is in, one for each chain of callers. The
//! copy runs in the interpreter with a virtual clock and seeded randomness, and the counters are
//! read back. So a profile is exact and the same everywhere: it knows no sampling, no caches, and
//! nothing of the machine. What it cannot see: the time that the host takes in a syscall, and that
//! some instructions take longer than others.

mod blocks;
mod context;
mod flame;
mod instrument;
mod job;
mod names;
mod report;
mod run;
#[cfg(test)]
mod tests;
mod workload;

use std::fs;
use std::io::{BufWriter, Read as _, Write};
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;

use self::job::{InDir, InFile, Job};
use self::report::Profile;
use self::run::{Counted, Kernels, PROGRAM, Ran};
use crate::digest;
use crate::engine;
use crate::failure::{Failure, Result};
use crate::race::workloads::WORKLOADS;
use crate::workspace::Workspace;

/// The options of `cargo xtask profile`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Job spec (a JSON file, as `afmpeg job` takes it), or the name of a workload of the race
    #[arg(value_name = "JOB")]
    job: String,
    /// File that the job may read
    #[arg(long = "in", value_name = "HOST::GUEST")]
    inputs: Vec<InFile>,
    /// Directory that the job may read and write, or only read with ::ro
    #[arg(long, value_name = "HOST::GUEST[::ro]")]
    dir: Vec<InDir>,
    /// Engine module (.wasm or .wasm.gz) [default: the one built in this workspace]
    #[arg(long, value_name = "FILE")]
    engine: Option<PathBuf>,
    /// Offer the host's kernels, whose work is not counted: the profile shows what is left
    #[arg(long)]
    kernels: bool,
    /// Where profile.json, stacks.folded and flame.svg go [default: target/profile/JOB]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// How many functions the table shows
    #[arg(long, value_name = "N", default_value_t = 40)]
    top: usize,
}

impl Options {
    /// What a workload of the race leaves to do beside the kernels, into `out`.
    pub(crate) fn rest_of(workload: &str, out: &Path) -> Self {
        Self {
            job: workload.to_owned(),
            inputs: Vec::new(),
            dir: Vec::new(),
            engine: None,
            kernels: true,
            out: Some(out.to_owned()),
            top: 10,
        }
    }
}

/// The engine file that is profiled.
enum Engine {
    Given(PathBuf),
    /// The one of this workspace.
    Built(PathBuf),
}

impl Engine {
    fn path(&self) -> &Path {
        let (Self::Given(path) | Self::Built(path)) = self;
        path
    }
}

/// Runs the command.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let engine = match &options.engine {
        Some(file) => Engine::Given(file.clone()),
        None => Engine::Built(engine::ensure(workspace)?),
    };
    let module = module(engine.path())?;
    let sha256 = digest::bytes(&module);
    let job = job(workspace, options, &module)?;
    let kernels = match options.kernels {
        true => Kernels::On,
        false => Kernels::Off,
    };
    let names = names::find(workspace, &engine, &module)?;
    let Counted { tree, run } = run::counted(&module, kernels, &[PROGRAM, &job.spec], job.root)?;
    let profile = Profile::new(&tree, &names, sha256, &job.name);
    profile
        .print(options.top, &mut std::io::stdout().lock())
        .map_err(Failure::io("write", Path::new("the table")))?;
    let out = options
        .out
        .clone()
        .unwrap_or_else(|| workspace.target().join("profile").join(&job.name));
    fs::create_dir_all(&out).map_err(Failure::io("create", &out))?;
    save(&out.join("profile.json"), |file| {
        serde_json::to_writer_pretty(&mut *file, &profile)?;
        writeln!(file)
    })?;
    let stacks = flame::folded(&tree, &names);
    save(&out.join("stacks.folded"), |file| {
        stacks.iter().try_for_each(|line| writeln!(file, "{line}"))
    })?;
    let mut graph = Vec::new();
    flame::draw(&stacks, &job.name, &mut graph)?;
    save(&out.join("flame.svg"), |file| file.write_all(&graph))?;
    println!("{}", workspace.short(&out.join("flame.svg")));
    ended_well(&job.name, &run)
}

/// The job that the options name.
fn job(workspace: &Workspace, options: &Options, module: &[u8]) -> Result<Job> {
    let spec = Path::new(&options.job);
    if !spec.exists()
        && let Some(workload) = WORKLOADS.iter().find(|known| known.name == options.job)
    {
        if !options.inputs.is_empty() || !options.dir.is_empty() {
            return Err(Failure::new(format!(
                "{} is a workload of the race, which brings its own files: --in and --dir are for job specs",
                workload.name
            )));
        }
        return workload::job(workspace, workload, module);
    }
    let text = fs::read_to_string(spec).map_err(|error| {
        let names: Vec<_> = WORKLOADS.iter().map(|known| known.name).collect();
        Failure::io("read", spec)(error).mend(format!(
            "give a job spec, or one of the race's workloads: {}",
            names.join(", ")
        ))
    })?;
    let name = spec.file_stem().unwrap_or_default().to_string_lossy();
    Job::new(&name, text, &options.inputs, &options.dir)
}

/// The decompressed module.
fn module(path: &Path) -> Result<Vec<u8>> {
    let bytes = fs::read(path).map_err(Failure::io("read", path))?;
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let mut module = Vec::new();
    GzDecoder::new(bytes.as_slice())
        .read_to_end(&mut module)
        .map_err(Failure::io("decompress", path))?;
    Ok(module)
}

fn save(path: &Path, write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<()> {
    let failed = |error| Failure::io("write", path)(error);
    let mut file = BufWriter::new(fs::File::create(path).map_err(failed)?);
    write(&mut file).and_then(|()| file.flush()).map_err(failed)
}

/// The failure of a job whose counters were taken all the same.
fn ended_well(name: &str, run: &Ran) -> Result<()> {
    if run.is_success() {
        return Ok(());
    }
    let said = [&run.stdout, &run.stderr].map(|text| String::from_utf8_lossy(text).into_owned());
    Err(Failure::new(format!(
        "the job {name} failed ({}); the profile shows what ran until then\n{}",
        run.stop,
        said.concat().trim_end()
    )))
}
