//! `ObjectTree`: the objects of a store as a read-only tree.

mod file;
#[cfg(test)]
mod tests;

use std::any::Any;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::StreamExt;
use object_store::path::Path;
use object_store::{GetOptions, ObjectMeta, ObjectStore};

use self::file::ObjectFile;
use super::{
    Cookie, Create, Dir, DirEntry, File, FileType, Name, OpenOptions, Stat, Vfs, VfsError,
    VfsResult,
};
use crate::errno::Errno;

/// A piece of work of a store, to be run to its end.
pub type StoreTask = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The objects of a store as a read-only tree: buckets of S3, GCS and Azure, HTTP servers, local
/// directories, whatever the `object_store` crate reaches. What names of objects have between slashes are
/// directories, which need no objects of their own; an object that others are below is a file
/// that can be walked through.
///
/// Files are read by ranges, 1 MiB at a time, of which each open file keeps the last eight: memory
/// stays flat whatever their length. An object that is replaced while it is open is `Stale`.
///
/// A store is asynchronous, a filesystem is not: `wait` runs one task to its end, for example
/// `move |task| handle.block_on(task)` with the handle of a runtime that has threads of its own. A
/// guest waits as long as it takes; time limits belong to the store's client.
///
/// ```
/// use std::sync::Arc;
/// use afmpeg_wasi::vfs::{ObjectTree, Vfs, ops};
/// use object_store::{ObjectStoreExt, memory::InMemory};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = Arc::new(InMemory::new());
/// pollster::block_on(store.put(&"films/a.mp4".into(), "not a film".into()))?;
/// let tree = ObjectTree::new(store, "", pollster::block_on)?;
/// assert_eq!(ops::read(&tree.root(), "/films/a.mp4")?, b"not a film");
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct ObjectTree {
    store: Arc<Store>,
    prefix: Path,
}

impl ObjectTree {
    /// The objects whose names begin with `prefix` and a slash; all for an empty one.
    ///
    /// # Errors
    ///
    /// `Inval` for a prefix that cannot be one.
    pub fn new(
        store: Arc<dyn ObjectStore>,
        prefix: &str,
        wait: impl Fn(StoreTask) + Send + Sync + 'static,
    ) -> VfsResult<Self> {
        let prefix = Path::parse(prefix).map_err(|_| {
            VfsError::with_context(Errno::Inval, "a prefix that no object can have")
        })?;
        let store = Store {
            objects: store,
            wait: Box::new(wait),
        };
        Ok(Self {
            store: Arc::new(store),
            prefix,
        })
    }

    fn dir(&self, prefix: Path) -> ObjectDir {
        ObjectDir {
            tree: self.clone(),
            prefix,
            listing: Mutex::default(),
        }
    }
}

impl Vfs for ObjectTree {
    fn root(&self) -> Arc<dyn Dir> {
        Arc::new(self.dir(self.prefix.clone()))
    }
}

impl fmt::Debug for ObjectTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectTree")
            .field("store", &self.store.objects)
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

struct Store {
    objects: Arc<dyn ObjectStore>,
    wait: Box<dyn Fn(StoreTask) + Send + Sync>,
}

impl Store {
    /// Waits for a request.
    fn ask<T: Send + 'static, F>(
        &self,
        request: impl FnOnce(Arc<dyn ObjectStore>) -> F,
    ) -> VfsResult<T>
    where
        F: Future<Output = object_store::Result<T>> + Send + 'static,
    {
        let answer = Arc::new(Mutex::new(None));
        let (asked, place) = (request(Arc::clone(&self.objects)), Arc::clone(&answer));
        (self.wait)(Box::pin(async move {
            let value = asked.await;
            *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
        }));
        let answer = answer.lock().unwrap_or_else(PoisonError::into_inner).take();
        match answer {
            Some(Ok(value)) => Ok(value),
            Some(Err(error)) => Err(errno_of(&error).into()),
            None => Err(VfsError::with_context(
                Errno::Io,
                "a request was not run to its end",
            )),
        }
    }

    fn head(&self, path: &Path) -> VfsResult<ObjectMeta> {
        let path = path.clone();
        self.ask(|objects| async move {
            let options = GetOptions {
                head: true,
                ..GetOptions::default()
            };
            Ok(objects.get_opts(&path, options).await?.meta)
        })
    }

    /// Whether any object is below this name.
    fn is_dir(&self, path: &Path) -> VfsResult<bool> {
        let path = path.clone();
        self.ask(|objects| async move {
            let first = objects.list(Some(&path)).next().await;
            Ok(first.transpose()?.is_some())
        })
    }
}

fn errno_of(error: &object_store::Error) -> Errno {
    use object_store::Error;
    match error {
        Error::NotFound { .. } => Errno::Noent,
        Error::InvalidPath { .. } => Errno::Inval,
        Error::Precondition { .. } => Errno::Stale,
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => Errno::Acces,
        Error::NotSupported { .. } | Error::NotImplemented { .. } => Errno::Notsup,
        _ => Errno::Io,
    }
}

/// A directory, which is there as long as the store has objects below it.
struct ObjectDir {
    tree: ObjectTree,
    prefix: Path,
    /// What the last listing from the start found. Later parts of a listing come from it, so that
    /// their cookies, which are places in it, hold while objects come and go.
    listing: Mutex<Arc<[(String, Stat)]>>,
}

