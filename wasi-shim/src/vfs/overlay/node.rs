//! A directory of an overlay: where it is in the two trees, and what is hidden in it.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::file::LowerFile;
use super::listing::Listing;
use super::{Fs, LOWER, with_id};
use crate::errno::Errno;
use crate::vfs::{Cookie, Dir, FileType, Name, Stat, VfsResult};

/// There is at most one node of a directory at a time, so that all handles see one state.
pub(super) struct Node {
    number: u64,
    lower: Option<Arc<dyn Dir>>,
    /// Where the directory is, or was when it was removed; `None` for the root. Changed only with
    /// all names locked.
    place: Mutex<Option<Place>>,
    state: Mutex<State>,
}

/// A name in a directory.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) parent: Arc<Node>,
    pub(super) name: Box<str>,
}

#[derive(Default)]
pub(super) struct State {
    /// The directory in the upper tree, at the same path as in the overlay, once there is one.
    pub(super) upper: Option<Arc<dyn Dir>>,
    pub(super) removed: bool,
    /// Names of the lower directory that are hidden, whether or not the upper one has them.
    hidden: HashSet<Box<str>>,
    /// Names to which directories of the lower tree were moved.
    moved_in: HashMap<Box<str>, Arc<dyn Dir>>,
    /// The directories in this one that somebody has open, or that are pinned.
    children: HashMap<Box<str>, Weak<Node>>,
    /// The files of the lower directory that somebody has open.
    files: HashMap<Box<str>, Weak<LowerFile>>,
    pub(super) listing: Listing,
}

/// What a name stands for, and in which tree: attributes as that tree has them.
#[derive(Clone, Copy)]
pub(super) enum Found {
    Upper(Stat),
    Lower(Stat),
}

impl Found {
    pub(super) fn file_type(&self) -> FileType {
        match self {
            Found::Upper(stat) | Found::Lower(stat) => stat.file_type,
        }
    }
}

impl Node {
    pub(super) fn new(
        fs: &Fs,
        upper: Option<Arc<dyn Dir>>,
        lower: Option<Arc<dyn Dir>>,
        place: Option<Place>,
    ) -> Arc<Self> {
        Arc::new(Self {
            number: fs.next_node(),
            lower,
            place: Mutex::new(place),
            state: Mutex::new(State {
                upper,
                ..State::default()
            }),
        })
    }

    pub(super) fn number(&self) -> u64 {
        self.number
    }

    pub(super) fn lower(&self) -> Option<&Arc<dyn Dir>> {
        self.lower.as_ref()
    }

