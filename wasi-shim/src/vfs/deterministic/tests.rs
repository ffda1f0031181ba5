//! The view passes the suite, and shows nothing of the tree's own numbers, times and order.

use std::sync::Arc;

use super::Deterministic;
use crate::clock::{Clock, VirtualClock};
use crate::errno::Errno;
use crate::vfs::conformance::{self, Capabilities};
use crate::vfs::{
    Cookie, Dir, FaultInject, Faults, MemFs, Name, OpenOptions, Operation, SetTimes, Stat, Vfs,
};

fn name(text: &str) -> Name<'_> {
    Name::new(text).expect("a test's name is valid")
}

fn view(tree: impl Vfs) -> Arc<dyn Dir> {
    let clock = VirtualClock::new();
    let view = Deterministic::new(tree, move || clock.realtime());
    view.expect("the tree has a root").root()
}

fn listed(dir: &dyn Dir) -> Vec<(String, u64)> {
    let mut found = Vec::new();
    dir.read_dir(Cookie::START, &mut |entry| {
        found.push((entry.name, entry.ino));
        std::ops::ControlFlow::Continue(())
    })
    .expect("it can be listed");
    found
}

fn stat_at(dir: &dyn Dir, text: &str) -> Stat {
    dir.stat_at(name(text)).expect("it is there")
}

#[test]
fn it_is_a_filesystem_like_the_one_inside() {
    conformance::run(|| view(MemFs::new()), Capabilities::ALL);
}

#[test]
fn it_can_be_over_a_tree_that_refuses_every_change() {
    let make = || {
        let fs = MemFs::new();
        conformance::populate(&*fs.root());
        view(crate::vfs::ReadOnly::new(fs))
    };
    conformance::run_read_only(make);
}

#[cfg(feature = "host-fs")]
#[test]
fn it_can_be_over_a_directory_of_the_host() {
    use crate::vfs::{Access, HostDir};
    let kept = std::cell::RefCell::default();
    conformance::run(
        || {
            let directory = tempfile::tempdir().expect("a temporary directory can be made");
            let tree = HostDir::open(directory.path(), Access::ReadWrite).expect("it is there");
            Vec::push(&mut kept.borrow_mut(), directory);
            view(tree)
        },
        Capabilities::ALL,
    );
}

#[test]
fn numbers_times_and_order_are_its_own() {
    let made = |names: [&str; 3]| {
        // Numbers that are used up, and times of the system.
        let fs = MemFs::new();
        for text in names {
            fs.write("/gone", "x").expect("there is room");
            fs.write(&format!("/{text}"), text).expect("there is room");
            crate::vfs::ops::remove_file(&fs.root(), "/gone").expect("it is there");
        }
        fs.create_dir_all("/d/e").expect("a new directory");
        let root = view(fs);
        (listed(&*root), stat_at(&*root, "b"), stat_at(&*root, "d"))
    };
    let (names, file, dir) = made(["c", "a", "b"]);
    assert_eq!((names.clone(), file, dir), made(["b", "c", "a"]));
    let expected = [("a", 2), ("b", 3), ("c", 4), ("d", 5)];
    assert_eq!(names, expected.map(|(text, ino)| (text.to_owned(), ino)));
    assert_eq!((file.dev, file.ino, file.size), (1, 3, 1));
    assert_eq!(
        (file.mtim, file.ctim),
        (VirtualClock::START, VirtualClock::START)
    );
    assert_eq!((dir.nlink, dir.size), (1, 0));
}

#[test]
fn what_is_changed_gets_the_time_of_the_clock_and_a_new_file_a_new_number() {
    let fs = MemFs::new();
    fs.write("/old", "x").expect("there is room");
    let root = view(&fs);
    let before = stat_at(&*root, "old");
    let file = root.open_file(name("old"), OpenOptions::READ_WRITE);
    let file = file.expect("it is there");
    file.write_at(0, b"y").expect("there is room");
    let after = stat_at(&*root, "old");
    assert_eq!(after, file.stat().expect("it has attributes"));
    assert_eq!((after.ino, after.atim), (before.ino, before.atim));
    assert!(after.mtim > before.mtim && after.mtim == after.ctim);
    let own = root.stat().expect("it has attributes");
    root.remove_file(name("old")).expect("it is there");
    assert!(root.stat().expect("it has attributes").mtim > own.mtim);
    let open = file.stat().expect("it is open");
    assert_eq!((open.ino, open.nlink), (before.ino, 0));
    root.open_file(name("old"), OpenOptions::WRITE)
        .expect("made");
    let new = stat_at(&*root, "old");
    assert!(new.ino > before.ino && new.ctim > open.ctim);
}

/// What was done is not told as refused when the tree fails at the look that follows it.
#[test]
fn a_look_that_fails_afterwards_undoes_nothing() {
    // The first look is at the root itself.
    for (at, what) in [
        (2, "create_dir"),
        (2, "symlink"),
        (2, "hard_link"),
        (2, "times"),
    ] {
        let fs = MemFs::new();
        fs.write("/f", b"x").expect("there is room");
        let faulty = FaultInject::new(&fs, Faults::none().nth_of(Operation::Stat, at, Errno::Io));
        let root = Deterministic::new(faulty.clone(), || 7)
            .expect("the root can be looked at")
            .root();
        let set = SetTimes {
            atim: None,
            mtim: Some(5),
        };
        let done = match what {
            "create_dir" => root.create_dir(name("n")),
            "symlink" => root.symlink("f", name("n")),
            "hard_link" => root.hard_link(name("f"), &*root, name("n")),
            _ => root.set_times_at(name("f"), set),
        };
        assert!(done.is_ok(), "{what}: {done:?}");
        assert_eq!(faulty.injected(), 1, "{what}");
        assert_eq!(fs.exists("/n"), what != "times", "{what}");
    }
}
