//! Opening, making, moving and removing by name.

use super::guest::*;
use crate::errno::Errno;
use crate::fd::Rights;
use crate::preview1::{fd, path};
use crate::vfs::{FileType, MemFs, ReadOnly, Vfs, ops};
use crate::wasi::Wasi;

fn mkdir(guest: &mut Guest, name: &str) -> Errno {
    let (ptr, len) = guest.path(name);
    guest.call(|w, m| path::path_create_directory(w, m, 3, ptr, len))
}

fn rmdir(guest: &mut Guest, name: &str) -> Errno {
    let (ptr, len) = guest.path(name);
    guest.call(|w, m| path::path_remove_directory(w, m, 3, ptr, len))
}

fn unlink(guest: &mut Guest, name: &str) -> Errno {
    let (ptr, len) = guest.path(name);
    guest.call(|w, m| path::path_unlink_file(w, m, 3, ptr, len))
}

fn rename(guest: &mut Guest, from: &str, to: &str) -> Errno {
    let (ptr, len) = guest.path(from);
    let (ptr2, len2) = guest.path2(to);
    guest.call(|w, m| path::path_rename(w, m, 3, ptr, len, 3, ptr2, len2))
}

fn symlink(guest: &mut Guest, target: &str, name: &str) -> Errno {
    let (ptr, len) = guest.path(target);
    let (ptr2, len2) = guest.path2(name);
    guest.call(|w, m| path::path_symlink(w, m, ptr, len, 3, ptr2, len2))
}

fn hard_link(guest: &mut Guest, flags: u32, from: &str, to: &str) -> Errno {
    let (ptr, len) = guest.path(from);
    let (ptr2, len2) = guest.path2(to);
    guest.call(|w, m| path::path_link(w, m, 3, flags, ptr, len, 3, ptr2, len2))
}

fn stat(guest: &mut Guest, flags: u32, name: &str) -> Errno {
    let (ptr, len) = guest.path(name);
    guest.call(|w, m| path::path_filestat_get(w, m, 3, flags, ptr, len, RESULT))
}

fn readlink(guest: &mut Guest, name: &str, len: u32) -> Result<String, Errno> {
    let (ptr, path_len) = guest.path(name);
    let errno = guest.call(|w, m| path::path_readlink(w, m, 3, ptr, path_len, DATA, len, RESULT));
    match errno {
        Errno::Success => {
            let end = DATA + guest.u32_at(RESULT);
            let bytes = guest.bytes[DATA as usize..end as usize].to_vec();
            Ok(String::from_utf8(bytes).expect("links are text"))
        }
        errno => Err(errno),
    }
}

#[test]
fn a5_directories_and_files_open_as_what_they_are() {
    let mut guest = Guest::new();
    guest.fs.create_dir_all("/d").expect("new");
    guest.fs.write("/f", b"abc").expect("new");
    assert_eq!(guest.open("f", DIRECTORY, false), Err(Errno::Notdir));
    assert_eq!(guest.open("f/", 0, false), Err(Errno::Notdir));
    assert_eq!(guest.open("d", 0, true), Err(Errno::Isdir));
    assert_eq!(guest.open("d/", 0, true), Err(Errno::Isdir));
    assert_eq!(guest.open("d", CREATE, false), Err(Errno::Isdir));
    assert_eq!(guest.open("d/", CREATE, false), Err(Errno::Isdir));
    assert_eq!(guest.open("new/", CREATE, true), Err(Errno::Isdir));
    assert_eq!(guest.open("d", TRUNCATE, false), Err(Errno::Isdir));
    let dir = guest.open("d", 0, false).expect("a directory can be read");
    let dir2 = guest.open("d/.", DIRECTORY, false).expect("by its dot");
    let root = guest.open(".", DIRECTORY, false).expect("the root itself");
    for fd in [dir, dir2, root] {
        let got = guest.call(|w, m| fd::fd_fdstat_get(w, m, fd, RESULT));
        assert_eq!((got, guest.bytes[RESULT as usize]), (Errno::Success, 3));
    }
    let modes = CREATE | DIRECTORY;
    assert_eq!(guest.open("x", modes, true), Err(Errno::Inval));
    // What is no directory cannot be walked from.
    let file = guest.open("f", 0, false).expect("it exists");
    let all = Rights::FD_READ.0;
    assert_eq!(guest.open_at(file, "x", 1, 0, all, 0), Err(Errno::Notdir));
    for fd in [0, 1, 2, 99, 1 << 31, u32::MAX] {
        let opened = guest.open_at(fd, "f", 1, 0, all, 0);
        assert_eq!(opened, Err(Errno::Badf), "{fd}");
    }
}

