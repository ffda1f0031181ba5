//! Operations on a tree and on its model: both do the same, or both refuse.

use std::sync::Arc;

use afmpeg_wasi::Errno;
use afmpeg_wasi::vfs::{Create, Dir, File, Name, OpenOptions, SetTimes, Usage, VfsResult};

use super::listing::Listing;
use crate::choices::Choices;
use crate::model::{self, Id, Kind, ROOT, Refusal, Tree};
use crate::paths;

/// A directory that is open in both.
#[derive(Clone)]
pub(super) struct OpenDir {
    pub(super) real: Arc<dyn Dir>,
    pub(super) id: Id,
}

struct OpenFile {
    real: Arc<dyn File>,
    id: Id,
    read: bool,
    write: bool,
}

/// What a step may meet besides what the model knows.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Doubt {
    /// The errno with which the tree was made to fail, if it was.
    pub(super) fault: Option<Errno>,
    /// What was made to fail must be refused, with the errno of the fault.
    pub(super) is_sure: bool,
    /// Writes may be cut short, to what fits for one.
    pub(super) is_short: bool,
    /// What there was room for before.
    pub(super) room: Option<Usage>,
}

/// A tree, its model, and what is open of both.
pub(super) struct Work {
    pub(super) root: Arc<dyn Dir>,
    pub(super) model: Tree,
    /// The root first; some of the others are removed.
    dirs: Vec<OpenDir>,
    files: Vec<OpenFile>,
    listings: Vec<Listing>,
    /// What was done, for the message.
    pub(super) log: Vec<String>,
}

/// The most handles that are kept.
const HANDLES: usize = 8;

impl Work {
    pub(super) fn new(root: Arc<dyn Dir>, model: Tree) -> Self {
        Self {
            dirs: vec![OpenDir {
                real: Arc::clone(&root),
                id: ROOT,
            }],
            root,
            model,
            files: Vec::new(),
            listings: Vec::new(),
            log: Vec::new(),
        }
    }

