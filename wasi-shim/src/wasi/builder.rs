//! The builder of a guest's host state: what the guest is given, checked before it starts.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use super::nodes::{Nodes, ROOT, private_tmp};
use super::{IoCount, Wasi};
use crate::clock::{Clock, SystemClock, VirtualClock};
use crate::control::{CancelToken, Control};
use crate::errno::Errno;
use crate::fd::{Descriptor, FdFlags, FdTable, Kind, Rights};
use crate::limits::Limits;
use crate::random::{Random, SeededRandom, SharedRandom, SystemRandom};
use crate::stdio::{Output, Sink as TextSink, Source, Stdin};
use crate::vfs::{Dir, Sink, Vfs, VfsError, World};

/// Builds a [`Wasi`]. See [`Wasi::builder`].
#[derive(Default)]
pub struct WasiBuilder {
    args: Vec<Vec<u8>>,
    env: Vec<(Vec<u8>, Vec<u8>)>,
    preopens: Vec<(String, Arc<dyn Dir>)>,
    tmp: Option<Arc<dyn Dir>>,
    devices: Vec<(String, Sink)>,
    bare: bool,
    stdin: Stdin,
    stdout: Output,
    stderr: Output,
    limits: Limits,
    control: Control,
    clock: Option<Arc<dyn Clock>>,
    random: Option<Box<dyn Random>>,
    seed: Option<u64>,
}

