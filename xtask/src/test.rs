//! `cargo xtask test`: builds the engine, runs every test of the workspace, and sums up.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::command;
use crate::engine::{self, Profile, Variant};
use crate::failure::{Failure, Result};
use crate::lift::pack;
use crate::workspace::Workspace;

/// The options of `cargo xtask test`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Build the engine tests with lifted code in them, and run them in each mode
    #[arg(long)]
    fast: bool,
    /// Build the engine tests with only the hot functions of a workload lifted, and run them
    #[arg(long, conflicts_with = "fast")]
    mixed: bool,
    /// Build the full engine, and run the tests that need it
    #[arg(long, conflicts_with_all = ["fast", "mixed"])]
    full: bool,
    /// Build the engine of the GPL variant, and run the tests that need it: the lean one, with `--full` the full one
    #[arg(long, conflicts_with_all = ["fast", "mixed"])]
    gpl: bool,
    /// Further arguments of `cargo test`: a filter, or `-- --nocapture`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

/// The workload of the race from whose profile the mixed pack of the tests is made.
const MIXED: &str = "mjpeg320";

/// Runs the command.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let start = Instant::now();
    let mut summary = Summary::default();
    let mut passed = true;
    if options.fast {
        let pack = pack::ensure(workspace)?;
        // Optimised, as the pack is used; unoptimised, its tests would take hours.
        let tests = || {
            let mut cargo = command::cargo_of_pack(workspace, &pack);
            cargo.args(["test", "--release", "--no-fail-fast"]);
            cargo
        };
        let modeless = pack::programs_of_one_mode(workspace)?;
        for mode in ["plain", "lifted", "fast"] {
            println!("\nmode: {mode}");
            let mut cargo = tests();
            cargo.args(&options.args);
            // One program runs every mode itself, whichever is asked for. The others have run plain among
            // the tests without a pack, with the same interpreter over the same engine.
            if options.args.is_empty() && mode == "plain" {
                cargo.args(["--test", pack::MODES]);
            } else if options.args.is_empty() {
                cargo.args(["--bins"]);
                cargo.args(modeless.iter().flat_map(|name| ["--test", name]));
            }
            cargo
                .env("AFMPEG_ENGINE", &pack.engine)
                .env("AFMPEG_MODE", mode);
            passed &= run_tests(cargo, &mut summary)?;
        }
        // Kernels are compared with C as they run in applications, too: without optimisation they neither use
        // wide instructions nor wrap where they overflow.
        if options.args.is_empty() {
            println!("\nkernels, optimised");
            let mut cargo = tests();
            cargo.args(["--test", pack::KERNELS]);
            cargo.env("AFMPEG_KERNEL_TESTS", engine::kernel_tests(workspace)?);
            passed &= run_tests(cargo, &mut summary)?;
        }
    } else if options.mixed {
        println!("mode: fast, with only the hot functions of {MIXED} lifted");
        let pack = pack::mixed(workspace, &pack::ensure(workspace)?, MIXED)?;
        let mut cargo = command::cargo_of_pack(workspace, &pack);
        cargo.args(["test", "--release", "--no-fail-fast", "--test", pack::MODES]);
        cargo
            .args(&options.args)
            .env("AFMPEG_ENGINE", &pack.engine)
            .env("AFMPEG_MODE", "fast");
        passed &= run_tests(cargo, &mut summary)?;
    } else if options.full || options.gpl {
        let profile = if options.full {
            Profile::Full
        } else {
            Profile::Lean
        };
        let variant = if options.gpl {
            Variant::Gpl
        } else {
            Variant::Lgpl
        };
        let engine = engine::of(workspace, profile, variant)?;
        let of_full = ["full", "proof"].into_iter().filter(|_| options.full);
        let of_gpl = ["gpl"].into_iter().filter(|_| options.gpl);
        let programs: Vec<_> = of_full.chain(of_gpl).collect();
        passed = run_ignored(workspace, &engine, &programs, options, &mut summary)?;
    } else {
        let mut tests = of_workspace(workspace);
        tests.args(options.args.iter().take_while(|arg| *arg != "--"));
        let (engine, kernel_tests, guests) = while_compiling(tests, || {
            let engine = engine::ensure(workspace)?;
            let kernel_tests = engine::kernel_tests(workspace)?;
            Ok((engine, kernel_tests, engine::guests::ensure(workspace)?))
        })?;
        let mut cargo = of_workspace(workspace);
        cargo.arg("--no-fail-fast").args(&options.args);
        cargo
            .env("AFMPEG_ENGINE", engine)
            .env("AFMPEG_KERNEL_TESTS", kernel_tests)
            .env("AFMPEG_GUESTS", guests);
        passed = run_tests(cargo, &mut summary)?;
    }
    println!(
        "\n{} in {:.0} s",
        summary.sentence(),
        start.elapsed().as_secs_f64()
    );
    for name in &summary.failures {
        println!("  failed: {name}");
    }
    if !passed {
        return Err(Failure::new("the tests did not pass").mend("their output is above"));
    }
    if summary.passed == 0 && options.args.is_empty() {
        return Err(Failure::new("no test ran"));
    }
    Ok(())
}

