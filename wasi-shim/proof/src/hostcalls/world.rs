//! What a guest of the `hostcalls` target is given, in the real host and in the model.

use std::sync::Arc;

use afmpeg_wasi::vfs::{Dir, MemFs, Name, OpenOptions, Overlay, Quota, ReadOnly, Usage, Vfs};
use afmpeg_wasi::{Clock, Rights, SeededRandom, Stdin, VirtualClock, Wasi};

use super::budgets::Budgets;
use super::faulty::{Faulty, Plan};
use super::host::{Descriptor, Host, Kind};
use super::turn::{Doubt, Seen};
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
    /// The filesystem behind the first tree, when it is one whose quota is known.
    writable: Option<MemFs>,
    budgets: Budgets,
    faulty: Faulty,
    short: bool,
}

impl World {
    /// A world by choice; the faults and limits are chosen by the end of the input.
    pub(crate) fn new(choices: &mut Choices<'_>, end: &mut Choices<'_>) -> Self {
        let memory = match choices.below(16) {
            0 => choices.pick(&[0, 1, 100]),
            1 | 2 => 0x22_000,
            _ => 0x4000,
        };
        let open_files = choices.pick(&[1_024, 12, 8]);
        let is_tight = choices.once_in(4);
        let overlay = choices.once_in(4);
        let short = choices.once_in(4);
        let (seed, one_in) = (choices.any(), choices.pick(&[0, 0, 0, 5, 30]));
        let clock = Arc::new(VirtualClock::starting_at(VirtualClock::START, 0));
        let budgets = Budgets::new(end, open_files, is_tight);
        let fs = |quota: Quota| {
            let clock = Arc::clone(&clock);
            MemFs::with_clock(quota, move || clock.realtime())
        };
        let (mem, fixed) = (fs(budgets.quota), fs(Quota::default()));
        // What is written is in an overlay over the filesystem, in the one that a guest is given as
        // `/tmp`, or in the filesystem itself.
        let is_tmp = budgets.tmp_bytes.is_some() && !overlay;
        let (first, writable) = if is_tmp {
            (budgets.tmp(&clock), None)
        } else {
            (mem.root(), (!overlay).then(|| mem.clone()))
        };
        let mut models = [Tree::new(clock.realtime()), Tree::new(clock.realtime())];
        for (real, model) in [&first, &fixed.root()].into_iter().zip(&mut models) {
            fill(real, model);
        }
        let [mut model, mut read_only] = models;
        read_only.read_only = true;
        let tree = if overlay {
            model.keeps_times = false;
            Overlay::new(&mem, fs(Quota::default())).root()
        } else {
            first
        };
        let plan = Plan {
            seed,
            one_in,
            short,
            syncs_in: end.pick(&[0, 0, 1, 2, 4]),
        };
        let faulty = Faulty::new(Arc::clone(&tree), plan);
        let read_only_tree = ReadOnly::new(&fixed).root();
        let stdin = choices.pick(&[0, 5, 300]);
        let stdin = choices.bytes(stdin);
        let limits = budgets.limits();
        let wasi = Wasi::builder()
            .args(["program", "", "two words"])
            .env("KEY", "value")
            .env("EMPTY", "")
            .stdin(Stdin::Bytes(stdin.clone()))
            .preopen(PREOPENS[0], faulty.root())
            .preopen(PREOPENS[1], Arc::clone(&read_only_tree))
            .bare_root()
            .limits(limits.clone())
            .clock(clock.clone())
            .random(Box::new(SeededRandom::new(seed)))
            .build();
        let host = Host {
            open: first_descriptors().map(Some).collect(),
            limits,
            written: 0,
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
            budgets,
            faulty,
            short,
        }
    }

    /// Makes a call with faults, and says what could be seen of it besides its answer.
    pub(crate) fn with_faults<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> (T, Doubt, Seen) {
        let mut doubt = self.doubt();
        let before = self.wasi.bytes_written();
        self.faulty.arm();
        let made = make(self);
        let met = self.faulty.disarm();
        doubt.faulted = met.faults > 0;
        let seen = Seen {
            written: self.wasi.bytes_written() - before,
            syncs: met.syncs,
            sync_failed: met.sync_failed,
        };
        (made, doubt, seen)
    }

    /// What is uncertain about the next call, but for its faults.
    fn doubt(&self) -> Doubt {
        let room = match (&self.writable, self.budgets.tmp_bytes) {
            (Some(fs), _) => {
                let (quota, usage) = (fs.quota(), fs.usage());
                let room = Usage {
                    bytes: quota.bytes.saturating_sub(usage.bytes),
                    nodes: quota.nodes.saturating_sub(usage.nodes),
                };
                (self.budgets.is_tight || room.bytes < 1 << 30).then_some(room)
            }
            // How much is left of a `/tmp` cannot be asked.
            (None, Some(bytes)) if self.host.trees[0].keeps_times => Some(Usage {
                bytes: bytes.saturating_sub(self.host.trees[0].most_stored()),
                nodes: u64::MAX,
            }),
            // A change of an empty overlay is as large as the file it copies: it has room for that, but
            // not for everything.
            _ => Some(Usage {
                bytes: 1 << 29,
                nodes: 1 << 17,
            }),
        };
        Doubt {
            faulted: false,
            short: self.short,
            room,
        }
    }

    /// Whether the quota holds, and what is counted against it is what is there.
    ///
    /// # Errors
    ///
    /// When it does not.
    pub(crate) fn check_quota(&self) -> Result<(), String> {
        let tree = &self.host.trees[0];
        let (quota, bytes) = match (&self.writable, self.budgets.tmp_bytes) {
            (Some(fs), _) => {
                let (quota, usage) = (fs.quota(), fs.usage());
                if usage.bytes > quota.bytes || usage.nodes > quota.nodes {
                    return Err(format!("{usage:?} is over {quota:?}"));
                }
                let nodes = tree.counted(|id| self.host.has_open(0, id));
                if usage.nodes != nodes {
                    return Err(format!("{} nodes are counted, of {nodes}", usage.nodes));
                }
                (quota.bytes, usage.bytes)
            }
            (None, Some(bytes)) if tree.keeps_times => (bytes, bytes),
            _ => return Ok(()),
        };
        let least = tree.least_stored(|id| self.host.has_open(0, id));
        if least > quota || least > bytes {
            return Err(format!(
                "{least} bytes are stored, {bytes} counted, {quota} allowed"
            ));
        }
        Ok(())
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
