//! The copy of the guest that is lifted: of its functions only those that kernels stand in for, and for each
//! type one that calls them over and over. It starts in the memory of a guest that was set up elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use wasm_encoder::reencode::{self, Reencode, utils};
use wasm_encoder::{
    CodeSection, ExportKind, ExportSection, Function, FunctionSection, Instruction, MemorySection,
    MemoryType, Module, TypeSection,
};
use wasmparser::{ElementItems, ElementKind, Operator, Parser, Payload, TypeRef};

use super::repeat::Repeat;
use crate::failure::{Failure, Result};

/// Memory of the copy in pages, 16 MiB: more than a guest has that was set up.
const PAGES: u64 = 256;

/// Copies a guest without what these elements of its table do not need.
pub(super) fn copy(guest: &[u8], elements: &BTreeSet<u32>) -> Result<Vec<u8>> {
    let mut copy = Copy::of(guest)
        .map_err(|error| Failure::new(format!("the guest cannot be read: {error}")))?;
    copy.keep(elements);
    let mut out = Module::new();
    copy.parse_core_module(&mut out, Parser::new(0), guest)
        .map_err(|error| Failure::new(format!("the guest cannot be changed: {error}")))?;
    Ok(out.finish())
}

/// The walk that copies, and what it knows of the guest.
#[derive(Default)]
struct Copy {
    types: u32,
    imported: u32,
    /// For each defined function, its type and what it calls.
    functions: Vec<u32>,
    calls: Vec<Calls>,
    /// The function of each element of the table.
    table: BTreeMap<u32, u32>,
    kept: BTreeSet<u32>,
    repeats: Vec<Repeat>,
    /// How many bodies are copied.
    bodies: u32,
}

/// What a function calls.
#[derive(Default)]
struct Calls {
    functions: Vec<u32>,
    /// The types of what it calls through the table.
    types: Vec<u32>,
}

impl Copy {
    fn of(module: &[u8]) -> wasmparser::Result<Self> {
        let mut copy = Self::default();
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::TypeSection(types) => {
                    for ty in types.into_iter_err_on_gc_types() {
                        copy.repeats.extend(Repeat::of(copy.types, &ty?));
                        copy.types += 1;
                    }
                }
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        if let TypeRef::Func(_) | TypeRef::FuncExact(_) = import?.ty {
                            copy.imported += 1;
                        }
                    }
                }
                Payload::FunctionSection(functions) => {
                    for ty in functions {
                        copy.functions.push(ty?);
                    }
                }
                Payload::ElementSection(segments) => {
                    for segment in segments {
                        copy.read_segment(&segment?)?;
                    }
                }
                Payload::CodeSectionEntry(body) => {
                    let mut calls = Calls::default();
                    for operator in body.get_operators_reader()? {
                        match operator? {
                            Operator::Call { function_index } => {
                                calls.functions.push(function_index);
                            }
                            Operator::CallIndirect { type_index, .. } => {
                                calls.types.push(type_index);
                            }
                            _ => {}
                        }
                    }
                    copy.calls.push(calls);
                }
                _ => {}
            }
        }
        // Equal types are one to a call through the table.
        copy.repeats.sort_by(|a, b| a.name.cmp(&b.name));
        copy.repeats.dedup_by(|a, b| a.name == b.name);
        Ok(copy)
    }

    /// Reads a segment as linkers write them: functions, from a constant place on.
    fn read_segment(&mut self, segment: &wasmparser::Element<'_>) -> wasmparser::Result<()> {
        let (ElementKind::Active { offset_expr, .. }, ElementItems::Functions(functions)) =
            (&segment.kind, &segment.items)
        else {
            return Ok(());
        };
        if let Operator::I32Const { value } = offset_expr.get_operators_reader().read()? {
            for (index, function) in (value.cast_unsigned()..).zip(functions.clone()) {
                self.table.insert(index, function?);
            }
        }
        Ok(())
    }

    /// Decides which functions are kept.
    fn keep(&mut self, elements: &BTreeSet<u32>) {
        let mut open: Vec<u32> = elements
            .iter()
            .filter_map(|index| self.table.get(index).copied())
            .collect();
        while let Some(function) = open.pop() {
            let defined = function.checked_sub(self.imported);
            if let Some(calls) = defined.and_then(|defined| self.calls.get(defined as usize))
                && self.kept.insert(function)
            {
                open.extend(&calls.functions);
                for ty in &calls.types {
                    open.extend(self.elements_of(*ty));
                }
            }
        }
    }

    /// The functions in the table that a call of this type may mean, unless they are so many that it is a
    /// callback of the library's user: those that matter are wanted themselves.
    fn elements_of(&self, ty: u32) -> Vec<u32> {
        let all = self.table.values().copied().filter(|function| {
            let defined = function.checked_sub(self.imported);
            defined.and_then(|defined| self.functions.get(defined as usize)) == Some(&ty)
        });
        all.collect()
    }

    fn functions(&self) -> u32 {
        self.imported + self.functions.len() as u32
    }
}

