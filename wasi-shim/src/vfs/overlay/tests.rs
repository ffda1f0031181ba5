//! Tests of what an overlay promises beyond the conformance suite.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::Overlay;
use crate::errno::Errno;
use crate::vfs::conformance::{self, Capabilities};
use crate::vfs::{
    Cookie, Dir, File, MemFs, Name, OpenOptions, Quota, SetTimes, Vfs, VfsResult, ops,
};

fn name(text: &str) -> Name<'_> {
    Name::new(text).expect("a test's name is valid")
}

fn refusal<T>(result: VfsResult<T>) -> Errno {
    result.err().expect("the call must fail").errno()
}

fn names(dir: &dyn Dir) -> Vec<String> {
    let mut found = Vec::new();
    dir.read_dir(Cookie::START, &mut |entry| {
        found.push(entry.name);
        ControlFlow::Continue(())
    })
    .expect("it can be listed");
    found.sort();
    found
}

fn dir(root: &Arc<dyn Dir>, path: &str) -> Arc<dyn Dir> {
    ops::open_dir(root, path).expect("it is there")
}

fn open(root: &Arc<dyn Dir>, path: &str, options: OpenOptions) -> Arc<dyn File> {
    ops::open_file(root, path, options).expect("it is there")
}

/// A lower tree `/f`, `/d/g`, `/d/e/h`, `/l -> f`, an empty upper one, and both as an overlay.
fn tree() -> (MemFs, MemFs, Arc<dyn Dir>) {
    let (lower, upper) = (MemFs::new(), MemFs::new());
    lower.create_dir_all("/d/e").expect("new directories");
    for (path, text) in [("/f", "lower f"), ("/d/g", "lower g"), ("/d/e/h", "h")] {
        lower.write(path, text).expect("written");
    }
    lower.root().symlink("f", name("l")).expect("a new link");
    let root = Overlay::new(&lower, &upper).root();
    (lower, upper, root)
}

/// Every name that the suite uses, in some form that it does not expect.
fn in_the_way() -> MemFs {
    let fs = MemFs::new();
    let words = [
        "f",
        "d",
        "a",
        "b",
        "c",
        "l",
        "t",
        "x",
        "y",
        "m",
        "g",
        "e",
        "empty",
        "full",
        "other",
        "outer",
        "inner",
        "moving",
        "replaced",
        "to-f",
        "to-d",
        "self",
        "only-read",
        "again",
    ];
    for word in words {
        fs.create_dir_all(&format!("/{word}/f/d")).expect("new");
        fs.write(&format!("/{word}/a"), "in the way").expect("new");
    }
    for number in 0..60 {
        fs.write(&format!("/f{number}"), "in the way").expect("new");
        fs.write(&format!("/old{number}"), "in the way")
            .expect("new");
    }
    fs
}

/// Removes everything in a directory.
fn clear(dir: &Arc<dyn Dir>) {
    for text in names(&**dir) {
        if let Ok(inner) = dir.open_dir(name(&text)) {
            clear(&inner);
            dir.remove_dir(name(&text)).expect("it is empty");
        } else {
            dir.remove_file(name(&text)).expect("it is a file");
        }
    }
}

#[test]
fn an_overlay_of_empty_trees_conforms() {
    let make = || Overlay::new(MemFs::new(), MemFs::new()).root();
    conformance::run(make, Capabilities::ALL);
}

#[test]
fn an_overlay_in_which_everything_was_removed_conforms() {
    let make = || {
        let root = Overlay::new(in_the_way(), MemFs::new()).root();
        clear(&root);
        root
    };
    conformance::run(make, Capabilities::ALL);
}

