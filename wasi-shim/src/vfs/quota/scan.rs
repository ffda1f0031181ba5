//! Counts what a tree holds.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::budget::{Budget, Usage};
use crate::vfs::{Cookie, Dir, FileType, Name, VfsResult};

/// Adds everything below `root` to the budget. Holds a handle of each directory it is in, not of
/// those it has yet to see.
pub(super) fn count(root: &Arc<dyn Dir>, budget: &Budget) -> VfsResult<()> {
    let mut linked = HashSet::new();
    let mut inside = vec![(Arc::clone(root), names_of(&**root)?)];
    while let Some((dir, names)) = inside.last_mut() {
        let Some(text) = names.pop() else {
            inside.pop();
            continue;
        };
        // What is no name cannot be reached; what went away meanwhile is not there.
        let Ok(name) = Name::new(&text) else { continue };
        let Ok(stat) = dir.stat_at(name) else {
            continue;
        };
        budget.adopt(Usage { bytes: 0, nodes: 1 });
        match stat.file_type {
            FileType::Directory => {
                let inner = dir.open_dir(name);
                if let Ok(inner) = inner
                    && let Ok(names) = names_of(&*inner)
                {
                    inside.push((inner, names));
                }
            }
            // Only a file with several names can be met again.
            FileType::RegularFile | FileType::SymbolicLink
                if stat.nlink < 2 || linked.insert((stat.dev, stat.ino)) =>
            {
                budget.adopt(Usage {
                    bytes: stat.size,
                    nodes: 0,
                });
            }
            _ => {}
        }
    }
    Ok(())
}

fn names_of(dir: &dyn Dir) -> VfsResult<Vec<String>> {
    let mut names = Vec::new();
    dir.read_dir(Cookie::START, &mut |entry| {
        names.push(entry.name);
        ControlFlow::Continue(())
    })?;
    Ok(names)
}
