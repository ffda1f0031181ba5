//! An open directory of a memory filesystem.

use std::any::Any;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::contents::Contents;
use super::file::MemFile;
use super::node::{FileNode, LinkNode, Meta, Node, Shared};
use super::tree::DirNode;
use crate::errno::Errno;
use crate::vfs::{
    Cookie, Create, Dir, DirEntry, File, Name, OpenOptions, SetTimes, Stat, VfsError, VfsResult,
};

/// The longest text of a symbolic link, in bytes.
const MAX_LINK_LEN: usize = 4096;

pub(super) struct MemDir {
    pub(super) node: Arc<DirNode>,
}

impl MemDir {
    fn fs(&self) -> &Arc<Shared> {
        &self.node.meta.fs
    }

    /// The other directory, when it is of the same filesystem.
    fn sibling<'a>(&self, other: &'a dyn Dir) -> VfsResult<&'a Arc<DirNode>> {
        let other = other.as_any().downcast_ref::<MemDir>().ok_or(Errno::Xdev)?;
        if Arc::ptr_eq(self.fs(), other.fs()) {
            Ok(&other.node)
        } else {
            Err(Errno::Xdev.into())
        }
    }

    /// Adds the node that `make` builds, when the name is free.
    fn add(&self, name: Name<'_>, make: impl FnOnce(Meta) -> VfsResult<Node>) -> VfsResult<Node> {
        let now = self.fs().now();
        let _namespace = self.fs().namespace();
        let mut entries = self.node.entries_mut();
        entries.check_free(name)?;
        let node = make(Meta::new(self.fs(), now)?)?;
        entries.put(name, node.clone());
        drop(entries);
        self.node.meta.modified(now);
        Ok(node)
    }

    fn find_or_create_file(&self, name: Name<'_>, create: Create) -> VfsResult<Arc<FileNode>> {
        let found = match (self.node.lookup(name), create) {
            (Ok(_), Create::New) => return Err(Errno::Exist.into()),
            (Ok(node), _) => node,
            (Err(error), Create::Never) => return Err(error),
            (Err(_), _) => {
                let file = |meta| Ok(Node::File(FileNode::new(meta, Contents::default())));
                match self.add(name, file) {
                    // Another thread was first.
                    Err(error) if error.errno() == Errno::Exist && create == Create::IfAbsent => {
                        self.node.lookup(name)?
                    }
                    added => added?,
                }
            }
        };
        match found {
            Node::File(file) => Ok(file),
            Node::Dir(_) => Err(Errno::Isdir.into()),
            Node::Link(_) => Err(Errno::Loop.into()),
        }
    }

    /// Takes out the entry of a name, when `check` has nothing against it.
    fn remove(&self, name: Name<'_>, check: impl FnOnce(&Node) -> VfsResult<()>) -> VfsResult<()> {
        let now = self.fs().now();
        let namespace = self.fs().namespace();
        let mut entries = self.node.entries_mut();
        check(entries.get(name).ok_or(Errno::Noent)?)?;
        let removed = entries.take_out(name);
        drop(entries);
        self.node.meta.modified(now);
        if let Some(node) = &removed {
            node.meta().unlink(now);
        }
        // Freeing a large file takes a while, and nobody has to wait for it.
        drop(namespace);
        drop(removed);
        Ok(())
    }
}

impl Dir for MemDir {
    fn open_file(&self, name: Name<'_>, options: OpenOptions) -> VfsResult<Arc<dyn File>> {
        MemFile::open(self.find_or_create_file(name, options.create)?, options)
    }

    fn open_dir(&self, name: Name<'_>) -> VfsResult<Arc<dyn Dir>> {
        match self.node.lookup(name)? {
            Node::Dir(node) => Ok(Arc::new(MemDir { node })),
            Node::File(_) => Err(Errno::Notdir.into()),
            Node::Link(_) => Err(Errno::Loop.into()),
        }
    }

    fn stat(&self) -> VfsResult<Stat> {
        Ok(Node::Dir(Arc::clone(&self.node)).stat())
    }

    fn stat_at(&self, name: Name<'_>) -> VfsResult<Stat> {
        Ok(self.node.lookup(name)?.stat())
    }

    fn read_dir(
        &self,
        from: Cookie,
        each: &mut dyn FnMut(DirEntry) -> ControlFlow<()>,
    ) -> VfsResult<()> {
        // In batches, so that the lock is free while `each` runs; growing ones, so that a caller
        // who stops early has not paid for many.
        let mut from = from.0;
        let mut size = 8;
        loop {
            let batch: Vec<DirEntry> = self
                .node
                .entries()
                .after(from)
                .take(size)
                .map(|(number, name, node)| DirEntry {
                    next: Cookie(number),
                    ino: node.meta().ino,
                    name: String::from(&**name),
                    file_type: node.file_type(),
                })
                .collect();
            let Some(last) = batch.last() else {
                return Ok(());
            };
            from = last.next.0;
            for entry in batch {
                if each(entry).is_break() {
                    return Ok(());
                }
            }
            size = (size * 2).min(512);
        }
    }

