//! An instance behind the trait that hosts use: names to functions, globals and tables.

use crate::func::{FuncType, HostFunction};
use crate::instance::Inst;
use crate::module::{Host, Instance};
use crate::table::Entry;
use crate::trap::Trap;

/// What a module exports, as generated code.
pub struct Map<G: 'static, F: 'static> {
    /// Functions whose types are of numbers and vectors only.
    pub functions: &'static [(&'static str, ExportedFunction<G, F>)],
    /// Globals of number types.
    pub globals: &'static [(&'static str, ReadGlobal<G>)],
    /// Tables, by index.
    pub tables: &'static [(&'static str, usize)],
    /// The types of functions that table elements tell apart.
    pub types: &'static [FuncType],
}

/// An exported function over words.
pub type ExportedFunction<G, F> = fn(&mut Inst<G, F>, &[u64]) -> Vec<u64>;

/// Reads a global as a word.
pub type ReadGlobal<G> = fn(&G) -> u64;

/// An instance with the names of what its module exports.
pub struct Live<G: 'static, F: 'static> {
    inst: Inst<G, F>,
    map: &'static Map<G, F>,
}

impl<G, F: Entry> Live<G, F> {
    /// An instance with its names.
    #[must_use]
    pub fn new(inst: Inst<G, F>, map: &'static Map<G, F>) -> Self {
        Self { inst, map }
    }
}

impl<G: Send, F: Entry> Instance for Live<G, F> {
    fn call(&mut self, export: &str, args: &[u64]) -> Result<Vec<u64>, Trap> {
        let function = find(self.map.functions, export)
            .unwrap_or_else(|| panic!("the module exports no function {export} of numbers"));
        self.inst.enter_root(|inst| function(inst, args))
    }

    fn memory(&mut self) -> &mut [u8] {
        self.inst.memory()
    }

    fn global(&mut self, export: &str) -> Option<u64> {
        find(self.map.globals, export).map(|read| read(&self.inst.context().g))
    }

    fn add_functions(&mut self, table: &str, functions: &[HostFunction]) -> Option<u32> {
        let table = find(self.map.tables, table)?;
        let entries = functions.iter().map(|function| {
            let same = |ty: &FuncType| {
                ty.params == function.params && ty.results == function.result.as_slice()
            };
            // A function of a type that the module does not have cannot be called by it.
            let ty = self.map.types.iter().position(same);
            let ty = ty.and_then(|index| u32::try_from(index).ok());
            (ty.unwrap_or(u32::MAX), function.call)
        });
        self.inst.add_host_functions(table, entries)
    }

    fn spent(&self) -> u64 {
        self.inst.spent()
    }

    fn host(&self) -> &dyn Host {
        self.inst.host()
    }

    fn host_mut(&mut self) -> &mut dyn Host {
        self.inst.context().host()
    }

    fn into_host(self: Box<Self>) -> Box<dyn Host> {
        self.inst.into_host()
    }
}

fn find<T: Copy>(list: &[(&str, T)], name: &str) -> Option<T> {
    list.iter()
        .find(|(known, _)| *known == name)
        .map(|(_, value)| *value)
}
