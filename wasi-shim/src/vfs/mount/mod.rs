//! `Mount`: several trees and single files in one.

mod dir;
mod file;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use self::dir::MountDir;
use super::tag::Tag;
use super::{Dir, File, Name, Vfs, VfsError, VfsResult};
use crate::errno::Errno;

/// A tree composed of other trees and files, each at a path of its own.
///
/// ```
/// use afmpeg_wasi::vfs::{MemFs, Mount, Null, ReadOnly, Vfs};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let inputs = MemFs::new();
/// let scratch = MemFs::new();
/// let tree = Mount::new()
///     .at("/", ReadOnly::new(&inputs))?
///     .at("/tmp", &scratch)?
///     .file("/dev/null", Null)?;
/// let root = tree.root();
/// # let _ = root;
/// # Ok(())
/// # }
/// ```
///
/// A mounted tree hides what had its path before. Directories on the way to a mount point that no
/// tree has are made up: they can be listed, not changed. A mount point can be neither removed nor
/// renamed (`Busy`), and nothing can be renamed or linked from one tree into another (`Xdev`).
/// Device numbers tell the mounted trees apart.
#[derive(Clone, Default)]
pub struct Mount {
    top: Point,
    points: u64,
    mounted: u64,
}

impl Mount {
    /// An empty directory in which nothing can be created.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Mounts a tree at `path`: `/`, or names separated by `/`.
    ///
    /// # Errors
    ///
    /// Those of [`Name::new`] for a part of the path; `Exist` when something is mounted at that
    /// very path, `Notdir` when a single file is mounted on the way.
    pub fn at(self, path: &str, tree: impl Vfs) -> VfsResult<Self> {
        self.put(path, Content::Tree(tree.root()))
    }

    /// Mounts one file at `path`, such as a device or a host file. All who open it share it.
    ///
    /// # Errors
    ///
    /// As [`Mount::at`]; `Isdir` for `/` and for a path with something mounted below it.
    pub fn file(self, path: &str, file: impl File) -> VfsResult<Self> {
        self.put(path, Content::File(Arc::new(file)))
    }

    fn put(mut self, path: &str, content: Content) -> VfsResult<Self> {
        let mut point = &mut self.top;
        for part in path.split('/').filter(|part| !part.is_empty()) {
            if matches!(point.content, Content::File(_)) {
                return Err(VfsError::with_context(
                    Errno::Notdir,
                    "mount below a mounted file",
                ));
            }
            let name = Name::new(part)?.as_str().to_owned();
            let inner = point.children.entry(name).or_insert_with(|| {
                self.points += 1;
                Arc::new(Point {
                    number: self.points,
                    ..Point::default()
                })
            });
            point = Arc::make_mut(inner);
        }
        let is_top = path.split('/').all(str::is_empty);
        if matches!(content, Content::File(_)) && (is_top || !point.children.is_empty()) {
            return Err(VfsError::with_context(
                Errno::Isdir,
                "file mounted over a directory",
            ));
        }
        if !matches!(point.content, Content::MadeUp) {
            return Err(VfsError::with_context(
                Errno::Exist,
                "two mounts at one path",
            ));
        }
        // The tree at the top keeps its device numbers: mostly it is the only one.
        self.mounted += 1;
        point.tag = if is_top {
            Tag::default()
        } else {
            Tag::new(self.mounted)
        };
        point.content = content;
        Ok(self)
    }
}

impl Vfs for Mount {
    fn root(&self) -> Arc<dyn Dir> {
        let point = Arc::new(self.top.clone());
        Arc::new(MountDir::of_point(&point, None))
    }
}

/// A path at which something is mounted, or that leads to one.
#[derive(Clone, Default)]
struct Point {
    content: Content,
    tag: Tag,
    /// Tells made-up directories apart.
    number: u64,
    children: BTreeMap<String, Arc<Point>>,
}

#[derive(Clone, Default)]
enum Content {
    /// Only on the way to a mount point.
    #[default]
    MadeUp,
    Tree(Arc<dyn Dir>),
    File(Arc<dyn File>),
}
