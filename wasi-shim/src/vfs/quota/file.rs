//! An open file of a tree with a quota.

use std::sync::Arc;

use super::node::Attached;
use crate::errno::Errno;
use crate::vfs::{File, SetTimes, Stat, VfsResult};

pub(super) struct QuotaFile {
    /// Before `node`: the file is closed before its charge is given back.
    pub(super) inner: Arc<dyn File>,
    pub(super) node: Attached,
}

#[warn(clippy::missing_trait_methods)]
impl File for QuotaFile {
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

    fn write_at(&self, offset: u64, data: &[u8]) -> VfsResult<usize> {
        let len = data.len() as u64;
        if offset.checked_add(len).is_none() {
            return refused(self.inner.write_at(offset, data));
        }
        let state = &self.node.state;
        state.store(&mut state.ledger(), (offset, len), || {
            let count = self.inner.write_at(offset, data)?;
            Ok((count, count as u64))
        })
    }

    fn append(&self, data: &[u8]) -> VfsResult<(usize, u64)> {
        let state = &self.node.state;
        // Nothing else writes to the file while its ledger is held.
        let mut ledger = state.ledger();
        let (end, len) = (self.inner.len()?, data.len() as u64);
        if end.checked_add(len).is_none() {
            return refused(self.inner.append(data));
        }
        state.store(&mut ledger, (end, len), || {
            let (count, end) = self.inner.append(data)?;
            Ok(((count, end), count as u64))
        })
    }

    fn set_len(&self, len: u64) -> VfsResult<()> {
        let state = &self.node.state;
        let mut ledger = state.ledger();
        self.inner.set_len(len)?;
        state.set_len(&mut ledger, len);
        Ok(())
    }

    fn allocate(&self, offset: u64, len: u64) -> VfsResult<()> {
        if offset.checked_add(len).is_none() {
            return refused(self.inner.allocate(offset, len));
        }
        let state = &self.node.state;
        state.store(&mut state.ledger(), (offset, len), || {
            self.inner.allocate(offset, len)?;
            Ok(((), len))
        })
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

/// The answer to a range past the end of all numbers: the backend's own refusal, which may have a
/// better reason.
fn refused<T>(answer: VfsResult<T>) -> VfsResult<T> {
    answer.and(Err(Errno::Fbig.into()))
}
