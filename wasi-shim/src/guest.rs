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
    fn start(&mut self) -> Stop;

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

    /// Work done so far, in the unit of [`Limits::fuel`](crate::Limits::fuel).
    fn fuel_used(&self) -> u64;

    /// Whether a growth of memory or table was refused: an abort after that is most likely the
    /// guest's way of running out of memory.
    fn memory_denied(&self) -> bool;

    /// Ends the instance and gives back the host state, with everything it captured.
    fn into_wasi(self: Box<Self>) -> Wasi;
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
    /// The module imports things this host does not have: all of them, as `module.name`.
    UnknownImports {
        /// Every import that is missing, in the module's order.
        imports: Vec<String>,
    },
    /// The module uses a proposal that the engine does not have.
    Unsupported {
        /// The name of the proposal, for example `exception handling`.
        feature: &'static str,
    },
    /// The bytes are a WebAssembly component, not a core module.
    Component,
    /// The module exports no `_start` function without parameters and results.
    NoStart,
    /// The module exports no memory of its own under the name `memory`.
    NoMemory,
    /// The module is refused because running it could harm the host.
    Hostile {
        /// What it does.
        message: String,
    },
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed { message } => write!(f, "not a valid wasm module: {message}"),
            Self::UnknownImports { imports } => {
                write!(
                    f,
                    "the module needs {} import(s) that this host does not have: {}",
                    imports.len(),
                    imports.join(", ")
                )?;
                if imports
                    .iter()
                    .any(|name| name.starts_with("env.__wasm_longjmp"))
                {
                    f.write_str(
                        " (setjmp is supported as clang's Emscripten lowering has it, by `env.invoke_*`)",
                    )?;
                }
                Ok(())
            }
            Self::Unsupported { feature } => {
                write!(f, "the module needs {feature}, which the engine lacks")
            }
            Self::Component => f.write_str(
                "this is a WebAssembly component; a core module with WASI preview1 is needed",
            ),
            Self::NoStart => {
                f.write_str("the module exports no `_start` function: it is not a WASI command")
            }
            Self::NoMemory => f.write_str("the module exports no memory of its own as `memory`"),
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
