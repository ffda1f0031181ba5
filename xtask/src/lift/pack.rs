//! The lift pack of the built engine: its crate, what describes it, and a program that contains it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::Written;
use crate::digest::{self, KeyBuilder};
use crate::engine;
use crate::failure::{Failure, Result};
use crate::profile;
use crate::progress::Progress;
use crate::prune;
use crate::workspace::Workspace;

/// A pack on disk.
pub(crate) struct Pack {
    /// The directory: the crate's, and one for each thing beside it.
    pub(crate) directory: PathBuf,
    /// The engine that it was lifted from.
    pub(crate) engine: PathBuf,
}

impl Pack {
    /// The crate with the command and the tests, which contains the pack.
    pub(crate) fn host(&self) -> PathBuf {
        self.directory.join("host")
    }

    fn is_made_of(&self, key: &str) -> bool {
        fs::read_to_string(self.directory.join(KEY)).is_ok_and(|known| known == key)
    }

    /// From here on there is no pack, until [`Self::end`] says so.
    fn begin(&self) {
        let _ = fs::remove_file(self.directory.join(KEY));
    }

    fn end(&self, key: &str) -> Result<()> {
        write(&self.directory.join(KEY), key)
    }
}

/// The pack of the lean LGPL engine, made if it is not there.
pub(crate) fn ensure(workspace: &Workspace) -> Result<Pack> {
    let engine = engine::ensure(workspace)?;
    of_engine(workspace, engine)
}

/// The pack of a built engine.
pub(crate) fn of_engine(workspace: &Workspace, engine: PathBuf) -> Result<Pack> {
    let wasm = fs::read(&engine).map_err(Failure::io("read", &engine))?;
    let digest = digest::file(&engine)?;
    let provenance = provenance(&engine)?;
    let name = engine
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default();
    let directory = workspace.target().join("lift");
    let directory = directory.join(format!("{name}-{}", digest.get(..16).unwrap_or(&digest)));
    let pack = Pack { directory, engine };
    let key = key(workspace, "whole module")?;
    if pack.is_made_of(&key) {
        return Ok(pack);
    }
    let progress = Progress::start("lift", None);
    let licence = provenance["licence"]
        .as_str()
        .unwrap_or("unknown")
        .to_owned();
    let making = &pack.directory;
    pack.begin();
    let krate = making.join("crate");
    let written = super::write(
        workspace,
        &wasm,
        &format!("{name}-lifted"),
        &licence,
        &krate,
    )?;
    let licences = pack.engine.with_file_name("licenses");
    copy_tree(&licences, &making.join("licenses"))?;
    let manifest = manifest(&name, &digest, &licence, &written, &provenance);
    write(&making.join(MANIFEST), &format!("{manifest:#}\n"))?;
    host_crate(workspace, &making.join("host"), &name)?;
    pack.end(&key)?;
    prune::older(
        &workspace.target().join("lift"),
        &format!("{name}-"),
        &pack.directory,
    )?;
    progress.done();
    Ok(pack)
}

/// The pack of the engine's functions that are hot in a workload of the race beside the kernels, made if
/// it is not there.
pub(crate) fn mixed(workspace: &Workspace, whole: &Pack, workload: &str) -> Result<Pack> {
    let mut directory = whole.directory.clone().into_os_string();
    directory.push(format!("-{workload}"));
    let pack = Pack {
        directory: directory.into(),
        engine: whole.engine.clone(),
    };
    let key = key(workspace, workload)?;
    if pack.is_made_of(&key) {
        return Ok(pack);
    }
    pack.begin();
    let profile = pack.directory.join("profile");
    profile::run(workspace, &profile::Options::rest_of(workload, &profile))?;
    let name = pack
        .engine
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default();
    let licence = provenance(&pack.engine)?["licence"]
        .as_str()
        .unwrap_or("unknown")
        .to_owned();
    let options = super::Options {
        module: pack.engine.clone(),
        out: pack.directory.join("crate"),
        name: Some(format!("{name}-lifted")),
        license: licence,
        mixed: super::mixed::Options::hot_in(&profile.join("profile.json")),
    };
    super::run(workspace, &options)?;
    host_crate(workspace, &pack.directory.join("host"), &name)?;
    pack.end(&key)?;
    Ok(pack)
}