#[test]
fn a_moved_lower_directory_and_one_in_the_place_of_another_conform() {
    let make = |moved: bool| {
        let lower = MemFs::new();
        for path in ["/top/one/f/d", "/top/two/d/f", "/top/two/a"] {
            lower.create_dir_all(path).expect("new directories");
        }
        let root = Overlay::new(&lower, MemFs::new()).root();
        let top = dir(&root, "/top");
        for text in ["one", "two"] {
            clear(&dir(&top, text));
        }
        top.remove_dir(name("two")).expect("it is empty");
        if moved {
            top.rename(name("one"), &*root, name("two")).expect("moved");
            dir(&root, "/two")
        } else {
            top.create_dir(name("two")).expect("a new one in its place");
            dir(&top, "two")
        }
    };
    conformance::run(|| make(true), Capabilities::ALL);
    conformance::run(|| make(false), Capabilities::ALL);
}

#[test]
fn looking_and_reading_work_as_on_the_lower_tree() {
    let lower = MemFs::new();
    conformance::populate(&*lower.root());
    let make = || crate::vfs::ReadOnly::new(Overlay::new(&lower, MemFs::new())).root();
    conformance::run_read_only(make);
}

#[cfg(feature = "host-fs")]
#[test]
fn an_overlay_of_host_directories_conforms_and_leaves_the_lower_one_alone() {
    use crate::vfs::{Access, HostDir};
    let parent = tempfile::tempdir().expect("a temporary directory");
    let next = std::sync::atomic::AtomicU32::new(0);
    let fresh = || {
        let number = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let path = parent.path().join(number.to_string());
        std::fs::create_dir(&path).expect("a new directory");
        path
    };
    let lower = fresh();
    for word in ["f", "d", "a", "empty", "outer"] {
        std::fs::create_dir_all(lower.join(word).join("x")).expect("new directories");
        std::fs::write(lower.join(word).join("f"), "in the way").expect("written");
    }
    let exact_names = cfg!(not(any(target_os = "macos", windows)));
    let capabilities = Capabilities {
        exact_names,
        ..Capabilities::ALL
    };
    let make = || {
        // Not read-only: the overlay itself has to keep away from it.
        let lower = HostDir::open(&lower, Access::ReadWrite).expect("it is there");
        let upper = HostDir::open(fresh(), Access::ReadWrite).expect("it is there");
        let root = Overlay::new(&lower, &upper).root();
        clear(&root);
        root
    };
    conformance::run(make, capabilities);
    for word in ["f", "d", "a", "empty", "outer"] {
        let inside = std::fs::read(lower.join(word).join("f")).expect("still there");
        assert_eq!(inside, b"in the way");
        assert!(lower.join(word).join("x").is_dir());
    }
    assert_eq!(std::fs::read_dir(&lower).expect("listed").count(), 5);
}

#[test]
fn a_file_is_copied_when_it_is_opened_to_be_written_and_not_before() {
    let (lower, upper, root) = tree();
    assert_eq!(ops::read(&root, "/d/g"), Ok(b"lower g".to_vec()));
    assert_eq!(ops::stat(&root, "/d/e/h").map(|stat| stat.size), Ok(1));
    assert_eq!(names(&*upper.root()), [""; 0]);
    let before = ops::stat(&root, "/d/g").expect("it is there");
    let file = open(&root, "/d/g", OpenOptions::READ_WRITE);
    assert_eq!(file.stat(), ops::stat(&root, "/d/g"));
    let after = file.stat().expect("attributes");
    assert_eq!((before.dev, before.ino), (after.dev, after.ino));
    assert_eq!((before.atim, before.mtim), (after.atim, after.mtim));
    assert_eq!(file.write_at(0, b"UPPER"), Ok(5));
    assert_eq!(ops::read(&root, "/d/g"), Ok(b"UPPER g".to_vec()));
    assert_eq!(upper.read("/d/g"), Ok(b"UPPER g".to_vec()));
    assert_eq!(lower.read("/d/g"), Ok(b"lower g".to_vec()));
    assert_eq!(names(&*dir(&upper.root(), "/d")), ["g"]);
}

