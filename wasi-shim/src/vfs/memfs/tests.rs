//! Tests of what `MemFs` promises beyond the conformance suite: quota, clock, snapshot, size.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::MemFs;
use crate::errno::Errno;
use crate::vfs::{Cookie, Dir, Name, OpenOptions, Quota, SetTimes, Usage, Vfs, VfsResult, ops};

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
    let mut buf = vec![0; file.len().expect("its length") as usize];
    assert_eq!(file.read_at(0, &mut buf), Ok(buf.len()));
    buf
}

fn quota(bytes: u64, nodes: u64) -> MemFs {
    MemFs::with_quota(Quota { bytes, nodes })
}

#[test]
fn f6_bytes_are_charged_exactly_and_come_back() {
    let fs = quota(100_000, 10);
    let root = fs.root();
    put(&*root, "a", &[1; 60_000]);
    put(&*root, "b", &[2; 40_000]);
    assert_eq!(
        fs.usage(),
        Usage {
            bytes: 100_000,
            nodes: 2
        }
    );
    let file = root
        .open_file(name("b"), OpenOptions::READ_WRITE)
        .expect("it is there");
    let error = file
        .write_at(40_000, b"x")
        .expect_err("the quota is used up");
    assert_eq!(error.errno(), Errno::Nospc);
    assert_eq!(
        error.to_string(),
        "byte quota of the memory filesystem: no space left on device (nospc)"
    );
    assert_eq!(file.len(), Ok(40_000));
    assert_eq!(refusal(root.symlink("x", name("l"))), Errno::Nospc);
    root.remove_file(name("a")).expect("removed");
    assert_eq!(file.write_at(40_000, &[3; 60_000]), Ok(60_000));
    root.open_file(name("b"), OpenOptions::WRITE)
        .expect("emptied");
    assert_eq!(fs.usage(), Usage { bytes: 0, nodes: 1 });
}

#[test]
fn f6_nodes_and_second_names_are_counted() {
    let fs = quota(1_000, 4);
    let root = fs.root();
    put(&*root, "f", b"");
    root.create_dir(name("d")).expect("the second node");
    root.symlink("f", name("l")).expect("the third node");
    root.hard_link(name("f"), &*root, name("g"))
        .expect("a second name is the fourth");
    assert_eq!(
        refusal(root.open_file(name("x"), OpenOptions::WRITE)),
        Errno::Nospc
    );
    assert_eq!(refusal(root.create_dir(name("x"))), Errno::Nospc);
    assert_eq!(refusal(root.symlink("f", name("x"))), Errno::Nospc);
    assert_eq!(
        refusal(root.hard_link(name("f"), &*root, name("x"))),
        Errno::Nospc
    );
    assert_eq!(root.stat_at(name("f")).map(|stat| stat.nlink), Ok(2));
    root.remove_file(name("f")).expect("one of two names");
    assert_eq!(fs.usage().nodes, 3);
    root.remove_file(name("g")).expect("the other");
    root.remove_file(name("l")).expect("the link");
    root.remove_dir(name("d")).expect("the directory");
    assert_eq!(fs.usage(), Usage { bytes: 0, nodes: 0 });
}

#[test]
fn f6_a_removed_file_is_charged_until_its_last_handle_closes() {
    let fs = quota(1_000, 1);
    let root = fs.root();
    let file = root
        .open_file(name("f"), OpenOptions::WRITE)
        .expect("a new file");
    file.write_at(0, &[0; 1_000]).expect("written");
    root.remove_file(name("f")).expect("removed");
    assert_eq!(
        fs.usage(),
        Usage {
            bytes: 1_000,
            nodes: 1
        }
    );
    assert_eq!(
        refusal(root.open_file(name("f"), OpenOptions::WRITE)),
        Errno::Nospc
    );
    drop(file);
    assert_eq!(fs.usage(), Usage { bytes: 0, nodes: 0 });
}

#[test]
fn f6_creating_and_removing_forever_leaves_nothing_behind() {
    let fs = quota(1 << 20, 3);
    let root = fs.root();
    for _ in 0..20_000 {
        put(&*root, "f", b"abc");
        root.rename(name("f"), &*root, name("g")).expect("renamed");
        put(&*root, "f", b"def");
        root.rename(name("f"), &*root, name("g")).expect("replaced");
        root.remove_file(name("g")).expect("removed");
    }
    assert_eq!(fs.usage(), Usage { bytes: 0, nodes: 0 });
}

