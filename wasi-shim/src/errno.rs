//! The error numbers of WASI preview1: the one table of code, witx name and description.

use std::fmt;

macro_rules! errnos {
    ($($variant:ident = $code:literal, $name:literal, $description:literal;)*) => {
        /// An error number of `wasi_snapshot_preview1`, with its code in the witx.
        ///
        /// Displays as its description followed by its witx name, for example
        /// `no such file or directory (noent)`.
        #[repr(u16)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Errno {
            $(#[doc = $description] $variant = $code,)*
        }

        impl Errno {
            /// Every error number, in the order of the witx: the index is the code.
            pub const ALL: [Errno; 77] = [$(Errno::$variant,)*];

            /// The name in the witx, for example `noent`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Errno::$variant => $name,)* }
            }

            /// What went wrong, as a lower-case phrase.
            #[must_use]
            pub const fn description(self) -> &'static str {
                match self { $(Errno::$variant => $description,)* }
            }
        }
    };
}

errnos! {
    Success = 0, "success", "no error";
    TooBig = 1, "2big", "argument list too long";
    Acces = 2, "acces", "permission denied";
    Addrinuse = 3, "addrinuse", "address in use";
    Addrnotavail = 4, "addrnotavail", "address not available";
    Afnosupport = 5, "afnosupport", "address family not supported";
    Again = 6, "again", "resource unavailable, or operation would block";
    Already = 7, "already", "connection already in progress";
    Badf = 8, "badf", "bad file descriptor";
    Badmsg = 9, "badmsg", "bad message";
    Busy = 10, "busy", "device or resource busy";
    Canceled = 11, "canceled", "operation cancelled";
    Child = 12, "child", "no child processes";
    Connaborted = 13, "connaborted", "connection aborted";
    Connrefused = 14, "connrefused", "connection refused";
    Connreset = 15, "connreset", "connection reset";
    Deadlk = 16, "deadlk", "resource deadlock would occur";
    Destaddrreq = 17, "destaddrreq", "destination address required";
    Dom = 18, "dom", "argument out of the domain of the function";
    Dquot = 19, "dquot", "storage quota exceeded";
    Exist = 20, "exist", "file exists";
    Fault = 21, "fault", "bad address";
    Fbig = 22, "fbig", "file too large";
    Hostunreach = 23, "hostunreach", "host is unreachable";
    Idrm = 24, "idrm", "identifier removed";
    Ilseq = 25, "ilseq", "illegal byte sequence";
    Inprogress = 26, "inprogress", "operation in progress";
    Intr = 27, "intr", "function interrupted";
    Inval = 28, "inval", "invalid argument";
    Io = 29, "io", "input or output error";
    Isconn = 30, "isconn", "socket is connected";
    Isdir = 31, "isdir", "is a directory";
    Loop = 32, "loop", "too many levels of symbolic links";
    Mfile = 33, "mfile", "too many open files";
    Mlink = 34, "mlink", "too many links";
    Msgsize = 35, "msgsize", "message too large";
    Multihop = 36, "multihop", "multihop attempted";
    Nametoolong = 37, "nametoolong", "file name too long";
    Netdown = 38, "netdown", "network is down";
    Netreset = 39, "netreset", "connection aborted by network";
    Netunreach = 40, "netunreach", "network unreachable";
    Nfile = 41, "nfile", "too many files open in the system";
    Nobufs = 42, "nobufs", "no buffer space available";
    Nodev = 43, "nodev", "no such device";
    Noent = 44, "noent", "no such file or directory";
    Noexec = 45, "noexec", "executable format error";
    Nolck = 46, "nolck", "no locks available";
    Nolink = 47, "nolink", "link has been severed";
    Nomem = 48, "nomem", "not enough memory";
    Nomsg = 49, "nomsg", "no message of the desired type";
    Noprotoopt = 50, "noprotoopt", "protocol not available";
    Nospc = 51, "nospc", "no space left on device";
    Nosys = 52, "nosys", "function not supported";
    Notconn = 53, "notconn", "socket is not connected";
    Notdir = 54, "notdir", "not a directory, or a symbolic link to one";
    Notempty = 55, "notempty", "directory not empty";
    Notrecoverable = 56, "notrecoverable", "state not recoverable";
    Notsock = 57, "notsock", "not a socket";
    Notsup = 58, "notsup", "not supported";
    Notty = 59, "notty", "inappropriate I/O control operation";
    Nxio = 60, "nxio", "no such device or address";
    Overflow = 61, "overflow", "value too large for its type";
    Ownerdead = 62, "ownerdead", "previous owner died";
    Perm = 63, "perm", "operation not permitted";
    Pipe = 64, "pipe", "broken pipe";
    Proto = 65, "proto", "protocol error";
    Protonosupport = 66, "protonosupport", "protocol not supported";
    Prototype = 67, "prototype", "wrong protocol type for socket";
    Range = 68, "range", "result too large";
    Rofs = 69, "rofs", "read-only file system";
    Spipe = 70, "spipe", "invalid seek";
    Srch = 71, "srch", "no such process";
    Stale = 72, "stale", "stale file handle";
    Timedout = 73, "timedout", "operation timed out";
    Txtbsy = 74, "txtbsy", "text file busy";
    Xdev = 75, "xdev", "cross-device link";
    Notcapable = 76, "notcapable", "capabilities insufficient";
}

impl Errno {
    /// The number a guest sees.
    #[must_use]
    pub const fn code(self) -> u16 {
        self as u16
    }

    /// The error number with this code, when there is one.
    #[must_use]
    pub fn from_code(code: u16) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.description(), self.name())
    }
}

impl std::error::Error for Errno {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_of_an_errno_is_its_code() {
        for (index, errno) in Errno::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(errno.code()), index, "{errno:?}");
            assert_eq!(Errno::from_code(errno.code()), Some(errno));
        }
        assert_eq!(Errno::from_code(77), None);
    }

    #[test]
    fn the_codes_guests_meet_most_are_those_of_the_witx() {
        let expected = [
            (Errno::Acces, 2),
            (Errno::Badf, 8),
            (Errno::Exist, 20),
            (Errno::Inval, 28),
            (Errno::Noent, 44),
            (Errno::Nosys, 52),
            (Errno::Rofs, 69),
            (Errno::Spipe, 70),
            (Errno::Notcapable, 76),
        ];
        for (errno, code) in expected {
            assert_eq!(errno.code(), code, "{errno:?}");
        }
    }

    #[test]
    fn names_are_unique_and_display_shows_both() {
        let names: std::collections::BTreeSet<_> = Errno::ALL.iter().map(|e| e.name()).collect();
        assert_eq!(names.len(), Errno::ALL.len());
        assert_eq!(
            Errno::Noent.to_string(),
            "no such file or directory (noent)"
        );
    }
}
