//! How things of the module are called in the generated code.

use wasmparser::ValType;

/// The Rust type of a value.
pub(crate) fn rust_type(ty: ValType) -> &'static str {
    match ty {
        ValType::I32 => "u32",
        ValType::I64 => "u64",
        ValType::F32 => "f32",
        ValType::F64 => "f64",
        ValType::V128 => "V128",
        ValType::Ref(_) => "Func",
    }
}

/// The value a local of the type starts with.
pub(crate) fn zero(ty: ValType) -> &'static str {
    match ty {
        ValType::I32 => "0u32",
        ValType::I64 => "0u64",
        ValType::F32 => "0f32",
        ValType::F64 => "0f64",
        ValType::V128 => "V128::ZERO",
        ValType::Ref(_) => "Func::Null",
    }
}

/// Its name in the run-time library's `ValType`.
pub(crate) fn type_name(ty: ValType) -> &'static str {
    match ty {
        ValType::I32 => "I32",
        ValType::I64 => "I64",
        ValType::F32 => "F32",
        ValType::F64 => "F64",
        ValType::V128 => "V128",
        ValType::Ref(_) => "FuncRef",
    }
}

/// The Rust type of a function's results.
pub(crate) fn result_type(results: &[ValType]) -> String {
    match results {
        [] => String::new(),
        [one] => format!(" -> {}", rust_type(*one)),
        many => {
            let types: Vec<_> = many.iter().map(|ty| rust_type(*ty)).collect();
            format!(" -> ({})", types.join(", "))
        }
    }
}
