//! Names: creating, finding and removing what they stand for.

use std::sync::Arc;

use super::{fails, get, list, make_dir, name, names_in, put, refusal, works};
use crate::errno::Errno;
use crate::vfs::{Cookie, Dir, FileType, OpenOptions};

pub(super) const CHECKS: [fn(Arc<dyn Dir>); 5] = [
    directories_come_and_go,
    removal_minds_the_kind,
    attributes_tell_nodes_apart,
    odd_names_are_names,
    a_removed_directory_takes_nothing_in,
];

pub(super) const EXACT_CHECKS: [fn(Arc<dyn Dir>); 1] = [twins_are_different_names];

fn directories_come_and_go(root: Arc<dyn Dir>) {
    fails(
        root.open_dir(name("d")),
        Errno::Noent,
        "opening a missing directory",
    );
    let dir = make_dir(&*root, "d");
    fails(
        root.create_dir(name("d")),
        Errno::Exist,
        "creating a directory twice",
    );
    put(&*dir, "f", b"inside");
    put(&*root, "f", b"outside");
    fails(
        root.create_dir(name("f")),
        Errno::Exist,
        "a directory over a file",
    );
    assert_eq!(get(&*dir, "f"), b"inside");
    assert_eq!(get(&*root, "f"), b"outside");
    fails(
        root.remove_dir(name("d")),
        Errno::Notempty,
        "removing a directory with an entry",
    );
    works(dir.remove_file(name("f")), "removing its entry");
    works(root.remove_dir(name("d")), "removing an empty directory");
    fails(root.stat_at(name("d")), Errno::Noent, "a removed directory");
    works(root.sync(), "syncing a directory");
}

fn removal_minds_the_kind(root: Arc<dyn Dir>) {
    make_dir(&*root, "d");
    put(&*root, "f", b"");
    fails(
        root.remove_file(name("d")),
        Errno::Isdir,
        "removing a directory as a file",
    );
    fails(
        root.remove_dir(name("f")),
        Errno::Notdir,
        "removing a file as a directory",
    );
    fails(
        root.remove_file(name("none")),
        Errno::Noent,
        "removing a missing file",
    );
    fails(
        root.remove_dir(name("none")),
        Errno::Noent,
        "removing a missing directory",
    );
    fails(
        root.read_link(name("f")),
        Errno::Inval,
        "the link text of a file",
    );
    fails(
        root.read_link(name("none")),
        Errno::Noent,
        "the link text of nothing",
    );
    assert_eq!(names_in(&*root), ["d", "f"]);
}

fn attributes_tell_nodes_apart(root: Arc<dyn Dir>) {
    let dir = make_dir(&*root, "d");
    put(&*root, "f", b"abc");
    put(&*dir, "f", b"abcd");
    let stats = [
        works(root.stat(), "attributes of the root"),
        works(dir.stat(), "attributes of a directory"),
        works(root.stat_at(name("f")), "attributes of a file"),
        works(dir.stat_at(name("f")), "attributes of a file"),
    ];
    let ids: std::collections::BTreeSet<_> =
        stats.iter().map(|stat| (stat.dev, stat.ino)).collect();
    assert_eq!(ids.len(), stats.len(), "each node has its own number");
    let by_name = works(root.stat_at(name("d")), "attributes by name");
    assert_eq!(
        (by_name.dev, by_name.ino),
        (stats[1].dev, stats[1].ino),
        "by name as by handle"
    );
    let types = stats.map(|stat| stat.file_type);
    use FileType::{Directory, RegularFile};
    assert_eq!(types, [Directory, Directory, RegularFile, RegularFile]);
    assert_eq!((stats[2].size, stats[3].size), (3, 4));
    fails(
        root.stat_at(name("none")),
        Errno::Noent,
        "attributes of nothing",
    );
}

fn odd_names_are_names(root: Arc<dyn Dir>) {
    let longest = "n".repeat(255);
    let mut odd = vec!["...", " ", "-", "a b", "\u{1f3ac}", "e\u{301}", &longest];
    if cfg!(not(windows)) {
        odd.extend([
            "a\\b", "\n", "*?", "CON", "NUL.txt", "a:stream", "C:x", "dot.", "space ",
        ]);
    }
    for text in &odd {
        put(&*root, text, text.as_bytes());
    }
    for text in &odd {
        assert_eq!(get(&*root, text), text.as_bytes(), "{text:?}");
    }
    odd.sort_unstable();
    assert_eq!(names_in(&*root), odd);
}

fn a_removed_directory_takes_nothing_in(root: Arc<dyn Dir>) {
    let dir = make_dir(&*root, "d");
    works(root.remove_dir(name("d")), "removing an open directory");
    works(dir.stat(), "attributes of a removed directory");
    fails(
        dir.open_file(name("f"), OpenOptions::WRITE),
        Errno::Noent,
        "a file in a removed directory",
    );
    fails(
        dir.create_dir(name("e")),
        Errno::Noent,
        "a directory in a removed one",
    );
    refusal(dir.open_dir(name("e")), "opening in a removed directory");
    make_dir(&*root, "d");
    fails(
        dir.create_dir(name("e")),
        Errno::Noent,
        "the old handle stays with the old directory",
    );
    assert!(list(&*works(root.open_dir(name("d")), "opening"), Cookie::START).is_empty());
}

fn twins_are_different_names(root: Arc<dyn Dir>) {
    let twins = ["A", "a", "e\u{301}", "\u{e9}"];
    for text in twins {
        put(&*root, text, text.as_bytes());
    }
    for text in twins {
        assert_eq!(get(&*root, text), text.as_bytes(), "{text:?}");
    }
    assert_eq!(names_in(&*root).len(), twins.len());
}
