//! `fd_*` calls about what a descriptor refers to: size, times, space, durability.

use std::sync::Arc;

use crate::errno::Errno;
use crate::fd::{Kind, Rights};
use crate::mem::GuestMem;
use crate::preview1::abi::{self, MAX_OFFSET};
use crate::stop::SysResult;
use crate::vfs::{File, FileType, Stat};
use crate::wasi::Wasi;

/// `fd_advise`: takes a hint on how a part of a file will be used, and does nothing with it.
///
/// # Errno
///
/// * `badf`: the descriptor is not an open file.
/// * `notcapable`: the right `fd_advise` is missing.
/// * `inval`: there is no such advice, or the part does not end in the range of offsets.
pub fn fd_advise(
    wasi: &mut Wasi,
    _mem: &mut GuestMem<'_>,
    fd: u32,
    offset: u64,
    len: u64,
    advice: u32,
) -> SysResult {
    const LAST: u32 = 5;
    let descriptor = wasi.table.get(fd)?;
    descriptor.file()?;
    descriptor.need(Rights::FD_ADVISE)?;
    if advice > LAST {
        return Err(Errno::Inval.into());
    }
    range_end(offset, len)?;
    Ok(())
}

/// `fd_allocate`: makes a file at least `offset + len` bytes long.
///
/// # Errno
///
/// * `badf`: the descriptor is not an open file.
/// * `notcapable`: the right `fd_allocate` is missing.
/// * `inval`: `len` is 0, or the part does not end in the range of offsets.
/// * What the filesystem says, `nospc`, `fbig` and `rofs` among it.
pub fn fd_allocate(
    wasi: &mut Wasi,
    _mem: &mut GuestMem<'_>,
    fd: u32,
    offset: u64,
    len: u64,
) -> SysResult {
    let file = file_for(wasi, fd, Rights::FD_ALLOCATE)?;
    range_end(offset, len)?;
    if len == 0 {
        return Err(Errno::Inval.into());
    }
    wasi.changed(file.allocate(offset, len))
}

/// `fd_datasync`: makes the contents of a file durable.
///
/// # Errno
///
/// * `badf`: the descriptor is not open.
/// * `notcapable`: the right `fd_datasync` is missing.
/// * What the filesystem says.
pub fn fd_datasync(wasi: &mut Wasi, _mem: &mut GuestMem<'_>, fd: u32) -> SysResult {
    sync(wasi, fd, Rights::FD_DATASYNC, true)
}

/// `fd_sync`: makes the contents and attributes of a file or directory durable.
///
/// # Errno
///
/// * `badf`: the descriptor is not open.
/// * `notcapable`: the right `fd_sync` is missing.
/// * What the filesystem says.
pub fn fd_sync(wasi: &mut Wasi, _mem: &mut GuestMem<'_>, fd: u32) -> SysResult {
    sync(wasi, fd, Rights::FD_SYNC, false)
}

/// `fd_filestat_get`: writes the attributes of a file or directory.
///
/// # Errno
///
/// * `badf`: the descriptor is not open.
/// * `notcapable`: the right `fd_filestat_get` is missing.
/// * `fault`: the result does not lie in memory.
/// * What the filesystem says.
pub fn fd_filestat_get(
    wasi: &mut Wasi,
    mem: &mut GuestMem<'_>,
    fd: u32,
    stat_out: u32,
) -> SysResult {
    let descriptor = wasi.table.get(fd)?;
    descriptor.need(Rights::FD_FILESTAT_GET)?;
    let stat = match &descriptor.kind {
        Kind::Stdin | Kind::Stdout | Kind::Stderr => STREAM,
        Kind::File { file, .. } => file.stat()?,
        Kind::Dir { dir, .. } => dir.stat()?,
    };
    Ok(mem.write(stat_out, abi::filestat(&stat).bytes())?)
}

/// `fd_filestat_set_size`: cuts a file, or extends it with zeros.
///
/// # Errno
///
/// * `badf`: the descriptor is not an open file.
/// * `notcapable`: the right `fd_filestat_set_size` is missing.
/// * `inval`: the size is out of the range of offsets.
/// * What the filesystem says, `nospc`, `fbig` and `rofs` among it.
pub fn fd_filestat_set_size(
    wasi: &mut Wasi,
    _mem: &mut GuestMem<'_>,
    fd: u32,
    size: u64,
) -> SysResult {
    let file = file_for(wasi, fd, Rights::FD_FILESTAT_SET_SIZE)?;
    if size > MAX_OFFSET {
        return Err(Errno::Inval.into());
    }
    wasi.changed(file.set_len(size))
}

/// `fd_filestat_set_times`: sets the times of a file or directory.
///
/// # Errno
///
/// * `badf`: the descriptor is not an open file or directory.
/// * `notcapable`: the right `fd_filestat_set_times` is missing.
/// * `inval`: a flag has no meaning, or a time is to be set to two values.
/// * What the filesystem says.
pub fn fd_filestat_set_times(
    wasi: &mut Wasi,
    _mem: &mut GuestMem<'_>,
    fd: u32,
    atim: u64,
    mtim: u64,
    fst_flags: u32,
) -> SysResult {
    let descriptor = wasi.table.get(fd)?;
    let times = || {
        descriptor.need(Rights::FD_FILESTAT_SET_TIMES)?;
        abi::set_times(fst_flags, atim, mtim, || wasi.clock.realtime())
    };
    let result = match &descriptor.kind {
        Kind::Stdin | Kind::Stdout | Kind::Stderr => return Err(Errno::Badf.into()),
        Kind::File { file, .. } => file.set_times(times()?),
        Kind::Dir { dir, .. } => dir.set_times(times()?),
    };
    wasi.changed(result)
}

/// What is known of a standard stream: nothing but its kind.
const STREAM: Stat = Stat {
    dev: 0,
    ino: 0,
    file_type: FileType::Unknown,
    nlink: 1,
    size: 0,
    atim: 0,
    mtim: 0,
    ctim: 0,
};

fn sync(wasi: &mut Wasi, fd: u32, needed: Rights, data_only: bool) -> SysResult {
    let descriptor = wasi.table.get(fd)?;
    descriptor.need(needed)?;
    let result = match &descriptor.kind {
        // Streams are flushed with every write.
        Kind::Stdin | Kind::Stdout | Kind::Stderr => return Ok(()),
        Kind::File { file, .. } => file.sync(data_only),
        Kind::Dir { dir, .. } => dir.sync(),
    };
    wasi.changed(result)
}

fn file_for(wasi: &Wasi, fd: u32, needed: Rights) -> Result<Arc<dyn File>, Errno> {
    let descriptor = wasi.table.get(fd)?;
    let file = descriptor.file()?;
    descriptor.need(needed)?;
    Ok(Arc::clone(file))
}

/// The end of a part of a file.
fn range_end(offset: u64, len: u64) -> Result<u64, Errno> {
    match offset.checked_add(len) {
        Some(end) if end <= MAX_OFFSET => Ok(end),
        _ => Err(Errno::Inval),
    }
}
