//! `cargo xtask engine`: FFmpeg and the driver, compiled to one WebAssembly module.
//!
//! The build has two halves with a key each: the libraries (minutes) and the engine linked from
//! them (seconds). A finished half is a directory that was renamed into place, so that an
//! interrupted build leaves none.

mod aac;
mod about;
mod audio;
mod codecs;
mod compact;
mod components;
mod demuxers;
mod driver;
mod edit;
mod ffmpeg;
mod flags;
mod full;
pub(crate) mod guests;
mod hooks;
mod hooks_audio;
mod inspect;
mod layout;
pub(crate) mod names;
mod native;
#[cfg(test)]
mod own_libc;
mod package;
mod pins;
mod prerequisites;
mod reproduce;
mod sources;
mod target;
#[cfg(test)]
mod tests;
mod toolchain;
mod wrap;

use std::fmt;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Instant;

use clap::{Args, ValueEnum};

use self::codecs::Site;
use self::components::Component;
use self::layout::Layout;
pub(crate) use self::native::{ensure as ensure_native, kernel_tests as native_kernel_tests};
use self::pins::Pins;
pub(crate) use self::prerequisites::Python;
use self::target::Target;
use self::toolchain::Toolchain;
use crate::digest::KeyBuilder;
use crate::failure::{Failure, Result};
use crate::progress::Progress;
use crate::prune;
use crate::workspace::Workspace;

/// What to build, and how fast.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Which components are in the engine
    #[arg(long, value_enum, default_value_t = Profile::Lean)]
    pub(crate) profile: Profile,
    /// Under which licence the engine is
    #[arg(long, value_enum, default_value_t = Variant::Lgpl)]
    pub(crate) variant: Variant,
    /// How many compilers run at once [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,
    /// Also lift the engine to Rust: the crate, what describes it, and licence texts
    #[arg(long)]
    pub(crate) lift: bool,
    /// Build twice from nothing, in two places, and compare every byte of what is published
    #[arg(long, conflicts_with = "lift")]
    pub(crate) verify_reproducible: bool,
}

/// The command `kernel-tests`: builds the guest and prints where it is.
pub(crate) fn run_kernel_tests(workspace: &Workspace) -> Result<()> {
    let module = kernel_tests(workspace)?;
    println!("{}", workspace.short(&module));
    Ok(())
}

impl Options {
    /// What the other commands work with.
    const DEFAULT: Self = Self {
        profile: Profile::Lean,
        variant: Variant::Lgpl,
        jobs: None,
        lift: false,
        verify_reproducible: false,
    };

    /// Whether the engine has libraries that lean has not: `engine/full` is among its inputs.
    fn has_more_libraries(&self) -> bool {
        (self.profile, self.variant) != (Profile::Lean, Variant::Lgpl)
    }

    /// The size that the engine must stay below, in bytes.
    fn ceiling(&self) -> usize {
        match (self.profile, self.variant) {
            (Profile::Lean, Variant::Lgpl) => 6_500_000,
            (Profile::Lean, Variant::Gpl) => 8_500_000,
            (Profile::Full, Variant::Lgpl) => 20_000_000,
            (Profile::Full, Variant::Gpl) => 21_500_000,
        }
    }

    fn jobs(&self) -> usize {
        match self.jobs {
            Some(jobs) => usize::from(jobs),
            None => thread::available_parallelism().map_or(1, usize::from),
        }
    }
}

/// A component list in `engine/components`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Profile {
    /// The common formats, small: `engine/components/lean.txt`
    Lean,
    /// Every practical software component: `engine/components/full.txt`, and what lean has
    Full,
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lean => "lean",
            Self::Full => "full",
        })
    }
}

/// The licence that an engine is built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Variant {
    /// LGPL 2.1 or later; openh264 encodes H.264
    Lgpl,
    /// GPL 2.0 or later: also x264 and FFmpeg's GPL filters
    Gpl,
}

impl Variant {
    fn licence(self) -> &'static str {
        match self {
            Self::Lgpl => "LGPL-2.1-or-later",
            Self::Gpl => "GPL-2.0-or-later",
        }
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lgpl => "lgpl",
            Self::Gpl => "gpl",
        })
    }
}

/// The command: builds and prints where the engine is.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    if options.verify_reproducible {
        return reproduce::verify(workspace, options);
    }
    let engine = build(workspace, options)?;
    if options.lift {
        let pack = crate::lift::pack::of_engine(workspace, engine)?;
        println!("{}", workspace.short(&pack.directory));
        return Ok(());
    }
    println!("{}", workspace.short(&engine));
    Ok(())
}

/// The engine that the other commands work with: lean, LGPL, built if it is not there.
pub(crate) fn ensure(workspace: &Workspace) -> Result<PathBuf> {
    build(workspace, &Options::DEFAULT)
}

