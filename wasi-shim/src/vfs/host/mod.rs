//! `HostDir`: a directory of the host as a backend, confined to it by capabilities.

mod file;
mod meta;
#[cfg(all(test, unix))]
mod tests;

use std::any::Any;
use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use cap_fs_ext::{
    DirExt as _, FollowSymlinks, MetadataExt as _, OpenOptionsFollowExt as _,
    OpenOptionsSyncExt as _,
};
use cap_std::ambient_authority;
use cap_std::fs::OpenOptions as HostOptions;

use self::file::HostFile;
use self::meta::{file_type_of, host_times, refuse_what_is_no_file, stat_of};
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
        let result = self.dir.rename(from.as_str(), &to_dir.dir, to.as_str());
        let result = result.map_err(|error| match error.kind() {
            // What XFS says of a directory that is not empty.
            io::ErrorKind::AlreadyExists => VfsError::from(Errno::Notempty),
            _ => VfsError::from(error),
        });
        match result {
            // Linux says of any name that goes over a directory above it that this one is not empty.
            Err(error)
                if error.errno() == Errno::Notempty
                    && self.stat_at(from)?.file_type != FileType::Directory =>
            {
                Err(Errno::Isdir.into())
            }
            result => result,
        }
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
        if times == SetTimes::default() {
            // Linux does not look at the name when there is no time to set.
            return self.stat_at(name).map(drop);
        }
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
