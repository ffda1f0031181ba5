//! Recursion without end, loops without end, and arithmetic that has no result.

use crate::{Call, Guest, Limits, NO_LIMITS, check, check_both};

pub(crate) fn guests() -> Vec<Guest> {
    vec![
        ("recursion", RECURSION.to_owned()),
        ("wide recursion", wide_recursion()),
        ("loops", LOOPS.to_owned()),
        ("arithmetic", ARITHMETIC.to_owned()),
        ("order", ORDER.to_owned()),
        ("endless start", endless_start("(loop $l (br $l))")),
        ("bottomless start", endless_start("(call $s)")),
    ]
}

const RECURSION: &str = "(module
    (type $none (func)) (type $sum (func (param i64) (result i64)))
    (table 3 funcref) (elem (i32.const 0) $self $ping $count)
    (func $direct (export \"direct\") (call $direct))
    (func $ping (export \"ping\") (call $pong))
    (func $pong (call $ping))
    (func $self (export \"through the table\") (call_indirect (type $none) (i32.const 0)))
    (func $count (export \"count\") (param i64) (result i64)
        (if (result i64) (i64.eqz (local.get 0))
            (then (i64.const 0))
            (else (i64.add (i64.const 1)
                (call $count (i64.sub (local.get 0) (i64.const 1)))))))
    (func $indirect (export \"count through the table\") (param i64) (result i64)
        (call_indirect (type $sum) (local.get 0) (i32.const 2)))
    (func $tree (export \"tree\") (param i32) (result i32)
        (i32.add (call $tree (local.get 0)) (call $tree (local.get 0)))))";

/// A function with many locals that all live across the call, so that its frame is large.
fn wide_recursion() -> String {
    let mut text = "(module (func $f (export \"f\") (param i64) (result i64) (local".to_owned();
    text += &" i64".repeat(300);
    text += ")\n";
    for local in 1..=300 {
        text += &format!("(local.set {local} (i64.mul (local.get 0) (i64.const {local})))\n");
    }
    text += "(call $f (i64.add (local.get 0) (i64.const 1)))\n";
    for local in 1..=300 {
        text += &format!("(i64.xor (local.get {local}))\n");
    }
    text + "))"
}

#[test]
fn recursion_without_end_traps_and_the_instance_goes_on() {
    let calls: [Call<'_>; 11] = [
        ("count", &[1_000], "ok 3e8"),
        ("direct", &[], "trap depth"),
        ("count", &[1_000], "ok 3e8"),
        ("ping", &[], "trap depth"),
        ("through the table", &[], "trap depth"),
        ("tree", &[1], "trap depth"),
        ("count", &[1 << 40], "trap depth"),
        ("count through the table", &[1 << 40], "trap depth"),
        ("count through the table", &[2_000], "ok 7d0"),
        ("direct", &[], "trap depth"),
        ("count", &[2_000], "ok 7d0"),
    ];
    check("recursion", NO_LIMITS, &calls);
    check(
        "wide recursion",
        NO_LIMITS,
        &[("f", &[1], "trap depth"), ("f", &[2], "trap depth")],
    );
}

const LOOPS: &str = "(module
    (memory 1)
    (func $nothing)
    (func (export \"empty\") (loop $l (br $l)))
    (func (export \"nested\") (loop $o (loop $i (br_if $i (i32.const 1))) (br $o)))
    (func (export \"calling\") (loop $l (call $nothing) (br $l)))
    (func (export \"by table\") (param i32)
        (loop $l (block $b (br_table $l $b $l (local.get 0))) (br $l)))
    (func (export \"by value\") (result i32)
        (i32.const 0) (loop $l (param i32) (result i32) (i32.const 1) (i32.add) (br $l)))
    (func (export \"by condition\") (local i32)
        (loop $l (br_if $l (i32.eqz (local.get 0)))))
    (func (export \"filling\")
        (loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536)) (br $l)))
    (func (export \"counting\") (result i64) (local i64)
        (loop $l
            (local.set 0 (i64.add (local.get 0) (i64.const 1)))
            (br_if $l (i64.lt_u (local.get 0) (i64.const 1000))))
        (local.get 0)))";

#[test]
fn loops_without_end_stop_at_the_work_granted() {
    let loops = [
        "empty",
        "nested",
        "calling",
        "by value",
        "by condition",
        "filling",
    ];
    for export in loops {
        let work = Limits {
            work: Some(1_000_000),
            ..NO_LIMITS
        };
        check(
            "loops",
            work,
            &[("counting", &[], "ok 3e8"), (export, &[], "trap work")],
        );
    }
    for index in [0, 1, 9] {
        let work = Limits {
            work: Some(1_000_000),
            ..NO_LIMITS
        };
        check("loops", work, &[("by table", &[index], "trap work")]);
    }
}

#[test]
fn loops_without_end_stop_at_the_deadline() {
    let deadline = Limits {
        deadline: Some(50),
        ..NO_LIMITS
    };
    for export in [
        "empty",
        "nested",
        "calling",
        "by value",
        "by condition",
        "filling",
    ] {
        check("loops", deadline, &[(export, &[], "trap deadline")]);
    }
    check("recursion", deadline, &[("count", &[100], "ok 64")]);
}

fn endless_start(body: &str) -> String {
    format!("(module (func $s {body}) (start $s) (func (export \"f\")))")
}

#[test]
fn a_start_without_end_makes_no_instance() {
    let work = Limits {
        work: Some(1_000_000),
        ..NO_LIMITS
    };
    for (guest, expected) in [
        ("endless start", "trap work"),
        ("bottomless start", "trap depth"),
    ] {
        let world = &*crate::WORLD;
        let script = crate::script(world.guests[guest].0, work, &[("f", &[], "")]);
        let answers = world.program.run(&script).expect("the program runs");
        assert_eq!(answers, [expected, "absent"], "{guest}");
    }
}

const ARITHMETIC: &str = "(module
    (func (export \"min by -1\") (result i32) (i32.div_s (i32.const 0x80000000) (i32.const -1)))
    (func (export \"min rem -1\") (result i32) (i32.rem_s (i32.const 0x80000000) (i32.const -1)))
    (func (export \"min by -1, 64\") (result i64)
        (i64.div_s (i64.const 0x8000000000000000) (i64.const -1)))
    (func (export \"min rem -1, 64\") (result i64)
        (i64.rem_s (i64.const 0x8000000000000000) (i64.const -1)))
    (func (export \"by 0\") (result i32) (i32.div_u (i32.const 1) (i32.const 0)))
    (func (export \"rem 0\") (result i64) (i64.rem_u (i64.const 1) (i64.const 0)))
    (func (export \"rem 0 unused\") (drop (i64.rem_s (i64.const 1) (i64.const 0))))
    (func (export \"div\") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
    (func (export \"rem\") (param i64 i64) (result i64) (i64.rem_s (local.get 0) (local.get 1)))
    (func (export \"nan\") (result i32) (i32.trunc_f32_s (f32.const nan)))
    (func (export \"large\") (result i64) (i64.trunc_f64_u (f64.const 18446744073709551616)))
    (func (export \"below\") (result i32) (i32.trunc_f64_u (f64.const -1)))
    (func (export \"just above\") (result i32) (i32.trunc_f64_u (f64.const -0.9)))
    (func (export \"saturated\") (result i32) (i32.trunc_sat_f32_s (f32.const 1e30)))
    (func (export \"shift\") (result i32) (i32.shl (i32.const 1) (i32.const 33)))
    (func (export \"shift 64\") (result i64) (i64.shr_s (i64.const -8) (i64.const 65)))
    (func (export \"wrap\") (result i32)
        (i32.mul (i32.const 0x7fffffff) (i32.add (i32.const 0x7fffffff) (i32.const 0x7fffffff))))
    (func (export \"under\") (result i64) (i64.sub (i64.const 0) (i64.const 1)))
    (func (export \"dead\") (result i32) (return (i32.const 3)) (i32.div_s (i32.const 1) (i32.const 0)))
    (func (export \"end\") (unreachable)))";

#[test]
fn arithmetic_without_a_result_traps_also_on_constants() {
    let (min, all) = (0x8000_0000, 0xffff_ffff);
    let calls: [Call<'_>; 23] = [
        ("min by -1", &[], "trap overflow"),
        ("min rem -1", &[], "ok 0"),
        ("min by -1, 64", &[], "trap overflow"),
        ("min rem -1, 64", &[], "ok 0"),
        ("by 0", &[], "trap division"),
        ("rem 0", &[], "trap division"),
        ("rem 0 unused", &[], "trap division"),
        ("div", &[min, all], "trap overflow"),
        ("div", &[min, 1], "ok 80000000"),
        ("div", &[7, 0], "trap division"),
        ("div", &[all, 2], "ok 0"),
        ("rem", &[1 << 63, u64::MAX], "ok 0"),
        ("rem", &[5, 0], "trap division"),
        ("nan", &[], "trap conversion"),
        ("large", &[], "trap overflow"),
        ("below", &[], "trap overflow"),
        ("just above", &[], "ok 0"),
        ("saturated", &[], "ok 7fffffff"),
        ("shift", &[], "ok 2"),
        ("shift 64", &[], "ok fffffffffffffffc"),
        ("under", &[], "ok ffffffffffffffff"),
        ("dead", &[], "ok 3"),
        ("end", &[], "trap unreachable"),
    ];
    check_both("arithmetic", NO_LIMITS, &calls);
    check_both("arithmetic", NO_LIMITS, &[("wrap", &[], "ok 2")]);
}

const ORDER: &str = "(module
    (global $g (export \"g\") (mut i32) (i32.const 0)) (memory 1)
    (func (export \"get\") (result i32) (global.get $g))
    (func (export \"global\") (param f32) (result i32)
        (i32.trunc_f32_s (local.get 0)) (global.set $g (i32.const 9)))
    (func (export \"load\") (param i32) (result i32)
        (i32.load (local.get 0)) (global.set $g (i32.const 9)))
    (func (export \"branch\") (param i32) (result i32)
        (block $b (result i32)
            (i32.div_u (i32.const 1) (local.get 0))
            (br_if $b (i32.const 5) (i32.const 1))
            (i32.add)))
    (func (export \"unreachable\") (param i32) (result i32)
        (i32.div_u (i32.const 1) (local.get 0)) (unreachable))
    (func (export \"which\") (param i32 i32) (result i32)
        (i32.div_u (i32.load (local.get 0)) (local.get 1))))";

/// Random modules once found that a change of a global overtook a trap that was due before it, and
/// that a branch that was taken lost the trap of an operand that it drops.
#[test]
fn traps_come_in_the_order_of_the_instructions() {
    let nan = u64::from(f32::NAN.to_bits());
    let calls: [Call<'_>; 12] = [
        ("global", &[nan], "trap conversion"),
        ("get", &[], "ok 0"),
        ("load", &[65_533], "trap memory"),
        ("get", &[], "ok 0"),
        ("branch", &[0], "trap division"),
        ("branch", &[1], "ok 5"),
        ("unreachable", &[0], "trap division"),
        ("unreachable", &[1], "trap unreachable"),
        ("which", &[65_533, 0], "trap memory"),
        ("which", &[0, 0], "trap division"),
        ("load", &[0], "ok 0"),
        ("get", &[], "ok 9"),
    ];
    check_both("order", NO_LIMITS, &calls);
}
