//! What a WebAssembly module that was lifted to Rust needs when it runs.
//!
//! The generated code of `afmpeg-lift` is plain functions over a slice of bytes; everything that is the
//! same in all modules is here: linear memory, traps, arithmetic with WebAssembly's exact results,
//! the meter that bounds work and call depth, and the traits through which a host starts a module
//! ([`Module`], [`Instance`]) and is called by it ([`Host`]). It depends on nothing and knows
//! neither WASI nor what the module does.
//!
//! # Unwinding
//!
//! A trap unwinds the native stack without running the panic hook and is caught by
//! [`Instance::call`]. A program that is built with `panic = "abort"` cannot catch it, so this crate
//! does not compile there.

#![forbid(unsafe_code)]

mod func;
mod instance;
mod live;
mod mem;
mod memory;
mod meter;
mod module;
mod num;
mod partial;
mod table;
mod trap;
pub mod v128;

pub use func::{FuncType, HostFunction, ValType};
pub use instance::{Context, Inst, Word, invoke};
pub use live::{ExportedFunction, Live, Map, ReadGlobal};
pub use mem::{
    copy, fill, init, load_u8, load_u16, load_u32, load_u64, reach, store_u8, store_u16, store_u32,
    store_u64,
};
pub use memory::{Memory, PAGE};
pub use meter::{Config, HOST_CALL, Meter};
pub use module::{Export, Extern, Host, Import, Instance, Module, Needs};
pub use num::*;
pub use partial::{
    PARTIAL, Partial, PartialCall, PartialFunction, PartialLive, PartialMap, PartialState,
};
pub use table::{Entry, HostCall, Table, table_copy, table_init};
pub use trap::{Trap, catch, raise};
pub use v128::V128;

#[cfg(panic = "abort")]
compile_error!("a lifted module traps by unwinding: set `panic = \"unwind\"` in the profile");