    fn create_dir(&self, name: Name<'_>) -> VfsResult<()> {
        let parent = Arc::downgrade(&self.node);
        self.add(name, |meta| Ok(Node::Dir(DirNode::new(meta, parent))))
            .map(drop)
    }

    fn remove_file(&self, name: Name<'_>) -> VfsResult<()> {
        self.remove(name, |node| match node {
            Node::Dir(_) => Err(Errno::Isdir.into()),
            Node::File(_) | Node::Link(_) => Ok(()),
        })
    }

    fn remove_dir(&self, name: Name<'_>) -> VfsResult<()> {
        self.remove(name, |node| match node {
            Node::Dir(dir) => retire(dir),
            Node::File(_) | Node::Link(_) => Err(Errno::Notdir.into()),
        })
    }

    fn rename(&self, from: Name<'_>, to_dir: &dyn Dir, to: Name<'_>) -> VfsResult<()> {
        let to_dir = self.sibling(to_dir)?;
        let now = self.fs().now();
        let namespace = self.fs().namespace();
        // Nothing else changes names while the namespace lock is held, so what is read here stays
        // true although the locks of the directories are taken one after the other.
        let moving = self.node.lookup(from)?;
        to_dir.entries().check_alive()?;
        if let Node::Dir(dir) = &moving
            && dir.contains(to_dir)
        {
            return Err(VfsError::with_context(
                Errno::Inval,
                "directory moved into itself",
            ));
        }
        let target = to_dir.entries().get(to).cloned();
        if let Some(target) = &target {
            if target.is(&moving) {
                return Ok(());
            }
            match (&moving, target) {
                (Node::Dir(_), Node::Dir(dir)) if dir.contains(&self.node) => {
                    return Err(Errno::Notempty.into());
                }
                (Node::Dir(_), Node::Dir(dir)) => retire(dir)?,
                (Node::Dir(_), _) => return Err(Errno::Notdir.into()),
                (_, Node::Dir(_)) => return Err(Errno::Isdir.into()),
                _ => {}
            }
        }
        // The new name comes first: a reader in between sees the node twice, never not at all.
        to_dir.entries_mut().put(to, moving.clone());
        self.node.entries_mut().take_out(from);
        if let Node::Dir(dir) = &moving {
            dir.set_parent(to_dir);
        }
        moving.meta().renamed(now);
        self.node.meta.modified(now);
        to_dir.meta.modified(now);
        if let Some(target) = &target {
            target.meta().unlink(now);
        }
        drop(namespace);
        drop(target);
        Ok(())
    }

    fn symlink(&self, target: &str, name: Name<'_>) -> VfsResult<()> {
        if target.is_empty() {
            return Err(Errno::Noent.into());
        }
        if target.len() > MAX_LINK_LEN {
            return Err(VfsError::with_context(
                Errno::Nametoolong,
                "symbolic link over 4096 bytes",
            ));
        }
        if target.contains('\0') {
            return Err(Errno::Inval.into());
        }
        self.add(name, |meta| Ok(Node::Link(LinkNode::new(meta, target)?)))
            .map(drop)
    }

    fn read_link(&self, name: Name<'_>) -> VfsResult<String> {
        match self.node.lookup(name)? {
            Node::Link(link) => Ok(link.target.to_string()),
            Node::File(_) | Node::Dir(_) => Err(Errno::Inval.into()),
        }
    }

    fn hard_link(&self, from: Name<'_>, to_dir: &dyn Dir, to: Name<'_>) -> VfsResult<()> {
        let to_dir = self.sibling(to_dir)?;
        let now = self.fs().now();
        let _namespace = self.fs().namespace();
        let node = self.node.lookup(from)?;
        if matches!(node, Node::Dir(_)) {
            return Err(VfsError::with_context(
                Errno::Perm,
                "hard link to a directory",
            ));
        }
        let mut entries = to_dir.entries_mut();
        entries.check_free(to)?;
        node.meta().link(now)?;
        entries.put(to, node);
        drop(entries);
        to_dir.meta.modified(now);
        Ok(())
    }

    fn set_times_at(&self, name: Name<'_>, times: SetTimes) -> VfsResult<()> {
        self.node.lookup(name)?.meta().set_times(times);
        Ok(())
    }

    fn set_times(&self, times: SetTimes) -> VfsResult<()> {
        self.node.meta.set_times(times);
        Ok(())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Marks a directory whose name is about to go, so that nothing is added to it any more.
fn retire(dir: &DirNode) -> VfsResult<()> {
    let mut entries = dir.entries_mut();
    if !entries.is_empty() {
        return Err(Errno::Notempty.into());
    }
    entries.mark_removed();
    Ok(())
}