    /// Does one operation. `doubt` is asked after the tree did it.
    pub(super) fn step(
        &mut self,
        choices: &mut Choices<'_>,
        doubt: impl FnOnce() -> Doubt,
    ) -> Result<(), String> {
        let dir = self.dirs[choices.index(self.dirs.len())].clone();
        let to_dir = self.dirs[choices.index(self.dirs.len())].clone();
        let (text, to_text) = (name(choices), name(choices));
        let plain = |text: &'static str| Name::new(text).expect("the names are components");
        let (name, to) = (plain(text), plain(to_text));
        let (id, to_id) = (dir.id, to_dir.id);
        let model = &mut self.model;
        let kind = choices.below(22);
        let dirs = if to_id == id {
            String::new()
        } else {
            format!(" to {to_id}")
        };
        self.log
            .push(format!("{kind}: dir {id}, {text:?}{dirs}, {to_text:?}"));
        match kind {
            0..=2 => {
                let real = dir.real.open_dir(name);
                if let Some((real, id)) = agree(real, model.open_dir(id, name), doubt())? {
                    let at = choices.index(HANDLES);
                    keep(&mut self.dirs, at.max(1), OpenDir { real, id });
                }
                Ok(())
            }
            3..=5 => self.open_file(choices, &dir, name, doubt),
            6 | 7 => {
                let real = dir.real.create_dir(name);
                agree(real, model.create_dir(id, name), doubt()).map(drop)
            }
            8 | 9 => {
                let real = dir.real.remove_file(name);
                agree(real, model.remove_file(id, name), doubt()).map(drop)
            }
            10 => {
                let real = dir.real.remove_dir(name);
                agree(real, model.remove_dir(id, name), doubt()).map(drop)
            }
            11 | 12 => {
                let real = dir.real.rename(name, &*to_dir.real, to);
                agree(real, model.rename(id, name, to_id, to), doubt()).map(drop)
            }
            13 => {
                let real = dir.real.hard_link(name, &*to_dir.real, to);
                agree(real, model.hard_link(id, name, to_id, to), doubt()).map(drop)
            }
            14 => {
                let real = dir.real.symlink(to_text, name);
                agree(real, model.symlink(to_text, id, name), doubt()).map(drop)
            }
            15 => {
                let real = dir.real.read_link(name);
                let found = model.find(id, text).map(|id| &model.node(id).kind);
                let found = match found {
                    Ok(Kind::Link(text)) => Ok(text.clone()),
                    Ok(_) => Err(vec![Errno::Inval]),
                    Err(errno) => Err(vec![errno]),
                };
                same(agree(real, found, doubt())?)
            }
            16 => {
                let times = times(choices);
                let real = dir.real.set_times_at(name, times);
                let set = match model.find(id, text) {
                    Ok(id) => model.set_times(id, times),
                    Err(errno) => Err(vec![errno]),
                };
                agree(real, set, doubt()).map(drop)
            }
            17 => {
                let real = dir.real.stat_at(name).map(|stat| stat.file_type);
                let found = model.find(id, text).map(|id| model.file_type(id));
                same(agree(real, found.map_err(|errno| vec![errno]), doubt())?)
            }
            18 => {
                if self.listings.len() < 3 {
                    self.listings.push(Listing::new(&dir));
                }
                let at = choices.index(self.listings.len());
                let count = choices.index(5) + 1;
                let listed = self.listings[at].go_on(count);
                let doubt = doubt();
                match listed {
                    Ok(_) if doubt.must_refuse() => Err(format!(
                        "it is done in spite of the fault {:?}",
                        doubt.fault
                    )),
                    Ok(true) => self.listings[at]
                        .judge()
                        .map(|()| drop(self.listings.remove(at))),
                    Ok(false) => Ok(()),
                    Err(error) if doubt.fault == Some(error.errno()) => Ok(()),
                    Err(error) => Err(format!("the listing fails: {error}")),
                }
            }
            _ => self.use_file(choices, doubt),
        }?;
        for listing in &mut self.listings {
            listing.changed(&self.model);
        }
        Ok(())
    }

    fn open_file(
        &mut self,
        choices: &mut Choices<'_>,
        dir: &OpenDir,
        name: Name<'_>,
        doubt: impl FnOnce() -> Doubt,
    ) -> Result<(), String> {
        let options = OpenOptions {
            read: !choices.once_in(6),
            write: choices.below(2) == 0,
            truncate: choices.once_in(5),
            create: choices.pick(&[
                Create::Never,
                Create::IfAbsent,
                Create::IfAbsent,
                Create::New,
            ]),
        };
        self.log.push(format!("  {options:?}"));
        let real = dir.real.open_file(name, options);
        let model = self.model.open_file(dir.id, name, options);
        if let Some((real, id)) = agree(real, model, doubt())? {
            let (read, write) = (options.read, options.write);
            let at = choices.index(HANDLES);
            keep(
                &mut self.files,
                at,
                OpenFile {
                    real,
                    id,
                    read,
                    write,
                },
            );
        }
        Ok(())
    }

