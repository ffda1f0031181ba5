//! What a guest of the `hostcalls` target is given, in the real host and in the model.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use afmpeg_wasi::vfs::{
    Dir, FaultInject, Faults, MemFs, Name, OpenOptions, Overlay, Quota, ReadOnly, Usage, Vfs,
};
use afmpeg_wasi::{Clock, Limits, Rights, SeededRandom, Stdin, VirtualClock, Wasi};

use super::host::{Descriptor, Host, Kind};
use super::turn::Doubt;
use crate::choices::Choices;
use crate::model::{ROOT, Tree};

/// What the first descriptors of a guest refer to: the tree it may change, and one it may not.
pub(crate) const PREOPENS: [&str; 2] = ["/", "read-only"];

/// A host, its model, and handles of what is below it.
pub(crate) struct World {
    /// The real host.
    pub(crate) wasi: Wasi,
    /// The model.
    pub(crate) host: Host,
    /// The trees of the model, as they really are.
    pub(crate) trees: Vec<Arc<dyn Dir>>,
    /// The clock of both.
    pub(crate) clock: Arc<VirtualClock>,
    /// Bytes of guest memory.
    pub(crate) memory: u32,
    writable: MemFs,
    is_tight: bool,
    faulty: FaultInject,
    armed: Arc<AtomicBool>,
    short: bool,
}

impl World {
    /// A world by choice.
    pub(crate) fn new(choices: &mut Choices<'_>) -> Self {
        let memory = match choices.below(16) {
            0 => choices.pick(&[0, 1, 100]),
            1 | 2 => 0x22_000,
            _ => 0x4000,
        };
        let limit = choices.pick(&[1_024, 12, 8]);
        let is_tight = choices.once_in(4);
        let overlay = choices.once_in(4);
        let short = choices.once_in(4);
        let (seed, one_in) = (choices.any(), choices.pick(&[0, 0, 0, 5, 30]));
        let clock = Arc::new(VirtualClock::starting_at(VirtualClock::START, 0));
        let quota = if is_tight {
            Quota {
                bytes: 400_000,
                nodes: 40,
            }
        } else {
            Quota::default()
        };
        let fs = |quota: Quota| {
            let clock = Arc::clone(&clock);
            MemFs::with_clock(quota, move || clock.realtime())
        };
        let (writable, fixed) = (fs(quota), fs(Quota::default()));
        let mut models = [Tree::new(clock.realtime()), Tree::new(clock.realtime())];
        for (real, model) in [&writable, &fixed].into_iter().zip(&mut models) {
            fill(&real.root(), model);
        }
        let [mut model, mut read_only] = models;
        read_only.read_only = true;
        let tree = if overlay {
            model.keeps_times = false;
            Overlay::new(&writable, fs(Quota::default())).root()
        } else {
            writable.root()
        };
        let armed = Arc::new(AtomicBool::new(false));
        let faulty = FaultInject::new(Arc::clone(&tree), faults(&armed, seed, one_in, short));
        let read_only_tree = ReadOnly::new(&fixed).root();
        let stdin = choices.pick(&[0, 5, 300]);
        let stdin = choices.bytes(stdin);
        let mut limits = Limits::default();
        limits.open_files = limit;
        let wasi = Wasi::builder()
            .args(["program", "", "two words"])
            .env("KEY", "value")
            .env("EMPTY", "")
            .stdin(Stdin::Bytes(stdin.clone()))
            .preopen(PREOPENS[0], faulty.root())
            .preopen(PREOPENS[1], Arc::clone(&read_only_tree))
            .bare_root()
            .limits(limits)
            .clock(clock.clone())
            .random(Box::new(SeededRandom::new(seed)))
            .build();
        let host = Host {
            open: first_descriptors().map(Some).collect(),
            limit: limit as usize,
            trees: vec![model, read_only],
            stdin: stdin.into(),
            stdout: Vec::new(),
            stderr: Vec::new(),
            args: ["program", "", "two words"].map(Vec::from).to_vec(),
            environ: ["KEY=value", "EMPTY="].map(Vec::from).to_vec(),
            random: SeededRandom::new(seed),
            realtime: clock.realtime(),
            monotonic: clock.monotonic(),
        };
        Self {
            wasi: wasi.expect("the names and strings are valid"),
            host,
            trees: vec![tree, read_only_tree],
            clock,
            memory,
            writable,
            is_tight: is_tight && !overlay,
            faulty,
            armed,
            short,
        }
    }

    /// Lets faults happen, and says how many did so far.
    pub(crate) fn arm(&self, armed: bool) -> u64 {
        self.armed.store(armed, Ordering::Relaxed);
        self.faulty.injected()
    }

