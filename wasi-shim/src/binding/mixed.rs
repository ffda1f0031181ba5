//! The binding to packs of which only the hot functions were lifted: the interpreter runs the rest
//! of the module and calls them as functions of the host, over its own memory.

use std::any::Any;

use afmpeg_lift_runtime::{
    self as lift, Config, Module, PARTIAL, Partial, PartialFunction, PartialState, ValType,
};
use wasmi::{Caller, Error, FuncType, Global, Instance, Linker, Mutability, Store};

use super::lifted::{SLICE, end, stop_of};
use super::run::keep_within_limit;
use super::table::{bits, low, type_of, value};
use super::thread::STACK;
use super::wasmi::{Ended, Host};
use crate::control::Control;
use crate::limits::LimitKind;
use crate::stop::Stop;

/// What one instance of the rest has of the lifted part.
pub(super) struct Lifted {
    module: &'static dyn Module,
    /// Made at the first call, when the deadline of the run is known.
    state: Option<Box<dyn PartialState>>,
    /// The globals that lifted functions use, with their types.
    globals: Vec<(Global, ValType)>,
    /// Their values, on the way from one side to the other.
    words: Vec<u64>,
}

impl Lifted {
    /// For a new instance of the rest; `None` when it is not the rest of this module.
    pub(super) fn of(
        module: &'static dyn Module,
        store: &Store<Host>,
        instance: Instance,
    ) -> Option<Self> {
        let mut globals = Vec::new();
        for (name, ty) in module.partial()?.globals {
            let global = instance.get_global(store, name)?;
            let found = global.ty(store);
            if found.content() != type_of(*ty) || found.mutability() != Mutability::Var {
                return None;
            }
            globals.push((global, *ty));
        }
        Some(Self {
            module,
            state: None,
            words: vec![0; globals.len()],
            globals,
        })
    }

    fn call(
        &mut self,
        caller: &mut Caller<'_, Host>,
        (position, function): Function,
        args: &[u64],
    ) -> Result<u64, Error> {
        let used = if function.uses_globals {
            self.words.len()
        } else {
            0
        };
        for (word, (global, _)) in self.words.iter_mut().zip(&self.globals).take(used) {
            *word = bits(&global.get(&*caller));
        }
        let Some(memory) = caller.data().memory else {
            return Err(Error::new("call before the instance has a memory"));
        };
        let (bytes, host) = memory.data_and_store_mut(&mut *caller);
        host.wasi.charge(1);
        let state = match &mut self.state {
            Some(state) => state,
            none => none.insert(state(self.module, &host.wasi.control)?),
        };
        let spent = state.spent();
        if let Some(end) = host.work_end {
            let left = end.saturating_sub(host.wasi.io.work);
            guest(state.host_mut()).end = Some(spent.saturating_add(left));
        }
        let globals = self.words.get_mut(..used).unwrap_or_default();
        let result = state.call(position, bytes, args, globals);
        host.wasi.charge(state.spent().saturating_sub(spent));
        let result = result.map_err(|trap| {
            host.ended = Some(Box::new(stop_of(trap)));
            Error::host(Ended)
        })?;
        for (word, (global, ty)) in self.words.iter().zip(&self.globals).take(used) {
            global.set(&mut *caller, value(*ty, *word))?;
        }
        Ok(result)
    }
}

