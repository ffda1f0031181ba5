//! `ReadOnly`: any directory, with everything that would change it refused.

use std::any::Any;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::{
    Cookie, Create, Dir, DirEntry, File, FileType, Name, OpenOptions, SetTimes, Stat, Vfs,
    VfsResult,
};
use crate::errno::Errno;

/// A tree that can be looked at and read: every change is `Rofs`.
///
/// Devices in it can still be written, as on any read-only mount: that changes no file.
#[derive(Clone)]
pub struct ReadOnly {
    inner: Arc<dyn Dir>,
}

impl ReadOnly {
    /// Wraps a tree. Handles of the tree itself can still change it.
    pub fn new(tree: impl Vfs) -> Self {
        Self { inner: tree.root() }
    }

    /// Refuses to create a name: because it exists, or because nothing can be created.
    fn refuse_new(&self, name: Name<'_>) -> Errno {
        if self.inner.stat_at(name).is_ok() {
            Errno::Exist
        } else {
            Errno::Rofs
        }
    }
}

impl Vfs for ReadOnly {
    fn root(&self) -> Arc<dyn Dir> {
        Arc::new(self.clone())
    }
}

#[warn(clippy::missing_trait_methods)]
impl Dir for ReadOnly {
    fn open_file(&self, name: Name<'_>, options: OpenOptions) -> VfsResult<Arc<dyn File>> {
        let stat = match self.inner.stat_at(name) {
            Ok(_) if options.create == Create::New => return Err(Errno::Exist.into()),
            Ok(stat) => stat,
            Err(error) if error.errno() == Errno::Noent && options.create != Create::Never => {
                return Err(Errno::Rofs.into());
            }
            Err(error) => return Err(error),
        };
        let options = OpenOptions {
            create: Create::Never,
            ..options
        };
        match stat.file_type {
            FileType::Directory => Err(Errno::Isdir.into()),
            FileType::SymbolicLink => Err(Errno::Loop.into()),
            FileType::CharacterDevice => self.inner.open_file(name, options),
            _ if options.changes() => Err(Errno::Rofs.into()),
            _ => Ok(Arc::new(ReadOnlyFile {
                inner: self.inner.open_file(name, options)?,
            })),
        }
    }

    fn open_dir(&self, name: Name<'_>) -> VfsResult<Arc<dyn Dir>> {
        Ok(Arc::new(ReadOnly {
            inner: self.inner.open_dir(name)?,
        }))
    }

    fn stat(&self) -> VfsResult<Stat> {
        self.inner.stat()
    }

    fn stat_at(&self, name: Name<'_>) -> VfsResult<Stat> {
        self.inner.stat_at(name)
    }

    fn read_dir(
        &self,
        from: Cookie,
        each: &mut dyn FnMut(DirEntry) -> ControlFlow<()>,
    ) -> VfsResult<()> {
        self.inner.read_dir(from, each)
    }

    fn create_dir(&self, name: Name<'_>) -> VfsResult<()> {
        Err(self.refuse_new(name).into())
    }

    fn remove_file(&self, _name: Name<'_>) -> VfsResult<()> {
        Err(Errno::Rofs.into())
    }

    fn remove_dir(&self, _name: Name<'_>) -> VfsResult<()> {
        Err(Errno::Rofs.into())
    }

    fn rename(&self, _from: Name<'_>, _to_dir: &dyn Dir, _to: Name<'_>) -> VfsResult<()> {
        Err(Errno::Rofs.into())
    }

    fn symlink(&self, _target: &str, name: Name<'_>) -> VfsResult<()> {
        Err(self.refuse_new(name).into())
    }

    fn read_link(&self, name: Name<'_>) -> VfsResult<String> {
        self.inner.read_link(name)
    }

    fn hard_link(&self, _from: Name<'_>, _to_dir: &dyn Dir, _to: Name<'_>) -> VfsResult<()> {
        Err(Errno::Rofs.into())
    }

    fn set_times_at(&self, _name: Name<'_>, _times: SetTimes) -> VfsResult<()> {
        Err(Errno::Rofs.into())
    }

    fn set_times(&self, _times: SetTimes) -> VfsResult<()> {
        Err(Errno::Rofs.into())
    }

