//! What a guest finds in its root besides the caller's files: `/tmp` and the devices.

use std::sync::Arc;

use super::builder::BuildError;
use crate::clock::Clock;
use crate::limits::Limits;
use crate::random::SharedRandom;
use crate::vfs::{Dir, MemFs, Mount, Null, Quota, RandomDevice, Sink, Vfs, VfsResult, Zero};

/// What is put over the directory that a guest has as its root.
pub(super) struct Nodes {
    pub(super) random: SharedRandom,
    pub(super) tmp: Option<Arc<dyn Dir>>,
    pub(super) devices: Vec<(String, Sink)>,
}

impl Nodes {
    pub(super) fn over(self, root: Arc<dyn Dir>, bare: bool) -> Result<Arc<dyn Dir>, BuildError> {
        if bare && self.tmp.is_none() && self.devices.is_empty() {
            return Ok(root);
        }
        let mut tree = node(ROOT, Mount::new().at(ROOT, root))?;
        if let Some(tmp) = self.tmp {
            tree = node(TMP, tree.at(TMP, tmp))?;
        }
        for (path, sink) in self.devices {
            tree = node(&path, tree.file(&path, sink))?;
        }
        if !bare {
            tree = node("/dev/null", tree.file("/dev/null", Null))?;
            tree = node("/dev/zero", tree.file("/dev/zero", Zero))?;
            for path in ["/dev/random", "/dev/urandom"] {
                let random = self.random.clone();
                let device = RandomDevice::new(move |bytes| Ok(random.fill(bytes)?));
                tree = node(path, tree.file(path, device))?;
            }
        }
        Ok(tree.root())
    }
}

fn node(path: &str, tree: VfsResult<Mount>) -> Result<Mount, BuildError> {
    tree.map_err(|source| BuildError::Node {
        path: path.to_owned(),
        source,
    })
}

/// The `/tmp` of one run.
pub(super) fn private_tmp(limits: &Limits, clock: &Arc<dyn Clock>) -> Arc<dyn Dir> {
    let quota = Quota {
        bytes: limits.tmp_bytes,
        ..Quota::default()
    };
    let clock = Arc::clone(clock);
    MemFs::with_clock(quota, move || clock.realtime()).root()
}

/// The name of the directory that the nodes are put over.
pub(super) const ROOT: &str = "/";

const TMP: &str = "/tmp";
