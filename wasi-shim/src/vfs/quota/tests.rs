//! Tests of what `WithQuota` promises beyond the conformance suite: the count.

use std::sync::Arc;

use super::{Quota, Usage, WithQuota};
use crate::errno::Errno;
use crate::vfs::{
    Create, Dir, FaultInject, Faults, File, MemFs, Name, OpenOptions, Operation, Vfs, VfsResult,
    conformance, ops,
};

fn name(text: &str) -> Name<'_> {
    Name::new(text).expect("a test's name is valid")
}

fn refusal<T>(result: VfsResult<T>) -> Errno {
    result.err().expect("the call must fail").errno()
}

fn limited(bytes: u64, nodes: u64) -> (MemFs, WithQuota, Arc<dyn Dir>) {
    let fs = MemFs::unbounded();
    let tree = WithQuota::new(&fs, Quota { bytes, nodes }).expect("an empty tree");
    let root = tree.root();
    (fs, tree, root)
}

fn create(root: &Arc<dyn Dir>, file: &str) -> Arc<dyn File> {
    root.open_file(name(file), OpenOptions::READ_WRITE)
        .expect("created")
}

const fn usage(bytes: u64, nodes: u64) -> Usage {
    Usage { bytes, nodes }
}

#[test]
fn a_tree_with_a_quota_conforms() {
    let make = || WithQuota::new(MemFs::unbounded(), Quota::default());
    conformance::run(
        || make().expect("an empty tree").root(),
        conformance::Capabilities::ALL,
    );
    conformance::run_read_only(|| {
        let fs = MemFs::new();
        conformance::populate(&*fs.root());
        let read_only = crate::vfs::ReadOnly::new(&fs);
        let tree = WithQuota::new(read_only, Quota::default());
        tree.expect("a readable tree").root()
    });
}

#[cfg(feature = "host-fs")]
#[test]
fn a_host_directory_with_a_quota_conforms_and_counts() {
    use crate::vfs::{Access, HostDir};
    let parent = tempfile::tempdir().expect("a temporary directory");
    let next = std::sync::atomic::AtomicU32::new(0);
    let fresh = || {
        let number = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let path = parent.path().join(number.to_string());
        std::fs::create_dir(&path).expect("a new directory");
        HostDir::open(path, Access::ReadWrite).expect("it is there")
    };
    let exact_names = cfg!(not(any(target_os = "macos", windows)));
    let capabilities = conformance::Capabilities {
        exact_names,
        ..conformance::Capabilities::ALL
    };
    let make = || WithQuota::new(fresh(), Quota::default()).expect("an empty tree");
    conformance::run(|| make().root(), capabilities);
    let tree = make();
    let root = tree.root();
    for _ in 0..50 {
        ops::write(&root, "/f", [1; 1_000]).expect("written");
        let open = create(&root, "f");
        root.rename(name("f"), &*root, name("g")).expect("renamed");
        ops::write(&root, "/f", [1; 10]).expect("written");
        root.rename(name("f"), &*root, name("g")).expect("replaced");
        assert_eq!(tree.usage(), usage(1_010, 2), "the replaced file is open");
        drop(open);
        root.remove_file(name("g")).expect("removed");
    }
    assert_eq!(tree.usage(), usage(0, 0));
}

#[test]
fn f6_bytes_are_charged_exactly_refused_before_the_tree_and_come_back() {
    let (fs, tree, root) = limited(1_000, 10);
    let file = create(&root, "f");
    assert_eq!(file.write_at(0, &[1; 600]), Ok(600));
    assert_eq!(file.write_at(0, &[2; 600]), Ok(600), "overwriting is free");
    assert_eq!(file.append(&[3; 400]), Ok((400, 1_000)));
    let error = file.write_at(999, b"xy").expect_err("one byte too many");
    assert_eq!(
        error.to_string(),
        "byte quota of the filesystem: no space left on device (nospc)"
    );
    assert_eq!(refusal(file.append(b"x")), Errno::Nospc);
    assert_eq!(refusal(file.allocate(1_000, 1)), Errno::Nospc);
    assert_eq!(refusal(root.symlink("t", name("l"))), Errno::Nospc);
    assert_eq!(fs.stat("/f").map(|stat| stat.size), Ok(1_000));
    assert_eq!(tree.usage(), usage(1_000, 1));
    file.set_len(100).expect("cut");
    assert_eq!(tree.usage(), usage(100, 1));
    root.open_file(name("f"), OpenOptions::WRITE)
        .expect("emptied");
    assert_eq!(tree.usage(), usage(0, 1));
    root.symlink("four", name("l")).expect("a new link");
    assert_eq!(tree.usage(), usage(4, 2));
    root.remove_file(name("l")).expect("removed");
    root.remove_file(name("f")).expect("removed");
    drop(file);
    assert_eq!(tree.usage(), usage(0, 0));
}

