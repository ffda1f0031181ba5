//! Tests of trees of objects.

use std::sync::atomic::{AtomicUsize, Ordering};

use object_store::ObjectStoreExt;
use object_store::memory::InMemory;

use super::*;
use crate::vfs::{conformance, ops};

fn name(text: &str) -> Name<'_> {
    Name::new(text).expect("a test's name is valid")
}

fn errno<T>(result: VfsResult<T>) -> Errno {
    result.err().expect("the call must fail").errno()
}

fn put(store: &InMemory, path: &str, bytes: impl Into<Vec<u8>>) {
    let path = Path::parse(path).expect("a valid path");
    pollster::block_on(store.put(&path, bytes.into().into())).expect("memory takes it");
}

/// A store, its tree, and how many requests were made.
fn tree(prefix: &str) -> (Arc<InMemory>, ObjectTree, Arc<AtomicUsize>) {
    let store = Arc::new(InMemory::new());
    let requests = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&requests);
    let tree = ObjectTree::new(Arc::clone(&store) as _, prefix, move |task| {
        count.fetch_add(1, Ordering::Relaxed);
        pollster::block_on(task);
    });
    (store, tree.expect("a valid prefix"), requests)
}

#[test]
fn a_tree_of_objects_conforms() {
    let make = || {
        let (store, tree, _) = tree("some/where");
        put(&store, "some/where/f", "abc");
        put(&store, "some/where/d/g", "defg");
        put(&store, "some/where/d/e/keep", "");
        put(&store, "some/wherever", "outside");
        tree.root()
    };
    conformance::run_read_only(make);
}

#[test]
fn long_objects_are_read_by_ranges_that_are_kept() {
    let (store, tree, requests) = tree("");
    let bytes: Vec<u8> = (0..10 * BLOCK).map(|at| (at / 4099) as u8).collect();
    put(&store, "long", bytes.clone());
    let root = tree.root();
    let file = root.open_file(name("long"), OpenOptions::READ);
    let file = file.expect("it is there");
    requests.store(0, Ordering::Relaxed);
    let mut buf = vec![0; 70_000];
    for at in (0..bytes.len()).step_by(70_000) {
        let count = file.read_at(at as u64, &mut buf).expect("it is read");
        assert_eq!(buf[..count], bytes[at..bytes.len().min(at + 70_000)]);
    }
    assert_eq!(requests.load(Ordering::Relaxed), 10);
    // The header again, and the end again: the one is forgotten, the other is not.
    assert_eq!(file.read_at(10 * BLOCK - 5, &mut buf), Ok(5));
    assert_eq!(requests.load(Ordering::Relaxed), 10);
    assert_eq!(file.read_at(3, &mut buf[..9]), Ok(9));
    assert_eq!(requests.load(Ordering::Relaxed), 11);
    assert_eq!(file.read_at(10 * BLOCK, &mut buf), Ok(0));
    assert_eq!(file.read_at(u64::MAX, &mut buf), Ok(0));
}

const BLOCK: u64 = 1 << 20;

#[test]
fn an_object_that_is_replaced_is_stale() {
    let (store, tree, _) = tree("");
    put(&store, "f", vec![1; 3 << 20]);
    let file = tree.root().open_file(name("f"), OpenOptions::READ);
    let file = file.expect("it is there");
    let mut buf = [0; 4];
    assert_eq!(file.read_at(0, &mut buf), Ok(4));
    put(&store, "f", vec![2; 3 << 20]);
    assert_eq!(errno(file.read_at(2 << 20, &mut buf)), Errno::Stale);
    assert_eq!(ops::read(&tree.root(), "/f").map(|b| b[0]), Ok(2));
}

#[test]
fn listings_hold_while_objects_come_and_go() {
    let (store, tree, _) = tree("");
    for letter in ["a", "b", "c", "d"] {
        put(&store, letter, "x");
    }
    put(&store, "b/below", "x");
    let root = tree.root();
    let mut seen = Vec::new();
    let mut from = Cookie::START;
    for added in ["aa", "0", "e", "f"] {
        let mut next = None;
        root.read_dir(from, &mut |entry| {
            seen.push((entry.name, entry.file_type));
            next = Some(entry.next);
            ControlFlow::Break(())
        })
        .expect("it lists");
        from = next.expect("there is another");
        put(&store, added, "x");
    }
    let names: Vec<&str> = seen.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["a", "b", "c", "d"]);
    assert_eq!(seen[1].1, FileType::RegularFile);
    assert_eq!(ops::read(&root, "/b/below"), Ok(b"x".to_vec()));
    assert_eq!(ops::read_dir(&root, "/").map(|all| all.len()), Ok(8));
}

#[test]
fn a_task_that_is_not_run_is_an_error() {
    let store = Arc::new(InMemory::new());
    let tree = ObjectTree::new(store, "", |_| ()).expect("a valid prefix");
    assert_eq!(errno(tree.root().stat_at(name("f"))), Errno::Io);
    let store = Arc::new(InMemory::new());
    assert_eq!(
        errno(ObjectTree::new(store, "a//b", |_| ()).map(drop)),
        Errno::Inval
    );
}