#[test]
fn a5_a_removed_directory_that_is_open_gives_nothing() {
    let mut guest = Guest::new();
    guest.fs.create_dir_all("/d").expect("new");
    let rights = Rights::ALL.without(Rights::FD_WRITE).0;
    let dir = guest
        .open_at(3, "d", 1, DIRECTORY, rights, 0)
        .expect("it exists");
    assert_eq!(rmdir(&mut guest, "d"), Errno::Success);

    let made = guest.open_at(dir, "x", 1, CREATE, rights, 0);
    assert_eq!(made, Err(Errno::Noent));
    assert_eq!(guest.open_at(dir, "x", 1, 0, 2, 0), Err(Errno::Noent));
}

#[test]
fn a7_without_a_preopen_no_name_is_reachable() {
    let wasi = Wasi::builder().build().expect("valid");
    let mut guest = Guest::over(MemFs::new(), wasi);
    for fd in 0..16 {
        assert_eq!(guest.open_at(fd, "etc", 1, 0, 2, 0), Err(Errno::Badf));
        assert_eq!(guest.open_at(fd, "x", 1, CREATE, 64, 0), Err(Errno::Badf));
        let (ptr, len) = guest.path(".");
        let calls = [
            guest.call(|w, m| path::path_create_directory(w, m, fd, ptr, len)),
            guest.call(|w, m| path::path_filestat_get(w, m, fd, 1, ptr, len, 512)),
            guest.call(|w, m| path::path_filestat_set_times(w, m, fd, 1, ptr, len, 0, 0, 0)),
            guest.call(|w, m| path::path_link(w, m, fd, 0, ptr, len, fd, ptr, len)),
            guest.call(|w, m| path::path_readlink(w, m, fd, ptr, len, DATA, 8, RESULT)),
            guest.call(|w, m| path::path_remove_directory(w, m, fd, ptr, len)),
            guest.call(|w, m| path::path_rename(w, m, fd, ptr, len, fd, ptr, len)),
            guest.call(|w, m| path::path_symlink(w, m, ptr, len, fd, ptr, len)),
            guest.call(|w, m| path::path_unlink_file(w, m, fd, ptr, len)),
            guest.call(|w, m| fd::fd_prestat_get(w, m, fd, RESULT)),
            guest.call(|w, m| fd::fd_prestat_dir_name(w, m, fd, DATA, 8)),
        ];
        assert_eq!(calls, [Errno::Badf; 11], "{fd}");
    }
}

#[test]
fn a1_a_link_that_is_not_to_be_followed_is_not_whatever_slashes_say() {
    let mut guest = Guest::new();
    guest.fs.create_dir_all("/d/e").expect("new");
    guest.fs.write("/f", b"abc").expect("new");
    assert_eq!(symlink(&mut guest, "d", "ld"), Errno::Success);
    assert_eq!(symlink(&mut guest, "f", "lf"), Errno::Success);
    assert_eq!(symlink(&mut guest, "../outside", "out"), Errno::Success);
    let nofollow =
        |guest: &mut Guest, name: &str| guest.open_at(3, name, 0, 0, Rights::FD_READ.0, 0);
    assert_eq!(nofollow(&mut guest, "lf"), Err(Errno::Loop));
    assert_eq!(nofollow(&mut guest, "ld"), Err(Errno::Loop));
    assert_eq!(nofollow(&mut guest, "out"), Err(Errno::Loop));
    assert_eq!(nofollow(&mut guest, "out/"), Err(Errno::Perm));
    assert_eq!(nofollow(&mut guest, "lf/"), Err(Errno::Notdir));
    assert!(nofollow(&mut guest, "ld/").is_ok());
    assert!(nofollow(&mut guest, "ld/.").is_ok());
    assert_eq!(nofollow(&mut guest, "ld/../.."), Err(Errno::Perm));
    for name in ["out", "out/", "out/.", "out/.."] {
        assert_eq!(guest.open(name, 0, false), Err(Errno::Perm), "{name}");
        let made = guest.open(name, CREATE, true);
        assert_eq!(made, Err(Errno::Perm), "{name}");
    }
    assert_eq!(stat(&mut guest, 0, "out"), Errno::Success);
    assert_eq!(guest.bytes[RESULT as usize + 16], 7);
    assert_eq!(stat(&mut guest, 1, "out"), Errno::Perm);
    assert_eq!(stat(&mut guest, 0, "lf/"), Errno::Notdir);
    assert_eq!(stat(&mut guest, 0, "ld/"), Errno::Success);
    assert_eq!(guest.bytes[RESULT as usize + 16], 3);
    // What removes or moves takes the link itself, or nothing.
    assert_eq!(rmdir(&mut guest, "ld"), Errno::Notdir);
    assert_eq!(rmdir(&mut guest, "ld/"), Errno::Notdir);
    assert_eq!(unlink(&mut guest, "lf/"), Errno::Notdir);
    assert_eq!(rename(&mut guest, "lf/", "g"), Errno::Notdir);
    assert_eq!(mkdir(&mut guest, "out/"), Errno::Exist);
    assert_eq!(unlink(&mut guest, "out"), Errno::Success);
    assert!(guest.fs.exists("/f") && guest.fs.exists("/d/e"));
}

