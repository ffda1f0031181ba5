//! What a server and a connection can do to a fetch.

use std::error::Error as _;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use afmpeg_wasi::CancelToken;

use super::super::{Engine, FetchProgress, FetchStatus};
use super::gzip;
use super::server::{Fault, Server, digest, noise};
use crate::error::{AcquireError, FetchError};

/// A time that no test waits for.
const LONG: Duration = Duration::from_secs(60);

#[test]
fn a_file_is_fetched_plain_or_compressed() {
    let module = noise(1000);
    for file in [module.clone(), gzip(&module)] {
        let server = Server::new(file);
        let engine = server.acquire(&module).engine().expect("it is there");
        assert_eq!(engine.module(), Some(&module[..]));
        assert_eq!(engine.sha256(), digest(&module));
        assert_eq!(server.starts(), [None]);
    }
}

/// The connection ends after every number of bytes, with an error and without, also twice.
#[test]
fn a_connection_cut_anywhere_is_taken_up_again() {
    let module = noise(300);
    let file = gzip(&module);
    for at in 1..file.len() {
        for first in [Fault::End(at), Fault::Break(at)] {
            let server = Server::new(file.clone());
            server.fault(first);
            server.fault(Fault::Break(1));
            let engine = server.acquire(&module).engine().expect("it goes on");
            assert_eq!(engine.module(), Some(&module[..]), "cut at {at}");
            let at = at as u64;
            let mut starts = vec![None, Some(at), Some(at + 1)];
            if at + 1 == file.len() as u64 {
                // The last byte came with the break.
                starts.pop();
            }
            assert_eq!(server.starts(), starts);
        }
    }
}

#[test]
fn a_connection_that_brings_nothing_is_given_up() {
    let module = noise(300);
    let server = Server::new(module.clone());
    server.fault(Fault::Break(100));
    for _ in 0..2 {
        server.fault(Fault::Break(0));
    }
    let error = server.acquire(&module).retries(1).engine();
    let error = error.expect_err("two in a row brought nothing");
    let AcquireError::Cut {
        received: 100,
        announced: Some(300),
        ..
    } = error
    else {
        panic!("{error:?}");
    };
    assert!(error.source().is_some());
    assert!(!error.to_string().contains("secret"), "{error}");
    assert_eq!(server.starts(), [None, Some(100), Some(100)]);

    server.fault(Fault::Break(100));
    let error = server.acquire(&module).retries(0).engine();
    assert!(matches!(error, Err(AcquireError::Cut { .. })), "{error:?}");
    assert_eq!(server.requests(), 4);
}

#[test]
fn a_server_without_ranges_sends_all_of_it_again() {
    let module = noise(300);
    let server = Server::new(module.clone());
    server.set().has_ranges = false;
    server.fault(Fault::Break(200));
    let engine = server
        .acquire(&module)
        .engine()
        .expect("from the beginning");
    assert_eq!(engine.module(), Some(&module[..]));
    assert_eq!(server.starts(), [None, Some(200)]);

    // The same bytes again and again are no progress.
    for _ in 0..9 {
        server.fault(Fault::Break(200));
    }
    let error = server.acquire(&module).retries(1).engine();
    assert!(matches!(error, Err(AcquireError::Cut { .. })), "{error:?}");
    assert_eq!(server.requests(), 2 + 3);
}

#[test]
fn without_a_validator_nothing_is_gone_on_with() {
    let module = noise(300);
    let server = Server::new(module.clone());
    for etag in [None, Some("W/\"weak\"".to_owned())] {
        server.set().etag = etag;
        server.set().requests.clear();
        server.fault(Fault::Break(200));
        let engine = server.acquire(&module).engine();
        assert_eq!(engine.expect("again").module(), Some(&module[..]));
        assert_eq!(server.starts(), [None, None]);
    }
}

#[test]
fn another_version_of_the_file_starts_from_its_beginning() {
    let (old, new) = (noise(300), noise(400)[100..].to_vec());
    let server = Server::new(old);
    let release = server.hang_after(100);
    let changed = server.clone();
    let acquire = server.acquire(&new).progress({
        let mut release = Some(release);
        let new = new.clone();
        move |progress: FetchProgress| {
            if progress.received == 100 && release.is_some() {
                changed.set().file.clone_from(&new);
                changed.set().etag = Some("\"v2\"".to_owned());
                release = None;
            }
        }
    });
    let engine = acquire.engine().expect("the new version is right");
    assert_eq!(engine.module(), Some(&new[..]));
    assert_eq!(server.starts(), [None, Some(100)]);
}

/// A server that keeps its ETag over a change: the digest tells.
#[test]
fn a_mixture_of_two_versions_is_fetched_again() {
    let (old, new) = (vec![1; 300], vec![2; 300]);
    let server = Server::new(old);
    let release = server.hang_after(100);
    let changed = server.clone();
    let acquire = server.acquire(&new).progress({
        let mut release = Some(release);
        move |progress: FetchProgress| {
            if progress.received == 100 && release.is_some() {
                changed.set().file = vec![2; 300];
                release = None;
            }
        }
    });
    let engine = acquire
        .engine()
        .expect("the second time it is of one piece");
    assert_eq!(engine.module(), Some(&new[..]));
    assert_eq!(server.starts(), [None, Some(100), None]);
}

