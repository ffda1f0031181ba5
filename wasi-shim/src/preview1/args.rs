//! `args_*`: the command line.

use super::{string_sizes, write_strings};
use crate::mem::GuestMem;
use crate::stop::SysResult;
use crate::wasi::Wasi;

/// `args_get`: writes the arguments and an array of pointers to them.
///
/// # Errno
///
/// * `fault`: an array does not lie in memory; nothing is written.
pub fn args_get(wasi: &mut Wasi, mem: &mut GuestMem<'_>, argv: u32, argv_buf: u32) -> SysResult {
    Ok(write_strings(mem, &wasi.args, argv, argv_buf)?)
}

/// `args_sizes_get`: writes how many arguments there are and how many bytes they take.
///
/// # Errno
///
/// * `fault`: a result does not lie in memory.
pub fn args_sizes_get(
    wasi: &mut Wasi,
    mem: &mut GuestMem<'_>,
    count_out: u32,
    size_out: u32,
) -> SysResult {
    let (count, size) = string_sizes(&wasi.args);
    mem.check(size_out, 4)?;
    mem.write_u32(count_out, count)?;
    Ok(mem.write_u32(size_out, size)?)
}
