//! Tests of files that are handed over.

use std::sync::Mutex;

use afmpeg_wasi::vfs::{MemFs, ops};

use super::*;

type Given = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

fn leaving(fs: &MemFs) -> (Arc<dyn Dir>, Given) {
    let given = Given::default();
    let keep = Arc::clone(&given);
    let tree = HandOver::new(fs, move |file| lock(&keep).push((file.path, file.bytes)));
    (tree.root(), given)
}

fn name(text: &str) -> Name<'_> {
    Name::new(text).expect("a test's name is valid")
}

#[test]
fn a_file_leaves_when_it_is_closed_and_is_still_known() {
    let fs = MemFs::new();
    let (root, given) = leaving(&fs);
    ops::create_dir_all(&root, "/d").expect("it is made");
    let dir = root.open_dir(name("d")).expect("it is there");
    let open = |options| dir.open_file(name("1.ts"), options).expect("it opens");
    let first = open(OpenOptions::WRITE);
    let second = open(OpenOptions::READ_WRITE);
    first.write_at(0, b"abc").expect("there is room");
    drop(first);
    assert!(lock(&given).is_empty(), "one handle is open");
    second.write_at(3, b"def").expect("there is room");
    drop(second);
    assert_eq!(*lock(&given), [("/d/1.ts".to_owned(), b"abcdef".to_vec())]);
    assert!(!fs.exists("/d/1.ts"));
    assert_eq!(ops::stat(&root, "/d/1.ts").map(|stat| stat.size), Ok(6));
    ops::remove_file(&root, "/d/1.ts").expect("it is known");
    assert!(ops::stat(&root, "/d/1.ts").is_err());
}

#[test]
fn what_is_renamed_leaves_under_its_new_name_each_time() {
    let fs = MemFs::new();
    fs.write("/old", b"old").expect("room");
    let (root, given) = leaving(&fs);
    for version in [&b"1"[..], b"22"] {
        ops::write(&root, "/list.m3u8.tmp", version).expect("it is written");
        ops::rename(&root, "/list.m3u8.tmp", "/list.m3u8").expect("it is renamed");
    }
    let list = "/list.m3u8".to_owned();
    assert_eq!(
        *lock(&given),
        [(list.clone(), b"1".to_vec()), (list, b"22".to_vec())]
    );
    assert_eq!(ops::stat(&root, "/list.m3u8").map(|stat| stat.size), Ok(2));
    assert_eq!(ops::read(&root, "/old"), Ok(b"old".to_vec()));
    let unchanged = root.open_file(name("old"), OpenOptions::READ_WRITE);
    drop(unchanged.expect("it opens"));
    assert!(fs.exists("/old"), "what is only read stays");
}

#[test]
fn a_file_that_is_renamed_while_it_is_open_leaves_when_it_is_closed() {
    let fs = MemFs::new();
    let (root, given) = leaving(&fs);
    let file = root
        .open_file(name("a"), OpenOptions::WRITE)
        .expect("it opens");
    ops::rename(&root, "/a", "/b").expect("it is renamed");
    file.write_at(0, b"late").expect("there is room");
    assert!(lock(&given).is_empty());
    drop(file);
    assert_eq!(*lock(&given), [("/b".to_owned(), b"late".to_vec())]);
    let gone = root
        .open_file(name("c"), OpenOptions::WRITE)
        .expect("it opens");
    ops::remove_file(&root, "/c").expect("it is removed");
    drop(gone);
    assert_eq!(lock(&given).len(), 1, "what is removed does not leave");
}

#[test]
fn after_a_panic_nothing_is_taken_and_nothing_lost() {
    let fs = MemFs::new();
    let tree = HandOver::new(&fs, |_| panic!("no room"));
    let root = tree.root();
    ops::write(&root, "/1", b"1").expect("it is written before it leaves");
    assert_eq!(fs.read("/1"), Ok(b"1".to_vec()));
    let error = ops::write(&root, "/2", b"2").expect_err("nobody takes it");
    assert_eq!(error.errno(), Errno::Io);
}
