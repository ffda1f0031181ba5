//! Measures a child process from outside: CPU time, wall time and peak memory, by the kernel's own accounting.
//!
//! `getrusage(RUSAGE_CHILDREN)` speaks of all children that a process ever waited for, so each command runs below a
//! fresh copy of this program that has exactly one child and prints what the kernel says of it.

use std::ffi::OsString;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use serde_json::{Value, json};

use crate::failure::{Failure, Result};

/// What one run of a command cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cost {
    /// User and system time, in seconds.
    pub(super) cpu_s: f64,
    /// Elapsed time, in seconds.
    pub(super) wall_s: f64,
    /// Largest resident set, in bytes.
    pub(super) peak_bytes: u64,
}

impl Cost {
    /// The smaller of each figure.
    pub(super) fn min(self, other: Self) -> Self {
        Self {
            cpu_s: self.cpu_s.min(other.cpu_s),
            wall_s: self.wall_s.min(other.wall_s),
            peak_bytes: self.peak_bytes.min(other.peak_bytes),
        }
    }
}

/// Runs `command` below a measuring process, with its standard output in the file `reply`; its standard error is
/// part of the failure.
pub(super) fn run(command: &[OsString], reply: &Path) -> Result<Cost> {
    let program = command
        .first()
        .map_or_else(String::new, |word| word.display().to_string());
    let me = std::env::current_exe().map_err(Failure::io("find", Path::new("this program")))?;
    let output = Command::new(&me)
        .args(["race", "--measure"])
        .arg(reply)
        .args(command)
        .stdin(Stdio::null())
        .output()
        .map_err(Failure::io("start", &me))?;
    let stdout = String::from_utf8_lossy(&output.stdout);
    let last = stdout.lines().next_back().unwrap_or_default();
    let measured: Option<Value> = serde_json::from_str(last).ok();
    let failed = || {
        let said = String::from_utf8_lossy(&output.stderr);
        Failure::new(format!("{program} failed: {}", said.trim()))
    };
    let measured = measured
        .filter(|value| value["exit"] == 0)
        .ok_or_else(failed)?;
    let cost = || {
        Some(Cost {
            cpu_s: measured["cpu_s"].as_f64()?,
            wall_s: measured["wall_s"].as_f64()?,
            peak_bytes: measured["peak_bytes"].as_u64()?,
        })
    };
    cost().ok_or_else(|| Failure::new(format!("{program} was not measured: {measured}")))
}

/// The measuring process: runs a command as its only child and prints one JSON line. The first of `words` is the
/// file for the child's standard output.
pub(super) fn measuring_process(words: &[OsString]) -> Result<()> {
    let [reply, program, arguments @ ..] = words else {
        return Err(Failure::new("no command to measure"));
    };
    let reply = Path::new(reply);
    let stdout = File::create(reply).map_err(Failure::io("create", reply))?;
    let started = Instant::now();
    let status = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(stdout)
        .status()
        .map_err(Failure::io("start", Path::new(program)))?;
    let wall_s = started.elapsed().as_secs_f64();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)
        .map_err(|error| Failure::new(format!("the system does not account: {error}")))?;
    let cpu_us = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    // Linux counts the resident set in KiB, macOS in bytes.
    let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
    println!(
        "{}",
        json!({"exit": status.code().unwrap_or(-1), "cpu_s": cpu_us as f64 / 1e6, "wall_s": wall_s,
            "peak_bytes": usage.max_rss() * unit})
    );
    Ok(())
}
