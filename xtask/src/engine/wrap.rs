//! Lets the kernels' glue stand in front of functions of the libraries: in a copy of the object that
//! defines one, it gets another name, and the glue defines the old one.
//!
//! This is what a linker's `--wrap` does for other targets; for WebAssembly, zig passes it to no
//! linker and says nothing.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use wasmparser::{KnownCustom, Linking, Parser, Payload, SymbolFlags, SymbolInfo};

use crate::failure::{Failure, Result};

/// What the glue calls the library's own function by: this before its name.
const REAL: &str = "__real_";

/// The functions that sources of the glue stand in front of: those that they call with [`REAL`], and in C++
/// those that they name by their symbols.
pub(super) fn wanted(sources: &[PathBuf]) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for path in sources {
        let text = fs::read_to_string(path).map_err(Failure::io("read", path))?;
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let named = |word: &'_ str| {
            let own = word.strip_prefix(REAL);
            own.or(word.starts_with("_Z").then_some(word))
                .map(str::to_owned)
        };
        names.extend(words.filter_map(named));
    }
    Ok(names)
}

/// Writes changed copies of the objects that define the functions into `out`; linked before the
/// libraries, they take the place of the originals.
pub(super) fn rename(
    mut wanted: BTreeSet<String>,
    directories: &[PathBuf],
    out: &Path,
) -> Result<Vec<PathBuf>> {
    let mut copies = Vec::new();
    for directory in directories {
        for path in objects(directory)? {
            let object = fs::read(&path).map_err(Failure::io("read", &path))?;
            // An object of another format, or none at all, defines nothing here.
            let defined = defined(&object).unwrap_or_default();
            let here: Vec<_> = defined
                .into_iter()
                .filter(|name| wanted.remove(name))
                .collect();
            if here.is_empty() {
                continue;
            }
            let mut changed = object;
            for name in &here {
                changed =
                    with_new_name(&changed, name, &format!("{REAL}{name}")).ok_or_else(|| {
                        Failure::new(format!("{} has no symbol `{name}`", path.display()))
                    })?;
            }
            let copy = out.join(format!("wrapped-{}.o", copies.len()));
            fs::write(&copy, changed).map_err(Failure::io("write", &copy))?;
            copies.push(copy);
        }
    }
    if wanted.is_empty() {
        Ok(copies)
    } else {
        let names: Vec<_> = wanted.into_iter().collect();
        Err(Failure::new(format!(
            "no object of the libraries defines {}",
            names.join(", ")
        ))
        .mend("the glue in engine/kernels calls it with `__real_`: is the component still built?"))
    }
}

fn objects(directory: &Path) -> Result<Vec<PathBuf>> {
    let failed = |err| Failure::io("read", directory)(err);
    let mut paths = Vec::new();
    for entry in fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            paths.extend(objects(&path)?);
        } else if path.extension().is_some_and(|ext| ext == "o") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// The functions that an object defines for others.
fn defined(object: &[u8]) -> wasmparser::Result<Vec<String>> {
    let mut names = Vec::new();
    for payload in Parser::new(0).parse_all(object) {
        let Payload::CustomSection(section) = payload? else {
            continue;
        };
        let KnownCustom::Linking(linking) = section.as_known() else {
            continue;
        };
        for subsection in linking.subsections() {
            let Linking::SymbolTable(symbols) = subsection? else {
                continue;
            };
            for symbol in symbols {
                if let SymbolInfo::Func {
                    flags,
                    name: Some(name),
                    ..
                } = symbol?
                    && !flags.intersects(SymbolFlags::UNDEFINED | SymbolFlags::BINDING_LOCAL)
                {
                    names.push(name.to_owned());
                }
            }
        }
    }
    Ok(names)
}

/// The object with another name for a symbol. Everything else refers to symbols by number.
fn with_new_name(object: &[u8], from: &str, to: &str) -> Option<Vec<u8>> {
    const HEADER: usize = 8;
    const SYMBOL_TABLE: u8 = 8;
    let mut out = object.get(..HEADER)?.to_vec();
    let mut rest = object.get(HEADER..)?;
    let mut found = false;
    while let Some((&id, after)) = rest.split_first() {
        let (content, after) = sized(after)?;
        rest = after;
        let linking = (id == 0).then(|| sized(content)).flatten();
        let Some((b"linking", mut body)) = linking else {
            push(&mut out, id, content);
            continue;
        };
        let mut section = Vec::new();
        push_sized(&mut section, b"linking");
        let (version, _) = number(&mut body)?;
        push_number(&mut section, version);
        while let Some((&kind, after)) = body.split_first() {
            let (subsection, after) = sized(after)?;
            body = after;
            if kind == SYMBOL_TABLE {
                let replaced = with_new_entry(subsection, from, to)?;
                found |= replaced.len() != subsection.len();
                push(&mut section, kind, &replaced);
            } else {
                push(&mut section, kind, subsection);
            }
        }
        push(&mut out, 0, &section);
    }
    found.then_some(out)
}

