//! `fd_*` calls that move data and the cursor.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::buffers::{pieces, with_buffers};
use crate::errno::Errno;
use crate::fd::{FdFlags, Kind, Rights};
use crate::mem::GuestMem;
use crate::preview1::abi::MAX_OFFSET;
use crate::stop::{Fail, SysResult};
use crate::vfs::{File, VfsResult};
use crate::wasi::Wasi;

/// `fd_read`: reads at the cursor into a list of buffers.
///
/// Every buffer is checked before anything is read. A read may be short; 0 bytes is the end.
///
/// # Errno
///
/// * `badf`: the descriptor is not an open file or stdin.
/// * `notcapable`: the right `fd_read` is missing.
/// * `inval`: more than 1,024 buffers, or over 4 GiB in all.
/// * `fault`: the list, a buffer or the result does not lie in memory.
/// * What the filesystem says.
pub fn fd_read(
    wasi: &mut Wasi,
    mem: &mut GuestMem<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    nread_out: u32,
) -> SysResult {
    mem.check(nread_out, 4)?;
    let descriptor = wasi.table.get(fd)?;
    let source = match &descriptor.kind {
        Kind::Stdin => None,
        Kind::File { file, offset } => Some((Arc::clone(file), *offset)),
        Kind::Stdout | Kind::Stderr | Kind::Dir { .. } => return Err(Errno::Badf.into()),
    };
    descriptor.need(Rights::FD_READ)?;
    let count = with_buffers(wasi, mem, iovs, iovs_len, |wasi, mem, buffers| {
        let Some((file, offset)) = &source else {
            return read_stdin(wasi, mem, buffers);
        };
        let count = read_file(wasi, mem, file, *offset, buffers)?;
        move_cursor(wasi, fd, file, offset.saturating_add(count))?;
        Ok(count)
    })?;
    Ok(mem.write_u32(nread_out, as_size(count))?)
}

/// `fd_pread`: reads at an offset into a list of buffers and leaves the cursor alone.
///
/// # Errno
///
/// * `badf`: the descriptor is not an open file.
/// * `spipe`: it has no offsets.
/// * `notcapable`: the right `fd_read` or `fd_seek` is missing.
/// * `inval`: more than 1,024 buffers, over 4 GiB in all, or an offset out of range.
/// * `fault`: the list, a buffer or the result does not lie in memory.
/// * What the filesystem says.
pub fn fd_pread(
    wasi: &mut Wasi,
    mem: &mut GuestMem<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    offset: u64,
    nread_out: u32,
) -> SysResult {
    mem.check(nread_out, 4)?;
    let file = positioned(wasi, fd, Rights::FD_READ.or(Rights::FD_SEEK), offset)?;
    let count = with_buffers(wasi, mem, iovs, iovs_len, |wasi, mem, buffers| {
        read_file(wasi, mem, &file, offset, buffers)
    })?;
    Ok(mem.write_u32(nread_out, as_size(count))?)
}

/// `fd_write`: writes a list of buffers at the cursor, or at the end with the flag `append`.
///
/// Every buffer is checked before anything is written. A write may be short. With one of the sync flags
/// a write that was done and cannot be made durable is refused; it is there, and the cursor stays.
///
/// # Errno
///
/// * `badf`: the descriptor is not an open file, stdout or stderr.
/// * `notcapable`: the right `fd_write` is missing.
/// * `inval`: more than 1,024 buffers, or over 4 GiB in all.
/// * `fault`: the list, a buffer or the result does not lie in memory.
/// * `pipe`: the reader of stdout or stderr is gone.
/// * What the filesystem says, `nospc`, `fbig` and `rofs` among it.
pub fn fd_write(
    wasi: &mut Wasi,
    mem: &mut GuestMem<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    nwritten_out: u32,
) -> SysResult {
    mem.check(nwritten_out, 4)?;
    let descriptor = wasi.table.get(fd)?;
    let flags = descriptor.flags;
    let target = match &descriptor.kind {
        Kind::File { file, offset } => Target::File(Arc::clone(file), *offset),
        Kind::Stdout => Target::Stdout,
        Kind::Stderr => Target::Stderr,
        Kind::Stdin | Kind::Dir { .. } => return Err(Errno::Badf.into()),
    };
    descriptor.need(Rights::FD_WRITE)?;
    let count = with_buffers(wasi, mem, iovs, iovs_len, |wasi, mem, buffers| {
        let (file, start) = match &target {
            Target::Stdout => return write_text(wasi, mem, buffers, |wasi| &mut wasi.stdout),
            Target::Stderr => return write_text(wasi, mem, buffers, |wasi| &mut wasi.stderr),
            Target::File(file, start) => (file, *start),
        };
        let (count, end) = write_file(wasi, mem, file, start, flags, buffers)?;
        move_cursor(wasi, fd, file, end)?;
        Ok(count)
    })?;
    Ok(mem.write_u32(nwritten_out, as_size(count))?)
}

