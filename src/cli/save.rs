//! Takes files out of a virtual filesystem and puts them on the host, whole or not at all.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use afmpeg::CancelToken;
use afmpeg::vfs::{self, Dir, FileType, OpenOptions};

use super::status::{Failure, Status};

/// A file that was saved.
#[derive(Debug)]
pub(crate) struct Saved {
    pub(crate) path: PathBuf,
    pub(crate) size: u64,
}

/// Whether a file that is there already may be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Replace {
    Yes,
    No,
}

/// Files that are complete on the host under temporary names, beside the places they are meant for.
///
/// Nothing is in place before [`Pending::commit`]; dropped without it, everything is removed. No file is kept open: an
/// output may be thousands of them.
#[derive(Default)]
pub(crate) struct Pending {
    files: Vec<(Source, Saved)>,
}

/// Where the bytes of a file are until they are in their place.
enum Source {
    /// Complete, and to be renamed.
    Beside {
        temporary: tempfile::TempPath,
        place: PathBuf,
    },
    /// Still in the guest: what they go to is no file, and cannot be replaced.
    Guest {
        root: Arc<dyn Dir>,
        path: String,
        cancel: CancelToken,
    },
}

impl Pending {
    /// Copies the file at `guest` of `root` next to `host`. A link is followed: what it leads to is replaced. What is
    /// there and no file (a device, a named pipe) is written to when all is committed.
    ///
    /// # Errors
    ///
    /// When the guest's file cannot be read, the host's not be written, or `cancel` is cancelled.
    pub(crate) fn add(
        &mut self,
        root: &Arc<dyn Dir>,
        guest: &str,
        host: &Path,
        cancel: &CancelToken,
    ) -> Result<(), Failure> {
        let (source, size) = match Target::of(host)? {
            Target::Through => {
                let (root, path, cancel) = (Arc::clone(root), guest.to_owned(), cancel.clone());
                (Source::Guest { root, path, cancel }, 0)
            }
            Target::File(place) => {
                let mut temporary =
                    create_beside(&place).map_err(|error| cannot_write(host, &error))?;
                // Whom the file that it replaces keeps out, it keeps out from the first byte on.
                if let Ok(there) = std::fs::metadata(&place) {
                    temporary
                        .as_file()
                        .set_permissions(there.permissions())
                        .map_err(|error| cannot_write(host, &error))?;
                }
                let size = copy(root, guest, temporary.as_file_mut(), host, cancel)?;
                temporary
                    .as_file()
                    .sync_data()
                    .map_err(|error| cannot_write(host, &error))?;
                let temporary = temporary.into_temp_path();
                (Source::Beside { temporary, place }, size)
            }
        };
        let path = host.to_path_buf();
        self.files.push((source, Saved { path, size }));
        Ok(())
    }

    /// Renames every file to its place, in the order in which they were added.
    ///
    /// # Errors
    ///
    /// When a rename fails, or a file is there that must not be replaced. Those before it stay if they may have replaced
    /// something, and are removed if not.
    pub(crate) fn commit(self, replace: Replace) -> Result<Vec<Saved>, Failure> {
        let mut saved = Vec::with_capacity(self.files.len());
        let mut placed = Vec::new();
        let result = Self::place(self.files, replace, &mut saved, &mut placed);
        if result.is_err() && replace == Replace::No {
            for place in placed {
                let _ = std::fs::remove_file(place);
            }
        }
        result.map(|()| saved)
    }

    fn place(
        files: Vec<(Source, Saved)>,
        replace: Replace,
        saved: &mut Vec<Saved>,
        placed: &mut Vec<PathBuf>,
    ) -> Result<(), Failure> {
        for (source, mut file) in files {
            let failed = |error: &io::Error| cannot_write(&file.path, error);
            match (source, replace) {
                (Source::Beside { temporary, place }, replace) => {
                    let moved = match replace {
                        Replace::Yes => temporary.persist(&place),
                        Replace::No => temporary.persist_noclobber(&place),
                    };
                    moved.map_err(|error| failed(&error.error))?;
                    placed.push(place);
                }
                (Source::Guest { .. }, Replace::No) => {
                    return Err(failed(&io::ErrorKind::AlreadyExists.into()));
                }
                (Source::Guest { root, path, cancel }, Replace::Yes) => {
                    let mut out = File::options()
                        .write(true)
                        .open(&file.path)
                        .map_err(|error| failed(&error))?;
                    file.size = copy(&root, &path, &mut out, &file.path, &cancel)?;
                }
            }
            saved.push(file);
        }
        Ok(())
    }
}

/// What a name of the host stands for, as a place to write to.
#[derive(Debug, PartialEq, Eq)]
enum Target {
    /// A file, or nothing yet, at the end of all links.
    File(PathBuf),
    /// A device, a named pipe or a socket, which is written to as it is.
    Through,
}

impl Target {
    fn of(host: &Path) -> Result<Self, Failure> {
        refuse_directory(host)?;
        Self::followed(host).map_err(|error| cannot_write(host, &error))
    }

