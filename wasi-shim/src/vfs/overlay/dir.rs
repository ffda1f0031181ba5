//! An open directory of an overlay.

use std::any::Any;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::copy::{Copy, copy_up, copy_up_and, open_lower, upper_of};
use super::file::{LowerHandle, upper_file};
use super::node::{Found, Node, existing};
use super::{Fs, rename};
use crate::errno::Errno;
use crate::vfs::{
    Cookie, Create, Dir, DirEntry, File, FileType, Name, OpenOptions, SetTimes, Stat, VfsError,
    VfsResult,
};

pub(super) struct OverlayDir {
    pub(super) fs: Arc<Fs>,
    pub(super) node: Arc<Node>,
}

impl OverlayDir {
    /// The other directory, when it is of the same overlay.
    fn sibling<'a>(&self, other: &'a dyn Dir) -> VfsResult<&'a Arc<Node>> {
        let other = other.as_any().downcast_ref::<OverlayDir>();
        match other {
            Some(other) if Arc::ptr_eq(&other.fs, &self.fs) => Ok(&other.node),
            _ => Err(Errno::Xdev.into()),
        }
    }

    fn open_found(
        &self,
        name: Name<'_>,
        found: Found,
        options: OpenOptions,
    ) -> VfsResult<Arc<dyn File>> {
        let options = OpenOptions {
            create: Create::Never,
            ..options
        };
        let what = match found {
            Found::Upper(stat) => {
                let upper = self.node.upper().ok_or(Errno::Noent)?;
                // The last call: a file that was truncated is one that is open.
                let file = upper.open_file(name, options)?;
                return Ok(upper_file(&self.fs, file, &stat));
            }
            Found::Lower(stat) => match stat.file_type {
                FileType::Directory => return Err(Errno::Isdir.into()),
                FileType::SymbolicLink => return Err(Errno::Loop.into()),
                FileType::RegularFile if options.truncate => Copy::NoBytes,
                FileType::RegularFile if options.write => Copy::Everything,
                FileType::RegularFile => {
                    return Ok(Arc::new(LowerHandle {
                        fs: Arc::clone(&self.fs),
                        file: open_lower(&self.node, name)?,
                        read: options.read,
                    }));
                }
                // A device: using it changes no file.
                _ => {
                    let lower = self.node.lower().ok_or(Errno::Noent)?;
                    return lower.open_file(name, options);
                }
            },
        };
        let open = |upper: &dyn Dir| upper.open_file(name, options);
        let (file, copy) = copy_up_and(&self.fs, &self.node, name, what, open)?;
        Ok(upper_file(&self.fs, file, &copy))
    }

    /// Adds a name to the upper tree, when it is free.
    fn add(&self, name: Name<'_>, add: impl FnOnce(&dyn Dir) -> VfsResult<()>) -> VfsResult<()> {
        let _names = self.fs.names_mut();
        if existing(self.node.find(name))?.is_some() {
            return Err(Errno::Exist.into());
        }
        add(&*upper_of(&self.node)?)
    }
}

#[warn(clippy::missing_trait_methods)]
impl Dir for OverlayDir {
    fn open_file(&self, name: Name<'_>, options: OpenOptions) -> VfsResult<Arc<dyn File>> {
        let changes = options.changes();
        let _changing = changes.then(|| self.fs.names_mut());
        let _reading = (!changes).then(|| self.fs.names());
        match existing(self.node.find(name))? {
            Some(_) if options.create == Create::New => Err(Errno::Exist.into()),
            Some(found) => self.open_found(name, found, options),
            None if options.create == Create::Never => Err(Errno::Noent.into()),
            None => upper_of(&self.node)?.open_file(name, options),
        }
    }

    fn open_dir(&self, name: Name<'_>) -> VfsResult<Arc<dyn Dir>> {
        let _names = self.fs.names();
        Ok(Arc::new(Self {
            fs: Arc::clone(&self.fs),
            node: self.node.child(&self.fs, name)?,
        }))
    }

    fn stat(&self) -> VfsResult<Stat> {
        let _names = self.fs.names();
        self.node.stat()
    }

    fn stat_at(&self, name: Name<'_>) -> VfsResult<Stat> {
        let _names = self.fs.names();
        self.node.stat_at(&self.fs, name)
    }

