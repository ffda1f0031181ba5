//! `clock_*`: reading the time.

use crate::clock::Clock;
use crate::errno::Errno;
use crate::mem::GuestMem;
use crate::stop::SysResult;
use crate::wasi::Wasi;

/// `clock_res_get`: writes the step of a clock in nanoseconds.
///
/// # Errno
///
/// * `inval`: there is no such clock.
/// * `fault`: the result does not lie in memory.
pub fn clock_res_get(
    wasi: &mut Wasi,
    mem: &mut GuestMem<'_>,
    id: u32,
    resolution_out: u32,
) -> SysResult {
    ClockId::from_raw(id)?;
    Ok(mem.write_u64(resolution_out, wasi.clock.resolution())?)
}

/// `clock_time_get`: writes the time of a clock in nanoseconds; the precision asked for is always
/// met.
///
/// # Errno
///
/// * `inval`: there is no such clock.
/// * `fault`: the result does not lie in memory; the clock is not read.
pub fn clock_time_get(
    wasi: &mut Wasi,
    mem: &mut GuestMem<'_>,
    id: u32,
    _precision: u64,
    time_out: u32,
) -> SysResult {
    let id = ClockId::from_raw(id)?;
    mem.check(time_out, 8)?;
    Ok(mem.write_u64(time_out, id.read(wasi.clock.as_ref()))?)
}

/// `clockid`. The CPU time of the guest is the monotonic time of its run: it has the host's thread
/// for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClockId {
    Realtime,
    Monotonic,
}

impl ClockId {
    /// # Errors
    ///
    /// `Inval` when there is no such clock.
    pub(super) fn from_raw(id: u32) -> Result<Self, Errno> {
        match id {
            0 => Ok(Self::Realtime),
            1..=3 => Ok(Self::Monotonic),
            _ => Err(Errno::Inval),
        }
    }

    pub(super) fn read(self, clock: &dyn Clock) -> u64 {
        match self {
            Self::Realtime => clock.realtime(),
            Self::Monotonic => clock.monotonic(),
        }
    }
}
