//! Files made of a writer.

use std::io::{Seek, SeekFrom, Write};
use std::sync::Mutex;

use super::adapter::{lock, sane, stat_of, uninterrupted};
use crate::errno::Errno;
use crate::vfs::{File, FileType, SetTimes, Stat, VfsError, VfsResult};

/// A write-only stream over anything that takes bytes. Bytes leave in order, so a write anywhere
/// but at the end is `Spipe`: formats that go back to finish their header need a [`SeekWriterFile`].
pub struct WriterFile<W> {
    pub(super) state: Mutex<WriterState<W>>,
}

pub(super) struct WriterState<W> {
    pub(super) writer: W,
    written: u64,
}

impl<W: Write + Send + 'static> WriterFile<W> {
    /// Wraps a writer. It is flushed by `sync`, not after every write.
    pub fn new(writer: W) -> Self {
        Self {
            state: Mutex::new(WriterState { writer, written: 0 }),
        }
    }
}

impl<W: Write + Send + 'static> File for WriterFile<W> {
    fn read_at(&self, _offset: u64, _buf: &mut [u8]) -> VfsResult<usize> {
        Err(Errno::Badf.into())
    }

    fn len(&self) -> VfsResult<u64> {
        Ok(lock(&self.state).written)
    }

    fn stat(&self) -> VfsResult<Stat> {
        Ok(stat_of(FileType::RegularFile, self.len()?))
    }

    fn write_at(&self, offset: u64, data: &[u8]) -> VfsResult<usize> {
        let mut state = lock(&self.state);
        if data.is_empty() {
            return Ok(0);
        }
        if offset != state.written {
            return Err(VfsError::with_context(
                Errno::Spipe,
                "a stream is written in order",
            ));
        }
        let written = uninterrupted(|| state.writer.write(data))?;
        if written == 0 {
            return Err(VfsError::with_context(
                Errno::Io,
                "the writer took no bytes",
            ));
        }
        let written = sane(written, data.len())?;
        state.written = state.written.saturating_add(written as u64);
        Ok(written)
    }

    fn append(&self, data: &[u8]) -> VfsResult<(usize, u64)> {
        let end = self.len()?;
        let written = self.write_at(end, data)?;
        Ok((written, end.saturating_add(written as u64)))
    }

    fn set_len(&self, len: u64) -> VfsResult<()> {
        if len == lock(&self.state).written {
            Ok(())
        } else {
            Err(Errno::Spipe.into())
        }
    }

    fn allocate(&self, offset: u64, len: u64) -> VfsResult<()> {
        let _ = (offset, len);
        Err(Errno::Notsup.into())
    }

    fn set_times(&self, _times: SetTimes) -> VfsResult<()> {
        Ok(())
    }

    fn sync(&self, _data_only: bool) -> VfsResult<()> {
        Ok(lock(&self.state).writer.flush()?)
    }
}

/// A write-only file over anything that takes bytes anywhere, for example a file of the host that the
/// caller has open already.
///
/// It begins with what the writer holds when it is wrapped and can grow, but not be cut, which a writer
/// has no way to do.
pub struct SeekWriterFile<W> {
    pub(super) state: Mutex<SeekState<W>>,
}

pub(super) struct SeekState<W> {
    pub(super) writer: W,
    /// Where the writer is; unknown after an error.
    position: Option<u64>,
    len: u64,
}

impl<W: Write + Seek + Send + 'static> SeekWriterFile<W> {
    /// Wraps a writer. It is flushed by `sync`, not after every write.
    ///
    /// # Errors
    ///
    /// What the writer answers when it is asked for its end.
    pub fn new(mut writer: W) -> VfsResult<Self> {
        let len = writer.seek(SeekFrom::End(0))?;
        let state = SeekState {
            writer,
            position: Some(len),
            len,
        };
        Ok(Self {
            state: Mutex::new(state),
        })
    }
}

impl<W: Write + Seek> SeekState<W> {
    fn write(&mut self, offset: u64, data: &[u8]) -> VfsResult<usize> {
        if data.is_empty() {
            return Ok(0);
        }
        if offset.checked_add(data.len() as u64).is_none() {
            return Err(Errno::Fbig.into());
        }
        if self.position.take() != Some(offset) {
            self.writer.seek(SeekFrom::Start(offset))?;
        }
        let written = uninterrupted(|| self.writer.write(data))?;
        if written == 0 {
            return Err(VfsError::with_context(
                Errno::Io,
                "the writer took no bytes",
            ));
        }
        let written = sane(written, data.len())?;
        let end = offset + written as u64;
        self.position = Some(end);
        self.len = self.len.max(end);
        Ok(written)
    }

    /// Makes the file this long. The bytes between its end and a write behind it are what the writer
    /// makes of them: zeros in files.
    fn grow(&mut self, len: u64) -> VfsResult<()> {
        match len.checked_sub(1) {
            Some(last) if len > self.len => self.write(last, &[0]).map(drop),
            _ => Ok(()),
        }
    }
}

impl<W: Write + Seek + Send + 'static> File for SeekWriterFile<W> {
    fn read_at(&self, _offset: u64, _buf: &mut [u8]) -> VfsResult<usize> {
        Err(Errno::Badf.into())
    }

    fn len(&self) -> VfsResult<u64> {
        Ok(lock(&self.state).len)
    }

    fn stat(&self) -> VfsResult<Stat> {
        Ok(stat_of(FileType::RegularFile, self.len()?))
    }

    fn write_at(&self, offset: u64, data: &[u8]) -> VfsResult<usize> {
        lock(&self.state).write(offset, data)
    }

    fn append(&self, data: &[u8]) -> VfsResult<(usize, u64)> {
        let mut state = lock(&self.state);
        let end = state.len;
        let written = state.write(end, data)?;
        Ok((written, end + written as u64))
    }

    fn set_len(&self, len: u64) -> VfsResult<()> {
        let mut state = lock(&self.state);
        if len < state.len {
            return Err(VfsError::with_context(
                Errno::Notsup,
                "a writer cannot be cut",
            ));
        }
        state.grow(len)
    }

    fn allocate(&self, offset: u64, len: u64) -> VfsResult<()> {
        if len == 0 {
            return Err(Errno::Inval.into());
        }
        let end = offset.checked_add(len).ok_or(Errno::Fbig)?;
        lock(&self.state).grow(end)
    }

    fn set_times(&self, _times: SetTimes) -> VfsResult<()> {
        Ok(())
    }

    fn sync(&self, _data_only: bool) -> VfsResult<()> {
        Ok(lock(&self.state).writer.flush()?)
    }
}
