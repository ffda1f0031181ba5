//! The proof as a command: `cargo xtask lift-proof`.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

use afmpeg_lift_proof::harness::Build;
use afmpeg_lift_proof::random::Sample;
use afmpeg_lift_proof::spec::{Plan, files};
use clap::Parser;

/// What to prove.
#[derive(Parser)]
#[command(name = "cargo xtask lift-proof", arg_required_else_help = true)]
struct Options {
    /// Run the tests of the WebAssembly specification on lifted modules
    #[arg(long)]
    spec: bool,
    /// Compare random modules with the interpreter, until a difference or the time is over
    #[arg(long)]
    random: bool,
    /// How long random modules are tried [default: without end]
    #[arg(long, value_name = "N")]
    seconds: Option<u64>,
    /// Modules of one program
    #[arg(long, value_name = "N", default_value_t = 300)]
    modules: u64,
    /// The first seed [default: from the clock]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Compile with all optimisations
    #[arg(long)]
    release: bool,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let done = (!options.spec || spec(&options)) && (!options.random || random(&options));
    if done {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

impl Options {
    fn build(&self) -> Build {
        if self.release {
            Build::Release
        } else {
            Build::Debug
        }
    }
}

fn spec(options: &Options) -> bool {
    let mut plan = Plan::default();
    files().iter().for_each(|file| plan.add(file));
    println!("{} modules of the specification's tests", plan.batch.len());
    let report = plan
        .batch
        .build("spec-run", options.build())
        .and_then(|program| program.run(&plan.script))
        .map(|answers| plan.judge(&answers));
    let report = match report {
        Ok(report) => report,
        Err(error) => {
            eprintln!("error: {error}");
            return false;
        }
    };
    print("passed", &report.passed);
    print("not taken", &report.skipped);
    report
        .failed
        .iter()
        .for_each(|failed| println!("does not hold: {failed}"));
    report.failed.is_empty()
}

fn print<K: std::fmt::Display>(title: &str, counts: &BTreeMap<K, usize>) {
    println!("{title}:");
    for (what, count) in counts {
        println!("{count:8}  {what}");
    }
}

fn random(options: &Options) -> bool {
    let started = Instant::now();
    let mut seed = options.seed.unwrap_or_else(|| {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        now.map_or(0, |now| now.as_secs() * 1_000)
    });
    let (mut modules, mut answers, mut traps) = (0, 0, BTreeMap::<String, usize>::new());
    loop {
        let seeds = seed..seed + options.modules;
        let outcome = match Sample::new(seeds.clone()).run("random-run", options.build()) {
            Ok(outcome) => outcome,
            Err(error) => {
                eprintln!("error: seeds {seeds:?}: {error}");
                return false;
            }
        };
        modules += outcome.modules;
        answers += outcome.answers;
        for (kind, count) in outcome.trapped {
            *traps.entry(kind).or_default() += count;
        }
        let time = started.elapsed();
        println!(
            "{:6} s: {modules} modules, {answers} answers, seeds to {}",
            time.as_secs(),
            seeds.end
        );
        if !outcome.differences.is_empty() {
            outcome
                .differences
                .iter()
                .for_each(|difference| println!("differs: {difference}"));
            return false;
        }
        seed = seeds.end;
        if options
            .seconds
            .is_some_and(|seconds| time >= Duration::from_secs(seconds))
        {
            print("trapped", &traps);
            return true;
        }
    }
}
