//! Every access at every edge of memory, bulk operations, and growth.

use std::fmt::Write as _;

use crate::{Call, Guest, Limits, NO_LIMITS, check, check_both};

/// Instruction, bytes it touches, and its operands after the address: none for a load.
const ACCESSES: [(&str, u64, &str); 45] = [
    ("i32.load", 4, ""),
    ("i64.load", 8, ""),
    ("f32.load", 4, ""),
    ("f64.load", 8, ""),
    ("i32.load8_s", 1, ""),
    ("i32.load8_u", 1, ""),
    ("i32.load16_s", 2, ""),
    ("i32.load16_u", 2, ""),
    ("i64.load8_s", 1, ""),
    ("i64.load8_u", 1, ""),
    ("i64.load16_s", 2, ""),
    ("i64.load16_u", 2, ""),
    ("i64.load32_s", 4, ""),
    ("i64.load32_u", 4, ""),
    ("v128.load", 16, ""),
    ("v128.load8x8_s", 8, ""),
    ("v128.load8x8_u", 8, ""),
    ("v128.load16x4_s", 8, ""),
    ("v128.load16x4_u", 8, ""),
    ("v128.load32x2_s", 8, ""),
    ("v128.load32x2_u", 8, ""),
    ("v128.load8_splat", 1, ""),
    ("v128.load16_splat", 2, ""),
    ("v128.load32_splat", 4, ""),
    ("v128.load64_splat", 8, ""),
    ("v128.load32_zero", 4, ""),
    ("v128.load64_zero", 8, ""),
    ("v128.load8_lane", 1, "lane"),
    ("v128.load16_lane", 2, "lane"),
    ("v128.load32_lane", 4, "lane"),
    ("v128.load64_lane", 8, "lane"),
    ("i32.store", 4, "i32.const 1"),
    ("i64.store", 8, "i64.const 1"),
    ("f32.store", 4, "f32.const 1"),
    ("f64.store", 8, "f64.const 1"),
    ("i32.store8", 1, "i32.const 1"),
    ("i32.store16", 2, "i32.const 1"),
    ("i64.store8", 1, "i64.const 1"),
    ("i64.store16", 2, "i64.const 1"),
    ("i64.store32", 4, "i64.const 1"),
    ("v128.store", 16, VECTOR),
    ("v128.store8_lane", 1, "store lane"),
    ("v128.store16_lane", 2, "store lane"),
    ("v128.store32_lane", 4, "store lane"),
    ("v128.store64_lane", 8, "store lane"),
];

const VECTOR: &str = "v128.const i64x2 1 2";

/// Constant offsets of the accesses.
const OFFSETS: [u64; 5] = [0, 1, 65_535, 65_536, u32::MAX as u64];

pub(crate) fn guests() -> Vec<Guest> {
    let mut guests = vec![
        ("memory of nothing", accesses(0)),
        ("memory of a page", accesses(1)),
        ("constant addresses", CONSTANT.to_owned()),
        ("bulk", BULK.to_owned()),
        ("growing", GROWING.to_owned()),
    ];
    guests.push(("growing without a maximum", GROWING.replace("1 300", "1")));
    guests
}

