//! What runs a guest: one small trait, so that an interpreter and compiled-ahead code look alike.

use std::error::Error;
use std::fmt;

use crate::stop::Stop;
use crate::wasi::Wasi;

/// A guest program that is ready to run, many times and on many threads at once.
pub trait Program: Send + Sync {
    /// Makes an instance with its own memory over its own host state. Runs no guest code.
    ///
    /// # Errors
    ///
    /// The instance does not fit the limits in `wasi`; nothing ran.
    fn instantiate(&self, wasi: Wasi) -> Result<Box<dyn Instance>, StartError>;
}

/// One run of a program. It stays on the thread it is used from; a guest needs no more native
/// stack than 512 KiB, whatever it does.
pub trait Instance: Send {
    /// Runs `_start` to its end. An instance runs once: later calls answer the same as a guest that
    /// exits at once with 0.
    ///
    /// Of a reactor it runs `_initialize`, if there is one: `Exit(0)` when that returned.
    fn start(&mut self) -> Stop;

    /// Calls an exported function of a reactor and gives its results. The first call runs
    /// `_initialize` before, unless [`start`](Self::start) did. All calls share the budgets of the
    /// instance, wall time counted from the first; one that does not return ends the instance.
    ///
    /// # Errors
    ///
    /// Why there was no call, or how it ended instead of returning.
    fn call(&mut self, export: &str, args: &[Value]) -> Result<Vec<Value>, CallError> {
        let _ = (export, args);
        Err(CallError::NotAReactor)
    }

    /// Bytes of linear memory now, which is also its peak: memory never shrinks.
    fn memory_size(&self) -> u64;

    /// The most bytes of linear memory the run had.
    fn peak_memory(&self) -> u64 {
        self.memory_size()
    }

    /// The bytes of a memory that the guest exports under this name, as they are now; `None` when it
    /// has none, or the program does not show it.
    fn memory(&self, export: &str) -> Option<&[u8]> {
        let _ = export;
        None
    }

    /// The same, to be changed: how what is no number reaches an exported function.
    fn memory_mut(&mut self, export: &str) -> Option<&mut [u8]> {
        let _ = export;
        None
    }

    /// Work done so far, in the unit of [`Limits::fuel`](crate::Limits::fuel).
    fn fuel_used(&self) -> u64;

    /// Whether a growth of memory or table was refused: an abort after that is most likely the
    /// guest's way of running out of memory.
    fn memory_denied(&self) -> bool;

    /// Ends the instance and gives back the host state, with everything it captured.
    fn into_wasi(self: Box<Self>) -> Wasi;
}

/// A number that goes to a guest's function or comes from it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// `i32`.
    I32(i32),
    /// `i64`.
    I64(i64),
    /// `f32`.
    F32(f32),
    /// `f64`.
    F64(f64),
}

/// Why a function of a guest gave no results.
#[derive(Debug)]
#[non_exhaustive]
pub enum CallError {
    /// The program was not loaded as a reactor.
    NotAReactor,
    /// The instance exports no function of this name with numbers only.
    NoFunction {
        /// The name.
        export: String,
    },
    /// The function takes other arguments.
    Arguments {
        /// Its name.
        export: String,
    },
    /// An earlier call did not return.
    Ended,
    /// The call, or `_initialize` before it, ended so and not by returning.
    Stopped(Stop),
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAReactor => f.write_str("a command has no functions to call: it runs once"),
            Self::NoFunction { export } => {
                write!(f, "the module exports no function {export:?} of numbers")
            }
            Self::Arguments { export } => {
                write!(f, "the function {export:?} takes other arguments")
            }
            Self::Ended => f.write_str("the instance ended in an earlier call"),
            Self::Stopped(stop) => stop.fmt(f),
        }
    }
}

impl Error for CallError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Stopped(stop) => stop.source(),
            _ => None,
        }
    }
}

/// Why a module cannot be a program.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoadError {
    /// The bytes are not a valid module.
    Malformed {
        /// What the validator says.
        message: String,
    },
    /// The module is valid and cannot run here.
    Refused {
        /// Everything for which it cannot, at least one thing: proposals first, then imports,
        /// functions before others, then what it exports.
        reasons: Vec<Reason>,
    },
    /// The bytes are a WebAssembly component, not a core module.
    Component,
    /// The module is refused because running it could harm the host.
    Hostile {
        /// What it does.
        message: String,
    },
}

