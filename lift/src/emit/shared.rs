//! What all functions share: the types of the instance, indirect calls, imports.

use std::fmt::Write;

use wasmparser::{ExternalKind, ValType};

use crate::Lifted;
use crate::module::{FuncType, Import};
use crate::names::{result_type, rust_type, zero};

pub(super) fn text(lifted: &Lifted<'_>) -> String {
    let mut text = String::new();
    globals(&mut text, lifted);
    entries(&mut text, lifted);
    for ty in 0..lifted.module.types.len() {
        indirect_call(&mut text, lifted, ty);
    }
    for (index, import) in lifted.module.imports.iter().enumerate() {
        if import.invoke {
            invoke(&mut text, lifted, index, import);
        } else {
            imported(&mut text, lifted, index, import);
        }
    }
    text
}

/// Whether words are all that a function of the type takes and gives.
pub(crate) fn is_plain(ty: &FuncType) -> bool {
    let number = |ty: &ValType| !matches!(ty, ValType::Ref(_) | ValType::V128);
    ty.results.len() <= 1 && ty.params.iter().chain(&ty.results).all(number)
}

/// The state that a function takes: parameters and, in the same order, arguments.
pub(super) fn state(grows: bool) -> (&'static str, &'static str) {
    if grows {
        ("i: &mut I", "i")
    } else {
        ("m: &mut [u8], c: &mut C", "m, c")
    }
}

fn globals(text: &mut String, lifted: &Lifted<'_>) {
    let module = &lifted.module;
    text.push_str("pub struct Globals {\n");
    for (index, global) in module.globals.iter().enumerate() {
        let _ = writeln!(text, "pub g{index}: {},", rust_type(global.ty));
    }
    let _ = write!(
        text,
        "pub dropped_data: [bool; {}],
pub dropped_elements: [bool; {}],
pub r: fn(u32) -> Func,
pub data: fn(u32) -> &'static [u8],
pub elements: fn(u32) -> Vec<Func>,
}}
impl Globals {{
pub fn data(&self, k: u32) -> &'static [u8] {{
    if self.dropped_data[k as usize] {{ &[] }} else {{ (self.data)(k) }}
}}
pub fn elements(&self, k: u32) -> Vec<Func> {{
    if self.dropped_elements[k as usize] {{ Vec::new() }} else {{ (self.elements)(k) }}
}}
}}
pub type C = Context<Globals, Func>;
pub type I = Inst<Globals, Func>;
",
        module.data.len(),
        module.elements.len()
    );
}

fn entries(text: &mut String, lifted: &Lifted<'_>) {
    text.push_str("#[derive(Clone, Copy)]\npub enum Func {\nNull,\nHost(u32, HostCall),\n");
    for (index, ty) in lifted.module.types.iter().enumerate() {
        let _ = write!(text, "T{index}(fn(");
        text.push_str(if lifted.analysis.type_grows[index] {
            "&mut I"
        } else {
            "&mut [u8], &mut C"
        });
        for param in &ty.params {
            let _ = write!(text, ", {}", rust_type(*param));
        }
        let _ = writeln!(text, "){}),", result_type(&ty.results));
    }
    text.push_str(
        "}
impl Entry for Func {
const NULL: Self = Self::Null;
fn host(ty: u32, call: HostCall) -> Self { Self::Host(ty, call) }
}
",
    );
}

/// `, a0: u32, a1: u64`.
fn params(ty: &[ValType], first: usize) -> String {
    let mut text = String::new();
    for (index, ty) in ty.iter().enumerate() {
        let _ = write!(text, ", a{}: {}", index + first, rust_type(*ty));
    }
    text
}

/// `, a0, a1`.
fn args(count: usize, first: usize) -> String {
    (first..first + count).fold(String::new(), |mut text, index| {
        let _ = write!(text, ", a{index}");
        text
    })
}

/// `a0.to_word(), a1.to_word()`.
fn words(count: usize) -> String {
    let words: Vec<_> = (0..count)
        .map(|index| format!("a{index}.to_word()"))
        .collect();
    words.join(", ")
}

/// The result of a host's function, from the word in `word`.
fn from_word(ty: &FuncType, word: &str) -> String {
    match ty.results.first() {
        Some(ty) => format!("{}::from_word({word})", rust_type(*ty)),
        None => format!("{word};"),
    }
}

fn indirect_call(text: &mut String, lifted: &Lifted<'_>, index: usize) {
    let ty = &lifted.module.types[index];
    let grows = lifted.analysis.type_grows[index];
    let (params_of_state, args_of_state) = state(grows);
    let context = if grows { "i.context()" } else { "c" };
    let _ = write!(
        text,
        "#[inline(always)]
pub fn t{index}<const TABLE: usize>({params_of_state}{}, x: u32){} {{
match {context}.tables[TABLE].entry(x) {{
Some(&Func::T{index}(f)) => f({args_of_state}{}),
",
        params(&ty.params, 0),
        result_type(&ty.results),
        args(ty.params.len(), 0)
    );
    if is_plain(ty) {
        let memory = if grows { "i.memory()" } else { "m" };
        let _ = write!(
            text,
            "Some(&Func::Host({index}, h)) => {{
{context}.spend(HOST_CALL);
match h({memory}, &[{}]) {{
Ok(w) => {{ {} }}
Err(trap) => raise(trap),
}}
}}
",
            words(ty.params.len()),
            from_word(ty, "w")
        );
    }
    text.push_str(
        "Some(&Func::Null) => raise(Trap::NullFunction),
Some(_) => raise(Trap::BadSignature),
None => raise(Trap::TableOutOfBounds),
}
}
",
    );
}

fn imported(text: &mut String, lifted: &Lifted<'_>, index: usize, import: &Import<'_>) {
    let ty = &lifted.module.types[import.ty];
    let call = format!("c.import({index}, m, &[{}])", words(ty.params.len()));
    let _ = writeln!(
        text,
        "pub fn f{index}(m: &mut [u8], c: &mut C{}){} {{ {} }}",
        params(&ty.params, 0),
        result_type(&ty.results),
        from_word(ty, &call)
    );
}

/// A call through the table that catches a `longjmp`.
fn invoke(text: &mut String, lifted: &Lifted<'_>, index: usize, import: &Import<'_>) {
    let module = &lifted.module;
    let ty = &module.types[import.ty];
    let callee = FuncType {
        params: ty.params[1..].to_vec(),
        results: ty.results.clone(),
    };
    let pointer = module
        .exports
        .iter()
        .find(|export| export.kind == ExternalKind::Global && export.name == "__stack_pointer")
        .map(|export| export.index as usize)
        .filter(|global| {
            module.globals[*global].mutable && module.globals[*global].ty == ValType::I32
        });
    let target = module.types.iter().position(|ty| *ty == callee);
    let _ = write!(
        text,
        "pub fn f{index}(i: &mut I{}){} {{ ",
        params(&ty.params, 0),
        result_type(&ty.results)
    );
    let rest = args(callee.params.len(), 1);
    let zero = ty.results.first().map_or("()", |ty| zero(*ty));
    match (pointer, target) {
        (Some(pointer), Some(target)) => {
            let (split, state) = if lifted.analysis.type_grows[target] {
                ("", "i")
            } else {
                ("let (m, c) = i.split(); ", "m, c")
            };
            let _ = writeln!(
                text,
                "invoke(i, |g| &mut g.g{pointer}, {zero}, |i| {{ {split}t{target}::<0>({state}{rest}, a0) }}) }}"
            );
        }
        // No function of that type is in the module, so none can be in its table.
        _ => text.push_str("raise(Trap::BadSignature) }\n"),
    }
}
