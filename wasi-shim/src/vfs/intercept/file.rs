//! A file behind a hook.

use std::sync::Arc;

use super::trail::Trail;
use super::{Call, Hook, Operation, pass, transfer};
use crate::vfs::{File, SetTimes, Stat, VfsResult};

pub(super) struct HookedFile<H> {
    pub(super) inner: Arc<dyn File>,
    pub(super) hook: Arc<H>,
    pub(super) trail: Arc<Trail>,
}

impl<H: Hook> HookedFile<H> {
    fn call(&self, operation: Operation, offset: Option<u64>, len: usize) -> Call<'_> {
        Call {
            operation,
            trail: &self.trail,
            name: None,
            to: None,
            offset,
            len,
        }
    }

    fn pass<T>(
        &self,
        operation: Operation,
        offset: Option<u64>,
        run: impl FnOnce() -> VfsResult<T>,
    ) -> VfsResult<T> {
        pass(&*self.hook, &self.call(operation, offset, 0), run)
    }
}

#[warn(clippy::missing_trait_methods)]
impl<H: Hook> File for HookedFile<H> {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> VfsResult<usize> {
        let call = self.call(Operation::Read, Some(offset), buf.len());
        let read = |most: usize| self.inner.read_at(offset, &mut buf[..most]);
        transfer(&*self.hook, &call, read, |count| *count)
    }

    fn len(&self) -> VfsResult<u64> {
        self.pass(Operation::Stat, None, || self.inner.len())
    }

    fn stat(&self) -> VfsResult<Stat> {
        self.pass(Operation::Stat, None, || self.inner.stat())
    }

    fn is_empty(&self) -> VfsResult<bool> {
        self.pass(Operation::Stat, None, || self.inner.is_empty())
    }

    fn write_at(&self, offset: u64, data: &[u8]) -> VfsResult<usize> {
        let call = self.call(Operation::Write, Some(offset), data.len());
        let write = |most: usize| self.inner.write_at(offset, &data[..most]);
        transfer(&*self.hook, &call, write, |count| *count)
    }

    fn append(&self, data: &[u8]) -> VfsResult<(usize, u64)> {
        let call = self.call(Operation::Append, None, data.len());
        let append = |most: usize| self.inner.append(&data[..most]);
        transfer(&*self.hook, &call, append, |(count, _)| *count)
    }

    fn set_len(&self, len: u64) -> VfsResult<()> {
        self.pass(Operation::SetLen, Some(len), || self.inner.set_len(len))
    }

    fn allocate(&self, offset: u64, len: u64) -> VfsResult<()> {
        self.pass(Operation::Allocate, Some(offset), || {
            self.inner.allocate(offset, len)
        })
    }

    fn set_times(&self, times: SetTimes) -> VfsResult<()> {
        self.pass(Operation::SetTimes, None, || self.inner.set_times(times))
    }

    fn sync(&self, data_only: bool) -> VfsResult<()> {
        self.pass(Operation::Sync, None, || self.inner.sync(data_only))
    }

    fn seekable(&self) -> bool {
        self.inner.seekable()
    }
}
