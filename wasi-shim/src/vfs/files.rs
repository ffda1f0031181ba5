//! `Files`: a flat directory of files that the caller supplies one by one, and the adapters that make a file of a
//! reader or a writer.

use std::any::Any;
use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{
    Cookie, Create, Dir, DirEntry, File, FileType, Name, OpenOptions, Stat, Vfs, VfsError,
    VfsResult,
};
use crate::errno::Errno;

/// A directory of files that exist elsewhere, each under a name of its own.
///
/// For inputs larger than memory and for outputs that leave as they are written:
///
/// ```
/// use std::io::Cursor;
/// use afmpeg_wasi::vfs::{Files, ReaderFile};
///
/// # fn main() -> Result<(), afmpeg_wasi::vfs::VfsError> {
/// let source = Cursor::new(b"any reader that can seek".to_vec());
/// let files = Files::new().with("in.bin", ReaderFile::new(source)?)?;
/// # let _ = files; Ok(()) }
/// ```
///
/// Nothing can be created or removed in it; a file is as writable as its own type allows.
#[derive(Clone, Default)]
pub struct Files {
    entries: Arc<BTreeMap<String, Arc<dyn File>>>,
}

impl Files {
    /// A directory without files.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file, replacing one of the same name.
    ///
    /// # Errors
    ///
    /// As [`Name::new`].
    pub fn with(mut self, name: &str, file: impl File) -> VfsResult<Self> {
        let name = Name::new(name)?.as_str().to_owned();
        Arc::make_mut(&mut self.entries).insert(name, Arc::new(file));
        Ok(self)
    }

    fn find(&self, name: Name<'_>) -> VfsResult<(u64, &Arc<dyn File>)> {
        let position = self.entries.keys().position(|key| key == name.as_str());
        let file = self.entries.get(name.as_str());
        position
            .zip(file)
            .map(|(at, file)| (at as u64, file))
            .ok_or_else(|| Errno::Noent.into())
    }
}

impl Vfs for Files {
    fn root(&self) -> Arc<dyn Dir> {
        Arc::new(self.clone())
    }
}

/// Node numbers: 1 is the directory, its files follow in the order of their names.
const ROOT_INO: u64 = 1;

impl Dir for Files {
    fn open_file(&self, name: Name<'_>, options: OpenOptions) -> VfsResult<Arc<dyn File>> {
        let file = match self.find(name) {
            Ok((_, file)) => file,
            Err(_) if options.create != Create::Never => return Err(Errno::Rofs.into()),
            Err(error) => return Err(error),
        };
        if options.create == Create::New {
            return Err(Errno::Exist.into());
        }
        if options.truncate {
            file.set_len(0)?;
        } else if options.write {
            // Asks whether the file can be written at all, without changing it.
            match file.write_at(0, &[]) {
                Err(error) if error.errno() == Errno::Rofs => return Err(error),
                _ => {}
            }
        }
        Ok(Arc::clone(file))
    }

    fn open_dir(&self, name: Name<'_>) -> VfsResult<Arc<dyn Dir>> {
        self.find(name)?;
        Err(Errno::Notdir.into())
    }

    fn stat(&self) -> VfsResult<Stat> {
        Ok(Stat {
            dev: 0,
            ino: ROOT_INO,
            file_type: FileType::Directory,
            nlink: 1,
            size: 0,
            atim: 0,
            mtim: 0,
            ctim: 0,
        })
    }

    fn stat_at(&self, name: Name<'_>) -> VfsResult<Stat> {
        let (position, file) = self.find(name)?;
        Ok(Stat {
            ino: ROOT_INO + 1 + position,
            ..file.stat()?
        })
    }

