//! Copying from the lower tree to the upper one. All of it with all names locked to be changed.

use std::sync::Arc;

use super::file::LowerFile;
use super::node::Node;
use super::{Fs, LOWER, id_of};
use crate::errno::Errno;
use crate::vfs::{
    Create, Dir, File, FileType, Name, OpenOptions, SetTimes, Stat, VfsError, VfsResult,
};

/// What of a file is copied.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Copy {
    Everything,
    /// All but the bytes, which are about to be cut.
    NoBytes,
}

/// The directory of the upper tree, which is made if there is none, and those above it.
pub(super) fn upper_of(node: &Arc<Node>) -> VfsResult<Arc<dyn Dir>> {
    let mut missing = Vec::new();
    let mut at = Arc::clone(node);
    let mut upper = loop {
        at.check_alive()?;
        if let Some(upper) = at.upper() {
            break upper;
        }
        // The root has an upper directory.
        let place = at.place().ok_or(Errno::Io)?;
        missing.push((at, place.name));
        at = place.parent;
    };
    for (node, name) in missing.into_iter().rev() {
        let name = Name::new(&name)?;
        upper = unnoticed(&*upper, || {
            match upper.create_dir(name) {
                // Left behind by a copy that failed half way.
                Err(error) if error.errno() == Errno::Exist => {}
                made => made?,
            }
            upper.open_dir(name)
        })?;
        if let Some(lower) = node.lower() {
            keep_times(&lower.stat()?, |times| upper.set_times(times));
        }
        node.state().upper = Some(Arc::clone(&upper));
    }
    Ok(upper)
}

/// Copies a file or symbolic link, which its name stands for, to the upper tree.
pub(super) fn copy_up(fs: &Fs, node: &Arc<Node>, name: Name<'_>, what: Copy) -> VfsResult<()> {
    copy_up_and(fs, node, name, what, |_| Ok(())).map(drop)
}

/// The same, and goes on in the upper directory; returns what that gave and the attributes of the copy.
/// When it fails the copy is taken back: it may have fewer bytes than the file it would hide.
pub(super) fn copy_up_and<T>(
    fs: &Fs,
    node: &Arc<Node>,
    name: Name<'_>,
    what: Copy,
    go_on: impl FnOnce(&dyn Dir) -> VfsResult<T>,
) -> VfsResult<(T, Stat)> {
    let lower = node.lower().ok_or(Errno::Noent)?;
    let stat = lower.stat_at(name)?;
    let upper = upper_of(node)?;
    let (file, copy, done) = unnoticed(&*upper, || {
        let file = match stat.file_type {
            FileType::RegularFile => Some(copy_file(fs, &**lower, &*upper, (name, &stat), what)?),
            FileType::SymbolicLink => {
                upper.symlink(&lower.read_link(name)?, name)?;
                None
            }
            _ => {
                return Err(VfsError::with_context(
                    Errno::Notsup,
                    "change of a special file of the lower tree",
                ));
            }
        };
        keep_times(&stat, |times| upper.set_times_at(name, times));
        let rest = upper
            .stat_at(name)
            .and_then(|copy| Ok((copy, go_on(&*upper)?)));
        match rest {
            Ok((copy, done)) => Ok((file, copy, done)),
            Err(error) => {
                let _ = upper.remove_file(name);
                Err(error)
            }
        }
    })?;
    // Nothing fails from here on.
    if let Some(file) = file
        && let Some(open) = node.take_lower(name)
    {
        open.went_up(file, keeps_number(&stat));
    }
    if keeps_number(&stat) {
        let origin = id_of(&LOWER.apply(stat));
        fs.origins().insert(id_of(&copy), origin);
    }
    Ok((done, copy))
}

/// The open file of the lower tree behind a name.
pub(super) fn open_lower(node: &Arc<Node>, name: Name<'_>) -> VfsResult<Arc<LowerFile>> {
    node.open_lower_or(name, || {
        let lower = node.lower().ok_or(Errno::Noent)?;
        let file = lower.open_file(name, OpenOptions::READ)?;
        Ok(Arc::new(LowerFile::new(file, Arc::clone(node), name)))
    })
}

/// Whether a copy can have the number of its original: not when that shows under another name.
fn keeps_number(lower: &Stat) -> bool {
    lower.nlink <= 1
}

/// All or nothing.
fn copy_file(
    fs: &Fs,
    lower: &dyn Dir,
    upper: &dyn Dir,
    (name, stat): (Name<'_>, &Stat),
    what: Copy,
) -> VfsResult<Arc<dyn File>> {
    let len = match what {
        Copy::Everything if stat.size > fs.copy_limit => {
            return Err(VfsError::with_context(
                Errno::Fbig,
                "file over the copy limit of the overlay",
            ));
        }
        Copy::Everything => stat.size,
        Copy::NoBytes => 0,
    };
    let from = lower.open_file(name, OpenOptions::READ)?;
    let options = OpenOptions {
        create: Create::New,
        ..OpenOptions::READ_WRITE
    };
    let to = upper.open_file(name, options)?;
    match copy_bytes(&*from, &*to, len) {
        Ok(()) => Ok(to),
        Err(error) => {
            // Half a copy would hide the whole file. If it cannot be removed, emptying it or
            // anything else would not work either.
            let _ = upper.remove_file(name);
            Err(error)
        }
    }
}

fn copy_bytes(from: &dyn File, to: &dyn File, len: u64) -> VfsResult<()> {
    const BLOCK: usize = 64 << 10;
    let mut buf = vec![0; BLOCK];
    let mut at = 0;
    while at < len {
        let want = usize::try_from(len - at).unwrap_or(BLOCK).min(BLOCK);
        let count = from.read_at(at, &mut buf[..want])?.min(want);
        if count == 0 {
            return Err(VfsError::with_context(
                Errno::Io,
                "file shorter than its length",
            ));
        }
        // What is all zeros stays a hole.
        if buf[..count].iter().any(|byte| *byte != 0) {
            write_all(to, at, &buf[..count])?;
        }
        at += count as u64;
    }
    if to.len()? < len {
        to.set_len(len)?;
    }
    Ok(())
}

fn write_all(to: &dyn File, mut at: u64, mut data: &[u8]) -> VfsResult<()> {
    while !data.is_empty() {
        let count = to.write_at(at, data)?.min(data.len());
        if count == 0 {
            return Err(VfsError::with_context(Errno::Io, "backend writes no bytes"));
        }
        at += count as u64;
        data = &data[count..];
    }
    Ok(())
}

/// Does something to a directory of the upper tree that is no change of the overlay: the times stay.
fn unnoticed<T>(upper: &dyn Dir, run: impl FnOnce() -> VfsResult<T>) -> VfsResult<T> {
    let before = upper.stat()?;
    let result = run();
    keep_times(&before, |times| upper.set_times(times));
    result
}

/// Sets the times of a copy. One that cannot have them is a copy nevertheless.
fn keep_times(stat: &Stat, set: impl FnOnce(SetTimes) -> VfsResult<()>) {
    let _ = set(SetTimes {
        atim: Some(stat.atim),
        mtim: Some(stat.mtim),
    });
}
