//! What makes instances: constants, segments, exports, the `Module` itself.

use std::collections::BTreeSet;
use std::fmt::Write;

use wasmparser::{ExternalKind, ValType};

use super::shared::state;
use crate::Lifted;
use crate::module::{FuncType, Place};
use crate::names::{rust_type, type_name};

/// `data` is a Rust expression for the bytes of each data segment.
pub(super) fn text(lifted: &Lifted<'_>, data: &[String]) -> String {
    let mut text = String::new();
    references(&mut text, lifted);
    segments(&mut text, lifted, data);
    descriptions(&mut text, lifted);
    exported(&mut text, lifted);
    instantiate(&mut text, lifted);
    text
}

/// The functions that this text names.
pub(super) fn callees(lifted: &Lifted<'_>) -> BTreeSet<u32> {
    let module = &lifted.module;
    let mut callees = module.referenced.clone();
    callees.extend(module.start);
    callees
}

/// `r12()`: function 12 as a table element.
fn references(text: &mut String, lifted: &Lifted<'_>) {
    let module = &lifted.module;
    for &function in &module.referenced {
        let ty = module.functions[function as usize];
        let wanted = lifted.analysis.type_grows[ty];
        let has = grows(lifted, function);
        let _ = write!(text, "fn r{function}() -> Func {{ Func::T{ty}(");
        if wanted == has {
            let _ = write!(text, "f{function}");
        } else {
            // One that cannot grow memory among others of its type that can.
            let names: String =
                (0..module.types[ty].params.len()).fold(String::new(), |mut names, k| {
                    let _ = write!(names, ", a{k}");
                    names
                });
            let _ = write!(
                text,
                "|i{names}| {{ let (m, c) = i.split(); f{function}(m, c{names}) }}"
            );
        }
        text.push_str(") }\n");
    }
    text.push_str("fn reference(k: u32) -> Func { match k {\n");
    for function in &module.referenced {
        let _ = writeln!(text, "{function} => r{function}(),");
    }
    text.push_str("_ => Func::Null } }\n");
}

fn grows(lifted: &Lifted<'_>, function: u32) -> bool {
    match lifted.module.defined(function) {
        Some(defined) => lifted.analysis.functions[defined].grows,
        None => lifted.module.imports[function as usize].invoke,
    }
}

fn segments(text: &mut String, lifted: &Lifted<'_>, data: &[String]) {
    for (index, bytes) in data.iter().enumerate() {
        let _ = writeln!(text, "static D{index}: &[u8] = {bytes};");
    }
    text.push_str("fn data(k: u32) -> &'static [u8] { match k {\n");
    for index in 0..data.len() {
        let _ = writeln!(text, "{index} => D{index},");
    }
    text.push_str("_ => &[] } }\n");
    for (index, elements) in lifted.module.elements.iter().enumerate() {
        let _ = writeln!(
            text,
            "fn s{index}() -> Vec<Func> {{ vec![{}] }}",
            elements.items.join(", ")
        );
    }
    text.push_str("fn elements(k: u32) -> Vec<Func> { match k {\n");
    for index in 0..lifted.module.elements.len() {
        let _ = writeln!(text, "{index} => s{index}(),");
    }
    text.push_str("_ => Vec::new() } }\n");
}

pub(super) fn function_type(ty: &FuncType) -> String {
    let list = |types: &[ValType]| {
        let names: Vec<_> = types
            .iter()
            .map(|ty| format!("ValType::{}", type_name(*ty)))
            .collect();
        names.join(", ")
    };
    format!(
        "FuncType {{ params: &[{}], results: &[{}] }}",
        list(&ty.params),
        list(&ty.results)
    )
}

