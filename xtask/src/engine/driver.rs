//! Compiles the driver against the built libraries and links the engine.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::codecs::Site;
use super::ffmpeg::LIBRARIES;
use super::target::{Language, Target};
use super::{Profile, Variant, compact, flags, wrap};
use crate::failure::{Failure, Result};
use crate::progress::Progress;
use crate::step::Step;

/// The version of the job-spec vocabulary that the driver speaks.
pub(super) const VOCABULARY: u32 = 10;

/// The version of the host-kernel interface that the engine speaks: `AFMPEG_KERNEL_ABI` of
/// `engine/kernels/kernels.h`.
pub(super) const KERNELS: u32 = 1;

/// Compiles all of `engine/driver/*.c`, what stands in for libc, and the kernels' glue into `objects`,
/// the link step's input.
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
    let root = site.layout.root();
    let mut sources = sources(root, Path::new("engine/driver"))?;
    if site.target.has_kernels() {
        sources.extend(self::sources(root, Path::new(GLUE))?);
    }
    if site.target.has_shims() {
        sources.extend(self::sources(root, Path::new("engine/shims/ffmpeg"))?);
        sources.extend(self::sources(root, Path::new("engine/libc"))?);
    }
    let kernels = if site.target.has_kernels() {
        KERNELS
    } else {
        0
    };
    let names = [
        format!("-DAF_PROFILE=\"{profile}\""),
        format!("-DAF_VARIANT=\"{variant}\""),
        format!("-DAF_KERNELS={kernels}"),
    ];
    compile_all(site, &step, &sources, &names, out)
}

/// Compiles the guest of the kernels' tests: the glue, which notes what it replaces, and
/// `engine/kernel-tests/*.c`, and the engine's heap.
pub(super) fn compile_kernel_test(site: &Site<'_>, out: &Path) -> Result<Vec<PathBuf>> {
    let step = Step::start(
        "kernel-test",
        &site.layout.logs(),
        "mend the glue (engine/kernels) where the compiler's messages in the log point",
    )?;
    let root = site.layout.root();
    let tests = Path::new("engine/kernel-tests");
    let mut glue = sources(root, Path::new(GLUE))?;
    let mut own = sources(root, tests)?;
    let mut names = vec![
        "-DAFMPEG_KERNEL_TEST".into(),
        format!("-I{GLUE}"),
        format!("-I{}", tests.display()),
    ];
    if site.target.has_kernels() {
        glue.append(&mut own);
        glue.extend(sources(root, Path::new("engine/libc"))?);
        return compile_all(site, &step, &glue, &names, out);
    }
    // Linkers of native programs wrap themselves: the glue's functions need the name that they look for.
    own.extend(sources(root, &tests.join("native"))?);
    let mut objects = compile_all(site, &step, &own, &names, out)?;
    let wrapped = wrap::wanted(&glue.iter().map(|file| root.join(file)).collect::<Vec<_>>())?;
    // Kernels read structures as the guest has them, which is nothing to ask of this build.
    names.push("-D_Static_assert(...)=".into());
    names.extend(wrapped.iter().map(|name| format!("-D{name}=__wrap_{name}")));
    objects.extend(compile_all(site, &step, &glue, &names, out)?);
    Ok(objects)
}

