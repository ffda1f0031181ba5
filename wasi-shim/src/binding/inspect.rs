//! Looks at a module before it is compiled, and says why one cannot run.

use wasmparser::{Encoding, Parser, Payload, Validator, WasmFeatures};

use super::check::{Interface, Role};
use super::jumps;
use crate::guest::{LoadError, Reason, StartError};
use crate::limits::Limits;

/// Checks what the interpreter itself does not, or only says at the first run, and gives the reasons that
/// others may join.
///
/// # Errors
///
/// `Component`, `Hostile`, `Malformed`.
pub(super) fn inspect(bytes: &[u8]) -> Result<Vec<Reason>, LoadError> {
    let mut reasons = Vec::new();
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(|error| malformed(&error))? {
            Payload::Version {
                encoding: Encoding::Component,
                ..
            } => return Err(LoadError::Component),
            // It would run when the module is instantiated, outside the run loop and its budgets.
            Payload::StartSection { .. } => reasons.push(Reason::StartFunction),
            Payload::CodeSectionEntry(body) => check_grows(bytes, body.range())?,
            _ => {}
        }
    }
    Ok(reasons)
}

/// Why the interpreter refused a module: each proposal that it needs, and what else it could not have.
pub(super) fn diagnose(
    bytes: &[u8],
    mut reasons: Vec<Reason>,
    role: Role,
    message: String,
) -> LoadError {
    let validate = |features| Validator::new_with_features(features).validate_all(bytes);
    if let Ok(types) = validate(supported()) {
        if reasons.is_empty() {
            return LoadError::Malformed { message };
        }
        reasons.extend(Interface::of_validated(types.as_ref()).reasons(role));
        return LoadError::Refused { reasons };
    }
    let Ok(types) = validate(WasmFeatures::all()) else {
        return LoadError::Malformed { message };
    };
    let needed =
        |features: WasmFeatures| validate(WasmFeatures::all().difference(features)).is_err();
    let mut named = WasmFeatures::empty();
    for (features, name) in PROPOSALS {
        // What a proposal builds on is not named beside it.
        if !named.intersects(features) && needed(features) {
            named |= features;
            reasons.push(Reason::Feature(name));
            // Each look at a large module takes a second.
            if validate(supported().union(named)).is_ok() {
                break;
            }
        }
    }
    if named.is_empty() {
        reasons.push(Reason::Feature("a newer WebAssembly proposal"));
    }
    reasons.extend(Interface::of_validated(types.as_ref()).reasons(role));
    LoadError::Refused { reasons }
}

/// The proposals that the interpreter is configured with.
fn supported() -> WasmFeatures {
    WasmFeatures::MUTABLE_GLOBAL
        | WasmFeatures::MULTI_VALUE
        | WasmFeatures::MULTI_MEMORY
        | WasmFeatures::SATURATING_FLOAT_TO_INT
        | WasmFeatures::SIGN_EXTENSION
        | WasmFeatures::BULK_MEMORY
        | WasmFeatures::REFERENCE_TYPES
        | WasmFeatures::GC_TYPES
        | WasmFeatures::TAIL_CALL
        | WasmFeatures::EXTENDED_CONST
        | WasmFeatures::FLOATS
        | WasmFeatures::SIMD
        | WasmFeatures::RELAXED_SIMD
}

