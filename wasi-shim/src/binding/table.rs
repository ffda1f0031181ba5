//! Puts functions of the host into the table of an interpreted guest.

use afmpeg_lift_runtime::{HostFunction, Trap as HostTrap, ValType as HostType};
use wasmi::{
    Caller, Error, Func, FuncType, Instance, Memory, Nullable, Ref, Store, Table, Val, ValType,
};

use super::run::keep_within_limit;
use super::wasmi::{Ended, Host};
use crate::stop::{Stop, Trap, TrapKind};
use crate::table_functions::{TABLE, TableFunctions};

/// Offers the functions to a new instance. It stays as it is when it does not want them or there is
/// no room for them.
pub(super) fn offer(
    store: &mut Store<Host>,
    instance: Instance,
    memory: Memory,
    functions: &TableFunctions,
) {
    let address = |store: &Store<Host>, name| match instance.get_global(store, name)?.get(store) {
        Val::I32(address) => Some(address.cast_unsigned()),
        _ => None,
    };
    let (Some(abi_at), Some(slots_at), Some(table)) = (
        address(store, functions.abi_export),
        address(store, functions.slots_export),
        instance.get_table(&*store, TABLE),
    ) else {
        return;
    };
    if !functions.negotiate(memory.data(&*store), abi_at, slots_at) {
        return;
    }
    if let Some(first) = grow(store, table, functions) {
        functions.write_slots(memory.data_mut(store), slots_at, first);
    }
}

/// Appends the functions to the table and gives the index of the first.
fn grow(store: &mut Store<Host>, table: Table, functions: &TableFunctions) -> Option<u32> {
    let added = functions.functions.len() as u64;
    let old = table.size(&*store);
    // Asked here, because a growth that the limiter refuses counts as the guest's.
    let room = table
        .ty(&*store)
        .maximum()
        .is_none_or(|max| old + added <= max)
        && store.data().limiter.has_table_room(added);
    let first = u32::try_from(old).ok().filter(|_| room)?;
    u32::try_from(old + added).ok()?;
    table
        .grow(&mut *store, added, Ref::Func(Nullable::Null))
        .ok()?;
    for ((_, function), index) in functions.functions.iter().zip(old..) {
        let func = bind(store, *function);
        table
            .set(&mut *store, index, Ref::Func(Nullable::Val(func)))
            .ok()?;
    }
    Some(first)
}

/// Makes one function callable by the interpreter. Calls with typed parameters cost half of others,
/// so the common shape, 32-bit integers only, is spelled out.
fn bind(store: &mut Store<Host>, function: HostFunction) -> Func {
    macro_rules! typed {
        ($($param:ident)*) => {
            match function.result {
                None => Func::wrap(
                    store,
                    move |mut caller: Caller<'_, Host> $(, $param: u32)*| -> Result<(), Error> {
                        call(&mut caller, function, &[$(u64::from($param)),*]).map(drop)
                    },
                ),
                _ => Func::wrap(
                    store,
                    move |mut caller: Caller<'_, Host> $(, $param: u32)*| -> Result<u32, Error> {
                        call(&mut caller, function, &[$(u64::from($param)),*]).map(low)
                    },
                ),
            }
        };
    }
    let plain = function
        .params
        .iter()
        .chain(&function.result)
        .all(|ty| *ty == HostType::I32);
    match function.params.len() {
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
        _ => bind_any(store, function),
    }
}

/// The same for any types.
fn bind_any(store: &mut Store<Host>, function: HostFunction) -> Func {
    let params: Vec<_> = function.params.iter().copied().map(type_of).collect();
    let ty = FuncType::new(params, function.result.map(type_of));
    Func::new(store, ty, move |mut caller, params, results| {
        let args: Vec<u64> = params.iter().map(bits).collect();
        let result = call(&mut caller, function, &args)?;
        if let (Some(out), Some(ty)) = (results.first_mut(), function.result) {
            *out = value(ty, result);
        }
        Ok(())
    })
}

/// How many calls there are between two looks at the outside conditions: work in the host uses no
/// fuel, so the run loop would look too late at a guest that does nothing else.
const CALLS_PER_POLL: u32 = 16;

fn call(caller: &mut Caller<'_, Host>, function: HostFunction, args: &[u64]) -> Result<u64, Error> {
    let Some(memory) = caller.data().memory else {
        return Err(Error::new("call before the instance has a memory"));
    };
    let (bytes, host) = memory.data_and_store_mut(&mut *caller);
    host.wasi.charge(1);
    host.table_calls = host.table_calls.wrapping_add(1);
    let polled = if host.table_calls.is_multiple_of(CALLS_PER_POLL) {
        host.wasi.poll()
    } else {
        Ok(())
    };
    let result = polled
        .and_then(|()| (function.call)(bytes, args).map_err(|trap| stop_of(function.name, trap)));
    keep_within_limit(caller);
    result.map_err(|stop| {
        caller.data_mut().ended = Some(Box::new(stop));
        Error::host(Ended)
    })
}

/// What a trap of a function means for the run.
fn stop_of(name: &str, trap: HostTrap) -> Stop {
    let kind = match trap {
        HostTrap::Unreachable => TrapKind::Unreachable,
        HostTrap::MemoryOutOfBounds => TrapKind::MemoryOutOfBounds,
        HostTrap::TableOutOfBounds => TrapKind::TableOutOfBounds,
        HostTrap::NullFunction => TrapKind::NullFunction,
        HostTrap::BadSignature => TrapKind::BadSignature,
        HostTrap::DivisionByZero => TrapKind::DivisionByZero,
        HostTrap::IntegerOverflow => TrapKind::IntegerOverflow,
        HostTrap::BadConversion => TrapKind::BadConversion,
        _ => TrapKind::Other,
    };
    Stop::Trap(Trap {
        kind,
        message: format!("{trap} in {name}"),
    })
}

pub(super) fn type_of(ty: HostType) -> ValType {
    match ty {
        HostType::I64 => ValType::I64,
        HostType::F32 => ValType::F32,
        HostType::F64 => ValType::F64,
        _ => ValType::I32,
    }
}

pub(super) fn bits(value: &Val) -> u64 {
    match value {
        Val::I32(value) => u64::from(value.cast_unsigned()),
        Val::I64(value) => value.cast_unsigned(),
        Val::F32(value) => u64::from(value.to_bits()),
        Val::F64(value) => value.to_bits(),
        _ => 0,
    }
}

pub(super) fn value(ty: HostType, bits: u64) -> Val {
    match ty {
        HostType::I64 => Val::I64(bits.cast_signed()),
        HostType::F32 => Val::F32(wasmi::F32::from_bits(low(bits))),
        HostType::F64 => Val::F64(wasmi::F64::from_bits(bits)),
        _ => Val::I32(low(bits).cast_signed()),
    }
}

/// The lower half, which is the whole value of a 32-bit type.
pub(super) fn low(bits: u64) -> u32 {
    (bits & u64::from(u32::MAX)) as u32
}
