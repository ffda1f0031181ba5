//! A filesystem that fails or does things by halves: the guest is told, and the host stays whole.

use super::guest::*;
use crate::errno::Errno;
use crate::preview1::{fd, path};
use crate::vfs::{FaultInject, Faults, MemFs, Operation, Vfs};

fn guest(faults: Faults) -> (Guest, FaultInject) {
    let fs = MemFs::new();
    let faulty = FaultInject::new(&fs, faults);
    let wasi = crate::Wasi::builder()
        .preopen("/", faulty.root())
        .bare_root()
        .build()
        .expect("the state is valid");
    (Guest::over(fs, wasi), faulty)
}

/// What a guest does to a file by name and by descriptor. Cleans up after itself, also when it
/// failed.
fn work(guest: &mut Guest) -> Result<Vec<u8>, Errno> {
    let data: Vec<u8> = (0..2_000_u32).map(|n| (n % 251) as u8).collect();
    let done = |errno| match errno {
        Errno::Success => Ok(()),
        errno => Err(errno),
    };
    let attempt = |guest: &mut Guest| {
        let (ptr, len) = guest.path("d");
        done(guest.call(|w, m| path::path_create_directory(w, m, 3, ptr, len)))?;
        let file = guest.open("d/f", CREATE | EXCLUSIVE, true)?;
        let mut at = 0;
        while at < data.len() {
            at += guest.write(file, &data[at..])? as usize;
        }
        guest.seek(file, 0, 0)?;
        done(guest.call(|w, m| fd::fd_sync(w, m, file)))?;
        let (ptr, len) = guest.path("d/f");
        let (to, to_len) = guest.path2("d/g");
        done(guest.call(|w, m| path::path_rename(w, m, 3, ptr, len, 3, to, to_len)))?;
        let mut all = Vec::new();
        loop {
            let piece = guest.read(file, 700)?;
            if piece.is_empty() {
                break;
            }
            all.extend(piece);
        }
        done(guest.call(|w, m| fd::fd_readdir(w, m, 3, DATA, 500, 0, RESULT)))?;
        Ok(all)
    };
    let result = attempt(guest);
    for fd in 4..8 {
        guest.close(fd);
    }
    for file in ["d/f", "d/g"] {
        let (ptr, len) = guest.path(file);
        guest.call(|w, m| path::path_unlink_file(w, m, 3, ptr, len));
    }
    let (ptr, len) = guest.path("d");
    guest.call(|w, m| path::path_remove_directory(w, m, 3, ptr, len));
    if let Ok(all) = &result {
        assert_eq!(*all, data, "every byte, in order");
    }
    result
}

#[test]
fn f_each_call_to_the_filesystem_fails_once_and_the_guest_is_told() {
    let (mut clean, count) = guest(Faults::none());
    work(&mut clean).expect("nothing fails");
    let calls = count.calls();
    assert!(calls > 15, "{calls}");
    let mut told = 0;
    for n in 1..=calls {
        let (mut guest, faulty) = guest(Faults::none().nth(n, Errno::Io));
        let first = work(&mut guest).map(drop);
        assert_eq!(faulty.injected(), 1, "call {n}");
        // What fails while cleaning up is looked at by nobody.
        assert!(first == Err(Errno::Io) || first == Ok(()), "{n}: {first:?}");
        told += u32::from(first.is_err());
        // Whatever was left half done, descriptors are not: the next ones are the same.
        work(&mut guest).map_or_else(
            |errno| assert_eq!(errno, Errno::Exist, "call {n}"),
            |all| assert_eq!(all.len(), 2_000),
        );
        assert_eq!(guest.open(".", DIRECTORY, false), Ok(4), "call {n}");
    }
    assert!(told > 10, "{told} of {calls}");
}

#[test]
fn f_a_filesystem_that_moves_a_part_of_each_read_and_write_loses_nothing() {
    for seed in 0..20 {
        let (mut guest, faulty) = guest(Faults::none().short_transfers(seed));
        assert_eq!(work(&mut guest).map(|all| all.len()), Ok(2_000));
        assert!(faulty.calls() > 20);
    }
}

/// Found by random work. A link whose new name has a slash after it is refused, and for the reason the
/// host looks at what has the name. When that look failed the guest was told `noent`, as if nothing had
/// the name, whatever the filesystem had said.
#[test]
fn f_a_look_that_fails_is_not_told_as_a_name_that_is_free() {
    for errno in [Errno::Io, Errno::Stale] {
        let faults = Faults::none().nth_of(Operation::Stat, 1, errno);
        let (mut guest, faulty) = guest(faults);
        let (text, text_len) = guest.path("a");
        let (ptr, len) = guest.path2("l/");
        let told = guest.call(|w, m| path::path_symlink(w, m, text, text_len, 3, ptr, len));
        assert_eq!((told, faulty.injected()), (errno, 1));
        // The next look goes well, and there is nothing.
        let told = guest.call(|w, m| path::path_symlink(w, m, text, text_len, 3, ptr, len));
        assert_eq!(told, Errno::Noent);
    }
}

/// A write that was done and cannot be made durable: refused, there, and the cursor has not moved, so
/// that a guest which tries again writes the same bytes to the same place.
#[test]
fn f_a_write_that_cannot_be_made_durable_is_refused_and_is_there() {
    const DSYNC: u32 = 2;
    let (mut guest, faulty) = guest(Faults::none().nth_of(Operation::Sync, 1, Errno::Io));
    let file = guest.open("f", CREATE, true).expect("a new file");
    let set = guest.call(|w, m| fd::fd_fdstat_set_flags(w, m, file, DSYNC));
    assert_eq!(set, Errno::Success);
    assert_eq!(guest.write(file, b"twice"), Err(Errno::Io));
    assert_eq!(faulty.injected(), 1);
    assert_eq!(guest.seek(file, 0, 1), Ok(0));
    assert_eq!(guest.read(file, 10), Ok(b"twice".to_vec()));
    assert_eq!(guest.seek(file, 0, 0), Ok(0));
    assert_eq!(guest.write(file, b"twice"), Ok(5));
    assert_eq!(guest.read(file, 10), Ok(Vec::new()));
}
