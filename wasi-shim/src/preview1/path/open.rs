//! `path_open`.

use std::sync::Arc;

use super::{follow_from, locate};
use crate::errno::Errno;
use crate::fd::{Descriptor, FdFlags, Kind, Rights};
use crate::limits::LimitKind;
use crate::mem::GuestMem;
use crate::stop::SysResult;
use crate::vfs::{Create, Dir, File, OpenOptions};
use crate::walk::{Follow, Place};
use crate::wasi::Wasi;

/// `path_open`: opens a file or directory, creating a file when asked to, and writes its
/// descriptor.
///
/// The descriptor has the rights asked for that its kind can have and that the directory passes on.
/// A file is opened to be written when `fd_write` is asked for; otherwise `fd_allocate` and
/// `fd_filestat_set_size` are not had either.
///
/// # Errno
///
/// * `badf`: the directory is not open. `notdir`: it is a file.
/// * `notcapable`: the directory lacks `path_open`, or `path_create_file` to create, or
///   `path_filestat_set_size` to truncate, or does not pass on reading or writing that is asked for.
/// * `inval`: a flag has no meaning, or a directory is to be created or truncated.
/// * `fault`: the path or the result does not lie in memory.
/// * `ilseq`, `inval`, `nametoolong`, `noent`, `notdir`, `loop`: the path. `perm`: it leads out.
/// * `exist`: a new file is asked for and the name is taken.
/// * `isdir`: a directory is to be written, even one that is asked for as a directory. `notdir`: a
///   directory is asked for and it is a file.
/// * `loop`: the name is a symbolic link and is not to be followed.
/// * `mfile`: the budget of open files is used up; nothing was created or truncated.
/// * What the filesystem says, `rofs` and `nospc` among it.
pub fn path_open(
    wasi: &mut Wasi,
    mem: &mut GuestMem<'_>,
    fd: u32,
    dirflags: u32,
    path: u32,
    path_len: u32,
    oflags: u32,
    rights: u64,
    inheriting: u64,
    fdflags: u32,
    fd_out: u32,
) -> SysResult {
    mem.check(fd_out, 4)?;
    let follow = follow_from(dirflags)?;
    let oflags = OFlags::from_raw(oflags)?;
    let flags = FdFlags::from_bits(fdflags)?;
    let asked = Rights(rights);
    let needed = oflags.needed();
    wasi.table.dir(fd, needed)?;
    let passed = wasi.table.get(fd)?.inheriting;
    if !passed.contains(asked.and(ACCESS)) {
        return Err(Errno::Notcapable.into());
    }
    if let Err(errno) = wasi.table.check_room() {
        wasi.meet(LimitKind::OpenFiles);
        return Err(errno.into());
    }
    let follow = if oflags.create && oflags.exclusive {
        Follow::Never
    } else {
        follow
    };
    let place = locate(wasi, mem, fd, needed, (path, path_len), follow)?;
    let opening = Opening {
        oflags,
        flags,
        asked,
        granted: asked.and(passed),
        inheriting: Rights(inheriting).and(passed),
    };
    let descriptor = opening.open(wasi, &place)?;
    let fd = wasi.table.insert(descriptor)?;
    Ok(mem.write_u32(fd_out, fd)?)
}

/// The rights that decide how a file is opened, so that asking in vain must not go unnoticed.
const ACCESS: Rights = Rights(Rights::FD_READ.0 | Rights::FD_WRITE.0);

/// `oflags`.
#[derive(Clone, Copy)]
struct OFlags {
    create: bool,
    directory: bool,
    exclusive: bool,
    truncate: bool,
}

impl OFlags {
    fn from_raw(bits: u32) -> Result<Self, Errno> {
        let flags = Self {
            create: bits & 1 != 0,
            directory: bits & 2 != 0,
            exclusive: bits & 4 != 0,
            truncate: bits & 8 != 0,
        };
        if bits >= 1 << 4 || flags.directory && (flags.create || flags.truncate) {
            return Err(Errno::Inval);
        }
        Ok(flags)
    }

    /// The rights to the directory that opening so needs.
    fn needed(self) -> Rights {
        let mut needed = Rights::PATH_OPEN;
        if self.create {
            needed = needed.or(Rights::PATH_CREATE_FILE);
        }
        if self.truncate {
            needed = needed.or(Rights::PATH_FILESTAT_SET_SIZE);
        }
        needed
    }
}

struct Opening {
    oflags: OFlags,
    flags: FdFlags,
    asked: Rights,
    granted: Rights,
    inheriting: Rights,
}

impl Opening {
    fn open(&self, wasi: &mut Wasi, place: &Place) -> SysResult<Descriptor> {
        if place.last.is_none() {
            return self.whole_place(place);
        }
        let name = place.name(Errno::Inval)?;
        if self.oflags.directory {
            return self.dir(place.dir.open_dir(name)?);
        }
        if place.must_be_dir {
            if self.oflags.create {
                return Err(Errno::Isdir.into());
            }
            let dir = place.dir.open_dir(name)?;
            if self.oflags.truncate {
                return Err(Errno::Isdir.into());
            }
            return self.dir(dir);
        }
        let options = OpenOptions {
            // A descriptor that may do neither still has attributes; its rights keep it from
            // reading.
            read: !self.writes() || self.asked.contains(Rights::FD_READ),
            write: self.writes(),
            create: match (self.oflags.create, self.oflags.exclusive) {
                (false, _) => Create::Never,
                (true, false) => Create::IfAbsent,
                (true, true) => Create::New,
            },
            truncate: self.oflags.truncate,
        };
        match place.dir.open_file(name, options) {
            Ok(file) => Ok(self.file(file)),
            // A directory opens to be read without being asked for as one.
            Err(error) if error.errno() == Errno::Isdir && !options.changes() => {
                self.dir(place.dir.open_dir(name)?)
            }
            Err(error) if options.changes() => wasi.changed(Err(error)),
            Err(error) => Err(error.into()),
        }
    }

    fn writes(&self) -> bool {
        self.asked.contains(Rights::FD_WRITE)
    }

    /// Opens the place itself, which is a directory without a name.
    fn whole_place(&self, place: &Place) -> SysResult<Descriptor> {
        if self.oflags.create && self.oflags.exclusive {
            return Err(Errno::Exist.into());
        }
        if self.oflags.create || self.oflags.truncate {
            return Err(Errno::Isdir.into());
        }
        self.dir(Arc::clone(&place.dir))
    }

    fn file(&self, file: Arc<dyn File>) -> Descriptor {
        let granted = self.granted.and(Rights::FILE);
        Descriptor {
            kind: Kind::File { file, offset: 0 },
            rights: if self.writes() {
                granted
            } else {
                granted.without(Rights::CHANGE)
            },
            inheriting: Rights::NONE,
            flags: self.flags,
        }
    }

    fn dir(&self, dir: Arc<dyn Dir>) -> SysResult<Descriptor> {
        if self.writes() {
            return Err(Errno::Isdir.into());
        }
        Ok(Descriptor {
            kind: Kind::Dir { dir, preopen: None },
            rights: self.granted.and(Rights::DIR),
            inheriting: self.inheriting,
            flags: self.flags,
        })
    }
}
