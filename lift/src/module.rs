//! A module as the translator needs it, read by a validating parser.

use std::collections::{BTreeSet, HashMap};

use wasmparser::{
    CompositeInnerType, ConstExpr, DataKind, ElementItems, ElementKind, ExternalKind, FunctionBody,
    Operator, Parser, Payload, TableInit, TypeRef, ValType, Validator, WasmFeatures,
};

use crate::Options;
use crate::error::LiftError;

/// A function type; equal types have one index.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct FuncType {
    pub(crate) params: Vec<ValType>,
    pub(crate) results: Vec<ValType>,
}

pub(crate) struct Import<'a> {
    pub(crate) module: &'a str,
    pub(crate) name: &'a str,
    pub(crate) ty: usize,
    /// A call through the table that catches a `longjmp`.
    pub(crate) invoke: bool,
}

pub(crate) struct Global {
    pub(crate) ty: ValType,
    pub(crate) mutable: bool,
    /// A Rust expression.
    pub(crate) init: String,
}

pub(crate) struct TableType {
    pub(crate) min: u32,
    pub(crate) max: u64,
    /// The element that all start with; a Rust expression.
    pub(crate) init: String,
}

pub(crate) struct MemoryType {
    pub(crate) min: u64,
    pub(crate) max: u64,
}

/// Where a segment goes when an instance is made.
pub(crate) enum Place {
    Passive,
    Declared,
    /// A table or memory, and an offset as a Rust expression.
    Active(u32, String),
}

pub(crate) struct Elements {
    pub(crate) place: Place,
    /// Rust expressions.
    pub(crate) items: Vec<String>,
}

pub(crate) struct Data<'a> {
    pub(crate) place: Place,
    pub(crate) bytes: &'a [u8],
}

pub(crate) struct Export<'a> {
    pub(crate) name: &'a str,
    pub(crate) kind: ExternalKind,
    pub(crate) index: u32,
}

pub(crate) struct Module<'a> {
    /// Distinct function types.
    pub(crate) types: Vec<FuncType>,
    /// For each type of the module's type section, the index in `types`.
    pub(crate) type_of: Vec<usize>,
    pub(crate) imports: Vec<Import<'a>>,
    /// The type of every function, imports first.
    pub(crate) functions: Vec<usize>,
    pub(crate) tables: Vec<TableType>,
    pub(crate) memory: Option<MemoryType>,
    pub(crate) globals: Vec<Global>,
    pub(crate) exports: Vec<Export<'a>>,
    pub(crate) start: Option<u32>,
    pub(crate) elements: Vec<Elements>,
    pub(crate) data: Vec<Data<'a>>,
    pub(crate) bodies: Vec<FunctionBody<'a>>,
    /// What the module says of itself, by name of the section.
    pub(crate) custom: Vec<(&'a str, &'a [u8])>,
    /// Functions that may get into a table: those of segments and globals, and the exported ones,
    /// which `ref.func` may name.
    pub(crate) referenced: BTreeSet<u32>,
}

impl<'a> Module<'a> {
    pub(crate) fn parse(wasm: &'a [u8], options: &Options) -> Result<Self, LiftError> {
        Validator::new_with_features(FEATURES).validate_all(wasm)?;
        let mut reader = Reader {
            module: Self {
                types: Vec::new(),
                type_of: Vec::new(),
                imports: Vec::new(),
                functions: Vec::new(),
                tables: Vec::new(),
                memory: None,
                globals: Vec::new(),
                exports: Vec::new(),
                start: None,
                elements: Vec::new(),
                data: Vec::new(),
                bodies: Vec::new(),
                custom: Vec::new(),
                referenced: BTreeSet::new(),
            },
            known: HashMap::new(),
            unsupported: Vec::new(),
            options,
        };
        for payload in Parser::new(0).parse_all(wasm) {
            reader.section(payload?)?;
        }
        if reader.unsupported.is_empty() {
            Ok(reader.module)
        } else {
            reader.unsupported.dedup();
            Err(LiftError::Unsupported {
                what: reader.unsupported,
            })
        }
    }

    /// The type of a function.
    pub(crate) fn type_of_function(&self, function: u32) -> &FuncType {
        &self.types[self.functions[function as usize]]
    }

    /// The index among all functions of a function that the module defines.
    pub(crate) fn index_of(&self, defined: usize) -> u32 {
        (self.imports.len() + defined) as u32
    }

