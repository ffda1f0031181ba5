//! One run in the interpreter: the loop that gives it fuel, and what its end means.

use std::panic;

use wasmi::{
    AsContextMut, Caller, Func, ResumableCall, Store, StoreContextMut, TrapCode, Val,
    errors::ErrorKind,
};

use super::check::{INITIALIZE, Role, START};
use super::thread;
use super::wasmi::Host;
use crate::guest::{CallError, Instance, Value};
use crate::limits::LimitKind;
use crate::stop::{Stop, Trap, TrapKind};
use crate::wasi::Wasi;

/// One instance in the interpreter.
pub(super) struct WasmiInstance {
    store: Store<Host>,
    exports: wasmi::Instance,
    role: Role,
    state: State,
    /// Whether calls of the host nest on the native stack: of lifted functions, and of those that may be
    /// jumped out of.
    apart: bool,
}

/// How far an instance is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing of it ran.
    New,
    /// It is a reactor that can be called.
    Ready,
    /// It ran to its end.
    Ended,
}

impl WasmiInstance {
    pub(super) fn new(
        store: Store<Host>,
        exports: wasmi::Instance,
        role: Role,
        apart: bool,
    ) -> Self {
        Self {
            store,
            exports,
            role,
            state: State::New,
            apart,
        }
    }

    /// Runs what an instance runs first, once.
    fn begin(&mut self) -> Result<(), Stop> {
        let wasi = &mut self.store.data_mut().wasi;
        wasi.control.limit_wall_time(wasi.limits.wall_time);
        self.state = State::Ended;
        let (name, after) = match self.role {
            Role::Command => (START, State::Ended),
            Role::Reactor => (INITIALIZE, State::Ready),
        };
        if let Some(function) = self.exports.get_func(&self.store, name) {
            self.run(function, &[], &mut [])?;
        }
        self.state = after;
        Ok(())
    }

    /// Runs a function to its end.
    fn run(&mut self, function: Func, params: &[Val], results: &mut [Val]) -> Result<(), Stop> {
        let result = if self.apart {
            thread::on_guest_thread(|| self.run_here(function, params, results))
                .unwrap_or_else(|error| Err(Stop::Host(Box::new(error))))
        } else {
            self.run_here(function, params, results)
        };
        result.inspect_err(|stop| self.store.data_mut().wasi.ended(stop))
    }

    /// Runs in slices of fuel, looking at the outside conditions between two slices.
    fn run_here(
        &mut self,
        function: Func,
        params: &[Val],
        results: &mut [Val],
    ) -> Result<(), Stop> {
        refuel(self.store.as_context_mut(), SLICE, 0)?;
        let mut call = function.call_resumable(&mut self.store, params, results);
        loop {
            call = match call {
                Ok(ResumableCall::OutOfFuel(paused)) => {
                    refuel(self.store.as_context_mut(), SLICE, paused.required_fuel())?;
                    paused.resume(&mut self.store, results)
                }
                ended => {
                    settle(&mut self.store.as_context_mut());
                    if let Some(payload) = self.store.data_mut().panicked.take() {
                        panic::resume_unwind(payload);
                    }
                    return match ended {
                        Ok(ResumableCall::HostTrap(trap)) => Err(self.stop_of(trap.host_error())),
                        Err(error) => Err(self.stop_of(&error)),
                        Ok(_) => Ok(()),
                    };
                }
            };
        }
    }

    /// What an error of the interpreter means for the run.
    fn stop_of(&mut self, error: &wasmi::Error) -> Stop {
        if let Some(stop) = self.store.data_mut().ended.take() {
            return *stop;
        }
        let message = error.to_string();
        let trap = |kind| Stop::Trap(Trap { kind, message });
        match error.as_trap_code() {
            Some(TrapCode::UnreachableCodeReached) => trap(TrapKind::Unreachable),
            Some(TrapCode::MemoryOutOfBounds) => trap(TrapKind::MemoryOutOfBounds),
            Some(TrapCode::TableOutOfBounds) => trap(TrapKind::TableOutOfBounds),
            Some(TrapCode::IndirectCallToNull) => trap(TrapKind::NullFunction),
            Some(TrapCode::BadSignature) => trap(TrapKind::BadSignature),
            Some(TrapCode::IntegerDivisionByZero) => trap(TrapKind::DivisionByZero),
            Some(TrapCode::IntegerOverflow) => trap(TrapKind::IntegerOverflow),
            Some(TrapCode::BadConversionToInteger) => trap(TrapKind::BadConversion),
            Some(TrapCode::StackOverflow) => Stop::Limit(LimitKind::CallDepth),
            Some(TrapCode::GrowthOperationLimited) => {
                let tripped = self.store.data().limiter.tripped();
                Stop::Limit(tripped.unwrap_or(LimitKind::Memory))
            }
            Some(TrapCode::OutOfSystemMemory) => Stop::Limit(LimitKind::Memory),
            Some(TrapCode::OutOfFuel) => Stop::Limit(LimitKind::Fuel),
            None if matches!(error.kind(), ErrorKind::Wasm(_) | ErrorKind::Translation(_)) => {
                trap(TrapKind::Malformed)
            }
            None => trap(TrapKind::Other),
        }
    }
}

impl Instance for WasmiInstance {
    fn start(&mut self) -> Stop {
        if self.state != State::New {
            return Stop::Exit(0);
        }
        match self.begin() {
            Ok(()) => Stop::Exit(0),
            Err(stop) => stop,
        }
    }