#[test]
fn d5_a_far_write_is_fbig_and_a_sparse_one_costs_a_chunk_even_without_a_quota() {
    let fs = MemFs::unbounded();
    let file = fs
        .root()
        .open_file(name("f"), OpenOptions::READ_WRITE)
        .expect("a new file");
    assert_eq!(refusal(file.write_at(1 << 62, b"x")), Errno::Fbig);
    assert_eq!(fs.usage().bytes, 0);
    assert_eq!(file.write_at(10 << 30, b"x"), Ok(1));
    assert!(fs.usage().bytes <= 64 * 1024);
    assert_eq!(file.len(), Ok((10 << 30) + 1));
}

/// Dropping nested owners recursively overflowed the stack of a small thread.
#[test]
fn a_tree_a_hundred_thousand_deep_is_dropped_without_recursion() {
    let run = || {
        let fs = MemFs::new();
        let mut dir = fs.root();
        for _ in 0..100_000 {
            dir.create_dir(name("d")).expect("created");
            dir = dir.open_dir(name("d")).expect("opened");
        }
        drop(dir);
        let copy = fs.snapshot();
        assert_eq!(copy.usage(), fs.usage());
        drop((fs, copy));
    };
    let thread = std::thread::Builder::new()
        .stack_size(256 * 1024)
        .spawn(run);
    thread
        .expect("a thread")
        .join()
        .expect("no overflow and no panic");
}

#[test]
fn e1_a_directory_of_a_hundred_thousand_is_listed_entry_by_entry() {
    let fs = MemFs::new();
    let root = fs.root();
    for number in 0..100_000 {
        root.create_dir(name(&number.to_string())).expect("created");
    }
    let mut at = Cookie::START;
    let mut count = 0;
    loop {
        let before = at;
        root.read_dir(at, &mut |entry| {
            assert_eq!(entry.name, count.to_string(), "in the order they came");
            at = entry.next;
            ControlFlow::Break(())
        })
        .expect("listed");
        if at == before {
            break;
        }
        count += 1;
    }
    assert_eq!(count, 100_000);
}

#[test]
fn e1_a_name_that_is_replaced_during_a_listing_is_seen_once() {
    let fs = MemFs::new();
    let root = fs.root();
    for text in ["a", "b", "c"] {
        put(&*root, text, b"");
    }
    let mut seen = Vec::new();
    root.read_dir(Cookie::START, &mut |entry| {
        if entry.name == "b" {
            put(&*root, "new", b"");
            root.rename(name("new"), &*root, name("a"))
                .expect("replaced");
        }
        seen.push(entry.name);
        ControlFlow::Continue(())
    })
    .expect("listed");
    assert_eq!(seen, ["a", "b", "c"]);
}

#[test]
fn f3_a_panic_in_a_visitor_or_clock_leaves_the_filesystem_usable() {
    let armed = Arc::new(AtomicU64::new(0));
    let fuse = Arc::clone(&armed);
    let fs = MemFs::with_clock(Quota::default(), move || {
        assert_eq!(
            fuse.load(Ordering::Relaxed),
            0,
            "the clock breaks when armed"
        );
        7
    });
    let root = fs.root();
    put(&*root, "f", b"abc");
    let visit = || root.read_dir(Cookie::START, &mut |_| panic!("the visitor breaks"));
    assert!(catch_unwind(AssertUnwindSafe(visit)).is_err());
    armed.store(1, Ordering::Relaxed);
    for call in [
        &(|| root.create_dir(name("d"))) as &dyn Fn() -> VfsResult<()>,
        &|| root.remove_file(name("f")),
        &|| root.rename(name("f"), &*root, name("g")),
        &|| root.set_times(SetTimes::default()),
    ] {
        assert!(catch_unwind(AssertUnwindSafe(call)).is_err());
    }
    armed.store(0, Ordering::Relaxed);
    assert_eq!(get(&*root, "f"), b"abc");
    root.rename(name("f"), &*root, name("g")).expect("renamed");
    root.create_dir(name("d")).expect("created");
}

#[test]
fn times_come_from_the_clock_and_only_changes_move_them() {
    let time = Arc::new(AtomicU64::new(100));
    let clock = Arc::clone(&time);
    let fs = MemFs::with_clock(Quota::default(), move || clock.load(Ordering::Relaxed));
    let root = fs.root();
    put(&*root, "f", b"abc");
    let at = |text: &str| {
        let stat = root.stat_at(name(text)).expect("it is there");
        (stat.atim, stat.mtim, stat.ctim)
    };
    assert_eq!(at("f"), (100, 100, 100));
    time.store(200, Ordering::Relaxed);
    assert_eq!(get(&*root, "f"), b"abc");
    assert_eq!(at("f"), (100, 100, 100), "reading changes no time");
    let file = root
        .open_file(name("f"), OpenOptions::READ_WRITE)
        .expect("it is there");
    file.write_at(0, b"x").expect("written");
    assert_eq!(at("f"), (100, 200, 200));
    time.store(300, Ordering::Relaxed);
    root.rename(name("f"), &*root, name("g")).expect("renamed");
    assert_eq!(at("g"), (100, 200, 300), "a new name is no new content");
    assert_eq!(root.stat().map(|stat| stat.mtim), Ok(300));
    let extreme = SetTimes {
        atim: Some(u64::MAX),
        mtim: Some(0),
    };
    root.set_times_at(name("g"), extreme)
        .expect("any time can be set");
    assert_eq!(at("g"), (u64::MAX, 0, 300));
}