    fn sync(&self) -> VfsResult<()> {
        self.inner.sync()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

struct ReadOnlyFile {
    inner: Arc<dyn File>,
}

#[warn(clippy::missing_trait_methods)]
impl File for ReadOnlyFile {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> VfsResult<usize> {
        self.inner.read_at(offset, buf)
    }

    fn len(&self) -> VfsResult<u64> {
        self.inner.len()
    }

    fn stat(&self) -> VfsResult<Stat> {
        self.inner.stat()
    }

    fn is_empty(&self) -> VfsResult<bool> {
        self.inner.is_empty()
    }

    fn write_at(&self, _offset: u64, _data: &[u8]) -> VfsResult<usize> {
        Err(Errno::Rofs.into())
    }

    fn append(&self, _data: &[u8]) -> VfsResult<(usize, u64)> {
        Err(Errno::Rofs.into())
    }

    fn set_len(&self, _len: u64) -> VfsResult<()> {
        Err(Errno::Rofs.into())
    }

    fn allocate(&self, _offset: u64, _len: u64) -> VfsResult<()> {
        Err(Errno::Rofs.into())
    }

    fn set_times(&self, _times: SetTimes) -> VfsResult<()> {
        Err(Errno::Rofs.into())
    }

    fn sync(&self, data_only: bool) -> VfsResult<()> {
        self.inner.sync(data_only)
    }

    fn seekable(&self) -> bool {
        self.inner.seekable()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vfs::{Cookie, MemFs};

    fn name(text: &str) -> Name<'_> {
        Name::new(text).expect("a test's name is valid")
    }

    fn refusal<T>(result: VfsResult<T>) -> Errno {
        result.err().expect("the call must fail").errno()
    }

    /// A tree with a file `f` of three bytes, an empty directory `d` and a link `l` to `f`.
    fn tree() -> (MemFs, Arc<dyn Dir>) {
        let fs = MemFs::new();
        let root = fs.root();
        let file = root
            .open_file(name("f"), OpenOptions::WRITE)
            .expect("a new file");
        file.write_at(0, b"old").expect("written");
        root.create_dir(name("d")).expect("a new directory");
        root.symlink("f", name("l")).expect("a new link");
        let read_only = ReadOnly::new(&fs).root();
        (fs, read_only)
    }

    #[test]
    fn b1_every_change_is_rofs_and_the_file_keeps_its_bytes_and_times() {
        let (fs, root) = tree();
        let before = fs.root().stat_at(name("f")).expect("it is there");
        let times = SetTimes {
            atim: Some(1),
            mtim: Some(1),
        };
        let creating = OpenOptions {
            create: Create::IfAbsent,
            ..OpenOptions::READ
        };
        let truncating = OpenOptions {
            truncate: true,
            ..OpenOptions::READ
        };
        let writing = OpenOptions {
            write: true,
            ..OpenOptions::READ
        };
        assert_eq!(refusal(root.open_file(name("f"), writing)), Errno::Rofs);
        assert_eq!(refusal(root.open_file(name("f"), truncating)), Errno::Rofs);
        assert_eq!(refusal(root.open_file(name("new"), creating)), Errno::Rofs);
        assert_eq!(refusal(root.create_dir(name("new"))), Errno::Rofs);
        assert_eq!(refusal(root.remove_file(name("f"))), Errno::Rofs);
        assert_eq!(refusal(root.remove_dir(name("d"))), Errno::Rofs);
        assert_eq!(
            refusal(root.rename(name("f"), &*root, name("g"))),
            Errno::Rofs
        );
        assert_eq!(
            refusal(root.hard_link(name("f"), &*root, name("g"))),
            Errno::Rofs
        );
        assert_eq!(refusal(root.symlink("f", name("g"))), Errno::Rofs);
        assert_eq!(refusal(root.set_times_at(name("f"), times)), Errno::Rofs);
        assert_eq!(refusal(root.set_times(times)), Errno::Rofs);
        let below = root.open_dir(name("d")).expect("it is there");
        assert_eq!(refusal(below.create_dir(name("new"))), Errno::Rofs);

        let file = root.open_file(name("f"), creating).expect("it exists");
        assert_eq!(refusal(file.write_at(0, b"new")), Errno::Rofs);
        assert_eq!(refusal(file.append(b"new")), Errno::Rofs);
        assert_eq!(refusal(file.set_len(0)), Errno::Rofs);
        assert_eq!(refusal(file.allocate(0, 9)), Errno::Rofs);
        assert_eq!(refusal(file.set_times(times)), Errno::Rofs);
        let mut buf = [0; 8];
        assert_eq!(file.read_at(0, &mut buf), Ok(3));
        assert_eq!(&buf[..3], b"old");
        assert_eq!(fs.root().stat_at(name("f")), Ok(before));
    }

    #[test]
    fn b2_nothing_moves_between_a_writable_tree_and_its_read_only_view() {
        let (fs, read_only) = tree();
        let writable = fs.root();
        assert_eq!(
            refusal(writable.rename(name("f"), &*read_only, name("g"))),
            Errno::Xdev
        );
        assert_eq!(
            refusal(writable.hard_link(name("f"), &*read_only, name("g"))),
            Errno::Xdev
        );
        assert_eq!(
            refusal(read_only.rename(name("f"), &*writable, name("g"))),
            Errno::Rofs
        );
        assert_eq!(
            refusal(read_only.hard_link(name("f"), &*writable, name("g"))),
            Errno::Rofs
        );
    }

    #[test]
    fn what_is_wrong_with_a_name_comes_before_that_nothing_can_change() {
        let (_fs, root) = tree();
        assert_eq!(
            refusal(root.open_file(name("none"), OpenOptions::READ)),
            Errno::Noent
        );
        assert_eq!(
            refusal(root.open_file(name("d"), OpenOptions::WRITE)),
            Errno::Isdir
        );
        assert_eq!(
            refusal(root.open_file(name("l"), OpenOptions::WRITE)),
            Errno::Loop
        );
        assert_eq!(refusal(root.create_dir(name("d"))), Errno::Exist);
        assert_eq!(root.read_link(name("l")), Ok("f".to_owned()));
        let mut names = Vec::new();
        root.read_dir(Cookie::START, &mut |entry| {
            names.push(entry.name);
            ControlFlow::Continue(())
        })
        .expect("it can be listed");
        assert_eq!(names, ["f", "d", "l"]);
    }
}
