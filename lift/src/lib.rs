//! Translates a WebAssembly module, ahead of time, into Rust without `unsafe` that does the same.
//!
//! [`lift`] reads and validates a module and translates every function. The result is either
//! one source text ([`Lifted::single_file`], for small modules and tests) or a package of several
//! crates that compile in parallel ([`Lifted::package`], for large ones). Both need the
//! crate `afmpeg-lift-runtime`, whose `Module` trait is how a host starts what was lifted.
//!
//! The translation knows WebAssembly and nothing of what a module is for. Memory is a slice of
//! bytes whose every access is checked; a local is a Rust local; a structured block is a labelled block; a
//! trap unwinds to whoever called. Work is counted at function entries and loop headers, where the
//! host can end the run.
//!
//! What can be lifted: the WebAssembly 2.0 core specification with one memory, without imported
//! memories, tables and globals, and without `externref`. A module with anything else is refused and the
//! error names all of it.

#![forbid(unsafe_code)]

mod analysis;
mod body;
mod emit;
mod error;
mod hot;
mod module;
mod names;
mod rest;

pub use emit::{File, Package};
pub use error::LiftError;
pub use hot::{Left, Reason, Weight};

use std::collections::{BTreeMap, BTreeSet};

use analysis::Analysis;
use body::Function;
use module::Module;

/// How a module is lifted.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// Imported functions of this module and name prefix are calls through the table that catch a
    /// `longjmp`, as clang's Emscripten lowering has them (`invoke_vii(function, ...)`).
    pub invoke: Option<(String, String)>,
}

impl Default for Options {
    /// `env.invoke_*` catches `longjmp`.
    fn default() -> Self {
        Self {
            invoke: Some(("env".to_owned(), "invoke_".to_owned())),
        }
    }
}

/// A translated module, ready to be written down.
pub struct Lifted<'a> {
    module: Module<'a>,
    analysis: Analysis,
    /// By their index among those that the module defines.
    functions: BTreeMap<usize, Function>,
    digest: [u8; 32],
    part: Option<Part>,
}

/// What is written besides the functions when they are not all.
struct Part {
    /// The functions that the rest calls.
    entries: Vec<u32>,
    /// Those that use a global.
    with_globals: BTreeSet<u32>,
    /// The globals that functions use.
    globals: Vec<u32>,
    /// The module that calls the functions.
    rest: Vec<u8>,
}

/// The hot functions of a module, translated, and the rest of it, which an interpreter runs.
pub struct Mixed<'a> {
    /// The functions, with the rest as a constant: a pack as any other.
    pub lifted: Lifted<'a>,
    /// The share of all work that is in functions that the rest calls; what those call comes on top.
    pub share: f64,
    /// Hot functions that are not lifted, hottest first.
    pub left: Vec<Left>,
}

/// Translates a module.
///
/// # Errors
///
/// The bytes are no valid module, or use something that cannot be lifted.
pub fn lift<'a>(wasm: &'a [u8], options: &Options) -> Result<Lifted<'a>, LiftError> {
    let module = Module::parse(wasm, options)?;
    let all = 0..module.bodies.len();
    translate(wasm, module, all, None)
}

/// Translates the hottest functions of a module, those that make up `share` (up to 1) of the work in
/// `weights`, as far as they need nothing but memory, numbers and each other.
///
/// # Errors
///
/// As [`lift`], or `weights` name a function that is not there.
pub fn lift_hot<'a>(
    wasm: &'a [u8],
    options: &Options,
    weights: &[Weight],
    share: f64,
) -> Result<Mixed<'a>, LiftError> {
    let module = Module::parse(wasm, options)?;
    let choice = hot::choose(&module, weights, share)?;
    let part = Part {
        rest: rest::rewrite(wasm, &module, &choice)?,
        entries: choice.entries,
        with_globals: choice.with_globals,
        globals: choice.globals.into_iter().collect(),
    };
    let all: u64 = weights
        .iter()
        .fold(0, |all, weight| all.saturating_add(weight.work));
    Ok(Mixed {
        lifted: translate(wasm, module, choice.lifted, Some(part))?,
        share: choice.work as f64 / all.max(1) as f64,
        left: choice.left,
    })
}

fn translate<'a>(
    wasm: &[u8],
    module: Module<'a>,
    functions: impl IntoIterator<Item = usize>,
    part: Option<Part>,
) -> Result<Lifted<'a>, LiftError> {
    use sha2::Digest;
    let analysis = Analysis::of(&module)?;
    let functions = functions
        .into_iter()
        .map(|defined| Ok((defined, body::translate(&module, &analysis, defined)?)))
        .collect::<Result<_, LiftError>>()?;
    Ok(Lifted {
        module,
        analysis,
        functions,
        digest: sha2::Sha256::digest(wasm).into(),
        part,
    })
}

impl Lifted<'_> {
    /// Everything as one source text, the body of a Rust module with `pub fn module()`.
    #[must_use]
    pub fn single_file(&self) -> String {
        emit::single_file(self)
    }

    /// Everything as a package of crates: the files, by path below the package's root.
    #[must_use]
    pub fn package(&self, package: &Package) -> Vec<File> {
        emit::package(self, package)
    }

    /// The SHA-256 of the module.
    #[must_use]
    pub fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// How many functions are lifted.
    #[must_use]
    pub fn functions(&self) -> usize {
        self.functions.len()
    }

    /// Of a mixed pack, the indices of the functions that the rest calls.
    #[must_use]
    pub fn entries(&self) -> &[u32] {
        self.part.as_ref().map_or(&[], |part| &part.entries)
    }

    /// Of a mixed pack, the rest of the module.
    #[must_use]
    pub fn rest(&self) -> Option<&[u8]> {
        self.part.as_ref().map(|part| part.rest.as_slice())
    }
}
