//! The binding to the `wasmi` interpreter: modules, the syscall table in a linker, instances.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use afmpeg_lift_runtime::{self as lift, PARTIAL};
use wasmi::{
    Caller, CompilationMode, Config, CustomFuelCosts, Engine, Linker, Memory, Module, OperatorCost,
    Store,
};

use super::check::{Interface, Role};
use super::inspect::{self, Needs};
use super::jumps::{self, Jumps};
use super::limiter::Limiter;
use super::run::{WasmiInstance, keep_within_limit};
use super::{mixed, table};
use crate::for_each_syscall;
use crate::guest::{Instance, LoadError, Program, StartError};
use crate::mem::GuestMem;
use crate::preview1;
use crate::stop::{Fail, Stop, SysResult};
use crate::table_functions::TableFunctions;
use crate::wasi::Wasi;

/// A WASI module that runs in the interpreter any number of times.
///
/// A function is translated when it is first called, once for all runs.
pub struct WasmiProgram {
    role: Role,
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
    /// A panic in a function of the host, on the same way: the interpreter aborts on one that unwinds into it.
    pub(super) panicked: Option<Box<dyn Any + Send>>,
    /// Calls of the host's functions in the guest's table.
    pub(super) table_calls: u32,
    /// Lifted functions, when the module is the rest of one of which a part was lifted.
    pub(super) lifted: Option<Box<mixed::Lifted>>,
    /// For calls that the guest may jump out of.
    pub(super) jumps: Option<Jumps>,
    /// The work of the host at which the run is out of fuel.
    pub(super) work_end: Option<u64>,
    /// Fuel that the guest got last.
    pub(super) slice: u64,
    /// What it used of those before.
    pub(super) spent: u64,
}

impl WasmiProgram {
    /// Validates a command and binds its imports.
    ///
    /// # Errors
    ///
    /// Why it cannot run here: every proposal that the engine lacks, every unknown import and
    /// what makes it no WASI command, all at once.
    pub fn new(bytes: &[u8]) -> Result<Self, LoadError> {
        Self::load(bytes, None, Role::Command, CompilationMode::LazyTranslation)
    }

    /// Validates a reactor, a module whose functions are called, and binds its imports. It has no
    /// `_start`; its `_initialize`, if it has one, runs before the first call.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), for what makes it no reactor.
    pub fn reactor(bytes: &[u8]) -> Result<Self, LoadError> {
        Self::load(bytes, None, Role::Reactor, CompilationMode::LazyTranslation)
    }

    /// The same, but a function body is validated when it is first called, which loads a large
    /// module several times faster: for modules whose origin vouches for them. A body that is not
    /// valid ends the run that calls it as a trap, [`TrapKind::Malformed`](crate::TrapKind::Malformed).
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), for everything but function bodies.
    pub fn lazy(bytes: &[u8]) -> Result<Self, LoadError> {
        Self::load(bytes, None, Role::Command, CompilationMode::Lazy)
    }

    /// The rest of a module of which a part was lifted.
    pub(super) fn rest(
        module: &'static dyn lift::Module,
        partial: &'static lift::Partial,
        role: Role,
    ) -> Result<Self, LoadError> {
        let mut program = Self::load(
            partial.rest,
            Some(PARTIAL),
            role,
            CompilationMode::LazyTranslation,
        )?;
        mixed::bind(&mut program.linker, partial).map_err(malformed)?;
        program.lifted = Some(module);
        Ok(program)
    }

    fn load(
        bytes: &[u8],
        resolved: Option<&str>,
        role: Role,
        mode: CompilationMode,
    ) -> Result<Self, LoadError> {
        let mut reasons = inspect::inspect(bytes)?;
        let needs = Needs::of(bytes)?;
        let mut config = config();
        if needs.jumps {
            config.set_max_stack_height(NESTED_STACK);
        }
        let engine = Engine::new(config.compilation_mode(mode));
        let module = match Module::new(&engine, bytes) {
            Ok(module) => module,
            Err(error) => {
                return Err(inspect::diagnose(bytes, reasons, role, error.to_string()));
            }
        };
        reasons.extend(Interface::of_compiled(&module, resolved).reasons(role));
        if !reasons.is_empty() {
            return Err(LoadError::Refused { reasons });
        }
        let mut linker = Linker::new(&engine);
        bind(&mut linker).map_err(malformed)?;
        jumps::bind(&mut linker, &module).map_err(malformed)?;
        Ok(Self {
            role,
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
            panicked: None,
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
        let apart = self.needs.jumps || self.lifted.is_some();
        let instance = WasmiInstance::new(store, instance, self.role, apart);
        Ok(Box::new(instance))
    }
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
    let (bytes, host) = memory.data_and_store_mut(&mut *caller);
    host.wasi.charge(1);
    // A filesystem, a clock, a reader or writer of the caller's may panic. The panic goes on where the run was
    // asked for, and nobody sees this state before that.
    let body = AssertUnwindSafe(|| body(&mut host.wasi, &mut GuestMem::new(bytes)));
    let result = match catch_unwind(body) {
        Ok(result) => result,
        Err(payload) => {
            host.panicked = Some(payload);
            return Err(wasmi::Error::host(Ended));
        }
    };
    keep_within_limit(caller);
    match result {
        Ok(()) => Ok(0),
        Err(Fail::Errno(errno)) => {
            caller.data_mut().wasi.answered(errno);
            Ok(i32::from(errno.code()))
        }
        Err(Fail::Stop(stop)) => {
            caller.data_mut().ended = Some(stop);
            Err(wasmi::Error::host(Ended))
        }
    }
}

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
