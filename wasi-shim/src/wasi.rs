//! The host state of one guest: everything its syscalls can see and change.

use std::fmt;
use std::sync::Arc;

use crate::clock::Clock;
use crate::control::Control;
use crate::errno::Errno;
use crate::fd::FdTable;
use crate::limits::{LimitKind, LimitSet, Limits};
use crate::random::SharedRandom;
use crate::stdio::{Sink, Source};
use crate::stop::{Stop, SysResult};
use crate::vfs::{Dir, VfsError};

mod builder;
mod nodes;

pub use builder::{BuildError, WasiBuilder};

/// The host state of one run of one guest.
///
/// Made by [`Wasi::builder`], given to [`Program::instantiate`](crate::Program::instantiate), and
/// given back by [`Instance::into_wasi`](crate::Instance::into_wasi) with what the run left.
pub struct Wasi {
    pub(crate) args: Vec<Vec<u8>>,
    pub(crate) env: Vec<Vec<u8>>,
    pub(crate) table: FdTable,
    pub(crate) control: Control,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: SharedRandom,
    pub(crate) limits: Limits,
    pub(crate) stdin: Source,
    pub(crate) stdout: Sink,
    pub(crate) stderr: Sink,
    pub(crate) io: IoCount,
    tmp: Option<Arc<dyn Dir>>,
    /// Kept between calls so that a read or a write allocates nothing.
    pub(crate) buffers: Vec<(u32, u32)>,
}

/// What the syscalls of a run moved and cost.
#[derive(Debug, Default)]
pub(crate) struct IoCount {
    pub(crate) bytes_read: u64,
    pub(crate) bytes_written: u64,
    /// Work done by syscalls, in units of fuel.
    pub(crate) work: u64,
    pub(crate) storage_error: Option<VfsError>,
    pub(crate) read_error: Option<VfsError>,
    io_error: bool,
    met: LimitSet,
}

impl Wasi {
    /// Starts from a guest that is given nothing: no arguments, no environment, no directories, an
    /// empty stdin, captured stdout and stderr, default limits, the system's clock and randomness.
    #[must_use]
    pub fn builder() -> WasiBuilder {
        WasiBuilder::default()
    }

    /// The budgets of the run.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The captured stdout: its first [`Limits::text_bytes`] bytes, empty unless captured.
    #[must_use]
    pub fn stdout(&self) -> &[u8] {
        self.stdout.captured()
    }

    /// The captured stderr: its first [`Limits::text_bytes`] bytes, empty unless captured.
    #[must_use]
    pub fn stderr(&self) -> &[u8] {
        self.stderr.captured()
    }

    /// Moves the captured stdout out.
    #[must_use]
    pub fn take_stdout(&mut self) -> Vec<u8> {
        self.stdout.take()
    }

    /// Moves the captured stderr out.
    #[must_use]
    pub fn take_stderr(&mut self) -> Vec<u8> {
        self.stderr.take()
    }

    /// How many bytes the guest wrote to stdout, kept or not.
    #[must_use]
    pub fn stdout_written(&self) -> u64 {
        self.stdout.written()
    }

    /// How many bytes the guest wrote to stderr, kept or not.
    #[must_use]
    pub fn stderr_written(&self) -> u64 {
        self.stderr.written()
    }

    /// Whether the guest wrote more to stdout than was kept.
    #[must_use]
    pub fn stdout_truncated(&self) -> bool {
        self.stdout.truncated()
    }

    /// Whether the guest wrote more to stderr than was kept.
    #[must_use]
    pub fn stderr_truncated(&self) -> bool {
        self.stderr.truncated()
    }

