//! The page that lists what is in which engine, from what the built engines say.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::Bench;
use crate::engine;
use crate::failure::{Failure, Result};
use crate::workspace::Workspace;

/// Where the page is.
const PAGE: &str = "docs/components.md";

const HEAD: &str = "# Components\n\n\
    What each engine reports of itself: the lean one, what the full one has beside that, and what the GPL variant has\n\
    beside both. Names are those that a job writes. Made by `cargo xtask engine-matrix --document`; do not edit it.\n";

/// Builds every engine and writes the page.
pub(super) fn write(workspace: &Workspace) -> Result<()> {
    let engines = engine::all(workspace)?;
    let mut page = HEAD.to_owned();
    page.push_str("\n| engine | bytes | less than | compressed |\n|---|---|---|---|\n");
    let mut told = Vec::new();
    for (path, ceiling) in &engines {
        let (name, size, packed) = sizes(path)?;
        let _ = writeln!(page, "| `{name}` | {size} | {ceiling} | {packed} |");
        told.push(capabilities(path)?);
    }
    let [lean, full, _, gpl] = &told[..] else {
        return Err(Failure::new("there are four engines"));
    };
    for (kind, names) in gpl.as_object().into_iter().flatten() {
        let (lean, full, gpl) = (set(&lean[kind]), set(&full[kind]), set(names));
        let title = kind.replace('_', " ");
        let _ = write!(
            page,
            "\n## {title}: {} lean, {} full, {} full under the GPL\n",
            lean.len(),
            full.len(),
            gpl.len()
        );
        let rows = [
            ("lean", lean.iter().copied().collect::<Vec<_>>()),
            ("full", full.difference(&lean).copied().collect()),
            ("gpl", gpl.difference(&full).copied().collect()),
        ];
        for (list, names) in rows.into_iter().filter(|(_, names)| !names.is_empty()) {
            let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
            let _ = write!(page, "\n**{list}:** {}\n", names.join(" "));
        }
    }
    let path = workspace.root().join(PAGE);
    fs::write(&path, page).map_err(Failure::io("write", &path))?;
    println!("{}", workspace.short(&path));
    Ok(())
}

/// The name of an engine, and the sizes that its record tells.
fn sizes(engine: &Path) -> Result<(String, u64, u64)> {
    let path = engine.with_extension("provenance.json");
    let text = fs::read(&path).map_err(Failure::io("read", &path))?;
    let record: Value = serde_json::from_slice(&text)
        .map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
    let size = |name: &str| record["engine"][name].as_u64().unwrap_or_default();
    let name = engine.file_name().unwrap_or_default().to_string_lossy();
    Ok((name.into_owned(), size("size"), size("gzip_size")))
}

fn capabilities(engine: &Path) -> Result<Value> {
    let bench = Bench::open(engine)?;
    bench
        .ask(json!({ "op": "capabilities" }))
        .map_err(Failure::new)
}

fn set(names: &Value) -> BTreeSet<&str> {
    let names = names.as_array().into_iter().flatten();
    names.filter_map(Value::as_str).collect()
}
