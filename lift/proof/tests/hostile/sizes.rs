//! Modules that are too much of one thing for a careless compiler.

use std::fmt::Write as _;

use crate::{Guest, NO_LIMITS, check_both};

pub(crate) fn guests() -> Vec<Guest> {
    vec![
        ("br_table of 10000", br_table(10_000)),
        ("50000 instructions", straight(16_000)),
        ("5000 blocks", nested("block", 5_000)),
        ("5000 loops", nested("loop", 5_000)),
        ("390 ifs", ifs(390)),
        ("390 blocks that are left", left("block", 390)),
        ("130 loops that are left", left("loop", 130)),
        ("5000 operands", operands(5_000)),
        ("5000 operands on the stack", stack(5_000)),
        ("1000 parameters", parameters(1_000)),
        ("20000 locals", locals(20_000)),
        ("3000 functions", functions(3_000)),
        ("100 results", results(100)),
    ]
}

/// Three targets, chosen by an index of so many.
fn br_table(targets: u32) -> String {
    let list: String = (0..targets)
        .map(|target| format!("{} ", target % 3))
        .collect();
    format!(
        "(module (func (export \"f\") (param i32) (result i32)
          (block (block (block (br_table {list} 2 (local.get 0))) (return (i32.const 10)))
            (return (i32.const 11))) (i32.const 12)))"
    )
}

#[test]
fn a_huge_br_table_chooses() {
    check_both(
        "br_table of 10000",
        NO_LIMITS,
        &[
            ("f", &[0], "ok a"),
            ("f", &[9_998], "ok c"),
            ("f", &[9_997], "ok b"),
            ("f", &[10_000], "ok c"),
            ("f", &[0xffff_ffff], "ok c"),
        ],
    );
}

fn straight(steps: u32) -> String {
    let mut text = "(module (memory 1) (func (export \"f\") (param i32) (result i32)\n".to_owned();
    for step in 0..steps {
        let _ = match step % 4 {
            0 => writeln!(
                text,
                "(local.set 0 (i32.add (local.get 0) (i32.const {step})))"
            ),
            1 => writeln!(
                text,
                "(local.set 0 (i32.xor (local.get 0) (i32.const {step})))"
            ),
            2 => writeln!(
                text,
                "(i32.store (i32.const {}) (local.get 0))",
                step % 60_000
            ),
            _ => writeln!(text, "(local.set 0 (i32.rotl (local.get 0) (i32.const 1)))"),
        };
    }
    text + "(local.get 0)))"
}

#[test]
fn a_huge_function_computes() {
    let expected = (0..16_000_u32).fold(5_u32, |x, step| match step % 4 {
        0 => x.wrapping_add(step),
        1 => x ^ step,
        2 => x,
        _ => x.rotate_left(1),
    });
    let expected = format!("ok {expected:x}");
    check_both("50000 instructions", NO_LIMITS, &[("f", &[5], &expected)]);
}

/// Blocks in blocks; a branch leaves all of them, or half.
fn nested(kind: &str, depth: usize) -> String {
    let open = format!("{kind}\n").repeat(depth);
    let close = "end\n".repeat(depth);
    let half = depth / 2;
    format!(
        "(module (func (export \"f\") (param i32) (result i32)
          block {open} local.get 0 br_if {depth} {} {close} i32.const 1 return end i32.const 2))",
        if kind == "block" {
            format!("br {half}")
        } else {
            String::new()
        }
    )
}

#[test]
fn deep_nesting_is_left_at_once() {
    for guest in ["5000 blocks", "5000 loops"] {
        check_both(
            guest,
            NO_LIMITS,
            &[("f", &[0], "ok 1"), ("f", &[1], "ok 2")],
        );
    }
}

fn ifs(depth: usize) -> String {
    let open = "local.get 0 if (result i32)\n".repeat(depth);
    let close: String = (0..depth)
        .map(|level| format!("else i32.const {level} end\n"))
        .collect();
    format!("(module (func (export \"f\") (param i32) (result i32) {open} i32.const 7 {close}))")
}

