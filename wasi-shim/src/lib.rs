//! WASI preview1 over a virtual filesystem, and a binding of it to the `wasmi` interpreter.
//!
//! A [`WasmiProgram`] is loaded once and run any number of times, on any number of threads. Each run
//! has a [`Wasi`] of its own: arguments, standard streams, directories of a virtual filesystem,
//! clocks, randomness and [`Limits`]. Nothing of the host is reachable that was not put there.

mod binding;
mod clock;
mod control;
mod errno;
mod fd;
mod guest;
mod limits;
mod mem;
pub mod preview1;
mod random;
mod stdio;
mod stop;
pub mod vfs;
mod walk;
mod wasi;

pub use binding::WasmiProgram;
pub use clock::{Clock, SystemClock, VirtualClock};
pub use control::CancelToken;
pub use errno::Errno;
pub use fd::{FdFlags, Rights};
pub use guest::{Instance, LoadError, Program, StartError};
pub use limits::{LimitKind, Limits};
pub use mem::GuestMem;
pub use random::{Random, SeededRandom, SystemRandom};
pub use stdio::{Output, Stdin};
pub use stop::{Fail, Stop, SysResult, Trap, TrapKind};
pub use wasi::{BuildError, Wasi, WasiBuilder};
