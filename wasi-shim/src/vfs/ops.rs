//! Work by path, for the host: whole files, whole directories, in one call each.
//!
//! Paths are those of the tree, with `/` between names: `/in.mp4` and `in.mp4` are the same. They
//! go through the walker that guests' paths go through, except that `/` is the tree's root here,
//! also in the text of a symbolic link. Links are followed.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::{
    Cookie, Create, Dir, DirEntry, File, FileType, MemFs, OpenOptions, Stat, Vfs, VfsError,
    VfsResult,
};
use crate::errno::Errno;
use crate::walk::{Absolute, Follow, Place, resolve};

/// Opens a file.
///
/// # Errors
///
/// `Noent`, `Notdir`, `Loop` and the like for the path, `Isdir` for a directory, and what the
/// backend says.
pub fn open_file(
    root: &Arc<dyn Dir>,
    path: &str,
    options: OpenOptions,
) -> VfsResult<Arc<dyn File>> {
    let follow = if options.create == Create::New {
        Follow::Never
    } else {
        Follow::Always
    };
    let place = locate(root, path, follow)?;
    if place.must_be_dir {
        return Err(Errno::Isdir.into());
    }
    place.dir.open_file(place.name(Errno::Isdir)?, options)
}

/// Opens a directory.
///
/// # Errors
///
/// `Noent`, `Notdir`, `Loop` and the like for the path, and what the backend says.
pub fn open_dir(root: &Arc<dyn Dir>, path: &str) -> VfsResult<Arc<dyn Dir>> {
    let place = locate(root, path, Follow::Always)?;
    match &place.last {
        None => Ok(place.dir),
        Some(_) => place.dir.open_dir(place.name(Errno::Inval)?),
    }
}

/// Reads a whole file.
///
/// # Errors
///
/// As [`open_file`]; `Fbig` when the file does not fit the host's memory; `Io` when the backend
/// stops short of the length it gave.
pub fn read(root: &Arc<dyn Dir>, path: &str) -> VfsResult<Vec<u8>> {
    let file = open_file(root, path, OpenOptions::READ)?;
    let len = usize::try_from(file.len()?).map_err(|_| VfsError::new(Errno::Fbig))?;
    let mut bytes = Vec::new();
    bytes
        .try_reserve_exact(len)
        .map_err(|_| VfsError::new(Errno::Fbig))?;
    bytes.resize(len, 0);
    let mut done = 0;
    while done < len {
        let rest = &mut bytes[done..];
        let count = file.read_at(done as u64, rest)?.min(len - done);
        if count == 0 {
            return Err(VfsError::with_context(
                Errno::Io,
                "file shorter than its length",
            ));
        }
        done += count;
    }
    Ok(bytes)
}

/// Writes a whole file, which is created or replaced. Its directory must exist.
///
/// # Errors
///
/// As [`open_file`]; then the file may hold a part of the data.
pub fn write(root: &Arc<dyn Dir>, path: &str, data: impl AsRef<[u8]>) -> VfsResult<()> {
    let file = open_file(root, path, OpenOptions::WRITE)?;
    let data = data.as_ref();
    let mut done = 0;
    while done < data.len() {
        let rest = &data[done..];
        let count = file.write_at(done as u64, rest)?.min(rest.len());
        if count == 0 {
            return Err(VfsError::with_context(Errno::Io, "backend writes no bytes"));
        }
        done += count;
    }
    Ok(())
}

/// The attributes of what a path leads to.
///
/// # Errors
///
/// `Noent`, `Notdir`, `Loop` and the like for the path, and what the backend says.
pub fn stat(root: &Arc<dyn Dir>, path: &str) -> VfsResult<Stat> {
    let place = locate(root, path, Follow::Always)?;
    let stat = match &place.last {
        None => place.dir.stat()?,
        Some(_) => place.dir.stat_at(place.name(Errno::Inval)?)?,
    };
    if place.must_be_dir && stat.file_type != FileType::Directory {
        return Err(Errno::Notdir.into());
    }
    Ok(stat)
}