/// The symbol table with another name for one symbol.
fn with_new_entry(table: &[u8], from: &str, to: &str) -> Option<Vec<u8>> {
    const UNDEFINED: usize = 0x10;
    const EXPLICIT_NAME: usize = 0x40;
    let mut rest = table;
    let mut out = Vec::new();
    let (count, _) = number(&mut rest)?;
    push_number(&mut out, count);
    for _ in 0..count {
        let start = rest;
        let (&kind, after) = rest.split_first()?;
        rest = after;
        let (flags, _) = number(&mut rest)?;
        let data = kind == 1;
        if !data {
            number(&mut rest)?;
        }
        // A section has no name; an import has the name of what it imports unless it says another.
        let named = data || kind != 3 && (flags & UNDEFINED == 0 || flags & EXPLICIT_NAME != 0);
        out.extend(start.get(..start.len() - rest.len())?);
        if named {
            let (name, after) = sized(rest)?;
            rest = after;
            let ours = kind == 0 && flags & UNDEFINED == 0 && name == from.as_bytes();
            push_sized(&mut out, if ours { to.as_bytes() } else { name });
        }
        if data && flags & UNDEFINED == 0 {
            let start = rest;
            for _ in 0..3 {
                number(&mut rest)?;
            }
            out.extend(start.get(..start.len() - rest.len())?);
        }
    }
    rest.is_empty().then_some(out)
}

/// Takes a number in LEB128 from the front; also its length.
fn number(bytes: &mut &[u8]) -> Option<(usize, usize)> {
    let mut value = 0;
    for (index, &byte) in bytes.iter().enumerate().take(5) {
        value |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            *bytes = bytes.get(index + 1..)?;
            return Some((value, index + 1));
        }
    }
    None
}

/// What follows its own length, and the rest.
fn sized(mut bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, _) = number(&mut bytes)?;
    bytes.split_at_checked(length)
}

fn push(out: &mut Vec<u8>, id: u8, content: &[u8]) {
    out.push(id);
    push_sized(out, content);
}

fn push_sized(out: &mut Vec<u8>, content: &[u8]) {
    push_number(out, content.len());
    out.extend(content);
}

fn push_number(out: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An object with the symbols `f`, defined, and `g`, a datum.
    fn object() -> Vec<u8> {
        let mut symbols = vec![2];
        symbols.extend([0, 0, 0, 1, b'f']);
        symbols.extend([1, 0, 1, b'g', 0, 0, 4]);
        let mut linking = vec![7];
        linking.extend(b"linking");
        linking.push(2);
        // Compilers leave room in lengths.
        linking.extend([8, 0x80 | symbols.len() as u8, 0x80, 0x80, 0x80, 0]);
        linking.extend(&symbols);
        let mut object = b"\0asm\x01\0\0\0".to_vec();
        object.extend([1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0]);
        object.extend([10, 4, 1, 2, 0, 0x0b]);
        object.push(0);
        object.push(linking.len() as u8);
        object.extend(linking);
        object
    }

    #[test]
    fn a_function_gets_another_name() {
        assert_eq!(defined(&object()).expect("it is an object"), ["f"]);
        let changed = with_new_name(&object(), "f", "__real_f").expect("it has f");
        assert_eq!(defined(&changed).expect("it is an object"), ["__real_f"]);
        let back = with_new_name(&changed, "__real_f", "f").expect("it has the new name");
        assert_eq!(defined(&back).expect("it is an object"), ["f"]);
    }

    #[test]
    fn what_is_not_there_is_not_renamed() {
        assert_eq!(with_new_name(&object(), "g", "__real_g"), None);
        assert_eq!(with_new_name(&object(), "h", "__real_h"), None);
        assert_eq!(with_new_name(b"no object", "f", "g"), None);
    }
}
