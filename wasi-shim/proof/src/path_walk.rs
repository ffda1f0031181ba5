//! The target `path_walk`: a guest makes calls in one directory, of a memory filesystem and of the
//! host, and beside that directory lies what it must neither see nor change.
//!
//! Both trees answer with the same errno, where the host's own filesystem lets them. In a share of the
//! inputs calls of both trees are made to fail, at the same place.

mod faulty;

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use afmpeg_wasi::preview1::fd;
use afmpeg_wasi::vfs::{
    Access, Cookie, Dir, FileType, HostDir, MemFs, Name, OpenOptions, Subdir, Vfs, VfsResult, ops,
};
use afmpeg_wasi::{Errno, Fail, GuestMem, SeededRandom, VirtualClock, Wasi};

use self::faulty::{Faulty, Plan};
use crate::choices::Choices;
use crate::hostcalls::{self, Call, Hints};

/// The most calls of one list.
const CALLS: usize = 60;
/// The largest offset in a file.
const LARGEST: u64 = 1 << 30;
/// Bytes of guest memory.
const MEMORY: u32 = 0x4000;

/// What lies outside: a name and contents that come from nowhere else.
const SECRET_NAME: &str = "canary-7f3a91c5";
const SECRET: &[u8] = b"the canary 0b5e2d8844e1 sings outside";
/// A link to this one is inside.
const PLAIN: &str = "plain";
const SECRETS: [&[u8]; 2] = [SECRET_NAME.as_bytes(), b"0b5e2d8844e1"];

/// Makes the calls that the bytes say.
///
/// # Panics
///
/// When something outside was seen or changed, or the trees differ.
pub fn run(bytes: &[u8]) {
    faults(bytes);
}

/// As [`run`]; returns how many operations of the trees were made to fail.
///
/// # Panics
///
/// As [`run`].
pub fn faults(bytes: &[u8]) -> u64 {
    let mut choices = Choices::new(bytes);
    let mem = MemFs::new();
    prepare_memory(&mem);
    let outside_before = everything(&ops::open_dir(&mem.root(), "/outside").expect("made"));
    let host = tempfile::tempdir().expect("a directory of the host");
    prepare_host(host.path()).expect("files in a new directory");
    let host_before = on_host(host.path());
    let inside = ops::open_dir(&mem.root(), "/inside").expect("made");
    let inside = match choices.below(2) {
        0 => inside,
        _ => Subdir::new(mem.root(), "/inside").expect("made").root(),
    };
    let host_dir = HostDir::open(host.path().join("inside"), Access::ReadWrite).expect("made");
    let trees = [inside, host_dir.root()];
    let plan = Plan::new(bytes);
    let mut guests = trees.each_ref().map(|tree| Guest::new(tree, &plan));
    let mut made: Vec<Call> = Vec::new();
    let mut same = true;
    for _ in 0..CALLS {
        if choices.is_empty() {
            break;
        }
        let call = hostcalls::generate(&mut choices, MEMORY, &guests[0].hints());
        // Space of the host is really taken, and its longest file is not that of the memory filesystem.
        let is_large = |value: &u64| *value > LARGEST;
        let has_offset = call.syscall.name.starts_with("fd_")
            && call
                .syscall
                .params
                .iter()
                .any(|param| ["offset", "size"].contains(param));
        if call.syscall.name == "fd_allocate" || has_offset && call.values.iter().any(is_large) {
            continue;
        }
        made.push(call.clone());
        let fails = plan.next(&mut choices);
        let before = (fails > 0).then(|| trees.each_ref().map(everything));
        let answers = guests.each_mut().map(|guest| guest.make(&call, fails));
        if let Some(before) = before {
            for ((guest, tree), before) in guests.iter().zip(&trees).zip(&before) {
                let judged = guest.faulty.judge(&call, || everything(tree) == *before);
                if let Err(wrong) = judged {
                    panic!(
                        "{}: {wrong}\nafter these calls: {made:#?}",
                        call.syscall.name
                    );
                }
            }
        }
        if same && answers[0] != answers[1] {
            assert!(
                may_differ(&call, &answers),
                "{}: {answers:?}, in memory and on the host\nafter these calls: {made:#?}",
                call.syscall.name
            );
            // Where one was done, what follows starts from two states.
            same = answers.iter().all(Result::is_err);
        }
        for (guest, tree) in guests.iter().zip(["the memory filesystem", "the host"]) {
            for secret in SECRETS {
                assert!(
                    !guest.sees(secret),
                    "{tree}: what is outside is seen\nafter these calls: {made:#?}"
                );
            }
        }
        // What the calls wrote need not be the same, numbers and times for two; what the next calls read
        // has to be.
        let [mem, host] = &mut guests;
        host.memory.copy_from_slice(&mem.memory);
    }
    let outside = everything(&ops::open_dir(&mem.root(), "/outside").expect("still there"));
    assert_eq!(
        outside, outside_before,
        "changed outside, after these calls: {made:#?}"
    );
    let names: Vec<_> = everything(&mem.root()).into_keys().collect();
    let secret = format!("/outside/{SECRET_NAME}");
    let beside = names.iter().filter(|name| !name.starts_with("/inside"));
    assert!(
        beside.eq(["/outside", &secret, "/outside/plain"]),
        "{names:?}: {made:#?}"
    );
    assert_eq!(
        on_host(host.path()),
        host_before,
        "changed outside, after {made:#?}"
    );
    if same {
        let trees = trees.each_ref().map(everything);
        assert_eq!(
            trees[0], trees[1],
            "in memory and on the host, after these calls: {made:#?}"
        );
    }
    guests.iter().map(|guest| guest.faulty.injected()).sum()
}

