//! Whether a module can be bound and started, from whatever form of it there is: compiled, lifted, or only
//! validated.

use afmpeg_lift_runtime as lift;
use wasmparser::types::{EntityType, TypesRef};

use super::jumps;
use crate::guest::Reason;
use crate::preview1::{self, ValueType};

/// What a module imports and exports.
pub(super) struct Interface<'a> {
    imports: Vec<Import<'a>>,
    exports: Vec<(&'a str, Kind)>,
}

/// One import.
pub(super) struct Import<'a> {
    pub(super) module: &'a str,
    pub(super) name: &'a str,
    pub(super) kind: Kind,
}

/// What is imported or exported.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Function(Signature),
    Memory,
    Table,
    Global { ty: Type, mutable: bool },
    Tag,
}

/// The type of a function.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Signature {
    pub(super) params: Vec<Type>,
    pub(super) results: Vec<Type>,
}

/// The type of a value: a number, or any of the others.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    I32,
    I64,
    F32,
    F64,
    Other,
}

/// What a module is loaded as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It runs from `_start` to its end.
    Command,
    /// Its exports are called, after `_initialize` if it has that.
    Reactor,
}

impl<'a> Interface<'a> {
    /// Of a module that the interpreter took; imports of the module name `resolved` are bound elsewhere.
    pub(super) fn of_compiled(module: &'a wasmi::Module, resolved: Option<&str>) -> Self {
        let imports = module.imports();
        Self {
            imports: imports
                .filter(|import| resolved != Some(import.module()))
                .map(|import| Import {
                    module: import.module(),
                    name: import.name(),
                    kind: import.ty().into(),
                })
                .collect(),
            exports: module
                .exports()
                .map(|export| (export.name(), export.ty().into()))
                .collect(),
        }
    }

    /// Of a module that the interpreter did not take, and that is valid with all proposals.
    pub(super) fn of_validated(types: TypesRef<'a>) -> Self {
        let kind = |entity| match entity {
            EntityType::Func(id) => {
                let ty = types[id].unwrap_func();
                Kind::Function(Signature::of(ty.params(), ty.results()))
            }
            EntityType::Table(_) => Kind::Table,
            EntityType::Memory(_) => Kind::Memory,
            EntityType::Global(ty) => Kind::Global {
                ty: ty.content_type.into(),
                mutable: ty.mutable,
            },
            EntityType::Tag(_) => Kind::Tag,
        };
        Self {
            imports: types
                .core_imports()
                .into_iter()
                .flatten()
                .map(|(module, name, entity)| Import {
                    module,
                    name,
                    kind: kind(entity),
                })
                .collect(),
            exports: types
                .core_exports()
                .into_iter()
                .flatten()
                .map(|(name, entity)| (name, kind(entity)))
                .collect(),
        }
    }

