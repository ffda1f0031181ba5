//! `wasi_snapshot_preview1`: one plain function for each syscall, and the one table of them.
//!
//! A function takes the host state, a view of guest memory and the guest's raw values. It knows
//! nothing of the engine that runs the guest: [`for_each_syscall!`](crate::for_each_syscall) gives
//! every binding the same list.

// The witx says how many parameters a syscall has.
#![allow(clippy::too_many_arguments)]

use crate::errno::Errno;
use crate::mem::GuestMem;

mod abi;
pub mod args;
pub mod clock;
pub mod environ;
pub mod fd;
pub mod path;
pub mod poll;
pub mod proc;
pub mod random;
pub mod sched;
pub mod sock;

/// The name under which guests import the syscalls.
pub const MODULE: &str = "wasi_snapshot_preview1";

/// **The table**: hands every syscall to the macro `$each!`, as
/// `family::name(parameter: type, ...) -> result;`, in the order of the witx.
///
/// A `u32` is an `i32` of wasm, a `u64` an `i64`. The result `errno` is an `i32`, `never` is none.
#[macro_export]
macro_rules! for_each_syscall {
    ($each:ident) => {
        $each! {
            args::args_get(argv: u32, argv_buf: u32) -> errno;
            args::args_sizes_get(count_out: u32, size_out: u32) -> errno;
            environ::environ_get(environ: u32, environ_buf: u32) -> errno;
            environ::environ_sizes_get(count_out: u32, size_out: u32) -> errno;
            clock::clock_res_get(id: u32, resolution_out: u32) -> errno;
            clock::clock_time_get(id: u32, precision: u64, time_out: u32) -> errno;
            fd::fd_advise(fd: u32, offset: u64, len: u64, advice: u32) -> errno;
            fd::fd_allocate(fd: u32, offset: u64, len: u64) -> errno;
            fd::fd_close(fd: u32) -> errno;
            fd::fd_datasync(fd: u32) -> errno;
            fd::fd_fdstat_get(fd: u32, stat_out: u32) -> errno;
            fd::fd_fdstat_set_flags(fd: u32, flags: u32) -> errno;
            fd::fd_fdstat_set_rights(fd: u32, rights: u64, inheriting: u64) -> errno;
            fd::fd_filestat_get(fd: u32, stat_out: u32) -> errno;
            fd::fd_filestat_set_size(fd: u32, size: u64) -> errno;
            fd::fd_filestat_set_times(fd: u32, atim: u64, mtim: u64, fst_flags: u32) -> errno;
            fd::fd_pread(fd: u32, iovs: u32, iovs_len: u32, offset: u64, nread_out: u32) -> errno;
            fd::fd_prestat_get(fd: u32, prestat_out: u32) -> errno;
            fd::fd_prestat_dir_name(fd: u32, path: u32, path_len: u32) -> errno;
            fd::fd_pwrite(fd: u32, iovs: u32, iovs_len: u32, offset: u64, nwritten_out: u32) -> errno;
            fd::fd_read(fd: u32, iovs: u32, iovs_len: u32, nread_out: u32) -> errno;
            fd::fd_readdir(fd: u32, buf: u32, buf_len: u32, cookie: u64, used_out: u32) -> errno;
            fd::fd_renumber(fd: u32, to: u32) -> errno;
            fd::fd_seek(fd: u32, offset: u64, whence: u32, offset_out: u32) -> errno;
            fd::fd_sync(fd: u32) -> errno;
            fd::fd_tell(fd: u32, offset_out: u32) -> errno;
            fd::fd_write(fd: u32, iovs: u32, iovs_len: u32, nwritten_out: u32) -> errno;
            path::path_create_directory(fd: u32, path: u32, path_len: u32) -> errno;
            path::path_filestat_get(
                fd: u32, flags: u32, path: u32, path_len: u32, stat_out: u32
            ) -> errno;
            path::path_filestat_set_times(
                fd: u32, flags: u32, path: u32, path_len: u32, atim: u64, mtim: u64, fst_flags: u32
            ) -> errno;
            path::path_link(
                old_fd: u32, old_flags: u32, old_path: u32, old_path_len: u32,
                new_fd: u32, new_path: u32, new_path_len: u32
            ) -> errno;
            path::path_open(
                fd: u32, dirflags: u32, path: u32, path_len: u32, oflags: u32,
                rights: u64, inheriting: u64, fdflags: u32, fd_out: u32
            ) -> errno;
            path::path_readlink(
                fd: u32, path: u32, path_len: u32, buf: u32, buf_len: u32, used_out: u32
            ) -> errno;
            path::path_remove_directory(fd: u32, path: u32, path_len: u32) -> errno;
            path::path_rename(
                fd: u32, old_path: u32, old_path_len: u32,
                new_fd: u32, new_path: u32, new_path_len: u32
            ) -> errno;
            path::path_symlink(
                old_path: u32, old_path_len: u32, fd: u32, new_path: u32, new_path_len: u32
            ) -> errno;
            path::path_unlink_file(fd: u32, path: u32, path_len: u32) -> errno;
            poll::poll_oneoff(
                subscriptions: u32, events: u32, nsubscriptions: u32, nevents_out: u32
            ) -> errno;
            proc::proc_exit(code: u32) -> never;
            proc::proc_raise(signal: u32) -> errno;
            sched::sched_yield() -> errno;
            random::random_get(buf: u32, buf_len: u32) -> errno;
            sock::sock_accept(fd: u32, flags: u32, fd_out: u32) -> errno;
            sock::sock_recv(
                fd: u32, data: u32, data_len: u32, flags: u32, size_out: u32, flags_out: u32
            ) -> errno;
            sock::sock_send(fd: u32, data: u32, data_len: u32, flags: u32, size_out: u32) -> errno;
            sock::sock_shutdown(fd: u32, how: u32) -> errno;
        }
    };
}

