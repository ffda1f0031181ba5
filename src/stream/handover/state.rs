//! What is known of the files that are written through a view, and how they are given away.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use afmpeg_wasi::Errno;
use afmpeg_wasi::vfs::{Dir, FileType, Name, Stat, VfsError, VfsResult, ops};

use super::FinishedFile;

pub(super) type Take = Box<dyn FnMut(FinishedFile) + Send>;

pub(super) struct State {
    /// None once it has panicked.
    pub(super) take: Mutex<Option<Take>>,
    pub(super) files: Mutex<Files>,
}

/// What is known of the files that were opened to be written.
#[derive(Default)]
pub(super) struct Files {
    next: u64,
    /// Those that are not whole, or were not given away.
    begun: BTreeMap<u64, Begun>,
    /// All, by their paths.
    known: BTreeMap<String, Known>,
}

#[derive(Clone, Copy)]
pub(super) enum Known {
    Begun(u64),
    /// What it was when it was given away.
    Given(Stat),
}

#[derive(Clone)]
pub(super) struct Begun {
    dir: Arc<dyn Dir>,
    name: String,
    path: String,
    /// Handles that can write to it.
    writers: usize,
    /// Whether one of them did.
    changed: bool,
}

impl Begun {
    fn is_due(&self) -> bool {
        self.writers == 0 && self.changed && !is_temporary(&self.name)
    }
}

impl Files {
    pub(super) fn forget(&mut self, path: &str) -> Option<Known> {
        let known = self.known.remove(path);
        if let Some(Known::Begun(id)) = known {
            self.begun.remove(&id);
        }
        known
    }

    /// The file of a path, with one handle more.
    pub(super) fn open(&mut self, dir: &Arc<dyn Dir>, name: &str, path: &str) -> u64 {
        let id = match self.known.get(path) {
            Some(Known::Begun(id)) => *id,
            _ => {
                self.next += 1;
                self.known.insert(path.to_owned(), Known::Begun(self.next));
                self.next
            }
        };
        let begun = self.begun.entry(id).or_insert_with(|| Begun {
            dir: Arc::clone(dir),
            name: name.to_owned(),
            path: path.to_owned(),
            writers: 0,
            changed: false,
        });
        begun.writers += 1;
        id
    }

    /// One handle less; the file, if it is to be given away now.
    pub(super) fn close(&mut self, id: u64, changed: bool) -> Option<Begun> {
        let begun = self.begun.get_mut(&id)?;
        begun.writers = begun.writers.saturating_sub(1);
        begun.changed |= changed;
        if begun.writers == 0 && !begun.changed {
            let path = begun.path.clone();
            self.forget(&path);
            return None;
        }
        Some(begun.clone()).filter(Begun::is_due)
    }

    /// A file has another name; the file, if it is to be given away now.
    pub(super) fn moved(
        &mut self,
        from: &str,
        (dir, name, path): (&Arc<dyn Dir>, &str, String),
    ) -> Option<Begun> {
        // What had that name is no more.
        self.forget(&path);
        let known = self.known.remove(from)?;
        self.known.insert(path.clone(), known);
        let Known::Begun(id) = known else {
            return None;
        };
        let begun = self.begun.get_mut(&id)?;
        (begun.dir, begun.name, begun.path) = (Arc::clone(dir), name.to_owned(), path);
        Some(begun.clone()).filter(Begun::is_due)
    }
}

impl State {
    pub(super) fn files(&self) -> MutexGuard<'_, Files> {
        lock(&self.files)
    }

    pub(super) fn given(&self, path: &str) -> Option<Stat> {
        match self.files().known.get(path) {
            Some(Known::Given(stat)) => Some(*stat),
            _ => None,
        }
    }

    /// Gives a file away. What cannot be given stays in the tree, and is nothing special any more.
    pub(super) fn give(&self, file: &Begun) -> VfsResult<()> {
        self.files().forget(&file.path);
        let name = Name::new(&file.name)?;
        let mut take = lock(&self.take);
        let Some(call) = take.as_mut() else {
            return Err(refused());
        };
        let stat = file.dir.stat_at(name)?;
        if stat.file_type != FileType::RegularFile {
            return Ok(());
        }
        let finished = FinishedFile {
            path: file.path.clone(),
            bytes: ops::read(&file.dir, &file.name)?,
        };
        if catch_unwind(AssertUnwindSafe(|| call(finished))).is_err() {
            *take = None;
            return Err(refused());
        }
        drop(take);
        file.dir.remove_file(name)?;
        let mut files = self.files();
        files.known.insert(file.path.clone(), Known::Given(stat));
        Ok(())
    }
}

pub(super) fn refused() -> VfsError {
    VfsError::with_context(Errno::Io, "the function that takes finished files panicked")
}

/// A name under which a muxer, or a job whose outputs are not in place, writes what it renames when it is whole.
fn is_temporary(name: &str) -> bool {
    name.ends_with(".tmp") || (name.starts_with(".afmpeg-") && name.ends_with(".partial"))
}

/// What a thread that panicked has left is as good as ever: each change is one step.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
