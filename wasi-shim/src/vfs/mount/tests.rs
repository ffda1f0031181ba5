//! Tests of the composed tree.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::Mount;
use crate::errno::Errno;
use crate::vfs::{Cookie, Create, Dir, FileType, MemFs, Name, Null, OpenOptions, Vfs, VfsResult};

fn name(text: &str) -> Name<'_> {
    Name::new(text).expect("a test's name is valid")
}

fn refusal<T>(result: VfsResult<T>) -> Errno {
    result.err().expect("the call must fail").errno()
}

fn put(dir: &dyn Dir, file: &str, data: &[u8]) {
    let file = dir
        .open_file(name(file), OpenOptions::WRITE)
        .expect("a new file");
    file.write_at(0, data).expect("written");
}

fn get(dir: &dyn Dir, file: &str) -> Vec<u8> {
    let file = dir
        .open_file(name(file), OpenOptions::READ)
        .expect("it is there");
    let mut buf = vec![0; 64];
    let count = file.read_at(0, &mut buf).expect("read");
    buf.truncate(count);
    buf
}

fn list(dir: &dyn Dir) -> Vec<(String, Cookie)> {
    let mut found = Vec::new();
    dir.read_dir(Cookie::START, &mut |entry| {
        found.push((entry.name, entry.next));
        ControlFlow::Continue(())
    })
    .expect("it can be listed");
    found
}

/// `/` with a file `f`, an own (hidden) `/tmp` and a `/dir`; another tree at `/tmp`; a third at
/// `/dir/deep/in`; a device at `/dev/null`.
fn tree() -> (MemFs, MemFs, Arc<dyn Dir>) {
    let (base, tmp, deep) = (MemFs::new(), MemFs::new(), MemFs::new());
    put(&*base.root(), "f", b"base");
    base.root()
        .create_dir(name("tmp"))
        .expect("a new directory");
    base.root()
        .create_dir(name("dir"))
        .expect("a new directory");
    put(
        &*base.root().open_dir(name("tmp")).expect("it is there"),
        "hidden",
        b"",
    );
    put(
        &*base.root().open_dir(name("dir")).expect("it is there"),
        "seen",
        b"seen",
    );
    put(&*tmp.root(), "t", b"tmp");
    put(&*deep.root(), "d", b"deep");
    let mount = Mount::new()
        .at("/", &base)
        .and_then(|mount| mount.at("/tmp", &tmp))
        .and_then(|mount| mount.at("/dir/deep/in/", &deep))
        .and_then(|mount| mount.file("/dev/null", Null))
        .expect("the mounts do not collide");
    (base, tmp, mount.root())
}

#[test]
fn each_path_shows_its_own_tree() {
    let (_base, _tmp, root) = tree();
    assert_eq!(get(&*root, "f"), b"base");
    let tmp = root.open_dir(name("tmp")).expect("a mount point");
    assert_eq!(get(&*tmp, "t"), b"tmp");
    assert_eq!(refusal(tmp.stat_at(name("hidden"))), Errno::Noent);
    let dir = root.open_dir(name("dir")).expect("a directory of the base");
    assert_eq!(get(&*dir, "seen"), b"seen");
    let made_up = dir.open_dir(name("deep")).expect("made up");
    let deep = made_up.open_dir(name("in")).expect("a mount point");
    assert_eq!(get(&*deep, "d"), b"deep");
    let dev = root.open_dir(name("dev")).expect("made up");
    let stat = dev.stat_at(name("null")).expect("a device");
    assert_eq!(stat.file_type, FileType::CharacterDevice);
    let null = dev
        .open_file(name("null"), OpenOptions::WRITE)
        .expect("a device");
    assert_eq!(null.write_at(0, b"gone"), Ok(4));
    assert_eq!(refusal(dev.open_dir(name("null"))), Errno::Notdir);
}

#[test]
fn listings_show_mount_points_once_and_resume_from_every_cookie() {
    let (_base, _tmp, root) = tree();
    let all = list(&*root);
    let names: Vec<_> = all.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["dev", "dir", "tmp", "f"]);
    for (index, (_, cookie)) in all.iter().enumerate() {
        let mut rest = Vec::new();
        root.read_dir(*cookie, &mut |entry| {
            rest.push((entry.name, entry.next));
            ControlFlow::Continue(())
        })
        .expect("it can be listed");
        assert_eq!(rest, all[index + 1..], "after {index}");
    }
}

