//! A directory of a composed tree: one of a mounted tree, with the mount points inside it on top.

use std::any::Any;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::file::tagged;
use super::{Content, Point};
use crate::errno::Errno;
use crate::vfs::tag::Tag;
use crate::vfs::{
    Cookie, Create, Dir, DirEntry, File, FileType, Name, OpenOptions, SetTimes, Stat, VfsResult,
};

/// Every directory below a [`Mount`](super::Mount) is wrapped, also where nothing is mounted any
/// more, so that a rename between any two of them finds the directories of the tree underneath.
pub(super) struct MountDir {
    /// The directory underneath; `None` when it is made up.
    dir: Option<Arc<dyn Dir>>,
    tag: Tag,
    /// What is mounted in it.
    point: Option<Arc<Point>>,
}

impl MountDir {
    /// The directory at a point, which lies over the directory `under` of the tree around it.
    pub(super) fn of_point(point: &Arc<Point>, under: Option<(Arc<dyn Dir>, Tag)>) -> Self {
        let (dir, tag) = match &point.content {
            Content::Tree(tree) => (Some(Arc::clone(tree)), point.tag),
            Content::MadeUp | Content::File(_) => match under {
                Some((dir, tag)) => (Some(dir), tag),
                None => (None, point.tag),
            },
        };
        Self {
            dir,
            tag,
            point: Some(Arc::clone(point)),
        }
    }

    fn mounted(&self, name: Name<'_>) -> Option<&Arc<Point>> {
        self.point.as_ref()?.children.get(name.as_str())
    }

    /// The directory at a point in this one.
    fn open_point(&self, point: &Arc<Point>, name: Name<'_>) -> MountDir {
        let under = match (&point.content, &self.dir) {
            (Content::MadeUp, Some(dir)) => dir.open_dir(name).ok().map(|dir| (dir, self.tag)),
            _ => None,
        };
        MountDir::of_point(point, under)
    }

    fn stat_point(&self, point: &Arc<Point>, name: Name<'_>) -> VfsResult<Stat> {
        match &point.content {
            Content::File(file) => Ok(point.tag.apply(file.stat()?)),
            Content::Tree(_) | Content::MadeUp => self.open_point(point, name).stat(),
        }
    }

    /// The directory underneath, for an operation that a mount point of this name is in the way of.
    fn under(&self, name: Name<'_>, in_the_way: Errno) -> VfsResult<&Arc<dyn Dir>> {
        if self.mounted(name).is_some() {
            return Err(in_the_way.into());
        }
        self.dir.as_ref().ok_or_else(|| Errno::Rofs.into())
    }

    /// As [`MountDir::under`], for an operation on a name that must exist.
    fn under_existing(&self, name: Name<'_>, in_the_way: Errno) -> VfsResult<&Arc<dyn Dir>> {
        if self.dir.is_none() && self.mounted(name).is_none() {
            return Err(Errno::Noent.into());
        }
        self.under(name, in_the_way)
    }
}

#[warn(clippy::missing_trait_methods)]
impl Dir for MountDir {
    fn open_file(&self, name: Name<'_>, options: OpenOptions) -> VfsResult<Arc<dyn File>> {
        if let Some(point) = self.mounted(name) {
            return match &point.content {
                _ if options.create == Create::New => Err(Errno::Exist.into()),
                Content::Tree(_) | Content::MadeUp => Err(Errno::Isdir.into()),
                Content::File(file) => {
                    if options.truncate {
                        file.set_len(0)?;
                    }
                    Ok(tagged(Arc::clone(file), point.tag))
                }
            };
        }
        match &self.dir {
            Some(dir) => Ok(tagged(dir.open_file(name, options)?, self.tag)),
            None if options.create == Create::Never => Err(Errno::Noent.into()),
            None => Err(Errno::Rofs.into()),
        }
    }

    fn open_dir(&self, name: Name<'_>) -> VfsResult<Arc<dyn Dir>> {
        let opened = match self.mounted(name) {
            Some(point) if matches!(point.content, Content::File(_)) => {
                return Err(Errno::Notdir.into());
            }
            Some(point) => self.open_point(point, name),
            None => {
                let dir = self.dir.as_ref().ok_or(Errno::Noent)?.open_dir(name)?;
                MountDir {
                    dir: Some(dir),
                    tag: self.tag,
                    point: None,
                }
            }
        };
        Ok(Arc::new(opened))
    }

    fn stat(&self) -> VfsResult<Stat> {
        match &self.dir {
            Some(dir) => Ok(self.tag.apply(dir.stat()?)),
            None => Ok(made_up(self.point.as_ref().map_or(0, |point| point.number))),
        }
    }

