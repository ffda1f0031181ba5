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
    What each engine reports of itself: the lean one, and what the full one has beside that. Names are those that a job\n\
    writes. Made by `cargo xtask engine-matrix --profile full --document`; do not edit it.\n";

/// Builds both engines and writes the page.
pub(super) fn write(workspace: &Workspace, options: &engine::Options) -> Result<()> {
    let engines = [
        engine::ensure(workspace)?,
        engine::build(workspace, options)?,
    ];
    let mut page = HEAD.to_owned();
    page.push_str("\n| engine | bytes | compressed |\n|---|---|---|\n");
    for path in &engines {
        let (name, size, packed) = sizes(path)?;
        let _ = writeln!(page, "| `{name}` | {size} | {packed} |");
    }
    let [lean, full] = [capabilities(&engines[0])?, capabilities(&engines[1])?];
    let kinds = full.as_object().into_iter().flatten();
    for (kind, names) in kinds {
        let (lean, full) = (set(&lean[kind]), set(names));
        let more: Vec<_> = full.difference(&lean).copied().collect();
        let lean: Vec<_> = lean.into_iter().collect();
        let title = kind.replace('_', " ");
        let _ = write!(
            page,
            "\n## {title}: {} lean, {} full\n",
            lean.len(),
            full.len()
        );
        for (profile, names) in [("lean", lean), ("full", more)] {
            let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
            let _ = write!(page, "\n**{profile}:** {}\n", names.join(" "));
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
