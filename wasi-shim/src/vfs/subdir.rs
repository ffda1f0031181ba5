//! `Subdir`: a directory of another tree as the root of its own.

use std::any::Any;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::{
    Cookie, Dir, DirEntry, File, Name, OpenOptions, SetTimes, Stat, Vfs, VfsError, VfsResult,
};
use crate::errno::Errno;

/// One directory of a tree, seen as a tree: nothing above or beside it can be named.
///
/// ```
/// use afmpeg_wasi::vfs::{MemFs, Subdir, ops};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let fs = MemFs::new();
/// fs.create_dir_all("/jobs/7")?;
/// fs.write("/jobs/7/in.wav", b"RIFF")?;
/// let job = Subdir::new(&fs, "/jobs/7")?;
/// assert_eq!(ops::read(&afmpeg_wasi::vfs::Vfs::root(&job), "/in.wav")?, b"RIFF");
/// # Ok(())
/// # }
/// ```
///
/// The directory is found once, when the view is made; the view stays with it when it is renamed.
/// Paths begin and end in it: `..` does not lead above it, and `/`, also in the text of a symbolic
/// link, is the directory itself. Nothing can be renamed or linked between the view and the rest of
/// the tree, or another view of it (`Xdev`).
#[derive(Clone)]
pub struct Subdir {
    root: Arc<SubdirNode>,
}

impl Subdir {
    /// The directory `path` of a tree: names separated by `/`.
    ///
    /// Symbolic links on the way are not followed: whoever can write to the tree could choose with
    /// them what the view shows.
    ///
    /// # Errors
    ///
    /// `Loop` for a symbolic link on the way, `Noent`, `Notdir`, `Perm` for `..`, those of
    /// [`Name::new`] for a part of the path, and what the backend says.
    pub fn new(tree: impl Vfs, path: &str) -> VfsResult<Self> {
        let mut dir = tree.root();
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    return Err(VfsError::with_context(
                        Errno::Perm,
                        "`..` in the path of a subdirectory",
                    ));
                }
                name => dir = dir.open_dir(Name::new(name)?)?,
            }
        }
        let root = Arc::new(SubdirNode {
            inner: dir,
            view: Arc::new(View),
        });
        Ok(Self { root })
    }
}

impl Vfs for Subdir {
    fn root(&self) -> Arc<dyn Dir> {
        Arc::clone(&self.root) as Arc<dyn Dir>
    }
}

/// Tells the directories of one view from those of another, by its address.
struct View;

/// A directory below the root of a view, or the root.
struct SubdirNode {
    inner: Arc<dyn Dir>,
    view: Arc<View>,
}

impl SubdirNode {
    /// The directory of the tree behind another directory of the same view.
    fn inner_of<'a>(&self, other: &'a dyn Dir) -> VfsResult<&'a dyn Dir> {
        let other = other.as_any().downcast_ref::<SubdirNode>();
        match other {
            Some(other) if Arc::ptr_eq(&other.view, &self.view) => Ok(&*other.inner),
            _ => Err(Errno::Xdev.into()),
        }
    }
}

#[warn(clippy::missing_trait_methods)]
impl Dir for SubdirNode {
    fn open_file(&self, name: Name<'_>, options: OpenOptions) -> VfsResult<Arc<dyn File>> {
        self.inner.open_file(name, options)
    }

    fn open_dir(&self, name: Name<'_>) -> VfsResult<Arc<dyn Dir>> {
        Ok(Arc::new(Self {
            inner: self.inner.open_dir(name)?,
            view: Arc::clone(&self.view),
        }))
    }

    fn stat(&self) -> VfsResult<Stat> {
        self.inner.stat()
    }

    fn stat_at(&self, name: Name<'_>) -> VfsResult<Stat> {
        self.inner.stat_at(name)
    }

    fn read_dir(
        &self,
        from: Cookie,
        each: &mut dyn FnMut(DirEntry) -> ControlFlow<()>,
    ) -> VfsResult<()> {
        self.inner.read_dir(from, each)
    }

    fn create_dir(&self, name: Name<'_>) -> VfsResult<()> {
        self.inner.create_dir(name)
    }

    fn remove_file(&self, name: Name<'_>) -> VfsResult<()> {
        self.inner.remove_file(name)
    }

    fn remove_dir(&self, name: Name<'_>) -> VfsResult<()> {
        self.inner.remove_dir(name)
    }

    fn rename(&self, from: Name<'_>, to_dir: &dyn Dir, to: Name<'_>) -> VfsResult<()> {
        self.inner.rename(from, self.inner_of(to_dir)?, to)
    }

    fn symlink(&self, target: &str, name: Name<'_>) -> VfsResult<()> {
        self.inner.symlink(target, name)
    }

    fn read_link(&self, name: Name<'_>) -> VfsResult<String> {
        self.inner.read_link(name)
    }