#[test]
fn a_part_that_is_another_is_not_joined() {
    let module = noise(300);
    let others = [(50, Some(300)), (100, Some(301))];
    let mut answers: Vec<_> = others
        .map(|(start, total)| FetchStatus::Partial { start, total })
        .into();
    answers.push(FetchStatus::RangeNotSatisfiable);
    for answer in answers {
        let server = Server::new(module.clone());
        server.fault(Fault::Break(100));
        server.fault(Fault::Answer(answer));
        let engine = server
            .acquire(&module)
            .engine()
            .expect("from the beginning");
        assert_eq!(engine.module(), Some(&module[..]));
        assert_eq!(server.starts(), [None, Some(100), None], "{answer:?}");
    }
}

#[test]
fn an_answer_to_another_question_is_an_error() {
    let module = noise(300);
    let partial = FetchStatus::Partial {
        start: 0,
        total: Some(300),
    };
    for answer in [
        FetchStatus::NotModified,
        FetchStatus::RangeNotSatisfiable,
        partial,
    ] {
        let server = Server::new(module.clone());
        server.fault(Fault::Answer(answer));
        let error = server.acquire(&module).engine();
        let error = error.expect_err("nothing of that was asked for");
        assert!(
            matches!(
                error,
                AcquireError::Fetch {
                    source: FetchError::Protocol(_),
                    ..
                }
            ),
            "{error:?}"
        );
    }
}

#[test]
fn what_is_missing_stays_missing_and_what_is_busy_is_asked_again() {
    let module = noise(300);
    let server = Server::new(module.clone());
    server.fault(Fault::Status(404));
    let error = server.acquire(&module).engine().expect_err("not there");
    assert_eq!(
        error.to_string(),
        "http://test/engine.wasm cannot be fetched: the server answered with status 404"
    );
    assert_eq!(server.requests(), 1);
    server.fault(Fault::Status(503));
    server.acquire(&module).engine().expect("a moment later");
    assert_eq!(server.requests(), 3);
}

#[test]
fn a_body_of_another_length_than_announced_is_refused() {
    let module = noise(300);
    let server = Server::new(module.clone());
    server.fault(Fault::Announce(299));
    let error = server.acquire(&module).engine().expect_err("one too many");
    assert!(
        matches!(error, AcquireError::Overlong { announced: 299, .. }),
        "{error:?}"
    );
    server.fault(Fault::Announce(301));
    let error = server.acquire(&module).retries(0).engine();
    assert!(
        matches!(
            error,
            Err(AcquireError::Cut {
                received: 300,
                announced: Some(301),
                ..
            })
        ),
        "{error:?}"
    );
}

#[test]
fn what_is_too_large_is_refused_announced_or_not() {
    let module = noise(300);
    let server = Server::new(module.clone());
    for has_length in [true, false] {
        server.set().has_length = has_length;
        let error = server.acquire(&module).max_bytes(299).engine();
        let error = error.expect_err("one too many");
        assert!(
            matches!(error, AcquireError::TooLarge { limit: 299 }),
            "{error:?}"
        );
        let engine = server.acquire(&module).max_bytes(300).engine();
        assert_eq!(engine.expect("just enough").module(), Some(&module[..]));
    }
    // An announcement is refused before the body: it is never read.
    server.set().has_length = true;
    let _never = server.hang_after(0);
    let error = server.acquire(&module).max_bytes(299).engine();
    assert!(
        matches!(error, Err(AcquireError::TooLarge { .. })),
        "{error:?}"
    );
}

#[test]
fn a_body_without_end_stops_at_the_limit() {
    struct Endless;
    impl super::super::Fetch for Endless {
        fn get(
            &self,
            _: &super::super::FetchRequest,
        ) -> Result<super::super::FetchResponse, FetchError> {
            let response = super::super::FetchResponse::new(FetchStatus::Full);
            Ok(response.body(std::io::repeat(0)))
        }
    }
    let error = Server::new([])
        .acquire(b"")
        .fetcher(Endless)
        .max_bytes(1 << 20)
        .timeout(Duration::from_secs(5))
        .engine();
    assert!(
        matches!(error, Err(AcquireError::TooLarge { .. })),
        "{error:?}"
    );
}

#[test]
fn a_bomb_stops_at_the_limit() {
    let module = vec![0; 1 << 20];
    let bomb = gzip(&module);
    assert!(bomb.len() < 1 << 16);
    let server = Server::new(bomb);
    let error = server.acquire(&module).max_bytes(1 << 16).engine();
    let error = error.expect_err("too much comes out of it");
    assert!(
        matches!(error, AcquireError::TooLarge { limit: 0x1_0000 }),
        "{error:?}"
    );
}

