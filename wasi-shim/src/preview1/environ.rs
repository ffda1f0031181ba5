//! `environ_*`: the environment.

use super::{string_sizes, write_strings};
use crate::mem::GuestMem;
use crate::stop::SysResult;
use crate::wasi::Wasi;

/// `environ_get`: writes the variables as `KEY=VALUE` and an array of pointers to them.
///
/// # Errno
///
/// * `fault`: an array does not lie in memory; nothing is written.
pub fn environ_get(
    wasi: &mut Wasi,
    mem: &mut GuestMem<'_>,
    environ: u32,
    environ_buf: u32,
) -> SysResult {
    Ok(write_strings(mem, &wasi.env, environ, environ_buf)?)
}

/// `environ_sizes_get`: writes how many variables there are and how many bytes they take.
///
/// # Errno
///
/// * `fault`: a result does not lie in memory.
pub fn environ_sizes_get(
    wasi: &mut Wasi,
    mem: &mut GuestMem<'_>,
    count_out: u32,
    size_out: u32,
) -> SysResult {
    let (count, size) = string_sizes(&wasi.env);
    mem.check(size_out, 4)?;
    mem.write_u32(count_out, count)?;
    Ok(mem.write_u32(size_out, size)?)
}