#[test]
fn holes_are_free_until_they_are_written_also_after_closing() {
    let (_fs, tree, root) = limited(1_000, 10);
    let file = create(&root, "f");
    file.set_len(1 << 39).expect("a hole");
    assert_eq!(tree.usage().bytes, 0);
    assert_eq!(file.write_at(1 << 38, &[1; 100]), Ok(100));
    assert_eq!(tree.usage().bytes, 100);
    drop(file);
    let file = create(&root, "f");
    assert_eq!(file.write_at(0, &[1; 500]), Ok(500));
    assert_eq!(tree.usage().bytes, 600 + 256, "a second range");
    assert_eq!(refusal(file.allocate(0, 1 << 30)), Errno::Nospc);
    file.set_len(500).expect("cut");
    file.allocate(0, 1_000).expect("within the quota");
    assert_eq!(tree.usage().bytes, 1_000);
    assert_eq!(file.write_at(0, &[1; 1_000]), Ok(1_000), "already charged");
    root.remove_file(name("f")).expect("removed");
    drop(file);
    assert_eq!(tree.usage(), usage(0, 0));
}

#[test]
fn f6_a_removed_or_replaced_file_counts_until_its_last_handle_closes() {
    let (_fs, tree, root) = limited(1_000, 3);
    for text in ["removed", "replaced"] {
        ops::write(&root, text, [1; 300]).expect("written");
    }
    let options = OpenOptions::READ;
    let removed = root.open_file(name("removed"), options).expect("there");
    let replaced = root.open_file(name("replaced"), options).expect("there");
    root.remove_file(name("removed")).expect("removed");
    ops::write(&root, "new", [1; 100]).expect("written");
    root.rename(name("new"), &*root, name("replaced"))
        .expect("replaced");
    assert_eq!(tree.usage(), usage(700, 3));
    assert_eq!(refusal(root.create_dir(name("d"))), Errno::Nospc);
    drop(removed);
    assert_eq!(tree.usage(), usage(400, 2));
    drop(replaced);
    assert_eq!(tree.usage(), usage(100, 1));
}

#[test]
fn f6_nodes_and_second_names_are_counted() {
    let (_fs, tree, root) = limited(1_000, 4);
    ops::write(&root, "f", [1; 10]).expect("the first node");
    root.create_dir(name("d")).expect("the second node");
    root.symlink("f", name("l")).expect("the third node");
    root.hard_link(name("f"), &*root, name("g"))
        .expect("a second name is the fourth");
    let new = OpenOptions {
        create: Create::New,
        ..OpenOptions::READ_WRITE
    };
    assert_eq!(refusal(root.open_file(name("x"), new)), Errno::Nospc);
    assert_eq!(refusal(root.create_dir(name("x"))), Errno::Nospc);
    assert_eq!(refusal(root.create_dir(name("d"))), Errno::Exist);
    assert_eq!(refusal(root.symlink("f", name("x"))), Errno::Nospc);
    let link = root.hard_link(name("f"), &*root, name("x"));
    assert_eq!(refusal(link), Errno::Nospc);
    root.remove_file(name("f")).expect("one of two names");
    assert_eq!(tree.usage(), usage(11, 3));
    for text in ["g", "l"] {
        root.remove_file(name(text)).expect("removed");
    }
    root.remove_dir(name("d")).expect("removed");
    assert_eq!(tree.usage(), usage(0, 0));
}

