//! `path_*`: files and directories by name, all through the one walker.

mod change;
mod open;
mod query;

pub use change::*;
pub use open::*;
pub use query::*;

use crate::errno::Errno;
use crate::fd::Rights;
use crate::mem::GuestMem;
use crate::stop::SysResult;
use crate::vfs::FileType;
use crate::walk::{self, Absolute, Follow, MAX_PATH, Place};
use crate::wasi::Wasi;

/// `lookupflags`.
///
/// # Errors
///
/// `Inval` for a bit without a meaning.
fn follow_from(flags: u32) -> Result<Follow, Errno> {
    match flags {
        0 => Ok(Follow::Slash),
        1 => Ok(Follow::Always),
        _ => Err(Errno::Inval),
    }
}

/// The text of a path or link.
///
/// # Errors
///
/// `Fault`, `Nametoolong` over [`MAX_PATH`], `Ilseq` when it is not UTF-8.
fn text<'a>(mem: &'a GuestMem<'_>, ptr: u32, len: u32) -> Result<&'a str, Errno> {
    let bytes = mem.slice(ptr, u64::from(len))?;
    if bytes.len() > MAX_PATH {
        return Err(Errno::Nametoolong);
    }
    std::str::from_utf8(bytes).map_err(|_| Errno::Ilseq)
}

/// Walks a guest's path from an open directory, for a use that needs a right to that directory.
fn locate(
    wasi: &mut Wasi,
    mem: &GuestMem<'_>,
    fd: u32,
    needed: Rights,
    (ptr, len): (u32, u32),
    follow: Follow,
) -> SysResult<Place> {
    let base = wasi.table.dir(fd, needed)?;
    let path = text(mem, ptr, len)?;
    let depth = wasi.limits.path_depth;
    let place = walk::resolve(base, path, follow, Absolute::Refused, depth);
    let place = wasi.noting(place)?;
    wasi.charge(u64::from(len));
    wasi.poll()?;
    Ok(place)
}

/// Whether a name is there, and is a directory.
fn is_dir(place: &Place) -> Result<bool, Errno> {
    match &place.last {
        None => Ok(true),
        Some(_) => {
            let stat = place.dir.stat_at(place.name(Errno::Inval)?)?;
            Ok(stat.file_type == FileType::Directory)
        }
    }
}
