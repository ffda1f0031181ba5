//! Whether a module that the interpreter took can be bound and started.

use wasmi::{ExternType, Module, ValType};

use super::jumps;
use crate::guest::LoadError;
use crate::preview1::{self, ValueType};

/// Checks that every import is in the table with its type; those of the module name `resolved` are
/// bound elsewhere.
pub(super) fn imports(module: &Module, resolved: Option<&str>) -> Result<(), LoadError> {
    let mut unknown = Vec::new();
    unknown.extend(jumps::of_two_types(module));
    let missing = jumps::missing(module);
    for import in module.imports() {
        if resolved == Some(import.module()) {
            continue;
        }
        if jumps::is_bound(&import) {
            if !missing.is_empty() {
                let missing = missing.join("`, `");
                unknown.push(format!(
                    "{}.{} (for which the module must export `{missing}`)",
                    import.module(),
                    import.name()
                ));
            }
            continue;
        }
        let name = format!("{}.{}", import.module(), import.name());
        let syscall = match import.module() {
            preview1::MODULE => preview1::find(import.name()),
            _ => None,
        };
        match (syscall, import.ty()) {
            (Some(syscall), ExternType::Func(ty)) => {
                let same = same_types(ty.params(), syscall.params)
                    && same_types(ty.results(), syscall.result.as_slice());
                if !same {
                    unknown.push(format!("{name} (of another type)"));
                }
            }
            (Some(_), _) => unknown.push(format!("{name} (not as a function)")),
            (None, _) => unknown.push(name),
        }
    }
    if unknown.is_empty() {
        Ok(())
    } else {
        unknown.dedup();
        Err(LoadError::UnknownImports { imports: unknown })
    }
}

fn same_types(types: &[ValType], expected: &[ValueType]) -> bool {
    types.len() == expected.len()
        && types.iter().zip(expected).all(|(ty, expected)| {
            matches!(
                (ty, expected),
                (ValType::I32, ValueType::I32) | (ValType::I64, ValueType::I64)
            )
        })
}

/// Checks that the module is a WASI command.
pub(super) fn exports(module: &Module) -> Result<(), LoadError> {
    match module.get_export("memory") {
        Some(ExternType::Memory(_)) => {}
        _ => return Err(LoadError::NoMemory),
    }
    match module.get_export("_start") {
        Some(ExternType::Func(ty)) if ty.params().is_empty() && ty.results().is_empty() => Ok(()),
        _ => Err(LoadError::NoStart),
    }
}
