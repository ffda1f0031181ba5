//! Traps: what ends a call of the guest, and how it gets from where it happens to who called.

use std::any::Any;
use std::fmt;
use std::panic::{self, AssertUnwindSafe};

/// Why a call of the guest ended early.
#[non_exhaustive]
pub enum Trap {
    /// The `unreachable` instruction.
    Unreachable,
    /// An access outside the memory.
    MemoryOutOfBounds,
    /// An access outside a table.
    TableOutOfBounds,
    /// An indirect call of an empty table element.
    NullFunction,
    /// An indirect call of a function of another type.
    BadSignature,
    /// An integer division by zero.
    DivisionByZero,
    /// An integer division whose result does not fit, or a float too large for its integer type.
    IntegerOverflow,
    /// A conversion of NaN to an integer.
    BadConversion,
    /// Calls nested deeper than allowed.
    CallDepth,
    /// More calls through `invoke_*` open at once than allowed.
    NestedCalls,
    /// A `longjmp` of the guest: caught by the innermost `invoke_*`, and an end of the run when
    /// there is none.
    LongJump,
    /// The host system has no room for the memory that an instance starts with.
    OutOfSystemMemory,
    /// The host ended the run, for a reason of its own.
    Host(Box<dyn Any + Send>),
}

impl fmt::Debug for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unreachable => "unreachable code was executed",
            Self::MemoryOutOfBounds => "out of bounds memory access",
            Self::TableOutOfBounds => "undefined element: out of bounds table access",
            Self::NullFunction => "uninitialized element: indirect call of nothing",
            Self::BadSignature => "indirect call type mismatch",
            Self::DivisionByZero => "integer divide by zero",
            Self::IntegerOverflow => "integer overflow",
            Self::BadConversion => "invalid conversion to integer",
            Self::CallDepth => "call stack exhausted",
            Self::NestedCalls => "too many calls through `invoke_*` are open",
            Self::LongJump => "a longjmp that nobody catches",
            Self::OutOfSystemMemory => "the host system has no room for the initial memory",
            Self::Host(_) => "the host ended the run",
        })
    }
}

impl std::error::Error for Trap {}

/// The payload of the unwinding, so that a panic of the host is told apart from a trap.
struct Raised(Trap);

/// Ends the running call of the guest.
#[cold]
#[inline(never)]
pub fn raise(trap: Trap) -> ! {
    panic::resume_unwind(Box::new(Raised(trap)))
}

/// Runs guest code and returns the trap it ended with. A panic that is no trap goes on.
///
/// # Errors
///
/// The trap.
pub fn catch<T>(body: impl FnOnce() -> T) -> Result<T, Trap> {
    // The caller either discards the instance after a trap or accepts its state as it is, which is
    // what the specification says of a trapped instance.
    panic::catch_unwind(AssertUnwindSafe(body)).map_err(|payload| {
        match payload.downcast::<Raised>() {
            Ok(raised) => raised.0,
            Err(payload) => panic::resume_unwind(payload),
        }
    })
}

macro_rules! cold {
    ($($(#[$doc:meta])* $name:ident => $trap:ident;)*) => {
        $($(#[$doc])* #[cold] #[inline(never)]
        pub(crate) fn $name() -> ! { raise(Trap::$trap) })*
    };
}

cold! {
    memory_out_of_bounds => MemoryOutOfBounds;
    table_out_of_bounds => TableOutOfBounds;
    division_by_zero => DivisionByZero;
    integer_overflow => IntegerOverflow;
    bad_conversion => BadConversion;
    call_depth => CallDepth;
    nested_calls => NestedCalls;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trap_is_caught_and_a_panic_goes_on() {
        assert!(matches!(
            catch(|| raise(Trap::Unreachable)),
            Err::<(), _>(Trap::Unreachable)
        ));
        assert!(matches!(catch(|| 7), Ok(7)));
        let outer = panic::catch_unwind(|| catch(|| panic::resume_unwind(Box::new(3_u8))));
        let payload = outer.expect_err("it is no trap");
        assert_eq!(payload.downcast_ref::<u8>(), Some(&3));
    }
}
