//! `fd_readdir`: cookies, cut entries, hostile backends.

use std::any::Any;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::guest::*;
use crate::errno::Errno;
use crate::preview1::fd;
use crate::vfs::{
    Cookie, Dir, DirEntry, File, FileType, MemFs, Name, OpenOptions, Stat, VfsResult,
};

struct Entry {
    next: u64,
    name: Vec<u8>,
    kind: u8,
}

/// One call; the bytes of the buffer that were used.
fn readdir(guest: &mut Guest, fd: u32, len: u32, cookie: u64) -> Result<Vec<u8>, Errno> {
    guest.bytes[DATA as usize..].fill(0xAA);
    match guest.call(|w, m| fd::fd_readdir(w, m, fd, DATA, len, cookie, RESULT)) {
        Errno::Success => {
            let used = guest.u32_at(RESULT);
            assert!(used <= len);
            let rest = &guest.bytes[(DATA + used) as usize..];
            assert!(
                rest.iter().all(|byte| *byte == 0xAA),
                "written past the end"
            );
            Ok(guest.bytes[DATA as usize..(DATA + used) as usize].to_vec())
        }
        errno => Err(errno),
    }
}

/// The whole entries in what a call gave.
fn parse(mut bytes: &[u8]) -> Vec<Entry> {
    let mut entries = Vec::new();
    while bytes.len() >= 24 {
        let number = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("8 bytes"));
        let len = number(16) as u32 as usize;
        assert_eq!(bytes[21..24], [0; 3], "e2: the padding is zero");
        let Some(name) = bytes.get(24..24 + len) else {
            break;
        };
        entries.push(Entry {
            next: number(0),
            name: name.to_vec(),
            kind: bytes[20],
        });
        bytes = &bytes[24 + len..];
    }
    entries
}

/// Lists as a C library does: a small buffer, from the cookie of the last whole entry on.
fn list(guest: &mut Guest, fd: u32, len: u32) -> Vec<String> {
    let mut names = Vec::new();
    let mut cookie = 0;
    loop {
        let bytes = readdir(guest, fd, len, cookie).expect("a directory");
        for entry in parse(&bytes) {
            cookie = entry.next;
            names.push(String::from_utf8(entry.name).expect("names are text"));
        }
        if bytes.len() < len as usize {
            return names;
        }
    }
}

#[test]
fn e1_entries_are_cut_where_the_buffer_ends_and_nothing_is_lost() {
    let mut guest = Guest::new();
    for n in 0..20 {
        let name = format!("/file-{n:02}");
        guest.fs.write(&name, b"").expect("new");
    }
    guest.fs.create_dir_all("/dir").expect("new");
    let whole = readdir(&mut guest, 3, 10_000, 0).expect("a directory");
    assert!(whole.len() < 10_000);
    let entries = parse(&whole);
    assert_eq!(entries.len(), 23);
    assert_eq!((&entries[0].name[..], entries[0].kind), (&b"."[..], 3));
    assert_eq!((&entries[1].name[..], entries[1].kind), (&b".."[..], 3));
    let kinds: Vec<u8> = entries[2..].iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == 4).count(), 20);
    for len in [0, 1, 23, 24, 25, 26, whole.len() as u32 - 1] {
        let cut = readdir(&mut guest, 3, len, 0).expect("a directory");
        assert_eq!(cut, whole[..len as usize], "{len}");
    }
    let exact = readdir(&mut guest, 3, whole.len() as u32, 0).expect("a directory");
    assert_eq!(exact, whole);
    let last = entries[22].next;
    for past in [last, last + 1, u64::MAX] {
        let rest = readdir(&mut guest, 3, 100, past).expect("a directory");
        assert!(rest.is_empty() || past != last, "{past}");
    }
    let mut expected: Vec<_> = (0..20).map(|n| format!("file-{n:02}")).collect();
    expected.extend([".", "..", "dir"].map(str::to_owned));
    expected.sort();
    for len in [40, 64, 100, 1_000] {
        let mut names = list(&mut guest, 3, len);
        names.sort();
        assert_eq!(names, expected, "{len}");
    }
}

