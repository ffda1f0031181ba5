//! Random work on a tree and on a plain memory filesystem with the same contents, the model: they
//! must agree. For overlays, and for snapshots of memory filesystems.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::errno::Errno;
use crate::vfs::{
    Cookie, Create, Dir, File, FileType, MemFs, Name, OpenOptions, Overlay, Stat, Usage, Vfs,
    VfsResult, ops,
};

/// A generator of small numbers (SplitMix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut state = self.0;
        state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (state ^ (state >> 31)) % sides
    }

    fn name(&mut self) -> Name<'static> {
        let names = ["a", "b", "c", "d", ".wh.a", "f"];
        let at = self.next(names.len() as u64) as usize;
        Name::new(names[at]).expect("a plain name")
    }
}

/// The same thing in both trees: the one that is tested, the model.
struct Pair<T: ?Sized>(Arc<T>, Arc<T>);

impl<T: ?Sized> Clone for Pair<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0), Arc::clone(&self.1))
    }
}

struct World {
    dice: Dice,
    root: Pair<dyn Dir>,
    /// Opened at some time; some removed since.
    dirs: Vec<Pair<dyn Dir>>,
    files: Vec<Pair<dyn File>>,
}

/// An overlay whose trees are both filled, with a model of what shows; and the lower tree.
fn overlay_world(seed: u64) -> (World, MemFs) {
    let mut dice = Dice(seed);
    let (lower, upper, model) = (MemFs::new(), MemFs::new(), MemFs::new());
    for _ in 0..25 {
        let depth = dice.next(3);
        let path: String = (0..depth).map(|_| format!("{}/", dice.name())).collect();
        let path = format!("/{path}");
        let bytes = vec![dice.next(256) as u8; dice.next(200) as usize];
        let (name, link, in_upper) = (dice.name(), dice.next(8) == 0, dice.next(5) == 0);
        if model.create_dir_all(&path).is_err() {
            continue;
        }
        let model = ops::open_dir(&model.root(), &path).expect("just made");
        if model.stat_at(name).is_ok() {
            continue;
        }
        let tree = if in_upper { &upper } else { &lower };
        tree.create_dir_all(&path).expect("as in the model");
        let dir = ops::open_dir(&tree.root(), &path).expect("just made");
        for dir in [&*dir, &*model] {
            if link {
                dir.symlink("target", name).expect("a new link");
            } else {
                let file = dir.open_file(name, OpenOptions::WRITE);
                let written = file.and_then(|file| file.write_at(0, &bytes));
                assert_eq!(written, Ok(bytes.len()));
            }
        }
    }
    let overlay = Overlay::new(&lower, &upper);
    let root = Pair(overlay.root(), model.root());
    (World::new(dice, root), lower)
}

impl World {
    fn new(dice: Dice, root: Pair<dyn Dir>) -> Self {
        Self {
            dice,
            dirs: vec![root.clone()],
            root,
            files: Vec::new(),
        }
    }

    fn dir(&mut self) -> Pair<dyn Dir> {
        let at = self.dice.next(self.dirs.len() as u64) as usize;
        self.dirs[at].clone()
    }

    fn step(&mut self) {
        let (dir, name) = (self.dir(), self.dice.name());
        let (Pair(overlay, model), other) = (&dir, self.dir());
        let to = self.dice.name();
        let kind = self.dice.next(14);
        let both = |run: &dyn Fn(&dyn Dir, &dyn Dir) -> VfsResult<()>| {
            agree(kind, run(&**overlay, &*other.0), run(&**model, &*other.1));
        };
        match kind {
            0 | 1 => {
                let opened = agree(kind, overlay.open_dir(name), model.open_dir(name));
                keep(&mut self.dirs, opened, self.dice.next(12));
            }
            2..=4 => {
                let options = OpenOptions {
                    read: true,
                    write: self.dice.next(2) == 0,
                    truncate: self.dice.next(4) == 0,
                    create: [Create::Never, Create::IfAbsent, Create::New]
                        [self.dice.next(3) as usize],
                };
                let opened = agree(
                    kind,
                    overlay.open_file(name, options),
                    model.open_file(name, options),
                );
                keep(&mut self.files, opened, self.dice.next(12));
            }
            5 => both(&|dir, _| dir.create_dir(name)),
            6 | 7 => both(&|dir, _| dir.remove_file(name)),
            8 => both(&|dir, _| dir.remove_dir(name)),
            9 | 10 => both(&|dir, other| dir.rename(name, other, to)),
            11 => both(&|dir, other| dir.hard_link(name, other, to)),
            12 => both(&|dir, _| dir.symlink("new target", name)),
            _ => self.use_file(),
        }
    }

