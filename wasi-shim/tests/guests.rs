//! Whole guests in the interpreter: how they end, what they see, what stops them.

mod common;

use std::io::Read;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use afmpeg_wasi::vfs::{MemFs, Vfs};
use afmpeg_wasi::{
    CancelToken, Clock, LimitKind, Limits, LoadError, Program, SeededRandom, StartError, Stdin,
    Stop, TrapKind, VirtualClock, Wasi, WasmiProgram,
};
use common::{guest, load, print_guest, program, prompt, run, with_limits};

#[test]
fn hello_reaches_stdout_and_the_exit_code_is_zero() {
    let program = load(&print_guest("hello\n"));
    let (stop, wasi) = run(&program, Wasi::builder());
    assert!(matches!(stop, Stop::Exit(0)), "{stop}");
    assert_eq!(wasi.stdout(), b"hello\n");
    assert_eq!(wasi.stderr(), b"");
}

#[test]
fn f3_every_exit_code_comes_through_whole() {
    for code in [0, 1, 255, 256, 0x8000_0000, u32::MAX] {
        let text = format!("(call $proc_exit (i32.const {}))", code.cast_signed());
        let (stop, _) = run(&program(&text), Wasi::builder());
        assert!(
            matches!(stop, Stop::Exit(got) if got == code),
            "{code}: {stop}"
        );
    }
}

#[test]
fn proc_raise_ends_the_run_or_not_as_the_signal_says() {
    let raise = |signal: u32| {
        let text = format!("(drop (call $proc_raise (i32.const {signal})))");
        run(&program(&text), Wasi::builder()).0
    };
    assert!(matches!(raise(0), Stop::Exit(0)));
    assert!(matches!(raise(16), Stop::Exit(0)));
    assert!(matches!(raise(200), Stop::Exit(0)));
    match raise(6) {
        Stop::Trap(trap) => assert_eq!(trap.kind, TrapKind::Signal(6)),
        other => panic!("SIGABRT gave {other}"),
    }
}

#[test]
fn every_kind_of_trap_is_told_apart() {
    let cases = [
        ("unreachable", TrapKind::Unreachable),
        (
            "(drop (i32.load (i32.const -4)))",
            TrapKind::MemoryOutOfBounds,
        ),
        (
            "(drop (i32.div_u (i32.const 1) (i32.const 0)))",
            TrapKind::DivisionByZero,
        ),
        (
            "(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))",
            TrapKind::IntegerOverflow,
        ),
        (
            "(drop (i32.trunc_f32_s (f32.const nan)))",
            TrapKind::BadConversion,
        ),
        ("(call_indirect (i32.const 0))", TrapKind::NullFunction),
        ("(call_indirect (i32.const 9))", TrapKind::TableOutOfBounds),
        (
            "(drop (call_indirect (result i32) (i32.const 1)))",
            TrapKind::BadSignature,
        ),
    ];
    for (text, kind) in cases {
        let (stop, _) = run(&program(text), Wasi::builder());
        match stop {
            Stop::Trap(trap) => assert_eq!(trap.kind, kind, "{text}: {trap}"),
            other => panic!("{text} gave {other}"),
        }
    }
}

#[test]
fn f1_endless_recursion_ends_at_the_call_depth_on_a_small_stack() {
    let text = guest("(func $deep (call $deep) (call $deep))", "(call $deep)");
    let program = Arc::new(load(&text));
    let stop = on_a_thread_of(512 << 10, move || run(&program, Wasi::builder()).0);
    assert!(
        matches!(stop, Stop::Limit(LimitKind::CallDepth)),
        "recursion gave {stop}"
    );
}

