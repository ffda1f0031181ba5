//! The list of targets.

use crate::{hostcalls, module_load, path_walk, trees};

/// Something that is done with random bytes.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The name in commands and of the directories of inputs.
    pub name: &'static str,
    run: fn(&[u8]),
    /// The longest input that is of use.
    pub longest: usize,
}

impl Target {
    /// Does the work.
    ///
    /// # Panics
    ///
    /// When something is wrong.
    pub fn run(&self, bytes: &[u8]) {
        (self.run)(bytes);
    }
}

/// The target of a name.
///
/// # Panics
///
/// When there is none.
#[must_use]
pub fn find(name: &str) -> &'static Target {
    let found = TARGETS.iter().find(|target| target.name == name);
    found.expect("the name of a target")
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target {
        name: "hostcalls",
        run: hostcalls::run,
        longest: 2_048,
    },
    Target {
        name: "path_walk",
        run: path_walk::run,
        longest: 1_024,
    },
    Target {
        name: "memfs_model",
        run: trees::memfs,
        longest: 2_048,
    },
    Target {
        name: "overlay_model",
        run: trees::overlay,
        longest: 2_048,
    },
    Target {
        name: "module_load",
        run: module_load::run,
        longest: 4_096,
    },
];