/// The proposals that it is not, by the words that name them to a user; each before those that it builds on
/// and that it names too.
const PROPOSALS: [(WasmFeatures, &str); 11] = [
    (
        WasmFeatures::LEGACY_EXCEPTIONS,
        "exception handling (in its older form)",
    ),
    (
        WasmFeatures::EXCEPTIONS.union(WasmFeatures::LEGACY_EXCEPTIONS),
        "exception handling",
    ),
    (
        WasmFeatures::SHARED_EVERYTHING_THREADS,
        "threads (with everything shared)",
    ),
    (
        WasmFeatures::THREADS.union(WasmFeatures::SHARED_EVERYTHING_THREADS),
        "threads",
    ),
    (WasmFeatures::MEMORY64, "64-bit memory"),
    (WasmFeatures::WIDE_ARITHMETIC, "wide arithmetic"),
    (WasmFeatures::CUSTOM_PAGE_SIZES, "custom page sizes"),
    (WasmFeatures::MEMORY_CONTROL, "memory control"),
    (WasmFeatures::STACK_SWITCHING, "stack switching"),
    (WasmFeatures::GC, "garbage-collected types"),
    (
        WasmFeatures::FUNCTION_REFERENCES.union(WasmFeatures::GC),
        "typed function references",
    ),
];

/// Refuses a function with so many `memory.grow` or `table.grow` that they could all be refused
/// between two looks of the run loop: each refused one leaves native stack in use.
fn check_grows(bytes: &[u8], range: std::ops::Range<usize>) -> Result<(), LoadError> {
    const MAX_GROWS: usize = 1_000;
    let code = bytes.get(range).unwrap_or_default();
    if code.len() < 2 * MAX_GROWS {
        return Ok(());
    }
    // The opcodes as bytes: an immediate can look like one, so this can count too many. No
    // compiler makes a function that comes near.
    let grows = code
        .windows(2)
        .filter(|pair| matches!(pair, [0x40, 0] | [0xFC, 0x0F]))
        .count();
    if grows > MAX_GROWS {
        return Err(LoadError::Hostile {
            message: format!("a function grows memory or tables in {grows} places"),
        });
    }
    Ok(())
}

/// What a module starts with.
pub(super) struct Needs {
    pub(super) memory_bytes: u64,
    pub(super) table_elements: u64,
    /// Whether it calls through imports that it may be jumped out of.
    pub(super) jumps: bool,
}

impl Needs {
    /// Reads it from a module that is valid.
    ///
    /// # Errors
    ///
    /// `Malformed` for one that is not.
    pub(super) fn of(bytes: &[u8]) -> Result<Self, LoadError> {
        let mut needs = Self {
            memory_bytes: 0,
            table_elements: 0,
            jumps: false,
        };
        for payload in Parser::new(0).parse_all(bytes) {
            match payload.map_err(|error| malformed(&error))? {
                Payload::ImportSection(imports) => {
                    for import in imports {
                        let import = import.map_err(|error| malformed(&error))?;
                        needs.jumps |= jumps::is_name(import.module, import.name);
                    }
                }
                Payload::MemorySection(memories) => {
                    for memory in memories {
                        let pages = memory.map_err(|error| malformed(&error))?.initial;
                        let bytes = pages.saturating_mul(PAGE);
                        needs.memory_bytes = needs.memory_bytes.saturating_add(bytes);
                    }
                }
                Payload::TableSection(tables) => {
                    for table in tables {
                        let initial = table.map_err(|error| malformed(&error))?.ty.initial;
                        needs.table_elements = needs.table_elements.saturating_add(initial);
                    }
                }
                Payload::CodeSectionStart { .. } => break,
                _ => {}
            }
        }
        Ok(needs)
    }

    /// # Errors
    ///
    /// `TooMuchMemory` or `TooManyTableElements` when it is over the limits.
    pub(super) fn check(&self, limits: &Limits) -> Result<(), StartError> {
        if self.memory_bytes > limits.memory_bytes {
            return Err(StartError::TooMuchMemory {
                needed: self.memory_bytes,
                limit: limits.memory_bytes,
            });
        }
        if self.table_elements > limits.table_elements {
            return Err(StartError::TooManyTableElements {
                needed: self.table_elements,
                limit: limits.table_elements,
            });
        }
        Ok(())
    }
}

/// The size of a page of linear memory.
const PAGE: u64 = 64 << 10;

fn malformed(error: &wasmparser::BinaryReaderError) -> LoadError {
    LoadError::Malformed {
        message: error.to_string(),
    }
}
