//! Tests what the engine has in place of libc's (`engine/libc`) as guests of their own: `engine/tests`.

use std::path::Path;
use std::process::Command;

use afmpeg::wasi::{Limits, Program, Stop, Wasi, WasmiProgram};

use super::layout::Layout;
use super::pins::Pins;
use super::target::Target;
use super::toolchain::Toolchain;
use super::{Profile, Variant, flags, prerequisites};
use crate::workspace::Workspace;

/// Compiles the guest `engine/tests/<test>.c` with what it tests, a C file.
fn guest(name: &str, test: &str, tested: &Path) -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let workspace = Workspace::at(&root);
    let layout = Layout::new(&workspace, Target::Wasi, Profile::Lean, Variant::Lgpl);
    let pins = Pins::read(&layout.engine().join("pins.toml")).expect("the pins are well formed");
    let python = prerequisites::check().expect("what builds the engine is installed");
    let toolchain = Toolchain::ensure(&layout, &pins, &python).expect("the compiler is there");
    let out = crate::step::tests::scratch(name).join("guest.wasm");
    let mut command: Command = toolchain.command("wasi-cc").expect("a command is made");
    command
        .current_dir(&root)
        .args(["-O2", "-fno-builtin"])
        .args(flags::DRIVER)
        .args(flags::COMMON)
        .args(flags::LINK)
        .arg(format!("engine/tests/{test}.c"))
        .arg(tested)
        .arg("-o")
        .arg(&out);
    let status = command.status().expect("the compiler starts");
    assert!(status.success(), "the compiler refused the guest");
    std::fs::read(&out).expect("the compiler wrote it")
}

/// How the guest ends under a limit of 64 MiB, which it knows, and what it said.
fn run(module: &[u8]) -> (Stop, String) {
    let mut limits = Limits::default();
    limits.memory_bytes = 64 << 20;
    let wasi = Wasi::builder().limits(limits).args(["heap", "64"]).build();
    let program = WasmiProgram::new(module).expect("the guest is a command");
    let mut instance = program
        .instantiate(wasi.expect("a plain guest"))
        .expect("it starts under the limit");
    let stop = instance.start();
    let said = String::from_utf8_lossy(instance.into_wasi().stderr()).into_owned();
    (stop, said)
}

/// F9: a growth of memory that the host refuses is dear in an interpreter, and a host stops a guest that
/// does it a thousand times. The guest asks for too much far more often than that; the heap passes on a
/// few of these requests, and the same heap without its memory of refusals is stopped.
#[test]
fn f9_blocks_stay_whole_and_refused_memory_is_not_asked_for_again() {
    let (stop, said) = run(&guest("heap", "heap", Path::new("engine/libc/heap.c")));
    assert!(matches!(stop, Stop::Exit(0)), "{stop}: {said}");

    let remembers = "heap.refused = ++heap.refusals";
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../engine/libc/heap.c");
    let source = std::fs::read_to_string(source).expect("the heap is there");
    assert_eq!(source.matches(remembers).count(), 1);
    let forgetful = crate::step::tests::scratch("heap-forgetful-source").join("heap.c");
    std::fs::write(&forgetful, source.replace(remembers, "heap.refusals = 1"))
        .expect("the scratch directory is writable");
    let (stop, said) = run(&guest("heap-forgetful", "heap", &forgetful));
    assert!(matches!(stop, Stop::Limit(_)), "{stop}: {said}");
}

#[test]
fn searches_find_what_is_there_and_read_no_further() {
    let (stop, said) = run(&guest(
        "string",
        "string",
        Path::new("engine/libc/string.c"),
    ));
    assert!(matches!(stop, Stop::Exit(0)), "{stop}: {said}");
}
