//! The text of a mixed pack besides its functions: their state, and what the interpreter's side sees.

use std::fmt::Write;

use super::top;
use crate::names::{rust_type, type_name};
use crate::{Lifted, Part, hot};

/// What all lifted functions share: the globals that they use, and a context without tables.
pub(super) fn shared(lifted: &Lifted<'_>, part: &Part) -> String {
    let mut text = String::from("#[derive(Default)]\npub struct Globals {\n");
    for &global in &part.globals {
        let ty = lifted.module.globals[global as usize].ty;
        let _ = writeln!(text, "pub g{global}: {},", rust_type(ty));
    }
    text.push_str(
        "}
#[derive(Clone, Copy)]
pub struct Func;
impl Entry for Func {
const NULL: Self = Self;
fn host(_: u32, _: HostCall) -> Self { Self }
}
pub type C = Context<Globals, Func>;
",
    );
    text
}

/// The `Module`. `rest` is a Rust expression for the bytes of the rest.
pub(super) fn top(lifted: &Lifted<'_>, part: &Part, rest: &str) -> String {
    let mut text = String::new();
    top::descriptions(&mut text, lifted);
    for &function in &part.entries {
        entry(&mut text, lifted, function);
    }
    partial(&mut text, lifted, part, rest);
    map(&mut text, part);
    module(&mut text, lifted);
    text
}

/// One lifted function over words.
fn entry(text: &mut String, lifted: &Lifted<'_>, function: u32) {
    let ty = lifted.module.type_of_function(function);
    let mut args = String::new();
    for (at, ty) in ty.params.iter().enumerate() {
        let _ = write!(args, ", {}::from_word(a[{at}])", rust_type(*ty));
    }
    let _ = writeln!(
        text,
        "fn e{function}(m: &mut [u8], c: &mut C, a: &[u64]) -> u64 {{"
    );
    // The callers of a bounded function count its work, but not those on the other side.
    let facts = lifted
        .module
        .defined(function)
        .map(|defined| &lifted.analysis.functions[defined]);
    if let Some(facts) = facts
        && facts.bounded
    {
        let _ = writeln!(text, "c.spend({});", facts.cost);
    }
    let call = format!("f{function}(m, c{args})");
    if ty.results.is_empty() {
        let _ = writeln!(text, "{call}; 0\n}}");
    } else {
        let _ = writeln!(text, "{call}.to_word()\n}}");
    }
}

/// What the interpreter's side sees.
fn partial(text: &mut String, lifted: &Lifted<'_>, part: &Part, rest: &str) {
    let _ = write!(
        text,
        "static PARTIAL_HERE: Partial = Partial {{\nrest: {rest},\nfunctions: &[\n"
    );
    for &function in &part.entries {
        let _ = writeln!(
            text,
            "PartialFunction {{ name: {:?}, ty: {}, uses_globals: {} }},",
            hot::import_name(function),
            top::function_type(lifted.module.type_of_function(function)),
            part.with_globals.contains(&function)
        );
    }
    text.push_str("],\nglobals: &[\n");
    for &global in &part.globals {
        let ty = lifted.module.globals[global as usize].ty;
        let name = hot::global_name(global);
        let _ = writeln!(text, "({name:?}, ValType::{}),", type_name(ty));
    }
    text.push_str("],\n};\n");
}

fn map(text: &mut String, part: &Part) {
    let calls: Vec<_> = part.entries.iter().map(|k| format!("e{k}")).collect();
    let globals: Vec<_> = part.globals.iter().map(|k| format!("g{k}")).collect();
    let mut load = String::new();
    let mut store = String::new();
    for name in &globals {
        let _ = write!(load, "g.{name} = Word::from_word(*{name}); ");
        let _ = write!(store, "*{name} = g.{name}.to_word(); ");
    }
    let names = globals.join(", ");
    let _ = write!(
        text,
        "fn load(g: &mut Globals, w: &[u64]) {{ if let [{names}] = w {{ {load} }} }}
fn store(g: &Globals, w: &mut [u64]) {{ if let [{names}] = w {{ {store} }} }}
static MAP: PartialMap<Globals, Func> = PartialMap {{ functions: &[{}], load, store }};
",
        calls.join(", ")
    );
}

fn module(text: &mut String, lifted: &Lifted<'_>) {
    let _ = write!(
        text,
        "struct Lifted;
/// The module.
pub fn module() -> &'static dyn Module {{ &Lifted }}
impl Module for Lifted {{
fn digest(&self) -> [u8; 32] {{ {:?} }}
fn imports(&self) -> &'static [Import] {{ IMPORTS }}
fn exports(&self) -> &'static [Export] {{ EXPORTS }}
fn needs(&self) -> Needs {{ {} }}
{}fn instantiate(&self, _: Box<dyn Host>, _: &Config) -> Result<Box<dyn Instance>, Trap> {{
Err(Trap::Unreachable)
}}
fn partial(&self) -> Option<&'static Partial> {{ Some(&PARTIAL_HERE) }}
fn partial_state(&self, host: Box<dyn Host>, config: &Config) -> Option<Box<dyn PartialState>> {{
Some(Box::new(PartialLive::new(Globals::default(), &MAP, host, config)))
}}
}}
",
        lifted.digest,
        top::needs(lifted),
        top::custom_sections(lifted)
    );
}
