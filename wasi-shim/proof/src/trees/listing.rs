//! A listing in several parts, with changes between them.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use afmpeg_wasi::vfs::{Cookie, Dir, VfsResult};

use super::work::OpenDir;
use crate::model::{Id, Tree};

/// A listing that is under way.
pub(super) struct Listing {
    real: Arc<dyn Dir>,
    id: Id,
    from: Cookie,
    /// How often each name was listed.
    seen: BTreeMap<String, u32>,
    /// The entries that were there from the start to now; none before the first look.
    stayed: Option<BTreeMap<String, Id>>,
}

impl Listing {
    pub(super) fn new(dir: &OpenDir) -> Self {
        Self {
            real: Arc::clone(&dir.real),
            id: dir.id,
            from: Cookie::START,
            seen: BTreeMap::new(),
            stayed: None,
        }
    }

    /// Lists so many more entries; true at the end.
    pub(super) fn go_on(&mut self, count: usize) -> VfsResult<bool> {
        let mut left = count;
        let (from, seen) = (&mut self.from, &mut self.seen);
        self.real.clone().read_dir(*from, &mut |entry| {
            *from = entry.next;
            *seen.entry(entry.name).or_default() += 1;
            left -= 1;
            if left == 0 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })?;
        Ok(left > 0)
    }

    /// The directory may have changed.
    pub(super) fn changed(&mut self, model: &Tree) {
        let now = model.entries(self.id);
        match &mut self.stayed {
            Some(stayed) => stayed.retain(|name, id| now.get(name) == Some(id)),
            None => self.stayed = Some(now.clone()),
        }
    }

    /// At the end: what was there all the time was listed once.
    pub(super) fn judge(&self) -> Result<(), String> {
        for name in self.stayed.iter().flatten().map(|(name, _)| name) {
            let times = self.seen.get(name).copied().unwrap_or(0);
            if times != 1 {
                return Err(format!(
                    "{name:?} of directory {} is listed {times} times",
                    self.id
                ));
            }
        }
        Ok(())
    }
}
