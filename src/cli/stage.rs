//! The filesystem of one job: the named inputs under `/in`, read-only, and `/out` in memory.
//!
//! Nothing else of the host is reachable, and the guest sees file names only, never directories.

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Seek, Write as _};
use std::path::{Path, PathBuf};

use afmpeg::CancelToken;
use afmpeg::vfs::{MemFs, Mount, Quota, ReaderFile, Vfs as _, VfsError};

use super::args::Global;
use super::names;
use super::save::{self, Pending, Replace, Saved};
use super::signals;
use super::status::{Failure, Status};

/// Inputs up to this size are read into memory before the job starts; larger ones are read from the
/// host piece by piece while it runs.
const READ_WHOLE: u64 = 64 << 20;

/// What a job may store in memory when `--storage-limit` does not say.
const STORAGE: u64 = 4 << 30;

/// A job's filesystem under construction, and the way back to host names.
pub(crate) struct Stage {
    inputs: Mount,
    out: MemFs,
    /// How much of an input is taken into memory.
    most: u64,
    /// Guest path to host path, of inputs and outputs.
    hosts: BTreeMap<String, PathBuf>,
    /// Guest name and host path of each output.
    outputs: Vec<(String, PathBuf)>,
}

impl Stage {
    /// A filesystem without inputs.
    pub(crate) fn new(global: &Global) -> Self {
        Self {
            inputs: Mount::new(),
            out: memory(global),
            most: most(global),
            hosts: BTreeMap::new(),
            outputs: Vec::new(),
        }
    }

    /// The filesystem to run jobs over.
    ///
    /// # Errors
    ///
    /// When `/out` cannot be put beside the inputs.
    pub(crate) fn fs(&self) -> Result<Mount, Failure> {
        self.inputs
            .clone()
            .at("/out", &self.out)
            .map_err(|error| Failure::failed(format!("cannot lay out the job's files: {error}")))
    }

