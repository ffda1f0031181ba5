//! Tests of what is special about a directory of the host.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use super::*;

fn name(text: &str) -> Name<'_> {
    Name::new(text).expect("a test's name is valid")
}

fn tree(access: Access) -> (tempfile::TempDir, Arc<dyn Dir>) {
    let temp = tempfile::tempdir().expect("a temporary directory");
    let root = HostDir::open(temp.path(), access)
        .expect("it can be opened")
        .root();
    (temp, root)
}

fn errno<T>(result: VfsResult<T>) -> Errno {
    result.err().expect("the call must fail").errno()
}

fn names(dir: &dyn Dir, from: Cookie) -> Vec<(String, Cookie)> {
    let mut found = Vec::new();
    dir.read_dir(from, &mut |entry| {
        found.push((entry.name, entry.next));
        ControlFlow::Continue(())
    })
    .expect("the directory can be listed");
    found
}

#[test]
fn what_is_written_is_on_the_host_and_is_read_back() {
    let (temp, root) = tree(Access::ReadWrite);
    let file = root
        .open_file(name("f"), OpenOptions::READ_WRITE)
        .expect("created");
    assert_eq!(file.write_at(3, b"abc").map_err(|e| e.errno()), Ok(3));
    assert_eq!(
        fs::read(temp.path().join("f")).expect("on the host"),
        b"\0\0\0abc"
    );
    let mut buf = [0; 8];
    assert_eq!(file.read_at(4, &mut buf).map_err(|e| e.errno()), Ok(2));
    assert_eq!(&buf[..2], b"bc");
    assert_eq!(file.append(b"d").map_err(|e| e.errno()), Ok((1, 7)));
}

#[test]
fn a2_no_call_follows_a_symbolic_link() {
    let (temp, root) = tree(Access::ReadWrite);
    let outside = tempfile::tempdir().expect("a second directory");
    fs::write(outside.path().join("secret"), "s").expect("written");
    symlink(outside.path().join("secret"), temp.path().join("l")).expect("linked");
    symlink(outside.path(), temp.path().join("d")).expect("linked");
    assert_eq!(
        errno(root.open_file(name("l"), OpenOptions::READ)),
        Errno::Loop
    );
    assert_eq!(
        errno(root.open_file(name("l"), OpenOptions::WRITE)),
        Errno::Loop
    );
    assert_eq!(errno(root.open_dir(name("d"))), Errno::Loop);
    let stat = root.stat_at(name("l")).expect("the link itself");
    assert_eq!(stat.file_type, FileType::SymbolicLink);
    root.remove_file(name("l")).expect("the link goes");
    assert_eq!(
        fs::read(outside.path().join("secret")).expect("still there"),
        b"s"
    );
}

#[test]
fn a2_an_absolute_link_is_refused() {
    let (_temp, root) = tree(Access::ReadWrite);
    assert_eq!(errno(root.symlink("/etc/passwd", name("l"))), Errno::Perm);
}

#[test]
fn b1_a_read_only_tree_refuses_every_change() {
    let (temp, root) = tree(Access::ReadOnly);
    fs::write(temp.path().join("f"), "old").expect("written");
    fs::create_dir(temp.path().join("d")).expect("created");
    assert_eq!(
        errno(root.open_file(name("f"), OpenOptions::WRITE)),
        Errno::Rofs
    );
    assert_eq!(
        errno(root.open_file(name("f"), OpenOptions::READ_WRITE)),
        Errno::Rofs
    );
    assert_eq!(
        errno(root.open_file(name("new"), OpenOptions::WRITE)),
        Errno::Rofs
    );
    assert_eq!(errno(root.create_dir(name("e"))), Errno::Rofs);
    assert_eq!(errno(root.remove_file(name("f"))), Errno::Rofs);
    assert_eq!(errno(root.remove_dir(name("d"))), Errno::Rofs);
    assert_eq!(
        errno(root.rename(name("f"), root.as_ref(), name("g"))),
        Errno::Rofs
    );
    assert_eq!(
        errno(root.hard_link(name("f"), root.as_ref(), name("g"))),
        Errno::Rofs
    );
    assert_eq!(errno(root.symlink("f", name("g"))), Errno::Rofs);
    assert_eq!(
        errno(root.set_times_at(name("f"), SetTimes::default())),
        Errno::Rofs
    );
    let file = root
        .open_file(name("f"), OpenOptions::READ)
        .expect("readable");
    assert_eq!(errno(file.write_at(0, b"new")), Errno::Badf);
    assert_eq!(errno(file.set_times(SetTimes::default())), Errno::Rofs);
    assert_eq!(
        fs::read(temp.path().join("f")).expect("still there"),
        b"old"
    );
}

#[test]
fn b2_a_rename_to_another_tree_is_xdev() {
    let (_one, from) = tree(Access::ReadWrite);
    let (_two, to) = tree(Access::ReadOnly);
    from.open_file(name("f"), OpenOptions::WRITE)
        .expect("created");
    assert_eq!(
        errno(from.rename(name("f"), to.as_ref(), name("f"))),
        Errno::Xdev
    );
    assert_eq!(
        errno(from.hard_link(name("f"), to.as_ref(), name("f"))),
        Errno::Xdev
    );
}

