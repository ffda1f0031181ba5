//! The records and flags that cross the boundary, written field by field from zeroed bytes.

use crate::errno::Errno;
use crate::fd::{FdFlags, Rights};
use crate::mem::Record;
use crate::vfs::{FileType, SetTimes, Stat};

/// `filetype`.
pub(super) fn filetype(file_type: FileType) -> u8 {
    match file_type {
        FileType::Unknown => 0,
        FileType::BlockDevice => 1,
        FileType::CharacterDevice => 2,
        FileType::Directory => 3,
        FileType::RegularFile => 4,
        FileType::SocketDgram => 5,
        FileType::SocketStream => 6,
        FileType::SymbolicLink => 7,
    }
}

/// `filestat`.
pub(super) fn filestat(stat: &Stat) -> Record<64> {
    Record::new()
        .put(0, stat.dev.to_le_bytes())
        .put(8, stat.ino.to_le_bytes())
        .put(16, [filetype(stat.file_type)])
        .put(24, stat.nlink.to_le_bytes())
        .put(32, stat.size.to_le_bytes())
        .put(40, stat.atim.to_le_bytes())
        .put(48, stat.mtim.to_le_bytes())
        .put(56, stat.ctim.to_le_bytes())
}

/// `fdstat`.
pub(super) fn fdstat(
    file_type: FileType,
    flags: FdFlags,
    rights: Rights,
    inheriting: Rights,
) -> Record<24> {
    Record::new()
        .put(0, [filetype(file_type)])
        .put(2, flags.bits().to_le_bytes())
        .put(8, rights.0.to_le_bytes())
        .put(16, inheriting.0.to_le_bytes())
}

/// `prestat` of a directory.
pub(super) fn prestat_dir(name_len: u32) -> Record<8> {
    Record::new().put(0, [0]).put(4, name_len.to_le_bytes())
}

/// The fixed part of `dirent`; the name follows it.
pub(super) fn dirent(next: u64, ino: u64, name_len: u32, file_type: FileType) -> Record<24> {
    Record::new()
        .put(0, next.to_le_bytes())
        .put(8, ino.to_le_bytes())
        .put(16, name_len.to_le_bytes())
        .put(20, [filetype(file_type)])
}

/// `fstflags` with its times, resolved to what a backend takes. `now` is asked at most once.
///
/// # Errors
///
/// `Inval` for a bit without a meaning, and for a time that is to be set to two values.
pub(super) fn set_times(
    flags: u32,
    atim: u64,
    mtim: u64,
    now: impl FnOnce() -> u64,
) -> Result<SetTimes, Errno> {
    const ATIM: u32 = 1;
    const ATIM_NOW: u32 = 1 << 1;
    const MTIM: u32 = 1 << 2;
    const MTIM_NOW: u32 = 1 << 3;
    let both = |one: u32, other: u32| flags & one != 0 && flags & other != 0;
    if flags >= 1 << 4 || both(ATIM, ATIM_NOW) || both(MTIM, MTIM_NOW) {
        return Err(Errno::Inval);
    }
    let now = if flags & (ATIM_NOW | MTIM_NOW) != 0 {
        now()
    } else {
        0
    };
    let time = |set: u32, set_now: u32, value: u64| match flags {
        flags if flags & set != 0 => Some(value),
        flags if flags & set_now != 0 => Some(now),
        _ => None,
    };
    Ok(SetTimes {
        atim: time(ATIM, ATIM_NOW, atim),
        mtim: time(MTIM, MTIM_NOW, mtim),
    })
}

/// The largest offset and length a file can have: offsets are signed in the witx.
pub(super) const MAX_OFFSET: u64 = i64::MAX.cast_unsigned();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e2_the_padding_of_every_record_is_zero() {
        let stat = Stat {
            dev: u64::MAX,
            ino: u64::MAX,
            file_type: FileType::SymbolicLink,
            nlink: u64::MAX,
            size: u64::MAX,
            atim: u64::MAX,
            mtim: u64::MAX,
            ctim: u64::MAX,
        };
        assert_eq!(filestat(&stat).bytes()[16..24], [7, 0, 0, 0, 0, 0, 0, 0]);
        let entry = dirent(u64::MAX, u64::MAX, u32::MAX, FileType::RegularFile);
        assert_eq!(entry.bytes()[20..], [4, 0, 0, 0]);
        assert_eq!(*prestat_dir(0x0102).bytes(), [0, 0, 0, 0, 2, 1, 0, 0]);
        let fd = fdstat(
            FileType::Directory,
            FdFlags::default(),
            Rights(u64::MAX),
            Rights(u64::MAX),
        );
        assert_eq!(fd.bytes()[..8], [3, 0, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn b4_a_time_set_twice_and_unknown_bits_are_inval() {
        let now = || 9;
        assert_eq!(set_times(0b0011, 1, 2, now), Err(Errno::Inval));
        assert_eq!(set_times(0b1100, 1, 2, now), Err(Errno::Inval));
        assert_eq!(set_times(1 << 4, 1, 2, now), Err(Errno::Inval));
        assert_eq!(
            set_times(0b1001, 1, 2, now),
            Ok(SetTimes {
                atim: Some(1),
                mtim: Some(9)
            })
        );
        assert_eq!(set_times(0, 1, 2, now), Ok(SetTimes::default()));
    }
}
