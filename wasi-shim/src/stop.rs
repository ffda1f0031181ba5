//! Why a guest stopped running.

use std::error::Error;
use std::fmt;

use crate::errno::Errno;
use crate::limits::LimitKind;
use crate::vfs::VfsError;

/// How a run ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum Stop {
    /// The guest ended by itself: its exit code, 0 when `_start` returned.
    Exit(u32),
    /// The guest broke a rule of its machine.
    Trap(Trap),
    /// A budget ran out.
    Limit(LimitKind),
    /// The caller's token was cancelled.
    Cancelled,
    /// The deadline or the wall-time limit passed.
    DeadlineExceeded,
    /// The host failed, for no fault of the guest.
    Host(Box<dyn Error + Send + Sync>),
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exit(code) => write!(f, "guest exited with code {code}"),
            Self::Trap(trap) => trap.fmt(f),
            Self::Limit(kind) => write!(f, "limit reached: {kind}"),
            Self::Cancelled => f.write_str("cancelled"),
            Self::DeadlineExceeded => f.write_str("deadline exceeded"),
            Self::Host(error) => write!(f, "host failure: {error}"),
        }
    }
}

impl Error for Stop {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Trap(trap) => Some(trap),
            Self::Host(error) => Some(error.as_ref()),
            _ => None,
        }
    }
}

/// A trap, with the engine's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trap {
    /// Which rule was broken.
    pub kind: TrapKind,
    /// What the engine says about it.
    pub message: String,
}

impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "guest trapped: {}", self.message)
    }
}

impl Error for Trap {}

/// The rules of the machine that a guest can break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TrapKind {
    /// An `unreachable` instruction: what `abort` and failed assertions compile to.
    Unreachable,
    /// An access outside linear memory.
    MemoryOutOfBounds,
    /// An access outside a table.
    TableOutOfBounds,
    /// An indirect call of an empty table element.
    NullFunction,
    /// An indirect call of a function of another type.
    BadSignature,
    /// An integer division by zero.
    DivisionByZero,
    /// An integer operation whose result does not fit.
    IntegerOverflow,
    /// A conversion of NaN or infinity to an integer.
    BadConversion,
    /// A call of a function that is no valid WebAssembly, in a program that is validated as it runs.
    Malformed,
    /// `proc_raise` of a signal whose default action is to end the process.
    Signal(u8),
    /// Anything else.
    Other,
}

/// What ends a syscall early: an errno for the guest, or the end of the run.
#[derive(Debug)]
pub enum Fail {
    /// The guest sees this number and goes on.
    Errno(Errno),
    /// The run ends.
    Stop(Box<Stop>),
}

/// The result of a syscall.
pub type SysResult<T = ()> = Result<T, Fail>;

impl From<Errno> for Fail {
    fn from(errno: Errno) -> Self {
        Self::Errno(errno)
    }
}

impl From<VfsError> for Fail {
    fn from(error: VfsError) -> Self {
        Self::Errno(error.errno())
    }
}

impl From<Stop> for Fail {
    fn from(stop: Stop) -> Self {
        Self::Stop(Box::new(stop))
    }
}