/// A digest of what a pack is made with, besides the engine.
fn key(workspace: &Workspace, what: &str) -> Result<String> {
    let root = workspace.root();
    let mut key = KeyBuilder::new("pack");
    key.add("what", what.as_bytes());
    key.add_tree("lift", &root.join("lift"))?;
    // The manifest of the host crate names the tests and what they depend on.
    key.add_file("manifest", &root.join("Cargo.toml"))?;
    for (name, _) in test_programs(&root.join("tests"))? {
        key.add("test", name.as_bytes());
    }
    key.add("pack", include_bytes!("pack.rs"));
    Ok(key.finish())
}

fn provenance(engine: &Path) -> Result<Value> {
    let path = engine.with_extension("provenance.json");
    let text = fs::read_to_string(&path).map_err(Failure::io("read", &path))?;
    serde_json::from_str(&text)
        .map_err(|error| Failure::new(format!("{} is damaged: {error}", path.display())))
}

/// What a user of the pack wants to know of it.
fn manifest(
    name: &str,
    digest: &str,
    licence: &str,
    written: &Written,
    provenance: &Value,
) -> Value {
    json!({
        "crate": format!("{name}-lifted"),
        "engine": name,
        "engine_sha256": digest,
        "tool": format!("afmpeg-lift {}", env!("CARGO_PKG_VERSION")),
        "licence": licence,
        "functions": written.functions,
        "functions_lifted": written.functions,
        "source_bytes": written.bytes,
        "provenance": provenance,
    })
}

