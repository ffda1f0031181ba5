//! A filesystem as plain as it can be: nodes in a list that only grows, named by their place in it.
//! What trees of the crate do is compared with it.

use std::collections::BTreeMap;

use afmpeg_wasi::Errno;
use afmpeg_wasi::vfs::{Create, FileType, Name, OpenOptions, SetTimes};

use super::contents::Contents;

/// A node, for as long as the tree is there: an open handle is one too.
pub type Id = usize;

/// What a node is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A file and its contents.
    File(Contents),
    /// A directory and its entries.
    Dir(BTreeMap<String, Id>),
    /// A symbolic link and its text.
    Link(String),
}

/// A node.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Its names; a directory has one or none.
    pub names: u64,
    /// Last access.
    pub atim: u64,
    /// Last change of the contents.
    pub mtim: u64,
    /// Last change of anything.
    pub ctim: u64,
    /// Of a directory: where it is.
    parent: Option<Id>,
}

/// The model of a tree. An operation that is refused has changed nothing.
///
/// A refusal lists every reason there is: which of them a tree names is its own business.
#[derive(Clone, Debug)]
pub struct Tree {
    nodes: Vec<Node>,
    /// Every change is refused.
    pub read_only: bool,
    /// The longest file.
    pub longest: u64,
    /// The time of changes.
    pub now: u64,
    /// Times, and the names of directories, are those of the model; a tree that is stacked on
    /// others has its own.
    pub keeps_times: bool,
}

/// The reasons for which an operation is refused: at least one.
pub type Refusal = Vec<Errno>;

/// The root directory.
pub const ROOT: Id = 0;

impl Tree {
    /// An empty tree made at a time.
    #[must_use]
    pub fn new(now: u64) -> Self {
        let mut tree = Self {
            nodes: Vec::new(),
            read_only: false,
            longest: 1 << 40,
            now,
            keeps_times: true,
        };
        tree.add(Kind::Dir(BTreeMap::new()), None);
        tree.nodes[ROOT].names = 1;
        tree
    }

    /// A node.
    #[must_use]
    pub fn node(&self, id: Id) -> &Node {
        &self.nodes[id]
    }

    /// What kind of node it is.
    #[must_use]
    pub fn file_type(&self, id: Id) -> FileType {
        match self.nodes[id].kind {
            Kind::File(_) => FileType::RegularFile,
            Kind::Dir(_) => FileType::Directory,
            Kind::Link(_) => FileType::SymbolicLink,
        }
    }

    /// The size of a node, as its attributes have it.
    #[must_use]
    pub fn size(&self, id: Id) -> u64 {
        match &self.nodes[id].kind {
            Kind::File(contents) => contents.len(),
            Kind::Dir(_) => 0,
            Kind::Link(text) => text.len() as u64,
        }
    }

    /// The entries of a directory; of anything else, none.
    #[must_use]
    pub fn entries(&self, dir: Id) -> &BTreeMap<String, Id> {
        static NONE: BTreeMap<String, Id> = BTreeMap::new();
        match &self.nodes[dir].kind {
            Kind::Dir(entries) => entries,
            _ => &NONE,
        }
    }

    /// Whether a directory still has its place.
    #[must_use]
    pub fn is_alive(&self, dir: Id) -> bool {
        self.nodes[dir].names > 0
    }

    /// What a quota counts: every name, and what is open without one. The root is not counted.
    #[must_use]
    pub fn counted(&self, is_open: impl Fn(Id) -> bool) -> u64 {
        let nodes = self.nodes.iter().enumerate().skip(1);
        nodes
            .map(|(id, node)| node.names.max(u64::from(is_open(id))))
            .sum()
    }

    /// The fewest bytes that the contents take in any way of storing them.
    #[must_use]
    pub fn least_stored(&self, is_open: impl Fn(Id) -> bool) -> u64 {
        let nodes = self.nodes.iter().enumerate();
        nodes
            .filter(|(id, node)| node.names > 0 || is_open(*id))
            .map(|(_, node)| match &node.kind {
                Kind::File(contents) => contents.least_stored(),
                Kind::Dir(_) => 0,
                Kind::Link(text) => text.len() as u64,
            })
            .sum()
    }

    /// The most bytes that everything takes that was ever there, where a byte takes a chunk.
    #[must_use]
    pub fn most_stored(&self) -> u64 {
        let sizes = self.nodes.iter().map(|node| match &node.kind {
            Kind::File(contents) => contents.most_stored(),
            Kind::Dir(_) => 0,
            Kind::Link(text) => text.len() as u64,
        });
        sizes.fold(0, u64::saturating_add)
    }

    /// What a name refers to.
    ///
    /// # Errors
    ///
    /// `Noent`.
    pub fn find(&self, dir: Id, name: &str) -> Result<Id, Errno> {
        self.entries(dir).get(name).copied().ok_or(Errno::Noent)
    }

