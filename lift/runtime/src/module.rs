//! How a host sees a lifted module and its instances.

use std::any::Any;
use std::fmt;

use crate::func::{FuncType, HostFunction};
use crate::meter::Config;
use crate::partial::{Partial, PartialState};
use crate::trap::Trap;

/// A lifted module: code and constants, no state. One serves any number of instances at once.
pub trait Module: Send + Sync {
    /// The SHA-256 of the module that was lifted.
    fn digest(&self) -> [u8; 32];

    /// The functions that the module imports, in its order: [`Host::call`] is given the index. Those
    /// that the lifter resolved itself are marked.
    fn imports(&self) -> &'static [Import];

    /// What the module exports.
    fn exports(&self) -> &'static [Export];

    /// What the module starts with.
    fn needs(&self) -> Needs;

    /// The contents of a custom section: what the module says of itself, not of its code. The first, of
    /// several with one name.
    fn custom_section(&self, _name: &str) -> Option<&'static [u8]> {
        None
    }

    /// Makes an instance and runs the module's start function, if it has one.
    ///
    /// # Errors
    ///
    /// A segment lies outside of memory or table, the start function trapped, or the host has no
    /// room for the memory. The host is lost with the instance.
    ///
    /// Without [`Module::partial`] only: a part of a module makes no instance and answers
    /// [`Trap::Unreachable`].
    fn instantiate(&self, host: Box<dyn Host>, config: &Config) -> Result<Box<dyn Instance>, Trap>;

    /// For a module of which only a part was lifted: that part, and the rest.
    fn partial(&self) -> Option<&'static Partial> {
        None
    }

    /// For a module of which only a part was lifted: what that part needs for one instance of the
    /// rest. `None` exactly when [`Module::partial`] is.
    fn partial_state(
        &self,
        _host: Box<dyn Host>,
        _config: &Config,
    ) -> Option<Box<dyn PartialState>> {
        None
    }
}

impl fmt::Debug for dyn Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Module")
            .field("imports", &self.imports().len())
            .field("exports", &self.exports().len())
            .finish_non_exhaustive()
    }
}

/// An instance of a module, on the thread that uses it.
pub trait Instance: Send {
    /// Calls an exported function. One `u64` for each argument, as [`Word`](crate::Word) has them; a
    /// vector is two, the low half first. Results are in the same form.
    ///
    /// After a trap the state is what the guest left, but for this: when an access was out of bounds,
    /// stores that came before it in the same stretch of code without branches may be missing. Hosts
    /// discard the instance.
    ///
    /// # Errors
    ///
    /// The trap.
    ///
    /// # Panics
    ///
    /// When the module exports no such function, or `args` are too few.
    fn call(&mut self, export: &str, args: &[u64]) -> Result<Vec<u64>, Trap>;

    /// Linear memory now; empty when the module has none.
    fn memory(&mut self) -> &mut [u8];

    /// The value of an exported global of a number type.
    fn global(&mut self, export: &str) -> Option<u64>;

    /// Adds functions of the host at the end of an exported table and returns the index of the
    /// first; `None` when there is no such table or it cannot grow.
    fn add_functions(&mut self, table: &str, functions: &[HostFunction]) -> Option<u32>;

    /// Work done so far, in instructions.
    fn spent(&self) -> u64;

    /// Its host.
    fn host(&self) -> &dyn Host;

    /// Its host.
    fn host_mut(&mut self) -> &mut dyn Host;

    /// Ends the instance and gives back its host.
    fn into_host(self: Box<Self>) -> Box<dyn Host>;
}

/// What an instance asks of whoever runs it.
pub trait Host: Any + Send {
    /// Runs the imported function with this index over the guest's memory. The form of arguments and
    /// result is that of [`HostFunction::call`].
    ///
    /// # Errors
    ///
    /// The trap that ends the guest's call.
    fn call(&mut self, import: usize, mem: &mut [u8], args: &[u64]) -> Result<u64, Trap>;

    /// What the calls since the last question cost, in units of the guest's own work, at most 2^40.
    /// Asked after each call; it is counted as if the guest had done it.
    fn take_work(&mut self) -> u64 {
        0
    }

    /// Asked at function entries, loop headers and after calls of the host, once the work granted before is used up: how much
    /// work may be done until the next question.
    ///
    /// # Errors
    ///
    /// The trap that ends the guest's call.
    fn poll(&mut self, spent: u64) -> Result<u64, Trap>;

    /// Whether memory may grow between these sizes in bytes. It is also asked when the module's
    /// own maximum forbids it (`declared` is false), and the answer then is of no consequence.
    ///
    /// # Errors
    ///
    /// The trap that ends the guest's call.
    fn grow_memory(&mut self, from: u64, to: u64, declared: bool) -> Result<bool, Trap>;

    /// The host system had no room for a growth that was granted.
    fn grow_memory_failed(&mut self, _from: u64, _to: u64) {}

    /// As [`grow_memory`](Self::grow_memory), for elements of a table.
    ///
    /// # Errors
    ///
    /// The trap that ends the guest's call.
    fn grow_table(&mut self, from: u64, to: u64, declared: bool) -> Result<bool, Trap>;
}

/// What an instance has from the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Bytes of memory.
    pub memory_bytes: u64,
    /// Elements of all tables.
    pub table_elements: u64,
    /// Whether instances run a start function before they are there.
    pub start: bool,
}

/// An imported function.
#[derive(Clone, Copy, Debug)]
pub struct Import {
    /// The module name of the import.
    pub module: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub ty: FuncType,
    /// Whether the lifted code has its own implementation, so that the host is never called.
    pub resolved: bool,
}

/// Something that the module exports.
#[derive(Clone, Copy, Debug)]
pub struct Export {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub what: Extern,
}

/// What an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extern {
    /// A function of this type.
    Function(FuncType),
    /// The memory.
    Memory,
    /// A table.
    Table,
    /// A global.
    Global,
}
