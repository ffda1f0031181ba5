//! Outputs that appear whole: what a job writes lies aside under another name until the job is done.
//!
//! The guest sees its outputs under their own names; whoever else looks at the filesystem sees what was there
//! before. A file lies aside in the directory of its name, so that moving it into place is one rename there.

use std::any::Any;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use afmpeg_wasi::Errno;
use afmpeg_wasi::vfs::{
    Cookie, Create, Dir, DirEntry, File, FileType, Name, OpenOptions, SetTimes, Stat, VfsError,
    VfsResult,
};

/// What lies aside of one job.
pub(super) struct Aside {
    root: Arc<AsideDir>,
}

impl Aside {
    /// A view of a tree in which files that are begun lie aside.
    pub(super) fn new(root: Arc<dyn Dir>) -> Self {
        let state = Arc::new(State {
            token: RandomState::new().hash_one(std::process::id()),
            next: AtomicU64::new(0),
            files: Mutex::default(),
            made: Mutex::default(),
        });
        Self {
            root: Arc::new(AsideDir {
                inner: root,
                path: Vec::new(),
                state,
            }),
        }
    }

    /// The tree as the job sees it.
    pub(super) fn root(&self) -> Arc<dyn Dir> {
        Arc::clone(&self.root) as Arc<dyn Dir>
    }

    /// Moves everything into place, one file after the other.
    ///
    /// # Errors
    ///
    /// A file could not be moved: those before it are in place, it and the others still lie aside.
    pub(super) fn commit(&self) -> VfsResult<()> {
        while let Some(file) = self.root.state.first() {
            if let Err(error) = file.rename(&file.name) {
                self.root.state.files().insert(0, file);
                return Err(error);
            }
        }
        lock(&self.root.state.made).clear();
        Ok(())
    }

    /// Removes everything, and the directories that the job made for it.
    pub(super) fn abort(&self) {
        while let Some(file) = self.root.state.first() {
            file.remove();
        }
        let made = std::mem::take(&mut *lock(&self.root.state.made));
        for (dir, name) in made.into_iter().rev() {
            if let Ok(name) = Name::new(&name) {
                // It may hold what others have put there.
                unpanicked(|| dir.remove_dir(name));
            }
        }
    }

    /// Leaves what was written as `NAME.partial`, or where it is if it cannot be renamed, and says which files these
    /// are.
    pub(super) fn keep_partial(&self) -> Vec<String> {
        let mut kept = Vec::new();
        while let Some(file) = self.root.state.first() {
            let mut name = format!("{}{PARTIAL}", file.name);
            // A name may be as long as the tree allows: then it stays what it is.
            if file.rename(&name).is_err() {
                name.clone_from(&file.aside);
            }
            let path = file.path.iter().map(String::as_str).chain([name.as_str()]);
            kept.push(path.fold(String::new(), |path, name| path + "/" + name));
        }
        lock(&self.root.state.made).clear();
        kept
    }
}

/// A job whose filesystem panics leaves nothing either.
impl Drop for Aside {
    fn drop(&mut self) {
        self.abort();
    }
}

/// The end of the name of a file that is not done.
const PARTIAL: &str = ".partial";

struct State {
    /// Tells the files of this job from those of others in the same directory.
    token: u64,
    next: AtomicU64,
    files: Mutex<Vec<Waiting>>,
    /// Directories that the job made, in the order in which it did.
    made: Mutex<Vec<(Arc<dyn Dir>, String)>>,
}

impl State {
    fn files(&self) -> MutexGuard<'_, Vec<Waiting>> {
        lock(&self.files)
    }

    fn first(&self) -> Option<Waiting> {
        let mut files = self.files();
        (!files.is_empty()).then(|| files.remove(0))
    }

    fn is_aside(&self, name: &str) -> bool {
        name.starts_with(&self.prefix())
    }

    fn prefix(&self) -> String {
        format!(".afmpeg-{:016x}-", self.token)
    }

    fn fresh(&self) -> String {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        format!("{}{number}{PARTIAL}", self.prefix())
    }
}

/// A file that lies aside.
struct Waiting {
    /// The names of the directories above it, from the root on.
    path: Vec<String>,
    /// What it will be called.
    name: String,
    /// What it is called.
    aside: String,
    dir: Arc<dyn Dir>,
}

impl Waiting {
    fn rename(&self, to: &str) -> VfsResult<()> {
        self.dir
            .rename(Name::new(&self.aside)?, self.dir.as_ref(), Name::new(to)?)
    }

