//! The nodes that a run has seen: their numbers and times.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock::VirtualClock;
use crate::vfs::{FileType, SetTimes, Stat};

/// What the directories that are shown together share.
pub(crate) struct World {
    now: Box<dyn Fn() -> u64 + Send + Sync>,
    nodes: Mutex<Nodes>,
}

#[derive(Default)]
struct Nodes {
    /// Those that have a name, by the numbers of their own tree.
    known: HashMap<(u64, u64), Arc<Node>>,
    devices: HashMap<u64, u64>,
    last: u64,
}

/// A node as it is shown.
pub(super) struct Node {
    dev: u64,
    ino: u64,
    times: Mutex<Times>,
}

#[derive(Clone, Copy)]
struct Times {
    atim: u64,
    mtim: u64,
    ctim: u64,
}

impl Times {
    const fn all(at: u64) -> Self {
        Self {
            atim: at,
            mtim: at,
            ctim: at,
        }
    }
}

impl World {
    pub(crate) fn new(now: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self {
            now: Box::new(now),
            nodes: Mutex::default(),
        }
    }

    pub(super) fn now(&self) -> u64 {
        (self.now)()
    }

    /// The node with these attributes.
    pub(super) fn node(&self, stat: &Stat) -> Arc<Node> {
        let mut nodes = self.nodes();
        if let Some(node) = nodes.known.get(&(stat.dev, stat.ino)) {
            return Arc::clone(node);
        }
        nodes.add(stat, VirtualClock::START)
    }

    /// A node that was just made. Its tree may have used the number before.
    pub(super) fn made(&self, stat: &Stat, now: u64) -> Arc<Node> {
        self.nodes().add(stat, now)
    }

    /// A name of the node is gone; it may have been the last.
    pub(super) fn unlinked(&self, stat: &Stat, now: u64) {
        if stat.file_type == FileType::Directory || stat.nlink <= 1 {
            let known = self.nodes().known.remove(&(stat.dev, stat.ino));
            // Who has it open sees that it lost its name.
            known.iter().for_each(|node| node.changed(now));
        } else {
            self.node(stat).changed(now);
        }
    }

    fn nodes(&self) -> MutexGuard<'_, Nodes> {
        self.nodes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Nodes {
    fn add(&mut self, stat: &Stat, at: u64) -> Arc<Node> {
        self.last += 1;
        let next_device = self.devices.len() as u64 + 1;
        let node = Arc::new(Node {
            dev: *self.devices.entry(stat.dev).or_insert(next_device),
            ino: self.last,
            times: Mutex::new(Times::all(at)),
        });
        self.known.insert((stat.dev, stat.ino), Arc::clone(&node));
        node
    }
}

impl Node {
    /// The attributes that the node's tree gives, as they are shown.
    pub(super) fn shown(&self, stat: Stat) -> Stat {
        let Times { atim, mtim, ctim } = *self.times();
        let directory = stat.file_type == FileType::Directory;
        Stat {
            dev: self.dev,
            ino: self.ino,
            file_type: stat.file_type,
            nlink: if directory {
                stat.nlink.min(1)
            } else {
                stat.nlink
            },
            size: if directory { 0 } else { stat.size },
            atim,
            mtim,
            ctim,
        }
    }

    pub(super) fn ino(&self) -> u64 {
        self.ino
    }

    /// Its contents were changed.
    pub(super) fn written(&self, now: u64) {
        let mut times = self.times();
        times.mtim = now;
        times.ctim = now;
    }

    /// Its attributes or names were changed.
    pub(super) fn changed(&self, now: u64) {
        self.times().ctim = now;
    }

    /// Its times were set.
    pub(super) fn set(&self, set: SetTimes, now: u64) {
        let mut times = self.times();
        times.atim = set.atim.unwrap_or(times.atim);
        times.mtim = set.mtim.unwrap_or(times.mtim);
        times.ctim = now;
    }

    fn times(&self) -> MutexGuard<'_, Times> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
