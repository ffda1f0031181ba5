//! An open file of a memory filesystem.

use std::sync::Arc;

use super::fs::OpenNode;
use super::node::Node;
use crate::errno::Errno;
use crate::vfs::{File, OpenOptions, SetTimes, Stat, VfsResult};

pub(super) struct MemFile {
    open: Arc<OpenNode>,
    read: bool,
    write: bool,
}

impl MemFile {
    /// Opens a node whose name was found or made; `options.create` is already dealt with.
    pub(super) fn open(open: Arc<OpenNode>, options: OpenOptions) -> VfsResult<Arc<dyn File>> {
        let file = Self {
            open,
            read: options.read,
            write: options.write,
        };
        if options.truncate {
            file.truncate(0)?;
        }
        Ok(Arc::new(file))
    }

    fn writable(&self) -> VfsResult<()> {
        if self.write {
            Ok(())
        } else {
            Err(Errno::Badf.into())
        }
    }

    /// Changes the contents, and the times with them unless it fails.
    fn change<T>(&self, change: impl FnOnce(&Node) -> VfsResult<T>) -> VfsResult<T> {
        let now = self.open.fs.now();
        let _changing = self.open.fs.changing();
        self.open.change(|node| {
            let value = change(node)?;
            node.modified(now);
            Ok(value)
        })
    }

    fn truncate(&self, len: u64) -> VfsResult<()> {
        self.change(|node| node.contents_mut()?.set_len(len, &self.open.fs.budget))
    }
}

impl File for MemFile {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> VfsResult<usize> {
        if !self.read {
            return Err(Errno::Badf.into());
        }
        self.open
            .look(|node| Ok(node.contents()?.read(offset, buf)))
    }

    fn len(&self) -> VfsResult<u64> {
        self.open.look(|node| Ok(node.contents()?.len()))
    }

    fn stat(&self) -> VfsResult<Stat> {
        Ok(self.open.look(Node::stat))
    }

    fn write_at(&self, offset: u64, data: &[u8]) -> VfsResult<usize> {
        self.writable()?;
        if data.is_empty() {
            return Ok(0);
        }
        let budget = &self.open.fs.budget;
        self.change(|node| node.contents_mut()?.write(offset, data, budget))?;
        Ok(data.len())
    }

    fn append(&self, data: &[u8]) -> VfsResult<(usize, u64)> {
        self.writable()?;
        if data.is_empty() {
            return Ok((0, self.len()?));
        }
        let end = self.change(|node| {
            let mut contents = node.contents_mut()?;
            let end = contents.len();
            contents.write(end, data, &self.open.fs.budget)?;
            Ok(contents.len())
        })?;
        Ok((data.len(), end))
    }

    fn set_len(&self, len: u64) -> VfsResult<()> {
        self.writable()?;
        self.truncate(len)
    }

    fn allocate(&self, offset: u64, len: u64) -> VfsResult<()> {
        self.writable()?;
        if len == 0 {
            return Err(Errno::Inval.into());
        }
        let budget = &self.open.fs.budget;
        self.change(|node| node.contents_mut()?.allocate(offset, len, budget))
    }

    fn set_times(&self, times: SetTimes) -> VfsResult<()> {
        let now = self.open.fs.now();
        let _changing = self.open.fs.changing();
        self.open.owned().set_times(times, now);
        Ok(())
    }
}
