//! The job that is profiled: its spec, and the files that it may reach.

use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use afmpeg::wasi::vfs::{Access, Dir, HostDir, MemFs, Mount, Vfs, VfsError};
use serde_json::Value;

use crate::failure::{Failure, Result};

/// A job spec over a filesystem of its own. What the job writes stays in memory and is dropped.
pub(super) struct Job {
    /// For titles and file names.
    pub(super) name: String,
    pub(super) spec: String,
    pub(super) root: Arc<dyn Dir>,
}

/// `HOST::GUEST`: a host file under the name by which the job reads it.
#[derive(Clone, Debug)]
pub(crate) struct InFile {
    pub(super) host: PathBuf,
    pub(super) guest: String,
}

impl FromStr for InFile {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let (host, guest) = text.rsplit_once("::").ok_or("expected HOST::GUEST")?;
        Ok(Self {
            host: host.into(),
            guest: guest.into(),
        })
    }
}

/// `HOST::GUEST`, with `::ro` after it for a directory that the job may only read.
#[derive(Clone, Debug)]
pub(crate) struct InDir {
    host: PathBuf,
    guest: String,
    access: Access,
}

impl FromStr for InDir {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let (text, access) = match text.strip_suffix("::ro") {
            Some(rest) => (rest, Access::ReadOnly),
            None => (text, Access::ReadWrite),
        };
        let InFile { host, guest } = text.parse()?;
        Ok(Self {
            host,
            guest,
            access,
        })
    }
}

impl Job {
    /// Lays out the files of a spec. Directories that its outputs go to are there.
    pub(super) fn new(name: &str, spec: String, files: &[InFile], dirs: &[InDir]) -> Result<Self> {
        let memory = MemFs::unbounded();
        for file in files {
            let contents = fs::read(&file.host).map_err(Failure::io("read", &file.host))?;
            make_parent(&memory, &file.guest)?;
            memory
                .write(&file.guest, contents)
                .map_err(|error| cannot(&file.guest, error))?;
        }
        let document: Value = serde_json::from_str(&spec)
            .map_err(|error| Failure::new(format!("the job spec is not JSON: {error}")))?;
        for output in outputs(&document) {
            let is_mapped = dirs
                .iter()
                .any(|dir| Path::new(output).starts_with(&dir.guest));
            if !is_mapped {
                make_parent(&memory, output)?;
            }
        }
        let mut tree = Mount::new();
        if dirs.iter().all(|dir| dir.guest != "/") {
            tree = tree.at("/", &memory).map_err(|error| cannot("/", error))?;
        }
        // Shorter places first, so that a place inside another is laid over it.
        let mut dirs: Vec<_> = dirs.iter().collect();
        dirs.sort_by_key(|dir| dir.guest.len());
        for dir in dirs {
            let host = HostDir::open(&dir.host, dir.access).map_err(|error| {
                Failure::new(format!(
                    "cannot open the directory {}: {error}",
                    dir.host.display()
                ))
            })?;
            tree = tree
                .at(&dir.guest, &host)
                .map_err(|error| cannot(&dir.guest, error))?;
        }
        Ok(Self {
            name: name.to_owned(),
            spec,
            root: tree.root(),
        })
    }
}

/// The files that a spec writes.
fn outputs(spec: &Value) -> impl Iterator<Item = &str> {
    let listed = spec["outputs"].as_array().into_iter().flatten();
    listed
        .map(|output| &output["path"])
        .chain([&spec["path"]])
        .filter_map(Value::as_str)
}

fn make_parent(memory: &MemFs, path: &str) -> Result<()> {
    match path.rsplit_once('/') {
        None | Some(("", _)) => Ok(()),
        Some((parent, _)) => memory
            .create_dir_all(parent)
            .map_err(|error| cannot(parent, error)),
    }
}

fn cannot(place: &str, error: VfsError) -> Failure {
    Failure::new(format!("cannot give the job {place}: {error}"))
}