/// Compiles sources that are given relative to the workspace. Two of one name in different
/// directories are told apart by the directory's name.
fn compile_all(
    site: &Site<'_>,
    step: &Step,
    sources: &[PathBuf],
    names: &[String],
    out: &Path,
) -> Result<Vec<PathBuf>> {
    let mut objects = Vec::new();
    let mut commands = Vec::new();
    for source in sources {
        let directory = source.parent().and_then(Path::file_name);
        let mut name = directory.unwrap_or_default().to_owned();
        name.push("-");
        name.push(source.file_stem().unwrap_or_default());
        name.push(".o");
        let object = out.join(name);
        let cpp = source.extension().is_some_and(|ext| ext == "cpp");
        let mut command = site.compiler(if cpp { Language::Cpp } else { Language::C })?;
        let optimisation = match directory.and_then(|name| name.to_str()) {
            Some("driver") => flags::OPTIMISE_DRIVER,
            _ => flags::OPTIMISE_GLUE,
        };
        let language: &[&str] = if cpp { &DRIVER_CPP } else { &flags::DRIVER };
        // From the workspace's root and with the build directory renamed: no path of the machine in
        // an object.
        command
            .current_dir(site.layout.root())
            .arg(optimisation)
            .args(language)
            .args(site.target.vectors())
            .args(site.target.common())
            .arg(format!("-ffile-prefix-map={}=build", site.build.display()))
            .args(names)
            // System headers: FFmpeg's own are not held to the driver's warnings.
            .arg("-isystem")
            .arg(site.build.join("ffmpeg"))
            .arg("-isystem")
            .arg(site.build.join("prefix/include"))
            .args(if cpp {
                openh264_headers(site)
            } else {
                Vec::new()
            })
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

/// Whether a link keeps the names of functions.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    Strip,
    Keep,
}

/// Links everything into `engine`.
pub(super) fn link(
    site: &Site<'_>,
    objects: &[PathBuf],
    names: Names,
    engine: &Path,
) -> Result<()> {
    let step = Step::start(
        "link",
        &site.layout.logs(),
        "a symbol that is undefined belongs to a function that WASI lacks (a shim in \
         engine/shims gives it) or to a component that is not on the list in engine/components",
    )?;
    let progress = Progress::start("link", None);
    let mut command = link_command(site, names, objects, engine)?;
    command.arg("-o").arg(engine);
    step.run(&mut command, |_| ())?;
    if site.target == Target::Wasi {
        let linked = fs::read(engine).map_err(Failure::io("read", engine))?;
        let short = compact::compact(&linked)?;
        fs::write(engine, short).map_err(Failure::io("write", engine))?;
    }
    progress.done();
    Ok(())
}

/// Links the guest of the kernels' tests into `module`.
pub(super) fn link_kernel_test(site: &Site<'_>, objects: &[PathBuf], module: &Path) -> Result<()> {
    let step = Step::start(
        "kernel-test-link",
        &site.layout.logs(),
        "a symbol that is undefined belongs to a function that the glue (engine/kernels) wraps and \
         the libraries lack",
    )?;
    let mut command = link_command(site, Names::Strip, objects, module)?;
    if site.target.has_kernels() {
        command.args(KERNEL_TEST_EXPORTS.map(|symbol| format!("-Wl,--export={symbol}")));
    } else {
        let root = site.layout.root();
        let glue = sources(root, Path::new(GLUE))?.into_iter();
        let names = wrap::wanted(&glue.map(|file| root.join(file)).collect::<Vec<_>>())?;
        command.args(names.iter().map(|name| format!("-Wl,--wrap={name}")));
    }
    command.arg("-o").arg(module);
    step.run(&mut command, |_| ())
}

/// The linker with everything but the name of its output, `out`.
fn link_command(site: &Site<'_>, names: Names, objects: &[PathBuf], out: &Path) -> Result<Command> {
    let link = site.target.link().iter();
    let mut command = site.compiler(Language::Cpp)?;
    command
        .current_dir(site.build)
        .arg(flags::OPTIMISE)
        .args(link.filter(|flag| names == Names::Strip || **flag != STRIP))
        .args(objects);
    if site.target.has_kernels() {
        command.args(KERNEL_LINK).args(wrapped(site, out)?);
    }
    for library in LIBRARIES {
        command.arg(format!("ffmpeg/lib{library}/lib{library}.a"));
    }
    command.args(["prefix/lib/libopenh264.a", "prefix/lib/libz.a"]);
    command.args(site.target.libraries());
    Ok(command)
}

/// The linker's flag that takes the names out.
const STRIP: &str = "-Wl,--strip-all";

/// The libraries' objects with functions that the glue stands in front of, changed.
fn wrapped(site: &Site<'_>, out: &Path) -> Result<Vec<PathBuf>> {
    let root = site.layout.root();
    let glue: Vec<_> = sources(root, Path::new(GLUE))?
        .into_iter()
        .map(|source| root.join(source))
        .collect();
    let directories: Vec<_> = LIBRARIES
        .iter()
        .map(|library| site.build.join(format!("ffmpeg/lib{library}")))
        .chain(["objects/openh264", "objects/zlib"].map(|objects| site.build.join(objects)))
        .collect();
    let copies = site
        .layout
        .scratch()
        .join("wrapped")
        .join(out.file_stem().unwrap_or_default());
    fs::create_dir_all(&copies).map_err(Failure::io("create", &copies))?;
    wrap::rename(wrap::wanted(&glue)?, &directories, &copies)
}

/// The kernels' glue, relative to the workspace.
const GLUE: &str = "engine/kernels";

/// The same rules as for C, in the language that openh264 is written in.
const DRIVER_CPP: [&str; 7] = [
    "-std=c++17",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-fno-exceptions",
    "-fno-rtti",
    "-fno-strict-aliasing",
];

/// What a host needs to offer kernels: where the slots are, and a table with room for more.
pub(super) const KERNEL_LINK: [&str; 3] = [
    "-Wl,--export=afmpeg_kernel_slots",
    "-Wl,--export=afmpeg_kernel_abi",
    "-Wl,--growable-table",
];

/// What the kernels' tests look at besides.
const KERNEL_TEST_EXPORTS: [&str; 4] = [
    "afmpeg_kernel_before",
    "afmpeg_kernel_after",
    "__heap_base",
    "__data_end",
];

/// Where openh264's own sources find their headers.
fn openh264_headers(site: &Site<'_>) -> Vec<OsString> {
    let codec = site.build.join("openh264/codec");
    let within = OPENH264_HEADERS.map(|directory| codec.join(directory));
    [site.layout.shims().join("openh264")]
        .into_iter()
        .chain(within)
        .flat_map(|path| ["-isystem".into(), path.into()])
        .collect()
}

const OPENH264_HEADERS: [&str; 6] = [
    "api/wels",
    "common/inc",
    "encoder/core/inc",
    "encoder/plus/inc",
    "processing/interface",
    "processing/src/common",
];

/// The sources in a directory that is relative to the workspace, in the order of their names.
fn sources(root: &Path, directory: &Path) -> Result<Vec<PathBuf>> {
    let full = root.join(directory);
    let failed = |err| Failure::io("read", &full)(err);
    let mut files = Vec::new();
    for entry in fs::read_dir(&full).map_err(failed)? {
        let path = directory.join(entry.map_err(failed)?.file_name());
        if path
            .extension()
            .is_some_and(|ext| ext == "c" || ext == "cpp")
        {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
