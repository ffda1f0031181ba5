//! Where a job writes what another thread takes: a stream that may stay empty.

use std::io::Write;

use afmpeg_wasi::vfs::{File, FileType, SetTimes, Stat, VfsResult, WriterFile};

/// A writer as a device: unlike that of a file, its emptiness is no sign that something went wrong.
pub(super) struct Pipe<W>(WriterFile<W>);

impl<W: Write + Send + 'static> Pipe<W> {
    pub(super) fn new(writer: W) -> Self {
        Self(WriterFile::new(writer))
    }
}

#[deny(
    clippy::missing_trait_methods,
    reason = "a decorator forwards every method"
)]
impl<W: Write + Send + 'static> File for Pipe<W> {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> VfsResult<usize> {
        self.0.read_at(offset, buf)
    }

    fn len(&self) -> VfsResult<u64> {
        self.0.len()
    }

    fn stat(&self) -> VfsResult<Stat> {
        Ok(Stat {
            file_type: FileType::CharacterDevice,
            ..self.0.stat()?
        })
    }

    fn is_empty(&self) -> VfsResult<bool> {
        self.0.is_empty()
    }

    fn write_at(&self, offset: u64, data: &[u8]) -> VfsResult<usize> {
        self.0.write_at(offset, data)
    }

    fn append(&self, data: &[u8]) -> VfsResult<(usize, u64)> {
        self.0.append(data)
    }

    fn set_len(&self, len: u64) -> VfsResult<()> {
        self.0.set_len(len)
    }

    fn allocate(&self, offset: u64, len: u64) -> VfsResult<()> {
        self.0.allocate(offset, len)
    }

    fn set_times(&self, times: SetTimes) -> VfsResult<()> {
        self.0.set_times(times)
    }

    fn sync(&self, data_only: bool) -> VfsResult<()> {
        self.0.sync(data_only)
    }

    fn seekable(&self) -> bool {
        self.0.seekable()
    }
}
