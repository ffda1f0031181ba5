//! `path_*` calls about one name: its attributes, its times, the text of a link.

use super::{follow_from, locate};
use crate::errno::Errno;
use crate::fd::Rights;
use crate::mem::GuestMem;
use crate::preview1::abi;
use crate::stop::SysResult;
use crate::vfs::FileType;
use crate::walk::Follow;
use crate::wasi::Wasi;

/// `path_filestat_get`: writes the attributes of a file, directory or link.
///
/// # Errno
///
/// * `badf`: the directory is not open. `notdir`: it is a file.
/// * `notcapable`: the right `path_filestat_get` is missing.
/// * `inval`: a flag has no meaning.
/// * `fault`: the path or the result does not lie in memory.
/// * `ilseq`, `inval`, `nametoolong`, `noent`, `notdir`, `loop`: the path. `perm`: it leads out.
/// * What the filesystem says.
pub fn path_filestat_get(
    wasi: &mut Wasi,
    mem: &mut GuestMem<'_>,
    fd: u32,
    flags: u32,
    path: u32,
    path_len: u32,
    stat_out: u32,
) -> SysResult {
    mem.check(stat_out, 64)?;
    let follow = follow_from(flags)?;
    let needed = Rights::PATH_FILESTAT_GET;
    let place = locate(wasi, mem, fd, needed, (path, path_len), follow)?;
    let stat = match &place.last {
        None => place.dir.stat()?,
        Some(_) => place.dir.stat_at(place.name(Errno::Inval)?)?,
    };
    if place.must_be_dir && stat.file_type != FileType::Directory {
        return Err(Errno::Notdir.into());
    }
    Ok(mem.write(stat_out, abi::filestat(&stat).bytes())?)
}

/// `path_filestat_set_times`: sets the times of a file, directory or link.
///
/// # Errno
///
/// * `badf`: the directory is not open. `notdir`: it is a file.
/// * `notcapable`: the right `path_filestat_set_times` is missing.
/// * `inval`: a flag has no meaning, or a time is to be set to two values.
/// * `fault`: the path does not lie in memory.
/// * `ilseq`, `inval`, `nametoolong`, `noent`, `notdir`, `loop`: the path. `perm`: it leads out.
/// * What the filesystem says, `rofs` among it.
pub fn path_filestat_set_times(
    wasi: &mut Wasi,
    mem: &mut GuestMem<'_>,
    fd: u32,
    flags: u32,
    path: u32,
    path_len: u32,
    atim: u64,
    mtim: u64,
    fst_flags: u32,
) -> SysResult {
    let follow = follow_from(flags)?;
    let needed = Rights::PATH_FILESTAT_SET_TIMES;
    let place = locate(wasi, mem, fd, needed, (path, path_len), follow)?;
    let times = abi::set_times(fst_flags, atim, mtim, || wasi.clock.realtime())?;
    let result = match &place.last {
        None => place.dir.set_times(times),
        Some(_) => {
            if place.must_be_dir && !super::is_dir(&place)? {
                return Err(Errno::Notdir.into());
            }
            place.dir.set_times_at(place.name(Errno::Inval)?, times)
        }
    };
    wasi.changed(result)
}

/// `path_readlink`: writes the text of a symbolic link, as much of it as fits, without a NUL.
///
/// # Errno
///
/// * `badf`: the directory is not open. `notdir`: it is a file.
/// * `notcapable`: the right `path_readlink` is missing.
/// * `inval`: the name is not a symbolic link.
/// * `fault`: the path, the buffer or the result does not lie in memory.
/// * `ilseq`, `inval`, `nametoolong`, `noent`, `notdir`, `loop`: the path. `perm`: it leads out.
/// * What the filesystem says.
pub fn path_readlink(
    wasi: &mut Wasi,
    mem: &mut GuestMem<'_>,
    fd: u32,
    path: u32,
    path_len: u32,
    buf: u32,
    buf_len: u32,
    used_out: u32,
) -> SysResult {
    mem.check(used_out, 4)?;
    mem.check(buf, u64::from(buf_len))?;
    let needed = Rights::PATH_READLINK;
    let place = locate(wasi, mem, fd, needed, (path, path_len), Follow::Slash)?;
    let target = place.dir.read_link(place.name(Errno::Inval)?)?;
    let count = target.len().min(buf_len as usize);
    mem.write(buf, &target.as_bytes()[..count])?;
    Ok(mem.write_u32(used_out, count as u32)?)
}
