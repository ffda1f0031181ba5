//! The faults of the filesystem that a guest of the `hostcalls` target changes, and what it was asked.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use afmpeg_wasi::vfs::{Dir, FaultInject, Faults, Operation, Vfs};

use super::turn::Doubt;

/// What fails, and how often.
pub(crate) struct Plan {
    /// Of the choice.
    pub(crate) seed: u64,
    /// One operation in so many fails, syncs aside; 0 for none.
    pub(crate) one_in: u32,
    /// One sync in so many fails; 0 for none.
    pub(crate) syncs_in: u32,
    /// Reads and writes are cut short.
    pub(crate) short: bool,
}

/// What happened in one call.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Met {
    /// Operations that were made to fail.
    pub(crate) faults: u64,
    /// Syncs that were asked for.
    pub(crate) syncs: u64,
    /// One of them was made to fail.
    pub(crate) sync_failed: bool,
}

/// A tree that fails by a plan.
pub(crate) struct Faulty {
    layer: FaultInject,
    shared: Arc<Shared>,
    before: u64,
}

#[derive(Default)]
struct Shared {
    armed: AtomicBool,
    syncs: AtomicU64,
    sync_failed: AtomicBool,
}

impl Faulty {
    /// A tree with faults.
    pub(crate) fn new(tree: Arc<dyn Dir>, plan: Plan) -> Self {
        let shared = Arc::new(Shared::default());
        let noted = Arc::clone(&shared);
        let state = Mutex::new(plan.seed);
        let faults = Faults::none().when(move |call, _| {
            if !noted.armed.load(Ordering::Relaxed) {
                return None;
            }
            let is_sync = call.operation() == Operation::Sync;
            let one_in = if is_sync {
                noted.syncs.fetch_add(1, Ordering::Relaxed);
                plan.syncs_in
            } else {
                plan.one_in
            };
            if one_in == 0 || !next(&mut *state.lock().ok()?).is_multiple_of(one_in) {
                return None;
            }
            noted.sync_failed.fetch_or(is_sync, Ordering::Relaxed);
            Some(Doubt::FAULT)
        });
        let faults = if plan.short {
            faults.short_transfers(plan.seed)
        } else {
            faults
        };
        Self {
            layer: FaultInject::new(tree, faults),
            shared,
            before: 0,
        }
    }

    /// The tree as a guest is given it.
    pub(crate) fn root(&self) -> Arc<dyn Dir> {
        self.layer.root()
    }

    /// Lets faults happen.
    pub(crate) fn arm(&mut self) {
        self.before = self.layer.injected();
        self.shared.syncs.store(0, Ordering::Relaxed);
        self.shared.sync_failed.store(false, Ordering::Relaxed);
        self.shared.armed.store(true, Ordering::Relaxed);
    }

    /// Ends that, and says what happened.
    pub(crate) fn disarm(&self) -> Met {
        self.shared.armed.store(false, Ordering::Relaxed);
        Met {
            faults: self.layer.injected() - self.before,
            syncs: self.shared.syncs.load(Ordering::Relaxed),
            sync_failed: self.shared.sync_failed.load(Ordering::Relaxed),
        }
    }
}

fn next(state: &mut u64) -> u32 {
    *state = state
        .wrapping_mul(0x5851_f42d_4c95_7f2d)
        .wrapping_add(0x1405_7b7e_f767_814f);
    (*state >> 33) as u32
}