impl WasiBuilder {
    /// Adds an argument. The first is the program's name.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<Vec<u8>>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<A: Into<Vec<u8>>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Sets an environment variable. The host's own are never passed on by themselves.
    #[must_use]
    pub fn env(mut self, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> Self {
        let (key, value) = (key.into(), value.into());
        self.env.retain(|(old, _)| *old != key);
        self.env.push((key, value));
        self
    }

    /// Gives the guest a directory under a name, from descriptor 3 on in the order of the calls.
    /// Guests take `/` as the root of absolute paths. Without any, a guest reaches no file at all.
    #[must_use]
    pub fn preopen(mut self, name: impl Into<String>, dir: Arc<dyn Dir>) -> Self {
        self.preopens.push((name.into(), dir));
        self
    }

    /// The tree at `/tmp`. Default: a [`MemFs`](crate::vfs::MemFs) of this run's own, with at most
    /// [`Limits::tmp_bytes`].
    #[must_use]
    pub fn tmp(mut self, tmp: impl Vfs) -> Self {
        self.tmp = Some(tmp.root());
        self
    }

    /// Puts a device at a path of the root, for example `/dev/progress`, and gives `sink` every
    /// write to it, as the guest made it.
    #[must_use]
    pub fn device(
        mut self,
        path: impl Into<String>,
        sink: impl FnMut(&[u8]) + Send + 'static,
    ) -> Self {
        self.devices.push((path.into(), Sink::new(sink)));
        self
    }

    /// Leaves the root as it is: without `/tmp`, `/dev/null`, `/dev/zero`, `/dev/random` and
    /// `/dev/urandom`, which otherwise hide what the directory given as `/` has there.
    #[must_use]
    pub fn bare_root(mut self) -> Self {
        self.bare = true;
        self
    }

    /// Where stdin comes from. Default: empty.
    #[must_use]
    pub fn stdin(mut self, stdin: Stdin) -> Self {
        self.stdin = stdin;
        self
    }

    /// Where stdout goes. Default: captured.
    #[must_use]
    pub fn stdout(mut self, stdout: Output) -> Self {
        self.stdout = stdout;
        self
    }

    /// Where stderr goes. Default: captured.
    #[must_use]
    pub fn stderr(mut self, stderr: Output) -> Self {
        self.stderr = stderr;
        self
    }

    /// The budgets of the run. Default: [`Limits::default`].
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// A token that ends the run.
    #[must_use]
    pub fn cancel(mut self, token: CancelToken) -> Self {
        self.control.cancel = token;
        self
    }

    /// A moment at which the run ends, besides [`Limits::wall_time`].
    #[must_use]
    pub fn deadline(mut self, deadline: Instant) -> Self {
        self.control.deadline = Some(deadline);
        self
    }

    /// The guest's clocks. Default: [`SystemClock`].
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// The guest's randomness. Default: [`SystemRandom`].
    #[must_use]
    pub fn random(mut self, random: Box<dyn Random>) -> Self {
        self.random = Some(random);
        self
    }

    /// Makes everything that the guest sees depend on what it is given alone, so that two runs give
    /// the same bytes and use the same fuel, wherever they are: a [`VirtualClock`] and, from `seed`,
    /// a [`SeededRandom`], unless others were given; directories as [`Deterministic`] shows them; and
    /// of stdin one line at most for each read, however the bytes arrive.
    ///
    /// [`Deterministic`]: crate::vfs::Deterministic
    #[must_use]
    pub fn deterministic(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Checks everything and makes the host state.
    ///
    /// # Errors
    ///
    /// What the guest could not be given as it was asked for.
    pub fn build(self) -> Result<Wasi, BuildError> {
        let args = checked_strings(self.args, "argument")?;
        let mut env = Vec::with_capacity(self.env.len());
        for (mut key, value) in self.env {
            if key.is_empty() || key.contains(&b'=') {
                return Err(BuildError::EnvironmentKey {
                    key: String::from_utf8_lossy(&key).into_owned(),
                });
            }
            key.push(b'=');
            key.extend(value);
            env.push(key);
        }
        let env = checked_strings(env, "environment variable")?;
        let mut table = FdTable::new(self.limits.open_files);
        let streams = [
            stream(Kind::Stdin, Rights::FD_READ),
            stream(Kind::Stdout, Rights::FD_WRITE),
            stream(Kind::Stderr, Rights::FD_WRITE),
        ];
        let clock = self.clock.unwrap_or_else(|| match self.seed {
            Some(_) => Arc::new(VirtualClock::new()),
            None => Arc::new(SystemClock::new()),
        });
        let random = self.random.unwrap_or_else(|| match self.seed {
            Some(seed) => Box::new(SeededRandom::new(seed)),
            None => Box::new(SystemRandom),
        });
        let world = self.seed.map(|_| {
            let clock = Arc::clone(&clock);
            Arc::new(World::new(move || clock.realtime()))
        });
        let mut nodes = Nodes {
            random: SharedRandom::new(random),
            tmp: self.tmp,
            devices: self.devices,
        };
        if !self.bare && nodes.tmp.is_none() {
            nodes.tmp = Some(private_tmp(&self.limits, &clock));
        }
        let random = nodes.random.clone();
        let mut tmp = nodes.tmp.clone();
        let mut nodes = Some(nodes);
        let mut preopens = Vec::with_capacity(self.preopens.len());
        for (name, mut dir) in self.preopens {
            if name == ROOT
                && let Some(nodes) = nodes.take()
            {
                dir = nodes.over(dir, self.bare)?;
            }
            if let Some(world) = &world {
                let shown = world.show(dir);
                dir = shown.map_err(|source| BuildError::Node {
                    path: name.clone(),
                    source,
                })?;
            }
            if name.is_empty() || name.len() > MAX_PREOPEN_NAME || name.contains('\0') {
                return Err(BuildError::PreopenName { name });
            }
            preopens.push(preopen(&name, dir));
        }
        if let Some(nodes) = nodes {
            if let Some((path, _)) = nodes.devices.into_iter().next() {
                return Err(BuildError::Node {
                    path,
                    source: VfsError::with_context(Errno::Noent, "no directory given as `/`"),
                });
            }
            tmp = None;
        }
        for descriptor in streams.into_iter().chain(preopens) {
            table
                .insert(descriptor)
                .map_err(|_| BuildError::TooManyFiles {
                    limit: self.limits.open_files,
                })?;
        }
        Ok(Wasi {
            args,
            env,
            table,
            control: self.control,
            clock,
            random,
            stdin: Source::new(self.stdin, self.seed.is_some()),
            stdout: TextSink::new(self.stdout, self.limits.text_bytes),
            stderr: TextSink::new(self.stderr, self.limits.text_bytes),
            limits: self.limits,
            io: IoCount::default(),
            tmp,
            buffers: Vec::new(),
        })
    }
}

impl fmt::Debug for WasiBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WasiBuilder")
            .field("args", &self.args.len())
            .field("env", &self.env.len())
            .field("preopens", &self.preopens.len())
            .field("stdin", &self.stdin)
            .field("stdout", &self.stdout)
            .field("stderr", &self.stderr)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// What a guest cannot be given.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuildError {
    /// A NUL inside an argument or environment variable: the guest would see it cut off there.
    Nul {
        /// What it is, `argument` or `environment variable`.
        what: &'static str,
        /// The string.
        string: String,
    },
    /// An environment variable whose name is empty or has a `=`.
    EnvironmentKey {
        /// The name.
        key: String,
    },
    /// Arguments or environment of more than 16 MiB.
    TooLong {
        /// What it is, `argument` or `environment variable`.
        what: &'static str,
    },
    /// The name of a preopened directory is empty, over 4,096 bytes, or has a NUL.
    PreopenName {
        /// The name.
        name: String,
    },
    /// A device or `/tmp` cannot be put in the root, or a directory not be shown.
    Node {
        /// Where it was to be.
        path: String,
        /// Why it cannot be there.
        source: VfsError,
    },
    /// The streams and preopened directories alone are over
    /// [`Limits::open_files`](crate::Limits::open_files).
    TooManyFiles {
        /// The limit.
        limit: u32,
    },
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nul { what, string } => write!(f, "{what} with a NUL inside: {string:?}"),
            Self::EnvironmentKey { key } => {
                write!(f, "an environment variable cannot have the name {key:?}")
            }
            Self::TooLong { what } => {
                write!(f, "the {what}s take more than {MAX_STRINGS} bytes")
            }
            Self::PreopenName { name } => {
                write!(f, "a directory cannot be given under the name {name:?}")
            }
            Self::Node { path, .. } => write!(f, "nothing can be put at {path:?}"),
            Self::TooManyFiles { limit } => write!(
                f,
                "the standard streams and directories are over the limit of {limit} open files"
            ),
        }
    }
}