#[test]
fn a2_creating_through_links_stays_inside() {
    let mut guest = Guest::new();
    assert_eq!(symlink(&mut guest, "made", "dangling"), Errno::Success);
    assert_eq!(symlink(&mut guest, "../evil", "out"), Errno::Success);
    assert_eq!(symlink(&mut guest, "/etc/passwd", "abs"), Errno::Perm);
    assert_eq!(symlink(&mut guest, "", "empty"), Errno::Noent);
    assert_eq!(symlink(&mut guest, "a\0b", "nul"), Errno::Inval);
    assert_eq!(guest.open("out", CREATE, true), Err(Errno::Perm));
    let exclusive = CREATE | EXCLUSIVE;
    let taken = guest.open("dangling", exclusive, true);
    assert_eq!(taken, Err(Errno::Exist));
    let fd = guest.open("dangling", CREATE, true).expect("its target");
    assert_eq!(guest.write(fd, b"x"), Ok(1));
    assert_eq!(guest.fs.read("/made"), Ok(b"x".to_vec()));
    assert_eq!(symlink(&mut guest, "loop", "loop"), Errno::Success);
    assert_eq!(guest.open("loop", CREATE, true), Err(Errno::Loop));
    assert_eq!(readlink(&mut guest, "out", 64).as_deref(), Ok("../evil"));
    assert_eq!(readlink(&mut guest, "out", 3).as_deref(), Ok("../"));
    assert_eq!(readlink(&mut guest, "made", 64), Err(Errno::Inval));
    assert_eq!(readlink(&mut guest, ".", 64), Err(Errno::Inval));
    assert_eq!(readlink(&mut guest, "none", 64), Err(Errno::Noent));
}

#[test]
fn a3_moves_keep_to_their_tree() {
    let mut guest = Guest::new();
    guest.fs.create_dir_all("/a/b").expect("new");
    guest.fs.write("/f", b"abc").expect("new");
    assert_eq!(rename(&mut guest, "a", "a/b/c"), Errno::Inval);
    assert_eq!(rename(&mut guest, ".", "x"), Errno::Busy);
    assert_eq!(rename(&mut guest, "a", "a/.."), Errno::Busy);
    assert_eq!(rename(&mut guest, "f", "../f"), Errno::Perm);
    assert_eq!(rename(&mut guest, "f", "g/"), Errno::Notdir);
    assert_eq!(rename(&mut guest, "f", "a"), Errno::Isdir);
    assert_eq!(rename(&mut guest, "a", "f"), Errno::Notdir);
    assert_eq!(rename(&mut guest, "a/b", "c/"), Errno::Success);
    assert_eq!(rename(&mut guest, "f", "c/f"), Errno::Success);
    assert_eq!(rename(&mut guest, "a", "c"), Errno::Notempty);
    assert_eq!(guest.fs.read("/c/f"), Ok(b"abc".to_vec()));

    let other = MemFs::new();
    let wasi = builder(&guest.fs).preopen("/other", other.root());
    guest.wasi = wasi.build().expect("valid");
    let (ptr, len) = guest.path("c/f");
    let (ptr2, len2) = guest.path2("f");
    let moved = guest.call(|w, m| path::path_rename(w, m, 3, ptr, len, 4, ptr2, len2));
    assert_eq!(moved, Errno::Xdev);
    let linked = guest.call(|w, m| path::path_link(w, m, 3, 0, ptr, len, 4, ptr2, len2));
    assert_eq!(linked, Errno::Xdev);
    assert!(guest.fs.exists("/c/f") && !other.exists("/f"));
}