#[test]
fn a3_mount_points_stay_and_nothing_crosses_them() {
    let (_base, _tmp, root) = tree();
    let tmp = root.open_dir(name("tmp")).expect("a mount point");
    let dir = root.open_dir(name("dir")).expect("a directory");
    assert_eq!(
        refusal(root.rename(name("f"), &*tmp, name("f"))),
        Errno::Xdev
    );
    assert_eq!(
        refusal(tmp.rename(name("t"), &*root, name("t"))),
        Errno::Xdev
    );
    assert_eq!(
        refusal(root.hard_link(name("f"), &*tmp, name("f"))),
        Errno::Xdev
    );
    assert_eq!(
        refusal(root.rename(name("f"), &*root, name("tmp"))),
        Errno::Busy
    );
    assert_eq!(
        refusal(root.rename(name("tmp"), &*root, name("g"))),
        Errno::Busy
    );
    assert_eq!(
        refusal(root.rename(name("dir"), &*root, name("g"))),
        Errno::Busy
    );
    assert_eq!(refusal(root.remove_dir(name("tmp"))), Errno::Busy);
    assert_eq!(refusal(root.remove_dir(name("dev"))), Errno::Busy);
    assert_eq!(refusal(root.create_dir(name("tmp"))), Errno::Exist);
    assert_eq!(refusal(root.symlink("f", name("tmp"))), Errno::Exist);
    let outside = MemFs::new();
    assert_eq!(
        refusal(root.rename(name("f"), &*outside.root(), name("f"))),
        Errno::Xdev
    );
    root.rename(name("f"), &*dir, name("g"))
        .expect("both are of the base");
    assert_eq!(get(&*dir, "g"), b"base");
}

#[test]
fn what_is_made_up_cannot_be_changed() {
    let (_base, _tmp, root) = tree();
    let dev = root.open_dir(name("dev")).expect("made up");
    let creating = OpenOptions {
        create: Create::New,
        ..OpenOptions::WRITE
    };
    assert_eq!(
        refusal(dev.open_file(name("x"), OpenOptions::WRITE)),
        Errno::Rofs
    );
    assert_eq!(refusal(dev.open_file(name("null"), creating)), Errno::Exist);
    assert_eq!(
        refusal(dev.open_file(name("x"), OpenOptions::READ)),
        Errno::Noent
    );
    assert_eq!(refusal(dev.create_dir(name("x"))), Errno::Rofs);
    assert_eq!(refusal(dev.remove_file(name("x"))), Errno::Noent);
    assert_eq!(refusal(dev.remove_file(name("null"))), Errno::Busy);
}

#[test]
fn nodes_of_different_trees_have_different_identities() {
    let (_base, _tmp, root) = tree();
    let tmp = root.open_dir(name("tmp")).expect("a mount point");
    let stats = [
        root.stat().expect("a directory"),
        tmp.stat().expect("a directory"),
        root.stat_at(name("f")).expect("a file"),
        tmp.stat_at(name("t")).expect("a file"),
        root.stat_at(name("dev")).expect("made up"),
    ];
    let ids: std::collections::BTreeSet<_> = stats.iter().map(|s| (s.dev, s.ino)).collect();
    assert_eq!(ids.len(), stats.len());
    let file = tmp.open_file(name("t"), OpenOptions::READ).expect("a file");
    assert_eq!(file.stat(), tmp.stat_at(name("t")), "by handle as by name");
}

#[test]
fn mounts_that_collide_are_refused() {
    let fs = MemFs::new();
    let at = |path: &str| {
        Mount::new()
            .at("/a", &fs)
            .and_then(|mount| mount.at(path, &fs))
    };
    assert_eq!(refusal(at("a//")), Errno::Exist);
    assert_eq!(refusal(at("/x/../y")), Errno::Inval);
    assert!(at("/a/b").is_ok());
    let device = |path: &str| {
        Mount::new()
            .file("/dev/null", Null)
            .and_then(|m| m.file(path, Null))
    };
    assert_eq!(refusal(device("/dev/null/x")), Errno::Notdir);
    assert_eq!(refusal(device("/dev")), Errno::Isdir);
    assert_eq!(refusal(device("/")), Errno::Isdir);
    assert_eq!(refusal(device("/dev/null")), Errno::Exist);
}
