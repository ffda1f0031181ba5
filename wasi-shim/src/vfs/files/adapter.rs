//! What the files made of readers and writers have in common.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::errno::Errno;
use crate::vfs::{FileType, Stat, VfsError, VfsResult};

pub(super) fn stat_of(file_type: FileType, size: u64) -> Stat {
    Stat {
        dev: 0,
        ino: 0,
        file_type,
        nlink: 1,
        size,
        atim: 0,
        mtim: 0,
        ctim: 0,
    }
}

/// A signal that arrives during a read or write is no failure of it.
pub(super) fn uninterrupted(mut call: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// A reader or writer of the caller's may claim more bytes than it was given room for.
pub(super) fn sane(count: usize, room: usize) -> VfsResult<usize> {
    if count <= room {
        Ok(count)
    } else {
        Err(VfsError::with_context(
            Errno::Io,
            "a count above the size of the buffer",
        ))
    }
}

/// A panic in the caller's reader poisons only that call.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
