//! Files that are given away as soon as they are whole: segments of a playlist, images of a sequence.

mod state;

use std::any::Any;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use afmpeg_wasi::Errno;
use afmpeg_wasi::vfs::{
    Cookie, Create, Dir, DirEntry, File, Name, OpenOptions, SetTimes, Stat, Vfs, VfsResult,
};

use self::state::{State, lock, refused};

/// A filesystem that gives each file that was written through it to a function as soon as it is whole, and forgets it.
///
/// ```no_run
/// use std::sync::mpsc;
///
/// use afmpeg::stream::HandOver;
/// use afmpeg::{Engine, Input, Job, MemFs, Output, OutputFiles, Runtime};
///
/// # let runtime = Runtime::new(Engine::open("engine.wasm")?)?;
/// # let fs = MemFs::new();
/// let (sender, segments) = mpsc::sync_channel(1);
/// let leaving = HandOver::new(&fs, move |file| {
///     // An upload in another thread; a receiver that has gone is its own affair.
///     let _ = sender.send(file);
/// });
/// let job = Job::new().input(Input::file("/in.mp4")).output(
///     Output::file("/live.m3u8").format("hls").format_option("hls_time", 4).map("0:v"),
/// );
/// std::thread::spawn(move || {
///     for file in segments {
///         println!("{}: {} bytes", file.path, file.bytes.len());
///     }
/// });
/// runtime.invocation(&leaving).outputs(OutputFiles::InPlace).process(&job)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A file is whole when the last handle that could write to it is closed, or, under a name that ends in `.tmp`, when it
/// is renamed. What is written again, as a playlist is, is given again. A file that was given cannot be read any more,
/// but its size is still told and its name can be removed or renamed: so a job finds what it wrote. All that stays of it
/// is this; while it is written it lies in the tree inside, which may be one of the host.
///
/// A job has to write [in place](crate::OutputFiles::InPlace): otherwise its files are whole when it is done, and not
/// before. A job that fails has given what was whole until then, and the end of a segment that it was in.
///
/// The function is called on the thread of the guest, which waits for it, and must not write through this view itself.
/// If it panics it is not called again, and
/// nothing can be written any more, so that the job fails; the file is then still in the tree.
pub struct HandOver {
    root: Arc<dyn Dir>,
    state: Arc<State>,
}

/// A file that was written to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FinishedFile {
    /// Its path in the tree.
    pub path: String,
    /// All its bytes.
    pub bytes: Vec<u8>,
}

impl HandOver {
    /// Gives away what is written to a tree through this view of it. Files that are there already stay.
    pub fn new(tree: impl Vfs, take: impl FnMut(FinishedFile) + Send + 'static) -> Self {
        Self {
            root: tree.root(),
            state: Arc::new(State {
                take: Mutex::new(Some(Box::new(take))),
                files: Mutex::default(),
            }),
        }
    }
}

impl Vfs for HandOver {
    fn root(&self) -> Arc<dyn Dir> {
        Arc::new(HandOverDir {
            inner: Arc::clone(&self.root),
            path: String::new(),
            state: Arc::clone(&self.state),
        })
    }
}

struct HandOverDir {
    inner: Arc<dyn Dir>,
    path: String,
    state: Arc<State>,
}

impl HandOverDir {
    fn path(&self, name: Name<'_>) -> String {
        format!("{}/{}", self.path, name.as_str())
    }

    /// What a name was that has been given away since.
    fn given(&self, name: Name<'_>) -> Option<Stat> {
        self.state.given(&self.path(name))
    }
}

#[deny(
    clippy::missing_trait_methods,
    reason = "a decorator forwards every method"
)]
impl Dir for HandOverDir {
    fn open_file(&self, name: Name<'_>, options: OpenOptions) -> VfsResult<Arc<dyn File>> {
        if !options.write {
            return self.inner.open_file(name, options);
        }
        if lock(&self.state.take).is_none() {
            return Err(refused());
        }
        let path = self.path(name);
        if options.create == Create::New && self.state.given(&path).is_some() {
            return Err(Errno::Exist.into());
        }
        let is_new = options.truncate || self.inner.stat_at(name).is_err();
        let inner = self.inner.open_file(name, options)?;
        let id = self.state.files().open(&self.inner, name.as_str(), &path);
        Ok(Arc::new(Writing {
            inner,
            id,
            state: Arc::clone(&self.state),
            changed: AtomicBool::new(is_new),
        }))
    }

