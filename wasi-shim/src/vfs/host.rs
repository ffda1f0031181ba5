//! `HostDir`: a directory of the host as a backend, confined to it by capabilities.

use std::any::Any;
use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cap_fs_ext::{
    DirExt as _, FollowSymlinks, MetadataExt as _, OpenOptionsFollowExt as _,
    OpenOptionsSyncExt as _, SystemTimeSpec,
};
use cap_std::ambient_authority;
use cap_std::fs::{Metadata, OpenOptions as HostOptions};

use super::{
    Cookie, Create, Dir, DirEntry, File, FileType, Name, OpenOptions, SetTimes, Stat, Vfs,
    VfsError, VfsResult,
};
use crate::errno::Errno;

/// What a [`HostDir`] lets its user do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Look and read; everything that would change the tree is `Rofs`.
    ReadOnly,
    /// Whatever the host lets this process do.
    ReadWrite,
}

/// A directory of the host.
///
/// Nothing outside of it can be named: every call is one component below an open directory handle,
/// and no call follows a symbolic link. Only regular files can be opened: a named pipe, socket or
/// device of the host is `Acces`. Names on the host that are not UTF-8 are not listed and cannot
/// be opened. Symbolic links with an absolute target are refused with `Perm`, for they would lead
/// other programs of the host astray.
#[derive(Clone)]
pub struct HostDir {
    node: Arc<HostNode>,
}

impl HostDir {
    /// Opens the directory `path` of the host.
    ///
    /// # Errors
    ///
    /// What the host answers: `Noent`, `Notdir`, `Acces`.
    pub fn open(path: impl AsRef<Path>, access: Access) -> VfsResult<Self> {
        let dir = cap_std::fs::Dir::open_ambient_dir(path, ambient_authority())?;
        let tree = Arc::new(Tree {
            access,
            hasher: RandomState::new(),
        });
        Ok(Self {
            node: Arc::new(HostNode::new(dir, tree)),
        })
    }
}

impl Vfs for HostDir {
    fn root(&self) -> Arc<dyn Dir> {
        Arc::clone(&self.node) as Arc<dyn Dir>
    }
}

/// What all handles of one [`HostDir`] share.
struct Tree {
    access: Access,
    /// Orders directory listings. Keyed at random, so that nobody can make names that collide.
    hasher: RandomState,
}

/// One open directory of the tree.
struct HostNode {
    dir: cap_std::fs::Dir,
    tree: Arc<Tree>,
    /// The listing in cookie order, taken when a listing starts.
    listing: Mutex<Arc<BTreeMap<u64, Listed>>>,
}

struct Listed {
    name: String,
    ino: u64,
    file_type: FileType,
}

impl HostNode {
    fn new(dir: cap_std::fs::Dir, tree: Arc<Tree>) -> Self {
        Self {
            dir,
            tree,
            listing: Mutex::default(),
        }
    }

    fn writable(&self) -> VfsResult<()> {
        match self.tree.access {
            Access::ReadOnly => Err(Errno::Rofs.into()),
            Access::ReadWrite => Ok(()),
        }
    }

    /// `other` as a directory of the same tree.
    fn same_tree<'a>(&self, other: &'a dyn Dir) -> VfsResult<&'a HostNode> {
        other
            .as_any()
            .downcast_ref::<HostNode>()
            .filter(|node| Arc::ptr_eq(&node.tree, &self.tree))
            .ok_or_else(|| Errno::Xdev.into())
    }

    /// Reads the directory. A cookie is a keyed hash of a name, so it means the same entry in every
    /// later reading, whatever came and went in between.
    fn list(&self) -> VfsResult<BTreeMap<u64, Listed>> {
        let mut listing = BTreeMap::new();
        for entry in self.dir.entries()? {
            let entry = entry?;
            let Some(name) = entry.file_name().to_str().map(str::to_owned) else {
                continue;
            };
            if Name::new(&name).is_err() {
                continue;
            }
            // An entry that went away since it was listed is no error.
            let Ok(meta) = entry.metadata() else { continue };
            let mut cookie = (self.tree.hasher.hash_one(&name) >> 1).max(1);
            while listing.contains_key(&cookie) {
                cookie = cookie.wrapping_add(1).max(1);
            }
            let file_type = file_type_of(&meta);
            listing.insert(
                cookie,
                Listed {
                    name,
                    ino: meta.ino(),
                    file_type,
                },
            );
        }
        Ok(listing)
    }
}