#[test]
fn handles_that_are_open_go_on_with_the_copy() {
    let (_lower, _upper, root) = tree();
    let reader = open(&root, "/f", OpenOptions::READ);
    let id = |file: &dyn File| file.stat().map(|stat| (stat.dev, stat.ino));
    let before = id(&*reader);
    let writer = open(&root, "/f", OpenOptions::READ_WRITE);
    writer.write_at(0, b"UPPER").expect("written");
    let mut buf = [0; 16];
    assert_eq!(reader.read_at(0, &mut buf), Ok(7));
    assert_eq!(&buf[..7], b"UPPER f");
    assert_eq!(id(&*reader), before);
    assert_eq!(id(&*writer), before);
    assert_eq!(refusal(reader.write_at(0, b"x")), Errno::Badf);
    let cut = open(&root, "/d/g", OpenOptions::READ);
    open(&root, "/d/g", OpenOptions::WRITE);
    assert_eq!(cut.len(), Ok(0), "cut by another handle");
}

#[test]
fn a_lower_file_lives_on_in_its_handles_after_it_was_removed_or_replaced() {
    let (_lower, upper, root) = tree();
    let removed = open(&root, "/f", OpenOptions::READ);
    let replaced = open(&root, "/d/g", OpenOptions::READ);
    root.remove_file(name("f")).expect("removed");
    root.symlink("x", name("new")).expect("a new link");
    root.rename(name("new"), &*dir(&root, "/d"), name("g"))
        .expect("replaced");
    let times = SetTimes {
        atim: None,
        mtim: Some(77),
    };
    for file in [&removed, &replaced] {
        assert_eq!(file.len(), Ok(7));
        assert_eq!(file.set_times(times), Ok(()));
        let stat = file.stat().expect("attributes");
        assert_eq!((stat.nlink, stat.mtim), (0, 77));
    }
    ops::write(&root, "/f", b"another").expect("written");
    let mut buf = [0; 16];
    assert_eq!(removed.read_at(0, &mut buf), Ok(7));
    assert_eq!(&buf[..7], b"lower f");
    assert_eq!(names(&*upper.root()), ["d", "f"]);
}

#[test]
fn times_set_through_a_reading_handle_copy_the_file() {
    let (lower, upper, root) = tree();
    let file = open(&root, "/f", OpenOptions::READ);
    let times = SetTimes {
        atim: Some(5),
        mtim: Some(6),
    };
    let before = lower.stat("/f");
    file.set_times(times).expect("set");
    assert_eq!(ops::stat(&root, "/f").map(|s| (s.atim, s.mtim)), Ok((5, 6)));
    assert_eq!(upper.read("/f"), Ok(b"lower f".to_vec()));
    assert_eq!(lower.stat("/f"), before);
    let d = dir(&root, "/d");
    d.set_times(times).expect("set");
    root.set_times_at(name("l"), times).expect("set");
    assert_eq!(d.stat().map(|stat| stat.mtim), Ok(6));
    assert_eq!(root.stat_at(name("l")).map(|stat| stat.mtim), Ok(6));
    assert_eq!(root.read_link(name("l")), Ok("f".to_owned()));
}

#[test]
fn b2_what_is_removed_is_hidden_by_no_name_that_a_guest_could_see_or_make() {
    let (lower, upper, root) = tree();
    root.remove_file(name("f")).expect("removed");
    clear(&dir(&root, "/d"));
    root.remove_dir(name("d")).expect("removed");
    assert_eq!(names(&*root), ["l"]);
    assert_eq!(names(&*upper.root()), [""; 0], "nothing stands for it");
    for text in [".wh.f", ".wh.l", ".wh..wh..opq", ".wh..opq", ".wh.d"] {
        ops::write(&root, text, b"").expect("a name as any other");
    }
    assert_eq!(root.read_link(name("l")), Ok("f".to_owned()), "not hidden");
    for text in names(&*root).iter().filter(|text| *text != "l") {
        root.remove_file(name(text)).expect("a file as any other");
    }
    assert_eq!(names(&*root), ["l"], "and nothing came back");
    assert!(root.stat_at(name("f")).is_err() && root.open_dir(name("d")).is_err());
    assert_eq!(lower.read("/d/e/h"), Ok(b"h".to_vec()));
}

