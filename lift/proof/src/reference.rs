//! Runs a script in the wasmi interpreter: what lifted code must do as well.

use wasmi::{
    Config, Engine, Error, Extern, ExternType, Func, Instance, Module, Store, StoreLimits,
    StoreLimitsBuilder, TrapCode, V128, Val, ValType,
};

use crate::executor::{TABLE_LIMIT, digest, host_result};
use crate::script::{Limits, Link, Step};

/// The interpreter.
#[derive(Debug)]
pub struct Reference {
    engine: Engine,
}

const STACK: usize = 1 << 30;

/// An instance with a store of its own.
struct Live {
    store: Store<Host>,
    instance: Instance,
}

struct Host {
    calls: u64,
    limits: StoreLimits,
}

impl Default for Reference {
    fn default() -> Self {
        let mut config = Config::default();
        // Deeper than any random module may go with its fuel.
        config.set_max_recursion_depth(100_000);
        config.set_max_stack_height(512 << 20);
        config.wasm_multi_memory(false).wasm_tail_call(false);
        config
            .wasm_custom_page_sizes(false)
            .wasm_memory64(false)
            .wasm_relaxed_simd(false);
        Self {
            engine: Engine::new(&config),
        }
    }
}

impl Reference {
    /// Reads a module.
    ///
    /// # Errors
    ///
    /// The interpreter does not take it.
    pub fn module(&self, wasm: &[u8]) -> Result<Module, Error> {
        Module::new(&self.engine, wasm)
    }

    /// The answers to a script, in the form of the executor. Deadlines and work are not counted here,
    /// and imports are the host's.
    ///
    /// # Panics
    ///
    /// When the script names a module that is not there, or links instances.
    #[must_use]
    pub fn run(&self, modules: &[Module], script: &[Step]) -> Vec<String> {
        // Where the tail calls of the interpreter are not optimised, its loop needs stack.
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(STACK);
            let run = thread.spawn_scoped(scope, || self.run_here(modules, script));
            run.expect("a thread can start")
                .join()
                .expect("the interpreter does not panic")
        })
    }

    fn run_here(&self, modules: &[Module], script: &[Step]) -> Vec<String> {
        let mut instances: Vec<Option<Live>> = Vec::new();
        let mut answers = Vec::with_capacity(script.len());
        for step in script {
            answers.push(match step {
                Step::New {
                    module,
                    limits,
                    imports,
                } => {
                    assert!(
                        imports.iter().all(|link| *link == Link::Host),
                        "only the host's"
                    );
                    let made = self.instantiate(&modules[*module], *limits);
                    let answer = match &made {
                        Ok(_) => "ok".to_owned(),
                        Err(error) => trap_name(error),
                    };
                    instances.push(made.ok());
                    answer
                }
                Step::Call {
                    instance,
                    export,
                    args,
                } => match &mut instances[*instance] {
                    Some(live) => live.call(export, args),
                    None => "absent".to_owned(),
                },
                Step::Global { instance, export } => {
                    let live = instances[*instance].as_ref();
                    let value = live.and_then(|live| {
                        let global = live.instance.get_global(&live.store, export)?;
                        word(&global.get(&live.store))
                    });
                    value.map_or("absent".to_owned(), |value| format!("ok {value:x}"))
                }
                Step::Memory { instance } => match &instances[*instance] {
                    Some(live) => digest(live.memory()),
                    None => "absent".to_owned(),
                },
                Step::Clear => {
                    instances.iter_mut().for_each(|instance| *instance = None);
                    "ok".to_owned()
                }
            });
        }
        answers
    }

    fn instantiate(&self, module: &Module, limits: Limits) -> Result<Live, Error> {
        let pages = limits.pages.unwrap_or(65_536);
        let limits = StoreLimitsBuilder::new()
            .memory_size(usize::try_from(pages << 16).unwrap_or(usize::MAX))
            .table_elements(TABLE_LIMIT as usize)
            .build();
        let mut store = Store::new(&self.engine, Host { calls: 0, limits });
        store.limiter(|host| &mut host.limits);
        let mut imports = Vec::new();
        for (index, import) in module.imports().enumerate() {
            let ExternType::Func(ty) = import.ty() else {
                return Err(Error::new("an import that is no function"));
            };
            let ty = ty.clone();
            let result = ty.results().first().copied();
            let function = Func::new(&mut store, ty, move |mut caller, args, results| {
                let host = caller.data_mut();
                host.calls += 1;
                let args: Vec<u64> = args.iter().filter_map(word).collect();
                let value = host_result(host.calls, index as u64, &args);
                if let (Some(ty), Some(place)) = (result, results.first_mut()) {
                    *place = number(ty, value);
                }
                Ok(())
            });
            imports.push(Extern::Func(function));
        }
        let instance = Instance::new(&mut store, module, &imports)?;
        Ok(Live { store, instance })
    }
}