    fn followed(host: &Path) -> io::Result<Self> {
        /// As many as systems follow.
        const MOST_LINKS: usize = 40;
        let mut place = host.to_path_buf();
        for _ in 0..MOST_LINKS {
            let found = match std::fs::symlink_metadata(&place) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    return Ok(Self::File(place));
                }
                other => other?,
            };
            if found.is_file() {
                return Ok(Self::File(place));
            }
            if !found.is_symlink() {
                return Ok(Self::Through);
            }
            // Some links, those to open files in /proc, lead to what no name leads to.
            if std::fs::metadata(&place).is_ok_and(|end| !end.is_file()) {
                return Ok(Self::Through);
            }
            place = directory_of(&place).join(std::fs::read_link(&place)?);
        }
        Err(io::Error::other("too many links"))
    }
}

/// Checks before a job runs that its output can be written, so that no work is lost to a typing error.
///
/// # Errors
///
/// [`Status::Usage`] when the directory is missing, or the name is one of a directory or of an input;
/// [`Status::Failed`] when nothing can be created there.
pub(crate) fn check_target<P: AsRef<Path>>(host: &Path, inputs: &[P]) -> Result<(), Failure> {
    let Target::File(place) = Target::of(host)? else {
        return Ok(());
    };
    let dir = directory_of(&place);
    if !dir.is_dir() {
        return Err(Failure::usage(format!(
            "cannot write {}: the directory {} does not exist",
            host.display(),
            dir.display()
        )));
    }
    refuse_inputs(&place, host, inputs)?;
    create_beside(&place)
        .map(drop)
        .map_err(|error| cannot_write(host, &error))
}

/// An output that took the place of an input would be the end of it.
///
/// # Errors
///
/// [`Status::Usage`] when `place`, which the user calls `host`, is one of them.
pub(crate) fn refuse_inputs<P: AsRef<Path>>(
    place: &Path,
    host: &Path,
    inputs: &[P],
) -> Result<(), Failure> {
    // What is not there yet is no input.
    let Ok(there) = place.canonicalize() else {
        return Ok(());
    };
    let is_same = |input: &P| {
        let input = input.as_ref().canonicalize();
        input.is_ok_and(|input| input == there)
    };
    if inputs.iter().any(is_same) {
        return Err(Failure::usage(format!(
            "{} is an input as well, which the output would replace: name another",
            host.display()
        )));
    }
    Ok(())
}

/// Writes the file at `guest` to `out` in pieces and returns its size.
pub(crate) fn copy(
    root: &Arc<dyn Dir>,
    guest: &str,
    out: &mut impl Write,
    host: &Path,
    cancel: &CancelToken,
) -> Result<u64, Failure> {
    let cannot_read = |error: vfs::VfsError| {
        Failure::failed(format!("the job left no readable file {guest}: {error}"))
    };
    let file = vfs::ops::open_file(root, guest, OpenOptions::READ).map_err(cannot_read)?;
    let mut buffer = vec![0; PIECE];
    let mut offset = 0;
    loop {
        if cancel.is_cancelled() {
            return Err(Failure::new(Status::Cancelled, "cancelled"));
        }
        let count = file.read_at(offset, &mut buffer).map_err(cannot_read)?;
        if count == 0 {
            return Ok(offset);
        }
        out.write_all(&buffer[..count])
            .map_err(|error| cannot_write(host, &error))?;
        offset += count as u64;
    }
}

/// The names of the regular files of a guest directory, in order.
pub(crate) fn names_in(root: &Arc<dyn Dir>, guest: &str) -> Result<Vec<String>, Failure> {
    let entries = vfs::ops::read_dir(root, guest)
        .map_err(|error| Failure::failed(format!("cannot list {guest} of the job: {error}")))?;
    let files = entries
        .into_iter()
        .filter(|entry| entry.file_type == FileType::RegularFile);
    let mut names: Vec<String> = files.map(|entry| entry.name).collect();
    names.sort();
    Ok(names)
}

/// Bytes copied between two looks at the cancel token.
const PIECE: usize = 1 << 20;

fn create_beside(host: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".afmpeg-").suffix(".part");
    #[cfg(unix)]
    {
        // What a plain `open` would ask for; the process's mask takes its part away.
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(directory_of(host))
}

fn directory_of(host: &Path) -> &Path {
    match host.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    }
}

fn refuse_directory(host: &Path) -> Result<(), Failure> {
    if host.is_dir() || host.file_name().is_none() {
        return Err(Failure::usage(format!(
            "cannot write {}: it is a directory",
            host.display()
        )));
    }
    Ok(())
}

fn cannot_write(host: &Path, error: &io::Error) -> Failure {
    Failure::failed(format!("cannot write {}: {error}", host.display()))
}

/// Opens a host file to be read.
///
/// # Errors
///
/// Names the file and says why.
pub(crate) fn open_host(host: &Path) -> Result<File, Failure> {
    File::open(host)
        .map_err(|error| Failure::failed(format!("cannot read {}: {error}", host.display())))
}

#[cfg(test)]
mod tests {
    use afmpeg::vfs::{MemFs, Vfs as _};

    use super::*;

