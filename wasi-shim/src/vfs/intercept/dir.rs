//! A directory behind a hook.

use std::any::Any;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::file::HookedFile;
use super::trail::Trail;
use super::{Call, Hook, Operation, pass};
use crate::errno::Errno;
use crate::vfs::{Cookie, Dir, DirEntry, File, Name, OpenOptions, SetTimes, Stat, VfsResult};

pub(super) struct HookedDir<H> {
    pub(super) inner: Arc<dyn Dir>,
    pub(super) hook: Arc<H>,
    pub(super) trail: Arc<Trail>,
}

impl<H: Hook> HookedDir<H> {
    fn call<'a>(&'a self, operation: Operation, name: Option<Name<'a>>) -> Call<'a> {
        Call {
            operation,
            trail: &self.trail,
            name: name.map(Name::as_str),
            to: None,
            offset: None,
            len: 0,
        }
    }

    fn own<T>(&self, operation: Operation, run: impl FnOnce() -> VfsResult<T>) -> VfsResult<T> {
        pass(&*self.hook, &self.call(operation, None), run)
    }

    fn at<T>(
        &self,
        operation: Operation,
        name: Name<'_>,
        run: impl FnOnce() -> VfsResult<T>,
    ) -> VfsResult<T> {
        pass(&*self.hook, &self.call(operation, Some(name)), run)
    }

    /// An operation on a name here and one in another directory, which has to be behind the same
    /// hook.
    fn between(
        &self,
        operation: Operation,
        from: Name<'_>,
        (to_dir, to): (&dyn Dir, Name<'_>),
        run: impl FnOnce(&dyn Dir) -> VfsResult<()>,
    ) -> VfsResult<()> {
        let to_dir = to_dir
            .as_any()
            .downcast_ref::<HookedDir<H>>()
            .filter(|dir| Arc::ptr_eq(&dir.hook, &self.hook));
        let call = Call {
            to: to_dir.map(|dir| (&*dir.trail, to.as_str())),
            ..self.call(operation, Some(from))
        };
        pass(&*self.hook, &call, || {
            run(&*to_dir.ok_or(Errno::Xdev)?.inner)
        })
    }
}

#[warn(clippy::missing_trait_methods)]
impl<H: Hook> Dir for HookedDir<H> {
    fn open_file(&self, name: Name<'_>, options: OpenOptions) -> VfsResult<Arc<dyn File>> {
        let inner = self.at(Operation::OpenFile, name, || {
            self.inner.open_file(name, options)
        })?;
        Ok(Arc::new(HookedFile {
            inner,
            hook: Arc::clone(&self.hook),
            trail: self.trail.below(name.as_str()),
        }))
    }

    fn open_dir(&self, name: Name<'_>) -> VfsResult<Arc<dyn Dir>> {
        let inner = self.at(Operation::OpenDir, name, || self.inner.open_dir(name))?;
        Ok(Arc::new(Self {
            inner,
            hook: Arc::clone(&self.hook),
            trail: self.trail.below(name.as_str()),
        }))
    }

    fn stat(&self) -> VfsResult<Stat> {
        self.own(Operation::Stat, || self.inner.stat())
    }

    fn stat_at(&self, name: Name<'_>) -> VfsResult<Stat> {
        self.at(Operation::Stat, name, || self.inner.stat_at(name))
    }

    fn read_dir(
        &self,
        from: Cookie,
        each: &mut dyn FnMut(DirEntry) -> ControlFlow<()>,
    ) -> VfsResult<()> {
        self.own(Operation::ReadDir, || self.inner.read_dir(from, each))
    }

    fn create_dir(&self, name: Name<'_>) -> VfsResult<()> {
        self.at(Operation::CreateDir, name, || self.inner.create_dir(name))
    }

    fn remove_file(&self, name: Name<'_>) -> VfsResult<()> {
        self.at(Operation::RemoveFile, name, || self.inner.remove_file(name))
    }

    fn remove_dir(&self, name: Name<'_>) -> VfsResult<()> {
        self.at(Operation::RemoveDir, name, || self.inner.remove_dir(name))
    }

    fn rename(&self, from: Name<'_>, to_dir: &dyn Dir, to: Name<'_>) -> VfsResult<()> {
        self.between(Operation::Rename, from, (to_dir, to), |inner| {
            self.inner.rename(from, inner, to)
        })
    }

    fn symlink(&self, target: &str, name: Name<'_>) -> VfsResult<()> {
        self.at(Operation::Symlink, name, || {
            self.inner.symlink(target, name)
        })
    }

    fn read_link(&self, name: Name<'_>) -> VfsResult<String> {
        self.at(Operation::ReadLink, name, || self.inner.read_link(name))
    }

    fn hard_link(&self, from: Name<'_>, to_dir: &dyn Dir, to: Name<'_>) -> VfsResult<()> {
        self.between(Operation::HardLink, from, (to_dir, to), |inner| {
            self.inner.hard_link(from, inner, to)
        })
    }

    fn set_times_at(&self, name: Name<'_>, times: SetTimes) -> VfsResult<()> {
        self.at(Operation::SetTimes, name, || {
            self.inner.set_times_at(name, times)
        })
    }

    fn set_times(&self, times: SetTimes) -> VfsResult<()> {
        self.own(Operation::SetTimes, || self.inner.set_times(times))
    }

    fn sync(&self) -> VfsResult<()> {
        self.own(Operation::Sync, || self.inner.sync())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
