//! The generated source text: what all functions share, the functions, and what makes instances.

mod package;
mod partial;
mod partition;
mod shared;
mod top;

use crate::Lifted;

pub(crate) use package::package;
pub use package::{File, Package};
pub(crate) use shared::is_plain;

/// Everything in one text.
pub(crate) fn single_file(lifted: &Lifted<'_>) -> String {
    let mut text = String::from(ALLOW);
    text.push_str("use afmpeg_lift_runtime::*;\n");
    text.push_str(&shared(lifted));
    for function in lifted.functions.values() {
        text.push_str(&function.text);
    }
    if let Some(part) = &lifted.part {
        text.push_str(&partial::top(lifted, part, &format!("&{:?}", part.rest)));
        return text;
    }
    let data: Vec<_> = lifted
        .module
        .data
        .iter()
        .map(|data| format!("&{:?}", data.bytes))
        .collect();
    text.push_str(&top::text(lifted, &data));
    text
}

/// What all functions share.
fn shared(lifted: &Lifted<'_>) -> String {
    match &lifted.part {
        Some(part) => partial::shared(lifted, part),
        None => shared::text(lifted),
    }
}

/// Generated code is for the compiler: what a person would write differently is of no interest.
const ALLOW: &str = "#![allow(warnings, clippy::all, clippy::pedantic)]\n";