#[test]
fn names_are_made_and_removed_by_their_kind() {
    let mut guest = Guest::new();
    assert_eq!(mkdir(&mut guest, "d/"), Errno::Success);
    assert_eq!(mkdir(&mut guest, "d"), Errno::Exist);
    assert_eq!(mkdir(&mut guest, "."), Errno::Exist);
    assert_eq!(mkdir(&mut guest, "x/y"), Errno::Noent);
    guest.fs.write("/d/f", b"abc").expect("new");
    assert_eq!(unlink(&mut guest, "d"), Errno::Isdir);
    assert_eq!(unlink(&mut guest, "d/"), Errno::Isdir);
    assert_eq!(unlink(&mut guest, "."), Errno::Isdir);
    assert_eq!(unlink(&mut guest, "d/f/"), Errno::Notdir);
    assert_eq!(rmdir(&mut guest, "d/f"), Errno::Notdir);
    assert_eq!(rmdir(&mut guest, "d"), Errno::Notempty);
    assert_eq!(rmdir(&mut guest, "d/."), Errno::Inval);
    assert_eq!(hard_link(&mut guest, 0, "d/f", "g"), Errno::Success);
    assert_eq!(hard_link(&mut guest, 0, "d/f", "g"), Errno::Exist);
    assert_eq!(hard_link(&mut guest, 0, "d", "h"), Errno::Perm);
    assert_eq!(hard_link(&mut guest, 0, "d/f", "h/"), Errno::Noent);
    assert_eq!(hard_link(&mut guest, 2, "d/f", "h"), Errno::Inval);
    assert_eq!(stat(&mut guest, 0, "g"), Errno::Success);
    assert_eq!((guest.u64_at(24), guest.u64_at(32)), (2, 3));
    let fd = guest.open("g", 0, false).expect("it exists");
    assert_eq!(unlink(&mut guest, "g"), Errno::Success);
    assert_eq!(unlink(&mut guest, "d/f"), Errno::Success);
    assert_eq!(guest.read(fd, 8), Ok(b"abc".to_vec()));
    assert_eq!(rmdir(&mut guest, "d"), Errno::Success);
    let left = ops::read_dir(&guest.fs.root(), "/").map(|entries| entries.len());
    assert_eq!(left, Ok(0));
}

#[test]
fn a4_texts_that_are_no_paths_are_refused_by_every_call() {
    let mut guest = Guest::new();
    let open = |guest: &mut Guest, ptr, len| {
        guest.call(|w, m| path::path_open(w, m, 3, 1, ptr, len, 0, 2, 0, 0, RESULT))
    };
    guest.put(PATH, b"a\xffb");
    assert_eq!(open(&mut guest, PATH, 3), Errno::Ilseq);
    assert_eq!(open(&mut guest, PATH, 0), Errno::Noent);
    assert_eq!(open(&mut guest, 0, SIZE), Errno::Nametoolong);
    assert_eq!(open(&mut guest, 0, u32::MAX), Errno::Fault);
    assert_eq!(open(&mut guest, u32::MAX, 1), Errno::Fault);
    for (name, errno) in [
        ("", Errno::Noent),
        ("/", Errno::Perm),
        ("x\0", Errno::Inval),
        (&"n".repeat(256)[..], Errno::Nametoolong),
        (&"n/".repeat(33_000)[..], Errno::Nametoolong),
    ] {
        assert_eq!(guest.open(name, CREATE, true), Err(errno));
        assert_eq!(mkdir(&mut guest, name), errno);
        assert_eq!(unlink(&mut guest, name), errno);
        assert_eq!(rmdir(&mut guest, name), errno);
        assert_eq!(stat(&mut guest, 1, name), errno);
        assert_eq!(rename(&mut guest, name, "x"), errno);
        assert_eq!(symlink(&mut guest, "x", name), errno);
    }
    for twin in ["\u{e9}", "e\u{301}", "A", "a"] {
        let fd = guest.open(twin, CREATE | EXCLUSIVE, true);
        assert!(fd.is_ok(), "{twin}");
    }
}

#[test]
fn opening_creates_truncates_and_refuses_as_the_flags_say() {
    let mut guest = Guest::new();
    assert_eq!(guest.open("f", 0, true), Err(Errno::Noent));
    let fd = guest.open("f", CREATE | EXCLUSIVE, true).expect("new");
    assert_eq!(guest.write(fd, b"abc"), Ok(3));
    let again = guest.open("f", CREATE | EXCLUSIVE, true);
    assert_eq!(again, Err(Errno::Exist));
    assert!(guest.open("f", CREATE, true).is_ok());
    assert_eq!(guest.fs.read("/f"), Ok(b"abc".to_vec()));
    assert!(guest.open("f", TRUNCATE, true).is_ok());
    assert_eq!(guest.fs.read("/f"), Ok(vec![]));
    assert_eq!(stat(&mut guest, 1, "f"), Errno::Success);
    assert_eq!(
        guest.bytes[16],
        crate::preview1::abi::filetype(FileType::RegularFile)
    );
}

