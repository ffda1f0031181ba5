//! The filesystem of one job: the named inputs under `/in`, read-only, and `/out` in memory.
//!
//! Nothing else of the host is reachable, and the guest sees file names only, never directories.

use std::collections::BTreeMap;
use std::fs::File as HostFile;
use std::io::{Cursor, Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use afmpeg::CancelToken;
use afmpeg::vfs::{Dir, File, MemFs, Mount, ReaderFile, Vfs as _};

use super::args::Global;
use super::inputs::Inputs;
use super::names;
use super::save::{self, Pending, Saved};
use super::status::Failure;

/// Inputs up to this size are read into memory before the job starts; larger ones are read from the
/// host piece by piece while it runs.
const READ_WHOLE: u64 = 64 << 20;

/// What a job may store in memory when `--storage-limit` does not say.
const STORAGE: u64 = 4 << 30;

/// A job's filesystem under construction, and the way back to host names.
pub(crate) struct Stage {
    fs: Mount,
    inputs: Inputs,
    out: MemFs,
    /// Guest path to host path, of inputs and outputs.
    hosts: BTreeMap<String, PathBuf>,
    /// Guest name and host path of each output.
    outputs: Vec<(String, PathBuf)>,
}

impl Stage {
    /// A filesystem without inputs.
    ///
    /// # Errors
    ///
    /// None that the options can cause.
    pub(crate) fn new(global: &Global) -> Result<Self, Failure> {
        let inputs = Inputs::default();
        let out = memory(global);
        let fs = Mount::new()
            .at("/in", Arc::new(inputs.clone()) as Arc<dyn Dir>)
            .and_then(|mount| mount.at("/out", out.root()))
            .map_err(|error| Failure::failed(format!("cannot lay out the job's files: {error}")))?;
        Ok(Self { fs, inputs, out, hosts: BTreeMap::new(), outputs: Vec::new() })
    }

    /// The filesystem to run jobs over.
    pub(crate) fn fs(&self) -> &Mount {
        &self.fs
    }

    /// Adds a host file, or standard input for `-`, and returns its path in the guest.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub(crate) fn input(&mut self, host: &Path) -> Result<String, Failure> {
        let name = self.inputs.add(&names::input(host), open(host)?);
        let guest = format!("/in/{name}");
        self.hosts.insert(guest.clone(), host.to_path_buf());
        Ok(guest)
    }

    /// Gives a host file that the job shall write its path in the guest.
    pub(crate) fn output(&mut self, host: &Path) -> String {
        let name = names::output(host);
        let guest = format!("/out/{name}");
        self.hosts.insert(guest.clone(), host.to_path_buf());
        self.outputs.push((name, host.to_path_buf()));
        guest
    }

    /// Writes everything that the job produced to the host, all files whole or none.
    ///
    /// # Errors
    ///
    /// When nothing was produced, or the host cannot be written.
    pub(crate) fn save_outputs(&self, cancel: &CancelToken) -> Result<Vec<Saved>, Failure> {
        let root = self.out.root();
        let produced = save::names_in(&root, "/")?;
        let [(guest_out, host)] = self.outputs.as_slice() else {
            return Err(Failure::failed("a job of this command has one output"));
        };
        if produced.is_empty() {
            return Err(Failure::failed("the job wrote no file"));
        }
        if host == Path::new("-") {
            let mut stdout = std::io::stdout().lock();
            let size = save::copy(&root, &format!("/{}", produced[0]), &mut stdout, host, cancel)?;
            stdout.flush().map_err(|error| Failure::failed(format!("cannot write: {error}")))?;
            return Ok(vec![Saved { path: host.clone(), size }]);
        }
        let mut pending = Pending::default();
        for name in &produced {
            let target = names::back(name, guest_out, host);
            pending.add(&root, &format!("/{name}"), &target, cancel)?;
        }
        pending.commit()
    }

    /// The host's path for a path of the guest, as the user wrote it.
    pub(crate) fn host(&self, guest: &str) -> String {
        if let Some(host) = self.hosts.get(guest) {
            return host.display().to_string();
        }
        match (guest.strip_prefix("/out/"), self.outputs.first()) {
            (Some(name), Some((guest_out, host))) => {
                names::back(name, guest_out, host).display().to_string()
            }
            _ => guest.to_owned(),
        }
    }
}

/// A filesystem in memory with the storage limit of the command line.
pub(crate) fn memory(global: &Global) -> MemFs {
    let mut quota = afmpeg::vfs::Quota::default();
    quota.bytes = global.storage_limit.unwrap_or(STORAGE);
    MemFs::with_quota(quota)
}

/// A host file as a file of the guest.
fn open(host: &Path) -> Result<Arc<dyn File>, Failure> {
    let cannot = |error: std::io::Error| {
        Failure::failed(format!("cannot read {}: {error}", host.display()))
    };
    if host == Path::new("-") {
        return whole(&mut std::io::stdin().lock()).map_err(cannot);
    }
    let mut file = save::open_host(host)?;
    let metadata = file.metadata().map_err(cannot)?;
    if metadata.is_dir() {
        return Err(Failure::failed(format!("cannot read {}: it is a directory", host.display())));
    }
    if metadata.is_file() && metadata.len() > READ_WHOLE {
        return streamed(file).map_err(cannot);
    }
    whole(&mut file).map_err(cannot)
}

fn whole(reader: &mut dyn Read) -> std::io::Result<Arc<dyn File>> {
    let mut data = Vec::new();
    reader.read_to_end(&mut data)?;
    Ok(Arc::new(ReaderFile::new(Cursor::new(data))?))
}

fn streamed(file: HostFile) -> std::io::Result<Arc<dyn File>> {
    Ok(Arc::new(ReaderFile::new(file)?))
}
