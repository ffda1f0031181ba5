//! Compiles the outside libraries of the full profile into `prefix/`, as [`super::super::codecs`] does with those of
//! every engine.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;

use super::super::Options;
use super::super::codecs::Site;
use super::super::edit::replace_once;
use super::super::flags;
use super::super::target::Language;
use super::jumps;
use super::rtcd;
use super::table::{Library, Part};
use crate::failure::{Failure, Result};
use crate::progress::Progress;
use crate::step::Step;

const MEND: &str = "read the log; what a library is compiled from, and with, is in \
                    xtask/src/engine/full/table.rs, its configuration in engine/full/config";

/// Compiles all libraries of an engine.
pub(in super::super) fn build(site: &Site<'_>, options: &Options) -> Result<()> {
    let config = site.layout.of_full().engine().join("config");
    copy_files(&config, &site.build.join("config"), &["h", "c"])?;
    let fonts = site.layout.of_full().engine().join("fonts");
    copy_files(&fonts, &site.build.join("fonts"), &["h", "c"])?;
    let root = site.layout.root();
    let [header, support] =
        ["config/jumps/setjmp.h", "jumps/jumps.c"].map(|to| site.build.join(to));
    for (from, to) in [(jumps::HEADER, header), (jumps::SUPPORT, support)] {
        let parent = to.parent().unwrap_or(&to);
        fs::create_dir_all(parent).map_err(Failure::io("create", parent))?;
        fs::copy(root.join(from), &to).map_err(Failure::io("copy", &to))?;
    }
    unpack(&site.build.join("x264"))?;
    for library in super::of(options) {
        if library.name == "vpx" {
            rtcd::write(site)?;
        }
        compile(site, library)?;
        for (from, to) in library.headers {
            copy_files(
                &site.build.join(library.name).join(from),
                &site.build.join("prefix/include").join(to),
                &["h"],
            )?;
        }
        for (package, link) in library.packages {
            let file = site.build.join("prefix/packages").join(package);
            let parent = file.parent().unwrap_or(&file);
            fs::create_dir_all(parent).map_err(Failure::io("create", parent))?;
            fs::write(&file, format!("-L../prefix/lib {link}\n"))
                .map_err(Failure::io("write", &file))?;
        }
    }
    Ok(())
}

/// What the link of the engine takes beside its objects: the archives of its libraries, relative to the directory of the
/// build, which is the linker's own.
pub(in super::super) fn link_inputs(site: &Site<'_>, options: &Options) -> Result<Vec<PathBuf>> {
    let archives: Vec<_> = super::of(options).map(archive).collect();
    match archives
        .iter()
        .find(|archive| !site.build.join(archive).is_file())
    {
        Some(absent) => Err(Failure::new(format!("{} is not there", absent.display()))
            .mend("`rm -r target/engine/build` builds the libraries anew")),
        None => Ok(STACK
            .map(PathBuf::from)
            .into_iter()
            .chain(archives)
            .collect()),
    }
}

/// Encoders of HEVC and Opus keep pictures and bands on it. The last of two sizes counts.
const STACK: [&str; 1] = ["-Wl,-z,stack-size=4194304"];

fn archive(library: &Library) -> PathBuf {
    format!("prefix/lib/lib{}.a", library.name).into()
}

/// Unpacks what is a tarball in its crate's directory, if it is there.
fn unpack(directory: &Path) -> Result<()> {
    let tarball = directory.join("x264-stable.tar.gz");
    if !tarball.is_file() {
        return Ok(());
    }
    let file = File::open(&tarball).map_err(Failure::io("open", &tarball))?;
    let mut archive = tar::Archive::new(GzDecoder::new(BufReader::new(file)));
    archive.set_preserve_mtime(false);
    let unpacked = archive.unpack(directory);
    unpacked.map_err(Failure::io("unpack", &tarball))
}

/// Paths are relative to the build directory, so that none of the machine's own ends up in an object.
fn compile(site: &Site<'_>, library: &Library) -> Result<()> {
    let step = Step::start(library.name, &site.layout.logs(), MEND)?;
    for (file, from, to) in library.edits {
        replace_once(&site.build.join(library.name).join(file), from, to)?;
    }
    let objects = Path::new("objects").join(library.name);
    for directory in [site.build.join(&objects), site.build.join("prefix/lib")] {
        fs::create_dir_all(&directory).map_err(Failure::io("create", &directory))?;
    }
    let mut commands = Vec::new();
    let mut ar = site.toolchain.command("wasi-ar")?;
    ar.current_dir(site.build).arg("rcs").arg(archive(library));
    for part in library.parts {
        for source in sources(site, library, part)? {
            let stem = source.file_stem().unwrap_or_default().to_string_lossy();
            let object = objects.join(format!("{:03}-{stem}.o", commands.len()));
            let is_c = source.extension().is_some_and(|extension| extension == "c");
            let mut command = site.compiler(if is_c { Language::C } else { Language::Cpp })?;
            command
                .current_dir(site.build)
                .arg(flags::OPTIMISE)
                .args(site.target.vectors())
                .args(site.target.common());
            if library.jumps {
                command.args(jumps::FLAGS).arg("-Iconfig/jumps");
            }
            if !is_c {
                command.args(flags::CPP);
            }
            command
                // Warnings of vendored code help nobody here.
                .arg("-w")
                .args(library.flags)
                .args(part.flags)
                .arg("-c")
                .arg(&source)
                .arg("-o")
                .arg(&object);
            commands.push(command);
            ar.arg(&object);
        }
    }
    let progress = Progress::start(library.name, Some(commands.len() as u64));
    step.run_all(commands, site.jobs, || progress.advance(1))?;
    step.run(&mut ar, |_| ())?;
    progress.done();
    Ok(())
}

/// The sources of a part, in the order of the table and then of their names: a directory stands for the C files in
/// it.
fn sources(site: &Site<'_>, library: &Library, part: &Part) -> Result<Vec<PathBuf>> {
    let mut sources = Vec::new();
    for name in part.sources {
        let path = Path::new(library.name).join(name);
        if !site.build.join(&path).is_dir() {
            sources.push(path);
            continue;
        }
        let mut here = Vec::new();
        let failed = |err| Failure::io("read", &path)(err);
        for entry in fs::read_dir(site.build.join(&path)).map_err(failed)? {
            let file = PathBuf::from(entry.map_err(failed)?.file_name());
            let is_c = file.extension().is_some_and(|extension| extension == "c");
            if is_c && !part.without.iter().any(|other| file == Path::new(other)) {
                here.push(path.join(file));
            }
        }
        here.sort();
        sources.extend(here);
    }
    Ok(sources)
}

/// Copies what of the files below a directory has one of some extensions, and the directories.
fn copy_files(from: &Path, to: &Path, extensions: &[&str]) -> Result<()> {
    if from.is_file() {
        let parent = to.parent().unwrap_or(to);
        fs::create_dir_all(parent).map_err(Failure::io("create", parent))?;
        return fs::copy(from, to)
            .map(drop)
            .map_err(Failure::io("copy", from));
    }
    let failed = |err| Failure::io("read", from)(err);
    for entry in fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        let extension = path.extension().and_then(|extension| extension.to_str());
        if path.is_dir() || extension.is_some_and(|own| extensions.contains(&own)) {
            copy_files(&path, &to, extensions)?;
        }
    }
    Ok(())
}