/// What a call said: the errno, or how it ended the run.
type Answer = Result<(), String>;

/// Where the host's own filesystem answers in another way than a memory filesystem.
fn may_differ(call: &Call, [mem, host]: &[Answer; 2]) -> bool {
    let name = call.syscall.name;
    let refused = |answer: &Answer, errno: Errno| answer == &Err(errno.name().to_owned());
    // A file over the directory that it is in: two reasons, and the host looks for the other one first.
    if name == "path_rename" {
        return refused(mem, Errno::Isdir) && refused(host, Errno::Notempty);
    }
    // Times beyond what the filesystem of the host can store.
    if name.ends_with("_set_times") {
        return refused(host, Errno::Inval) || refused(host, Errno::Overflow);
    }
    false
}

struct Guest {
    wasi: Wasi,
    faulty: Faulty,
    memory: Vec<u8>,
}

impl Guest {
    fn new(tree: &Arc<dyn Dir>, plan: &Plan) -> Self {
        let faulty = Faulty::new(tree, plan);
        let wasi = Wasi::builder()
            .preopen("inside", faulty.root())
            .bare_root()
            .clock(Arc::new(VirtualClock::new()))
            .random(Box::new(SeededRandom::new(1)))
            .build();
        Self {
            wasi: wasi.expect("a valid name"),
            faulty,
            memory: vec![0; MEMORY as usize],
        }
    }

    /// Makes a call, of which this operation of the tree fails; 0 for none.
    fn make(&mut self, call: &Call, fails: u64) -> Answer {
        call.poke(&mut self.memory);
        let mut mem = GuestMem::new(&mut self.memory);
        self.faulty.arm(fails);
        let answer = call
            .make(&mut self.wasi, &mut mem)
            .map_err(|fail| match fail {
                Fail::Errno(errno) => errno.name().to_owned(),
                Fail::Stop(stop) => stop.to_string(),
            });
        self.faulty.disarm(&answer);
        answer
    }

    /// What is open, asked as a guest asks.
    fn hints(&mut self) -> Hints {
        let mut hints = Hints::default();
        for fd in 3..24 {
            let mut stat = [0; 24];
            let mut mem = GuestMem::new(&mut stat);
            let answer = fd::fd_fdstat_get(&mut self.wasi, &mut mem, fd, 0);
            match (answer.is_ok(), stat[0]) {
                (true, 3) => hints.dirs.push(fd),
                (true, 4) => hints.files.push(fd),
                _ => {}
            }
        }
        hints
    }

    fn sees(&self, secret: &[u8]) -> bool {
        self.memory
            .windows(secret.len())
            .any(|bytes| bytes == secret)
    }
}

const FILES: [(&str, &[u8]); 3] = [("a", b"a file"), ("b", b"another"), ("d/f", b"below")];
const DIRS: [&str; 3] = ["d", "d/e", "n1"];
const LINKS: [(&str, &str); 10] = [
    ("l", "a"),
    ("ld", "d"),
    ("loop", "loop"),
    ("up", ".."),
    ("out", "../outside"),
    ("dangling", "../new"),
    ("slash", "../outside/"),
    ("n2", "../outside/plain"),
    ("d/up", "../.."),
    ("d/l", "../a"),
];