/// Each block is left by a branch of its own, so that each has a label.
fn left(kind: &str, depth: usize) -> String {
    let open = format!("{kind}\n").repeat(depth);
    let close: String = (0..depth)
        .map(|level| format!("(br_if 0 (i32.eq (local.get 0) (i32.const {level}))) end\n"))
        .collect();
    format!(
        "(module (func (export \"f\") (param i32) (result i32)
          {open} (local.set 0 (i32.add (local.get 0) (i32.const 1000))) {close} (local.get 0)))"
    )
}

#[test]
fn deep_conditions_hold() {
    check_both(
        "390 ifs",
        NO_LIMITS,
        &[("f", &[0], "ok 185"), ("f", &[1], "ok 7")],
    );
    check_both(
        "390 blocks that are left",
        NO_LIMITS,
        &[("f", &[1], "ok 3e9")],
    );
    check_both(
        "130 loops that are left",
        NO_LIMITS,
        &[("f", &[1], "ok 3e9")],
    );
}

#[test]
fn what_would_crash_the_compiler_is_refused_by_name() {
    let guests = [ifs(5_000), left("block", 5_000), left("loop", 401)];
    for guest in guests {
        let wasm = wat::parse_str(&guest).expect("it is a module");
        let refusal = match afmpeg_lift::lift(&wasm, &afmpeg_lift::Options::default()) {
            Err(error) => error.to_string(),
            Ok(_) => panic!("lifted, though the compiler cannot take it"),
        };
        assert!(
            refusal.contains("function 0, whose blocks nest"),
            "{refusal}"
        );
    }
}

/// One expression, nested to the right.
fn operands(depth: usize) -> String {
    let open = "(i32.add (local.get 0) ".repeat(depth);
    let close = ")".repeat(depth);
    format!("(module (func (export \"f\") (param i32) (result i32) {open} (i32.const 1) {close}))")
}

/// Many values before anything takes one.
fn stack(count: usize) -> String {
    let values: String = (0..count)
        .map(|value| format!("i32.const {value}\n"))
        .collect();
    let adds = "i32.add\n".repeat(count - 1);
    format!("(module (func (export \"f\") (param i32) (result i32) {values} {adds}))")
}

#[test]
fn deep_expressions_have_their_value() {
    check_both("5000 operands", NO_LIMITS, &[("f", &[2], "ok 2711")]);
    check_both(
        "5000 operands on the stack",
        NO_LIMITS,
        &[("f", &[2], "ok beb25c")],
    );
}

fn parameters(count: usize) -> String {
    let params = "i64 ".repeat(count);
    let values: String = (0..count)
        .map(|value| format!("(i64.const {value})"))
        .collect();
    let last = count - 1;
    format!(
        "(module (func $f (param {params}) (result i64) (local.get {last}))
          (func (export \"f\") (result i64) (call $f {values})))"
    )
}

fn locals(count: usize) -> String {
    let list = "i32 ".repeat(count);
    format!(
        "(module (func (export \"f\") (result i32) (local {list})
          (local.set {0} (i32.const 6)) (i32.add (local.get 0) (local.get {0}))))",
        count - 1
    )
}

fn functions(count: usize) -> String {
    let mut text = "(module (func $f0 (result i32) (i32.const 1))\n".to_owned();
    for number in 1..count {
        let before = number - 1;
        let _ = writeln!(
            text,
            "(func $f{number} (result i32) (i32.add (call $f{before}) (i32.const 1)))"
        );
    }
    text + &format!("(export \"f\" (func $f{})))", count - 1)
}

fn results(count: usize) -> String {
    let types = "i32 ".repeat(count);
    let values: String = (0..count)
        .map(|value| format!("(i32.const {value})"))
        .collect();
    let drops = "(drop)".repeat(count - 1);
    format!(
        "(module (func $f (result {types}) {values})
          (func (export \"f\") (result i32) (call $f) {drops}))"
    )
}

#[test]
fn many_of_one_thing_are_taken() {
    check_both("1000 parameters", NO_LIMITS, &[("f", &[], "ok 3e7")]);
    check_both("20000 locals", NO_LIMITS, &[("f", &[], "ok 6")]);
    check_both("3000 functions", NO_LIMITS, &[("f", &[], "ok bb8")]);
    check_both("100 results", NO_LIMITS, &[("f", &[], "ok 0")]);
}
