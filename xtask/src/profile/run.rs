//! Runs a module that counts, the same way every time, and takes its counters out.

use std::sync::Arc;

use afmpeg::kernels::table_functions;
use afmpeg::wasi::vfs::Dir;
use afmpeg::wasi::{Limits, Program as _, SeededRandom, Stop, VirtualClock, Wasi, WasmiProgram};

use super::context::{self, Node};
use super::instrument::{self, Instrumented};
use crate::failure::{Failure, Result};

/// The engine's name for itself: the first of its arguments.
pub(super) const PROGRAM: &str = "ffmpeg-wasi";

/// What a run left.
pub(super) struct Counted {
    /// The calling-context tree, callers before callees.
    pub(super) tree: Vec<Node>,
    pub(super) run: Ran,
}

/// How a run ended.
pub(super) struct Ran {
    pub(super) stop: Stop,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
}

impl Ran {
    /// Whether the guest says that all went well.
    pub(super) fn is_success(&self) -> bool {
        matches!(self.stop, Stop::Exit(0))
    }
}

/// Whether the engine is offered the host's kernels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kernels {
    /// Everything is the guest's own work.
    Off,
    /// What a kernel does is not counted: the profile shows what is left.
    On,
}

/// Runs the counting copy of `module`. It is a result also when the guest fails: the counters say
/// how far it came.
pub(super) fn counted(
    module: &[u8],
    kernels: Kernels,
    args: &[&str],
    root: Arc<dyn Dir>,
) -> Result<Counted> {
    // What is wrong with a module is said of the original, and the copying is spared all surprises.
    load(module)?;
    let Instrumented { module, shape } = instrument::instrument(module)?;
    counted_in(&module, shape, kernels, args, root)
}

/// The same for a module that is instrumented already.
pub(super) fn counted_in(
    module: &[u8],
    shape: context::Shape,
    kernels: Kernels,
    args: &[&str],
    root: Arc<dyn Dir>,
) -> Result<Counted> {
    let mut limits = limits();
    // The guest keeps all that it would have without the counters.
    limits.memory_bytes += shape.pages() << 16;
    let read = |memory: Option<&[u8]>| {
        let memory = memory.ok_or_else(|| Failure::new("the run left no counters"))?;
        context::read(shape, memory)
    };
    let (run, tree) = start(load(module)?, kernels, args, root, limits, read)?;
    Ok(Counted { tree: tree?, run })
}

/// Runs a module as it is.
pub(super) fn plain(module: &[u8], args: &[&str], root: Arc<dyn Dir>) -> Result<Ran> {
    start(load(module)?, Kernels::Off, args, root, limits(), |_| ()).map(|(run, ())| run)
}

/// Without a limit of time: a profile of a long job takes what it takes.
fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.wall_time = None;
    limits
}

fn start<T>(
    mut program: WasmiProgram,
    kernels: Kernels,
    args: &[&str],
    root: Arc<dyn Dir>,
    limits: Limits,
    read: impl FnOnce(Option<&[u8]>) -> T,
) -> Result<(Ran, T)> {
    if kernels == Kernels::On {
        program = program.with_table_functions(table_functions());
    }
    let wasi = Wasi::builder()
        .args(args.iter().copied())
        .preopen("/", root)
        .limits(limits)
        // What a clock or a random number decides would be another run each time.
        .clock(Arc::new(VirtualClock::new()))
        .random(Box::new(SeededRandom::new(0)))
        .build()
        .map_err(|error| cannot_run(&error))?;
    let mut instance = program
        .instantiate(wasi)
        .map_err(|error| cannot_run(&error))?;
    let stop = instance.start();
    let left = read(instance.memory(instrument::MEMORY));
    let mut wasi = instance.into_wasi();
    let run = Ran {
        stop,
        stdout: wasi.take_stdout(),
        stderr: wasi.take_stderr(),
    };
    Ok((run, left))
}

fn load(module: &[u8]) -> Result<WasmiProgram> {
    WasmiProgram::new(module).map_err(|error| cannot_run(&error))
}

fn cannot_run(why: &dyn std::fmt::Display) -> Failure {
    Failure::new(format!("the guest cannot run: {why}"))
}
