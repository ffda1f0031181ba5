//! The calls about names.

use afmpeg_wasi::vfs::{FileType, Name};
use afmpeg_wasi::{Errno, Rights};

use super::info::filestat;
use super::{Host, Kind, follow_of, text};
use crate::hostcalls::turn::Turn;
use crate::model::{self, Follow, Id, Place, Tree};

impl Host {
    pub(super) fn path_create_directory(&mut self, turn: &mut Turn<'_>) -> Result<(), String> {
        let right = Rights::PATH_CREATE_DIRECTORY;
        turn.takes(0, 1);
        self.at_name(turn, right, Errno::Exist, |tree, dir, name, _| {
            tree.create_dir(dir, name)
        })
    }

    pub(super) fn path_remove_directory(&mut self, turn: &mut Turn<'_>) -> Result<(), String> {
        let right = Rights::PATH_REMOVE_DIRECTORY;
        self.at_name(turn, right, Errno::Inval, |tree, dir, name, _| {
            tree.remove_dir(dir, name)
        })
    }

    pub(super) fn path_unlink_file(&mut self, turn: &mut Turn<'_>) -> Result<(), String> {
        let right = Rights::PATH_UNLINK_FILE;
        self.at_name(turn, right, Errno::Isdir, |tree, dir, name, slash| {
            let is_dir = tree.find(dir, name.as_str()).map(|id| is_dir(tree, id));
            match is_dir {
                Ok(false) if slash => Err(vec![Errno::Notdir]),
                _ => tree.remove_file(dir, name),
            }
        })
    }

