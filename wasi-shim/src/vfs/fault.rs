//! `FaultInject`: a tree that fails where a test wants it to.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::intercept::{Call, Hook, Operation, hooked};
use super::{Dir, Vfs, VfsError, VfsResult};
use crate::errno::Errno;

/// A tree whose operations fail by plan, for tests of what runs on it.
///
/// ```
/// use afmpeg_wasi::Errno;
/// use afmpeg_wasi::vfs::{FaultInject, Faults, MemFs, Operation, Vfs, ops};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let fs = MemFs::new();
/// let plan = Faults::none().nth_of(Operation::Write, 2, Errno::Nospc).short_transfers(7);
/// let faulty = FaultInject::new(&fs, plan);
/// let error = ops::write(&faulty.root(), "/f", [1; 1000]).unwrap_err();
/// assert_eq!(error.errno(), Errno::Nospc);
/// assert_eq!(faulty.injected(), 1);
/// # Ok(())
/// # }
/// ```
///
/// An operation that fails has not happened. Operations are counted over the whole tree in the order
/// they begin; with one thread the same operations meet the same faults every time. To fail each
/// operation of a test once, run it without faults, take [`FaultInject::calls`], and run it that
/// many times with [`Faults::nth`].
#[derive(Clone)]
pub struct FaultInject {
    inner: Arc<dyn Dir>,
    injector: Arc<Injector>,
}

impl FaultInject {
    /// Fails operations of a tree. Handles of the tree itself are not affected.
    pub fn new(tree: impl Vfs, faults: Faults) -> Self {
        Self {
            inner: tree.root(),
            injector: Arc::new(Injector {
                faults,
                calls: AtomicU64::new(0),
                injected: AtomicU64::new(0),
            }),
        }
    }

    /// How many operations there were, failed ones included.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.injector.calls.load(Ordering::Relaxed)
    }

    /// How many operations were made to fail. Those that were only cut short do not count.
    #[must_use]
    pub fn injected(&self) -> u64 {
        self.injector.injected.load(Ordering::Relaxed)
    }
}

impl Vfs for FaultInject {
    fn root(&self) -> Arc<dyn Dir> {
        hooked(Arc::clone(&self.inner), &self.injector)
    }
}

/// Which operations of a [`FaultInject`] fail, and with what. The first rule that applies decides.
#[derive(Default)]
pub struct Faults {
    rules: Vec<Rule>,
    short: Option<u64>,
}

