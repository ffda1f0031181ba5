//! Trees that refuse every change.

use std::sync::Arc;

use super::{contents, fails, get, make_dir, name, names_in, put, works};
use crate::errno::Errno;
use crate::vfs::{Create, Dir, OpenOptions, SetTimes, Stat};

/// Fills an empty directory with what [`run_read_only`] looks for: a file `f`, and a directory `d`
/// with a file `g` and an empty directory `e`.
///
/// # Panics
///
/// When the directory cannot be written.
pub fn populate(dir: &dyn Dir) {
    put(dir, "f", b"abc");
    let inner = make_dir(dir, "d");
    put(&*inner, "g", b"defg");
    make_dir(&*inner, "e");
}

/// Checks that a backend refuses every change with `Rofs` and keeps every byte and time. `make`
/// gives a read-only view of a directory filled by [`populate`].
///
/// # Panics
///
/// When the backend breaks the contract.
pub fn run_read_only(make: impl Fn() -> Arc<dyn Dir>) {
    for check in [
        reading_works,
        changes_by_name_are_refused,
        changes_by_handle_are_refused,
    ] {
        let root = make();
        let before = state(&*root);
        check(&root);
        assert_eq!(state(&*root), before, "nothing changed");
        assert_eq!(get(&*root, "f"), b"abc");
    }
}

fn reading_works(root: &Arc<dyn Dir>) {
    assert_eq!(names_in(&**root), ["d", "f"]);
    let inner = works(root.open_dir(name("d")), "opening a directory");
    assert_eq!(names_in(&*inner), ["e", "g"]);
    assert_eq!(get(&*inner, "g"), b"defg");
    fails(
        root.open_file(name("none"), OpenOptions::READ),
        Errno::Noent,
        "a missing file",
    );
    fails(
        root.open_file(name("d"), OpenOptions::READ),
        Errno::Isdir,
        "a directory as a file",
    );
    fails(
        root.open_dir(name("f")),
        Errno::Notdir,
        "a file as a directory",
    );
}

fn changes_by_name_are_refused(root: &Arc<dyn Dir>) {
    let inner = works(root.open_dir(name("d")), "opening a directory");
    let times = SetTimes {
        atim: Some(1),
        mtim: Some(1),
    };
    let new = OpenOptions {
        create: Create::New,
        ..OpenOptions::READ
    };
    let truncate = OpenOptions {
        truncate: true,
        ..OpenOptions::READ
    };
    let create = OpenOptions {
        create: Create::IfAbsent,
        ..OpenOptions::READ
    };
    let write = OpenOptions {
        write: true,
        ..OpenOptions::READ
    };
    for options in [OpenOptions::WRITE, OpenOptions::READ_WRITE, truncate, write] {
        fails(
            root.open_file(name("f"), options),
            Errno::Rofs,
            "opening to change",
        );
    }
    for options in [OpenOptions::WRITE, OpenOptions::READ_WRITE, create, new] {
        fails(
            root.open_file(name("new"), options),
            Errno::Rofs,
            "creating a file",
        );
    }
    fails(
        root.create_dir(name("new")),
        Errno::Rofs,
        "creating a directory",
    );
    fails(root.remove_file(name("f")), Errno::Rofs, "removing a file");
    fails(
        inner.remove_dir(name("e")),
        Errno::Rofs,
        "removing a directory",
    );
    fails(
        root.rename(name("f"), &*inner, name("h")),
        Errno::Rofs,
        "moving a file",
    );
    fails(
        inner.rename(name("g"), &*inner, name("h")),
        Errno::Rofs,
        "renaming a file",
    );
    fails(
        root.hard_link(name("f"), &*inner, name("h")),
        Errno::Rofs,
        "linking a file",
    );
    fails(root.symlink("f", name("l")), Errno::Rofs, "creating a link");
    fails(
        root.set_times_at(name("f"), times),
        Errno::Rofs,
        "setting times by name",
    );
    fails(
        inner.set_times(times),
        Errno::Rofs,
        "setting times of a directory",
    );
}

/// An existing file may be opened with "create if absent": there is nothing to create.
fn changes_by_handle_are_refused(root: &Arc<dyn Dir>) {
    let create = OpenOptions {
        create: Create::IfAbsent,
        ..OpenOptions::READ
    };
    let file = works(
        root.open_file(name("f"), create),
        "opening a file that exists",
    );
    let times = SetTimes {
        atim: Some(1),
        mtim: Some(1),
    };
    for result in [
        file.write_at(0, b"x").map(drop),
        file.append(b"x").map(drop),
        file.set_len(0),
        file.allocate(0, 100),
    ] {
        let errno = result
            .expect_err("a change of a read-only file must fail")
            .errno();
        assert!(matches!(errno, Errno::Rofs | Errno::Badf), "{errno}");
    }
    fails(
        file.set_times(times),
        Errno::Rofs,
        "setting times by handle",
    );
    assert_eq!(contents(&*file), b"abc");
}

/// Everything about the tree that could change.
fn state(root: &dyn Dir) -> Vec<(String, Stat)> {
    let mut all = Vec::new();
    let inner = works(root.open_dir(name("d")), "opening a directory");
    for (prefix, dir) in [("", root), ("d/", &*inner)] {
        for text in names_in(dir) {
            let stat = works(dir.stat_at(name(&text)), "attributes");
            // Reading may change the access time.
            all.push((format!("{prefix}{text}"), Stat { atim: 0, ..stat }));
        }
    }
    all
}
