//! The target `memfs_model`: a memory filesystem, its quota and its snapshots. In a share of the inputs
//! its calls are made to fail or cut short.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use afmpeg_wasi::Errno;
use afmpeg_wasi::vfs::{
    Cookie, Dir, FaultInject, Faults, FileType, MemFs, Name, Quota, Usage, Vfs, VfsResult,
};

use super::work::{Doubt, REFUSED, Work};
use crate::choices::Choices;
use crate::model::{self, Tree};

/// The most operations of one list.
const STEPS: u64 = 200;

/// Does what the bytes say to a memory filesystem.
///
/// # Panics
///
/// When it does something that the model does not.
pub fn run(bytes: &[u8]) {
    faults(bytes);
}

/// As [`run`]; returns how many operations were made to fail.
///
/// # Panics
///
/// As [`run`].
pub fn faults(bytes: &[u8]) -> u64 {
    let mut choices = Choices::new(bytes);
    let now = Arc::new(AtomicU64::new(1));
    let clock = Arc::clone(&now);
    let quota = choices.pick(&[
        Quota::default(),
        Quota {
            bytes: 500_000,
            nodes: 1_000,
        },
        Quota {
            bytes: 1 << 20,
            nodes: 12,
        },
        Quota { bytes: 0, nodes: 0 },
    ]);
    let mut fs = MemFs::with_clock(quota, move || clock.load(Ordering::Relaxed));
    let mut faulty = Faulty::new(bytes);
    let mut work = Work::new(faulty.around(&fs), Tree::new(1));
    let mut snapshots: Vec<(MemFs, Tree)> = Vec::new();
    for step in 2..STEPS {
        if choices.is_empty() {
            break;
        }
        now.store(step, Ordering::Relaxed);
        work.model.now = step;
        let before = room(&fs);
        let model = work.model.clone();
        if let Some(fault) = faulty.arm(&mut choices) {
            work.log.push(fault);
        }
        let mut done = work.step(&mut choices, || Doubt {
            fault: faulty.injected(),
            // Every operation is one call of the tree, and nothing stands between that could take
            // its failure back.
            is_sure: true,
            is_short: faulty.short.is_some(),
            room: Some(before),
        });
        faulty.disarm();
        if done == Err(REFUSED.to_owned()) {
            work.model = model;
            done = Ok(());
        }
        let checked = done.and_then(|()| work.compare()).and_then(|()| holds(&fs));
        if let Err(wrong) = checked {
            panic!("{wrong}\nafter these operations: {:#?}", work.log);
        }
        if choices.once_in(24) {
            snapshots.push((fs.snapshot(), work.model.clone()));
            // Every other time the work goes on in the copy, and the old tree has to stay.
            if snapshots.len().is_multiple_of(2) {
                work.close();
                let copy = fs.snapshot();
                let log = std::mem::take(&mut work.log);
                work = Work::new(faulty.around(&copy), work.model);
                work.log = log;
                work.log.push("on in a snapshot".to_owned());
                fs = copy;
            }
        }
    }
    for (fs, model) in &snapshots {
        if let Err(wrong) = model::same_tree(&fs.root(), model) {
            panic!(
                "a snapshot: {wrong}\nafter these operations: {:#?}",
                work.log
            );
        }
    }
    let log = std::mem::take(&mut work.log);
    drop(work);
    let trees = snapshots.into_iter().map(|(fs, _)| fs).chain([fs]);
    for fs in trees {
        clear(&fs.root()).expect("what is there can be removed");
        let left = fs.usage();
        assert_eq!(
            (left.bytes, left.nodes),
            (0, 0),
            "left in an empty tree, after {log:#?}"
        );
    }
    faulty.met
}

/// What makes calls of the filesystem fail.
struct Faulty {
    /// Whether any fails.
    fails: bool,
    /// With what.
    errno: Errno,
    /// Reads and writes are cut short, by this seed.
    short: Option<u64>,
    /// How many calls go well until one fails; 0 for all.
    until: Arc<AtomicU64>,
    layer: Option<FaultInject>,
    before: u64,
    /// How many operations failed so far.
    met: u64,
}

impl Faulty {
    fn new(bytes: &[u8]) -> Self {
        let mut choices = Choices::of_end(bytes);
        let fails = choices.once_in(2);
        // The first is one that no memory filesystem answers by itself, the others are.
        let errno = choices.pick(&[
            Errno::Stale,
            Errno::Io,
            Errno::Nospc,
            Errno::Noent,
            Errno::Intr,
        ]);
        let short = choices.once_in(3).then(|| choices.any());
        Self {
            fails,
            errno,
            short,
            until: Arc::default(),
            layer: None,
            before: 0,
            met: 0,
        }
    }

    /// The root of a filesystem behind the faults.
    fn around(&mut self, fs: &MemFs) -> Arc<dyn Dir> {
        let (until, errno) = (Arc::clone(&self.until), self.errno);
        let mut faults = Faults::none().when(move |_, _| {
            let left = until.load(Ordering::Relaxed);
            until.store(left.saturating_sub(1), Ordering::Relaxed);
            (left == 1).then_some(errno)
        });
        if let Some(seed) = self.short {
            faults = faults.short_transfers(seed);
        }
        let layer = FaultInject::new(fs, faults);
        let root = layer.root();
        self.layer = Some(layer);
        root
    }

    /// Lets one call of the next operation fail, by choice; says which.
    fn arm(&mut self, choices: &mut Choices<'_>) -> Option<String> {
        self.before = self.count();
        if !self.fails || !choices.once_in(3) {
            return None;
        }
        let call = choices.pick(&[1, 1, 1, 2]);
        self.until.store(call, Ordering::Relaxed);
        Some(format!("call {call} fails with {}", self.errno))
    }

    fn disarm(&mut self) {
        self.met += u64::from(self.injected().is_some());
        self.until.store(0, Ordering::Relaxed);
    }

    /// What the operation was made to fail with, if it was.
    fn injected(&self) -> Option<Errno> {
        (self.count() > self.before).then_some(self.errno)
    }

    fn count(&self) -> u64 {
        self.layer.as_ref().map_or(0, FaultInject::injected)
    }
}

fn room(fs: &MemFs) -> Usage {
    let (quota, usage) = (fs.quota(), fs.usage());
    Usage {
        bytes: quota.bytes - usage.bytes,
        nodes: quota.nodes - usage.nodes,
    }
}

fn holds(fs: &MemFs) -> Result<(), String> {
    let (quota, usage) = (fs.quota(), fs.usage());
    if usage.bytes > quota.bytes || usage.nodes > quota.nodes {
        return Err(format!("{usage:?} is over {quota:?}"));
    }
    Ok(())
}

/// Removes everything in a directory.
fn clear(dir: &Arc<dyn Dir>) -> VfsResult<()> {
    let mut entries = Vec::new();
    dir.read_dir(Cookie::START, &mut |entry| {
        entries.push(entry);
        ControlFlow::Continue(())
    })?;
    for entry in entries {
        let name = Name::new(&entry.name)?;
        if entry.file_type == FileType::Directory {
            clear(&dir.open_dir(name)?)?;
            dir.remove_dir(name)?;
        } else {
            dir.remove_file(name)?;
        }
    }
    Ok(())
}
