//! Renaming, within a directory and between two.

use std::sync::Arc;

use super::{contents, fails, get, list, make_dir, name, names_in, put, works};
use crate::errno::Errno;
use crate::vfs::{Cookie, Dir, MemFs, Vfs};

pub(super) const CHECKS: [fn(Arc<dyn Dir>); 8] = [
    files_move_and_replace,
    kinds_do_not_replace_each_other,
    a_directory_does_not_move_into_itself,
    handles_stay_with_what_they_opened,
    a_moved_tree_keeps_everything_in_it,
    a_replaced_directory_takes_nothing_in,
    another_filesystem_is_xdev,
    crossing_moves_do_not_deadlock,
];

pub(super) const SYMLINK_CHECKS: [fn(Arc<dyn Dir>); 1] = [a_link_moves_as_a_link];

pub(super) const HARD_LINK_CHECKS: [fn(Arc<dyn Dir>); 1] = [two_names_of_one_file_both_stay];

fn files_move_and_replace(root: Arc<dyn Dir>) {
    let dir = make_dir(&*root, "d");
    put(&*root, "a", b"a");
    works(
        root.rename(name("a"), &*root, name("b")),
        "renaming in place",
    );
    works(
        root.rename(name("b"), &*dir, name("c")),
        "moving to another directory",
    );
    assert_eq!(names_in(&*root), ["d"]);
    assert_eq!(get(&*dir, "c"), b"a");
    let replaced = put(&*root, "t", b"target");
    works(dir.rename(name("c"), &*root, name("t")), "replacing a file");
    assert_eq!(get(&*root, "t"), b"a");
    assert_eq!(
        contents(&*replaced),
        b"target",
        "the replaced file lives on in its handle"
    );
    assert!(list(&*dir, Cookie::START).is_empty());
    works(
        root.rename(name("t"), &*root, name("t")),
        "renaming to its own name",
    );
    assert_eq!(get(&*root, "t"), b"a");
    fails(
        root.rename(name("none"), &*root, name("t")),
        Errno::Noent,
        "renaming nothing",
    );
    assert_eq!(get(&*root, "t"), b"a");
}

fn kinds_do_not_replace_each_other(root: Arc<dyn Dir>) {
    put(&*root, "f", b"file");
    let full = make_dir(&*root, "full");
    put(&*full, "x", b"");
    make_dir(&*root, "empty");
    make_dir(&*root, "other");
    fails(
        root.rename(name("f"), &*root, name("empty")),
        Errno::Isdir,
        "a file over a directory",
    );
    fails(
        root.rename(name("empty"), &*root, name("f")),
        Errno::Notdir,
        "a directory over a file",
    );
    fails(
        root.rename(name("empty"), &*root, name("full")),
        Errno::Notempty,
        "over a full directory",
    );
    works(
        root.rename(name("full"), &*root, name("empty")),
        "over an empty directory",
    );
    assert_eq!(names_in(&*root), ["empty", "f", "other"]);
    assert_eq!(
        names_in(&*works(root.open_dir(name("empty")), "opening")),
        ["x"]
    );
}

fn a_directory_does_not_move_into_itself(root: Arc<dyn Dir>) {
    let outer = make_dir(&*root, "outer");
    let inner = make_dir(&*outer, "inner");
    fails(
        root.rename(name("outer"), &*outer, name("x")),
        Errno::Inval,
        "into itself",
    );
    fails(
        root.rename(name("outer"), &*inner, name("x")),
        Errno::Inval,
        "into its own child",
    );
    fails(
        outer.rename(name("inner"), &*root, name("outer")),
        Errno::Notempty,
        "over its parent",
    );
    put(&*inner, "f", b"");
    fails(
        inner.rename(name("f"), &*root, name("outer")),
        Errno::Isdir,
        "a file over a directory above it",
    );
    assert_eq!(names_in(&*root), ["outer"]);
    assert_eq!(names_in(&*outer), ["inner"]);
    assert_eq!(names_in(&*inner), ["f"]);
}

fn handles_stay_with_what_they_opened(root: Arc<dyn Dir>) {
    let dir = make_dir(&*root, "d");
    let file = put(&*dir, "f", b"abc");
    let other = make_dir(&*root, "other");
    works(
        root.rename(name("d"), &*other, name("moved")),
        "moving an open directory",
    );
    put(&*dir, "g", b"new");
    let moved = works(other.open_dir(name("moved")), "opening where it went");
    assert_eq!(names_in(&*moved), ["f", "g"]);
    assert_eq!(contents(&*file), b"abc");
    assert_eq!(get(&*moved, "g"), b"new");
}

