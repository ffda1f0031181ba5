//! `Files`: a flat directory of files that the caller supplies one by one, and the adapters that make a file of a
//! reader or a writer.

mod adapter;
mod readers;
mod streams;
#[cfg(test)]
mod tests;
mod writers;

use std::any::Any;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::{
    Cookie, Create, Dir, DirEntry, File, FileType, Name, OpenOptions, Stat, Vfs, VfsResult,
};
use crate::errno::Errno;

pub use self::readers::{ReadAtFile, ReaderFile};
pub use self::streams::StreamFile;
pub use self::writers::{SeekWriterFile, WriterFile};

/// A directory of files that exist elsewhere, each under a name of its own.
///
/// For inputs larger than memory and for outputs that leave as they are written:
///
/// ```
/// use std::io::Cursor;
/// use afmpeg_wasi::vfs::{Files, ReaderFile};
///
/// # fn main() -> Result<(), afmpeg_wasi::vfs::VfsError> {
/// let source = Cursor::new(b"any reader that can seek".to_vec());
/// let files = Files::new().with("in.bin", ReaderFile::new(source)?)?;
/// # let _ = files; Ok(()) }
/// ```
///
/// Nothing can be created or removed in it; a file is as writable as its own type allows.
#[derive(Clone, Default)]
pub struct Files {
    entries: Arc<BTreeMap<String, Arc<dyn File>>>,
}

impl Files {
    /// A directory without files.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file, replacing one of the same name.
    ///
    /// # Errors
    ///
    /// As [`Name::new`].
    pub fn with(mut self, name: &str, file: impl File) -> VfsResult<Self> {
        let name = Name::new(name)?.as_str().to_owned();
        Arc::make_mut(&mut self.entries).insert(name, Arc::new(file));
        Ok(self)
    }

    fn find(&self, name: Name<'_>) -> VfsResult<(u64, &Arc<dyn File>)> {
        let position = self.entries.keys().position(|key| key == name.as_str());
        let file = self.entries.get(name.as_str());
        position
            .zip(file)
            .map(|(at, file)| (at as u64, file))
            .ok_or_else(|| Errno::Noent.into())
    }
}

impl Vfs for Files {
    fn root(&self) -> Arc<dyn Dir> {
        Arc::new(self.clone())
    }
}

/// Node numbers: 1 is the directory, its files follow in the order of their names.
const ROOT_INO: u64 = 1;

impl Dir for Files {
    fn open_file(&self, name: Name<'_>, options: OpenOptions) -> VfsResult<Arc<dyn File>> {
        let file = match self.find(name) {
            Ok((_, file)) => file,
            Err(_) if options.create != Create::Never => return Err(Errno::Rofs.into()),
            Err(error) => return Err(error),
        };
        if options.create == Create::New {
            return Err(Errno::Exist.into());
        }
        if options.truncate {
            file.set_len(0)?;
        } else if options.write {
            // Asks whether the file can be written at all, without changing it.
            match file.write_at(0, &[]) {
                Err(error) if error.errno() == Errno::Rofs => return Err(error),
                _ => {}
            }
        }
        Ok(Arc::clone(file))
    }

    fn open_dir(&self, name: Name<'_>) -> VfsResult<Arc<dyn Dir>> {
        self.find(name)?;
        Err(Errno::Notdir.into())
    }

    fn stat(&self) -> VfsResult<Stat> {
        Ok(Stat {
            dev: 0,
            ino: ROOT_INO,
            file_type: FileType::Directory,
            nlink: 1,
            size: 0,
            atim: 0,
            mtim: 0,
            ctim: 0,
        })
    }

    fn stat_at(&self, name: Name<'_>) -> VfsResult<Stat> {
        let (position, file) = self.find(name)?;
        Ok(Stat {
            ino: ROOT_INO + 1 + position,
            ..file.stat()?
        })
    }

    fn read_dir(
        &self,
        from: Cookie,
        each: &mut dyn FnMut(DirEntry) -> ControlFlow<()>,
    ) -> VfsResult<()> {
        // The set of names never changes, so a place in its order is a stable cookie.
        let Ok(skip) = usize::try_from(from.0) else {
            return Ok(());
        };
        for (position, (name, file)) in self.entries.iter().enumerate().skip(skip) {
            let entry = DirEntry {
                next: Cookie(position as u64 + 1),
                ino: ROOT_INO + 1 + position as u64,
                name: name.clone(),
                file_type: file.stat().map_or(FileType::Unknown, |stat| stat.file_type),
            };
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
