//! An open directory of a memory filesystem.

use std::any::Any;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::entries::Entry;
use super::file::MemFile;
use super::fs::{Fs, OpenNode};
use super::node::{Body, Node};
use crate::errno::Errno;
use crate::vfs::{
    Cookie, Create, Dir, DirEntry, File, FileType, Name, OpenOptions, SetTimes, Stat, VfsError,
    VfsResult,
};

/// The longest text of a symbolic link, in bytes.
const MAX_LINK_LEN: usize = 4096;

pub(super) struct MemDir {
    pub(super) open: Arc<OpenNode>,
}

impl MemDir {
    fn fs(&self) -> &Arc<Fs> {
        &self.open.fs
    }

    fn lookup(&self, name: Name<'_>) -> VfsResult<Entry> {
        self.open
            .look(|dir| dir.entries()?.get(name).ok_or_else(|| Errno::Noent.into()))
    }

    /// The other directory, when it is of the same filesystem.
    fn sibling<'a>(&self, other: &'a dyn Dir) -> VfsResult<&'a OpenNode> {
        let other = other.as_any().downcast_ref::<MemDir>().ok_or(Errno::Xdev)?;
        if Arc::ptr_eq(self.fs(), other.fs()) {
            Ok(&other.open)
        } else {
            Err(Errno::Xdev.into())
        }
    }

    /// Adds a node, when the name is free, and does something with it while nobody can remove it.
    fn add<T>(
        &self,
        name: Name<'_>,
        body: Body,
        then: impl FnOnce(&Node) -> VfsResult<T>,
    ) -> VfsResult<T> {
        let now = self.fs().now();
        let _namespace = self.fs().namespace();
        let _changing = self.fs().changing();
        self.open.current().entries()?.check_free(name)?;
        let dir = self.open.owned();
        let node = self.fs().add(self.open.ino, now, body)?;
        dir.change_entries(|entries| entries.put(name, entry_of(&node)))?;
        dir.modified(now);
        then(&node)
    }

    fn open_or_create(&self, name: Name<'_>, create: Create) -> VfsResult<Arc<OpenNode>> {
        loop {
            let entry = match (self.lookup(name), create) {
                (Ok(_), Create::New) => return Err(Errno::Exist.into()),
                (Ok(entry), _) => entry,
                (Err(error), Create::Never) => return Err(error),
                (Err(_), _) => {
                    match self.add(name, Body::file(), |node| self.fs().open(node.ino)) {
                        // Another thread was first.
                        Err(error)
                            if error.errno() == Errno::Exist && create == Create::IfAbsent =>
                        {
                            continue;
                        }
                        added => return added,
                    }
                }
            };
            match entry.file_type {
                FileType::Directory => return Err(Errno::Isdir.into()),
                FileType::SymbolicLink => return Err(Errno::Loop.into()),
                _ => {}
            }
            match self.fs().open(entry.ino) {
                // Another thread removed it since.
                Err(error) if error.errno() == Errno::Noent && create == Create::IfAbsent => {}
                opened => return opened,
            }
        }
    }

    /// Takes out the entry of a name, when `check` has nothing against it.
    fn remove(&self, name: Name<'_>, check: impl FnOnce(Entry) -> VfsResult<()>) -> VfsResult<()> {
        let now = self.fs().now();
        let namespace = self.fs().namespace();
        let changing = self.fs().changing();
        let entry = self.lookup(name)?;
        check(entry)?;
        let dir = self.open.owned();
        dir.change_entries(|entries| entries.take_out(name))?;
        dir.modified(now);
        let unlinked = self.fs().unlink(entry.ino, now);
        // Freeing a large file takes a while, and nobody has to wait for it.
        drop((changing, namespace));
        unlinked.map(drop)
    }

    /// Marks a directory whose name is about to go, so that nothing is added to it any more.
    fn retire(&self, dir: u64) -> VfsResult<()> {
        if !self.fs().find(dir)?.entries()?.is_empty() {
            return Err(Errno::Notempty.into());
        }
        self.fs()
            .owned(dir)?
            .change_entries(|entries| entries.mark_removed())
    }
}

impl Dir for MemDir {
    fn open_file(&self, name: Name<'_>, options: OpenOptions) -> VfsResult<Arc<dyn File>> {
        MemFile::open(self.open_or_create(name, options.create)?, options)
    }

    fn open_dir(&self, name: Name<'_>) -> VfsResult<Arc<dyn Dir>> {
        let entry = self.lookup(name)?;
        match entry.file_type {
            FileType::Directory => Ok(Arc::new(MemDir {
                open: self.fs().open(entry.ino)?,
            })),
            FileType::SymbolicLink => Err(Errno::Loop.into()),
            _ => Err(Errno::Notdir.into()),
        }
    }

    fn stat(&self) -> VfsResult<Stat> {
        Ok(self.open.look(Node::stat))
    }

    fn stat_at(&self, name: Name<'_>) -> VfsResult<Stat> {
        Ok(self.fs().find(self.lookup(name)?.ino)?.stat())
    }

