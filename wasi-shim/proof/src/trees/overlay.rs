//! The target `overlay_model`: two trees seen as one, the upper of which may fail at any call. The
//! lower one stays as it is, and what was refused has changed nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use afmpeg_wasi::Errno;
use afmpeg_wasi::vfs::{Dir, FaultInject, Faults, MemFs, Name, OpenOptions, Overlay, Quota, Vfs};

use super::work::{Doubt, REFUSED, Work};
use crate::choices::Choices;
use crate::model::{self, Id, ROOT, Tree};

/// The most operations of one list.
const STEPS: u64 = 120;
/// What a call that was made to fail says.
const FAULT: Errno = Errno::Stale;

/// Does what the bytes say to an overlay.
///
/// # Panics
///
/// When it does something that the model does not.
pub fn run(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let now = 1_000;
    let fs = || MemFs::with_clock(Quota::default(), move || now);
    let (lower, upper) = (fs(), fs());
    let mut below = Tree::new(now);
    let mut shown = Tree::new(now);
    shown.keeps_times = false;
    fill(&mut choices, &lower, &upper, &mut below, &mut shown);
    // How many calls of the upper tree go well until one fails; 0 for all.
    let until = Arc::new(AtomicU64::new(0));
    let countdown = Arc::clone(&until);
    let faults = Faults::none().when(move |_, _| {
        let left = countdown.load(Ordering::Relaxed);
        countdown.store(left.saturating_sub(1), Ordering::Relaxed);
        (left == 1).then_some(FAULT)
    });
    let faulty = FaultInject::new(&upper, faults);
    let mut work = Work::new(Overlay::new(&lower, &faulty).root(), shown);
    for _ in 0..STEPS {
        if choices.is_empty() {
            break;
        }
        let failing = if choices.once_in(4) {
            choices.below(12) + 1
        } else {
            0
        };
        work.log.push(format!("upper call {failing} fails"));
        let model = work.model.clone();
        let injected = faulty.injected();
        until.store(failing, Ordering::Relaxed);
        let mut done = work.step(&mut choices, || Doubt {
            fault: (faulty.injected() > injected).then_some(FAULT),
            // An overlay may do without the call that failed, one that tidies up for example.
            is_sure: false,
            is_short: false,
            room: None,
        });
        until.store(0, Ordering::Relaxed);
        if done == Err(REFUSED.to_owned()) {
            work.model = model;
            done = Ok(());
        }
        if let Err(wrong) = done.and_then(|()| work.compare()) {
            panic!("{wrong}\nafter these operations: {:#?}", work.log);
        }
    }
    if let Err(wrong) = model::same_tree(&lower.root(), &below) {
        panic!(
            "the lower tree: {wrong}\nafter these operations: {:#?}",
            work.log
        );
    }
}

/// Puts files, links and directories in one of the two trees, or directories in both.
fn fill(
    choices: &mut Choices<'_>,
    lower: &MemFs,
    upper: &MemFs,
    below: &mut Tree,
    shown: &mut Tree,
) {
    for _ in 0..choices.below(20) {
        let in_upper = choices.once_in(4);
        let mut real = [lower.root(), upper.root()];
        let mut ids = (ROOT, ROOT);
        for _ in 0..choices.below(3) {
            let Some(inner) = enter(choices, &real, (below, shown), ids) else {
                break;
            };
            (real, ids) = inner;
        }
        let text = choices.pick(&["a", "b", "d", "e", "f", "g"]);
        let name = Name::new(text).expect("a plain name");
        if shown.find(ids.1, text).is_ok() {
            continue;
        }
        let tree = &real[usize::from(in_upper)];
        if choices.once_in(6) {
            tree.symlink("a", name).expect("new");
            shown.symlink("a", ids.1, name).expect("new");
            if !in_upper {
                below.symlink("a", ids.0, name).expect("new");
            }
            continue;
        }
        let len = choices.pick(&[0, 5, 100, 3_000]);
        let bytes = choices.bytes(len);
        let file = tree.open_file(name, OpenOptions::WRITE);
        let written = file.and_then(|file| file.write_at(0, &bytes));
        assert_eq!(written, Ok(len));
        let put = |model: &mut Tree, dir: Id| {
            let id = model.open_file(dir, name, OpenOptions::WRITE).expect("new");
            model.change(id, |contents| contents.write(0, &bytes));
        };
        put(shown, ids.1);
        if !in_upper {
            put(below, ids.0);
        }
    }
}

type Place = ([Arc<dyn Dir>; 2], (Id, Id));

/// Goes into a directory of both trees, made where it is missing.
fn enter(
    choices: &mut Choices<'_>,
    real: &[Arc<dyn Dir>; 2],
    (below, shown): (&mut Tree, &mut Tree),
    ids: (Id, Id),
) -> Option<Place> {
    let name = Name::new(choices.pick(&["p", "q"])).expect("a plain name");
    // The names of directories are no file's, so they are free or directories in both trees.
    for dir in real {
        let made = dir.create_dir(name).map_err(|error| error.errno());
        assert!(matches!(made, Ok(()) | Err(Errno::Exist)), "{made:?}");
    }
    for (model, id) in [(&mut *below, ids.0), (&mut *shown, ids.1)] {
        let made = model.create_dir(id, name);
        assert!(made.is_ok() || made == Err(vec![Errno::Exist]), "{made:?}");
    }
    let inner = [&real[0], &real[1]].map(|dir| dir.open_dir(name).expect("there"));
    let ids = (below.open_dir(ids.0, name), shown.open_dir(ids.1, name));
    Some((inner, (ids.0.ok()?, ids.1.ok()?)))
}
