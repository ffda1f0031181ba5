//! Renaming in an overlay, with all names locked to be changed.
//!
//! The rename in the upper tree is the one step that decides: what comes before it can fail and
//! changes nothing that shows, what comes after it cannot fail.

use std::sync::Arc;

use super::copy::{Copy, copy_up, upper_of};
use super::node::{Found, Node, Place, existing};
use super::{Fs, id_of};
use crate::errno::Errno;
use crate::vfs::{FileType, Name, VfsError, VfsResult};

/// A name in a directory.
type At<'a> = (&'a Arc<Node>, Name<'a>);

pub(super) fn rename(fs: &Fs, from: At<'_>, to: At<'_>) -> VfsResult<()> {
    let moving = from.0.find(from.1)?;
    to.0.check_alive()?;
    let target = existing(to.0.find(to.1))?;
    if moving.file_type() == FileType::Directory {
        rename_dir(fs, from, to, target)
    } else {
        rename_file(fs, from, to, (moving, target))
    }
}

fn rename_file(
    fs: &Fs,
    from: At<'_>,
    to: At<'_>,
    (moving, target): (Found, Option<Found>),
) -> VfsResult<()> {
    if let Some(target) = target {
        if target.file_type() == FileType::Directory {
            return Err(Errno::Isdir.into());
        }
        let shown = from.0.stat_at(fs, from.1)?;
        if id_of(&shown) == id_of(&to.0.stat_at(fs, to.1)?) {
            return Ok(());
        }
    }
    let leaves_one = from.0.lower_has(from.1)?;
    if let Found::Lower(_) = moving {
        copy_up(fs, from.0, from.1, Copy::Everything)?;
    }
    let to_upper = upper_of(to.0)?;
    upper_of(from.0)?.rename(from.1, &*to_upper, to.1)?;
    if leaves_one {
        from.0.hide(fs, from.1);
    }
    match target {
        Some(Found::Upper(stat)) => fs.forget(&stat),
        Some(Found::Lower(_)) => {
            if let Some(open) = to.0.take_lower(to.1) {
                open.lost_its_name();
            }
        }
        None => {}
    }
    Ok(())
}

fn rename_dir(fs: &Fs, from: At<'_>, to: At<'_>, target: Option<Found>) -> VfsResult<()> {
    let moving = from.0.child(fs, from.1)?;
    if moving.contains(to.0) {
        return Err(VfsError::with_context(
            Errno::Inval,
            "directory moved into itself",
        ));
    }
    let replaced = match target {
        Some(target) if target.file_type() != FileType::Directory => {
            return Err(Errno::Notdir.into());
        }
        Some(_) => Some(to.0.child(fs, to.1)?),
        None => None,
    };
    if let Some(replaced) = &replaced {
        if Arc::ptr_eq(replaced, &moving) {
            return Ok(());
        }
        if !replaced.is_empty()? {
            return Err(Errno::Notempty.into());
        }
    }
    let (leaves_one, covers_one) = (from.0.lower_has(from.1)?, to.0.lower_has(to.1)?);
    upper_of(&moving)?;
    let to_upper = upper_of(to.0)?;
    upper_of(from.0)?.rename(from.1, &*to_upper, to.1)?;
    from.0.take_child(from.1);
    if leaves_one {
        from.0.hide(fs, from.1);
    }
    if let Some(replaced) = replaced {
        to.0.take_child(to.1);
        replaced.retire(fs);
    }
    if covers_one {
        to.0.hide(fs, to.1);
    }
    if let Some(lower) = moving.lower() {
        to.0.move_in(fs, to.1, lower);
    }
    to.0.put_child(to.1, &moving);
    moving.set_place(Place {
        parent: Arc::clone(to.0),
        name: to.1.as_str().into(),
    });
    Ok(())
}