#[test]
fn an_endless_loop_ends_by_cancel_within_50_ms() {
    let program = program("(loop $forever (br $forever))");
    prompt(|| {
        let token = CancelToken::new();
        let canceller = thread::spawn({
            let token = token.clone();
            move || {
                thread::sleep(Duration::from_millis(100));
                let at = Instant::now();
                token.cancel();
                at
            }
        });
        let (stop, _) = run(&program, Wasi::builder().cancel(token));
        let ended = Instant::now();
        let cancelled = canceller.join().expect("the canceller does not panic");
        assert!(matches!(stop, Stop::Cancelled), "{stop}");
        ended - cancelled
    });
    // The program is as good as before.
    assert!(matches!(
        run(&load(&print_guest("x")), Wasi::builder()).0,
        Stop::Exit(0)
    ));
}

#[test]
fn an_endless_loop_ends_at_the_deadline_and_at_the_wall_time_limit() {
    let program = program("(loop $forever (br $forever))");
    prompt(|| {
        let deadline = Instant::now() + Duration::from_millis(60);
        let (stop, _) = run(&program, Wasi::builder().deadline(deadline));
        assert!(matches!(stop, Stop::DeadlineExceeded), "{stop}");
        deadline.elapsed()
    });

    let limits = with_limits(|limits| limits.wall_time = Some(Duration::from_millis(20)));
    let (stop, _) = run(&program, Wasi::builder().limits(limits));
    assert!(matches!(stop, Stop::DeadlineExceeded), "{stop}");
}

#[test]
fn fuel_ends_a_loop_at_the_same_point_every_time() {
    // Counts in memory and prints nothing; the count is the exit code of the last whole round.
    let text = "(loop $forever
        (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
        (br $forever))";
    let program = program(text);
    let used = |fuel| {
        let limits = with_limits(|limits| limits.fuel = Some(fuel));
        let wasi = Wasi::builder().limits(limits).build().expect("a guest");
        let mut instance = program.instantiate(wasi).expect("it fits");
        let stop = instance.start();
        assert!(matches!(stop, Stop::Limit(LimitKind::Fuel)), "{stop}");
        instance.fuel_used()
    };
    let first = used(3_000_000);
    assert!((2_999_900..=3_000_000).contains(&first), "{first}");
    assert_eq!(first, used(3_000_000));
    assert!(used(100) <= 100);
}

#[test]
fn a_guest_that_asks_for_too_much_memory_sees_minus_one_and_then_is_stopped() {
    let once = "(call $proc_exit (memory.grow (i32.const 1000)))";
    let limits = with_limits(|limits| limits.memory_bytes = 1 << 20);
    let (stop, _) = run(&program(once), Wasi::builder().limits(limits.clone()));
    assert!(matches!(stop, Stop::Exit(u32::MAX)), "{stop}");

    let bomb = program("(loop $more (drop (memory.grow (i32.const 1))) (br $more))");
    let wasi = Wasi::builder().limits(limits).build().expect("a guest");
    let mut instance = bomb.instantiate(wasi).expect("it fits");
    assert!(!instance.memory_denied());
    let stop = instance.start();
    assert!(matches!(stop, Stop::Limit(LimitKind::Memory)), "{stop}");
    assert!(instance.memory_denied());
    assert_eq!(instance.peak_memory(), 1 << 20);
}

/// In wasmi 2.0.0 a refused growth leaves native stack in use until the run loop has control
/// again; hundreds of thousands of them in one slice abort the process.
#[test]
fn f9_200_000_refused_growths_of_either_kind_do_not_harm_a_small_stack() {
    let times = "(local $n i32)
        (loop $more
            GROW
            (local.set $n (i32.add (local.get $n) (i32.const 1)))
            (br_if $more (i32.lt_u (local.get $n) (i32.const 200000))))";
    let cases = [
        // Over the format's maximum: no limiter is asked.
        ("(drop (memory.grow (i32.const -1)))", None),
        (
            "(drop (memory.grow (i32.const 60000)))",
            Some(LimitKind::Memory),
        ),
        (
            "(drop (table.grow (ref.null func) (i32.const 2000000)))",
            Some(LimitKind::Table),
        ),
        ("(drop (table.grow (ref.null func) (i32.const -1)))", None),
    ];
    for (grow, expected) in cases {
        let program = Arc::new(program(&times.replace("GROW", grow)));
        let stop = on_a_thread_of(512 << 10, move || run(&program, Wasi::builder()).0);
        match (expected, stop) {
            (Some(expected), Stop::Limit(kind)) => assert_eq!(kind, expected, "{grow}"),
            (None, Stop::Exit(0)) => {}
            (_, other) => panic!("{grow} gave {other}"),
        }
    }
}

