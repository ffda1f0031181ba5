//! Our own columns: one command, each of its modes.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Folder, Peer, Results, Run};
use crate::command;
use crate::failure::{Failure, Result};
use crate::lift::pack;
use crate::race::measure;
use crate::race::workloads::{Origin, START, Source, Workload};
use crate::workspace::Workspace;

/// A mode of our command: its name in the table and for `--mode`, and whether it needs the lift pack.
struct Mode {
    name: &'static str,
    lifted: bool,
}

const MODES: [Mode; 4] = [
    Mode {
        name: "plain",
        lifted: false,
    },
    Mode {
        name: "kernels",
        lifted: false,
    },
    Mode {
        name: "lifted",
        lifted: true,
    },
    Mode {
        name: "fast",
        lifted: true,
    },
];

/// Our command in one mode.
pub(in crate::race) struct Ours {
    mode: &'static Mode,
    command: PathBuf,
    engine: PathBuf,
    folder: Folder,
}

/// Builds the command, unless it is `built`, and tries each of the wanted modes; for one that it does not have, says why.
pub(in crate::race) fn find(
    workspace: &Workspace,
    built: Option<&Path>,
    engine: &Path,
    folder: &Folder,
    wants: impl Fn(&str) -> bool,
) -> Result<Vec<(&'static str, Result<Ours>)>> {
    let wanted: Vec<_> = MODES.iter().filter(|mode| wants(mode.name)).collect();
    let lifted = wanted.iter().any(|mode| mode.lifted);
    // One command for all columns if it has the pack, so that they differ by nothing but the mode.
    let (command, why_not) = match built {
        Some(command) => (command.to_path_buf(), None),
        None if !lifted => (command::build_cli(workspace)?, None),
        None => match with_pack(workspace, engine) {
            Ok(command) => (command, None),
            Err(why) => (command::build_cli(workspace)?, Some(why.to_string())),
        },
    };
    let find = |mode: &'static Mode| {
        if let Some(why) = why_not.as_ref().filter(|_| mode.lifted) {
            return Err(Failure::new(why.as_str()));
        }
        let ours = Ours {
            mode,
            command: command.clone(),
            engine: engine.to_path_buf(),
            folder: folder.clone(),
        };
        ours.run(&START).map(|_| ours)
    };
    Ok(wanted
        .into_iter()
        .map(|mode| (mode.name, find(mode)))
        .collect())
}

fn with_pack(workspace: &Workspace, engine: &Path) -> Result<PathBuf> {
    let pack = pack::of_engine(workspace, engine.to_path_buf())?;
    command::build_fast_cli(workspace, &pack)
}

impl Peer for Ours {
    fn column(&self) -> &'static str {
        self.mode.name
    }

    fn describe(&self) -> String {
        format!("afmpeg --mode {}", self.mode.name)
    }

    fn run(&self, workload: &Workload) -> Result<Run> {
        let results = Results::prepare(self.folder.of(self.mode.name)?, workload)?;
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
        line.extend(["--mode", self.mode.name].map(OsString::from));
        // A lifted engine is inside of the command.
        if !self.mode.lifted {
            line.extend(["--engine".into(), self.engine.clone().into()]);
        }
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
