//! Each limit by itself: what the guest sees at it, and what the embedder is told.

#[allow(dead_code, reason = "each test program uses a part of it")]
mod common;

use std::time::Duration;

use afmpeg_wasi::vfs::{MemFs, Quota, Vfs};
use afmpeg_wasi::{
    Errno, LimitKind, Limits, Program, StartError, Stdin, Stop, Wasi, WasiBuilder, WasmiProgram,
};
use common::trees::Tree;
use common::{load, print_guest, run, with_limits};

/// A guest whose exit code is the value of `body`, which may call the functions below.
fn program(body: &str) -> WasmiProgram {
    let bytes = wat::parse_str(format!(
        r#"(module
        (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
        (import "wasi_snapshot_preview1" "fd_write"
            (func $fd_write (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_pwrite"
            (func $fd_pwrite (param i32 i32 i32 i64 i32) (result i32)))
        (import "wasi_snapshot_preview1" "path_open"
            (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "path_create_directory"
            (func $path_create_directory (param i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "path_symlink"
            (func $path_symlink (param i32 i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "poll_oneoff"
            (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 16)
        (table 1 funcref)
        (data (i32.const 64) "f")
        (data (i32.const 128) "d/d/d/d")
        ;; Opens a file, created if need be, to be read and written; its number is at 32.
        (func $open (param $path i32) (param $len i32) (result i32)
            (call $path_open (i32.const 3) (i32.const 1) (local.get $path) (local.get $len)
                (i32.const 1) (i64.const 70) (i64.const 0) (i32.const 0) (i32.const 32)))
        ;; Writes 64 KiB of zeros to what was opened last.
        (func $write_at (param $offset i64) (result i32)
            (i32.store (i32.const 0) (i32.const 65536)) (i32.store (i32.const 4) (i32.const 65536))
            (call $fd_pwrite (i32.load (i32.const 32)) (i32.const 0) (i32.const 1)
                (local.get $offset) (i32.const 8)))
        (func $write_text (param $len i32) (result i32)
            (i32.store (i32.const 0) (i32.const 65536)) (i32.store (i32.const 4) (local.get $len))
            (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
        (func $deep (call $deep) (call $deep))
        (func $value (result i32) (local $n i32) (local $result i32) {body})
        (func (export "_start") (call $proc_exit (call $value))))"#
    ))
    .expect("the guest is valid text");
    WasmiProgram::new(&bytes).expect("the guest can run")
}

/// Does `step` until it gives an errno, which is the value.
fn until_errno(step: &str) -> String {
    format!(
        "(loop $more
            (local.set $result {step})
            (local.set $n (i32.add (local.get $n) (i32.const 1)))
            (br_if $more (i32.eqz (local.get $result))))
         (local.get $result)"
    )
}

fn on(fs: &MemFs, change: impl FnOnce(&mut Limits)) -> WasiBuilder {
    Wasi::builder()
        .limits(with_limits(change))
        .bare_root()
        .preopen("/", fs.root())
}

/// The guest sees an errno and goes on, and the limit is remembered.
#[track_caller]
fn sees(body: &str, wasi: WasiBuilder, errno: Errno, kind: LimitKind) -> Wasi {
    let (stop, wasi) = run(&program(body), wasi);
    let code = u32::from(errno.code());
    assert!(matches!(stop, Stop::Exit(got) if got == code), "{stop}");
    assert_eq!(wasi.limits_met().collect::<Vec<_>>(), [kind]);
    wasi
}

/// The run ends at the limit.
#[track_caller]
fn ends(body: &str, wasi: WasiBuilder, kind: LimitKind) -> Wasi {
    let (stop, wasi) = run(&program(body), wasi);
    assert!(matches!(stop, Stop::Limit(got) if got == kind), "{stop}");
    assert_eq!(wasi.limits_met().collect::<Vec<_>>(), [kind]);
    wasi
}

#[test]
fn a_run_within_its_limits_meets_none() {
    let (stop, wasi) = run(&load(&print_guest("x")), Wasi::builder());
    assert!(matches!(stop, Stop::Exit(0)), "{stop}");
    assert_eq!(wasi.limits_met().count(), 0);
    // What a module declares for itself is no limit of ours.
    let text = r#"(module (memory (export "memory") 1 1)
        (func (export "_start") (drop (memory.grow (i32.const 1)))))"#;
    let (stop, wasi) = run(&load(text), Wasi::builder());
    assert!(matches!(stop, Stop::Exit(0)), "{stop}");
    assert_eq!(wasi.limits_met().count(), 0);
}

#[test]
fn guest_memory_is_minus_one_and_then_the_end() {
    let limited = || on(&MemFs::new(), |limits| limits.memory_bytes = 1 << 20);
    let (stop, wasi) = run(&program("(memory.grow (i32.const 1))"), limited());
    assert!(matches!(stop, Stop::Exit(u32::MAX)), "{stop}");
    assert!(wasi.limits_met().eq([LimitKind::Memory]));
    let asks = "(loop $more (drop (memory.grow (i32.const 1))) (br $more)) (i32.const 0)";
    ends(asks, limited(), LimitKind::Memory);
    let wasi = on(&MemFs::new(), |limits| limits.memory_bytes = 1 << 19).build();
    let started = program(asks).instantiate(wasi.expect("a guest")).err();
    assert!(
        matches!(started, Some(StartError::TooMuchMemory { needed, .. }) if needed == 1 << 20),
        "{started:?}"
    );
}

#[test]
fn table_elements_are_minus_one_and_then_the_end() {
    let limited = || on(&MemFs::new(), |limits| limits.table_elements = 10);
    let grow = "(table.grow (ref.null func) (i32.const 10))";
    let (stop, wasi) = run(&program(grow), limited());
    assert!(matches!(stop, Stop::Exit(u32::MAX)), "{stop}");
    assert!(wasi.limits_met().eq([LimitKind::Table]));
    let asks = format!("(loop $more (drop {grow}) (br $more)) (i32.const 0)");
    ends(&asks, limited(), LimitKind::Table);
}

#[test]
fn fuel_ends_the_run() {
    let wasi = on(&MemFs::new(), |limits| limits.fuel = Some(1_000_000));
    ends(
        "(loop $more (br $more)) (i32.const 0)",
        wasi,
        LimitKind::Fuel,
    );
}

/// Found by random work. What host calls cost was counted between two slices of the guest's own fuel only:
/// a guest that did little but write had a whole slice of writes beyond the limit, many times the work.
#[test]
fn fuel_that_host_calls_use_ends_the_run_at_the_limit() {
    const FUEL: u64 = 1_000_000;
    let body = "(drop (call $open (i32.const 64) (i32.const 1)))
        (loop $more (drop (call $write_at (i64.const 0))) (br $more)) (i32.const 0)";
    let wasi = on(&MemFs::new(), |limits| limits.fuel = Some(FUEL));
    let started = program(body).instantiate(wasi.build().expect("a valid state"));
    let mut instance = started.expect("it starts");
    let stop = instance.start();
    assert!(matches!(stop, Stop::Limit(LimitKind::Fuel)), "{stop}");
    // One write of 64 KiB is 1,024 units and the call itself.
    let used = instance.fuel_used();
    assert!((FUEL - 2_000..FUEL + 2_000).contains(&used), "{used}");
}

#[test]
fn wall_time_ends_the_run() {
    let wasi = on(&MemFs::new(), |limits| {
        limits.wall_time = Some(Duration::from_millis(20));
    });
    let (stop, wasi) = run(&program("(loop $more (br $more)) (i32.const 0)"), wasi);
    assert!(matches!(stop, Stop::DeadlineExceeded), "{stop}");
    assert_eq!(wasi.limits_met().count(), 0, "it is told by the end itself");
}

#[test]
fn open_files_are_mfile() {
    let opens = until_errno("(call $open (i32.const 64) (i32.const 1))");
    let fs = MemFs::new();
    let wasi = on(&fs, |limits| limits.open_files = 20);
    sees(&opens, wasi, Errno::Mfile, LimitKind::OpenFiles);
}

#[test]
fn written_bytes_end_the_run_whatever_they_replace() {
    let body = "(drop (call $open (i32.const 64) (i32.const 1)))
        (loop $more (br_if $more (i32.eqz (call $write_at (i64.const 0))))) (i32.const 99)";
    let fs = MemFs::new();
    let wasi = on(&fs, |limits| limits.written_bytes = Some(1 << 20));
    let wasi = ends(body, wasi, LimitKind::WrittenBytes);
    assert_eq!(wasi.bytes_written(), 1 << 20);
    assert_eq!(fs.stat("/f").map(|stat| stat.size), Ok(1 << 16));
}

/// Writes a file that grows until that is refused.
fn grows() -> String {
    format!(
        "(drop (call $open (i32.const 64) (i32.const 1))) {}",
        until_errno(
            "(call $write_at (i64.mul (i64.extend_i32_u (local.get $n)) (i64.const 65536)))"
        )
    )
}

#[test]
fn stored_bytes_are_nospc() {
    let fs = MemFs::with_quota(Quota {
        bytes: 1 << 20,
        nodes: 10,
    });
    let wasi = sees(
        &grows(),
        on(&fs, |_| ()),
        Errno::Nospc,
        LimitKind::StoredBytes,
    );
    let error = wasi.storage_error().expect("the storage was full");
    assert_eq!(error.limit(), Some(LimitKind::StoredBytes));
    // The guest's own `/tmp` has a limit of its own.
    let wasi = Wasi::builder()
        .limits(with_limits(|limits| limits.tmp_bytes = 1 << 20))
        .preopen("/", MemFs::new().root());
    let body = grows().replace(
        "(call $open (i32.const 64) (i32.const 1))",
        "(i64.store (i32.const 200) (i64.const 0x662f706d74)) (call $open (i32.const 200) (i32.const 5))",
    );
    let wasi = sees(&body, wasi, Errno::Nospc, LimitKind::StoredBytes);
    assert_eq!(wasi.bytes_written(), 1 << 20);
}

#[test]
fn nodes_are_nospc_and_told_from_bytes() {
    let makes = until_errno(
        "(i32.store (i32.const 200) (i32.add (i32.const 0x61616161) (local.get $n)))
         (call $path_create_directory (i32.const 3) (i32.const 200) (i32.const 4))",
    );
    let fs = MemFs::with_quota(Quota {
        bytes: 1 << 20,
        nodes: 10,
    });
    let wasi = sees(&makes, on(&fs, |_| ()), Errno::Nospc, LimitKind::Nodes);
    let error = wasi.storage_error().expect("the storage was full");
    assert_eq!(error.limit(), Some(LimitKind::Nodes));
    assert_eq!(fs.usage().nodes, 10);
}

#[test]
fn path_depth_is_nametoolong() {
    let opens = "(call $open (i32.const 128) (i32.const 7))";
    for tree in [Tree::in_memory(), Tree::of_the_host(), Tree::overlay()] {
        let fs = &tree.root;
        for path in ["d", "d/d", "d/d/d"] {
            afmpeg_wasi::vfs::ops::create_dir_all(fs, path).expect("a new directory");
        }
        let limited = |depth| {
            Wasi::builder()
                .limits(with_limits(|limits| limits.path_depth = depth))
                .bare_root()
                .preopen("/", fs.clone())
        };
        sees(opens, limited(2), Errno::Nametoolong, LimitKind::PathDepth);
        assert!(!afmpeg_wasi::vfs::ops::exists(fs, "d/d/d/d"));
        let (stop, wasi) = run(&program(opens), limited(3));
        assert!(matches!(stop, Stop::Exit(0)), "{stop}");
        assert_eq!(wasi.limits_met().count(), 0);
    }
    // It is about how deep a walk is, not how long: `d/../d/../d` is never deeper than one.
    let fs = MemFs::new();
    fs.create_dir_all("/d").expect("a new directory");
    let text = "d/../".repeat(100) + "f";
    let body = format!("(call $open (i32.const 300) (i32.const {})) ;;", text.len());
    let wasm = wat::parse_str(format!(
        r#"(module
            (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
            (import "wasi_snapshot_preview1" "path_open"
                (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
            (memory (export "memory") 1)
            (data (i32.const 300) "{text}")
            (func $open (param i32 i32) (result i32)
                (call $path_open (i32.const 3) (i32.const 1) (local.get 0) (local.get 1)
                    (i32.const 1) (i64.const 70) (i64.const 0) (i32.const 0) (i32.const 32)))
            (func (export "_start") (call $proc_exit {body}
            )))"#
    ))
    .expect("the guest is valid text");
    let program = WasmiProgram::new(&wasm).expect("the guest can run");
    let (stop, _) = run(&program, on(&fs, |limits| limits.path_depth = 1));
    assert!(matches!(stop, Stop::Exit(0)), "{stop}");
    assert!(fs.exists("/f"));
}

#[test]
fn the_count_of_buffers_is_inval() {
    let body = "(call $fd_write (i32.const 1) (i32.const 1024) (i32.const COUNT) (i32.const 8))";
    let wasi = sees(
        &body.replace("COUNT", "1025"),
        Wasi::builder(),
        Errno::Inval,
        LimitKind::Buffers,
    );
    assert_eq!(wasi.stdout_written(), 0);
    let (stop, wasi) = run(&program(&body.replace("COUNT", "1024")), Wasi::builder());
    assert!(matches!(stop, Stop::Exit(0)), "{stop}");
    assert_eq!(wasi.limits_met().count(), 0);
}

#[test]
fn the_count_of_subscriptions_is_inval() {
    let body =
        "(call $poll_oneoff (i32.const 65536) (i32.const 65536) (i32.const COUNT) (i32.const 8))";
    sees(
        &body.replace("COUNT", "4097"),
        Wasi::builder(),
        Errno::Inval,
        LimitKind::Subscriptions,
    );
    let wasi = Wasi::builder().stdin(Stdin::Empty);
    let (stop, wasi) = run(&program(&body.replace("COUNT", "4096")), wasi);
    assert!(matches!(stop, Stop::Exit(0)), "{stop}");
    assert_eq!(wasi.limits_met().count(), 0);
}

#[test]
fn captured_text_is_cut_and_the_guest_sees_nothing_of_it() {
    let wasi = on(&MemFs::new(), |limits| limits.text_bytes = 100);
    let wasi = sees(
        "(call $write_text (i32.const 1000))",
        wasi,
        Errno::Success,
        LimitKind::CapturedText,
    );
    assert_eq!((wasi.stdout().len(), wasi.stdout_written()), (100, 1_000));
}

#[test]
fn written_text_ends_the_run() {
    let wasi = on(&MemFs::new(), |limits| {
        limits.text_written_bytes = Some(64 << 10);
    });
    let wasi = ends(
        &until_errno("(call $write_text (i32.const 1024))"),
        wasi,
        LimitKind::Text,
    );
    assert_eq!(wasi.stdout_written(), 64 << 10);
}

#[test]
fn call_depth_ends_the_run() {
    ends(
        "(call $deep) (i32.const 0)",
        Wasi::builder(),
        LimitKind::CallDepth,
    );
}
