//! The crate of the kernels' benchmark with the lifted guest in it.

use std::fs;
use std::path::Path;

use crate::failure::{Failure, Result};
use crate::lift::{pack, put};
use crate::workspace::Workspace;

/// Writes the crate, whose neighbour `crate` is the lifted guest.
pub(super) fn write(workspace: &Workspace, directory: &Path) -> Result<()> {
    let root = workspace.root();
    let manifest = root.join("Cargo.toml");
    let text = fs::read_to_string(&manifest).map_err(Failure::io("read", &manifest))?;
    let parsed: toml::Table = text
        .parse()
        .map_err(|error| Failure::new(format!("{}: {error}", manifest.display())))?;
    let mut used = pack::test_dependencies(&parsed);
    used.retain(|name, _| USED.contains(&name));
    let mut dependencies = toml::Table::new();
    dependencies.insert("dev-dependencies".to_owned(), used.into());
    let dependencies = toml::to_string(&dependencies)
        .map_err(|error| Failure::new(format!("a manifest: {error}")))?;
    let cargo = format!(
        "# Generated: the benchmark of the kernels, with the lifted guest of their tests in it.
[package]
name = \"afmpeg-kernel-bench\"
version = \"0.1.0\"
edition = \"2024\"
publish = false

[workspace]

[dependencies]
afmpeg = {{ path = {root:?} }}
afmpeg-lift-runtime = {{ path = {runtime:?} }}
afmpeg-pack = {{ package = \"kernel-tests-lifted\", path = \"../crate\" }}

[[bench]]
name = \"kernels\"
path = {bench:?}
harness = false

{dependencies}{profile}",
        runtime = root.join("lift").join("runtime"),
        bench = root.join("benches").join("kernels.rs"),
        profile = pack::PROFILE,
    );
    put(&directory.join("Cargo.toml"), cargo.as_bytes())?;
    put(&directory.join("src").join("lib.rs"), LIB.as_bytes())?;
    put(
        &directory.join("build.rs"),
        pack::build_script(root).as_bytes(),
    )?;
    let lock = root.join("Cargo.lock");
    fs::copy(&lock, directory.join("Cargo.lock")).map_err(Failure::io("copy", &lock))?;
    Ok(())
}

/// What the benchmark is made with, of all that the tests use.
const USED: [&str; 2] = ["criterion", "wasmi"];

const LIB: &str = "//! Nothing: the benchmark is what this crate is for.\n";
