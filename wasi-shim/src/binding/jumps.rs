//! `setjmp` and `longjmp` of guests that clang lowered for Emscripten.
//!
//! Such a guest makes each call that may be jumped out of through an import `env.invoke_*`, which calls
//! a function of the guest's table, and jumps by calling an import that does not come back. The jump ends
//! the innermost call; the guest then finds in its own memory whether it was meant.

use std::collections::{HashMap, HashSet};
use std::fmt;

use wasmi::errors::HostError;
use wasmi::{
    AsContextMut, Caller, Error, ExternType, FuncType, Global, Instance, Linker, Module, Nullable,
    Ref, ResumableCall, Store, Table, TrapCode, Val,
};

use super::check::{Import, Kind, Type};
use super::run::{self, keep_within_limit, refuel};
use super::wasmi::{Ended, Host};
use crate::limits::LimitKind;
use crate::stop::Stop;
use crate::table_functions::TABLE;

/// What calls that can be jumped out of need of an instance.
pub(super) struct Jumps {
    table: Table,
    stack_pointer: Global,
    /// Calls that are open.
    nested: u32,
}

impl Jumps {
    /// Of a new instance; `None` when it lacks the exports, which [`missing`] refuses where they are needed.
    pub(super) fn of(store: &Store<Host>, instance: Instance) -> Option<Self> {
        Some(Self {
            table: instance.get_table(store, TABLE)?,
            stack_pointer: instance.get_global(store, STACK_POINTER)?,
            nested: 0,
        })
    }
}

/// Whether this is the name of an import through which a guest calls what it may be jumped out of.
pub(super) fn is_name(module: &str, name: &str) -> bool {
    module == MODULE && name.starts_with(INVOKE)
}

/// Whether an import is one of those that are bound here.
pub(super) fn is_bound(import: &Import<'_>) -> bool {
    let Kind::Function(ty) = &import.kind else {
        return false;
    };
    if (import.module, import.name) == (MODULE, THROW) {
        return ty.params.is_empty() && ty.results.is_empty();
    }
    let mut types = ty.params.iter().chain(&ty.results);
    is_name(import.module, import.name)
        && ty.params.first() == Some(&Type::I32)
        && types.all(|ty| *ty != Type::Other)
        && ty.results.len() <= 1
}

/// The imports of one name and several types: a linker has one function of a name.
pub(super) fn of_two_types(imports: &[Import<'_>]) -> Vec<String> {
    let mut known: HashMap<&str, &Kind> = HashMap::new();
    let mut names = Vec::new();
    for import in imports.iter().filter(|import| is_bound(import)) {
        let first = known.entry(import.name).or_insert(&import.kind);
        if **first != import.kind {
            names.push(format!("{MODULE}.{} (of another type)", import.name));
        }
    }
    names
}

/// What a module that calls through `env.invoke_*` must export and does not.
pub(super) fn missing<'a>(
    imports: &[Import<'_>],
    export: impl Fn(&str) -> Option<&'a Kind>,
) -> Vec<&'static str> {
    let mut missing = Vec::new();
    let mut calls = imports.iter().filter(|import| import.name != THROW);
    if !calls.any(is_bound) {
        return missing;
    }
    let pointer = Kind::Global {
        ty: Type::I32,
        mutable: true,
    };
    if export(STACK_POINTER) != Some(&pointer) {
        missing.push(STACK_POINTER);
    }
    if export(TABLE) != Some(&Kind::Table) {
        missing.push(TABLE);
    }
    missing
}

/// Binds the imports of a module, each with its type.
pub(super) fn bind(linker: &mut Linker<Host>, module: &Module) -> Result<(), Error> {
    let mut bound: HashSet<&str> = HashSet::new();
    for import in module.imports() {
        let (name, ExternType::Func(ty)) = (import.name(), import.ty()) else {
            continue;
        };
        let seen = Import {
            module: import.module(),
            name,
            kind: import.ty().into(),
        };
        // The same import may be there twice.
        if !is_bound(&seen) || !bound.insert(name) {
            continue;
        }
        if name == THROW {
            linker.func_new(MODULE, name, ty.clone(), |_, _, _| Err(Error::host(Jump)))?;
        } else {
            let (params, results) = (ty.params().get(1..).unwrap_or_default(), ty.results());
            let called = FuncType::new(params.iter().copied(), results.iter().copied());
            linker.func_new(MODULE, name, ty.clone(), move |caller, params, results| {
                invoke(caller, &called, params, results)
            })?;
        }
    }
    Ok(())
}

