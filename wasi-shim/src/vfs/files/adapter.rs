//! Files made of a reader, a function or a writer.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::errno::Errno;
use crate::vfs::{File, FileType, SetTimes, Stat, VfsError, VfsResult};

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
        let read = read_once(|| reader.read(buf))?;
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
        let read = read_once(|| (self.read)(offset, buf))?;
        sane(read, buf.len())
    }

    fn len(&self) -> VfsResult<u64> {
        Ok(self.len)
    }

    fn stat(&self) -> VfsResult<Stat> {
        Ok(stat_of(FileType::RegularFile, self.len))
    }
}

/// A write-only stream over anything that takes bytes. Bytes leave in order, so a write anywhere
/// but at the end is `Spipe`: formats that go back to finish their header need a real file.
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
        let written = read_once(|| state.writer.write(data))?;
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

fn stat_of(file_type: FileType, size: u64) -> Stat {
    Stat {
        dev: 0,
        ino: 0,
        file_type,
        nlink: 1,
        size,
        atim: 0,
        mtim: 0,
        ctim: 0,
    }
}

/// A signal that arrives during a read or write is no failure of it.
fn read_once(mut call: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// A reader or writer of the caller's may claim more bytes than it was given room for.
fn sane(count: usize, room: usize) -> VfsResult<usize> {
    if count <= room {
        Ok(count)
    } else {
        Err(VfsError::with_context(
            Errno::Io,
            "a count above the size of the buffer",
        ))
    }
}

/// A panic in the caller's reader poisons only that call.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
