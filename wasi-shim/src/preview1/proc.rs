//! `proc_*`: ending the guest.

use crate::errno::Errno;
use crate::mem::GuestMem;
use crate::stop::{Stop, SysResult, Trap, TrapKind};
use crate::wasi::Wasi;

/// `proc_exit`: ends the run with an exit code, any of the 2^32.
///
/// # Errno
///
/// None: it does not return.
pub fn proc_exit(_wasi: &mut Wasi, _mem: &mut GuestMem<'_>, code: u32) -> SysResult {
    Err(Stop::Exit(code).into())
}

/// `proc_raise`: does what a signal does by default: nothing, or the end of the run.
///
/// # Errno
///
/// * `inval`: there is no such signal.
pub fn proc_raise(_wasi: &mut Wasi, _mem: &mut GuestMem<'_>, signal: u32) -> SysResult {
    const NONE: u32 = 0;
    const CHILD: u32 = 16;
    const CONTINUE: u32 = 17;
    const URGENT: u32 = 22;
    const WINDOW: u32 = 27;
    const LAST: u32 = 30;
    match signal {
        NONE | CHILD | CONTINUE | URGENT | WINDOW => Ok(()),
        1..=LAST => Err(Stop::Trap(Trap {
            kind: TrapKind::Signal(signal as u8),
            message: format!("raised signal {signal}"),
        })
        .into()),
        _ => Err(Errno::Inval.into()),
    }
}
