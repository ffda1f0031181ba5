//! A read-only directory of files that the command line named.

use std::any::Any;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use afmpeg::vfs::{
    Cookie, Create, Dir, DirEntry, Errno, File, FileType, Name, OpenOptions, Stat, VfsResult,
};

/// The directory; clones share their files.
#[derive(Clone, Default)]
pub(crate) struct Inputs(Arc<Mutex<BTreeMap<String, Arc<dyn File>>>>);

impl Inputs {
    /// Adds a file under `name`, or under a name made from it when that is taken, and returns the name.
    pub(crate) fn add(&self, name: &str, file: Arc<dyn File>) -> String {
        let mut files = self.files();
        let mut unique = name.to_owned();
        let mut number = 2;
        while files.contains_key(&unique) {
            unique = format!("{number}_{name}");
            number += 1;
        }
        files.insert(unique.clone(), file);
        unique
    }

    fn files(&self) -> MutexGuard<'_, BTreeMap<String, Arc<dyn File>>> {
        // The map is valid between any two of its operations.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn file(&self, name: Name<'_>) -> VfsResult<(u64, Arc<dyn File>)> {
        let files = self.files();
        let found = files.iter().zip(1..).find(|((known, _), _)| *known == name.as_str());
        found.map(|((_, file), number)| (number, Arc::clone(file))).ok_or(Errno::Noent.into())
    }
}

impl Dir for Inputs {
    fn open_file(&self, name: Name<'_>, options: OpenOptions) -> VfsResult<Arc<dyn File>> {
        match self.file(name) {
            Ok(_) if options.create == Create::New => Err(Errno::Exist.into()),
            Ok((_, file)) if !options.write && !options.truncate => Ok(file),
            Err(error) if options.create == Create::Never => Err(error),
            _ => Err(Errno::Rofs.into()),
        }
    }

    fn open_dir(&self, name: Name<'_>) -> VfsResult<Arc<dyn Dir>> {
        self.file(name)?;
        Err(Errno::Notdir.into())
    }

    fn stat(&self) -> VfsResult<Stat> {
        Ok(attributes(0, FileType::Directory, 0))
    }

    fn stat_at(&self, name: Name<'_>) -> VfsResult<Stat> {
        let (number, file) = self.file(name)?;
        Ok(attributes(number, FileType::RegularFile, file.len()?))
    }

    fn read_dir(
        &self,
        from: Cookie,
        each: &mut dyn FnMut(DirEntry) -> ControlFlow<()>,
    ) -> VfsResult<()> {
        // Files are only added before a job starts, so positions are stable while one lists.
        let names: Vec<String> = self.files().keys().cloned().collect();
        for (name, number) in names.into_iter().zip(1..).skip(usize::try_from(from.0).unwrap_or(usize::MAX)) {
            let entry =
                DirEntry { next: Cookie(number), ino: number, name, file_type: FileType::RegularFile };
            if each(entry).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The times of the host's files are not the guest's business.
fn attributes(ino: u64, file_type: FileType, size: u64) -> Stat {
    Stat { dev: 0, ino, file_type, nlink: 1, size, atim: 0, mtim: 0, ctim: 0 }
}
