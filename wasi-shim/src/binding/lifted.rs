//! The binding to modules that were lifted to Rust: the same syscalls and the same budgets, without
//! an interpreter.

use std::any::Any;
use std::fmt;

use afmpeg_lift_runtime::{self as lift, Config, Extern, Host, Import, Module, ValType};
use wasmi::ResourceLimiter;

use super::check::{INITIALIZE, Interface, Role, START};
use super::inspect::Needs;
use super::jumps::{self, THROW};
use super::limiter::Limiter;
use super::run::State;
use super::table::low;
use super::thread::{STACK, on_guest_thread};
use super::wasmi::WasmiProgram;
use crate::for_each_syscall;
use crate::guest::{CallError, Instance, LoadError, Program, StartError, Value};
use crate::limits::LimitKind;
use crate::mem::GuestMem;
use crate::preview1;
use crate::stop::{Fail, Stop, SysResult, Trap, TrapKind};
use crate::table_functions::{TABLE, TableFunctions};
use crate::wasi::Wasi;

/// A WASI module that was lifted to Rust and compiled into this program.
pub struct LiftedProgram {
    module: &'static dyn Module,
    role: Role,
    /// For each import, what it is bound to; `None` for those that the module resolves itself.
    imports: Vec<Option<Bound>>,
    table_functions: Option<TableFunctions>,
    /// What runs the rest of a module of which a part was lifted.
    rest: Option<WasmiProgram>,
}

impl LiftedProgram {
    /// Binds the imports of a command, or makes the interpreter for the rest of one of which a part
    /// was lifted.
    ///
    /// # Errors
    ///
    /// Why it cannot run here: every unknown import, and what makes it no WASI command.
    pub fn new(module: &'static dyn Module) -> Result<Self, LoadError> {
        Self::load(module, Role::Command)
    }

    /// The same for a reactor, as [`WasmiProgram::reactor`].
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), for what makes it no reactor.
    pub fn reactor(module: &'static dyn Module) -> Result<Self, LoadError> {
        Self::load(module, Role::Reactor)
    }

    fn load(module: &'static dyn Module, role: Role) -> Result<Self, LoadError> {
        let rest = match module.partial() {
            Some(partial) => Some(WasmiProgram::rest(module, partial, role)?),
            None => None,
        };
        if rest.is_none() {
            let reasons = Interface::of_lifted(module).reasons(role);
            if !reasons.is_empty() {
                return Err(LoadError::Refused { reasons });
            }
        }
        Ok(Self {
            module,
            role,
            imports: module.imports().iter().map(bound).collect(),
            table_functions: None,
            rest,
        })
    }

    /// Offers functions of the host to each instance, which calls them in the place of its own if
    /// it knows how.
    #[must_use]
    pub fn with_table_functions(mut self, functions: TableFunctions) -> Self {
        match self.rest {
            Some(rest) => self.rest = Some(rest.with_table_functions(functions)),
            None => self.table_functions = Some(functions),
        }
        self
    }
}

impl fmt::Debug for LiftedProgram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiftedProgram")
            .field("module", &self.module)
            .finish_non_exhaustive()
    }
}

impl Program for LiftedProgram {
    fn instantiate(&self, wasi: Wasi) -> Result<Box<dyn Instance>, StartError> {
        if let Some(rest) = &self.rest {
            return rest.instantiate(wasi);
        }
        let needs = self.module.needs();
        Needs {
            memory_bytes: needs.memory_bytes,
            table_elements: needs.table_elements,
            jumps: false,
        }
        .check(wasi.limits())?;
        let mut limiter = Limiter::new(wasi.limits());
        let _ = limiter.memory_growing(0, size(needs.memory_bytes), None);
        let _ = limiter.table_growing(0, size(needs.table_elements), None);
        let mut config = Config::for_stack(STACK);
        config.reserve_bytes = wasi.limits().memory_bytes;
        let host = Guest {
            wasi,
            limiter,
            imports: self.imports.clone(),
            counted: 0,
        };
        let failed = |message| StartError::Failed { message };
        let make = || self.module.instantiate(Box::new(host), &config);
        let made = if needs.start {
            // A start function may recurse as deeply as the run itself.
            on_guest_thread(make).map_err(|error| failed(error.to_string()))?
        } else {
            make()
        };
        let mut instance = made.map_err(|trap| failed(trap.to_string()))?;
        if let Some(functions) = &self.table_functions {
            offer(instance.as_mut(), functions);
        }
        Ok(Box::new(LiftedInstance {
            instance,
            module: self.module,
            role: self.role,
            state: State::New,
            memory_size: needs.memory_bytes,
        }))
    }
}