pub(super) fn descriptions(text: &mut String, lifted: &Lifted<'_>) {
    let module = &lifted.module;
    text.push_str("static TYPES: &[FuncType] = &[\n");
    for ty in &module.types {
        let _ = writeln!(text, "{},", function_type(ty));
    }
    text.push_str("];\nstatic IMPORTS: &[Import] = &[\n");
    for import in &module.imports {
        let _ = writeln!(
            text,
            "Import {{ module: {:?}, name: {:?}, ty: {}, resolved: {} }},",
            import.module,
            import.name,
            function_type(&module.types[import.ty]),
            import.invoke
        );
    }
    text.push_str("];\nstatic EXPORTS: &[Export] = &[\n");
    for export in &module.exports {
        let what = match export.kind {
            ExternalKind::Func | ExternalKind::FuncExact => {
                format!(
                    "Extern::Function({})",
                    function_type(module.type_of_function(export.index))
                )
            }
            ExternalKind::Table => "Extern::Table".to_owned(),
            ExternalKind::Memory => "Extern::Memory".to_owned(),
            ExternalKind::Global | ExternalKind::Tag => "Extern::Global".to_owned(),
        };
        let _ = writeln!(text, "Export {{ name: {:?}, what: {what} }},", export.name);
    }
    text.push_str("];\n");
}

/// Functions over words for the exported functions, and the map of names.
fn exported(text: &mut String, lifted: &Lifted<'_>) {
    let module = &lifted.module;
    let mut functions = String::new();
    let mut globals = String::new();
    let mut tables = String::new();
    for (number, export) in module.exports.iter().enumerate() {
        match export.kind {
            ExternalKind::Func => {
                let ty = module.type_of_function(export.index);
                let all = || ty.params.iter().chain(&ty.results);
                if all().any(|ty| matches!(ty, ValType::Ref(_))) {
                    continue;
                }
                exported_function(text, lifted, number, export.index);
                let _ = writeln!(functions, "({:?}, e{number}),", export.name);
            }
            ExternalKind::Global => {
                let global = &module.globals[export.index as usize];
                if matches!(global.ty, ValType::Ref(_) | ValType::V128) {
                    continue;
                }
                let _ = writeln!(
                    text,
                    "fn x{number}(g: &Globals) -> u64 {{ g.g{}.to_word() }}",
                    export.index
                );
                let _ = writeln!(globals, "({:?}, x{number}),", export.name);
            }
            ExternalKind::Table => {
                let _ = writeln!(tables, "({:?}, {}),", export.name, export.index);
            }
            _ => {}
        }
    }
    let _ = write!(
        text,
        "static MAP: Map<Globals, Func> = Map {{
functions: &[\n{functions}],
globals: &[\n{globals}],
tables: &[\n{tables}],
types: TYPES,
}};
"
    );
}

fn exported_function(text: &mut String, lifted: &Lifted<'_>, number: usize, function: u32) {
    let ty = lifted.module.type_of_function(function);
    let _ = writeln!(text, "fn e{number}(i: &mut I, a: &[u64]) -> Vec<u64> {{");
    let grows = grows(lifted, function);
    if !grows {
        text.push_str("let (m, c) = i.split();\n");
    }
    let mut args = String::new();
    let mut word = 0;
    for ty in &ty.params {
        if *ty == ValType::V128 {
            let _ = write!(args, ", V128::from_words(a[{word}], a[{}])", word + 1);
            word += 2;
        } else {
            let _ = write!(args, ", {}::from_word(a[{word}])", rust_type(*ty));
            word += 1;
        }
    }
    let (_, state) = state(grows);
    let call = format!("f{function}({state}{args})");
    let names: Vec<_> = (0..ty.results.len()).map(|k| format!("r{k}")).collect();
    let pattern = match names.as_slice() {
        [one] => one.clone(),
        many => format!("({})", many.join(", ")),
    };
    let mut words = Vec::new();
    for (name, ty) in names.iter().zip(&ty.results) {
        if *ty == ValType::V128 {
            words.push(format!("{name}.to_words().0"));
            words.push(format!("{name}.to_words().1"));
        } else {
            words.push(format!("{name}.to_word()"));
        }
    }
    let _ = writeln!(
        text,
        "let {pattern} = {call};\nvec![{}]\n}}",
        words.join(", ")
    );
}