#[test]
fn a_directory_made_in_the_place_of_a_lower_one_shows_nothing_of_it() {
    let (_lower, upper, root) = tree();
    clear(&dir(&root, "/d"));
    root.remove_dir(name("d")).expect("removed");
    root.create_dir(name("d")).expect("a new one");
    assert_eq!(names(&*dir(&root, "/d")), [""; 0]);
    ops::write(&root, "/d/own", b"").expect("written");
    root.rename(name("d"), &*root, name("x")).expect("moved");
    root.create_dir(name("d")).expect("once more");
    assert_eq!(names(&*dir(&root, "/d")), [""; 0]);
    assert_eq!(names(&*dir(&root, "/x")), ["own"]);
    assert_eq!(names(&*upper.root()), ["d", "x"]);
}

#[test]
fn a_lower_directory_moves_without_a_copy_and_leaves_its_name_free() {
    let (lower, upper, root) = tree();
    let open_dir = dir(&root, "/d/e");
    let id = |path: &str| ops::stat(&root, path).map(|stat| (stat.dev, stat.ino));
    let before = id("/d");
    root.rename(name("d"), &*root, name("moved"))
        .expect("moved");
    assert_eq!(id("/moved"), before);
    assert_eq!(ops::read(&root, "/moved/e/h"), Ok(b"h".to_vec()));
    assert_eq!(names(&*dir(&upper.root(), "/moved")), [""; 0], "no copy");
    assert_eq!(refusal(root.stat_at(name("d"))), Errno::Noent);
    ops::write(&root, "/moved/e/new", b"new").expect("written");
    assert_eq!(names(&*open_dir), ["h", "new"]);
    // Out of the moved one, over what took its old name, and the rest back to where it was.
    root.create_dir(name("d")).expect("the name is free");
    dir(&root, "/moved")
        .rename(name("e"), &*root, name("d"))
        .expect("over an empty one");
    assert_eq!(names(&*dir(&root, "/d")), ["h", "new"]);
    assert_eq!(names(&*dir(&root, "/moved")), ["g"]);
    let moved = dir(&root, "/moved");
    let into_itself = root.rename(name("moved"), &*moved, name("x"));
    assert_eq!(refusal(into_itself), Errno::Inval);
    root.rename(name("d"), &*moved, name("e")).expect("moved");
    root.rename(name("moved"), &*root, name("d"))
        .expect("moved");
    assert_eq!(names(&*dir(&root, "/d")), ["e", "g"]);
    assert_eq!(ops::read(&root, "/d/e/h"), Ok(b"h".to_vec()));
    assert_eq!(names(&*lower.root()), ["d", "f", "l"]);
    assert_eq!(names(&*dir(&lower.root(), "/d/e")), ["h"]);
}

#[test]
fn an_upper_directory_moved_over_an_emptied_lower_one_shows_nothing_of_it() {
    let (_lower, _upper, root) = tree();
    clear(&dir(&root, "/d"));
    ops::create_dir_all(&root, "/new").expect("a new directory");
    ops::write(&root, "/new/own", b"").expect("written");
    root.rename(name("new"), &*root, name("d")).expect("moved");
    assert_eq!(names(&*dir(&root, "/d")), ["own"]);
    assert_eq!(names(&*root), ["d", "f", "l"]);
}

/// A number of the upper tree can be another file's once the file is gone.
#[test]
fn a_copy_that_is_gone_is_forgotten() {
    let (lower, upper) = (MemFs::new(), MemFs::new());
    for path in ["/removed", "/replaced", "/linked"] {
        lower.write(path, b"lower").expect("written");
    }
    let overlay = Overlay::new(&lower, &upper);
    let root = overlay.root();
    for path in ["/removed", "/replaced", "/linked"] {
        open(&root, path, OpenOptions::READ_WRITE);
    }
    assert_eq!(overlay.fs.origins().len(), 3);
    root.remove_file(name("removed")).expect("removed");
    ops::write(&root, "/new", b"").expect("written");
    root.rename(name("new"), &*root, name("replaced"))
        .expect("replaced");
    root.hard_link(name("linked"), &*root, name("second"))
        .expect("linked");
    root.remove_file(name("linked")).expect("one of two names");
    assert_eq!(overlay.fs.origins().len(), 1);
    root.remove_file(name("second")).expect("the other");
    assert_eq!(overlay.fs.origins().len(), 0);
}