    fn remove(&self) {
        if let Ok(name) = Name::new(&self.aside) {
            unpanicked(|| self.dir.remove_file(name));
        }
    }
}

struct AsideDir {
    inner: Arc<dyn Dir>,
    path: Vec<String>,
    state: Arc<State>,
}

impl AsideDir {
    /// Where the file of this name lies, if it was begun.
    fn aside(&self, name: &str) -> Option<String> {
        let files = self.state.files();
        let file = files
            .iter()
            .find(|file| file.name == name && file.path == self.path);
        file.map(|file| file.aside.clone())
    }

    /// Forgets that a file lies aside.
    fn forget(&self, name: &str) -> Option<Waiting> {
        let mut files = self.state.files();
        let at = files
            .iter()
            .position(|file| file.name == name && file.path == self.path)?;
        Some(files.remove(at))
    }

    /// Begins a file aside, or in its place where the tree cannot rename.
    fn begin(&self, name: Name<'_>, options: OpenOptions) -> VfsResult<Arc<dyn File>> {
        let new = OpenOptions {
            create: Create::New,
            ..options
        };
        loop {
            let (first, aside) = (self.state.fresh(), self.state.fresh());
            let (from, to) = (Name::new(&first)?, Name::new(&aside)?);
            let file = match self.inner.open_file(from, new) {
                Ok(file) => file,
                Err(error) if error.errno() == Errno::Exist => continue,
                Err(error) if cannot(&error) => return self.inner.open_file(name, options),
                Err(error) => return Err(error),
            };
            // What cannot be renamed now could not be moved into place at the end.
            if let Err(error) = self.inner.rename(from, self.inner.as_ref(), to) {
                drop(file);
                self.inner.remove_file(from)?;
                return match cannot(&error) {
                    true => self.inner.open_file(name, options),
                    false => Err(error),
                };
            }
            self.state.files().push(Waiting {
                path: self.path.clone(),
                name: name.as_str().to_owned(),
                aside,
                dir: Arc::clone(&self.inner),
            });
            return Ok(file);
        }
    }

    /// Whether opening a name would make a new file of it.
    fn begins(&self, name: Name<'_>, options: OpenOptions) -> VfsResult<bool> {
        if options.create == Create::Never && !options.truncate {
            return Ok(false);
        }
        match self.inner.stat_at(name) {
            Ok(stat) => {
                let replaces = stat.file_type == FileType::RegularFile
                    && options.truncate
                    && options.create != Create::New;
                if replaces {
                    // Who may not write to a file may not replace it either.
                    let write = OpenOptions {
                        write: true,
                        ..OpenOptions::default()
                    };
                    self.inner.open_file(name, write)?;
                }
                Ok(replaces)
            }
            Err(error) if error.errno() == Errno::Noent => Ok(options.create != Create::Never),
            Err(error) => Err(error),
        }
    }
}

/// Whether a tree does not do such things at all.
fn cannot(error: &VfsError) -> bool {
    matches!(
        error.errno(),
        Errno::Rofs | Errno::Notsup | Errno::Nosys | Errno::Perm | Errno::Acces
    )
}

#[deny(
    clippy::missing_trait_methods,
    reason = "a decorator forwards every method"
)]
impl Dir for AsideDir {
    fn open_file(&self, name: Name<'_>, options: OpenOptions) -> VfsResult<Arc<dyn File>> {
        if let Some(aside) = self.aside(name.as_str()) {
            if options.create == Create::New {
                return Err(Errno::Exist.into());
            }
            let options = OpenOptions {
                create: Create::Never,
                ..options
            };
            return self.inner.open_file(Name::new(&aside)?, options);
        }
        if self.begins(name, options)? {
            return self.begin(name, options);
        }
        self.inner.open_file(name, options)
    }

    fn open_dir(&self, name: Name<'_>) -> VfsResult<Arc<dyn Dir>> {
        let inner = self.inner.open_dir(name)?;
        let mut path = self.path.clone();
        path.push(name.as_str().to_owned());
        Ok(Arc::new(Self {
            inner,
            path,
            state: Arc::clone(&self.state),
        }))
    }

    fn stat(&self) -> VfsResult<Stat> {
        self.inner.stat()
    }

    fn stat_at(&self, name: Name<'_>) -> VfsResult<Stat> {
        match self.aside(name.as_str()) {
            Some(aside) => self.inner.stat_at(Name::new(&aside)?),
            None => self.inner.stat_at(name),
        }
    }

