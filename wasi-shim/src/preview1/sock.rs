//! `sock_*`: sockets, of which a guest has none.

use crate::errno::Errno;
use crate::mem::GuestMem;
use crate::stop::SysResult;
use crate::wasi::Wasi;

/// `sock_accept`: accepts a connection.
///
/// # Errno
///
/// * `badf`: the descriptor is not open.
/// * `notsock`: it is; no descriptor is a socket.
pub fn sock_accept(
    wasi: &mut Wasi,
    _mem: &mut GuestMem<'_>,
    fd: u32,
    _flags: u32,
    _fd_out: u32,
) -> SysResult {
    not_a_socket(wasi, fd)
}

/// `sock_recv`: receives a message.
///
/// # Errno
///
/// * `badf`: the descriptor is not open.
/// * `notsock`: it is; no descriptor is a socket.
pub fn sock_recv(
    wasi: &mut Wasi,
    _mem: &mut GuestMem<'_>,
    fd: u32,
    _data: u32,
    _data_len: u32,
    _flags: u32,
    _size_out: u32,
    _flags_out: u32,
) -> SysResult {
    not_a_socket(wasi, fd)
}

/// `sock_send`: sends a message.
///
/// # Errno
///
/// * `badf`: the descriptor is not open.
/// * `notsock`: it is; no descriptor is a socket.
pub fn sock_send(
    wasi: &mut Wasi,
    _mem: &mut GuestMem<'_>,
    fd: u32,
    _data: u32,
    _data_len: u32,
    _flags: u32,
    _size_out: u32,
) -> SysResult {
    not_a_socket(wasi, fd)
}

/// `sock_shutdown`: ends the traffic of a socket.
///
/// # Errno
///
/// * `badf`: the descriptor is not open.
/// * `notsock`: it is; no descriptor is a socket.
pub fn sock_shutdown(wasi: &mut Wasi, _mem: &mut GuestMem<'_>, fd: u32, _how: u32) -> SysResult {
    not_a_socket(wasi, fd)
}

fn not_a_socket(wasi: &Wasi, fd: u32) -> SysResult {
    wasi.table.get(fd)?;
    Err(Errno::Notsock.into())
}