#[test]
fn what_is_known_about_a_directory_outlives_its_handles() {
    let (_lower, _upper, root) = tree();
    dir(&root, "/d").remove_file(name("g")).expect("removed");
    root.rename(name("d"), &*root, name("x")).expect("moved");
    let e = dir(&root, "/x/e");
    e.remove_file(name("h")).expect("removed");
    drop(e);
    assert_eq!(names(&*dir(&root, "/x")), ["e"]);
    assert_eq!(names(&*dir(&root, "/x/e")), [""; 0]);
    assert_eq!(refusal(ops::read(&root, "/x/g")), Errno::Noent);
}

#[test]
fn names_of_both_trees_are_listed_once_and_links_cross_directories() {
    let (lower, upper) = (MemFs::new(), MemFs::new());
    for number in 0..50 {
        lower
            .write(&format!("/both{number}"), "lower")
            .expect("new");
        upper
            .write(&format!("/both{number}"), "upper")
            .expect("new");
        lower.write(&format!("/lower{number}"), "").expect("new");
        upper.write(&format!("/upper{number}"), "").expect("new");
    }
    let root = Overlay::new(&lower, &upper).root();
    let all = names(&*root);
    assert_eq!(all.len(), 150);
    assert!(all.windows(2).all(|pair| pair[0] != pair[1]));
    assert_eq!(ops::read(&root, "/both7"), Ok(b"upper".to_vec()));
    root.remove_file(name("both7")).expect("removed");
    assert_eq!(refusal(ops::read(&root, "/both7")), Errno::Noent);
    root.create_dir(name("d")).expect("a new directory");
    let d = dir(&root, "/d");
    root.hard_link(name("lower1"), &*d, name("second"))
        .expect("a second name");
    ops::write(&root, "/d/second", b"changed").expect("written");
    assert_eq!(ops::read(&root, "/lower1"), Ok(b"changed".to_vec()));
    assert_eq!(d.stat_at(name("second")), root.stat_at(name("lower1")));
    assert_eq!(d.stat_at(name("second")).map(|stat| stat.nlink), Ok(2));
    assert_eq!(lower.read("/lower1"), Ok(Vec::new()));
}

#[test]
fn a_copy_keeps_holes_and_a_full_upper_tree_leaves_no_half_copy() {
    let lower = MemFs::new();
    lower.write("/sparse", b"start").expect("written");
    let sparse = open(&lower.root(), "/sparse", OpenOptions::READ_WRITE);
    sparse.write_at(20_000_000, b"end").expect("far away");
    lower.write("/big", [7; 300_000]).expect("written");
    let upper = MemFs::with_quota(Quota {
        bytes: 200_000,
        nodes: 100,
    });
    let root = Overlay::new(&lower, &upper).root();
    let copy = open(&root, "/sparse", OpenOptions::READ_WRITE);
    assert_eq!(copy.len(), Ok(20_000_003));
    assert!(upper.usage().bytes <= 128 << 10);
    let mut buf = [9; 5];
    assert_eq!(copy.read_at(19_999_998, &mut buf), Ok(5));
    assert_eq!(&buf, b"\0\0end");
    root.remove_file(name("sparse")).expect("removed");
    drop(copy);
    let opened = ops::open_file(&root, "/big", OpenOptions::READ_WRITE);
    assert_eq!(refusal(opened), Errno::Nospc);
    assert!(!upper.exists("/big"));
    assert_eq!(ops::read(&root, "/big"), Ok(vec![7; 300_000]));
    ops::write(&root, "/big", b"small").expect("truncation copies nothing");
    assert_eq!(ops::read(&root, "/big"), Ok(b"small".to_vec()));
}