    fn read_dir(
        &self,
        from: Cookie,
        each: &mut dyn FnMut(DirEntry) -> ControlFlow<()>,
    ) -> VfsResult<()> {
        // The set of names never changes, so a place in its order is a stable cookie.
        let Ok(skip) = usize::try_from(from.0) else {
            return Ok(());
        };
        for (position, (name, file)) in self.entries.iter().enumerate().skip(skip) {
            let entry = DirEntry {
                next: Cookie(position as u64 + 1),
                ino: ROOT_INO + 1 + position as u64,
                name: name.clone(),
                file_type: file.stat().map_or(FileType::Unknown, |stat| stat.file_type),
            };
            if each(entry).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

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
    state: Mutex<WriterState<W>>,
}

struct WriterState<W> {
    writer: W,
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

    fn set_times(&self, _times: super::SetTimes) -> VfsResult<()> {
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
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn name(text: &str) -> Name<'_> {
        Name::new(text).expect("a test's name is valid")
    }

    fn errno<T>(result: VfsResult<T>) -> Errno {
        result.err().expect("the call must fail").errno()
    }

    #[test]
    fn a_reader_is_read_at_any_offset() {
        let file = ReaderFile::new(Cursor::new(b"0123456789".to_vec())).expect("it can seek");
        let mut buf = [0; 4];
        assert_eq!(file.read_at(7, &mut buf).map_err(|e| e.errno()), Ok(3));
        assert_eq!(&buf[..3], b"789");
        assert_eq!(file.read_at(0, &mut buf).map_err(|e| e.errno()), Ok(4));
        assert_eq!(&buf, b"0123");
        assert_eq!(
            file.read_at(u64::MAX, &mut buf).map_err(|e| e.errno()),
            Ok(0)
        );
        assert_eq!(errno(file.write_at(0, b"x")), Errno::Rofs);
    }

    #[test]
    fn a_source_larger_than_memory_is_read_where_it_is_asked() {
        let forty_gib = 40 << 30;
        let file = ReadAtFile::new(forty_gib, |offset, buf: &mut [u8]| {
            buf[0] = (offset >> 30) as u8;
            Ok(1)
        });
        let mut byte = [0];
        assert_eq!(
            file.read_at(39 << 30, &mut byte).map_err(|e| e.errno()),
            Ok(1)
        );
        assert_eq!(byte, [39]);
        assert_eq!(
            file.stat().map(|s| s.size).map_err(|e| e.errno()),
            Ok(forty_gib)
        );
    }

    #[test]
    fn a_reader_that_claims_too_much_is_an_io_error() {
        let file = ReadAtFile::new(10, |_, buf: &mut [u8]| Ok(buf.len() + 1));
        assert_eq!(errno(file.read_at(0, &mut [0; 2])), Errno::Io);
    }

    #[test]
    fn a_writer_takes_bytes_in_order_only() {
        let file = WriterFile::new(Vec::new());
        assert_eq!(file.write_at(0, b"ab").map_err(|e| e.errno()), Ok(2));
        assert_eq!(file.append(b"c").map_err(|e| e.errno()), Ok((1, 3)));
        assert_eq!(errno(file.write_at(0, b"x")), Errno::Spipe);
        assert_eq!(errno(file.write_at(9, b"x")), Errno::Spipe);
        assert_eq!(errno(file.set_len(0)), Errno::Spipe);
        assert_eq!(errno(file.read_at(0, &mut [0])), Errno::Badf);
        assert_eq!(lock(&file.state).writer, b"abc");
    }

    #[test]
    fn a_writer_that_fails_or_takes_nothing_is_an_error() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        assert_eq!(errno(WriterFile::new(Full).write_at(0, b"x")), Errno::Nospc);
        let none: &'static mut [u8] = &mut [];
        assert_eq!(errno(WriterFile::new(none).write_at(0, b"x")), Errno::Io);
    }

    #[test]
    fn a_flat_directory_finds_lists_and_refuses() {
        let read = || ReaderFile::new(Cursor::new(vec![1, 2, 3])).expect("it can seek");
        let files = Files::new()
            .with("b", read())
            .and_then(|files| files.with("a", read()))
            .and_then(|files| files.with("out", WriterFile::new(Vec::new())))
            .expect("the names are valid");
        let root = files.root();
        let mut found = Vec::new();
        root.read_dir(Cookie::START, &mut |entry| {
            found.push((entry.name, entry.next));
            ControlFlow::Continue(())
        })
        .expect("it lists");
        assert_eq!(
            found.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>(),
            ["a", "b", "out"]
        );
        assert_eq!(found[1].1, Cookie(2));
        assert_eq!(
            root.stat_at(name("a"))
                .map(|s| s.size)
                .map_err(|e| e.errno()),
            Ok(3)
        );
        assert!(root.open_file(name("a"), OpenOptions::READ).is_ok());
        assert_eq!(
            errno(root.open_file(name("a"), OpenOptions::READ_WRITE)),
            Errno::Rofs
        );
        assert_eq!(
            errno(root.open_file(name("c"), OpenOptions::READ)),
            Errno::Noent
        );
        assert_eq!(
            errno(root.open_file(name("c"), OpenOptions::WRITE)),
            Errno::Rofs
        );
        assert!(root.open_file(name("out"), OpenOptions::WRITE).is_ok());
        assert_eq!(errno(root.open_dir(name("a"))), Errno::Notdir);
        assert_eq!(errno(root.remove_file(name("a"))), Errno::Rofs);
        assert_eq!(
            errno(Files::new().with("a/b", read()).map(|_| ())),
            Errno::Inval
        );
    }
}