/// Whether a path leads to something. What cannot be looked at does not exist.
#[must_use]
pub fn exists(root: &Arc<dyn Dir>, path: &str) -> bool {
    stat(root, path).is_ok()
}

/// Creates a directory, and those above it that are missing. One that exists is left alone.
///
/// # Errors
///
/// `Exist` when a name in the path is that of a file, and what the backend says.
pub fn create_dir_all(root: &Arc<dyn Dir>, path: &str) -> VfsResult<()> {
    let mut end = 0;
    loop {
        let rest = &path[end..];
        let slashes = rest.len() - rest.trim_start_matches('/').len();
        let name = &rest[slashes..];
        if name.is_empty() {
            return Ok(());
        }
        end += slashes + name.find('/').unwrap_or(name.len());
        let place = locate(root, &path[..end], Follow::Never)?;
        let Some(_) = place.last else { continue };
        match place.dir.create_dir(place.name(Errno::Exist)?) {
            Ok(()) => {}
            // A link to a directory is as good as one.
            Err(error)
                if stat(root, &path[..end]).map(|stat| stat.file_type)
                    != Ok(FileType::Directory) =>
            {
                return Err(error);
            }
            Err(_) => {}
        }
    }
}

/// Removes a file or symbolic link; a link is not followed.
///
/// # Errors
///
/// `Noent`, `Isdir` and the like for the path, and what the backend says.
pub fn remove_file(root: &Arc<dyn Dir>, path: &str) -> VfsResult<()> {
    let place = locate(root, path, Follow::Never)?;
    let name = place.name(Errno::Isdir)?;
    if place.must_be_dir {
        return Err(Errno::Notdir.into());
    }
    place.dir.remove_file(name)
}

/// Removes an empty directory.
///
/// # Errors
///
/// `Noent`, `Notdir`, `Notempty` and the like for the path, and what the backend says.
pub fn remove_dir(root: &Arc<dyn Dir>, path: &str) -> VfsResult<()> {
    let place = locate(root, path, Follow::Never)?;
    place.dir.remove_dir(place.name(Errno::Inval)?)
}

/// Moves a file or directory, replacing a file by a file or an empty directory by a directory.
///
/// # Errors
///
/// `Xdev` between filesystems, and as [`Dir::rename`].
pub fn rename(root: &Arc<dyn Dir>, from: &str, to: &str) -> VfsResult<()> {
    let from = locate(root, from, Follow::Never)?;
    let to = locate(root, to, Follow::Never)?;
    let name = to.name(Errno::Busy)?;
    from.dir
        .rename(from.name(Errno::Busy)?, to.dir.as_ref(), name)
}

/// Every entry of a directory, without `.` and `..`, in the backend's order.
///
/// # Errors
///
/// As [`open_dir`].
pub fn read_dir(root: &Arc<dyn Dir>, path: &str) -> VfsResult<Vec<DirEntry>> {
    let mut entries = Vec::new();
    open_dir(root, path)?.read_dir(Cookie::START, &mut |entry| {
        entries.push(entry);
        ControlFlow::Continue(())
    })?;
    Ok(entries)
}

fn locate(root: &Arc<dyn Dir>, path: &str, follow: Follow) -> VfsResult<Place> {
    resolve(root, path, follow, Absolute::FromBase, u32::MAX)
}

/// Work by path: see [`ops`](super::ops).
impl MemFs {
    /// Writes a whole file, which is created or replaced. Its directory must exist.
    ///
    /// # Errors
    ///
    /// As [`ops::write`](fn@write).
    pub fn write(&self, path: &str, data: impl AsRef<[u8]>) -> VfsResult<()> {
        write(&self.root(), path, data)
    }