    fn read_dir(
        &self,
        from: Cookie,
        each: &mut dyn FnMut(DirEntry) -> ControlFlow<()>,
    ) -> VfsResult<()> {
        {
            let _names = self.fs.names();
            if from == Cookie::START || self.node.state().listing.is_empty() {
                let names = self.node.all_names()?;
                self.node.state().listing.refresh(names);
            }
        }
        // In growing batches: no lock is held while `each` runs, and a caller who stops early has not
        // paid for many.
        let mut from = from.0;
        let mut size = 8;
        loop {
            let batch = self.node.state().listing.after(from, size);
            let Some((last, _)) = batch.last() else {
                return Ok(());
            };
            from = *last;
            for (number, text) in batch {
                let Ok(name) = Name::new(&text) else { continue };
                // What went away since it was listed is not there.
                let Some(stat) = existing(self.stat_at(name))? else {
                    continue;
                };
                let entry = DirEntry {
                    next: Cookie(number),
                    ino: stat.ino,
                    name: String::from(&*text),
                    file_type: stat.file_type,
                };
                if each(entry).is_break() {
                    return Ok(());
                }
            }
            size = (size * 2).min(512);
        }
    }

    fn create_dir(&self, name: Name<'_>) -> VfsResult<()> {
        // Nothing of a lower directory shows in it: the name there was hidden before.
        self.add(name, |upper| upper.create_dir(name))
    }

    fn remove_file(&self, name: Name<'_>) -> VfsResult<()> {
        let _names = self.fs.names_mut();
        let found = self.node.find(name)?;
        if found.file_type() == FileType::Directory {
            return Err(Errno::Isdir.into());
        }
        let covers = self.node.lower_has(name)?;
        if let Found::Upper(stat) = found {
            self.node.upper().ok_or(Errno::Noent)?.remove_file(name)?;
            self.fs.forget(&stat);
        }
        if covers {
            self.node.hide(&self.fs, name);
        }
        if let Some(open) = self.node.take_lower(name) {
            open.lost_its_name();
        }
        Ok(())
    }

    fn remove_dir(&self, name: Name<'_>) -> VfsResult<()> {
        let _names = self.fs.names_mut();
        let found = self.node.find(name)?;
        if found.file_type() != FileType::Directory {
            return Err(Errno::Notdir.into());
        }
        let child = self.node.child(&self.fs, name)?;
        if !child.is_empty()? {
            return Err(Errno::Notempty.into());
        }
        let covers = self.node.lower_has(name)?;
        if let Found::Upper(_) = found {
            self.node.upper().ok_or(Errno::Noent)?.remove_dir(name)?;
        }
        if covers {
            self.node.hide(&self.fs, name);
        }
        self.node.take_child(name);
        child.retire(&self.fs);
        Ok(())
    }

    fn rename(&self, from: Name<'_>, to_dir: &dyn Dir, to: Name<'_>) -> VfsResult<()> {
        let to_dir = self.sibling(to_dir)?;
        let _names = self.fs.names_mut();
        rename::rename(&self.fs, (&self.node, from), (to_dir, to))
    }

    fn symlink(&self, target: &str, name: Name<'_>) -> VfsResult<()> {
        self.add(name, |upper| upper.symlink(target, name))
    }

    fn read_link(&self, name: Name<'_>) -> VfsResult<String> {
        let _names = self.fs.names();
        let dir = match self.node.find(name)? {
            Found::Upper(_) => self.node.upper(),
            Found::Lower(_) => self.node.lower().cloned(),
        };
        dir.ok_or(Errno::Noent)?.read_link(name)
    }

    fn hard_link(&self, from: Name<'_>, to_dir: &dyn Dir, to: Name<'_>) -> VfsResult<()> {
        let to_dir = self.sibling(to_dir)?;
        let _names = self.fs.names_mut();
        let found = self.node.find(from)?;
        if found.file_type() == FileType::Directory {
            return Err(VfsError::with_context(
                Errno::Perm,
                "hard link to a directory",
            ));
        }
        to_dir.check_alive()?;
        if existing(to_dir.find(to))?.is_some() {
            return Err(Errno::Exist.into());
        }
        if let Found::Lower(_) = found {
            copy_up(&self.fs, &self.node, from, Copy::Everything)?;
        }
        let to_upper = upper_of(to_dir)?;
        upper_of(&self.node)?.hard_link(from, &*to_upper, to)
    }

    fn set_times_at(&self, name: Name<'_>, times: SetTimes) -> VfsResult<()> {
        let _names = self.fs.names_mut();
        match self.node.find(name)? {
            found if found.file_type() == FileType::Directory => {
                upper_of(&self.node.child(&self.fs, name)?)?;
            }
            Found::Lower(_) => copy_up(&self.fs, &self.node, name, Copy::Everything)?,
            Found::Upper(_) => {}
        }
        upper_of(&self.node)?.set_times_at(name, times)
    }

    fn set_times(&self, times: SetTimes) -> VfsResult<()> {
        let _names = self.fs.names_mut();
        let upper = match self.node.upper() {
            Some(upper) => upper,
            None => upper_of(&self.node)?,
        };
        upper.set_times(times)
    }

    fn sync(&self) -> VfsResult<()> {
        self.node.upper().map_or(Ok(()), |upper| upper.sync())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