fn a_moved_tree_keeps_everything_in_it(root: Arc<dyn Dir>) {
    let a = make_dir(&*root, "a");
    let b = make_dir(&*a, "b");
    let c = make_dir(&*b, "c");
    put(&*a, "f", b"in a");
    put(&*c, "f", b"in c");
    let other = make_dir(&*root, "other");
    works(root.rename(name("a"), &*other, name("x")), "moving a tree");
    works(other.rename(name("x"), &*other, name("y")), "once more");
    let again = make_dir(&*root, "a");
    assert!(
        names_in(&*again).is_empty(),
        "the old name is free and what is made there is new"
    );
    let y = works(other.open_dir(name("y")), "opening where it went");
    assert_eq!(names_in(&*y), ["b", "f"]);
    assert_eq!(get(&*y, "f"), b"in a");
    put(&*c, "g", b"through an old handle");
    let inner = works(y.open_dir(name("b")), "opening inside");
    works(
        inner.rename(name("c"), &*root, name("c")),
        "moving a part out again",
    );
    let out = works(root.open_dir(name("c")), "opening what moved out");
    assert_eq!(names_in(&*out), ["f", "g"]);
    assert_eq!(get(&*out, "f"), b"in c");
    assert!(names_in(&*b).is_empty());
    fails(
        other.rename(name("y"), &*b, name("z")),
        Errno::Inval,
        "into itself, by a handle from before the move",
    );
    works(
        other.rename(name("y"), &*c, name("z")),
        "into what was inside it once",
    );
    assert_eq!(names_in(&*out), ["f", "g", "z"]);
    assert!(names_in(&*other).is_empty());
}

fn a_replaced_directory_takes_nothing_in(root: Arc<dyn Dir>) {
    let moving = make_dir(&*root, "moving");
    put(&*moving, "f", b"abc");
    let replaced = make_dir(&*root, "replaced");
    works(
        root.rename(name("moving"), &*root, name("replaced")),
        "over an empty directory",
    );
    fails(
        replaced.create_dir(name("d")),
        Errno::Noent,
        "a directory in one that was replaced",
    );
    assert!(list(&*replaced, Cookie::START).is_empty());
    put(&*moving, "g", b"");
    let there = works(root.open_dir(name("replaced")), "opening");
    assert_eq!(names_in(&*there), ["f", "g"]);
    assert_eq!(names_in(&*root), ["replaced"]);
}

fn another_filesystem_is_xdev(root: Arc<dyn Dir>) {
    let other = MemFs::new().root();
    put(&*root, "f", b"abc");
    fails(
        root.rename(name("f"), &*other, name("f")),
        Errno::Xdev,
        "to another filesystem",
    );
    assert_eq!(get(&*root, "f"), b"abc");
    assert!(
        list(&*other, Cookie::START).is_empty(),
        "never a silent copy"
    );
}

fn crossing_moves_do_not_deadlock(root: Arc<dyn Dir>) {
    let dirs = [make_dir(&*root, "a"), make_dir(&*root, "b")];
    make_dir(&*dirs[0], "x");
    make_dir(&*dirs[1], "y");
    std::thread::scope(|scope| {
        for (moving, home) in [("x", 0), ("y", 1)] {
            let (here, there) = (&dirs[home], &dirs[1 - home]);
            scope.spawn(move || {
                for _ in 0..200 {
                    works(
                        here.rename(name(moving), &**there, name(moving)),
                        "moving there",
                    );
                    works(
                        there.rename(name(moving), &**here, name(moving)),
                        "moving back",
                    );
                }
            });
        }
        scope.spawn(|| {
            for _ in 0..200 {
                list(&*dirs[0], Cookie::START);
                list(&*dirs[1], Cookie::START);
            }
        });
    });
    assert_eq!(names_in(&*dirs[0]), ["x"]);
    assert_eq!(names_in(&*dirs[1]), ["y"]);
}

fn a_link_moves_as_a_link(root: Arc<dyn Dir>) {
    put(&*root, "f", b"abc");
    works(root.symlink("f", name("l")), "linking");
    works(root.rename(name("l"), &*root, name("m")), "renaming a link");
    assert_eq!(works(root.read_link(name("m")), "its text"), "f");
    put(&*root, "g", b"new");
    works(
        root.rename(name("g"), &*root, name("m")),
        "replacing a link",
    );
    assert_eq!(get(&*root, "m"), b"new");
    assert_eq!(
        get(&*root, "f"),
        b"abc",
        "what the link pointed to is left alone"
    );
}

fn two_names_of_one_file_both_stay(root: Arc<dyn Dir>) {
    put(&*root, "a", b"abc");
    works(root.hard_link(name("a"), &*root, name("b")), "linking");
    works(
        root.rename(name("a"), &*root, name("b")),
        "renaming onto the same file",
    );
    assert_eq!(names_in(&*root), ["a", "b"], "nothing happens");
    put(&*root, "c", b"new");
    works(
        root.rename(name("c"), &*root, name("b")),
        "replacing one of two names",
    );
    assert_eq!(works(root.stat_at(name("a")), "attributes").nlink, 1);
    assert_eq!(get(&*root, "a"), b"abc");
}
