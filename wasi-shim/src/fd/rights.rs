//! The rights of a descriptor.

/// What a descriptor may be used for, as the witx flags `rights`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rights(pub u64);

impl Rights {
    /// `fd_datasync`.
    pub const FD_DATASYNC: Self = Self(1);
    /// `fd_read`.
    pub const FD_READ: Self = Self(1 << 1);
    /// `fd_seek`.
    pub const FD_SEEK: Self = Self(1 << 2);
    /// `fd_fdstat_set_flags`.
    pub const FD_FDSTAT_SET_FLAGS: Self = Self(1 << 3);
    /// `fd_sync`.
    pub const FD_SYNC: Self = Self(1 << 4);
    /// `fd_tell`.
    pub const FD_TELL: Self = Self(1 << 5);
    /// `fd_write`.
    pub const FD_WRITE: Self = Self(1 << 6);
    /// `fd_advise`.
    pub const FD_ADVISE: Self = Self(1 << 7);
    /// `fd_allocate`.
    pub const FD_ALLOCATE: Self = Self(1 << 8);
    /// `path_create_directory`.
    pub const PATH_CREATE_DIRECTORY: Self = Self(1 << 9);
    /// `path_create_file`.
    pub const PATH_CREATE_FILE: Self = Self(1 << 10);
    /// `path_link_source`.
    pub const PATH_LINK_SOURCE: Self = Self(1 << 11);
    /// `path_link_target`.
    pub const PATH_LINK_TARGET: Self = Self(1 << 12);
    /// `path_open`.
    pub const PATH_OPEN: Self = Self(1 << 13);
    /// `fd_readdir`.
    pub const FD_READDIR: Self = Self(1 << 14);
    /// `path_readlink`.
    pub const PATH_READLINK: Self = Self(1 << 15);
    /// `path_rename_source`.
    pub const PATH_RENAME_SOURCE: Self = Self(1 << 16);
    /// `path_rename_target`.
    pub const PATH_RENAME_TARGET: Self = Self(1 << 17);
    /// `path_filestat_get`.
    pub const PATH_FILESTAT_GET: Self = Self(1 << 18);
    /// `path_filestat_set_size`.
    pub const PATH_FILESTAT_SET_SIZE: Self = Self(1 << 19);
    /// `path_filestat_set_times`.
    pub const PATH_FILESTAT_SET_TIMES: Self = Self(1 << 20);
    /// `fd_filestat_get`.
    pub const FD_FILESTAT_GET: Self = Self(1 << 21);
    /// `fd_filestat_set_size`.
    pub const FD_FILESTAT_SET_SIZE: Self = Self(1 << 22);
    /// `fd_filestat_set_times`.
    pub const FD_FILESTAT_SET_TIMES: Self = Self(1 << 23);
    /// `path_symlink`.
    pub const PATH_SYMLINK: Self = Self(1 << 24);
    /// `path_remove_directory`.
    pub const PATH_REMOVE_DIRECTORY: Self = Self(1 << 25);
    /// `path_unlink_file`.
    pub const PATH_UNLINK_FILE: Self = Self(1 << 26);
    /// `poll_fd_readwrite`.
    pub const POLL_FD_READWRITE: Self = Self(1 << 27);