/// The engine of another profile or variant, built if it is not there.
pub(crate) fn of(workspace: &Workspace, profile: Profile, variant: Variant) -> Result<PathBuf> {
    let options = Options {
        profile,
        variant,
        ..Options::DEFAULT
    };
    build(workspace, &options)
}

/// Every engine, built if it is not there, and the size that it stays below: lean, full, and both under the GPL.
pub(crate) fn all(workspace: &Workspace) -> Result<Vec<(PathBuf, usize)>> {
    let mut engines = Vec::new();
    for variant in [Variant::Lgpl, Variant::Gpl] {
        for profile in [Profile::Lean, Profile::Full] {
            let options = Options {
                profile,
                variant,
                ..Options::DEFAULT
            };
            engines.push((build(workspace, &options)?, options.ceiling()));
        }
    }
    Ok(engines)
}

/// Makes sure that the engine is built from the present inputs, and says where it is.
pub(crate) fn build(workspace: &Workspace, options: &Options) -> Result<PathBuf> {
    let layout = Layout::new(workspace, Target::Wasi, options.profile, options.variant);
    build_at(&layout, options)
}

fn build_at(layout: &Layout, options: &Options) -> Result<PathBuf> {
    let inputs = Inputs::read(layout, Target::Wasi, options)?;
    let engine = layout
        .out()
        .join(format!("{}.wasm", layout.artifact_name()));
    let is_whole =
        !options.has_more_libraries() || full::is_published(layout, options, &inputs.pins);
    if is_whole && package::is_published(layout, &inputs.engine_key) {
        return Ok(engine);
    }
    let _lock = lock(layout)?;
    let started = Instant::now();
    let cached = layout.cached(&inputs.engine_key);
    if !cached.is_dir() {
        build_engine(layout, options, &inputs, &cached)?;
        eprintln!(
            "{:>12}: built in {:.0} s",
            "engine",
            started.elapsed().as_secs_f32()
        );
    }
    if options.has_more_libraries() {
        full::publish(layout, options, &inputs.pins, &cached)?;
    }
    package::publish(layout, &cached)?;
    let libraries = layout.libraries(&inputs.libraries_key);
    for used in [cached, libraries] {
        if let Some(parent) = used.parent() {
            prune::older(parent, &layout.prefix(), &used)?;
        }
    }
    Ok(engine)
}

/// The guest in which the kernels' tests call the libraries' own functions, built if it is not there.
pub(crate) fn kernel_tests(workspace: &Workspace) -> Result<PathBuf> {
    let options = Options::DEFAULT;
    let layout = Layout::new(workspace, Target::Wasi, options.profile, options.variant);
    let inputs = Inputs::read(&layout, Target::Wasi, &options)?;
    let module = layout.kernel_tests(&inputs.kernel_tests_key);
    if module.is_file() {
        return Ok(module);
    }
    build(workspace, &options)?;
    let _lock = lock(&layout)?;
    let toolchain = prepare(&layout, &inputs)?;
    // The engine may have come from the cache, without the libraries that it was linked from.
    let libraries = libraries(&layout, Target::Wasi, &inputs, &toolchain, &options)?;
    let site = Site {
        layout: &layout,
        toolchain: &toolchain,
        target: Target::Wasi,
        build: &libraries,
        jobs: options.jobs(),
    };
    let objects = driver::compile_kernel_test(&site, &layout.scratch())?;
    let linked = layout.scratch().join("kernel-tests.wasm");
    driver::link_kernel_test(&site, &objects, &linked)?;
    let parent = module.parent().unwrap_or(&module);
    fs::create_dir_all(parent).map_err(Failure::io("create", parent))?;
    fs::rename(&linked, &module).map_err(Failure::io("create", &module))?;
    Ok(module)
}

/// What a build is made from, and the keys of its two halves.
struct Inputs {
    pins: Pins,
    components: Vec<Component>,
    libraries_key: String,
    engine_key: String,
    kernel_tests_key: String,
}