/// The tests that run without a lifted engine.
fn of_workspace(workspace: &Workspace) -> Command {
    let mut cargo = command::cargo(workspace);
    // Not every feature: `portable-dispatch` would run all of it in the slow interpreter loop.
    cargo.args(["test", "--locked", "--workspace"]);
    cargo.args([
        "--features",
        "afmpeg/cli,afmpeg/download,afmpeg/object-store,afmpeg/schema",
    ]);
    cargo
}

/// Does what the tests need while they are compiled, as the scripts before an engine's compiler keep but one processor
/// busy. What the compiler has to say is said when the tests run.
fn while_compiling<T>(mut tests: Command, needed: impl FnOnce() -> Result<T>) -> Result<T> {
    tests.args(["--no-run", "--quiet"]);
    tests
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut compiler = tests
        .spawn()
        .map_err(|error| command::cannot_start(&tests, &error))?;
    let made = needed();
    if made.is_err() {
        // Nothing is to be tested.
        let _ = compiler.kill();
    }
    compiler
        .wait()
        .map_err(|error| command::cannot_start(&tests, &error))?;
    made
}

/// Runs the tests that are ignored by default because the lean engine cannot pass them, with one that can.
fn run_ignored(
    workspace: &Workspace,
    engine: &Path,
    programs: &[&str],
    options: &Options,
    summary: &mut Summary,
) -> Result<bool> {
    let mut cargo = command::cargo(workspace);
    cargo.args(["test", "--locked", "--package", "afmpeg"]);
    cargo.args(["--features", "cli", "--no-fail-fast"]);
    cargo.args(programs.iter().flat_map(|name| ["--test", name]));
    cargo.args(&options.args);
    if !options.args.iter().any(|arg| arg == "--") {
        cargo.arg("--");
    }
    cargo.arg("--ignored").env("AFMPEG_ENGINE", engine);
    run_tests(cargo, summary)
}

/// Runs `cargo test`, shows what it prints and adds it up. Returns whether all passed.
fn run_tests(mut cargo: Command, summary: &mut Summary) -> Result<bool> {
    let spawned = cargo.stdout(Stdio::piped()).spawn();
    let mut child = spawned.map_err(|error| command::cannot_start(&cargo, &error))?;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout)
            .split(b'\n')
            .map_while(std::result::Result::ok)
        {
            let line = String::from_utf8_lossy(&line);
            // A reader of our output that went away does not end the tests.
            let _ = writeln!(std::io::stdout(), "{line}");
            summary.read(&line);
        }
    }
    let status = child
        .wait()
        .map_err(|error| command::cannot_start(&cargo, &error))?;
    Ok(status.success())
}

/// What the test programs said, added up.
#[derive(Default)]
struct Summary {
    programs: u64,
    passed: u64,
    failed: u64,
    ignored: u64,
    failures: Vec<String>,
}

impl Summary {
    /// Reads one line of the standard test harness.
    fn read(&mut self, line: &str) {
        if let Some(counts) = line.strip_prefix("test result: ") {
            self.programs += 1;
            for part in counts.split(['.', ';']) {
                let mut words = part.split_whitespace();
                if let (Some(count), Some(what)) = (words.next(), words.next()) {
                    let count = count.parse().unwrap_or(0);
                    match what {
                        "passed" => self.passed += count,
                        "failed" => self.failed += count,
                        "ignored" => self.ignored += count,
                        _ => {}
                    }
                }
            }
        } else if let Some(name) = line
            .strip_prefix("test ")
            .and_then(|rest| rest.strip_suffix(" ... FAILED"))
        {
            self.failures.push(name.to_owned());
        }
    }

    fn sentence(&self) -> String {
        format!(
            "{} passed, {} failed, {} ignored, of {} test programs",
            self.passed, self.failed, self.ignored, self.programs
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_add_up() {
        let mut summary = Summary::default();
        for line in [
            "running 3 tests",
            "test memfs::holes ... ok",
            "test memfs::quota ... FAILED",
            "test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test result: ok. 40 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out; finished in 1.20s",
        ] {
            summary.read(line);
        }
        assert_eq!(
            summary.sentence(),
            "42 passed, 1 failed, 2 ignored, of 2 test programs"
        );
        assert_eq!(summary.failures, ["memfs::quota"]);
    }
}
