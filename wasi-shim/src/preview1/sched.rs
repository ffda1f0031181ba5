//! `sched_*`: giving way.

use crate::mem::GuestMem;
use crate::stop::SysResult;
use crate::wasi::Wasi;

/// `sched_yield`: gives the other threads of the host a chance.
///
/// # Errno
///
/// None.
pub fn sched_yield(wasi: &mut Wasi, _mem: &mut GuestMem<'_>) -> SysResult {
    wasi.poll()?;
    std::thread::yield_now();
    Ok(())
}