    fn stat_at(&self, name: Name<'_>) -> VfsResult<Stat> {
        match self.mounted(name) {
            Some(point) => self.stat_point(point, name),
            None => {
                let stat = self.dir.as_ref().ok_or(Errno::Noent)?.stat_at(name)?;
                Ok(self.tag.apply(stat))
            }
        }
    }

    fn read_dir(
        &self,
        from: Cookie,
        each: &mut dyn FnMut(DirEntry) -> ControlFlow<()>,
    ) -> VfsResult<()> {
        // Mount points come first, numbered from 1; the cookies of the directory underneath are
        // shifted by their count.
        let points = self.point.as_ref().map(|point| &point.children);
        let count = points.map_or(0, |points| points.len() as u64);
        for (number, (text, point)) in (1..).zip(points.into_iter().flatten()) {
            if number <= from.0 {
                continue;
            }
            let stat = self.stat_point(point, Name::new(text)?)?;
            let (ino, file_type) = (stat.ino, stat.file_type);
            let entry = DirEntry {
                next: Cookie(number),
                ino,
                name: text.clone(),
                file_type,
            };
            if each(entry).is_break() {
                return Ok(());
            }
        }
        let Some(dir) = &self.dir else { return Ok(()) };
        let mut overflow = false;
        dir.read_dir(Cookie(from.0.saturating_sub(count)), &mut |entry| {
            if points.is_some_and(|points| points.contains_key(&entry.name)) {
                return ControlFlow::Continue(());
            }
            match entry.next.0.checked_add(count) {
                Some(next) => each(DirEntry {
                    next: Cookie(next),
                    ..entry
                }),
                None => {
                    overflow = true;
                    ControlFlow::Break(())
                }
            }
        })?;
        if overflow {
            Err(Errno::Overflow.into())
        } else {
            Ok(())
        }
    }

    fn create_dir(&self, name: Name<'_>) -> VfsResult<()> {
        self.under(name, Errno::Exist)?.create_dir(name)
    }

    fn remove_file(&self, name: Name<'_>) -> VfsResult<()> {
        self.under_existing(name, Errno::Busy)?.remove_file(name)
    }

    fn remove_dir(&self, name: Name<'_>) -> VfsResult<()> {
        self.under_existing(name, Errno::Busy)?.remove_dir(name)
    }

    fn rename(&self, from: Name<'_>, to_dir: &dyn Dir, to: Name<'_>) -> VfsResult<()> {
        let to_dir = to_dir
            .as_any()
            .downcast_ref::<MountDir>()
            .ok_or(Errno::Xdev)?;
        let from_under = self.under_existing(from, Errno::Busy)?;
        let to_under = to_dir.under(to, Errno::Busy)?;
        from_under.rename(from, &**to_under, to)
    }

    fn symlink(&self, target: &str, name: Name<'_>) -> VfsResult<()> {
        self.under(name, Errno::Exist)?.symlink(target, name)
    }

    fn read_link(&self, name: Name<'_>) -> VfsResult<String> {
        match (self.mounted(name), &self.dir) {
            (Some(_), _) => Err(Errno::Inval.into()),
            (None, Some(dir)) => dir.read_link(name),
            (None, None) => Err(Errno::Noent.into()),
        }
    }

    fn hard_link(&self, from: Name<'_>, to_dir: &dyn Dir, to: Name<'_>) -> VfsResult<()> {
        let to_dir = to_dir
            .as_any()
            .downcast_ref::<MountDir>()
            .ok_or(Errno::Xdev)?;
        let from_under = self.under_existing(from, Errno::Xdev)?;
        let to_under = to_dir.under(to, Errno::Exist)?;
        from_under.hard_link(from, &**to_under, to)
    }

    fn set_times_at(&self, name: Name<'_>, times: SetTimes) -> VfsResult<()> {
        match (self.mounted(name), &self.dir) {
            (Some(point), _) => match &point.content {
                Content::File(file) => file.set_times(times),
                Content::Tree(_) | Content::MadeUp => self.open_point(point, name).set_times(times),
            },
            (None, Some(dir)) => dir.set_times_at(name, times),
            (None, None) => Err(Errno::Noent.into()),
        }
    }

    fn set_times(&self, times: SetTimes) -> VfsResult<()> {
        self.dir.as_ref().ok_or(Errno::Rofs)?.set_times(times)
    }

    fn sync(&self) -> VfsResult<()> {
        self.dir.as_ref().map_or(Ok(()), |dir| dir.sync())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The attributes of a directory that no tree has.
fn made_up(number: u64) -> Stat {
    Stat {
        dev: u64::MAX,
        ino: number,
        file_type: FileType::Directory,
        nlink: 1,
        size: 0,
        atim: 0,
        mtim: 0,
        ctim: 0,
    }
}