impl Inputs {
    fn read(layout: &Layout, target: Target, options: &Options) -> Result<Self> {
        let engine = layout.engine();
        let components = components(layout, options)?;
        let pins_file = engine.join("pins.toml");
        let mut pins = Pins::read(&pins_file)?;
        if options.has_more_libraries() {
            pins.read_full(&layout.of_full().engine().join("pins.toml"))?;
            pins.tarballs = full::Tarballs::read(layout)?;
            full::keep(&mut pins, options);
        }

        let mut key = KeyBuilder::new("engine");
        key.add("target", target.name().as_bytes());
        key.add("profile", options.profile.to_string().as_bytes());
        key.add("variant", options.variant.to_string().as_bytes());
        key.add("wheel", pins.wheel()?.sha256.as_bytes());
        key.add_file("pins", &pins_file)?;
        // What the list says, not how: a comment in it rebuilds nothing.
        key.add("components", format!("{components:?}").as_bytes());
        key.add_file("lock", &engine.join("sources").join("Cargo.lock"))?;
        key.add_tree("shims", &layout.shims())?;
        key.add_tree("tools", &layout.tools())?;
        for (name, recipe) in LIBRARY_RECIPE {
            key.add(name, recipe.as_bytes());
        }
        // Nothing of it is in the key of the lean engine, which has nothing of it.
        if options.has_more_libraries() {
            full::add_inputs(layout, &mut key)?;
        }
        let libraries_key = key.clone().finish();
        key.add_tree("driver", &engine.join("driver"))?;
        key.add_tree("libc", &engine.join("libc"))?;
        key.add_tree("kernels", &engine.join("kernels"))?;
        for (name, recipe) in ENGINE_RECIPE {
            key.add(name, recipe.as_bytes());
        }
        if options.has_more_libraries() {
            full::add_engine_inputs(&mut key);
        }
        let engine_key = key.clone().finish();
        key.add_tree("kernel-tests", &engine.join("kernel-tests"))?;
        Ok(Self {
            pins,
            components,
            libraries_key,
            engine_key,
            kernel_tests_key: key.finish(),
        })
    }
}

/// The components of a profile and variant: those of its lists together.
fn components(layout: &Layout, options: &Options) -> Result<Vec<Component>> {
    let lists: &[&str] = match (options.profile, options.variant) {
        (Profile::Lean, Variant::Lgpl) => &["lean"],
        (Profile::Lean, Variant::Gpl) => &["lean", "gpl"],
        (Profile::Full, Variant::Lgpl) => &["lean", "full"],
        (Profile::Full, Variant::Gpl) => &["lean", "full", "gpl"],
    };
    let mut components: Vec<Component> = Vec::new();
    for name in lists {
        let list = layout
            .engine()
            .join("components")
            .join(format!("{name}.txt"));
        let text = fs::read_to_string(&list).map_err(Failure::io("read", &list))?;
        let own = components::parse(&text)
            .map_err(|err| Failure::new(format!("{}: {err}", list.display())))?;
        if let Some(twice) = own.iter().find(|component| components.contains(component)) {
            return Err(Failure::new(format!(
                "{}: another list of this profile has the {} `{}`",
                list.display(),
                twice.kind,
                twice.name
            )));
        }
        components.extend(own);
    }
    Ok(components)
}

/// The files of this recipe that decide how the libraries are built, as this program was compiled
/// from them.
const LIBRARY_RECIPE: [(&str, &str); 11] = [
    ("aac.rs", include_str!("aac.rs")),
    ("audio.rs", include_str!("audio.rs")),
    ("codecs.rs", include_str!("codecs.rs")),
    ("edit.rs", include_str!("edit.rs")),
    ("demuxers.rs", include_str!("demuxers.rs")),
    ("ffmpeg.rs", include_str!("ffmpeg.rs")),
    ("flags.rs", include_str!("flags.rs")),
    ("hooks.rs", include_str!("hooks.rs")),
    ("hooks_audio.rs", include_str!("hooks_audio.rs")),
    ("sources.rs", include_str!("sources.rs")),
    ("target.rs", include_str!("target.rs")),
];

/// The same for what comes after them.
const ENGINE_RECIPE: [(&str, &str); 6] = [
    ("about.rs", include_str!("about.rs")),
    ("compact.rs", include_str!("compact.rs")),
    ("driver.rs", include_str!("driver.rs")),
    ("inspect.rs", include_str!("inspect.rs")),
    ("package.rs", include_str!("package.rs")),
    ("wrap.rs", include_str!("wrap.rs")),
];

