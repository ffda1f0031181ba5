//! `random_*`: random bytes.

use crate::mem::GuestMem;
use crate::stop::SysResult;
use crate::wasi::Wasi;

/// `random_get`: fills a buffer with random bytes.
///
/// The whole buffer is checked before any of it is filled; it is filled in pieces, so that a buffer
/// of 4 GiB can be cancelled.
///
/// # Errno
///
/// * `fault`: the buffer does not lie in memory; nothing is written.
/// * `io`: the source failed.
pub fn random_get(wasi: &mut Wasi, mem: &mut GuestMem<'_>, buf: u32, buf_len: u32) -> SysResult {
    const PIECE: usize = 256 << 10;
    let buffer = mem.slice_mut(buf, u64::from(buf_len))?;
    wasi.charge_bytes(u64::from(buf_len));
    for piece in buffer.chunks_mut(PIECE) {
        wasi.random.fill(piece)?;
        wasi.poll()?;
    }
    Ok(())
}
