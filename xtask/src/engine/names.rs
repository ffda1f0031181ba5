//! The names of the engine's functions, in a file beside it: the engine itself is stripped.
//!
//! A second link keeps the names. It is not quite the same module: zig builds a few functions of
//! its C library anew for a link that is not stripped, with other choices of registers. So the names
//! are taken only when both have the same functions, one by one.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use wasm_encoder::{CustomSection, Module};
use wasmparser::{FuncType, Parser, Payload};

use super::codecs::Site;
use super::layout::Layout;
use super::target::Target;
use super::{Inputs, Options, driver, libraries, lock, prepare};
use crate::digest;
use crate::failure::{Failure, Result};
use crate::workspace::Workspace;

/// The custom section of a names file with the SHA-256 of the engine that it belongs to.
const ENGINE: &str = "afmpeg-engine";

/// Where the names of an engine file are: `NAME.names.wasm` beside `NAME.wasm` or `NAME.wasm.gz`.
pub(crate) fn beside(engine: &Path) -> PathBuf {
    let name = engine.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.strip_suffix(".gz").unwrap_or(&name);
    let stem = stem.strip_suffix(".wasm").unwrap_or(stem);
    engine.with_file_name(format!("{stem}.names.wasm"))
}

/// Whether `names` is a names file of the engine with this SHA-256.
pub(crate) fn belong_to(names: &[u8], sha256: &str) -> bool {
    custom_section(names, ENGINE).is_some_and(|range| names.get(range) == Some(sha256.as_bytes()))
}

/// The names file of the engine that [`ensure`](super::ensure) gives, linked if it is not there.
pub(crate) fn ensure(workspace: &Workspace) -> Result<PathBuf> {
    let engine = super::ensure(workspace)?;
    let names = beside(&engine);
    let module = fs::read(&engine).map_err(Failure::io("read", &engine))?;
    let sha256 = digest::bytes(&module);
    if fs::read(&names).is_ok_and(|file| belong_to(&file, &sha256)) {
        return Ok(names);
    }
    let options = Options::DEFAULT;
    let target = Target::Wasi;
    let layout = Layout::new(workspace, target, options.profile, options.variant);
    let inputs = Inputs::read(&layout, target, &options)?;
    let _lock = lock(&layout)?;
    let toolchain = prepare(&layout, &inputs)?;
    let libraries = libraries(&layout, target, &inputs, &toolchain, &options)?;
    let site = Site {
        layout: &layout,
        toolchain: &toolchain,
        target,
        build: &libraries,
        jobs: options.jobs(),
    };
    let objects = layout.scratch().join("names");
    fs::create_dir_all(&objects).map_err(Failure::io("create", &objects))?;
    let named = objects.join("named.wasm");
    let objects = driver::compile(&site, options.profile, options.variant, &objects)?;
    driver::link(&site, &objects, driver::Names::Keep, &named)?;
    let linked = fs::read(&named).map_err(Failure::io("read", &named))?;
    let partial = named.with_extension("names");
    fs::write(&partial, names_file(&module, &linked)?).map_err(Failure::io("write", &partial))?;
    fs::rename(&partial, &names).map_err(Failure::io("create", &names))?;
    Ok(names)
}

/// The names file of `engine`, from the same link with names.
fn names_file(engine: &[u8], named: &[u8]) -> Result<Vec<u8>> {
    let refused = |why: String| {
        Failure::new(format!(
            "the engine linked with names is another than the engine: {why}"
        ))
    };
    let unreadable = |error| refused(format!("it cannot be read ({error})"));
    let (left, right) = (
        Functions::of(engine).map_err(unreadable)?,
        Functions::of(named).map_err(unreadable)?,
    );
    left.check_same(&right).map_err(refused)?;
    let names = custom_section(named, "name")
        .and_then(|range| named.get(range))
        .ok_or_else(|| refused("it has no names".to_owned()))?;
    let sha256 = digest::bytes(engine);
    let mut file = Module::new();
    for (name, data) in [(ENGINE, sha256.as_bytes()), ("name", names)] {
        file.section(&CustomSection {
            name: name.into(),
            data: data.into(),
        });
    }
    Ok(file.finish())
}