/// A function `INSTRUCTION OFFSET` for each access, over a memory of so many pages.
fn accesses(pages: u32) -> String {
    let mut text = format!(
        "(module (memory {pages})
          (func (export \"grow\") (param i32) (result i32) (memory.grow (local.get 0)))"
    );
    for (instruction, _, operand) in ACCESSES {
        for offset in OFFSETS {
            let body = match operand {
                "" => format!("(drop ({instruction} offset={offset} (local.get 0)))"),
                "lane" => {
                    format!("(drop ({instruction} offset={offset} 0 (local.get 0) ({VECTOR})))")
                }
                "store lane" => {
                    format!("({instruction} offset={offset} 0 (local.get 0) ({VECTOR}))")
                }
                value => format!("({instruction} offset={offset} (local.get 0) ({value}))"),
            };
            let _ = writeln!(
                text,
                "(func (export \"{instruction} {offset}\") (param i32) {body})"
            );
        }
    }
    text + ")"
}

/// Addresses around every edge, and whether the access is within memory by arithmetic of its own.
fn check_edges(guest: &str, grow: u64, size: u64) {
    let mut calls: Vec<(String, Vec<u64>, &str)> = Vec::new();
    if grow > 0 {
        calls.push(("grow".to_owned(), vec![grow], "ok 1"));
    }
    for (instruction, width, _) in ACCESSES {
        for offset in OFFSETS {
            let edge = size.wrapping_sub(width).wrapping_sub(offset);
            let around = [
                edge.wrapping_sub(1),
                edge,
                edge.wrapping_add(1),
                size,
                size - 1.min(size),
            ];
            let ends = [
                0,
                1,
                0x7fff_ffff,
                0x8000_0000,
                0xffff_ffff,
                0xffff_fff8,
                0xffff_fff0,
            ];
            for address in around.into_iter().chain(ends) {
                let address = address & 0xffff_ffff;
                let fits = address + offset + width <= size;
                let expected = if fits { "ok" } else { "trap memory" };
                calls.push((format!("{instruction} {offset}"), vec![address], expected));
            }
        }
    }
    let calls: Vec<Call<'_>> = calls
        .iter()
        .map(|(name, args, expected)| (&name[..], &args[..], *expected))
        .collect();
    assert!(calls.len() > 2_000);
    check_both(guest, NO_LIMITS, &calls);
}

#[test]
fn a_memory_of_nothing_has_no_bytes() {
    check_edges("memory of nothing", 0, 0);
}

#[test]
fn accesses_end_with_the_memory() {
    check_edges("memory of a page", 0, 65_536);
}

#[test]
fn accesses_end_with_the_grown_memory() {
    check_edges("memory of a page", 3, 4 * 65_536);
}

const CONSTANT: &str = "(module (memory 1)
    (func (export \"last\") (result i32) (i32.load8_u (i32.const 65535)))
    (func (export \"past\") (result i32) (i32.load8_u (i32.const 65536)))
    (func (export \"half past\") (result i64) (i64.load (i32.const 65529)))
    (func (export \"top\") (result i32) (i32.load offset=4294967295 (i32.const -1)))
    (func (export \"store\") (i64.store offset=4294967295 (i32.const -1) (i64.const 1)))
    (func (export \"unused\") (drop (i32.load (i32.const -1)))))";

#[test]
fn constant_addresses_trap_when_they_are_run() {
    let calls: [Call<'_>; 6] = [
        ("last", &[], "ok 0"),
        ("past", &[], "trap memory"),
        ("half past", &[], "trap memory"),
        ("top", &[], "trap memory"),
        ("store", &[], "trap memory"),
        ("unused", &[], "trap memory"),
    ];
    check_both("constant addresses", NO_LIMITS, &calls);
}

const BULK: &str = "(module (memory 1)
    (data $d \"abcdefgh\")
    (func (export \"fill\") (param i32 i32 i32)
        (memory.fill (local.get 0) (local.get 1) (local.get 2)))
    (func (export \"copy\") (param i32 i32 i32)
        (memory.copy (local.get 0) (local.get 1) (local.get 2)))
    (func (export \"init\") (param i32 i32 i32)
        (memory.init $d (local.get 0) (local.get 1) (local.get 2)))
    (func (export \"drop\") (data.drop $d))
    (func (export \"get\") (param i32) (result i64) (i64.load (local.get 0))))";

#[test]
fn bulk_operations_are_all_or_nothing() {
    let top = 0xffff_ffff;
    let calls: [Call<'_>; 25] = [
        ("init", &[65_528, 0, 8], "ok"),
        ("get", &[65_528], "ok 6867666564636261"),
        ("init", &[65_529, 0, 8], "trap memory"),
        ("init", &[0, 1, 8], "trap memory"),
        ("init", &[0, 9, 0], "trap memory"),
        ("init", &[65_536, 8, 0], "ok"),
        ("init", &[65_537, 0, 0], "trap memory"),
        ("init", &[top, top, top], "trap memory"),
        ("get", &[0], "ok 0"),
        ("fill", &[65_530, 255, 7], "trap memory"),
        ("fill", &[65_536, 255, 0], "ok"),
        ("fill", &[top, 1, top], "trap memory"),
        ("get", &[65_528], "ok 6867666564636261"),
        ("copy", &[65_530, 0, 7], "trap memory"),
        ("copy", &[0, 65_530, 7], "trap memory"),
        ("copy", &[top, 0, 1], "trap memory"),
        ("copy", &[0, top, top], "trap memory"),
        ("copy", &[0, 65_528, 8], "ok"),
        ("copy", &[1, 0, 8], "ok"),
        ("get", &[1], "ok 6867666564636261"),
        ("copy", &[0, 1, 8], "ok"),
        ("get", &[0], "ok 6867666564636261"),
        ("drop", &[], "ok"),
        ("init", &[0, 0, 0], "ok"),
        ("init", &[0, 0, 1], "trap memory"),
    ];
    check_both("bulk", NO_LIMITS, &calls);
}

const GROWING: &str = "(module (memory 1 300)
    (func (export \"grow\") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export \"size\") (result i32) (memory.size))
    (func (export \"touch\") (param i32) (result i32)
        (i32.store (local.get 0) (i32.const 7)) (i32.load (local.get 0)))
    (func (export \"storm\") (result i32) (local $times i32)
        (loop $again
            (br_if $again (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
        (loop $more
            (drop (memory.grow (i32.const 1)))
            (drop (memory.grow (i32.const -1)))
            (drop (memory.grow (i32.const 65536)))
            (local.set $times (i32.add (local.get $times) (i32.const 1)))
            (br_if $more (i32.lt_u (local.get $times) (i32.const 10000))))
        (memory.size)))";

#[test]
fn growth_ends_at_the_declared_maximum_and_at_the_hosts() {
    let declared: [Call<'_>; 6] = [
        ("grow", &[299], "ok 1"),
        ("grow", &[1], "ok ffffffff"),
        ("grow", &[0], "ok 12c"),
        ("touch", &[300 * 65_536 - 4], "ok 7"),
        ("touch", &[300 * 65_536 - 3], "trap memory"),
        ("grow", &[0xffff_ffff], "ok ffffffff"),
    ];
    check_both("growing", NO_LIMITS, &declared);
    let limits = Limits {
        pages: Some(100),
        ..NO_LIMITS
    };
    let granted: [Call<'_>; 5] = [
        ("grow", &[100], "ok ffffffff"),
        ("storm", &[], "ok 64"),
        ("size", &[], "ok 64"),
        ("touch", &[100 * 65_536 - 4], "ok 7"),
        ("touch", &[100 * 65_536 - 1], "trap memory"),
    ];
    check_both("growing", limits, &granted);
    check_both("growing without a maximum", limits, &granted);
    // What the whole address space takes is refused or given, never a crash.
    let all: [Call<'_>; 1] = [("grow", &[65_536], "ok ffffffff")];
    check("growing without a maximum", NO_LIMITS, &all);
}