    fn use_file(&mut self) {
        if self.files.is_empty() {
            return;
        }
        let at = self.dice.next(self.files.len() as u64) as usize;
        let Pair(overlay, model) = self.files[at].clone();
        let (offset, len) = (self.dice.next(300), self.dice.next(100) as usize);
        let data = vec![self.dice.next(256) as u8; len];
        match self.dice.next(4) {
            0 => {
                let write = overlay.write_at(offset, &data);
                agree(100, write, model.write_at(offset, &data));
            }
            1 => {
                agree(101, overlay.append(&data), model.append(&data));
            }
            2 => {
                agree(102, overlay.set_len(offset), model.set_len(offset));
            }
            _ => {}
        }
        same_file(&*overlay, &*model);
    }

    /// Compares everything that can be seen, by name and through the handles.
    fn compare(&self) {
        let mut ids = HashMap::new();
        compare_dirs(&self.root, "", &mut ids);
        let mut back: HashMap<_, _> = HashMap::new();
        for (model, overlay) in &ids {
            assert_eq!(
                back.insert(*overlay, *model),
                None,
                "two files of one number"
            );
        }
        for Pair(overlay, model) in &self.files {
            same_file(&**overlay, &**model);
        }
        for dir in &self.dirs {
            assert_eq!(names(&*dir.0), names(&*dir.1));
        }
    }
}

/// Keeps an open pair, in place of another when there are many.
fn keep<T: ?Sized>(kept: &mut Vec<Pair<T>>, opened: Option<(Arc<T>, Arc<T>)>, at: u64) {
    if let Some((overlay, model)) = opened {
        let pair = Pair(overlay, model);
        // The root stays at 0.
        let at = 1 + at as usize;
        if at < kept.len() {
            kept[at] = pair;
        } else {
            kept.push(pair);
        }
    }
}

/// Both calls work, or both fail for the same reason.
#[track_caller]
fn agree<T>(kind: u64, overlay: VfsResult<T>, model: VfsResult<T>) -> Option<(T, T)> {
    match (overlay, model) {
        (Ok(overlay), Ok(model)) => Some((overlay, model)),
        (overlay, model) => {
            let errno = |result: VfsResult<T>| result.err().map(|error| error.errno());
            let (overlay, model) = (errno(overlay), errno(model));
            assert_eq!(overlay, model, "step of kind {kind}");
            None
        }
    }
}

fn bytes_of(file: &dyn File) -> VfsResult<Vec<u8>> {
    let mut bytes = vec![0; file.len()? as usize];
    let count = file.read_at(0, &mut bytes)?;
    assert_eq!(count, bytes.len());
    Ok(bytes)
}

fn same_file(overlay: &dyn File, model: &dyn File) {
    let errno = |result: VfsResult<Vec<u8>>| result.map_err(|error| error.errno());
    assert_eq!(errno(bytes_of(overlay)), errno(bytes_of(model)));
    let links = |file: &dyn File| file.stat().map(|stat| (stat.nlink, stat.size));
    assert_eq!(links(overlay), links(model));
}

fn names(dir: &dyn Dir) -> Vec<String> {
    let mut found = Vec::new();
    dir.read_dir(Cookie::START, &mut |entry| {
        found.push(entry.name);
        ControlFlow::Continue(())
    })
    .expect("it can be listed");
    found.sort();
    found
}

type Ids = HashMap<(u64, u64), (u64, u64)>;

