//! A filesystem that counts what is read of certain files and what is written to any: where the
//! progress of a job comes from while the engine itself knows none.

use std::any::Any;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use afmpeg_wasi::vfs::{
    Cookie, Dir, DirEntry, File, Name, OpenOptions, SetTimes, Stat, VfsResult, ops,
};

/// What was moved so far.
#[derive(Debug, Default)]
pub(super) struct Counters {
    /// Bytes read of the inputs.
    pub(super) read: AtomicU64,
    /// Bytes written.
    pub(super) written: AtomicU64,
    /// Bytes of all inputs together; 0 when there are none.
    pub(super) total: u64,
    /// The inputs, as device and number.
    inputs: Vec<(u64, u64)>,
}

impl Counters {
    /// Counters for the inputs at these paths; those that are not there count nothing.
    pub(super) fn new<'a>(
        root: &Arc<dyn Dir>,
        paths: impl IntoIterator<Item = &'a str>,
    ) -> Arc<Self> {
        let mut counters = Self::default();
        for stat in paths
            .into_iter()
            .filter_map(|path| ops::stat(root, path).ok())
        {
            counters.total = counters.total.saturating_add(stat.size);
            counters.inputs.push((stat.dev, stat.ino));
        }
        Arc::new(counters)
    }
}

/// A directory of which every file that is opened counts.
pub(super) struct Observed {
    inner: Arc<dyn Dir>,
    counters: Arc<Counters>,
}

impl Observed {
    pub(super) fn new(inner: Arc<dyn Dir>, counters: Arc<Counters>) -> Self {
        Self { inner, counters }
    }
}

#[deny(
    clippy::missing_trait_methods,
    reason = "a decorator forwards every method"
)]
impl Dir for Observed {
    fn open_file(&self, name: Name<'_>, options: OpenOptions) -> VfsResult<Arc<dyn File>> {
        let inner = self.inner.open_file(name, options)?;
        let input = inner
            .stat()
            .is_ok_and(|stat| self.counters.inputs.contains(&(stat.dev, stat.ino)));
        Ok(Arc::new(ObservedFile {
            inner,
            input,
            counters: Arc::clone(&self.counters),
        }))
    }

    fn open_dir(&self, name: Name<'_>) -> VfsResult<Arc<dyn Dir>> {
        let inner = self.inner.open_dir(name)?;
        Ok(Arc::new(Self::new(inner, Arc::clone(&self.counters))))
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
        self.inner.rename(from, to_dir, to)
    }

    fn symlink(&self, target: &str, name: Name<'_>) -> VfsResult<()> {
        self.inner.symlink(target, name)
    }

    fn read_link(&self, name: Name<'_>) -> VfsResult<String> {
        self.inner.read_link(name)
    }

    fn hard_link(&self, from: Name<'_>, to_dir: &dyn Dir, to: Name<'_>) -> VfsResult<()> {
        self.inner.hard_link(from, to_dir, to)
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

    /// The inner directory: backends look for their own type in the other side of a rename.
    fn as_any(&self) -> &dyn Any {
        self.inner.as_any()
    }
}

struct ObservedFile {
    inner: Arc<dyn File>,
    input: bool,
    counters: Arc<Counters>,
}

impl ObservedFile {
    fn wrote(&self, count: usize) {
        self.counters
            .written
            .fetch_add(count as u64, Ordering::Relaxed);
    }
}

#[deny(
    clippy::missing_trait_methods,
    reason = "a decorator forwards every method"
)]
impl File for ObservedFile {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> VfsResult<usize> {
        let count = self.inner.read_at(offset, buf)?;
        if self.input {
            self.counters
                .read
                .fetch_add(count as u64, Ordering::Relaxed);
        }
        Ok(count)
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
        let count = self.inner.write_at(offset, data)?;
        self.wrote(count);
        Ok(count)
    }

    fn append(&self, data: &[u8]) -> VfsResult<(usize, u64)> {
        let (count, end) = self.inner.append(data)?;
        self.wrote(count);
        Ok((count, end))
    }

    fn set_len(&self, len: u64) -> VfsResult<()> {
        self.inner.set_len(len)
    }

    fn allocate(&self, offset: u64, len: u64) -> VfsResult<()> {
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
mod tests {
    use afmpeg_wasi::vfs::{MemFs, Vfs};

    use super::*;

    #[test]
    fn inputs_are_counted_when_read_and_everything_when_written() {
        let fs = MemFs::new();
        fs.create_dir_all("/d").expect("the directory can be made");
        fs.write("/d/in", vec![1; 1000])
            .expect("the file can be written");
        fs.write("/other", vec![1; 500])
            .expect("the file can be written");
        let counters = Counters::new(&fs.root(), ["/d/in", "/missing"]);
        assert_eq!(counters.total, 1000);
        let root: Arc<dyn Dir> = Arc::new(Observed::new(fs.root(), Arc::clone(&counters)));
        ops::read(&root, "/d/in").expect("it can be read");
        ops::read(&root, "/other").expect("it can be read");
        ops::write(&root, "/d/out", [0; 30]).expect("it can be written");
        assert_eq!(counters.read.load(Ordering::Relaxed), 1000);
        assert_eq!(counters.written.load(Ordering::Relaxed), 30);
    }

    #[test]
    fn renames_between_observed_directories_reach_the_backend() {
        let fs = MemFs::new();
        fs.create_dir_all("/d").expect("the directory can be made");
        fs.write("/a", b"x").expect("the file can be written");
        let counters = Counters::new(&fs.root(), []);
        let root: Arc<dyn Dir> = Arc::new(Observed::new(fs.root(), counters));
        ops::rename(&root, "/a", "/d/b").expect("one filesystem");
        assert_eq!(fs.read("/d/b").expect("it was moved"), b"x");
    }
}
