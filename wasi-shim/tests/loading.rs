//! What cannot run is refused with everything for which it cannot; commands and reactors are told apart.
//! `tests/loading/pack.rs` is what the lifter makes of `tests/loading/reactor.wat`, checked here.

#[rustfmt::skip]
#[path = "loading/pack.rs"]
mod pack;

#[allow(dead_code, reason = "each test program uses a part of it")]
mod common;

use afmpeg_wasi::vfs::{MemFs, Vfs};
use afmpeg_wasi::{
    CallError, CancelToken, LiftedProgram, LimitKind, LoadError, Program, Reason, Stop, TrapKind,
    Value, Wasi, WasmiProgram,
};
use common::{load, run, with_limits};

const MEMORY: &str = r#"(memory (export "memory") 1)"#;
const START: &str = r#"(func (export "_start"))"#;

fn bytes(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("the guest is valid text")
}

#[track_caller]
fn refused(parts: &[&str]) -> LoadError {
    WasmiProgram::new(&bytes(&format!("(module {})", parts.join(" ")))).expect_err("it cannot run")
}

#[track_caller]
fn is_for(parts: &[&str], reasons: &[Reason]) {
    assert_eq!(refused(parts).reasons(), reasons);
}

fn import(name: &str) -> Reason {
    Reason::Import(name.to_owned())
}

#[test]
fn f5_every_unknown_import_is_named_at_once() {
    let error = refused(&[
        r#"(import "env" "__wasm_longjmp" (func (param i32 i32)))"#,
        r#"(import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))"#,
        r#"(import "wasi_snapshot_preview1" "fd_read" (func (param i64) (result i32)))"#,
        r#"(import "wasi_snapshot_preview1" "fd_frob" (func))"#,
        r#"(import "wasi_snapshot_preview1" "fd_close" (global i32))"#,
        r#"(import "wasi_snapshot_preview1" "fd_frob" (func))"#,
        r#"(import "other" "memory" (memory 1))"#,
        MEMORY,
        START,
    ]);
    assert_eq!(
        error.reasons(),
        [
            import("env.__wasm_longjmp"),
            import("wasi_snapshot_preview1.fd_read (of another type)"),
            import("wasi_snapshot_preview1.fd_frob"),
            import("other.memory"),
            import("wasi_snapshot_preview1.fd_close (not as a function)"),
        ]
    );
    let text = error.to_string();
    assert!(text.contains("env.__wasm_longjmp"), "{text}");
    assert!(text.contains("setjmp is supported as"), "{text}");
    assert!(text.contains("other.memory"), "{text}");
}

