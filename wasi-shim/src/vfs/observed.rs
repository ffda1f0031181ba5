//! `Observed`: tells a callback what is done to a tree.

use std::sync::Arc;

use super::intercept::{Call, Hook, hooked};
use super::{Dir, Vfs, VfsError};

/// A tree that behaves as the one inside and reports every operation when it is over.
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicUsize, Ordering};
/// use afmpeg_wasi::vfs::{MemFs, Observed, Operation, Vfs, ops};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let fs = MemFs::new();
/// let written = Arc::new(AtomicUsize::new(0));
/// let sum = Arc::clone(&written);
/// let watched = Observed::new(&fs, move |call, result| {
///     if let (Operation::Write, Ok(bytes)) = (call.operation(), result) {
///         sum.fetch_add(bytes, Ordering::Relaxed);
///     }
/// });
/// ops::write(&watched.root(), "/out", b"four")?;
/// assert_eq!(written.load(Ordering::Relaxed), 4);
/// # Ok(())
/// # }
/// ```
///
/// The report is the [`Call`] and its result: the bytes that a read, write or append moved, 0 for
/// the others, or the error. It is made by the thread that did the operation, before that goes on,
/// so a slow callback is a slow tree; it may use the tree itself, which makes more reports.
#[derive(Clone)]
pub struct Observed {
    inner: Arc<dyn Dir>,
    watcher: Arc<Watcher>,
}

impl Observed {
    /// Reports what is done through this view of a tree. Handles of the tree itself go unnoticed.
    pub fn new(
        tree: impl Vfs,
        report: impl Fn(&Call<'_>, Result<usize, VfsError>) + Send + Sync + 'static,
    ) -> Self {
        Self {
            inner: tree.root(),
            watcher: Arc::new(Watcher {
                report: Box::new(report),
            }),
        }
    }
}

impl Vfs for Observed {
    fn root(&self) -> Arc<dyn Dir> {
        hooked(Arc::clone(&self.inner), &self.watcher)
    }
}

type Report = dyn Fn(&Call<'_>, Result<usize, VfsError>) + Send + Sync;

struct Watcher {
    report: Box<Report>,
}

impl Hook for Watcher {
    fn after(&self, call: &Call<'_>, result: Result<usize, VfsError>) {
        (self.report)(call, result);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::errno::Errno;
    use crate::vfs::{
        Cookie, MemFs, Name, OpenOptions, Operation, SetTimes, VfsResult, conformance, ops,
    };

    fn name(text: &str) -> Name<'_> {
        Name::new(text).expect("a test's name is valid")
    }

    type Seen = Arc<Mutex<Vec<(Operation, String, Result<usize, Errno>)>>>;

    fn watched(fs: &MemFs) -> (Observed, Seen) {
        let seen = Seen::default();
        let keep = Arc::clone(&seen);
        let observed = Observed::new(fs, move |call, result| {
            let result = result.map_err(|error| error.errno());
            keep.lock()
                .expect("nothing panics here")
                .push((call.operation(), call.path(), result));
        });
        (observed, seen)
    }

    #[test]
    fn an_observed_tree_conforms() {
        let make = || Observed::new(MemFs::new(), |_, _| ()).root();
        conformance::run(make, conformance::Capabilities::ALL);
    }

    #[test]
    fn every_operation_is_reported_with_its_path_bytes_and_result() {
        let fs = MemFs::new();
        fs.create_dir_all("/d").expect("a new directory");
        let (observed, seen) = watched(&fs);
        let root = observed.root();
        let dir = root.open_dir(name("d")).expect("it is there");
        let file = dir
            .open_file(name("f"), OpenOptions::READ_WRITE)
            .expect("created");
        file.write_at(0, b"12345").expect("written");
        file.append(b"678").expect("written");
        file.read_at(6, &mut [0; 64]).expect("read");
        assert!(root.stat_at(name("none")).is_err());
        let seen: Vec<_> = std::mem::take(&mut *seen.lock().expect("nothing panics here"));
        let expected: [(Operation, &str, Result<usize, Errno>); 6] = [
            (Operation::OpenDir, "/d", Ok(0)),
            (Operation::OpenFile, "/d/f", Ok(0)),
            (Operation::Write, "/d/f", Ok(5)),
            (Operation::Append, "/d/f", Ok(3)),
            (Operation::Read, "/d/f", Ok(2)),
            (Operation::Stat, "/none", Err(Errno::Noent)),
        ];
        let expected = expected.map(|(operation, path, result)| (operation, path.into(), result));
        assert_eq!(seen, expected);
    }

    /// A method that a decorator forgets is answered by the default of the trait, unseen.
    #[test]
    fn each_method_makes_one_report() {
        let fs = MemFs::new();
        let (observed, seen) = watched(&fs);
        let root = observed.root();
        let times = SetTimes::default();
        let file = root
            .open_file(name("f"), OpenOptions::READ_WRITE)
            .expect("created");
        let steps: Vec<(Operation, VfsResult<()>)> = vec![
            (Operation::CreateDir, root.create_dir(name("d"))),
            (Operation::Symlink, root.symlink("f", name("l"))),
            (Operation::ReadLink, root.read_link(name("l")).map(drop)),
            (
                Operation::HardLink,
                root.hard_link(name("f"), &*root, name("g")),
            ),
            (Operation::Rename, root.rename(name("g"), &*root, name("h"))),
            (Operation::SetTimes, root.set_times(times)),
            (Operation::SetTimes, root.set_times_at(name("h"), times)),
            (Operation::Stat, root.stat().map(drop)),
            (Operation::Sync, root.sync()),
            (
                Operation::ReadDir,
                root.read_dir(Cookie::START, &mut |_| std::ops::ControlFlow::Break(())),
            ),
            (Operation::RemoveFile, root.remove_file(name("h"))),
            (Operation::RemoveDir, root.remove_dir(name("d"))),
            (Operation::SetLen, file.set_len(9)),
            (Operation::Allocate, file.allocate(0, 9)),
            (Operation::SetTimes, file.set_times(times)),
            (Operation::Stat, file.stat().map(drop)),
            (Operation::Stat, file.len().map(drop)),
            (Operation::Stat, file.is_empty().map(drop)),
            (Operation::Sync, file.sync(true)),
        ];
        let seen = seen.lock().expect("nothing panics here");
        assert_eq!(seen.len(), steps.len() + 1, "and one for the open file");
        for ((operation, result), (seen, _, _)) in steps.into_iter().zip(&seen[1..]) {
            assert_eq!(result, Ok(()), "{operation:?}");
            assert_eq!(*seen, operation);
        }
    }

    #[test]
    fn a_rename_tells_both_names_and_another_tree_has_none() {
        let fs = MemFs::new();
        fs.write("/f", b"").expect("written");
        let targets = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&targets);
        let observed = Observed::new(&fs, move |call, _| {
            keep.lock().expect("nothing panics here").push(call.to());
        });
        let root = observed.root();
        root.rename(name("f"), &*root, name("g")).expect("renamed");
        let other = root.rename(name("g"), &*fs.root(), name("h"));
        assert_eq!(other.map_err(|e| e.errno()), Err(Errno::Xdev));
        assert_eq!(
            *targets.lock().expect("nothing panics here"),
            [Some("/g".to_owned()), None]
        );
        assert_eq!(ops::read(&root, "/g"), Ok(Vec::new()));
    }
}
