//! The cache: a directory of engines under the names of their digests, shared by threads and processes.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::pin::Pin;
use super::transfer::Control;
use super::{Engine, bounded};
use crate::error::AcquireError;

/// The place of one engine in a cache directory:
///
/// | file | what |
/// |---|---|
/// | `DIGEST.wasm` | the decompressed module; it appears whole or not at all |
/// | `DIGEST.lock` | empty; locked by whoever fetches, and left there |
/// | `DIGEST.part`, `DIGEST.part.json` | the beginning of a file as its server sends it, and whose beginning that is |
/// | `DIGEST.refused.json` | a file at that address that was another engine |
/// | `DIGEST.new` | a module on its way to its name |
pub(super) struct Entry {
    directory: PathBuf,
    pin: Pin,
}

/// What a cache has under a name.
pub(super) enum Found {
    /// The engine that is named, as its digest proves.
    Module(Vec<u8>),
    /// Something else.
    Damaged,
    Absent,
}

impl Entry {
    pub(super) fn new(directory: PathBuf, pin: Pin) -> Self {
        Self { directory, pin }
    }

    /// Where a file of this entry is.
    pub(super) fn file(&self, extension: &str) -> PathBuf {
        self.directory.join(format!("{}.{extension}", self.pin))
    }

    /// Reads the module and checks its digest. Needs no lock: a module is renamed into its place.
    pub(super) fn read(&self) -> Result<Found, AcquireError> {
        let path = self.file("wasm");
        let failed = |source| unusable(&path, source);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Absent),
            Err(error) => return Err(failed(error)),
        };
        let expected = file.metadata().map_err(failed)?.len();
        let module = bounded(file, expected, Engine::MAX_BYTES).map_err(failed)?;
        Ok(match module {
            Some(module) if self.pin.is_of(&module) => Found::Module(module),
            _ => Found::Damaged,
        })
    }

    /// Waits until nobody else fetches this engine. The directory is made.
    pub(super) fn lock(&self, control: &Control) -> Result<Lock, AcquireError> {
        fs::create_dir_all(&self.directory).map_err(|source| unusable(&self.directory, source))?;
        let path = self.file("lock");
        let failed = |source| unusable(&path, source);
        let in_process = loop {
            match InProcess::take(&path) {
                Some(held) => break held,
                None => control.pause()?,
            }
        };
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(failed)?;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) => control.pause()?,
                // Android before Rust 1.98: there, the threads of one process take turns and processes do
                // not. What two of them mix up, the digest refuses.
                Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                    break;
                }
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
        }
        Ok(Lock {
            _file: file,
            _in_process: in_process,
        })
    }

    /// Puts a module in its place. Only under the lock.
    pub(super) fn store(&self, module: &[u8]) -> Result<(), AcquireError> {
        let aside = self.file("new");
        let failed = |source| unusable(&aside, source);
        let mut file = File::create(&aside).map_err(failed)?;
        file.write_all(module).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        drop(file);
        let place = self.file("wasm");
        fs::rename(&aside, &place).map_err(|source| unusable(&place, source))?;
        // Without it the module may be gone after a power failure, and is fetched again.
        #[cfg(unix)]
        let _ = File::open(&self.directory).and_then(|directory| directory.sync_all());
        Ok(())
    }

    /// Removes what is under the name of the module. Only under the lock.
    pub(super) fn remove(&self) -> Result<(), AcquireError> {
        remove(&self.file("wasm"))
    }
}

/// The right to fetch one engine, until it is dropped.
pub(super) struct Lock {
    _file: File,
    _in_process: InProcess,
}

/// The same right among the threads of this process: there are filesystems that give one process the
/// same lock twice.
struct InProcess(PathBuf);

static HELD: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

impl InProcess {
    fn take(path: &Path) -> Option<Self> {
        held()
            .insert(path.to_owned())
            .then(|| Self(path.to_owned()))
    }
}

impl Drop for InProcess {
    fn drop(&mut self) {
        held().remove(&self.0);
    }
}

fn held() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    // Inserting and removing leave the set whole, whatever panics.
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes a file that need not be there.
pub(super) fn remove(path: &Path) -> Result<(), AcquireError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unusable(path, error)),
        _ => Ok(()),
    }
}

pub(super) fn unusable(path: &Path, source: io::Error) -> AcquireError {
    AcquireError::Cache {
        path: path.to_owned(),
        source,
    }
}