#[test]
fn a_snapshot_is_independent_and_keeps_links_and_numbers() {
    let fs = quota(200_000, 10);
    let root = fs.root();
    put(&*root, "f", &[1; 80_000]);
    root.create_dir(name("d")).expect("created");
    let inner = root.open_dir(name("d")).expect("opened");
    root.hard_link(name("f"), &*inner, name("g"))
        .expect("linked");
    root.symlink("d/g", name("l")).expect("linked");
    let copy = fs.snapshot();
    assert_eq!(copy.usage(), fs.usage());

    let twin = copy.root();
    assert_eq!(twin.stat_at(name("f")), root.stat_at(name("f")));
    assert_eq!(twin.stat_at(name("f")).map(|stat| stat.nlink), Ok(2));
    assert_eq!(twin.read_link(name("l")), Ok("d/g".to_owned()));
    put(&*root, "f", b"changed");
    root.remove_file(name("l")).expect("removed");
    let twin_inner = twin.open_dir(name("d")).expect("opened");
    assert_eq!(get(&*twin_inner, "g"), [1; 80_000]);
    let file = twin
        .open_file(name("f"), OpenOptions::READ_WRITE)
        .expect("it is there");
    file.write_at(70_000, &[2; 4]).expect("written");
    assert_eq!(get(&*twin_inner, "g")[69_999..70_005], [1, 2, 2, 2, 2, 1]);
    assert_eq!(get(&*inner, "g"), b"changed");
    assert_eq!(
        refusal(root.rename(name("f"), &*twin, name("x"))),
        Errno::Xdev
    );
    let last = twin
        .open_file(name("new"), OpenOptions::WRITE)
        .expect("a new file");
    let inos: Vec<_> = ["f", "d", "l"]
        .map(|n| twin.stat_at(name(n)).expect("there").ino)
        .into();
    assert!(
        !inos.contains(&last.stat().expect("attributes").ino),
        "numbers are not used twice"
    );
}

#[test]
fn a_snapshot_takes_the_same_however_much_is_stored() {
    let cost = |files: u32, bytes: usize| {
        let fs = MemFs::unbounded();
        let root = fs.root();
        for number in 0..files {
            put(&*root, &number.to_string(), &vec![1; bytes]);
        }
        let mut kept = None;
        let info = allocation_counter::measure(|| kept = Some(fs.snapshot()));
        let twin = kept.expect("made").root();
        assert_eq!(get(&*twin, "0"), vec![1; bytes]);
        (info.count_total, info.bytes_total)
    };
    let small = cost(1, 1);
    assert_eq!(cost(5_000, 10), small);
    assert_eq!(cost(2, 10_000_000), small);
}

#[test]
fn a_change_after_a_snapshot_copies_no_more_than_it_touches() {
    let fs = MemFs::unbounded();
    let root = fs.root();
    put(&*root, "f", &vec![1; 50 << 20]);
    let file = root
        .open_file(name("f"), OpenOptions::READ_WRITE)
        .expect("it is there");
    let copy = fs.snapshot();
    let write = || assert_eq!(file.write_at(30 << 20, b"changed"), Ok(7));
    let first = allocation_counter::measure(write);
    assert!(first.bytes_total < 200 << 10, "{}", first.bytes_total);
    let again = allocation_counter::measure(write);
    assert_eq!(again.count_total, 0, "what is its own is changed in place");
    assert_eq!(get(&*copy.root(), "f"), vec![1; 50 << 20]);
    drop(copy);
    let alone = allocation_counter::measure(|| assert_eq!(file.write_at(0, b"x"), Ok(1)));
    assert!(
        alone.bytes_total < 100,
        "nobody shares it: {}",
        alone.bytes_total
    );
}