/// Answers with the errno that the operation of this number, from 1, fails with.
type Rule = Box<dyn Fn(&Call<'_>, u64) -> Option<Errno> + Send + Sync>;

impl Faults {
    /// Nothing fails.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Fails the `n`-th operation; the first is 1.
    #[must_use]
    pub fn nth(self, n: u64, errno: Errno) -> Self {
        self.when(move |_, number| (number == n).then_some(errno))
    }

    /// Fails the `n`-th operation of one kind; the first is 1.
    #[must_use]
    pub fn nth_of(self, operation: Operation, n: u64, errno: Errno) -> Self {
        let count = AtomicU64::new(0);
        self.when(move |call, _| {
            let hit = call.operation() == operation
                && count.fetch_add(1, Ordering::Relaxed).wrapping_add(1) == n;
            hit.then_some(errno)
        })
    }

    /// Fails the `n`-th operation and all that follow, as a device does that was pulled out.
    #[must_use]
    pub fn all_from(self, n: u64, errno: Errno) -> Self {
        self.when(move |_, number| (number >= n).then_some(errno))
    }

    /// Fails every operation of one kind.
    #[must_use]
    pub fn every(self, operation: Operation, errno: Errno) -> Self {
        self.when(move |call, _| (call.operation() == operation).then_some(errno))
    }

    /// Fails about one operation in `one_in`, chosen by `seed` and the number of the operation. 0
    /// fails none.
    #[must_use]
    pub fn at_random(self, seed: u64, one_in: u32, errno: Errno) -> Self {
        self.when(move |_, number| {
            let hit = one_in > 0 && mix(seed, number).is_multiple_of(u64::from(one_in));
            hit.then_some(errno)
        })
    }

    /// Fails what `rule` has an errno for, given the operation and its number, from 1. Rules added
    /// before decide before it, and then it is not asked.
    #[must_use]
    pub fn when(
        mut self,
        rule: impl Fn(&Call<'_>, u64) -> Option<Errno> + Send + Sync + 'static,
    ) -> Self {
        self.rules.push(Box::new(rule));
        self
    }

    /// Lets every read, write and append move only a part of what it is asked to, at least one byte,
    /// chosen by `seed` and the number of the operation.
    #[must_use]
    pub fn short_transfers(mut self, seed: u64) -> Self {
        self.short = Some(seed);
        self
    }
}

struct Injector {
    faults: Faults,
    calls: AtomicU64,
    injected: AtomicU64,
}

impl Hook for Injector {
    fn before(&self, call: &Call<'_>) -> VfsResult<usize> {
        let number = self.calls.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        for rule in &self.faults.rules {
            if let Some(errno) = rule(call, number) {
                self.injected.fetch_add(1, Ordering::Relaxed);
                return Err(VfsError::with_context(errno, "injected fault"));
            }
        }
        let most = match self.faults.short {
            Some(seed) if call.len() > 1 => {
                // The remainder is below a `usize`.
                1 + (mix(seed, number) % call.len() as u64) as usize
            }
            _ => usize::MAX,
        };
        Ok(most)
    }
}

/// A number that looks random, the same for the same seed and number (the output function of
/// SplitMix64).
fn mix(seed: u64, number: u64) -> u64 {
    let mut state = seed.wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vfs::{MemFs, Name, OpenOptions, conformance, ops};

    fn name(text: &str) -> Name<'_> {
        Name::new(text).expect("a test's name is valid")
    }

    #[test]
    fn without_faults_the_tree_conforms() {
        let make = || FaultInject::new(MemFs::new(), Faults::none()).root();
        conformance::run(make, conformance::Capabilities::ALL);
    }

    #[test]
    fn the_nth_operation_fails_with_the_errno_and_has_no_effect() {
        let fs = MemFs::new();
        let faulty = FaultInject::new(&fs, Faults::none().nth(2, Errno::Io));
        let root = faulty.root();
        assert_eq!(root.create_dir(name("a")), Ok(()));
        let refused = root.create_dir(name("b"));
        assert_eq!(refused.map_err(|error| error.errno()), Err(Errno::Io));
        assert!(!fs.exists("/b"));
        assert_eq!(root.create_dir(name("b")), Ok(()));
        assert_eq!((faulty.calls(), faulty.injected()), (3, 1));
    }

    #[test]
    fn rules_pick_kinds_ends_and_paths_and_the_first_decides() {
        let faults = Faults::none()
            .nth_of(Operation::CreateDir, 2, Errno::Nospc)
            .every(Operation::Symlink, Errno::Acces)
            .when(|call, _| (call.path() == "/bad").then_some(Errno::Io))
            .all_from(6, Errno::Nodev);
        let root = FaultInject::new(MemFs::new(), faults).root();
        let errno = |result: VfsResult<()>| result.map_err(|error| error.errno());
        assert_eq!(errno(root.create_dir(name("a"))), Ok(()));
        assert_eq!(errno(root.create_dir(name("b"))), Err(Errno::Nospc));
        assert_eq!(errno(root.symlink("a", name("l"))), Err(Errno::Acces));
        assert_eq!(errno(root.create_dir(name("bad"))), Err(Errno::Io));
        assert_eq!(errno(root.create_dir(name("c"))), Ok(()));
        assert_eq!(errno(root.sync()), Err(Errno::Nodev));
        assert_eq!(errno(root.create_dir(name("bad"))), Err(Errno::Io));
        assert_eq!(errno(root.sync()), Err(Errno::Nodev));
    }

    #[test]
    fn one_seed_is_one_run_and_another_seed_another() {
        let run = |seed: u64| -> Vec<bool> {
            let faults = Faults::none().at_random(seed, 4, Errno::Io);
            let root = FaultInject::new(MemFs::new(), faults).root();
            (0..400).map(|_| root.sync().is_err()).collect()
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
        let failed = run(3).into_iter().filter(|failed| *failed).count();
        assert!((60..140).contains(&failed), "about a quarter: {failed}");
        let never = Faults::none().at_random(1, 0, Errno::Io);
        assert_eq!(FaultInject::new(MemFs::new(), never).root().sync(), Ok(()));
    }

    #[test]
    fn short_transfers_move_less_and_lose_nothing() {
        let fs = MemFs::new();
        let faulty = FaultInject::new(&fs, Faults::none().short_transfers(5));
        let root = faulty.root();
        let data: Vec<u8> = (0..50_000_u32).map(|n| (n % 251) as u8).collect();
        assert_eq!(ops::write(&root, "/f", &data), Ok(()));
        assert_eq!(fs.read("/f"), Ok(data.clone()));
        assert_eq!(ops::read(&root, "/f"), Ok(data));
        assert!(faulty.calls() > 10, "in pieces");
        let file = root
            .open_file(name("f"), OpenOptions::READ)
            .expect("it is there");
        for _ in 0..1_000 {
            let count = file.read_at(0, &mut [0; 100]).expect("read");
            assert!((1..=100).contains(&count));
        }
        assert_eq!(file.read_at(0, &mut []), Ok(0));
    }

    #[test]
    fn f_each_call_of_a_job_by_path_fails_once_and_the_job_says_so() {
        let job = |root: &Arc<dyn Dir>| -> VfsResult<Vec<u8>> {
            ops::create_dir_all(root, "/a/b")?;
            ops::write(root, "/a/b/f", b"contents")?;
            ops::stat(root, "/a/b/f")?;
            let bytes = ops::read(root, "/a/b/f")?;
            ops::remove_file(root, "/a/b/f")?;
            Ok(bytes)
        };
        let clean = FaultInject::new(MemFs::new(), Faults::none());
        assert_eq!(job(&clean.root()), Ok(b"contents".to_vec()));
        assert!(clean.calls() >= 10, "{}", clean.calls());
        for n in 1..=clean.calls() {
            let faulty = FaultInject::new(MemFs::new(), Faults::none().nth(n, Errno::Io));
            let result = job(&faulty.root()).map_err(|error| error.errno());
            assert_eq!(faulty.injected(), 1, "call {n}");
            // A fault in a look at what may be missing need not end the job, but never changes it.
            assert!(
                result == Err(Errno::Io) || result == Ok(b"contents".to_vec()),
                "call {n}: {result:?}"
            );
        }
    }
}
