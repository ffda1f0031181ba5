//! A file with the numbers and times that are shown.

use std::sync::Arc;

use super::nodes::{Node, World};
use crate::vfs::{File, SetTimes, Stat, VfsResult};

pub(super) struct SteadyFile {
    pub(super) inner: Arc<dyn File>,
    pub(super) node: Arc<Node>,
    pub(super) world: Arc<World>,
}

impl SteadyFile {
    fn written(&self) {
        self.node.written(self.world.now());
    }
}

#[warn(clippy::missing_trait_methods)]
impl File for SteadyFile {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> VfsResult<usize> {
        self.inner.read_at(offset, buf)
    }

    fn len(&self) -> VfsResult<u64> {
        self.inner.len()
    }

    fn stat(&self) -> VfsResult<Stat> {
        Ok(self.node.shown(self.inner.stat()?))
    }

    fn is_empty(&self) -> VfsResult<bool> {
        self.inner.is_empty()
    }

    fn write_at(&self, offset: u64, data: &[u8]) -> VfsResult<usize> {
        let count = self.inner.write_at(offset, data)?;
        self.written();
        Ok(count)
    }

    fn append(&self, data: &[u8]) -> VfsResult<(usize, u64)> {
        let appended = self.inner.append(data)?;
        self.written();
        Ok(appended)
    }

    fn set_len(&self, len: u64) -> VfsResult<()> {
        self.inner.set_len(len)?;
        self.written();
        Ok(())
    }

    fn allocate(&self, offset: u64, len: u64) -> VfsResult<()> {
        self.inner.allocate(offset, len)?;
        self.written();
        Ok(())
    }

    fn set_times(&self, times: SetTimes) -> VfsResult<()> {
        self.inner.set_times(times)?;
        if times != SetTimes::default() {
            self.node.set(times, self.world.now());
        }
        Ok(())
    }

    fn sync(&self, data_only: bool) -> VfsResult<()> {
        self.inner.sync(data_only)
    }

    fn seekable(&self) -> bool {
        self.inner.seekable()
    }
}