/// A lifted function, with its place among them.
type Function = (usize, &'static PartialFunction);

/// Calls a lifted function from the interpreter.
fn call(caller: &mut Caller<'_, Host>, function: Function, args: &[u64]) -> Result<u64, Error> {
    // Out of the store, so that both can be used at once.
    let Some(mut lifted) = caller.data_mut().lifted.take() else {
        return Err(Error::new("call before the instance is ready"));
    };
    let result = lifted.call(caller, function, args);
    caller.data_mut().lifted = Some(lifted);
    keep_within_limit(caller);
    result
}

/// The state of the lifted functions of one run.
fn state(module: &dyn Module, control: &Control) -> Result<Box<dyn PartialState>, Error> {
    let host = Guest {
        control: control.clone(),
        end: None,
    };
    module
        .partial_state(Box::new(host), &Config::for_stack(STACK))
        .ok_or_else(|| Error::new("the pack has no part of a module"))
}

/// Binds the imports by which the rest calls what was lifted. Calls with typed parameters cost half of
/// others, so the common shape, 32-bit integers only, is spelled out.
pub(super) fn bind(linker: &mut Linker<Host>, partial: &'static Partial) -> Result<(), Error> {
    for (position, function) in partial.functions.iter().enumerate() {
        let this: Function = (position, function);
        macro_rules! typed {
            ($($param:ident)*) => {
                if function.ty.results.is_empty() {
                    linker.func_wrap(
                        PARTIAL,
                        function.name,
                        move |mut caller: Caller<'_, Host> $(, $param: u32)*| -> Result<(), Error> {
                            call(&mut caller, this, &[$(u64::from($param)),*]).map(drop)
                        },
                    )?
                } else {
                    linker.func_wrap(
                        PARTIAL,
                        function.name,
                        move |mut caller: Caller<'_, Host> $(, $param: u32)*| -> Result<u32, Error> {
                            call(&mut caller, this, &[$(u64::from($param)),*]).map(low)
                        },
                    )?
                }
            };
        }
        let types = function.ty.params.iter().chain(function.ty.results);
        let plain = types.into_iter().all(|ty| *ty == ValType::I32);
        match function.ty.params.len() {
            1 if plain => typed!(a),
            2 if plain => typed!(a b),
            3 if plain => typed!(a b c),
            4 if plain => typed!(a b c d),
            5 if plain => typed!(a b c d e),
            6 if plain => typed!(a b c d e f),
            7 if plain => typed!(a b c d e f g),
            8 if plain => typed!(a b c d e f g h),
            9 if plain => typed!(a b c d e f g h i),
            10 if plain => typed!(a b c d e f g h i j),
            _ => bind_any(linker, this)?,
        };
    }
    Ok(())
}

/// The same for any types.
fn bind_any(linker: &mut Linker<Host>, function: Function) -> Result<&mut Linker<Host>, Error> {
    let types = function.1.ty;
    let list = |types: &[ValType]| types.iter().copied().map(type_of).collect::<Vec<_>>();
    let ty = FuncType::new(list(types.params), list(types.results));
    let bound = linker.func_new(
        PARTIAL,
        function.1.name,
        ty,
        move |mut caller, params, out| {
            let args: Vec<u64> = params.iter().map(bits).collect();
            let result = call(&mut caller, function, &args)?;
            if let (Some(out), Some(ty)) = (out.first_mut(), types.results.first()) {
                *out = value(*ty, result);
            }
            Ok(())
        },
    )?;
    Ok(bound)
}

/// What lifted functions ask while they run.
struct Guest {
    control: Control,
    /// The work at which the run is out of fuel.
    end: Option<u64>,
}

impl lift::Host for Guest {
    /// Lifted functions of a part call no imports.
    fn call(&mut self, _: usize, _: &mut [u8], _: &[u64]) -> Result<u64, lift::Trap> {
        Err(lift::Trap::Unreachable)
    }

    fn poll(&mut self, spent: u64) -> Result<u64, lift::Trap> {
        self.control.poll().map_err(end)?;
        match self.end.map(|end| end.saturating_sub(spent)) {
            None => Ok(SLICE),
            Some(0) => Err(end(Stop::Limit(LimitKind::Fuel))),
            Some(left) => Ok(SLICE.min(left)),
        }
    }

    /// Nor do they grow anything.
    fn grow_memory(&mut self, _: u64, _: u64, _: bool) -> Result<bool, lift::Trap> {
        Ok(false)
    }

    fn grow_table(&mut self, _: u64, _: u64, _: bool) -> Result<bool, lift::Trap> {
        Ok(false)
    }
}

/// The host behind the trait, which nothing but this file puts there.
fn guest(host: &mut dyn lift::Host) -> &mut Guest {
    let host: &mut dyn Any = host;
    host.downcast_mut()
        .unwrap_or_else(|| unreachable!("only this binding gives lifted functions their host"))
}
