//! The cache: what is in it, what is never in it, and who may write it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use afmpeg_wasi::CancelToken;
use tempfile::TempDir;

use super::super::{Acquire, Engine};
use super::gzip;
use super::server::{Fault, Server, digest, noise};
use crate::error::AcquireError;

fn directory() -> TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

/// What is in the cache, by the ends of the names.
fn left(cache: &Path) -> BTreeSet<String> {
    fs::read_dir(cache)
        .expect("the directory is there")
        .map(|entry| {
            let name = entry.expect("readable").file_name();
            let name = name.to_str().expect("ASCII").to_owned();
            name.split_once('.').expect("an extension").1.to_owned()
        })
        .collect()
}

fn names<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.map(str::to_owned).into()
}

fn module_file(cache: &Path, module: &[u8]) -> std::path::PathBuf {
    cache.join(format!("{}.wasm", digest(module)))
}

#[test]
fn what_is_in_the_cache_is_not_asked_for() {
    let home = directory();
    let cache = home.path().join("a/b");
    let module = noise(1000);
    let server = Server::new(gzip(&module));
    let acquire = || server.acquire(&module).cache_dir(&cache);
    assert!(acquire().cached().expect("no directory yet").is_none());
    assert!(!cache.exists());
    acquire().engine().expect("it is fetched");
    assert_eq!(left(&cache), names(["wasm", "lock"]));
    assert_eq!(
        fs::read(module_file(&cache, &module)).expect("there"),
        module
    );

    let engine = acquire().engine().expect("it is there");
    assert_eq!(engine.module(), Some(&module[..]));
    // Without anything that could fetch, whatever the case of the digits, and without the lock.
    fs::remove_file(cache.join(format!("{}.lock", digest(&module)))).expect("there");
    let offline = Acquire::new("", digest(&module).to_uppercase()).cache_dir(&cache);
    let cached = offline.cached().expect("readable").expect("there");
    assert_eq!(cached.sha256(), digest(&module));
    offline.engine().expect("it is there");
    assert_eq!(left(&cache), names(["wasm"]));
    assert_eq!(server.requests(), 1);
    let small = acquire().max_bytes(999).engine();
    assert!(
        matches!(small, Err(AcquireError::TooLarge { .. })),
        "{small:?}"
    );
}

#[test]
fn a_damaged_engine_is_fetched_again() {
    let home = directory();
    let module = noise(1000);
    let server = Server::new(gzip(&module));
    let acquire = || server.acquire(&module).cache_dir(home.path());
    acquire().engine().expect("it is fetched");
    let file = module_file(home.path(), &module);
    let mut flipped = module.clone();
    flipped[500] ^= 1;
    for (round, damaged) in [&flipped[..], &module[..999], &[]].into_iter().enumerate() {
        fs::write(&file, damaged).expect("writable");
        assert!(acquire().cached().expect("readable").is_none());
        let engine = acquire().engine().expect("it is fetched again");
        assert_eq!(engine.module(), Some(&module[..]));
        assert_eq!(fs::read(&file).expect("there"), module);
        assert_eq!(server.requests(), round + 2);
    }
    // It is gone also when there is no other.
    fs::write(&file, &flipped).expect("writable");
    server.fault(Fault::Status(404));
    acquire().engine().expect_err("there is no other");
    assert!(!file.exists());
}

/// Each call of one connection: the next goes on where the last one was cut.
#[test]
fn a_later_call_goes_on_after_a_cut_anywhere() {
    let module = noise(60);
    let file = gzip(&module);
    for at in 1..file.len() {
        let home = directory();
        let server = Server::new(file.clone());
        let acquire = || server.acquire(&module).cache_dir(home.path()).retries(0);
        server.fault(Fault::Break(at));
        acquire().engine().expect_err("it was cut");
        assert_eq!(left(home.path()), names(["lock", "part", "part.json"]));
        assert!(acquire().cached().expect("readable").is_none());
        let engine = acquire().engine().expect("it goes on");
        assert_eq!(engine.module(), Some(&module[..]));
        assert_eq!(server.starts(), [None, Some(at as u64)]);
        assert_eq!(left(home.path()), names(["lock", "wasm"]));
    }
}

