//! Symbolic and hard links.

use std::sync::Arc;

use super::{contents, fails, get, make_dir, name, names_in, put, refusal, works, write_all};
use crate::errno::Errno;
use crate::vfs::{Create, Dir, FileType, MemFs, OpenOptions, Vfs};

pub(super) const SYMLINK_CHECKS: [fn(Arc<dyn Dir>); 3] = [
    link_texts_are_kept_as_they_are,
    no_call_follows_a_link,
    a_link_is_removed_as_a_file,
];

pub(super) const HARD_LINK_CHECKS: [fn(Arc<dyn Dir>); 2] = [
    names_of_one_file_share_everything,
    hard_links_have_their_limits,
];

fn link_texts_are_kept_as_they_are(root: Arc<dyn Dir>) {
    for (index, text) in ["f", "missing", "d/", "./d//..", "../../out", "l"]
        .into_iter()
        .enumerate()
    {
        let link = format!("l{index}");
        works(root.symlink(text, name(&link)), "linking");
        assert_eq!(
            works(root.read_link(name(&link)), "the text of a link"),
            text
        );
        let stat = works(root.stat_at(name(&link)), "attributes of a link");
        assert_eq!(
            (stat.file_type, stat.size),
            (FileType::SymbolicLink, text.len() as u64)
        );
    }
    fails(
        root.symlink("x", name("l0")),
        Errno::Exist,
        "a link over a link",
    );
    refusal(root.symlink("", name("empty")), "a link with an empty text");
    refusal(
        root.symlink("a\0b", name("nul")),
        "a link with a NUL in its text",
    );
    refusal(
        root.symlink(&"t".repeat(1 << 20), name("long")),
        "a link text of a mebibyte",
    );
    make_dir(&*root, "d");
    fails(
        root.read_link(name("d")),
        Errno::Inval,
        "the link text of a directory",
    );
}

fn no_call_follows_a_link(root: Arc<dyn Dir>) {
    put(&*root, "f", b"abc");
    let dir = make_dir(&*root, "d");
    put(&*dir, "inside", b"");
    for (text, link) in [
        ("f", "to-f"),
        ("d", "to-d"),
        ("missing", "dangling"),
        ("self", "self"),
    ] {
        works(root.symlink(text, name(link)), "linking");
    }
    let new = OpenOptions {
        create: Create::New,
        ..OpenOptions::READ_WRITE
    };
    for link in ["to-f", "to-d", "dangling", "self"] {
        for options in [
            OpenOptions::READ,
            OpenOptions::WRITE,
            OpenOptions::READ_WRITE,
        ] {
            fails(
                root.open_file(name(link), options),
                Errno::Loop,
                "opening a link",
            );
        }
        fails(
            root.open_file(name(link), new),
            Errno::Exist,
            "a new file over a link",
        );
        fails(
            root.open_dir(name(link)),
            Errno::Loop,
            "opening a link as a directory",
        );
        fails(
            root.create_dir(name(link)),
            Errno::Exist,
            "a directory over a link",
        );
        fails(
            root.remove_dir(name(link)),
            Errno::Notdir,
            "removing a link as a directory",
        );
    }
    assert_eq!(
        names_in(&*root),
        ["d", "dangling", "f", "self", "to-d", "to-f"]
    );
    assert_eq!(get(&*root, "f"), b"abc", "nothing went through a link");
}

fn a_link_is_removed_as_a_file(root: Arc<dyn Dir>) {
    put(&*root, "f", b"abc");
    works(root.symlink("f", name("l")), "linking");
    works(root.remove_file(name("l")), "removing a link");
    assert_eq!(names_in(&*root), ["f"]);
    assert_eq!(get(&*root, "f"), b"abc");
}

fn names_of_one_file_share_everything(root: Arc<dyn Dir>) {
    let dir = make_dir(&*root, "d");
    let file = put(&*root, "a", b"abc");
    works(
        root.hard_link(name("a"), &*dir, name("b")),
        "linking into another directory",
    );
    let (one, two) = (
        works(root.stat_at(name("a")), "one"),
        works(dir.stat_at(name("b")), "two"),
    );
    assert_eq!((one.dev, one.ino, one.nlink), (two.dev, two.ino, 2));
    write_all(&*file, 3, b"def");
    assert_eq!(get(&*dir, "b"), b"abcdef");
    works(root.remove_file(name("a")), "removing the first name");
    assert_eq!(works(dir.stat_at(name("b")), "the other").nlink, 1);
    works(dir.remove_file(name("b")), "removing the last name");
    assert_eq!(contents(&*file), b"abcdef");
}

fn hard_links_have_their_limits(root: Arc<dyn Dir>) {
    let other = MemFs::new().root();
    put(&*root, "a", b"abc");
    put(&*root, "b", b"b");
    make_dir(&*root, "d");
    fails(
        root.hard_link(name("a"), &*root, name("b")),
        Errno::Exist,
        "a link over a file",
    );
    fails(
        root.hard_link(name("a"), &*root, name("a")),
        Errno::Exist,
        "a link over itself",
    );
    fails(
        root.hard_link(name("d"), &*root, name("e")),
        Errno::Perm,
        "a link to a directory",
    );
    fails(
        root.hard_link(name("none"), &*root, name("e")),
        Errno::Noent,
        "a link to nothing",
    );
    fails(
        root.hard_link(name("a"), &*other, name("a")),
        Errno::Xdev,
        "into another filesystem",
    );
    assert_eq!(names_in(&*root), ["a", "b", "d"]);
    assert_eq!(works(root.stat_at(name("a")), "attributes").nlink, 1);
}
