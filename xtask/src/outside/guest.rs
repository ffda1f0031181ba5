//! One run of a program under `afmpeg run`, and the comparison of what it did with what it must do.

use std::ffi::OsString;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use crate::command::cannot_start;
use crate::failure::{Failure, Result};

/// What all programs are run with, and where.
pub(super) struct Bench {
    /// The command.
    pub(super) afmpeg: PathBuf,
    /// Where packages and the programs' files are.
    pub(super) folder: PathBuf,
}

impl Bench {
    /// An empty directory for one program.
    pub(super) fn empty(&self, name: &str) -> Result<PathBuf> {
        let directory = self.folder.join("work").join(name);
        if directory.exists() {
            fs::remove_dir_all(&directory).map_err(Failure::io("remove", &directory))?;
        }
        fs::create_dir_all(&directory).map_err(Failure::io("create", &directory))?;
        Ok(directory)
    }

    /// A program without directories, variables, arguments and input.
    pub(super) fn guest(&self, module: impl Into<PathBuf>) -> Guest<'_> {
        Guest {
            afmpeg: &self.afmpeg,
            module: module.into(),
            options: Vec::new(),
            args: Vec::new(),
            stdin: Vec::new(),
        }
    }
}

/// A program and what it is given.
pub(super) struct Guest<'a> {
    afmpeg: &'a Path,
    module: PathBuf,
    options: Vec<OsString>,
    args: Vec<OsString>,
    stdin: Vec<u8>,
}

impl Guest<'_> {
    /// Gives it a directory under this name; `::ro` after the name makes it one to read.
    pub(super) fn dir(mut self, host: &Path, name: &str) -> Self {
        let mut mapping = host.as_os_str().to_owned();
        mapping.push("::");
        mapping.push(name);
        self.options.extend(["--dir".into(), mapping]);
        self
    }

    pub(super) fn env(mut self, pair: &str) -> Self {
        self.options.extend(["--env".into(), pair.into()]);
        self
    }

    pub(super) fn args<S: Into<OsString>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    pub(super) fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = bytes.into();
        self
    }

    /// Runs it; it must exit with `code`, have written `stdout` and nothing to its standard error.
    pub(super) fn expect(self, code: i32, stdout: &str) -> Result<()> {
        let done = self.run()?;
        if done.code != Some(code) || !done.stderr.is_empty() {
            return Err(Failure::new(format!(
                "it ended with {} in the place of {code}, and said: {}",
                done.code
                    .map_or("a signal".to_owned(), |code| code.to_string()),
                last_lines(&done.stderr)
            )));
        }
        same_text(&done.stdout, stdout)
    }

    /// Runs it, and tells how it ended.
    pub(super) fn run(self) -> Result<Done> {
        let mut command = Command::new(self.afmpeg);
        // A program that hangs is a failure, not a wait without end.
        command.args(["--timeout", "1800", "run"]);
        command
            .args(self.options)
            .arg(self.module)
            .args(self.args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command
            .spawn()
            .map_err(|error| cannot_start(&command, &error))?;
        let pipe = child.stdin.take();
        let stdin = self.stdin;
        let output = thread::scope(|scope| {
            scope.spawn(move || {
                if let Some(mut pipe) = pipe {
                    // A program that does not read its input closes it.
                    let _ = pipe.write_all(&stdin);
                }
            });
            child.wait_with_output()
        });
        let output = output.map_err(|error| cannot_start(&command, &error))?;
        Ok(Done {
            code: output.status.code(),
            stdout: text(&output.stdout)?,
            stderr: text(&output.stderr)?,
        })
    }
}

/// How a run ended.
pub(super) struct Done {
    pub(super) code: Option<i32>,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

/// What a program wrote, which is UTF-8.
pub(super) fn text(bytes: &[u8]) -> Result<String> {
    String::from_utf8(bytes.to_vec())
        .map_err(|error| Failure::new(format!("it wrote something else than UTF-8: {error}")))
}

/// Fails with the first line that differs.
pub(super) fn same_text(found: &str, expected: &str) -> Result<()> {
    if found == expected {
        return Ok(());
    }
    let mut found = found.split_inclusive('\n');
    let mut expected = expected.split_inclusive('\n');
    for line in 1.. {
        let (one, other) = (found.next(), expected.next());
        if one != other || one.is_none() {
            let shown =
                |line: Option<&str>| line.map_or("the end".into(), |line| format!("{line:?}"));
            return Err(Failure::new(format!(
                "line {line} of its output is {}, and must be {}",
                shown(one),
                shown(other)
            )));
        }
    }
    Ok(())
}

/// Fails unless the file has these bytes.
pub(super) fn same_file(path: &Path, expected: &[u8]) -> Result<()> {
    let found = fs::read(path).map_err(Failure::io("read", path))?;
    if found == expected {
        return Ok(());
    }
    Err(Failure::new(format!(
        "{} has {} bytes that begin with {:02x?}, and must have {} that begin with {:02x?}",
        path.display(),
        found.len(),
        found.get(..16).unwrap_or(&found),
        expected.len(),
        expected.get(..16).unwrap_or(expected)
    )))
}

/// Fails unless `holds`.
pub(super) fn ensure(holds: bool, otherwise: &str) -> Result<()> {
    if holds {
        Ok(())
    } else {
        Err(Failure::new(otherwise))
    }
}

fn last_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(6)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_differs_is_told() {
        assert!(same_text("one\ntwo\n", "one\ntwo\n").is_ok());
        for (found, expected, told) in [
            (
                "1\n3\n",
                "1\n2\n",
                r#"line 2 of its output is "3\n", and must be "2\n""#,
            ),
            (
                "1\n",
                "1\n2\n",
                r#"line 2 of its output is the end, and must be "2\n""#,
            ),
            (
                "1\n2\n",
                "1\n",
                r#"line 2 of its output is "2\n", and must be the end"#,
            ),
            (
                "1",
                "1\n",
                r#"line 1 of its output is "1", and must be "1\n""#,
            ),
        ] {
            let failure = same_text(found, expected).expect_err("they differ");
            assert_eq!(failure.to_string(), told);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_wrong_status_or_words_on_standard_error_are_failures() {
        let bench = |program: &str| Bench {
            afmpeg: program.into(),
            folder: PathBuf::new(),
        };
        let run = |program: &str, code| bench(program).guest("module.wasm").expect(code, "");
        assert!(run("true", 0).is_ok());
        assert!(run("true", 1).is_err());
        assert!(run("false", 0).is_err());
        // It does not know the options, and says so.
        assert!(run("cat", 1).is_err());
    }
}