    /// Reads a whole file.
    ///
    /// # Errors
    ///
    /// As [`read`]; `Fbig` for a file that is longer than [`Quota::bytes`](super::Quota::bytes):
    /// holes cost a guest nothing, and would cost the host memory here.
    pub fn read(&self, path: &str) -> VfsResult<Vec<u8>> {
        let stat = self.stat(path)?;
        if stat.file_type == FileType::RegularFile && stat.size > self.quota().bytes {
            return Err(VfsError::with_context(
                Errno::Fbig,
                "file with holes, longer than the byte quota",
            ));
        }
        read(&self.root(), path)
    }

    /// The attributes of what a path leads to.
    ///
    /// # Errors
    ///
    /// As [`stat`].
    pub fn stat(&self, path: &str) -> VfsResult<Stat> {
        stat(&self.root(), path)
    }

    /// Whether a path leads to something.
    #[must_use]
    pub fn exists(&self, path: &str) -> bool {
        exists(&self.root(), path)
    }

    /// Creates a directory, and those above it that are missing.
    ///
    /// # Errors
    ///
    /// As [`create_dir_all`].
    pub fn create_dir_all(&self, path: &str) -> VfsResult<()> {
        create_dir_all(&self.root(), path)
    }

    /// Removes a file or symbolic link.
    ///
    /// # Errors
    ///
    /// As [`remove_file`].
    pub fn remove_file(&self, path: &str) -> VfsResult<()> {
        remove_file(&self.root(), path)
    }

    /// Every entry of a directory.
    ///
    /// # Errors
    ///
    /// As [`read_dir`].
    pub fn read_dir(&self, path: &str) -> VfsResult<Vec<DirEntry>> {
        read_dir(&self.root(), path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_read_listed_and_removed_by_path() {
        let fs = MemFs::new();
        assert_eq!(fs.create_dir_all("/a/b//c/"), Ok(()));
        assert_eq!(fs.create_dir_all("a/b"), Ok(()));
        assert_eq!(fs.write("/a/b/f", b"hello"), Ok(()));
        assert_eq!(fs.write("a/b/../b/./f", b"hi"), Ok(()));
        assert_eq!(fs.read("/a/b/f"), Ok(b"hi".to_vec()));
        assert_eq!(fs.stat("/a/b/f").map(|stat| stat.size), Ok(2));
        let names = fs.read_dir("/a/b").map(|entries| {
            let mut names: Vec<_> = entries.into_iter().map(|entry| entry.name).collect();
            names.sort();
            names
        });
        assert_eq!(names, Ok(vec!["c".to_owned(), "f".to_owned()]));
        assert_eq!(errno(fs.create_dir_all("/a/b/f")), Errno::Exist);
        assert_eq!(errno(fs.create_dir_all("/a/b/f/g")), Errno::Exist);
        assert_eq!(errno(fs.write("/a/b/f/", b"")), Errno::Isdir);
        assert_eq!(errno(fs.read("/a/b/")), Errno::Isdir);
        assert_eq!(errno(fs.read("/nothing")), Errno::Noent);
        assert_eq!(fs.remove_file("/a/b/f"), Ok(()));
        assert!(!fs.exists("/a/b/f"));
        assert!(fs.exists("/") && fs.exists("/a/"));
    }

    #[test]
    fn an_absolute_link_leads_from_the_root_of_the_tree() {
        let fs = MemFs::new();
        assert_eq!(fs.create_dir_all("/a/b"), Ok(()));
        assert_eq!(fs.write("/target", b"found"), Ok(()));
        let dir = open_dir(&fs.root(), "/a/b").expect("the directory was just made");
        let name = super::super::Name::new("link").expect("a plain name");
        assert_eq!(dir.symlink("/target", name), Ok(()));
        assert_eq!(fs.read("/a/b/link"), Ok(b"found".to_vec()));
        assert_eq!(fs.remove_file("/a/b/link"), Ok(()));
        assert!(fs.exists("/target"));
    }

    fn errno<T: std::fmt::Debug>(result: VfsResult<T>) -> Errno {
        result.expect_err("the operation must fail").errno()
    }
}