/// `fd_pwrite`: writes a list of buffers at an offset and leaves the cursor alone, as `fd_write`
/// otherwise.
///
/// # Errno
///
/// * `badf`: the descriptor is not an open file.
/// * `spipe`: it has no offsets.
/// * `notcapable`: the right `fd_write` or `fd_seek` is missing.
/// * `inval`: more than 1,024 buffers, over 4 GiB in all, or an offset out of range.
/// * `fault`: the list, a buffer or the result does not lie in memory.
/// * What the filesystem says, `nospc`, `fbig` and `rofs` among it.
pub fn fd_pwrite(
    wasi: &mut Wasi,
    mem: &mut GuestMem<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    offset: u64,
    nwritten_out: u32,
) -> SysResult {
    mem.check(nwritten_out, 4)?;
    let file = positioned(wasi, fd, Rights::FD_WRITE.or(Rights::FD_SEEK), offset)?;
    // An offset was given, so the flag `append` has no say; the sync flags do.
    let bits = u32::from(wasi.table.get(fd)?.flags.bits());
    let flags = FdFlags::from_bits(bits & !1)?;
    let count = with_buffers(wasi, mem, iovs, iovs_len, |wasi, mem, buffers| {
        let (count, _) = write_file(wasi, mem, &file, offset, flags, buffers)?;
        Ok(count)
    })?;
    Ok(mem.write_u32(nwritten_out, as_size(count))?)
}

/// `fd_seek`: moves the cursor of a file and writes where it is then.
///
/// # Errno
///
/// * `badf`: the descriptor is not an open file.
/// * `spipe`: it is a stream or has no offsets.
/// * `notcapable`: the right `fd_seek` is missing (`fd_tell` is enough to ask).
/// * `inval`: there is no such `whence`, or the cursor would be before the start or out of range.
/// * `fault`: the result does not lie in memory; the cursor stays.
pub fn fd_seek(
    wasi: &mut Wasi,
    mem: &mut GuestMem<'_>,
    fd: u32,
    offset: u64,
    whence: u32,
    offset_out: u32,
) -> SysResult {
    const SET: u32 = 0;
    const CURRENT: u32 = 1;
    const END: u32 = 2;
    mem.check(offset_out, 8)?;
    let delta = offset.cast_signed();
    let descriptor = wasi.table.get_mut(fd)?;
    let asks_only = whence == CURRENT && delta == 0 && descriptor.rights.contains(Rights::FD_TELL);
    let needed = if asks_only {
        Rights::FD_TELL
    } else {
        Rights::FD_SEEK
    };
    let cursor = match &mut descriptor.kind {
        Kind::File { file, offset } if file.seekable() => {
            let base = match whence {
                SET => 0,
                CURRENT => *offset,
                END => file.len()?,
                _ => return Err(Errno::Inval.into()),
            };
            let target = base.checked_add_signed(delta).ok_or(Errno::Inval)?;
            if target > MAX_OFFSET {
                return Err(Errno::Inval.into());
            }
            (offset, target)
        }
        Kind::Dir { .. } => return Err(Errno::Badf.into()),
        _ => return Err(Errno::Spipe.into()),
    };
    if !descriptor.rights.contains(needed) {
        return Err(Errno::Notcapable.into());
    }
    let (current, target) = cursor;
    *current = target;
    Ok(mem.write_u64(offset_out, target)?)
}

/// `fd_tell`: writes where the cursor of a file is.
///
/// # Errno
///
/// * `badf`: the descriptor is not an open file.
/// * `spipe`: it is a stream or has no offsets.
/// * `notcapable`: the right `fd_tell` is missing.
/// * `fault`: the result does not lie in memory.
pub fn fd_tell(wasi: &mut Wasi, mem: &mut GuestMem<'_>, fd: u32, offset_out: u32) -> SysResult {
    let descriptor = wasi.table.get(fd)?;
    let offset = match &descriptor.kind {
        Kind::File { file, offset } if file.seekable() => *offset,
        Kind::Dir { .. } => return Err(Errno::Badf.into()),
        _ => return Err(Errno::Spipe.into()),
    };
    descriptor.need(Rights::FD_TELL)?;
    Ok(mem.write_u64(offset_out, offset)?)
}

enum Target {
    File(Arc<dyn File>, u64),
    Stdout,
    Stderr,
}

