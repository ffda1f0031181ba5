//! The one path walker: from a directory handle and a path to a directory handle and a last name.
//!
//! Every `path_*` syscall and every path-based helper goes through [`resolve`]. It takes one
//! component at a time and holds a handle for each directory it is in, so `..` goes back to the
//! directory it came from, whatever was renamed meanwhile. A path is never rewritten as text: a
//! trailing slash is a flag. (Appending it to the last name again is how other hosts came to follow
//! links they were told not to.)

use std::sync::Arc;

use crate::errno::Errno;
use crate::limits::LimitKind;
use crate::vfs::{Dir, FileType, Name, VfsError, VfsResult};

/// The longest path, in bytes, and the longest text of a link that is followed.
pub(crate) const MAX_PATH: usize = 64 << 10;

/// How many symbolic links one walk follows.
pub(crate) const MAX_LINKS: u32 = 40;

/// What happens when the last component is a symbolic link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Follow {
    /// The walk goes on to what it points at.
    Always,
    /// The link itself is meant, unless a slash follows it: then a directory is meant, and a link
    /// is not one.
    Slash,
    /// The link itself is meant, slash or not.
    Never,
}

/// What an absolute path means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Absolute {
    /// An escape: `Perm`. For guests, whose libraries make paths relative to a preopen.
    Refused,
    /// A path from the starting directory, also in the text of a link. For the host's own helpers.
    FromBase,
}

/// Where a path leads.
#[derive(Clone)]
pub(crate) struct Place {
    /// The directory that has, or could have, the last name; the place itself when there is none.
    pub(crate) dir: Arc<dyn Dir>,
    /// The last name, or `None` when the path ends in `.` or `..` and means `dir` itself.
    pub(crate) last: Option<String>,
    /// The path says that a directory is meant: it ends in a slash, `.` or `..`.
    pub(crate) must_be_dir: bool,
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Place")
            .field("last", &self.last)
            .field("must_be_dir", &self.must_be_dir)
            .finish_non_exhaustive()
    }
}

impl Place {
    /// The last name as a backend takes it.
    ///
    /// # Errors
    ///
    /// `otherwise` when the place is a directory without one.
    pub(crate) fn name(&self, otherwise: Errno) -> VfsResult<Name<'_>> {
        match &self.last {
            Some(last) => Name::new(last),
            None => Err(otherwise.into()),
        }
    }
}

/// Walks `path` from `base`.
///
/// All directories before the last name exist; whether the last name does is not looked at, except
/// to see whether it is a link that is to be followed.
///
/// # Errors
///
/// `Noent` for an empty path and a missing directory, `Notdir` for a file in the place of one,
/// `Loop` after [`MAX_LINKS`] links, `Nametoolong` over [`MAX_PATH`], in more than `depth` directories
/// or for a too long name, `Inval` for a NUL, `Perm` for a path that leaves `base`, and what the
/// backend says.
pub(crate) fn resolve(
    base: &Arc<dyn Dir>,
    path: &str,
    follow: Follow,
    absolute: Absolute,
    depth: u32,
) -> VfsResult<Place> {
    if path.is_empty() {
        return Err(Errno::Noent.into());
    }
    let mut walk = Walk {
        base,
        inside: Vec::new(),
        todo: Vec::new(),
        links: 0,
        absolute,
        depth: usize::try_from(depth).unwrap_or(usize::MAX),
    };
    walk.enter(path.to_owned())?;
    while let Some(step) = walk.next_component() {
        match step.name.as_str() {
            "." => {}
            ".." => {
                if walk.inside.pop().is_none() {
                    return Err(escape());
                }
            }
            _ if step.last => {
                if let Some(place) = walk.arrive(step, follow)? {
                    return Ok(place);
                }
            }
            _ => walk.descend(&step.name)?,
        }
    }
    // The path ended in `.` or `..`, was made of slashes, or led over a link to one of these.
    Ok(Place {
        dir: Arc::clone(walk.here()),
        last: None,
        must_be_dir: true,
    })
}