    /// Of a module that was lifted as a whole, without what the lifted code resolves itself.
    pub(super) fn of_lifted(module: &dyn lift::Module) -> Interface<'static> {
        let imports = module.imports().iter().filter(|import| !import.resolved);
        Interface {
            imports: imports
                .map(|import| Import {
                    module: import.module,
                    name: import.name,
                    kind: Kind::Function(import.ty.into()),
                })
                .collect(),
            exports: module
                .exports()
                .iter()
                .map(|export| (export.name, export.what.into()))
                .collect(),
        }
    }

    /// Everything for which the module cannot be loaded as what it is wanted for.
    pub(super) fn reasons(&self, role: Role) -> Vec<Reason> {
        let mut reasons = self.unknown_imports();
        if self.export("memory") != Some(&Kind::Memory) {
            reasons.push(Reason::NoMemory);
        }
        let runs = |name| match self.export(name) {
            Some(Kind::Function(ty)) => Some(ty.params.is_empty() && ty.results.is_empty()),
            _ => None,
        };
        match (role, runs(START), runs(INITIALIZE)) {
            (_, Some(_), Some(_)) => reasons.push(Reason::CommandAndReactor),
            (Role::Command, Some(true), None) | (Role::Reactor, None, None | Some(true)) => {}
            (Role::Command, None, Some(_)) => reasons.push(Reason::Reactor),
            (Role::Command, ..) => reasons.push(Reason::NoStart),
            (Role::Reactor, Some(_), None) => reasons.push(Reason::Command),
            (Role::Reactor, None, Some(false)) => reasons.push(Reason::Initialize),
        }
        reasons
    }

    fn export(&self, name: &str) -> Option<&Kind> {
        let found = self.exports.iter().find(|(export, _)| *export == name);
        found.map(|(_, kind)| kind)
    }

    /// The imports that are neither in the table nor bound for jumps, each once.
    fn unknown_imports(&self) -> Vec<Reason> {
        let mut unknown = jumps::of_two_types(&self.imports);
        let missing = jumps::missing(&self.imports, |name| self.export(name));
        for import in &self.imports {
            let name = format!("{}.{}", import.module, import.name);
            if jumps::is_bound(import) {
                if !missing.is_empty() {
                    let missing = missing.join("`, `");
                    unknown.push(format!(
                        "{name} (for which the module must export `{missing}`)"
                    ));
                }
                continue;
            }
            let syscall = match import.module {
                preview1::MODULE => preview1::find(import.name),
                _ => None,
            };
            match (syscall, &import.kind) {
                (Some(syscall), Kind::Function(ty)) => {
                    let same = same_types(&ty.params, syscall.params)
                        && same_types(&ty.results, syscall.result.as_slice());
                    if !same {
                        unknown.push(format!("{name} (of another type)"));
                    }
                }
                (Some(_), _) => unknown.push(format!("{name} (not as a function)")),
                (None, _) => unknown.push(name),
            }
        }
        let mut once: Vec<String> = Vec::new();
        for name in unknown {
            if !once.contains(&name) {
                once.push(name);
            }
        }
        once.into_iter().map(Reason::Import).collect()
    }
}

fn same_types(types: &[Type], expected: &[ValueType]) -> bool {
    types.len() == expected.len()
        && types.iter().zip(expected).all(|(ty, expected)| {
            matches!(
                (ty, expected),
                (Type::I32, ValueType::I32) | (Type::I64, ValueType::I64)
            )
        })
}

impl Signature {
    fn of<T: Copy + Into<Type>>(params: &[T], results: &[T]) -> Self {
        Self {
            params: params.iter().map(|ty| (*ty).into()).collect(),
            results: results.iter().map(|ty| (*ty).into()).collect(),
        }
    }
}

impl From<&wasmi::ExternType> for Kind {
    fn from(ty: &wasmi::ExternType) -> Self {
        match ty {
            wasmi::ExternType::Func(ty) => Self::Function(ty.into()),
            wasmi::ExternType::Memory(_) => Self::Memory,
            wasmi::ExternType::Table(_) => Self::Table,
            wasmi::ExternType::Global(ty) => Self::Global {
                ty: ty.content().into(),
                mutable: ty.mutability() == wasmi::Mutability::Var,
            },
        }
    }
}

impl From<lift::Extern> for Kind {
    fn from(what: lift::Extern) -> Self {
        match what {
            lift::Extern::Function(ty) => Self::Function(ty.into()),
            lift::Extern::Memory => Self::Memory,
            lift::Extern::Table => Self::Table,
            // Its type is not told; what asks for one was resolved when the module was lifted.
            lift::Extern::Global => Self::Global {
                ty: Type::Other,
                mutable: false,
            },
        }
    }
}

impl From<&wasmi::FuncType> for Signature {
    fn from(ty: &wasmi::FuncType) -> Self {
        Self::of(ty.params(), ty.results())
    }
}

impl From<lift::FuncType> for Signature {
    fn from(ty: lift::FuncType) -> Self {
        Self::of(ty.params, ty.results)
    }
}

macro_rules! from_numbers {
    ($($source:ty),*) => {
        $(impl From<$source> for Type {
            fn from(ty: $source) -> Self {
                match ty {
                    <$source>::I32 => Self::I32,
                    <$source>::I64 => Self::I64,
                    <$source>::F32 => Self::F32,
                    <$source>::F64 => Self::F64,
                    _ => Self::Other,
                }
            }
        })*
    };
}

from_numbers!(wasmi::ValType, wasmparser::ValType, lift::ValType);

/// What a command exports.
pub(super) const START: &str = "_start";

/// What a reactor may export.
pub(super) const INITIALIZE: &str = "_initialize";