/// Offers the functions to a new instance. It stays as it is when it does not want them or there is no
/// room for them.
fn offer(instance: &mut dyn lift::Instance, functions: &TableFunctions) {
    let address = |value: Option<u64>| value.and_then(|address| u32::try_from(address).ok());
    let abi_at = address(instance.global(functions.abi_export));
    let slots_at = address(instance.global(functions.slots_export));
    let (Some(abi_at), Some(slots_at)) = (abi_at, slots_at) else {
        return;
    };
    let room = guest_ref(instance.host())
        .limiter
        .has_table_room(functions.functions.len() as u64);
    if !room || !functions.negotiate(instance.memory(), abi_at, slots_at) {
        return;
    }
    let list: Vec<_> = functions
        .functions
        .iter()
        .map(|(_, function)| *function)
        .collect();
    if let Some(first) = instance.add_functions(TABLE, &list) {
        functions.write_slots(instance.memory(), slots_at, first);
    }
}

/// One instance of lifted code.
struct LiftedInstance {
    instance: Box<dyn lift::Instance>,
    module: &'static dyn Module,
    role: Role,
    state: State,
    memory_size: u64,
}

impl LiftedInstance {
    fn export(&self, name: &str) -> Option<&'static Extern> {
        let mut exports = self.module.exports().iter();
        exports
            .find(|export| export.name == name)
            .map(|export| &export.what)
    }

    /// Runs what an instance runs first, once.
    fn begin(&mut self) -> Result<(), Stop> {
        let wasi = &mut guest(self.instance.host_mut()).wasi;
        wasi.control.limit_wall_time(wasi.limits.wall_time);
        self.state = State::Ended;
        let (name, after) = match self.role {
            Role::Command => (START, State::Ended),
            Role::Reactor => (INITIALIZE, State::Ready),
        };
        if self.export(name).is_some() {
            self.run(name, &[])?;
        }
        self.state = after;
        Ok(())
    }

    /// Charges a call and looks at the outside conditions: a function without loops does neither.
    fn admit(&mut self) -> Result<(), Stop> {
        let spent = self.instance.spent();
        let guest = guest(self.instance.host_mut());
        guest.wasi.charge(1);
        let polled = guest.poll(spent).map_err(stop_of).map(drop);
        polled.inspect_err(|stop| guest.wasi.ended(stop))
    }

    /// Runs an exported function to its end.
    fn run(&mut self, export: &str, args: &[u64]) -> Result<Vec<u64>, Stop> {
        let instance = &mut self.instance;
        // The locals of the guest are on the native stack, and of the caller's nobody knows how much
        // is left.
        let result = on_guest_thread(|| instance.call(export, args));
        self.memory_size = self.instance.memory().len() as u64;
        let stop = match result {
            Ok(Ok(results)) => return Ok(results),
            Ok(Err(trap)) => stop_of(trap),
            Err(error) => Stop::Host(Box::new(error)),
        };
        guest(self.instance.host_mut()).wasi.ended(&stop);
        Err(stop)
    }
}

impl Instance for LiftedInstance {
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
        let ty = match self.export(export) {
            Some(Extern::Function(ty)) if export != INITIALIZE => ty,
            _ => return Err(none()),
        };
        if ty.results.iter().any(|ty| number(*ty, 0).is_none()) {
            return Err(none());
        }
        let (given, words): (Vec<_>, Vec<_>) = args.iter().copied().map(word).unzip();
        if given != ty.params {
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
        self.admit().map_err(CallError::Stopped)?;
        let words = self.run(export, &words).map_err(CallError::Stopped)?;
        self.state = State::Ready;
        let results = ty.results.iter().zip(words);
        Ok(results.filter_map(|(ty, word)| number(*ty, word)).collect())
    }