    /// A call that does something to one name; a directory without one is `nameless`.
    fn at_name(
        &mut self,
        turn: &mut Turn<'_>,
        needed: Rights,
        nameless: Errno,
        change: impl FnOnce(&mut Tree, Id, Name<'_>, bool) -> Result<(), Vec<Errno>>,
    ) -> Result<(), String> {
        let fd = turn.word(0);
        let path = (turn.word(1), turn.word(2));
        let place = self.place(turn, fd, needed, path, Follow::Never);
        let Some((tree, place)) = place else {
            return turn.done().map(drop);
        };
        let Some(last) = &place.last else {
            turn.because(nameless);
            return turn.done().map(drop);
        };
        let name = Name::new(last).map_err(|error| error.to_string())?;
        let mut changed = self.trees[tree].clone();
        if let Err(why) = change(&mut changed, place.dir, name, place.slash) {
            turn.because_of(why);
        }
        if turn.done()? {
            self.trees[tree] = changed;
        }
        Ok(())
    }

    pub(super) fn path_filestat_get(&mut self, turn: &mut Turn<'_>) -> Result<(), String> {
        let (fd, flags, out) = (turn.word(0), turn.word(1), turn.word(4));
        turn.in_memory(out, 64);
        let follow = follow_of(turn, flags);
        let node = self.existing(turn, fd, Rights::PATH_FILESTAT_GET, follow);
        if turn.done()?
            && let Some((tree, id)) = node
        {
            filestat(turn, out, &self.trees[tree], id);
        }
        Ok(())
    }

    pub(super) fn path_filestat_set_times(&mut self, turn: &mut Turn<'_>) -> Result<(), String> {
        let (fd, flags) = (turn.word(0), turn.word(1));
        let follow = follow_of(turn, flags);
        let times = self.times(turn, 4);
        let node = self.existing(turn, fd, Rights::PATH_FILESTAT_SET_TIMES, follow);
        // A read-only tree refuses without looking for the name.
        if let Some(Kind::Dir { tree, .. }) = self.get(fd).map(|descriptor| &descriptor.kind)
            && self.trees[*tree].read_only
        {
            turn.perhaps(Errno::Rofs);
        }
        self.set_times(turn, node, times)
    }

    /// The node that a path leads to: the third and fourth value.
    fn existing(
        &self,
        turn: &mut Turn<'_>,
        fd: u32,
        needed: Rights,
        follow: Follow,
    ) -> Option<(usize, Id)> {
        let path = (turn.word(2), turn.word(3));
        let (tree, place) = self.place(turn, fd, needed, path, follow)?;
        let id = match node_at(&self.trees[tree], &place) {
            Ok(id) => id,
            Err(errno) => {
                turn.because(errno);
                return None;
            }
        };
        turn.because_if(place.slash && !is_dir(&self.trees[tree], id), Errno::Notdir);
        Some((tree, id))
    }

    pub(super) fn path_readlink(&mut self, turn: &mut Turn<'_>) -> Result<(), String> {
        let (fd, buf, len, out) = (turn.word(0), turn.word(3), turn.word(4), turn.word(5));
        turn.in_memory(out, 4);
        turn.in_memory(buf, u64::from(len));
        let path = (turn.word(1), turn.word(2));
        let place = self.place(turn, fd, Rights::PATH_READLINK, path, Follow::Slash);
        let mut found = None;
        if let Some((tree, place)) = place {
            let tree = &self.trees[tree];
            match node_at(tree, &place).map(|id| &tree.node(id).kind) {
                Err(errno) => turn.because(errno),
                Ok(model::Kind::Link(text)) => found = Some(text.clone()),
                Ok(_) => {
                    turn.because(Errno::Inval);
                    turn.because_if(place.slash, Errno::Notdir);
                }
            }
        }
        if turn.done()?
            && let Some(text) = found
        {
            let count = text.len().min(len as usize);
            turn.image.put(buf, &text.as_bytes()[..count]);
            turn.image.put(out, &(count as u32).to_le_bytes());
        }
        Ok(())
    }

    pub(super) fn path_symlink(&mut self, turn: &mut Turn<'_>) -> Result<(), String> {
        const LONGEST: usize = 4_096;
        let fd = turn.word(2);
        let target = text(turn, turn.word(0), turn.word(1)).unwrap_or_default();
        turn.because_if(target.is_empty(), Errno::Noent);
        turn.because_if(target.starts_with('/'), Errno::Perm);
        turn.because_if(target.len() > LONGEST, Errno::Nametoolong);
        turn.because_if(target.contains('\0'), Errno::Inval);
        let path = (turn.word(3), turn.word(4));
        let place = self.place(turn, fd, Rights::PATH_SYMLINK, path, Follow::Never);
        turn.takes(target.len() as u64, 1);
        let Some((tree, place)) = place else {
            return turn.done().map(drop);
        };
        self.new_name(turn, tree, &place);
        if turn.done()?
            && let Some(last) = &place.last
        {
            let name = Name::new(last).map_err(|error| error.to_string())?;
            let made = self.trees[tree].symlink(&target, place.dir, name);
            made.map_err(|why| format!("the model refuses for {why:?}"))?;
        }
        Ok(())
    }

    /// The last name is to become that of a link or file.
    fn new_name(&self, turn: &mut Turn<'_>, tree: usize, place: &Place) {
        let tree = &self.trees[tree];
        turn.because_if(tree.read_only, Errno::Rofs);
        // Only a directory can be named with a slash.
        match node_at(tree, place) {
            Ok(id) if place.slash && !is_dir(tree, id) => turn.because(Errno::Notdir),
            Ok(_) => turn.because(Errno::Exist),
            Err(_) => turn.because_if(place.slash, Errno::Noent),
        }
        turn.because_if(!tree.is_alive(place.dir), Errno::Noent);
        // Whether the name is taken cannot be asked when the filesystem fails.
        if place.slash && turn.doubt.faulted {
            turn.perhaps(Errno::Noent);
        }
    }

    pub(super) fn path_link(&mut self, turn: &mut Turn<'_>) -> Result<(), String> {
        let follow = follow_of(turn, turn.word(1));
        let (old_fd, new_fd) = (turn.word(0), turn.word(4));
        let path = (turn.word(2), turn.word(3));
        let old = self.place(turn, old_fd, Rights::PATH_LINK_SOURCE, path, follow);
        let path = (turn.word(5), turn.word(6));
        let new = self.place(turn, new_fd, Rights::PATH_LINK_TARGET, path, Follow::Never);
        turn.takes(0, 1);
        if let Some((tree, place)) = &old {
            let tree = &self.trees[*tree];
            match node_at(tree, place) {
                Err(errno) => turn.because(errno),
                Ok(id) if is_dir(tree, id) => turn.because(Errno::Perm),
                Ok(_) => turn.because_if(place.slash, Errno::Notdir),
            }
        }
        if let Some((tree, place)) = &new {
            self.new_name(turn, *tree, place);
        }
        let (Some((tree, old)), Some((new_tree, new))) = (old, new) else {
            return turn.done().map(drop);
        };
        turn.because_if(self.trees[tree].read_only, Errno::Rofs);
        turn.because_if(tree != new_tree, Errno::Xdev);
        if turn.done()?
            && let (Some(from), Some(to)) = (&old.last, &new.last)
        {
            let from = Name::new(from).map_err(|error| error.to_string())?;
            let to = Name::new(to).map_err(|error| error.to_string())?;
            let linked = self.trees[tree].hard_link(old.dir, from, new.dir, to);
            linked.map_err(|why| format!("the model refuses for {why:?}"))?;
        }
        Ok(())
    }

    pub(super) fn path_rename(&mut self, turn: &mut Turn<'_>) -> Result<(), String> {
        let (old_fd, new_fd) = (turn.word(0), turn.word(3));
        let path = (turn.word(1), turn.word(2));
        let old = self.place(
            turn,
            old_fd,
            Rights::PATH_RENAME_SOURCE,
            path,
            Follow::Never,
        );
        let path = (turn.word(4), turn.word(5));
        let new = self.place(
            turn,
            new_fd,
            Rights::PATH_RENAME_TARGET,
            path,
            Follow::Never,
        );
        let (Some((tree, old)), Some((new_tree, new))) = (old, new) else {
            return turn.done().map(drop);
        };
        turn.because_if(old.last.is_none() || new.last.is_none(), Errno::Busy);
        turn.because_if(tree != new_tree, Errno::Xdev);
        let either_read_only = self.trees[tree].read_only || self.trees[new_tree].read_only;
        turn.because_if(either_read_only, Errno::Rofs);
        match node_at(&self.trees[tree], &old) {
            Err(errno) => turn.because(errno),
            Ok(id) => {
                let slash = old.slash || new.slash;
                turn.because_if(slash && !is_dir(&self.trees[tree], id), Errno::Notdir);
            }
        }
        let mut changed = self.trees[tree].clone();
        if let (Some(from), Some(to), true) = (&old.last, &new.last, tree == new_tree) {
            let from = Name::new(from).map_err(|error| error.to_string())?;
            let to = Name::new(to).map_err(|error| error.to_string())?;
            if let Err(why) = changed.rename(old.dir, from, new.dir, to) {
                turn.because_of(why);
            }
        }
        if turn.done()? {
            self.trees[tree] = changed;
        }
        Ok(())
    }
}

fn node_at(tree: &Tree, place: &Place) -> Result<Id, Errno> {
    match &place.last {
        None => Ok(place.dir),
        Some(last) => tree.find(place.dir, last),
    }
}

fn is_dir(tree: &Tree, id: Id) -> bool {
    tree.file_type(id) == FileType::Directory
}
