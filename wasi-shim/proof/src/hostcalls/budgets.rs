//! The limits that a guest of the `hostcalls` target has: the usual ones, or some that it meets soon.

use std::sync::Arc;

use afmpeg_wasi::vfs::{Dir, MemFs, Quota, Vfs};
use afmpeg_wasi::{Limits, VirtualClock, Wasi};

use crate::choices::Choices;

/// The limits of one run.
pub(crate) struct Budgets {
    /// Of the filesystem that is changed.
    pub(crate) quota: Quota,
    /// The quota is small.
    pub(crate) is_tight: bool,
    /// The filesystem that is changed is a `/tmp` with so many bytes.
    pub(crate) tmp_bytes: Option<u64>,
    open_files: u32,
    written_bytes: Option<u64>,
    text_written_bytes: Option<u64>,
    text_bytes: Option<u64>,
}

impl Budgets {
    /// Limits by choice: a quarter of all runs has any one of them. The first two come with the work.
    pub(crate) fn new(choices: &mut Choices<'_>, open_files: u32, is_tight: bool) -> Self {
        let mut some = |values: &[u64]| choices.once_in(4).then(|| choices.pick(values));
        // Five descriptors are open from the start.
        let fewer = some(&[5, 6, 7]);
        let written_bytes = some(&[0, 1, 100, 700, 5_000]);
        let text_written_bytes = some(&[0, 1, 64, 500]);
        let text_bytes = some(&[0, 10, 200]);
        // What is there at the start has 13 nodes and less than 200 bytes.
        let bytes = some(&[200, 1_000, 70_000, 400_000]);
        let nodes = some(&[13, 14, 18]);
        let tmp_bytes = some(&[200, 1_000, 70_000]);
        let default = if is_tight {
            Quota {
                bytes: 400_000,
                nodes: 40,
            }
        } else {
            Quota::default()
        };
        Self {
            quota: Quota {
                bytes: bytes.unwrap_or(default.bytes),
                nodes: nodes.unwrap_or(default.nodes),
            },
            is_tight: is_tight || bytes.is_some() || nodes.is_some(),
            tmp_bytes,
            open_files: fewer.map_or(open_files, |fewer| fewer as u32),
            written_bytes,
            text_written_bytes,
            text_bytes,
        }
    }

    /// As a host is given them.
    pub(crate) fn limits(&self) -> Limits {
        let mut limits = Limits::default();
        limits.open_files = self.open_files;
        limits.written_bytes = self.written_bytes;
        limits.text_written_bytes = self.text_written_bytes.or(limits.text_written_bytes);
        limits.text_bytes = self.text_bytes.unwrap_or(limits.text_bytes);
        limits.tmp_bytes = self.tmp_bytes.unwrap_or(limits.tmp_bytes);
        limits
    }

    /// The tree that a guest with these limits is given as `/tmp`.
    pub(crate) fn tmp(&self, clock: &Arc<VirtualClock>) -> Arc<dyn Dir> {
        let mut limits = self.limits();
        limits.open_files = 10;
        let wasi = Wasi::builder()
            .preopen("/", MemFs::new().root())
            .limits(limits)
            .clock(clock.clone())
            .build();
        let wasi = wasi.expect("a valid name");
        Arc::clone(wasi.tmp().expect("a guest with a root has a `/tmp`"))
    }
}