    fn read_dir(
        &self,
        from: Cookie,
        each: &mut dyn FnMut(DirEntry) -> ControlFlow<()>,
    ) -> VfsResult<()> {
        self.inner.read_dir(from, &mut |mut entry| {
            if self.state.is_aside(&entry.name) {
                let name = {
                    let files = self.state.files();
                    let file = files.iter().find(|file| file.aside == entry.name);
                    file.map(|file| file.name.clone())
                };
                // A file that it will replace is in the list by itself.
                let new = |name: &String| {
                    Name::new(name).is_ok_and(|name| self.inner.stat_at(name).is_err())
                };
                match name.filter(new) {
                    Some(name) => entry.name = name,
                    None => return ControlFlow::Continue(()),
                }
            }
            each(entry)
        })
    }

    fn create_dir(&self, name: Name<'_>) -> VfsResult<()> {
        self.inner.create_dir(name)?;
        let made = (Arc::clone(&self.inner), name.as_str().to_owned());
        lock(&self.state.made).push(made);
        Ok(())
    }

    fn remove_file(&self, name: Name<'_>) -> VfsResult<()> {
        let Some(file) = self.forget(name.as_str()) else {
            return self.inner.remove_file(name);
        };
        self.inner.remove_file(Name::new(&file.aside)?)?;
        match self.inner.remove_file(name) {
            Err(error) if error.errno() == Errno::Noent => Ok(()),
            replaced => replaced,
        }
    }

    fn remove_dir(&self, name: Name<'_>) -> VfsResult<()> {
        self.inner.remove_dir(name)
    }

    fn rename(&self, from: Name<'_>, to_dir: &dyn Dir, to: Name<'_>) -> VfsResult<()> {
        let Some(to_dir) = to_dir.as_any().downcast_ref::<Self>() else {
            return Err(Errno::Xdev.into());
        };
        let Some(aside) = self.aside(from.as_str()) else {
            self.inner.rename(from, to_dir.inner.as_ref(), to)?;
            // What was begun under the new name is replaced.
            if let Some(replaced) = to_dir.forget(to.as_str()) {
                replaced.remove();
            }
            return Ok(());
        };
        if self.path == to_dir.path && from.as_str() == to.as_str() {
            return Ok(());
        }
        if self.path != to_dir.path {
            let aside = Name::new(&aside)?;
            self.inner.rename(aside, to_dir.inner.as_ref(), aside)?;
        }
        let replaced = to_dir.forget(to.as_str());
        if let Some(mut file) = self.forget(from.as_str()) {
            file.path.clone_from(&to_dir.path);
            file.name = to.as_str().to_owned();
            file.dir = Arc::clone(&to_dir.inner);
            self.state.files().push(file);
        }
        if let Some(replaced) = replaced {
            replaced.remove();
        }
        Ok(())
    }

    fn symlink(&self, target: &str, name: Name<'_>) -> VfsResult<()> {
        match self.aside(name.as_str()) {
            Some(_) => Err(Errno::Exist.into()),
            None => self.inner.symlink(target, name),
        }
    }

    fn read_link(&self, name: Name<'_>) -> VfsResult<String> {
        match self.aside(name.as_str()) {
            Some(_) => Err(Errno::Inval.into()),
            None => self.inner.read_link(name),
        }
    }

    fn hard_link(&self, from: Name<'_>, to_dir: &dyn Dir, to: Name<'_>) -> VfsResult<()> {
        let Some(to_dir) = to_dir.as_any().downcast_ref::<Self>() else {
            return Err(Errno::Xdev.into());
        };
        if self.aside(from.as_str()).is_some() || to_dir.aside(to.as_str()).is_some() {
            return Err(Errno::Notsup.into());
        }
        self.inner.hard_link(from, to_dir.inner.as_ref(), to)
    }