    /// The contents of a file.
    #[must_use]
    pub fn contents(&self, id: Id) -> Option<&Contents> {
        match &self.nodes[id].kind {
            Kind::File(contents) => Some(contents),
            _ => None,
        }
    }

    /// Opens a file.
    ///
    /// # Errors
    ///
    /// Why not.
    pub fn open_file(
        &mut self,
        dir: Id,
        name: Name<'_>,
        options: OpenOptions,
    ) -> Result<Id, Refusal> {
        let Ok(id) = self.find(dir, name.as_str()) else {
            if options.create == Create::Never {
                return Err(vec![Errno::Noent]);
            }
            let mut why = Vec::new();
            self.refuse_change(&mut why);
            self.refuse_new(dir, name, &mut why);
            allowed(why)?;
            return Ok(self.put_new(dir, name, Kind::File(Contents::default())));
        };
        let mut why = Vec::new();
        if options.create == Create::New {
            why.push(Errno::Exist);
        }
        match self.file_type(id) {
            FileType::Directory => why.push(Errno::Isdir),
            FileType::SymbolicLink => why.push(Errno::Loop),
            _ if options.write || options.truncate => self.refuse_change(&mut why),
            _ => {}
        }
        allowed(why)?;
        if options.truncate {
            self.change(id, |contents| contents.set_len(0));
        }
        Ok(id)
    }

    /// Opens a directory.
    ///
    /// # Errors
    ///
    /// Why not.
    pub fn open_dir(&self, dir: Id, name: Name<'_>) -> Result<Id, Refusal> {
        let id = self.find(dir, name.as_str()).map_err(|errno| vec![errno])?;
        match self.file_type(id) {
            FileType::Directory => Ok(id),
            FileType::SymbolicLink => Err(vec![Errno::Loop]),
            _ => Err(vec![Errno::Notdir]),
        }
    }

    /// Makes a directory.
    ///
    /// # Errors
    ///
    /// Why not.
    pub fn create_dir(&mut self, dir: Id, name: Name<'_>) -> Result<(), Refusal> {
        let mut why = Vec::new();
        self.refuse_change(&mut why);
        self.refuse_new(dir, name, &mut why);
        allowed(why)?;
        let id = self.put_new(dir, name, Kind::Dir(BTreeMap::new()));
        self.nodes[id].parent = Some(dir);
        Ok(())
    }

    /// Makes a symbolic link.
    ///
    /// # Errors
    ///
    /// Why not.
    pub fn symlink(&mut self, text: &str, dir: Id, name: Name<'_>) -> Result<(), Refusal> {
        let mut why = Vec::new();
        self.refuse_change(&mut why);
        self.refuse_new(dir, name, &mut why);
        allowed(why)?;
        self.put_new(dir, name, Kind::Link(text.to_owned()));
        Ok(())
    }

    /// Removes a file or link.
    ///
    /// # Errors
    ///
    /// Why not.
    pub fn remove_file(&mut self, dir: Id, name: Name<'_>) -> Result<(), Refusal> {
        let mut why = Vec::new();
        self.refuse_change(&mut why);
        match self.find(dir, name.as_str()) {
            Err(errno) => why.push(errno),
            Ok(id) if self.file_type(id) == FileType::Directory => why.push(Errno::Isdir),
            Ok(_) => {}
        }
        allowed(why)?;
        self.take_out(dir, name);
        self.touch(dir);
        Ok(())
    }

    /// Removes an empty directory.
    ///
    /// # Errors
    ///
    /// Why not.
    pub fn remove_dir(&mut self, dir: Id, name: Name<'_>) -> Result<(), Refusal> {
        let mut why = Vec::new();
        self.refuse_change(&mut why);
        match self.find(dir, name.as_str()) {
            Err(errno) => why.push(errno),
            Ok(id) if self.file_type(id) != FileType::Directory => why.push(Errno::Notdir),
            Ok(id) if !self.entries(id).is_empty() => why.push(Errno::Notempty),
            Ok(_) => {}
        }
        allowed(why)?;
        self.take_out(dir, name);
        self.touch(dir);
        Ok(())
    }

    /// Moves a node to another name.
    ///
    /// # Errors
    ///
    /// Why not.
    pub fn rename(
        &mut self,
        dir: Id,
        from: Name<'_>,
        to_dir: Id,
        to: Name<'_>,
    ) -> Result<(), Refusal> {
        let mut why = Vec::new();
        self.refuse_change(&mut why);
        if !self.is_alive(to_dir) {
            why.push(Errno::Noent);
        }
        let moving = self.find(dir, from.as_str());
        let target = self.find(to_dir, to.as_str()).ok();
        match moving {
            Err(errno) => why.push(errno),
            Ok(moving) if target == Some(moving) => {}
            Ok(moving) => self.refuse_move(moving, dir, to_dir, target, &mut why),
        }
        allowed(why)?;
        let Ok(moving) = moving else { return Ok(()) };
        if target == Some(moving) {
            return Ok(());
        }
        if target.is_some() {
            self.take_out(to_dir, to);
        }
        self.entries_mut(dir).remove(from.as_str());
        self.entries_mut(to_dir)
            .insert(to.as_str().to_owned(), moving);
        if self.file_type(moving) == FileType::Directory {
            self.nodes[moving].parent = Some(to_dir);
        }
        self.nodes[moving].ctim = self.now;
        self.touch(dir);
        self.touch(to_dir);
        Ok(())
    }

