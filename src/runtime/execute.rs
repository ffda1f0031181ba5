//! One run of a guest: its host state is put together, it runs, and what it left is collected.

use std::sync::Arc;
use std::time::{Duration, Instant};

use afmpeg_wasi::vfs::{Dir, VfsError};
use afmpeg_wasi::{
    BuildError, CancelToken, LimitKind, Limits, Output, Program, StartError, Stdin, Stop, Wasi,
};
use serde::{Deserialize, Serialize};

/// What a run used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Usage {
    /// The most linear memory that the guest had, in bytes.
    pub peak_memory: u64,
    /// Work, about one unit for each instruction; the same for the same job everywhere, in one
    /// [mode](crate::Mode): lifted code counts whole turns of loops, and a kernel counts as a call.
    pub fuel: u64,
    /// Bytes read from files.
    pub bytes_read: u64,
    /// Bytes written to files; a place that was written twice counts twice.
    pub bytes_written: u64,
}

impl Usage {
    /// What two runs used together, of which each had a memory of its own.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            peak_memory: self.peak_memory.max(other.peak_memory),
            fuel: self.fuel.saturating_add(other.fuel),
            bytes_read: self.bytes_read.saturating_add(other.bytes_read),
            bytes_written: self.bytes_written.saturating_add(other.bytes_written),
        }
    }
}

/// A sink for what the guest writes to a device.
pub(super) type Sink = Box<dyn FnMut(&[u8]) + Send>;

/// Everything that a run is given.
pub(super) struct Setup {
    pub(super) args: Vec<Vec<u8>>,
    pub(super) env: Vec<(Vec<u8>, Vec<u8>)>,
    pub(super) sees: Sees,
    pub(super) stdin: Stdin,
    pub(super) stdout: Output,
    pub(super) stderr: Output,
    pub(super) progress: Option<Sink>,
    pub(super) log: Option<Sink>,
    pub(super) control: Control,
}

/// The directories that a run is given.
pub(super) enum Sees {
    Nothing,
    /// One as `/`, with `/tmp` and the devices over it.
    Root(Arc<dyn Dir>),
    /// These as they are, under their names.
    Only(Vec<(String, Arc<dyn Dir>)>),
}

/// The outside conditions of a run; a preflight shares those of the job that needs it.
#[derive(Clone)]
pub(super) struct Control {
    pub(super) limits: Limits,
    pub(super) cancel: CancelToken,
    pub(super) deadline: Option<Instant>,
    pub(super) seed: Option<u64>,
}

/// What a run left.
pub(super) struct Finished {
    pub(super) stop: Stop,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
    pub(super) stdout_truncated: bool,
    pub(super) stderr_truncated: bool,
    pub(super) storage_error: Option<VfsError>,
    pub(super) read_error: Option<VfsError>,
    pub(super) io_error: bool,
    pub(super) memory_denied: bool,
    pub(super) limits_met: Vec<LimitKind>,
    pub(super) usage: Usage,
}

/// Why there was no run.
pub(super) enum NotStarted {
    Build(BuildError),
    Start(StartError),
}

/// The device that takes the guest's progress lines.
pub(super) const PROGRESS_DEVICE: &str = "/dev/afmpeg-progress";

/// The device that takes the guest's log; without it the log goes to stderr.
pub(super) const LOG_DEVICE: &str = "/dev/afmpeg-log";

pub(super) fn execute(program: &dyn Program, setup: Setup) -> Result<Finished, NotStarted> {
    let Control {
        limits,
        cancel,
        deadline,
        seed,
    } = setup.control;
    let mut builder = Wasi::builder()
        .args(setup.args)
        .stdin(setup.stdin)
        .stdout(setup.stdout)
        .stderr(setup.stderr)
        .limits(limits)
        .cancel(cancel);
    for (key, value) in setup.env {
        builder = builder.env(key, value);
    }
    if let Some(deadline) = deadline {
        builder = builder.deadline(deadline);
    }
    if let Some(seed) = seed {
        builder = builder.deterministic(seed);
    }
    match setup.sees {
        Sees::Nothing => {}
        Sees::Root(root) => builder = builder.preopen("/", root),
        Sees::Only(dirs) => {
            builder = builder.bare_root();
            for (name, dir) in dirs {
                builder = builder.preopen(name, dir);
            }
        }
    }
    if let Some(sink) = setup.progress {
        builder = builder.device(PROGRESS_DEVICE, sink);
    }
    if let Some(sink) = setup.log {
        builder = builder.device(LOG_DEVICE, sink);
    }
    let wasi = builder.build().map_err(NotStarted::Build)?;
    let mut instance = program.instantiate(wasi).map_err(NotStarted::Start)?;
    let stop = instance.start();
    let (peak_memory, fuel) = (instance.peak_memory(), instance.fuel_used());
    let memory_denied = instance.memory_denied();
    let mut wasi = instance.into_wasi();
    Ok(Finished {
        stop,
        stdout: wasi.take_stdout(),
        stderr: wasi.take_stderr(),
        stdout_truncated: wasi.stdout_truncated(),
        stderr_truncated: wasi.stderr_truncated(),
        storage_error: wasi.storage_error(),
        read_error: wasi.read_error(),
        io_error: wasi.io_error(),
        memory_denied,
        limits_met: wasi.limits_met().collect(),
        usage: Usage {
            peak_memory,
            fuel,
            bytes_read: wasi.bytes_read(),
            bytes_written: wasi.bytes_written(),
        },
    })
}

/// The moment `after` from now; `None` when that is past the end of the host's clock.
pub(super) fn moment(after: Duration) -> Option<Instant> {
    Instant::now().checked_add(after)
}
