//! Makes a copy of a module that counts what it executes.
//!
//! The copy has, after everything that the original has: one memory (exported as [`MEMORY`]), one
//! global, one type, one function. No index of the original changes, and the guest can reach none
//! of the additions, so it runs as it did.

use wasm_encoder::reencode::{self, Reencode, utils};
use wasm_encoder::{
    CodeSection, ConstExpr, ExportKind, ExportSection, Function, FunctionSection, GlobalSection,
    GlobalType, Instruction, MemorySection, MemoryType, Module, SectionId, TypeSection, ValType,
};
use wasmparser::{Operator, Parser, Payload, TypeRef};

use super::blocks::blocks;
use super::context::{HOST, Place, Shape};
use crate::failure::{Failure, Result};

/// The name under which the copy exports the counters.
pub(super) const MEMORY: &str = "afmpeg-profile";

/// Contexts that the tree has room for, of which a job of the engine needs some ten thousand: 16 MiB.
const CONTEXTS: u32 = 1 << 18;

/// A module that counts, and what is needed to read its counters.
pub(super) struct Instrumented {
    pub(super) module: Vec<u8>,
    pub(super) shape: Shape,
}

/// Instruments a valid module that defines functions.
pub(super) fn instrument(module: &[u8]) -> Result<Instrumented> {
    instrument_with(module, CONTEXTS)
}

/// The same with room for this many contexts.
pub(super) fn instrument_with(module: &[u8], contexts: u32) -> Result<Instrumented> {
    let counts = Counts::of(module)?;
    let shape = Shape::new(contexts, counts.functions());
    let place = Place {
        memory: counts.memories,
        current: counts.all_globals(),
    };
    let mut copy = Copy {
        counts,
        shape,
        place,
        bodies: 0,
    };
    let mut out = Module::new();
    copy.parse_core_module(&mut out, Parser::new(0), module)
        .map_err(|error| Failure::new(format!("the module cannot be instrumented: {error}")))?;
    Ok(Instrumented {
        module: out.finish(),
        shape,
    })
}

/// What the original has of each kind.
struct Counts {
    imported_functions: u32,
    /// The type of each defined function.
    bodies: Vec<u32>,
    /// The number of parameters of each type.
    parameters: Vec<u32>,
    /// Imports included.
    memories: u32,
    imported_globals: u32,
    /// Imports not included.
    globals: u32,
}

impl Counts {
    fn of(module: &[u8]) -> Result<Self> {
        let mut counts = Self {
            imported_functions: 0,
            bodies: Vec::new(),
            parameters: Vec::new(),
            memories: 0,
            imported_globals: 0,
            globals: 0,
        };
        counts.read(module).map_err(|error| {
            Failure::new(format!("the module cannot be read: {error}"))
                .mend("give a core WebAssembly module, for example the built engine")
        })?;
        Ok(counts)
    }

    fn read(&mut self, module: &[u8]) -> wasmparser::Result<()> {
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::TypeSection(types) => {
                    for ty in types.into_iter_err_on_gc_types() {
                        self.parameters.push(ty?.params().len() as u32);
                    }
                }
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        match import?.ty {
                            TypeRef::Func(_) | TypeRef::FuncExact(_) => {
                                self.imported_functions += 1;
                            }
                            TypeRef::Memory(_) => self.memories += 1,
                            TypeRef::Global(_) => self.imported_globals += 1,
                            TypeRef::Table(_) | TypeRef::Tag(_) => {}
                        }
                    }
                }
                Payload::FunctionSection(functions) => {
                    for ty in functions {
                        self.bodies.push(ty?);
                    }
                }
                Payload::MemorySection(memories) => self.memories += memories.count(),
                Payload::GlobalSection(globals) => self.globals += globals.count(),
                Payload::CodeSectionStart { .. } => break,
                _ => {}
            }
        }
        Ok(())
    }

    fn types(&self) -> u32 {
        self.parameters.len() as u32
    }

    fn functions(&self) -> u32 {
        self.imported_functions + self.bodies.len() as u32
    }

    /// Imports included.
    fn all_globals(&self) -> u32 {
        self.imported_globals + self.globals
    }

    /// The parameters of the defined function at `position`.
    fn parameters_of(&self, position: usize) -> u32 {
        let ty = self.bodies.get(position).copied().unwrap_or(u32::MAX);
        self.parameters.get(ty as usize).copied().unwrap_or(0)
    }
}

/// The walk that copies: it adds to each section, and counting code to each body.
struct Copy {
    counts: Counts,
    shape: Shape,
    place: Place,
    /// How many bodies are copied.
    bodies: usize,
}

