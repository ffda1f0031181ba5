//! Sources of the full profile that come as Debian's: releases of upstream projects, fetched by apt, which needs no
//! root for it and installs nothing.

use std::collections::BTreeMap;
use std::env;
use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::{Component, Path, PathBuf};

use bzip2_rs::DecoderReader;
use flate2::read::GzDecoder;
use lzma_rust2::XzReader;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::layout::Layout;
use super::apt::Apt;
use crate::digest;
use crate::failure::{Failure, Result};
use crate::progress::Progress;
use crate::step::Step;

/// What `engine/full/debian.toml` pins.
#[derive(Debug, Default, Deserialize)]
pub(in super::super) struct Tarballs {
    /// Which of Debian's releases is asked.
    suite: String,
    #[serde(flatten)]
    pub(super) sources: BTreeMap<String, Tarball>,
}

/// A release of an upstream project: unchanged, or, where its version says so, without what Debian leaves out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tarball {
    version: String,
    /// Debian's source package.
    pub(super) package: String,
    pub(super) file: String,
    pub(super) sha256: String,
    licence: String,
}

impl Tarballs {
    pub(in super::super) fn read(layout: &Layout) -> Result<Self> {
        let path = layout.of_full().engine().join("debian.toml");
        let text = fs::read_to_string(&path).map_err(Failure::io("read", &path))?;
        toml::from_str(&text).map_err(|err| Failure::new(format!("{}: {err}", path.display())))
    }

    /// Unpacks all of them into `build`, each as a directory with its name.
    pub(in super::super) fn prepare(&self, layout: &Layout, build: &Path) -> Result<()> {
        if self.sources.is_empty() {
            return Ok(());
        }
        let progress = Progress::start("tarballs", None);
        let own = layout.tarballs();
        fs::create_dir_all(&own).map_err(Failure::io("create", &own))?;
        let step = Step::start("tarballs", &layout.logs(), &self.mend(&own))?;
        let mut places = vec![own.clone()];
        places.extend(env::var_os(GIVEN).map(PathBuf::from));
        // What somebody put there goes before what an earlier run fetched.
        places.reverse();
        let mut apt = None;
        for (name, tarball) in &self.sources {
            let here = places.iter().map(|place| place.join(&tarball.file));
            let path = match here.into_iter().find(|path| path.is_file()) {
                Some(path) => path,
                None => {
                    progress.say(&format!("fetching {}", tarball.file));
                    let apt = match &apt {
                        Some(apt) => apt,
                        None => apt.insert(Apt::start(
                            &step,
                            layout.scratch().join("apt"),
                            &self.suite,
                        )?),
                    };
                    apt.fetch(&step, tarball, &own)?
                }
            };
            progress.say(&format!("checking and unpacking {name}"));
            let what = format!("the source of {name} {}", tarball.version);
            digest::check(&what, &path, &path, &digest::file(&path)?, &tarball.sha256)?;
            unpack(&path, &build.join(name))?;
        }
        progress.done();
        Ok(())
    }

    fn mend(&self, own: &Path) -> String {
        let mut text = format!(
            "where apt does not have these files, fetch them from Debian's archive (it has all of them; the projects \
             have those that Debian did not pack anew), and put them into {}, or name their directory in {GIVEN}:",
            own.display()
        );
        for tarball in self.sources.values() {
            text.push_str(&format!("\n  {}  {}", tarball.sha256, tarball.file));
        }
        text
    }

    /// Their entries among the sources of a provenance record.
    pub(super) fn record(&self) -> serde_json::Map<String, Value> {
        let mut sources = serde_json::Map::new();
        for (name, tarball) in &self.sources {
            let entry = json!({
                "version": tarball.version,
                "licence": tarball.licence,
                "debian": tarball.package,
                "path": tarball.file,
                "sha256": tarball.sha256,
            });
            sources.insert(name.clone(), entry);
        }
        sources
    }

    /// Their entries in the list of sources that goes with the engine.
    pub(super) fn offer(&self) -> String {
        let mut text = String::new();
        for (name, facts) in self.record() {
            text.push_str(&format!("\n{name}\n"));
            for (fact, value) in facts.as_object().into_iter().flatten() {
                let value = value.as_str().unwrap_or_default();
                text.push_str(&format!("    {fact}: {value}\n"));
            }
        }
        text
    }
}

