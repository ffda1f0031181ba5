//! Runs the commands of a build step, with all their output in the step's own log file.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use crate::failure::{Failure, Result};

/// A named step of a build and its log.
pub(crate) struct Step {
    name: String,
    log: PathBuf,
    mend: String,
}

impl Step {
    /// Starts the step with an empty log `<logs>/<name>.log`. `mend` is what a developer can do
    /// when it fails.
    pub(crate) fn start(name: &str, logs: &Path, mend: &str) -> Result<Self> {
        fs::create_dir_all(logs).map_err(Failure::io("create", logs))?;
        let log = logs.join(format!("{name}.log"));
        File::create(&log).map_err(Failure::io("create", &log))?;
        Ok(Self {
            name: name.to_owned(),
            log,
            mend: mend.to_owned(),
        })
    }

    /// Runs one command to its end and hands each line of its standard output to `on_line` as it
    /// comes.
    pub(crate) fn run(&self, command: &mut Command, mut on_line: impl FnMut(&str)) -> Result<()> {
        let mut log = self.open_log()?;
        let shown = shown(command);
        let unwritable = |err| Failure::io("write", &self.log)(err);
        writeln!(log, "$ {shown}").map_err(unwritable)?;
        let stderr = log.try_clone().map_err(unwritable)?;
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .map_err(|err| self.failed(&shown, &err.to_string()))?;
        if let Some(stdout) = child.stdout.take() {
            let mut lines = BufReader::new(stdout);
            let mut line = Vec::new();
            // Bytes, not text: a compiler may quote a source that is not UTF-8.
            while lines.read_until(b'\n', &mut line).map_err(unwritable)? > 0 {
                log.write_all(&line).map_err(unwritable)?;
                on_line(String::from_utf8_lossy(&line).trim_end());
                line.clear();
            }
        }
        let status = child
            .wait()
            .map_err(|err| self.failed(&shown, &err.to_string()))?;
        if status.success() {
            Ok(())
        } else {
            Err(self.failed(&shown, &status.to_string()))
        }
    }

    /// Runs independent commands, `jobs` at a time, and calls `on_done` after each. The first
    /// failure stops the rest from starting. Their outputs are appended whole, in the order in
    /// which they end.
    pub(crate) fn run_all(
        &self,
        commands: Vec<Command>,
        jobs: usize,
        on_done: impl Fn() + Sync,
    ) -> Result<()> {
        let log = Mutex::new(self.open_log()?);
        let commands: Vec<_> = commands.into_iter().map(Mutex::new).collect();
        let next = AtomicUsize::new(0);
        let stop = AtomicBool::new(false);
        let first_failure = Mutex::new(None);
        let work = || {
            while !stop.load(Ordering::Relaxed) {
                let Some(command) = commands.get(next.fetch_add(1, Ordering::Relaxed)) else {
                    return;
                };
                let mut command = lock(command);
                if let Err(failure) = self.run_captured(&mut command, &log) {
                    stop.store(true, Ordering::Relaxed);
                    lock(&first_failure).get_or_insert(failure);
                }
                on_done();
            }
        };
        thread::scope(|scope| {
            for _ in 0..jobs.clamp(1, commands.len().max(1)) {
                scope.spawn(work);
            }
        });
        match first_failure
            .into_inner()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
        {
            Some(failure) => Err(failure),
            None => Ok(()),
        }
    }

