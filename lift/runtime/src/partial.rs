//! Modules of which only the hot functions were lifted: the rest runs in an interpreter, which owns
//! memory and tables and calls what was lifted as functions of the host.

use crate::func::{FuncType, ValType};
use crate::instance::Context;
use crate::meter::Config;
use crate::module::Host;
use crate::table::Entry;
use crate::trap::{Trap, catch};

/// The lifted part of a module, and the module that calls it.
#[derive(Clone, Copy, Debug)]
pub struct Partial {
    /// The module for the interpreter: it imports every function of `functions` from [`PARTIAL`] and
    /// exports every global of `globals`.
    pub rest: &'static [u8],
    /// What was lifted and is called from the rest.
    pub functions: &'static [PartialFunction],
    /// The globals that lifted code uses, by the names under which the rest exports them.
    pub globals: &'static [(&'static str, ValType)],
}

/// A lifted function that the rest calls.
#[derive(Clone, Copy, Debug)]
pub struct PartialFunction {
    /// The name of the import.
    pub name: &'static str,
    /// Its type: numbers only, and one result at most.
    pub ty: FuncType,
    /// Whether it, or a function that it calls, uses a global of [`Partial::globals`].
    pub uses_globals: bool,
}

/// The module name of the imports by which the rest calls what was lifted.
pub const PARTIAL: &str = "lifted";

/// What the lifted functions of one instance have of their own: counters, and a host that is asked
/// whether they may go on. Memory is the interpreter's.
pub trait PartialState: Send {
    /// Calls a function by its place in [`Partial::functions`]. Arguments and result have the form
    /// of [`HostFunction::call`](crate::HostFunction::call).
    ///
    /// `globals` has the values of [`Partial::globals`], in their order, and receives the new ones; it
    /// may be empty for a function that uses none.
    ///
    /// # Errors
    ///
    /// The trap.
    ///
    /// # Panics
    ///
    /// When there is no such function, or `args` are too few.
    fn call(
        &mut self,
        function: usize,
        mem: &mut [u8],
        args: &[u64],
        globals: &mut [u64],
    ) -> Result<u64, Trap>;

    /// Work done so far, in instructions.
    fn spent(&self) -> u64;

    /// Its host, of which only [`Host::poll`] is called.
    fn host_mut(&mut self) -> &mut dyn Host;
}

/// The lifted functions as generated code.
pub struct PartialMap<G: 'static, F: 'static> {
    /// The functions over words, in the order of [`Partial::functions`].
    pub functions: &'static [PartialCall<G, F>],
    /// Takes the values of the globals.
    pub load: fn(&mut G, &[u64]),
    /// Gives them back.
    pub store: fn(&G, &mut [u64]),
}

/// A lifted function over words.
pub type PartialCall<G, F> = fn(&mut [u8], &mut Context<G, F>, &[u64]) -> u64;

/// The state of one instance over the generated code.
pub struct PartialLive<G: 'static, F: 'static> {
    context: Context<G, F>,
    map: &'static PartialMap<G, F>,
}

impl<G, F: Entry> PartialLive<G, F> {
    /// A state over its host.
    #[must_use]
    pub fn new(g: G, map: &'static PartialMap<G, F>, host: Box<dyn Host>, config: &Config) -> Self {
        Self {
            context: Context::new(g, Vec::new(), host, config),
            map,
        }
    }
}

impl<G: Send, F: Entry> PartialState for PartialLive<G, F> {
    fn call(
        &mut self,
        function: usize,
        mem: &mut [u8],
        args: &[u64],
        globals: &mut [u64],
    ) -> Result<u64, Trap> {
        let body = self.map.functions[function];
        (self.map.load)(&mut self.context.g, globals);
        self.context.enter_root();
        let context = &mut self.context;
        let result = catch(|| body(mem, context, args));
        (self.map.store)(&self.context.g, globals);
        result
    }

    fn spent(&self) -> u64 {
        self.context.spent()
    }

    fn host_mut(&mut self) -> &mut dyn Host {
        self.context.host()
    }
}