type Step = std::result::Result<(), reencode::Error<Infallible>>;

impl Reencode for Copy {
    type Error = Infallible;

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: wasmparser::TypeSectionReader<'_>,
    ) -> Step {
        utils::parse_type_section(self, types, section)?;
        for repeat in &self.repeats {
            types.ty().function(repeat.params(), []);
        }
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: wasmparser::FunctionSectionReader<'_>,
    ) -> Step {
        utils::parse_function_section(self, functions, section)?;
        for (_, ty) in self.repeats.iter().zip(self.types..) {
            functions.function(ty);
        }
        Ok(())
    }

    fn parse_memory_section(
        &mut self,
        memories: &mut MemorySection,
        _: wasmparser::MemorySectionReader<'_>,
    ) -> Step {
        memories.memory(MemoryType {
            minimum: PAGES,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Step {
        utils::parse_export_section(self, exports, section)?;
        for (repeat, index) in self.repeats.iter().zip(self.functions()..) {
            exports.export(&repeat.name, ExportKind::Func, index);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: wasmparser::CodeSectionReader<'_>,
    ) -> Step {
        utils::parse_code_section(self, code, section)?;
        for repeat in &self.repeats {
            code.function(&repeat.body());
        }
        Ok(())
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: wasmparser::FunctionBody<'_>,
    ) -> Step {
        let index = self.imported + self.bodies;
        self.bodies += 1;
        if self.kept.contains(&index) {
            return utils::parse_function_body(self, code, body);
        }
        let mut nothing = Function::new([]);
        nothing
            .instruction(&Instruction::Unreachable)
            .instruction(&Instruction::End);
        code.function(&nothing);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUEST: &str = r#"(module
        (type (func (param i32 f32) (result i64)))
        (type (func (param i32 f32) (result i64)))
        (type (func (param v128)))
        (import "env" "host" (func))
        (func $wanted (param i32 i32) (call $callee))
        (func $callee (call 0))
        (func $other (export "other") (param i32 i32) (drop (i32.const 1234567)))
        (memory 1)
        (table 3 funcref)
        (elem (i32.const 1) $wanted $other))"#;

    fn copied() -> Vec<u8> {
        let guest = wat::parse_str(GUEST).expect("the text is right");
        copy(&guest, &BTreeSet::from([1, 900])).expect("a valid module has a copy")
    }

    #[test]
    fn each_type_of_numbers_gets_one_function() {
        let copy = copied();
        wasmparser::validate(&copy).expect("the copy is valid");
        let mut exports = Vec::new();
        for payload in Parser::new(0).parse_all(&copy) {
            if let Payload::ExportSection(section) = payload.expect("it is valid") {
                exports.extend(section.into_iter().map(|export| {
                    let export = export.expect("it is valid");
                    export.name.to_owned()
                }));
            }
        }
        assert_eq!(
            exports,
            ["other", "repeat__v", "repeat_if_l", "repeat_ii_v"]
        );
    }

    #[test]
    fn only_what_wanted_elements_call_is_kept() {
        let copy = copied();
        let mut first = Vec::new();
        for payload in Parser::new(0).parse_all(&copy) {
            if let Payload::CodeSectionEntry(body) = payload.expect("it is valid") {
                let mut operators = body.get_operators_reader().expect("it is valid");
                first.push(format!("{:?}", operators.read().expect("it is valid")));
            }
        }
        assert!(
            first[0].starts_with("LocalGet") || first[0].starts_with("Call"),
            "{first:?}"
        );
        assert!(first[1].starts_with("Call"), "{first:?}");
        assert_eq!(first[2], "Unreachable");
    }
}