fn build_engine(layout: &Layout, options: &Options, inputs: &Inputs, cached: &Path) -> Result<()> {
    let toolchain = prepare(layout, inputs)?;
    let libraries = libraries(layout, Target::Wasi, inputs, &toolchain, options)?;
    let site = Site {
        layout,
        toolchain: &toolchain,
        target: Target::Wasi,
        build: &libraries,
        jobs: options.jobs(),
    };
    let work = layout.scratch().join("engine");
    let (objects, artifact) = (work.join("objects"), work.join("artifact"));
    for directory in [&objects, &artifact] {
        fs::create_dir_all(directory).map_err(Failure::io("create", directory))?;
    }
    let module = artifact.join(format!("{}.wasm", layout.artifact_name()));
    let mut objects = driver::compile(&site, options.profile, options.variant, &objects)?;
    if options.has_more_libraries() {
        objects.extend(full::link_inputs(&site, options)?);
    }
    let link: Vec<_> = objects
        .iter()
        .map(|given| given.to_string_lossy())
        .filter(|given| given.starts_with('-'))
        .chain(driver::KERNEL_LINK.map(Into::into))
        .map(String::from)
        .collect();
    driver::link(&site, &objects, driver::Names::Strip, &module)?;
    if options.profile == Profile::Full {
        let linked = fs::read(&module).map_err(Failure::io("read", &module))?;
        fs::write(&module, full::shrink(&linked)?).map_err(Failure::io("write", &module))?;
    }
    let ffmpeg = &inputs.pins.ffmpeg.version;
    about::add(layout, ffmpeg, options.profile, options.variant, &module)?;
    let linked = fs::read(&module).map_err(Failure::io("read", &module))?;
    hold_to(options.ceiling(), linked.len())?;
    let report = if options.has_more_libraries() {
        full::inspect(&linked)?
    } else {
        inspect::inspect(&linked)?
    };
    let progress = Progress::start("package", None);
    let facts = package::Facts {
        profile: options.profile,
        variant: options.variant,
        pins: &inputs.pins,
        key: &inputs.engine_key,
        report: &report,
        link: &link,
    };
    package::write(layout, &facts, &libraries, &artifact)?;
    if options.has_more_libraries() {
        full::complete(layout, options, &inputs.pins, &libraries, &artifact)?;
    }
    let parent = cached.parent().unwrap_or(cached);
    fs::create_dir_all(parent).map_err(Failure::io("create", parent))?;
    fs::rename(&artifact, cached).map_err(Failure::io("create", cached))?;
    progress.done();
    Ok(())
}

/// What is larger than it should be is not published: applications carry it in their downloads.
fn hold_to(ceiling: usize, size: usize) -> Result<()> {
    if size < ceiling {
        return Ok(());
    }
    Err(Failure::new(format!(
        "the engine has {size} bytes, and is to have less than {ceiling}"
    ))
    .mend("take something out of it (engine/components, engine/driver), or give it another ceiling in xtask/src/engine/mod.rs"))
}

/// Checks the machine, clears away what an interrupted build left, and brings the compiler.
fn prepare(layout: &Layout, inputs: &Inputs) -> Result<Toolchain> {
    let python = prerequisites::check()?;
    empty(&layout.scratch())?;
    Toolchain::ensure(layout, &inputs.pins, &python)
}

/// FFmpeg and what it links to, compiled if they are not there.
fn libraries(
    layout: &Layout,
    target: Target,
    inputs: &Inputs,
    toolchain: &Toolchain,
    options: &Options,
) -> Result<PathBuf> {
    let jobs = options.jobs();
    let libraries = layout.libraries(&inputs.libraries_key);
    if !libraries.is_dir() {
        let build = layout.scratch().join("libraries");
        fs::create_dir_all(&build).map_err(Failure::io("create", &build))?;
        let site = Site {
            layout,
            toolchain,
            target,
            build: &build,
            jobs,
        };
        if options.has_more_libraries() {
            sources::prepare(&layout.of_full(), &inputs.pins, &build)?;
            inputs.pins.tarballs.prepare(layout, &build)?;
        } else {
            sources::prepare(layout, &inputs.pins, &build)?;
        }
        codecs::zlib(&site)?;
        codecs::openh264(&site)?;
        let version = &inputs.pins.ffmpeg.version;
        if options.has_more_libraries() {
            full::libraries(&site, options)?;
            full::configure(&site, options, version, &inputs.components)?;
        } else {
            ffmpeg::configure(&site, version, &inputs.components)?;
        }
        ffmpeg::make(&site)?;
        fs::rename(&build, &libraries).map_err(Failure::io("create", &libraries))?;
    }
    Ok(libraries)
}

/// Waits until no other build writes; the lock ends with the file, also when the process is killed.
fn lock(layout: &Layout) -> Result<File> {
    let path = layout.lock();
    let parent = path.parent().unwrap_or(&path);
    fs::create_dir_all(parent).map_err(Failure::io("create", parent))?;
    let file = File::create(&path).map_err(Failure::io("create", &path))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            eprintln!(
                "{:>12}: waiting for another build of the engine to end",
                "engine"
            );
            file.lock().map_err(Failure::io("lock", &path))?;
        }
        Err(TryLockError::Error(err)) => return Err(Failure::io("lock", &path)(err)),
    }
    Ok(file)
}

fn empty(directory: &Path) -> Result<()> {
    if directory.exists() {
        fs::remove_dir_all(directory).map_err(Failure::io("remove", directory))?;
    }
    fs::create_dir_all(directory).map_err(Failure::io("create", directory))
}
