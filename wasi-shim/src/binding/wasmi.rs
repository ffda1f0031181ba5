//! The binding to the `wasmi` interpreter: the syscall table in a linker, the run loop with its
//! budgets.

use std::fmt;

use afmpeg_lift_runtime::{self as lift, PARTIAL};
use wasmi::{
    AsContextMut, Caller, CompilationMode, Config, CustomFuelCosts, Engine, Linker, Memory, Module,
    OperatorCost, Store, StoreContextMut, TrapCode, TypedFunc, TypedResumableCall,
    errors::ErrorKind,
};

use super::inspect::{self, Needs};
use super::jumps::{self, Jumps};
use super::limiter::Limiter;
use super::{check, mixed, table, thread};
use crate::for_each_syscall;
use crate::guest::{Instance, LoadError, Program, StartError};
use crate::limits::LimitKind;
use crate::mem::GuestMem;
use crate::preview1;
use crate::stop::{Fail, Stop, SysResult, Trap, TrapKind};
use crate::table_functions::TableFunctions;
use crate::wasi::Wasi;

/// A WASI command module that runs in the interpreter any number of times.
///
/// A function is translated when it is first called, once for all runs.
pub struct WasmiProgram {
    engine: Engine,
    module: Module,
    linker: Linker<Host>,
    needs: Needs,
    table_functions: Option<TableFunctions>,
    /// The pack that has the functions which this module, the rest of another, imports.
    lifted: Option<&'static dyn lift::Module>,
}

/// The state that a store owns.
pub(super) struct Host {
    pub(super) wasi: Wasi,
    pub(super) limiter: Limiter,
    /// The guest's memory, looked up once.
    pub(super) memory: Option<Memory>,
    /// Why a function of the host ended the run, on its way round the interpreter.
    pub(super) ended: Option<Box<Stop>>,
    /// Calls of the host's functions in the guest's table.
    pub(super) table_calls: u32,
    /// Lifted functions, when the module is the rest of one of which a part was lifted.
    pub(super) lifted: Option<Box<mixed::Lifted>>,
    /// For calls that the guest may jump out of.
    pub(super) jumps: Option<Jumps>,
    /// The work of the host at which the run is out of fuel.
    pub(super) work_end: Option<u64>,
    /// Fuel that the guest got last.
    slice: u64,
    /// What it used of those before.
    spent: u64,
}

impl WasmiProgram {
    /// Validates a module and binds its imports.
    ///
    /// # Errors
    ///
    /// Why it cannot run here: every unknown import at once, a proposal that the engine lacks, or
    /// what makes it no WASI command.
    pub fn new(bytes: &[u8]) -> Result<Self, LoadError> {
        Self::load(bytes, None, CompilationMode::LazyTranslation)
    }

    /// The same, but a function body is validated when it is first called, which loads a large
    /// module several times faster: for modules whose origin vouches for them. A body that is not
    /// valid ends the run that calls it as a trap, [`TrapKind::Malformed`].
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), for everything but function bodies.
    pub fn lazy(bytes: &[u8]) -> Result<Self, LoadError> {
        Self::load(bytes, None, CompilationMode::Lazy)
    }

    /// The rest of a module of which a part was lifted.
    pub(super) fn rest(
        module: &'static dyn lift::Module,
        partial: &'static lift::Partial,
    ) -> Result<Self, LoadError> {
        let mut program = Self::load(
            partial.rest,
            Some(PARTIAL),
            CompilationMode::LazyTranslation,
        )?;
        mixed::bind(&mut program.linker, partial).map_err(malformed)?;
        program.lifted = Some(module);
        Ok(program)
    }

    fn load(
        bytes: &[u8],
        resolved: Option<&str>,
        mode: CompilationMode,
    ) -> Result<Self, LoadError> {
        inspect::inspect(bytes)?;
        let needs = Needs::of(bytes)?;
        let mut config = config();
        if needs.jumps {
            config.set_max_stack_height(NESTED_STACK);
        }
        let engine = Engine::new(config.compilation_mode(mode));
        let module = Module::new(&engine, bytes)
            .map_err(|error| inspect::diagnose(bytes, error.to_string()))?;
        check::imports(&module, resolved)?;
        check::exports(&module)?;
        let mut linker = Linker::new(&engine);
        bind(&mut linker).map_err(malformed)?;
        jumps::bind(&mut linker, &module).map_err(malformed)?;
        Ok(Self {
            engine,
            module,
            linker,
            needs,
            table_functions: None,
            lifted: None,
        })
    }

    /// Offers functions of the host to each instance, which calls them in the place of its own if
    /// it knows how.
    #[must_use]
    pub fn with_table_functions(mut self, functions: TableFunctions) -> Self {
        self.table_functions = Some(functions);
        self
    }
}