#[test]
fn a_part_of_another_version_or_address_is_not_gone_on_with() {
    let home = directory();
    let module = noise(300);
    let server = Server::new(module.clone());
    let acquire = || server.acquire(&module).cache_dir(home.path()).retries(0);
    let cut = |at| {
        server.fault(Fault::Break(at));
        acquire().engine().expect_err("it was cut");
    };
    // The server has another version: it sends that from the beginning, in place of the rest.
    cut(100);
    server.set().etag = Some("\"v2\"".to_owned());
    cut(50);
    assert_eq!(server.starts(), [None, Some(100)]);
    let part = home.path().join(format!("{}.part", digest(&module)));
    assert_eq!(fs::read(&part).expect("kept"), module[..50]);

    // Another address: nothing is said of what the first one sent.
    let elsewhere = Acquire::new("http://mirror/engine.wasm", digest(&module))
        .fetcher(server.clone())
        .cache_dir(home.path());
    elsewhere.engine().expect("it is there, too");
    assert_eq!(server.starts(), [None, Some(100), None]);
    fs::remove_file(module_file(home.path(), &module)).expect("there");

    // A part whose origin is not known, or says what cannot be.
    let origin = home.path().join(format!("{}.part.json", digest(&module)));
    for text in ["", "{}", "remove"] {
        server.set().requests.clear();
        cut(100);
        if text == "remove" {
            fs::remove_file(&origin).expect("there");
        } else {
            fs::write(&origin, text).expect("writable");
        }
        acquire().engine().expect("from the beginning");
        assert_eq!(server.starts(), [None, None], "{text}");
        fs::remove_file(module_file(home.path(), &module)).expect("there");
    }
}

/// A part that was damaged on the disk joins with the rest to something with another digest.
#[test]
fn a_damaged_part_is_fetched_again() {
    let home = directory();
    let module = noise(300);
    for file in [module.clone(), gzip(&module)] {
        let server = Server::new(file.clone());
        let acquire = || server.acquire(&module).cache_dir(home.path()).retries(0);
        server.fault(Fault::Break(100));
        acquire().engine().expect_err("it was cut");
        let part = home.path().join(format!("{}.part", digest(&module)));
        let mut bytes = fs::read(&part).expect("kept");
        bytes[60] ^= 1;
        fs::write(&part, bytes).expect("writable");
        let engine = acquire().engine().expect("the second time it is right");
        assert_eq!(engine.module(), Some(&module[..]));
        assert_eq!(server.starts(), [None, Some(100), None]);
        assert_eq!(left(home.path()), names(["lock", "wasm"]));
        fs::remove_file(module_file(home.path(), &module)).expect("there");
    }
}

/// The program ended between the last byte and the name of the module.
#[test]
fn a_part_that_is_whole_needs_no_network() {
    let home = directory();
    let module = noise(300);
    let server = Server::new(module.clone());
    let acquire = || server.acquire(&module).cache_dir(home.path()).retries(0);
    server.fault(Fault::Break(299));
    acquire().engine().expect_err("it was cut");
    let part = home.path().join(format!("{}.part", digest(&module)));
    fs::write(&part, &module).expect("writable");
    acquire().engine().expect("nothing is missing");
    assert_eq!(server.requests(), 1);
}

#[test]
fn a_cancelled_fetch_is_gone_on_with() {
    let home = directory();
    let module = noise(300);
    let server = Server::new(module.clone());
    let token = CancelToken::new();
    let _never = server.hang_after(100);
    let acquire = server.acquire(&module).cache_dir(home.path());
    let acquire = acquire.cancel(token.clone()).progress(move |progress| {
        if progress.received == 100 {
            token.cancel();
        }
    });
    let error = acquire.engine();
    assert!(matches!(error, Err(AcquireError::Cancelled)), "{error:?}");
    let engine = server.acquire(&module).cache_dir(home.path()).engine();
    assert_eq!(engine.expect("the rest").module(), Some(&module[..]));
    assert_eq!(server.starts(), [None, Some(100)]);
}

/// Of a file that is another engine nothing stays but its name, and for a while it is not fetched again.
#[test]
fn another_engine_is_not_kept_and_not_fetched_twice() {
    let home = directory();
    let (module, other) = (noise(300), noise(299));
    let server = Server::new(other.clone());
    let acquire = || server.acquire(&module).cache_dir(home.path());
    let mut messages = BTreeSet::new();
    for _ in 0..3 {
        let error = acquire().engine().expect_err("another engine");
        assert!(
            matches!(&error, AcquireError::DigestMismatch { found, .. } if *found == digest(&other)),
            "{error:?}"
        );
        messages.insert(error.to_string());
        assert_eq!(left(home.path()), names(["lock", "refused.json"]));
    }
    assert_eq!(messages.len(), 1);
    let asked: Vec<_> = server
        .set()
        .requests
        .iter()
        .map(|request| request.if_none_match().map(str::to_owned))
        .collect();
    let known = Some("\"v1\"".to_owned());
    assert_eq!(asked, [None, known.clone(), known]);

    // An hour later it is fetched.
    let record = home
        .path()
        .join(format!("{}.refused.json", digest(&module)));
    let text = fs::read_to_string(&record).expect("there");
    let at = text.rfind("\"at\":").expect("a time") + 5;
    fs::write(&record, format!("{}1}}", &text[..at])).expect("writable");
    acquire().engine().expect_err("still another engine");
    assert_eq!(server.set().requests[3].if_none_match(), None);

    // The right file is published.
    server.set().file.clone_from(&module);
    server.set().etag = Some("\"v2\"".to_owned());
    acquire().engine().expect("now it is the right one");
    assert_eq!(left(home.path()), names(["lock", "wasm"]));
}