impl Dir for HostNode {
    fn open_file(&self, name: Name<'_>, options: OpenOptions) -> VfsResult<Arc<dyn File>> {
        let mut options = options;
        if self.tree.access == Access::ReadOnly {
            // What is wrong with the name says more than that the tree cannot be changed.
            match self.stat_at(name) {
                Err(error) if options.create == Create::Never => return Err(error),
                Err(_) => return Err(Errno::Rofs.into()),
                Ok(_) if options.create == Create::New => return Err(Errno::Exist.into()),
                Ok(stat) => refuse_what_is_no_file(stat.file_type)?,
            }
            options.create = Create::Never;
            if options.changes() {
                return Err(Errno::Rofs.into());
            }
        }
        if options.create != Create::New
            && let Ok(stat) = self.stat_at(name)
        {
            refuse_what_is_no_file(stat.file_type)?;
        }
        let mut host = HostOptions::new();
        host.follow(FollowSymlinks::No)
            // Opening a pipe that was put in the file's place must not wait for its writer.
            .nonblock(cfg!(unix))
            .read(true)
            .write(options.write || options.truncate || options.create != Create::Never)
            .create(options.create == Create::IfAbsent)
            .create_new(options.create == Create::New);
        let file = match self.dir.open_with(name.as_str(), &host) {
            // A file that may be written but not read.
            Err(error)
                if error.kind() == io::ErrorKind::PermissionDenied
                    && options.write
                    && !options.read =>
            {
                self.dir.open_with(name.as_str(), host.read(false))?
            }
            other => other?,
        };
        refuse_what_is_no_file(file_type_of(&file.metadata()?))?;
        if options.truncate {
            file.set_len(0)?;
        }
        let may_write = self.tree.access == Access::ReadWrite;
        Ok(Arc::new(HostFile {
            file: file.into_std(),
            read: options.read,
            write: options.write,
            may_write,
            appending: Mutex::new(()),
        }))
    }

    fn open_dir(&self, name: Name<'_>) -> VfsResult<Arc<dyn Dir>> {
        match self.stat_at(name)?.file_type {
            FileType::Directory => {}
            FileType::SymbolicLink => return Err(Errno::Loop.into()),
            _ => return Err(Errno::Notdir.into()),
        }
        let dir = self.dir.open_dir_nofollow(name.as_str())?;
        Ok(Arc::new(HostNode::new(dir, Arc::clone(&self.tree))))
    }

    fn stat(&self) -> VfsResult<Stat> {
        Ok(stat_of(&self.dir.dir_metadata()?))
    }

    fn stat_at(&self, name: Name<'_>) -> VfsResult<Stat> {
        Ok(stat_of(&self.dir.symlink_metadata(name.as_str())?))
    }