fn prepare_memory(fs: &MemFs) {
    for dir in ["inside", "outside"].into_iter().chain(DIRS.map(|dir| dir)) {
        let dir = if dir.ends_with("side") {
            format!("/{dir}")
        } else {
            format!("/inside/{dir}")
        };
        fs.create_dir_all(&dir).expect("new");
    }
    for (name, bytes) in FILES {
        fs.write(&format!("/inside/{name}"), bytes).expect("new");
    }
    for name in [SECRET_NAME, PLAIN] {
        fs.write(&format!("/outside/{name}"), SECRET).expect("new");
    }
    for (name, target) in LINKS.into_iter().chain([("abs", "/outside")]) {
        let (dir, name) = name.rsplit_once('/').unwrap_or(("", name));
        let dir = ops::open_dir(&fs.root(), &format!("/inside/{dir}")).expect("made");
        dir.symlink(target, Name::new(name).expect("a plain name"))
            .expect("new");
    }
}

fn prepare_host(root: &Path) -> std::io::Result<()> {
    let inside = root.join("inside");
    fs::create_dir(&inside)?;
    fs::create_dir(root.join("outside"))?;
    for dir in DIRS {
        fs::create_dir(inside.join(dir))?;
    }
    for (name, bytes) in FILES {
        fs::write(inside.join(name), bytes)?;
    }
    for name in [SECRET_NAME, PLAIN] {
        fs::write(root.join("outside").join(name), SECRET)?;
    }
    for (name, target) in LINKS {
        symlink(Path::new(target), &inside.join(name))?;
    }
    symlink(&root.join("outside"), &inside.join("abs"))
}

#[cfg(unix)]
fn symlink(target: &Path, link: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(windows)]
fn symlink(target: &Path, link: &Path) -> std::io::Result<()> {
    std::os::windows::fs::symlink_file(target, link)
}

/// What is on the host beside the directory of the guest: names, contents, and when they changed.
fn on_host(root: &Path) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
    let mut found = BTreeMap::new();
    let mut look = |path: PathBuf| {
        let meta = fs::symlink_metadata(&path).expect("listed");
        let bytes = if meta.is_file() {
            fs::read(&path).expect("a file")
        } else {
            Vec::new()
        };
        // The directory above the guest's may not change; the guest's own may.
        let time = meta.modified().expect("the host has times");
        let time = if path.ends_with("inside") {
            SystemTime::UNIX_EPOCH
        } else {
            time
        };
        found.insert(path, (bytes, time));
    };
    look(root.to_owned());
    for dir in [root.to_owned(), root.join("outside")] {
        for entry in fs::read_dir(dir).expect("there") {
            look(entry.expect("an entry").path());
        }
    }
    found
}

/// What is in a tree, by path: the kind, and the contents or the text of a link.
fn everything(root: &Arc<dyn Dir>) -> BTreeMap<String, (FileType, Vec<u8>)> {
    let mut found = BTreeMap::new();
    collect(root, "", &mut found).expect("a tree can be looked at");
    found
}

fn collect(
    dir: &Arc<dyn Dir>,
    path: &str,
    found: &mut BTreeMap<String, (FileType, Vec<u8>)>,
) -> VfsResult<()> {
    let mut entries = Vec::new();
    dir.read_dir(Cookie::START, &mut |entry| {
        entries.push(entry);
        ControlFlow::Continue(())
    })?;
    for entry in entries {
        let name = Name::new(&entry.name)?;
        let path = format!("{path}/{name}");
        let bytes = match entry.file_type {
            FileType::Directory => {
                collect(&dir.open_dir(name)?, &path, found)?;
                Vec::new()
            }
            // An absolute link of the host cannot be read.
            FileType::SymbolicLink if entry.name == "abs" => Vec::new(),
            FileType::SymbolicLink => dir.read_link(name)?.into_bytes(),
            _ => {
                // Of a long one, which is sparse, the beginning.
                let file = dir.open_file(name, OpenOptions::READ)?;
                let mut bytes = vec![0; file.len()?.min(5_000) as usize];
                let count = file.read_at(0, &mut bytes)?;
                bytes.truncate(count);
                bytes.extend(file.len()?.to_le_bytes());
                bytes
            }
        };
        found.insert(path, (entry.file_type, bytes));
    }
    Ok(())
}
