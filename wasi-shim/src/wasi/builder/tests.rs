//! What a guest is given, and what it cannot be given.

use super::*;
use crate::vfs::MemFs;

#[test]
fn d7_a_nul_in_an_argument_or_variable_is_refused() {
    let error = Wasi::builder().arg("a\0b").build().err();
    assert!(matches!(
        error,
        Some(BuildError::Nul {
            what: "argument",
            ..
        })
    ));
    let error = Wasi::builder().env("K", "v\0").build().err();
    assert!(matches!(error, Some(BuildError::Nul { .. })));
    let error = Wasi::builder().env("K=", "v").build().err();
    assert!(matches!(error, Some(BuildError::EnvironmentKey { .. })));
    let error = Wasi::builder().arg(vec![b'x'; MAX_STRINGS]).build().err();
    assert_eq!(error, Some(BuildError::TooLong { what: "argument" }));
}

#[test]
fn a_variable_that_is_set_twice_has_the_last_value() {
    let wasi = Wasi::builder().env("A", "1").env("B", "2").env("A", "3");
    let wasi = wasi.build().expect("plain variables are accepted");
    assert_eq!(wasi.env, [b"B=2".to_vec(), b"A=3".to_vec()]);
}

#[test]
fn the_streams_count_as_open_files() {
    let limits = Limits {
        open_files: 2,
        ..Limits::default()
    };
    let error = Wasi::builder().limits(limits).build().err();
    assert_eq!(error, Some(BuildError::TooManyFiles { limit: 2 }));
}

#[test]
fn the_root_has_a_private_tmp_and_the_devices() {
    use crate::vfs::ops;
    use std::sync::Mutex;
    let fs = MemFs::new();
    fs.write("/in", b"input").expect("new");
    let seen = Arc::new(Mutex::new(Vec::new()));
    let taken = Arc::clone(&seen);
    let limits = Limits {
        tmp_bytes: 1_000,
        ..Limits::default()
    };
    let wasi = Wasi::builder()
        .preopen("/", fs.root())
        .limits(limits)
        .random(Box::new(SeededRandom::new(1)))
        .device("/dev/progress", move |bytes: &[u8]| {
            taken.lock().expect("no panic").extend_from_slice(bytes);
        })
        .build()
        .expect("valid");
    let root = wasi.table.dir(3, Rights::NONE).expect("the root");
    assert_eq!(ops::read(root, "/in"), Ok(b"input".to_vec()));
    assert_eq!(ops::write(root, "/dev/progress", b"half"), Ok(()));
    assert_eq!(*seen.lock().expect("no panic"), b"half");
    assert_eq!(ops::write(root, "/tmp/t", [0; 900]), Ok(()));
    let over = ops::write(root, "/tmp/u", [0; 200]).map_err(|error| error.errno());
    assert!(matches!(over, Err(Errno::Nospc | Errno::Dquot)), "{over:?}");
    assert_eq!(ops::write(root, "/dev/null", b"gone"), Ok(()));
    let mut bytes = [[0xAA; 16]; 3];
    for (path, bytes) in ["/dev/zero", "/dev/random", "/dev/urandom"]
        .iter()
        .zip(&mut bytes)
    {
        let file = ops::open_file(root, path, crate::vfs::OpenOptions::READ);
        let read = file.expect("a device").read_at(0, bytes);
        assert_eq!(read, Ok(16));
    }
    assert_eq!(bytes[0], [0; 16]);
    assert!(bytes[1] != bytes[2] && bytes[1] != [0xAA; 16]);
    let tmp = wasi.tmp().expect("the guest has one");
    assert_eq!(ops::stat(tmp, "t").map(|stat| stat.size), Ok(900));
    // Nothing of it is in the caller's tree.
    assert_eq!(fs.read_dir("/").map(|entries| entries.len()), Ok(1));
}

#[test]
fn a_device_needs_a_root_and_a_bare_root_is_left_alone() {
    let error = Wasi::builder()
        .device("/dev/x", |_: &[u8]| {})
        .build()
        .err();
    assert!(matches!(error, Some(BuildError::Node { .. })));
    let fs = MemFs::new();
    let wasi = Wasi::builder().preopen("/", fs.root()).bare_root().build();
    let wasi = wasi.expect("valid");
    assert!(wasi.tmp().is_none());
    let root = wasi.table.dir(3, Rights::NONE).expect("the root");
    assert!(!crate::vfs::ops::exists(root, "/dev/null"));
}
