//! The target `module_load`: random modules, valid or broken, that import what the host has. They are
//! refused with a reason, or run within their limits, which are small in a share of the inputs.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use afmpeg_wasi::preview1::{SYSCALLS, ValueType};
use afmpeg_wasi::vfs::{FaultInject, Faults, MemFs, Vfs};
use afmpeg_wasi::{
    Errno, LimitKind, Limits, LoadError, Program, SeededRandom, StartError, Stop, VirtualClock,
    Wasi, WasmiProgram,
};
use wasm_smith::{Config, MemoryOffsetChoices};

use crate::choices::Choices;

/// Work that a module may do.
const FUEL: u64 = 200_000;
/// Time for that, on a busy machine. A run that needs it was not stopped by its fuel.
const TIME: Duration = Duration::from_secs(60);
/// Memory that it may have.
const MEMORY: u64 = 8 << 20;

/// How a module ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// The bytes gave none.
    NoModule,
    /// It was refused.
    Refused,
    /// It could not be instantiated.
    NotStarted,
    /// It ran to its end, or to `proc_exit`.
    Exited,
    /// It trapped.
    Trapped,
    /// It ran out of something.
    OutOfLimits,
}

/// Loads and runs the module that the bytes say.
///
/// # Panics
///
/// When the host fails, or the module is stopped by the time alone.
pub fn run(bytes: &[u8]) {
    outcome(bytes);
}

/// As [`run`]; returns how it ended.
///
/// # Panics
///
/// As [`run`].
pub fn outcome(bytes: &[u8]) -> Outcome {
    let mut choices = Choices::new(bytes);
    let (seed, one_in) = (choices.any(), choices.pick(&[0, 0, 2, 10]));
    let is_lazy = choices.once_in(3);
    let breaks = choices.below(6).saturating_sub(2);
    let config = config(&mut choices);
    let places: Vec<(u64, u64)> = (0..breaks)
        .map(|_| (choices.any(), choices.any()))
        .collect();
    let Ok(module) = wasm_smith::Module::new(config, &mut choices.rest()) else {
        return Outcome::NoModule;
    };
    let mut wasm = module.to_bytes();
    for (at, value) in places {
        let at = (at % wasm.len() as u64) as usize;
        wasm[at] = value as u8;
    }
    let program = if is_lazy {
        WasmiProgram::lazy(&wasm)
    } else {
        WasmiProgram::new(&wasm)
    };
    let program = match program {
        Ok(program) => program,
        Err(error) => {
            check_refusal(&error);
            return Outcome::Refused;
        }
    };
    let faults = Faults::none().at_random(seed, one_in, Errno::Io);
    let fs = FaultInject::new(MemFs::new(), faults);
    let limits = limits(bytes);
    let wasi = Wasi::builder()
        .arg("module")
        .preopen("/", fs.root())
        .limits(limits.clone())
        .clock(Arc::new(VirtualClock::new()))
        .random(Box::new(SeededRandom::new(seed)))
        .build();
    let mut instance = match program.instantiate(wasi.expect("a valid state")) {
        Ok(instance) => instance,
        Err(StartError::Failed { message }) => {
            assert!(!message.is_empty(), "a failure without a word");
            return Outcome::NotStarted;
        }
        Err(_) => return Outcome::NotStarted,
    };
    let stop = instance.start();
    let (memory, used) = (instance.memory_size(), instance.fuel_used());
    assert!(
        memory <= limits.memory_bytes,
        "{memory} bytes of memory: {limits:?}"
    );
    let fuel = limits.fuel.unwrap_or(FUEL);
    assert!(
        used <= fuel || matches!(stop, Stop::Limit(LimitKind::Fuel)),
        "{used} of {fuel} units of work, and the run ends with: {stop}"
    );
    check_written(&instance.into_wasi(), &limits, &stop);
    match stop {
        Stop::Exit(_) => Outcome::Exited,
        Stop::Trap(_) => Outcome::Trapped,
        Stop::Limit(_) => Outcome::OutOfLimits,
        other => panic!("the run ends with: {other}"),
    }
}

/// The limits of a run: a quarter of all runs has any one of them small.
fn limits(bytes: &[u8]) -> Limits {
    let mut choices = Choices::of_end(bytes);
    let mut some = |values: &[u64]| choices.once_in(4).then(|| choices.pick(values));
    let mut limits = Limits::default();
    limits.fuel = Some(some(&[0, 1, 30, 1_000, 20_000]).unwrap_or(FUEL));
    limits.memory_bytes = some(&[0, 64 << 10, 1 << 20]).unwrap_or(MEMORY);
    limits.table_elements = some(&[0, 4, 100]).unwrap_or(10_000);
    limits.written_bytes = some(&[0, 1, 100]);
    limits.text_written_bytes = some(&[0, 1, 100]).or(limits.text_written_bytes);
    limits.text_bytes = some(&[0, 10]).unwrap_or(limits.text_bytes);
    // The streams and the root are open from the start.
    limits.open_files = some(&[4, 5]).map_or(limits.open_files, |few| few as u32);
    limits.tmp_bytes = some(&[0, 100]).unwrap_or(limits.tmp_bytes);
    limits.wall_time = Some(TIME);
    limits
}

