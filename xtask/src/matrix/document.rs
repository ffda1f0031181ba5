//! The page that lists what is in which engine, from what the built engines say.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

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
    let lean = capabilities(&engine::ensure(workspace)?)?;
    let full = capabilities(&engine::build(workspace, options)?)?;
    let mut page = HEAD.to_owned();
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

fn capabilities(engine: &std::path::Path) -> Result<Value> {
    let bench = Bench::open(engine)?;
    bench
        .ask(json!({ "op": "capabilities" }))
        .map_err(Failure::new)
}

fn set(names: &Value) -> BTreeSet<&str> {
    let names = names.as_array().into_iter().flatten();
    names.filter_map(Value::as_str).collect()
}
