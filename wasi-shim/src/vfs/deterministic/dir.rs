//! A directory with the numbers, times and order that are shown.

use std::any::Any;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

use super::file::SteadyFile;
use super::listing::Listing;
use super::nodes::{Node, World};
use crate::errno::Errno;
use crate::vfs::{
    Cookie, Create, Dir, DirEntry, File, Name, OpenOptions, SetTimes, Stat, VfsResult,
};

pub(super) struct SteadyDir {
    inner: Arc<dyn Dir>,
    node: Arc<Node>,
    world: Arc<World>,
    listing: Mutex<Listing>,
}

impl SteadyDir {
    pub(super) fn new(world: &Arc<World>, inner: Arc<dyn Dir>) -> VfsResult<Self> {
        Ok(Self {
            node: world.node(&inner.stat()?),
            inner,
            world: Arc::clone(world),
            listing: Mutex::default(),
        })
    }

    /// `other` as a directory that is shown together with this one.
    fn same_world<'a>(&self, other: &'a dyn Dir) -> VfsResult<&'a SteadyDir> {
        other
            .as_any()
            .downcast_ref::<SteadyDir>()
            .filter(|dir| Arc::ptr_eq(&dir.world, &self.world))
            .ok_or_else(|| Errno::Xdev.into())
    }

    /// A name was added here. That is done, whatever the tree says about it afterwards.
    fn added(&self, name: Name<'_>) {
        let now = self.world.now();
        self.node.written(now);
        if let Ok(stat) = self.inner.stat_at(name) {
            self.world.made(&stat, now);
        }
    }

    /// Removes a name, and what is known of it if it was the last.
    fn remove(&self, name: Name<'_>, remove: impl FnOnce() -> VfsResult<()>) -> VfsResult<()> {
        let stat = self.inner.stat_at(name);
        remove()?;
        let now = self.world.now();
        self.node.written(now);
        if let Ok(stat) = stat {
            self.world.unlinked(&stat, now);
        }
        Ok(())
    }

    fn names(&self) -> VfsResult<Vec<String>> {
        let mut names = Vec::new();
        self.inner.read_dir(Cookie::START, &mut |entry| {
            // A backend's name is not believed.
            if Name::new(&entry.name).is_ok() {
                names.push(entry.name);
            }
            ControlFlow::Continue(())
        })?;
        Ok(names)
    }
}

#[warn(clippy::missing_trait_methods)]
impl Dir for SteadyDir {
    fn open_file(&self, name: Name<'_>, options: OpenOptions) -> VfsResult<Arc<dyn File>> {
        let is_new = options.create != Create::Never && self.inner.stat_at(name).is_err();
        let inner = self.inner.open_file(name, options)?;
        let stat = inner.stat()?;
        let node = if is_new {
            let now = self.world.now();
            self.node.written(now);
            self.world.made(&stat, now)
        } else {
            let node = self.world.node(&stat);
            if options.truncate {
                node.written(self.world.now());
            }
            node
        };
        Ok(Arc::new(SteadyFile {
            inner,
            node,
            world: Arc::clone(&self.world),
        }))
    }

    fn open_dir(&self, name: Name<'_>) -> VfsResult<Arc<dyn Dir>> {
        Ok(Arc::new(Self::new(
            &self.world,
            self.inner.open_dir(name)?,
        )?))
    }

    fn stat(&self) -> VfsResult<Stat> {
        Ok(self.node.shown(self.inner.stat()?))
    }

    fn stat_at(&self, name: Name<'_>) -> VfsResult<Stat> {
        let stat = self.inner.stat_at(name)?;
        Ok(self.world.node(&stat).shown(stat))
    }

    fn read_dir(
        &self,
        from: Cookie,
        each: &mut dyn FnMut(DirEntry) -> ControlFlow<()>,
    ) -> VfsResult<()> {
        let listing = || self.listing.lock().unwrap_or_else(PoisonError::into_inner);
        if from == Cookie::START || listing().is_empty() {
            let names = self.names()?;
            listing().refresh(names);
        }
        let Some(rest) = listing().after(from.0) else {
            return Ok(());
        };
        for (text, cookie) in rest.iter() {
            let name = Name::new(text)?;
            // What went away since it was listed is no error.
            let Ok(stat) = self.inner.stat_at(name) else {
                continue;
            };
            let entry = DirEntry {
                next: Cookie(cookie),
                ino: self.world.node(&stat).ino(),
                name: text.to_owned(),
                file_type: stat.file_type,
            };
            if each(entry).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn create_dir(&self, name: Name<'_>) -> VfsResult<()> {
        self.inner.create_dir(name)?;
        self.added(name);
        Ok(())
    }

    fn remove_file(&self, name: Name<'_>) -> VfsResult<()> {
        self.remove(name, || self.inner.remove_file(name))
    }

    fn remove_dir(&self, name: Name<'_>) -> VfsResult<()> {
        self.remove(name, || self.inner.remove_dir(name))
    }

    fn rename(&self, from: Name<'_>, to_dir: &dyn Dir, to: Name<'_>) -> VfsResult<()> {
        let to_dir = self.same_world(to_dir)?;
        let moved = self.inner.stat_at(from);
        let replaced = to_dir.inner.stat_at(to).ok();
        self.inner.rename(from, &*to_dir.inner, to)?;
        let Ok(moved) = moved else { return Ok(()) };
        let same = |stat: &Stat| (stat.dev, stat.ino) == (moved.dev, moved.ino);
        if replaced.as_ref().is_some_and(same) {
            return Ok(());
        }
        let now = self.world.now();
        self.node.written(now);
        to_dir.node.written(now);
        if let Some(replaced) = replaced {
            self.world.unlinked(&replaced, now);
        }
        self.world.node(&moved).changed(now);
        Ok(())
    }

    fn symlink(&self, target: &str, name: Name<'_>) -> VfsResult<()> {
        self.inner.symlink(target, name)?;
        self.added(name);
        Ok(())
    }

    fn read_link(&self, name: Name<'_>) -> VfsResult<String> {
        self.inner.read_link(name)
    }

    fn hard_link(&self, from: Name<'_>, to_dir: &dyn Dir, to: Name<'_>) -> VfsResult<()> {
        let to_dir = self.same_world(to_dir)?;
        self.inner.hard_link(from, &*to_dir.inner, to)?;
        let now = self.world.now();
        to_dir.node.written(now);
        if let Ok(stat) = self.inner.stat_at(from) {
            self.world.node(&stat).changed(now);
        }
        Ok(())
    }

    fn set_times_at(&self, name: Name<'_>, times: SetTimes) -> VfsResult<()> {
        self.inner.set_times_at(name, times)?;
        if times != SetTimes::default() {
            let now = self.world.now();
            if let Ok(stat) = self.inner.stat_at(name) {
                self.world.node(&stat).set(times, now);
            }
        }
        Ok(())
    }

    fn set_times(&self, times: SetTimes) -> VfsResult<()> {
        self.inner.set_times(times)?;
        if times != SetTimes::default() {
            self.node.set(times, self.world.now());
        }
        Ok(())
    }

    fn sync(&self) -> VfsResult<()> {
        self.inner.sync()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