#[test]
fn a_file_over_the_copy_limit_is_fbig_but_can_be_read_cut_and_removed() {
    let lower = MemFs::new();
    for path in ["/cut", "/removed"] {
        lower.write(path, [1; 1_001]).expect("written");
    }
    let root = Overlay::with_copy_limit(&lower, MemFs::new(), 1_000).root();
    let opened = ops::open_file(&root, "/cut", OpenOptions::READ_WRITE);
    assert_eq!(refusal(opened), Errno::Fbig);
    let renamed = root.rename(name("cut"), &*root, name("x"));
    assert_eq!(refusal(renamed), Errno::Fbig);
    assert_eq!(ops::read(&root, "/cut").map(|bytes| bytes.len()), Ok(1_001));
    ops::write(&root, "/cut", b"cut").expect("written");
    root.remove_file(name("removed")).expect("removed");
    assert_eq!(names(&*root), ["cut"]);
}

#[test]
fn a3_nothing_moves_between_the_overlay_and_the_trees_inside() {
    let (lower, upper, root) = tree();
    for other in [lower.root(), upper.root()] {
        let renamed = root.rename(name("f"), &*other, name("x"));
        assert_eq!(refusal(renamed), Errno::Xdev);
        let linked = root.hard_link(name("f"), &*other, name("x"));
        assert_eq!(refusal(linked), Errno::Xdev);
    }
    let again = Overlay::new(&lower, &upper).root();
    assert_eq!(
        refusal(root.rename(name("f"), &*again, name("x"))),
        Errno::Xdev
    );
}

#[test]
fn many_threads_read_copy_move_and_remove_at_once() {
    let lower = MemFs::new();
    for number in 0..100 {
        lower
            .write(&format!("/f{number}"), [1; 20_000])
            .expect("written");
    }
    lower.create_dir_all("/inner/deep").expect("new");
    let before = names(&*lower.root());
    let root = Overlay::new(&lower, MemFs::new()).root();
    std::thread::scope(|scope| {
        for thread in 0..4_usize {
            let root = &root;
            scope.spawn(move || {
                for number in 0..100 {
                    let file = format!("f{number}");
                    // Another thread may have been first with anything here.
                    let reader = root.open_file(name(&file), OpenOptions::READ);
                    let options = OpenOptions {
                        create: crate::vfs::Create::Never,
                        ..OpenOptions::READ_WRITE
                    };
                    if let Ok(writer) = root.open_file(name(&file), options) {
                        writer.write_at(0, &[2; 20_000]).expect("written");
                    }
                    if let Ok(reader) = reader {
                        let mut buf = [0; 20_000];
                        assert_eq!(reader.read_at(0, &mut buf), Ok(20_000));
                        assert!(buf.iter().all(|byte| *byte == buf[0]), "torn");
                    }
                    let _ = root.rename(name("inner"), &**root, name("outer"));
                    let _ = root.rename(name("outer"), &**root, name("inner"));
                    if number % 4 == thread {
                        root.remove_file(name(&file)).expect("its own to remove");
                    }
                    names(&**root);
                }
            });
        }
    });
    assert_eq!(names(&*root), ["inner"]);
    assert_eq!(names(&*dir(&root, "/inner")), ["deep"]);
    assert_eq!(names(&*lower.root()), before);
}

#[test]
fn a_tree_fifty_thousand_deep_is_changed_and_dropped_without_recursion() {
    let run = || {
        let lower = MemFs::new();
        let mut at = lower.root();
        for _ in 0..50_000 {
            at.create_dir(name("d")).expect("created");
            at = at.open_dir(name("d")).expect("opened");
        }
        drop(at);
        let mut at = Overlay::new(&lower, MemFs::new()).root();
        for _ in 0..50_000 {
            at = at.open_dir(name("d")).expect("opened");
        }
        ops::write(&at, "/f", b"deep").expect("written");
        assert_eq!(names(&*at), ["f"]);
    };
    let thread = std::thread::Builder::new()
        .stack_size(256 * 1024)
        .spawn(run);
    thread.expect("a thread").join().expect("no overflow");
}
