//! The error of every filesystem operation: an errno, with an optional word on where it came from.

use std::fmt;
use std::io;

use crate::errno::Errno;
use crate::limits::LimitKind;

/// The result of a filesystem operation.
pub type VfsResult<T> = Result<T, VfsError>;

/// Why a filesystem operation failed, as the errno that the guest will see.
///
/// Cheap to copy: backends answer with it in the ordinary course of work (a missing file is no
/// exception), so it never allocates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VfsError {
    errno: Errno,
    context: Option<&'static str>,
    limit: Option<LimitKind>,
}

impl VfsError {
    /// An error with nothing but its errno.
    #[must_use]
    pub const fn new(errno: Errno) -> Self {
        Self {
            errno,
            context: None,
            limit: None,
        }
    }

    /// An error that also says what was exceeded, refused or broken, for the caller's eyes: the
    /// guest only sees the errno. A lower-case phrase without a full stop.
    #[must_use]
    pub const fn with_context(errno: Errno, context: &'static str) -> Self {
        Self {
            errno,
            context: Some(context),
            limit: None,
        }
    }

    /// The error of what would go over a limit, which [`Wasi::limits_met`](crate::Wasi::limits_met)
    /// then names.
    #[must_use]
    pub const fn over(limit: LimitKind, errno: Errno, context: &'static str) -> Self {
        Self {
            errno,
            context: Some(context),
            limit: Some(limit),
        }
    }

    /// What the guest sees.
    #[must_use]
    pub const fn errno(&self) -> Errno {
        self.errno
    }

    /// What was exceeded, refused or broken, when the backend said so.
    #[must_use]
    pub const fn context(&self) -> Option<&'static str> {
        self.context
    }

    /// The limit that was reached, when it is one of ours.
    #[must_use]
    pub const fn limit(&self) -> Option<LimitKind> {
        self.limit
    }
}

impl From<Errno> for VfsError {
    fn from(errno: Errno) -> Self {
        Self::new(errno)
    }
}

impl From<VfsError> for Errno {
    fn from(error: VfsError) -> Self {
        error.errno
    }
}

impl From<io::Error> for VfsError {
    fn from(error: io::Error) -> Self {
        Self::new(errno_of(&error))
    }
}

impl From<VfsError> for io::Error {
    fn from(error: VfsError) -> Self {
        io::Error::new(kind_of(error.errno), error)
    }
}

impl fmt::Display for VfsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.context {
            Some(context) => write!(f, "{context}: {}", self.errno),
            None => self.errno.fmt(f),
        }
    }
}

impl std::error::Error for VfsError {}

/// The errno of an error of the host. What has no counterpart is an `Io`: the guest must never
/// take an unknown failure for a success.
fn errno_of(error: &io::Error) -> Errno {
    use io::ErrorKind;
    if let Some(own) = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<VfsError>())
    {
        return own.errno;
    }
    if let Some(errno) = error.raw_os_error().and_then(errno_of_os) {
        return errno;
    }
    match error.kind() {
        ErrorKind::NotFound => Errno::Noent,
        ErrorKind::PermissionDenied => Errno::Acces,
        ErrorKind::AlreadyExists => Errno::Exist,
        ErrorKind::WouldBlock => Errno::Again,
        ErrorKind::NotADirectory => Errno::Notdir,
        ErrorKind::IsADirectory => Errno::Isdir,
        ErrorKind::DirectoryNotEmpty => Errno::Notempty,
        ErrorKind::ReadOnlyFilesystem => Errno::Rofs,
        ErrorKind::StaleNetworkFileHandle => Errno::Stale,
        ErrorKind::InvalidInput => Errno::Inval,
        ErrorKind::InvalidData => Errno::Ilseq,
        ErrorKind::TimedOut => Errno::Timedout,
        ErrorKind::StorageFull | ErrorKind::WriteZero => Errno::Nospc,
        ErrorKind::NotSeekable => Errno::Spipe,
        ErrorKind::QuotaExceeded => Errno::Dquot,
        ErrorKind::FileTooLarge => Errno::Fbig,
        ErrorKind::ResourceBusy => Errno::Busy,
        ErrorKind::ExecutableFileBusy => Errno::Txtbsy,
        ErrorKind::Deadlock => Errno::Deadlk,
        ErrorKind::CrossesDevices => Errno::Xdev,
        ErrorKind::TooManyLinks => Errno::Mlink,
        ErrorKind::InvalidFilename => Errno::Nametoolong,
        ErrorKind::ArgumentListTooLong => Errno::TooBig,
        ErrorKind::Interrupted => Errno::Intr,
        ErrorKind::Unsupported => Errno::Notsup,
        ErrorKind::OutOfMemory => Errno::Nomem,
        ErrorKind::BrokenPipe => Errno::Pipe,
        _ => Errno::Io,
    }
}