    /// The index among the functions that the module defines; `None` for an import.
    pub(crate) fn defined(&self, function: u32) -> Option<usize> {
        (function as usize).checked_sub(self.imports.len())
    }
}

/// What is accepted: the core specification 2.0, and constant expressions with arithmetic.
const FEATURES: WasmFeatures = WasmFeatures::WASM2.union(WasmFeatures::EXTENDED_CONST);

/// Whether a custom section describes the module's code to tools. Lifted, it is other code.
fn is_about_code(section: &str) -> bool {
    const WHOLE: [&str; 7] = [
        "name",
        "producers",
        "target_features",
        "linking",
        "dylink.0",
        "build_id",
        "sourceMappingURL",
    ];
    const BEGINNINGS: [&str; 4] = [".debug", "reloc.", "metadata.code.", "external_debug"];
    WHOLE.contains(&section)
        || BEGINNINGS
            .iter()
            .any(|beginning| section.starts_with(beginning))
}

struct Reader<'a, 'o> {
    module: Module<'a>,
    known: HashMap<FuncType, usize>,
    unsupported: Vec<String>,
    options: &'o Options,
}

impl<'a> Reader<'a, '_> {
    fn section(&mut self, payload: Payload<'a>) -> Result<(), LiftError> {
        match payload {
            Payload::TypeSection(section) => {
                for group in section {
                    for ty in group?.into_types() {
                        self.add_type(&ty.composite_type.inner);
                    }
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    self.add_import(&import?);
                }
            }
            Payload::FunctionSection(section) => {
                for ty in section {
                    let ty = self.module.type_of[ty? as usize];
                    self.module.functions.push(ty);
                }
            }
            Payload::TableSection(section) => {
                for table in section {
                    let table = table?;
                    self.check_reference(table.ty.element_type.into(), "a table");
                    let init = match table.init {
                        TableInit::RefNull => "Func::Null".to_owned(),
                        TableInit::Expr(expr) => self.constant(&expr)?,
                    };
                    self.module.tables.push(TableType {
                        min: table.ty.initial as u32,
                        max: table.ty.maximum.unwrap_or(u64::from(u32::MAX)),
                        init,
                    });
                }
            }
            Payload::MemorySection(section) => {
                for memory in section {
                    let memory = memory?;
                    self.module.memory = Some(MemoryType {
                        min: memory.initial,
                        max: memory.maximum.unwrap_or(65_536).min(65_536),
                    });
                }
            }
            Payload::GlobalSection(section) => {
                for global in section {
                    let global = global?;
                    self.check_reference(global.ty.content_type, "a global");
                    let init = self.constant(&global.init_expr)?;
                    self.module.globals.push(Global {
                        ty: global.ty.content_type,
                        mutable: global.ty.mutable,
                        init,
                    });
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    if export.kind == ExternalKind::Func {
                        self.module.referenced.insert(export.index);
                    }
                    self.module.exports.push(Export {
                        name: export.name,
                        kind: export.kind,
                        index: export.index,
                    });
                }
            }
            Payload::StartSection { func, .. } => self.module.start = Some(func),
            Payload::ElementSection(section) => {
                for element in section {
                    self.add_elements(element?)?;
                }
            }
            Payload::DataSection(section) => {
                for data in section {
                    let data = data?;
                    let place = match data.kind {
                        DataKind::Passive => Place::Passive,
                        DataKind::Active {
                            memory_index,
                            offset_expr,
                        } => Place::Active(memory_index, self.constant(&offset_expr)?),
                    };
                    self.module.data.push(Data {
                        place,
                        bytes: data.data,
                    });
                }
            }
            Payload::CodeSectionEntry(body) => self.module.bodies.push(body),
            Payload::CustomSection(section) if !is_about_code(section.name()) => {
                self.module.custom.push((section.name(), section.data()));
            }
            _ => {}
        }
        Ok(())
    }

    fn add_type(&mut self, ty: &CompositeInnerType) {
        let ty = match ty {
            CompositeInnerType::Func(ty) => FuncType {
                params: ty.params().to_vec(),
                results: ty.results().to_vec(),
            },
            _ => {
                self.unsupported
                    .push("a type that is no function's".to_owned());
                return;
            }
        };
        for value in ty.params.iter().chain(&ty.results) {
            self.check_reference(*value, "a function type");
        }
        let next = self.module.types.len();
        let index = *self.known.entry(ty.clone()).or_insert(next);
        if index == next {
            self.module.types.push(ty);
        }
        self.module.type_of.push(index);
    }

    fn add_import(&mut self, import: &wasmparser::Import<'a>) {
        let (TypeRef::Func(ty) | TypeRef::FuncExact(ty)) = import.ty else {
            let what = match import.ty {
                TypeRef::Table(_) => "table",
                TypeRef::Memory(_) => "memory",
                TypeRef::Global(_) => "global",
                _ => "thing that is no function",
            };
            let name = format!("{}.{}", import.module, import.name);
            self.unsupported.push(format!("the imported {what} {name}"));
            return;
        };
        let ty = self.module.type_of[ty as usize];
        let shape = &self.module.types[ty];
        let number = |ty: &ValType| !matches!(ty, ValType::Ref(_) | ValType::V128);
        let invoke = self
            .options
            .invoke
            .as_ref()
            .is_some_and(|(module, prefix)| {
                import.module == module
                    && import.name.starts_with(prefix)
                    && shape.params.first() == Some(&ValType::I32)
            });
        let plain = shape.params.iter().chain(&shape.results).all(number);
        if !plain || shape.results.len() > 1 {
            self.unsupported.push(format!(
                "the imported function {}.{}, whose type is not of numbers",
                import.module, import.name
            ));
        }
        self.module.functions.push(ty);
        self.module.imports.push(Import {
            module: import.module,
            name: import.name,
            ty,
            invoke,
        });
    }

    fn add_elements(&mut self, element: wasmparser::Element<'a>) -> Result<(), LiftError> {
        let place = match element.kind {
            ElementKind::Passive => Place::Passive,
            ElementKind::Declared => Place::Declared,
            ElementKind::Active {
                table_index,
                offset_expr,
            } => Place::Active(table_index.unwrap_or(0), self.constant(&offset_expr)?),
        };
        let mut items = Vec::new();
        match element.items {
            ElementItems::Functions(functions) => {
                for function in functions {
                    let function = function?;
                    self.module.referenced.insert(function);
                    items.push(format!("r{function}()"));
                }
            }
            ElementItems::Expressions(ty, expressions) => {
                self.check_reference(ty.into(), "an element segment");
                for expression in expressions {
                    items.push(self.constant(&expression?)?);
                }
            }
        }
        self.module.elements.push(Elements { place, items });
        Ok(())
    }

    /// References that are not to functions are not lifted.
    fn check_reference(&mut self, ty: ValType, place: &str) {
        if let ValType::Ref(reference) = ty
            && !reference.is_func_ref()
        {
            self.unsupported.push(format!("{reference} in {place}"));
        }
    }

    /// A constant expression as Rust. Globals in it are of this module and come earlier.
    fn constant(&mut self, expression: &ConstExpr<'a>) -> Result<String, LiftError> {
        let mut stack: Vec<String> = Vec::new();
        let mut reader = expression.get_operators_reader();
        while !reader.eof() {
            let operator = reader.read()?;
            let binary = |stack: &mut Vec<String>, method: &str| {
                let b = stack.pop().unwrap_or_default();
                let a = stack.pop().unwrap_or_default();
                stack.push(format!("{a}.{method}({b})"));
            };
            match operator {
                Operator::I32Const { value } => stack.push(format!("{}u32", value as u32)),
                Operator::I64Const { value } => stack.push(format!("{}u64", value as u64)),
                Operator::F32Const { value } => {
                    stack.push(format!("f32::from_bits({}u32)", value.bits()));
                }
                Operator::F64Const { value } => {
                    stack.push(format!("f64::from_bits({}u64)", value.bits()));
                }
                Operator::V128Const { value } => stack.push(format!("V128({:?})", value.bytes())),
                Operator::RefNull { .. } => stack.push("Func::Null".to_owned()),
                Operator::RefFunc { function_index } => {
                    self.module.referenced.insert(function_index);
                    stack.push(format!("r{function_index}()"));
                }
                Operator::GlobalGet { global_index } => stack.push(
                    self.module
                        .globals
                        .get(global_index as usize)
                        .map_or_else(String::new, |global| global.init.clone()),
                ),
                Operator::I32Add | Operator::I64Add => binary(&mut stack, "wrapping_add"),
                Operator::I32Sub | Operator::I64Sub => binary(&mut stack, "wrapping_sub"),
                Operator::I32Mul | Operator::I64Mul => binary(&mut stack, "wrapping_mul"),
                Operator::End => {}
                other => self
                    .unsupported
                    .push(format!("{other:?} in a constant expression")),
            }
        }
        Ok(stack.pop().unwrap_or_default())
    }
}
