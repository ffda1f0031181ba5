//! The lists of buffers that reads and writes are given.

use crate::errno::Errno;
use crate::limits::LimitKind;
use crate::mem::GuestMem;
use crate::stop::SysResult;
use crate::wasi::Wasi;

/// Reads the guest's list of buffers, checks all of them, and hands them to `body`.
pub(super) fn with_buffers(
    wasi: &mut Wasi,
    mem: &mut GuestMem<'_>,
    iovs: u32,
    iovs_len: u32,
    body: impl FnOnce(&mut Wasi, &mut GuestMem<'_>, &[(u32, u32)]) -> SysResult<u64>,
) -> SysResult<u64> {
    if iovs_len > MAX_BUFFERS {
        wasi.meet(LimitKind::Buffers);
        return Err(Errno::Inval.into());
    }
    let mut buffers = std::mem::take(&mut wasi.buffers);
    let result = match read_list(mem, iovs, iovs_len, &mut buffers) {
        Ok(total) => {
            wasi.charge_bytes(total);
            body(wasi, mem, &buffers)
        }
        Err(errno) => Err(errno.into()),
    };
    wasi.buffers = buffers;
    result
}

/// Copies the list out of guest memory, where a read may overwrite it, and returns its total.
fn read_list(
    mem: &GuestMem<'_>,
    iovs: u32,
    iovs_len: u32,
    buffers: &mut Vec<(u32, u32)>,
) -> Result<u64, Errno> {
    buffers.clear();
    let mut total = 0;
    for entry in mem.slice(iovs, u64::from(iovs_len) * 8)?.chunks_exact(8) {
        let [a, b, c, d, e, f, g, h] = *entry else {
            continue;
        };
        let ptr = u32::from_le_bytes([a, b, c, d]);
        let len = u32::from_le_bytes([e, f, g, h]);
        mem.check(ptr, u64::from(len))?;
        total += u64::from(len);
        if len > 0 {
            buffers.push((ptr, len));
        }
    }
    if total > u64::from(u32::MAX) {
        return Err(Errno::Inval);
    }
    Ok(total)
}

/// The buffers, cut so that none is longer than [`PIECE`].
pub(super) fn pieces(buffers: &[(u32, u32)]) -> impl Iterator<Item = (u32, u64)> {
    buffers.iter().flat_map(|&(ptr, len)| {
        let len = u64::from(len);
        (0..len.div_ceil(PIECE)).map(move |index| {
            let done = index * PIECE;
            // Inside a buffer that was checked, so the address fits.
            ((u64::from(ptr) + done) as u32, (len - done).min(PIECE))
        })
    })
}

/// The most buffers of one read or write, as `IOV_MAX` elsewhere.
const MAX_BUFFERS: u32 = 1_024;

/// The most bytes moved between two looks at cancel and deadline.
const PIECE: u64 = 1 << 20;