impl Live {
    fn call(&mut self, export: &str, args: &[u64]) -> String {
        let Some(function) = self.instance.get_func(&self.store, export) else {
            return "absent".to_owned();
        };
        let ty = function.ty(&self.store);
        let reference = |ty: &ValType| matches!(ty, ValType::FuncRef | ValType::ExternRef);
        if ty.params().iter().chain(ty.results()).any(reference) {
            return "references".to_owned();
        }
        let mut words = args.iter().copied();
        let mut next = || words.next().expect("a call has its arguments");
        let values: Vec<Val> = ty.params().iter().map(|ty| value(*ty, &mut next)).collect();
        let mut results: Vec<Val> = ty
            .results()
            .iter()
            .copied()
            .map(Val::default_for_ty)
            .collect();
        match function.call(&mut self.store, &values, &mut results) {
            Ok(()) => {
                let words = results.iter().flat_map(words_of);
                "ok".to_owned() + &words.map(|word| format!(" {word:x}")).collect::<String>()
            }
            Err(error) => trap_name(&error),
        }
    }

    fn memory(&self) -> &[u8] {
        let memories = self
            .instance
            .exports(&self.store)
            .filter_map(|export| export.into_memory());
        memories
            .last()
            .map_or(&[], |memory| memory.data(&self.store))
    }
}

fn value(ty: ValType, next: &mut impl FnMut() -> u64) -> Val {
    match ty {
        ValType::V128 => {
            let low = u128::from(next());
            Val::V128(V128::from(u128::from(next()) << 64 | low))
        }
        ty => number(ty, next()),
    }
}

fn number(ty: ValType, word: u64) -> Val {
    match ty {
        ValType::I32 => Val::I32(word as i32),
        ValType::I64 => Val::I64(word as i64),
        ValType::F32 => Val::F32(wasmi::F32::from_bits(word as u32)),
        ValType::F64 => Val::F64(wasmi::F64::from_bits(word)),
        other => panic!("a {other:?} is no number"),
    }
}

fn word(value: &Val) -> Option<u64> {
    Some(match value {
        Val::I32(value) => u64::from(*value as u32),
        Val::I64(value) => *value as u64,
        Val::F32(value) => u64::from(value.to_bits()),
        Val::F64(value) => value.to_bits(),
        _ => return None,
    })
}

fn words_of(value: &Val) -> Vec<u64> {
    match value {
        Val::V128(value) => {
            let bits = value.as_u128();
            vec![bits as u64, (bits >> 64) as u64]
        }
        value => word(value).into_iter().collect(),
    }
}

fn trap_name(error: &Error) -> String {
    let name = match error.as_trap_code() {
        Some(TrapCode::UnreachableCodeReached) => "unreachable",
        Some(TrapCode::MemoryOutOfBounds) => "memory",
        Some(TrapCode::TableOutOfBounds) => "table",
        Some(TrapCode::IndirectCallToNull) => "null",
        Some(TrapCode::BadSignature) => "signature",
        Some(TrapCode::IntegerDivisionByZero) => "division",
        Some(TrapCode::IntegerOverflow) => "overflow",
        Some(TrapCode::BadConversionToInteger) => "conversion",
        Some(TrapCode::StackOverflow) => "depth",
        // Segments that do not fit are told apart by their message alone.
        _ => match error.to_string() {
            message if message.starts_with("out of bounds table access") => "table",
            message if message.starts_with("out of bounds memory access") => "memory",
            message => return format!("trap {message}"),
        },
    };
    format!("trap {name}")
}
