//! The rest of a module of which functions were lifted: the same module, in which those call imports.

use std::collections::BTreeMap;

use wasm_encoder::reencode::{self, Reencode, utils};
use wasm_encoder::{
    CodeSection, EntityType, ExportKind, ExportSection, Function, ImportSection, Instruction,
    Module as Encoded, SectionId,
};
use wasmparser::{FunctionBody, Parser};

use crate::error::LiftError;
use crate::hot::{self, Choice};
use crate::module::Module;

/// The module name of the imports, which `afmpeg-lift-runtime` calls `PARTIAL`.
const IMPORTS: &str = "lifted";

/// Writes the rest of a valid module.
pub(crate) fn rewrite(
    wasm: &[u8],
    module: &Module<'_>,
    choice: &Choice,
) -> Result<Vec<u8>, LiftError> {
    let mut taken = Vec::new();
    if module.imports.iter().any(|import| import.module == IMPORTS) {
        taken.push(format!("imports from {IMPORTS}, which mixed packs use"));
    }
    for &global in &choice.globals {
        let name = hot::global_name(global);
        if module.exports.iter().any(|export| export.name == name) {
            taken.push(format!("an export {name}, which mixed packs use"));
        }
    }
    if !taken.is_empty() {
        return Err(LiftError::Unsupported { what: taken });
    }
    let mut rest = Rest {
        imports: module.imports.len() as u32,
        positions: hot::positions(&choice.entries),
        types: type_indices(wasm)?,
        globals: choice.globals.iter().copied().collect(),
        module,
        bodies: 0,
        imported: false,
        exported: false,
    };
    let mut out = Encoded::new();
    rest.parse_core_module(&mut out, Parser::new(0), wasm)
        .map_err(|error| LiftError::Invalid {
            message: error.to_string(),
        })?;
    Ok(out.finish())
}

/// For each defined function, the index of its type in the type section.
fn type_indices(wasm: &[u8]) -> Result<Vec<u32>, LiftError> {
    for payload in Parser::new(0).parse_all(wasm) {
        if let wasmparser::Payload::FunctionSection(section) = payload? {
            return Ok(section.into_iter().collect::<wasmparser::Result<_>>()?);
        }
    }
    Ok(Vec::new())
}

/// The walk that copies.
struct Rest<'m, 'a> {
    module: &'m Module<'a>,
    /// Functions that the original imports.
    imports: u32,
    /// For each lifted function, which of the new imports it is.
    positions: BTreeMap<u32, u32>,
    types: Vec<u32>,
    globals: Vec<u32>,
    /// How many bodies are copied.
    bodies: u32,
    /// Whether the section with the imports, or the exports, is written.
    imported: bool,
    exported: bool,
}

impl Rest<'_, '_> {
    fn add_imports(&mut self, imports: &mut ImportSection) {
        self.imported = true;
        for function in self.positions.keys() {
            let ty = self.types[(function - self.imports) as usize];
            imports.import(
                IMPORTS,
                &hot::import_name(*function),
                EntityType::Function(ty),
            );
        }
    }

    fn add_exports(&mut self, exports: &mut ExportSection) {
        self.exported = true;
        for &global in &self.globals {
            exports.export(&hot::global_name(global), ExportKind::Global, global);
        }
    }
}

type Step = Result<(), reencode::Error>;

impl Reencode for Rest<'_, '_> {
    type Error = std::convert::Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, reencode::Error> {
        // The new imports come after those that were there.
        let added = self.positions.len() as u32;
        let shift = if function < self.imports { 0 } else { added };
        Ok(function + shift)
    }

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: wasmparser::ImportSectionReader<'_>,
    ) -> Step {
        utils::parse_import_section(self, imports, section)?;
        self.add_imports(imports);
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Step {
        utils::parse_export_section(self, exports, section)?;
        self.add_exports(exports);
        Ok(())
    }

    /// The places of both sections in a module that has none.
    fn intersperse_section_hook(
        &mut self,
        out: &mut Encoded,
        _: Option<SectionId>,
        before: Option<SectionId>,
    ) -> Step {
        if !self.imported && !matches!(before, Some(SectionId::Type | SectionId::Import)) {
            let mut imports = ImportSection::new();
            self.add_imports(&mut imports);
            out.section(&imports);
        }
        let after_exports = matches!(
            before,
            None | Some(
                SectionId::Start
                    | SectionId::Element
                    | SectionId::DataCount
                    | SectionId::Code
                    | SectionId::Data
            )
        );
        if !self.exported && after_exports {
            let mut exports = ExportSection::new();
            self.add_exports(&mut exports);
            out.section(&exports);
        }
        Ok(())
    }

    fn parse_function_body(&mut self, code: &mut CodeSection, body: FunctionBody<'_>) -> Step {
        let function = self.imports + self.bodies;
        self.bodies += 1;
        let Some(position) = self.positions.get(&function) else {
            return utils::parse_function_body(self, code, body);
        };
        let mut stub = Function::new([]);
        let params = self.module.type_of_function(function).params.len() as u32;
        for local in 0..params {
            stub.instruction(&Instruction::LocalGet(local));
        }
        stub.instruction(&Instruction::Call(self.imports + position));
        stub.instruction(&Instruction::End);
        code.function(&stub);
        Ok(())
    }

    /// What custom sections say of functions is true no more.
    fn parse_custom_section(
        &mut self,
        _: &mut Encoded,
        _: wasmparser::CustomSectionReader<'_>,
    ) -> Step {
        Ok(())
    }
}
