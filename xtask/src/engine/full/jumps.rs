//! `setjmp` and `longjmp` in the engine: what libraries that use them are compiled with, and the imports that come
//! of it. `docs/setjmp.md` has the whole of it.

use std::collections::BTreeSet;
use std::convert::Infallible;

use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{ImportSection, Module};
use wasmparser::{Imports, Parser, TypeRef};

use crate::failure::{Failure, Result};

/// The header and what the lowered code expects beside the host's imports, relative to the workspace.
pub(super) const FILES: [&str; 2] = [HEADER, SUPPORT];

pub(super) const HEADER: &str = "wasi-shim/guests/include/setjmp.h";

/// To be compiled without [`FLAGS`].
pub(super) const SUPPORT: &str = "wasi-shim/guests/jumps.c";

/// For every source that calls `setjmp`, beside a search path with the header.
pub(super) const FLAGS: [&str; 2] = ["-mllvm", "-enable-emscripten-sjlj"];

/// The module with the imports of jumps given WASI's name, so that everything else can be held to the rules of
/// engines without them; and the names of those imports.
pub(super) fn set_aside(module: &[u8]) -> Result<(Vec<u8>, BTreeSet<String>)> {
    let mut renamed = Renamed::default();
    let mut out = Module::new();
    renamed
        .parse_core_module(&mut out, Parser::new(0), module)
        .map_err(|err| Failure::new(format!("the linked engine cannot be read: {err}")))?;
    Ok((out.finish(), renamed.names))
}

#[derive(Default)]
struct Renamed {
    names: BTreeSet<String>,
}

impl Reencode for Renamed {
    type Error = Infallible;

    fn parse_imports(
        &mut self,
        section: &mut ImportSection,
        mut imports: Imports<'_>,
    ) -> std::result::Result<(), reencode::Error<Self::Error>> {
        if let Imports::Single(_, import) = &mut imports
            && import.module == "env"
            && matches!(import.ty, TypeRef::Func(_))
            && is_jump(import.name)
        {
            self.names.insert(import.name.to_owned());
            import.module = "wasi_snapshot_preview1";
        }
        reencode::utils::parse_imports(self, section, imports)
    }
}

/// Whether the host binds a name of `env` for jumps.
fn is_jump(name: &str) -> bool {
    name == "_emscripten_throw_longjmp"
        || name.strip_prefix("invoke_").is_some_and(|signature| {
            !signature.is_empty() && signature.bytes().all(|letter| b"vijfd".contains(&letter))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jumps_are_set_aside_and_nothing_else() {
        let module = wat::parse_str(
            "(module (import \"env\" \"invoke_vi\" (func (param i32 i32)))
                (import \"env\" \"_emscripten_throw_longjmp\" (func))
                (import \"env\" \"invoke_me\" (func)) (import \"env\" \"sin\" (func)))",
        )
        .expect("the module is well formed");
        let (without, names) = set_aside(&module).expect("it is a module");
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        assert_eq!(names, ["_emscripten_throw_longjmp", "invoke_vi"]);
        let text = super::super::inspect::inspect(&without)
            .expect_err("two of the imports are nobody's")
            .to_string();
        assert!(text.contains("it imports env.invoke_me, env.sin"), "{text}");
    }
}
