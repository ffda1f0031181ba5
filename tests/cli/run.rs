//! `afmpeg run`: any module of WASI, with the streams and directories of its line.

use std::io::Write as _;
use std::process::Stdio;

use super::support::guest_path;
use super::{afmpeg, fail, folder, run, text};

#[test]
fn run_gives_any_module_its_streams_and_exits_as_it_does() {
    let dir = folder();
    // Reads up to 64 bytes of standard input, writes them to standard output, exits with their count.
    let echo = r#"(module
        (import "wasi_snapshot_preview1" "fd_read"
            (func $read (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_write"
            (func $write (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (memory (export "memory") 1)
        (data (i32.const 0) "\10\00\00\00\40\00\00\00")
        (func (export "_start")
            (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
            (i32.store (i32.const 4) (i32.load (i32.const 8)))
            (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12)))
            (call $exit (i32.load (i32.const 8)))))"#;
    let module = wat::parse_str(echo).expect("the module is valid");
    std::fs::write(dir.path().join("echo.wasm"), module).expect("written");
    let mut child = afmpeg(dir.path(), &["run", "echo.wasm", "--flag"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the command starts");
    child
        .stdin
        .take()
        .expect("piped")
        .write_all(b"seven b")
        .expect("the module reads");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(
        (output.stdout.as_slice(), output.status.code()),
        (&b"seven b"[..], Some(7))
    );

    let trap = wat::parse_str(
        r#"(module (memory (export "memory") 1) (func (export "_start") unreachable))"#,
    );
    std::fs::write(dir.path().join("trap.wasm"), trap.expect("valid")).expect("written");
    fail(
        dir.path(),
        134,
        &["run", "trap.wasm"],
        &["trap.wasm", "unreachable"],
    );
    let endless = wat::parse_str(
        r#"(module (memory (export "memory") 1) (func (export "_start") (loop $l (br $l))))"#,
    );
    std::fs::write(dir.path().join("loop.wasm"), endless.expect("valid")).expect("written");
    fail(
        dir.path(),
        4,
        &["run", "--timeout", "0.2", "loop.wasm"],
        &["loop.wasm"],
    );
}

/// Prints the names of the directories that it is given, a line each, and exits with the errno of
/// asking for one more: 8, `badf`.
const NAMES: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_prestat_get"
        (func $get (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_prestat_dir_name"
        (func $name (param i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write"
        (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (func (export "_start") (local $fd i32) (local $errno i32) (local $len i32)
        (local.set $fd (i32.const 3))
        (loop $next
            (local.set $errno (call $get (local.get $fd) (i32.const 0)))
            (if (local.get $errno) (then (call $exit (local.get $errno))))
            (local.set $len (i32.load (i32.const 4)))
            (drop (call $name (local.get $fd) (i32.const 100) (local.get $len)))
            (i32.store8 (i32.add (i32.const 100) (local.get $len)) (i32.const 10))
            (i32.store (i32.const 8) (i32.const 100))
            (i32.store (i32.const 12) (i32.add (local.get $len) (i32.const 1)))
            (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 16)))
            (local.set $fd (i32.add (local.get $fd) (i32.const 1)))
            (br $next))))"#;

#[test]
fn run_gives_a_module_the_directories_of_its_line_and_nothing_else() {
    let dir = folder();
    let module = wat::parse_str(NAMES).expect("the module is valid");
    std::fs::write(dir.path().join("names.wasm"), module).expect("written");
    let given = |args: &[&str]| {
        let line = [&["run"], args, &["names.wasm"]].concat();
        let output = run(dir.path(), &line);
        assert_eq!(output.status.code(), Some(8), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    assert_eq!(given(&[]), "");
    assert_eq!(given(&["--dir", ".::/"]), "/\n");
    let three = given(&["--dir", ".::a.dir", "--dir", ".::/", "--dir", ".::./b/::ro"]);
    assert_eq!(three, "a.dir\n/\n./b/\n");
    let same = ["run", "--dir", ".::/", "--dir", "..::/", "names.wasm"];
    fail(dir.path(), 2, &same, &["two directories", "/"]);
    let missing = ["run", "--dir", "none::/", "names.wasm"];
    fail(dir.path(), 1, &missing, &["none"]);
}

#[test]
fn run_says_everything_for_which_a_module_cannot_be_run() {
    let dir = folder();
    let put = |name: &str, module: &str| {
        let module = wat::parse_str(module).expect("the module is valid");
        std::fs::write(dir.path().join(name), module).expect("written");
    };
    put(
        "reactor.wasm",
        r#"(module (memory (export "memory") 1) (func (export "_initialize")))"#,
    );
    let line = ["run", "reactor.wasm"];
    fail(dir.path(), 3, &line, &["reactor.wasm", "it is a reactor"]);
    put(
        "needs.wasm",
        r#"(module (import "env" "frob" (func)) (tag) (memory 1 2 shared))"#,
    );
    let words = [
        "exception handling",
        "threads",
        "env.frob",
        "memory of its own",
        "`_start`",
    ];
    fail(dir.path(), 3, &["run", "needs.wasm"], &words);
}

/// Prints the entries and the attributes of its directory as the host gives them.
const ATTRIBUTES: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_readdir"
        (func $list (param i32 i32 i32 i64 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_filestat_get" (func $stat (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write"
        (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "_start")
        (drop (call $stat (i32.const 3) (i32.const 64)))
        (drop (call $list (i32.const 3) (i32.const 128) (i32.const 4096) (i64.const 0) (i32.const 16)))
        (i32.store (i32.const 0) (i32.const 64))
        (i32.store (i32.const 4) (i32.add (i32.load (i32.const 16)) (i32.const 64)))
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#;

#[test]
fn a_deterministic_run_does_not_tell_one_directory_from_another() {
    let dir = folder();
    let module = wat::parse_str(ATTRIBUTES).expect("the module is valid");
    std::fs::write(dir.path().join("attributes.wasm"), module).expect("written");
    for (root, names) in [("one", ["a", "b", "c"]), ("two", ["c", "b", "a"])] {
        std::fs::create_dir(dir.path().join(root)).expect("a new directory");
        for name in names {
            std::fs::write(dir.path().join(root).join(name), name).expect("written");
        }
    }
    let seen = |root: &str, option: &[&str]| {
        let given = format!("{root}::/");
        let line = [option, &["run", "--dir", &given, "attributes.wasm"]].concat();
        let output = run(dir.path(), &line);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert!(output.stdout.len() > 150, "{:?}", output.stdout);
        output.stdout
    };
    let option = ["--deterministic=7"];
    assert_eq!(seen("one", &option), seen("two", &option));
    assert_ne!(seen("one", &[]), seen("two", &[]));
}

#[test]
fn run_lets_programs_in_c_do_over_a_directory_what_they_do_over_memory() {
    let cases = [
        ("process", "arguments_and_environment"),
        ("process", "waiting_for_descriptors"),
        ("listings", "an_empty_directory_has_two_entries"),
        ("paths", "paths_with_dots_and_slashes"),
        ("names", "what_is_read_only_stays"),
        ("descriptors", "a_preopen_opens_again_with_its_own_rights"),
        ("descriptors", "every_stream_moves_to_the_number_of_a_file"),
    ];
    for (program, case) in cases {
        let dir = folder();
        // A program is told the name of its file, and expects this one.
        let module = guest_path(&format!("{program}.wasm"));
        std::fs::copy(module, dir.path().join(program)).expect("it can be copied");
        for name in ["root", "read_only", "read_only/d"] {
            std::fs::create_dir(dir.path().join(name)).expect("a new directory");
        }
        std::fs::write(dir.path().join("read_only/f"), "read").expect("written");
        let line = [
            "run",
            "--dir",
            "root::/",
            "--dir",
            "read_only::/ro::ro",
            "--env",
            "KEY=value",
            "--env",
            "EMPTY=",
            program,
            case,
            "",
            "a b\"c",
        ];
        let mut child = afmpeg(dir.path(), &line)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command starts");
        let mut input = child.stdin.take().expect("piped");
        input.write_all(b"from stdin").expect("it has room");
        drop(input);
        let output = child.wait_with_output().expect("it ends");
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(0), "{program} {case}: {err}");
        assert!(
            case.starts_with("every_stream") || out.contains(" success\n"),
            "{program} {case}: {out:?}"
        );
    }
    let dir = folder();
    let module = guest_path("paths.wasm");
    let module = module.to_str().expect("UTF-8");
    let line = ["run", module, "paths_with_dots_and_slashes"];
    fail(
        dir.path(),
        1,
        &line,
        &["path_create_directory", "gave badf"],
    );
}
