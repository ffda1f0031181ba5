//! The budgets of one run, and the name of the one that ran out.

use std::fmt;
use std::time::Duration;

/// What one run of a guest may use. The default is safe for untrusted guests and media.
///
/// Running out ends the run with [`Stop::Limit`](crate::Stop::Limit), except where a field says
/// otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of linear memory, of all memories of the guest together. A growth past it answers -1;
    /// a guest that keeps asking is stopped. Default 512 MiB.
    pub memory_bytes: u64,
    /// Elements of all tables together. Default 1,000,000.
    pub table_elements: u64,
    /// Time on the wall from the moment the run starts; past it the run ends with
    /// [`Stop::DeadlineExceeded`](crate::Stop::DeadlineExceeded). Default 1 hour.
    pub wall_time: Option<Duration>,
    /// Work: about one unit for each instruction of the guest, and one for each 64 bytes that a
    /// host call moves. The same guest on the same input uses the same amount everywhere. Default
    /// none.
    pub fuel: Option<u64>,
    /// File descriptors that are open at one time, stdio and preopens included. Past it the guest
    /// sees `mfile`. Default 1,024.
    pub open_files: u32,
    /// Bytes of captured stdout, and of captured stderr. What the guest writes past it is counted
    /// and dropped, the first bytes are kept. Default 1 MiB each.
    pub text_bytes: u64,
    /// Bytes the guest writes to stdout and stderr together, captured or not: the brake on a guest
    /// that prints without end. Default 1 GiB.
    pub text_written_bytes: Option<u64>,
    /// Bytes the guest writes to files, summed over the run: rewriting one place counts every
    /// time. Default none (the filesystem's own quota bounds what is stored).
    pub written_bytes: Option<u64>,
    /// Bytes the guest stores in the `/tmp` that it is given by default. Past it the guest sees
    /// `nospc`. Default 256 MiB.
    pub tmp_bytes: u64,
    /// Directories below the one where a path starts that a walk along it may be in at one time:
    /// each is an open handle, on `HostDir` a descriptor of this process. Past it the guest sees
    /// `nametoolong`. Default 512.
    pub path_depth: u32,
}

impl Limits {
    /// No limits but the ones of the format: 4 GiB of memory, 2^31 descriptors, paths of 64 KiB. For
    /// guests and media that are trusted.
    #[must_use]
    pub fn unbounded() -> Self {
        Self {
            memory_bytes: 1 << 32,
            table_elements: u64::from(u32::MAX),
            wall_time: None,
            fuel: None,
            open_files: i32::MAX.cast_unsigned(),
            text_bytes: u64::MAX,
            text_written_bytes: None,
            written_bytes: None,
            tmp_bytes: u64::MAX,
            path_depth: u32::MAX,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: 512 << 20,
            table_elements: 1_000_000,
            wall_time: Some(Duration::from_secs(3_600)),
            fuel: None,
            open_files: 1_024,
            text_bytes: 1 << 20,
            text_written_bytes: Some(1 << 30),
            written_bytes: None,
            tmp_bytes: 256 << 20,
            path_depth: 512,
        }
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident, $field:expr, $text:literal;)*) => {
        /// The budget that a run used up, or a bound of a call that it went over.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum LimitKind {
            $($(#[$doc])* $name,)*
        }

        impl LimitKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The field of [`Limits`] that sets the budget; `None` for one that has several, or none.
            #[must_use]
            pub const fn field(self) -> Option<&'static str> {
                match self {
                    $(Self::$name => $field,)*
                }
            }
        }

        impl fmt::Display for LimitKind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    $(Self::$name => $text,)*
                })
            }
        }
    };
}

kinds! {
    /// [`Limits::memory_bytes`].
    Memory, Some("memory_bytes"), "guest memory";
    /// [`Limits::table_elements`].
    Table, Some("table_elements"), "table elements";
    /// [`Limits::fuel`].
    Fuel, Some("fuel"), "work (fuel)";
    /// [`Limits::open_files`].
    OpenFiles, Some("open_files"), "open files";
    /// [`Limits::written_bytes`].
    WrittenBytes, Some("written_bytes"), "bytes written to files";
    /// The bytes of a filesystem's [`Quota`](crate::vfs::Quota), or [`Limits::tmp_bytes`].
    StoredBytes, None, "bytes stored in the filesystem";
    /// The nodes of a filesystem's [`Quota`](crate::vfs::Quota).
    Nodes, None, "files and directories in the filesystem";
    /// [`Limits::path_depth`].
    PathDepth, Some("path_depth"), "directories in a path";
    /// 1,024 buffers of one read or write.
    Buffers, None, "buffers of one call";
    /// 4,096 subscriptions of one `poll_oneoff`.
    Subscriptions, None, "subscriptions of one call";
    /// [`Limits::text_bytes`].
    CapturedText, Some("text_bytes"), "text captured from stdout or stderr";
    /// [`Limits::text_written_bytes`].
    Text, Some("text_written_bytes"), "text written to stdout and stderr";
    /// Nested calls, or the stack they need.
    CallDepth, None, "call depth";
    /// 128 calls through `env.invoke_*` that are open at once.
    NestedCalls, None, "nested calls that can be jumped out of";
}

/// Kinds of limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LimitSet(u32);

impl LimitSet {
    pub(crate) fn add(&mut self, kind: LimitKind) {
        self.0 |= 1 << kind as u32;
    }

    /// In the order of [`LimitKind::ALL`].
    pub(crate) fn iter(self) -> impl Iterator<Item = LimitKind> {
        let kinds = LimitKind::ALL.iter().copied();
        kinds.filter(move |kind| self.0 & (1 << *kind as u32) != 0)
    }
}