#[test]
fn e1_a_cookie_survives_insertion_and_removal() {
    let mut guest = Guest::new();
    for n in 0..50 {
        let name = format!("/file-{n:02}");
        guest.fs.write(&name, b"").expect("new");
    }
    let first = parse(&readdir(&mut guest, 3, 500, 0).expect("a directory"));
    let cookie = first.last().expect("some entries").next;
    let mut names: Vec<_> = first.into_iter().map(|entry| entry.name).collect();
    for name in ["/file-00", "/file-01", "/file-02"] {
        guest.fs.remove_file(name).expect("it exists");
    }
    guest.fs.write("/a-new-one", b"").expect("new");
    let rest = parse(&readdir(&mut guest, 3, 20_000, cookie).expect("a directory"));
    names.extend(rest.into_iter().map(|entry| entry.name));
    names.retain(|name| name.starts_with(b"file-"));
    names.sort();
    let all: Vec<_> = (0..50)
        .map(|n| format!("file-{n:02}").into_bytes())
        .collect();
    assert_eq!(names, all, "each file that was there all the time, once");
}

#[test]
fn e1_what_is_no_directory_and_bad_buffers_are_refused() {
    let mut guest = Guest::new();
    guest.fs.write("/f", b"").expect("new");
    let file = guest.open("f", 0, false).expect("it exists");
    assert_eq!(readdir(&mut guest, file, 100, 0), Err(Errno::Notdir));
    assert_eq!(readdir(&mut guest, 1, 100, 0), Err(Errno::Badf));
    assert_eq!(readdir(&mut guest, 99, 100, 0), Err(Errno::Badf));
    let call = |guest: &mut Guest, buf, len, out| {
        guest.call(|w, m| fd::fd_readdir(w, m, 3, buf, len, 0, out))
    };
    assert_eq!(call(&mut guest, SIZE - 10, 11, RESULT), Errno::Fault);
    assert_eq!(call(&mut guest, 0, u32::MAX, RESULT), Errno::Fault);
    assert_eq!(call(&mut guest, DATA, 100, SIZE - 3), Errno::Fault);
}

/// A backend that gives what it likes.
struct Liar;

impl Dir for Liar {
    fn open_file(&self, _: Name<'_>, _: OpenOptions) -> VfsResult<Arc<dyn File>> {
        Err(Errno::Noent.into())
    }

    fn open_dir(&self, _: Name<'_>) -> VfsResult<Arc<dyn Dir>> {
        Err(Errno::Noent.into())
    }

    fn stat(&self) -> VfsResult<Stat> {
        MemFs::new().stat("/")
    }

    fn stat_at(&self, _: Name<'_>) -> VfsResult<Stat> {
        Err(Errno::Noent.into())
    }

    fn read_dir(
        &self,
        _: Cookie,
        each: &mut dyn FnMut(DirEntry) -> ControlFlow<()>,
    ) -> VfsResult<()> {
        let long = "x".repeat(65_536);
        for (next, name) in (1..).zip(["", ".", "..", "a/b", "a\0", &long, "good"]) {
            let entry = DirEntry {
                next: Cookie(next),
                ino: 1,
                name: name.to_owned(),
                file_type: FileType::RegularFile,
            };
            if each(entry).is_break() {
                break;
            }
        }
        let _ = each(DirEntry {
            next: Cookie(u64::MAX),
            ino: 1,
            name: "far".to_owned(),
            file_type: FileType::RegularFile,
        });
        Ok(())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[test]
fn e3_names_of_a_backend_that_are_no_names_are_not_passed_on() {
    let fs = MemFs::new();
    let wasi = crate::wasi::Wasi::builder().preopen("/work", Arc::new(Liar) as Arc<dyn Dir>);
    let mut guest = Guest::over(fs, wasi.build().expect("valid"));
    assert_eq!(list(&mut guest, 3, 4_096), [".", "..", "good"]);
}