    fn refuse_move(
        &self,
        moving: Id,
        dir: Id,
        to_dir: Id,
        target: Option<Id>,
        why: &mut Vec<Errno>,
    ) {
        if self.contains(moving, to_dir) {
            why.push(Errno::Inval);
        }
        let Some(target) = target else { return };
        let is_dir = |id| self.file_type(id) == FileType::Directory;
        match (is_dir(moving), is_dir(target)) {
            (true, true) if self.contains(target, dir) => why.push(Errno::Notempty),
            (true, true) if !self.entries(target).is_empty() => why.push(Errno::Notempty),
            (true, false) => why.push(Errno::Notdir),
            (false, true) => why.push(Errno::Isdir),
            _ => {}
        }
    }

    /// Gives a file or link a further name.
    ///
    /// # Errors
    ///
    /// Why not.
    pub fn hard_link(
        &mut self,
        dir: Id,
        from: Name<'_>,
        to_dir: Id,
        to: Name<'_>,
    ) -> Result<(), Refusal> {
        let mut why = Vec::new();
        self.refuse_change(&mut why);
        self.refuse_new(to_dir, to, &mut why);
        let found = self.find(dir, from.as_str());
        match found {
            Err(errno) => why.push(errno),
            Ok(id) if self.file_type(id) == FileType::Directory => why.push(Errno::Perm),
            Ok(_) => {}
        }
        allowed(why)?;
        let Ok(id) = found else { return Ok(()) };
        self.entries_mut(to_dir).insert(to.as_str().to_owned(), id);
        self.nodes[id].names += 1;
        self.nodes[id].ctim = self.now;
        self.touch(to_dir);
        Ok(())
    }

    /// Changes the contents of a file.
    pub fn change(&mut self, id: Id, change: impl FnOnce(&mut Contents)) {
        if let Kind::File(contents) = &mut self.nodes[id].kind {
            change(contents);
            self.touch(id);
        }
    }

    /// Sets times.
    ///
    /// # Errors
    ///
    /// Why not.
    pub fn set_times(&mut self, id: Id, times: SetTimes) -> Result<(), Refusal> {
        let mut why = Vec::new();
        self.refuse_change(&mut why);
        allowed(why)?;
        let now = self.now;
        let node = &mut self.nodes[id];
        node.atim = times.atim.unwrap_or(node.atim);
        node.mtim = times.mtim.unwrap_or(node.mtim);
        node.ctim = now;
        Ok(())
    }

    fn refuse_change(&self, why: &mut Vec<Errno>) {
        if self.read_only {
            why.push(Errno::Rofs);
        }
    }

    fn refuse_new(&self, dir: Id, name: Name<'_>, why: &mut Vec<Errno>) {
        if !self.is_alive(dir) {
            why.push(Errno::Noent);
        }
        if self.find(dir, name.as_str()).is_ok() {
            why.push(Errno::Exist);
        }
    }

    /// Whether a node is another, or the directory of it, or of the directory of it.
    fn contains(&self, outer: Id, inner: Id) -> bool {
        std::iter::successors(Some(inner), |id| self.nodes[*id].parent).any(|id| id == outer)
    }

    fn entries_mut(&mut self, dir: Id) -> &mut BTreeMap<String, Id> {
        match &mut self.nodes[dir].kind {
            Kind::Dir(entries) => entries,
            _ => unreachable!("the callers have opened it as a directory"),
        }
    }

    fn put_new(&mut self, dir: Id, name: Name<'_>, kind: Kind) -> Id {
        let id = self.add(kind, None);
        self.nodes[id].names = 1;
        self.entries_mut(dir).insert(name.as_str().to_owned(), id);
        self.touch(dir);
        id
    }

    fn take_out(&mut self, dir: Id, name: Name<'_>) {
        if let Some(id) = self.entries_mut(dir).remove(name.as_str()) {
            let now = self.now;
            let node = &mut self.nodes[id];
            node.names -= 1;
            node.ctim = now;
            node.parent = None;
        }
    }

    fn touch(&mut self, id: Id) {
        self.nodes[id].mtim = self.now;
        self.nodes[id].ctim = self.now;
    }

    fn add(&mut self, kind: Kind, parent: Option<Id>) -> Id {
        self.nodes.push(Node {
            kind,
            names: 0,
            atim: self.now,
            mtim: self.now,
            ctim: self.now,
            parent,
        });
        self.nodes.len() - 1
    }
}

fn allowed(why: Vec<Errno>) -> Result<(), Refusal> {
    if why.is_empty() { Ok(()) } else { Err(why) }
}