fn read_file(
    wasi: &mut Wasi,
    mem: &mut GuestMem<'_>,
    file: &Arc<dyn File>,
    start: u64,
    buffers: &[(u32, u32)],
) -> SysResult<u64> {
    let mut total = 0;
    for (at, len) in pieces(buffers) {
        let buffer = mem.slice_mut(at, len)?;
        let read = match file.read_at(start.saturating_add(total), buffer) {
            Err(error) if error.errno() == Errno::Again && total == 0 => {
                read_later(wasi, file, start, buffer)?
            }
            read => read,
        };
        let count = match read {
            // A backend that claims more than it was asked for is not believed.
            Ok(count) => (count as u64).min(len),
            Err(_) if total > 0 => break,
            Err(error) => {
                wasi.io.read_error.get_or_insert(error);
                return Err(error.into());
            }
        };
        total += count;
        wasi.io.bytes_read = wasi.io.bytes_read.saturating_add(count);
        wasi.poll()?;
        if count < len {
            break;
        }
    }
    Ok(total)
}

/// How long a file that has nothing yet is left alone.
const LATER: Duration = Duration::from_millis(1);

/// Asks a file that has nothing yet again, until it has or the run must end: to a guest a read of a file waits.
fn read_later(
    wasi: &Wasi,
    file: &Arc<dyn File>,
    offset: u64,
    buffer: &mut [u8],
) -> SysResult<VfsResult<usize>> {
    loop {
        wasi.poll()?;
        thread::sleep(LATER);
        match file.read_at(offset, buffer) {
            Err(error) if error.errno() == Errno::Again => {}
            read => return Ok(read),
        }
    }
}

fn read_stdin(wasi: &mut Wasi, mem: &mut GuestMem<'_>, buffers: &[(u32, u32)]) -> SysResult<u64> {
    // One buffer is enough for a read that may be short; a second could wait for a terminal.
    let Some(&(ptr, len)) = buffers.first() else {
        return Ok(0);
    };
    let buffer = mem.slice_mut(ptr, u64::from(len))?;
    Ok(wasi.stdin.read(buffer, &wasi.control)? as u64)
}

/// Writes the buffers and returns how many bytes that was and where the file's cursor is then.
fn write_file(
    wasi: &mut Wasi,
    mem: &mut GuestMem<'_>,
    file: &Arc<dyn File>,
    start: u64,
    flags: FdFlags,
    buffers: &[(u32, u32)],
) -> SysResult<(u64, u64)> {
    let mut total = 0;
    let mut cursor = start;
    for (at, len) in pieces(buffers) {
        wasi.charge_written(len)?;
        let data = mem.slice(at, len)?;
        let result = if flags.append() {
            file.append(data)
        } else {
            file.write_at(cursor, data)
                .map(|count| (count, cursor.saturating_add(count as u64)))
        };
        let (count, end) = match wasi.changed(result) {
            // What was taken before counts; the guest meets the failure when it goes on.
            Ok((0, _)) if total > 0 => break,
            Ok((0, _)) => return wasi.changed(Err(Errno::Io.into())),
            Ok((count, end)) => ((count as u64).min(len), end),
            Err(Fail::Errno(_)) if total > 0 => break,
            Err(fail) => return Err(fail),
        };
        total += count;
        cursor = end;
        wasi.io.bytes_written = wasi.io.bytes_written.saturating_add(count);
        wasi.poll()?;
        if count < len {
            break;
        }
    }
    if let Some(data_only) = flags.sync_each_write() {
        wasi.changed(file.sync(data_only))?;
    }
    Ok((total, cursor))
}

fn write_text(
    wasi: &mut Wasi,
    mem: &mut GuestMem<'_>,
    buffers: &[(u32, u32)],
    sink: impl Fn(&mut Wasi) -> &mut crate::stdio::Sink,
) -> SysResult<u64> {
    let mut total = 0;
    for (at, len) in pieces(buffers) {
        wasi.charge_text(len)?;
        match sink(wasi).write(mem.slice(at, len)?) {
            Ok(()) => total += len,
            Err(_) if total > 0 => break,
            Err(errno) => return Err(errno.into()),
        }
        wasi.poll()?;
    }
    Ok(total)
}

/// Puts the cursor of `fd` at `offset`; what has no offsets stays at 0.
fn move_cursor(wasi: &mut Wasi, fd: u32, file: &Arc<dyn File>, offset: u64) -> SysResult {
    if let Kind::File { offset: cursor, .. } = &mut wasi.table.get_mut(fd)?.kind {
        *cursor = if file.seekable() { offset } else { 0 };
    }
    Ok(())
}

/// The file behind `fd`, for an access at an offset.
fn positioned(wasi: &Wasi, fd: u32, needed: Rights, offset: u64) -> Result<Arc<dyn File>, Errno> {
    let descriptor = wasi.table.get(fd)?;
    let file = match &descriptor.kind {
        Kind::File { file, .. } if file.seekable() => file,
        Kind::Dir { .. } => return Err(Errno::Badf),
        _ => return Err(Errno::Spipe),
    };
    descriptor.need(needed)?;
    if offset > MAX_OFFSET {
        return Err(Errno::Inval);
    }
    Ok(Arc::clone(file))
}

/// A count that is at most the total of a list of buffers, which fits.
fn as_size(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
