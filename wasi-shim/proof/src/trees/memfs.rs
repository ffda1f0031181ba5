//! The target `memfs_model`: a memory filesystem, its quota and its snapshots.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use afmpeg_wasi::vfs::{Cookie, Dir, FileType, MemFs, Name, Quota, Usage, Vfs, VfsResult};

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
    let mut work = Work::new(fs.root(), Tree::new(1));
    let mut snapshots: Vec<(MemFs, Tree)> = Vec::new();
    for step in 2..STEPS {
        if choices.is_empty() {
            break;
        }
        now.store(step, Ordering::Relaxed);
        work.model.now = step;
        let before = room(&fs);
        let model = work.model.clone();
        let mut done = work.step(&mut choices, || Doubt {
            fault: None,
            room: Some(before),
        });
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
                work = Work::new(copy.root(), work.model);
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
