//! What every verb needs: the engine opened once, the options applied to each job.

use std::path::Path;
use std::time::Duration;

#[cfg(feature = "download")]
use afmpeg::Acquire;
use afmpeg::vfs::Vfs;
use afmpeg::{CancelToken, Engine, Invocation, JobError, Limits, Mode, Runtime};

use super::args::Global;
use super::locate::{self, Located};
use super::progress::Meter;
use super::signals;
#[cfg(feature = "download")]
use super::status::say;
use super::status::{Failure, Status, chain};

/// An opened engine with the global options.
pub(crate) struct Session<'a> {
    pub(crate) global: &'a Global,
    pub(crate) runtime: Runtime,
    pub(crate) cancel: CancelToken,
}

impl<'a> Session<'a> {
    /// Opens the engine that the options, the environment or the workspace name.
    ///
    /// # Errors
    ///
    /// [`Status::Engine`] when there is none, or it cannot be loaded, or is not an ffmpeg engine.
    pub(crate) fn open(global: &'a Global) -> Result<Self, Failure> {
        let Opened { runtime, name } = opened(global)?;
        if runtime.engine_info().is_none() {
            return Err(Failure::new(
                Status::Engine,
                format!("{name} is not an ffmpeg engine; `afmpeg run` runs any other WASI command"),
            ));
        }
        Ok(Self {
            global,
            runtime,
            cancel: signals::cancel_token()?,
        })
    }
}

/// What starts jobs with the options of the command line: a session, or one job of a batch.
pub(crate) trait Starter {
    /// A job over `fs` with the options applied.
    fn invocation<'s>(&'s self, fs: &'s dyn Vfs, meter: &Meter) -> Invocation<'s>;
}

impl Starter for Session<'_> {
    fn invocation<'s>(&'s self, fs: &'s dyn Vfs, meter: &Meter) -> Invocation<'s> {
        meter.watch(apply(
            self.runtime.invocation(fs),
            self.global,
            &self.cancel,
        ))
    }
}

/// An engine that is ready, and where it is from.
pub(crate) struct Opened {
    pub(crate) runtime: Runtime,
    pub(crate) name: String,
}

/// Opens the engine of the options: the one that is lifted into this program, unless another is named
/// or the mode needs the module itself.
///
/// # Errors
///
/// [`Status::Engine`] when there is none, or it cannot be loaded.
pub(crate) fn opened(global: &Global) -> Result<Opened, Failure> {
    let interpreted = matches!(global.mode, Mode::Plain | Mode::Kernels);
    let inside = global
        .pack
        .filter(|_| global.engine.is_none() && !interpreted);
    let (engine, name) = match inside {
        Some(pack) => (Ok(Engine::lifted(pack)), "built in".to_owned()),
        None => {
            let (engine, name) = match locate::engine(global.engine.as_deref())? {
                Located::File(path) => (Engine::open(&path), path.display().to_string()),
                Located::Address { url, sha256 } => (Ok(fetched(global, &url, &sha256)?), sha256),
            };
            let engine = engine.and_then(|engine| match global.pack {
                // One that was named may be another; only what needs the pack insists on it.
                Some(pack) if !interpreted && global.mode != Mode::Auto => engine.with_pack(pack),
                _ => Ok(engine),
            });
            (engine, name)
        }
    };
    let runtime = engine.and_then(|engine| Runtime::with_mode(engine, global.mode));
    match runtime {
        Ok(runtime) => {
            let runtime = match &global.font {
                Some(path) => runtime.default_font(font(path)?),
                None => runtime,
            };
            Ok(Opened { runtime, name })
        }
        Err(error) => Err(Failure::new(
            Status::Engine,
            format!("cannot use the engine {name}: {}", chain(&error)),
        )),
    }
}

/// An engine from the user's cache, or else from its address. Nothing is caught meanwhile: Ctrl-C ends
/// the command, and the next one goes on with the rest.
#[cfg(feature = "download")]
fn fetched(global: &Global, url: &str, sha256: &str) -> Result<Engine, Failure> {
    let mut is_said = global.quiet;
    let acquire = Acquire::new(url, sha256).progress(move |progress| {
        if !std::mem::replace(&mut is_said, true) {
            match progress.total {
                Some(total) => say(&format!("afmpeg: fetching the engine, {total} bytes")),
                None => say("afmpeg: fetching the engine"),
            }
        }
    });
    acquire
        .engine()
        .map_err(|error| Failure::new(Status::Engine, chain(&error)))
}

#[cfg(not(feature = "download"))]
fn fetched(_: &Global, _: &str, _: &str) -> Result<Engine, Failure> {
    let message =
        "this command was built without the feature `download`, so the engine must be a file";
    Err(Failure::new(Status::Engine, message))
}

fn font(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| {
        Failure::failed(format!("cannot read the font {}: {error}", path.display()))
    })
}

/// Puts limits, cancellation and determinism on an invocation.
pub(crate) fn apply<'s>(
    invocation: Invocation<'s>,
    global: &Global,
    cancel: &CancelToken,
) -> Invocation<'s> {
    let invocation = invocation.limits(limits(global)).cancel(cancel.clone());
    match global.deterministic {
        Some(seed) => invocation.deterministic(seed),
        None => invocation,
    }
}

/// The default limits with those of the command line in their place.
pub(crate) fn limits(global: &Global) -> Limits {
    let mut limits = Limits::default();
    if let Some(bytes) = global.memory_limit {
        limits.memory_bytes = bytes;
    }
    if let Some(seconds) = global.timeout {
        limits.wall_time = Duration::try_from_secs_f64(seconds).ok();
    }
    limits
}

/// The status of a job's error, and its message with a hint where one helps.
pub(crate) fn job_failure(error: &JobError) -> Failure {
    let (status, hint) = match error {
        JobError::Spec(_) => (Status::Usage, ""),
        JobError::NotAnEngine { .. } | JobError::EngineTooOld { .. } => (Status::Engine, ""),
        JobError::Limit {
            kind: afmpeg::LimitKind::Memory,
            ..
        } => (Status::Limit, "; raise it with --memory-limit"),
        JobError::Limit { .. } => (Status::Limit, ""),
        JobError::DeadlineExceeded { .. } => (Status::Limit, "; allow more with --timeout"),
        // A quota of ours that is full, not a disk of the host's.
        JobError::Storage { error, .. } if error.limit().is_some() => {
            (Status::Limit, "; raise it with --storage-limit")
        }
        JobError::Cancelled { .. } => (Status::Cancelled, ""),
        JobError::Guest { class, .. } if *class == afmpeg::ErrorClass::Spec => (Status::Usage, ""),
        JobError::Guest { class, .. } if *class == afmpeg::ErrorClass::Version => {
            (Status::Engine, "")
        }
        _ => (Status::Failed, ""),
    };
    Failure::new(status, format!("{}{hint}", chain(error)))
}
