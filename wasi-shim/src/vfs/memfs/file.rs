//! An open file of a memory filesystem.

use std::sync::Arc;

use super::node::FileNode;
use crate::errno::Errno;
use crate::vfs::{File, OpenOptions, SetTimes, Stat, VfsResult};

pub(super) struct MemFile {
    node: Arc<FileNode>,
    read: bool,
    write: bool,
}

impl MemFile {
    /// Opens a node whose name was found or made; `options.create` is already dealt with.
    pub(super) fn open(node: Arc<FileNode>, options: OpenOptions) -> VfsResult<Arc<dyn File>> {
        if options.truncate {
            truncate(&node, 0)?;
        }
        Ok(Arc::new(Self {
            node,
            read: options.read,
            write: options.write,
        }))
    }

    fn writable(&self) -> VfsResult<()> {
        if self.write {
            Ok(())
        } else {
            Err(Errno::Badf.into())
        }
    }
}

impl File for MemFile {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> VfsResult<usize> {
        if !self.read {
            return Err(Errno::Badf.into());
        }
        Ok(self.node.contents().read(offset, buf))
    }

    fn len(&self) -> VfsResult<u64> {
        Ok(self.node.contents().len())
    }

    fn stat(&self) -> VfsResult<Stat> {
        Ok(self.node.stat())
    }

    fn write_at(&self, offset: u64, data: &[u8]) -> VfsResult<usize> {
        self.writable()?;
        if data.is_empty() {
            return Ok(0);
        }
        let now = self.node.meta.fs.now();
        self.node
            .contents_mut()
            .write(offset, data, &self.node.meta.fs.budget)?;
        self.node.meta.modified(now);
        Ok(data.len())
    }

    fn append(&self, data: &[u8]) -> VfsResult<(usize, u64)> {
        self.writable()?;
        let now = self.node.meta.fs.now();
        let mut contents = self.node.contents_mut();
        let end = contents.len();
        contents.write(end, data, &self.node.meta.fs.budget)?;
        let end = contents.len();
        drop(contents);
        if !data.is_empty() {
            self.node.meta.modified(now);
        }
        Ok((data.len(), end))
    }

    fn set_len(&self, len: u64) -> VfsResult<()> {
        self.writable()?;
        truncate(&self.node, len)
    }

    fn allocate(&self, offset: u64, len: u64) -> VfsResult<()> {
        self.writable()?;
        if len == 0 {
            return Err(Errno::Inval.into());
        }
        let now = self.node.meta.fs.now();
        self.node
            .contents_mut()
            .allocate(offset, len, &self.node.meta.fs.budget)?;
        self.node.meta.modified(now);
        Ok(())
    }

    fn set_times(&self, times: SetTimes) -> VfsResult<()> {
        self.node.meta.set_times(times);
        Ok(())
    }
}

fn truncate(node: &FileNode, len: u64) -> VfsResult<()> {
    let now = node.meta.fs.now();
    node.contents_mut().set_len(len, &node.meta.fs.budget)?;
    node.meta.modified(now);
    Ok(())
}