    fn hard_link(&self, from: Name<'_>, to_dir: &dyn Dir, to: Name<'_>) -> VfsResult<()> {
        self.inner.hard_link(from, self.inner_of(to_dir)?, to)
    }

    fn set_times_at(&self, name: Name<'_>, times: SetTimes) -> VfsResult<()> {
        self.inner.set_times_at(name, times)
    }

    fn set_times(&self, times: SetTimes) -> VfsResult<()> {
        self.inner.set_times(times)
    }

    fn sync(&self) -> VfsResult<()> {
        self.inner.sync()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vfs::{MemFs, ReadOnly, conformance, ops};

    fn name(text: &str) -> Name<'_> {
        Name::new(text).expect("a test's name is valid")
    }

    fn refusal<T>(result: VfsResult<T>) -> Errno {
        result.err().expect("the call must fail").errno()
    }

    /// `/secret`, and a directory `/a/b` with a file `f`.
    fn tree() -> MemFs {
        let fs = MemFs::new();
        fs.create_dir_all("/a/b").expect("new directories");
        fs.write("/secret", b"secret").expect("a new file");
        fs.write("/a/b/f", b"inside").expect("a new file");
        fs
    }

    #[test]
    fn a_subdirectory_conforms() {
        let make = || {
            let fs = tree();
            fs.remove_file("/a/b/f").expect("it is there");
            Subdir::new(&fs, "a/b").expect("it is there").root()
        };
        conformance::run(make, conformance::Capabilities::ALL);
        conformance::run_read_only(|| {
            let fs = MemFs::new();
            fs.create_dir_all("/in").expect("a new directory");
            let inner = ops::open_dir(&fs.root(), "/in").expect("it is there");
            conformance::populate(&*inner);
            let view = Subdir::new(ReadOnly::new(&fs), "/in").expect("it is there");
            view.root()
        });
    }

    #[test]
    fn a2_no_path_and_no_link_leads_out() {
        let fs = tree();
        let root = Subdir::new(&fs, "/a/b").expect("it is there").root();
        for text in ["../../secret", "/secret", "/a/b/f", "../b/f"] {
            root.symlink(text, name("l")).expect("any text is a text");
            assert!(ops::read(&root, "/l").is_err(), "{text}");
            assert!(ops::read(&root, text).is_err(), "{text}");
            root.remove_file(name("l")).expect("it is there");
        }
        root.symlink("/f", name("l")).expect("any text is a text");
        assert_eq!(ops::read(&root, "l"), Ok(b"inside".to_vec()));
    }

    #[test]
    fn a2_the_way_to_the_directory_follows_no_link_and_no_dots() {
        let fs = tree();
        fs.root().symlink("a", name("l")).expect("a new link");
        assert_eq!(refusal(Subdir::new(&fs, "/l/b")), Errno::Loop);
        assert_eq!(refusal(Subdir::new(&fs, "/l")), Errno::Loop);
        assert_eq!(refusal(Subdir::new(&fs, "/a/../a")), Errno::Perm);
        assert_eq!(refusal(Subdir::new(&fs, "/a/none")), Errno::Noent);
        assert_eq!(refusal(Subdir::new(&fs, "/secret")), Errno::Notdir);
        assert!(Subdir::new(&fs, "//a/.//b/").is_ok());
        assert!(Subdir::new(&fs, "").is_ok());
    }

    #[test]
    fn a3_nothing_moves_between_the_view_and_the_tree_and_two_views() {
        let fs = tree();
        let outer = fs.root();
        let view = Subdir::new(&fs, "/a/b").expect("it is there").root();
        let again = Subdir::new(&fs, "/a/b").expect("it is there").root();
        let views: [(&dyn Dir, &dyn Dir); 3] =
            [(&*outer, &*view), (&*view, &*outer), (&*view, &*again)];
        for (from, to) in views {
            for text in ["f", "secret"] {
                if from.stat_at(name(text)).is_ok() {
                    assert_eq!(refusal(from.rename(name(text), to, name("x"))), Errno::Xdev);
                    let linked = from.hard_link(name(text), to, name("x"));
                    assert_eq!(refusal(linked), Errno::Xdev);
                }
            }
        }
        assert_eq!(fs.read("/a/b/f"), Ok(b"inside".to_vec()));
        assert_eq!(fs.read("/secret"), Ok(b"secret".to_vec()));
    }

    #[test]
    fn the_view_stays_with_its_directory() {
        let fs = tree();
        let view = Subdir::new(&fs, "/a/b").expect("it is there");
        let a = ops::open_dir(&fs.root(), "/a").expect("it is there");
        a.rename(name("b"), &*fs.root(), name("moved"))
            .expect("moved");
        fs.create_dir_all("/a/b").expect("another directory");
        assert_eq!(ops::read(&view.root(), "/f"), Ok(b"inside".to_vec()));
        ops::write(&view.root(), "/g", b"new").expect("written");
        assert_eq!(fs.read("/moved/g"), Ok(b"new".to_vec()));
    }
}