    fn read_dir(
        &self,
        from: Cookie,
        each: &mut dyn FnMut(DirEntry) -> ControlFlow<()>,
    ) -> VfsResult<()> {
        let listing = {
            let mut kept = self.listing.lock().unwrap_or_else(PoisonError::into_inner);
            if from == Cookie::START || kept.is_empty() {
                *kept = Arc::new(self.list()?);
            }
            Arc::clone(&kept)
        };
        let Some(first) = from.0.checked_add(1) else {
            return Ok(());
        };
        for (&cookie, listed) in listing.range(first..) {
            let entry = DirEntry {
                next: Cookie(cookie),
                ino: listed.ino,
                name: listed.name.clone(),
                file_type: listed.file_type,
            };
            if each(entry).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn create_dir(&self, name: Name<'_>) -> VfsResult<()> {
        self.writable()?;
        Ok(self.dir.create_dir(name.as_str())?)
    }

    fn remove_file(&self, name: Name<'_>) -> VfsResult<()> {
        self.writable()?;
        // Linux says EISDIR to this and macOS EPERM.
        if self.stat_at(name)?.file_type == FileType::Directory {
            return Err(Errno::Isdir.into());
        }
        Ok(self.dir.remove_file_or_symlink(name.as_str())?)
    }

    fn remove_dir(&self, name: Name<'_>) -> VfsResult<()> {
        self.writable()?;
        if self.stat_at(name)?.file_type != FileType::Directory {
            return Err(Errno::Notdir.into());
        }
        Ok(self.dir.remove_dir(name.as_str())?)
    }

    fn rename(&self, from: Name<'_>, to_dir: &dyn Dir, to: Name<'_>) -> VfsResult<()> {
        let to_dir = self.same_tree(to_dir)?;
        self.writable()?;
        Ok(self.dir.rename(from.as_str(), &to_dir.dir, to.as_str())?)
    }

    fn symlink(&self, target: &str, name: Name<'_>) -> VfsResult<()> {
        self.writable()?;
        if Path::new(target).has_root() {
            return Err(VfsError::with_context(
                Errno::Perm,
                "absolute symbolic link on the host",
            ));
        }
        Ok(self.dir.symlink(target, name.as_str())?)
    }

    fn read_link(&self, name: Name<'_>) -> VfsResult<String> {
        if self.stat_at(name)?.file_type != FileType::SymbolicLink {
            return Err(Errno::Inval.into());
        }
        let target = self.dir.read_link_contents(name.as_str())?;
        target
            .into_os_string()
            .into_string()
            .map_err(|_| Errno::Ilseq.into())
    }

    fn hard_link(&self, from: Name<'_>, to_dir: &dyn Dir, to: Name<'_>) -> VfsResult<()> {
        let to_dir = self.same_tree(to_dir)?;
        self.writable()?;
        if self.stat_at(from)?.file_type == FileType::Directory {
            return Err(Errno::Perm.into());
        }
        Ok(self
            .dir
            .hard_link(from.as_str(), &to_dir.dir, to.as_str())?)
    }

    fn set_times_at(&self, name: Name<'_>, times: SetTimes) -> VfsResult<()> {
        self.writable()?;
        let (atim, mtim) = host_times(times)?;
        Ok(self.dir.set_symlink_times(name.as_str(), atim, mtim)?)
    }

    fn set_times(&self, times: SetTimes) -> VfsResult<()> {
        self.writable()?;
        let (atim, mtim) = host_times(times)?;
        Ok(cap_fs_ext::DirExt::set_times(&self.dir, ".", atim, mtim)?)
    }

    fn sync(&self) -> VfsResult<()> {
        // The handle itself may be good for paths only (`O_PATH`), which cannot be synced.
        #[cfg(unix)]
        self.dir.open(".")?.sync_all()?;
        Ok(())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// One open file of the tree.
struct HostFile {
    file: std::fs::File,
    read: bool,
    write: bool,
    may_write: bool,
    /// Held from finding the end of the file to having written there.
    appending: Mutex<()>,
}

impl HostFile {
    fn writable(&self) -> VfsResult<()> {
        if self.write {
            Ok(())
        } else {
            Err(Errno::Badf.into())
        }
    }
}

impl File for HostFile {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> VfsResult<usize> {
        if !self.read {
            return Err(Errno::Badf.into());
        }
        // The host refuses a range whose end is past the largest offset.
        let room = (i64::MAX as u64).saturating_sub(offset);
        let count = usize::try_from(room).unwrap_or(usize::MAX).min(buf.len());
        if count == 0 {
            return Ok(0);
        }
        Ok(positional::read_at(&self.file, &mut buf[..count], offset)?)
    }

    fn len(&self) -> VfsResult<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn stat(&self) -> VfsResult<Stat> {
        Ok(stat_of(&Metadata::from_file(&self.file)?))
    }

    fn write_at(&self, offset: u64, data: &[u8]) -> VfsResult<usize> {
        self.writable()?;
        let end = offset.checked_add(data.len() as u64);
        if end.is_none_or(|end| i64::try_from(end).is_err()) {
            return Err(Errno::Fbig.into());
        }
        Ok(positional::write_at(&self.file, data, offset)?)
    }

    fn append(&self, data: &[u8]) -> VfsResult<(usize, u64)> {
        let _held = self
            .appending
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let end = self.len()?;
        let written = self.write_at(end, data)?;
        Ok((written, end.saturating_add(written as u64)))
    }

    fn set_len(&self, len: u64) -> VfsResult<()> {
        self.writable()?;
        if i64::try_from(len).is_err() {
            return Err(Errno::Fbig.into());
        }
        Ok(self.file.set_len(len)?)
    }

    fn allocate(&self, offset: u64, len: u64) -> VfsResult<()> {
        self.writable()?;
        if len == 0 {
            return Err(Errno::Inval.into());
        }
        let end = offset.checked_add(len).ok_or(Errno::Fbig)?;
        if end > self.len()? {
            self.set_len(end)?;
        }
        Ok(())
    }

    fn set_times(&self, times: SetTimes) -> VfsResult<()> {
        if !self.may_write {
            return Err(Errno::Rofs.into());
        }
        let mut host = std::fs::FileTimes::new();
        if let Some(atim) = times.atim {
            host = host.set_accessed(time_of(atim)?);
        }
        if let Some(mtim) = times.mtim {
            host = host.set_modified(time_of(mtim)?);
        }
        Ok(self.file.set_times(host)?)
    }

    fn sync(&self, data_only: bool) -> VfsResult<()> {
        let done = if data_only {
            self.file.sync_data()
        } else {
            self.file.sync_all()
        };
        Ok(done?)
    }
}

/// Reads and writes at an offset, under the names that the host's platform has for them.
mod positional {
    use std::fs::File;
    use std::io;

    #[cfg(unix)]
    use std::os::unix::fs::FileExt;
    #[cfg(windows)]
    use std::os::windows::fs::FileExt;

    pub(super) fn read_at(file: &File, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        #[cfg(unix)]
        return file.read_at(buf, offset);
        #[cfg(windows)]
        return file.seek_read(buf, offset);
    }

    pub(super) fn write_at(file: &File, data: &[u8], offset: u64) -> io::Result<usize> {
        #[cfg(unix)]
        return file.write_at(data, offset);
        #[cfg(windows)]
        return file.seek_write(data, offset);
    }
}

fn refuse_what_is_no_file(file_type: FileType) -> VfsResult<()> {
    match file_type {
        FileType::RegularFile => Ok(()),
        FileType::Directory => Err(Errno::Isdir.into()),
        FileType::SymbolicLink => Err(Errno::Loop.into()),
        _ => Err(VfsError::with_context(
            Errno::Acces,
            "not a regular file of the host",
        )),
    }
}

fn file_type_of(meta: &Metadata) -> FileType {
    let kind = meta.file_type();
    if kind.is_file() {
        return FileType::RegularFile;
    }
    if kind.is_dir() {
        return FileType::Directory;
    }
    if kind.is_symlink() {
        return FileType::SymbolicLink;
    }
    #[cfg(unix)]
    {
        use cap_std::fs::FileTypeExt as _;
        if kind.is_char_device() {
            return FileType::CharacterDevice;
        }
        if kind.is_block_device() {
            return FileType::BlockDevice;
        }
        if kind.is_socket() {
            return FileType::SocketStream;
        }
    }
    FileType::Unknown
}

fn stat_of(meta: &Metadata) -> Stat {
    let mtim = meta.modified().map_or(0, |time| nanos_of(time.into_std()));
    #[cfg(unix)]
    let ctim = {
        use cap_std::fs::MetadataExt as _;
        let seconds = u64::try_from(meta.ctime()).unwrap_or(0);
        let nanos = u64::try_from(meta.ctime_nsec()).unwrap_or(0);
        seconds.saturating_mul(1_000_000_000).saturating_add(nanos)
    };
    #[cfg(not(unix))]
    let ctim = mtim;
    Stat {
        dev: cap_fs_ext::MetadataExt::dev(meta),
        ino: cap_fs_ext::MetadataExt::ino(meta),
        file_type: file_type_of(meta),
        nlink: cap_fs_ext::MetadataExt::nlink(meta),
        size: meta.len(),
        atim: meta.accessed().map_or(0, |time| nanos_of(time.into_std())),
        mtim,
        ctim,
    }
}

/// Nanoseconds since the epoch. A host may hold times before it: those are 0.
fn nanos_of(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| {
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    })
}

fn time_of(nanos: u64) -> VfsResult<SystemTime> {
    UNIX_EPOCH
        .checked_add(Duration::from_nanos(nanos))
        .ok_or_else(|| Errno::Inval.into())
}

fn host_times(times: SetTimes) -> VfsResult<(Option<SystemTimeSpec>, Option<SystemTimeSpec>)> {
    let host = |nanos: Option<u64>| -> VfsResult<Option<SystemTimeSpec>> {
        let Some(nanos) = nanos else { return Ok(None) };
        let time = cap_std::time::SystemTime::from_std(time_of(nanos)?);
        Ok(Some(SystemTimeSpec::Absolute(time)))
    };
    Ok((host(times.atim)?, host(times.mtim)?))
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::symlink;

    use super::*;

    fn name(text: &str) -> Name<'_> {
        Name::new(text).expect("a test's name is valid")
    }

    fn tree(access: Access) -> (tempfile::TempDir, Arc<dyn Dir>) {
        let temp = tempfile::tempdir().expect("a temporary directory");
        let root = HostDir::open(temp.path(), access)
            .expect("it can be opened")
            .root();
        (temp, root)
    }

    fn errno<T>(result: VfsResult<T>) -> Errno {
        result.err().expect("the call must fail").errno()
    }

    fn names(dir: &dyn Dir, from: Cookie) -> Vec<(String, Cookie)> {
        let mut found = Vec::new();
        dir.read_dir(from, &mut |entry| {
            found.push((entry.name, entry.next));
            ControlFlow::Continue(())
        })
        .expect("the directory can be listed");
        found
    }

    #[test]
    fn what_is_written_is_on_the_host_and_is_read_back() {
        let (temp, root) = tree(Access::ReadWrite);
        let file = root
            .open_file(name("f"), OpenOptions::READ_WRITE)
            .expect("created");
        assert_eq!(file.write_at(3, b"abc").map_err(|e| e.errno()), Ok(3));
        assert_eq!(
            fs::read(temp.path().join("f")).expect("on the host"),
            b"\0\0\0abc"
        );
        let mut buf = [0; 8];
        assert_eq!(file.read_at(4, &mut buf).map_err(|e| e.errno()), Ok(2));
        assert_eq!(&buf[..2], b"bc");
        assert_eq!(file.append(b"d").map_err(|e| e.errno()), Ok((1, 7)));
    }

    #[test]
    fn a2_no_call_follows_a_symbolic_link() {
        let (temp, root) = tree(Access::ReadWrite);
        let outside = tempfile::tempdir().expect("a second directory");
        fs::write(outside.path().join("secret"), "s").expect("written");
        symlink(outside.path().join("secret"), temp.path().join("l")).expect("linked");
        symlink(outside.path(), temp.path().join("d")).expect("linked");
        assert_eq!(
            errno(root.open_file(name("l"), OpenOptions::READ)),
            Errno::Loop
        );
        assert_eq!(
            errno(root.open_file(name("l"), OpenOptions::WRITE)),
            Errno::Loop
        );
        assert_eq!(errno(root.open_dir(name("d"))), Errno::Loop);
        let stat = root.stat_at(name("l")).expect("the link itself");
        assert_eq!(stat.file_type, FileType::SymbolicLink);
        root.remove_file(name("l")).expect("the link goes");
        assert_eq!(
            fs::read(outside.path().join("secret")).expect("still there"),
            b"s"
        );
    }

    #[test]
    fn a2_an_absolute_link_is_refused() {
        let (_temp, root) = tree(Access::ReadWrite);
        assert_eq!(errno(root.symlink("/etc/passwd", name("l"))), Errno::Perm);
    }

    #[test]
    fn b1_a_read_only_tree_refuses_every_change() {
        let (temp, root) = tree(Access::ReadOnly);
        fs::write(temp.path().join("f"), "old").expect("written");
        fs::create_dir(temp.path().join("d")).expect("created");
        assert_eq!(
            errno(root.open_file(name("f"), OpenOptions::WRITE)),
            Errno::Rofs
        );
        assert_eq!(
            errno(root.open_file(name("f"), OpenOptions::READ_WRITE)),
            Errno::Rofs
        );
        assert_eq!(
            errno(root.open_file(name("new"), OpenOptions::WRITE)),
            Errno::Rofs
        );
        assert_eq!(errno(root.create_dir(name("e"))), Errno::Rofs);
        assert_eq!(errno(root.remove_file(name("f"))), Errno::Rofs);
        assert_eq!(errno(root.remove_dir(name("d"))), Errno::Rofs);
        assert_eq!(
            errno(root.rename(name("f"), root.as_ref(), name("g"))),
            Errno::Rofs
        );
        assert_eq!(
            errno(root.hard_link(name("f"), root.as_ref(), name("g"))),
            Errno::Rofs
        );
        assert_eq!(errno(root.symlink("f", name("g"))), Errno::Rofs);
        assert_eq!(
            errno(root.set_times_at(name("f"), SetTimes::default())),
            Errno::Rofs
        );
        let file = root
            .open_file(name("f"), OpenOptions::READ)
            .expect("readable");
        assert_eq!(errno(file.write_at(0, b"new")), Errno::Badf);
        assert_eq!(errno(file.set_times(SetTimes::default())), Errno::Rofs);
        assert_eq!(
            fs::read(temp.path().join("f")).expect("still there"),
            b"old"
        );
    }

    #[test]
    fn b2_a_rename_to_another_tree_is_xdev() {
        let (_one, from) = tree(Access::ReadWrite);
        let (_two, to) = tree(Access::ReadOnly);
        from.open_file(name("f"), OpenOptions::WRITE)
            .expect("created");
        assert_eq!(
            errno(from.rename(name("f"), to.as_ref(), name("f"))),
            Errno::Xdev
        );
        assert_eq!(
            errno(from.hard_link(name("f"), to.as_ref(), name("f"))),
            Errno::Xdev
        );
    }

    #[test]
    fn d5_offsets_past_the_largest_file_are_fbig() {
        let (_temp, root) = tree(Access::ReadWrite);
        let file = root
            .open_file(name("f"), OpenOptions::READ_WRITE)
            .expect("created");
        assert_eq!(errno(file.write_at(u64::MAX, b"x")), Errno::Fbig);
        assert_eq!(errno(file.write_at(i64::MAX as u64, b"x")), Errno::Fbig);
        assert_eq!(errno(file.set_len(1 << 63)), Errno::Fbig);
        assert_eq!(errno(file.allocate(u64::MAX, 1)), Errno::Fbig);
        assert_eq!(
            file.read_at(u64::MAX, &mut [0]).map_err(|e| e.errno()),
            Ok(0)
        );
        assert_eq!(file.len().map_err(|e| e.errno()), Ok(0));
    }

    #[test]
    fn d6_a_time_before_the_epoch_is_zero() {
        let (temp, root) = tree(Access::ReadOnly);
        let path = temp.path().join("old");
        let file = fs::File::create(&path).expect("created");
        let before = UNIX_EPOCH - Duration::from_secs(86_400);
        file.set_times(fs::FileTimes::new().set_modified(before))
            .expect("the host takes it");
        assert_eq!(root.stat_at(name("old")).expect("it is there").mtim, 0);
    }

    #[test]
    fn e1_cookies_survive_inserts_and_deletes() {
        let (temp, root) = tree(Access::ReadWrite);
        for i in 0..20 {
            fs::write(temp.path().join(format!("f{i}")), "").expect("written");
        }
        let all = names(root.as_ref(), Cookie::START);
        assert_eq!(all.len(), 20);
        let (_, middle) = all[9];
        fs::remove_file(temp.path().join(&all[3].0)).expect("removed");
        fs::write(temp.path().join("new"), "").expect("written");
        assert_eq!(names(root.as_ref(), middle), all[10..]);
        // Read anew, through a handle that has no listing yet: the same place.
        let same_tree = HostNode::new(
            cap_std::fs::Dir::open_ambient_dir(temp.path(), ambient_authority()).expect("opened"),
            Arc::clone(
                &root
                    .as_any()
                    .downcast_ref::<HostNode>()
                    .expect("a host directory")
                    .tree,
            ),
        );
        let rest: Vec<_> = names(&same_tree, middle)
            .into_iter()
            .filter(|(n, _)| n != "new")
            .collect();
        assert_eq!(rest, all[10..]);
        assert!(names(root.as_ref(), Cookie(u64::MAX)).is_empty());
    }

    #[test]
    fn e3_host_names_that_are_not_utf8_are_not_listed() {
        let (temp, root) = tree(Access::ReadOnly);
        let odd = temp.path().join(std::ffi::OsStr::from_bytes(b"a\xff"));
        fs::write(odd, "").expect("the host takes any bytes");
        fs::write(temp.path().join("b"), "").expect("written");
        let listed = names(root.as_ref(), Cookie::START);
        assert_eq!(
            listed.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>(),
            ["b"]
        );
    }

    #[test]
    fn f2_a_named_pipe_is_refused_and_never_waited_for() {
        let (temp, root) = tree(Access::ReadWrite);
        let made = std::process::Command::new("mkfifo")
            .arg(temp.path().join("p"))
            .status();
        assert!(made.expect("mkfifo runs").success());
        assert_eq!(
            errno(root.open_file(name("p"), OpenOptions::READ)),
            Errno::Acces
        );
        assert_eq!(
            errno(root.open_file(name("p"), OpenOptions::WRITE)),
            Errno::Acces
        );
    }
}
