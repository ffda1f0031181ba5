//! Guests in the text format, and the few lines that run one.

#[allow(dead_code, reason = "some test programs use it")]
pub(crate) mod cases;
#[allow(dead_code, reason = "one test program uses it")]
pub(crate) mod guests;
#[allow(dead_code, reason = "some test programs use it")]
pub(crate) mod trees;

use std::time::Duration;

use afmpeg_wasi::{Limits, Program, Stop, Wasi, WasiBuilder, WasmiProgram};

/// A module with every syscall that the tests use, `items`, and `body` as its `_start`.
pub(crate) fn guest(items: &str, body: &str) -> String {
    format!(
        r#"(module
        (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
        (import "wasi_snapshot_preview1" "proc_raise" (func $proc_raise (param i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_write"
            (func $fd_write (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_read"
            (func $fd_read (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_pwrite"
            (func $fd_pwrite (param i32 i32 i32 i64 i32) (result i32)))
        (import "wasi_snapshot_preview1" "path_open"
            (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "poll_oneoff"
            (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "args_sizes_get"
            (func $args_sizes_get (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "args_get"
            (func $args_get (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "environ_sizes_get"
            (func $environ_sizes_get (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "environ_get"
            (func $environ_get (param i32 i32) (result i32)))
        (memory (export "memory") 2)
        (table 2 funcref)
        (func $nothing)
        (elem (i32.const 1) $nothing)
        {items}
        (func (export "_start") {body}))"#
    )
}

/// A guest that writes `text` to stdout.
pub(crate) fn print_guest(text: &str) -> String {
    let data: String = text.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    guest(
        &format!(r#"(data (i32.const 64) "{data}")"#),
        &format!(
            "(i32.store (i32.const 0) (i32.const 64))
             (i32.store (i32.const 4) (i32.const {}))
             (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))",
            text.len()
        ),
    )
}

/// A guest that copies stdin to stdout.
pub(crate) fn cat_guest() -> String {
    guest(
        "",
        "(local $count i32)
        (i32.store (i32.const 0) (i32.const 1024))
        (loop $more
            (i32.store (i32.const 4) (i32.const 5000))
            (if (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8))
                (then (call $proc_exit (i32.const 1))))
            (local.set $count (i32.load (i32.const 8)))
            (i32.store (i32.const 4) (local.get $count))
            (if (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))
                (then (call $proc_exit (i32.const 2))))
            (br_if $more (local.get $count)))",
    )
}

/// A guest that writes the bytes of its arguments and then of its environment to stdout.
pub(crate) fn args_guest() -> String {
    guest(
        "",
        "(drop (call $args_sizes_get (i32.const 0) (i32.const 4)))
        (drop (call $args_get (i32.const 1024) (i32.const 4096)))
        (i32.store (i32.const 0) (i32.load (i32.const 1024)))
        (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
        (drop (call $environ_sizes_get (i32.const 0) (i32.const 4)))
        (drop (call $environ_get (i32.const 1024) (i32.const 4096)))
        (i32.store (i32.const 0) (i32.load (i32.const 1024)))
        (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))",
    )
}

/// A guest that writes 64 KiB to the start of `/f` without end.
pub(crate) fn rewrite_guest() -> String {
    guest(
        r#"(data (i32.const 64) "f")"#,
        "(if (call $path_open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 1)
                (i32.const 1) (i64.const 68) (i64.const 0) (i32.const 0) (i32.const 32))
            (then unreachable))
        (i32.store (i32.const 0) (i32.const 1024))
        (i32.store (i32.const 4) (i32.const 65536))
        (loop $more
            (if (call $fd_pwrite (i32.load (i32.const 32)) (i32.const 0) (i32.const 1)
                    (i64.const 0) (i32.const 8))
                (then unreachable))
            (br $more))",
    )
}

/// A guest with this body.
pub(crate) fn program(body: &str) -> WasmiProgram {
    load(&guest("", body))
}

/// The program of a module in the text format.
pub(crate) fn load(text: &str) -> WasmiProgram {
    let bytes = wat::parse_str(text).expect("the guest is valid text");
    WasmiProgram::new(&bytes).expect("the guest can run")
}

/// Runs a program to its end.
pub(crate) fn run(program: &WasmiProgram, wasi: WasiBuilder) -> (Stop, Wasi) {
    let wasi = wasi.build().expect("the guest's state is valid");
    let mut instance = program.instantiate(wasi).expect("the guest fits");
    let stop = instance.start();
    (stop, instance.into_wasi())
}

/// The default limits, changed.
pub(crate) fn with_limits(change: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits::default();
    change(&mut limits);
    limits
}

/// Holds if the answer comes within 50 ms of the word once in five tries. A host that does not look for the word
/// is late each time; a machine with other work may take the processor away once or twice.
#[allow(dead_code, reason = "some test programs use it")]
#[track_caller]
pub(crate) fn prompt(mut attempt: impl FnMut() -> Duration) {
    let mut late = Vec::new();
    while late.len() < 5 {
        late.push(attempt());
        if late
            .last()
            .is_some_and(|late| *late < Duration::from_millis(50))
        {
            return;
        }
    }
    panic!("it came back {late:?} after the word, in each of these tries");
}
