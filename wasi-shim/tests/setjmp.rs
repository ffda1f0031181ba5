//! A C program that jumps, compiled by the engine's compiler: `setjmp` and `longjmp` as C programs use them.

#[allow(dead_code, reason = "each test program uses a part of it")]
mod common;

use std::fs;
use std::thread;
use std::time::Duration;

use afmpeg_wasi::{CancelToken, LimitKind, Program, Stop, Wasi, WasiBuilder, WasmiProgram};
use common::{guests, run, with_limits};

fn program() -> WasmiProgram {
    let path = guests::path("setjmp.wasm");
    let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    WasmiProgram::new(&bytes).expect("the guest can run")
}

fn case(number: u32) -> WasiBuilder {
    Wasi::builder().args(["setjmp".to_owned(), number.to_string()])
}

/// The exit status is 0, or the line of the program whose expectation was not met.
#[track_caller]
fn passes(number: u32) {
    let (stop, wasi) = run(&program(), case(number));
    let text = String::from_utf8_lossy(wasi.stderr()).into_owned();
    assert!(matches!(stop, Stop::Exit(0)), "{stop} {text}");
}

#[test]
fn fifty_frames_deep() {
    passes(0);
}

#[test]
fn a_value_of_zero_becomes_one() {
    passes(1);
}

#[test]
fn buffers_within_buffers() {
    passes(2);
}

#[test]
fn ten_thousand_times_to_one_buffer() {
    passes(3);
}

#[test]
fn out_of_a_callback_of_qsort() {
    passes(4);
}

#[test]
fn floats_long_integers_structures_and_variable_arguments() {
    passes(5);
}

#[test]
fn a_buffer_within_a_context() {
    passes(6);
}

#[test]
fn a_million_jumps_on_a_flat_stack() {
    passes(7);
}

#[test]
fn locals_survive_a_jump() {
    passes(8);
}

#[test]
fn an_exit_is_no_jump() {
    passes(9);
}

#[test]
fn f4_a_buffer_of_a_function_that_returned_ends_the_run() {
    let (stop, _) = run(&program(), case(11));
    assert!(matches!(stop, Stop::Trap(_)), "{stop}");
}

#[test]
fn a_loop_below_two_jumps_can_be_cancelled() {
    let cancel = CancelToken::new();
    let own = cancel.clone();
    let cancelling = thread::spawn(move || {
        thread::sleep(Duration::from_millis(30));
        own.cancel();
    });
    let (stop, _) = run(&program(), case(10).cancel(cancel));
    cancelling.join().expect("it only waits");
    assert!(matches!(stop, Stop::Cancelled), "{stop}");
}

#[test]
fn a_loop_below_two_jumps_runs_out_of_fuel() {
    let limits = with_limits(|limits| limits.fuel = Some(5_000_000));
    let wasi = case(10).limits(limits).build().expect("it is valid");
    let mut instance = program().instantiate(wasi).expect("it fits");
    let stop = instance.start();
    assert!(matches!(stop, Stop::Limit(LimitKind::Fuel)), "{stop}");
    assert!(instance.fuel_used() >= 4_900_000);
}
