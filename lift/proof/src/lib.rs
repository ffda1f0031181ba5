//! Proof that a lifted module does what its WebAssembly says.
//!
//! Three kinds of evidence, all by running generated code: the tests of the WebAssembly
//! specification ([`spec`]), random modules against the wasmi interpreter ([`random`]), and guests
//! written to break out (the tests of this crate). Each collects modules in a [`harness::Batch`], which
//! becomes one program; a script of [`script::Step`]s is run by it and, where the answer is not
//! written in the test, by [`reference`].

pub mod executor;
pub mod harness;
pub mod random;
pub mod reference;

pub mod script;
pub mod spec;