/// What the module starts with, as Rust.
pub(super) fn needs(lifted: &Lifted<'_>) -> String {
    let module = &lifted.module;
    let pages = module.memory.as_ref().map_or(0, |memory| memory.min);
    let elements: u64 = module.tables.iter().map(|table| u64::from(table.min)).sum();
    format!(
        "Needs {{ memory_bytes: {}, table_elements: {elements}, start: {} }}",
        pages * 65_536,
        module.start.is_some()
    )
}

/// The method that gives what the module says of itself, if it says anything.
pub(super) fn custom_sections(lifted: &Lifted<'_>) -> String {
    let mut text = String::new();
    if lifted.module.custom.is_empty() {
        return text;
    }
    text.push_str(
        "fn custom_section(&self, name: &str) -> Option<&'static [u8]> {\nmatch name {\n",
    );
    for (name, bytes) in &lifted.module.custom {
        let _ = writeln!(text, "{name:?} => Some(&{bytes:?}),");
    }
    text.push_str("_ => None } }\n");
    text
}

fn instantiate(text: &mut String, lifted: &Lifted<'_>) {
    let module = &lifted.module;
    let (min, max) = module
        .memory
        .as_ref()
        .map_or((0, 0), |memory| (memory.min, memory.max));
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
{}fn instantiate(&self, host: Box<dyn Host>, config: &Config) -> Result<Box<dyn Instance>, Trap> {{
let memory = Memory::new({min}, {max}, config.reserve_bytes).ok_or(Trap::OutOfSystemMemory)?;
let g = Globals {{
",
        lifted.digest,
        needs(lifted),
        custom_sections(lifted)
    );
    for (index, global) in module.globals.iter().enumerate() {
        let _ = writeln!(text, "g{index}: {},", global.init);
    }
    let _ = write!(
        text,
        "dropped_data: [false; {}],
dropped_elements: [false; {}],
r: reference,
data,
elements,
}};
let tables = vec![",
        module.data.len(),
        module.elements.len()
    );
    for table in &module.tables {
        let _ = write!(text, "Table::new({}, {}), ", table.min, table.max);
    }
    text.push_str(
        "];
let mut inst = Inst::new(memory, g, tables, host, config);
inst.enter_root(|i| {
let (m, c) = i.split();
",
    );
    for (index, table) in module.tables.iter().enumerate() {
        if table.init != "Func::Null" {
            let _ = writeln!(
                text,
                "c.tables[{index}].fill(0, {}, {});",
                table.init, table.min
            );
        }
    }
    for (index, elements) in module.elements.iter().enumerate() {
        if let Place::Active(table, offset) = &elements.place {
            let _ = writeln!(
                text,
                "table_init(&mut c.tables[{table}], &s{index}(), {offset}, 0, {});",
                elements.items.len()
            );
        }
        if !matches!(elements.place, Place::Passive) {
            let _ = writeln!(text, "c.g.dropped_elements[{index}] = true;");
        }
    }
    for (index, data) in module.data.iter().enumerate() {
        if let Place::Active(_, offset) = &data.place {
            let _ = writeln!(
                text,
                "init(m, D{index}, {offset}, 0, {}); c.g.dropped_data[{index}] = true;",
                data.bytes.len()
            );
        }
    }
    text.push_str("})?;\n");
    if let Some(start) = module.start {
        let grows = grows(lifted, start);
        let split = if grows {
            ""
        } else {
            "let (m, c) = i.split(); "
        };
        let _ = writeln!(
            text,
            "inst.enter_root(|i| {{ {split}f{start}({}) }})?;",
            state(grows).1
        );
    }
    text.push_str("Ok(Box::new(Live::new(inst, &MAP)))\n}\n}\n");
}