    fn open_dir(&self, name: Name<'_>) -> VfsResult<Arc<dyn Dir>> {
        Ok(Arc::new(Self {
            inner: self.inner.open_dir(name)?,
            path: self.path(name),
            state: Arc::clone(&self.state),
        }))
    }

    fn stat(&self) -> VfsResult<Stat> {
        self.inner.stat()
    }

    fn stat_at(&self, name: Name<'_>) -> VfsResult<Stat> {
        self.given(name)
            .map_or_else(|| self.inner.stat_at(name), Ok)
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
        if self.given(name).is_none() {
            self.inner.remove_file(name)?;
        }
        self.state.files().forget(&self.path(name));
        Ok(())
    }

    fn remove_dir(&self, name: Name<'_>) -> VfsResult<()> {
        self.inner.remove_dir(name)
    }

    fn rename(&self, from: Name<'_>, to_dir: &dyn Dir, to: Name<'_>) -> VfsResult<()> {
        let Some(to_dir) = to_dir.as_any().downcast_ref::<Self>() else {
            return Err(Errno::Xdev.into());
        };
        let (path, new) = (self.path(from), to_dir.path(to));
        if self.state.given(&path).is_none() {
            self.inner.rename(from, to_dir.inner.as_ref(), to)?;
        }
        if path == new {
            return Ok(());
        }
        let moved = (&to_dir.inner, to.as_str(), new);
        let due = self.state.files().moved(&path, moved);
        due.map_or(Ok(()), |file| self.state.give(&file))
    }

    fn symlink(&self, target: &str, name: Name<'_>) -> VfsResult<()> {
        self.inner.symlink(target, name)
    }

    fn read_link(&self, name: Name<'_>) -> VfsResult<String> {
        match self.given(name) {
            Some(_) => Err(Errno::Inval.into()),
            None => self.inner.read_link(name),
        }
    }

    fn hard_link(&self, from: Name<'_>, to_dir: &dyn Dir, to: Name<'_>) -> VfsResult<()> {
        let Some(to_dir) = to_dir.as_any().downcast_ref::<Self>() else {
            return Err(Errno::Xdev.into());
        };
        self.inner.hard_link(from, to_dir.inner.as_ref(), to)
    }

    fn set_times_at(&self, name: Name<'_>, times: SetTimes) -> VfsResult<()> {
        match self.given(name) {
            Some(_) => Ok(()),
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

/// A handle that can write. Its end is the end of the file, if there is no other.
struct Writing {
    inner: Arc<dyn File>,
    id: u64,
    state: Arc<State>,
    changed: AtomicBool,
}

impl Drop for Writing {
    fn drop(&mut self) {
        let changed = self.changed.load(Ordering::Relaxed);
        let due = self.state.files().close(self.id, changed);
        if let Some(file) = due {
            // Nobody can be told of an error here: the file stays where it is.
            let _ = self.state.give(&file);
        }
    }
}

#[deny(
    clippy::missing_trait_methods,
    reason = "a decorator forwards every method"
)]
impl File for Writing {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> VfsResult<usize> {
        self.inner.read_at(offset, buf)
    }

    fn len(&self) -> VfsResult<u64> {
        self.inner.len()
    }

    fn stat(&self) -> VfsResult<Stat> {
        self.inner.stat()
    }

    fn is_empty(&self) -> VfsResult<bool> {
        self.inner.is_empty()
    }

    fn write_at(&self, offset: u64, data: &[u8]) -> VfsResult<usize> {
        self.changed.store(true, Ordering::Relaxed);
        self.inner.write_at(offset, data)
    }

    fn append(&self, data: &[u8]) -> VfsResult<(usize, u64)> {
        self.changed.store(true, Ordering::Relaxed);
        self.inner.append(data)
    }

    fn set_len(&self, len: u64) -> VfsResult<()> {
        self.changed.store(true, Ordering::Relaxed);
        self.inner.set_len(len)
    }

    fn allocate(&self, offset: u64, len: u64) -> VfsResult<()> {
        self.changed.store(true, Ordering::Relaxed);
        self.inner.allocate(offset, len)
    }

    fn set_times(&self, times: SetTimes) -> VfsResult<()> {
        self.inner.set_times(times)
    }

    fn sync(&self, data_only: bool) -> VfsResult<()> {
        self.inner.sync(data_only)
    }

    fn seekable(&self) -> bool {
        self.inner.seekable()
    }
}

#[cfg(test)]
mod tests;