#[test]
fn what_has_no_name_is_not_in_a_snapshot_and_goes_on() {
    let fs = quota(1_000, 10);
    let root = fs.root();
    put(&*root, "kept", &[1; 100]);
    put(&*root, "early", &[1; 200]);
    put(&*root, "late", &[1; 300]);
    let open = |text| {
        root.open_file(name(text), OpenOptions::READ_WRITE)
            .expect("it is there")
    };
    let (early, late) = (open("early"), open("late"));
    root.remove_file(name("early")).expect("removed");
    let copy = fs.snapshot();
    assert_eq!(
        copy.usage(),
        Usage {
            bytes: 400,
            nodes: 2
        }
    );
    root.remove_file(name("late")).expect("removed");
    early.write_at(0, &[2; 250]).expect("written");
    late.write_at(0, &[2; 350]).expect("written");
    assert_eq!(
        fs.usage(),
        Usage {
            bytes: 700,
            nodes: 3
        }
    );
    assert_eq!(get(&*copy.root(), "late"), [1; 300]);
    drop((early, late));
    assert_eq!(
        fs.usage(),
        Usage {
            bytes: 100,
            nodes: 1
        }
    );
    assert_eq!(copy.usage().bytes, 400);
}

#[test]
fn snapshots_in_the_midst_of_work_are_whole() {
    let fs = quota(1 << 20, 1_000);
    let root = fs.root();
    for text in ["a", "b"] {
        root.create_dir(name(text)).expect("created");
    }
    let [a, b] = ["a", "b"].map(|text| root.open_dir(name(text)).expect("opened"));
    put(&*a, "moving", &[0; 100_000]);
    let running = std::sync::atomic::AtomicBool::new(true);
    std::thread::scope(|scope| {
        let work = scope.spawn(|| {
            for round in 0..2_000_u32 {
                let (from, to) = if round % 2 == 0 { (&a, &b) } else { (&b, &a) };
                from.rename(name("moving"), &**to, name("moving"))
                    .expect("moved");
                let file = to
                    .open_file(name("moving"), OpenOptions::READ_WRITE)
                    .expect("it is there");
                file.write_at(0, &[round as u8; 100_000]).expect("written");
                put(&**from, "short", &[1; 10]);
                from.remove_file(name("short")).expect("removed");
            }
        });
        let watch = scope.spawn(|| {
            let mut seen = 0;
            while running.load(Ordering::Relaxed) {
                let copy = fs.snapshot();
                let dirs = ["a", "b"].map(|text| copy.root().open_dir(name(text)).expect("there"));
                let homes: Vec<_> = dirs
                    .iter()
                    .filter(|dir| dir.stat_at(name("moving")).is_ok())
                    .collect();
                assert_eq!(homes.len(), 1, "a move is whole");
                let bytes = get(&**homes[0], "moving");
                assert!(bytes.iter().all(|byte| *byte == bytes[0]), "so is a write");
                let short = dirs.iter().any(|dir| dir.stat_at(name("short")).is_ok());
                let most = if short { 100_010 } else { 100_000 };
                assert_eq!(copy.usage().nodes, 3 + u64::from(short));
                assert!(copy.usage().bytes <= most);
                seen += 1;
            }
            seen
        });
        work.join().expect("the work is done");
        running.store(false, Ordering::Relaxed);
        assert!(watch.join().expect("nothing was torn") > 0);
    });
    assert_eq!(fs.usage().bytes, 100_000);
}

#[test]
fn many_threads_create_move_and_remove_without_losing_count() {
    let fs = quota(1 << 20, 1_000);
    let root = fs.root();
    for text in ["left", "right"] {
        root.create_dir(name(text)).expect("created");
    }
    let left = root.open_dir(name("left")).expect("opened");
    let right = root.open_dir(name("right")).expect("opened");
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (left, right) = (&left, &right);
            scope.spawn(move || {
                let own = format!("own{thread}");
                for _ in 0..200 {
                    put(&**left, &own, b"abc");
                    // Everybody fights for this one.
                    let contested = left.rename(name(&own), &**right, name("contested"));
                    contested.expect("a file replaces a file");
                    put(&**left, &own, b"abc");
                    left.rename(name(&own), &**right, name(&own))
                        .expect("moved");
                    right.remove_file(name(&own)).expect("its own file");
                }
            });
        }
    });
    right.remove_file(name("contested")).expect("the last one");
    assert_eq!(fs.usage(), Usage { bytes: 0, nodes: 2 });
}

#[test]
fn a_file_of_holes_is_not_read_into_the_memory_of_the_host() {
    let fs = MemFs::with_quota(Quota {
        bytes: 1 << 20,
        nodes: 10,
    });
    fs.write("/f", b"x").expect("within the quota");
    let root = fs.root();
    let file = ops::open_file(&root, "/f", OpenOptions::WRITE).expect("it is there");
    file.set_len(1 << 40).expect("holes cost nothing");
    assert_eq!(
        fs.read("/f").map_err(|error| error.errno()),
        Err(Errno::Fbig)
    );
    file.set_len(1 << 20).expect("holes cost nothing");
    assert_eq!(fs.read("/f").map(|bytes| bytes.len()), Ok(1 << 20));
}
