//! The model of a host: descriptors over model trees, and what every syscall does to them.

mod data;
mod info;
mod listing;
mod open;
mod path;
mod poll;
mod table;

use std::collections::VecDeque;

pub(in crate::hostcalls) use self::table::fdstat;
use afmpeg_wasi::{Errno, Limits, Rights, SeededRandom, Wasi};

use super::generate::Hints;
use super::turn::{Answer, Turn};
use crate::model::{Follow, Id, Place, Tree, walk};

/// What a descriptor refers to.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// The standard input.
    Stdin,
    /// The standard output.
    Stdout,
    /// The standard error output.
    Stderr,
    /// A file, and where its cursor is.
    File {
        /// Which tree.
        tree: usize,
        /// The file.
        id: Id,
        /// The cursor.
        offset: u64,
    },
    /// A directory, and the name that the host gave it.
    Dir {
        /// Which tree.
        tree: usize,
        /// The directory.
        id: Id,
        /// The name.
        preopen: Option<String>,
    },
}

/// An open descriptor.
#[derive(Clone, Debug)]
pub(crate) struct Descriptor {
    /// What it refers to.
    pub(crate) kind: Kind,
    /// What it may be used for.
    pub(crate) rights: Rights,
    /// What is opened below it may have.
    pub(crate) inheriting: Rights,
    /// Its flags.
    pub(crate) flags: u32,
}

/// The model.
pub(crate) struct Host {
    /// The open descriptors, by number.
    pub(crate) open: Vec<Option<Descriptor>>,
    /// What it may use.
    pub(crate) limits: Limits,
    /// Bytes that were written to files.
    pub(crate) written: u64,
    /// The filesystems.
    pub(crate) trees: Vec<Tree>,
    /// What is left of the standard input.
    pub(crate) stdin: VecDeque<u8>,
    /// What was written to the standard output.
    pub(crate) stdout: Vec<u8>,
    /// What was written to the standard error output.
    pub(crate) stderr: Vec<u8>,
    /// The arguments.
    pub(crate) args: Vec<Vec<u8>>,
    /// The variables.
    pub(crate) environ: Vec<Vec<u8>>,
    /// The randomness.
    pub(crate) random: SeededRandom,
    /// The time since the epoch.
    pub(crate) realtime: u64,
    /// The time since the start.
    pub(crate) monotonic: u64,
}

