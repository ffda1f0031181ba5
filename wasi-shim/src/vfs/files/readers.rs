//! Files made of a reader or of a function that reads.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Mutex;

use super::adapter::{lock, sane, stat_of, uninterrupted};
use crate::vfs::{File, FileType, Stat, VfsResult};

/// A read-only file over anything that reads and seeks, of the length it has when it is wrapped.
///
/// The reader is used by one call at a time. For a source that can be read at several places at
/// once, use [`ReadAtFile`].
pub struct ReaderFile<R> {
    reader: Mutex<R>,
    len: u64,
}

impl<R: Read + Seek + Send + 'static> ReaderFile<R> {
    /// Wraps a reader.
    ///
    /// # Errors
    ///
    /// What the reader answers when it is asked for its end.
    pub fn new(mut reader: R) -> VfsResult<Self> {
        let len = reader.seek(SeekFrom::End(0))?;
        Ok(Self {
            reader: Mutex::new(reader),
            len,
        })
    }
}

impl<R: Read + Seek + Send + 'static> File for ReaderFile<R> {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> VfsResult<usize> {
        if offset >= self.len || buf.is_empty() {
            return Ok(0);
        }
        let mut reader = lock(&self.reader);
        reader.seek(SeekFrom::Start(offset))?;
        let read = uninterrupted(|| reader.read(buf))?;
        sane(read, buf.len())
    }

    fn len(&self) -> VfsResult<u64> {
        Ok(self.len)
    }

    fn stat(&self) -> VfsResult<Stat> {
        Ok(stat_of(FileType::RegularFile, self.len))
    }
}

/// A read-only file over a function that reads bytes at an offset.
pub struct ReadAtFile<F> {
    read: F,
    len: u64,
}

impl<F> ReadAtFile<F>
where
    F: Fn(u64, &mut [u8]) -> io::Result<usize> + Send + Sync + 'static,
{
    /// Wraps `read`, which fills a buffer with bytes from an offset on and returns how many, 0 only
    /// at the end; `len` is the length of the whole.
    pub fn new(len: u64, read: F) -> Self {
        Self { read, len }
    }
}

impl<F> File for ReadAtFile<F>
where
    F: Fn(u64, &mut [u8]) -> io::Result<usize> + Send + Sync + 'static,
{
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> VfsResult<usize> {
        if offset >= self.len || buf.is_empty() {
            return Ok(0);
        }
        let read = uninterrupted(|| (self.read)(offset, buf))?;
        sane(read, buf.len())
    }

    fn len(&self) -> VfsResult<u64> {
        Ok(self.len)
    }

    fn stat(&self) -> VfsResult<Stat> {
        Ok(stat_of(FileType::RegularFile, self.len))
    }
}