    fn call(&mut self, export: &str, args: &[Value]) -> Result<Vec<Value>, CallError> {
        if self.role != Role::Reactor {
            return Err(CallError::NotAReactor);
        }
        let none = || CallError::NoFunction {
            export: export.to_owned(),
        };
        let function = self.exports.get_func(&self.store, export);
        let function = function.filter(|_| export != INITIALIZE).ok_or_else(none)?;
        let ty = function.ty(&self.store);
        let mut results: Vec<Val> = ty
            .results()
            .iter()
            .map(|ty| Val::default_for_ty(*ty))
            .collect();
        if results.iter().any(|value| number(value).is_none()) {
            return Err(none());
        }
        let params: Vec<Val> = args.iter().copied().map(value).collect();
        let given = params.iter().map(Val::ty);
        if !given.eq(ty.params().iter().copied()) {
            return Err(CallError::Arguments {
                export: export.to_owned(),
            });
        }
        match self.state {
            State::New => self.begin().map_err(CallError::Stopped)?,
            State::Ready => {}
            State::Ended => return Err(CallError::Ended),
        }
        self.state = State::Ended;
        self.run(function, &params, &mut results)
            .map_err(CallError::Stopped)?;
        self.state = State::Ready;
        Ok(results.iter().filter_map(number).collect())
    }

    fn memory_size(&self) -> u64 {
        self.store.data().limiter.memory_bytes()
    }

    fn memory(&self, export: &str) -> Option<&[u8]> {
        let memory = self.exports.get_memory(&self.store, export)?;
        Some(memory.data(&self.store))
    }

    fn memory_mut(&mut self, export: &str) -> Option<&mut [u8]> {
        let memory = self.exports.get_memory(&self.store, export)?;
        Some(memory.data_mut(&mut self.store))
    }

    fn fuel_used(&self) -> u64 {
        self.store.data().fuel_used()
    }

    fn memory_denied(&self) -> bool {
        self.store.data().limiter.denied()
    }

    fn into_wasi(self: Box<Self>) -> Wasi {
        let mut host = self.store.into_data();
        host.limiter.met().for_each(|kind| host.wasi.meet(kind));
        host.wasi
    }
}

/// A number as the interpreter has it.
fn value(value: Value) -> Val {
    match value {
        Value::I32(value) => Val::I32(value),
        Value::I64(value) => Val::I64(value),
        Value::F32(value) => Val::F32(value.into()),
        Value::F64(value) => Val::F64(value.into()),
    }
}

/// The number that a value is, if it is one.
fn number(value: &Val) -> Option<Value> {
    match value {
        Val::I32(value) => Some(Value::I32(*value)),
        Val::I64(value) => Some(Value::I64(*value)),
        Val::F32(value) => Some(Value::F32((*value).into())),
        Val::F64(value) => Some(Value::F64((*value).into())),
        _ => None,
    }
}

impl Host {
    /// Work of the guest's own instructions and of the host for it, up to the last slice of fuel.
    fn fuel_used(&self) -> u64 {
        self.spent.saturating_add(self.wasi.io.work)
    }
}

/// Counts what was used of the last slice of fuel.
fn settle(store: &mut StoreContextMut<'_, Host>) {
    let left = store.get_fuel().unwrap_or(0);
    let host = store.data_mut();
    host.spent = host.spent.saturating_add(host.slice.saturating_sub(left));
    host.slice = left;
}

/// After a function of the host: takes from the slice what its work leaves no room for within the limit. A
/// guest that makes calls and does little itself would otherwise have a whole slice of them beyond it.
pub(super) fn keep_within_limit(caller: &mut Caller<'_, Host>) {
    let Some(limit) = caller.data().wasi.limits.fuel else {
        return;
    };
    let left = caller.get_fuel().unwrap_or(0);
    let host = caller.data_mut();
    let used = host
        .fuel_used()
        .saturating_add(host.slice.saturating_sub(left));
    let room = limit.saturating_sub(used);
    if left > room {
        // What is taken was not used: it is not counted when the slice is.
        host.slice = host.slice.saturating_sub(left - room);
        let _ = caller.set_fuel(room);
    }
}

/// Looks at the outside conditions and gives the guest the fuel of another slice, which must be at least
/// `required` to make any progress.
pub(super) fn refuel(
    mut store: StoreContextMut<'_, Host>,
    slice: u64,
    required: u64,
) -> Result<(), Stop> {
    settle(&mut store);
    let host = store.data_mut();
    host.wasi.poll()?;
    let mut slice = slice.max(required);
    if let Some(limit) = host.wasi.limits.fuel {
        host.work_end = Some(limit.saturating_sub(host.spent));
        let left = limit.saturating_sub(host.fuel_used());
        if left == 0 || left < required {
            return Err(Stop::Limit(LimitKind::Fuel));
        }
        slice = slice.min(left);
    }
    host.slice = slice;
    // The engine counts fuel, so this cannot fail; if it could, the run would end for want of fuel.
    let _ = store.set_fuel(slice);
    Ok(())
}

/// Fuel between two looks at the outside conditions: about 1 ms.
///
/// Short for another reason than cancellation: every `memory.grow` that is refused leaves 100 to
/// 200 bytes of native stack in use until the slice ends, also above the declared maximum, where no
/// limiter is asked. At [`GROW_COST`] each, a slice has room for 2,000 of them: under 400 KiB.
pub(super) const SLICE: u64 = 512 << 10;