/// The variable with a directory of tarballs that are not to be fetched.
const GIVEN: &str = "AFMPEG_SOURCES";

/// Unpacks a release, without its own directory around everything.
fn unpack(tarball: &Path, to: &Path) -> Result<()> {
    let file = BufReader::new(File::open(tarball).map_err(Failure::io("open", tarball))?);
    let stream: Box<dyn Read> = match tarball.extension().and_then(|extension| extension.to_str()) {
        Some("gz") => Box::new(GzDecoder::new(file)),
        Some("bz2") => Box::new(DecoderReader::new(file)),
        Some("xz") => Box::new(XzReader::new(file, true)),
        _ => {
            return Err(Failure::new(format!(
                "{} is compressed in a way that the recipe does not know",
                tarball.display()
            )));
        }
    };
    let failed = |err| Failure::io("unpack", tarball)(err);
    for entry in tar::Archive::new(stream).entries().map_err(failed)? {
        let mut entry = entry.map_err(failed)?;
        // All files alike, so that nothing is older than what it was made from.
        entry.set_preserve_mtime(false);
        let path = entry.path().map_err(failed)?;
        let inner: PathBuf = path.components().skip(1).collect();
        let is_plain = inner
            .components()
            .all(|component| matches!(component, Component::Normal(_)));
        if inner.as_os_str().is_empty() || !is_plain || !entry.header().entry_type().is_file() {
            continue;
        }
        let target = to.join(inner);
        let parent = target.parent().unwrap_or(to);
        fs::create_dir_all(parent).map_err(Failure::io("create", parent))?;
        entry.unpack(&target).map_err(failed)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use lzma_rust2::{XzOptions, XzWriter};

    use super::*;

    fn pinned() -> Tarballs {
        let text = include_str!("../../../../engine/full/debian.toml");
        toml::from_str(text).expect("the pins are well formed")
    }

    #[test]
    fn every_tarball_is_pinned_by_a_full_digest_and_belongs_to_a_library() {
        let pinned = pinned();
        assert!(!pinned.suite.is_empty() && !pinned.sources.is_empty());
        for (name, tarball) in &pinned.sources {
            let digest = &tarball.sha256;
            assert!(
                digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()),
                "{digest}"
            );
            let libraries = &super::super::table::LIBRARIES;
            assert!(
                libraries.iter().any(|library| library.name == name),
                "{name}"
            );
        }
    }

    #[test]
    fn the_mend_names_directory_variable_files_and_digests() {
        let text = pinned().mend(Path::new("target/engine/tarballs"));
        for part in [
            "target/engine/tarballs",
            "AFMPEG_SOURCES",
            "fribidi_1.0.8.orig.tar.bz2",
            "libxml2_2.9.14+dfsg.orig.tar.xz",
            "f1acc15d0fd0cb431f4bf6eac32d5e932e40ea1186fe78e074254d6d003957bb",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn a_release_is_unpacked_without_its_directory() {
        let archive = {
            let mut archive = tar::Builder::new(Vec::new());
            let mut header = tar::Header::new_gnu();
            header.set_size(3);
            header.set_mode(0o644);
            archive
                .append_data(&mut header, "lib-1.0/src/a.c", &b"int"[..])
                .expect("it fits");
            archive.into_inner().expect("it is whole")
        };
        let gzip = {
            let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
            gzip.write_all(&archive).expect("there is memory");
            gzip.finish().expect("there is memory")
        };
        let xz = {
            let mut xz = XzWriter::new(Vec::new(), XzOptions::default()).expect("the options fit");
            xz.write_all(&archive).expect("there is memory");
            xz.finish().expect("there is memory")
        };
        for (extension, bytes) in [("gz", gzip), ("xz", xz)] {
            let directory = crate::step::tests::scratch(&format!("tarball-{extension}"));
            let path = directory.join(format!("release.tar.{extension}"));
            fs::write(&path, bytes).expect("the scratch directory is writable");
            unpack(&path, &directory.join("lib")).expect("it is a tarball");
            let text = fs::read(directory.join("lib/src/a.c")).expect("it is unpacked");
            assert_eq!(text, b"int", "{extension}");
        }
    }
}
