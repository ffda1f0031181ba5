//! Makes a linked module smaller without a change of what it does: of functions that are alike one is kept, and data
//! that is zero is left to the memory, which begins as zero.
//!
//! FFmpeg compiles many functions from one source, of which some come out the same, and neither the compiler nor the
//! linker folds them. Pointers to folded functions stay different: they are places of the table, which keeps them all.

use std::collections::HashMap;

use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{CodeSection, ConstExpr, DataSection, FunctionSection, Module};
use wasmparser::{
    CodeSectionReader, CustomSectionReader, Data, DataKind, FunctionSectionReader, Operator,
    Parser, Payload, TypeRef,
};

use crate::failure::{Failure, Result};

/// The same module with fewer functions and less data.
pub(in super::super) fn shrink(module: &[u8]) -> Result<Vec<u8>> {
    let mut module = reencode(module, &mut Zeros)?;
    // Functions that call different ones become alike when those are folded.
    while let Some(mut fold) = Fold::find(&module).map_err(unreadable)? {
        module = reencode(&module, &mut fold)?;
    }
    Ok(module)
}

/// Why a module is left as it is.
type Refusal = &'static str;

const SEGMENTS: Refusal = "its data is not all at fixed places of one memory";

fn reencode(module: &[u8], way: &mut impl Reencode<Error = Refusal>) -> Result<Vec<u8>> {
    let mut out = Module::new();
    let done = way.parse_core_module(&mut out, Parser::new(0), module);
    done.map_err(unreadable)?;
    Ok(out.finish())
}

fn unreadable(err: impl std::fmt::Debug) -> Failure {
    Failure::new(format!("the linked engine cannot be rewritten: {err:?}"))
}

/// Which functions stay, and the new index of each.
struct Fold {
    imported: u32,
    /// By the old index less `imported`.
    stays: Vec<bool>,
    new: Vec<u32>,
}

impl Fold {
    /// `None` where no two functions are alike.
    fn find(module: &[u8]) -> std::result::Result<Option<Self>, wasmparser::BinaryReaderError> {
        let mut imported = 0;
        let mut types = Vec::new();
        let mut fold = Self {
            imported: 0,
            stays: Vec::new(),
            new: Vec::new(),
        };
        let mut first = HashMap::new();
        let mut kept = 0;
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::FunctionSection(section) => {
                    types = section.into_iter().collect::<std::result::Result<_, _>>()?;
                }
                Payload::CodeSectionEntry(body) => {
                    let this = (types[fold.new.len()], body.as_bytes());
                    let index = *first.entry(this).or_insert(imported + kept);
                    fold.stays.push(index == imported + kept);
                    fold.new.push(index);
                    kept += u32::from(index == imported + kept);
                }
                _ => {}
            }
        }
        fold.imported = imported;
        Ok(fold.stays.contains(&false).then_some(fold))
    }
}

impl Reencode for Fold {
    type Error = Refusal;

    fn function_index(&mut self, index: u32) -> std::result::Result<u32, reencode::Error<Refusal>> {
        Ok(match index.checked_sub(self.imported) {
            Some(own) => self.new[own as usize],
            None => index,
        })
    }

