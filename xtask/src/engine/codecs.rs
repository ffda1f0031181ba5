//! Compiles zlib and openh264 into `prefix/`, where FFmpeg's configure finds them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::edit::replace_once;
use super::flags;
use super::hooks;
use super::layout::Layout;
use super::target::{Language, Target};
use super::toolchain::Toolchain;
use crate::failure::{Failure, Result};
use crate::progress::Progress;
use crate::step::Step;

/// Where and for what the libraries are built, and with how many processes.
pub(super) struct Site<'a> {
    pub(super) layout: &'a Layout,
    pub(super) toolchain: &'a Toolchain,
    pub(super) target: Target,
    pub(super) build: &'a Path,
    pub(super) jobs: usize,
}

impl Site<'_> {
    /// The compiler of the target, and the linker when it is that of C++.
    pub(super) fn compiler(&self, language: Language) -> Result<Command> {
        self.command(self.target.compiler(language))
    }

    /// A tool that knows the target if it has to.
    pub(super) fn command(&self, program: &str) -> Result<Command> {
        let mut command = self.toolchain.command(program)?;
        command.env("AFMPEG_ZIG_TARGET", self.target.name());
        Ok(command)
    }
}

const MEND: &str = "read the log; if it is not about disk space or memory, the \
                    pinned sources and the toolchain do not fit each other. `rm -r target/engine target/toolchain` starts over";

/// zlib: what PNG, and compressed headers of containers, need. Its gz* file functions are left out.
pub(super) fn zlib(site: &Site<'_>) -> Result<()> {
    hooks::zlib(site)?;
    let sources: Vec<_> = ZLIB
        .iter()
        .map(|name| PathBuf::from("zlib").join(name))
        .collect();
    compile(site, "zlib", &[], &sources)?;
    for header in ["zlib.h", "zconf.h"] {
        install(site, &format!("zlib/{header}"), header)?;
    }
    Ok(())
}

const ZLIB: [&str; 10] = [
    "adler32.c",
    "compress.c",
    "crc32.c",
    "deflate.c",
    "inffast.c",
    "inflate.c",
    "inftrees.c",
    "trees.c",
    "uncompr.c",
    "zutil.c",
];

/// openh264, the encoder only: FFmpeg decodes H.264 itself.
pub(super) fn openh264(site: &Site<'_>) -> Result<()> {
    // C callers see this entry of the table of functions with two parameters, C++ gives it three;
    // an indirect call with another signature is a trap in WebAssembly. FFmpeg's call is changed to
    // match.
    let header = site.build.join("openh264/codec/api/wels/codec_api.h");
    replace_once(
        &header,
        "int (*ForceIntraFrame) (ISVCEncoder*, bool bIDR);",
        "int (*ForceIntraFrame) (ISVCEncoder*, bool bIDR, int iLayerId);",
    )?;
    let shims = site.layout.shims().join("openh264");
    let mut args: Vec<String> = flags::CPP.map(str::to_owned).into();
    for include in [
        "api/wels",
        "common/inc",
        "encoder/core/inc",
        "encoder/plus/inc",
    ] {
        args.push(format!("-Iopenh264/codec/{include}"));
    }
    for include in ["processing/interface", "processing/src/common"] {
        args.push(format!("-Iopenh264/codec/{include}"));
    }
    // Warnings of vendored code help nobody here.
    args.push("-w".to_owned());
    let mut sources = Vec::new();
    for directory in [
        "common/src",
        "encoder/core/src",
        "encoder/plus/src",
        "processing/src",
    ] {
        cpp_files(
            site.build,
            &Path::new("openh264/codec").join(directory),
            &mut sources,
        )?;
    }
    sources.sort();
    if site.target.has_shims() {
        args.push(format!("-I{}", shims.display()));
        // Named in the preparation of a thread, declared for none.
        args.push("-DSCHED_FIFO=1".to_owned());
        sources.push(shims.join("threads.c"));
    }
    compile(site, "openh264", &args, &sources)?;
    for header in [
        "codec_api.h",
        "codec_app_def.h",
        "codec_def.h",
        "codec_ver.h",
    ] {
        install(
            site,
            &format!("openh264/codec/api/wels/{header}"),
            &format!("wels/{header}"),
        )?;
    }
    Ok(())
}

/// Compiles `sources` into `prefix/lib/lib<name>.a`. Paths are relative to the build directory, so
/// that none of the machine's own ends up in an object.
fn compile(site: &Site<'_>, name: &str, args: &[String], sources: &[PathBuf]) -> Result<()> {
    let step = Step::start(name, &site.layout.logs(), MEND)?;
    let objects = Path::new("objects").join(name);
    for directory in [site.build.join(&objects), site.build.join("prefix/lib")] {
        fs::create_dir_all(&directory).map_err(Failure::io("create", &directory))?;
    }
    let mut commands = Vec::new();
    let mut archive = site.toolchain.command("wasi-ar")?;
    archive
        .current_dir(site.build)
        .args(["rcs", &library_path(name)]);
    for (index, source) in sources.iter().enumerate() {
        let stem = source.file_stem().unwrap_or_default().to_string_lossy();
        // Two directories have files of one name.
        let object = objects.join(format!("{index:03}-{stem}.o"));
        let is_c = source.extension().is_some_and(|extension| extension == "c");
        let language = if is_c { Language::C } else { Language::Cpp };
        let mut command = site.compiler(language)?;
        command
            .current_dir(site.build)
            .arg(flags::OPTIMISE)
            .args(site.target.vectors())
            .args(site.target.common());
        if !is_c {
            command.args(args);
        }
        command.arg("-c").arg(source).arg("-o").arg(&object);
        commands.push(command);
        archive.arg(&object);
    }
    let progress = Progress::start(name, Some(sources.len() as u64));
    step.run_all(commands, site.jobs, || progress.advance(1))?;
    step.run(&mut archive, |_| ())?;
    progress.done();
    Ok(())
}

fn library_path(name: &str) -> String {
    let short = if name == "zlib" { "z" } else { name };
    format!("prefix/lib/lib{short}.a")
}

fn install(site: &Site<'_>, from: &str, to: &str) -> Result<()> {
    let (from, to) = (
        site.build.join(from),
        site.build.join("prefix/include").join(to),
    );
    let directory = to.parent().unwrap_or(&to);
    fs::create_dir_all(directory).map_err(Failure::io("create", directory))?;
    fs::copy(&from, &to)
        .map_err(Failure::io("copy", &from))
        .map(drop)
}

/// All C++ files below `directory` but the entry points of Windows libraries.
fn cpp_files(build: &Path, directory: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let full = build.join(directory);
    let failed = |err| Failure::io("read", &full)(err);
    for entry in fs::read_dir(&full).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = directory.join(entry.file_name());
        if entry.file_type().map_err(failed)?.is_dir() {
            cpp_files(build, &path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "cpp")
            && !path.ends_with("DllEntry.cpp")
        {
            files.push(path);
        }
    }
    Ok(())
}