/// The numbers that `io::ErrorKind` has no stable kind for or lumps together.
#[cfg(unix)]
fn errno_of_os(code: i32) -> Option<Errno> {
    const SHARED: [(i32, Errno); 4] = [
        (1, Errno::Perm),
        (6, Errno::Nxio),
        (23, Errno::Nfile),
        (24, Errno::Mfile),
    ];
    // ELOOP and ENAMETOOLONG differ between the Linux family and the BSD family.
    const FAMILY: [(i32, Errno); 2] = if cfg!(any(target_os = "linux", target_os = "android")) {
        [(40, Errno::Loop), (36, Errno::Nametoolong)]
    } else {
        [(62, Errno::Loop), (63, Errno::Nametoolong)]
    };
    SHARED
        .into_iter()
        .chain(FAMILY)
        .find(|(host, _)| *host == code)
        .map(|(_, errno)| errno)
}

/// Windows errors are told apart by their kind alone.
#[cfg(not(unix))]
fn errno_of_os(_code: i32) -> Option<Errno> {
    None
}

/// The nearest kind, for code that works with `std::io` traits over a virtual file.
fn kind_of(errno: Errno) -> io::ErrorKind {
    use io::ErrorKind;
    match errno {
        Errno::Noent => ErrorKind::NotFound,
        Errno::Acces | Errno::Perm | Errno::Notcapable => ErrorKind::PermissionDenied,
        Errno::Exist => ErrorKind::AlreadyExists,
        Errno::Notdir => ErrorKind::NotADirectory,
        Errno::Isdir => ErrorKind::IsADirectory,
        Errno::Notempty => ErrorKind::DirectoryNotEmpty,
        Errno::Rofs => ErrorKind::ReadOnlyFilesystem,
        Errno::Inval => ErrorKind::InvalidInput,
        Errno::Ilseq => ErrorKind::InvalidData,
        Errno::Nospc => ErrorKind::StorageFull,
        Errno::Dquot => ErrorKind::QuotaExceeded,
        Errno::Fbig => ErrorKind::FileTooLarge,
        Errno::Spipe => ErrorKind::NotSeekable,
        Errno::Xdev => ErrorKind::CrossesDevices,
        Errno::Notsup | Errno::Nosys => ErrorKind::Unsupported,
        Errno::Pipe => ErrorKind::BrokenPipe,
        Errno::Intr => ErrorKind::Interrupted,
        _ => ErrorKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_context_comes_before_the_errno() {
        let error = VfsError::with_context(Errno::Nospc, "byte quota of the memory filesystem");
        assert_eq!(
            error.to_string(),
            "byte quota of the memory filesystem: no space left on device (nospc)"
        );
        assert_eq!(
            VfsError::new(Errno::Badf).to_string(),
            "bad file descriptor (badf)"
        );
    }

    #[test]
    fn an_errno_survives_the_round_trip_through_io_errors() {
        for errno in Errno::ALL {
            let there: io::Error = VfsError::new(errno).into();
            assert_eq!(VfsError::from(there).errno(), errno);
        }
    }

    #[test]
    fn host_errors_map_to_their_errno_and_unknown_ones_to_io() {
        let cases = [
            (io::ErrorKind::NotFound, Errno::Noent),
            (io::ErrorKind::DirectoryNotEmpty, Errno::Notempty),
            (io::ErrorKind::CrossesDevices, Errno::Xdev),
            (io::ErrorKind::AddrInUse, Errno::Io),
        ];
        for (kind, errno) in cases {
            assert_eq!(
                VfsError::from(io::Error::from(kind)).errno(),
                errno,
                "{kind:?}"
            );
        }
    }
}
