//! The plain values that cross the filesystem traits.

/// What a name refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileType {
    /// The backend cannot tell.
    Unknown,
    /// A block device.
    BlockDevice,
    /// A character device, for example `/dev/null`.
    CharacterDevice,
    /// A directory.
    Directory,
    /// A file with contents.
    RegularFile,
    /// A datagram socket.
    SocketDgram,
    /// A stream socket.
    SocketStream,
    /// A symbolic link.
    SymbolicLink,
}

/// The attributes of a file, directory or link.
///
/// Two nodes of one tree are the same node exactly when `dev` and `ino` are equal. Times are
/// nanoseconds since the Unix epoch; a time before it is 0, one past the year 2554 is `u64::MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// The filesystem the node lives on.
    pub dev: u64,
    /// The node's number on that filesystem.
    pub ino: u64,
    /// What the node is.
    pub file_type: FileType,
    /// How many names the node has; 0 when it is open but unlinked.
    pub nlink: u64,
    /// Bytes of content; of a symbolic link, bytes of its text.
    pub size: u64,
    /// Last access.
    pub atim: u64,
    /// Last change of content.
    pub mtim: u64,
    /// Last change of content or attributes.
    pub ctim: u64,
}

/// A position in a directory listing: the start, or just after an entry that was returned.
///
/// Stable: it stays valid while entries are added and removed, and it never means a different
/// place later. 0 is the start of every directory; other values are the backend's own, below 2^63:
/// a tree that adds entries to another's needs room for theirs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cookie(pub u64);

impl Cookie {
    /// The start of a directory.
    pub const START: Cookie = Cookie(0);
}

/// One entry of a directory listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirEntry {
    /// Where a listing goes on after this entry.
    pub next: Cookie,
    /// The number of the node on its filesystem.
    pub ino: u64,
    /// A name that [`Name::new`](super::Name::new) accepts.
    pub name: String,
    /// What the node is.
    pub file_type: FileType,
}

/// New times for a node, in nanoseconds since the Unix epoch; `None` leaves a time as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SetTimes {
    /// Last access.
    pub atim: Option<u64>,
    /// Last change of content.
    pub mtim: Option<u64>,
}

/// What `open_file` does about a missing or an existing name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Create {
    /// A missing name is `Noent`.
    #[default]
    Never,
    /// A missing name becomes an empty file.
    IfAbsent,
    /// A missing name becomes an empty file; a name that exists, even as a symbolic link, is
    /// `Exist`.
    New,
}

/// How a file is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpenOptions {
    /// The handle can be read; without it `read_at` is `Badf`.
    pub read: bool,
    /// The handle can change the file; without it `write_at`, `set_len` and `allocate` are `Badf`.
    pub write: bool,
    /// What happens when the name is missing or exists.
    pub create: Create,
    /// Cut an existing file to no bytes. Works without `write` (the handle stays read-only); a
    /// read-only tree refuses it.
    pub truncate: bool,
}

impl OpenOptions {
    /// To read a file that exists.
    pub const READ: OpenOptions = OpenOptions {
        read: true,
        write: false,
        create: Create::Never,
        truncate: false,
    };

    /// To write a file from its beginning: it is created when missing, emptied when it exists.
    pub const WRITE: OpenOptions = OpenOptions {
        read: false,
        write: true,
        create: Create::IfAbsent,
        truncate: true,
    };

    /// To read and write a file, created when missing, left as it is when it exists.
    pub const READ_WRITE: OpenOptions = OpenOptions {
        read: true,
        write: true,
        create: Create::IfAbsent,
        truncate: false,
    };

    /// Whether opening so, or using the handle, can change the tree.
    #[must_use]
    pub fn changes(&self) -> bool {
        self.write || self.truncate || self.create != Create::Never
    }
}
