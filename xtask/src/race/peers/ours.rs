//! Our own columns: one command, each of its modes.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::{Folder, Peer, Results, Run};
use crate::command;
use crate::failure::{Failure, Result};
use crate::race::measure;
use crate::race::workloads::{Origin, START, Source, Workload};
use crate::workspace::Workspace;

/// The modes, by the name that `--mode` and the table know.
const MODES: [&str; 4] = ["plain", "kernels", "lifted", "fast"];

/// Our command in one mode.
pub(in crate::race) struct Ours {
    column: &'static str,
    command: PathBuf,
    engine: PathBuf,
    /// What `--mode` is given; a command without modes is not told one.
    mode: Option<&'static str>,
    folder: Folder,
}

/// Builds the command and finds which of the wanted modes it has; for each other one, why not.
pub(in crate::race) fn find(
    workspace: &Workspace,
    engine: &Path,
    folder: &Folder,
    wants: impl Fn(&str) -> bool,
) -> Result<Vec<(&'static str, Result<Ours>)>> {
    let interpreting = command::build_cli(workspace)?;
    // One command for all columns if it has the pack, so that they differ by nothing but the mode.
    let commands: Vec<PathBuf> = with_pack().into_iter().chain([interpreting]).collect();
    let found = MODES.into_iter().filter(|mode| wants(mode)).map(|mode| {
        // A command that knows no modes interprets.
        let asked = [Some(mode)]
            .into_iter()
            .chain((mode == "plain").then_some(None));
        let ways = asked.flat_map(|asked| commands.iter().map(move |command| (asked, command)));
        let mut found = Err(Failure::new("there is no command"));
        for (asked, command) in ways {
            let ours = Ours {
                column: mode,
                command: command.clone(),
                engine: engine.to_path_buf(),
                mode: asked,
                folder: folder.clone(),
            };
            found = ours.run(&START).map(|_| ours);
            if found.is_ok() {
                break;
            }
        }
        (mode, found)
    });
    Ok(found.collect())
}

/// The command that was built with a lift pack, as `cargo xtask cli --fast` makes it and says where it is.
fn with_pack() -> Option<PathBuf> {
    let me = std::env::current_exe().ok()?;
    let output = Command::new(me)
        .args(["cli", "--fast"])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    let path = PathBuf::from(text.lines().next_back()?);
    path.is_file().then_some(path)
}

impl Peer for Ours {
    fn column(&self) -> &'static str {
        self.column
    }

    fn describe(&self) -> String {
        match self.mode {
            Some(mode) => format!("afmpeg --mode {mode}"),
            None => "afmpeg".to_owned(),
        }
    }

    fn run(&self, workload: &Workload) -> Result<Run> {
        let results = Results::prepare(self.folder.of(self.column)?, workload)?;
        let spec_file = results.reply.with_extension("json");
        let output = workload.output.zip(results.output.as_deref());
        let line = self.line(&(workload.spec)(), &spec_file, workload.inputs, output)?;
        Ok(Run {
            cost: measure::run(&line, &results.reply)?,
            result: Some(results.digest(&self.folder.0)?),
        })
    }
}

impl Ours {
    /// Makes a file that workloads read, unless it is there.
    pub(in crate::race) fn make(&self, workspace: &Workspace, source: &Source) -> Result<()> {
        let path = self.folder.source(source.name);
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
                let spec_file = path.with_extension("json");
                let inputs: Vec<&str> = from.into_iter().collect();
                let output = Some(("out.mp4", path.as_path()));
                let line = self.line(&spec(), &spec_file, &inputs, output)?;
                measure::run(&line, &path.with_extension("reply")).map(|_| ())
            }
        }
    }

    /// The command line of a job: `output` is the file's name in the guest's `/out`, and where it goes.
    fn line(
        &self,
        spec: &Value,
        spec_file: &Path,
        inputs: &[&str],
        output: Option<(&str, &Path)>,
    ) -> Result<Vec<OsString>> {
        fs::write(spec_file, spec.to_string()).map_err(Failure::io("write", spec_file))?;
        let mut line: Vec<OsString> = vec![self.command.clone().into()];
        if let Some(mode) = self.mode {
            line.extend(["--mode".into(), mode.into()]);
        }
        line.extend(["--engine".into(), self.engine.clone().into()]);
        line.extend(["--progress", "none", "job"].map(OsString::from));
        line.push(spec_file.into());
        for input in inputs {
            let host = self.folder.source(input);
            line.push("--in".into());
            line.push(format!("{}::/in/{input}", host.display()).into());
        }
        if let Some((guest, host)) = output {
            line.push("--out".into());
            line.push(format!("/out/{guest}::{}", host.display()).into());
        }
        Ok(line)
    }
}
