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
    pub const FILE: Self = Self(
        Self::FD_DATASYNC.0
            | Self::FD_READ.0
            | Self::FD_SEEK.0
            | Self::FD_FDSTAT_SET_FLAGS.0
            | Self::FD_SYNC.0
            | Self::FD_TELL.0
            | Self::FD_WRITE.0
            | Self::FD_ADVISE.0
            | Self::FD_ALLOCATE.0
            | Self::FD_FILESTAT_GET.0
            | Self::FD_FILESTAT_SET_SIZE.0
            | Self::FD_FILESTAT_SET_TIMES.0
            | Self::POLL_FD_READWRITE.0,
    );
    /// What a directory can be used for.
    pub const DIR: Self = Self(
        Self::FD_DATASYNC.0
            | Self::FD_FDSTAT_SET_FLAGS.0
            | Self::FD_SYNC.0
            | Self::PATH_CREATE_DIRECTORY.0
            | Self::PATH_CREATE_FILE.0
            | Self::PATH_LINK_SOURCE.0
            | Self::PATH_LINK_TARGET.0
            | Self::PATH_OPEN.0
            | Self::FD_READDIR.0
            | Self::PATH_READLINK.0
            | Self::PATH_RENAME_SOURCE.0
            | Self::PATH_RENAME_TARGET.0
            | Self::PATH_FILESTAT_GET.0
            | Self::PATH_FILESTAT_SET_SIZE.0
            | Self::PATH_FILESTAT_SET_TIMES.0
            | Self::FD_FILESTAT_GET.0
            | Self::FD_FILESTAT_SET_TIMES.0
            | Self::PATH_SYMLINK.0
            | Self::PATH_REMOVE_DIRECTORY.0
            | Self::PATH_UNLINK_FILE.0,
    );
    /// What anything opened below a preopened directory can be used for.
    pub const ALL: Self = Self(Self::FILE.0 | Self::DIR.0);
    /// What a file can be used for only when it is opened to be written, for which
    /// [`FD_WRITE`](Self::FD_WRITE) has to be asked for. Guests that open a file to be read ask for
    /// the others all the same.
    pub const CHANGE: Self =
        Self(Self::FD_WRITE.0 | Self::FD_ALLOCATE.0 | Self::FD_FILESTAT_SET_SIZE.0);

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
