//! WASI preview1 over a virtual filesystem, and a binding of it to the `wasmi` interpreter.
//!
//! A [`WasmiProgram`] is loaded once and run any number of times, on any number of threads. Each run
//! has a [`Wasi`] of its own: arguments, standard streams, directories of a virtual filesystem,
//! clocks, randomness and [`Limits`]. Nothing of the host is reachable that was not put there.
//!
//! # How it must be built
//!
//! The interpreter dispatches by tail calls, which hold in optimised builds only: with debug
//! assertions in `wasmi`, or with `lto = "off"`, any loop of a guest overflows the native stack and
//! **aborts the process**. An application needs, in its own `Cargo.toml`:
//!
//! ```toml
//! [profile.dev.package."*"]
//! opt-level = 3
//! debug-assertions = false
//! ```
//!
//! and in its release profile any `lto` but `"off"`. Where that cannot be had, the feature
//! `portable-dispatch` is slower and holds everywhere. Built so, a guest needs less than 512 KiB of
//! native stack, whatever it does.

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
mod table_functions;
pub mod vfs;
mod walk;
mod wasi;

pub use afmpeg_lift_runtime::Module as LiftedModule;
pub use binding::{LiftedProgram, WasmiProgram};
pub use clock::{Clock, SystemClock, VirtualClock};
pub use control::CancelToken;
pub use errno::Errno;
pub use fd::{FdFlags, Rights};
pub use guest::{CallError, Instance, LoadError, Program, Reason, StartError, Value};
pub use limits::{LimitKind, Limits};
pub use mem::GuestMem;
pub use random::{Random, SeededRandom, SystemRandom};
pub use stdio::{Output, Stdin};
pub use stop::{Fail, Stop, SysResult, Trap, TrapKind};
pub use table_functions::TableFunctions;
pub use wasi::{BuildError, Wasi, WasiBuilder};