    /// Adds a host file, or standard input for `-`, and returns its path in the guest.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub(crate) fn input(&mut self, host: &Path) -> Result<String, Failure> {
        let file = open(host, self.most)?;
        let name = names::input(host);
        let mut guest = format!("/in/{name}");
        let mut number = 2;
        while self.hosts.contains_key(&guest) {
            guest = format!("/in/{number}_{name}");
            number += 1;
        }
        self.inputs = std::mem::take(&mut self.inputs)
            .file(&guest, file)
            .map_err(|error: VfsError| cannot_read(host, &error))?;
        self.hosts.insert(guest.clone(), host.to_path_buf());
        Ok(guest)
    }

    /// Gives a host file that the job shall write, or a sequence of them, its path in the guest.
    pub(crate) fn output(&mut self, host: &Path, sequence: bool) -> String {
        let name = names::output(host, sequence);
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
    pub(crate) fn save_outputs(
        &self,
        cancel: &CancelToken,
        replace: Replace,
    ) -> Result<Vec<Saved>, Failure> {
        let root = self.out.root();
        let produced = save::names_in(&root, "/")?;
        let [(guest_out, host)] = self.outputs.as_slice() else {
            return Err(Failure::failed("a job of this command has one output"));
        };
        if produced.is_empty() {
            return Err(Failure::failed("the job wrote no file"));
        }
        if host == Path::new("-") {
            if let [_, second, ..] = produced.as_slice() {
                return Err(Failure::failed(format!(
                    "standard output takes one file, and the job wrote more: {second} and others",
                )));
            }
            let mut stdout = std::io::stdout().lock();
            let size = save::copy(
                &root,
                &format!("/{}", produced[0]),
                &mut stdout,
                host,
                cancel,
            )?;
            stdout
                .flush()
                .map_err(|error| Failure::failed(format!("cannot write: {error}")))?;
            return Ok(vec![Saved {
                path: host.clone(),
                size,
            }]);
        }
        // A playlist is there when its segments are.
        let (main, others): (Vec<_>, Vec<_>) = produced.iter().partition(|name| *name == guest_out);
        let inputs = self
            .hosts
            .iter()
            .filter(|(guest, _)| guest.starts_with("/in/"));
        let inputs: Vec<&PathBuf> = inputs.map(|(_, host)| host).collect();
        let mut pending = Pending::default();
        for name in others.into_iter().chain(main) {
            let target = names::back(name, guest_out, host);
            save::refuse_inputs(&target, &target, &inputs)?;
            pending.add(&root, &format!("/{name}"), &target, cancel)?;
        }
        pending.commit(replace)
    }

    /// The failure in the user's words: guest paths replaced by the names that were given.
    pub(crate) fn in_host_names(&self, mut failure: Failure) -> Failure {
        // Backwards, so that `/in/a.mp4.txt` is replaced before `/in/a.mp4`.
        for (guest, host) in self.hosts.iter().rev() {
            failure.message = failure.message.replace(guest, &host.display().to_string());
        }
        failure
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
    MemFs::with_quota(Quota {
        bytes: most(global),
        ..Quota::default()
    })
}

/// Bytes that are kept in memory at most: of the outputs together, and of each input that cannot be read in place.
pub(crate) fn most(global: &Global) -> u64 {
    global.storage_limit.unwrap_or(STORAGE)
}

/// Anything that a file of the guest can be read from.
pub(crate) trait ReadSeek: Read + Seek + Send {}

impl<T: Read + Seek + Send> ReadSeek for T {}

/// A host file, or standard input for `-`, as a file of the guest: its contents in memory when it is
/// small or cannot seek, else read where it is.
///
/// # Errors
///
/// When it cannot be read, or has more than `most` bytes and no end in sight: a device, a pipe.
pub(crate) fn open(host: &Path, most: u64) -> Result<ReaderFile<Box<dyn ReadSeek>>, Failure> {
    let contents = if host == Path::new("-") {
        signals::while_waiting(|| whole(&mut std::io::stdin().lock(), host, most))?
    } else {
        let mut file = save::open_host(host)?;
        let metadata = file.metadata().map_err(|error| cannot_read(host, &error))?;
        if metadata.is_dir() {
            return Err(cannot_read(host, &"it is a directory"));
        }
        if metadata.is_file() && metadata.len() > READ_WHOLE {
            Box::new(file)
        } else {
            let most = if metadata.is_file() { u64::MAX } else { most };
            whole(&mut file, host, most)?
        }
    };
    ReaderFile::new(contents).map_err(|error| cannot_read(host, &error))
}

/// What a file has up to its end.
fn whole(reader: &mut dyn Read, host: &Path, most: u64) -> Result<Box<dyn ReadSeek>, Failure> {
    let mut data = Vec::new();
    let mut reader = reader.take(most.saturating_add(1));
    reader
        .read_to_end(&mut data)
        .map_err(|error| cannot_read(host, &error))?;
    if data.len() as u64 > most {
        return Err(Failure::new(
            Status::Limit,
            format!(
                "cannot read {}: it has more than {most} bytes, which are kept in memory; raise it with --storage-limit",
                host.display()
            ),
        ));
    }
    Ok(Box::new(Cursor::new(data)))
}

fn cannot_read(host: &Path, why: &dyn std::fmt::Display) -> Failure {
    Failure::failed(format!("cannot read {}: {why}", host.display()))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::args::Cli;

    fn stage() -> Stage {
        Stage::new(
            &Cli::try_parse_from(["afmpeg", "capabilities"])
                .expect("valid")
                .global,
        )
    }

    #[test]
    fn inputs_of_one_name_stay_apart_and_map_back() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let paths = ["a/clip.mp4", "b/clip.mp4"].map(|path| dir.path().join(path));
        for path in &paths {
            std::fs::create_dir_all(path.parent().expect("in a directory")).expect("directories");
            std::fs::write(path, path.display().to_string()).expect("a file");
        }
        let mut stage = stage();
        let guests = paths
            .each_ref()
            .map(|path| stage.input(path).expect("readable"));
        assert_eq!(guests, ["/in/clip.mp4", "/in/2_clip.mp4"]);
        for (guest, path) in guests.iter().zip(&paths) {
            assert_eq!(stage.host(guest), path.display().to_string());
        }
        assert_eq!(stage.host("/elsewhere"), "/elsewhere");
    }

    #[test]
    fn a_sequence_maps_back_beside_its_template() {
        let mut stage = stage();
        assert_eq!(
            stage.output(Path::new("shots/f_%02d.png"), true),
            "/out/f_%02d.png"
        );
        assert_eq!(
            stage.host("/out/f_07.png"),
            Path::new("shots/f_07.png").display().to_string()
        );
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let failure = stage().input(dir.path()).expect_err("a directory");
        assert!(
            failure.message.contains("it is a directory"),
            "{}",
            failure.message
        );
        let missing = dir.path().join("none.mp4");
        let failure = stage().input(&missing).expect_err("missing");
        assert!(failure.message.contains("none.mp4"), "{}", failure.message);
    }
}