impl Host {
    /// Judges a call, and does what it did.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub(crate) fn judge(&mut self, name: &str, turn: &mut Turn<'_>) -> Result<(), String> {
        for tree in &mut self.trees {
            tree.now = self.realtime;
        }
        match name {
            "args_get" => Self::strings(turn, &self.args),
            "args_sizes_get" => Self::string_sizes(turn, &self.args),
            "environ_get" => Self::strings(turn, &self.environ),
            "environ_sizes_get" => Self::string_sizes(turn, &self.environ),
            "clock_res_get" => Self::clock_res_get(turn),
            "clock_time_get" => self.clock_time_get(turn),
            "fd_advise" => self.fd_advise(turn),
            "fd_allocate" => self.fd_allocate(turn),
            "fd_close" => self.fd_close(turn),
            "fd_datasync" => self.fd_sync(turn, Rights::FD_DATASYNC),
            "fd_fdstat_get" => self.fd_fdstat_get(turn),
            "fd_fdstat_set_flags" => self.fd_fdstat_set_flags(turn),
            "fd_fdstat_set_rights" => self.fd_fdstat_set_rights(turn),
            "fd_filestat_get" => self.fd_filestat_get(turn),
            "fd_filestat_set_size" => self.fd_filestat_set_size(turn),
            "fd_filestat_set_times" => self.fd_filestat_set_times(turn),
            "fd_pread" => self.fd_read(turn, Some(turn.values[3]), 4),
            "fd_prestat_get" => self.fd_prestat_get(turn),
            "fd_prestat_dir_name" => self.fd_prestat_dir_name(turn),
            "fd_pwrite" => self.fd_write(turn, Some(turn.values[3]), 4),
            "fd_read" => self.fd_read(turn, None, 3),
            "fd_readdir" => self.fd_readdir(turn),
            "fd_renumber" => self.fd_renumber(turn),
            "fd_seek" => self.fd_seek(turn),
            "fd_sync" => self.fd_sync(turn, Rights::FD_SYNC),
            "fd_tell" => self.fd_tell(turn),
            "fd_write" => self.fd_write(turn, None, 3),
            "path_create_directory" => self.path_create_directory(turn),
            "path_filestat_get" => self.path_filestat_get(turn),
            "path_filestat_set_times" => self.path_filestat_set_times(turn),
            "path_link" => self.path_link(turn),
            "path_open" => self.path_open(turn),
            "path_readlink" => self.path_readlink(turn),
            "path_remove_directory" => self.path_remove_directory(turn),
            "path_rename" => self.path_rename(turn),
            "path_symlink" => self.path_symlink(turn),
            "path_unlink_file" => self.path_unlink_file(turn),
            "poll_oneoff" => self.poll_oneoff(turn),
            "proc_exit" => ends(turn, &format!("exit {}", turn.word(0))),
            "proc_raise" => Self::proc_raise(turn),
            "sched_yield" => turn.done().map(drop),
            "random_get" => self.random_get(turn),
            "sock_accept" | "sock_recv" | "sock_send" | "sock_shutdown" => {
                let errno = self
                    .get(turn.word(0))
                    .map_or(Errno::Badf, |_| Errno::Notsock);
                turn.because(errno);
                turn.done().map(drop)
            }
            other => Err(format!("the model has no {other}")),
        }
    }

    /// An open descriptor.
    #[must_use]
    pub(crate) fn get(&self, fd: u32) -> Option<&Descriptor> {
        self.open.get(fd as usize)?.as_ref()
    }

    fn get_mut(&mut self, fd: u32) -> Option<&mut Descriptor> {
        self.open.get_mut(fd as usize)?.as_mut()
    }

    /// The open directory of a call, which needs rights to it.
    fn dir(&self, turn: &mut Turn<'_>, fd: u32, needed: Rights) -> Option<(usize, Id)> {
        let Some(descriptor) = self.get(fd) else {
            turn.because(Errno::Badf);
            return None;
        };
        turn.because_if(!descriptor.rights.contains(needed), Errno::Notcapable);
        match descriptor.kind {
            Kind::Dir { tree, id, .. } => Some((tree, id)),
            Kind::File { .. } => {
                turn.because(Errno::Notdir);
                None
            }
            Kind::Stdin | Kind::Stdout | Kind::Stderr => {
                turn.because(Errno::Badf);
                None
            }
        }
    }

    /// The open file of a call, which needs rights to it.
    fn file(&self, turn: &mut Turn<'_>, fd: u32, needed: Rights) -> Option<(usize, Id, u64)> {
        let Some(descriptor) = self.get(fd) else {
            turn.because(Errno::Badf);
            return None;
        };
        turn.because_if(!descriptor.rights.contains(needed), Errno::Notcapable);
        match descriptor.kind {
            Kind::File { tree, id, offset } => Some((tree, id, offset)),
            _ => {
                turn.because(Errno::Badf);
                None
            }
        }
    }

    /// Where a path in memory leads, from an open directory.
    fn place(
        &self,
        turn: &mut Turn<'_>,
        fd: u32,
        needed: Rights,
        (ptr, len): (u32, u32),
        follow: Follow,
    ) -> Option<(usize, Place)> {
        let dir = self.dir(turn, fd, needed);
        let path = text(turn, ptr, len)?;
        let (tree, id) = dir?;
        match walk(&self.trees[tree], id, &path, follow) {
            Ok(place) => Some((tree, place)),
            Err(errno) => {
                turn.because(errno);
                None
            }
        }
    }

    /// Whether a node is open.
    #[must_use]
    pub(crate) fn has_open(&self, in_tree: usize, node: Id) -> bool {
        let open = self.open.iter().flatten();
        open.map(|descriptor| &descriptor.kind).any(|kind| {
            matches!(kind, Kind::File { tree, id, .. } | Kind::Dir { tree, id, .. }
                if *tree == in_tree && *id == node)
        })
    }

    /// Compares what was printed: of all of it the beginning is kept.
    ///
    /// # Errors
    ///
    /// When it is different.
    pub(crate) fn same_text(&self, wasi: &Wasi) -> Result<(), String> {
        let most = usize::try_from(self.limits.text_bytes).unwrap_or(usize::MAX);
        let kept = |text: &[u8]| text[..text.len().min(most)].to_vec();
        let expected = [&self.stdout, &self.stderr].map(|text| {
            let is_cut = text.len() > most;
            (kept(text), text.len() as u64, is_cut)
        });
        let real = [
            (
                wasi.stdout().to_vec(),
                wasi.stdout_written(),
                wasi.stdout_truncated(),
            ),
            (
                wasi.stderr().to_vec(),
                wasi.stderr_written(),
                wasi.stderr_truncated(),
            ),
        ];
        if real != expected {
            return Err(format!(
                "the standard output and error are {real:?} and not {expected:?}"
            ));
        }
        Ok(())
    }

    fn advance(&mut self, by: u64) {
        self.realtime = self.realtime.saturating_add(by);
        self.monotonic = self.monotonic.saturating_add(by);
    }

    /// What is open, for the generator.
    pub(crate) fn hints(&self) -> Hints {
        const FEW: u64 = 1_000;
        let text = self.limits.text_written_bytes.unwrap_or(u64::MAX);
        let mut hints = Hints {
            prints: text.min(self.limits.text_bytes) < FEW,
            ..Hints::default()
        };
        for (fd, descriptor) in (0..).zip(&self.open) {
            match descriptor.as_ref().map(|descriptor| &descriptor.kind) {
                Some(Kind::Dir { .. }) => hints.dirs.push(fd),
                Some(Kind::File { .. }) => hints.files.push(fd),
                _ => {}
            }
        }
        hints
    }

    /// Time goes on between two calls.
    pub(crate) fn tick(&mut self, by: u64) {
        self.advance(by);
    }
}

/// The text of a path in memory.
fn text(turn: &mut Turn<'_>, ptr: u32, len: u32) -> Option<String> {
    const LONGEST: usize = 64 << 10;
    let Some(bytes) = turn.image.get(ptr, u64::from(len)).map(<[u8]>::to_vec) else {
        turn.because(Errno::Fault);
        return None;
    };
    turn.because_if(bytes.len() > LONGEST, Errno::Nametoolong);
    match String::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(_) => {
            turn.because(Errno::Ilseq);
            None
        }
    }
}

/// `lookupflags`.
fn follow_of(turn: &mut Turn<'_>, flags: u32) -> Follow {
    turn.because_if(flags > 1, Errno::Inval);
    if flags == 1 {
        Follow::Always
    } else {
        Follow::Slash
    }
}

/// A call that must end the run.
fn ends(turn: &Turn<'_>, how: &str) -> Result<(), String> {
    match turn.answer {
        Answer::Ended(ended) if ended == how => Ok(()),
        other => Err(format!("it should end the run with {how} and is {other:?}")),
    }
}
