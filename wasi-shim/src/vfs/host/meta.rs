//! Attributes and times, between the host's form and ours.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cap_fs_ext::SystemTimeSpec;
use cap_std::fs::Metadata;

use crate::errno::Errno;
use crate::vfs::{FileType, SetTimes, Stat, VfsError, VfsResult};

pub(super) fn refuse_what_is_no_file(file_type: FileType) -> VfsResult<()> {
    match file_type {
        FileType::RegularFile => Ok(()),
        FileType::Directory => Err(Errno::Isdir.into()),
        FileType::SymbolicLink => Err(Errno::Loop.into()),
        _ => Err(VfsError::with_context(
            Errno::Acces,
            "not a regular file of the host",
        )),
    }
}

pub(super) fn file_type_of(meta: &Metadata) -> FileType {
    let kind = meta.file_type();
    if kind.is_file() {
        return FileType::RegularFile;
    }
    if kind.is_dir() {
        return FileType::Directory;
    }
    if kind.is_symlink() {
        return FileType::SymbolicLink;
    }
    #[cfg(unix)]
    {
        use cap_std::fs::FileTypeExt as _;
        if kind.is_char_device() {
            return FileType::CharacterDevice;
        }
        if kind.is_block_device() {
            return FileType::BlockDevice;
        }
        if kind.is_socket() {
            return FileType::SocketStream;
        }
    }
    FileType::Unknown
}

pub(super) fn stat_of(meta: &Metadata) -> Stat {
    let mtim = meta.modified().map_or(0, |time| nanos_of(time.into_std()));
    #[cfg(unix)]
    let ctim = {
        use cap_std::fs::MetadataExt as _;
        let seconds = u64::try_from(meta.ctime()).unwrap_or(0);
        let nanos = u64::try_from(meta.ctime_nsec()).unwrap_or(0);
        seconds.saturating_mul(1_000_000_000).saturating_add(nanos)
    };
    #[cfg(not(unix))]
    let ctim = mtim;
    Stat {
        dev: cap_fs_ext::MetadataExt::dev(meta),
        ino: cap_fs_ext::MetadataExt::ino(meta),
        file_type: file_type_of(meta),
        nlink: cap_fs_ext::MetadataExt::nlink(meta),
        size: meta.len(),
        atim: meta.accessed().map_or(0, |time| nanos_of(time.into_std())),
        mtim,
        ctim,
    }
}

/// Nanoseconds since the epoch. A host may hold times before it: those are 0.
fn nanos_of(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| {
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    })
}

pub(super) fn time_of(nanos: u64) -> VfsResult<SystemTime> {
    UNIX_EPOCH
        .checked_add(Duration::from_nanos(nanos))
        .ok_or_else(|| Errno::Inval.into())
}

pub(super) fn host_times(
    times: SetTimes,
) -> VfsResult<(Option<SystemTimeSpec>, Option<SystemTimeSpec>)> {
    let host = |nanos: Option<u64>| -> VfsResult<Option<SystemTimeSpec>> {
        let Some(nanos) = nanos else { return Ok(None) };
        let time = cap_std::time::SystemTime::from_std(time_of(nanos)?);
        Ok(Some(SystemTimeSpec::Absolute(time)))
    };
    Ok((host(times.atim)?, host(times.mtim)?))
}
