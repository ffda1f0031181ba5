//! A file of a mounted tree: the tree's own, with the device number of the mount.

use std::sync::Arc;

use crate::vfs::tag::Tag;
use crate::vfs::{File, SetTimes, Stat, VfsResult};

/// `inner` as a file of the tree with this tag.
pub(super) fn tagged(inner: Arc<dyn File>, tag: Tag) -> Arc<dyn File> {
    if tag == Tag::default() {
        inner
    } else {
        Arc::new(MountFile { inner, tag })
    }
}

struct MountFile {
    inner: Arc<dyn File>,
    tag: Tag,
}

#[warn(clippy::missing_trait_methods)]
impl File for MountFile {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> VfsResult<usize> {
        self.inner.read_at(offset, buf)
    }

    fn len(&self) -> VfsResult<u64> {
        self.inner.len()
    }

    fn stat(&self) -> VfsResult<Stat> {
        Ok(self.tag.apply(self.inner.stat()?))
    }

    fn is_empty(&self) -> VfsResult<bool> {
        self.inner.is_empty()
    }

    fn write_at(&self, offset: u64, data: &[u8]) -> VfsResult<usize> {
        self.inner.write_at(offset, data)
    }

    fn append(&self, data: &[u8]) -> VfsResult<(usize, u64)> {
        self.inner.append(data)
    }

    fn set_len(&self, len: u64) -> VfsResult<()> {
        self.inner.set_len(len)
    }

    fn allocate(&self, offset: u64, len: u64) -> VfsResult<()> {
        self.inner.allocate(offset, len)
    }

    fn set_times(&self, times: SetTimes) -> VfsResult<()> {
        self.inner.set_times(times)
    }

    fn sync(&self, data_only: bool) -> VfsResult<()> {
        self.inner.sync(data_only)
    }

    fn seekable(&self) -> bool {
        self.inner.seekable()
    }
}
