//! A module of which the hot functions are lifted and the rest is interpreted: the same guest both
//! ways. `tests/mixed/pack.rs` is what the lifter makes of `tests/mixed/guest.wat`, checked here.

#[rustfmt::skip]
#[path = "mixed/pack.rs"]
mod pack;

use std::thread;
use std::time::{Duration, Instant};

use afmpeg_lift::{Options, Reason, Weight};
use afmpeg_wasi::{
    CancelToken, LiftedProgram, LimitKind, Limits, Program, Stop, TrapKind, Wasi, WasiBuilder,
    WasmiProgram,
};

const GUEST: &str = include_str!("mixed/guest.wat");

/// Function indices of the guest, imports first; the comments in it count them.
const HASH: u32 = 2;
const STEP: u32 = 3;
const DIVIDE: u32 = 4;
const SPIN: u32 = 5;
const DEEP: u32 = 6;
const NUMBERS: u32 = 7;
const TABLE: u32 = 8;
const ABOVE_TABLE: u32 = 9;
const GROW: u32 = 10;
const PAIR: u32 = 11;
const WRITE: u32 = 12;
const LAST: u32 = 13;
const RUN: u32 = 14;

/// The made-up profile of the guest: `RUN` is too cold to be looked at.
fn weights() -> Vec<Weight> {
    let hot = [
        HASH,
        STEP,
        DIVIDE,
        SPIN,
        DEEP,
        NUMBERS,
        TABLE,
        ABOVE_TABLE,
        GROW,
        PAIR,
        WRITE,
        LAST,
    ];
    let weight = |function, work, calls| Weight {
        function,
        work,
        work_with_callees: work,
        calls,
    };
    let mut weights: Vec<_> = (0..)
        .zip(hot)
        .map(|(place, function)| weight(function, 10_000 - place, 10))
        .collect();
    weights.push(weight(RUN, 100, 1));
    weights
}

fn wasm() -> Vec<u8> {
    wat::parse_str(GUEST).expect("the guest is text")
}

#[test]
fn the_lifter_takes_what_can_stand_alone_and_says_why_not_the_rest() {
    let wasm = wasm();
    let mixed = afmpeg_lift::lift_hot(&wasm, &Options::default(), &weights(), 0.99)
        .expect("the guest can be lifted");
    assert_eq!(
        mixed.lifted.entries(),
        [HASH, STEP, DIVIDE, SPIN, DEEP, NUMBERS, LAST]
    );
    let left: Vec<_> = mixed
        .left
        .iter()
        .map(|left| (left.function, left.reason, left.through))
        .collect();
    assert_eq!(
        left,
        [
            (TABLE, Reason::Indirect, None),
            (ABOVE_TABLE, Reason::Indirect, Some(TABLE)),
            (GROW, Reason::Grow, None),
            (PAIR, Reason::Type, None),
            (WRITE, Reason::Import, None),
        ]
    );
    let said = mixed.left[1].to_string();
    assert_eq!(
        said,
        format!("calls function {TABLE}, which calls through the table")
    );
    let text = format!(
        "//! Generated from guest.wat by afmpeg-lift; `BLESS=1` writes it again.\n{}",
        mixed.lifted.single_file()
    );
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mixed/pack.rs");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, &text).expect("the sources can be written");
    }
    let committed = std::fs::read_to_string(path).expect("the pack is there");
    assert!(committed == text, "the pack is not up to date: set BLESS=1");
}

#[test]
fn a_function_that_does_little_in_a_call_is_not_worth_leaving_the_interpreter() {
    let wasm = wasm();
    let mut weights = weights();
    for weight in &mut weights {
        weight.calls = 1_000;
    }
    let mixed = afmpeg_lift::lift_hot(&wasm, &Options::default(), &weights, 0.1)
        .expect("the guest can be lifted");
    // A tenth of the work is in the first two, and nothing colder is looked at.
    assert_eq!(mixed.lifted.entries(), []);
    let left: Vec<_> = mixed.left.iter().map(|left| left.reason).collect();
    assert_eq!(left, [Reason::Short, Reason::Short]);
    weights[0].function = 99;
    assert!(afmpeg_lift::lift_hot(&wasm, &Options::default(), &weights, 0.1).is_err());
}

fn run(program: &dyn Program, what: usize, builder: WasiBuilder) -> (Stop, Wasi, u64) {
    let wasi = builder
        .args(vec!["x"; what])
        .build()
        .expect("it is complete");
    let mut instance = program.instantiate(wasi).expect("the guest fits");
    let stop = instance.start();
    let fuel = instance.fuel_used();
    (stop, instance.into_wasi(), fuel)
}

fn both() -> [Box<dyn Program>; 2] {
    let whole = WasmiProgram::new(&wasm()).expect("the guest runs");
    let mixed = LiftedProgram::new(pack::module()).expect("the pack runs");
    [Box::new(whole), Box::new(mixed)]
}

