//! Reads the linked engine back and refuses one that a host could not run.

use wasmparser::{ExternalKind, Parser, Payload, TypeRef, Validator, WasmFeatures};

use crate::failure::{Failure, Result};

/// What the module asks of its host.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Report {
    /// The WASI functions that it imports, sorted.
    pub(super) imports: Vec<String>,
}

/// The features that the engine may use: all are plain instructions to every interpreter.
const FEATURES: WasmFeatures = WasmFeatures::MVP
    .union(WasmFeatures::MUTABLE_GLOBAL)
    .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::BULK_MEMORY)
    .union(WasmFeatures::MULTI_VALUE)
    .union(WasmFeatures::REFERENCE_TYPES);

const EXPORTS: [(&str, ExternalKind); 4] = [
    ("memory", ExternalKind::Memory),
    ("_start", ExternalKind::Func),
    ("__indirect_function_table", ExternalKind::Table),
    ("__stack_pointer", ExternalKind::Global),
];

/// Checks that the module is valid with nothing but [`FEATURES`], imports WASI preview 1 functions
/// only, and exports what hosts reach for.
pub(super) fn inspect(module: &[u8]) -> Result<Report> {
    Validator::new_with_features(FEATURES)
        .validate_all(module)
        .map_err(|err| {
            refused(&format!(
                "it is not valid with the features that hosts have ({err})"
            ))
            .mend("turn the feature off in xtask/src/engine/flags.rs or in engine/tools")
        })?;
    let mut imports = Vec::new();
    let mut foreign = Vec::new();
    let mut exports = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        let unreadable = |err| refused(&format!("it cannot be read ({err})"));
        match payload.map_err(unreadable)? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import.map_err(unreadable)?;
                    match import.ty {
                        TypeRef::Func(_) if import.module == WASI => {
                            imports.push(import.name.to_owned())
                        }
                        _ => foreign.push(format!("{}.{}", import.module, import.name)),
                    }
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export.map_err(unreadable)?;
                    exports.push((export.name.to_owned(), export.kind));
                }
            }
            _ => {}
        }
    }
    if !foreign.is_empty() {
        return Err(refused(&format!(
            "it imports {}, which is not of {WASI}",
            foreign.join(", ")
        ))
        .mend(
            "give the function a shim in engine/shims, or leave out the component that calls it",
        ));
    }
    for (name, kind) in EXPORTS {
        if !exports
            .iter()
            .any(|(found, of)| found == name && *of == kind)
        {
            return Err(refused(&format!("it does not export `{name}`")));
        }
    }
    imports.sort();
    Ok(Report { imports })
}

const WASI: &str = "wasi_snapshot_preview1";

fn refused(why: &str) -> Failure {
    Failure::new(format!(
        "step `inspect` failed: the linked engine is refused: {why}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A section: its number, its length, its content; all lengths here are below 128.
    fn section(id: u8, content: &[u8]) -> Vec<u8> {
        let mut bytes = vec![id, content.len() as u8];
        bytes.extend(content);
        bytes
    }

    fn name(text: &str) -> Vec<u8> {
        let mut bytes = vec![text.len() as u8];
        bytes.extend(text.as_bytes());
        bytes
    }

    /// A module with one imported function `module.f` and nothing else.
    fn importing(module: &str) -> Vec<u8> {
        let import = [vec![1], name(module), name("f"), vec![0, 0]].concat();
        [
            b"\0asm\x01\0\0\0".to_vec(),
            section(1, &[1, 0x60, 0, 0]),
            section(2, &import),
        ]
        .concat()
    }

    #[test]
    fn an_import_from_elsewhere_is_named() {
        let text = inspect(&importing("env"))
            .expect_err("env is not WASI")
            .to_string();
        assert!(text.contains("it imports env.f"), "{text}");
    }

    #[test]
    fn a_missing_export_is_named() {
        let text = inspect(&importing(WASI))
            .expect_err("it has no memory")
            .to_string();
        assert!(text.contains("it does not export `memory`"), "{text}");
    }

    #[test]
    fn a_feature_beyond_the_list_is_refused() {
        // One function type that returns v128.
        let simd = [
            b"\0asm\x01\0\0\0".to_vec(),
            section(1, &[1, 0x60, 0, 1, 0x7b]),
        ]
        .concat();
        let text = inspect(&simd)
            .expect_err("SIMD is not on the list")
            .to_string();
        assert!(text.contains("not valid with the features"), "{text}");
    }
}