/// The crate of the command with the pack inside, and of the repository's engine tests and the bench of
/// warm starts over it.
fn host_crate(workspace: &Workspace, directory: &Path, name: &str) -> Result<()> {
    let root = workspace.root();
    let manifest = root.join("Cargo.toml");
    let text = fs::read_to_string(&manifest).map_err(Failure::io("read", &manifest))?;
    let parsed: toml::Table = text
        .parse()
        .map_err(|error| Failure::new(format!("{}: {error}", manifest.display())))?;
    let mut cargo = format!(
        "# Generated: the afmpeg command with lifted code in it, and the engine tests over it.
[package]
name = \"afmpeg-with-pack\"
version = \"0.1.0\"
edition = \"2024\"
publish = false
autotests = false

[workspace]

[features]
default = [\"cli\"]
# The tests of the command ask for it; the library always has it here.
cli = []

[dependencies]
afmpeg = {{ path = {root:?}, features = [\"cli\"] }}
afmpeg-lift-runtime = {{ path = {runtime:?} }}
afmpeg-pack = {{ package = \"{name}-lifted\", path = \"../crate\" }}

[[bin]]
name = \"afmpeg\"
path = \"src/main.rs\"
",
        runtime = root.join("lift").join("runtime"),
    );
    for (test, file) in test_programs(&root.join("tests"))? {
        if PLAIN.contains(&test.as_str()) {
            continue;
        }
        cargo.push_str(&format!("\n[[test]]\nname = \"{test}\"\npath = {file:?}\n"));
        if test == KERNELS {
            cargo.push_str("# Run when it is named: it is the same in all modes.\ntest = false\n");
        }
    }
    let warm = root.join("benches/warm.rs");
    cargo.push_str(&format!(
        "\n[[bench]]\nname = \"warm\"\npath = {warm:?}\nharness = false\n"
    ));
    let mut rest = toml::Table::new();
    rest.insert(
        "dev-dependencies".to_owned(),
        test_dependencies(&parsed).into(),
    );
    if let Some(target) = parsed.get("target") {
        rest.insert("target".to_owned(), target.clone());
    }
    cargo.push('\n');
    cargo.push_str(
        &toml::to_string(&rest).map_err(|error| Failure::new(format!("a manifest: {error}")))?,
    );
    cargo.push_str(PROFILE);
    write(&directory.join("Cargo.toml"), &cargo)?;
    write(&directory.join("src").join("main.rs"), MAIN)?;
    write(&directory.join("build.rs"), &build_script(root))?;
    // The same versions as everywhere else.
    let lock = root.join("Cargo.lock");
    fs::copy(&lock, directory.join("Cargo.lock")).map_err(Failure::io("copy", &lock))?;
    Ok(())
}

/// The test program that compares the kernels with the engine's C, in an instance of their own.
pub(crate) const KERNELS: &str = "kernels";

/// The test program that compares the modes, and so runs all of them.
pub(crate) const MODES: &str = "modes";

/// Test programs that are not run with a pack: two are of other engines, one is long and about what an interpreted
/// guest may do, one runs programs that have no pack, one runs no engine, and one compares what the command of the
/// workspace prints, letter by letter; what a command with a pack does is tested by `cli`.
const PLAIN: [&str; 6] = [
    "examples",
    "full",
    "gpl",
    "mutants",
    "schema",
    "transcripts",
];

/// What only those use, and the benches.
const PLAIN_DEPENDENCIES: [&str; 6] = [
    "criterion",
    "jsonschema",
    "object_store",
    "pollster",
    "proptest",
    "trycmd",
];

/// The test programs that run in the mode that they are told.
pub(crate) fn programs_of_one_mode(workspace: &Workspace) -> Result<Vec<String>> {
    let programs = test_programs(&workspace.root().join("tests"))?;
    let names = programs.into_iter().map(|(name, _)| name);
    Ok(names
        .filter(|name| name != KERNELS && name != MODES && !PLAIN.contains(&name.as_str()))
        .collect())
}

/// The test programs, by name.
fn test_programs(directory: &Path) -> Result<Vec<(String, PathBuf)>> {
    let mut programs = Vec::new();
    for entry in fs::read_dir(directory).map_err(Failure::io("read", directory))? {
        let path = entry.map_err(Failure::io("read", directory))?.path();
        let name = path
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default();
        let main = path.join("main.rs");
        if main.is_file() {
            programs.push((name, main));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            programs.push((name, path));
        }
    }
    programs.sort();
    Ok(programs)
}

/// What the test programs may use: the library's own dependencies, those of the command, and the tests'.
pub(crate) fn test_dependencies(manifest: &toml::Table) -> toml::Table {
    let cli = manifest
        .get("features")
        .and_then(|features| features.get("cli"));
    let cli = cli.and_then(toml::Value::as_array);
    let of_command = |name: &str| {
        let mut features = cli.into_iter().flatten().filter_map(toml::Value::as_str);
        features.any(|feature| feature.strip_prefix("dep:") == Some(name))
    };
    let mut dependencies = toml::Table::new();
    for section in ["dependencies", "dev-dependencies"] {
        let section = manifest.get(section).and_then(toml::Value::as_table);
        for (name, value) in section.into_iter().flatten() {
            // Those of the workspace come with the library.
            if value.get("workspace").is_some() {
                continue;
            }
            let optional = value.get("optional").and_then(toml::Value::as_bool) == Some(true);
            if optional && !of_command(name) || PLAIN_DEPENDENCIES.contains(&name.as_str()) {
                continue;
            }
            let mut value = value.clone();
            if let Some(table) = value.as_table_mut() {
                table.remove("optional");
            }
            dependencies.insert(name.clone(), value);
        }
    }
    dependencies
}

/// Tells programs that they have a pack, and where the workspace is.
pub(crate) fn build_script(root: &Path) -> String {
    BUILD.replace("{ROOT}", &format!("{}", root.display()))
}

fn write(path: &Path, text: &str) -> Result<()> {
    super::put(path, text.as_bytes())
}

fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).map_err(Failure::io("create", to))?;
    for entry in fs::read_dir(from).map_err(Failure::io("read", from))? {
        let entry = entry.map_err(Failure::io("read", from))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy_tree(&source, &target)?;
        } else {
            fs::copy(&source, &target).map_err(Failure::io("copy", &source))?;
        }
    }
    Ok(())
}

const MANIFEST: &str = "manifest.json";

/// The digest of what the pack was made with, besides the engine.
const KEY: &str = "key";

const MAIN: &str = "//! The `afmpeg` command with a lifted engine in it.

fn main() -> std::process::ExitCode {
    afmpeg::cli::main(Some(afmpeg_pack::module()))
}
";

/// The tests see by this that a pack is linked in.
const BUILD: &str = "//! Tells the tests that they have a pack.

fn main() {
    println!(\"cargo::rustc-check-cfg=cfg(afmpeg_pack)\");
    println!(\"cargo::rustc-cfg=afmpeg_pack\");
    println!(\"cargo::rustc-env=AFMPEG_WORKSPACE={ROOT}\");
}
";

/// What an application with a pack sets, too: see docs/lifting.md.
pub(crate) const PROFILE: &str = "
[profile.release]
opt-level = 3
panic = \"unwind\"
lto = false
codegen-units = 16
strip = \"symbols\"
";