/// Exceptions, threads, 64-bit memory, an import, no `_start`: a host that tells of the first alone is asked
/// five times.
#[test]
fn f5_every_need_of_a_module_is_in_one_message() {
    let error = refused(&[
        r#"(import "env" "frob" (func))"#,
        r#"(import "wasi" "thread-spawn" (func (param i32) (result i32)))"#,
        r#"(import "env" "memory" (memory i64 1 2 shared))"#,
        "(tag)",
        "(func $init)",
        "(start $init)",
    ]);
    assert_eq!(
        error.reasons(),
        [
            Reason::StartFunction,
            Reason::Feature("exception handling"),
            Reason::Feature("threads"),
            Reason::Feature("64-bit memory"),
            import("env.frob"),
            import("wasi.thread-spawn"),
            import("env.memory"),
            Reason::NoMemory,
            Reason::NoStart,
        ]
    );
    let text = error.to_string();
    for part in [
        "start function",
        "exception handling",
        "it needs threads",
        "64-bit memory",
        "env.frob",
        "wasi.thread-spawn, which this host does not have (threads)",
        "env.memory",
        "no memory of its own",
        "no `_start`",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn f5_a_module_that_cannot_run_here_is_told_why() {
    is_for(&[MEMORY], &[Reason::NoStart]);
    is_for(&[START], &[Reason::NoMemory]);
    is_for(&[], &[Reason::NoMemory, Reason::NoStart]);
    is_for(
        &[MEMORY, r#"(func (export "_start") (param i32))"#],
        &[Reason::NoStart],
    );
    is_for(
        &[MEMORY, r#"(global (export "_start") i32 (i32.const 0))"#],
        &[Reason::NoStart],
    );
    let feature = |parts: &[&str], name| {
        is_for(
            &[&[MEMORY, START], parts].concat(),
            &[Reason::Feature(name)],
        );
    };
    feature(&["(tag)"], "exception handling");
    feature(
        &["(tag $t) (func try throw $t catch $t end)"],
        "exception handling (in its older form)",
    );
    feature(&["(memory 1 2 shared)"], "threads");
    feature(
        &["(func (drop (i32.atomic.load (i32.const 0))))"],
        "threads",
    );
    feature(&["(memory i64 1)"], "64-bit memory");
    feature(&["(memory 1 (pagesize 1))"], "custom page sizes");
    feature(&["(type (struct (field i32)))"], "garbage-collected types");
    feature(
        &["(type $f (func)) (func (param (ref null $f)) (call_ref $f (local.get 0)))"],
        "typed function references",
    );
    feature(
        &[
            "(func (result i64 i64) (i64.add128 (i64.const 0) (i64.const 0) (i64.const 0) (i64.const 0)))",
        ],
        "wide arithmetic",
    );
    is_for(
        &[MEMORY, START, "(func $init) (start $init)"],
        &[Reason::StartFunction],
    );
    let component = WasmiProgram::new(&bytes("(component)"));
    assert_eq!(component.err(), Some(LoadError::Component));
    for bytes in [
        &b""[..],
        b"\0asm",
        b"hello, world",
        b"\0asm\x01\0\0\0\x01\xff",
    ] {
        assert!(
            matches!(WasmiProgram::new(bytes), Err(LoadError::Malformed { .. })),
            "{bytes:?}"
        );
    }
}

#[test]
fn of_several_memories_the_exported_one_is_the_hosts() {
    let text = r#"(module
        (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (memory $other 1)
        (memory $own (export "memory") 1)
        (data (memory $other) (i32.const 0) "\10\00\00\00\05\00\00\00")
        (data (memory $other) (i32.const 16) "wrong")
        (data (memory $own) (i32.const 0) "\10\00\00\00\05\00\00\00")
        (data (memory $own) (i32.const 16) "right")
        (func (export "_start")
            (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
            (call $exit (i32.add (i32.load $own (i32.const 8)) (i32.load $other (i32.const 8))))))"#;
    let (stop, wasi) = run(&load(text), Wasi::builder());
    assert!(matches!(stop, Stop::Exit(5)), "{stop}");
    assert_eq!(wasi.stdout(), b"right");
}

const REACTOR: &str = include_str!("loading/reactor.wat");

fn reactor(text: &str) -> WasmiProgram {
    WasmiProgram::reactor(&bytes(text)).expect("it is a reactor")
}

/// The reactor interpreted and lifted.
fn both() -> [Box<dyn Program>; 2] {
    let lifted = LiftedProgram::reactor(pack::module()).expect("it is a reactor");
    [Box::new(reactor(REACTOR)), Box::new(lifted)]
}

#[test]
fn the_pack_of_the_reactor_is_up_to_date() {
    let wasm = bytes(REACTOR);
    let lifted = afmpeg_lift::lift(&wasm, &afmpeg_lift::Options::default());
    let text = format!(
        "//! Generated from reactor.wat by afmpeg-lift; `BLESS=1` writes it again.\n{}",
        lifted.expect("it can be lifted").single_file()
    );
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/loading/pack.rs");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, &text).expect("the sources can be written");
    }
    let committed = std::fs::read_to_string(path).expect("the pack is there");
    assert!(committed == text, "the pack is not up to date: set BLESS=1");
    let error = LiftedProgram::new(pack::module()).expect_err("it is no command");
    assert_eq!(error.reasons(), [Reason::Reactor]);
}

#[test]
fn a_reactor_is_set_up_once_before_its_first_call() {
    for program in both() {
        set_up_once(program.as_ref());
    }
}

fn set_up_once(program: &dyn Program) {
    for start_first in [false, true] {
        let wasi = Wasi::builder().build().expect("a guest");
        let mut instance = program.instantiate(wasi).expect("it fits");
        if start_first {
            assert!(matches!(instance.start(), Stop::Exit(0)));
            assert!(matches!(instance.start(), Stop::Exit(0)));
        }
        for _ in 0..3 {
            let setups = instance.call("setups", &[]).expect("it returns");
            assert_eq!(setups, [Value::I32(1)]);
        }
        let args = [
            Value::I32(-1),
            Value::I64(1 << 40),
            Value::F32(0.5),
            Value::F64(0.25),
        ];
        let results = instance.call("mixed", &args).expect("it returns");
        assert_eq!(results, [Value::F64(1_099_511_627_775.75), Value::I32(-1)]);
        let memory = instance.memory_mut("memory").expect("it is exported");
        memory[100..105].copy_from_slice(b"hello");
        let args = [Value::I32(100), Value::I32(5)];
        assert_eq!(instance.call("print", &args).expect("it returns"), []);
        assert_eq!(instance.into_wasi().stdout(), b"hello");
    }
}

#[test]
fn what_is_no_function_of_a_reactor_is_not_called() {
    both()
        .iter()
        .for_each(|program| not_called(program.as_ref()));
    let command = load(&format!("(module {MEMORY} {START})"));
    let wasi = Wasi::builder().build().expect("a guest");
    let mut command = command.instantiate(wasi).expect("it fits");
    let error = command.call("_start", &[]).expect_err("it is no reactor");
    assert!(matches!(error, CallError::NotAReactor), "{error}");
}

fn not_called(program: &dyn Program) {
    let wasi = Wasi::builder().build().expect("a guest");
    let mut instance = program.instantiate(wasi).expect("it fits");
    for export in ["none", "memory", "vector", "_initialize", ""] {
        let error = instance.call(export, &[]).expect_err("it cannot be called");
        assert!(
            matches!(&error, CallError::NoFunction { export: name } if name == export),
            "{error}"
        );
    }
    for args in [&[][..], &[Value::I32(1)], &[Value::I32(1), Value::I64(1)]] {
        let error = instance.call("print", args).expect_err("it takes others");
        assert!(matches!(error, CallError::Arguments { .. }), "{error}");
    }
    // Nothing ran until now.
    let setups = instance.call("setups", &[]).expect("it returns");
    assert_eq!(setups, [Value::I32(1)]);
}

#[test]
fn a_call_that_does_not_return_ends_the_reactor() {
    for program in both() {
        ends_in_a_call(program.as_ref());
    }
}

fn ends_in_a_call(program: &dyn Program) {
    let ended = |export: &str, fuel| {
        let limits = with_limits(|limits| limits.fuel = fuel);
        let wasi = Wasi::builder().limits(limits).build().expect("a guest");
        let mut instance = program.instantiate(wasi).expect("it fits");
        let stop = match instance.call(export, &[]) {
            Err(CallError::Stopped(stop)) => stop,
            other => panic!("{export} gave {other:?}"),
        };
        let again = instance.call("setups", &[]);
        assert!(matches!(again, Err(CallError::Ended)), "{again:?}");
        assert!(matches!(instance.start(), Stop::Exit(0)));
        stop
    };
    assert!(matches!(ended("quit", None), Stop::Exit(3)));
    assert!(matches!(
        ended("trap", None),
        Stop::Trap(trap) if trap.kind == TrapKind::Unreachable
    ));
    assert!(matches!(
        ended("loop", Some(1_000_000)),
        Stop::Limit(LimitKind::Fuel)
    ));
    // The budget is of the instance: calls that return use it up as well.
    let limits = with_limits(|limits| limits.fuel = Some(10_000));
    let wasi = Wasi::builder().limits(limits).build().expect("a guest");
    let mut instance = program.instantiate(wasi).expect("it fits");
    let calls = (0..100_000).take_while(|_| instance.call("setups", &[]).is_ok());
    let calls = calls.count();
    assert!((10..10_000).contains(&calls), "{calls} calls");
    // Calls and fuel alike, when it is done again.
    let limits = with_limits(|limits| limits.fuel = Some(10_000));
    let wasi = Wasi::builder().limits(limits).build().expect("a guest");
    let mut other = program.instantiate(wasi).expect("it fits");
    let same = (0..100_000).take_while(|_| other.call("setups", &[]).is_ok());
    assert_eq!(same.count(), calls);
    assert_eq!(other.fuel_used(), instance.fuel_used());
    // As is the token.
    let token = CancelToken::new();
    let wasi = Wasi::builder().cancel(token.clone()).build();
    let mut instance = program
        .instantiate(wasi.expect("a guest"))
        .expect("it fits");
    instance.call("setups", &[]).expect("it returns");
    token.cancel();
    let error = instance.call("setups", &[]).expect_err("it is cancelled");
    assert!(
        matches!(error, CallError::Stopped(Stop::Cancelled)),
        "{error}"
    );
}

#[test]
fn calls_that_can_be_jumped_out_of_nest_to_a_limit_of_their_own() {
    both().iter().for_each(|program| nests(program.as_ref()));
}

fn nests(program: &dyn Program) {
    let wasi = Wasi::builder().build().expect("a guest");
    let mut instance = program.instantiate(wasi).expect("it fits");
    let ended = instance.call("nest", &[]);
    assert!(
        matches!(
            ended,
            Err(CallError::Stopped(Stop::Limit(LimitKind::NestedCalls)))
        ),
        "{ended:?}"
    );
    let wasi = instance.into_wasi();
    assert!(wasi.limits_met().eq([LimitKind::NestedCalls]));
}

/// What host calls cost was counted between two slices of the guest's own work only: a guest that did little
/// but write went on beyond the limit until its own work had used up the slice.
#[test]
fn host_calls_of_a_reactor_end_it_at_the_limit_of_fuel() {
    both()
        .iter()
        .for_each(|program| prints_for_fuel(program.as_ref()));
}

fn prints_for_fuel(program: &dyn Program) {
    const FUEL: u64 = 2_000_000;
    let limits = with_limits(|limits| {
        limits.fuel = Some(FUEL);
        limits.text_written_bytes = None;
    });
    let wasi = Wasi::builder().limits(limits).build().expect("a guest");
    let mut instance = program.instantiate(wasi).expect("it fits");
    let all = [Value::I32(0), Value::I32(65_536)];
    instance.call("print", &all).expect("it prints and returns");
    let before = instance.fuel_used();
    // One write of 64 KiB is 1,024 units and the call itself.
    assert!((1_024..1_200).contains(&before), "{before}");
    let ended = instance.call("prints", &[]);
    assert!(
        matches!(ended, Err(CallError::Stopped(Stop::Limit(LimitKind::Fuel)))),
        "{ended:?}"
    );
    let used = instance.fuel_used();
    assert!((FUEL - 2_000..FUEL + 2_000).contains(&used), "{used}");
}

#[test]
fn a_reactor_that_fails_to_set_up_is_never_called() {
    let text = format!(
        r#"(module {MEMORY} (func (export "_initialize") unreachable)
            (func (export "f") (result i32) (i32.const 1)))"#
    );
    let program = reactor(&text);
    let wasi = Wasi::builder().build().expect("a guest");
    let mut instance = program.instantiate(wasi).expect("it fits");
    let error = instance.call("f", &[]).expect_err("it is not set up");
    assert!(
        matches!(error, CallError::Stopped(Stop::Trap(_))),
        "{error}"
    );
    assert!(matches!(instance.call("f", &[]), Err(CallError::Ended)));
}

#[test]
fn commands_and_reactors_are_told_apart() {
    let set_up = r#"(func (export "_initialize"))"#;
    let error = refused(&[MEMORY, set_up]);
    assert_eq!(error.reasons(), [Reason::Reactor]);
    assert!(error.to_string().contains("it is a reactor"), "{error}");
    is_for(&[MEMORY, START, set_up], &[Reason::CommandAndReactor]);
    // Not only that it is one.
    is_for(
        &[r#"(import "a" "b" (func))"#, set_up],
        &[import("a.b"), Reason::NoMemory, Reason::Reactor],
    );
    let as_reactor = |parts: &[&str]| {
        let result = WasmiProgram::reactor(&bytes(&format!("(module {})", parts.join(" "))));
        result.map(drop).map_err(|error| error.reasons().to_vec())
    };
    assert_eq!(as_reactor(&[MEMORY, START]), Err(vec![Reason::Command]));
    assert_eq!(
        as_reactor(&[MEMORY, START, set_up]),
        Err(vec![Reason::CommandAndReactor])
    );
    assert_eq!(
        as_reactor(&[MEMORY, r#"(func (export "_initialize") (param i32))"#]),
        Err(vec![Reason::Initialize])
    );
    // Without anything to set up it is one all the same.
    assert_eq!(as_reactor(&[MEMORY]), Ok(()));
}

#[test]
fn a_reactor_sees_its_directories() {
    let fs = MemFs::new();
    let text = format!(
        r#"(module
            (import "wasi_snapshot_preview1" "path_create_directory"
                (func $mkdir (param i32 i32 i32) (result i32)))
            {MEMORY} (data (i32.const 0) "made")
            (func (export "make") (result i32)
                (call $mkdir (i32.const 3) (i32.const 0) (i32.const 4))))"#
    );
    let program = reactor(&text);
    let wasi = Wasi::builder().preopen("/", fs.root()).build();
    let mut instance = program
        .instantiate(wasi.expect("a guest"))
        .expect("it fits");
    let result = instance.call("make", &[]).expect("it returns");
    assert_eq!(result, [Value::I32(0)]);
    assert!(fs.exists("/made"));
    let result = instance.call("make", &[]).expect("it returns");
    assert_eq!(result, [Value::I32(20)], "it exists");
}
