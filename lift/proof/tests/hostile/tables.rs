//! Indirect calls and table operations that reach for what is not there.

use crate::{Call, Guest, NO_LIMITS, check_both};

pub(crate) fn guests() -> Vec<Guest> {
    vec![
        ("tables", TABLES.to_owned()),
        ("same types", SAME_TYPES.to_owned()),
    ]
}

const TABLES: &str = "(module
    (type $number (func (result i32))) (type $long (func (result i64)))
    (table $t 5 20 funcref)
    (table $u 3 funcref)
    (elem (table $t) (i32.const 0) func $one $two $wide)
    (elem $passive func $two $one)
    (func $one (type $number) (i32.const 1))
    (func $two (type $number) (i32.const 2))
    (func $wide (type $long) (i64.const 3))
    (func (export \"call\") (param i32) (result i32)
        (call_indirect $t (type $number) (local.get 0)))
    (func (export \"call u\") (param i32) (result i32)
        (call_indirect $u (type $number) (local.get 0)))
    (func (export \"call constant\") (result i32)
        (call_indirect $t (type $number) (i32.const 4000000000)))
    (func (export \"init\") (param i32 i32 i32)
        (table.init $u $passive (local.get 0) (local.get 1) (local.get 2)))
    (func (export \"drop\") (elem.drop $passive))
    (func (export \"copy\") (param i32 i32 i32)
        (table.copy $u $t (local.get 0) (local.get 1) (local.get 2)))
    (func (export \"fill\") (param i32 i32)
        (table.fill $t (local.get 0) (ref.func $two) (local.get 1)))
    (func (export \"clear\") (param i32) (table.set $t (local.get 0) (ref.null func)))
    (func (export \"has\") (param i32) (result i32)
        (i32.eqz (ref.is_null (table.get $t (local.get 0)))))
    (func (export \"grow\") (param i32) (result i32)
        (table.grow $t (ref.func $one) (local.get 0)))
    (func (export \"size\") (result i32) (table.size $t)))";

#[test]
fn tables_give_only_what_they_have() {
    let top = 0xffff_ffff;
    let calls: [Call<'_>; 41] = [
        ("call", &[0], "ok 1"),
        ("call", &[1], "ok 2"),
        ("call", &[2], "trap signature"),
        ("call", &[3], "trap null"),
        ("call", &[5], "trap table"),
        ("call", &[top], "trap table"),
        ("call", &[0x8000_0000], "trap table"),
        ("call constant", &[], "trap table"),
        ("call u", &[0], "trap null"),
        ("init", &[1, 0, 2], "ok"),
        ("call u", &[1], "ok 2"),
        ("call u", &[2], "ok 1"),
        ("init", &[2, 0, 2], "trap table"),
        ("init", &[0, 1, 2], "trap table"),
        ("init", &[top, top, top], "trap table"),
        ("init", &[3, 2, 0], "ok"),
        ("init", &[4, 0, 0], "trap table"),
        ("call u", &[2], "ok 1"),
        ("drop", &[], "ok"),
        ("init", &[0, 0, 1], "trap table"),
        ("copy", &[0, 0, 3], "ok"),
        ("call u", &[2], "trap signature"),
        ("copy", &[0, 3, 3], "trap table"),
        ("copy", &[1, 0, 3], "trap table"),
        ("copy", &[0, top, top], "trap table"),
        ("fill", &[3, 2], "ok"),
        ("call", &[4], "ok 2"),
        ("fill", &[3, 3], "trap table"),
        ("fill", &[top, top], "trap table"),
        ("fill", &[5, 0], "ok"),
        ("clear", &[0], "ok"),
        ("call", &[0], "trap null"),
        ("clear", &[5], "trap table"),
        ("has", &[0], "ok 0"),
        ("has", &[4], "ok 1"),
        ("has", &[top], "trap table"),
        ("grow", &[15], "ok 5"),
        ("call", &[19], "ok 1"),
        ("grow", &[1], "ok ffffffff"),
        ("grow", &[top], "ok ffffffff"),
        ("size", &[], "ok 14"),
    ];
    check_both("tables", NO_LIMITS, &calls);
}

/// Types that are equal are one type, however often they are declared.
const SAME_TYPES: &str = "(module
    (type $a (func (param i32) (result i32))) (type $b (func (param i32) (result i32)))
    (type $c (func (param f32) (result i32)))
    (table 2 2 funcref) (elem (i32.const 0) $f $g)
    (func $f (type $b) (i32.add (local.get 0) (i32.const 1)))
    (func $g (type $c) (i32.const 9))
    (func (export \"call\") (param i32 i32) (result i32)
        (call_indirect (type $a) (local.get 0) (local.get 1))))";

#[test]
fn equal_types_are_one_type() {
    let calls: [Call<'_>; 2] = [
        ("call", &[5, 0], "ok 6"),
        ("call", &[5, 1], "trap signature"),
    ];
    check_both("same types", NO_LIMITS, &calls);
}
