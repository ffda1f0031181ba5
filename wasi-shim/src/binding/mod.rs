//! What runs guests: bindings of the syscall table to engines.

mod inspect;
mod lifted;
mod limiter;
mod table;
mod wasmi;

pub use self::lifted::LiftedProgram;
pub use self::wasmi::WasmiProgram;