#[test]
fn what_is_there_is_counted_once_and_comes_back_when_it_goes() {
    let fs = MemFs::new();
    fs.create_dir_all("/a/b").expect("new directories");
    fs.write("/a/b/f", [1; 500]).expect("written");
    fs.root().symlink("text", name("l")).expect("a new link");
    let b = ops::open_dir(&fs.root(), "/a/b").expect("it is there");
    b.hard_link(name("f"), &*fs.root(), name("g"))
        .expect("a second name");
    let quota = Quota {
        bytes: 400,
        nodes: 3,
    };
    let tree = WithQuota::new(&fs, quota).expect("a readable tree");
    assert_eq!(tree.usage(), usage(504, 5));
    let root = tree.root();
    assert_eq!(refusal(root.create_dir(name("d"))), Errno::Nospc);
    let file = create(&root, "g");
    assert_eq!(
        file.write_at(100, &[2; 400]),
        Ok(400),
        "overwriting is free"
    );
    assert_eq!(refusal(file.append(b"x")), Errno::Nospc);
    file.set_len(300).expect("cut");
    assert_eq!(tree.usage(), usage(304, 5));
    drop(file);
    root.remove_file(name("g")).expect("one of two names");
    root.remove_file(name("l")).expect("removed");
    assert_eq!(tree.usage(), usage(300, 3));
    ops::remove_file(&root, "/a/b/f").expect("the last name");
    assert_eq!(tree.usage(), usage(0, 2));
}

#[test]
fn what_fails_inside_costs_nothing() {
    let fs = MemFs::new();
    let faults = Faults::none()
        .nth_of(Operation::Write, 2, Errno::Io)
        .every(Operation::CreateDir, Errno::Io)
        .every(Operation::Symlink, Errno::Io)
        .every(Operation::HardLink, Errno::Io)
        .every(Operation::Allocate, Errno::Notsup)
        .when(|call, _| {
            (call.operation() == Operation::OpenFile && call.path() == "/bad").then_some(Errno::Io)
        })
        .short_transfers(3);
    let tree = WithQuota::new(FaultInject::new(&fs, faults), Quota::default());
    let tree = tree.expect("an empty tree");
    let root = tree.root();
    let file = create(&root, "f");
    let first = file.write_at(0, &[1; 1_000]).expect("a part") as u64;
    assert_eq!(tree.usage(), usage(first, 1), "what was written, not asked");
    assert_eq!(refusal(file.write_at(first, &[1; 1_000])), Errno::Io);
    let (second, _) = file.append(&[1; 1_000]).expect("a part");
    assert_eq!(refusal(file.allocate(0, 9_000)), Errno::Notsup);
    assert_eq!(refusal(root.create_dir(name("d"))), Errno::Io);
    assert_eq!(refusal(root.symlink("x", name("l"))), Errno::Io);
    let link = root.hard_link(name("f"), &*root, name("g"));
    assert_eq!(refusal(link), Errno::Io);
    let bad = root.open_file(name("bad"), OpenOptions::WRITE);
    assert_eq!(refusal(bad), Errno::Io);
    assert_eq!(tree.usage(), usage(first + second as u64, 1));
}

/// A guest that opens and closes for hours must not make the host grow.
#[test]
fn c3_nothing_is_kept_about_files_without_holes_that_are_closed() {
    let (_fs, tree, root) = limited(1 << 20, 100);
    for number in 0..50 {
        ops::write(&root, &format!("f{number}"), [1; 100]).expect("written");
        ops::read(&root, &format!("f{number}")).expect("read");
    }
    assert_eq!(tree.shared.known_files(), 0);
    create(&root, "f7").set_len(200).expect("a hole");
    assert_eq!(tree.shared.known_files(), 1);
    assert_eq!(tree.usage(), usage(5_000, 50));
}

#[test]
fn many_threads_write_cut_and_remove_without_losing_count() {
    let (_fs, tree, root) = limited(1 << 30, 1_000);
    std::thread::scope(|scope| {
        for thread in 0..4_u64 {
            let root = &root;
            scope.spawn(move || {
                for round in 0..200_u64 {
                    let shared = create(root, "shared");
                    shared
                        .write_at(thread * 100 + round, &[1; 500])
                        .expect("written");
                    ops::write(root, "truncated", [1; 300]).expect("written");
                    let own = format!("own{thread}");
                    ops::write(root, &own, [1; 50]).expect("written");
                    shared.set_len(round).expect("cut");
                    // Everybody fights for this one.
                    root.rename(name(&own), &**root, name("contested"))
                        .expect("moved");
                }
            });
        }
    });
    for text in ["shared", "truncated", "contested"] {
        root.remove_file(name(text)).expect("it is there");
    }
    assert_eq!(tree.usage(), usage(0, 0));
}
