//! Takes files out of a virtual filesystem and puts them on the host, whole or not at all.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use afmpeg::CancelToken;
use afmpeg::vfs::{self, Dir, FileType, OpenOptions};

use super::status::{Failure, Status};

/// A file that was saved.
#[derive(Debug)]
pub(crate) struct Saved {
    pub(crate) path: PathBuf,
    pub(crate) size: u64,
}

/// Whether a file that is there already may be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Replace {
    Yes,
    No,
}

/// Files that are complete on the host under temporary names, beside the places they are meant for.
///
/// Nothing is in place before [`Pending::commit`]; dropped without it, everything is removed.
#[derive(Default)]
pub(crate) struct Pending {
    files: Vec<(tempfile::NamedTempFile, Saved)>,
}

impl Pending {
    /// Copies the file at `guest` of `root` next to `host`.
    ///
    /// # Errors
    ///
    /// When the guest's file cannot be read, the host's not be written, or `cancel` is cancelled.
    pub(crate) fn add(
        &mut self,
        root: &Arc<dyn Dir>,
        guest: &str,
        host: &Path,
        cancel: &CancelToken,
    ) -> Result<(), Failure> {
        refuse_directory(host)?;
        let mut temporary = create_beside(host).map_err(|error| cannot_write(host, &error))?;
        let size = copy(root, guest, temporary.as_file_mut(), host, cancel)?;
        temporary
            .as_file()
            .sync_data()
            .map_err(|error| cannot_write(host, &error))?;
        self.files.push((
            temporary,
            Saved {
                path: host.to_path_buf(),
                size,
            },
        ));
        Ok(())
    }

    /// Renames every file to its place.
    ///
    /// # Errors
    ///
    /// When a rename fails, or a file is there that must not be replaced; the files before it stay.
    pub(crate) fn commit(self, replace: Replace) -> Result<Vec<Saved>, Failure> {
        let mut saved = Vec::with_capacity(self.files.len());
        for (temporary, file) in self.files {
            let moved = match replace {
                Replace::Yes => temporary.persist(&file.path),
                Replace::No => temporary.persist_noclobber(&file.path),
            };
            moved.map_err(|error| cannot_write(&file.path, &error.error))?;
            saved.push(file);
        }
        Ok(saved)
    }
}

/// Checks before a job runs that its output can be written, so that no work is lost to a typing error.
///
/// # Errors
///
/// [`Status::Usage`] when the directory is missing or the name is one of a directory.
pub(crate) fn check_target(host: &Path) -> Result<(), Failure> {
    refuse_directory(host)?;
    let dir = directory_of(host);
    if !dir.is_dir() {
        return Err(Failure::usage(format!(
            "cannot write {}: the directory {} does not exist",
            host.display(),
            dir.display()
        )));
    }
    Ok(())
}

/// Writes the file at `guest` to `out` in pieces and returns its size.
pub(crate) fn copy(
    root: &Arc<dyn Dir>,
    guest: &str,
    out: &mut impl Write,
    host: &Path,
    cancel: &CancelToken,
) -> Result<u64, Failure> {
    let cannot_read = |error: vfs::VfsError| {
        Failure::failed(format!("the job left no readable file {guest}: {error}"))
    };
    let file = vfs::ops::open_file(root, guest, OpenOptions::READ).map_err(cannot_read)?;
    let mut buffer = vec![0; PIECE];
    let mut offset = 0;
    loop {
        if cancel.is_cancelled() {
            return Err(Failure::new(Status::Cancelled, "cancelled"));
        }
        let count = file.read_at(offset, &mut buffer).map_err(cannot_read)?;
        if count == 0 {
            return Ok(offset);
        }
        out.write_all(&buffer[..count])
            .map_err(|error| cannot_write(host, &error))?;
        offset += count as u64;
    }
}

/// The names of the regular files of a guest directory, in order.
pub(crate) fn names_in(root: &Arc<dyn Dir>, guest: &str) -> Result<Vec<String>, Failure> {
    let entries = vfs::ops::read_dir(root, guest)
        .map_err(|error| Failure::failed(format!("cannot list {guest} of the job: {error}")))?;
    let files = entries
        .into_iter()
        .filter(|entry| entry.file_type == FileType::RegularFile);
    let mut names: Vec<String> = files.map(|entry| entry.name).collect();
    names.sort();
    Ok(names)
}

/// Bytes copied between two looks at the cancel token.
const PIECE: usize = 1 << 20;

fn create_beside(host: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".afmpeg-").suffix(".part");
    #[cfg(unix)]
    {
        // What a plain `open` would ask for; the process's mask takes its part away.
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(directory_of(host))
}

fn directory_of(host: &Path) -> &Path {
    match host.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    }
}

fn refuse_directory(host: &Path) -> Result<(), Failure> {
    if host.is_dir() || host.file_name().is_none() {
        return Err(Failure::usage(format!(
            "cannot write {}: it is a directory",
            host.display()
        )));
    }
    Ok(())
}

fn cannot_write(host: &Path, error: &io::Error) -> Failure {
    Failure::failed(format!("cannot write {}: {error}", host.display()))
}

/// Opens a host file to be read.
///
/// # Errors
///
/// Names the file and says why.
pub(crate) fn open_host(host: &Path) -> Result<File, Failure> {
    File::open(host)
        .map_err(|error| Failure::failed(format!("cannot read {}: {error}", host.display())))
}