    fn memory_mut(&mut self, export: &str) -> Option<&mut [u8]> {
        match self.export(export) {
            Some(Extern::Memory) => Some(self.instance.memory()),
            _ => None,
        }
    }

    fn memory_size(&self) -> u64 {
        self.memory_size
    }

    fn fuel_used(&self) -> u64 {
        let uncounted = guest_ref(self.instance.host()).uncounted();
        self.instance.spent().saturating_add(uncounted)
    }

    fn memory_denied(&self) -> bool {
        guest_ref(self.instance.host()).limiter.denied()
    }

    fn into_wasi(self: Box<Self>) -> Wasi {
        let host: Box<dyn Any> = self.instance.into_host();
        match host.downcast::<Guest>() {
            Ok(mut guest) => {
                guest.limiter.met().for_each(|kind| guest.wasi.meet(kind));
                guest.wasi
            }
            Err(_) => unreachable!("{OURS}"),
        }
    }
}

/// A number as lifted code passes it, with its type.
fn word(value: Value) -> (ValType, u64) {
    match value {
        Value::I32(value) => (ValType::I32, u64::from(value.cast_unsigned())),
        Value::I64(value) => (ValType::I64, value.cast_unsigned()),
        Value::F32(value) => (ValType::F32, u64::from(value.to_bits())),
        Value::F64(value) => (ValType::F64, value.to_bits()),
    }
}

/// The number that a word of this type is, if it is one.
fn number(ty: ValType, word: u64) -> Option<Value> {
    match ty {
        ValType::I32 => Some(Value::I32(low(word).cast_signed())),
        ValType::I64 => Some(Value::I64(word.cast_signed())),
        ValType::F32 => Some(Value::F32(f32::from_bits(low(word)))),
        ValType::F64 => Some(Value::F64(f64::from_bits(word))),
        _ => None,
    }
}

/// What a trap means for the run.
pub(super) fn stop_of(trap: lift::Trap) -> Stop {
    let kind = match trap {
        lift::Trap::Host(payload) => {
            return match payload.downcast::<Stop>() {
                Ok(stop) => *stop,
                Err(_) => unreachable!("{OURS}"),
            };
        }
        lift::Trap::CallDepth => return Stop::Limit(LimitKind::CallDepth),
        lift::Trap::NestedCalls => return Stop::Limit(LimitKind::NestedCalls),
        lift::Trap::OutOfSystemMemory => return Stop::Limit(LimitKind::Memory),
        lift::Trap::Unreachable => TrapKind::Unreachable,
        lift::Trap::MemoryOutOfBounds => TrapKind::MemoryOutOfBounds,
        lift::Trap::TableOutOfBounds => TrapKind::TableOutOfBounds,
        lift::Trap::NullFunction => TrapKind::NullFunction,
        lift::Trap::BadSignature => TrapKind::BadSignature,
        lift::Trap::DivisionByZero => TrapKind::DivisionByZero,
        lift::Trap::IntegerOverflow => TrapKind::IntegerOverflow,
        lift::Trap::BadConversion => TrapKind::BadConversion,
        _ => TrapKind::Other,
    };
    Stop::Trap(Trap {
        kind,
        message: trap.to_string(),
    })
}

/// The host of one lifted guest.
struct Guest {
    wasi: Wasi,
    limiter: Limiter,
    imports: Vec<Option<Bound>>,
    /// How much of the work of syscalls the instance has counted with its own.
    counted: u64,
}

impl Host for Guest {
    fn call(&mut self, import: usize, mem: &mut [u8], args: &[u64]) -> Result<u64, lift::Trap> {
        self.wasi.charge(1);
        let syscall = match self.imports.get(import) {
            Some(Some(Bound::Syscall(syscall))) => syscall,
            Some(Some(Bound::LongJump)) => return Err(lift::Trap::LongJump),
            // The module resolves it itself.
            _ => return Err(lift::Trap::Unreachable),
        };
        match syscall(&mut self.wasi, &mut GuestMem::new(mem), args) {
            Ok(()) => Ok(0),
            Err(Fail::Errno(errno)) => {
                self.wasi.answered(errno);
                Ok(u64::from(errno.code()))
            }
            Err(Fail::Stop(stop)) => Err(lift::Trap::Host(stop)),
        }
    }

