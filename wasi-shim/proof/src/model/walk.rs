//! Where a path leads in the model: a list of steps, worked off from the front.

use std::collections::VecDeque;

use afmpeg_wasi::Errno;
use afmpeg_wasi::vfs::FileType;

use super::tree::{Id, Kind, Tree};

/// What is done with a link at the end of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follow {
    /// It is followed.
    Always,
    /// It is followed when a slash comes after it.
    Slash,
    /// It is what is meant.
    Never,
}

/// Where a path leads.
#[derive(Clone, Debug)]
pub struct Place {
    /// The directory.
    pub dir: Id,
    /// The name in it; none when the directory itself is meant.
    pub last: Option<String>,
    /// The path says that a directory is meant.
    pub slash: bool,
}

/// The longest path and link text that is walked, and the most links.
const LONGEST: usize = 64 << 10;
const LINKS: usize = 40;

/// Walks a path from a directory.
///
/// # Errors
///
/// The errno at which it ends.
pub fn walk(tree: &Tree, base: Id, path: &str, follow: Follow) -> Result<Place, Errno> {
    if path.is_empty() {
        return Err(Errno::Noent);
    }
    let mut steps = VecDeque::new();
    enter(&mut steps, path)?;
    let mut inside = vec![base];
    let mut links = 0;
    while let Some(step) = steps.pop_front() {
        let here = *inside.last().expect("the base is never left");
        let is_last = steps.iter().all(|step| *step == Step::Slash);
        let slash = is_last && !steps.is_empty();
        let name = match step {
            Step::Slash => continue,
            Step::Name(name) if name == "." => continue,
            Step::Name(name) if name == ".." => {
                inside.pop();
                if inside.is_empty() {
                    return Err(Errno::Perm);
                }
                continue;
            }
            Step::Name(name) => name,
        };
        if name.len() > 255 {
            return Err(Errno::Nametoolong);
        }
        let found = tree.find(here, &name);
        let text = match found.map(|id| &tree.node(id).kind) {
            Ok(Kind::Link(text)) => Some(text),
            _ => None,
        };
        let follows = match follow {
            _ if !is_last => true,
            Follow::Always => true,
            Follow::Slash => slash,
            Follow::Never => false,
        };
        if let Some(text) = text.filter(|_| follows) {
            links += 1;
            if links > LINKS {
                return Err(Errno::Loop);
            }
            let mut target = VecDeque::new();
            enter(&mut target, text)?;
            target.append(&mut steps);
            steps = target;
        } else if is_last {
            return Ok(Place {
                dir: here,
                last: Some(name),
                slash,
            });
        } else {
            let id = found?;
            if tree.file_type(id) != FileType::Directory {
                return Err(Errno::Notdir);
            }
            inside.push(id);
        }
    }
    Ok(Place {
        dir: *inside.last().expect("the base is never left"),
        last: None,
        slash: true,
    })
}

#[derive(Debug, PartialEq, Eq)]
enum Step {
    Name(String),
    Slash,
}

fn enter(steps: &mut VecDeque<Step>, text: &str) -> Result<(), Errno> {
    if text.len() > LONGEST {
        return Err(Errno::Nametoolong);
    }
    if text.contains('\0') {
        return Err(Errno::Inval);
    }
    if text.starts_with('/') {
        return Err(Errno::Perm);
    }
    for (index, name) in text.split('/').enumerate() {
        if index > 0 {
            steps.push_back(Step::Slash);
        }
        if !name.is_empty() {
            steps.push_back(Step::Name(name.to_owned()));
        }
    }
    Ok(())
}
