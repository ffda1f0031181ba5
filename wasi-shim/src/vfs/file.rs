//! The trait of an open file: positional reads and writes, without a cursor.

use super::{SetTimes, Stat, VfsResult};
use crate::errno::Errno;

/// An open file of a virtual filesystem.
///
/// Every access names its offset; the cursor of a file descriptor is kept by the descriptor table.
/// Calls come from any thread. The defaults are those of a read-only file; a decorator must
/// forward every method.
pub trait File: Send + Sync + 'static {
    /// Reads bytes from `offset` on and returns how many; fewer than asked are fine, 0 only at the
    /// end of the file or for an empty buffer.
    ///
    /// # Errors
    ///
    /// `Badf` when the handle was not opened to be read.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> VfsResult<usize>;

    /// Bytes in the file; 0 for a stream without a length.
    ///
    /// # Errors
    ///
    /// What the backend meets.
    fn len(&self) -> VfsResult<u64>;

    /// The attributes of the file.
    ///
    /// # Errors
    ///
    /// What the backend meets.
    fn stat(&self) -> VfsResult<Stat>;

    /// Whether the file has no bytes.
    ///
    /// # Errors
    ///
    /// As [`File::len`].
    fn is_empty(&self) -> VfsResult<bool> {
        Ok(self.len()? == 0)
    }

    /// Writes bytes at `offset` and returns how many, at least 1 of a non-empty buffer. Bytes
    /// between the old end and `offset` read as zero.
    ///
    /// # Errors
    ///
    /// `Badf` when the handle was not opened to be written, `Fbig` past the largest file, `Nospc`
    /// or `Dquot` when space ran out.
    fn write_at(&self, offset: u64, data: &[u8]) -> VfsResult<usize> {
        let _ = (offset, data);
        Err(Errno::Rofs.into())
    }

    /// Writes bytes at the end of the file and returns how many, and the length of the file just
    /// after them. Appends through one handle never overlap; whether those through several may is
    /// the backend's own.
    ///
    /// # Errors
    ///
    /// As [`File::write_at`].
    fn append(&self, data: &[u8]) -> VfsResult<(usize, u64)> {
        let end = self.len()?;
        let written = self.write_at(end, data)?;
        Ok((written, end.saturating_add(written as u64)))
    }

    /// Cuts the file to `len` bytes, or extends it with zeros.
    ///
    /// # Errors
    ///
    /// As [`File::write_at`].
    fn set_len(&self, len: u64) -> VfsResult<()> {
        let _ = len;
        Err(Errno::Rofs.into())
    }

    /// Makes sure that the file has at least `offset + len` bytes and, where space is counted, that
    /// writing them will not run out of it.
    ///
    /// # Errors
    ///
    /// As [`File::write_at`]; `Inval` when `len` is 0.
    fn allocate(&self, offset: u64, len: u64) -> VfsResult<()> {
        let _ = (offset, len);
        Err(Errno::Rofs.into())
    }

    /// Sets the times of the file.
    ///
    /// # Errors
    ///
    /// What the backend meets.
    fn set_times(&self, times: SetTimes) -> VfsResult<()> {
        let _ = times;
        Err(Errno::Rofs.into())
    }

    /// Makes the contents durable, and the attributes too unless `data_only`.
    ///
    /// # Errors
    ///
    /// What the backend meets.
    fn sync(&self, data_only: bool) -> VfsResult<()> {
        let _ = data_only;
        Ok(())
    }

    /// Whether offsets mean anything. `false` for character devices and streams: there a cursor
    /// stays at 0 and seeking is `Spipe`.
    fn seekable(&self) -> bool {
        true
    }
}
