//! `path_*` calls that make, move and remove names.

use super::{follow_from, is_dir, locate, text};
use crate::errno::Errno;
use crate::fd::Rights;
use crate::mem::GuestMem;
use crate::stop::SysResult;
use crate::vfs::{FileType, Name};
use crate::walk::{Follow, Place};
use crate::wasi::Wasi;

/// `path_create_directory`: makes an empty directory.
///
/// # Errno
///
/// * `badf`: the directory is not open. `notdir`: it is a file.
/// * `notcapable`: the right `path_create_directory` is missing.
/// * `fault`: the path does not lie in memory.
/// * `ilseq`, `inval`, `nametoolong`, `noent`, `notdir`, `loop`: the path. `perm`: it leads out.
/// * `exist`: the name is taken.
/// * What the filesystem says, `rofs` and `nospc` among it.
pub fn path_create_directory(
    wasi: &mut Wasi,
    mem: &mut GuestMem<'_>,
    fd: u32,
    path: u32,
    path_len: u32,
) -> SysResult {
    let needed = Rights::PATH_CREATE_DIRECTORY;
    let place = locate(wasi, mem, fd, needed, (path, path_len), Follow::Never)?;
    let result = place.dir.create_dir(place.name(Errno::Exist)?);
    wasi.changed(result)
}

/// `path_link`: gives a file a second name.
///
/// # Errno
///
/// * `badf`: a directory is not open. `notdir`: it is a file.
/// * `notcapable`: the right `path_link_source` or `path_link_target` is missing.
/// * `inval`: a flag has no meaning.
/// * `fault`: a path does not lie in memory.
/// * `ilseq`, `inval`, `nametoolong`, `noent`, `notdir`, `loop`: a path. `perm`: it leads out.
/// * `perm`: a directory cannot have a second name.
/// * `exist`: the new name is taken, `notdir`: by no directory and a slash follows it. `xdev`: it is
///   on another filesystem.
/// * What the filesystem says, `rofs` and `nospc` among it.
pub fn path_link(
    wasi: &mut Wasi,
    mem: &mut GuestMem<'_>,
    old_fd: u32,
    old_flags: u32,
    old_path: u32,
    old_path_len: u32,
    new_fd: u32,
    new_path: u32,
    new_path_len: u32,
) -> SysResult {
    let follow = follow_from(old_flags)?;
    let source = Rights::PATH_LINK_SOURCE;
    let target = Rights::PATH_LINK_TARGET;
    wasi.table.dir(new_fd, target)?;
    let old = locate(wasi, mem, old_fd, source, (old_path, old_path_len), follow)?;
    let new_at = (new_path, new_path_len);
    let new = locate(wasi, mem, new_fd, target, new_at, Follow::Never)?;
    let old_name = old.name(Errno::Perm)?;
    if old.must_be_dir {
        return Err(refusal(is_dir(&old)?, Errno::Perm, Errno::Notdir).into());
    }
    let new_name = new.name(Errno::Exist)?;
    if new.must_be_dir {
        return Err(slash_after_new(&new, new_name).into());
    }
    let result = old.dir.hard_link(old_name, new.dir.as_ref(), new_name);
    wasi.changed(result)
}

/// `path_remove_directory`: removes an empty directory.
///
/// # Errno
///
/// * `badf`: the directory is not open. `notdir`: it is a file.
/// * `notcapable`: the right `path_remove_directory` is missing.
/// * `fault`: the path does not lie in memory.
/// * `ilseq`, `inval`, `nametoolong`, `noent`, `notdir`, `loop`: the path. `perm`: it leads out.
/// * `inval`: the path ends in `.` or `..`. `notdir`: it is no directory, a link to one included.
/// * `notempty`: the directory has entries.
/// * What the filesystem says, `rofs` among it.
pub fn path_remove_directory(
    wasi: &mut Wasi,
    mem: &mut GuestMem<'_>,
    fd: u32,
    path: u32,
    path_len: u32,
) -> SysResult {
    let needed = Rights::PATH_REMOVE_DIRECTORY;
    let place = locate(wasi, mem, fd, needed, (path, path_len), Follow::Never)?;
    let result = place.dir.remove_dir(place.name(Errno::Inval)?);
    wasi.changed(result)
}

