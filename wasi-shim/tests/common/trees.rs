//! Empty trees of every kind that can be written.

use std::sync::Arc;

use afmpeg_wasi::vfs::{
    Access, Dir, HostDir, MemFs, Mount, Overlay, Quota, Subdir, Vfs, WithQuota, ops,
};

/// What a guest runs on, which lives as long as its run.
pub(crate) struct Tree {
    pub(crate) root: Arc<dyn Dir>,
    _directory: Option<tempfile::TempDir>,
}

impl Tree {
    fn of(tree: impl Vfs) -> Self {
        Self {
            root: tree.root(),
            _directory: None,
        }
    }

    pub(crate) fn in_memory() -> Self {
        Self::of(MemFs::new())
    }

    pub(crate) fn of_the_host() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory can be made");
        let tree = HostDir::open(directory.path(), Access::ReadWrite).expect("it is there");
        Self {
            root: tree.root(),
            _directory: Some(directory),
        }
    }

    /// A directory of the host that was in use: its files got other numbers and times.
    pub(crate) fn of_a_used_host() -> Self {
        let tree = Self::of_the_host();
        for number in 0..50 {
            let name = format!("used{number}");
            ops::write(&tree.root, &name, b"x").expect("there is room");
        }
        for number in (0..50).rev() {
            ops::remove_file(&tree.root, &format!("used{number}")).expect("it is there");
        }
        tree
    }

    pub(crate) fn overlay() -> Self {
        let lower = MemFs::new();
        lower
            .write("/hidden", "in the lower tree")
            .expect("there is room");
        let tree = Overlay::new(lower, MemFs::new());
        ops::remove_file(&tree.root(), "/hidden").expect("a whiteout is made");
        Self::of(tree)
    }

    pub(crate) fn subdir() -> Self {
        let fs = MemFs::new();
        fs.create_dir_all("/a/b").expect("a new directory");
        fs.write("/a/secret", "outside").expect("there is room");
        Self::of(Subdir::new(fs, "/a/b").expect("it is there"))
    }

    pub(crate) fn with_quota() -> Self {
        Self::of(WithQuota::new(MemFs::unbounded(), Quota::default()).expect("it is empty"))
    }

    pub(crate) fn mount() -> Self {
        let tree = Mount::new()
            .at("/", MemFs::new())
            .expect("the root is free");
        Self::of(tree)
    }
}