    /// Bytes the guest read from files, stdin not counted.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        self.io.bytes_read
    }

    /// Bytes the guest wrote to files, stdout and stderr not counted; a place that was written
    /// twice counts twice.
    #[must_use]
    pub fn bytes_written(&self) -> u64 {
        self.io.bytes_written
    }

    /// The first failure of the storage itself that the guest met when it wrote: out of space, over
    /// a quota, an I/O error, a read-only tree. The guest saw its errno and may have carried on.
    #[must_use]
    pub fn storage_error(&self) -> Option<VfsError> {
        self.io.storage_error
    }

    /// The first read of a file that the filesystem failed. The guest saw its errno and may have taken it
    /// for the end of the file.
    #[must_use]
    pub fn read_error(&self) -> Option<VfsError> {
        self.io.read_error
    }

    /// Whether the guest was told of an I/O error, by whatever call: an open, a look, a read, a write, of a file or of a
    /// standard stream. Nothing that the guest does wrong is answered so.
    #[must_use]
    pub fn io_error(&self) -> bool {
        self.io.io_error
    }

    /// Every limit that the guest met, whether it ended the run or the guest saw an errno or a -1 and
    /// carried on: why a guest gave up that ended by itself. In the order of [`LimitKind::ALL`]. What
    /// memory and tables met is known once [`Instance::into_wasi`](crate::Instance::into_wasi) gave
    /// the state back.
    pub fn limits_met(&self) -> impl Iterator<Item = LimitKind> + use<> {
        let mut met = self.io.met;
        if self.stdout_truncated() || self.stderr_truncated() {
            met.add(LimitKind::CapturedText);
        }
        met.iter()
    }

    /// The guest's `/tmp`, if it has one.
    #[must_use]
    pub fn tmp(&self) -> Option<&Arc<dyn Dir>> {
        self.tmp.as_ref()
    }

    /// Remembers what a call tells the guest.
    pub(crate) fn answered(&mut self, errno: Errno) {
        self.io.io_error |= errno == Errno::Io;
    }

    /// Remembers a limit that the guest met.
    pub(crate) fn meet(&mut self, kind: LimitKind) {
        self.io.met.add(kind);
    }

    /// Remembers the limit by which a run ended, if it was one.
    pub(crate) fn ended(&mut self, stop: &Stop) {
        if let Stop::Limit(kind) = stop {
            self.meet(*kind);
        }
    }

    /// Passes on what a filesystem says, and remembers the limit that it names.
    ///
    /// # Errors
    ///
    /// The filesystem's.
    pub(crate) fn noting<T>(&mut self, result: Result<T, VfsError>) -> Result<T, VfsError> {
        if let Err(error) = &result
            && let Some(kind) = error.limit()
        {
            self.meet(kind);
        }
        result
    }

    /// Whether the run must end for a reason from outside.
    ///
    /// # Errors
    ///
    /// `Cancelled` or `DeadlineExceeded`.
    pub(crate) fn poll(&self) -> Result<(), Stop> {
        self.control.poll()
    }

    /// Charges a syscall for moving `bytes` bytes, before it moves them.
    pub(crate) fn charge_bytes(&mut self, bytes: u64) {
        self.charge(bytes / Self::BYTES_PER_WORK);
    }

    /// Charges `work` units of fuel.
    pub(crate) fn charge(&mut self, work: u64) {
        self.io.work = self.io.work.saturating_add(work);
    }

    /// Charges a write to a file against [`Limits::written_bytes`], before it is made.
    ///
    /// # Errors
    ///
    /// `Limit(WrittenBytes)` when it is over.
    pub(crate) fn charge_written(&mut self, bytes: u64) -> Result<(), Stop> {
        match self.limits.written_bytes {
            Some(limit) if bytes > limit.saturating_sub(self.io.bytes_written) => {
                Err(Stop::Limit(LimitKind::WrittenBytes))
            }
            _ => Ok(()),
        }
    }

    /// Charges text against [`Limits::text_written_bytes`], before it is written.
    ///
    /// # Errors
    ///
    /// `Limit(Text)` when it is over.
    pub(crate) fn charge_text(&mut self, bytes: u64) -> Result<(), Stop> {
        let written = self.stdout.written().saturating_add(self.stderr.written());
        match self.limits.text_written_bytes {
            Some(limit) if bytes > limit.saturating_sub(written) => {
                Err(Stop::Limit(LimitKind::Text))
            }
            _ => Ok(()),
        }
    }

    /// Passes on the result of an operation that changes the filesystem, and remembers the first
    /// failure that is the storage's and not the guest's.
    ///
    /// # Errors
    ///
    /// The operation's.
    pub(crate) fn changed<T>(&mut self, result: Result<T, VfsError>) -> SysResult<T> {
        if let Err(error) = &result
            && self.io.storage_error.is_none()
            && matches!(
                error.errno(),
                Errno::Nospc
                    | Errno::Dquot
                    | Errno::Io
                    | Errno::Fbig
                    | Errno::Rofs
                    | Errno::Nomem
                    | Errno::Stale
            )
        {
            self.io.storage_error = Some(*error);
        }
        Ok(self.noting(result)?)
    }

    const BYTES_PER_WORK: u64 = 64;
}

impl fmt::Debug for Wasi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wasi")
            .field("args", &self.args.len())
            .field("limits", &self.limits)
            .field("io", &self.io)
            .finish_non_exhaustive()
    }
}