#[test]
fn d5_offsets_past_the_largest_file_are_fbig() {
    let (_temp, root) = tree(Access::ReadWrite);
    let file = root
        .open_file(name("f"), OpenOptions::READ_WRITE)
        .expect("created");
    assert_eq!(errno(file.write_at(u64::MAX, b"x")), Errno::Fbig);
    assert_eq!(errno(file.write_at(i64::MAX as u64, b"x")), Errno::Fbig);
    assert_eq!(errno(file.set_len(1 << 63)), Errno::Fbig);
    assert_eq!(errno(file.allocate(u64::MAX, 1)), Errno::Fbig);
    assert_eq!(
        file.read_at(u64::MAX, &mut [0]).map_err(|e| e.errno()),
        Ok(0)
    );
    assert_eq!(file.len().map_err(|e| e.errno()), Ok(0));
}

#[test]
fn d6_a_time_before_the_epoch_is_zero() {
    let (temp, root) = tree(Access::ReadOnly);
    let path = temp.path().join("old");
    let file = fs::File::create(&path).expect("created");
    let before = UNIX_EPOCH - Duration::from_secs(86_400);
    file.set_times(fs::FileTimes::new().set_modified(before))
        .expect("the host takes it");
    assert_eq!(root.stat_at(name("old")).expect("it is there").mtim, 0);
}

#[test]
fn e1_cookies_survive_inserts_and_deletes() {
    let (temp, root) = tree(Access::ReadWrite);
    for i in 0..20 {
        fs::write(temp.path().join(format!("f{i}")), "").expect("written");
    }
    let all = names(root.as_ref(), Cookie::START);
    assert_eq!(all.len(), 20);
    let (_, middle) = all[9];
    fs::remove_file(temp.path().join(&all[3].0)).expect("removed");
    fs::write(temp.path().join("new"), "").expect("written");
    assert_eq!(names(root.as_ref(), middle), all[10..]);
    // Read anew, through a handle that has no listing yet: the same place.
    let same_tree = HostNode::new(
        cap_std::fs::Dir::open_ambient_dir(temp.path(), ambient_authority()).expect("opened"),
        Arc::clone(
            &root
                .as_any()
                .downcast_ref::<HostNode>()
                .expect("a host directory")
                .tree,
        ),
    );
    let rest: Vec<_> = names(&same_tree, middle)
        .into_iter()
        .filter(|(n, _)| n != "new")
        .collect();
    assert_eq!(rest, all[10..]);
    assert!(names(root.as_ref(), Cookie(u64::MAX)).is_empty());
}

#[test]
fn e3_host_names_that_are_not_utf8_are_not_listed() {
    let (temp, root) = tree(Access::ReadOnly);
    let odd = temp.path().join(std::ffi::OsStr::from_bytes(b"a\xff"));
    fs::write(odd, "").expect("the host takes any bytes");
    fs::write(temp.path().join("b"), "").expect("written");
    let listed = names(root.as_ref(), Cookie::START);
    assert_eq!(
        listed.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>(),
        ["b"]
    );
}

#[test]
fn f2_a_named_pipe_is_refused_and_never_waited_for() {
    let (temp, root) = tree(Access::ReadWrite);
    let made = std::process::Command::new("mkfifo")
        .arg(temp.path().join("p"))
        .status();
    assert!(made.expect("mkfifo runs").success());
    assert_eq!(
        errno(root.open_file(name("p"), OpenOptions::READ)),
        Errno::Acces
    );
    assert_eq!(
        errno(root.open_file(name("p"), OpenOptions::WRITE)),
        Errno::Acces
    );
}

/// A directory of the host that turns into a link, back and forth, while its files are opened: the
/// check and the opening must be one step, or the link is followed between them.
#[test]
fn a6_a_link_swapped_in_while_walking_is_never_followed() {
    let (temp, root) = tree(Access::ReadWrite);
    let outside = tempfile::tempdir().expect("a second directory");
    fs::write(outside.path().join("f"), "secret").expect("written");
    let (dir, aside) = (temp.path().join("d"), temp.path().join("aside"));
    let (file, file_aside) = (temp.path().join("f"), temp.path().join("g"));
    fs::create_dir(&dir).expect("created");
    fs::write(dir.join("f"), "inside").expect("written");
    fs::write(&file, "inside").expect("written");
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                for (real, kept, target) in [
                    (&dir, &aside, outside.path().to_path_buf()),
                    (&file, &file_aside, outside.path().join("f")),
                ] {
                    fs::rename(real, kept).expect("put aside");
                    symlink(target, real).expect("linked");
                    fs::remove_file(real).expect("the link goes");
                    fs::rename(kept, real).expect("put back");
                }
            }
        });
        // Judged after the other thread was told to end: a panic here would leave it running.
        let mut read = Vec::new();
        for _ in 0..1_000 {
            let below = root.open_dir(name("d"));
            let deep = below.and_then(|below| below.open_file(name("f"), OpenOptions::READ));
            let flat = root.open_file(name("f"), OpenOptions::READ);
            for file in [deep, flat].into_iter().flatten() {
                let mut buf = [0; 6];
                let count = file.read_at(0, &mut buf);
                read.push((count, buf));
            }
        }
        done.store(true, Ordering::Relaxed);
        assert!(!read.is_empty(), "the race must be run, not only lost");
        assert!(read.iter().all(|found| *found == (Ok(6), *b"inside")));
    });
}
