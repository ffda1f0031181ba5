//! What other engines have beside lean: the full profile's outside libraries, and those of the GPL variants.
//!
//! The lean engine's recipe stays as it is, text and all: its text is part of that engine's key.

mod apt;
mod configure;
mod dash;
mod debian;
mod jumps;
mod libraries;
mod rtcd;
mod shrink;
mod table;
mod text;
mod vpx;
mod xml;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::inspect::{self, Report};
use super::layout::Layout;
use super::pins::Pins;
use super::{Options, Profile, Variant};
use crate::digest::KeyBuilder;
use crate::failure::{Failure, Result};

pub(super) use self::configure::configure;
pub(super) use self::debian::Tarballs;
pub(super) use self::libraries::{build as libraries, link_inputs};
pub(super) use self::shrink::shrink;

/// Adds everything that a full engine is made of and a lean one is not.
pub(super) fn add_inputs(layout: &Layout, key: &mut KeyBuilder) -> Result<()> {
    key.add_tree("full", &layout.of_full().engine())?;
    for name in jumps::FILES {
        key.add_file(name, &layout.root().join(name))?;
    }
    for (name, recipe) in RECIPE {
        key.add(name, recipe.as_bytes());
    }
    Ok(())
}

/// The same for what only the engine is made by, not its libraries.
pub(super) fn add_engine_inputs(key: &mut KeyBuilder) {
    for (name, recipe) in ENGINE_RECIPE {
        key.add(name, recipe.as_bytes());
    }
}

/// The part of this recipe that comes after the libraries.
const ENGINE_RECIPE: [(&str, &str); 1] = [("full/shrink.rs", include_str!("shrink.rs"))];

/// The files of this recipe, as in [`super::LIBRARY_RECIPE`].
const RECIPE: [(&str, &str); 11] = [
    ("full/mod.rs", include_str!("mod.rs")),
    ("full/configure.rs", include_str!("configure.rs")),
    ("full/dash.rs", include_str!("dash.rs")),
    ("full/debian.rs", include_str!("debian.rs")),
    ("full/jumps.rs", include_str!("jumps.rs")),
    ("full/libraries.rs", include_str!("libraries.rs")),
    ("full/rtcd.rs", include_str!("rtcd.rs")),
    ("full/table.rs", include_str!("table.rs")),
    ("full/text.rs", include_str!("text.rs")),
    ("full/vpx.rs", include_str!("vpx.rs")),
    ("full/xml.rs", include_str!("xml.rs")),
];

/// As [`inspect::inspect`], for an engine that may also jump through its host.
pub(super) fn inspect(module: &[u8]) -> Result<Report> {
    let (without, jumps) = jumps::set_aside(module)?;
    let mut report = inspect::inspect(&without)?;
    report.imports.retain(|name| !jumps.contains(name));
    let jumps = jumps.into_iter();
    report
        .imports
        .extend(jumps.map(|name| format!("env.{name}")));
    Ok(report)
}

/// Puts the licence texts of the outside libraries beside those of lean, and the tarballs into the records.
pub(super) fn complete(
    layout: &Layout,
    options: &Options,
    pins: &Pins,
    build: &Path,
    artifact: &Path,
) -> Result<()> {
    let licences = artifact.join("licenses");
    for (from, to) in licence_files(options, pins) {
        let (from, to) = (build.join(from), licences.join(to));
        fs::copy(&from, &to).map_err(Failure::io("copy", &from))?;
    }
    let path = artifact.join(format!("{}.provenance.json", layout.artifact_name()));
    let record = fs::read(&path).map_err(Failure::io("read", &path))?;
    let mut record: Value = serde_json::from_slice(&record)
        .map_err(|err| Failure::new(format!("{}: {err}", path.display())))?;
    if let Some(sources) = record["sources"].as_object_mut() {
        sources.extend(pins.tarballs.record());
    }
    fs::write(&path, format!("{record:#}\n")).map_err(Failure::io("write", &path))?;
    let path = artifact.join(format!("{}.source.txt", layout.artifact_name()));
    let mut offer = fs::read_to_string(&path).map_err(Failure::io("read", &path))?;
    offer.push_str(&pins.tarballs.offer());
    fs::write(&path, offer).map_err(Failure::io("write", &path))
}

/// Makes the licence texts available under their stable names, as [`super::package::publish`] does with the rest.
pub(super) fn publish(
    layout: &Layout,
    options: &Options,
    pins: &Pins,
    cached: &Path,
) -> Result<()> {
    let licences = layout.out().join("licenses");
    fs::create_dir_all(&licences).map_err(Failure::io("create", &licences))?;
    for (_, name) in licence_files(options, pins) {
        let from = cached.join("licenses").join(&name);
        fs::copy(&from, licences.join(&name)).map_err(Failure::io("copy", &from))?;
    }
    Ok(())
}

/// Whether they are there.
pub(super) fn is_published(layout: &Layout, options: &Options, pins: &Pins) -> bool {
    let licences = layout.out().join("licenses");
    licence_files(options, pins)
        .iter()
        .all(|(_, name)| licences.join(name).is_file())
}

/// Where each licence text is in the build directory, and its name beside the engine.
fn licence_files(options: &Options, pins: &Pins) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    if options.variant == Variant::Gpl {
        files.push((
            "ffmpeg/COPYING.GPLv2".into(),
            "FFmpeg.COPYING.GPLv2".to_owned(),
        ));
    }
    for name in pins.full.keys().chain(pins.tarballs.sources.keys()) {
        if let Some(library) = table::LIBRARIES.iter().find(|library| library.name == name) {
            let text = Path::new(library.name).join(library.licence);
            let file = Path::new(library.licence).file_name().unwrap_or_default();
            files.push((text, format!("{name}.{}", file.to_string_lossy())));
        }
    }
    files
}

/// Takes out the pins of what a variant does not have.
pub(super) fn keep(pins: &mut Pins, options: &Options) {
    let has = |name: &str| of(options).any(|library| library.name == name);
    pins.full.retain(|name, _| has(name));
    pins.tarballs.sources.retain(|name, _| has(name));
}

/// The libraries of an engine: under the GPL also those that need it, and in lean only those.
fn of(options: &Options) -> impl Iterator<Item = &'static table::Library> {
    let (profile, variant) = (options.profile, options.variant);
    table::LIBRARIES
        .iter()
        .filter(move |library| match library.gpl {
            true => variant == Variant::Gpl,
            false => profile == Profile::Full,
        })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_file_of_the_recipe_is_in_a_key() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/engine/full");
        for entry in fs::read_dir(here).expect("it is there") {
            let name = entry.expect("it can be read").file_name();
            let name = format!("full/{}", name.to_string_lossy());
            let mut listed = RECIPE.iter().chain(&ENGINE_RECIPE);
            // How a file is fetched changes nothing: its digest is pinned.
            assert!(
                name == "full/apt.rs" || listed.any(|(own, _)| *own == name),
                "{name} decides about an engine and is in no key"
            );
        }
    }
}