/// What was written is within its limits, and a run is ended by one only where it has it.
fn check_written(wasi: &Wasi, limits: &Limits, stop: &Stop) {
    let files = wasi.bytes_written();
    assert!(
        limits.written_bytes.is_none_or(|most| files <= most),
        "{files} bytes are written to files: {limits:?}"
    );
    assert!(
        !matches!(stop, Stop::Limit(LimitKind::WrittenBytes)) || limits.written_bytes.is_some(),
        "a limit that is not there ends the run: {limits:?}"
    );
    let text = wasi.stdout_written() + wasi.stderr_written();
    assert!(
        limits.text_written_bytes.is_none_or(|most| text <= most),
        "{text} bytes of text are written: {limits:?}"
    );
    for kept in [wasi.stdout(), wasi.stderr()] {
        let kept = kept.len() as u64;
        assert!(kept <= limits.text_bytes, "{kept} bytes of text are kept");
    }
}

fn check_refusal(error: &LoadError) {
    assert!(!error.to_string().is_empty());
    if let LoadError::Refused { reasons } = error {
        assert!(!reasons.is_empty(), "refused for no reason");
    }
}

fn config(choices: &mut Choices<'_>) -> Config {
    let imports = if choices.once_in(8) {
        &IMPORTS[1]
    } else {
        &IMPORTS[0]
    };
    let exports = match choices.below(10) {
        0 => None,
        1 => Some(EXPORTS[1].clone()),
        _ => Some(EXPORTS[0].clone()),
    };
    // What the interpreter does not have is asked for now and then only.
    let mut rare = || choices.once_in(24);
    let mut config = Config {
        available_imports: Some(imports.clone()),
        exports,
        exceptions_enabled: rare(),
        gc_enabled: rare(),
        memory64_enabled: rare(),
        relaxed_simd_enabled: rare(),
        threads_enabled: rare(),
        custom_page_sizes_enabled: rare(),
        compact_imports_enabled: false,
        wide_arithmetic_enabled: rare(),
        allow_start_export: rare(),
        max_imports: 40,
        max_funcs: 20,
        max_instructions: 200,
        max_memory32_bytes: 4 << 20,
        max_table_elements: 1_000,
        max_tables: 3,
        memory_offset_choices: MemoryOffsetChoices(100, 4, 1),
        ..Config::default()
    };
    config.max_memories = if rare() { 3 } else { 1 };
    config
}

/// The imports that a module may have: those of the host, and some that it does not have.
static IMPORTS: LazyLock<[Vec<u8>; 2]> = LazyLock::new(|| {
    let wasm_type = |ty: &ValueType| match ty {
        ValueType::I32 => " i32",
        ValueType::I64 => " i64",
    };
    let mut text = String::new();
    for syscall in SYSCALLS {
        let params: String = syscall.params.iter().map(wasm_type).collect();
        let result: String = syscall.result.iter().map(wasm_type).collect();
        text.push_str(&format!(
            "(import \"wasi_snapshot_preview1\" \"{}\" (func (param{params}) (result{result})))\n",
            syscall.name
        ));
    }
    for (name, ty) in [
        ("invoke_v", "(param i32)"),
        ("invoke_i", "(param i32) (result i32)"),
        ("invoke_vi", "(param i32 i32)"),
        ("invoke_jd", "(param i32 f64) (result i64)"),
        ("_emscripten_throw_longjmp", ""),
    ] {
        text.push_str(&format!("(import \"env\" \"{name}\" (func {ty}))\n"));
    }
    let unknown = r#"(import "env" "unknown" (func)) (import "wasi_snapshot_preview1" "fd_read" (func (param i64)))
        (import "env" "memory" (memory 1)) (import "env" "table" (table 1 funcref)) (import "env" "global" (global i32))"#;
    [text.clone(), format!("{text}{unknown}")].map(|text| module(&text))
});

/// What a module exports: all that a command with calls that can be jumped out of needs, or less.
static EXPORTS: LazyLock<[Vec<u8>; 2]> = LazyLock::new(|| {
    let command = r#"(memory (export "memory") 1) (func (export "_start"))"#;
    let jumps = r#"(table (export "__indirect_function_table") 4 8 funcref)
        (global (export "__stack_pointer") (mut i32) (i32.const 1024))"#;
    [format!("{command}{jumps}"), command.to_owned()].map(|text| module(&text))
});

fn module(text: &str) -> Vec<u8> {
    wat::parse_str(format!("(module {text})")).expect("the text is a module")
}
