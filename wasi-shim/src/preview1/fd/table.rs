//! `fd_*` calls about descriptors themselves: closing, renumbering, rights, flags, preopens.

use crate::errno::Errno;
use crate::fd::{FdFlags, Kind, Rights};
use crate::mem::GuestMem;
use crate::preview1::abi;
use crate::stop::SysResult;
use crate::vfs::FileType;
use crate::wasi::Wasi;

/// `fd_close`: closes a descriptor and frees its number.
///
/// # Errno
///
/// * `badf`: it is not open.
pub fn fd_close(wasi: &mut Wasi, _mem: &mut GuestMem<'_>, fd: u32) -> SysResult {
    wasi.table.remove(fd)?;
    Ok(())
}

/// `fd_fdstat_get`: writes the type, flags and rights of a descriptor.
///
/// # Errno
///
/// * `badf`: it is not open.
/// * `fault`: the result does not lie in memory.
pub fn fd_fdstat_get(wasi: &mut Wasi, mem: &mut GuestMem<'_>, fd: u32, stat_out: u32) -> SysResult {
    let descriptor = wasi.table.get(fd)?;
    let file_type = match &descriptor.kind {
        // Not a terminal, whatever the host connected: guests then buffer whole blocks.
        Kind::Stdin | Kind::Stdout | Kind::Stderr => FileType::Unknown,
        Kind::File { file, .. } => file.stat()?.file_type,
        Kind::Dir { .. } => FileType::Directory,
    };
    let record = abi::fdstat(
        file_type,
        descriptor.flags,
        descriptor.rights,
        descriptor.inheriting,
    );
    Ok(mem.write(stat_out, record.bytes())?)
}

/// `fd_fdstat_set_flags`: replaces the flags of a descriptor.
///
/// # Errno
///
/// * `badf`: it is not open.
/// * `notcapable`: the right `fd_fdstat_set_flags` is missing.
/// * `inval`: a flag has no meaning.
pub fn fd_fdstat_set_flags(
    wasi: &mut Wasi,
    _mem: &mut GuestMem<'_>,
    fd: u32,
    flags: u32,
) -> SysResult {
    let descriptor = wasi.table.get_mut(fd)?;
    let flags = FdFlags::from_bits(flags)?;
    descriptor.need(Rights::FD_FDSTAT_SET_FLAGS)?;
    descriptor.flags = flags;
    Ok(())
}

/// `fd_fdstat_set_rights`: gives up rights of a descriptor.
///
/// # Errno
///
/// * `badf`: it is not open.
/// * `notcapable`: a right is asked for that it does not have.
pub fn fd_fdstat_set_rights(
    wasi: &mut Wasi,
    _mem: &mut GuestMem<'_>,
    fd: u32,
    rights: u64,
    inheriting: u64,
) -> SysResult {
    let descriptor = wasi.table.get_mut(fd)?;
    let (rights, inheriting) = (Rights(rights), Rights(inheriting));
    if !descriptor.rights.contains(rights) || !descriptor.inheriting.contains(inheriting) {
        return Err(Errno::Notcapable.into());
    }
    descriptor.rights = rights;
    descriptor.inheriting = inheriting;
    Ok(())
}

/// `fd_prestat_get`: writes how long the name of a preopened directory is.
///
/// # Errno
///
/// * `badf`: the descriptor is not open or not preopened.
/// * `fault`: the result does not lie in memory.
pub fn fd_prestat_get(
    wasi: &mut Wasi,
    mem: &mut GuestMem<'_>,
    fd: u32,
    prestat_out: u32,
) -> SysResult {
    // The builder bounds the length of the name.
    let record = abi::prestat_dir(preopen_name(wasi, fd)?.len() as u32);
    Ok(mem.write(prestat_out, record.bytes())?)
}

/// `fd_prestat_dir_name`: writes the name of a preopened directory, without a NUL.
///
/// # Errno
///
/// * `badf`: the descriptor is not open or not preopened.
/// * `nametoolong`: the buffer is shorter than the name.
/// * `fault`: the buffer does not lie in memory.
pub fn fd_prestat_dir_name(
    wasi: &mut Wasi,
    mem: &mut GuestMem<'_>,
    fd: u32,
    path: u32,
    path_len: u32,
) -> SysResult {
    let name = preopen_name(wasi, fd)?.as_bytes();
    if (path_len as usize) < name.len() {
        return Err(Errno::Nametoolong.into());
    }
    Ok(mem.write(path, name)?)
}

/// `fd_renumber`: moves a descriptor to the number of another, which is closed.
///
/// # Errno
///
/// * `badf`: either is not open.
pub fn fd_renumber(wasi: &mut Wasi, _mem: &mut GuestMem<'_>, fd: u32, to: u32) -> SysResult {
    Ok(wasi.table.renumber(fd, to)?)
}

fn preopen_name(wasi: &Wasi, fd: u32) -> Result<&str, Errno> {
    match &wasi.table.get(fd)?.kind {
        Kind::Dir {
            preopen: Some(name),
            ..
        } => Ok(name),
        _ => Err(Errno::Badf),
    }
}