fn mixed() -> LiftedProgram {
    LiftedProgram::new(pack::module()).expect("the pack runs")
}

#[test]
fn results_memory_and_globals_are_those_of_the_interpreter() {
    let [whole, mixed] = both();
    let (stop, expected, whole_fuel) = run(whole.as_ref(), 1, Wasi::builder());
    assert!(matches!(stop, Stop::Exit(0)), "{stop}");
    let (stop, wasi, mixed_fuel) = run(mixed.as_ref(), 1, Wasi::builder());
    assert!(matches!(stop, Stop::Exit(0)), "{stop}");
    assert_eq!(wasi.stdout(), expected.stdout());
    let word = |at: usize| u32::from_le_bytes(wasi.stdout()[at..at + 4].try_into().expect("4"));
    // 50,000 zero bytes, the stack pointer as it was, 77 and three pages and one call.
    let hash = (0..50_000).fold(5381_u32, |hash, _| hash.wrapping_mul(33));
    assert_eq!([word(0), word(4), word(8)], [hash, 65_536, 81]);
    assert_eq!(f32::from_bits(word(12)), -4.25);
    // The work of the loop is counted on either side of the border.
    assert!(
        mixed_fuel > 500_000 && whole_fuel > 500_000,
        "{mixed_fuel} {whole_fuel}"
    );
}

#[test]
fn two_runs_use_the_same_fuel_in_either_way() {
    for program in both() {
        let once = || run(program.as_ref(), 1, Wasi::builder().deterministic(7));
        let (_, first, fuel) = once();
        let (stop, second, again) = once();
        assert!(matches!(stop, Stop::Exit(0)), "{stop}");
        assert_eq!(fuel, again);
        assert_eq!(first.stdout(), second.stdout());
    }
}

#[test]
fn a_trap_in_lifted_code_has_the_kind_that_it_has_interpreted() {
    for program in both() {
        for (what, kind) in [
            (2, TrapKind::MemoryOutOfBounds),
            (3, TrapKind::DivisionByZero),
            (4, TrapKind::IntegerOverflow),
        ] {
            match run(program.as_ref(), what, Wasi::builder()).0 {
                Stop::Trap(trap) => assert_eq!(trap.kind, kind, "{what}"),
                other => panic!("{what} gave {other}"),
            }
        }
        let (stop, ..) = run(program.as_ref(), 6, Wasi::builder());
        assert!(matches!(stop, Stop::Limit(LimitKind::CallDepth)), "{stop}");
    }
}

#[test]
fn a_loop_in_lifted_code_ends_by_cancel_deadline_and_fuel() {
    let program = mixed();
    let token = CancelToken::new();
    let canceller = thread::spawn({
        let token = token.clone();
        move || {
            thread::sleep(Duration::from_millis(100));
            token.cancel();
        }
    });
    let (stop, ..) = run(&program, 5, Wasi::builder().cancel(token));
    canceller.join().expect("the canceller does not panic");
    assert!(matches!(stop, Stop::Cancelled), "{stop}");

    let soon = Instant::now() + Duration::from_millis(60);
    let (stop, ..) = run(&program, 5, Wasi::builder().deadline(soon));
    assert!(matches!(stop, Stop::DeadlineExceeded), "{stop}");

    // The wall time begins with the run.
    let mut limits = Limits::default();
    limits.wall_time = Some(Duration::from_millis(60));
    let (stop, ..) = run(&program, 5, Wasi::builder().limits(limits));
    assert!(matches!(stop, Stop::DeadlineExceeded), "{stop}");

    let limits = || {
        let mut limits = Limits::default();
        limits.fuel = Some(3_000_000);
        limits
    };
    let (stop, _, fuel) = run(&program, 5, Wasi::builder().limits(limits()));
    assert!(matches!(stop, Stop::Limit(LimitKind::Fuel)), "{stop}");
    assert!((3_000_000..3_100_000).contains(&fuel), "{fuel}");
    // Also when the loop is on the interpreter's side and what it calls counts no work itself.
    let (stop, ..) = run(&program, 7, Wasi::builder().limits(limits()));
    assert!(matches!(stop, Stop::Limit(LimitKind::Fuel)), "{stop}");
}

#[test]
fn a_program_runs_again_after_a_trap_and_on_many_threads() {
    let program = mixed();
    let (expected, ..) = run(&program, 3, Wasi::builder());
    assert!(matches!(expected, Stop::Trap(_)), "{expected}");
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let (stop, wasi, _) = run(&program, 1, Wasi::builder());
                assert!(matches!(stop, Stop::Exit(0)), "{stop}");
                assert_eq!(wasi.stdout().len(), 16);
            });
        }
    });
}