    fn use_file(
        &mut self,
        choices: &mut Choices<'_>,
        doubt: impl FnOnce() -> Doubt,
    ) -> Result<(), String> {
        if self.files.is_empty() {
            return Ok(());
        }
        let at = choices.index(self.files.len());
        let file = &self.files[at];
        let (id, model) = (file.id, &mut self.model);
        let offset = offset(choices);
        let len = choices.pick(&[0, 1, 10, 100, 300, 5_000, 70_000]);
        let data = choices.bytes(len);
        let kind = choices.below(9);
        self.log.push(format!(
            "  {kind}: file {id}, offset {offset:#x}, {len} bytes"
        ));
        let may = |right: bool| {
            if right {
                Ok(())
            } else {
                Err(vec![Errno::Badf])
            }
        };
        let fits = |end: Option<u64>| match end {
            Some(end) if end <= 1 << 40 => Ok(()),
            _ => Err(vec![Errno::Fbig]),
        };
        let end = offset.checked_add(data.len() as u64);
        match kind {
            0 | 1 => {
                let mut bytes = vec![0x5a; len];
                let real = file.real.read_at(offset, &mut bytes);
                let expected = model
                    .contents(id)
                    .map(|contents| contents.read(offset, len as u64));
                let expected = may(file.read).map(|()| expected.unwrap_or_default());
                if let Some((count, expected)) = agree(real, expected, doubt())? {
                    let least = usize::from(!expected.is_empty());
                    if count < least || bytes.get(..count) != expected.get(..count) {
                        return Err(format!("{count} bytes are read, and not as they should be"));
                    }
                }
                Ok(())
            }
            2 | 3 => {
                let real = file.real.write_at(offset, &data);
                let doubt = doubt();
                let count = real.ok().filter(|_| doubt.is_short);
                let end = offset.checked_add(count.unwrap_or(len) as u64);
                let allowed = may(file.write);
                let allowed = allowed.and_then(|()| if len == 0 { Ok(()) } else { fits(end) });
                if let Some((count, ())) = agree_taking(real, allowed, doubt, len as u64)? {
                    written(count, &data)?;
                    if count > 0 {
                        model.change(id, |contents| contents.write(offset, &data[..count]));
                    }
                }
                Ok(())
            }
            4 => {
                let real = file.real.append(&data);
                let start = model.size(id);
                let doubt = doubt();
                let count = real.ok().filter(|_| doubt.is_short);
                let count = count.map_or(len, |(count, _)| count);
                let allowed = may(file.write);
                let allowed = allowed.and_then(|()| {
                    if len == 0 {
                        Ok(())
                    } else {
                        fits(start.checked_add(count as u64))
                    }
                });
                if let Some(((count, end), ())) = agree_taking(real, allowed, doubt, len as u64)? {
                    written(count, &data)?;
                    if count > 0 {
                        model.change(id, |contents| contents.write(start, &data[..count]));
                    }
                    if end != model.size(id) {
                        return Err(format!("the end is said to be {end}"));
                    }
                }
                Ok(())
            }
            5 => {
                let real = file.real.set_len(offset);
                let allowed = may(file.write).and_then(|()| fits(Some(offset)));
                if agree(real, allowed, doubt())?.is_some() {
                    model.change(id, |contents| contents.set_len(offset));
                }
                Ok(())
            }
            6 => {
                let real = file.real.allocate(offset, len as u64);
                let allowed = may(file.write).and_then(|()| {
                    if len == 0 {
                        Err(vec![Errno::Inval])
                    } else {
                        fits(end)
                    }
                });
                if agree_taking(real, allowed, doubt(), len as u64)?.is_some() {
                    let end = end.unwrap_or(u64::MAX);
                    model.change(id, |contents| contents.set_len(end.max(contents.len())));
                }
                Ok(())
            }
            7 => {
                let times = times(choices);
                agree(
                    file.real.set_times(times),
                    model.set_times(id, times),
                    doubt(),
                )
                .map(drop)
            }
            _ => {
                drop(self.files.swap_remove(at));
                Ok(())
            }
        }
    }

    /// Compares everything that can be seen, by name and through the handles.
    pub(super) fn compare(&self) -> Result<(), String> {
        model::same_tree(&self.root, &self.model)?;
        for OpenFile { real, id, read, .. } in &self.files {
            let stat = real.stat().map_err(|error| error.to_string())?;
            let (names, size) = (self.model.node(*id).names, self.model.size(*id));
            if (stat.nlink, stat.size) != (names, size) {
                return Err(format!(
                    "open file {id}: {stat:?}, not {names} names, {size} bytes"
                ));
            }
            if let (true, Some(contents)) = (read, self.model.contents(*id)) {
                model::same_file(&**real, contents)
                    .map_err(|wrong| format!("open file {id}: {wrong}"))?;
            }
        }
        for OpenDir { real, id } in &self.dirs {
            let mut listing = Listing::new(&OpenDir {
                real: Arc::clone(real),
                id: *id,
            });
            listing.changed(&self.model);
            let ended = listing
                .go_on(usize::MAX)
                .map_err(|error| error.to_string())?;
            if !ended {
                return Err(format!("the listing of {id} does not end"));
            }
            listing.judge()?;
        }
        Ok(())
    }

