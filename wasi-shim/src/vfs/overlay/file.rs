//! Open files of an overlay.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::copy::{Copy, copy_up};
use super::node::Node;
use super::{Fs, Id, LOWER, id_of, with_id};
use crate::errno::Errno;
use crate::vfs::shown::shown;
use crate::vfs::{File, Name, SetTimes, Stat, VfsResult};

/// A file that was open in the lower tree when it was opened; shared by its handles. When it is
/// copied up, they all go on with the copy.
pub(super) struct LowerFile {
    current: RwLock<Current>,
    dir: Arc<Node>,
    name: Box<str>,
}

struct Current {
    file: Arc<dyn File>,
    layer: Layer,
}

enum Layer {
    /// Still in the lower tree.
    Lower {
        /// Its name was removed or replaced, so that it can never be copied: what would be changed
        /// of the copy is changed here.
        unlinked: bool,
        times: SetTimes,
    },
    /// In the upper tree, with the number it is to show.
    Upper { id: Option<Id> },
}

impl LowerFile {
    pub(super) fn new(file: Arc<dyn File>, dir: Arc<Node>, name: Name<'_>) -> Self {
        let layer = Layer::Lower {
            unlinked: false,
            times: SetTimes::default(),
        };
        Self {
            current: RwLock::new(Current { file, layer }),
            dir,
            name: name.as_str().into(),
        }
    }

    /// The file was copied; with `same_number` the copy shows the number of the original.
    pub(super) fn went_up(&self, copy: Arc<dyn File>, same_number: bool) {
        let mut current = self.current_mut();
        let lower = current.file.stat().map(|stat| id_of(&LOWER.apply(stat)));
        let id = lower.ok().filter(|_| same_number);
        *current = Current {
            file: copy,
            layer: Layer::Upper { id },
        };
    }

    /// The name was removed or replaced.
    pub(super) fn lost_its_name(&self) {
        if let Layer::Lower { unlinked, .. } = &mut self.current_mut().layer {
            *unlinked = true;
        }
    }

    fn current(&self) -> RwLockReadGuard<'_, Current> {
        self.current.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn current_mut(&self) -> RwLockWriteGuard<'_, Current> {
        self.current.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn stat(&self) -> VfsResult<Stat> {
        let current = self.current();
        let stat = current.file.stat()?;
        Ok(match &current.layer {
            Layer::Lower { unlinked, times } => Stat {
                nlink: stat.nlink.saturating_sub(u64::from(*unlinked)),
                atim: times.atim.unwrap_or(stat.atim),
                mtim: times.mtim.unwrap_or(stat.mtim),
                ..LOWER.apply(stat)
            },
            Layer::Upper { id } => with_id(stat, *id),
        })
    }

    fn set_times(&self, fs: &Fs, new: SetTimes) -> VfsResult<()> {
        let _names = fs.names_mut();
        let has_name = matches!(
            self.current().layer,
            Layer::Lower {
                unlinked: false,
                ..
            }
        );
        if has_name {
            copy_up(fs, &self.dir, Name::new(&self.name)?, Copy::Everything)?;
        }
        let mut current = self.current_mut();
        match &mut current.layer {
            Layer::Lower { times, .. } => {
                times.atim = new.atim.or(times.atim);
                times.mtim = new.mtim.or(times.mtim);
                Ok(())
            }
            Layer::Upper { .. } => current.file.set_times(new),
        }
    }
}

/// A handle of a file of the lower tree, which was not opened to be written.
pub(super) struct LowerHandle {
    pub(super) fs: Arc<Fs>,
    pub(super) file: Arc<LowerFile>,
    pub(super) read: bool,
}

#[warn(clippy::missing_trait_methods)]
impl File for LowerHandle {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> VfsResult<usize> {
        if !self.read {
            return Err(Errno::Badf.into());
        }
        self.file.current().file.read_at(offset, buf)
    }

    fn len(&self) -> VfsResult<u64> {
        self.file.current().file.len()
    }

    fn stat(&self) -> VfsResult<Stat> {
        self.file.stat()
    }

    fn is_empty(&self) -> VfsResult<bool> {
        self.file.current().file.is_empty()
    }

    fn write_at(&self, _offset: u64, _data: &[u8]) -> VfsResult<usize> {
        Err(Errno::Badf.into())
    }

    fn append(&self, _data: &[u8]) -> VfsResult<(usize, u64)> {
        Err(Errno::Badf.into())
    }

    fn set_len(&self, _len: u64) -> VfsResult<()> {
        Err(Errno::Badf.into())
    }

    fn allocate(&self, _offset: u64, _len: u64) -> VfsResult<()> {
        Err(Errno::Badf.into())
    }

    fn set_times(&self, times: SetTimes) -> VfsResult<()> {
        self.file.set_times(&self.fs, times)
    }

    fn sync(&self, data_only: bool) -> VfsResult<()> {
        self.file.current().file.sync(data_only)
    }

    fn seekable(&self) -> bool {
        self.file.current().file.seekable()
    }
}

/// `inner`, a file of the upper tree with these attributes, with the number of the file it is a copy of.
pub(super) fn upper_file(fs: &Fs, inner: Arc<dyn File>, stat: &Stat) -> Arc<dyn File> {
    match fs.origin(stat) {
        Some(id) => shown(inner, move |stat| with_id(stat, Some(id))),
        None => inner,
    }
}
