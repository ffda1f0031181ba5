//! Files made of a reader or of a function that reads.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Mutex;

use super::adapter::{lock, sane, stat_of, uninterrupted};
use crate::errno::Errno;
use crate::vfs::{File, FileType, Stat, VfsError, VfsResult};

/// A read-only file over anything that reads and seeks, of the length it has when it is wrapped. Should it end before
/// that when it is read, that is an I/O error.
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
        let buf = within(buf, self.len - offset);
        let mut reader = lock(&self.reader);
        reader.seek(SeekFrom::Start(offset))?;
        let read = uninterrupted(|| reader.read(buf))?;
        not_short(sane(read, buf.len())?)
    }

    fn len(&self) -> VfsResult<u64> {
        Ok(self.len)
    }

    fn stat(&self) -> VfsResult<Stat> {
        Ok(stat_of(FileType::RegularFile, self.len))
    }
}

/// The part of a buffer for what is left of a file.
fn within(buf: &mut [u8], left: u64) -> &mut [u8] {
    let len = usize::try_from(left).map_or(buf.len(), |left| left.min(buf.len()));
    &mut buf[..len]
}

/// An end where more was to come would pass for the end of the file.
fn not_short(count: usize) -> VfsResult<usize> {
    match count {
        0 => Err(VfsError::with_context(
            Errno::Io,
            "the file ended before the length it had",
        )),
        count => Ok(count),
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
    /// Wraps `read`, which fills a buffer with bytes from an offset on and returns how many, one at least: it is
    /// not asked for what is behind `len`, the length of the whole, and a 0 before that is an I/O error.
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
        let buf = within(buf, self.len - offset);
        let read = uninterrupted(|| (self.read)(offset, buf))?;
        not_short(sane(read, buf.len())?)
    }

    fn len(&self) -> VfsResult<u64> {
        Ok(self.len)
    }

    fn stat(&self) -> VfsResult<Stat> {
        Ok(stat_of(FileType::RegularFile, self.len))
    }
}
