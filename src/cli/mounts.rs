//! Host directories that the user gave to the guest: in one tree, or each by itself.

use std::path::Path;

use afmpeg::vfs::{Access, HostDir, MemFs, Mount};

use super::status::Failure;
use super::values::{DirMapping, Preopen};

/// `memory` at the root, each directory at its place.
///
/// # Errors
///
/// When a host directory cannot be opened, or two stand at one place.
pub(crate) fn tree(memory: MemFs, dirs: &[DirMapping]) -> Result<Mount, Failure> {
    let cannot = |place: &str, error: afmpeg::vfs::VfsError| {
        Failure::failed(format!("cannot give the guest {place}: {error}"))
    };
    let root_is_mapped = dirs.iter().any(|dir| dir.guest == "/");
    let mut mount = Mount::new();
    if !root_is_mapped {
        mount = mount.at("/", &memory).map_err(|error| cannot("/", error))?;
    }
    // Shorter places first, so that a place inside another is laid over it.
    let mut dirs: Vec<&DirMapping> = dirs.iter().collect();
    dirs.sort_by_key(|dir| dir.guest.len());
    for dir in dirs {
        let host = open(&dir.host, dir.read_only)?;
        mount = mount
            .at(&dir.guest, &host)
            .map_err(|error| cannot(&dir.guest, error))?;
    }
    Ok(mount)
}

/// The directories, each under its name.
///
/// # Errors
///
/// When a host directory cannot be opened, or two have one name.
pub(crate) fn named(dirs: &[Preopen]) -> Result<Vec<(&str, HostDir)>, Failure> {
    let mut named: Vec<(&str, HostDir)> = Vec::with_capacity(dirs.len());
    for dir in dirs {
        if named.iter().any(|(name, _)| *name == dir.name) {
            return Err(Failure::usage(format!(
                "two directories are given as {}",
                dir.name
            )));
        }
        named.push((&dir.name, open(&dir.host, dir.read_only)?));
    }
    Ok(named)
}

fn open(host: &Path, read_only: bool) -> Result<HostDir, Failure> {
    let access = if read_only {
        Access::ReadOnly
    } else {
        Access::ReadWrite
    };
    HostDir::open(host, access).map_err(|error| {
        Failure::failed(format!(
            "cannot open the directory {}: {error}",
            host.display()
        ))
    })
}
