//! The conformance suite of the filesystem traits, for backends of this crate and of others.
//!
//! ```
//! use afmpeg_wasi::vfs::conformance::{self, Capabilities};
//! use afmpeg_wasi::vfs::{MemFs, Vfs};
//!
//! conformance::run(|| MemFs::new().root(), Capabilities::ALL);
//! ```
//!
//! The checks panic with the name of what is wrong, as tests do. A backend that refuses every
//! change is checked by [`run_read_only`] on a tree that [`populate`] filled before.

mod files;
mod links;
mod listing;
mod names;
mod read_only;
mod renames;
mod times;

use std::ops::ControlFlow;
use std::sync::Arc;

use super::{Cookie, Dir, DirEntry, File, Name, OpenOptions, VfsResult};
use crate::errno::Errno;

pub use self::read_only::{populate, run_read_only};

/// What a backend offers beyond files and directories; what it does not offer is not checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// `rename` works.
    pub renames: bool,
    /// `symlink` and `read_link` work.
    pub symlinks: bool,
    /// `hard_link` works.
    pub hard_links: bool,
    /// `set_times` and `set_times_at` work.
    pub times: bool,
    /// Names are compared byte by byte: neither case nor Unicode form is folded.
    pub exact_names: bool,
}

impl Capabilities {
    /// Everything there is.
    pub const ALL: Capabilities = Capabilities {
        renames: true,
        symlinks: true,
        hard_links: true,
        times: true,
        exact_names: true,
    };
}

/// Checks a backend that can be written. `make` gives an empty directory of its own at each call.
///
/// # Panics
///
/// When the backend breaks the contract of [`Dir`] or [`File`].
pub fn run(make: impl Fn() -> Arc<dyn Dir>, capabilities: Capabilities) {
    let mut checks: Vec<fn(Arc<dyn Dir>)> = Vec::new();
    checks.extend(files::CHECKS);
    checks.extend(names::CHECKS);
    checks.extend(listing::CHECKS);
    if capabilities.exact_names {
        checks.extend(names::EXACT_CHECKS);
    }
    if capabilities.renames {
        checks.extend(renames::CHECKS);
    }
    if capabilities.symlinks {
        checks.extend(links::SYMLINK_CHECKS);
    }
    if capabilities.symlinks && capabilities.renames {
        checks.extend(renames::SYMLINK_CHECKS);
    }
    if capabilities.hard_links {
        checks.extend(links::HARD_LINK_CHECKS);
    }
    if capabilities.hard_links && capabilities.renames {
        checks.extend(renames::HARD_LINK_CHECKS);
    }
    if capabilities.times {
        checks.extend(times::CHECKS);
    }
    for check in checks {
        check(make());
    }
}

/// A name that the suite itself chose.
fn name(text: &str) -> Name<'_> {
    Name::new(text).expect("the suite's own names are valid")
}

/// The value of a call that must work.
#[track_caller]
fn works<T>(result: VfsResult<T>, what: &str) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{what} must work, but: {error}"),
    }
}

/// The errno of a call that must fail.
#[track_caller]
fn refusal<T>(result: VfsResult<T>, what: &str) -> Errno {
    match result {
        Ok(_) => panic!("{what} must fail"),
        Err(error) => error.errno(),
    }
}

/// Checks that a call fails with this errno.
#[track_caller]
fn fails<T>(result: VfsResult<T>, errno: Errno, what: &str) {
    assert_eq!(refusal(result, what), errno, "{what}");
}

#[track_caller]
fn put(dir: &dyn Dir, file: &str, data: &[u8]) -> Arc<dyn File> {
    let opened = works(
        dir.open_file(
            name(file),
            OpenOptions {
                read: true,
                ..OpenOptions::WRITE
            },
        ),
        "creating a file",
    );
    write_all(&*opened, 0, data);
    opened
}

#[track_caller]
fn write_all(file: &dyn File, mut offset: u64, mut data: &[u8]) {
    while !data.is_empty() {
        let count = works(file.write_at(offset, data), "writing");
        assert!(
            count > 0 && count <= data.len(),
            "a write takes 1 byte or more, not {count}"
        );
        data = &data[count..];
        offset += count as u64;
    }
}

/// Everything in a file, read in pieces as the file gives them.
#[track_caller]
fn contents(file: &dyn File) -> Vec<u8> {
    let mut all = Vec::new();
    let mut buf = [0xee; 1000];
    loop {
        let count = works(file.read_at(all.len() as u64, &mut buf), "reading");
        if count == 0 {
            break;
        }
        all.extend_from_slice(&buf[..count]);
    }
    assert_eq!(
        works(file.len(), "the length of a file"),
        all.len() as u64,
        "length and contents"
    );
    all
}

#[track_caller]
fn get(dir: &dyn Dir, file: &str) -> Vec<u8> {
    contents(&*works(
        dir.open_file(name(file), OpenOptions::READ),
        "opening a file",
    ))
}

#[track_caller]
fn make_dir(dir: &dyn Dir, new: &str) -> Arc<dyn Dir> {
    works(dir.create_dir(name(new)), "creating a directory");
    works(dir.open_dir(name(new)), "opening a directory")
}

#[track_caller]
fn list(dir: &dyn Dir, from: Cookie) -> Vec<DirEntry> {
    let mut found = Vec::new();
    let listed = dir.read_dir(from, &mut |entry| {
        found.push(entry);
        ControlFlow::Continue(())
    });
    works(listed, "listing a directory");
    found
}

/// The names in a directory, in alphabetical order.
#[track_caller]
fn names_in(dir: &dyn Dir) -> Vec<String> {
    let mut names: Vec<_> = list(dir, Cookie::START)
        .into_iter()
        .map(|entry| entry.name)
        .collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vfs::{MemFs, Mount, ReadOnly, Vfs};

    #[test]
    fn memfs_conforms() {
        run(|| MemFs::new().root(), Capabilities::ALL);
    }

    #[test]
    fn a_snapshot_of_memfs_conforms() {
        run(|| MemFs::new().snapshot().root(), Capabilities::ALL);
    }

    #[test]
    fn a_mount_conforms_at_its_top_and_at_a_mount_point() {
        let at = |path: &str| works(Mount::new().at(path, MemFs::new().root()), "a mount").root();
        run(|| at("/"), Capabilities::ALL);
        run(
            || works(at("/a").open_dir(name("a")), "a mount point"),
            Capabilities::ALL,
        );
    }

    #[test]
    fn read_only_views_refuse_every_change() {
        run_read_only(|| {
            let fs = MemFs::new();
            populate(&*fs.root());
            ReadOnly::new(&fs).root()
        });
    }

    #[cfg(feature = "host-fs")]
    #[test]
    fn a_host_directory_conforms() {
        use crate::vfs::{Access, HostDir};
        let parent = tempfile::tempdir().expect("a temporary directory");
        let next = std::sync::atomic::AtomicU32::new(0);
        let fresh = || {
            let number = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let path = parent.path().join(number.to_string());
            std::fs::create_dir(&path).expect("a new directory");
            path
        };
        let exact_names = cfg!(not(any(target_os = "macos", windows)));
        let capabilities = Capabilities {
            exact_names,
            ..Capabilities::ALL
        };
        run(
            || works(HostDir::open(fresh(), Access::ReadWrite), "opening").root(),
            capabilities,
        );
        run_read_only(|| {
            let path = fresh();
            populate(&*works(HostDir::open(&path, Access::ReadWrite), "opening").root());
            works(HostDir::open(&path, Access::ReadOnly), "opening").root()
        });
    }
}