fn compare_dirs(Pair(overlay, model): &Pair<dyn Dir>, path: &str, ids: &mut Ids) {
    assert_eq!(names(&**overlay), names(&**model), "{path}");
    for text in names(&**model) {
        let path = format!("{path}/{text}");
        let name = Name::new(&text).expect("a listed name");
        let stats = [overlay, model].map(|dir| dir.stat_at(name).expect("listed"));
        let seen = |stat: Stat| {
            let links = if stat.file_type == FileType::Directory {
                0
            } else {
                stat.nlink
            };
            (stat.file_type, links, stat.size)
        };
        assert_eq!(seen(stats[0]), seen(stats[1]), "{path}");
        let [id, model_id] = stats.map(|stat| (stat.dev, stat.ino));
        assert_eq!(*ids.entry(model_id).or_insert(id), id, "{path}: number");
        match stats[1].file_type {
            FileType::Directory => {
                let open = |dir: &Arc<dyn Dir>| dir.open_dir(name).expect("listed");
                let inner = Pair(open(overlay), open(model));
                assert_eq!(inner.0.stat().map(|stat| (stat.dev, stat.ino)), Ok(id));
                compare_dirs(&inner, &path, ids);
            }
            FileType::SymbolicLink => {
                assert_eq!(overlay.read_link(name), model.read_link(name), "{path}");
            }
            _ => {
                let open = |dir: &Arc<dyn Dir>| dir.open_file(name, OpenOptions::READ);
                let (overlay, model) = (open(overlay), open(model));
                let (overlay, model) = (overlay.expect("listed"), model.expect("listed"));
                same_file(&*overlay, &*model);
                assert_eq!(overlay.stat().map(|stat| (stat.dev, stat.ino)), Ok(id));
            }
        }
    }
}

/// Every name below a directory, with its attributes and contents.
fn everything(dir: &Arc<dyn Dir>, path: &str, all: &mut Vec<(String, Stat, Vec<u8>)>) {
    for text in names(&**dir) {
        let name = Name::new(&text).expect("a listed name");
        let stat = dir.stat_at(name).expect("listed");
        let path = format!("{path}/{text}");
        let contents = match stat.file_type {
            FileType::RegularFile => dir
                .open_file(name, OpenOptions::READ)
                .and_then(|file| bytes_of(&*file)),
            FileType::SymbolicLink => dir.read_link(name).map(String::into_bytes),
            _ => Ok(Vec::new()),
        };
        all.push((path.clone(), stat, contents.expect("it can be read")));
        if stat.file_type == FileType::Directory {
            everything(&dir.open_dir(name).expect("listed"), &path, all);
        }
    }
}

#[test]
fn random_work_on_an_overlay_is_as_on_a_plain_tree_and_the_lower_one_stays() {
    for seed in 0..100 {
        let (mut world, lower) = overlay_world(seed);
        let state = |fs: &MemFs| {
            let mut all = Vec::new();
            everything(&fs.root(), "", &mut all);
            all
        };
        let before = state(&lower);
        let run = || {
            world.compare();
            for step in 0..300 {
                world.step();
                if step % 10 == 0 {
                    world.compare();
                }
            }
            world.compare();
        };
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
        assert!(result.is_ok(), "seed {seed}");
        assert_eq!(state(&lower), before, "seed {seed}");
    }
}

/// What fails in the upper tree must not show half done, nor lose what was there.
#[test]
fn a_fault_in_the_upper_tree_ends_the_call_and_changes_nothing() {
    use crate::vfs::{FaultInject, Faults};
    let prepare = || {
        let lower = MemFs::new();
        lower.create_dir_all("/d/e").expect("new directories");
        lower.write("/d/f", [1; 100_000]).expect("written");
        lower.write("/d/e/g", [2; 10]).expect("written");
        lower.write("/t", [3; 10]).expect("written");
        lower
    };
    type Work = fn(&Arc<dyn Dir>) -> VfsResult<()>;
    let name = |text| Name::new(text).expect("a plain name");
    let works: [Work; 6] = [
        |root| ops::open_file(root, "/d/f", OpenOptions::READ_WRITE).map(drop),
        |root| {
            let d = root.open_dir(Name::new("d")?)?;
            root.rename(Name::new("t")?, &*d, Name::new("f")?)
        },
        |root| root.rename(Name::new("d")?, &**root, Name::new("x")?),
        |root| {
            let d = root.open_dir(Name::new("d")?)?;
            d.hard_link(Name::new("f")?, &**root, Name::new("l")?)
        },
        |root| root.open_dir(Name::new("d")?)?.create_dir(Name::new("n")?),
        |root| ops::write(root, "/d/e/new", b""),
    ];
    for (index, work) in works.into_iter().enumerate() {
        for n in 1.. {
            assert!(n < 100, "work {index} ends");
            let lower = prepare();
            let upper = FaultInject::new(MemFs::new(), Faults::none().nth(n, Errno::Io));
            let root = Overlay::new(&lower, &upper).root();
            let result = work(&root);
            if upper.injected() == 0 {
                assert_eq!(result, Ok(()), "work {index} without a fault");
                break;
            }
            if result.is_ok() {
                continue;
            }
            assert_eq!(result.map_err(|error| error.errno()), Err(Errno::Io));
            let model = Pair(Arc::clone(&root), prepare().root());
            compare_dirs(&model, "", &mut HashMap::new());
            // Once the fault is over, the same work is done.
            assert_eq!(work(&root), Ok(()), "work {index} after fault {n}");
            assert!(root.open_dir(name("d")).is_ok() || root.open_dir(name("x")).is_ok());
        }
    }
}