/// The contents of a custom section.
fn custom_section(module: &[u8], name: &str) -> Option<Range<usize>> {
    Parser::new(0)
        .parse_all(module)
        .map_while(std::result::Result::ok)
        .find_map(|payload| match payload {
            Payload::CustomSection(section) if section.name() == name => {
                let start = usize::try_from(section.data_offset()).ok()?;
                Some(start..start + section.data().len())
            }
            _ => None,
        })
}

/// What tells the functions of two modules apart.
#[derive(Default)]
struct Functions<'a> {
    imports: Vec<&'a str>,
    signatures: Vec<FuncType>,
    /// The type of each defined function.
    types: Vec<u32>,
    bodies: Vec<&'a [u8]>,
}

impl<'a> Functions<'a> {
    fn of(module: &'a [u8]) -> wasmparser::Result<Self> {
        let mut functions = Self::default();
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::TypeSection(types) => {
                    functions.signatures = types
                        .into_iter_err_on_gc_types()
                        .collect::<wasmparser::Result<_>>()?;
                }
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        functions.imports.push(import?.name);
                    }
                }
                Payload::FunctionSection(types) => {
                    functions.types = types.into_iter().collect::<wasmparser::Result<_>>()?;
                }
                Payload::CodeSectionEntry(body) => functions.bodies.push(body.as_bytes()),
                _ => {}
            }
        }
        Ok(functions)
    }

    /// Equal imports, equal types; bodies of equal lengths, of which nearly all are equal.
    fn check_same(&self, other: &Self) -> std::result::Result<(), String> {
        /// Of a hundred bodies, so many must be equal.
        const EQUAL: usize = 99;
        let types = |it: &Self| (it.imports.clone(), it.signatures.clone(), it.types.clone());
        if types(self) != types(other) {
            return Err("its functions are of other types".to_owned());
        }
        let pairs = || self.bodies.iter().zip(&other.bodies);
        if let Some(position) = pairs().position(|(left, right)| left.len() != right.len()) {
            let index = self.imports.len() + position;
            return Err(format!("function {index} has another length"));
        }
        let equal = pairs().filter(|(left, right)| left == right).count();
        if equal * 100 < self.bodies.len() * EQUAL {
            return Err(format!(
                "only {equal} of {} functions are the same",
                self.bodies.len()
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wasm(text: &str) -> Vec<u8> {
        wat::parse_str(text).expect("the module is valid")
    }

    const NAMED: &str = r#"(module (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
        (func $first i32.const 1 drop) (func $second (param i32)))"#;

    /// The module without its names.
    fn stripped(text: &str) -> Vec<u8> {
        wasm(
            &text
                .replace("$first", "")
                .replace("$second", "")
                .replace("$yield", ""),
        )
    }

    #[test]
    fn a_names_file_belongs_to_one_engine_and_has_its_names() {
        let (engine, named) = (stripped(NAMED), wasm(NAMED));
        let file = names_file(&engine, &named).expect("they are the same");
        assert!(belong_to(&file, &digest::bytes(&engine)));
        assert!(!belong_to(&file, &digest::bytes(&named)));
        assert!(!belong_to(&engine, &digest::bytes(&engine)));
        let section = |module| custom_section(module, "name").map(|range| module[range].to_vec());
        assert_eq!(section(&file), section(&named));
    }

    #[test]
    fn names_of_other_functions_are_refused() {
        let named = wasm(NAMED);
        for (other, why) in [
            (
                NAMED.replace("1 drop", "1000 drop"),
                "function 1 has another length",
            ),
            (
                NAMED.replace("1 drop", "2 drop"),
                "only 1 of 2 functions are the same",
            ),
            (
                NAMED.replace("(param i32)", "(param i64)"),
                "of other types",
            ),
            (NAMED.replace("sched_yield", "sched_wait"), "of other types"),
        ] {
            let text = names_file(&stripped(&other), &named)
                .expect_err("they are not the same")
                .to_string();
            assert!(text.contains(why), "{text}");
        }
        let text = names_file(&stripped(NAMED), &stripped(NAMED))
            .expect_err("there are none")
            .to_string();
        assert!(text.contains("it has no names"), "{text}");
    }

    #[test]
    fn names_are_beside_the_engine_compressed_or_not() {
        for name in ["out/e.wasm", "out/e.wasm.gz"] {
            assert_eq!(beside(Path::new(name)), Path::new("out/e.names.wasm"));
        }
    }
}