impl Reencode for Copy {
    type Error = Failure;

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: wasmparser::TypeSectionReader<'_>,
    ) -> Step {
        utils::parse_type_section(self, types, section)?;
        types.ty().function([ValType::I32], [ValType::I32]);
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: wasmparser::FunctionSectionReader<'_>,
    ) -> Step {
        utils::parse_function_section(self, functions, section)?;
        functions.function(self.counts.types());
        Ok(())
    }

    fn parse_memory_section(
        &mut self,
        memories: &mut MemorySection,
        section: wasmparser::MemorySectionReader<'_>,
    ) -> Step {
        utils::parse_memory_section(self, memories, section)?;
        memories.memory(MemoryType {
            minimum: self.shape.pages(),
            maximum: Some(self.shape.pages()),
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        Ok(())
    }

    fn parse_global_section(
        &mut self,
        globals: &mut GlobalSection,
        section: wasmparser::GlobalSectionReader<'_>,
    ) -> Step {
        utils::parse_global_section(self, globals, section)?;
        add_current(globals);
        Ok(())
    }

    /// The place of the globals in a module that has none.
    fn intersperse_section_hook(
        &mut self,
        module: &mut Module,
        _: Option<SectionId>,
        before: Option<SectionId>,
    ) -> Step {
        if before == Some(SectionId::Export) && self.counts.globals == 0 {
            let mut globals = GlobalSection::new();
            add_current(&mut globals);
            module.section(&globals);
        }
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Step {
        utils::parse_export_section(self, exports, section)?;
        exports.export(MEMORY, ExportKind::Memory, self.place.memory);
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: wasmparser::CodeSectionReader<'_>,
    ) -> Step {
        utils::parse_code_section(self, code, section)?;
        code.function(&self.place.enter(self.shape));
        Ok(())
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: wasmparser::FunctionBody<'_>,
    ) -> Step {
        let position = self.bodies;
        self.bodies += 1;
        let mut locals = self.counts.parameters_of(position);
        let mut declared = Vec::new();
        for group in body.get_locals_reader()? {
            let (count, ty) = group?;
            locals = locals.saturating_add(count);
            declared.push((count, self.val_type(ty)?));
        }
        declared.push((2, ValType::I32));
        let counted = Counted {
            copy: self,
            out: Function::new(declared),
            node: locals,
            bytes: locals.saturating_add(1),
        };
        let index = counted.copy.counts.imported_functions + position as u32;
        let operators = body
            .get_operators_reader()?
            .into_iter()
            .collect::<wasmparser::Result<Vec<_>>>()?;
        code.function(&counted.body(index, operators)?);
        Ok(())
    }
}

type Step = std::result::Result<(), reencode::Error<Failure>>;

fn add_current(globals: &mut GlobalSection) {
    let ty = GlobalType {
        val_type: ValType::I32,
        mutable: true,
        shared: false,
    };
    globals.global(ty, &ConstExpr::i32_const(HOST));
}

/// One body on its way into the copy.
struct Counted<'a> {
    copy: &'a mut Copy,
    out: Function,
    /// The local with the address of the node of this call.
    node: u32,
    /// A local for the length of a bulk instruction.
    bytes: u32,
}

impl Counted<'_> {
    fn body(
        mut self,
        index: u32,
        operators: Vec<Operator<'_>>,
    ) -> std::result::Result<Function, reencode::Error<Failure>> {
        let blocks = blocks(&operators).map_err(reencode::Error::UserError)?;
        let mut blocks = blocks.into_iter().peekable();
        self.enter(index);
        self.emit([Instruction::LocalSet(self.node)]);
        for (position, operator) in operators.into_iter().enumerate() {
            if let Some(block) = blocks.next_if(|block| block.at == position) {
                self.emit(self.copy.place.count(self.node, block.weight));
            }
            self.operator(operator)?;
        }
        Ok(self.out)
    }

    fn operator(&mut self, operator: Operator<'_>) -> Step {
        let place = self.copy.place;
        let is_bulk = matches!(
            operator,
            Operator::MemoryCopy { .. } | Operator::MemoryFill { .. } | Operator::MemoryInit { .. }
        );
        let mut is_call = false;
        match operator {
            Operator::Call { function_index } => {
                is_call = true;
                // The host's functions cannot enter themselves.
                if function_index < self.copy.counts.imported_functions {
                    self.enter(function_index);
                    self.emit([Instruction::Drop]);
                }
            }
            Operator::CallIndirect { .. } => is_call = true,
            Operator::ReturnCall { .. } | Operator::ReturnCallIndirect { .. } => {
                self.emit(place.leave(self.node));
            }
            _ if is_bulk => self.emit([Instruction::LocalTee(self.bytes)]),
            _ => {}
        }
        let instruction = self.copy.instruction(operator)?;
        self.out.instruction(&instruction);
        if is_call {
            self.emit(place.resume(self.node));
        }
        if is_bulk {
            self.emit(place.count_bulk(self.node, self.bytes));
        }
        Ok(())
    }

    /// Leaves the address of the node on the stack.
    fn enter(&mut self, function: u32) {
        self.emit([
            Instruction::I32Const(function.cast_signed()),
            Instruction::Call(self.copy.counts.functions()),
        ]);
    }

    fn emit(&mut self, code: impl IntoIterator<Item = Instruction<'static>>) {
        for instruction in code {
            self.out.instruction(&instruction);
        }
    }
}