impl std::error::Error for BuildError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Node { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// The most bytes of all arguments, and of the whole environment, NULs included.
const MAX_STRINGS: usize = 16 << 20;

const MAX_PREOPEN_NAME: usize = 4_096;

fn checked_strings(strings: Vec<Vec<u8>>, what: &'static str) -> Result<Vec<Vec<u8>>, BuildError> {
    let mut total = 0_usize;
    for string in &strings {
        if string.contains(&0) {
            return Err(BuildError::Nul {
                what,
                string: String::from_utf8_lossy(string).into_owned(),
            });
        }
        total = total.saturating_add(string.len() + 1);
    }
    if total > MAX_STRINGS {
        return Err(BuildError::TooLong { what });
    }
    Ok(strings)
}

/// A standard stream: no offsets, so neither `fd_seek` nor `fd_tell`.
fn stream(kind: Kind, access: Rights) -> Descriptor {
    Descriptor {
        kind,
        rights: access
            .or(Rights::FD_FDSTAT_SET_FLAGS)
            .or(Rights::FD_FILESTAT_GET)
            .or(Rights::FD_SYNC)
            .or(Rights::FD_DATASYNC)
            .or(Rights::POLL_FD_READWRITE),
        inheriting: Rights::NONE,
        flags: FdFlags::default(),
    }
}

fn preopen(name: &str, dir: Arc<dyn Dir>) -> Descriptor {
    Descriptor {
        kind: Kind::Dir {
            dir,
            preopen: Some(name.into()),
        },
        rights: Rights::DIR,
        inheriting: Rights::ALL,
        flags: FdFlags::default(),
    }
}

#[cfg(test)]
mod tests;
