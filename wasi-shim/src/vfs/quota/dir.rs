//! An open directory of a tree with a quota.

use std::any::Any;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::file::QuotaFile;
use super::node::Shared;
use crate::errno::Errno;
use crate::vfs::{
    Cookie, Create, Dir, DirEntry, File, FileType, Name, OpenOptions, SetTimes, Stat, VfsResult,
};

pub(super) struct QuotaDir {
    pub(super) inner: Arc<dyn Dir>,
    pub(super) shared: Arc<Shared>,
}

impl QuotaDir {
    /// The other directory inside, when it has the same quota.
    fn inner_of<'a>(&self, other: &'a dyn Dir) -> VfsResult<&'a dyn Dir> {
        let other = other.as_any().downcast_ref::<QuotaDir>();
        match other {
            Some(other) if Arc::ptr_eq(&other.shared, &self.shared) => Ok(&*other.inner),
            _ => Err(Errno::Xdev.into()),
        }
    }

    /// Does something that adds a name, after charging for it.
    fn add<T>(&self, run: impl FnOnce() -> VfsResult<T>) -> VfsResult<T> {
        self.shared.budget.charge_node()?;
        let result = run();
        if result.is_err() {
            self.shared.budget.release_node();
        }
        result
    }

    /// What is wrong with a name comes before that there is no room for it.
    fn check_free(&self, name: Name<'_>) -> VfsResult<()> {
        match self.inner.stat_at(name) {
            Ok(_) => Err(Errno::Exist.into()),
            Err(error) if error.errno() == Errno::Noent => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn remove(&self, name: Name<'_>, run: impl FnOnce() -> VfsResult<()>) -> VfsResult<()> {
        let _names = self.shared.names();
        let stat = self.inner.stat_at(name)?;
        run()?;
        self.shared.removed(&stat);
        Ok(())
    }

    fn attach(&self, file: Arc<dyn File>) -> VfsResult<Arc<dyn File>> {
        let stat = file.stat()?;
        if stat.file_type != FileType::RegularFile {
            return Ok(file);
        }
        let node = self.shared.attach(&stat, || file.len())?;
        Ok(Arc::new(QuotaFile { inner: file, node }))
    }
}

#[warn(clippy::missing_trait_methods)]
impl Dir for QuotaDir {
    fn open_file(&self, name: Name<'_>, options: OpenOptions) -> VfsResult<Arc<dyn File>> {
        if !options.changes() {
            return self.attach(self.inner.open_file(name, options)?);
        }
        let _names = self.shared.names();
        let stat = match self.inner.stat_at(name) {
            Ok(stat) => stat,
            Err(error) if error.errno() == Errno::Noent && options.create != Create::Never => {
                let file = self.add(|| self.inner.open_file(name, options))?;
                return self.attach(file);
            }
            Err(error) => return Err(error),
        };
        if !options.truncate || stat.file_type != FileType::RegularFile {
            return self.attach(self.inner.open_file(name, options)?);
        }
        let len = || Ok(self.inner.stat_at(name)?.size);
        let node = self.shared.attach(&stat, len)?;
        // Held over the truncation, so that what is written after it is not taken for what it cut.
        let mut ledger = node.state.ledger();
        let inner = self.inner.open_file(name, options)?;
        node.state.set_len(&mut ledger, 0);
        drop(ledger);
        Ok(Arc::new(QuotaFile { inner, node }))
    }

    fn open_dir(&self, name: Name<'_>) -> VfsResult<Arc<dyn Dir>> {
        Ok(Arc::new(Self {
            inner: self.inner.open_dir(name)?,
            shared: Arc::clone(&self.shared),
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
        let _names = self.shared.names();
        self.check_free(name)?;
        self.add(|| self.inner.create_dir(name))
    }

    fn remove_file(&self, name: Name<'_>) -> VfsResult<()> {
        self.remove(name, || self.inner.remove_file(name))
    }

    fn remove_dir(&self, name: Name<'_>) -> VfsResult<()> {
        self.remove(name, || self.inner.remove_dir(name))
    }

    fn rename(&self, from: Name<'_>, to_dir: &dyn Dir, to: Name<'_>) -> VfsResult<()> {
        let to_dir = self.inner_of(to_dir)?;
        let _names = self.shared.names();
        let moving = self.inner.stat_at(from)?;
        let replaced = to_dir.stat_at(to).ok();
        self.inner.rename(from, to_dir, to)?;
        if let Some(replaced) = replaced
            && (replaced.dev, replaced.ino) != (moving.dev, moving.ino)
        {
            self.shared.removed(&replaced);
        }
        Ok(())
    }

    fn symlink(&self, target: &str, name: Name<'_>) -> VfsResult<()> {
        let _names = self.shared.names();
        self.check_free(name)?;
        let budget = &self.shared.budget;
        self.add(|| {
            let len = target.len() as u64;
            budget.charge_bytes(len)?;
            let result = self.inner.symlink(target, name);
            if result.is_err() {
                budget.release_bytes(len);
            }
            result
        })
    }

    fn read_link(&self, name: Name<'_>) -> VfsResult<String> {
        self.inner.read_link(name)
    }

    fn hard_link(&self, from: Name<'_>, to_dir: &dyn Dir, to: Name<'_>) -> VfsResult<()> {
        let to_dir = self.inner_of(to_dir)?;
        let _names = self.shared.names();
        self.add(|| self.inner.hard_link(from, to_dir, to))
    }

    fn set_times_at(&self, name: Name<'_>, times: SetTimes) -> VfsResult<()> {
        self.inner.set_times_at(name, times)
    }

    fn set_times(&self, times: SetTimes) -> VfsResult<()> {
        self.inner.set_times(times)
    }

    fn sync(&self) -> VfsResult<()> {
        self.inner.sync()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