    /// What is uncertain about the next call, but for its faults.
    #[must_use]
    pub(crate) fn doubt(&self) -> Doubt {
        let (quota, usage) = (self.writable.quota(), self.writable.usage());
        let room = Usage {
            bytes: quota.bytes.saturating_sub(usage.bytes),
            nodes: quota.nodes.saturating_sub(usage.nodes),
        };
        Doubt {
            faulted: false,
            short: self.short,
            // A change of an empty overlay is as large as the file it copies: it has room for that.
            room: (self.is_tight || room.bytes < 1 << 30).then_some(room),
        }
    }

    /// Whether the quota holds.
    ///
    /// # Errors
    ///
    /// When it does not.
    pub(crate) fn check_quota(&self) -> Result<(), String> {
        let (quota, usage) = (self.writable.quota(), self.writable.usage());
        if usage.bytes > quota.bytes || usage.nodes > quota.nodes {
            return Err(format!("{usage:?} is over {quota:?}"));
        }
        Ok(())
    }
}

fn faults(armed: &Arc<AtomicBool>, seed: u64, one_in: u32, short: bool) -> Faults {
    let armed = Arc::clone(armed);
    let mut state = seed;
    let random = std::sync::Mutex::new(move || {
        state = state
            .wrapping_mul(0x5851_f42d_4c95_7f2d)
            .wrapping_add(0x1405_7b7e_f767_814f);
        (state >> 33) as u32
    });
    let faults = Faults::none().when(move |call, _| {
        // A write that was done and cannot be made durable is reported as failed and is there all
        // the same; what is there could not be told from the answer.
        let is_sync = call.operation() == afmpeg_wasi::vfs::Operation::Sync;
        if one_in == 0 || is_sync || !armed.load(Ordering::Relaxed) {
            return None;
        }
        let mut random = random.lock().ok()?;
        random().is_multiple_of(one_in).then_some(Doubt::FAULT)
    });
    if short {
        faults.short_transfers(seed)
    } else {
        faults
    }
}

fn first_descriptors() -> impl Iterator<Item = Descriptor> {
    let stream = |kind, access: Rights| Descriptor {
        kind,
        rights: access
            .or(Rights::FD_FDSTAT_SET_FLAGS)
            .or(Rights::FD_FILESTAT_GET)
            .or(Rights::FD_SYNC)
            .or(Rights::FD_DATASYNC)
            .or(Rights::POLL_FD_READWRITE),
        inheriting: Rights::NONE,
        flags: 0,
    };
    let streams = [
        stream(Kind::Stdin, Rights::FD_READ),
        stream(Kind::Stdout, Rights::FD_WRITE),
        stream(Kind::Stderr, Rights::FD_WRITE),
    ];
    let preopens = PREOPENS.iter().enumerate().map(|(tree, name)| Descriptor {
        kind: Kind::Dir {
            tree,
            id: ROOT,
            preopen: Some((*name).to_owned()),
        },
        rights: Rights::DIR,
        inheriting: Rights::ALL,
        flags: 0,
    });
    streams.into_iter().chain(preopens)
}

/// Files, directories, and links of every kind: what the paths of the tests lead to.
fn fill(real: &Arc<dyn Dir>, model: &mut Tree) {
    let name = |text| Name::new(text).expect("a plain name");
    let write = |real: &Arc<dyn Dir>, model: &mut Tree, dir, text, bytes: &[u8]| {
        let file = real.open_file(name(text), OpenOptions::WRITE);
        let written = file.and_then(|file| file.write_at(0, bytes));
        assert_eq!(written, Ok(bytes.len()));
        let id = model
            .open_file(dir, name(text), OpenOptions::WRITE)
            .expect("new");
        model.change(id, |contents| contents.write(0, bytes));
    };
    write(real, model, ROOT, "a", &[b'a'; 100]);
    write(real, model, ROOT, "b", b"short");
    for (text, link) in [
        ("l", "a"),
        ("ld", "d"),
        ("loop", "loop"),
        ("up", ".."),
        ("out", "d/../../x"),
        ("dangling", "nowhere"),
        ("abs", "/a"),
        ("slash", "d/"),
    ] {
        real.symlink(link, name(text)).expect("new");
        model.symlink(link, ROOT, name(text)).expect("new");
    }
    real.create_dir(name("d")).expect("new");
    model.create_dir(ROOT, name("d")).expect("new");
    let (dir, id) = (real.open_dir(name("d")), model.open_dir(ROOT, name("d")));
    let (dir, id) = (dir.expect("there"), id.expect("there"));
    write(&dir, model, id, "f", b"file in a directory");
    dir.create_dir(name("e")).expect("new");
    model.create_dir(id, name("e")).expect("new");
}
