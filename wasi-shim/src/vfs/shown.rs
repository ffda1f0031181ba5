//! A file of another tree under another number.

use std::sync::Arc;

use super::{File, SetTimes, Stat, VfsResult};

/// `inner` with its attributes as `show` changes them.
pub(super) fn shown(
    inner: Arc<dyn File>,
    show: impl Fn(Stat) -> Stat + Send + Sync + 'static,
) -> Arc<dyn File> {
    Arc::new(ShownFile { inner, show })
}

struct ShownFile<F> {
    inner: Arc<dyn File>,
    show: F,
}

#[warn(clippy::missing_trait_methods)]
impl<F: Fn(Stat) -> Stat + Send + Sync + 'static> File for ShownFile<F> {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> VfsResult<usize> {
        self.inner.read_at(offset, buf)
    }

    fn len(&self) -> VfsResult<u64> {
        self.inner.len()
    }

    fn stat(&self) -> VfsResult<Stat> {
        Ok((self.show)(self.inner.stat()?))
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
