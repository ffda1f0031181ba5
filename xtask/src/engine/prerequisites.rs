//! Checks what the machine must have, before anything is downloaded.

use std::process::{Command, Stdio};

use crate::failure::{Failure, Result};
use crate::workspace::cargo;

/// A Python 3 with pip.
pub(crate) struct Python {
    program: &'static str,
}

impl Python {
    /// The first Python 3 of this machine, if it has pip.
    pub(crate) fn find() -> Option<Self> {
        let python = Self::first()?;
        answers(python.pip().arg("--version")).then_some(python)
    }

    /// The interpreter.
    pub(crate) fn command(&self) -> Command {
        Command::new(self.program)
    }

    /// `python -m pip`, which leaves no trace outside of what it is told to write.
    pub(crate) fn pip(&self) -> Command {
        let mut command = self.command();
        command
            .args(["-m", "pip"])
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("PIP_DISABLE_PIP_VERSION_CHECK", "1");
        command
    }

    fn first() -> Option<Self> {
        let is_3 = ["-c", "import sys; sys.exit(sys.version_info[0] != 3)"];
        PYTHONS
            .into_iter()
            .map(|program| Self { program })
            .find(|python| answers(python.command().args(is_3)))
    }
}

/// Finds the tools that a build needs, or names all that are missing at once.
pub(super) fn check() -> Result<Python> {
    let mut missing = Vec::new();
    let python = match Python::first() {
        None => {
            missing
                .push("Python 3 (`python3`), from https://www.python.org or the system's packages");
            None
        }
        Some(python) if !answers(python.pip().arg("--version")) => {
            missing.push("pip for Python 3: the package python3-pip, or `python3 -m ensurepip`");
            None
        }
        found => found,
    };
    if !answers(Command::new("make").arg("--version")) {
        missing
            .push("GNU make (`make`): the package make, or the command line tools of the system");
    }
    if !answers(Command::new("sh").args(["-c", "exit 0"])) {
        missing.push("a POSIX shell (`sh`)");
    }
    if !answers(Command::new(cargo()).arg("--version")) {
        missing.push("cargo, from https://rustup.rs");
    }
    match python {
        Some(python) if missing.is_empty() => Ok(python),
        _ => Err(failure(&missing)),
    }
}

fn failure(missing: &[&str]) -> Failure {
    let mut what = String::from("the engine cannot be built here, this is missing:");
    for tool in missing {
        what.push_str("\n  - ");
        what.push_str(tool);
    }
    Failure::new(what).mend("install it and run the command again; nothing was downloaded yet")
}

/// The names under which a system may have Python 3.
const PYTHONS: [&str; 2] = ["python3", "python"];

fn answers(command: &mut Command) -> bool {
    let quiet = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_missing_is_named_at_once() {
        let text = failure(&["GNU make (`make`)", "a POSIX shell (`sh`)"]).to_string();
        assert!(
            text.contains("- GNU make") && text.contains("- a POSIX shell"),
            "{text}"
        );
        assert!(text.contains("what to do: install it"), "{text}");
    }
}