#[test]
fn nothing_that_is_refused_is_left() {
    let module = noise(300);
    let mut damaged = gzip(&module);
    damaged[100] ^= 1;
    let bomb = gzip(&vec![0; 1 << 20]);
    for (file, announced) in [(damaged, None), (bomb, None), (module.clone(), Some(299))] {
        let home = directory();
        let server = Server::new(file);
        if let Some(announced) = announced {
            server.fault(Fault::Announce(announced));
        }
        let acquire = server.acquire(&module).cache_dir(home.path());
        let error = acquire.max_bytes(1 << 16).engine();
        assert!(error.is_err());
        assert_eq!(left(home.path()), names(["lock"]), "{error:?}");
    }
}

#[test]
fn of_many_threads_one_fetches() {
    let home = directory();
    let module = noise(200_000);
    let server = Server::new(gzip(&module));
    let release = server.hang_after(1000);
    thread::scope(|scope| {
        let fetch = || server.acquire(&module).cache_dir(home.path()).engine();
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(fetch)).collect();
        thread::sleep(Duration::from_millis(100));
        assert_eq!(server.requests(), 1);
        drop(release);
        for thread in threads {
            let engine: Engine = thread.join().expect("no panic").expect("fetched once");
            assert_eq!(engine.module(), Some(&module[..]));
        }
    });
    // The first connection hung and was cut; then its rest.
    assert_eq!(server.starts(), [None, Some(1000)]);
}

#[test]
fn a_wait_for_another_thread_has_an_end() {
    let home = directory();
    let module = noise(300);
    let server = Server::new(module.clone());
    let release = server.hang_after(100);
    thread::scope(|scope| {
        let first = scope.spawn(|| server.acquire(&module).cache_dir(home.path()).engine());
        while server.requests() == 0 {
            thread::sleep(Duration::from_millis(1));
        }
        let waiting = || server.acquire(&module).cache_dir(home.path());
        let late = waiting().timeout(Duration::from_millis(50)).engine();
        assert!(matches!(late, Err(AcquireError::TimedOut)), "{late:?}");
        let token = CancelToken::new();
        token.cancel();
        let cancelled = waiting().cancel(token).engine();
        assert!(matches!(cancelled, Err(AcquireError::Cancelled)));
        assert_eq!(server.requests(), 1);
        drop(release);
        first
            .join()
            .expect("no panic")
            .expect("nobody disturbed it");
    });
}

#[test]
fn a_cache_that_cannot_be_used_is_named() {
    let home = directory();
    let module = noise(300);
    let server = Server::new(module.clone());
    let file = home.path().join("file");
    fs::write(&file, b"").expect("writable");
    let error = server.acquire(&module).cache_dir(&file).engine();
    let error = error.expect_err("a file is no directory");
    assert!(
        error.to_string().contains(file.to_str().expect("UTF-8")),
        "{error}"
    );
    assert!(matches!(error, AcquireError::Cache { .. }), "{error:?}");
    // What has the name of the module is no file.
    fs::create_dir(module_file(home.path(), &module)).expect("writable");
    let error = server.acquire(&module).cache_dir(home.path()).engine();
    assert!(
        matches!(error, Err(AcquireError::Cache { .. })),
        "{error:?}"
    );
    assert_eq!(server.requests(), 0);
}

#[cfg(not(feature = "download"))]
#[test]
fn without_a_fetcher_only_the_cache_helps() {
    let home = directory();
    let acquire = Acquire::new(Server::URL, digest(b"")).cache_dir(home.path().join("a"));
    let error = acquire.engine().expect_err("nothing can fetch");
    assert!(matches!(error, AcquireError::NoFetcher), "{error:?}");
    assert_eq!(left(home.path()), names([]));
}