    fn take_work(&mut self) -> u64 {
        let work = self.uncounted();
        self.counted = self.wasi.io.work;
        work
    }

    fn poll(&mut self, spent: u64) -> Result<u64, lift::Trap> {
        self.wasi.poll().map_err(end)?;
        let Some(limit) = self.wasi.limits.fuel else {
            return Ok(SLICE);
        };
        match limit.saturating_sub(spent.saturating_add(self.uncounted())) {
            0 => Err(end(Stop::Limit(LimitKind::Fuel))),
            left => Ok(SLICE.min(left)),
        }
    }

    fn grow_memory(&mut self, from: u64, to: u64, declared: bool) -> Result<bool, lift::Trap> {
        let maximum = (!declared).then(|| size(from));
        let answer = self.limiter.memory_growing(size(from), size(to), maximum);
        self.answer(answer.ok(), LimitKind::Memory)
    }

    fn grow_memory_failed(&mut self, _from: u64, _to: u64) {
        // The limiter takes the growth back and counts the refusal.
        let _ = self
            .limiter
            .memory_grow_failed(&wasmi::errors::MemoryError::OutOfSystemMemory);
    }

    fn grow_table(&mut self, from: u64, to: u64, declared: bool) -> Result<bool, lift::Trap> {
        let maximum = (!declared).then(|| size(from));
        let answer = self.limiter.table_growing(size(from), size(to), maximum);
        self.answer(answer.ok(), LimitKind::Table)
    }
}

impl Guest {
    /// Work of syscalls that the instance has not counted yet.
    fn uncounted(&self) -> u64 {
        self.wasi.io.work.saturating_sub(self.counted)
    }

    /// The limiter's answer, or the end of a guest that keeps asking.
    fn answer(&self, answer: Option<bool>, kind: LimitKind) -> Result<bool, lift::Trap> {
        answer.ok_or_else(|| end(Stop::Limit(self.limiter.tripped().unwrap_or(kind))))
    }
}

pub(super) fn end(stop: Stop) -> lift::Trap {
    lift::Trap::Host(Box::new(stop))
}

/// The state behind the trait, which nothing but this file puts there.
fn guest(host: &mut dyn Host) -> &mut Guest {
    let host: &mut dyn Any = host;
    host.downcast_mut()
        .unwrap_or_else(|| unreachable!("{OURS}"))
}

fn guest_ref(host: &dyn Host) -> &Guest {
    let host: &dyn Any = host;
    host.downcast_ref()
        .unwrap_or_else(|| unreachable!("{OURS}"))
}

fn size(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

/// What an import is bound to.
#[derive(Clone, Copy)]
enum Bound {
    Syscall(Syscall),
    /// The guest's `longjmp`, which has noted what it jumps to and leaves the frames in between.
    LongJump,
}

fn bound(import: &Import) -> Option<Bound> {
    if import.resolved {
        return None;
    }
    if (import.module, import.name) == (jumps::MODULE, THROW) {
        return Some(Bound::LongJump);
    }
    syscall(import).map(Bound::Syscall)
}

/// One syscall over raw words.
type Syscall = fn(&mut Wasi, &mut GuestMem<'_>, &[u64]) -> SysResult;

/// The syscall that an import asks for; its type was checked.
fn syscall(import: &Import) -> Option<Syscall> {
    if import.module != preview1::MODULE {
        return None;
    }
    macro_rules! find {
        ($($family:ident::$name:ident($($param:ident: $type:ident),*) -> $result:ident;)*) => {
            match import.name {
                $(stringify!($name) => Some(|wasi, mem, args| {
                    let words = &mut args.iter().copied();
                    $(let $param = words.next().unwrap_or(0) as $type;)*
                    let _ = words;
                    preview1::$family::$name(wasi, mem $(, $param)*).map(drop)
                }),)*
                _ => None,
            }
        };
    }
    for_each_syscall!(find)
}

/// Work between two looks at the outside conditions: under a millisecond.
pub(super) const SLICE: u64 = 1 << 20;

const OURS: &str = "only this binding gives lifted instances their host";