#[test]
fn damaged_gzip_and_another_engine_are_told_apart() {
    let module = noise(300);
    let mut file = gzip(&module);
    let crc = file.len() - 6;
    file[crc] ^= 1;
    let error = Server::new(file).acquire(&module).engine();
    assert!(matches!(error, Err(AcquireError::Gzip { .. })), "{error:?}");

    let other = noise(299);
    let error = Server::new(other.clone()).acquire(&module).engine();
    let error = error.expect_err("another engine");
    let message = error.to_string();
    assert!(message.contains(&digest(&module)) && message.contains(&digest(&other)));
    assert!(!message.contains("secret"), "{message}");
    assert!(
        matches!(&error, AcquireError::DigestMismatch { expected, found, .. }
            if *expected == digest(&module) && *found == digest(&other)),
        "{error:?}"
    );
}

#[test]
fn a_hanging_body_and_a_hanging_client_are_cancelled() {
    struct Dead(std::sync::Mutex<std::sync::mpsc::Receiver<()>>);
    impl super::super::Fetch for Dead {
        fn get(
            &self,
            _: &super::super::FetchRequest,
        ) -> Result<super::super::FetchResponse, FetchError> {
            let _ = self.0.lock().expect("one thread").recv();
            Err(FetchError::Status(500))
        }
    }
    let module = noise(300);
    let server = Server::new(module.clone());
    let _never = server.hang_after(100);
    let (_sender, receiver) = channel();
    for acquire in [
        server.acquire(&module),
        server
            .acquire(&module)
            .fetcher(Dead(std::sync::Mutex::new(receiver))),
    ] {
        let token = CancelToken::new();
        let canceller = token.clone();
        let thread = thread::spawn(move || {
            thread::sleep(Duration::from_millis(100));
            canceller.cancel();
            Instant::now()
        });
        let error = acquire.cancel(token).stall(LONG).engine();
        let ended = Instant::now();
        let cancelled = thread.join().expect("it only sleeps");
        assert!(matches!(error, Err(AcquireError::Cancelled)), "{error:?}");
        // 50 ms are promised; a machine under test may be busy.
        let after = ended.saturating_duration_since(cancelled);
        assert!(after < Duration::from_secs(1), "{after:?}");
    }
}

#[test]
fn a_silent_server_counts_as_cut_and_a_deadline_ends_it() {
    let module = noise(300);
    let server = Server::new(module.clone());
    let _never = server.hang_after(100);
    let engine = server
        .acquire(&module)
        .stall(Duration::from_millis(50))
        .engine()
        .expect("the next connection is better");
    assert_eq!(engine.module(), Some(&module[..]));
    assert_eq!(server.starts(), [None, Some(100)]);

    let _never = server.hang_after(0);
    let error = server
        .acquire(&module)
        .stall(Duration::from_millis(50))
        .retries(0)
        .engine();
    assert!(
        matches!(error, Err(AcquireError::Stalled { received: 0, .. })),
        "{error:?}"
    );

    let _never = server.hang_after(100);
    let error = server
        .acquire(&module)
        .timeout(Duration::from_millis(100))
        .engine();
    assert!(matches!(error, Err(AcquireError::TimedOut)), "{error:?}");
}

#[test]
fn a_client_that_panics_is_an_error() {
    let server = Server::new(noise(300));
    server.fault(Fault::Panic);
    let error = server.acquire(b"").engine().expect_err("it panicked");
    assert!(error.to_string().contains("panicked"), "{error}");
}

#[test]
fn progress_tells_what_is_there() {
    let module = noise(300_000);
    let server = Server::new(module.clone());
    server.fault(Fault::Break(100_000));
    let (sender, seen) = channel();
    let acquire = server.acquire(&module).progress(move |progress| {
        let _ = sender.send(progress);
    });
    acquire.engine().expect("it goes on");
    let seen: Vec<_> = seen.iter().collect();
    assert!(seen.iter().all(|progress| progress.total == Some(300_000)));
    assert!(seen.is_sorted_by_key(|progress| progress.received));
    assert!(seen.iter().any(|progress| progress.received == 100_000));
    let last = seen.last().expect("it told something");
    assert_eq!(last.fraction(), Some(1.0));
}

#[test]
fn a_name_that_is_no_digest_asks_nobody() {
    let server = Server::new(noise(300));
    let error = super::super::Acquire::new(Server::URL, "../../etc/passwd")
        .fetcher(server.clone())
        .engine();
    assert!(
        matches!(error, Err(AcquireError::NotADigest { .. })),
        "{error:?}"
    );
    assert_eq!(server.requests(), 0);
}

#[test]
fn the_parts_can_cross_threads() {
    fn send<T: Send>() {}
    fn error<T: std::error::Error + Send + Sync + 'static>() {}
    send::<super::super::Acquire>();
    send::<Engine>();
    error::<AcquireError>();
    error::<FetchError>();
}