struct Walk<'a> {
    base: &'a Arc<dyn Dir>,
    /// The directories below `base` that the walk is in, outermost first.
    inside: Vec<Arc<dyn Dir>>,
    /// The path and the texts of the links being followed, innermost last.
    todo: Vec<Text>,
    links: u32,
    absolute: Absolute,
    /// How many directories it may be in.
    depth: usize,
}

/// A path text and how far it is done.
struct Text {
    text: String,
    at: usize,
}

struct Component {
    name: String,
    /// Nothing but slashes follows.
    last: bool,
    /// The component is the last and a slash follows.
    slash: bool,
}

impl Walk<'_> {
    fn here(&self) -> &Arc<dyn Dir> {
        self.inside.last().unwrap_or(self.base)
    }

    /// Puts a text before what is still to be walked.
    fn enter(&mut self, text: String) -> VfsResult<()> {
        if text.len() > MAX_PATH {
            return Err(Errno::Nametoolong.into());
        }
        if text.as_bytes().contains(&0) {
            return Err(Errno::Inval.into());
        }
        if text.starts_with('/') {
            match self.absolute {
                Absolute::Refused => return Err(escape()),
                Absolute::FromBase => self.inside.clear(),
            }
        }
        self.todo.push(Text { text, at: 0 });
        Ok(())
    }

    fn next_component(&mut self) -> Option<Component> {
        let name = loop {
            let text = self.todo.last_mut()?;
            let rest = text.text[text.at..].trim_start_matches('/');
            if rest.is_empty() {
                self.todo.pop();
                continue;
            }
            let start = text.text.len() - rest.len();
            let len = rest.find('/').unwrap_or(rest.len());
            text.at = start + len;
            break text.text[start..start + len].to_owned();
        };
        // Texts below an exhausted one may hold nothing but a slash, which still says something.
        let mut last = true;
        let mut slash = false;
        for text in &self.todo {
            let rest = &text.text[text.at..];
            slash |= !rest.is_empty();
            last &= rest.bytes().all(|byte| byte == b'/');
        }
        Some(Component {
            name,
            last,
            slash: last && slash,
        })
    }

    /// Goes into a directory that is not the end of the path, over a link if it is one.
    fn descend(&mut self, name: &str) -> VfsResult<()> {
        let component = Name::new(name)?;
        if self.inside.len() >= self.depth {
            return Err(VfsError::over(
                LimitKind::PathDepth,
                Errno::Nametoolong,
                "path through too many directories",
            ));
        }
        match self.here().open_dir(component) {
            Ok(dir) => {
                self.inside.push(dir);
                Ok(())
            }
            Err(error) if error.errno() == Errno::Loop => self.follow(component),
            Err(error) => Err(error),
        }
    }

    /// Ends the walk at its last name, or goes on (`None`) over the link that it is.
    fn arrive(&mut self, step: Component, follow: Follow) -> VfsResult<Option<Place>> {
        let name = Name::new(&step.name)?;
        let follows = match follow {
            Follow::Always => true,
            Follow::Slash => step.slash,
            Follow::Never => false,
        };
        if follows {
            match self.here().stat_at(name) {
                Ok(stat) if stat.file_type == FileType::SymbolicLink => {
                    self.follow(name)?;
                    return Ok(None);
                }
                Ok(_) => {}
                // What is missing may be about to be created.
                Err(error) if error.errno() == Errno::Noent => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Some(Place {
            dir: Arc::clone(self.here()),
            last: Some(step.name),
            must_be_dir: step.slash,
        }))
    }

    fn follow(&mut self, link: Name<'_>) -> VfsResult<()> {
        self.links += 1;
        if self.links > MAX_LINKS {
            return Err(Errno::Loop.into());
        }
        let target = self.here().read_link(link)?;
        if target.is_empty() {
            return Err(Errno::Noent.into());
        }
        self.enter(target)
    }
}

fn escape() -> VfsError {
    VfsError::with_context(Errno::Perm, "path leads out of the directory it starts in")
}

#[cfg(test)]
mod tests;