    fn read_dir(
        &self,
        from: Cookie,
        each: &mut dyn FnMut(DirEntry) -> ControlFlow<()>,
    ) -> VfsResult<()> {
        // In batches, so that the lock is free while `each` runs; growing ones, so that a caller
        // who stops early has not paid for many.
        let mut from = from.0;
        let mut size = 8;
        loop {
            let batch: Vec<DirEntry> = self
                .open
                .current()
                .entries()?
                .after(from)
                .take(size)
                .map(|(number, name, entry)| DirEntry {
                    next: Cookie(number),
                    ino: entry.ino,
                    name: String::from(&**name),
                    file_type: entry.file_type,
                })
                .collect();
            let Some(last) = batch.last() else {
                return Ok(());
            };
            from = last.next.0;
            for entry in batch {
                if each(entry).is_break() {
                    return Ok(());
                }
            }
            size = (size * 2).min(512);
        }
    }

    fn create_dir(&self, name: Name<'_>) -> VfsResult<()> {
        self.add(name, Body::dir(), |_| Ok(()))
    }

    fn remove_file(&self, name: Name<'_>) -> VfsResult<()> {
        self.remove(name, |entry| match entry.file_type {
            FileType::Directory => Err(Errno::Isdir.into()),
            _ => Ok(()),
        })
    }

    fn remove_dir(&self, name: Name<'_>) -> VfsResult<()> {
        self.remove(name, |entry| match entry.file_type {
            FileType::Directory => self.retire(entry.ino),
            _ => Err(Errno::Notdir.into()),
        })
    }

    fn rename(&self, from: Name<'_>, to_dir: &dyn Dir, to: Name<'_>) -> VfsResult<()> {
        let to_dir = self.sibling(to_dir)?;
        let fs = self.fs();
        let now = fs.now();
        let namespace = fs.namespace();
        let changing = fs.changing();
        // Nothing else changes names while the namespace lock is held, so what is read here stays
        // true although the locks of the directories are taken one after the other.
        let moving = self.lookup(from)?;
        to_dir.current().entries()?.check_alive()?;
        let is_dir = moving.file_type == FileType::Directory;
        if is_dir && fs.contains(moving.ino, to_dir.ino) {
            return Err(VfsError::with_context(
                Errno::Inval,
                "directory moved into itself",
            ));
        }
        let target = to_dir.current().entries()?.get(to);
        let node = fs.owned(moving.ino)?;
        if let Some(target) = target {
            if target.ino == moving.ino {
                return Ok(());
            }
            match (is_dir, target.file_type == FileType::Directory) {
                (true, true) if fs.contains(target.ino, self.open.ino) => {
                    return Err(Errno::Notempty.into());
                }
                (true, true) => self.retire(target.ino)?,
                (true, false) => return Err(Errno::Notdir.into()),
                (false, true) => return Err(Errno::Isdir.into()),
                (false, false) => {}
            }
        }
        // The new name comes first: a reader in between sees the node twice, never not at all.
        let (from_node, to_node) = (self.open.owned(), to_dir.owned());
        to_node.change_entries(|entries| entries.put(to, moving))?;
        from_node.change_entries(|entries| entries.take_out(from))?;
        if is_dir {
            node.set_parent(to_dir.ino);
        }
        node.renamed(now);
        from_node.modified(now);
        to_node.modified(now);
        let unlinked = target.map(|target| fs.unlink(target.ino, now)).transpose();
        drop((changing, namespace));
        unlinked.map(drop)
    }

    fn symlink(&self, target: &str, name: Name<'_>) -> VfsResult<()> {
        if target.is_empty() {
            return Err(Errno::Noent.into());
        }
        if target.len() > MAX_LINK_LEN {
            return Err(VfsError::with_context(
                Errno::Nametoolong,
                "symbolic link over 4096 bytes",
            ));
        }
        if target.contains('\0') {
            return Err(Errno::Inval.into());
        }
        self.add(name, Body::Link(target.into()), |_| Ok(()))
    }

    fn read_link(&self, name: Name<'_>) -> VfsResult<String> {
        let node = self.fs().find(self.lookup(name)?.ino)?;
        node.link_text().map(str::to_owned)
    }

    fn hard_link(&self, from: Name<'_>, to_dir: &dyn Dir, to: Name<'_>) -> VfsResult<()> {
        let to_dir = self.sibling(to_dir)?;
        let now = self.fs().now();
        let _namespace = self.fs().namespace();
        let _changing = self.fs().changing();
        let entry = self.lookup(from)?;
        if entry.file_type == FileType::Directory {
            return Err(VfsError::with_context(
                Errno::Perm,
                "hard link to a directory",
            ));
        }
        to_dir.current().entries()?.check_free(to)?;
        let (node, dir) = (self.fs().owned(entry.ino)?, to_dir.owned());
        self.fs().budget.charge_node()?;
        node.link(now);
        dir.change_entries(|entries| entries.put(to, entry))?;
        dir.modified(now);
        Ok(())
    }

    fn set_times_at(&self, name: Name<'_>, times: SetTimes) -> VfsResult<()> {
        let now = self.fs().now();
        let _changing = self.fs().changing();
        let ino = self.lookup(name)?.ino;
        self.fs().owned(ino)?.set_times(times, now);
        Ok(())
    }

    fn set_times(&self, times: SetTimes) -> VfsResult<()> {
        let now = self.fs().now();
        let _changing = self.fs().changing();
        self.open.owned().set_times(times, now);
        Ok(())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn entry_of(node: &Node) -> Entry {
    Entry {
        ino: node.ino,
        file_type: node.file_type(),
    }
}