    /// The error of this step for a command that ended with `reason`, with the end of the log.
    pub(crate) fn failed(&self, command: &str, reason: &str) -> Failure {
        let mut what = format!(
            "step `{}` failed ({reason})\n  command: {}\n  log:     {}",
            self.name,
            abridged(command),
            self.log.display()
        );
        let text = fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<_> = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with("$ "))
            .collect();
        for line in &lines[lines.len().saturating_sub(LOG_LINES)..] {
            what.push_str("\n  | ");
            what.push_str(&abridged(line));
        }
        Failure::new(what).mend(self.mend.clone())
    }

    fn run_captured(&self, command: &mut Command, log: &Mutex<File>) -> Result<()> {
        let shown = shown(command);
        let output = command
            .stdin(Stdio::null())
            .output()
            .map_err(|err| self.failed(&shown, &err.to_string()))?;
        let mut text = format!("$ {shown}\n").into_bytes();
        text.extend(output.stdout);
        text.extend(output.stderr);
        lock(log)
            .write_all(&text)
            .map_err(Failure::io("write", &self.log))?;
        if output.status.success() {
            Ok(())
        } else {
            Err(self.failed(&shown, &output.status.to_string()))
        }
    }

    fn open_log(&self) -> Result<File> {
        OpenOptions::new()
            .append(true)
            .open(&self.log)
            .map_err(Failure::io("open", &self.log))
    }
}

/// How many lines of the log an error shows.
const LOG_LINES: usize = 12;

/// How much of a command or of a log line an error shows, in characters.
const LINE_CHARS: usize = 240;

fn shown(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for arg in command.get_args() {
        text.push(' ');
        text.push_str(&arg.to_string_lossy());
    }
    text
}

fn abridged(line: &str) -> String {
    match line.char_indices().nth(LINE_CHARS) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line.to_owned(),
    }
}

/// A panic of another thread does not make a log or a command list wrong.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// An empty directory for one test.
    pub(crate) fn scratch(name: &str) -> PathBuf {
        let directory =
            std::env::temp_dir().join(format!("afmpeg-xtask-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir_all(&directory).expect("the temporary directory is writable");
        directory
    }

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_failed_step_names_itself_its_log_the_last_lines_and_the_mend() {
        let logs = scratch("step-failed");
        let step = Step::start("configure", &logs, "install make").expect("the log can be made");
        let mut script = shell("seq 1 40 >&2; echo 'no such header' >&2; exit 3");
        let text = step
            .run(&mut script, |_| ())
            .expect_err("it exits with 3")
            .to_string();
        assert!(
            text.starts_with("step `configure` failed (exit status: 3)"),
            "{text}"
        );
        assert!(
            text.contains(&logs.join("configure.log").display().to_string()),
            "{text}"
        );
        assert!(text.contains("| no such header"), "{text}");
        assert!(
            text.contains("| 40") && !text.contains("| 12\n"),
            "only the last lines: {text}"
        );
        assert!(text.ends_with("what to do: install make"), "{text}");
    }

    #[test]
    fn a_missing_program_is_a_failure_of_the_step() {
        let step = Step::start("zlib", &scratch("step-missing"), "run it again")
            .expect("the log can be made");
        let failed = step
            .run(&mut Command::new("afmpeg-no-such-program"), |_| ())
            .expect_err("it is missing");
        assert!(
            failed
                .to_string()
                .contains("command: afmpeg-no-such-program"),
            "{failed}"
        );
    }

    #[test]
    fn lines_are_reported_and_logged() {
        let logs = scratch("step-lines");
        let step = Step::start("make", &logs, "").expect("the log can be made");
        let mut lines = Vec::new();
        step.run(&mut shell("echo one; echo two"), |line| {
            lines.push(line.to_owned())
        })
        .expect("echo works");
        assert_eq!(lines, ["one", "two"]);
        let log = fs::read_to_string(logs.join("make.log")).expect("the log exists");
        assert!(log.contains("one\ntwo\n"), "{log}");
    }

    #[test]
    fn one_failure_among_many_commands_is_the_failure_of_the_step() {
        let step = Step::start("many", &scratch("step-many"), "").expect("the log can be made");
        let done = AtomicUsize::new(0);
        let count = || {
            done.fetch_add(1, Ordering::Relaxed);
        };
        step.run_all((0..9).map(|_| shell("true")).collect(), 3, count)
            .expect("all of them succeed");
        assert_eq!(done.load(Ordering::Relaxed), 9);
        let mixed = ["true", "echo broken >&2; exit 1", "true"]
            .map(shell)
            .into();
        let text = step
            .run_all(mixed, 2, || ())
            .expect_err("one of them fails")
            .to_string();
        assert!(text.contains("| broken"), "{text}");
    }
}