/// A value type of wasm, as far as syscalls use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueType {
    /// `i32`.
    I32,
    /// `i64`.
    I64,
}

/// One row of the table, as values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Syscall {
    /// The name that guests import.
    pub name: &'static str,
    /// The types of the parameters.
    pub params: &'static [ValueType],
    /// The type of the result, if there is one.
    pub result: Option<ValueType>,
}

macro_rules! value_type {
    (u32) => {
        ValueType::I32
    };
    (u64) => {
        ValueType::I64
    };
    (errno) => {
        Some(ValueType::I32)
    };
    (never) => {
        None
    };
}

macro_rules! rows {
    ($($family:ident::$name:ident($($param:ident: $type:ident),*) -> $result:ident;)*) => {
        /// Every syscall, in the order of the witx.
        pub const SYSCALLS: &[Syscall] = &[$(Syscall {
            name: stringify!($name),
            params: &[$(value_type!($type)),*],
            result: value_type!($result),
        },)*];
    };
}

for_each_syscall!(rows);

/// The table's row for an import.
#[must_use]
pub fn find(name: &str) -> Option<&'static Syscall> {
    SYSCALLS.iter().find(|syscall| syscall.name == name)
}

/// Writes a list of strings as C wants it: an array of pointers, and the NUL-terminated strings
/// one after the other.
fn write_strings(
    mem: &mut GuestMem<'_>,
    strings: &[Vec<u8>],
    pointers: u32,
    buffer: u32,
) -> Result<(), Errno> {
    let (count, size) = string_sizes(strings);
    mem.check(pointers, u64::from(count) * 4)?;
    mem.check(buffer, u64::from(size))?;
    let mut at = buffer;
    for (index, string) in (0..count).zip(strings) {
        mem.write_u32(GuestMem::element(pointers, index, 4)?, at)?;
        mem.write(at, string)?;
        let end = at + string.len() as u32;
        mem.write(end, &[0])?;
        // The last string may end at the last address there is; nothing follows it then.
        at = end.wrapping_add(1);
    }
    Ok(())
}

/// How many strings there are, and how many bytes they take with their NULs. The builder refuses
/// lists for which this would not fit.
fn string_sizes(strings: &[Vec<u8>]) -> (u32, u32) {
    let size: usize = strings.iter().map(|string| string.len() + 1).sum();
    (strings.len() as u32, size as u32)
}

#[cfg(test)]
mod tests;
