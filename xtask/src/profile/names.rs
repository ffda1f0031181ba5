//! The names of a module's functions.

use std::collections::HashMap;
use std::fs;

use wasmparser::{KnownCustom, Name, NameSectionReader, Parser, Payload, TypeRef};

use super::Engine;
use crate::digest;
use crate::engine::names as of_engine;
use crate::failure::Result;
use crate::workspace::Workspace;

/// Names by function index.
#[derive(Debug, Default)]
pub(super) struct Names {
    by_index: HashMap<u32, String>,
    /// Whether a name section gave some.
    has_functions: bool,
}

/// The names of an engine's functions: its own, or those in the file beside it, which is linked for
/// the engine of this workspace. Without any, functions go by their numbers.
pub(super) fn find(workspace: &Workspace, engine: &Engine, module: &[u8]) -> Result<Names> {
    let mut names = Names::of(module);
    if names.has_functions {
        return Ok(names);
    }
    let path = match engine {
        Engine::Given(engine) => of_engine::beside(engine),
        Engine::Built(_) => of_engine::ensure(workspace)?,
    };
    match fs::read(&path) {
        Ok(file) if of_engine::belong_to(&file, &digest::bytes(module)) => {
            names.add_section_of(&file);
        }
        _ => eprintln!(
            "the engine has no names of functions, and {} is not there or of another engine",
            path.display()
        ),
    }
    Ok(names)
}

impl Names {
    /// What the module itself says: its imports, as `host:NAME`, and its name section.
    pub(super) fn of(module: &[u8]) -> Self {
        let mut names = Self::default();
        names.add_section_of(module);
        let imports = Parser::new(0)
            .parse_all(module)
            .find_map(|payload| match payload {
                Ok(Payload::ImportSection(imports)) => Some(imports),
                _ => None,
            });
        let functions = imports
            .into_iter()
            .flat_map(|imports| imports.into_imports())
            .flatten()
            .filter(|import| matches!(import.ty, TypeRef::Func(_)));
        for (index, import) in (0..).zip(functions) {
            names
                .by_index
                .insert(index, format!("host:{}", import.name));
        }
        names
    }

    /// Adds the names that the name section of another module gives; it must have the same
    /// functions.
    pub(super) fn add_section_of(&mut self, module: &[u8]) {
        for payload in Parser::new(0)
            .parse_all(module)
            .map_while(std::result::Result::ok)
        {
            if let Payload::CustomSection(section) = payload
                && let KnownCustom::Name(section) = section.as_known()
            {
                self.add(section);
            }
        }
    }

    fn add(&mut self, section: NameSectionReader<'_>) {
        for part in section.into_iter().map_while(std::result::Result::ok) {
            if let Name::Function(functions) = part {
                self.has_functions = true;
                for naming in functions.into_iter().map_while(std::result::Result::ok) {
                    self.by_index
                        .entry(naming.index)
                        .or_insert_with(|| naming.name.to_owned());
                }
            }
        }
    }

    /// The name of a function, or its number.
    pub(super) fn get(&self, index: u32) -> String {
        match self.by_index.get(&index) {
            Some(name) => name.clone(),
            None => format!("func[{index}]"),
        }
    }
}
