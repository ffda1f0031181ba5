//! Compares a tree with its model, name by name.

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;
use std::sync::Arc;

use afmpeg_wasi::vfs::{Cookie, Dir, File, FileType, Name, OpenOptions, Stat};

use super::contents::Contents;
use super::tree::{Id, Kind, ROOT, Tree};

/// Compares everything that can be seen.
///
/// # Errors
///
/// The first difference.
pub fn same_tree(real: &Arc<dyn Dir>, model: &Tree) -> Result<(), String> {
    let mut comparison = Comparison {
        model,
        numbers: HashMap::new(),
    };
    let stat = real.stat().map_err(|error| format!("/: {error}"))?;
    comparison.attributes(ROOT, &stat, "/")?;
    comparison.dir(real, ROOT, "")?;
    let mut back = HashMap::new();
    for (id, number) in comparison.numbers {
        if let Some(other) = back.insert(number, id) {
            return Err(format!("nodes {id} and {other} both are number {number:?}"));
        }
    }
    Ok(())
}

struct Comparison<'a> {
    model: &'a Tree,
    /// The number of each node of the model in the tree.
    numbers: HashMap<Id, (u64, u64)>,
}

impl Comparison<'_> {
    fn dir(&mut self, real: &Arc<dyn Dir>, id: Id, path: &str) -> Result<(), String> {
        let listed = listing(real, path)?;
        let expected = self.model.entries(id);
        let names: Vec<_> = listed.keys().collect();
        if !names.iter().copied().eq(expected.keys()) {
            let expected: Vec<_> = expected.keys().collect();
            return Err(format!("{path}/ has {names:?} and not {expected:?}"));
        }
        for (text, id) in expected {
            let path = format!("{path}/{text}");
            let said =
                |what: &str, error: &dyn std::fmt::Display| format!("{path}: {what}: {error}");
            let name = Name::new(text).map_err(|error| said("name", &error))?;
            let stat = real.stat_at(name).map_err(|error| said("stat", &error))?;
            self.attributes(*id, &stat, &path)?;
            if listed[text] != (stat.ino, stat.file_type) {
                return Err(format!("{path}: listed as {:?}, is {stat:?}", listed[text]));
            }
            match &self.model.node(*id).kind {
                Kind::Dir(_) => {
                    let dir = real.open_dir(name).map_err(|error| said("open", &error))?;
                    self.dir(&dir, *id, &path)?;
                }
                Kind::Link(text) => {
                    let link = real.read_link(name).map_err(|error| said("link", &error))?;
                    if link != *text {
                        return Err(format!("{path}: link to {link:?} and not {text:?}"));
                    }
                }
                Kind::File(contents) => {
                    let file = real.open_file(name, OpenOptions::READ);
                    let file = file.map_err(|error| said("open", &error))?;
                    same_file(&*file, contents).map_err(|error| said("contents", &error))?;
                }
            }
        }
        Ok(())
    }

    fn attributes(&mut self, id: Id, stat: &Stat, path: &str) -> Result<(), String> {
        let node = self.model.node(id);
        let file_type = self.model.file_type(id);
        let is_dir = file_type == FileType::Directory;
        let mut wrong = Vec::new();
        let mut check = |what: &'static str, real: u64, model: u64| {
            if real != model {
                wrong.push(format!("{what} is {real} and not {model}"));
            }
        };
        if !is_dir {
            check("size", stat.size, self.model.size(id));
        }
        if !is_dir || self.model.keeps_times {
            check("number of names", stat.nlink, node.names);
        }
        if self.model.keeps_times {
            check("atim", stat.atim, node.atim);
            check("mtim", stat.mtim, node.mtim);
            check("ctim", stat.ctim, node.ctim);
        }
        if stat.file_type != file_type {
            wrong.push(format!("is a {:?} and not a {file_type:?}", stat.file_type));
        }
        let number = (stat.dev, stat.ino);
        let known = *self.numbers.entry(id).or_insert(number);
        if known != number {
            wrong.push(format!("is number {number:?} and {known:?}"));
        }
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(format!("{path}: {}", wrong.join(", ")))
        }
    }
}

/// The entries of a directory by name.
fn listing(dir: &Arc<dyn Dir>, path: &str) -> Result<BTreeMap<String, (u64, FileType)>, String> {
    let mut listed = BTreeMap::new();
    let mut twice = None;
    let done = dir.read_dir(Cookie::START, &mut |entry| {
        let seen = (entry.ino, entry.file_type);
        if listed.insert(entry.name.clone(), seen).is_some() {
            twice = Some(entry.name);
        }
        ControlFlow::Continue(())
    });
    done.map_err(|error| format!("{path}/: {error}"))?;
    match twice {
        Some(name) => Err(format!("{path}/{name} is listed twice")),
        None => Ok(listed),
    }
}

/// Compares a file that is open with the contents it should have.
///
/// # Errors
///
/// The first difference.
pub(crate) fn same_file(file: &dyn File, contents: &Contents) -> Result<(), String> {
    let len = file.len().map_err(|error| error.to_string())?;
    if len != contents.len() {
        return Err(format!("{len} bytes and not {}", contents.len()));
    }
    for (at, expected) in contents.samples() {
        let mut bytes = vec![0xa5; expected.len()];
        let mut done = 0;
        while done < bytes.len() {
            let count = file.read_at(at + done as u64, &mut bytes[done..]);
            match count.map_err(|error| error.to_string())? {
                0 => return Err(format!("ends at {}", at + done as u64)),
                count => done += count,
            }
        }
        if bytes != expected {
            return Err(format!("at {at}: {bytes:?} and not {expected:?}"));
        }
    }
    Ok(())
}