#[test]
fn f9_growths_above_a_declared_maximum_do_not_harm_a_small_stack() {
    let text = r#"(module
        (memory (export "memory") 1 2)
        (func (export "_start") (local $n i32)
            (loop $more
                (drop (memory.grow (i32.const 5)))
                (local.set $n (i32.add (local.get $n) (i32.const 1)))
                (br_if $more (i32.lt_u (local.get $n) (i32.const 200000))))))"#;
    let program = Arc::new(load(text));
    let stop = on_a_thread_of(512 << 10, move || run(&program, Wasi::builder()).0);
    assert!(matches!(stop, Stop::Exit(0)), "{stop}");
}

#[test]
fn f9_a_function_that_is_nothing_but_growths_is_refused_at_load() {
    let body = format!("(i32.const -1) {} drop", "(memory.grow) ".repeat(100_000));
    match try_load(&guest("", &body)) {
        Err(LoadError::Hostile { message }) => assert!(message.contains("100000"), "{message}"),
        other => panic!("a growth bomb gave {other:?}"),
    }
}

#[test]
fn f1_a_module_that_starts_over_the_limits_is_refused_before_it_runs() {
    let program = load(r#"(module (memory (export "memory") 65536) (func (export "_start")))"#);
    let wasi = Wasi::builder().build().expect("a guest");
    assert_eq!(
        program.instantiate(wasi).err(),
        Some(StartError::TooMuchMemory {
            needed: 1 << 32,
            limit: 512 << 20
        })
    );
    let text = r#"(module (memory (export "memory") 1) (table 2000000 funcref)
        (func (export "_start")))"#;
    let wasi = Wasi::builder().build().expect("a guest");
    assert_eq!(
        load(text).instantiate(wasi).err(),
        Some(StartError::TooManyTableElements {
            needed: 2_000_000,
            limit: 1_000_000
        })
    );
}

#[test]
fn a_body_that_is_not_valid_is_found_at_the_latest_when_it_is_called() {
    // `good` returns, `bad` adds with nothing on the stack: the text form checks no types.
    let bytes = wat::parse_str(
        r#"(module
            (memory (export "memory") 1)
            (func $bad (result i32) i32.add)
            (func (export "_start") (if (i32.load8_u (i32.const 0)) (then (drop (call $bad))))))"#,
    )
    .expect("the text is well formed");
    assert!(matches!(
        WasmiProgram::new(&bytes),
        Err(LoadError::Malformed { .. })
    ));
    let program = WasmiProgram::lazy(&bytes).expect("bodies are not looked at");
    let (stop, _) = run(&program, Wasi::builder());
    // The bad function is never called.
    assert!(matches!(stop, Stop::Exit(0)), "{stop:?}");

    let bytes = wat::parse_str(
        r#"(module
            (memory (export "memory") 1)
            (func $bad (result i32) i32.add)
            (func (export "_start") (drop (call $bad))))"#,
    )
    .expect("the text is well formed");
    let program = WasmiProgram::lazy(&bytes).expect("bodies are not looked at");
    for _ in 0..2 {
        let (stop, _) = run(&program, Wasi::builder());
        assert!(
            matches!(&stop, Stop::Trap(trap) if trap.kind == TrapKind::Malformed),
            "{stop:?}"
        );
    }
}

