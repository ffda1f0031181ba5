//! What runs guests: bindings of the syscall table to engines.

mod check;
mod inspect;
mod jumps;
mod lifted;
mod limiter;
mod mixed;
mod run;
mod table;
mod thread;
mod wasmi;

pub use self::lifted::LiftedProgram;
pub use self::wasmi::WasmiProgram;