    fn guest() -> MemFs {
        let fs = MemFs::new();
        fs.write("/out", "new").expect("room");
        fs
    }

    fn save(host: &Path, replace: Replace) -> Result<Vec<Saved>, Failure> {
        let mut pending = Pending::default();
        pending.add(&guest().root(), "/out", host, &CancelToken::new())?;
        pending.commit(replace)
    }

    #[test]
    fn what_is_there_is_replaced_or_kept() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let host = dir.path().join("out");
        assert_eq!(
            save(&host, Replace::No).expect("nothing is there")[0].size,
            3
        );
        std::fs::write(&host, "old").expect("a file");
        save(&host, Replace::No).expect_err("something is there");
        assert_eq!(std::fs::read(&host).expect("it stays"), b"old");
        save(&host, Replace::Yes).expect("it may be replaced");
        assert_eq!(std::fs::read(&host).expect("it is new"), b"new");
        let left = std::fs::read_dir(dir.path()).expect("a directory").count();
        assert_eq!(left, 1, "no temporary file is left");
    }

    #[test]
    fn what_cannot_be_placed_whole_leaves_nothing() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let (fs, token) = (guest(), CancelToken::new());
        let mut pending = Pending::default();
        for name in ["a", "b"] {
            let host = dir.path().join(name);
            pending
                .add(&fs.root(), "/out", &host, &token)
                .expect("it is written");
        }
        std::fs::write(dir.path().join("b"), "old").expect("a file");
        pending.commit(Replace::No).expect_err("b is there");
        assert!(!dir.path().join("a").exists());
        assert_eq!(
            std::fs::read(dir.path().join("b")).expect("it stays"),
            b"old"
        );
    }

    #[cfg(unix)]
    #[test]
    fn links_stay_and_what_they_lead_to_is_replaced() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};

        let dir = tempfile::tempdir().expect("a temporary directory");
        let at = |name: &str| dir.path().join(name);
        std::fs::create_dir(at("other")).expect("a directory");
        std::fs::write(at("other/film"), "old").expect("a file");
        let mine = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(at("other/film"), mine).expect("it is mine");
        symlink("other/film", at("one")).expect("a link");
        symlink("one", at("two")).expect("a link");
        symlink("other/none", at("dangling")).expect("a link");
        symlink("loop", at("loop")).expect("a link");

        save(&at("two"), Replace::Yes).expect("it leads to a file");
        assert!(at("two").is_symlink() && at("one").is_symlink());
        assert_eq!(std::fs::read(at("other/film")).expect("it is new"), b"new");
        let mode = at("other/film").metadata().expect("it is there");
        assert_eq!(mode.permissions().mode() & 0o777, 0o600);
        save(&at("dangling"), Replace::Yes).expect("it leads to a place");
        assert_eq!(std::fs::read(at("other/none")).expect("it is new"), b"new");
        save(&at("loop"), Replace::Yes).expect_err("it leads nowhere");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn devices_and_pipes_are_written_to_and_stay() {
        use std::os::unix::fs::FileTypeExt as _;

        let null = Path::new("/dev/null");
        check_target::<&Path>(null, &[]).expect("everybody may write to it");
        assert_eq!(save(null, Replace::Yes).expect("it takes all")[0].size, 3);
        let after = null.metadata().expect("it is there");
        assert!(after.file_type().is_char_device());

        let (mut reader, writer) = io::pipe().expect("a pipe");
        let name = {
            use std::os::fd::AsRawFd as _;
            PathBuf::from(format!("/proc/self/fd/{}", writer.as_raw_fd()))
        };
        save(&name, Replace::Yes).expect("somebody reads");
        drop(writer);
        let mut told = String::new();
        io::Read::read_to_string(&mut reader, &mut told).expect("it is UTF-8");
        assert_eq!(told, "new");
    }

    #[test]
    fn targets_are_looked_at_before_the_work() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let film = dir.path().join("film");
        std::fs::write(&film, "old").expect("a file");
        let detour = dir.path().join(".").join("film");
        let failure = check_target(&detour, &[&film]).expect_err("the input is lost");
        assert!(
            failure.message.contains("is an input"),
            "{}",
            failure.message
        );
        check_target(&dir.path().join("other"), &[&film]).expect("the input stays");
        check_target::<&Path>(&dir.path().join("no/other"), &[]).expect_err("no directory");
        check_target::<&Path>(dir.path(), &[]).expect_err("it is a directory");
    }

    #[test]
    fn thousands_of_files_need_no_open_ones() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let (fs, token) = (guest(), CancelToken::new());
        let mut pending = Pending::default();
        let open = || {
            let listed = std::fs::read_dir("/proc/self/fd");
            listed.map_or(0, |listed| listed.count())
        };
        let before = open();
        for number in 0..200 {
            let host = dir.path().join(number.to_string());
            pending
                .add(&fs.root(), "/out", &host, &token)
                .expect("it is written");
        }
        // Other tests of this process open some as well.
        assert!(open() < before + 100, "one stays open for each file");
        assert_eq!(pending.commit(Replace::No).expect("in place").len(), 200);
    }
}
