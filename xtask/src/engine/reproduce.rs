//! `cargo xtask engine --verify-reproducible`: that two builds from nothing give the same bytes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::layout::Layout;
use super::target::Target;
use super::{Options, build_at, empty};
use crate::digest;
use crate::failure::{Failure, Result};
use crate::workspace::Workspace;

/// Where the two builds are, under `target/reproduce`: names of different lengths, so that a path that ends up in an
/// artifact moves what is behind it.
const PLACES: [&str; 2] = ["first", "second-build"];

/// Builds an engine in two empty places, compares what each would publish, and removes both when they are equal.
pub(super) fn verify(workspace: &Workspace, options: &Options) -> Result<()> {
    let all = workspace.target().join("reproduce");
    let layout = Layout::new(workspace, Target::Wasi, options.profile, options.variant);
    let mut builds = Vec::new();
    for place in PLACES {
        let directory = all.join(place);
        empty(&directory)?;
        let apart = layout.apart(&directory);
        build_at(&apart, options)?;
        builds.push(published(&apart.out())?);
    }
    let differing = differing(&builds[0], &builds[1]);
    if !differing.is_empty() {
        return Err(Failure::new(format!(
            "two builds from nothing differ in {}",
            differing.join(", ")
        ))
        .mend(format!("both are kept in {}", workspace.short(&all))));
    }
    for (name, sha256) in &builds[0] {
        println!("{sha256}  {name}");
    }
    println!(
        "two builds from nothing: {} files, no difference",
        builds[0].len()
    );
    fs::remove_dir_all(&all).map_err(Failure::io("remove", &all))
}

/// The digests of an artifact and its companions, by name.
fn published(out: &Path) -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    for directory in [out.to_path_buf(), out.join("licenses")] {
        for path in files(&directory)? {
            let name = path.strip_prefix(out).unwrap_or(&path);
            found.insert(name.display().to_string(), digest::file(&path)?);
        }
    }
    Ok(found)
}

fn files(directory: &Path) -> Result<Vec<PathBuf>> {
    let failed = |err| Failure::io("read", directory)(err);
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_file() {
            files.push(path);
        }
    }
    Ok(files)
}

/// The names that only one build has, or that stand for different bytes.
fn differing(one: &BTreeMap<String, String>, other: &BTreeMap<String, String>) -> Vec<String> {
    let names = one
        .keys()
        .chain(other.keys().filter(|name| !one.contains_key(*name)));
    names
        .filter(|name| one.get(*name) != other.get(*name))
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_missing_or_changed_differ() {
        let build = |files: &[(&str, &str)]| -> BTreeMap<String, String> {
            let files = files.iter();
            files
                .map(|(name, sha)| ((*name).to_owned(), (*sha).to_owned()))
                .collect()
        };
        let one = build(&[("a", "1"), ("b", "2"), ("c", "3")]);
        let other = build(&[("a", "1"), ("b", "9"), ("d", "4")]);
        assert_eq!(differing(&one, &other), ["b", "c", "d"]);
        assert!(differing(&one, &one).is_empty());
    }
}
