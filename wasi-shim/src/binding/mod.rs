//! What runs guests: bindings of the syscall table to engines.

mod inspect;
mod limiter;
mod table;
mod wasmi;

pub use self::wasmi::WasmiProgram;
