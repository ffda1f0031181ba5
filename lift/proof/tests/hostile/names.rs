//! Names that are no names in Rust, and bytes that are no text.

use crate::{Call, Guest, NO_LIMITS, check_both};

/// Keywords, quotes, escapes, comments, line ends, directions of writing, nothing at all.
const NAMES: [&str; 16] = [
    "",
    " ",
    "fn",
    "r#type",
    "self",
    "_",
    "\"",
    "\\\"; panic!(); //",
    "*/ /* }",
    "}}{{{}",
    "a\nb\r\u{2028}",
    "\0",
    "\u{202e}\u{2066}",
    "\u{feff}",
    "ünï🎬",
    "#![allow(x)]",
];

pub(crate) fn guests() -> Vec<Guest> {
    let mut text = "(module (memory (export \"m\") 1)\n".to_owned();
    for (number, name) in NAMES.into_iter().enumerate() {
        let name = quoted(name);
        text += &format!(
            "(import \"{name}\" \"{name}\" (func))\n(export \"{name}\" (func {number}))\n"
        );
    }
    // Imports come first in a module.
    let (exports, imports): (Vec<_>, Vec<_>) = text
        .lines()
        .skip(1)
        .partition(|line| line.starts_with("(export"));
    let all: Vec<u8> = (0..=255).collect();
    let data: String = all.iter().map(|byte| format!("\\{byte:02x}")).collect();
    let text = format!(
        "(module {} (memory 1) (data (i32.const 0) \"{data}\") {}
          (func (export \"get\") (param i32) (result i32) (i32.load8_u (local.get 0))))",
        imports.join("\n"),
        exports.join("\n")
    );
    vec![("names", text)]
}

fn quoted(name: &str) -> String {
    name.bytes().map(|byte| format!("\\{byte:02x}")).collect()
}

#[test]
fn any_name_is_only_a_name() {
    let mut calls: Vec<Call<'_>> = NAMES.iter().map(|name| (*name, &[][..], "ok")).collect();
    calls.push(("get", &[0], "ok 0"));
    calls.push(("get", &[0x22], "ok 22"));
    calls.push(("get", &[255], "ok ff"));
    calls.push(("get", &[256], "ok 0"));
    check_both("names", NO_LIMITS, &calls);
}