impl fmt::Debug for WasmiProgram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WasmiProgram")
            .field("imports", &self.module.imports().len())
            .field("exports", &self.module.exports().count())
            .finish_non_exhaustive()
    }
}

impl Program for WasmiProgram {
    fn instantiate(&self, wasi: Wasi) -> Result<Box<dyn Instance>, StartError> {
        self.needs.check(wasi.limits())?;
        let host = Host {
            limiter: Limiter::new(wasi.limits()),
            wasi,
            memory: None,
            ended: None,
            table_calls: 0,
            lifted: None,
            jumps: None,
            work_end: None,
            slice: 0,
            spent: 0,
        };
        let mut store = Store::new(&self.engine, host);
        store.limiter(|host| &mut host.limiter);
        // Copying the data segments costs fuel; it is the module's, not the run's.
        let _ = store.set_fuel(u64::MAX);
        let failed = |error: wasmi::Error| StartError::Failed {
            message: error.to_string(),
        };
        let instance = self
            .linker
            .instantiate_and_start(&mut store, &self.module)
            .map_err(failed)?;
        let memory = instance.get_memory(&store, "memory");
        let start = instance
            .get_typed_func::<(), ()>(&store, "_start")
            .map_err(failed)?;
        store.data_mut().memory = memory;
        if self.needs.jumps {
            let jumps = Jumps::of(&store, instance);
            store.data_mut().jumps = jumps;
        }
        if let Some(module) = self.lifted {
            let lifted = mixed::Lifted::of(module, &store, instance);
            let lifted = lifted.ok_or_else(|| StartError::Failed {
                message: "the pack's parts do not fit each other".to_owned(),
            })?;
            store.data_mut().lifted = Some(Box::new(lifted));
        }
        if let (Some(functions), Some(memory)) = (&self.table_functions, memory) {
            table::offer(&mut store, instance, memory, functions);
        }
        Ok(Box::new(WasmiInstance {
            store,
            exports: instance,
            start: Some(start),
            apart: self.needs.jumps || self.lifted.is_some(),
        }))
    }
}

/// One run in the interpreter.
struct WasmiInstance {
    store: Store<Host>,
    exports: wasmi::Instance,
    /// `_start`, until it is called.
    start: Option<TypedFunc<(), ()>>,
    /// Whether calls of the host nest on the native stack: of lifted functions, and of those that may be
    /// jumped out of.
    apart: bool,
}

impl Instance for WasmiInstance {
    fn start(&mut self) -> Stop {
        let Some(start) = self.start.take() else {
            return Stop::Exit(0);
        };
        let wasi = &mut self.store.data_mut().wasi;
        wasi.control.limit_wall_time(wasi.limits.wall_time);
        let result = if self.apart {
            thread::on_guest_thread(|| self.run(&start))
                .unwrap_or_else(|error| Err(Stop::Host(Box::new(error))))
        } else {
            self.run(&start)
        };
        match result {
            Ok(()) => Stop::Exit(0),
            Err(stop) => stop,
        }
    }

    fn memory_size(&self) -> u64 {
        self.store.data().limiter.memory_bytes()
    }

    fn memory(&self, export: &str) -> Option<&[u8]> {
        let memory = self.exports.get_memory(&self.store, export)?;
        Some(memory.data(&self.store))
    }

    fn fuel_used(&self) -> u64 {
        self.store.data().fuel_used()
    }

    fn memory_denied(&self) -> bool {
        self.store.data().limiter.denied()
    }

    fn into_wasi(self: Box<Self>) -> Wasi {
        self.store.into_data().wasi
    }
}