#[test]
fn times_are_set_by_name_without_following() {
    let mut guest = Guest::new();
    guest.fs.write("/f", b"").expect("new");
    assert_eq!(symlink(&mut guest, "f", "l"), Errno::Success);
    let (ptr, len) = guest.path("l");
    let set = |guest: &mut Guest, follow, atim, mtim, flags| {
        guest.call(|w, m| {
            path::path_filestat_set_times(w, m, 3, follow, ptr, len, atim, mtim, flags)
        })
    };
    assert_eq!(set(&mut guest, 1, 5, u64::MAX, 5), Errno::Success);
    let file = guest.fs.stat("/f").expect("it exists");
    assert_eq!((file.atim, file.mtim), (5, u64::MAX));
    assert_eq!(set(&mut guest, 0, 7, 8, 5), Errno::Success);
    let same = guest.fs.stat("/f").expect("it exists");
    assert_eq!((same.atim, same.mtim), (5, u64::MAX));
    assert_eq!(stat(&mut guest, 0, "l"), Errno::Success);
    assert_eq!((guest.u64_at(40), guest.u64_at(48)), (7, 8));
    assert_eq!(set(&mut guest, 1, 0, 0, 3), Errno::Inval);
}

#[test]
fn b1_a_read_only_tree_refuses_every_change_and_stays_as_it_was() {
    let mut guest = Guest::new();
    guest.fs.create_dir_all("/d").expect("new");
    guest.fs.write("/f", b"abc").expect("new");
    let before = guest.fs.stat("/f").expect("it exists");
    let wasi = Wasi::builder()
        .preopen("/", ReadOnly::new(&guest.fs).root())
        .preopen("/rw", MemFs::new().root())
        .bare_root();
    guest.wasi = wasi.build().expect("valid");
    for (name, oflags, write) in [
        ("f", 0, true),
        ("f", TRUNCATE, false),
        ("f", TRUNCATE, true),
        ("new", CREATE, false),
        ("new", CREATE, true),
        ("new", CREATE | EXCLUSIVE, true),
    ] {
        let opened = guest.open(name, oflags, write);
        assert_eq!(opened, Err(Errno::Rofs), "{name} {oflags} {write}");
    }
    assert_eq!(
        guest.wasi.storage_error().map(|error| error.errno()),
        Some(Errno::Rofs)
    );
    assert_eq!(mkdir(&mut guest, "new"), Errno::Rofs);
    assert_eq!(unlink(&mut guest, "f"), Errno::Rofs);
    assert_eq!(rmdir(&mut guest, "d"), Errno::Rofs);
    assert_eq!(rename(&mut guest, "f", "g"), Errno::Rofs);
    assert_eq!(symlink(&mut guest, "f", "l"), Errno::Rofs);
    assert_eq!(hard_link(&mut guest, 0, "f", "g"), Errno::Rofs);
    let (ptr, len) = guest.path("f");
    let times = guest.call(|w, m| path::path_filestat_set_times(w, m, 3, 1, ptr, len, 1, 1, 5));
    assert_eq!(times, Errno::Rofs);
    let file = guest.open("f", 0, false).expect("it can be read");
    let changes = [
        guest.call(|w, m| fd::fd_filestat_set_times(w, m, file, 1, 1, 5)),
        guest.call(|w, m| fd::fd_filestat_set_times(w, m, 3, 1, 1, 5)),
    ];
    assert_eq!(changes, [Errno::Rofs; 2]);
    // Without the right to write, these do not even ask the tree.
    let refused = [
        guest.call(|w, m| fd::fd_filestat_set_size(w, m, file, 0)),
        guest.call(|w, m| fd::fd_allocate(w, m, file, 0, 10)),
    ];
    assert_eq!(refused, [Errno::Notcapable; 2]);
    // Across the border, in either direction.
    let (ptr2, len2) = guest.path2("g");
    for (from, to) in [(3, 4), (4, 3)] {
        let moved = guest.call(|w, m| path::path_rename(w, m, from, ptr, len, to, ptr2, len2));
        let linked = guest.call(|w, m| path::path_link(w, m, from, 0, ptr, len, to, ptr2, len2));
        for errno in [moved, linked] {
            assert!(
                matches!(errno, Errno::Rofs | Errno::Xdev | Errno::Noent),
                "b2: {from} to {to}: {errno}"
            );
        }
    }
    assert_eq!(guest.fs.stat("/f"), Ok(before));
    assert_eq!(guest.fs.read("/f"), Ok(b"abc".to_vec()));
}