/// wasmi 2.0.0 without its feature `memory64` crashes on these.
#[test]
fn lanes_are_stored_at_far_offsets() {
    for (store, load, value) in [
        ("store8_lane", "load8_u", 7),
        ("store16_lane", "load16_u", 0x807),
    ] {
        let lane = if value == 7 { 6 } else { 3 };
        let program = try_load(&format!(
            r#"(module
                (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
                (memory (export "memory") 6)
                (data (i32.const 0) "\01\02\03\04\05\06\07\08")
                (func (export "_start") (local $at i32) (local $bytes v128)
                    (local.set $bytes (v128.load (i32.const 0)))
                    (local.set $at (i32.load8_u (i32.const 0)))
                    (v128.{store} offset=100000 {lane} (local.get $at) (local.get $bytes))
                    (v128.{store} offset=100000 {lane} (i32.add (local.get $at) (i32.const 9)) (local.get $bytes))
                    (if (i32.ne (i32.{load} offset=100000 (local.get $at))
                                (i32.{load} offset=100009 (local.get $at)))
                        (then unreachable))
                    (if (i32.ne (i32.{load} (i32.const 100001)) (i32.const {value}))
                        (then unreachable))
                    (call $exit (i32.const 3))))"#
        ))
        .expect("the guest can run");
        let (stop, _) = run(&program, Wasi::builder());
        assert!(matches!(stop, Stop::Exit(3)), "{store}: {stop:?}");
    }
}

#[test]
fn stdin_is_read_from_bytes_and_from_a_reader() {
    let program = load(&common::cat_guest());
    let text = "some text\n".repeat(10_000);
    let (stop, wasi) = run(
        &program,
        Wasi::builder().stdin(Stdin::Bytes(text.clone().into_bytes())),
    );
    assert!(matches!(stop, Stop::Exit(0)), "{stop}");
    assert_eq!(wasi.stdout(), text.as_bytes());
    let reader = std::io::Cursor::new(text.clone());
    let (stop, wasi) = run(
        &program,
        Wasi::builder().stdin(Stdin::Reader(Box::new(reader))),
    );
    assert!(matches!(stop, Stop::Exit(0)), "{stop}");
    assert_eq!(wasi.stdout(), text.as_bytes());
    let (stop, wasi) = run(&program, Wasi::builder());
    assert!(matches!(stop, Stop::Exit(0)), "{stop}");
    assert_eq!(wasi.stdout(), b"");
}

#[test]
fn f2_a_blocked_stdin_does_not_stop_the_deadline() {
    struct Never;
    impl Read for Never {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            loop {
                thread::park();
            }
        }
    }
    prompt(|| {
        let deadline = Instant::now() + Duration::from_millis(30);
        let (stop, _) = run(
            &load(&common::cat_guest()),
            Wasi::builder()
                .stdin(Stdin::Reader(Box::new(Never)))
                .deadline(deadline),
        );
        assert!(matches!(stop, Stop::DeadlineExceeded), "{stop}");
        deadline.elapsed()
    });
}

#[test]
fn d3_a_sleep_of_centuries_ends_by_cancel() {
    // One relative subscription to the monotonic clock, of u64::MAX nanoseconds.
    let text = "(i32.store (i32.const 16) (i32.const 1))
        (i64.store (i32.const 24) (i64.const -1))
        (drop (call $poll_oneoff
            (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)))";
    let asleep = program(text);
    prompt(|| {
        let token = CancelToken::new();
        let canceller = thread::spawn({
            let token = token.clone();
            move || {
                thread::sleep(Duration::from_millis(50));
                let at = Instant::now();
                token.cancel();
                at
            }
        });
        let (stop, _) = run(&asleep, Wasi::builder().cancel(token));
        let ended = Instant::now();
        assert!(matches!(stop, Stop::Cancelled), "{stop}");
        ended - canceller.join().expect("the canceller does not panic")
    });
    // On a virtual clock the same sleep is over at once.
    let clock = Arc::new(VirtualClock::new());
    let (stop, _) = run(&asleep, Wasi::builder().clock(clock.clone()));
    assert!(matches!(stop, Stop::Exit(0)), "{stop}");
    assert_eq!(clock.monotonic(), u64::MAX);
}

