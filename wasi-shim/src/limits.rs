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
}

impl Limits {
    /// No limits but the ones of the format: 4 GiB of memory, 2^31 descriptors. For guests and
    /// media that are trusted.
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
        }
    }
}

/// The budget that a run used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LimitKind {
    /// [`Limits::memory_bytes`].
    Memory,
    /// [`Limits::table_elements`].
    Table,
    /// [`Limits::fuel`].
    Fuel,
    /// [`Limits::open_files`].
    OpenFiles,
    /// [`Limits::written_bytes`].
    WrittenBytes,
    /// The quota of the filesystem.
    StoredBytes,
    /// [`Limits::text_written_bytes`].
    Text,
    /// Nested calls, or the stack they need.
    CallDepth,
}

impl LimitKind {
    /// The field of [`Limits`] that sets the budget; `None` for one that has several, or none.
    #[must_use]
    pub const fn field(self) -> Option<&'static str> {
        match self {
            Self::Memory => Some("memory_bytes"),
            Self::Table => Some("table_elements"),
            Self::Fuel => Some("fuel"),
            Self::OpenFiles => Some("open_files"),
            Self::WrittenBytes => Some("written_bytes"),
            Self::StoredBytes | Self::Text | Self::CallDepth => None,
        }
    }
}

impl fmt::Display for LimitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Memory => "guest memory",
            Self::Table => "table elements",
            Self::Fuel => "work (fuel)",
            Self::OpenFiles => "open files",
            Self::WrittenBytes => "bytes written to files",
            Self::StoredBytes => "bytes stored in the filesystem",
            Self::Text => "text written to stdout and stderr",
            Self::CallDepth => "call depth",
        })
    }
}
