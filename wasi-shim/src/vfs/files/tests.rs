//! Tests of single files and the directory that holds them.

use std::io::{self, Cursor, Seek, SeekFrom, Write};

use super::adapter::lock;
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
fn a_stream_is_read_in_order_and_again_within_its_window() {
    /// Gives three bytes at a time.
    struct Pieces(&'static [u8]);
    impl io::Read for Pieces {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            let count = buf.len().min(3);
            self.0.read(&mut buf[..count])
        }
    }
    let file = StreamFile::new(Pieces(b"0123456789")).window(4);
    let read = |offset| {
        let mut buf = [0; 8];
        file.read_at(offset, &mut buf)
            .map(|count| buf[..count].to_vec())
            .map_err(|error| error.errno())
    };
    assert_eq!(read(1), Err(Errno::Spipe), "nothing is passed over");
    assert_eq!(read(0), Ok(b"012".to_vec()));
    assert_eq!(read(3), Ok(b"345".to_vec()));
    assert_eq!(read(2), Ok(b"2345".to_vec()), "the window");
    assert_eq!(read(1), Err(Errno::Spipe), "before it");
    assert_eq!(read(6), Ok(b"678".to_vec()));
    assert_eq!(read(9), Ok(b"9".to_vec()));
    assert_eq!(read(10), Ok(Vec::new()));
    assert_eq!(read(99), Ok(Vec::new()), "past the end");
    assert_eq!(read(6), Ok(b"6789".to_vec()));
    assert_eq!(file.len().map_err(|e| e.errno()), Ok(0));
    assert_eq!(errno(file.write_at(10, b"x")), Errno::Rofs);
}

#[test]
fn a_stream_without_a_window_keeps_nothing() {
    let file = StreamFile::new(&b"0123"[..]).window(0);
    assert_eq!(file.read_at(0, &mut [0; 3]).map_err(|e| e.errno()), Ok(3));
    assert_eq!(errno(file.read_at(2, &mut [0; 1])), Errno::Spipe);
    assert_eq!(file.read_at(3, &mut [0; 3]).map_err(|e| e.errno()), Ok(1));
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
fn a_writer_that_seeks_takes_bytes_anywhere() {
    let file = SeekWriterFile::new(Cursor::new(b"old".to_vec())).expect("it can seek");
    assert_eq!(file.len().map_err(|e| e.errno()), Ok(3));
    assert_eq!(file.append(b"er").map_err(|e| e.errno()), Ok((2, 5)));
    assert_eq!(file.write_at(0, b"O").map_err(|e| e.errno()), Ok(1));
    assert_eq!(file.write_at(7, b"!").map_err(|e| e.errno()), Ok(1));
    assert_eq!(file.write_at(1, b"LD").map_err(|e| e.errno()), Ok(2));
    assert_eq!(file.set_len(10).map_err(|e| e.errno()), Ok(()));
    assert_eq!(file.allocate(2, 4).map_err(|e| e.errno()), Ok(()));
    assert_eq!(errno(file.set_len(9)), Errno::Notsup);
    assert_eq!(errno(file.write_at(u64::MAX, b"x")), Errno::Fbig);
    assert_eq!(errno(file.read_at(0, &mut [0])), Errno::Badf);
    assert_eq!(lock(&file.state).writer.get_ref(), b"OLDer\0\0!\0\0");
}

/// After a failure nobody knows where a writer is: the next write seeks.
#[test]
fn a_writer_that_seeks_is_put_in_place_again_after_a_failure() {
    struct Sulky(Cursor<Vec<u8>>, bool);
    impl Write for Sulky {
        fn write(&mut self, data: &[u8]) -> io::Result<usize> {
            let count = self.0.write(data)?;
            if std::mem::take(&mut self.1) {
                return Err(io::ErrorKind::StorageFull.into());
            }
            Ok(count)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    impl Seek for Sulky {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }
    let file = SeekWriterFile::new(Sulky(Cursor::default(), true)).expect("it can seek");
    assert_eq!(errno(file.write_at(0, b"ab")), Errno::Nospc);
    assert_eq!(file.len().map_err(|e| e.errno()), Ok(0));
    assert_eq!(file.append(b"cd").map_err(|e| e.errno()), Ok((2, 2)));
    assert_eq!(lock(&file.state).writer.0.get_ref(), b"cd");
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