    fn set_times_at(&self, name: Name<'_>, times: SetTimes) -> VfsResult<()> {
        match self.aside(name.as_str()) {
            Some(aside) => self.inner.set_times_at(Name::new(&aside)?, times),
            None => self.inner.set_times_at(name, times),
        }
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

/// Removes what a job that failed has left. There is nobody to tell of an error; and a filesystem that panics here may have
/// panicked before, which is why the job is being dropped: a second panic would end the process.
fn unpanicked(remove: impl FnOnce() -> VfsResult<()>) {
    let _ = catch_unwind(AssertUnwindSafe(remove));
}

/// What a thread that panicked has left is as good as ever: each change is one step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use afmpeg_wasi::vfs::{MemFs, ReadOnly, Vfs as _, ops};

    use super::*;

    fn begun() -> (MemFs, Aside) {
        let fs = MemFs::new();
        fs.write("/old", b"old").expect("room");
        let aside = Aside::new(fs.root());
        let root = aside.root();
        ops::write(&root, "/old", b"newer").expect("it is written");
        ops::create_dir_all(&root, "/d/e").expect("it is made");
        ops::write(&root, "/d/e/new", b"new").expect("it is written");
        (fs, aside)
    }

    fn names(root: &Arc<dyn Dir>, path: &str) -> Vec<String> {
        let entries = ops::read_dir(root, path).expect("it is there").into_iter();
        let mut names: Vec<_> = entries.map(|entry| entry.name).collect();
        names.sort();
        names
    }

    #[test]
    fn only_the_job_sees_what_it_has_begun() {
        let (fs, aside) = begun();
        let root = aside.root();
        assert_eq!(ops::read(&root, "/old").expect("it is there"), b"newer");
        assert_eq!(ops::stat(&root, "/d/e/new").expect("it is there").size, 3);
        assert_eq!(names(&root, "/"), ["d", "old"]);
        assert_eq!(names(&root, "/d/e"), ["new"]);
        assert_eq!(fs.read("/old").expect("it is there"), b"old");
        assert!(fs.read("/d/e/new").is_err());
        aside.commit().expect("all is moved");
        assert_eq!(fs.read("/old").expect("it is there"), b"newer");
        assert_eq!(fs.read("/d/e/new").expect("it is there"), b"new");
        assert_eq!(names(&fs.root(), "/"), ["d", "old"]);
        assert_eq!(names(&fs.root(), "/d/e"), ["new"]);
    }

    #[test]
    fn what_is_not_done_leaves_nothing() {
        let (fs, aside) = begun();
        aside.abort();
        assert_eq!(fs.read("/old").expect("it is there"), b"old");
        assert_eq!(names(&fs.root(), "/"), ["old"]);
    }

    #[test]
    fn what_is_kept_says_that_it_is_not_done() {
        let (fs, aside) = begun();
        assert_eq!(aside.keep_partial(), ["/old.partial", "/d/e/new.partial"]);
        assert_eq!(fs.read("/old").expect("it is there"), b"old");
        assert_eq!(fs.read("/old.partial").expect("it is there"), b"newer");
        assert_eq!(names(&fs.root(), "/d/e"), ["new.partial"]);
    }

    #[test]
    fn what_cannot_be_moved_into_place_is_not_lost() {
        let (fs, aside) = begun();
        // A directory has taken the name of the first file.
        fs.remove_file("/old").expect("it was there");
        fs.create_dir_all("/old/child").expect("it is made");
        assert!(aside.commit().is_err());
        assert_eq!(aside.keep_partial(), ["/old.partial", "/d/e/new.partial"]);
        assert_eq!(fs.read("/old.partial").expect("it is there"), b"newer");
    }

    #[test]
    fn files_are_renamed_replaced_and_removed_while_they_lie_aside() {
        let (fs, aside) = begun();
        let root = aside.root();
        // As playlists are written: aside by the muxer itself.
        ops::write(&root, "/list.tmp", b"1").expect("it is written");
        ops::rename(&root, "/list.tmp", "/list").expect("it is renamed");
        ops::write(&root, "/list.tmp", b"22").expect("it is written");
        ops::rename(&root, "/list.tmp", "/d/list").expect("it is renamed");
        ops::rename(&root, "/d/list", "/list").expect("it is renamed");
        ops::write(&root, "/gone", b"x").expect("it is written");
        ops::remove_file(&root, "/gone").expect("it is removed");
        ops::remove_file(&root, "/old").expect("it is removed");
        assert_eq!(names(&root, "/"), ["d", "list"]);
        aside.commit().expect("all is moved");
        assert_eq!(names(&fs.root(), "/"), ["d", "list"]);
        assert_eq!(fs.read("/list").expect("it is there"), b"22");
    }

    #[test]
    fn a_tree_that_is_only_read_refuses_as_ever() {
        let fs = MemFs::new();
        let aside = Aside::new(ReadOnly::new(fs).root());
        let error = ops::write(&aside.root(), "/new", b"x").expect_err("nothing is written");
        assert_eq!(error.errno(), Errno::Rofs);
    }
}