#[test]
fn arguments_and_environment_are_those_given() {
    let text = common::args_guest();
    let (stop, wasi) = run(
        &load(&text),
        Wasi::builder()
            .args(["prog", "", "ünï"])
            .env("A", "1")
            .env("B", ""),
    );
    assert!(matches!(stop, Stop::Exit(0)), "{stop}");
    assert_eq!(wasi.stdout(), "prog\0\0ünï\0A=1\0B=\0".as_bytes());
}

#[test]
fn c4_endless_text_is_cut_and_then_ends_the_run() {
    let text = guest(
        r#"(data (i32.const 1024) "0123456789abcdef")"#,
        "(i32.store (i32.const 0) (i32.const 0))
         (i32.store (i32.const 4) (i32.const 65536))
         (loop $more
            (drop (call $fd_write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8)))
            (br $more))",
    );
    let limits = with_limits(|limits| {
        limits.text_bytes = 1_000;
        limits.text_written_bytes = Some(64 << 20);
    });
    let (stop, wasi) = run(&load(&text), Wasi::builder().limits(limits));
    assert!(matches!(stop, Stop::Limit(LimitKind::Text)), "{stop}");
    assert_eq!(wasi.stderr().len(), 1_000);
    assert_eq!(wasi.stderr_written(), 64 << 20);
    assert!(wasi.stderr_truncated() && !wasi.stdout_truncated());
}

#[test]
fn rewriting_one_place_counts_against_the_written_bytes() {
    let fs = MemFs::new();
    let limits = with_limits(|limits| limits.written_bytes = Some(10 << 20));
    let (stop, wasi) = run(
        &load(&common::rewrite_guest()),
        Wasi::builder().preopen("/", fs.root()).limits(limits),
    );
    assert!(
        matches!(stop, Stop::Limit(LimitKind::WrittenBytes)),
        "{stop}"
    );
    assert_eq!(wasi.bytes_written(), 10 << 20);
    assert_eq!(fs.stat("/f").map(|stat| stat.size), Ok(1 << 16));
}

#[test]
fn eight_instances_of_one_program_run_at_once_and_apart() {
    let program = Arc::new(load(&common::cat_guest()));
    let runs: Vec<_> = (0..8)
        .map(|n| {
            let program = Arc::clone(&program);
            thread::spawn(move || {
                let text = format!("{n} ").repeat(50_000);
                let wasi = Wasi::builder()
                    .stdin(Stdin::Bytes(text.clone().into_bytes()))
                    .random(Box::new(SeededRandom::new(n)));
                let (stop, wasi) = run(&program, wasi);
                assert!(matches!(stop, Stop::Exit(0)), "{stop}");
                assert_eq!(wasi.stdout(), text.as_bytes());
            })
        })
        .collect();
    for run in runs {
        run.join().expect("every run gives its own text");
    }
}

fn try_load(text: &str) -> Result<WasmiProgram, LoadError> {
    WasmiProgram::new(&wat::parse_str(text).expect("the guest is valid text"))
}

fn on_a_thread_of<T: Send + 'static>(stack: usize, work: impl FnOnce() -> T + Send + 'static) -> T {
    thread::Builder::new()
        .stack_size(stack)
        .spawn(work)
        .expect("a thread starts")
        .join()
        .expect("the guest does not harm its thread")
}

#[test]
fn limits_have_a_safe_default() {
    let limits = Limits::default();
    assert_eq!(limits.memory_bytes, 512 << 20);
    assert_eq!(limits.wall_time, Some(Duration::from_secs(3_600)));
    assert_eq!((limits.open_files, limits.text_bytes), (1_024, 1 << 20));
    assert_eq!(Limits::unbounded().wall_time, None);
}
