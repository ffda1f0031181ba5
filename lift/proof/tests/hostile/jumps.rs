//! `setjmp` as clang lowers it to `env.invoke_*`: a jump is caught by the innermost one and by nothing
//! else, and nothing but a jump is caught.

use crate::{Call, Guest, NO_LIMITS, check};

pub(crate) fn guests() -> Vec<Guest> {
    vec![("jumps", JUMPS.to_owned())]
}

/// Each function that can jump leaves a mark in memory before it does, and moves the stack pointer.
const JUMPS: &str = "(module
    (import \"env\" \"throw\" (func $throw))
    (import \"env\" \"invoke_v\" (func $invoke_v (param i32)))
    (import \"env\" \"invoke_iii\" (func $invoke_iii (param i32 i32 i32) (result i32)))
    (import \"env\" \"invoke_fjd\" (func $invoke_fjd (param i32 i64 f64) (result f32)))
    (import \"env\" \"invoke_vffff\" (func $invoke_other (param i32 f32 f32 f32 f32)))
    (memory 1)
    (global $sp (export \"__stack_pointer\") (mut i32) (i32.const 1000))
    (table 8 8 funcref)
    (elem (i32.const 1) $jump $add $mix $deep $trap $both $forever)
    (func $mark (param i32)
        (i32.store8 (i32.const 0) (i32.add (i32.load8_u (i32.const 0)) (local.get 0))))
    (func $jump (global.set $sp (i32.const 7)) (call $mark (i32.const 1)) (call $throw) (call $mark (i32.const 100)))
    (func $add (param i32 i32) (result i32)
        (if (i32.eqz (local.get 0)) (then (call $jump)))
        (i32.add (local.get 0) (local.get 1)))
    (func $mix (param i64 f64) (result f32)
        (f32.add (f32.convert_i64_s (local.get 0)) (f32.demote_f64 (local.get 1))))
    (func $deep (call $deeper (i32.const 50)))
    (func $deeper (param i32)
        (if (local.get 0) (then (call $deeper (i32.sub (local.get 0) (i32.const 1))))
            (else (call $jump))))
    (func $trap unreachable)
    (func $both (call $invoke_v (i32.const 1)) (call $mark (i32.const 10)) (call $throw))
    (func $forever (call $invoke_v (i32.const 7)))
    (func (export \"caught\") (result i32)
        (i32.store8 (i32.const 0) (i32.const 0))
        (call $invoke_v (i32.const 1)) (i32.load8_u (i32.const 0)))
    (func (export \"sp\") (result i32) (global.get $sp))
    (func (export \"add\") (param i32 i32) (result i32)
        (call $invoke_iii (i32.const 2) (local.get 0) (local.get 1)))
    (func (export \"mix\") (result f32)
        (call $invoke_fjd (i32.const 3) (i64.const 40) (f64.const 2.5)))
    (func (export \"deep\") (result i32)
        (i32.store8 (i32.const 0) (i32.const 0))
        (call $invoke_v (i32.const 4)) (i32.load8_u (i32.const 0)))
    (func (export \"a trap\") (call $invoke_v (i32.const 5)))
    (func (export \"nested\") (result i32)
        (i32.store8 (i32.const 0) (i32.const 0))
        (call $invoke_v (i32.const 6)) (i32.load8_u (i32.const 0)))
    (func (export \"nothing\") (call $invoke_v (i32.const 0)))
    (func (export \"outside\") (call $invoke_v (i32.const 8)))
    (func (export \"wrong type\") (call $invoke_v (i32.const 2)))
    (func (export \"no such type\")
        (call $invoke_other (i32.const 1) (f32.const 0) (f32.const 0) (f32.const 0) (f32.const 0)))
    (func (export \"uncaught\") (call $jump))
    (func (export \"forever\") (call $forever))
    (func (export \"again\") (param i32) (result i32)
        (i32.store (i32.const 8) (i32.const 0))
        (loop $l
            (call $invoke_v (i32.const 1))
            (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (i32.const 1)))
            (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (i32.load (i32.const 8))))";

#[test]
fn a_jump_is_caught_by_the_innermost_invoke_and_a_trap_by_none() {
    let calls: [Call<'_>; 19] = [
        ("sp", &[], "ok 3e8"),
        ("caught", &[], "ok 1"),
        // The stack pointer is as it was before the call.
        ("sp", &[], "ok 3e8"),
        ("add", &[3, 4], "ok 7"),
        // A function that jumped away has the result 0.
        ("add", &[0, 4], "ok 0"),
        ("mix", &[], "ok 422a0000"),
        ("deep", &[], "ok 1"),
        ("sp", &[], "ok 3e8"),
        ("a trap", &[], "trap unreachable"),
        // The inner jump is caught inside, the outer one outside.
        ("nested", &[], "ok b"),
        ("nothing", &[], "trap null"),
        ("outside", &[], "trap table"),
        ("wrong type", &[], "trap signature"),
        ("no such type", &[], "trap signature"),
        ("forever", &[], "trap nested"),
        ("uncaught", &[], "trap jump"),
        ("again", &[10_000], "ok 2710"),
        ("deep", &[], "ok 1"),
        ("caught", &[], "ok 1"),
    ];
    check("jumps", NO_LIMITS, &calls);
}