impl LoadError {
    /// Everything for which a valid module cannot run here; empty for other errors.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        match self {
            Self::Refused { reasons } => reasons,
            _ => &[],
        }
    }
}

/// Something for which a module cannot run here.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// It uses a proposal that the engine does not have, by its name, for example `exception
    /// handling`.
    Feature(&'static str),
    /// It has a start function besides `_start`, which would run before its budgets count.
    StartFunction,
    /// It imports something that this host does not have, as `module.name`, and what is wrong with
    /// it when the name is known.
    Import(String),
    /// It exports no memory of its own under the name `memory`.
    NoMemory,
    /// It exports no `_start` function without parameters and results.
    NoStart,
    /// It is to run as a command and is a reactor: it has `_initialize` and no `_start`.
    Reactor,
    /// It is to be called as a reactor and is a command: it has `_start`.
    Command,
    /// It has both `_start` and `_initialize`, and so is neither command nor reactor.
    CommandAndReactor,
    /// Its `_initialize` has parameters or results.
    Initialize,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Feature(name) => write!(f, "it needs {name}, which the engine lacks"),
            Self::StartFunction => {
                f.write_str("it needs a start function besides `_start` to be run")
            }
            Self::Import(name) => {
                write!(f, "it imports {name}, which this host does not have")?;
                let known = |(start, _): &&(&str, _)| name.starts_with(start);
                match ELSEWHERE.iter().find(known) {
                    Some((_, what)) => write!(f, " ({what})"),
                    None => Ok(()),
                }
            }
            Self::NoMemory => f.write_str("it exports no memory of its own as `memory`"),
            Self::NoStart => {
                f.write_str("it exports no `_start` function and so is no WASI command")
            }
            Self::Reactor => f.write_str(
                "it is a reactor: it exports `_initialize` and no `_start`, so there is nothing to run, \
                 only functions to call",
            ),
            Self::Command => f.write_str("it is a command and no reactor: it exports `_start`"),
            Self::CommandAndReactor => f.write_str(
                "it exports both `_start` and `_initialize` and so is neither command nor reactor",
            ),
            Self::Initialize => f.write_str("its `_initialize` has parameters or results"),
        }
    }
}

/// The beginnings of imports that other hosts have, and what they are.
const ELSEWHERE: [(&str, &str); 4] = [
    (
        "env.__wasm_longjmp",
        "setjmp is supported as clang's Emscripten lowering has it, by `env.invoke_*`",
    ),
    ("wasi.thread-spawn", "threads"),
    ("wasi_unstable.", "a WASI older than preview1"),
    ("wasi:", "a WASI newer than preview1, for components"),
];

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed { message } => write!(f, "not a valid wasm module: {message}"),
            Self::Refused { reasons } => {
                f.write_str("the module cannot run here: ")?;
                for (index, reason) in reasons.iter().enumerate() {
                    let separator = if index == 0 { "" } else { "; " };
                    write!(f, "{separator}{reason}")?;
                }
                Ok(())
            }
            Self::Component => f.write_str(
                "this is a WebAssembly component; a core module with WASI preview1 is needed",
            ),
            Self::Hostile { message } => write!(f, "the module is refused: {message}"),
        }
    }
}

impl Error for LoadError {}

/// Why an instance could not be made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StartError {
    /// The module's initial memory is over [`Limits::memory_bytes`](crate::Limits::memory_bytes).
    TooMuchMemory {
        /// What the module starts with, in bytes.
        needed: u64,
        /// What it may have, in bytes.
        limit: u64,
    },
    /// The module's initial tables are over
    /// [`Limits::table_elements`](crate::Limits::table_elements).
    TooManyTableElements {
        /// What the module starts with.
        needed: u64,
        /// What it may have.
        limit: u64,
    },
    /// Instantiation failed, for example because a data segment lies outside the memory.
    Failed {
        /// What the engine says.
        message: String,
    },
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMuchMemory { needed, limit } => write!(
                f,
                "the module starts with {needed} bytes of memory, over the limit of {limit}"
            ),
            Self::TooManyTableElements { needed, limit } => write!(
                f,
                "the module starts with {needed} table elements, over the limit of {limit}"
            ),
            Self::Failed { message } => write!(f, "the module cannot be instantiated: {message}"),
        }
    }
}

impl Error for StartError {}