    /// Names of functions are for one each: where any are left, they go.
    fn parse_custom_section(
        &mut self,
        module: &mut Module,
        section: CustomSectionReader<'_>,
    ) -> std::result::Result<(), reencode::Error<Refusal>> {
        match section.name() {
            "name" => Ok(()),
            _ => reencode::utils::parse_custom_section(self, module, section),
        }
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> std::result::Result<(), reencode::Error<Refusal>> {
        for (ty, stays) in section.into_iter().zip(self.stays.clone()) {
            let ty = self.type_index(ty?)?;
            if stays {
                functions.function(ty);
            }
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> std::result::Result<(), reencode::Error<Refusal>> {
        for (body, stays) in section.into_iter().zip(self.stays.clone()) {
            let body = body?;
            if stays {
                self.parse_function_body(code, body)?;
            }
        }
        Ok(())
    }
}

/// Leaves runs of zeros out of the data.
struct Zeros;

/// The shortest run that is left out: another segment takes some nine bytes.
const RUN: usize = 16;

impl Reencode for Zeros {
    type Error = Refusal;

    /// A module that names its segments by number would be another one afterwards.
    fn data_count(&mut self, _: u32) -> std::result::Result<u32, reencode::Error<Refusal>> {
        Err(reencode::Error::UserError(SEGMENTS))
    }

    fn parse_data(
        &mut self,
        data: &mut DataSection,
        segment: Data<'_>,
    ) -> std::result::Result<(), reencode::Error<Refusal>> {
        let start = match &segment.kind {
            DataKind::Active {
                memory_index: 0,
                offset_expr,
            } => match offset_expr.get_operators_reader().read()? {
                Operator::I32Const { value } => value,
                _ => return Err(reencode::Error::UserError(SEGMENTS)),
            },
            _ => return Err(reencode::Error::UserError(SEGMENTS)),
        };
        for (at, bytes) in parts(segment.data) {
            let at = start.wrapping_add_unsigned(at as u32);
            data.active(0, &ConstExpr::i32_const(at), bytes.iter().copied());
        }
        Ok(())
    }
}

/// What is between the runs of zeros, and where.
fn parts(data: &[u8]) -> Vec<(usize, &[u8])> {
    let mut parts = Vec::new();
    let mut begin = 0;
    let mut zeros = 0;
    for (at, byte) in data.iter().enumerate() {
        if *byte == 0 {
            zeros += 1;
            continue;
        }
        if zeros >= RUN {
            parts.push((begin, &data[begin..at - zeros]));
            begin = at;
        }
        zeros = 0;
    }
    let end = data.len() - zeros;
    parts.push((begin, &data[begin..end]));
    parts.retain(|(_, bytes)| !bytes.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shrunk(text: &str) -> String {
        let module = wat::parse_str(text).expect("the module is well formed");
        let module = shrink(&module).expect("it is rewritten");
        wasmparser::validate(&module).expect("it is valid");
        summary(&module)
    }

    /// Functions, places of the table and data of a module, as text.
    fn summary(module: &[u8]) -> String {
        let mut text = String::new();
        for payload in Parser::new(0).parse_all(module) {
            match payload.expect("it can be read") {
                Payload::FunctionSection(section) => {
                    text.push_str(&format!("{} functions;", section.count()));
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export.expect("it can be read");
                        text.push_str(&format!(" {}={}", export.name, export.index));
                    }
                }
                Payload::ElementSection(section) => {
                    for element in section {
                        match element.expect("it can be read").items {
                            wasmparser::ElementItems::Functions(items) => {
                                let items: Vec<_> =
                                    items.into_iter().map(|i| i.expect("an index")).collect();
                                text.push_str(&format!(" {items:?}"));
                            }
                            wasmparser::ElementItems::Expressions(..) => panic!("no expressions"),
                        }
                    }
                }
                _ => {}
            }
        }
        text
    }

    #[test]
    fn functions_that_are_alike_become_one_and_keep_their_places() {
        // c and d are alike once a and b are; e differs from a by its type alone.
        let text = "(module (import \"x\" \"y\" (func $y))
            (table 4 funcref) (elem (i32.const 0) $a $b $c $d)
            (func $a (result i32) i32.const 1)
            (func $b (result i32) i32.const 1)
            (func $c call $y call $a drop)
            (func $d (export \"d\") call $y call $b drop)
            (func $e (export \"e\") (param i32) (result i32) i32.const 1))";
        assert_eq!(shrunk(text), "3 functions; d=2 e=3 [1, 1, 2, 2]");
    }

    #[test]
    fn memory_is_the_same_without_the_zeros() {
        let mut data = vec![0_u8; 40];
        data.extend([1, 2, 0, 3]);
        data.extend([0; RUN - 1]);
        data.push(4);
        data.extend([0; RUN]);
        data.push(5);
        data.extend([0; 100]);
        let found = parts(&data);
        let starts: Vec<_> = found.iter().map(|(at, bytes)| (*at, bytes.len())).collect();
        assert_eq!(starts, [(40, 4 + RUN), (40 + 4 + RUN + RUN, 1)]);
        let mut memory = vec![0; data.len()];
        for (at, bytes) in found {
            memory[at..at + bytes.len()].copy_from_slice(bytes);
        }
        assert_eq!(memory, data);
        assert!(parts(&[0; 64]).is_empty());
    }

    #[test]
    fn segments_that_are_named_by_number_are_refused() {
        let text = "(module (memory 1) (data $d \"a\")
            (func (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1))))";
        let module = wat::parse_str(text).expect("the module is well formed");
        assert!(shrink(&module).is_err());
    }
}