impl WasmiInstance {
    /// Runs in slices of fuel, looking at the outside conditions between two slices.
    fn run(&mut self, start: &TypedFunc<(), ()>) -> Result<(), Stop> {
        refuel(self.store.as_context_mut(), SLICE, 0)?;
        let mut call = start.call_resumable(&mut self.store, ());
        loop {
            call = match call {
                Ok(TypedResumableCall::OutOfFuel(paused)) => {
                    refuel(self.store.as_context_mut(), SLICE, paused.required_fuel())?;
                    paused.resume(&mut self.store)
                }
                ended => {
                    settle(&mut self.store.as_context_mut());
                    return match ended {
                        Ok(TypedResumableCall::HostTrap(trap)) => {
                            Err(self.stop_of(trap.host_error()))
                        }
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

fn malformed(error: wasmi::Error) -> LoadError {
    LoadError::Malformed {
        message: error.to_string(),
    }
}

/// What a function of the host that ends the run tells the interpreter; the reason is in
/// [`Host::ended`].
#[derive(Debug)]
pub(super) struct Ended;

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the run ended in the host")
    }
}

impl wasmi::errors::HostError for Ended {}

/// Binds the whole table. Guests see it under the one module name.
fn bind(linker: &mut Linker<Host>) -> Result<(), wasmi::Error> {
    macro_rules! wrap {
        ($($family:ident::$name:ident($($param:ident: $type:ident),*) -> $result:ident;)*) => {
            $(wrap!(@one linker, $family, $name, ($($param: $type),*), $result);)*
        };
        (@one $linker:ident, $family:ident, $name:ident, ($($param:ident: $type:ident),*), errno) => {
            $linker.func_wrap(
                preview1::MODULE,
                stringify!($name),
                |mut caller: Caller<'_, Host> $(, $param: $type)*| -> Result<i32, wasmi::Error> {
                    syscall(&mut caller, |wasi, mem| {
                        preview1::$family::$name(wasi, mem $(, $param)*)
                    })
                },
            )?;
        };
        (@one $linker:ident, $family:ident, $name:ident, ($($param:ident: $type:ident),*), never) => {
            $linker.func_wrap(
                preview1::MODULE,
                stringify!($name),
                |mut caller: Caller<'_, Host> $(, $param: $type)*| -> Result<(), wasmi::Error> {
                    syscall(&mut caller, |wasi, mem| {
                        preview1::$family::$name(wasi, mem $(, $param)*)
                    })
                    .map(drop)
                },
            )?;
        };
    }
    for_each_syscall!(wrap);
    Ok(())
}

/// Runs one syscall over the guest's memory and turns its result into the guest's.
fn syscall(
    caller: &mut Caller<'_, Host>,
    body: impl FnOnce(&mut Wasi, &mut GuestMem<'_>) -> SysResult,
) -> Result<i32, wasmi::Error> {
    let Some(memory) = caller.data().memory else {
        return Err(wasmi::Error::new(
            "syscall before the instance has a memory",
        ));
    };
    let (bytes, host) = memory.data_and_store_mut(caller);
    host.wasi.charge(1);
    match body(&mut host.wasi, &mut GuestMem::new(bytes)) {
        Ok(()) => Ok(0),
        Err(Fail::Errno(errno)) => Ok(i32::from(errno.code())),
        Err(Fail::Stop(stop)) => {
            host.ended = Some(stop);
            Err(wasmi::Error::host(Ended))
        }
    }
}

/// Fuel between two looks at the outside conditions: about 1 ms.
///
/// Short for another reason than cancellation: every `memory.grow` that is refused leaves 100 to
/// 200 bytes of native stack in use until the slice ends, also above the declared maximum, where no
/// limiter is asked. At [`GROW_COST`] each, a slice has room for 2,000 of them: under 400 KiB.
pub(super) const SLICE: u64 = 512 << 10;

/// The interpreter's stack of a guest, in bytes.
const STACK: usize = 16 << 20;

/// The same for guests whose calls may be jumped out of: each of the calls that are open has a stack of its own.
const NESTED_STACK: usize = STACK / 4;

/// The fuel that growing a memory or table costs, whatever comes of it: the most there is.
const GROW_COST: u8 = u8::MAX;

fn config() -> Config {
    let mut config = Config::default();
    config
        .consume_fuel(true)
        // Running out of fuel while a function is translated could not be resumed.
        .fuel_cost(CustomFuelCosts {
            bytes_copied_per_fuel: 64,
            fuel_per_bytes_translated: 0,
            fuel_per_bytes_validated: 0,
        })
        .operator_cost(OperatorCost {
            memory_grow: GROW_COST,
            table_grow: GROW_COST,
            ..OperatorCost::default()
        })
        // The feature is on for another reason: see the manifest.
        .wasm_memory64(false)
        .ignore_custom_sections(true)
        .allow_start_fn(false)
        .set_max_recursion_depth(10_000)
        .set_max_stack_height(STACK)
        .set_max_cached_stacks(64);
    config
}