    /// No rights.
    pub const NONE: Self = Self(0);
    /// What a regular file can be used for.
    pub const FILE: Self = Self::FD_DATASYNC
        .or(Self::FD_READ)
        .or(Self::FD_SEEK)
        .or(Self::FD_FDSTAT_SET_FLAGS)
        .or(Self::FD_SYNC)
        .or(Self::FD_TELL)
        .or(Self::FD_WRITE)
        .or(Self::FD_ADVISE)
        .or(Self::FD_ALLOCATE)
        .or(Self::FD_FILESTAT_GET)
        .or(Self::FD_FILESTAT_SET_SIZE)
        .or(Self::FD_FILESTAT_SET_TIMES)
        .or(Self::POLL_FD_READWRITE);
    /// What a directory can be used for.
    pub const DIR: Self = Self::FD_DATASYNC
        .or(Self::FD_FDSTAT_SET_FLAGS)
        .or(Self::FD_SYNC)
        .or(Self::PATH_CREATE_DIRECTORY)
        .or(Self::PATH_CREATE_FILE)
        .or(Self::PATH_LINK_SOURCE)
        .or(Self::PATH_LINK_TARGET)
        .or(Self::PATH_OPEN)
        .or(Self::FD_READDIR)
        .or(Self::PATH_READLINK)
        .or(Self::PATH_RENAME_SOURCE)
        .or(Self::PATH_RENAME_TARGET)
        .or(Self::PATH_FILESTAT_GET)
        .or(Self::PATH_FILESTAT_SET_SIZE)
        .or(Self::PATH_FILESTAT_SET_TIMES)
        .or(Self::FD_FILESTAT_GET)
        .or(Self::FD_FILESTAT_SET_TIMES)
        .or(Self::PATH_SYMLINK)
        .or(Self::PATH_REMOVE_DIRECTORY)
        .or(Self::PATH_UNLINK_FILE);
    /// What anything opened below a preopened directory can be used for.
    pub const ALL: Self = Self::FILE.or(Self::DIR);
    /// What a file can be used for only when it is opened to be written, for which
    /// [`FD_WRITE`](Self::FD_WRITE) has to be asked for. Guests that open a file to be read ask for
    /// the others all the same.
    pub const CHANGE: Self = Self::FD_WRITE
        .or(Self::FD_ALLOCATE)
        .or(Self::FD_FILESTAT_SET_SIZE);

    /// Whether all of `other` are among these.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any of `other` is among these.
    #[must_use]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The rights in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// These rights but for the others.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The rights in either.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In the order of the format: each is worth twice the one before.
    const IN_ORDER: [Rights; 28] = [
        Rights::FD_DATASYNC,
        Rights::FD_READ,
        Rights::FD_SEEK,
        Rights::FD_FDSTAT_SET_FLAGS,
        Rights::FD_SYNC,
        Rights::FD_TELL,
        Rights::FD_WRITE,
        Rights::FD_ADVISE,
        Rights::FD_ALLOCATE,
        Rights::PATH_CREATE_DIRECTORY,
        Rights::PATH_CREATE_FILE,
        Rights::PATH_LINK_SOURCE,
        Rights::PATH_LINK_TARGET,
        Rights::PATH_OPEN,
        Rights::FD_READDIR,
        Rights::PATH_READLINK,
        Rights::PATH_RENAME_SOURCE,
        Rights::PATH_RENAME_TARGET,
        Rights::PATH_FILESTAT_GET,
        Rights::PATH_FILESTAT_SET_SIZE,
        Rights::PATH_FILESTAT_SET_TIMES,
        Rights::FD_FILESTAT_GET,
        Rights::FD_FILESTAT_SET_SIZE,
        Rights::FD_FILESTAT_SET_TIMES,
        Rights::PATH_SYMLINK,
        Rights::PATH_REMOVE_DIRECTORY,
        Rights::PATH_UNLINK_FILE,
        Rights::POLL_FD_READWRITE,
    ];

    #[test]
    fn every_right_has_the_bit_of_the_format() {
        let mut bit = 1;
        for (position, right) in IN_ORDER.into_iter().enumerate() {
            assert_eq!(right.0, bit, "right {position}");
            bit += bit;
        }
    }

    #[test]
    fn files_and_directories_have_the_rights_that_mean_something_to_them() {
        assert_eq!(Rights::FILE.0, 0x08e0_01ff);
        assert_eq!(Rights::DIR.0, 0x07bf_fe19);
        assert_eq!(Rights::ALL.0, 0x0fff_ffff);
        assert_eq!(Rights::CHANGE.0, 0x0040_0140);
        assert_eq!(Rights::NONE.0, 0);
    }

    #[test]
    fn sets_of_rights_are_told_apart() {
        let (read, both) = (Rights::FD_READ, Rights::FD_READ.or(Rights::FD_WRITE));
        assert!(both.contains(read) && !read.contains(both) && read.contains(Rights::NONE));
        assert!(both.intersects(read) && read.intersects(both));
        assert!(!read.intersects(Rights::FD_WRITE) && !read.intersects(Rights::NONE));
        assert_eq!(both.and(read), read);
        assert_eq!(both.or(read), both);
        assert_eq!(both.without(read), Rights::FD_WRITE);
        assert_eq!(read.without(both), Rights::NONE);
    }
}
