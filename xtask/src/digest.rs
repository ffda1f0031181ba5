//! SHA-256 of files, of directories and of lists of inputs, and the error for a wrong one.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::failure::{Failure, Result};

/// The digest of a file, in lower-case hexadecimal.
pub(crate) fn file(path: &Path) -> Result<String> {
    let mut hasher = Sha256::new();
    File::open(path)
        .and_then(|mut file| copy(&mut file, &mut hasher))
        .map_err(Failure::io("read", path))?;
    Ok(hex(&hasher.finalize()))
}

/// The digest of bytes in memory.
pub(crate) fn bytes(content: &[u8]) -> String {
    hex(&Sha256::digest(content))
}

/// The digest of a directory: over the sorted list of its files, each with its digest and relative
/// path.
pub(crate) fn tree(directory: &Path) -> Result<String> {
    let mut files = Vec::new();
    walk(directory, &mut files)?;
    let mut list = Vec::new();
    for path in files {
        let name = path.strip_prefix(directory).unwrap_or(&path);
        let name = name.to_string_lossy().replace('\\', "/");
        list.push((name, file(&path)?));
    }
    list.sort();
    let mut hasher = Sha256::new();
    for (name, digest) in list {
        hasher.update(format!("{digest}  {name}\n"));
    }
    Ok(hex(&hasher.finalize()))
}

/// Fails unless `found`, the digest of `path`, is the one that `what` is pinned to; `delete` is
/// what to remove so that the next run fetches it again.
pub(crate) fn check(
    what: &str,
    path: &Path,
    delete: &Path,
    found: &str,
    expected: &str,
) -> Result<()> {
    if found == expected {
        return Ok(());
    }
    let what = format!(
        "{what} is not what engine/pins.toml asks for\n  \
         file:     {}\n  expected: sha256 {expected}\n  found:    sha256 {found}",
        path.display()
    );
    Err(Failure::new(what).mend(format!(
        "delete {} and run the command again; if the digest is wrong a second time, the \
         download was tampered with or the pin is stale",
        delete.display()
    )))
}

/// Collects inputs into one key: equal keys mean equal inputs.
#[derive(Clone)]
pub(crate) struct KeyBuilder {
    hasher: Sha256,
}

impl KeyBuilder {
    /// A key for one kind of result.
    pub(crate) fn new(kind: &str) -> Self {
        let mut key = Self {
            hasher: Sha256::new(),
        };
        key.add("kind", kind.as_bytes());
        key
    }

    /// Adds one named input. Lengths go in too, so that no two lists of inputs look alike.
    pub(crate) fn add(&mut self, name: &str, content: &[u8]) {
        for part in [name.as_bytes(), content] {
            self.hasher.update((part.len() as u64).to_le_bytes());
            self.hasher.update(part);
        }
    }

    /// Adds a file under a name that does not depend on where the workspace is.
    pub(crate) fn add_file(&mut self, name: &str, path: &Path) -> Result<()> {
        let content = fs::read(path).map_err(Failure::io("read", path))?;
        self.add(name, &content);
        Ok(())
    }

    /// Adds every file under a directory, sorted by name.
    pub(crate) fn add_tree(&mut self, name: &str, directory: &Path) -> Result<()> {
        let digest = tree(directory)?;
        self.add(name, digest.as_bytes());
        Ok(())
    }

    /// The key, short enough for a file name.
    pub(crate) fn finish(self) -> String {
        let mut key = hex(&self.hasher.finalize());
        key.truncate(20);
        key
    }
}

fn walk(directory: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let failed = |err| Failure::io("read", directory)(err);
    for entry in fs::read_dir(directory).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_type().map_err(failed)?.is_dir() {
            walk(&entry.path(), files)?;
        } else {
            files.push(entry.path());
        }
    }
    Ok(())
}

fn copy(from: &mut impl Read, hasher: &mut Sha256) -> io::Result<()> {
    let mut buffer = vec![0; 1 << 16];
    loop {
        match from.read(&mut buffer)? {
            0 => return Ok(()),
            length => hasher.update(&buffer[..length]),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_digest_names_the_file_both_digests_and_the_mend() {
        let path = Path::new("target/toolchain/download/compiler.whl");
        let failed =
            check("the compiler", path, path, "aaaa", "bbbb").expect_err("the digests differ");
        let text = failed.to_string();
        for part in [
            "the compiler is not what",
            "expected: sha256 bbbb",
            "found:    sha256 aaaa",
            "file:     target/toolchain/download/compiler.whl",
            "what to do: delete target/toolchain/download/compiler.whl",
        ] {
            assert!(text.contains(part), "{part:?} is missing in {text:?}");
        }
        assert!(check("the compiler", path, path, "aaaa", "aaaa").is_ok());
    }

    #[test]
    fn the_digest_of_a_file_is_its_sha_256() {
        let directory = crate::step::tests::scratch("digest-file");
        let path = directory.join("abc");
        fs::write(&path, "abc").expect("the scratch directory is writable");
        assert_eq!(
            file(&path).expect("the file exists"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn the_digest_of_a_tree_depends_on_contents_and_names() {
        let directory = crate::step::tests::scratch("digest-tree");
        let digest = || tree(&directory).expect("the directory is readable");
        let write = |name: &str, text: &str| {
            let path = directory.join(name);
            fs::create_dir_all(path.parent().expect("a joined path has a parent"))
                .expect("writable");
            fs::write(path, text).expect("the scratch directory is writable");
        };
        write("a", "1");
        write("sub/b", "2");
        let first = digest();
        assert_eq!(first, digest());
        write("sub/b", "3");
        let second = digest();
        assert_ne!(first, second);
        fs::rename(directory.join("sub/b"), directory.join("sub/c")).expect("the file exists");
        assert_ne!(second, digest());
    }

    #[test]
    fn a_key_changes_with_each_input_and_with_their_borders() {
        let key = |inputs: &[(&str, &str)]| {
            let mut key = KeyBuilder::new("test");
            for (name, content) in inputs {
                key.add(name, content.as_bytes());
            }
            key.finish()
        };
        let base = key(&[("flags", "-O3"), ("list", "h264")]);
        assert_eq!(base, key(&[("flags", "-O3"), ("list", "h264")]));
        assert_ne!(base, key(&[("flags", "-O2"), ("list", "h264")]));
        assert_ne!(base, key(&[("flags", "-O3"), ("list", "hevc")]));
        assert_ne!(key(&[("a", "bc")]), key(&[("ab", "c")]));
    }
}