/// Copies a tree name by name.
fn copy_into(from: &Arc<dyn Dir>, to: &Arc<dyn Dir>, seen: &mut HashMap<u64, Place>) {
    for text in names(&**from) {
        let name = Name::new(&text).expect("a listed name");
        let stat = from.stat_at(name).expect("listed");
        if let Some((dir, first)) = seen.get(&stat.ino) {
            let first = Name::new(first).expect("a listed name");
            dir.hard_link(first, &**to, name).expect("a second name");
            continue;
        }
        match stat.file_type {
            FileType::Directory => {
                to.create_dir(name).expect("new");
                let inner = [from, to].map(|dir| dir.open_dir(name).expect("there"));
                copy_into(&inner[0], &inner[1], seen);
            }
            FileType::SymbolicLink => {
                let target = from.read_link(name).expect("a link");
                to.symlink(&target, name).expect("new");
                seen.insert(stat.ino, (Arc::clone(to), text));
            }
            _ => {
                let file = from.open_file(name, OpenOptions::READ).expect("there");
                let bytes = bytes_of(&*file).expect("it can be read");
                let copy = to.open_file(name, OpenOptions::WRITE).expect("new");
                assert_eq!(copy.write_at(0, &bytes), Ok(bytes.len()));
                seen.insert(stat.ino, (Arc::clone(to), text));
            }
        }
    }
}

/// The first name of a node.
type Place = (Arc<dyn Dir>, String);

fn clear(dir: &Arc<dyn Dir>) {
    for text in names(&**dir) {
        let name = Name::new(&text).expect("a listed name");
        if let Ok(inner) = dir.open_dir(name) {
            clear(&inner);
            dir.remove_dir(name).expect("it is empty");
        } else {
            dir.remove_file(name).expect("it is a file");
        }
    }
}

/// Snapshots of snapshots, each changed on while the others are: nothing of one shows in another,
/// and what each is charged with comes back to the last byte.
#[test]
fn random_work_on_snapshots_is_as_on_copies() {
    for seed in 0..60 {
        let mut dice = Dice(seed);
        let pair = |tested: &MemFs, model: &MemFs| Pair(tested.root(), model.root());
        let (fs, model) = (MemFs::new(), MemFs::new());
        let world = World::new(Dice(dice.next(1 << 40)), pair(&fs, &model));
        let mut branches = vec![(fs, model, world)];
        for _ in 0..12 {
            for _ in 0..60 {
                let at = dice.next(branches.len() as u64) as usize;
                branches[at].2.step();
            }
            for (_, _, world) in &branches {
                world.compare();
            }
            let at = dice.next(branches.len() as u64) as usize;
            let copy = MemFs::new();
            copy_into(&branches[at].1.root(), &copy.root(), &mut HashMap::new());
            let snapshot = branches[at].0.snapshot();
            let world = World::new(Dice(dice.next(1 << 40)), pair(&snapshot, &copy));
            world.compare();
            if branches.len() == 4 {
                let gone = dice.next(4) as usize;
                branches.swap_remove(gone);
            }
            branches.push((snapshot, copy, world));
        }
        for (fs, _, world) in branches {
            drop(world);
            clear(&fs.root());
            assert_eq!(fs.usage(), Usage { bytes: 0, nodes: 0 }, "seed {seed}");
        }
    }
}