/// `path_rename`: moves a file or directory, over a file or an empty directory.
///
/// # Errno
///
/// * `badf`: a directory is not open. `notdir`: it is a file.
/// * `notcapable`: the right `path_rename_source` or `path_rename_target` is missing.
/// * `fault`: a path does not lie in memory.
/// * `ilseq`, `inval`, `nametoolong`, `noent`, `notdir`, `loop`: a path. `perm`: it leads out.
/// * `busy`: a path ends in `.` or `..`. `inval`: a directory would move into itself.
/// * `isdir`, `notdir`, `notempty`: what is at the new name cannot be replaced by it.
/// * `xdev`: the new name is on another filesystem.
/// * What the filesystem says, `rofs` and `nospc` among it.
pub fn path_rename(
    wasi: &mut Wasi,
    mem: &mut GuestMem<'_>,
    fd: u32,
    old_path: u32,
    old_path_len: u32,
    new_fd: u32,
    new_path: u32,
    new_path_len: u32,
) -> SysResult {
    let source = Rights::PATH_RENAME_SOURCE;
    let target = Rights::PATH_RENAME_TARGET;
    wasi.table.dir(new_fd, target)?;
    let old_at = (old_path, old_path_len);
    let new_at = (new_path, new_path_len);
    let old = locate(wasi, mem, fd, source, old_at, Follow::Never)?;
    let new = locate(wasi, mem, new_fd, target, new_at, Follow::Never)?;
    let old_name = old.name(Errno::Busy)?;
    let new_name = new.name(Errno::Busy)?;
    if (old.must_be_dir || new.must_be_dir) && !is_dir(&old)? {
        return Err(Errno::Notdir.into());
    }
    let result = old.dir.rename(old_name, new.dir.as_ref(), new_name);
    wasi.changed(result)
}

/// `path_symlink`: makes a symbolic link.
///
/// # Errno
///
/// * `badf`: the directory is not open. `notdir`: it is a file.
/// * `notcapable`: the right `path_symlink` is missing.
/// * `fault`: the text or the path does not lie in memory.
/// * `noent`: the text is empty. `inval`: it has a NUL. `nametoolong`: it is over 4,096 bytes.
/// * `perm`: the text is an absolute path, which nothing could follow.
/// * `ilseq`, `inval`, `nametoolong`, `noent`, `notdir`, `loop`: the path. `perm`: it leads out.
/// * `exist`: the name is taken, `notdir`: by no directory and a slash follows it.
/// * What the filesystem says, `rofs` and `nospc` among it.
pub fn path_symlink(
    wasi: &mut Wasi,
    mem: &mut GuestMem<'_>,
    old_path: u32,
    old_path_len: u32,
    fd: u32,
    new_path: u32,
    new_path_len: u32,
) -> SysResult {
    const MAX_TEXT: usize = 4_096;
    let needed = Rights::PATH_SYMLINK;
    wasi.table.dir(fd, needed)?;
    let target = text(mem, old_path, old_path_len)?;
    match target.as_bytes() {
        [] => return Err(Errno::Noent.into()),
        [b'/', ..] => return Err(Errno::Perm.into()),
        bytes if bytes.len() > MAX_TEXT => return Err(Errno::Nametoolong.into()),
        bytes if bytes.contains(&0) => return Err(Errno::Inval.into()),
        _ => {}
    }
    let new_at = (new_path, new_path_len);
    let place = locate(wasi, mem, fd, needed, new_at, Follow::Never)?;
    let name = place.name(Errno::Exist)?;
    if place.must_be_dir {
        return Err(slash_after_new(&place, name).into());
    }
    let result = place.dir.symlink(target, name);
    wasi.changed(result)
}

/// `path_unlink_file`: removes a file or symbolic link; what has it open keeps it.
///
/// # Errno
///
/// * `badf`: the directory is not open. `notdir`: it is a file.
/// * `notcapable`: the right `path_unlink_file` is missing.
/// * `fault`: the path does not lie in memory.
/// * `ilseq`, `inval`, `nametoolong`, `noent`, `notdir`, `loop`: the path. `perm`: it leads out.
/// * `isdir`: it is a directory. `notdir`: a slash follows the name of something else.
/// * What the filesystem says, `rofs` among it.
pub fn path_unlink_file(
    wasi: &mut Wasi,
    mem: &mut GuestMem<'_>,
    fd: u32,
    path: u32,
    path_len: u32,
) -> SysResult {
    let needed = Rights::PATH_UNLINK_FILE;
    let place = locate(wasi, mem, fd, needed, (path, path_len), Follow::Never)?;
    let name = place.name(Errno::Isdir)?;
    if place.must_be_dir {
        return Err(refusal(is_dir(&place)?, Errno::Isdir, Errno::Notdir).into());
    }
    let result = place.dir.remove_file(name);
    wasi.changed(result)
}

/// Why a link cannot get a name with a slash after it: only a directory has one. When the filesystem
/// cannot say what is there, the reason is its.
fn slash_after_new(place: &Place, name: Name<'_>) -> Errno {
    match place.dir.stat_at(name) {
        Ok(stat) => refusal(
            stat.file_type == FileType::Directory,
            Errno::Exist,
            Errno::Notdir,
        ),
        Err(error) => error.errno(),
    }
}

fn refusal(condition: bool, yes: Errno, no: Errno) -> Errno {
    if condition { yes } else { no }
}