/// Calls the function at the index that is the first parameter with the others. A jump out of it puts
/// back the stack pointer and gives zero; every other end of it goes on outwards.
fn invoke(
    mut caller: Caller<'_, Host>,
    ty: &FuncType,
    params: &[Val],
    results: &mut [Val],
) -> Result<(), Error> {
    caller.data_mut().wasi.charge(1);
    keep_within_limit(&mut caller);
    let host = caller.data_mut();
    let (Some(jumps), Some((Val::I32(index), params))) = (&mut host.jumps, params.split_first())
    else {
        return Err(Error::new("call before the instance is ready"));
    };
    if jumps.nested >= MAX_NESTED {
        host.ended = Some(Box::new(Stop::Limit(LimitKind::NestedCalls)));
        return Err(Error::host(Ended));
    }
    jumps.nested += 1;
    let (table, stack_pointer) = (jumps.table, jumps.stack_pointer);
    let saved = stack_pointer.get(&caller);
    let called = call(
        &mut caller,
        table,
        index.cast_unsigned(),
        ty,
        params,
        results,
    );
    if let Some(jumps) = &mut caller.data_mut().jumps {
        jumps.nested -= 1;
    }
    match called {
        Err(error) if error.downcast_ref::<Jump>().is_some() => {
            stack_pointer.set(&mut caller, saved)?;
            for (result, ty) in results.iter_mut().zip(ty.results()) {
                *result = Val::default_for_ty(*ty);
            }
            Ok(())
        }
        called => called,
    }
}

fn call(
    caller: &mut Caller<'_, Host>,
    table: Table,
    index: u32,
    ty: &FuncType,
    params: &[Val],
    results: &mut [Val],
) -> Result<(), Error> {
    let function = match table.get(&*caller, index.into()) {
        None => return Err(TrapCode::TableOutOfBounds.into()),
        Some(Ref::Func(Nullable::Val(function))) => function,
        Some(_) => return Err(TrapCode::IndirectCallToNull.into()),
    };
    if function.ty(&*caller) != *ty {
        return Err(TrapCode::BadSignature.into());
    }
    let mut call = function.call_resumable(&mut *caller, params, results)?;
    loop {
        call = match call {
            ResumableCall::Finished => return Ok(()),
            ResumableCall::HostTrap(trap) => return Err(trap.into_host_error()),
            ResumableCall::OutOfFuel(paused) => {
                if let Err(stop) = refuel(
                    caller.as_context_mut(),
                    NESTED_SLICE,
                    paused.required_fuel(),
                ) {
                    caller.data_mut().ended = Some(Box::new(stop));
                    return Err(Error::host(Ended));
                }
                paused.resume(&mut *caller, results)?
            }
        };
    }
}

/// The guest's `longjmp`, on its way out of the calls in between.
#[derive(Debug)]
pub(super) struct Jump;

impl fmt::Display for Jump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a jump that no call catches")
    }
}

impl HostError for Jump {}

pub(super) const MODULE: &str = "env";
const INVOKE: &str = "invoke_";
pub(super) const THROW: &str = "_emscripten_throw_longjmp";
const STACK_POINTER: &str = "__stack_pointer";

/// Calls that may be open at once, as in lifted code: the interpreter goes on in a new frame of native stack.
const MAX_NESTED: u32 = 128;

/// Fuel between two looks at the outside conditions in a call: what refused growths leave of native stack (see
/// [`SLICE`](run::SLICE)) adds up over the calls that are open.
const NESTED_SLICE: u64 = run::SLICE / 8;
