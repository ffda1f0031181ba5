//! The trait of a directory: every operation that takes a name.

use std::any::Any;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::{Cookie, DirEntry, File, Name, OpenOptions, SetTimes, Stat, VfsResult};
use crate::errno::Errno;

/// An open directory of a virtual filesystem.
///
/// A handle, not a path: it stays with its directory when that is renamed, and answers `Noent`
/// once that is removed. Names are single components; walking paths, `..` and symbolic links is
/// the caller's work, so **no method follows a symbolic link**.
///
/// A backend must answer every call with a value or an errno, whatever the guest does: the calls
/// come from any thread, at any time, in any order.
///
/// The methods without a default are essential. The others default to a read-only tree (`Rofs`)
/// or to `Notsup`, so a small backend is a small file. A decorator must forward every method.
pub trait Dir: Send + Sync + 'static {
    /// Opens a file.
    ///
    /// # Errors
    ///
    /// `Loop` when the name is a symbolic link, `Isdir` when it is a directory, `Noent` when it is
    /// missing and `options.create` is [`Create::Never`](super::Create::Never), `Exist` when it is
    /// there in any form and `options.create` is [`Create::New`](super::Create::New), `Rofs` when
    /// the tree is read-only and `options` would change it.
    fn open_file(&self, name: Name<'_>, options: OpenOptions) -> VfsResult<Arc<dyn File>>;

    /// Opens a directory inside this one.
    ///
    /// # Errors
    ///
    /// `Loop` when the name is a symbolic link, `Notdir` when it is a file, `Noent` when it is
    /// missing.
    fn open_dir(&self, name: Name<'_>) -> VfsResult<Arc<dyn Dir>>;

    /// The attributes of this directory, also after it was removed.
    ///
    /// # Errors
    ///
    /// What the backend meets.
    fn stat(&self) -> VfsResult<Stat>;

    /// The attributes of a name in this directory; of a symbolic link, its own.
    ///
    /// # Errors
    ///
    /// `Noent` when the name is missing.
    fn stat_at(&self, name: Name<'_>) -> VfsResult<Stat>;

    /// Lists the directory from `from` on, until its end or until `each` breaks. `.` and `..` are
    /// not listed.
    ///
    /// An entry that is there for the whole of a listing is returned exactly once, however many
    /// others come and go between the calls. A cookie this directory never gave out lists from some
    /// place or nothing; it is never an error. `each` may call back into the filesystem.
    ///
    /// # Errors
    ///
    /// What the backend meets; the entries already given stay valid.
    fn read_dir(
        &self,
        from: Cookie,
        each: &mut dyn FnMut(DirEntry) -> ControlFlow<()>,
    ) -> VfsResult<()>;

    /// Creates an empty directory.
    ///
    /// # Errors
    ///
    /// `Exist` when the name is there in any form.
    fn create_dir(&self, name: Name<'_>) -> VfsResult<()> {
        let _ = name;
        Err(Errno::Rofs.into())
    }

    /// Removes a file or symbolic link; open handles keep working.
    ///
    /// # Errors
    ///
    /// `Noent` when the name is missing, `Isdir` when it is a directory.
    fn remove_file(&self, name: Name<'_>) -> VfsResult<()> {
        let _ = name;
        Err(Errno::Rofs.into())
    }

    /// Removes an empty directory.
    ///
    /// # Errors
    ///
    /// `Noent` when the name is missing, `Notdir` when it is not a directory, `Notempty` when it
    /// has entries.
    fn remove_dir(&self, name: Name<'_>) -> VfsResult<()> {
        let _ = name;
        Err(Errno::Rofs.into())
    }

    /// Moves `from` to the name `to` in `to_dir`, atomically, replacing a file by a file or an
    /// empty directory by a directory. Two names of the same file: nothing happens.
    ///
    /// # Errors
    ///
    /// `Xdev` when `to_dir` is of another filesystem, `Noent`, `Notdir` (a directory over a file),
    /// `Isdir` (a file over a directory), `Notempty`, `Inval` (a directory into itself).
    fn rename(&self, from: Name<'_>, to_dir: &dyn Dir, to: Name<'_>) -> VfsResult<()> {
        let _ = (from, to_dir, to);
        Err(Errno::Rofs.into())
    }

    /// Creates a symbolic link with the text `target`, which is stored as it is and may name
    /// nothing.
    ///
    /// # Errors
    ///
    /// `Exist` when the name is there in any form.
    fn symlink(&self, target: &str, name: Name<'_>) -> VfsResult<()> {
        let _ = (target, name);
        Err(Errno::Notsup.into())
    }

    /// The text of a symbolic link.
    ///
    /// # Errors
    ///
    /// `Inval` when the name is not a symbolic link, `Noent` when it is missing.
    fn read_link(&self, name: Name<'_>) -> VfsResult<String> {
        // A tree without links: what is there is not a link.
        self.stat_at(name)?;
        Err(Errno::Inval.into())
    }

    /// Gives the file or symbolic link `from` a second name `to` in `to_dir`.
    ///
    /// # Errors
    ///
    /// `Xdev` when `to_dir` is of another filesystem, `Perm` when `from` is a directory, `Exist`.
    fn hard_link(&self, from: Name<'_>, to_dir: &dyn Dir, to: Name<'_>) -> VfsResult<()> {
        let _ = (from, to_dir, to);
        Err(Errno::Notsup.into())
    }

    /// Sets the times of a name in this directory; of a symbolic link, its own.
    ///
    /// # Errors
    ///
    /// `Noent` when the name is missing.
    fn set_times_at(&self, name: Name<'_>, times: SetTimes) -> VfsResult<()> {
        let _ = (name, times);
        Err(Errno::Rofs.into())
    }

    /// Sets the times of this directory.
    ///
    /// # Errors
    ///
    /// What the backend meets.
    fn set_times(&self, times: SetTimes) -> VfsResult<()> {
        let _ = times;
        Err(Errno::Rofs.into())
    }

    /// Makes the directory's entries durable, where that means something.
    ///
    /// # Errors
    ///
    /// What the backend meets.
    fn sync(&self) -> VfsResult<()> {
        Ok(())
    }

    /// The directory as its own type, so that `rename` and `hard_link` can tell whether the other
    /// directory is one of theirs: `fn as_any(&self) -> &dyn Any { self }`.
    fn as_any(&self) -> &dyn Any;
}