impl ObjectDir {
    fn path(&self, name: Name<'_>) -> VfsResult<Path> {
        // Names are taken as they are, and listings give them as they are.
        let text = if self.prefix.is_root() {
            name.as_str().to_owned()
        } else {
            format!("{}/{}", self.prefix, name.as_str())
        };
        Path::parse(text).map_err(|_| Errno::Inval.into())
    }

    fn list(&self) -> VfsResult<Arc<[(String, Stat)]>> {
        let prefix = (!self.prefix.is_root()).then(|| self.prefix.clone());
        let found = self
            .tree
            .store
            .ask(|objects| async move { objects.list_with_delimiter(prefix.as_ref()).await })?;
        let files = found.objects.iter().filter_map(|meta| {
            let name = meta.location.filename()?.to_owned();
            Some((name, stat_of_file(meta)))
        });
        let directories = found.common_prefixes.iter().filter_map(|path| {
            let name = path.filename()?.to_owned();
            Some((name, stat_of_dir(path)))
        });
        let mut entries: Vec<_> = files.chain(directories).collect();
        // The sort is stable: of one name, the file comes first and stays.
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        entries.dedup_by(|(b, _), (a, _)| a == b);
        Ok(entries.into())
    }
}

impl Dir for ObjectDir {
    fn open_file(&self, name: Name<'_>, options: OpenOptions) -> VfsResult<Arc<dyn File>> {
        let path = self.path(name)?;
        let store = &self.tree.store;
        let meta = match store.head(&path) {
            Ok(meta) => meta,
            Err(error) if error.errno() == Errno::Noent => {
                let errno = match (store.is_dir(&path)?, options.create) {
                    (true, Create::New) => Errno::Exist,
                    (true, _) => Errno::Isdir,
                    (false, Create::Never) => Errno::Noent,
                    (false, _) => Errno::Rofs,
                };
                return Err(errno.into());
            }
            Err(error) => return Err(error),
        };
        if options.create == Create::New {
            return Err(Errno::Exist.into());
        }
        if options.write || options.truncate {
            return Err(Errno::Rofs.into());
        }
        Ok(Arc::new(ObjectFile::new(Arc::clone(store), meta)))
    }

    fn open_dir(&self, name: Name<'_>) -> VfsResult<Arc<dyn Dir>> {
        let path = self.path(name)?;
        let store = &self.tree.store;
        if store.is_dir(&path)? {
            return Ok(Arc::new(self.tree.dir(path)));
        }
        store.head(&path)?;
        Err(Errno::Notdir.into())
    }

    fn stat(&self) -> VfsResult<Stat> {
        Ok(stat_of_dir(&self.prefix))
    }

    fn stat_at(&self, name: Name<'_>) -> VfsResult<Stat> {
        let path = self.path(name)?;
        match self.tree.store.head(&path) {
            Ok(meta) => Ok(stat_of_file(&meta)),
            Err(error) if error.errno() == Errno::Noent => {
                if self.tree.store.is_dir(&path)? {
                    Ok(stat_of_dir(&path))
                } else {
                    Err(error)
                }
            }
            Err(error) => Err(error),
        }
    }

    fn read_dir(
        &self,
        from: Cookie,
        each: &mut dyn FnMut(DirEntry) -> ControlFlow<()>,
    ) -> VfsResult<()> {
        let listing = if from == Cookie::START {
            let fresh = self.list()?;
            let mut listing = self.listing.lock().unwrap_or_else(PoisonError::into_inner);
            *listing = Arc::clone(&fresh);
            fresh
        } else {
            let listing = self.listing.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(&listing)
        };
        let Ok(skip) = usize::try_from(from.0) else {
            return Ok(());
        };
        for (index, (name, stat)) in listing.iter().enumerate().skip(skip) {
            let entry = DirEntry {
                next: Cookie(index as u64 + 1),
                ino: stat.ino,
                name: name.clone(),
                file_type: stat.file_type,
            };
            if each(entry).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn symlink(&self, _target: &str, _name: Name<'_>) -> VfsResult<()> {
        Err(Errno::Rofs.into())
    }

    fn hard_link(&self, _from: Name<'_>, _to_dir: &dyn Dir, _to: Name<'_>) -> VfsResult<()> {
        Err(Errno::Rofs.into())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn stat_of_file(meta: &ObjectMeta) -> Stat {
    let time = meta.last_modified.timestamp_nanos_opt();
    let time = time.map_or(0, |nanos| u64::try_from(nanos).unwrap_or_default());
    Stat {
        dev: 0,
        ino: number_of(&meta.location),
        file_type: FileType::RegularFile,
        nlink: 1,
        size: meta.size,
        atim: time,
        mtim: time,
        ctim: time,
    }
}

fn stat_of_dir(path: &Path) -> Stat {
    Stat {
        dev: 0,
        ino: number_of(path),
        file_type: FileType::Directory,
        nlink: 1,
        size: 0,
        atim: 0,
        mtim: 0,
        ctim: 0,
    }
}

/// Stores number nothing: the number of an object is that of its name.
fn number_of(path: &Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    path.as_ref().hash(&mut hasher);
    hasher.finish()
}
