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
mod module;
mod names;

pub use emit::{File, Package};
pub use error::LiftError;

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
    functions: Vec<Function>,
    digest: [u8; 32],
}

/// Translates a module.
///
/// # Errors
///
/// The bytes are no valid module, or use something that cannot be lifted.
pub fn lift<'a>(wasm: &'a [u8], options: &Options) -> Result<Lifted<'a>, LiftError> {
    use sha2::Digest;
    let module = Module::parse(wasm, options)?;
    let analysis = Analysis::of(&module)?;
    let functions = (0..module.bodies.len())
        .map(|defined| body::translate(&module, &analysis, defined))
        .collect::<Result<_, _>>()?;
    Ok(Lifted {
        module,
        analysis,
        functions,
        digest: sha2::Sha256::digest(wasm).into(),
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

    /// Functions that the module defines, all of which are lifted.
    #[must_use]
    pub fn functions(&self) -> usize {
        self.functions.len()
    }
}