    pub(super) fn upper(&self) -> Option<Arc<dyn Dir>> {
        self.state().upper.clone()
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn place(&self) -> Option<Place> {
        self.place
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(super) fn set_place(&self, place: Place) {
        let mut own = self.place.lock().unwrap_or_else(PoisonError::into_inner);
        let old = own.replace(place);
        drop(own);
        drop(old);
    }

    /// Whether it is `other` or one of its ancestors.
    pub(super) fn contains(&self, other: &Arc<Node>) -> bool {
        let mut at = Some(Arc::clone(other));
        while let Some(node) = at {
            if node.number == self.number {
                return true;
            }
            at = node.place().map(|place| place.parent);
        }
        false
    }

    pub(super) fn check_alive(&self) -> VfsResult<()> {
        if self.state().removed {
            Err(Errno::Noent.into())
        } else {
            Ok(())
        }
    }

    /// What a name stands for.
    pub(super) fn find(&self, name: Name<'_>) -> VfsResult<Found> {
        let (upper, hidden) = {
            let state = self.state();
            if state.removed {
                return Err(Errno::Noent.into());
            }
            (state.upper.clone(), state.hidden.contains(name.as_str()))
        };
        if let Some(upper) = upper
            && let Some(stat) = existing(upper.stat_at(name))?
        {
            return Ok(Found::Upper(stat));
        }
        match &self.lower {
            Some(lower) if !hidden => lower.stat_at(name).map(Found::Lower),
            _ => Err(Errno::Noent.into()),
        }
    }

    /// Whether the lower directory has a name, hidden or not.
    pub(super) fn lower_has(&self, name: Name<'_>) -> VfsResult<bool> {
        match &self.lower {
            Some(lower) => Ok(existing(lower.stat_at(name))?.is_some()),
            None => Ok(false),
        }
    }

    /// The node of a directory in this one.
    pub(super) fn child(self: &Arc<Self>, fs: &Fs, name: Name<'_>) -> VfsResult<Arc<Node>> {
        // Locked from looking for a node to having added one: there must not be two.
        let mut state = self.state();
        if state.removed {
            return Err(Errno::Noent.into());
        }
        if let Some(child) = state.children.get(name.as_str()).and_then(Weak::upgrade) {
            return Ok(child);
        }
        let upper = match &state.upper {
            Some(dir) => existing(dir.stat_at(name))?
                .map(|stat| {
                    check_dir(&stat)?;
                    dir.open_dir(name)
                })
                .transpose()?,
            None => None,
        };
        let lower = match (state.moved_in.get(name.as_str()), &self.lower) {
            (Some(moved), _) => Some(Arc::clone(moved)),
            (None, Some(dir)) if !state.hidden.contains(name.as_str()) => {
                match existing(dir.stat_at(name))? {
                    // A file of the lower tree is hidden by a directory of the upper one.
                    Some(stat) if upper.is_some() && stat.file_type != FileType::Directory => None,
                    Some(stat) => {
                        check_dir(&stat)?;
                        Some(dir.open_dir(name)?)
                    }
                    None => None,
                }
            }
            _ => None,
        };
        if upper.is_none() && lower.is_none() {
            return Err(Errno::Noent.into());
        }
        let place = Place {
            parent: Arc::clone(self),
            name: name.as_str().into(),
        };
        let child = Node::new(fs, upper, lower, Some(place));
        remember(&mut state.children, name, &child);
        Ok(child)
    }

    /// The attributes of this directory.
    pub(super) fn stat(&self) -> VfsResult<Stat> {
        let (upper, removed) = {
            let state = self.state();
            (state.upper.clone(), state.removed)
        };
        let lower = match &self.lower {
            Some(lower) => Some(LOWER.apply(lower.stat()?)),
            None => None,
        };
        // Known by its number in the lower tree, which does not change when it is copied.
        let id = lower.as_ref().map(super::id_of);
        let mut stat = match (upper, lower) {
            (Some(upper), _) => with_id(upper.stat()?, id),
            (None, Some(lower)) => lower,
            (None, None) => return Err(Errno::Noent.into()),
        };
        if removed {
            stat.nlink = 0;
        }
        Ok(stat)
    }

    /// The attributes of a name in this directory.
    pub(super) fn stat_at(self: &Arc<Self>, fs: &Fs, name: Name<'_>) -> VfsResult<Stat> {
        match self.find(name)? {
            Found::Upper(stat) if stat.file_type == FileType::Directory => {
                self.child(fs, name)?.stat()
            }
            Found::Upper(stat) => Ok(fs.shown(stat)),
            Found::Lower(stat) => Ok(LOWER.apply(stat)),
        }
    }

    /// Whether no name is left in it.
    pub(super) fn is_empty(&self) -> VfsResult<bool> {
        let upper = self.upper();
        let mut empty = true;
        if let Some(upper) = upper {
            upper.read_dir(Cookie::START, &mut |_| {
                empty = false;
                ControlFlow::Break(())
            })?;
        }
        if let Some(lower) = &self.lower
            && empty
        {
            let state = self.state();
            lower.read_dir(Cookie::START, &mut |entry| {
                empty = state.hidden.contains(entry.name.as_str());
                if empty {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                }
            })?;
        }
        Ok(empty)
    }

    /// The names of both directories, those of the upper one first.
    pub(super) fn all_names(&self) -> VfsResult<Vec<String>> {
        let (upper, hidden) = {
            let state = self.state();
            if state.removed {
                return Ok(Vec::new());
            }
            (state.upper.clone(), state.hidden.clone())
        };
        let mut names = Vec::new();
        let mut seen = HashSet::new();
        if let Some(upper) = upper {
            upper.read_dir(Cookie::START, &mut |entry| {
                if self.lower.is_some() {
                    seen.insert(entry.name.clone());
                }
                names.push(entry.name);
                ControlFlow::Continue(())
            })?;
        }
        if let Some(lower) = &self.lower {
            lower.read_dir(Cookie::START, &mut |entry| {
                if !hidden.contains(entry.name.as_str()) && !seen.contains(&entry.name) {
                    names.push(entry.name);
                }
                ControlFlow::Continue(())
            })?;
        }
        Ok(names)
    }

    /// Hides a name of the lower directory for good.
    pub(super) fn hide(self: &Arc<Self>, fs: &Fs, name: Name<'_>) {
        self.state().hidden.insert(name.as_str().into());
        fs.pin(self);
    }

    /// A directory of the lower tree is at this name from now on.
    pub(super) fn move_in(self: &Arc<Self>, fs: &Fs, name: Name<'_>, lower: &Arc<dyn Dir>) {
        let lower = Arc::clone(lower);
        self.state().moved_in.insert(name.as_str().into(), lower);
        fs.pin(self);
    }

    /// A directory has another name from now on.
    pub(super) fn put_child(&self, name: Name<'_>, child: &Arc<Node>) {
        remember(&mut self.state().children, name, child);
    }

    /// No directory has this name any more.
    pub(super) fn take_child(&self, name: Name<'_>) {
        let mut state = self.state();
        state.children.remove(name.as_str());
        state.moved_in.remove(name.as_str());
    }

    /// The directory lost its name: nothing is added to it any more.
    pub(super) fn retire(&self, fs: &Fs) {
        self.state().removed = true;
        fs.unpin(self);
    }

    /// The open file of the lower directory under this name, made by `open` if there is none.
    pub(super) fn open_lower_or(
        &self,
        name: Name<'_>,
        open: impl FnOnce() -> VfsResult<Arc<LowerFile>>,
    ) -> VfsResult<Arc<LowerFile>> {
        let mut state = self.state();
        if let Some(file) = state.files.get(name.as_str()).and_then(Weak::upgrade) {
            return Ok(file);
        }
        let file = open()?;
        remember(&mut state.files, name, &file);
        Ok(file)
    }

    /// The name does not stand for a file of the lower directory any more.
    pub(super) fn take_lower(&self, name: Name<'_>) -> Option<Arc<LowerFile>> {
        let file = self.state().files.remove(name.as_str())?;
        file.upgrade()
    }
}

impl Drop for Node {
    /// In a loop: nested drops of a deep chain of parents would overflow the stack.
    fn drop(&mut self) {
        let mut at = self.place.get_mut().ok().and_then(Option::take);
        while let Some(mut node) = at.and_then(|place| Arc::into_inner(place.parent)) {
            at = node.place.get_mut().ok().and_then(Option::take);
        }
    }
}

/// Adds to a map of what is open, and now and then takes out what is not any more.
fn remember<T>(map: &mut HashMap<Box<str>, Weak<T>>, name: Name<'_>, value: &Arc<T>) {
    if map.len() >= 64 && map.len().is_power_of_two() {
        map.retain(|_, value| value.strong_count() > 0);
    }
    map.insert(name.as_str().into(), Arc::downgrade(value));
}

/// `None` for what is missing.
pub(super) fn existing<T>(result: VfsResult<T>) -> VfsResult<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.errno() == Errno::Noent => Ok(None),
        Err(error) => Err(error),
    }
}

fn check_dir(stat: &Stat) -> VfsResult<()> {
    match stat.file_type {
        FileType::Directory => Ok(()),
        FileType::SymbolicLink => Err(Errno::Loop.into()),
        _ => Err(Errno::Notdir.into()),
    }
}
