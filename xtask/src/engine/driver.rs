//! Compiles the driver against the built libraries and links the engine.

use std::fs;
use std::path::{Path, PathBuf};

use super::codecs::Site;
use super::ffmpeg::LIBRARIES;
use super::target::Language;
use super::{Profile, Variant, flags};
use crate::failure::{Failure, Result};
use crate::progress::Progress;
use crate::step::Step;

/// The version of the job-spec vocabulary that the driver speaks.
pub(super) const VOCABULARY: u32 = 10;

/// The version of the host-kernel interface that the engine calls; 0: it calls none.
pub(super) const KERNELS: u32 = 0;

/// Compiles all of `engine/driver/*.c` into `objects`, the link step's input.
pub(super) fn compile(
    site: &Site<'_>,
    profile: Profile,
    variant: Variant,
    out: &Path,
) -> Result<Vec<PathBuf>> {
    let step = Step::start(
        "driver",
        &site.layout.logs(),
        "mend the driver (engine/driver) where the compiler's messages in the log point",
    )?;
    let mut sources = sources(site.layout.root())?;
    if site.target.has_shims() {
        sources.push(Path::new("engine/shims/ffmpeg/dup.c").to_path_buf());
    }
    let mut objects = Vec::new();
    let mut commands = Vec::new();
    for source in &sources {
        let object = out
            .join(source.file_name().unwrap_or_default())
            .with_extension("o");
        let mut command = site.compiler(Language::C)?;
        // From the workspace's root and with the build directory renamed: no path of the machine in
        // an object.
        command
            .current_dir(site.layout.root())
            .args([flags::OPTIMISE_DRIVER])
            .args(flags::DRIVER)
            .args(site.target.vectors())
            .args(site.target.common())
            .arg(format!("-ffile-prefix-map={}=build", site.build.display()))
            .arg(format!("-DAF_PROFILE=\"{profile}\""))
            .arg(format!("-DAF_VARIANT=\"{variant}\""))
            .arg(format!("-DAF_KERNELS={KERNELS}"))
            // System headers: FFmpeg's own are not held to the driver's warnings.
            .arg("-isystem")
            .arg(site.build.join("ffmpeg"))
            .arg("-c")
            .arg(source)
            .arg("-o")
            .arg(&object);
        commands.push(command);
        objects.push(object);
    }
    let progress = Progress::start("driver", Some(commands.len() as u64));
    step.run_all(commands, site.jobs, || progress.advance(1))?;
    progress.done();
    Ok(objects)
}

/// Links everything into `engine`.
pub(super) fn link(site: &Site<'_>, objects: &[PathBuf], engine: &Path) -> Result<()> {
    let step = Step::start(
        "link",
        &site.layout.logs(),
        "a symbol that is undefined belongs to a function that WASI lacks (a shim in \
         engine/shims gives it) or to a component that is not on the list in engine/components",
    )?;
    let progress = Progress::start("link", None);
    let mut command = site.compiler(Language::Cpp)?;
    command
        .current_dir(site.build)
        .arg(flags::OPTIMISE)
        .args(site.target.link())
        .args(objects);
    for library in LIBRARIES {
        command.arg(format!("ffmpeg/lib{library}/lib{library}.a"));
    }
    command.args(["prefix/lib/libopenh264.a", "prefix/lib/libz.a"]);
    command.args(site.target.libraries()).arg("-o").arg(engine);
    step.run(&mut command, |_| ())?;
    progress.done();
    Ok(())
}

/// The C files of the driver, relative to the workspace, in the order of their names.
fn sources(root: &Path) -> Result<Vec<PathBuf>> {
    let directory = Path::new("engine").join("driver");
    let full = root.join(&directory);
    let failed = |err| Failure::io("read", &full)(err);
    let mut files = Vec::new();
    for entry in fs::read_dir(&full).map_err(failed)? {
        let path = directory.join(entry.map_err(failed)?.file_name());
        if path.extension().is_some_and(|extension| extension == "c") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