    /// Closes everything.
    pub(super) fn close(&mut self) {
        self.dirs.truncate(1);
        self.files.clear();
        self.listings.clear();
    }
}

fn keep<T>(kept: &mut Vec<T>, at: usize, new: T) {
    if at < kept.len() {
        kept[at] = new;
    } else {
        kept.push(new);
    }
}

fn name(choices: &mut Choices<'_>) -> &'static str {
    match choices.below(4) {
        0 => choices.pick(&paths::NAMES),
        _ => choices.pick(&["a", "b", "d", "e", "f", ".wh.a"]),
    }
}

fn offset(choices: &mut Choices<'_>) -> u64 {
    match choices.below(12) {
        0 => choices.any(),
        1 => (1 << 40) - choices.below(200),
        2 => (1 << 40) + choices.below(200),
        3..=5 => (64 << 10) * choices.below(4) + choices.below(200),
        _ => choices.below(400),
    }
}

fn times(choices: &mut Choices<'_>) -> SetTimes {
    let mut time = || match choices.below(3) {
        0 => None,
        1 => Some(choices.any()),
        _ => Some(1_000_000_000),
    };
    SetTimes {
        atim: time(),
        mtim: time(),
    }
}

/// Both did it, or both refused for a reason that the model has.
fn agree<A, B>(
    real: VfsResult<A>,
    model: Result<B, Refusal>,
    doubt: Doubt,
) -> Result<Option<(A, B)>, String> {
    agree_taking(real, model, doubt, 0)
}

/// The same for what needs room for so many bytes.
fn agree_taking<A, B>(
    real: VfsResult<A>,
    model: Result<B, Refusal>,
    doubt: Doubt,
    bytes: u64,
) -> Result<Option<(A, B)>, String> {
    match (real.map_err(|error| error.errno()), model) {
        (Err(errno), _) if doubt.fault == Some(errno) => Err(REFUSED.to_owned()),
        (real, _) if doubt.must_refuse() => Err(format!(
            "it was made to fail with {:?} and is {:?}",
            doubt.fault,
            real.err()
        )),
        (Ok(real), Ok(model)) => Ok(Some((real, model))),
        (Err(errno), Err(reasons)) if reasons.contains(&errno) => Ok(None),
        (Err(Errno::Nospc), _) if doubt.is_tight(bytes) => Err(REFUSED.to_owned()),
        (Err(errno), Ok(_)) => Err(format!("it is refused as {errno} without a reason")),
        (Err(errno), Err(reasons)) => {
            Err(format!("it is refused as {errno} and not as {reasons:?}"))
        }
        (Ok(_), Err(reasons)) => Err(format!("it is done in spite of {reasons:?}")),
    }
}

/// The whole step was refused for a reason from outside: the model must be as it was before.
pub(super) const REFUSED: &str = "refused from outside";

impl Doubt {
    fn must_refuse(self) -> bool {
        self.is_sure && self.fault.is_some()
    }

    fn is_tight(self, bytes: u64) -> bool {
        const CHUNKS: u64 = 4 * (64 << 10);
        let tight = |room: Usage| room.bytes < bytes.saturating_add(CHUNKS) || room.nodes < 1;
        self.room.is_some_and(tight)
    }
}

fn same<T: PartialEq + std::fmt::Debug>(both: Option<(T, T)>) -> Result<(), String> {
    match both {
        Some((real, model)) if real != model => Err(format!("it is {real:?} and not {model:?}")),
        _ => Ok(()),
    }
}

fn written(count: usize, data: &[u8]) -> Result<(), String> {
    if count > data.len() || count == 0 && !data.is_empty() {
        return Err(format!("{count} bytes of {} are written", data.len()));
    }
    Ok(())
}
