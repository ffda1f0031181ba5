//! Who takes part in the race: one column each, in the order of the table.

pub(super) mod native;
pub(super) mod native_c;
pub(super) mod ours;
pub(super) mod wasmtime;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::measure::Cost;
use super::workloads::Workload;
use crate::digest;
use crate::failure::{Failure, Result};

/// The columns of the race, as they are called in its JSON.
pub(super) const COLUMNS: [Column; 7] = [
    Column {
        name: "native",
        what: "FFmpeg's own command, assembly, one thread",
        bytes: Bytes::Other,
    },
    Column {
        name: "native_c",
        what: "the engine's sources compiled for this machine, no assembly",
        bytes: Bytes::Reported,
    },
    Column {
        name: "wasmtime",
        what: "the engine under wasmtime's JIT, compilation not counted",
        bytes: Bytes::Equal,
    },
    Column {
        name: "plain",
        what: "ours: interpreted",
        bytes: Bytes::Equal,
    },
    Column {
        name: "kernels",
        what: "ours: interpreted, with host kernels",
        bytes: Bytes::Equal,
    },
    Column {
        name: "lifted",
        what: "ours: lifted to Rust",
        bytes: Bytes::Equal,
    },
    Column {
        name: "fast",
        what: "ours: lifted to Rust, with host kernels",
        bytes: Bytes::Equal,
    },
];

/// A column of the race.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    /// Its name in the JSON and in the table.
    pub(super) name: &'static str,
    /// What it is, in a line.
    pub(super) what: &'static str,
    /// How its results stand to those of `plain`.
    pub(super) bytes: Bytes,
}

/// How the results of a column stand to the reference, which is plain interpretation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bytes {
    /// The same module: any difference is an error.
    Equal,
    /// The same sources, another C library and compiler back end: a difference is reported.
    Reported,
    /// Other software: not compared.
    Other,
}

/// Someone who can do the workloads.
pub(super) trait Peer {
    /// The name of its column.
    fn column(&self) -> &'static str;
    /// What it is on this machine, in a line.
    fn describe(&self) -> String;
    /// Does the workload once.
    fn run(&self, workload: &Workload) -> Result<Run>;
}

/// One run of a workload.
pub(super) struct Run {
    pub(super) cost: Cost,
    /// The digest of the result (of the file, or of the reply where there is none), if it can be compared.
    pub(super) result: Option<String>,
}

/// The folder of the race's files: the sources, and below it a folder of results for each peer.
#[derive(Clone)]
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    /// Where a source is.
    pub(super) fn source(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The peer's own folder, made if it is not there.
    pub(super) fn of(&self, peer: &str) -> Result<PathBuf> {
        let folder = self.0.join(peer);
        fs::create_dir_all(&folder).map_err(Failure::io("create", &folder))?;
        Ok(folder)
    }
}

/// A place for the results of one run, emptied: the output file if the workload has one, and the reply.
pub(super) struct Results {
    pub(super) folder: PathBuf,
    pub(super) output: Option<PathBuf>,
    pub(super) reply: PathBuf,
}

impl Results {
    pub(super) fn prepare(folder: PathBuf, workload: &Workload) -> Result<Self> {
        let results = Self {
            output: workload.output.map(|name| folder.join(name)),
            reply: folder.join(format!("{}.reply", workload.name)),
            folder,
        };
        for file in results.output.iter().chain([&results.reply]) {
            match fs::remove_file(file) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Failure::io("remove", file)(error));
                }
                _ => {}
            }
        }
        Ok(results)
    }

    /// The digest of what was made. A reply is compared as JSON, with its paths as the engine has them.
    pub(super) fn digest(&self, source_folder: &Path) -> Result<String> {
        if let Some(output) = &self.output {
            return digest::file(output);
        }
        let text = fs::read_to_string(&self.reply).map_err(Failure::io("read", &self.reply))?;
        let mut reply: Value = serde_json::from_str(&text).map_err(|error| {
            Failure::new(format!("{} is no JSON: {error}", self.reply.display()))
        })?;
        // Our command writes the members in another order than the engine.
        reply.sort_all_objects();
        let host = format!("{}/", source_folder.display());
        Ok(digest::bytes(
            reply.to_string().replace(&host, "/in/").as_bytes(),
        ))
    }
}

/// The job spec of a workload with the guest's paths replaced: `/in/NAME` by the source, `/out/NAME` by the
/// peer's file.
pub(super) fn over_files(spec: &Value, inputs: &Path, outputs: &Path) -> Value {
    match spec {
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| {
                let path = value.as_str().filter(|_| key == "path");
                let placed = path.and_then(|path| {
                    let (folder, name) = match path.strip_prefix("/in/") {
                        Some(name) => (inputs, name),
                        None => (outputs, path.strip_prefix("/out/")?),
                    };
                    Some(Value::from(folder.join(name).display().to_string()))
                });
                let value = placed.unwrap_or_else(|| over_files(value, inputs, outputs));
                (key.clone(), value)
            })
            .collect(),
        Value::Array(values) => values
            .iter()
            .map(|value| over_files(value, inputs, outputs))
            .collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::workloads::WORKLOADS;
    use super::*;

    #[test]
    fn a_spec_over_files_names_no_guest_path_any_more() {
        for workload in WORKLOADS {
            let spec = (workload.spec)();
            let placed = over_files(&spec, Path::new("/race"), Path::new("/race/me"));
            let text = placed.to_string();
            assert!(
                !text.contains("\"/in/") && !text.contains("\"/out/"),
                "{text}"
            );
            for input in workload.inputs {
                assert!(text.contains(&format!("\"/race/{input}\"")), "{text}");
            }
            if let Some(output) = workload.output {
                assert!(text.contains(&format!("\"/race/me/{output}\"")), "{text}");
            }
        }
    }

    #[test]
    fn a_reply_is_compared_whatever_the_machine_calls_its_files() {
        let folder = crate::step::tests::scratch("race-reply");
        let probe = &WORKLOADS[0];
        let digest = |text: &str| {
            let results = Results::prepare(folder.clone(), probe).expect("the folder is writable");
            fs::write(&results.reply, text).expect("the folder is writable");
            results.digest(Path::new("/race")).expect("it is JSON")
        };
        let guest = digest("{\"path\": \"/in/clip.mp4\", \"n\": 1}");
        assert_eq!(guest, digest("{\"n\":1,\"path\":\"/race/clip.mp4\"}\n"));
        assert_ne!(guest, digest("{\"path\":\"/in/clip.mp4\",\"n\":2}"));
    }
}
